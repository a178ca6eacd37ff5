"""Reading the audit: who did what, and who opened whose chart, without reading the chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from hmis.core.access import Role
from hmis.core.store import Store
from tests.conftest import Person, Time, some_id

Answer = dict[str, Any]


def _events(admin: Person, **query: Any) -> list[Answer]:
    answer = admin.get("/audit", **query)
    assert answer.status_code == 200, answer.text
    items: list[Answer] = answer.json["items"]  # type: ignore[index]
    return items


def _taken(nurse: Person, patient: Answer, **values: Any) -> Answer:
    answer = nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 80, **values})
    assert answer.status_code == 201, answer.text
    found: Answer = answer.json  # type: ignore[assignment]
    return found


def test_who_opened_a_chart_shows_at_once(admin: Person, doctor: Person, patient: Answer) -> None:
    doctor.get(f"/patients/{patient['hospital_number']}")
    opened = _events(admin, patient=patient["hospital_number"], act="read")
    assert [event["actor"] for event in opened] == [
        {"id": doctor.id, "number": doctor.user["staff_number"], "role": "doctor", "name": doctor.user["name"]}
    ]
    assert opened[0]["patient_number"] == patient["hospital_number"]
    assert opened[0]["patient_id"] == patient["id"]
    assert opened[0]["subject"] == "/api/v1/patients/<patient:patient>"
    assert opened[0]["outcome"] == "done"


def test_a_change_shows_the_names_of_its_fields_and_never_a_value(
    admin: Person, nurse: Person, patient: Answer
) -> None:
    vitals = _taken(nurse, patient, temperature_celsius=38.7)
    nurse.put(f"/patients/{patient['id']}/vitals/{vitals['id']}", {"temperature_celsius": 39.1})
    answer = admin.get("/audit", record=vitals["id"])
    changed, made = answer.json["items"]  # type: ignore[index]
    assert (changed["act"], made["act"]) == ("change", "create")
    assert "temperature_celsius" in changed["changed"]
    assert "pulse_per_min" not in changed["changed"]
    assert {"pulse_per_min", "temperature_celsius"} <= set(made["changed"])
    assert not {"hashes", "mac", "key_name"} & set(changed)
    assert "39.1" not in answer.text
    assert "38.7" not in answer.text


def test_a_refusal_shows_who_was_refused_what(admin: Person, recordofficer: Person, patient: Answer) -> None:
    recordofficer.get(f"/patients/{patient['id']}/vitals")
    (refusal,) = _events(admin, act="refuse", actor=recordofficer.user["staff_number"])
    assert refusal["outcome"] == "NotPermitted"
    assert refusal["patient_id"] == patient["id"]


def test_reading_the_audit_is_itself_audited(admin: Person) -> None:
    _events(admin)
    (reading, *_) = _events(admin, act="search")
    assert reading["subject"] == "/api/v1/audit"
    assert reading["actor"]["number"] == admin.user["staff_number"]


def test_the_newest_comes_first_and_no_event_is_left_out_or_told_twice(
    admin: Person, nurse: Person, patient: Answer
) -> None:
    for _ in range(7):
        _taken(nurse, patient)
    whole = _events(admin, patient=patient["id"], act="create", limit=200)
    assert [event["id"] for event in whole] == sorted((event["id"] for event in whole), reverse=True)
    told, cursor = [], None
    while True:
        page = admin.get(
            "/audit", patient=patient["id"], act="create", limit=3, **({"cursor": cursor} if cursor else {})
        )
        told += page.json["items"]  # type: ignore[index]
        cursor = page.json["next"]  # type: ignore[index]
        if cursor is None:
            break
    assert told == whole


def test_every_question_narrows_it_and_all_must_hold(
    admin: Person, nurse: Person, sign_in: Callable[[str], Person], register: Callable[..., Answer]
) -> None:
    nurse2, one, other = sign_in("nurse2"), register(), register()
    ours, theirs = _taken(nurse, one), _taken(nurse2, other)

    def records(**query: Any) -> set[str]:
        return {event["record_id"] for event in _events(admin, act="create", **query)} & {ours["id"], theirs["id"]}

    assert records() == {ours["id"], theirs["id"]}
    assert records(actor=nurse.id) == {ours["id"]}
    assert records(actor=nurse2.user["staff_number"].lower()) == {theirs["id"]}
    assert records(patient=other["hospital_number"]) == {theirs["id"]}
    assert records(record=ours["id"]) == {ours["id"]}
    assert records(actor=nurse.id, patient=other["id"]) == set()
    assert records(actor=some_id()) == records(patient=some_id()) == set()


def test_since_takes_the_instant_itself_and_until_leaves_it_out(
    admin: Person, nurse: Person, patient: Answer, time: Time
) -> None:
    time.passes(minutes=10)
    vitals = _taken(nurse, patient)
    instant = vitals["created_at"]
    time.passes(minutes=10)

    def found(**query: Any) -> bool:
        return bool(_events(admin, record=vitals["id"], **query))

    later = time.now.isoformat()
    assert found(since=instant)
    assert not found(until=instant)
    assert found(until=later)
    assert not found(since=later)
    assert found(since=instant, until=later)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"patient": "104226780"}, "patient"),
        ({"patient": "Adaeze"}, "patient"),
        ({"actor": "DOC9999"}, "actor"),
        ({"actor": "nobody"}, "actor"),
        ({"act": "look"}, "act"),
        ({"record": "1"}, "record"),
        ({"since": "2026-01-01"}, "since"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "until"),
        ({"since": "2026-05-02T00:00:00Z", "until": "2026-05-01T00:00:00Z"}, "body"),
        ({"limit": 201}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"who": "me"}, "who"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(admin: Person, query: dict[str, Any], field: str) -> None:
    answer = admin.get("/audit", **query)
    assert answer.status_code == 422
    assert list(answer.json["fields"]) == [field]  # type: ignore[index]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_administrator_reads_it(sign_in: Callable[[Role], Person], role: Role) -> None:
    assert sign_in(role).get("/audit").status_code == 403


@contextmanager
def _taking_no_writes(store: Store) -> Iterator[None]:
    """While it lasts, the database refuses every write."""
    refuse = "PRAGMA query_only = ON" if store.engine.dialect.name == "sqlite" else "SET SESSION TRANSACTION READ ONLY"

    def refuse_writes(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(refuse)
        cursor.close()

    event.listen(store.engine, "connect", refuse_writes)
    store.engine.dispose()
    try:
        yield
    finally:
        event.remove(store.engine, "connect", refuse_writes)
        store.engine.dispose()


def test_it_can_be_read_while_the_database_takes_no_writes_and_forgets_nothing(
    admin: Person, doctor: Person, patient: Answer, store: Store
) -> None:
    before = _events(admin, patient=patient["id"])
    with _taking_no_writes(store):
        assert doctor.get(f"/patients/{patient['id']}").status_code == 200
        assert _events(admin, patient=patient["id"]) == before
        assert store.spool.waiting() >= 2
    reading, *rest = _events(admin, patient=patient["id"])
    assert (reading["act"], reading["actor"]["number"]) == ("read", doctor.user["staff_number"])
    assert rest == before
