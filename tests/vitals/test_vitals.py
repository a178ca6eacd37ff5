"""Vital signs at the bedside: recorded, scored, corrected for a day, withdrawn, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hmis.core.access import Role
from tests.conftest import Person, Time, some_id

WELL = {
    "respirations_per_min": 16,
    "spo2_percent": 98,
    "oxygen": False,
    "systolic_mmhg": 120,
    "diastolic_mmhg": 80,
    "pulse_per_min": 70,
    "consciousness": "A",
    "temperature_celsius": 36.8,
}
ILL = {
    **WELL,
    "respirations_per_min": 23,
    "spo2_percent": 93,
    "oxygen": True,
    "systolic_mmhg": 104,
    "diastolic_mmhg": 66,
    "pulse_per_min": 108,
    "temperature_celsius": 38.4,
}


def path(patient: dict[str, Any], *more: str) -> str:
    return "/".join([f"/patients/{patient['id']}/vitals", *more])


@pytest.fixture
def recorded(nurse: Person, patient: dict[str, Any]) -> dict[str, Any]:
    answer = nurse.post(path(patient), WELL)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_nurse_records_a_set_and_sees_the_score_with_each_parameters_points(
    nurse: Person, patient: dict[str, Any]
) -> None:
    answer = nurse.post(path(patient), ILL)
    assert answer.status_code == 201
    assert answer.json["news2"]["total"] == 9
    assert answer.json["news2"]["band"] == "high"
    assert answer.json["news2"]["points"] == {
        "respirations_per_min": 2,
        "spo2_percent": 2,
        "oxygen": 2,
        "systolic_mmhg": 1,
        "pulse_per_min": 1,
        "consciousness": 0,
        "temperature_celsius": 1,
    }
    assert answer.json["author"]["name"] == "Nurse Test"
    assert answer.headers["ETag"] == '"1"'
    again = nurse.get(answer.headers["Location"])
    assert again.json == answer.json


def test_a_measurement_left_out_makes_the_score_incomplete_and_never_normal(
    nurse: Person, patient: dict[str, Any]
) -> None:
    news2 = nurse.post(path(patient), {k: v for k, v in WELL.items() if k != "consciousness"}).json["news2"]
    assert (news2["total"], news2["missing"]) == (None, ["consciousness"])


def test_a_child_and_a_pregnant_woman_are_not_scored(
    nurse: Person, doctor: Person, register: Callable[..., dict[str, Any]]
) -> None:
    child = register(born_on="2018-11-01")
    assert nurse.post(path(child), WELL).json["news2"]["band"] == "not_applicable"
    woman = register()
    assert (
        doctor.post(f"/patients/{woman['id']}/assertions", {"kind": "pregnancy", "value": "pregnant"}).status_code
        == 201
    )
    assert nurse.post(path(woman), ILL).json["news2"]["reason"] == "pregnant"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("temperature_celsius", 98.6, "37.0"),
        ("temperature_celsius", 3.7, "37.0"),
        ("height_cm", 1.72, "172"),
        ("glucose_mmol_per_l", 180, "10.0"),
        ("pulse_per_min", "84", "integer"),
        ("pulse_per_min", True, "integer"),
        ("pulse_per_min", -1, "greater"),
        ("temperature_celsius", "37", "number"),
        ("temperature_celsius", 36.85, "decimal"),
        ("spo2_percent", 101, "100"),
        ("consciousness", "X", "'A'"),
        ("taken_at", "2090-01-01T00:00:00Z", "future"),
        ("taken_at", "2026-01-01T00:00:00", "timezone"),
        ("created_at", "2020-01-01T00:00:00Z", "not permitted"),
        ("author_id", "x", "not permitted"),
    ],
)
def test_a_slip_of_the_finger_is_refused_with_what_was_probably_meant(
    nurse: Person, patient: dict[str, Any], field: str, value: Any, said: str
) -> None:
    answer = nurse.post(path(patient), {**WELL, field: value})
    assert (answer.status_code, answer.json["code"]) == (422, "Invalid")
    assert said in answer.json["fields"][field]
    assert nurse.get(path(patient)).json["items"] == []


def test_swapped_pressures_are_refused(nurse: Person, patient: dict[str, Any]) -> None:
    answer = nurse.post(path(patient), {"systolic_mmhg": 80, "diastolic_mmhg": 120})
    assert "swapped" in answer.json["fields"]["diastolic_mmhg"]


def test_an_odd_value_is_asked_about_once_and_then_kept_as_it_is(nurse: Person, patient: dict[str, Any]) -> None:
    odd = {"pulse_per_min": 210}
    asked = nurse.post(path(patient), odd)
    assert (asked.status_code, asked.json["code"]) == (422, "Implausible")
    kept = nurse.post(path(patient), {**odd, "confirmed": True})
    assert kept.status_code == 201
    assert kept.json["confirmed"] is True
    assert "210" in kept.json["doubts"][0]


def test_a_weight_that_jumps_within_a_week_is_asked_about(nurse: Person, patient: dict[str, Any], time: Time) -> None:
    assert nurse.post(path(patient), {"weight_kg": 60}).status_code == 201
    time.passes(days=6)
    jumped = nurse.post(path(patient), {"weight_kg": 72.5})
    assert jumped.json["code"] == "Implausible"
    assert "60" in jumped.json["fields"]["weight_kg"]
    time.passes(days=2)
    assert nurse.post(path(patient), {"weight_kg": 72.5}).status_code == 201


def test_bmi_is_derived(nurse: Person, patient: dict[str, Any]) -> None:
    assert nurse.post(path(patient), {"weight_kg": 70, "height_cm": 175}).json["bmi"] == 22.9


@pytest.mark.parametrize(("hours", "status"), [(0, 200), (23.99, 200), (24, 423), (24.01, 423)])
def test_the_author_may_correct_for_24_hours(
    time: Time, nurse: Person, patient: dict[str, Any], hours: float, status: int
) -> None:
    made = nurse.post(path(patient), WELL).json
    time.passes(hours=hours)
    answer = nurse.put(path(patient, made["id"]), {"pulse_per_min": 75})
    assert answer.status_code == status
    shown = nurse.get(path(patient, made["id"])).json
    assert shown["pulse_per_min"] == (75 if status == 200 else 70)
    assert shown["systolic_mmhg"] == 120, "what was not sent stays"
    if status == 423:
        assert answer.json["code"] == "RecordLocked"
        assert "add an addendum" in answer.json["detail"]


@pytest.mark.parametrize(("hours", "status"), [(23.99, 204), (24, 423)])
def test_the_author_may_withdraw_for_24_hours_with_a_reason(
    time: Time, nurse: Person, patient: dict[str, Any], hours: float, status: int
) -> None:
    made = nurse.post(path(patient), WELL).json
    time.passes(hours=hours)
    assert nurse.delete(path(patient, made["id"])).status_code == 422, "a reason is needed"
    assert nurse.delete(path(patient, made["id"]), "wrong arm").status_code == status
    assert len(nurse.get(path(patient)).json["items"]) == (0 if status == 204 else 1)
    assert len(nurse.get(path(patient), include="voided").json["items"]) == 1


def test_nobody_else_may_change_it_at_any_time(
    sign_in: Callable[[Any], Person], patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    for who in ("nurse2", "doctor"):
        answer = sign_in(who).put(path(patient, recorded["id"]), {"pulse_per_min": 1})
        assert (answer.status_code, answer.json["code"]) == (403, "NotAuthor")
        assert sign_in(who).delete(path(patient, recorded["id"]), "because").status_code == 403
    for who in (Role.ADMIN, Role.RECORD_OFFICER, Role.PHARMACIST):
        answer = sign_in(who).put(path(patient, recorded["id"]), {"pulse_per_min": 1})
        assert (answer.status_code, answer.json["code"]) == (403, "NotPermitted")


def test_the_refusal_of_a_stranger_is_not_told_by_what_they_sent(
    sign_in: Callable[[Any], Person], patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    odd = sign_in("nurse2").put(path(patient, recorded["id"]), {"pulse_per_min": 210})
    assert odd.json["code"] == "NotAuthor"


def test_a_withdrawn_set_is_shown_struck_through_and_changed_no_more(
    nurse: Person, patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    assert nurse.delete(path(patient, recorded["id"]), "other patient's cuff").status_code == 204
    shown = nurse.get(path(patient, recorded["id"]))
    assert shown.status_code == 200
    assert shown.json["voided"]["reason"] == "other patient's cuff"
    assert nurse.put(path(patient, recorded["id"]), {"pulse_per_min": 75}).status_code == 409
    assert nurse.delete(path(patient, recorded["id"]), "again").status_code == 409


def test_another_patients_set_is_not_found(
    nurse: Person, recorded: dict[str, Any], register: Callable[..., dict[str, Any]]
) -> None:
    other = register()
    for answer in (
        nurse.get(path(other, recorded["id"])),
        nurse.put(path(other, recorded["id"]), {"pulse_per_min": 1}),
        nurse.delete(path(other, recorded["id"]), "because"),
        nurse.get(path(other, recorded["id"], "versions")),
        nurse.post(path(other, recorded["id"], "addenda"), {"kind": "correction", "text": "x"}),
        nurse.get(path(other, some_id())),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "NotFound")


def test_the_hospital_number_works_wherever_the_id_does(
    nurse: Person, patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    number = patient["hospital_number"]
    for written in (number, f"{number[:3]}-{number[3:6]}-{number[6:]}", f"{number[:3]} {number[3:6]} {number[6:]}"):
        assert nurse.get(f"/patients/{written}/vitals/{recorded['id']}").status_code == 200
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    refused = nurse.get(f"/patients/{wrong}/vitals")
    assert (refused.status_code, refused.json["code"]) == (422, "HospitalNumberInvalid")


def test_two_who_correct_at_once_do_not_overwrite_each_other(
    nurse: Person, patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    where = path(patient, recorded["id"])
    assert nurse.put(where, {"pulse_per_min": 71}, if_match='W/"1"').headers["ETag"] == '"2"'
    stale = nurse.put(where, {"pulse_per_min": 72}, if_match='"1"')
    assert (stale.status_code, stale.json["code"]) == (412, "Stale")
    assert nurse.get(where).json["pulse_per_min"] == 71
    assert nurse.put(where, {"pulse_per_min": 71}, if_match="1").status_code == 412, "a change of nothing is stale too"


def test_an_addendum_may_come_at_any_time_and_the_record_stays_as_it_was(
    time: Time, nurse: Person, sign_in: Callable[[Any], Person], patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    time.passes(days=3)
    where = path(patient, recorded["id"])
    before = nurse.get(where).json
    added = sign_in("nurse2").post(f"{where}/addenda", {"kind": "late_information", "text": "Cuff was too small."})
    assert added.status_code == 201
    assert nurse.get(where).json == before
    assert [a["text"] for a in nurse.get(f"{where}/addenda").json["items"]] == ["Cuff was too small."]


def test_the_list_of_a_patient_shows_what_was_added_under_each_set(
    nurse: Person, sign_in: Callable[[Any], Person], patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    nurse.post(path(patient), {"pulse_per_min": 90})
    for text in ("Cuff was too small.", "Taken again: 118/76."):
        sign_in("nurse2").post(f"{path(patient, recorded['id'])}/addenda", {"kind": "late_information", "text": text})
    newest, first = nurse.get(path(patient)).json["items"]
    assert newest["addenda"] == []
    assert [(a["text"], a["author"]["name"]) for a in first["addenda"]] == [
        ("Cuff was too small.", "Nurse2 Test"),
        ("Taken again: 118/76.", "Nurse2 Test"),
    ]
    assert first["id"] == recorded["id"]


def test_what_was_entered_in_error_is_marked(nurse: Person, patient: dict[str, Any], recorded: dict[str, Any]) -> None:
    where = path(patient, recorded["id"])
    nurse.post(f"{where}/addenda", {"kind": "entered_in_error", "text": "This was bed 13."})
    assert nurse.get(where).json["entered_in_error"] is True


def test_nothing_is_measured_at_a_consultation_that_was_another_patients(
    doctor: Person, nurse: Person, patient: dict[str, Any]
) -> None:
    meeting = f"/patients/{patient['id']}/consultations"
    meeting = f"{meeting}/{doctor.post(meeting, {'plan': 'Rest'}).json['id']}"  # type: ignore[index]
    doctor.post(f"{meeting}/addenda", {"kind": "entered_in_error", "text": "This was bed 13."})
    answer = nurse.post(f"{meeting}/vitals", {"pulse_per_min": 80})
    assert answer.status_code == 409
    assert "record the vitals with the patient" in answer.json["detail"]  # type: ignore[index]


def test_every_correction_keeps_what_stood_there(
    nurse: Person, patient: dict[str, Any], recorded: dict[str, Any]
) -> None:
    where = path(patient, recorded["id"])
    nurse.put(where, {"pulse_per_min": 71})
    nurse.put(where, {"pulse_per_min": 72})
    versions = nurse.get(f"{where}/versions").json["items"]
    assert [v["values"]["pulse_per_min"] for v in versions] == [71, 70]


def test_a_set_repeated_on_a_bad_line_is_recorded_once(nurse: Person, patient: dict[str, Any]) -> None:
    first = nurse.post(path(patient), WELL, key="bad-line-1")
    second = nurse.post(path(patient), WELL, key="bad-line-1")
    assert second.status_code == 201
    assert second.data == first.data
    assert (second.headers["ETag"], second.headers["Location"]) == (first.headers["ETag"], first.headers["Location"])
    assert len(nurse.get(path(patient)).json["items"]) == 1
    reused = nurse.post(path(patient), ILL, key="bad-line-1")
    assert (reused.status_code, reused.json["code"]) == (422, "KeyReused")


def test_pages_follow_each_other_without_loss_or_repetition(nurse: Person, patient: dict[str, Any]) -> None:
    made = [nurse.post(path(patient), {"pulse_per_min": 60 + n}).json["id"] for n in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        answer = nurse.get(path(patient), limit=3, **({"cursor": cursor} if cursor else {})).json
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_nurses_own_work_is_listed(nurse: Person, doctor: Person, patient: dict[str, Any], recorded: Any) -> None:
    number = nurse.user["staff_number"]
    assert [v["id"] for v in doctor.get(f"/staffs/nurses/{number}/vitals").json["items"]] == [recorded["id"]]


@pytest.mark.parametrize("rows", [1, 30])
def test_queries_do_not_grow_with_data(
    time: Time, nurse: Person, patient: dict[str, Any], queries: list[str], rows: int
) -> None:
    """The clock stands still, so that who is asking stays known and costs no query."""
    for _ in range(rows):
        made = nurse.post(path(patient), WELL).json["id"]
    nurse.get("/auth/me")

    def counted(act: Callable[[], Any]) -> int:
        queries.clear()
        assert act().status_code < 300
        return len(queries)

    assert counted(lambda: nurse.get(path(patient))) <= 3, "the patient, the sets, the addenda of all of them"
    assert counted(lambda: nurse.get(path(patient, made))) == 1
    assert counted(lambda: nurse.post(path(patient), WELL)) <= 4
    assert counted(lambda: nurse.put(path(patient, made), {"pulse_per_min": 71})) <= 4
    assert counted(lambda: nurse.post(path(patient), WELL, key=some_id())) <= 4
