"""Where chart readings wait, on this disk, until they are moved into the audit table.

A reading is written and fsynced before the answer leaves, so reading a chart costs the database no write and charts
stay readable when the database takes none. Where the spool cannot be written either, reading is refused.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, String, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from hmis.core.audit import Act, AuditEvent, as_text
from hmis.core.db import lawful
from hmis.core.errors import Unavailable
from hmis.core.trail import disk

_BATCH = 1000
_APPENDING = os.O_RDWR | os.O_APPEND | os.O_CREAT
_COLUMNS = tuple(column.key for column in AuditEvent.__table__.columns)
_WORDS = tuple(column.key for column in AuditEvent.__table__.columns if isinstance(column.type, String))
_HOPELESS = (DataError, IntegrityError, ValueError)
"""The table will never take it; whatever else happens may be over at the next attempt."""
_log = structlog.get_logger()


class Spool:
    """One file of events that every process of this server appends to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "readings.jsonl"
        self._refused = folder / "refused.jsonl"

    def keep(self, events: list[dict[str, Any]]) -> None:
        """Put finished events on the disk. Raises `Unavailable` when they could not be made safe."""
        lines = "".join(json.dumps(as_text(event)) + "\n" for event in events).encode()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked() as handle:
                disk.append_beside_others(handle, lines, self.folder)
        except OSError as error:
            raise Unavailable(
                "who reads cannot be recorded now, so nothing is shown; tell the administrator"
            ) from error

    def move(self, engine: Engine) -> int:
        """Move what waits into the audit table; how many events moved. Safe to run at any time, and twice.

        A line that is no event, or that the table will never take, is set aside in `refused.jsonl`, where it goes
        on counting as waiting until somebody has looked at it; it does not hold up the others.
        """
        if not self.folder.exists():
            return 0
        with disk.alone(self.folder / "moving.lock", os.O_RDWR | os.O_CREAT):  # two would take away the same file
            with self._locked() as handle:
                if os.fstat(handle).st_size:
                    self._file.rename(self.folder / f"{uuid.uuid4().hex}.moving")
            moved = 0
            for file in sorted(self.folder.glob("*.moving")):
                moved += self._move_file(engine, file)
            return moved

    def copy_to(self, folder: Path) -> None:
        """Copy what waits, whole lines only; nothing is moved into the table meanwhile."""
        if not self.folder.exists():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with disk.alone(self.folder / "moving.lock", os.O_RDWR | os.O_CREAT), self._locked():
            for file in self._files():
                shutil.copyfile(file, folder / file.name)

    def waiting(self) -> int:
        """How many events have not reached the audit table."""
        return sum(_lines(file) for file in self._files())

    def _files(self) -> list[Path]:
        return [file for pattern in ("*.jsonl", "*.moving") for file in self.folder.glob(pattern)]

    def _move_file(self, engine: Engine, file: Path) -> int:
        moved = 0
        with file.open("rb") as lines:
            while batch := list(islice(lines, _BATCH)):
                events = {}
                for line in batch:
                    try:
                        event = _event(line)
                        events[event["id"]] = event
                    except (ValueError, KeyError, TypeError, AttributeError) as error:
                        self._refuse(line, error)
                moved += self._store(engine, events)
        file.unlink()
        return moved

    def _store(self, engine: Engine, events: dict[uuid.UUID, dict[str, Any]]) -> int:
        """Insert those that are not there yet: a file whose move was cut off is moved again."""
        try:
            return _insert(engine, events)
        except _HOPELESS:
            moved = 0
            for key, event in events.items():
                try:
                    moved += _insert(engine, {key: event})
                except _HOPELESS as error:
                    self._refuse(json.dumps(as_text(event)).encode(), error)
            return moved

    def _refuse(self, line: bytes, error: Exception) -> None:
        """Keep a line that cannot be moved for somebody to look at."""
        if not line.strip():
            return
        with disk.alone(self._refused, _APPENDING) as handle:
            disk.append(handle, line.rstrip(b"\n") + b"\n", self.folder)
        _log.error("reading_set_aside", file=self._refused.name, exc_info=error)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file in use, held alone; opened anew where another process has just moved it away."""
        while True:
            with disk.alone(self._file, _APPENDING) as handle:
                if _same_file(handle, self._file):
                    yield handle
                    return


def _same_file(handle: int, file: Path) -> bool:
    try:
        return os.fstat(handle).st_ino == file.stat().st_ino
    except FileNotFoundError:
        return False


def _event(line: bytes) -> dict[str, Any]:
    """An event as it was before it became a line of text; a column that its writer did not know yet is empty."""
    plain = dict.fromkeys(_COLUMNS) | json.loads(line)
    if len(plain) > len(_COLUMNS):
        raise ValueError("no event of ours")
    for name in _WORDS:
        plain[name] = str(plain[name])
    for name in ("id", "actor_id", "session_id", "patient_id", "record_id"):
        plain[name] = plain[name] and uuid.UUID(plain[name])
    plain["occurred_at"] = datetime.fromisoformat(plain["occurred_at"]).astimezone(UTC)
    return {**plain, "act": Act(plain["act"]), "mac": bytes.fromhex(plain["mac"])}


def _insert(engine: Engine, events: dict[uuid.UUID, dict[str, Any]]) -> int:
    if not events:
        return 0
    with engine.begin() as connection, lawful(connection):
        there = set(connection.scalars(select(AuditEvent.id).where(AuditEvent.id.in_(events))))
        missing = [event for key, event in events.items() if key not in there]
        if missing:
            connection.execute(insert(AuditEvent), missing)
    return len(missing)


def _lines(file: Path) -> int:
    try:
        with file.open("rb") as lines:
            return sum(1 for line in lines if line.strip())
    except FileNotFoundError:
        return 0  # just moved
