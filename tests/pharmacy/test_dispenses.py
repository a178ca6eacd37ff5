"""Handing out: in parts, never more than was prescribed, withdrawn within 24 hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hmis.core.access import Role
from hmis.core.store import Store
from hmis.patients.models import Patient
from tests.conftest import Person, Time, some_id
from tests.prescriptions.conftest import Prescribe, amoxicillin_line

SignIn = Callable[[Role | str], Person]

pytestmark = pytest.mark.usefixtures("time")


@pytest.fixture
def line(prescribe: Prescribe) -> str:
    """Fifteen capsules of amoxicillin, prescribed; the id of the line."""
    found: str = prescribe()["lines"][0]["id"]
    return found


@pytest.fixture
def counter(place: str) -> str:
    """Where things are handed out."""
    return f"{place}/dispenses"


def some(line: str, quantity: int) -> dict[str, Any]:
    return {"lines": [{"line_id": line, "quantity": quantity}]}


def state(person: Person, place: str) -> tuple[str, str, int, int]:
    """Of the prescription and its first line: state, state, dispensed, left."""
    found = person.get(place).json
    first = found["lines"][0]  # type: ignore[index]
    return found["state"], first["state"], first["dispensed"], first["left"]  # type: ignore[index]


def test_a_prescription_is_handed_out_in_parts(pharmacist: Person, place: str, counter: str, line: str) -> None:
    part = pharmacist.post(counter, {**some(line, 6), "note": "the rest on Friday"})
    assert part.status_code == 201, part.text
    assert part.json["note"] == "the rest on Friday"  # type: ignore[index]
    assert part.json["author"]["name"] == "Pharmacist Test"  # type: ignore[index]
    assert part.json["prescription_state"] == "partly_dispensed"  # type: ignore[index]
    assert part.json["lines"][0]["drug"]["name"] == "amoxicillin 500 mg capsule"  # type: ignore[index]
    assert state(pharmacist, place) == ("partly_dispensed", "partly_dispensed", 6, 9)
    rest = pharmacist.post(counter, some(line, 9))
    assert rest.json["prescription_state"] == "dispensed"  # type: ignore[index]
    assert state(pharmacist, place) == ("dispensed", "dispensed", 15, 0)
    both = pharmacist.get(counter).json["items"]  # type: ignore[index]
    assert [d["id"] for d in both] == [rest.json["id"], part.json["id"]]  # type: ignore[index]
    assert pharmacist.get(f"{counter}/{rest.json['id']}").json == both[0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("before", "asked", "status"), [(0, 15, 201), (0, 16, 409), (10, 5, 201), (10, 6, 409), (15, 1, 409)]
)
def test_never_more_than_prescribed(
    pharmacist: Person, place: str, counter: str, line: str, before: int, asked: int, status: int
) -> None:
    if before:
        assert pharmacist.post(counter, some(line, before)).status_code == 201
    answer = pharmacist.post(counter, some(line, asked))
    assert answer.status_code == status
    if status == 409:
        assert f"{15 - before} left of 15" in answer.json["fields"]["lines.0.quantity"]  # type: ignore[index]
        assert state(pharmacist, place)[2] == before


def test_one_line_too_much_and_nothing_is_handed_out(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str, paracetamol: dict[str, Any]
) -> None:
    second = doctor.post(f"{place}/drugs", amoxicillin_line(paracetamol)).json["id"]  # type: ignore[index]
    both = {"lines": [{"line_id": line, "quantity": 15}, {"line_id": second, "quantity": 16}]}
    refused = pharmacist.post(counter, both)
    assert refused.status_code == 409
    assert set(refused.json["fields"]) == {"lines.1.quantity"}  # type: ignore[index]
    assert pharmacist.get(counter).json["items"] == []  # type: ignore[index]
    assert state(pharmacist, place) == ("waiting", "active", 0, 15)
    both["lines"][1]["quantity"] = 15
    assert pharmacist.post(counter, both).json["prescription_state"] == "dispensed"  # type: ignore[index]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": []},
        {"lines": [{"line_id": some_id(), "quantity": 0}]},
        {"lines": [{"line_id": some_id(), "quantity": -1}]},
        {"lines": [{"line_id": some_id(), "quantity": 1.5}]},
        {"lines": [{"line_id": some_id(), "quantity": "1"}]},
        {"lines": [{"line_id": "x", "quantity": 1}]},
        {"lines": [{"line_id": (same := some_id()), "quantity": 1}, {"line_id": same, "quantity": 1}]},
        {"lines": [{"line_id": some_id(), "quantity": 1}], "author_id": some_id()},
    ],
)
def test_what_is_no_handing_out_is_refused(pharmacist: Person, counter: str, line: str, body: dict[str, Any]) -> None:
    assert pharmacist.post(counter, body).status_code == 422


def test_a_line_of_another_prescription_is_not_here(
    doctor: Person, pharmacist: Person, counter: str, line: str, consult: Callable[..., str],
    register: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    elsewhere = consult(of=register()["id"])
    doctor.post(elsewhere)
    assert pharmacist.post(f"{elsewhere}/dispenses", some(line, 1)).status_code == 404
    assert pharmacist.post(counter, some(some_id(), 1)).status_code == 404
    handed_out = pharmacist.post(counter, some(line, 1)).json["id"]  # type: ignore[index]
    assert pharmacist.get(f"{elsewhere}/dispenses/{handed_out}").status_code == 404
    assert pharmacist.delete(f"{elsewhere}/dispenses/{handed_out}", "not here").status_code == 404
    assert pharmacist.get(f"{elsewhere}/dispenses").json["items"] == []  # type: ignore[index]


def test_a_held_or_stopped_line_is_not_handed_out(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str
) -> None:
    one = f"{place}/drugs/{line}"
    pharmacist.post(f"{one}/hold", {"reason": "allergic?"})
    held = pharmacist.post(counter, some(line, 1))
    assert held.status_code == 409
    assert "allergic?" in held.json["detail"]  # type: ignore[index]
    pharmacist.post(f"{one}/release", {"reason": "asked her: no"})
    assert pharmacist.post(counter, some(line, 5)).status_code == 201
    doctor.post(f"{one}/stop", {"reason": "came out in a rash"})
    stopped = pharmacist.post(counter, some(line, 1))
    assert stopped.status_code == 409
    assert "Doctor Test" in stopped.json["detail"]  # type: ignore[index]
    assert state(pharmacist, place) == ("stopped", "stopped", 5, 10)


def test_a_line_that_the_prescriber_changed_meanwhile_is_looked_at_again(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str
) -> None:
    def as_read(version: int) -> dict[str, Any]:
        return {"lines": [{"line_id": line, "quantity": 6, "version": version}]}

    looked = pharmacist.get(place).json["lines"][0]["version"]  # type: ignore[index]
    assert doctor.put(f"{place}/drugs/{line}", {"dose": 250, "quantity": 15, "confirmed": True}).status_code == 200
    refused = pharmacist.post(counter, as_read(looked))
    assert refused.status_code == 409
    assert "changed by the prescriber since you looked: DOSE 250" in refused.json["detail"]  # type: ignore[index]
    assert state(pharmacist, place)[2:] == (0, 15)
    again = pharmacist.get(place).json["lines"][0]["version"]  # type: ignore[index]
    assert pharmacist.post(counter, as_read(again)).status_code == 201
    assert pharmacist.post(counter, as_read(again)).status_code == 201  # handing out changes no line
    assert state(pharmacist, place)[2:] == (12, 3)


def test_what_was_handed_out_is_no_longer_corrected_or_withdrawn_but_stopped(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str
) -> None:
    one = f"{place}/drugs/{line}"
    pharmacist.post(counter, some(line, 1))
    for refused in (
        doctor.put(one, {"dose": 1000}),
        doctor.delete(one, "wrong drug"),
        doctor.delete(place, "wrong patient"),
        doctor.delete(place.removesuffix("/prescription"), "wrong patient"),
    ):
        assert refused.status_code == 409, refused.text
        assert "dispensed" in refused.json["detail"]  # type: ignore[index]
    assert doctor.get(place.removesuffix("/prescription")).json["voided"] is None  # type: ignore[index]
    assert doctor.put(place, {"instructions": "with food"}).status_code == 200
    assert doctor.post(f"{one}/stop", {"reason": "wrong drug"}).status_code == 200


def test_a_handing_out_withdrawn_leaves_it_to_be_handed_out_again(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str
) -> None:
    handed_out = pharmacist.post(counter, some(line, 15)).json["id"]  # type: ignore[index]
    one = f"{counter}/{handed_out}"
    assert pharmacist.delete(one).status_code == 422
    assert pharmacist.delete(one, "she did not wait").status_code == 204
    assert state(pharmacist, place) == ("waiting", "active", 0, 15)
    assert pharmacist.get(one).json["voided"]["reason"] == "she did not wait"  # type: ignore[index]
    assert pharmacist.get(counter).json["items"] == []  # type: ignore[index]
    assert len(pharmacist.get(counter, include="voided").json["items"]) == 1  # type: ignore[index]
    assert pharmacist.delete(one, "again").status_code == 409
    assert doctor.put(f"{place}/drugs/{line}", {"duration_days": 4}).json["quantity"] == 12  # type: ignore[index]
    assert pharmacist.post(counter, some(line, 13)).status_code == 409
    assert pharmacist.post(counter, some(line, 12)).status_code == 201


@pytest.mark.parametrize(("hours", "status"), [(23.99, 204), (24, 423)])
def test_only_who_handed_it_out_withdraws_it_within_24_hours(
    pharmacist: Person, sign_in: SignIn, counter: str, line: str, time: Time, hours: float, status: int
) -> None:
    one = f"{counter}/{pharmacist.post(counter, some(line, 3)).json['id']}"  # type: ignore[index]
    time.passes(hours=hours)
    assert sign_in("pharmacist2").delete(one, "not mine").json["code"] == "NotAuthor"  # type: ignore[index]
    assert pharmacist.delete(one, "wrong box").status_code == status


@pytest.mark.parametrize("role", list(Role))
def test_who_hands_out_and_who_reads_of_it(
    sign_in: SignIn, pharmacist: Person, counter: str, line: str, role: Role
) -> None:
    one = f"{counter}/{pharmacist.post(counter, some(line, 1)).json['id']}"  # type: ignore[index]
    person = sign_in(role)
    reads = role in (Role.DOCTOR, Role.NURSE, Role.PHARMACIST)
    of_pharmacist = f"/staffs/pharmacists/{pharmacist.id}/prescriptions"
    for path in (counter, one, f"{one}/addenda", f"{one}/versions", of_pharmacist):
        assert (person.get(path).status_code == 200) == reads, path
    assert (person.post(counter, some(line, 1)).status_code == 201) == (role is Role.PHARMACIST)
    note = {"kind": "late_information", "text": "Counselled."}
    assert (person.post(f"{one}/addenda", note).status_code == 201) == (role is Role.PHARMACIST)
    if role is not Role.PHARMACIST:
        assert person.delete(one, "not mine").status_code == 403


def test_a_handing_out_on_the_wrong_chart_takes_nothing_from_it(
    pharmacist: Person, sign_in: SignIn, place: str, counter: str, line: str, time: Time
) -> None:
    one = f"{counter}/{pharmacist.post(counter, some(line, 15)).json['id']}"  # type: ignore[index]
    time.passes(hours=30)
    marked = sign_in("pharmacist2").post(
        f"{one}/addenda", {"kind": "entered_in_error", "text": "Handed to Mrs Bello, not to her."}
    )
    assert marked.status_code == 201
    assert state(pharmacist, place) == ("waiting", "active", 0, 15)
    assert pharmacist.get(one).json["entered_in_error"] is True  # type: ignore[index]
    assert pharmacist.post(counter, some(line, 15)).status_code == 201


def test_nothing_is_handed_out_of_what_is_withdrawn_or_another_patients_or_for_the_dead(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str, store: Store, time: Time,
    patient: dict[str, Any], consult: Callable[..., str], paracetamol: dict[str, Any],
) -> None:  # fmt: skip
    elsewhere = consult()
    other = doctor.post(elsewhere, {"drugs": [amoxicillin_line(paracetamol)]}).json["lines"][0]["id"]  # type: ignore[index]
    doctor.delete(place, "wrong patient")
    assert pharmacist.post(counter, some(line, 1)).status_code == 409
    doctor.post(f"{elsewhere}/addenda", {"kind": "entered_in_error", "text": "Of Mrs Bello."})
    refused = pharmacist.post(f"{elsewhere}/dispenses", some(other, 1))
    assert refused.status_code == 409
    assert "another patient's" in refused.json["detail"]  # type: ignore[index]
    last = consult()
    written = doctor.post(last, {"drugs": [amoxicillin_line(paracetamol)]})
    assert written.status_code == 201, written.text
    with store.session() as session:
        session.fetch(Patient, Patient.hospital_number == patient["hospital_number"]).deceased_at = time.now
        session.commit()
    refused = pharmacist.post(f"{last}/dispenses", some(written.json["lines"][0]["id"], 1))  # type: ignore[index]
    assert refused.status_code == 409
    assert "dead" in refused.json["detail"]  # type: ignore[index]


def test_a_removed_line_is_told_as_such(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str
) -> None:
    doctor.delete(f"{place}/drugs/{line}", "wrong drug")
    refused = pharmacist.post(counter, some(line, 1))
    assert refused.status_code == 409
    assert "taken off" in refused.json["detail"]  # type: ignore[index]


def test_a_pharmacists_list_shows_each_prescription_once_by_the_last_time(
    doctor: Person, pharmacist: Person, sign_in: SignIn, place: str, counter: str, line: str,
    consult: Callable[..., str], register: Callable[..., dict[str, Any]], amoxicillin: dict[str, Any],
) -> None:  # fmt: skip
    elsewhere = consult(of=register()["id"])
    other = doctor.post(elsewhere, {"drugs": [amoxicillin_line(amoxicillin)]}).json
    pharmacist.post(counter, some(line, 1))
    pharmacist.post(f"{elsewhere}/dispenses", some(other["lines"][0]["id"], 1))  # type: ignore[index]
    pharmacist.post(counter, some(line, 1))
    sign_in("pharmacist2").post(counter, some(line, 1))
    of = f"/staffs/pharmacists/{pharmacist.user['staff_number']}/prescriptions"
    first = doctor.get(of, limit=1).json
    assert [p["consultation_id"] for p in first["items"]] == [place.split("/")[4]]  # type: ignore[index]
    second = doctor.get(of, limit=1, cursor=first["next"]).json  # type: ignore[index]
    assert [p["id"] for p in second["items"]] == [other["id"]]  # type: ignore[index]
    assert second["next"] is None  # type: ignore[index]


def test_a_repeated_request_hands_out_once(pharmacist: Person, place: str, counter: str, line: str) -> None:
    first = pharmacist.post(counter, some(line, 5), key="counter-2-0001")
    again = pharmacist.post(counter, some(line, 5), key="counter-2-0001")
    assert first.json == again.json
    assert state(pharmacist, place)[2] == 5


def test_handing_out_takes_the_same_queries_however_many_lines(
    doctor: Person, pharmacist: Person, place: str, counter: str, line: str, enter: Callable[..., dict[str, Any]],
    queries: list[str],
) -> None:  # fmt: skip
    def cost(*lines: str) -> int:
        queries.clear()
        body = {"lines": [{"line_id": line, "quantity": 1} for line in lines]}
        assert pharmacist.post(counter, body).status_code == 201
        return len([query for query in queries if "sign_ins" not in query])

    cost(line)
    once = cost(line)
    more = [
        doctor.post(f"{place}/drugs", amoxicillin_line(enter(name))).json["id"]  # type: ignore[index]
        for name in ("doxycycline", "metronidazole", "zinc")
    ]
    assert cost(line, *more) == once
    pharmacist.get(counter)
    queries.clear()
    pharmacist.get(counter)
    assert len([query for query in queries if "sign_ins" not in query]) <= 5


def test_nothing_is_handed_out_from_a_consultation_with_another_patient(
    sign_in: Callable[[str], Person], pharmacist: Person, place: str, counter: str, line: str
) -> None:
    """Marked as entered in error by a colleague; the prescription written in it is marked with it."""
    consultation = place.removesuffix("/prescription")
    marked = sign_in("doctor2").post(f"{consultation}/addenda", {"kind": "entered_in_error", "text": "Bed 13."})
    assert marked.status_code == 201
    assert pharmacist.post(counter, some(line, 1)).status_code == 409
    assert pharmacist.get("/prescriptions").json["items"] == []
