"""The schema's history: every step from nothing to the models, on the database under test."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from alembic.script import Script
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)

from hmis.core import migrate
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.guard import UnlawfulStatement
from hmis.core.store import Store
from hmis.tables import Row
from tests.conftest import SERVER


def test_models_and_migrations_agree(settings: Settings) -> None:
    engine = open_engine(settings.url)
    assert migrate.current(engine)
    assert migrate.differences(engine, Row.metadata) == []
    engine.dispose()


def test_the_schema_can_go_back_to_nothing_and_come_again(settings: Settings) -> None:
    engine = open_engine(settings.url)
    migrate.downgrade(engine, "base")
    assert not migrate.current(engine)
    migrate.upgrade(engine)
    assert migrate.differences(engine, Row.metadata) == []
    engine.dispose()


def test_bringing_a_database_up_to_date_twice_changes_nothing(settings: Settings) -> None:
    migrate.prepare(settings.url)
    migrate.prepare(settings.url)


def test_no_migration_runs_through_the_wall(store: Store) -> None:
    with pytest.raises(UnlawfulStatement):
        migrate.downgrade(store.engine, "base")
    assert migrate.current(store.engine)


def test_a_database_that_is_behind_is_noticed(tmp_path: Any) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert not migrate.current(engine)
    engine.dispose()


def test_a_release_goes_on_working_over_the_schema_of_a_later_one(settings: Settings) -> None:
    engine = open_engine(settings.url)
    told = text("UPDATE alembic_version SET version_num = :revision")
    with engine.begin() as connection:
        connection.execute(told, {"revision": "of a later release"})
    try:
        assert migrate.current(engine)
        assert migrate.ready(settings.url)
        migrate.prepare(settings.url)
        assert migrate.revision(engine) == "of a later release", "it is left as it is"
    finally:
        with engine.begin() as connection:
            connection.execute(told, {"revision": migrate.newest()})
        engine.dispose()


def test_a_database_that_does_not_answer_is_not_ready() -> None:
    nobody = "mysql+pymysql://root@127.0.0.1:1/hmis"
    assert not migrate.reachable(nobody)
    assert not migrate.ready(nobody)


# --- expand first, contract a release later: what runs goes on working while the next one is being installed ---


def narrowed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What a schema no longer takes or tells, though a release made for the one before it relies on that."""
    found = []
    for table, had in before.items():
        has = after.get(table)
        if has is None:
            found.append(f"{table} is gone")
            continue
        for name, column in had["columns"].items():
            now = has["columns"].get(name)
            if now is None:
                found.append(f"{table}.{name} is gone")
            elif column["nullable"] and not now["nullable"]:
                found.append(f"{table}.{name} has to be given")
            elif column["default"] != now["default"]:
                found.append(f"{table}.{name} is another where it is not given")
            elif not _holds(now["type"], column["type"]):
                found.append(f"{table}.{name} was {column['type']} and is {now['type']}")
        found += [
            f"{table}.{name} is new and has to be given"
            for name, column in has["columns"].items()
            if name not in had["columns"] and not column["nullable"] and column["default"] is None
        ]
        found += [f"{table} refuses what breaks {rule}" for rule in has["rules"] - had["rules"]]
    return found


def _holds(now: Any, before: Any) -> bool:
    """Whether every value of a type fits into another: the same, or a longer text."""
    if isinstance(now, String) and isinstance(before, String) and now.length and before.length:
        return now.length >= before.length
    return str(now) == str(before)


def schema_of(engine: Engine) -> dict[str, Any]:
    """The tables as the database tells them: columns, and rules that a row has to keep."""
    with engine.connect() as connection:
        told = inspect(connection)
        return {
            table: {
                "columns": {column["name"]: column for column in told.get_columns(table)},
                "rules": {
                    *(("unique", *one["column_names"]) for one in told.get_unique_constraints(table)),
                    *(("unique", *one["column_names"]) for one in told.get_indexes(table) if one["unique"]),
                    *(
                        ("of", one["referred_table"], *one["constrained_columns"])
                        for one in told.get_foreign_keys(table)
                    ),
                    *(("check", one["sqltext"]) for one in told.get_check_constraints(table)),
                },
            }
            for table in told.get_table_names()
            if table != "alembic_version"
        }


def allowed_since(step: Script) -> str | None:
    """The release that was the last to need what this step takes away; None: it takes nothing away."""
    told: str | None = getattr(step.module, "contracts_after", None)
    return told


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    """A database of its own, with nothing in it, of the kind under test."""
    if not SERVER:
        engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield engine
        engine.dispose()
        return
    name = f"{make_url(SERVER).database}_steps_{uuid.uuid4().hex[:8]}"
    server = open_engine(make_url(SERVER).set(database="").render_as_string(hide_password=False))
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    engine = open_engine(make_url(SERVER).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE `{name}`")
    server.dispose()


def test_a_step_only_adds_unless_a_release_has_gone_out_that_no_longer_needs_it(empty: Engine) -> None:
    changes = (Path(__file__).parents[2] / "CHANGELOG.md").read_text()
    for step in migrate.steps():
        before = schema_of(empty)
        migrate.upgrade(empty, step.revision)
        takes_away, since = narrowed(before, schema_of(empty)), allowed_since(step)
        if since is None:
            assert not takes_away, f"{step.revision}: {takes_away}; the release that runs meanwhile needs that"
        else:
            assert re.search(rf"^## {re.escape(since)} \(\d{{4}}-", changes, re.MULTILINE), f"{since} is not out yet"
            assert since != version("hmis"), f"{step.revision} may go out with the release after {since}"


TAKING: dict[str, str | None] = {
    "ALTER TABLE job_runs ADD COLUMN kind VARCHAR(9) NOT NULL DEFAULT 'x'": None,
    "ALTER TABLE job_runs ADD COLUMN sort VARCHAR(9)": None,
    "CREATE INDEX ix_more ON patients (occupation)": None,
    "CREATE UNIQUE INDEX uq_more ON patients (phone)": "patients refuses what breaks ('unique', 'phone')",
    "DROP TABLE enquiries": "enquiries is gone",
    "ALTER TABLE patients DROP COLUMN address": "patients.address is gone",
    "ALTER TABLE patients RENAME COLUMN lga TO district": "patients.lga is gone",
}
"""What may be done to a database, and what a release that knew it before would miss."""


def test_what_a_step_takes_away_is_seen(empty: Engine) -> None:
    migrate.upgrade(empty)
    for statement, told in TAKING.items():
        before = schema_of(empty)
        with empty.begin() as connection:
            connection.exec_driver_sql(statement)
        assert narrowed(before, schema_of(empty)) == ([told] if told else []), statement


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({"nullable": True}, {"nullable": False}, "t.a has to be given"),
        ({"nullable": False}, {"nullable": True}, None),
        ({"type": String(40)}, {"type": String(39)}, "t.a was VARCHAR(40) and is VARCHAR(39)"),
        ({"type": String(40)}, {"type": String(60)}, None),
        ({"type": Integer()}, {"type": String(40)}, "t.a was INTEGER and is VARCHAR(40)"),
        ({"default": "0"}, {"default": None}, "t.a is another where it is not given"),
        (None, {"nullable": False}, "t.a is new and has to be given"),
    ],
)
def test_a_column_that_takes_less_is_seen(before: Any, now: Any, told: str | None) -> None:
    usual = {"type": String(40), "nullable": True, "default": None}
    schemas = [
        {"t": {"columns": {} if column is None else {"a": {**usual, **column}}, "rules": set()}}
        for column in (before, now)
    ]
    assert narrowed(*schemas) == ([told] if told else [])


def test_a_release_writes_and_reads_every_table_over_the_schema_of_the_next(empty: Engine) -> None:
    """Each step is made while rows are there; then a row is written, changed and read by what was known before it."""
    for number, step in enumerate(migrate.steps(), start=1):
        known = MetaData()
        known.reflect(empty)
        if "alembic_version" in known.tables:
            known.remove(known.tables["alembic_version"])
        migrate.upgrade(empty, step.revision)
        with empty.begin() as connection:
            for table in known.sorted_tables:
                _write(connection, table, number)
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM patients")) == len(migrate.steps()) - 1


def _write(connection: Connection, table: Table, number: int) -> None:
    """A row with a value in every column, written, changed and read. Of one step all have the same key, and so refer
    to each other.
    """
    values = {column.name: _value(column.type, number) for column in table.columns}
    keys = [column == values[column.name] for column in table.primary_key.columns]
    connection.execute(insert(table).values(values))
    connection.execute(update(table).where(*keys).values(values))
    assert dict(connection.execute(select(table).where(*keys)).mappings().one()) == values


def _value(kind: Any, number: int) -> Any:
    match kind:
        case DateTime():
            return datetime(2026, 11, 28, 12, number)  # noqa: DTZ001
        case Date():
            return date(2026, 11, number)
        case Integer() | Numeric() | Float():
            return number
        case String():
            return str(number)
        case Boolean():
            return True
        case JSON():
            return {"number": number}
        case _:  # bytes: SQLite has no name of its own for sixteen of them
            return bytes([number]) * (getattr(kind, "length", None) or 16)
