"""The wall at the engine: no statement changes a guarded table unless a flush has asked the laws first.

`records` judges what the session wants to write, object by object. This judges statements, once per statement
and not per row, so Core statements, bulk operations, raw SQL, the console and jobs meet the same wall.

It does not parse SQL, and it trusts no comment, quote or escape: the databases disagree on what they hide. A
statement passes when its bare letters show that it can only read, or when they nowhere name a guarded table. So a
lawful but strange statement may be refused; give values as bound parameters and it passes. No table is made, changed
or dropped through it at all: migrations have an engine of their own. A cursor taken from the driver itself is beyond
it: that takes a database account that may not write (see docs/audit.md).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event

from hmis.core.db import LAWFUL, BaseModel, Row
from hmis.core.errors import Forbidden

_READS = re.compile(
    # A comment in front is passed over, but never one that MySQL or MariaDB executes.
    r"^\s*(?:/\*(?!m?!)(?:[^*]|\*(?!/))*\*/\s*)*(?:\(\s*)*(?:select|with|explain|show|describe|desc|pragma)\b"
)
_CHANGES = re.compile(
    # Names of functions when a bracket follows, statements otherwise.
    r"\b(?:insert|replace|truncate)\b(?!\s*\()"
    r"|\b(?:update|delete|merge|load|into|drop|alter|rename|call|execute|prepare|writable_schema)\b"
    # A second statement behind the first.
    r"|;(?!\s*$)"
)
_LOCKS = re.compile(
    # At the very end alone: MariaDB's SET STATEMENT ... FOR UPDATE is an update.
    r"\bfor\s+update(?:\s+of\s+[\w`\".,\s]+?)?(?:\s+(?:nowait|skip\s+locked|wait\s+\d+))?[\s;]*$"
)
_RESHAPES = re.compile(r"\b(?:create|drop|alter)\s+(?:\w+\s+)?(?:table|index|view|trigger|database)\b")
_INDIRECT = re.compile(r"\b(?:execute|prepare|call)\b")
_SCHEMA = frozenset({"sqlite_master", "sqlite_schema", "writable_schema"})
_LONG = 20_000


class UnlawfulStatement(Forbidden):
    """A statement tried to change guarded records behind the back of the laws."""


def guarded_tables() -> frozenset[str]:
    """Tables whose rows only change through a flush: all audited models, versions, the audit itself and its seals."""
    return _guarded(len(Row.metadata.tables))


@lru_cache(maxsize=8)
def _guarded(known: int) -> frozenset[str]:
    # Asked anew when tables were added: a domain imported after the engine was opened is guarded too.
    return frozenset(
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Row.registry.mappers
        if issubclass(mapper.class_, BaseModel) or getattr(mapper.class_, "append_only", False)
    )


def offence(statement: str, tables: frozenset[str]) -> str | None:
    """The guarded table that a statement could change, or None when it can change none."""
    text = statement.lower()
    if _READS.match(text) and not _CHANGES.search(_LOCKS.sub("", text)):
        return None
    if _RESHAPES.search(text):
        return "the schema"
    named = (tables | _SCHEMA).intersection(re.findall(r"\w+", text))
    if named:
        return min(named)
    return "whatever a prepared statement names" if _INDIRECT.search(text) else None


_known_offence = lru_cache(maxsize=2048)(offence)


def guard(engine: Engine) -> Engine:
    """Put the wall into an engine. Raises `UnlawfulStatement` from then on for what goes around the laws."""

    @event.listens_for(engine, "before_cursor_execute")
    def judge(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        if connection.info.get(LAWFUL):
            return
        # Statements of many rows are long and seldom come twice: not worth remembering.
        table = (_known_offence if len(statement) < _LONG else offence)(statement, guarded_tables())
        if table is not None:
            raise UnlawfulStatement(f"{table} may only be changed through the records' own rules")

    return engine
