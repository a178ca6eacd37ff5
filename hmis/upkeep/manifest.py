"""What a backup says of itself: its first member, `manifest.json`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class Kind(StrEnum):
    """How the database lies in the archive."""

    SQLITE = "sqlite"  # database.sqlite3
    MARIADB_FILES = "mariadb-files"  # a data directory, as mariabackup prepared it: mariadb/
    MARIADB_DUMP = "mariadb-dump"  # database.sql


class Member(BaseModel):
    """One file of the archive."""

    sha256: str
    size_bytes: int


class BinlogPosition(BaseModel):
    """Where the binary log goes on behind the copy."""

    file: str
    position: int


class SealHead(BaseModel):
    """The end of the audit's chain, as the live anchor told it."""

    number: int
    head: str


class Rows(BaseModel):
    """How many rows a table had, asked of the live database; the copy was made in between."""

    before: int
    after: int


class Evidence(BaseModel):
    """What the live hospital showed while the copy was made, for the restored one to show as well."""

    rows: dict[str, Rows]
    charts: dict[str, str]
    """Patient -> SHA-256 of the chart as it is put on the screen."""
    rendered_by: str
    """What charts were rendered with: their form and the time zone; hashes of another form say nothing."""
    seal: SealHead | None


class Manifest(BaseModel):
    """What is in a backup, and what it has to show when it is restored."""

    kind: Kind
    began_at: datetime
    """Everything acknowledged before is in it."""
    ended_at: datetime
    """Nothing acknowledged after is in it."""
    release: str
    revision: str
    """Last migration the database had."""
    hospital: str
    database: str
    """Name of the database on its server; empty for SQLite."""
    binlog: BinlogPosition | None
    evidence: Evidence
    members: dict[str, Member]

    @property
    def size_bytes(self) -> int:
        """What it takes when it is unpacked."""
        return sum(member.size_bytes for member in self.members.values())
