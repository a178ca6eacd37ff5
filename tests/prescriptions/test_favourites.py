"""The lines a doctor writes again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hmis.core.access import Role
from tests.conftest import Person, Time
from tests.prescriptions.conftest import Enter, amoxicillin_line

SignIn = Callable[[Role | str], Person]
Register = Callable[..., dict[str, Any]]
Write = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.usefixtures("time")


@pytest.fixture
def write(doctor: Person, register: Register) -> Write:
    """A doctor prescribes these lines for somebody new; the prescription, and where it is."""

    def go(*lines: dict[str, Any], by: Person = doctor) -> dict[str, Any]:
        of = f"/patients/{register()['id']}"
        signed = by.post(f"{of}/signings", {"consultation": {"plan": "Rest"}, "prescription": {"drugs": list(lines)}})
        assert signed.status_code == 201, signed.text
        place = f"{of}/consultations/{signed.json['consultation']['id']}/prescription"
        return {**signed.json["prescription"], "place": place}

    return go


def favourites(person: Person) -> list[dict[str, Any]]:
    answer = person.get("/favourites")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def test_the_most_written_line_comes_first_ready_to_be_written_again(
    doctor: Person, write: Write, amoxicillin: dict[str, Any], paracetamol: dict[str, Any]
) -> None:
    as_needed = {
        "drug_id": paracetamol["id"],
        "dose": 1,
        "dose_unit": "g",
        "as_needed": True,
        "as_needed_reason": "pain",
        "max_in_24h": 4,
        "duration_days": 3,
    }
    write(amoxicillin_line(amoxicillin))
    for _ in range(2):
        line = write(as_needed)["lines"][0]
    first, second = favourites(doctor)
    assert (first["used"], second["used"]) == (2, 1)
    assert first["drug"] == line["drug"]
    shown = set(first) - {"used", "drug"}
    assert {name: first[name] for name in shown} == {name: line[name] for name in shown}
    assert shown >= {"dose", "route", "frequency", "max_in_24h", "duration_days", "quantity", "directions"}
    again = write({name: first[name] for name in as_needed})
    assert again["lines"][0]["directions"] == first["directions"]


def test_another_dose_is_another_line(doctor: Person, write: Write, amoxicillin: dict[str, Any]) -> None:
    write(amoxicillin_line(amoxicillin))
    write(amoxicillin_line(amoxicillin, dose=250, confirmed=True, quantity=15))
    write(amoxicillin_line(amoxicillin, duration_days=7))
    assert [(line["dose"], line["duration_days"], line["used"]) for line in favourites(doctor)] == [
        (500, 7, 1),
        (250, 5, 1),
        (500, 5, 1),
    ], "of equals the one written last comes first"


def test_what_differed_from_time_to_time_is_left_open(
    doctor: Person, write: Write, amoxicillin: dict[str, Any]
) -> None:
    write(amoxicillin_line(amoxicillin, instructions="with food", quantity=20))
    [line] = favourites(doctor)
    assert (line["instructions"], line["quantity"]) == ("with food", 20)
    write(amoxicillin_line(amoxicillin))
    [line] = favourites(doctor)
    assert (line["instructions"], line["quantity"], line["used"]) == (None, None, 2)


def test_everybody_has_their_own(doctor: Person, sign_in: SignIn, write: Write, amoxicillin: dict[str, Any]) -> None:
    write(amoxicillin_line(amoxicillin), by=sign_in("doctor2"))
    assert favourites(doctor) == []
    assert len(favourites(sign_in("doctor2"))) == 1


def test_what_was_taken_back_or_is_no_longer_here_is_not_offered(
    doctor: Person, pharmacist: Person, write: Write, enter: Enter
) -> None:
    withdrawn, removed, mistaken, retired, kept = (enter(name) for name in ("aa", "bb", "cc", "dd", "ee"))
    doctor.delete(write(amoxicillin_line(withdrawn))["place"], "wrong patient")
    taken_off = write(amoxicillin_line(removed), amoxicillin_line(kept))
    line = next(line for line in taken_off["lines"] if line["drug_id"] == removed["id"])
    doctor.delete(f"{taken_off['place']}/drugs/{line['id']}", "not needed")
    wrong = write(amoxicillin_line(mistaken))["place"]
    doctor.post(f"{wrong}/addenda", {"kind": "entered_in_error", "text": "another's"})
    write(amoxicillin_line(retired))
    pharmacist.delete(f"/drugs/{retired['id']}")
    assert [line["drug"]["generic_name"] for line in favourites(doctor)] == ["ee"]


@pytest.mark.parametrize(("days", "number"), [(179.9, 1), (180.1, 0)])
def test_they_are_learned_from_180_days(
    doctor: Person, write: Write, amoxicillin: dict[str, Any], time: Time, days: float, number: int
) -> None:
    write(amoxicillin_line(amoxicillin))
    time.passes(days=days)
    assert len(favourites(doctor)) == number


def test_there_are_at_most_eight_and_they_are_one_query(
    doctor: Person, write: Write, enter: Enter, queries: list[str]
) -> None:
    drugs = [enter(f"drug{number}") for number in range(9)]
    write(*map(amoxicillin_line, drugs))
    write(*map(amoxicillin_line, drugs[3:5]))
    doctor.get("/auth/me")
    queries.clear()
    found = favourites(doctor)
    assert len([query for query in queries if "sign_ins" not in query]) == 1
    assert [line["used"] for line in found] == [2, 2, 1, 1, 1, 1, 1, 1]
    assert {line["drug_id"] for line in found[:2]} == {drug["id"] for drug in drugs[3:5]}


@pytest.mark.parametrize(("role", "status"), [(Role.NURSE, 403), (Role.PHARMACIST, 403)])
def test_favourites_are_for_who_prescribes(sign_in: SignIn, role: Role, status: int) -> None:
    assert sign_in(role).get("/favourites").status_code == status
