"""Nursing notes: written by nurses, corrected for 24 hours, read by those who treat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Person, Time, some_id

Register = Callable[..., dict[str, Any]]
SignIn = Callable[[str], Person]

pytestmark = pytest.mark.usefixtures("time")

NIGHT = {"kind": "handover", "text": "Slept well.\nTook oral fluids, passed urine."}
KINDS = ["admission", "progress", "procedure", "handover", "incident"]


@pytest.fixture
def all_of(patient: dict[str, Any]) -> str:
    return f"/patients/{patient['id']}/nursenotes"


@pytest.fixture
def note(nurse: Person, all_of: str) -> dict[str, Any]:
    answer = nurse.post(all_of, NIGHT)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.fixture
def one(all_of: str, note: dict[str, Any]) -> str:
    return f"{all_of}/{note['id']}"


def test_a_nurse_writes_a_note(nurse: Person, note: dict[str, Any], one: str, patient: dict[str, Any]) -> None:
    assert {**NIGHT, "patient_id": patient["id"], "version": 1}.items() <= note.items()
    assert note["author"]["role"] == "nurse"
    assert nurse.get(one).json == note


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_note_is_taken(nurse: Person, all_of: str, kind: str) -> None:
    assert nurse.post(all_of, {"kind": kind, "text": "Ọmọ náà sùn dáadáa"}).json["kind"] == kind


@pytest.mark.parametrize(
    "body",
    [{}, {"text": "x"}, {"kind": "progress"}, {"kind": "gossip", "text": "x"}, {"kind": "progress", "text": "  "}],
)
def test_a_note_has_a_kind_and_a_text(nurse: Person, all_of: str, body: dict[str, Any]) -> None:
    assert nurse.post(all_of, body).status_code == 422


@pytest.mark.parametrize(("hours", "status"), [(0.01, 200), (23.99, 200), (24, 423), (2400, 423)])
def test_the_author_may_correct_for_24_hours(nurse: Person, one: str, time: Time, hours: float, status: int) -> None:
    time.passes(hours=hours)
    answer = nurse.put(one, {"text": "Slept badly."})
    assert answer.status_code == status
    if status == 200:
        assert (answer.json["text"], answer.json["kind"], answer.json["version"]) == ("Slept badly.", "handover", 2)
        (before,) = nurse.get(f"{one}/versions").json["items"]
        assert before["values"]["text"] == NIGHT["text"]
    else:
        assert "add an addendum" in answer.json["detail"]
        assert nurse.get(one).json["text"] == NIGHT["text"]


@pytest.mark.parametrize("body", [{}, {"kind": None}, {"text": ""}, {"text": "x", "author": "me"}])
def test_a_correction_says_what_it_corrects(nurse: Person, one: str, body: dict[str, Any]) -> None:
    assert nurse.put(one, body).status_code == 422


@pytest.mark.parametrize(("hours", "status"), [(23.99, 204), (24, 423)])
def test_the_author_may_withdraw_for_24_hours(nurse: Person, one: str, time: Time, hours: float, status: int) -> None:
    time.passes(hours=hours)
    assert nurse.delete(one, "wrong bed").status_code == status


def test_another_nurse_may_add_and_not_change(sign_in: SignIn, one: str, time: Time) -> None:
    other = sign_in("nurse2")
    for answer in (other.put(one, {"text": "x"}), other.delete(one, "mine now")):
        assert (answer.status_code, answer.json["code"]) == (403, "NotAuthor")
    time.passes(hours=48)
    assert other.post(f"{one}/addenda", {"kind": "late_information", "text": "Vomited once"}).status_code == 201
    (added,) = other.get(f"{one}/addenda").json["items"]
    assert (added["text"], added["author"]["name"]) == ("Vomited once", "Nurse2 Test")


def test_the_list_of_a_patient_shows_what_was_added_under_each_note(
    sign_in: SignIn, nurse: Person, all_of: str, one: str
) -> None:
    nurse.post(all_of, NIGHT)
    sign_in("nurse2").post(f"{one}/addenda", {"kind": "correction", "text": "Vomited once"})
    newest, first = nurse.get(all_of).json["items"]
    assert newest["addenda"] == []
    (added,) = first["addenda"]
    assert (added["text"], added["kind"], added["author"]["name"]) == ("Vomited once", "correction", "Nurse2 Test")


def test_what_is_withdrawn_stays_and_says_so(nurse: Person, all_of: str, one: str) -> None:
    assert nurse.delete(one).status_code == 422, "a reason is needed"
    assert nurse.delete(one, "wrong bed").status_code == 204
    assert nurse.get(one).json["voided"]["reason"] == "wrong bed"
    assert nurse.get(all_of).json["items"] == []
    assert len(nurse.get(all_of, include="voided").json["items"]) == 1
    for again in (nurse.put(one, {"text": "x"}), nurse.delete(one, "again")):
        assert (again.status_code, again.json["code"]) == (409, "Conflict")


def test_a_note_entered_in_error_is_marked(nurse: Person, all_of: str, one: str) -> None:
    nurse.post(f"{one}/addenda", {"kind": "entered_in_error", "text": "the next bed's"})
    (shown,) = nurse.get(all_of).json["items"]
    assert shown["entered_in_error"]


def test_an_id_is_not_a_right(nurse: Person, note: dict[str, Any], register: Register) -> None:
    elsewhere = f"/patients/{register()['id']}/nursenotes/{note['id']}"
    answers = [
        nurse.get(elsewhere),
        nurse.put(elsewhere, {"text": "x"}),
        nurse.delete(elsewhere, "because"),
        nurse.get(f"{elsewhere}/addenda"),
        nurse.get(f"{elsewhere}/versions"),
        nurse.get(f"/patients/{some_id()}/nursenotes"),
        nurse.post(f"/patients/{some_id()}/nursenotes", NIGHT),
    ]
    assert [answer.status_code for answer in answers] == [404] * 7


@pytest.mark.parametrize(
    ("who", "read", "write"),
    [
        ("nurse2", 200, 201),
        ("doctor", 200, 403),
        ("pharmacist", 403, 403),
        ("recordofficer", 403, 403),
        ("admin", 403, 403),
    ],
)
def test_nurses_write_and_those_who_treat_read(
    sign_in: SignIn, all_of: str, one: str, nurse: Person, who: str, read: int, write: int
) -> None:
    person = sign_in(who)
    listed = f"/staffs/nurses/{nurse.user['staff_number']}/notes"
    assert [person.get(path).status_code for path in (all_of, one, listed)] == [read] * 3
    assert person.post(all_of, NIGHT).status_code == write


def test_a_nurses_list_runs_over_patients_and_names_them(
    nurse: Person, sign_in: SignIn, register: Register, time: Time
) -> None:
    first, second = register(), register()
    for patient in (first, second):
        time.passes(minutes=1)
        nurse.post(f"/patients/{patient['id']}/nursenotes", NIGHT)
    sign_in("nurse2").post(f"/patients/{first['id']}/nursenotes", NIGHT)
    shown = sign_in("doctor").get(f"/staffs/nurses/{nurse.id}/notes").json["items"]
    assert [n["patient"]["name"] for n in shown] == [second["name"], first["name"]]


def test_a_stale_correction_overwrites_nothing(nurse: Person, one: str, time: Time) -> None:
    time.passes(minutes=1)
    assert nurse.put(one, {"text": "first"}, if_match='"1"').status_code == 200
    assert nurse.put(one, {"text": "second"}, if_match='"1"').status_code == 412
    assert nurse.get(one).json["text"] == "first"


def test_queries_stay_the_same_however_much_is_written(
    nurse: Person, all_of: str, one: str, queries: list[str]
) -> None:
    counts = []
    for more in (1, 6):
        for _ in range(more):
            nurse.post(all_of, NIGHT)
        counts.append([])
        for path in (all_of, one, f"/staffs/nurses/{nurse.id}/notes"):
            queries.clear()
            nurse.get(path)
            counts[-1].append(len([query for query in queries if "sign_ins" not in query]))
    assert counts == [[3, 1, 2]] * 2, "the list on a patient reads the addenda of all its notes at once"
    queries.clear()
    nurse.post(all_of, NIGHT)
    assert len([query for query in queries if "sign_ins" not in query]) == 3
