"""The day of an instant by the clock on the wall, asked of the database: the same on SQLite, MySQL and MariaDB.

None of them can be relied on to know time zones, so they are told how far the wall's clock is from UTC, and from when.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

_SECOND = timedelta(seconds=1)


class _ShiftedDay(FunctionElement[date]):
    """The date of an instant in UTC, after so many seconds."""

    name = "shifted_day"
    type = Date()
    inherit_cache = True


@compiles(_ShiftedDay, "sqlite")
def _on_sqlite(element: _ShiftedDay, compiler: Any, **how: Any) -> str:
    instant, seconds = (compiler.process(part, **how) for part in element.clauses)
    # Whole seconds alone: SQLite rounds to a thousandth, and the last instant of a day would be the next day's.
    return f"date(substr({instant}, 1, 19), {seconds} || ' seconds')"


@compiles(_ShiftedDay, "mysql")
@compiles(_ShiftedDay, "mariadb")
def _on_mysql(element: _ShiftedDay, compiler: Any, **how: Any) -> str:
    instant, seconds = (compiler.process(part, **how) for part in element.clauses)
    return f"DATE({instant} + INTERVAL {seconds} SECOND)"


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins there."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def day_of(
    column: InstrumentedAttribute[datetime], zone: ZoneInfo, since: datetime, until: datetime
) -> ColumnElement[date]:
    """The date in `zone` of the instants in a column, as far as they lie between `since` and `until`."""
    parts = offsets(zone, since, until)
    shifted = [_ShiftedDay(column, literal(int(offset.total_seconds()))) for _, offset in parts]
    ends = [begun for begun, _ in parts[1:]]
    if not ends:
        return shifted[0]
    return case(*((column < end, day) for end, day in zip(ends, shifted, strict=False)), else_=shifted[-1])


def offsets(zone: ZoneInfo, since: datetime, until: datetime) -> list[tuple[datetime, timedelta]]:
    """How far the wall's clock is ahead of UTC, and from which instant on: one line, or more where it was changed."""
    found = [(since, _offset(zone, since))]
    at = since
    while at < until:
        after = min(at + timedelta(days=1), until)
        if _offset(zone, after) != _offset(zone, at):
            changed = _change(zone, at, after)
            found.append((changed, _offset(zone, changed)))
        at = after
    return found


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the wall's clock was changed, between two instants on either side of it."""
    old = _offset(zone, before)
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
