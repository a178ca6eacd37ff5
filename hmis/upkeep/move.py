"""From SQLite to MariaDB or MySQL: every row of every table, and proof that each arrived as it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Enum,
    MetaData,
    RowMapping,
    String,
    Table,
    func,
    insert,
    inspect,
    make_url,
    select,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from hmis.core import migrate
from hmis.core.columns import LongText
from hmis.core.config import Settings
from hmis.core.db import WRITING, open_engine
from hmis.core.store import Store
from hmis.core.trail.findings import Verification
from hmis.core.trail.verify import verify
from hmis.tables import Row
from hmis.upkeep import Refused, mariadb, sqlite
from hmis.upkeep.evidence import counted
from hmis.upkeep.room import workplace

_AT_ONCE = 1000
"""Rows of one transaction; more would hold up a cluster."""

_ASKED = 400
"""Keys of one question; of keys made of two columns 100, for MariaDB takes for them the square of the time."""

_NAMED = 20
"""Differences that are told one by one; the rest are counted."""

Tick = Callable[[int, int | None, str], object]
"""Told how many rows are done, of how many, and what is being done."""


@dataclass
class Moved:
    """What a move brought over, and what the audit says of it there."""

    rows: int
    tables: int
    audit: Verification
    seconds: float


def move(settings: Settings, target: str, *, tick: Tick = lambda done, of, what: None) -> Moved:
    """Copy the SQLite database of these settings into an empty one at `target`; what is here stays as it is.

    Nobody may write meanwhile: it is refused while a server has the file open, and the file is held until the end.
    Each row is then read on both sides and compared. Raises `Refused`, naming what did not arrive as it was.
    """
    clocked = time.monotonic()
    if make_url(settings.url).get_backend_name() != "sqlite":
        raise Refused("HMIS_DATABASE_URL does not name SQLite: there is nothing to move")
    if make_url(target).get_backend_name() not in ("mysql", "mariadb"):
        raise Refused("the target is MariaDB or MySQL: mysql+pymysql://user:...@host/database")
    file = sqlite.file_of(settings.url)
    if not file.exists():
        raise Refused(f"there is no database in {file}")
    here, there = open_engine(settings.url), open_engine(target, patience=mariadb.PATIENCE)
    touched = False
    try:
        with workplace(settings):
            sqlite.settle(file)
            if not migrate.current(here):
                raise Refused("this database is not at the schema of this release: run `hmis init` first")
            _refuse_unless_empty(there)
            touched = True
            migrate.upgrade(there)
            with here.connect().execution_options(**WRITING) as source:
                rows = counted(source)
                _copy(source, there, sum(rows.values()), tick)
                _refuse(compare(source, there, sum(rows.values()), tick))
            audit = _verified(settings, target)
    except DBAPIError as error:
        if not touched:
            raise Refused(f"nothing was moved, and nothing is in the target: {error.orig}") from error
        raise Refused(f"the move stopped: {error.orig}; empty the target and begin again") from error
    finally:
        here.dispose()
        there.dispose()
    return Moved(sum(rows.values()), len(rows), audit, time.monotonic() - clocked)


def _refuse_unless_empty(there: Engine) -> None:
    """Raise `Refused` where anything is in the target."""
    with there.connect() as connection:
        names = inspect(connection).get_table_names()
        full = [
            name
            for name in names
            if name != "alembic_version" and connection.exec_driver_sql(f"SELECT 1 FROM `{name}` LIMIT 1").first()  # noqa: S608
        ]
    if full:
        raise Refused(f"the target is not empty ({', '.join(full[:5])}): give an empty database")


def _copy(source: Connection, there: Engine, total: int, tick: Tick) -> None:
    """All rows, a table after those it refers to, in the order of their keys."""
    done = 0
    for table in Row.metadata.sorted_tables:
        as_stored = _as_stored(table)
        for rows in _batches(source, as_stored, _AT_ONCE):
            with there.begin() as connection:
                connection.execute(insert(as_stored), [dict(row) for row in rows])
            done += len(rows)
            tick(done, total, f"copy {table.name}")


def compare(source: Connection, there: Engine, total: int, tick: Tick = lambda done, of, what: None) -> list[str]:
    """Read every row on both sides; rows and columns that differ, each in a sentence."""
    done, wrong = 0, list[str]()
    with there.connect() as target:
        for table in Row.metadata.sorted_tables:
            as_stored = _as_stored(table)
            here = 0
            for rows in _batches(source, as_stored, _ASKED // len(as_stored.primary_key.columns) ** 2):
                wrong += _differences(target, as_stored, rows)
                here += len(rows)
                done += len(rows)
                tick(done, total, f"compare {table.name}")
            arrived = target.scalar(select(func.count()).select_from(table))
            if arrived != here:
                wrong.append(f"{table.name} has {arrived:,} rows instead of {here:,}")
    return wrong


def _refuse(wrong: list[str]) -> None:
    if wrong:
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise Refused(f"not everything arrived as it was: {'; '.join(wrong[:_NAMED])}{more}")


def _differences(target: Connection, table: Table, rows: Sequence[RowMapping]) -> list[str]:
    """What these rows, looked up by their keys, say otherwise in the target."""
    keys = list(table.primary_key.columns)
    wanted = (
        tuple_(*keys).in_([_key(row, keys) for row in rows])
        if len(keys) > 1
        else keys[0].in_([row[keys[0]] for row in rows])
    )
    found = {_key(row, keys): row for row in target.execute(select(table).where(wanted)).mappings()}
    parsed = not getattr(target.dialect, "is_mariadb", False)  # MySQL writes JSON its own way
    wrong = []
    for row in rows:
        key = _key(row, keys)
        if key not in found:
            wrong.append(f"{table.name} {_told(key)} is missing")
            continue
        for column in table.columns:
            ours, theirs = row[column], found[key][column]
            if parsed and column.info.get("json") and ours is not None and theirs is not None:
                ours, theirs = json.loads(ours), json.loads(theirs)
            if ours != theirs:
                wrong.append(f"{table.name} {_told(key)}: its {column.name} is another")
    return wrong


def _batches(source: Connection, table: Table, many: int) -> Iterator[Sequence[RowMapping]]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=many)
    try:
        yield from source.execute(query).mappings().partitions()
    except (ValueError, ArithmeticError) as error:
        raise Refused(f"a value in {table.name} cannot be read, so it was edited by hand: {error}") from error


@cache
def _as_stored(table: Table) -> Table:
    """The table with words and JSON as the text they are stored as, so that not a byte of them is made anew."""
    columns = []
    for column in table.columns:
        is_json = isinstance(column.type, JSON)
        kind = LongText if is_json else String() if isinstance(column.type, Enum) else column.type
        columns.append(Column(column.name, kind, primary_key=column.primary_key, info={"json": is_json}))
    return Table(table.name, MetaData(), *columns)


def _key(row: RowMapping, keys: Sequence[Column[Any]]) -> tuple[Any, ...]:
    return tuple(row[key] for key in keys)


def _told(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key)


def _verified(settings: Settings, target: str) -> Verification:
    """What the audit says of the copy, with the keys and the anchor that are here."""
    store = Store(Settings(**{**settings.model_dump(), "database_url": target, "slow_query_ms": 0}))
    try:
        return verify(store)
    finally:
        store.close()
