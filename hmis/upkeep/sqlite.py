"""The embedded database: an online copy, and putting one in its place."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.core.trail import disk
from hmis.upkeep import Refused
from hmis.upkeep.evidence import counted, evidence, newest_seal, rendered, some_patients
from hmis.upkeep.manifest import Evidence

MEMBER = "database.sqlite3"


def file_of(address: str) -> Path:
    """The file of a SQLite database. Raises `Refused` for one in memory."""
    name = make_url(address).database
    if not name or name == ":memory:":
        raise Refused("a database in memory has nothing to keep")
    return Path(name)


def size_of(file: Path) -> int:
    """What a database takes on the disk, with what waits in its journal."""
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def copy(store: Store, folder: Path, at: datetime) -> Evidence:
    """Copy the database while people write.

    Counts, charts and copy are of one view of the database: SQLite's backup goes on in the transaction that read the
    former. (`VACUUM INTO` takes none but its own, so nobody could say what the live database had at that moment.)
    """
    engine = open_engine(store.settings.url)
    with engine.connect() as connection:
        rows = counted(connection)
        charts = rendered(store, connection, some_patients(connection), at)
        seal = newest_seal(connection)
        live = connection.connection.driver_connection
        assert isinstance(live, sqlite3.Connection)
        with closing(sqlite3.connect(folder / MEMBER)) as made:
            live.backup(made)
            made.execute("PRAGMA journal_mode=DELETE").close()  # one file, with no journal beside it
    engine.dispose()
    return evidence(store, rows, rows, charts, seal)


def damage(file: Path) -> list[str]:
    """What SQLite itself finds wrong in a database file."""
    with closing(sqlite3.connect(file)) as connection:
        try:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += [
                f"row {row[1]} of {row[0]} refers to nothing in {row[2]}"
                for row in connection.execute("PRAGMA foreign_key_check")
            ]
        except sqlite3.DatabaseError as error:
            found = [str(error)]
    return [f"the database is damaged: {said}" for said in found[:10]]


def refuse_unready(settings: Settings) -> None:
    """Raise `Refused` while a server has the database open."""
    file = file_of(settings.url)
    if file.exists():
        settle(file)


def has_records(settings: Settings) -> bool:
    """Whether anything was ever entered here."""
    file = file_of(settings.url)
    if not file.exists() or not file.stat().st_size:
        return False
    with closing(sqlite3.connect(file)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return any(
            connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608
            for table in tables & {"staff", "patients", "audit_events"}
        )


def set_aside(settings: Settings, mark: str) -> str:
    """Move the database out of the way under another name, which is returned. Raises `Refused` while it is in use."""
    file = file_of(settings.url)
    if not file.exists():
        return ""
    settle(file)
    aside = file.with_name(f"{file.name}.{mark}")
    file.rename(aside)
    disk.settle(file.parent)
    return str(aside)


def settle(file: Path) -> None:
    """Bring all that waits in the journal into the one file. Raises `Refused` while anybody else has it open."""
    with closing(sqlite3.connect(file, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE").close()
        except sqlite3.OperationalError as error:
            raise Refused(f"{file.name} is in use ({error}): stop the server first") from error


def put(copy: Path, settings: Settings) -> None:
    """Put a copy where the database belongs: whole or not at all."""
    file = file_of(settings.url)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.unfinished")
    with copy.open("rb") as source, unfinished.open("wb") as target:
        while piece := source.read(1 << 20):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    unfinished.rename(file)
    disk.settle(file.parent)
