"""How long a session lasts, who may end it, and how soon everybody notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hmis.app import create_app
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.staff import service, sessions
from hmis.staff.models import SignIn
from tests.conftest import PASSWORD, Person, Time, some_id
from tests.staff.test_sign_in import cookie_of, try_to_sign_in

MINUTE = 60
IDLE = 15 * MINUTE
ABSOLUTE = 12 * 60 * MINUTE


def at_another_computer(app: Flask, person: Person) -> FlaskClient:
    """The same session, elsewhere: what a stolen cookie is."""
    client = app.test_client()
    client.set_cookie("hmis_session", cookie_of(person.client))
    return client


@pytest.mark.parametrize(
    ("pauses", "status"),
    [
        pytest.param([IDLE - 1], 200, id="just within the idle time"),
        pytest.param([IDLE], 401, id="idle time over"),
        pytest.param([IDLE - 1, IDLE - 1], 200, id="prolonged by use"),
        pytest.param([IDLE - 1, IDLE], 401, id="prolonged, then idle"),
        pytest.param([10, IDLE - 1], 200, id="a use that was not written down counts here"),
        pytest.param([10 * MINUTE] * 71 + [10 * MINUTE - 1], 200, id="just within twelve hours"),
        pytest.param([10 * MINUTE] * 72, 401, id="twelve hours over, however busy"),
    ],
)
def test_a_session_ends_when_idle_and_after_twelve_hours(
    time: Time, doctor: Person, pauses: list[float], status: int
) -> None:
    for pause in pauses:
        time.passes(seconds=pause)
        last = doctor.get("/auth/me").status_code
    assert last == status


def test_what_pages_ask_by_themselves_does_not_keep_a_session_alive(time: Time, doctor: Person) -> None:
    for _ in range(14):
        time.passes(minutes=1)
        assert doctor.client.get("/auth/me", headers={"X-Background": "1"}).status_code == 200
        assert doctor.get("/auth/isauthenticated").json["isauthenticated"] is True
        assert doctor.get("/auth/getcsrf").status_code == 200
    time.passes(minutes=1)
    assert doctor.client.get("/auth/me", headers={"X-Background": "1"}).status_code == 401
    assert doctor.get("/auth/me").status_code == 401


def test_an_ended_session_stays_ended_when_the_clock_is_set_back(time: Time, app: Flask, doctor: Person) -> None:
    thief = at_another_computer(app, doctor)
    doctor.post("/auth/logout")
    time.passes(hours=-1)
    assert thief.get("/auth/me").status_code == 401


def deactivated(admin: Person, person: Person) -> None:
    assert admin.delete(f"/staffs/{person.id}").status_code == 204


def given_another_role(admin: Person, person: Person) -> None:
    assert admin.post(f"/staffs/{person.id}/role", {"role": "pharmacist"}).status_code == 200


def ended_by_the_administrator(admin: Person, person: Person) -> None:
    [session] = admin.get("/auth/sessions", staff=person.id).json["items"]
    assert admin.delete(f"/auth/sessions/{session['id']}").status_code == 204


@pytest.mark.parametrize("happens", [deactivated, given_another_role, ended_by_the_administrator])
def test_a_session_ends_at_once_when_somebody_is(
    admin: Person, doctor: Person, happens: Callable[[Person, Person], None]
) -> None:
    assert doctor.get("/auth/me").status_code == 200
    happens(admin, doctor)
    assert doctor.get("/auth/me").status_code == 401


def test_an_end_is_noticed_by_every_process_within_a_second(
    time: Time, settings: Settings, app: Flask, doctor: Person
) -> None:
    elsewhere = Store(settings)
    other = at_another_computer(create_app(store=elsewhere), doctor)
    assert other.get("/auth/me").status_code == 200
    doctor.post("/auth/logout")
    time.passes(seconds=1)
    assert other.get("/auth/me").status_code == 401
    elsewhere.close()


def test_who_is_signed_in_is_asked_once_a_second_at_most(time: Time, doctor: Person, queries: list[str]) -> None:
    doctor.get("/auth/isauthenticated")
    queries.clear()
    assert doctor.get("/auth/isauthenticated").json["isauthenticated"] is True
    assert queries == []
    time.passes(seconds=1)
    doctor.get("/auth/isauthenticated")
    assert len(queries) == 1


def test_use_is_written_down_every_half_minute_at_most(time: Time, doctor: Person, queries: list[str]) -> None:
    for _ in range(60):
        time.passes(seconds=1)
        doctor.get("/auth/me")
    assert sum(statement.startswith("UPDATE sign_ins") for statement in queries) == 2


@contextmanager
def refusing_to_note_use(settings: Settings) -> Iterator[None]:
    """The database, unable to write this one thing."""
    engine = open_engine(settings.url)
    says = (
        "FOR EACH ROW SIGNAL SQLSTATE '45000'" if engine.name != "sqlite" else "BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TRIGGER full_disk BEFORE UPDATE ON sign_ins {says}")
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER full_disk")
    engine.dispose()


def test_who_reads_goes_on_reading_while_the_database_takes_no_writes(
    time: Time, settings: Settings, doctor: Person
) -> None:
    with refusing_to_note_use(settings):
        for _ in range(4):
            time.passes(minutes=14)
            assert doctor.get("/auth/me").status_code == 200
        time.passes(minutes=15)
        assert doctor.get("/auth/me").status_code == 401


def test_one_sees_where_one_is_signed_in_and_ends_what_one_does_not_know(app: Flask, doctor: Person) -> None:
    laptop = app.test_client()
    try_to_sign_in(laptop, {"username": "doctor", "password": PASSWORD}, "10.0.0.9")
    items = doctor.get("/auth/sessions").json["items"]
    assert [(item["address"], item["current"]) for item in items] == [("10.0.0.9", False), ("127.0.0.1", True)]
    assert "token" not in str(items)
    assert doctor.delete(f"/auth/sessions/{items[0]['id']}").status_code == 204
    assert laptop.get("/auth/me").status_code == 401
    assert doctor.get("/auth/me").status_code == 200
    assert doctor.delete(f"/auth/sessions/{items[0]['id']}").status_code == 404


def test_nobody_sees_or_ends_a_colleagues_session(doctor: Person, nurse: Person) -> None:
    [theirs] = nurse.get("/auth/sessions").json["items"]
    assert doctor.get("/auth/sessions", staff=nurse.user["staff_number"]).status_code == 403
    assert doctor.delete(f"/auth/sessions/{theirs['id']}").status_code == 404
    assert doctor.delete(f"/auth/sessions/{some_id()}").status_code == 404
    assert nurse.get("/auth/me").status_code == 200


def test_me_says_who_where_and_until_when(time: Time, doctor: Person) -> None:
    me: dict[str, Any] = doctor.get("/auth/me").json
    assert {name: me[name] for name in doctor.user} == doctor.user
    assert (me["hospital_name"], me["idle_minutes"]) == ("Demo General Hospital", 15)
    assert me["session_ends_at"] == time.now.replace(hour=20).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_table_does_not_hold_what_the_cookie_holds(store: Store, app: Flask, doctor: Person) -> None:
    with doctor.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with store.session(writes=False) as session:
        row = session.scalars(select(SignIn)).one()
    assert len(token) >= 43  # 256 bits
    assert token.encode() not in row.token_hash
    assert sessions.who(store, token) is not None
    assert sessions.who(store, row.token_hash.hex()) is None


def test_old_sessions_are_forgotten_after_ninety_days(time: Time, store: Store, doctor: Person) -> None:
    for days, left in ((90, 1), (1, 0)):
        time.passes(days=days)
        with store.session() as session:
            service.purge(session)
            session.commit()
            assert len(session.scalars(select(SignIn)).all()) == left


def test_what_is_typed_on_ones_own_screen_is_never_stored_under_a_colleagues_name(
    nurse: Person, sign_in: Callable[[str], Person], patient: dict[str, Any]
) -> None:
    """The cookie of a browser is whoever's who signed in last; a screen says whose it is."""
    mine = {"X-Staff-ID": nurse.id}
    where = f"/patients/{patient['id']}/vitals"
    assert nurse.post(where, {"pulse_per_min": 77}, headers=mine).status_code == 201
    colleague = sign_in("nurse2")
    refused = colleague.post(where, {"pulse_per_min": 78}, headers=mine)
    assert (refused.status_code, refused.json["code"]) == (403, "SomebodyElse")  # type: ignore[index]
    assert colleague.get(f"/patients/{patient['id']}").status_code == 200, "who says nothing is who they are"
    assert colleague.send("GET", where, headers=mine).status_code == 403, "nor is anything shown"
    assert [one["pulse_per_min"] for one in nurse.get(where).json["items"]] == [77]  # type: ignore[index]
