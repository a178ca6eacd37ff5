"""Giving out hospital numbers: never from COUNT or MAX, never twice, in blocks where many servers register at once."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import String, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core.db import HospitalSession, Row
from hmis.patients import hospital_number

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BLOCK = 100
"""Numbers a process takes at once on MySQL: one short write for a hundred patients. Gaps are harmless."""

_FIRST = 10_000_000
"""First serial where no prefix leads: no number begins with a zero, which a spreadsheet would drop."""


class NumberSeries(Row):
    """The next free serial of one prefix."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(String(4), primary_key=True)
    next: Mapped[int]


class NumberBlock:
    """The serials one process holds in reserve. A forked process starts with none."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owner = 0
        self._held = range(0)

    def take(self, engine: Engine, prefix: str) -> int:
        """A serial that nobody else gets, from a transaction of its own."""
        with self._lock:
            if not self._held or self._owner != os.getpid():
                with engine.begin() as connection:
                    first = _advance(connection, prefix, BLOCK)
                self._held, self._owner = range(first, first + BLOCK), os.getpid()
            serial, self._held = self._held[0], self._held[1:]
            return serial


def next_number(session: HospitalSession) -> str:
    """A new hospital number with its check digit.

    SQLite admits one writer at a time, so the number comes from the same transaction; elsewhere registrations would
    queue behind one row, so blocks are taken apart from it.
    """
    prefix = session.store.settings.hospital_number_prefix
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        serial = _advance(connection, prefix, 1)
    else:
        serial = session.store.reserve("hospital numbers", NumberBlock).take(session.store.engine, prefix)
    return hospital_number.make(serial, prefix)


def _advance(connection: Connection, prefix: str, by: int) -> int:
    """Move the series on; the first serial of those gained. The row stays ours until the transaction ends."""
    forward = update(NumberSeries).where(NumberSeries.prefix == prefix).values(next=NumberSeries.next + by)
    if connection.execute(forward).rowcount == 0:
        with suppress(IntegrityError), connection.begin_nested():  # another process may open the series first
            connection.execute(insert(NumberSeries).values(prefix=prefix, next=1 if prefix else _FIRST))
        connection.execute(forward)
    after = connection.scalar(select(NumberSeries.next).where(NumberSeries.prefix == prefix))
    return int(after or 0) - by
