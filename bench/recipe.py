"""What our requests ask the database, taken down, so that the bare views ask the very same."""

from __future__ import annotations

import json
import pickle
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from hmis.core.columns import new_id
from hmis.staff.passwords import DEMO_PASSWORD

SEARCHED = "ade"
MEASURED = {
    "pulse_per_min": 84,
    "respirations_per_min": 16,
    "systolic_mmhg": 122,
    "diastolic_mmhg": 78,
    "temperature_celsius": 36.8,
    "spo2_percent": 98,
    "oxygen": False,
    "consciousness": "A",
}
API = "/api/v1"

Values = list[Any] | dict[str, Any]
"""Of one row: by place with SQLite's driver, by name with MariaDB's."""


@dataclass(frozen=True)
class Asked:
    """One kind of request: how it is sent, with `{patient}` in its path, and the statements it runs."""

    name: str
    method: str
    path: str
    body: bytes
    patient: bytes
    """Key of the patient it was taken down with."""
    statements: tuple[tuple[str, Values], ...]
    made: tuple[bytes, ...]
    """Keys that were made new, to be made new again each time."""

    def values(self, patient: bytes) -> Iterator[tuple[str, Values]]:
        """The statements with their values, for this patient and with new keys."""
        swap = {self.patient: patient} | {key: new_id().bytes for key in self.made}

        def now(value: Any) -> Any:
            return swap.get(value, value) if isinstance(value, bytes) else value

        for statement, values in self.statements:
            if isinstance(values, dict):
                yield statement, {name: now(value) for name, value in values.items()}
            else:
                yield statement, [now(value) for value in values]


class SignedIn:
    """Somebody of the demo hospital at a browser, and what it sends with each request."""

    def __init__(self, app: Flask, username: str = "nurse") -> None:
        self.client: FlaskClient = app.test_client()
        token = self.client.get("/auth/getcsrf").get_json()["csrf_token"]
        answer = self.client.post(
            "/auth/login", json={"username": username, "password": DEMO_PASSWORD}, headers={"X-CSRFToken": token}
        )
        self.csrf: str = answer.get_json()["csrf_token"]
        cookie = self.client.get_cookie("hmis_session")
        assert cookie is not None, answer.text
        self.cookie = f"hmis_session={cookie.value}"

    def send(self, method: str, path: str, body: bytes = b"") -> Any:
        """One request through the application, without a server."""
        headers = {"X-CSRFToken": self.csrf}
        kind = "application/json" if body else None
        answer = self.client.open(path, method=method, data=body, content_type=kind, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.get_json()


def taken_down(app: Flask, engine: Engine, nurse: SignedIn) -> tuple[list[Asked], list[str]]:
    """The four requests that are measured, and the patients they are asked of."""
    patients = [p["id"] for p in nurse.send("GET", f"{API}/patients?limit=50")["items"]]
    one = uuid.UUID(patients[0]).bytes
    body = json.dumps(MEASURED).encode()
    asked = []
    for name, method, path, sent in (
        ("one patient", "GET", f"{API}/patients/{{patient}}", b""),
        ("list of 50", "GET", f"{API}/patients?limit=50", b""),
        ("search by name", "GET", f"{API}/patients?q={SEARCHED}", b""),
        ("vitals, POST", "POST", f"{API}/patients/{{patient}}/vitals", body),
    ):
        nurse.send("GET", f"{API}/patients/{patients[0]}")  # so that the session is remembered
        with heard(engine) as statements:
            nurse.send(method, path.format(patient=patients[0]), sent)
        asked.append(Asked(name, method, path, sent, one, tuple(statements), _keys(statements)))
    return asked, patients


@contextmanager
def heard(engine: Engine) -> Iterator[list[tuple[str, Values]]]:
    """The statements that reach the database meanwhile."""
    heard: list[tuple[str, Values]] = []

    def listen(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if not statement.startswith("BEGIN"):
            heard.append((statement, _kept(values[0] if many else values)))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def _kept(values: Any) -> Values:
    def plain(value: Any) -> Any:
        return bytes(value) if isinstance(value, memoryview) else value

    if isinstance(values, dict):
        return {name: plain(value) for name, value in values.items()}
    return [plain(value) for value in values]


def _keys(statements: list[tuple[str, Values]]) -> tuple[bytes, ...]:
    """The primary keys of the rows that were inserted."""
    return tuple(key_of(statement, values) for statement, values in statements if statement.startswith("INSERT"))


def key_of(statement: str, values: Any) -> bytes:
    """The primary key of a row that a statement inserts: each of ours names `id` among its columns."""
    if isinstance(values, dict):
        return bytes(values["id"])
    columns = statement[statement.index("(") + 1 : statement.index(")")].split(", ")
    return bytes(values[columns.index("id")])


def keep(file: Path, asked: list[Asked]) -> None:
    """Leave the statements where the bare server finds them."""
    file.write_bytes(pickle.dumps(asked))


def kept(file: Path) -> list[Asked]:
    """What `keep` left."""
    found: list[Asked] = pickle.loads(file.read_bytes())
    return found
