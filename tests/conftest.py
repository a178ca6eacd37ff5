"""The hospital in which tests happen.

Real HTTP through the whole application, a real database, nothing of our own mocked. On SQLite always; on MariaDB
when `HMIS_TEST_DATABASE_URL` names a server (each test process takes a database of its own there).
"""

from __future__ import annotations

import io
import itertools
import json
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import time_machine
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import event, make_url, text
from werkzeug.test import TestResponse

from hmis.app import create_app
from hmis.core import migrate
from hmis.core.access import Actor, Role
from hmis.core.config import Settings
from hmis.core.db import lawful, open_engine
from hmis.core.http import Edge
from hmis.core.store import Store
from hmis.core.tongue import FRENCH
from hmis.core.watch import logs
from hmis.staff import service as staff_service
from hmis.staff.models import Admin, Doctor, Nurse, Pharmacist, RecordOfficer, Staff
from hmis.tables import Row
from tests.statements import remember

PASSWORD = "correct-horse-9-battery"
SERVER = os.environ.get("HMIS_TEST_DATABASE_URL", "")
on_mariadb = pytest.mark.skipif(not SERVER, reason="needs MariaDB: set HMIS_TEST_DATABASE_URL")

PEOPLE: dict[str, type[Staff]] = {
    "admin": Admin,
    "doctor": Doctor,
    "doctor2": Doctor,
    "nurse": Nurse,
    "nurse2": Nurse,
    "pharmacist": Pharmacist,
    "pharmacist2": Pharmacist,
    "recordofficer": RecordOfficer,
}
_USERNAME = {Role.RECORD_OFFICER: "recordofficer"}


class Person:
    """Somebody at a computer: signed in, sending the CSRF token, signing in again when the session has ended."""

    def __init__(self, app: Flask, username: str) -> None:
        self.username = username
        self.client: FlaskClient = app.test_client()
        self.csrf = ""
        self.user: dict[str, Any] = {}
        self.sign_in()

    def sign_in(self) -> None:
        token = self.client.get("/auth/getcsrf").json["csrf_token"]  # type: ignore[index]
        answer = self.client.post(
            "/auth/login", json={"username": self.username, "password": PASSWORD}, headers={"X-CSRFToken": token}
        )
        assert answer.status_code == 200, answer.text
        self.csrf, self.user = answer.json["csrf_token"], answer.json["user"]  # type: ignore[index]

    @property
    def id(self) -> str:
        return str(self.user["id"])

    def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, if_match: Any = None, **more: Any
    ) -> TestResponse:
        """One request; `path` counts from /api/v1 unless it begins with /auth or /api."""
        headers = {"X-CSRFToken": self.csrf, **more.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        if if_match is not None:
            headers["If-Match"] = str(if_match)
        where = path if path.startswith(("/auth", "/api")) else f"/api/v1{path}"
        if body is not None:
            more["json"] = body
        answer = self.client.open(where, method=method, headers=headers, **more)
        if answer.status_code == 401 and not where.startswith("/auth"):
            self.sign_in()
            headers["X-CSRFToken"] = self.csrf
            answer = self.client.open(where, method=method, headers=headers, **more)
        return answer

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.send("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **how: Any) -> TestResponse:
        return self.send("POST", path, {} if body is None else body, **how)

    def put(self, path: str, body: Any, **how: Any) -> TestResponse:
        return self.send("PUT", path, body, **how)

    def delete(self, path: str, reason: str | None = None, **how: Any) -> TestResponse:
        return self.send("DELETE", path, query_string={"reason": reason} if reason else {}, **how)


class Time:
    """The hospital's clock, standing still until a test lets time pass."""

    def __init__(self, traveller: Any, start: datetime) -> None:
        self._traveller, self.now = traveller, start

    def passes(self, **much: float) -> None:
        self.now += timedelta(**much)
        self._traveller.move_to(self.now, tick=False)


@pytest.fixture
def time() -> Iterator[Time]:
    start = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    with time_machine.travel(start, tick=False) as traveller:
        yield Time(traveller, start)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Any:
    """An empty database with the schema in it: a file to copy, or a database to empty."""
    if SERVER:
        return _on_server(worker_id)
    file = tmp_path_factory.mktemp("blank") / "hmis.sqlite3"
    engine = open_engine(f"sqlite:///{file}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


def _on_server(worker_id: str) -> str:
    url = make_url(SERVER)
    name = f"{url.database or 'hmis_test'}_{worker_id}"
    server = open_engine(url.set(database="").render_as_string(hide_password=False))
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS `{name}`"))
        connection.execute(text(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))
    server.dispose()
    address = url.set(database=name).render_as_string(hide_password=False)
    migrate.prepare(address)
    return address


def _empty(address: str) -> None:
    engine = open_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        for table in Row.metadata.tables:
            connection.exec_driver_sql(f"DELETE FROM `{table}`")
        connection.exec_driver_sql("SET foreign_key_checks = 1")
    engine.dispose()


def _settings(blank: Any, folder: Path) -> Settings:
    if isinstance(blank, Path):
        shutil.copy(blank, folder / "hmis.sqlite3")
        address = f"sqlite:///{folder / 'hmis.sqlite3'}"
    else:
        _empty(blank)
        address = blank
    return Settings(data_dir=folder, database_url=address, password_memory_kib=8)


@dataclass(frozen=True)
class Staffed:
    """What a hospital with its people consists of, to be set up again for each test."""

    rows: dict[str, list[dict[str, Any]]]
    keys: Path


@pytest.fixture(scope="session")
def staffed(blank: Any, tmp_path_factory: pytest.TempPathFactory) -> Staffed:
    """One person of each role on the staff, two doctors, nurses and pharmacists: taken on once, at midnight."""
    settings = _settings(blank, tmp_path_factory.mktemp("staffed"))
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with time_machine.travel(midnight, tick=True):
        store = Store(settings)
        with store.session() as session:
            for username, kind in PEOPLE.items():
                person = staff_service.add(
                    session,
                    kind,
                    username=username,
                    given_name=username.title(),
                    family_name="Test",
                    sex="female",
                    email=f"{username}@hospital.example",
                )
                staff_service.set_password(session, person, PASSWORD)
            session.commit()
    with store.engine.connect() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for table in Row.metadata.sorted_tables
        }
    store.close()
    return Staffed(rows, settings.keys)


@pytest.fixture
def settings(blank: Any, tmp_path: Path) -> Settings:
    return _settings(blank, tmp_path)


@pytest.fixture
def store(settings: Settings, staffed: Staffed) -> Iterator[Store]:
    """The open store of a hospital with its people in it, and the keys with which their events were signed."""
    shutil.copytree(staffed.keys, settings.keys, dirs_exist_ok=True)
    store = remember(Store(settings))
    with store.engine.begin() as connection, lawful(connection):
        for table in Row.metadata.sorted_tables:
            if staffed.rows[table.name]:
                connection.execute(table.insert(), staffed.rows[table.name])
    yield store
    store.close()


_APPS: dict[str, Flask] = {}
_UNTRANSLATED: list[str] = []
"""What was refused in a test in words that `hmis/fr.json` does not have."""


def _listen(answer: Response) -> Response:
    if answer.mimetype == "application/problem+json" and answer.headers["Content-Language"] == "en":
        problem = json.loads(answer.get_data())
        _UNTRANSLATED.extend(FRENCH.strange(problem["detail"], problem["fields"]))
    return answer


def _made(store: Store) -> Flask:
    app = create_app(store=store)
    app.after_request(_listen)
    return app


@pytest.fixture
def app(store: Store) -> Iterator[Flask]:
    """The application, over this test's store; made once for each kind of settings, for making it takes long.

    Whatever it refuses in a test, it can say in French too.
    """
    kind = store.settings.model_dump_json(exclude={"data_dir", "database_url"})
    app = _APPS.get(kind) or _APPS.setdefault(kind, _made(store))
    edge: Edge = app.extensions["hmis"]
    edge.store, edge.anonymous_refusals = store, 0
    _UNTRANSLATED.clear()
    yield app
    assert not _UNTRANSLATED, f"not in hmis/fr.json: {_UNTRANSLATED}"


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Role | str], Person]:
    """Sign somebody in, by role or by username (`doctor2`); the same person stays at the same computer."""
    there: dict[str, Person] = {}

    def sign(who: Role | str) -> Person:
        username = _USERNAME.get(who, who.value) if isinstance(who, Role) else who
        if username not in there:
            there[username] = Person(app, username)
        return there[username]

    return sign


@pytest.fixture
def doctor(sign_in: Callable[[str], Person]) -> Person:
    return sign_in("doctor")


@pytest.fixture
def nurse(sign_in: Callable[[str], Person]) -> Person:
    return sign_in("nurse")


@pytest.fixture
def pharmacist(sign_in: Callable[[str], Person]) -> Person:
    return sign_in("pharmacist")


@pytest.fixture
def recordofficer(sign_in: Callable[[str], Person]) -> Person:
    return sign_in("recordofficer")


@pytest.fixture
def admin(sign_in: Callable[[str], Person]) -> Person:
    return sign_in("admin")


def _log_plainly() -> None:
    """Tracebacks as Python prints them: structlog's own show every variable, and take seconds for each."""
    structlog.reset_defaults()
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


_log_plainly()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as the server writes it."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers, root.level
    logs.configure(stream)
    yield stream
    _log_plainly()
    logging.captureWarnings(False)
    root.handlers, root.level = before


_serial = itertools.count(1)


@pytest.fixture
def register(recordofficer: Person) -> Callable[..., dict[str, Any]]:
    """Register a patient at the window; the answer's body."""

    def go(**values: Any) -> dict[str, Any]:
        body = {
            "given_name": f"Adaeze{next(_serial)}",
            "family_name": "Chukwu",
            "sex": "female",
            "born_on": "1990-03-12",
            **values,
        }
        answer = recordofficer.post("/patients", {**body, "confirmed": True})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    return go


@pytest.fixture
def patient(register: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A woman of about thirty-six, registered today."""
    return register()


@pytest.fixture
def acting(store: Store) -> Callable[[str], Actor]:
    """The actor of a username, for what has no HTTP: services, the console, the law itself."""

    def as_(username: str) -> Actor:
        with store.session(writes=False) as session:
            person = session.fetch(Staff, Staff.username == username)
            return Actor(person.id, person.staff_number, person.name, person.role)

    return as_


@pytest.fixture
def queries(store: Store) -> Iterator[list[str]]:
    """The statements that reach the database, BEGIN and COMMIT aside."""

    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def some_id() -> str:
    """A well-formed id of nothing."""
    return str(uuid.uuid4())


OPENING = {"blank", "databases", "empty"}
"""The fixtures through which a test comes to the database of this run."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On MariaDB, leave out what the database has no part in: it ran on SQLite just before, and would be the same."""
    if not SERVER:
        return
    same = {item for item in items if item.get_closest_marker("once") or not _asks(item)}
    config.hook.pytest_deselected(items=[item for item in items if item in same])
    items[:] = [item for item in items if item not in same]


def _asks(item: pytest.Item) -> bool:
    return not OPENING.isdisjoint(getattr(item, "fixturenames", OPENING))
