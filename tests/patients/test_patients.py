"""The window at nine in the morning: registering, finding again, and never opening the wrong chart."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hmis.core.access import Role
from hmis.patients import hospital_number
from tests.conftest import Person, Time, some_id

LAGOS = ZoneInfo("Africa/Lagos")
CHINEDU = {
    "given_name": "Chinedu",
    "family_name": "Okafor",
    "sex": "male",
    "born_on": "1992-05-17",
    "phone": "0803 555 0101",
    "address": "12 Zik Avenue",
    "state": "Enugu",
    "lga": "Enugu North",
    "next_of_kin": {"name": "Ngozi Okafor", "relation": "mother", "phone": "0803 555 0102"},
    "identifiers": [{"system": "NIN", "value": "12345678901"}],
}


def found(person: Person, **query: Any) -> list[str]:
    answer = person.get("/patients", **query)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json["items"]]


def test_a_record_officer_registers_a_patient(recordofficer: Person) -> None:
    answer = recordofficer.post("/patients", CHINEDU)
    assert answer.status_code == 201, answer.text
    patient = answer.json
    assert hospital_number.parse(patient["hospital_number"]) == patient["hospital_number"]
    assert patient["phone"] == "+2348035550101"
    assert patient["next_of_kin"]["phone"] == "+2348035550102"
    assert patient["identifiers"] == [{"system": "NIN", "value": "12345678901"}]
    assert patient["born_precision"] == "day"
    assert recordofficer.get(f"/patients/{patient['hospital_number']}").json == patient


def test_an_age_in_days_or_weeks_keeps_its_days(recordofficer: Person, time: Time) -> None:
    born = (time.now.astimezone(LAGOS) - timedelta(days=21)).date()
    infant = {"family_name": "Musa", "sex": "female", "born_on": born.isoformat(), "born_precision": "about_day"}
    patient = recordofficer.post("/patients", infant).json
    assert (patient["born_on"], patient["born_precision"], patient["age"]) == (born.isoformat(), "about_day", "≈ 21 d")
    where = f"/patients/{patient['id']}"
    assert recordofficer.put(where, {"family_name": "Bello"}).json["born_precision"] == "about_day"
    known = recordofficer.put(where, {"born_on": born.isoformat()}).json
    assert (known["born_precision"], known["age"]) == ("day", "21 d")


def test_an_age_is_enough_where_nobody_knows_the_date(recordofficer: Person) -> None:
    patient = recordofficer.post(
        "/patients", {"given_name": "Hauwa", "family_name": "Musa", "sex": "female", "age_years": 34}
    ).json
    assert patient["born_precision"] == "estimated"
    assert "34" in patient["age"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"given_name": None, "family_name": None}, "body"),
        ({"sex": "m"}, "sex"),
        ({"born_on": "2090-01-01"}, "born_on"),
        ({"born_on": "1850-01-01"}, "born_on"),
        ({"born_on": "2024-02-30"}, "born_on"),
        ({"age_years": 20}, "body"),
        ({"phone": "12"}, "phone"),
        ({"email": "not an address"}, "email"),
        ({"hospital_number": "104226781"}, "hospital_number"),
        ({"id": "x"}, "id"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
        ({"given_name": "A\u202edA"}, "given_name"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    recordofficer: Person, change: dict[str, Any], field: str
) -> None:
    answer = recordofficer.post("/patients", {**CHINEDU, **change})
    assert answer.status_code == 422
    assert field in answer.json["fields"]
    assert found(recordofficer) == []


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"given_name": "Emeka", "born_on": "1970-01-01", "identifiers": []}, "phone"),
        ({"given_name": "Chinedum", "phone": None, "identifiers": []}, "birth date"),
        ({"given_name": "Okafor", "family_name": "Chinedu", "phone": None, "identifiers": []}, "birth date"),
        ({"born_on": "1993-01-01", "phone": None, "identifiers": []}, "age"),
        ({"given_name": "Ken", "born_on": "1950-01-01", "phone": None}, "NIN"),
    ],
)
def test_who_is_there_already_is_shown_before_saving(recordofficer: Person, second: dict[str, Any], why: str) -> None:
    first = recordofficer.post("/patients", CHINEDU).json
    asked = recordofficer.post("/patients", {**CHINEDU, **second})
    assert (asked.status_code, asked.json["code"]) == (409, "PossibleDuplicate")
    assert [c["hospital_number"] for c in asked.json["candidates"]] == [first["hospital_number"]]
    assert why in asked.json["candidates"][0]["why"]
    assert len(found(recordofficer)) == 1
    insisted = recordofficer.post(
        "/patients", {**CHINEDU, **second, "confirmed": True, "confirmed_reason": "his brother"}
    )
    assert insisted.status_code == 201


def test_twins_of_one_mother_are_not_taken_for_one(recordofficer: Person) -> None:
    for name in ("Taiwo", "Kehinde"):
        twin = {"given_name": name, "family_name": "Adeyemi", "sex": "female", "born_on": "2020-06-01"}
        assert recordofficer.post("/patients", twin).status_code == 201


def test_somebody_unknown_is_registered_and_named_later(doctor: Person, recordofficer: Person, time: Time) -> None:
    unknown = doctor.post("/patients", {"sex": "male", "age_years": 40, "unknown_identity": True})
    assert unknown.status_code == 201
    assert unknown.json["name"].endswith("Unknown")
    told = datetime.strptime(unknown.json["given_name"], "Male %d-%b-%Y %H:%M").replace(tzinfo=LAGOS)
    assert timedelta(0) <= time.now - told < timedelta(minutes=1), "the time on the hospital's wall"
    where = f"/patients/{unknown.json['id']}"
    named = recordofficer.put(where, {"given_name": "Ibrahim", "family_name": "Musa", "unknown_identity": False})
    assert named.json["name"] == "Ibrahim Musa"
    assert found(recordofficer, q="unknown") == ["Ibrahim Musa"], "still found by what he was called first"


def test_a_former_name_is_kept_with_who_changed_it_and_when(
    doctor: Person, recordofficer: Person, admin: Person, time: Time
) -> None:
    unknown = doctor.post("/patients", {"sex": "male", "age_years": 40, "unknown_identity": True}).json
    where = f"/patients/{unknown['id']}"
    assert doctor.get(f"{where}/names").json["items"] == []
    recordofficer.put(where, {"address": "12 Zik Avenue"})
    recordofficer.put(where, {"given_name": "Ibrahim", "family_name": "Musa", "unknown_identity": False})
    time.passes(hours=1)
    recordofficer.put(where, {"other_names": "Danjuma"})
    recordofficer.put(where, {"phone": "0803 555 0101"})
    second, first = doctor.get(f"{where}/names").json["items"]
    assert (second["name"], second["other_names"]) == ("Ibrahim Musa", None)
    assert (first["family_name"], first["name"]) == ("Unknown", unknown["name"])
    assert {one["replaced_by"]["name"] for one in (first, second)} == {recordofficer.user["name"]}
    assert first["replaced_at"] < second["replaced_at"]
    assert admin.get(f"{where}/names").status_code == 403


def test_a_clinician_registers_only_what_cannot_wait(sign_in: Callable[[Any], Person]) -> None:
    for role in (Role.DOCTOR, Role.NURSE):
        refused = sign_in(role).post("/patients", CHINEDU)
        assert (refused.status_code, refused.json["code"]) == (403, "NotPermitted")
        urgent = sign_in(role).post("/patients", {**CHINEDU, "emergency": True, "confirmed": True})
        assert urgent.status_code == 201
    for role in (Role.PHARMACIST, Role.ADMIN):
        assert sign_in(role).post("/patients", {**CHINEDU, "emergency": True}).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        "chinedu okafor",
        "okafor chinedu",
        "okaf",
        "CHIN OK",
        "17 05",
        "5550101",
        "08035550101",
        "+2348035550101",
        "1992-05-17",
        "12345678901",
    ],
)
def test_a_patient_is_found_again(recordofficer: Person, register: Callable[..., Any], asked: str) -> None:
    recordofficer.post("/patients", CHINEDU)
    register(given_name="Ngozi", family_name="Eze", born_on="1960-02-02")
    expected = [] if asked == "17 05" else ["Chinedu Okafor"]
    assert found(recordofficer, q=asked) == expected


def test_names_and_a_birth_date_or_phone_narrow_each_other(recordofficer: Person, register: Any) -> None:
    register(given_name="Uche", family_name="Eze", born_on="1960-02-02", phone="0803 555 0111")
    register(given_name="Uche", family_name="Eze", born_on="1961-02-02", phone="0803 555 0112")
    assert found(recordofficer, q="eze uch", born_on="1960-02-02") == ["Uche Eze"]
    assert found(recordofficer, q="eze", phone="50112") == ["Uche Eze"]
    assert found(recordofficer, q="eze obi", born_on="1960-02-02") == []


def test_a_list_shows_no_photos(recordofficer: Person) -> None:
    photo = "data:image/png;base64,AAAA"
    made = recordofficer.post("/patients", {**CHINEDU, "photo": photo}).json
    assert recordofficer.get(f"/patients/{made['id']}").json["photo"] == photo
    assert "photo" not in recordofficer.get("/patients").json["items"][0]


def test_letters_of_every_language_are_found_without_their_marks(recordofficer: Person, register: Any) -> None:
    register(given_name="Ọlá", family_name="Adéṣọlá")
    register(given_name="Ɓala", family_name="O'Brien-Ƙaura")
    assert found(recordofficer, q="ola adesola") == ["Ọlá Adéṣọlá"]
    assert found(recordofficer, q="bala obrien") == ["Ɓala O'Brien-Ƙaura"]


def test_a_mistyped_hospital_number_is_told_as_such(recordofficer: Person, patient: dict[str, Any]) -> None:
    number = patient["hospital_number"]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert found(recordofficer, q=number) == [patient["name"]]
    answer = recordofficer.get("/patients", q=wrong)
    assert (answer.status_code, answer.json["code"]) == (422, "HospitalNumberInvalid")
    assert recordofficer.get(f"/patients/{wrong}").json["code"] == "HospitalNumberInvalid"


def test_pages_of_the_list_and_of_a_search_are_whole(recordofficer: Person, register: Any) -> None:
    names = {register(given_name=f"Ada{c}", family_name="Ade")["name"] for c in "ABCDEFG"}
    for query in ({}, {"q": "ad"}, {"q": "ade ada"}, {"q": "ada", "born_on": "1990-03-12"}):
        seen: list[str] = []
        cursor = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            answer = recordofficer.get("/patients", limit=2, **query, **more).json
            seen += [item["name"] for item in answer["items"]]
            cursor = answer["next"]
            if not cursor:
                break
        assert sorted(seen) == sorted(names), query


@pytest.mark.parametrize(
    "bad", [{"limit": 0}, {"limit": 201}, {"cursor": "nonsense"}, {"cursor": "WyJhIl0"}, {"sort": "x"}]
)
def test_a_list_asked_wrongly_says_so(recordofficer: Person, bad: dict[str, Any]) -> None:
    assert recordofficer.get("/patients", **bad).status_code == 422


def test_each_role_sees_as_much_of_a_patient_as_its_work_needs(
    sign_in: Callable[[Any], Person], recordofficer: Person
) -> None:
    patient = recordofficer.post("/patients", CHINEDU).json
    where = f"/patients/{patient['id']}"
    sign_in(Role.DOCTOR).post(f"{where}/assertions", {"kind": "blood_group", "value": "O+"})
    little = {"id", "hospital_number", "name", "given_name", "family_name", "other_names", "sex", "age"}
    little |= {"deceased_at", "unknown_identity", "version", "created_at", "updated_at"}
    clinical = {"blood_group", "genotype", "pregnancy", "pregnancy_held_on"}

    assert sign_in(Role.ADMIN).get(where).status_code == 403
    assert set(sign_in(Role.ADMIN).get("/patients").json["items"][0]) == little
    assert set(sign_in(Role.PHARMACIST).get(where).json) == little | {"phone"} | clinical
    assert not clinical & set(recordofficer.get(where).json)
    for role in (Role.DOCTOR, Role.NURSE):
        seen = sign_in(role).get(where).json
        assert clinical <= set(seen)
        assert seen["blood_group"] == "O+"
        assert seen["next_of_kin"]["name"] == "Ngozi Okafor"


def test_a_new_assertion_supersedes_and_a_withdrawn_one_does_not_count(
    doctor: Person, nurse: Person, recordofficer: Person, patient: dict[str, Any]
) -> None:
    where = f"/patients/{patient['id']}/assertions"
    doctor.post(where, {"kind": "genotype", "value": "AA"})
    wrong = nurse.post(where, {"kind": "genotype", "value": "SS"}).json
    assert doctor.get(f"/patients/{patient['id']}").json["genotype"] == "SS"
    assert doctor.delete(f"{where}/{wrong['id']}", "not hers").status_code == 403
    assert nurse.delete(f"{where}/{wrong['id']}", "other tube").status_code == 204
    assert doctor.get(f"/patients/{patient['id']}").json["genotype"] == "AA"
    assert len(doctor.get(where).json["items"]) == 1
    assert recordofficer.get(where).status_code == 403


def test_an_edit_changes_what_was_sent_and_keeps_the_rest(recordofficer: Person) -> None:
    patient = recordofficer.post("/patients", CHINEDU).json
    where = f"/patients/{patient['id']}"
    edited = recordofficer.put(
        where, {"phone": "0803 555 0199", "identifiers": [{"system": "NHIA", "value": "77"}]}, if_match=1
    )
    assert edited.status_code == 200
    assert edited.json["phone"] == "+2348035550199"
    assert edited.json["identifiers"] == [{"system": "NHIA", "value": "77"}]
    assert {k: edited.json[k] for k in ("name", "address", "next_of_kin", "born_on")} == {
        k: patient[k] for k in ("name", "address", "next_of_kin", "born_on")
    }
    assert recordofficer.put(where, {"phone": None}, if_match=1).status_code == 412
    assert recordofficer.put(where, {"given_name": None, "family_name": None}).status_code == 422


def test_a_patient_with_a_chart_is_never_deleted(
    recordofficer: Person, nurse: Person, register: Callable[..., Any]
) -> None:
    mistake, treated = register(), register()
    assert nurse.post(f"/patients/{treated['id']}/vitals", {"pulse_per_min": 80}).status_code == 201
    assert recordofficer.delete(f"/patients/{treated['id']}", "twice").status_code == 409
    assert recordofficer.delete(f"/patients/{mistake['id']}", "twice").status_code == 204
    assert recordofficer.get(f"/patients/{mistake['id']}").status_code == 404
    assert found(recordofficer) == [treated["name"]]


def test_somebody_not_there_is_not_found(recordofficer: Person) -> None:
    for where in (some_id(), "nobody", "1", "%20", "..%2f"):
        assert recordofficer.get(f"/patients/{where}").status_code == 404


@pytest.mark.parametrize("rows", [1, 25])
def test_queries_do_not_grow_with_the_register(
    time: Time, recordofficer: Person, register: Any, queries: list[str], rows: int
) -> None:
    for _ in range(rows):
        last = register()
    recordofficer.get("/auth/me")

    def counted(act: Callable[[], Any]) -> int:
        queries.clear()
        assert act().status_code < 300
        return len(queries)

    assert counted(lambda: recordofficer.get(f"/patients/{last['id']}")) == 1
    assert counted(lambda: recordofficer.get("/patients")) <= 2
    assert counted(lambda: recordofficer.get("/patients", q="adaeze chukwu")) <= 2
    assert counted(lambda: recordofficer.put(f"/patients/{last['id']}", {"phone": "0803 555 0177"})) <= 4


def test_nobody_learns_by_asking_what_they_may_not_see(
    admin: Person, pharmacist: Person, recordofficer: Person
) -> None:
    recordofficer.post("/patients", CHINEDU)
    for query in ({"phone": "0101"}, {"born_on": "1992-05-17"}):
        assert admin.get("/patients", **query).status_code == 403
    for asked in ("5550101", "1992-05-17", "12345678901"):
        assert found(admin, q=asked) == []
    assert pharmacist.get("/patients", born_on="1992-05-17").status_code == 403
    assert found(pharmacist, q="5550101") == ["Chinedu Okafor"]
    assert found(pharmacist, q="12345678901") == []


def test_an_identifier_taken_away_finds_nobody(recordofficer: Person) -> None:
    patient = recordofficer.post("/patients", CHINEDU).json
    assert recordofficer.put(f"/patients/{patient['id']}", {"identifiers": []}).status_code == 200
    assert found(recordofficer, q="12345678901") == []


@pytest.mark.parametrize(
    "values",
    [
        ["2026-01-01", "x"],
        ["2026-01-01T00:00:00", "01a20c91-a000-7020-8d0c-0780c3ec5036"],
        ["0001-01-01T00:00:00+14:00", "01a20c91-a000-7020-8d0c-0780c3ec5036"],
        ["\ud800", "\ud800", "01a20c91-a000-7020-8d0c-0780c3ec5036"],
    ],
)
def test_a_cursor_we_did_not_make_is_told_as_such(nurse: Person, patient: dict[str, Any], values: list[str]) -> None:
    forged = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    for where in ("/patients", f"/patients/{patient['id']}/vitals", f"/patients/{patient['id']}/timeline"):
        assert nurse.get(where, cursor=forged).status_code == 422, where


def test_a_blood_group_of_another_patient_is_marked_and_counts_no_more(
    doctor: Person, nurse: Person, patient: dict[str, Any]
) -> None:
    where = f"/patients/{patient['id']}/assertions"
    wrong = nurse.post(where, {"kind": "blood_group", "value": "B+"}).json
    marked = doctor.post(f"{where}/{wrong['id']}/addenda", {"kind": "entered_in_error", "text": "The neighbour's."})
    assert marked.status_code == 201
    assert doctor.get(f"{where}/{wrong['id']}").json["entered_in_error"] is True
    assert doctor.get(f"/patients/{patient['id']}").json["blood_group"] is None
