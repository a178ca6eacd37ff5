"""The one clock. Everything that depends on time asks it, so that tests can let time pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """This instant by the server's clock, in UTC, to the microsecond."""
    return _stopped.get() or datetime.now(UTC)


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """While it lasts, the clock of this thread stands still: for reading what a screen showed then. Write nothing."""
    before = _stopped.set(instant)
    try:
        yield
    finally:
        _stopped.reset(before)


def today() -> date:
    """Today's date in UTC."""
    return now().date()


def iso(instant: datetime) -> str:
    """An instant as the API shows it: `2026-11-24T08:00:00.000000Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
