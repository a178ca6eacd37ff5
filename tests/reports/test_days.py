"""What was done on each of the hospital's own days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings as sought
from hypothesis import strategies as st
from sqlalchemy import event

from hmis.core.access import Role
from hmis.core.config import Settings
from hmis.core.days import begins, offsets
from hmis.core.store import Store
from tests.conftest import Person, Time, on_mariadb

NOTHING = {"registrations": 0, "visits": 0, "consultations": 0, "vitals": 0, "prescriptions": 0, "dispenses": 0}


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """The hospital where a test says it stands; else in Lagos."""
    return settings.model_copy(update={"time_zone": getattr(request, "param", "Africa/Lagos")})


def told(person: Person, **query: Any) -> dict[str, Any]:
    answer = person.get("/stats/days", **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def done(person: Person, **query: Any) -> dict[str, dict[str, int]]:
    """Days on which something was done, and what."""
    days = {line["on"]: {name: n for name, n in line.items() if name != "on"} for line in told(person, **query)["days"]}
    return {on: {name: n for name, n in line.items() if n} for on, line in days.items() if line != NOTHING}


def until(time: Time, instant: str) -> None:
    time.passes(seconds=(datetime.fromisoformat(instant) - time.now).total_seconds())


def test_a_patients_day_is_counted_on_its_day(
    time: Time, doctor: Person, nurse: Person, pharmacist: Person, recordofficer: Person, register: Any, admin: Person
) -> None:
    here = f"/patients/{register()['id']}"
    recordofficer.post(f"{here}/visits", {"clinic": "General"})
    nurse.post(f"{here}/vitals", {"pulse_per_min": 80})
    nurse.post(f"{here}/vitals", {"pulse_per_min": 82})
    consultation = doctor.post(f"{here}/consultations", {"presenting_complaint": "Fever"}).json["id"]  # type: ignore[index]
    drug = pharmacist.post("/drugs", {"generic_name": "paracetamol", "form": "tablet"}).json["id"]  # type: ignore[index]
    line = {"drug_id": drug, "dose": 500, "dose_unit": "mg", "route": "oral", "frequency": "TDS", "duration_days": 5}
    prescription = f"{here}/consultations/{consultation}/prescription"
    written = doctor.post(prescription, {"drugs": [{**line, "quantity": 15, "confirmed": True}]}).json
    handed = {"lines": [{"line_id": written["lines"][0]["id"], "quantity": 15}]}  # type: ignore[index]
    assert pharmacist.post(f"{prescription}/dispenses", handed).status_code == 201
    today = time.now.date().isoformat()
    each = {"registrations": 1, "visits": 1, "consultations": 1, "vitals": 2, "prescriptions": 1, "dispenses": 1}
    assert done(admin) == {today: each}
    time.passes(days=1)
    assert done(admin) == {today: each}


def test_every_day_is_there_the_oldest_first(time: Time, nurse: Person) -> None:
    for many in (7, 30, 365):
        days = [line["on"] for line in told(nurse, days=many)["days"]]
        last = time.now.date()
        assert days == [(last - timedelta(days=n)).isoformat() for n in reversed(range(many))]
    assert len(told(nurse)["days"]) == 30


def test_a_day_drops_out_at_the_far_end(time: Time, nurse: Person, register: Callable[..., Any]) -> None:
    register()
    time.passes(days=6)
    assert len(done(nurse, days=7)) == 1
    time.passes(days=1)
    assert done(nurse, days=7) == {}
    assert len(done(nurse, days=8)) == 1


@pytest.mark.parametrize(
    ("settings", "at", "on"),
    [
        ("Africa/Lagos", "2026-05-03T22:59:59.999999+00:00", "2026-05-03"),
        ("Africa/Lagos", "2026-05-03T23:00:00+00:00", "2026-05-04"),
        ("Asia/Kathmandu", "2026-05-03T18:14:59+00:00", "2026-05-03"),
        ("Asia/Kathmandu", "2026-05-03T18:15:00+00:00", "2026-05-04"),
        ("America/New_York", "2026-03-08T04:59:59+00:00", "2026-03-07"),
        ("America/New_York", "2026-03-08T05:00:00+00:00", "2026-03-08"),
        ("America/New_York", "2026-03-09T03:59:59+00:00", "2026-03-08"),  # a day of 23 hours
        ("America/New_York", "2026-03-09T04:00:00+00:00", "2026-03-09"),
        ("Europe/Berlin", "2026-10-24T21:59:59+00:00", "2026-10-24"),
        ("Europe/Berlin", "2026-10-24T22:00:00+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T22:59:59+00:00", "2026-10-25"),  # a day of 25 hours
        ("Europe/Berlin", "2026-10-25T23:00:00+00:00", "2026-10-26"),
    ],
    indirect=["settings"],
)
def test_the_day_is_the_one_on_the_wall(
    time: Time, settings: Settings, nurse: Person, register: Callable[..., Any], at: str, on: str
) -> None:
    until(time, at)
    register()
    time.passes(days=20)  # so that a change of the clock may lie within the days
    answer = told(nurse, days=60)
    assert answer["time_zone"] == settings.time_zone
    assert [line["on"] for line in answer["days"] if line["registrations"]] == [on]


def test_clinics_are_told_the_busiest_first(
    time: Time, recordofficer: Person, nurse: Person, register: Callable[..., Any]
) -> None:
    for clinic in ("General", "Antenatal", "General", "Dental"):
        recordofficer.post(f"/patients/{register()['id']}/visits", {"clinic": clinic})
        time.passes(days=1)
    assert told(nurse)["clinics"] == [
        {"clinic": "General", "visits": 2},
        {"clinic": "Antenatal", "visits": 1},
        {"clinic": "Dental", "visits": 1},
    ]


def test_what_was_withdrawn_is_not_counted(time: Time, nurse: Person, patient: dict[str, Any]) -> None:
    vitals = f"/patients/{patient['id']}/vitals"
    wrong = nurse.post(vitals, {"pulse_per_min": 80}).json["id"]  # type: ignore[index]
    nurse.post(vitals, {"pulse_per_min": 90})
    nurse.delete(f"{vitals}/{wrong}", "wrong arm")
    assert done(nurse)[time.now.date().isoformat()]["vitals"] == 1


@pytest.mark.parametrize(("days", "status"), [(6, 422), (7, 200), (365, 200), (366, 422), ("x", 422)])
def test_a_week_to_a_year_may_be_asked_for(nurse: Person, days: Any, status: int) -> None:
    assert nurse.get("/stats/days", days=days).status_code == status


def test_everybody_signed_in_may_know_and_nobody_else(app: Flask, sign_in: Callable[[Role], Person]) -> None:
    assert app.test_client().get("/api/v1/stats/days").status_code == 401
    assert {sign_in(role).get("/stats/days").status_code for role in Role} == {200}


def test_it_takes_one_statement_and_says_nobodys_name(
    time: Time, nurse: Person, register: Callable[..., Any], queries: list[str]
) -> None:
    name = register()["given_name"]
    queries.clear()
    assert name not in nurse.get("/stats/days", days=365).text
    assert sum("count(" in statement for statement in queries) == 1


def test_on_sqlite_no_table_is_read_from_end_to_end(store: Store, nurse: Person) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's own words")
    steps = [line[3] for line in _plan(store, nurse, "EXPLAIN QUERY PLAN ")]
    assert sum(step.startswith("SEARCH") for step in steps) == 6, steps
    assert not [step for step in steps if step.startswith("SCAN")], steps


@on_mariadb
def test_on_mariadb_each_table_is_read_by_a_range(store: Store, nurse: Person) -> None:
    plan = _plan(store, nurse, "EXPLAIN ")
    ways = {line[2]: (line[3], line[5]) for line in plan if line[2] and not line[2].startswith("<")}
    written = {"patients", "consultations", "vital_signs", "prescriptions", "dispenses"}
    assert ways == {"visits": ("range", "ix_visits_day"), **dict.fromkeys(written, ("range", "PRIMARY"))}


def _plan(store: Store, person: Person, how: str) -> list[Any]:
    """How the database goes about the statement that counts."""
    from_engine: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if "count(" in statement:
            from_engine.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    person.get("/stats/days")
    event.remove(store.engine, "before_cursor_execute", note)
    [(statement, parameters)] = from_engine
    with store.engine.connect() as connection:
        return list(connection.exec_driver_sql(how + statement, parameters))


@sought(max_examples=200)
@given(
    st.sampled_from(["Africa/Lagos", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns"]),
    st.integers(0, 400 * 86_400),
)
def test_the_offset_found_is_the_clocks_at_every_second(name: str, after: int) -> None:
    zone = ZoneInfo(name)
    since = begins(date(2025, 6, 1), zone)
    instant = since + timedelta(seconds=after)
    found = [offset for begun, offset in offsets(zone, since, since + timedelta(days=401)) if begun <= instant]
    assert found[-1] == instant.astimezone(zone).utcoffset()
    assert instant.tzinfo is UTC
