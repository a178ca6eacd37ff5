"""Bringing a database to the schema of this release, and telling whether it is there."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import BINARY, JSON, Boolean, Engine, Enum, LargeBinary, MetaData, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError

from hmis.core.columns import Exact, Instant, Key, LongBytes, LongText
from hmis.core.db import open_engine

_HERE = Path(__file__).resolve().parent.parent / "migrations"


def prepare(address: str) -> None:
    """Bring the database at this address to the schema of this release.

    By an engine of its own: the guarded one lets nobody touch the tables of records, and rightly so.
    """
    engine = open_engine(address)
    upgrade(engine)
    engine.dispose()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration that this database has not had, up to `revision`; none over the schema of a later release."""
    if not current(engine):
        _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to `revision`; `base` leaves an empty database."""
    _run(engine, command.downgrade, revision)


def revise(engine: Engine, message: str) -> None:
    """Write the next migration: what the models have and this database has not. For developers."""
    _run(engine, command.revision, message=message, autogenerate=True)


def current(engine: Engine) -> bool:
    """Whether this release can work on the database: it had every migration of this release, or also later ones.

    A later release adds, and takes away only what no release still in use needs: so the one before it goes on working
    while it is installed, and can be gone back to.
    """
    had = revision(engine)
    return had is not None and (had == newest() or had not in _known())


def revision(engine: Engine) -> str | None:
    """The last migration the database has had."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def reachable(address: str) -> bool:
    """Whether a database answers at this address."""
    engine = open_engine(address)
    try:
        with engine.connect():
            return True
    except DBAPIError:
        return False
    finally:
        engine.dispose()


def ready(address: str) -> bool:
    """Whether a database answers at this address and this release can work on it."""
    engine = open_engine(address)
    try:
        return current(engine)
    except DBAPIError:
        return False
    finally:
        engine.dispose()


@cache
def _known() -> frozenset[str]:
    """The migrations of this release; read once, for readiness is asked every few seconds."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def steps() -> list[Script]:
    """The migrations of this release, the first one first."""
    return list(ScriptDirectory.from_config(_config()).walk_revisions())[::-1]


@cache
def newest() -> str | None:
    """The last migration of this release."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(engine: Engine, metadata: MetaData) -> list[Any]:
    """What the models and the database do not agree on; empty when they do."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same_type})
        return list(compare_metadata(context, metadata))


def same_type(context: Any, column: Any, metadata_column: Any, found: Any, wanted: Any) -> bool | None:
    """False where a database only tells a type by another name than ours: no difference; None: compare as usual."""
    ours = wanted.dialect_impl(context.dialect)
    match context.dialect.name:
        case "sqlite" if isinstance(wanted, Key | BINARY):
            return False  # SQLite keeps bytes as they come, whatever the column is called
        case "mysql" | "mariadb" if isinstance(found, mysql.LONGTEXT) and isinstance(wanted, JSON):
            return False
        case "mysql" | "mariadb" if isinstance(found, mysql.TINYINT) and isinstance(ours, Boolean):
            return False
        case _:
            return None


def rendered(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """How a migration writes our column types: a word is a short text, for tomorrow's words need no migration."""
    match item:
        case Enum() if kind == "type":
            return f"sa.String(length={item.length})"
        case Key() | Instant() if kind == "type":
            return f"hmis.core.columns.{type(item).__name__}()"
        case Text() if kind == "type" and item is LongText:
            return "hmis.core.columns.LongText"
        case LargeBinary() if kind == "type" and item is LongBytes:
            return "hmis.core.columns.LongBytes"
        case Exact() if kind == "type":
            return f"hmis.core.columns.Exact({item.digits}, {item.places})"
        case _:
            return False


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config


def _run(engine: Engine, what: Any, *arguments: Any, **named: Any) -> None:
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        what(config, *arguments, **named)
