"""The edge: what a request meets before and after its view, whatever department it is for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from hmis.core.audit import Act, AuditEvent
from hmis.core.store import Store
from hmis.vitals.models import VitalSign
from tests.conftest import PASSWORD, Person, on_mariadb, some_id

WELL = {"pulse_per_min": 80}


def vitals_of(patient: dict[str, Any]) -> str:
    return f"/patients/{patient['id']}/vitals"


def count(store: Store) -> int:
    with store.session(writes=False) as session:
        return session.scalar(select(func.count()).select_from(VitalSign)) or 0


def told(store: Store, act: Act) -> list[AuditEvent]:
    store.spool.move(store.writing)
    with store.session(writes=False) as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.act == act).order_by(AuditEvent.id)))


# --- nothing is acknowledged that is not stored ---


@pytest.mark.parametrize("times", [1, 1000])
def test_a_commit_that_fails_is_never_answered_as_done(
    nurse: Person, patient: dict[str, Any], store: Store, times: int
) -> None:
    """Once: with a key the client may send it again. Always: 503, and nothing is stored."""
    left = times

    def fail(connection: Any) -> None:
        nonlocal left
        if left:
            left -= 1
            raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(store.engine, "commit", fail)
    try:
        answer = nurse.post(vitals_of(patient), WELL, key="once")
    finally:
        event.remove(store.engine, "commit", fail)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json["code"] == "Unavailable"
    assert count(store) == 0
    assert nurse.post(vitals_of(patient), WELL, key="once").status_code == 201
    assert count(store) == 1


def test_a_commit_whose_answer_is_lost_is_found_again_by_its_key(
    nurse: Person, patient: dict[str, Any], store: Store
) -> None:
    class Gone(Exception):
        pass

    lost = [True]

    def drop(connection: Any) -> None:
        if lost.pop() if lost else False:
            connection.connection.dbapi_connection.commit()
            raise OperationalError("COMMIT", {}, Gone(2013, "Lost connection to server during query"))

    event.listen(store.engine, "commit", drop)
    try:
        answer = nurse.post(vitals_of(patient), WELL, key="lost-answer")
    finally:
        event.remove(store.engine, "commit", drop)
    assert answer.status_code in (201, 503)
    again = nurse.post(vitals_of(patient), WELL, key="lost-answer")
    assert again.status_code == 201
    assert count(store) == 1


def test_a_deadlock_is_no_affair_of_the_nurses(nurse: Person, patient: dict[str, Any], store: Store) -> None:
    deadlocks = [1, 2, 3]

    def deadlock(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO vital_signs") and deadlocks:
            deadlocks.pop()
            raise OperationalError(statement, {}, Exception(1213, "Deadlock found"))

    event.listen(store.engine, "before_cursor_execute", deadlock)
    try:
        answer = nurse.post(vitals_of(patient), WELL)
    finally:
        event.remove(store.engine, "before_cursor_execute", deadlock)
    assert answer.status_code == 201
    assert count(store) == 1
    assert len([e for e in told(store, Act.CREATE) if e.record_type == "vital_signs"]) == 1


def test_a_key_used_by_sixteen_at_once_makes_one_record(app: Flask, patient: dict[str, Any], store: Store) -> None:
    people = [Person(app, "nurse") for _ in range(16)]
    answers: list[Any] = []
    together = threading.Barrier(len(people))

    def send(person: Person) -> None:
        together.wait()
        answers.append(person.post(vitals_of(patient), WELL, key="same"))

    threads = [threading.Thread(target=send, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert count(store) == 1


def test_a_key_is_its_owners_alone(nurse: Person, sign_in: Callable[[str], Person], patient: dict[str, Any]) -> None:
    first = nurse.post(vitals_of(patient), WELL, key="k").json
    second = sign_in("nurse2").post(vitals_of(patient), WELL, key="k").json
    assert first["id"] != second["id"]


def test_only_what_succeeded_is_kept_under_a_key(nurse: Person, patient: dict[str, Any]) -> None:
    assert nurse.post(vitals_of(patient), {"pulse_per_min": -1}, key="k").status_code == 422
    assert nurse.post(vitals_of(patient), WELL, key="k").status_code == 201


def test_writers_who_read_first_lose_no_update(app: Flask, patient: dict[str, Any], nurse: Person) -> None:
    """Two terminals of one nurse correct different fields of one record, many times, at once."""
    made = nurse.post(vitals_of(patient), {"pulse_per_min": 60, "spo2_percent": 90}).json
    where = f"{vitals_of(patient)}/{made['id']}"
    statuses: list[int] = []

    def correct(person: Person, field: str, start: int) -> None:
        statuses.extend(person.put(where, {field: start + n}).status_code for n in range(8))

    people = [(Person(app, "nurse"), field, start) for field, start in (("pulse_per_min", 60), ("spo2_percent", 90))]
    threads = [threading.Thread(target=correct, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = nurse.get(where).json
    assert set(statuses) == {200}
    assert (after["pulse_per_min"], after["spo2_percent"]) == (67, 97)
    assert after["version"] >= 15


@on_mariadb
def test_a_thousand_registrations_at_once_get_a_thousand_numbers(app: Flask) -> None:
    numbers: list[str] = []

    def register(person: Person, start: int) -> None:
        for n in range(start, start + 63):
            body = {"given_name": f"Ada{n}", "family_name": "Obi", "sex": "female", "confirmed": True}
            answer = person.post("/patients", body)
            assert answer.status_code == 201, answer.text
            numbers.append(answer.json["hospital_number"])

    threads = [
        threading.Thread(target=register, args=(Person(app, "recordofficer"), start * 63)) for start in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == len(set(numbers)) == 1008


# --- who reads is told, or nothing is read ---


def test_every_opened_chart_is_told(doctor: Person, patient: dict[str, Any], store: Store) -> None:
    doctor.get(f"/patients/{patient['hospital_number']}")
    doctor.get(vitals_of(patient))
    doctor.get("/patients", q="adaeze")
    readings = told(store, Act.READ)
    assert [(str(r.patient_id), r.record_type) for r in readings] == [
        (patient["id"], "/api/v1/patients/<patient:patient>"),
        (patient["id"], "/api/v1/patients/<patient:patient>/vitals"),
    ]
    assert all(r.actor_number == doctor.user["staff_number"] for r in readings)
    assert [s.record_type for s in told(store, Act.SEARCH)] == ["/api/v1/patients"]
    assert "adaeze" not in str([vars(s) for s in told(store, Act.SEARCH)])


def test_reading_writes_nothing_to_the_database(doctor: Person, patient: dict[str, Any], queries: list[str]) -> None:
    doctor.get("/auth/me")
    queries.clear()
    doctor.get(f"/patients/{patient['id']}")
    assert [q for q in queries if not q.startswith("SELECT")] == []


def test_where_the_reading_cannot_be_recorded_nothing_is_shown(
    doctor: Person, patient: dict[str, Any], store: Store
) -> None:
    folder = store.spool.folder
    if folder.exists():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    folder.write_text("a file where the folder should be")
    answer = doctor.get(f"/patients/{patient['id']}")
    assert answer.status_code == 503
    assert patient["given_name"] not in answer.text
    folder.unlink()
    assert doctor.get(f"/patients/{patient['id']}").status_code == 200


def test_refusals_are_told_with_who_and_whose_chart(
    sign_in: Callable[[str], Person], patient: dict[str, Any], store: Store
) -> None:
    sign_in("recordofficer").get(vitals_of(patient))
    sign_in("nurse").get(f"{vitals_of(patient)}/{some_id()}")
    outcomes = [(e.actor_role, e.outcome, str(e.patient_id)) for e in told(store, Act.REFUSE)]
    assert outcomes == [
        ("record_officer", "NotPermitted", patient["id"]),
        ("nurse", "NotFound", patient["id"]),
    ]


# --- what is sent ---


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b'{"pulse_per_min": NaN}',
        b'{"pulse_per_min": 1e999}',
        b'{"pulse_per_min": 80, "pulse_per_min": 90}',
        b'{"pulse_per_min": 2755863305703276790381268697088}',
        b'{"oxygen_device": "\\u0000"}',
        b'{"oxygen_device": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
    ],
)
def test_a_broken_body_is_told_as_such(nurse: Person, patient: dict[str, Any], store: Store, body: bytes) -> None:
    answer = nurse.send("POST", vitals_of(patient), data=body, content_type="application/json")
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    assert count(store) == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_only_json_is_taken(nurse: Person, patient: dict[str, Any], kind: str | None) -> None:
    answer = nurse.send("POST", vitals_of(patient), data=b'{"pulse_per_min": 80}', content_type=kind)
    assert answer.status_code == 422


def test_a_body_of_two_megabytes_is_too_large(nurse: Person, patient: dict[str, Any]) -> None:
    answer = nurse.send(
        "POST", vitals_of(patient), data=b'{"x": "' + b"a" * 2_000_000 + b'"}', content_type="application/json"
    )
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


@pytest.mark.parametrize("sent", ["abc", '"x"', "1.5", "-1"])
def test_an_if_match_that_is_no_version_is_told_as_such(nurse: Person, patient: dict[str, Any], sent: str) -> None:
    made = nurse.post(vitals_of(patient), WELL).json
    assert nurse.put(f"{vitals_of(patient)}/{made['id']}", WELL, if_match=sent).status_code == 422


def test_the_same_question_twice_in_the_address_is_refused(nurse: Person) -> None:
    assert nurse.send("GET", "/patients?limit=1&limit=2").status_code == 422


# --- where it comes from ---


def test_a_write_without_the_token_or_from_another_site_is_refused(
    nurse: Person, patient: dict[str, Any], store: Store
) -> None:
    where = f"/api/v1{vitals_of(patient)}"
    for headers in (
        {},
        {"X-CSRFToken": "forged"},
        {"X-CSRFToken": nurse.csrf, "Origin": "https://elsewhere.example"},
        {"X-CSRFToken": nurse.csrf, "Origin": "null"},
        {"X-CSRFToken": nurse.csrf, "Sec-Fetch-Site": "cross-site"},
    ):
        answer = nurse.client.post(where, json=WELL, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (403, "CsrfFailed"), headers
    assert count(store) == 0
    own = {"X-CSRFToken": nurse.csrf, "Origin": "http://localhost"}
    assert nurse.client.post(where, json=WELL, headers=own).status_code == 201


def test_no_other_site_may_read_an_answer(nurse: Person) -> None:
    answer = nurse.send("GET", "/patients", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_every_answer_carries_the_protecting_headers(app: Flask) -> None:
    for where in ("/api/v1/patients", "/nowhere", "/auth/getcsrf"):
        headers = app.test_client().get(where).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Request-ID"]


# --- what is said when something fails ---


def test_what_nobody_foresaw_is_one_line_with_a_request_id(
    nurse: Person, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any) -> None:
        raise RuntimeError("SELECT secret FROM sqlalchemy")

    monkeypatch.setattr("hmis.patients.routes.service.search", break_down)
    answer = nurse.get("/patients")
    assert answer.status_code == 500
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    for secret in ("Traceback", "SELECT", "sqlalchemy", "RuntimeError"):
        assert secret not in answer.text


def test_an_unknown_address_and_a_wrong_method_answer_in_our_own_form(nurse: Person) -> None:
    for method, where, status in (("GET", "/nothing", 404), ("PATCH", "/patients", 405), ("DELETE", "/patients", 405)):
        answer = nurse.send(method, where)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert answer.json["status"] == status


def test_nobody_signed_in_is_told_to_sign_in_before_anything_else(app: Flask, patient: dict[str, Any]) -> None:
    stranger = app.test_client()
    for method in ("GET", "POST"):
        answer = stranger.open(f"/api/v1{vitals_of(patient)}", method=method, data=b"{")
        assert (answer.status_code, answer.json["code"]) == (401, "NotSignedIn")
    assert app.extensions["hmis"].anonymous_refusals == 2


def test_charts_stay_readable_when_the_database_takes_no_writes(
    doctor: Person, patient: dict[str, Any], store: Store
) -> None:
    def refuse(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN", "PRAGMA", "SET", "ROLLBACK")) or "IMMEDIATE" in statement:
            raise OperationalError(statement, {}, Exception(1290, "running with --read-only"))

    event.listen(store.engine, "before_cursor_execute", refuse)
    try:
        assert doctor.get(f"/patients/{patient['id']}").status_code == 200
        assert doctor.post(vitals_of(patient), WELL).status_code == 503
        assert doctor.delete(f"/patients/{patient['id']}", "no").status_code == 403, "refusals go to the spool"
    finally:
        event.remove(store.engine, "before_cursor_execute", refuse)
    assert {e.outcome for e in told(store, Act.REFUSE)} == {"NotPermitted"}


def test_the_database_is_not_in_two_transactions_for_one_request(
    nurse: Person, patient: dict[str, Any], store: Store
) -> None:
    commits: list[int] = []
    event.listen(store.engine, "commit", lambda connection: commits.append(1))
    nurse.get("/auth/me")
    commits.clear()
    assert nurse.post(vitals_of(patient), WELL, key="one").status_code == 201
    assert len(commits) == 1


def test_the_password_of_these_tests_is_nowhere_in_the_database(store: Store, sign_in: Callable[[str], Person]) -> None:
    sign_in("nurse")
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT password_hash FROM staff")).scalars().all()
        versions = connection.execute(text("SELECT * FROM record_versions")).all()
    assert all(row.startswith("$argon2id$") for row in rows)
    assert PASSWORD not in str(rows)
    assert "argon2" not in str(versions)


def test_a_change_of_nothing_shows_a_chart_and_is_told_as_a_reading(
    recordofficer: Person, patient: dict[str, Any], store: Store
) -> None:
    assert recordofficer.put(f"/patients/{patient['id']}", {}).status_code == 200
    assert [str(event.patient_id) for event in told(store, Act.READ)] == [patient["id"]]


def test_an_answer_given_again_by_its_key_is_told_as_a_reading(
    nurse: Person, patient: dict[str, Any], store: Store
) -> None:
    """It shows the chart again, perhaps months of screens later: who saw it must be found."""
    made = nurse.post(f"/patients/{patient['hospital_number']}/vitals", WELL, key="again")
    assert told(store, Act.READ) == [], "what was written tells of itself"
    again = nurse.post(f"/patients/{patient['hospital_number']}/vitals", WELL, key="again")
    assert (again.headers["Idempotency-Replayed"], again.data) == ("true", made.data)
    [reading] = told(store, Act.READ)
    assert (str(reading.patient_id), reading.record_type) == (
        patient["id"],
        "/api/v1/patients/<patient:patient>/vitals",
    )
    assert reading.actor_number == nurse.user["staff_number"]


def test_a_registration_given_again_is_told_as_a_reading_of_that_patient(recordofficer: Person, store: Store) -> None:
    body = {"given_name": "Ngozi", "family_name": "Eze", "sex": "female", "age_years": 30}
    made = recordofficer.post("/patients", body, key="again").json
    assert recordofficer.post("/patients", body, key="again").json == made
    assert [str(event.patient_id) for event in told(store, Act.READ)] == [made["id"]]


def test_where_a_reading_by_key_cannot_be_recorded_nothing_is_shown(
    nurse: Person, patient: dict[str, Any], store: Store
) -> None:
    nurse.post(vitals_of(patient), WELL, key="again")
    store.spool.folder.write_text("a file where the folder should be")
    answer = nurse.post(vitals_of(patient), WELL, key="again")
    assert (answer.status_code, "pulse_per_min" in answer.text) == (503, False)
