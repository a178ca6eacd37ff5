"""The log: a JSON object a line, by which a failure is found, and nothing in it that somebody typed."""

from __future__ import annotations

import io
import json
import logging
import warnings
from typing import Any

import pytest
from gunicorn.config import Config
from sqlalchemy.exc import DBAPIError

from hmis.app import create_app
from hmis.core.store import Store
from hmis.core.watch.logs import GunicornLog, told
from hmis.core.watch.statements import fingerprint
from tests.conftest import Person

CANARY = "Zyxomma"


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_told_by_its_route_its_person_and_its_time(
    log: io.StringIO, doctor: Person, patient: dict[str, Any]
) -> None:
    answer = doctor.get(f"/patients/{patient['id']}", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"]
    line = lines(log)[-1]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["event"], line["method"], line["status"]) == ("request", "GET", 200)
    assert line["route"] == "/api/v1/patients/<patient:patient>"
    assert line["staff"] == "DOC0001"
    assert 0 < line["ms"] < 10_000


def test_no_refusal_tells_what_it_refused(log: io.StringIO, recordofficer: Person, patient: dict[str, Any]) -> None:
    refused = [
        recordofficer.post("/patients", {"given_name": CANARY, "family_name": [CANARY], "born_on": CANARY}),
        recordofficer.get("/patients", q=CANARY, colour=CANARY),
        recordofficer.get(f"/patients/{CANARY}"),
        recordofficer.get(f"/{CANARY}"),
        recordofficer.send(CANARY.upper(), "/patients"),
        recordofficer.put(f"/patients/{patient['id']}", {"given_name": CANARY * 200}, if_match=CANARY),
        recordofficer.post("/patients", {CANARY: CANARY}, key=CANARY),
        recordofficer.client.post("/auth/login", json={"username": CANARY, "password": CANARY}),
    ]
    assert {answer.status_code // 100 for answer in refused} == {4}
    assert len(lines(log)) >= len(refused)
    assert CANARY.lower() not in log.getvalue().lower()


@pytest.mark.parametrize("broken", ["patients", "audit_events"])
def test_a_broken_database_tells_the_statement_and_no_value(
    log: io.StringIO, store: Store, recordofficer: Person, broken: str
) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"/* */ SELECT count(*) FROM {broken}")
    raw = store.engine.raw_connection()
    try:
        raw.cursor().execute(f"ALTER TABLE {broken} RENAME TO elsewhere")
        raw.commit()
        answer = recordofficer.post(
            "/patients", {"given_name": CANARY, "family_name": CANARY, "sex": "female", "born_on": "1990-01-02"}
        )
        assert answer.status_code in (500, 503)
    finally:
        raw.cursor().execute(f"ALTER TABLE elsewhere RENAME TO {broken}")
        raw.commit()
        raw.close()
    [line] = [line for line in lines(log) if "traceback" in line]
    assert line["request_id"] == answer.json["request_id"]  # type: ignore[index]
    assert "service.py" in line["traceback"]
    assert broken in line["traceback"].splitlines()[-1]
    assert CANARY.lower() not in log.getvalue().lower()


def test_an_unexpected_failure_leaves_its_traceback_and_the_person_its_number(log: io.StringIO, store: Store) -> None:
    app = create_app(store=store)

    def stumbles() -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise KeyError(CANARY) from error

    app.add_url_rule("/stumbles", "stumbles", stumbles)
    answer = app.test_client().get("/stumbles")
    assert answer.status_code == 500
    [line] = [line for line in lines(log) if line["event"] == "unexpected_failure"]
    assert line["request_id"] == answer.json["request_id"] == answer.headers["X-Request-ID"]  # type: ignore[index]
    assert line["traceback"].splitlines()[-1] == "KeyError"
    assert "ValueError" in line["traceback"]
    assert "in stumbles" in line["traceback"]
    assert CANARY not in log.getvalue()
    assert CANARY not in answer.text


def test_a_failure_after_the_answer_was_made_is_told_alike(log: io.StringIO, store: Store) -> None:
    app = create_app(store=store)

    @app.after_request
    def stumbles(response: Any) -> Any:
        raise TypeError("no such number of arguments")

    app.test_client().get(f"/app/{CANARY}?{CANARY}")
    first = next(line for line in lines(log) if "traceback" in line)
    assert first["traceback"].endswith("TypeError: no such number of arguments")
    assert CANARY not in log.getvalue()


def test_gunicorn_tells_in_our_form_and_of_no_address(log: io.StringIO) -> None:
    gunicorn = GunicornLog(Config())
    gunicorn.info("Booting worker with pid: %s", 4711)
    gunicorn.error("Worker (pid:%s) was sent SIGKILL", 4712)
    gunicorn.warning(f"Invalid request from ip=127.0.0.1: Invalid HTTP request line: 'GET /?q={CANARY}'")
    try:
        raise ConnectionResetError(104, "Connection reset by peer")
    except OSError as error:
        gunicorn.exception("Error handling request %s %s", "GET", f"/api/v1/patients?q={CANARY}")
        gunicorn.exception(error)
    found = lines(log)
    assert found[0]["event"] == "Booting worker with pid: 4711"
    assert found[1]["values"] == [4712]
    assert found[3]["traceback"].endswith("ConnectionResetError [104] Connection reset by peer")
    assert CANARY not in log.getvalue()


def test_a_warning_tells_where_and_of_what_kind(log: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"expected a number, not {CANARY}", UserWarning, stacklevel=1)
    assert lines(log)[-1]["event"].endswith("UserWarning")
    assert "test_log_lines.py" in log.getvalue()
    assert CANARY not in log.getvalue()


def test_a_value_that_clashes_is_not_told(store: Store) -> None:
    with store.engine.connect() as connection, pytest.raises(DBAPIError) as clash:
        connection.exec_driver_sql(f"SELECT '{CANARY}' FROM nowhere WHERE id IN (1, 2, 3)")
    text = told(clash.value)
    assert text.splitlines()[-1].endswith("in SELECT ? FROM nowhere WHERE id IN (?, ...)")
    assert CANARY not in text


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT t1.id FROM t1 WHERE name = 'O''Neil' LIMIT 10", "SELECT t1.id FROM t1 WHERE name = ? LIMIT ?"),
        ("UPDATE a SET b=%(b)s, c=:c\n WHERE d IN (?, ?, ?)", "UPDATE a SET b=?, c=? WHERE d IN (?, ...)"),
        ("INSERT INTO a (x, y) VALUES (?, ?), (?, ?)", "INSERT INTO a (x, y) VALUES (?, ...), (?, ...)"),
    ],
)
def test_statements_that_are_alike_look_alike(statement: str, shown: str) -> None:
    assert fingerprint(statement) == shown
