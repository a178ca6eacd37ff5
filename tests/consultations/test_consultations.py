"""Consultations: written, corrected for 24 hours, withdrawn, and shown as far as a role goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmis.consultations.models import Consultation, DiagnosisCode
from hmis.consultations.schemas import SUMMARY, TEXTS
from hmis.consultations.signals import consultation_voided
from hmis.core.errors import Conflict
from hmis.core.store import Store
from hmis.vitals.models import VitalSign
from tests.conftest import Person, Time, some_id

Register = Callable[..., dict[str, Any]]
SignIn = Callable[[str], Person]

pytestmark = pytest.mark.usefixtures("time")

FEVER: dict[str, Any] = {
    "presenting_complaint": "Fever for three days",
    "examination": "Febrile, no neck stiffness",
    "plan": "Malaria test",
    "diagnoses": [{"text": "Malaria"}, {"text": "Anaemia", "certainty": "confirmed"}],
}


@pytest.fixture
def all_of(patient: dict[str, Any]) -> str:
    return f"/patients/{patient['id']}/consultations"


@pytest.fixture
def fever(doctor: Person, all_of: str) -> dict[str, Any]:
    answer = doctor.post(all_of, FEVER)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.fixture
def one(all_of: str, fever: dict[str, Any]) -> str:
    return f"{all_of}/{fever['id']}"


@pytest.fixture
def icd(store: Store) -> None:
    """A few codes of ICD-10."""
    with store.session() as session:
        for code, title in [("B50", "Plasmodium falciparum malaria"), ("B50.8", "Other severe malaria"), ("I10", "")]:
            session.add(DiagnosisCode(code=code, title=title or "Essential hypertension", leaf="." in code))
        session.commit()


def asked(queries: list[str]) -> list[str]:
    """The statements of a request without the one that asks who is signed in."""
    return [query for query in queries if "sign_ins" not in query]


def test_a_doctor_writes_what_was_found_thought_and_planned(
    doctor: Person, all_of: str, patient: dict[str, Any], time: Time
) -> None:
    body = {name: f"the {name}" for name in TEXTS}
    answer = doctor.post(all_of, {**body, "follow_up_on": f"{time.now.date() + timedelta(days=7)}"})
    found = answer.json
    assert answer.status_code == 201
    assert {name: found[name] for name in TEXTS} == body
    assert found["author"]["staff_number"] == doctor.user["staff_number"]
    assert found["patient_id"] == patient["id"]
    assert found["occurred_at"] == found["created_at"]
    assert found["locks_at"][:19] == f"{time.now + timedelta(hours=24):%Y-%m-%dT%H:%M:%S}"
    assert (found["voided"], found["entered_in_error"], found["addenda"], found["version"]) == (None, False, [], 1)
    assert answer.headers["ETag"] == '"1"'
    assert doctor.get(answer.headers["Location"]).json == found


def test_diagnoses_are_ranked_in_the_order_sent(fever: dict[str, Any]) -> None:
    assert [(d["rank"], d["text"], d["code"], d["certainty"]) for d in fever["diagnoses"]] == [
        (1, "Malaria", None, "provisional"),
        (2, "Anaemia", None, "confirmed"),
    ]


def test_ranks_that_are_given_count_and_the_others_fill_in(doctor: Person, all_of: str) -> None:
    sent = [{"text": "third", "rank": 3}, {"text": "a"}, {"text": "first", "rank": 1}, {"text": "b"}]
    found = doctor.post(all_of, {"diagnoses": sent}).json["diagnoses"]
    assert [(d["rank"], d["text"]) for d in found] == [(1, "first"), (2, "a"), (3, "third"), (4, "b")]


@pytest.mark.usefixtures("icd")
def test_a_code_is_written_as_the_who_writes_it_and_brings_its_title(doctor: Person, all_of: str) -> None:
    sent = [{"code": "b508"}, {"code": "I10", "text": "High blood pressure"}]
    found = doctor.post(all_of, {"diagnoses": sent}).json["diagnoses"]
    assert [(d["code"], d["text"]) for d in found] == [
        ("B50.8", "Other severe malaria"),
        ("I10", "High blood pressure"),
    ]


@pytest.mark.usefixtures("icd")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"diagnoses": [{"code": "Z99.99"}]}, "diagnoses.0.code"),
        ({"diagnoses": [{"text": "x"}, {"code": "'; --"}]}, "diagnoses.1.code"),
        ({"diagnoses": [{"code": "B50.8"}, {"code": "b508"}]}, "diagnoses.1"),
        ({"diagnoses": [{"text": "Malaria"}, {"text": " MALARIA "}]}, "diagnoses.1"),
        ({"diagnoses": [{"text": "a", "rank": 1}, {"text": "b", "rank": 1}]}, "diagnoses"),
        ({"diagnoses": [{"text": "a", "rank": 0}]}, "diagnoses.0.rank"),
        ({"diagnoses": [{"text": "a", "rank": "1"}]}, "diagnoses.0.rank"),
        ({"diagnoses": [{"certainty": "confirmed"}]}, "diagnoses.0"),
        ({"diagnoses": [{"text": "a", "certainty": "sure"}]}, "diagnoses.0.certainty"),
        ({"diagnoses": [{"text": str(n)} for n in range(31)]}, "diagnoses"),
        ({"diagnoses": None, "plan": "x"}, "diagnoses"),
        ({}, "body"),
        ({"diagnoses": []}, "body"),
        ({"plan": "   "}, "body"),
        ({"follow_up_on": "2099-01-01"}, "body"),
        ({"plan": "x" * 20_001}, "plan"),
        ({"plan": "a\x00b"}, "plan"),
        ({"plan": 7}, "plan"),
        ({"plan": "x", "impression": "y"}, "impression"),
        ({"plan": "x", "occurred_at": "2026-01-01T08:00:00"}, "occurred_at"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(
    doctor: Person, all_of: str, body: dict[str, Any], field: str
) -> None:
    answer = doctor.post(all_of, body)
    assert (answer.status_code, answer.json["code"]) == (422, "Invalid"), answer.text
    assert field in answer.json["fields"]
    assert doctor.get(all_of).json["items"] == []


@pytest.mark.parametrize(
    ("minutes", "status"), [(-60 * 24 * 30, 201), (-1, 201), (0, 201), (4.99, 201), (5.01, 422), (60 * 24, 422)]
)
def test_it_happened_before_now_whenever_it_is_written_down(
    doctor: Person, all_of: str, time: Time, minutes: float, status: int
) -> None:
    when = time.now + timedelta(minutes=minutes)
    answer = doctor.post(all_of, {"plan": "Late entry", "occurred_at": when.isoformat()})
    assert answer.status_code == status
    if status == 201:
        assert answer.json["occurred_at"][:19] == f"{when:%Y-%m-%dT%H:%M:%S}"
        assert answer.json["created_at"][:19] == f"{time.now:%Y-%m-%dT%H:%M:%S}"


def test_it_did_not_happen_before_the_patient_was_born(doctor: Person, all_of: str) -> None:
    answer = doctor.post(all_of, {"plan": "x", "occurred_at": "1990-03-11T12:00:00Z"})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["occurred_at"])


@pytest.mark.parametrize(("days", "status"), [(-1, 422), (0, 201), (1, 201), (3653, 201), (3654, 422)])
def test_the_patient_comes_back_after_the_consultation_and_within_ten_years(
    doctor: Person, all_of: str, time: Time, days: int, status: int
) -> None:
    on = time.now.date() + timedelta(days=days)
    assert doctor.post(all_of, {"plan": "x", "follow_up_on": on.isoformat()}).status_code == status


def test_moving_the_consultation_behind_its_follow_up_is_refused(doctor: Person, all_of: str, time: Time) -> None:
    early = time.now - timedelta(days=9)
    on = early.date() + timedelta(days=2)
    body = {"plan": "x", "occurred_at": early.isoformat(), "follow_up_on": on.isoformat()}
    made = doctor.post(all_of, body).json
    answer = doctor.put(f"{all_of}/{made['id']}", {"occurred_at": time.now.isoformat()})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["follow_up_on"])


def test_a_visit_must_be_this_patients(
    doctor: Person, recordofficer: Person, all_of: str, patient: dict[str, Any], register: Register
) -> None:
    def come(whose: dict[str, Any]) -> str:
        return str(recordofficer.post(f"/patients/{whose['id']}/visits", {"clinic": "Eye"}).json["id"])

    assert doctor.post(all_of, {"plan": "x", "visit_id": come(patient)}).status_code == 201
    for strange in (come(register()), some_id()):
        answer = doctor.post(all_of, {"plan": "x", "visit_id": strange})
        assert (answer.status_code, list(answer.json["fields"])) == (422, ["visit_id"])


def test_a_correction_changes_what_was_sent_and_nothing_else(
    doctor: Person, one: str, fever: dict[str, Any], time: Time
) -> None:
    time.passes(hours=1)
    answer = doctor.put(one, {"plan": "Artemether-lumefantrine", "examination": None})
    assert answer.status_code == 200
    changed = {"plan": "Artemether-lumefantrine", "examination": None}
    assert {**answer.json, "updated_at": "", "version": 0} == {**fever, **changed, "updated_at": "", "version": 0}
    assert answer.json["version"] == 2
    (before,) = doctor.get(f"{one}/versions").json["items"]
    assert (before["values"]["plan"], before["values"]["examination"]) == (FEVER["plan"], FEVER["examination"])


def test_a_list_of_diagnoses_replaces_the_list_and_keeps_the_rows_that_stay(
    doctor: Person, one: str, fever: dict[str, Any], time: Time
) -> None:
    malaria, anaemia = fever["diagnoses"]
    time.passes(minutes=1)
    answer = doctor.put(one, {"diagnoses": [{"text": "Dengue"}, {"text": "malaria", "certainty": "refuted"}]})
    dengue, still = answer.json["diagnoses"]
    assert (still["id"], still["certainty"], still["rank"]) == (malaria["id"], "refuted", 2)
    assert dengue["rank"] == 1
    assert answer.json["version"] == 2, "a change of a diagnosis is a change of the consultation"
    told = {version["row_id"]: version["values"] for version in doctor.get(f"{one}/versions").json["items"]}
    assert told[malaria["id"]]["certainty"] == "provisional"
    assert told[anaemia["id"]]["removed_at"] is None, "before it was taken back it stood"
    assert doctor.get(one).json["diagnoses"] == [dengue, still]


def test_the_diagnoses_may_be_corrected_while_the_text_stays(doctor: Person, one: str, time: Time) -> None:
    time.passes(minutes=1)
    assert doctor.put(one, {"diagnoses": []}).json["diagnoses"] == []
    time.passes(minutes=1)
    assert len(doctor.put(one, FEVER).json["diagnoses"]) == 2


def test_nothing_left_is_not_a_correction(doctor: Person, one: str) -> None:
    empty = {"presenting_complaint": None, "examination": "", "plan": None, "diagnoses": []}
    answer = doctor.put(one, empty)
    assert (answer.status_code, "withdraw" in answer.json["detail"]) == (422, True)
    assert doctor.get(one).json["plan"] == FEVER["plan"]


@pytest.mark.parametrize(
    ("hours", "status", "code"),
    [(0, 200, None), (23.99, 200, None), (24, 423, "RecordLocked"), (25, 423, "RecordLocked")],
)
def test_the_author_may_correct_for_24_hours(
    doctor: Person, one: str, time: Time, hours: float, status: int, code: str | None
) -> None:
    time.passes(hours=hours)
    for body in ({"plan": "y"}, {"diagnoses": [{"text": "Dengue"}]}):
        answer = doctor.put(one, body)
        assert (answer.status_code, answer.json.get("code")) == (status, code)


@pytest.mark.parametrize(("hours", "status"), [(23.99, 204), (24, 423)])
def test_the_author_may_withdraw_for_24_hours(doctor: Person, one: str, time: Time, hours: float, status: int) -> None:
    time.passes(hours=hours)
    assert doctor.delete(one, "wrong patient").status_code == status


def test_nobody_else_may_correct_or_withdraw(sign_in: SignIn, one: str, time: Time) -> None:
    other = sign_in("doctor2")
    for hours in (0, 24):
        time.passes(hours=hours)
        for answer in (other.put(one, {"plan": "z"}), other.delete(one, "mine now")):
            assert (answer.status_code, answer.json["code"]) == (403, "NotAuthor")


def test_what_may_not_be_changed_is_told_before_what_is_wrong_with_it(
    sign_in: SignIn, doctor: Person, one: str, time: Time
) -> None:
    nonsense = {"visit_id": some_id(), "diagnoses": [{"code": "Z99.99"}]}
    assert doctor.put(one, nonsense).status_code == 422
    assert sign_in("doctor2").put(one, nonsense).status_code == 403
    assert doctor.put(one, nonsense, if_match=7).status_code == 412
    time.passes(hours=24)
    assert doctor.put(one, nonsense, if_match=7).status_code == 423


def test_a_second_tab_does_not_overwrite_the_first(doctor: Person, one: str, time: Time) -> None:
    time.passes(minutes=1)
    assert doctor.put(one, {"diagnoses": [{"text": "Dengue"}]}, if_match='"1"').status_code == 200
    for body in ({"plan": "lost"}, {"diagnoses": [{"text": "Malaria"}]}):
        late = doctor.put(one, body, if_match='"1"')
        assert (late.status_code, late.json["code"]) == (412, "Stale")


def test_an_id_is_not_a_right(doctor: Person, one: str, fever: dict[str, Any], register: Register) -> None:
    elsewhere = f"/patients/{register()['id']}/consultations/{fever['id']}"
    answers = [
        doctor.get(elsewhere),
        doctor.put(elsewhere, {"plan": "x"}),
        doctor.delete(elsewhere, "because"),
        doctor.get(f"{elsewhere}/addenda"),
        doctor.post(f"{elsewhere}/addenda", {"kind": "correction", "text": "x"}),
        doctor.get(f"{elsewhere}/versions"),
        doctor.get(f"/patients/{some_id()}/consultations/{fever['id']}"),
        doctor.get(f"/patients/{some_id()}/consultations"),
        doctor.post(f"/patients/{some_id()}/consultations", {"plan": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 9


def test_what_is_withdrawn_stays_and_says_so(doctor: Person, all_of: str, one: str, time: Time) -> None:
    assert doctor.delete(one).status_code == 422, "a reason is needed"
    assert doctor.delete(one, "wrong patient").status_code == 204
    shown = doctor.get(one)
    assert shown.status_code == 200
    assert (shown.json["voided"]["reason"], shown.json["voided"]["by"]) == ("wrong patient", doctor.id)
    assert shown.json["plan"] == FEVER["plan"]
    assert doctor.get(all_of).json["items"] == []
    assert len(doctor.get(all_of, include="voided").json["items"]) == 1
    for again in (doctor.put(one, {"plan": "x"}), doctor.delete(one, "again"), amend(doctor, one)):
        assert (again.status_code, again.json["code"]) == (409, "Conflict")
    time.passes(hours=24)
    assert doctor.put(one, {"plan": "x"}).status_code == 423, "the window is asked before the state"


def amend(person: Person, one: str, kind: str = "late_information", text: str = "Slide was positive") -> Any:
    return person.post(f"{one}/addenda", {"kind": kind, "text": text})


def test_anybody_who_consults_adds_under_it_at_any_time(sign_in: SignIn, doctor: Person, one: str, time: Time) -> None:
    amend(doctor, one, text="first")
    time.passes(hours=24 * 400)
    assert amend(sign_in("doctor2"), one, "correction", "second").status_code == 201
    shown = doctor.get(one).json
    assert [(a["text"], a["kind"], a["author"]["name"]) for a in shown["addenda"]] == [
        ("first", "late_information", "Doctor Test"),
        ("second", "correction", "Doctor2 Test"),
    ]
    assert (shown["addenda_count"], shown["version"], shown["entered_in_error"]) == (2, 1, False)
    assert amend(sign_in("nurse"), one).status_code == 403


def test_a_consultation_entered_in_error_is_marked_in_lists(doctor: Person, all_of: str, one: str) -> None:
    amend(doctor, one, "entered_in_error", "this was another patient")
    (shown,) = doctor.get(all_of).json["items"]
    assert (shown["entered_in_error"], shown["addenda_count"]) == (True, 1)
    assert "addenda" not in shown


def test_withdrawing_takes_back_the_doctors_vitals_and_never_the_nurses(
    doctor: Person, nurse: Person, one: str, patient: dict[str, Any], store: Store
) -> None:
    kept = nurse.post(f"{one}/vitals", {"pulse_per_min": 80}).json["id"]
    gone = doctor.post(f"{one}/vitals", {"pulse_per_min": 82}).json["id"]
    alone = doctor.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 84}).json["id"]
    assert doctor.delete(one, "wrong patient").status_code == 204
    with store.session(writes=False) as session:
        voided = {str(v.id): v.void_reason for v in session.query(VitalSign)}
    assert voided == {kept: None, gone: "wrong patient", alone: None}


def test_a_withdrawal_that_fails_above_undoes_all_of_it(doctor: Person, one: str) -> None:
    def refuse(consultation: Consultation, **news: Any) -> None:
        raise Conflict("drugs were dispensed already")

    with consultation_voided.connected_to(refuse):
        assert doctor.delete(one, "wrong patient").status_code == 409
    assert doctor.get(one).json["voided"] is None


def test_pharmacists_see_who_when_and_which_diagnoses(
    pharmacist: Person, doctor: Person, all_of: str, one: str, fever: dict[str, Any]
) -> None:
    amend(doctor, one, text="HIV test positive")
    alone, (listed,) = pharmacist.get(one).json, pharmacist.get(all_of).json["items"]
    (of_doctor,) = pharmacist.get(f"/staffs/doctors/{doctor.user['staff_number']}/consultations").json["items"]
    assert set(alone) == set(listed) == SUMMARY - {"patient"}
    assert set(of_doctor) == SUMMARY
    assert alone["diagnoses"] == fever["diagnoses"]
    for path in (f"{one}/addenda", f"{one}/versions"):
        assert pharmacist.get(path).status_code == 403
    assert pharmacist.post(all_of, FEVER).status_code == 403
    assert pharmacist.get("/diagnoses", q="malaria").status_code == 403


@pytest.mark.parametrize(
    ("who", "read", "write"), [("nurse", 200, 403), ("recordofficer", 403, 403), ("admin", 403, 403)]
)
def test_who_reads_and_who_writes(sign_in: SignIn, all_of: str, one: str, who: str, read: int, write: int) -> None:
    person = sign_in(who)
    assert [person.get(path).status_code for path in (all_of, one, f"{one}/versions")] == [read] * 3
    assert person.post(all_of, FEVER).status_code == write
    assert person.put(one, {"plan": "x"}).status_code == write
    assert person.delete(one, "because").status_code == write


def test_a_doctors_list_runs_over_patients_and_names_them(
    doctor: Person, sign_in: SignIn, register: Register, time: Time
) -> None:
    first, second = register(), register()
    for patient in (first, second):
        time.passes(minutes=1)
        doctor.post(f"/patients/{patient['id']}/consultations", FEVER)
    sign_in("doctor2").post(f"/patients/{first['id']}/consultations", FEVER)
    shown = sign_in("nurse").get(f"/staffs/doctors/{doctor.id}/consultations").json["items"]
    assert [c["patient"]["name"] for c in shown] == [second["name"], first["name"]]
    assert doctor.get(f"/staffs/doctors/{some_id()}/consultations").status_code == 404


def test_late_entries_stand_where_they_happened(doctor: Person, all_of: str, time: Time) -> None:
    days = [3, 1, 2, 2]
    made = [
        doctor.post(all_of, {"plan": str(d), "occurred_at": (time.now - timedelta(days=d)).isoformat()}).json
        for d in days
    ]
    assert [c["plan"] for c in doctor.get(all_of).json["items"]] == ["1", "2", "2", "3"]
    pages, cursor = [], None
    while cursor is not None or not pages:
        page = doctor.get(all_of, limit=1, **({"cursor": cursor} if cursor else {})).json
        pages += [c["id"] for c in page["items"]]
        cursor = page["next"]
    assert sorted(pages) == sorted(c["id"] for c in made)


def test_queries_stay_the_same_however_much_is_written(
    doctor: Person, all_of: str, one: str, queries: list[str]
) -> None:
    counts = []
    for more in (1, 4):
        for _ in range(more):
            doctor.post(all_of, {**FEVER, "diagnoses": [{"text": str(n)} for n in range(5 * more)]})
            amend(doctor, one)
        counts.append([])
        for path in (all_of, one, f"/staffs/doctors/{doctor.id}/consultations"):
            queries.clear()
            assert doctor.get(path).status_code == 200
            counts[-1].append(len(asked(queries)))
    assert counts == [[2, 2, 2]] * 2, "patient and page; record and addenda; doctor and page"


def test_a_consultation_is_written_in_four_statements(doctor: Person, all_of: str, queries: list[str]) -> None:
    doctor.get("/auth/me")
    queries.clear()
    doctor.post(all_of, FEVER)
    assert len(asked(queries)) == 4, queries


def test_one_key_makes_one_consultation(doctor: Person, all_of: str) -> None:
    first, again = (doctor.post(all_of, FEVER, key="bad-line-1") for _ in range(2))
    assert first.json == again.json
    assert len(doctor.get(all_of).json["items"]) == 1


@pytest.mark.usefixtures("icd")
def test_a_diagnosis_is_found_by_the_beginning_of_its_code(doctor: Person, nurse: Person) -> None:
    found = doctor.get("/diagnoses", q="b50").json
    assert found["items"] == [
        {"code": "B50", "title": "Plasmodium falciparum malaria", "leaf": False},
        {"code": "B50.8", "title": "Other severe malaria", "leaf": True},
    ]
    assert len(nurse.get("/diagnoses", q="b50", limit=1).json["items"]) == 1


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": " "}, {"q": "x" * 201}, {"q": "a", "limit": 51}, {"q": "a", "x": 1}]
)
def test_a_search_for_a_diagnosis_says_what_it_needs(doctor: Person, query: dict[str, Any]) -> None:
    assert doctor.get("/diagnoses", **query).status_code == 422


NAMES = st.lists(st.sampled_from(["Malaria", "Anaemia", "Dengue", "Sepsis", "Burns"]), unique=True, max_size=5)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lists=st.lists(NAMES, min_size=1, max_size=4))
def test_whatever_lists_are_sent_the_last_one_stands_and_no_row_is_lost(
    doctor: Person, all_of: str, time: Time, lists: list[list[str]]
) -> None:
    made = doctor.post(all_of, {"plan": "x"}).json
    one, seen = f"{all_of}/{made['id']}", {}
    for names in lists:
        time.passes(seconds=1)
        shown = doctor.put(one, {"diagnoses": [{"text": name} for name in names]}).json["diagnoses"]
        assert [(d["text"], d["rank"]) for d in shown] == [(name, place) for place, name in enumerate(names, 1)]
        kept = {d["text"]: d["id"] for d in shown}
        assert all(seen[name] == kept[name] for name in kept if name in seen), "what stays keeps its row"
        seen = kept
    assert [d["text"] for d in doctor.get(one).json["diagnoses"]] == lists[-1]


def test_the_version_tells_how_often_a_consultation_was_changed(doctor: Person, patient: dict[str, Any]) -> None:
    """Screens show `version - 1` as the number of edits: one act is one, however much of it changed."""
    where = f"/patients/{patient['id']}/consultations"
    named = [{"text": "Malaria"}, {"text": "Anaemia"}]
    made = doctor.post(where, {"plan": "Rest", "diagnoses": named}).json
    one = f"{where}/{made['id']}"
    assert made["version"] == 1
    changed = {"plan": "Fluids", "diagnoses": [{"text": "Anaemia", "certainty": "confirmed"}, {"text": "Asthma"}]}
    assert doctor.put(one, changed).json["version"] == 2
    assert doctor.put(one, {}).json["version"] == 2, "nothing was changed"
    doctor.post(f"{one}/addenda", {"kind": "late_information", "text": "He vomited twice."})
    assert doctor.get(one).json["version"] == 2, "an addendum changes nothing"
    doctor.delete(one, "wrong patient")
    assert doctor.get(one).json["version"] == 3, "a withdrawal counts as one"
