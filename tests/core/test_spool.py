"""Chart readings wait on the disk until they are in the audit: nothing lost, nothing double, or nothing is shown."""

from __future__ import annotations

import errno
import json
import multiprocessing
import resource
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from hmis.core import audit, clock
from hmis.core.access import Actor, Role
from hmis.core.audit import Act, AuditEvent
from hmis.core.config import Settings
from hmis.core.errors import Unavailable
from hmis.core.store import Store
from hmis.core.trail import spool
from hmis.core.trail.keys import KeyRing
from hmis.core.trail.spool import Spool
from tests.conftest import on_mariadb

READER = Actor(uuid.uuid4(), "DOC0001", "Ada", Role.DOCTOR, "127.0.0.1", "a-request")


def reading(store: Store, **about: Any) -> dict[str, Any]:
    return audit.event(store.keys, READER, Act.READ, "/api/v1/patients/<patient:patient>", **about)


def arrived(store: Store) -> int:
    with store.engine.connect() as connection:
        counted = connection.scalar(select(func.count()).where(AuditEvent.act == Act.READ))
        return counted or 0


def test_a_reading_is_on_the_disk_before_it_is_shown_and_then_in_the_audit(store: Store) -> None:
    patient = uuid.uuid4()
    store.tell(READER, Act.READ, "/api/v1/patients/<patient:patient>", patient_id=patient)
    assert store.spool.waiting() == 1
    assert arrived(store) == 0
    assert store.spool.move(store.writing) == 1
    assert store.spool.waiting() == 0
    with store.session(writes=False) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == Act.READ)).one()
    values = {column.key: getattr(event, column.key) for column in AuditEvent.__table__.columns}
    assert event.patient_id == patient
    assert store.keys.mac(audit.canonical(values), event.key_name) == event.mac


def test_moving_nothing_is_no_trouble(store: Store) -> None:
    assert store.spool.move(store.writing) == 0
    store.spool.keep([])
    assert store.spool.move(store.writing) == 0
    assert store.spool.waiting() == 0


def test_a_move_that_was_cut_off_is_done_again_without_doubles(store: Store) -> None:
    events = [reading(store) for _ in range(5)]
    store.spool.keep(events[:3])
    store.spool.move(store.writing)
    store.spool.keep(events)
    (store.spool.folder / "readings.jsonl").rename(store.spool.folder / "0.moving")
    assert store.spool.waiting() == 5
    assert store.spool.move(store.writing) == 2
    assert arrived(store) == 5


def test_readings_wait_while_the_database_takes_none(store: Store) -> None:
    store.spool.keep([reading(store)])
    with store.engine.begin() as connection:
        connection.info["hmis.lawful"] = True
        connection.execute(text("ALTER TABLE audit_events RENAME TO elsewhere"))
        connection.info["hmis.lawful"] = False
    with pytest.raises(DBAPIError):
        store.spool.move(store.writing)
    store.spool.keep([reading(store)])
    assert store.spool.waiting() == 2
    with store.engine.begin() as connection:
        connection.info["hmis.lawful"] = True
        connection.execute(text("ALTER TABLE elsewhere RENAME TO audit_events"))
        connection.info["hmis.lawful"] = False
    assert store.spool.move(store.writing) == 2


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": "cut off',
        b"\xff\xfe\x00",
        b"[]",
        b"7",
        b"null",
        b'{"id": "no id at all"}',
        b'{"id": "01a20d65dd34768b928cd61933ef93ed", "occurred_at": "yesterday"}',
        b'{"something": "else"}',
    ],
)
def test_a_line_that_is_no_event_is_set_aside_and_holds_up_no_other(store: Store, line: bytes) -> None:
    store.spool.keep([reading(store)])
    with (store.spool.folder / "readings.jsonl").open("ab") as file:
        file.write(line)  # a crash in the middle of writing, or somebody's hand
    store.spool.keep([reading(store)])
    assert store.spool.move(store.writing) == 2
    assert (store.spool.folder / "refused.jsonl").read_bytes() == line + b"\n"
    assert store.spool.waiting() == 1, "it counts until somebody has looked at it"
    assert store.spool.move(store.writing) == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [("id", None), pytest.param("outcome", "x" * 100, marks=on_mariadb)],
)
def test_an_event_that_the_table_refuses_is_set_aside_and_holds_up_no_other(
    store: Store, column: str, value: Any
) -> None:
    refused = {**reading(store), column: value}
    store.spool.keep([reading(store), refused, reading(store)])
    assert store.spool.move(store.writing) == 2
    assert store.spool.waiting() == 1
    assert arrived(store) == 2


def test_a_reading_written_before_a_column_was_added_still_moves(store: Store) -> None:
    event = audit.as_text(reading(store))
    del event["session_id"]
    store.spool.folder.mkdir(exist_ok=True)
    (store.spool.folder / "readings.jsonl").write_text(json.dumps(event) + "\n")
    assert store.spool.move(store.writing) == 1


# ---- the disk


def test_where_the_spool_cannot_be_written_nothing_is_shown(store: Store) -> None:
    store.spool.folder.write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="nothing is shown"):
        store.tell(READER, Act.READ, "/api/v1/patients/<patient:patient>")


@contextmanager
def nearly_full(limit: int) -> Iterator[None]:
    """A disk on which files grow to `limit` bytes and no further."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, kept)


def test_a_full_disk_refuses_and_leaves_no_half_line(tmp_path: Path) -> None:
    """A write may be cut short without an error; only the rest of it fails."""
    store_keys = KeyRing.ready(tmp_path / "keys")
    events = [audit.event(store_keys, READER, Act.READ, "/x") for _ in range(3)]
    waiting = Spool(tmp_path / "spool")
    waiting.keep(events[:1])
    file = tmp_path / "spool" / "readings.jsonl"
    whole = file.read_bytes()
    with nearly_full(len(whole) + 100), pytest.raises(Unavailable) as refused:
        waiting.keep(events[1:2])
    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno == errno.EFBIG
    assert file.read_bytes() == whole
    waiting.keep(events[2:])
    assert waiting.waiting() == 2


def test_the_spool_is_readable_by_its_owner_alone(store: Store) -> None:
    store.spool.keep([reading(store)])
    assert store.spool.folder.stat().st_mode & 0o077 == 0
    assert (store.spool.folder / "readings.jsonl").stat().st_mode & 0o077 == 0


# ---- many at once

READINGS, AT_ONCE = 150, 3


def _read_on(settings: Settings, number: int) -> None:
    keys = KeyRing(settings.keys)
    waiting = Spool(settings.spool)
    for place in range(READINGS):
        waiting.keep([audit.event(keys, READER, Act.READ, f"/{number}/{place}/{n}") for n in range(AT_ONCE)])


def _move_on(settings: Settings, stop: Any) -> None:
    store = Store(settings)
    while not stop.is_set():
        store.spool.move(store.writing)
    store.close()


def test_two_servers_write_while_two_movers_move_and_each_reading_arrives_once(store: Store) -> None:
    processes = multiprocessing.get_context("spawn")
    stop = processes.Event()
    movers = [processes.Process(target=_move_on, args=(store.settings, stop)) for _ in range(2)]
    readers = [processes.Process(target=_read_on, args=(store.settings, number)) for number in range(2)]
    for process in movers + readers:
        process.start()
    for process in readers:
        process.join(60)
    stop.set()
    for process in movers:
        process.join(60)
    assert [process.exitcode for process in movers + readers] == [0, 0, 0, 0]
    store.spool.move(store.writing)
    assert store.spool.waiting() == 0
    with store.engine.connect() as connection:
        told = connection.scalars(select(AuditEvent.record_type).where(AuditEvent.act == Act.READ)).all()
    wanted = {f"/{number}/{place}/{n}" for number in range(2) for place in range(READINGS) for n in range(AT_ONCE)}
    assert len(told) == len(wanted)
    assert set(told) == wanted


def _read_until_killed(settings: Settings, shown: Path) -> None:
    keys = KeyRing(settings.keys)
    waiting = Spool(settings.spool)
    with shown.open("wb", buffering=0) as answers:
        while True:
            waiting.keep([audit.event(keys, READER, Act.READ, "/x")])
            answers.write(b".")


def test_a_server_killed_while_it_writes_loses_nothing_that_was_shown(store: Store, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    server = multiprocessing.get_context("spawn").Process(target=_read_until_killed, args=(store.settings, shown))
    server.start()
    deadline = time.monotonic() + 60
    while not (shown.exists() and shown.stat().st_size > 50) and time.monotonic() < deadline:
        time.sleep(0.01)
    server.kill()
    server.join()
    assert store.spool.move(store.writing) >= shown.stat().st_size > 50
    store.spool.keep([reading(store)])
    assert store.spool.move(store.writing) == 1


# ---- there and back

_words = st.text(st.characters(codec="utf-8"), max_size=16)


@given(
    words=st.tuples(_words, _words, _words),
    ids=st.tuples(st.none() | st.uuids(), st.none() | st.uuids()),
    hashes=st.dictionaries(_words, _words, max_size=3),
    act=st.sampled_from(Act),
)
def test_an_event_comes_back_from_its_line_as_it_was(
    words: tuple[str, ...], ids: tuple[uuid.UUID | None, ...], hashes: dict[str, str], act: Act
) -> None:
    event = {
        "id": uuid.uuid4(),
        "occurred_at": clock.now(),
        "act": act,
        "actor_id": ids[0],
        "actor_number": "DOC0001",
        "actor_role": "doctor",
        "session_id": None,
        "address": words[0],
        "request_id": words[1],
        "patient_id": ids[1],
        "record_type": words[2],
        "record_id": None,
        "outcome": "done",
        "hashes": hashes,
        "key_name": "k",
        "mac": bytes(32),
    }
    line = json.dumps(audit.as_text(event)).encode()
    assert b"\n" not in line
    assert spool._event(line) == event
