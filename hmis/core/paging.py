"""Lists in pages: keyset cursors, never OFFSET, so that page 10,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from hmis.core.audit import as_text
from hmis.core.db import HospitalSession
from hmis.core.errors import Invalid

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, the cursor of the next page (None: that was all), and the total where it is cheap."""

    items: Sequence[T]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True)
class Sorted:
    """One column a list is sorted by; the last one of a list is unique."""

    column: InstrumentedAttribute[Any]
    descending: bool = False

    def beyond(self, value: Any) -> ColumnElement[bool]:
        """The condition for rows that come after `value`."""
        further: ColumnElement[bool] = self.column < value if self.descending else self.column > value
        return further


def page(
    session: HospitalSession, query: Select[T], by: Sequence[Sorted], *, limit: int, cursor: str | None
) -> Page[T]:
    """One page of `query`, in one statement. Raises `Invalid` for a cursor that we did not make."""
    if cursor:
        query = query.where(beyond(cursor, by))
    order = [key.column.desc() if key.descending else key.column.asc() for key in by]
    rows = session.scalars(query.order_by(*order).limit(limit + 1)).unique().all()
    more = len(rows) > limit
    return Page(rows[:limit], _sealed(rows[limit - 1], by) if more else None)


def beyond(cursor: str, by: Sequence[Sorted]) -> ColumnElement[bool]:
    """The condition for rows that come after a cursor. Raises `Invalid` for one that we did not make."""
    return _after(by, _opened(cursor, by))


def _after(by: Sequence[Sorted], values: list[Any]) -> ColumnElement[bool]:
    """`a > x OR (a = x AND b > y)`: MariaDB scans for the shorter row form."""
    steps = [
        and_(*(by[k].column == values[k] for k in range(step)), by[step].beyond(values[step]))
        for step in range(len(by))
    ]
    return or_(*steps)


def _sealed(row: Any, by: Sequence[Sorted]) -> str:
    values = [as_text(getattr(row, key.column.key)) for key in by]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _opened(cursor: str, by: Sequence[Sorted]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(by):
            raise ValueError("not one of our cursors")
        return [_value(value, key.column) for value, key in zip(values, by, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise Invalid("start the list again without the cursor", fields={"cursor": "not one of ours"}) from error


def _value(text: Any, column: InstrumentedAttribute[Any]) -> Any:
    kind = column.type.python_type
    if kind is uuid.UUID:
        return uuid.UUID(text)
    if kind is datetime:
        return _instant(text)
    if kind is date:
        return date.fromisoformat(text)
    if not isinstance(text, str | int) or "\x00" in str(text):
        raise ValueError("not one of our cursors")
    str(text).encode()  # half of a character is none: UnicodeEncodeError is a ValueError
    return kind(text)


def _instant(text: Any) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return instant.astimezone(UTC)
