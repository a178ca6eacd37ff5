"""Checking in: tickets, the hospital's day, and who is not checked in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from hmis.core.config import Settings
from tests.conftest import Person, Time, some_id

Register = Callable[..., dict[str, Any]]
CLINIC = "General outpatients"


def check_in(officer: Person, patient: dict[str, Any], clinic: str = CLINIC, **more: Any) -> Any:
    return officer.post(f"/patients/{patient['id']}/visits", {"clinic": clinic, **more})


def test_who_comes_gets_the_next_ticket_of_the_clinic(recordofficer: Person, register: Register) -> None:
    tickets = [check_in(recordofficer, register()).json["ticket"] for _ in range(3)]
    elsewhere = check_in(recordofficer, register(), "Antenatal").json["ticket"]
    assert (tickets, elsewhere) == ([1, 2, 3], 1)


def test_a_visit_says_who_where_and_since_when(recordofficer: Person, patient: dict[str, Any], time: Time) -> None:
    answer = check_in(recordofficer, patient, reason="  Fever for three days ")
    assert answer.status_code == 201
    visit = answer.json
    assert visit["patient"] == {
        "id": patient["id"],
        "hospital_number": patient["hospital_number"],
        "name": patient["name"],
        "given_name": patient["given_name"],
        "family_name": patient["family_name"],
        "other_names": patient["other_names"],
        "sex": "female",
        "age": patient["age"],
    }
    assert (visit["state"], visit["reason"], visit["waiting_minutes"]) == ("arrived", "Fever for three days", 0)
    assert recordofficer.get(answer.headers["Location"]).json == visit


def test_the_hospital_number_does_as_well_as_the_id(recordofficer: Person, patient: dict[str, Any]) -> None:
    number = patient["hospital_number"]
    assert recordofficer.post(f"/patients/{number}/visits", {"clinic": CLINIC}).status_code == 201
    assert len(recordofficer.get(f"/patients/{number}/visits").json["items"]) == 1


def test_a_clinic_is_the_same_however_many_spaces_are_typed(recordofficer: Person, register: Register) -> None:
    check_in(recordofficer, register())
    second = check_in(recordofficer, register(), "  General   outpatients ")
    assert (second.json["clinic"], second.json["ticket"]) == (CLINIC, 2)


@pytest.mark.parametrize(
    "body",
    [{}, {"clinic": ""}, {"clinic": "x" * 81}, {"clinic": CLINIC, "ticket": 7}, {"clinic": CLINIC, "reason": "a\x00b"}],
)
def test_a_check_in_needs_a_clinic_and_nothing_unknown(
    recordofficer: Person, patient: dict[str, Any], body: dict[str, Any]
) -> None:
    answer = recordofficer.post(f"/patients/{patient['id']}/visits", body)
    assert (answer.status_code, answer.json["code"]) == (422, "Invalid")


def test_nobody_waits_twice_in_one_clinic(recordofficer: Person, patient: dict[str, Any], register: Register) -> None:
    first = check_in(recordofficer, patient).json
    again = check_in(recordofficer, patient)
    assert (again.status_code, again.json["code"], again.json["ticket"]) == (409, "Conflict", first["ticket"])
    assert f"ticket {first['ticket']}" in again.json["detail"]
    assert check_in(recordofficer, patient, "Eye").status_code == 201
    assert check_in(recordofficer, register()).json["ticket"] == first["ticket"] + 1, "a refusal uses no ticket up"
    recordofficer.post(f"/visits/{first['id']}/move", {"to": "done"})
    assert check_in(recordofficer, patient).status_code == 201


def test_the_dead_and_those_set_aside_are_not_checked_in(recordofficer: Person, register: Register, time: Time) -> None:
    dead, twice = register(), register()
    recordofficer.put(f"/patients/{dead['id']}", {"deceased_at": time.now.isoformat()})
    recordofficer.delete(f"/patients/{twice['id']}")
    answer = check_in(recordofficer, dead)
    assert (answer.status_code, "dead" in answer.json["detail"]) == (409, True)
    assert check_in(recordofficer, twice).status_code == 404


def test_an_unknown_patient_is_not_found(recordofficer: Person) -> None:
    assert check_in(recordofficer, {"id": some_id()}).status_code == 404


@pytest.mark.parametrize(
    ("instant", "held_on"),
    [
        (datetime(2026, 3, 31, 22, 59, tzinfo=UTC), "2026-03-31"),
        (datetime(2026, 3, 31, 23, 0, tzinfo=UTC), "2026-04-01"),
        (datetime(2026, 4, 1, 0, 30, tzinfo=UTC), "2026-04-01"),
    ],
)
def test_the_day_turns_at_midnight_in_lagos(app: Flask, instant: datetime, held_on: str) -> None:
    with time_machine.travel(instant, tick=False):
        officer = Person(app, "recordofficer")
        patient = officer.post(
            "/patients", {"given_name": "Ngozi", "family_name": "Eze", "sex": "female", "age_years": 30}
        ).json
        assert check_in(officer, patient).json["held_on"] == held_on
        assert [visit["held_on"] for visit in officer.get("/visits").json["items"]] == [held_on]


def test_tickets_begin_again_the_next_day(recordofficer: Person, register: Register, time: Time) -> None:
    check_in(recordofficer, register())
    check_in(recordofficer, register())
    time.passes(hours=24)
    assert check_in(recordofficer, register()).json["ticket"] == 1


@pytest.mark.parametrize("name", ["Lagos", "../etc/passwd", "", "Africa"])
def test_a_time_zone_that_is_none_is_refused_at_the_start(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Settings(time_zone=name)


@pytest.mark.parametrize(("who", "status"), [("doctor", 403), ("nurse", 403), ("pharmacist", 403), ("admin", 403)])
def test_record_officers_alone_check_in(
    sign_in: Callable[[str], Person], patient: dict[str, Any], who: str, status: int
) -> None:
    assert check_in(sign_in(who), patient).status_code == status


def test_a_check_in_is_told_in_the_audit(
    recordofficer: Person, admin: Person, patient: dict[str, Any], store: Any
) -> None:
    visit = check_in(recordofficer, patient).json
    with store.session(writes=False) as session:
        told = session.connection().exec_driver_sql(
            "SELECT act, actor_number FROM audit_events WHERE record_type = 'visits'"
        )
        assert [tuple(row) for row in told] == [("create", recordofficer.user["staff_number"])]
    assert visit["version"] == 1


def test_a_check_in_is_four_statements_in_one_commit(
    recordofficer: Person, register: Register, queries: list[str]
) -> None:
    check_in(recordofficer, register())
    patient = register()
    queries.clear()
    check_in(recordofficer, patient)
    assert len([q for q in queries if "sign_ins" not in q]) == 4, queries


def test_sixteen_windows_give_sixteen_tickets(app: Flask, register: Register) -> None:
    crowd = [register() for _ in range(32)]
    windows = [Person(app, "recordofficer") for _ in range(16)]

    def queue(place: int) -> list[int]:
        return [check_in(windows[place], patient).json["ticket"] for patient in crowd[place::16]]

    with ThreadPoolExecutor(16) as threads:
        tickets = [ticket for got in threads.map(queue, range(16)) for ticket in got]
    assert sorted(tickets) == list(range(1, 33))


def test_two_windows_do_not_check_the_same_patient_in_twice(app: Flask, patient: dict[str, Any]) -> None:
    windows = [Person(app, "recordofficer") for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda window: check_in(window, patient).status_code, windows))
    assert sorted(answers) == [201] + [409] * 7
