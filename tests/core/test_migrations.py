"""The schema's history: every step from nothing to the models, on the database under test."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from hmis.core import migrate
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.guard import UnlawfulStatement
from hmis.core.store import Store
from hmis.tables import Row


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
    finally:
        with engine.begin() as connection:
            connection.execute(told, {"revision": migrate.newest()})
        engine.dispose()


def test_a_database_that_does_not_answer_is_not_ready() -> None:
    nobody = "mysql+pymysql://root@127.0.0.1:1/hmis"
    assert not migrate.reachable(nobody)
    assert not migrate.ready(nobody)
