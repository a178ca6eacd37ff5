"""Column types that mean the same on SQLite and on MySQL or MariaDB, and the maker of keys."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from threading import Lock
from typing import Any

from sqlalchemy import BINARY, Boolean, DateTime, Dialect, Enum, Float, Integer, LargeBinary, Numeric, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

from hmis.core import clock

_last = 0
_lock = Lock()


def new_id() -> uuid.UUID:
    """A UUIDv7: sorted by time, made here, unique across servers (RFC 9562, method 3)."""
    global _last
    microseconds = int(clock.now().timestamp() * 1_000_000)
    tick = (microseconds // 1000 << 12) | (microseconds % 1000 * 4096 // 1000)
    with _lock:
        # Two in one tick, or a clock set back by a little, still come out in order.
        _last = tick if tick > _last or _last - tick > 60_000 << 12 else _last + 1
        tick = _last
    milliseconds, fraction = tick >> 12, tick & 0xFFF
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62))


def first_id(since: datetime) -> uuid.UUID:
    """The lowest key that can have been made from this instant on: a list by key can begin there."""
    return uuid.UUID(int=int(since.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)


class Key(TypeDecorator[uuid.UUID]):
    """A UUID in 16 bytes."""

    impl = BINARY(16)
    cache_ok = True

    @property
    def python_type(self) -> type[uuid.UUID]:
        return uuid.UUID

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> uuid.UUID | None:
        return None if value is None else uuid.UUID(bytes=bytes(value))


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond; always carries its zone in Python."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        precise = mysql.DATETIME(fsp=6) if dialect.name in ("mysql", "mariadb") else DateTime()
        return dialect.type_descriptor(precise)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places: DECIMAL on MySQL, a rounded REAL on SQLite."""

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int, places: int) -> None:
        super().__init__(digits, places)
        self.digits, self.places = digits, places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Float())
        return dialect.type_descriptor(Numeric(self.digits, self.places))

    def rounded(self, value: Any) -> Decimal:
        """A number to the places that are stored; half goes to the even neighbour on every database."""
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-self.places))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return float(self.rounded(value)) if dialect.name == "sqlite" else self.rounded(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else self.rounded(value)


LongText = Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
"""Prose of any length."""
LongBytes = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")
"""Bytes, up to 16 MB."""


def word(kind: type[StrEnum], length: int = 32) -> Enum:
    """A column holding one of a few words, stored as the word itself."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda k: [m.value for m in k],
    )


def settled(kind: TypeEngine[Any], value: Any) -> Any:
    """A value of a column as it is read back once it was stored: 70 kg as 70.000, 1 as True."""
    match kind:
        case _ if value is None:
            return None
        case Exact():
            return kind.rounded(value)
        case Boolean():
            return bool(value)
        case Integer():
            return int(value)
        case _:
            return value
