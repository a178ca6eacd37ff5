"""Whether each record still is what its own audit events say: who edits a row behind our back cannot make the hashes.

Records are held against the newest hash of each field, their older versions against the hashes of that time.
"""

from __future__ import annotations

import json
import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from hmis.core.audit import Act, AuditEvent, field_hashes
from hmis.core.db import BaseModel, Row
from hmis.core.records import ClinicalPart, RecordVersion, audited_columns
from hmis.core.store import Store
from hmis.core.trail.findings import Kind, Verification
from hmis.core.trail.keys import KeyRing
from hmis.core.trail.seals import least_id, made_at, moment, stored

MEANWHILE = timedelta(minutes=5)
"""How long one flush may take between an event and the version that goes with it."""

_AT_ONCE = 500
_BORN = (Act.CREATE.value, Act.IMPORT.value)
_WRITES = (Act.CREATE, Act.IMPORT, Act.CHANGE, Act.VOID)
_VERSIONS = RecordVersion.__tablename__

State = dict[str, tuple[str, str]]
"""Field -> its newest hash, and the key it was made with."""


def audited() -> dict[str, type[BaseModel]]:
    """The tables whose rows leave audit events, by name."""
    found = {
        mapper.class_.__tablename__: mapper.class_
        for mapper in Row.registry.mappers
        if issubclass(mapper.class_, BaseModel) and mapper.inherits is None
    }
    return dict(sorted(found.items()))


class Births:
    """The records that the events say were made; each has to be there still."""

    def __init__(self, store: Store, result: Verification) -> None:
        self.store, self.result = store, result
        self.tables = audited()
        self.told: defaultdict[str, list[bytes]] = defaultdict(list)

    def remember(self, table: str, key: Any) -> None:
        """Take down one record; now and then look for those taken down."""
        if table in self.tables and isinstance(key, bytes):
            self.told[table].append(key)
            if len(self.told[table]) >= _AT_ONCE:
                self._look(table)

    def settle(self) -> None:
        """Look for the rest."""
        for table in list(self.told):
            self._look(table)

    def _look(self, table: str) -> None:
        keys = self.told.pop(table)
        with self.store.engine.connect() as connection:
            there = _there(connection, self.tables[table], keys)
        for key in keys:
            if key not in there:
                self.result.note(
                    Kind.RECORD_DELETED, table, key, "is gone, though nothing here deletes", at=made_at(key)
                )


@dataclass(slots=True)
class _Told:
    """What the audit and the versions say of one row."""

    events: list[Any] = field(default_factory=list)
    versions: list[Any] = field(default_factory=list)


def check_records(store: Store, result: Verification, since: datetime | None, untrusted: frozenset[str]) -> None:
    """Every row of every audited table against its events. `untrusted` keys say nothing."""
    for model in audited().values():
        check = _Table(store, model, result, untrusted)
        for rows, told in _batches(store, check, since):
            for row in rows:
                check.judge(row, told[row[0]])
            result.looked_at("records", len(rows))


def check_versions(store: Store, result: Verification, since: datetime | None) -> None:
    """Every older version belongs to a row that is there; what it says was held against the events of that row."""
    tables = audited()
    key = stored(RecordVersion.id)
    behind: list[ColumnElement[bool]] = [RecordVersion.id >= least_id(since)] if since else []
    while True:
        with store.engine.connect() as connection:
            versions = connection.execute(
                select(key, RecordVersion.row_type, stored(RecordVersion.row_id))
                .where(*behind)
                .order_by(key)
                .limit(_AT_ONCE)
            ).all()
            by_table = defaultdict(list)
            for _, table, row_id in versions:
                by_table[table].append(row_id)
            there = {
                name: _there(connection, tables[name], keys) if name in tables else set[bytes]()
                for name, keys in by_table.items()
            }
        for version_id, table, row_id in versions:
            if row_id not in there[table]:
                said = f"is a version of a row of {table} that is not there"
                result.note(Kind.VERSION_INSERTED, _VERSIONS, version_id, said, at=made_at(version_id))
        result.looked_at("versions", len(versions))
        if len(versions) < _AT_ONCE:
            return
        behind = [key > versions[-1][0]]


class _Table:
    """One audited table, and how its rows are judged."""

    def __init__(self, store: Store, model: type[BaseModel], result: Verification, untrusted: frozenset[str]) -> None:
        self.model, self.result, self.untrusted = model, result, untrusted
        self.keys: KeyRing = store.keys
        columns = {**audited_columns(model), "created_at": model.__table__.c.created_at}
        columns = {"id": columns.pop("id"), **columns}
        self.names = list(columns)
        self.columns = [stored(column).label(name) for name, column in columns.items()]
        dialect = store.engine.dialect
        self.readers: list[Callable[[Any], Any] | None] = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns.values()
        ]
        self.whole = self.names.index(f"{model.whole}_id") if issubclass(model, ClinicalPart) else 0
        """Where the id stands under which versions of a row are kept: its own, or that of the record it is part of."""

    def judge(self, row: Sequence[Any], told: _Told) -> None:
        """Hold one row and its versions against its events."""
        key = row[0]
        if made_at(key) is None or not any(event.act in _BORN for event in told.events):
            self._note(Kind.RECORD_INSERTED, key, "was never written by us: no event tells of its making")
            return
        state: State = {}
        changes: list[tuple[Any, State]] = []
        for event in told.events:
            if event.act not in _BORN:
                changes.append((event, dict(state)))
            state.update((name, (told_hash, event.key_name)) for name, told_hash in _parsed(event.hashes).items())
        values: dict[str, Any] = {}
        for name, reader, raw in zip(self.names, self.readers, row, strict=True):
            if raw is None:
                if name not in state:
                    continue
                values[name] = None
                continue
            try:
                values[name] = reader(raw) if reader else raw
            except (ValueError, TypeError, LookupError, ArithmeticError):
                values[name] = f"unreadable {raw!r}"
        for name in self._misfits(key, values, state):
            self._note(Kind.RECORD_EDITED, key, f"its {name} is not what was last written", field=name)
        if changes or told.versions:
            self._judge_versions(key, changes, told.versions)

    def _judge_versions(self, key: bytes, changes: list[tuple[Any, State]], versions: list[Any]) -> None:
        """Each change has left one version, made right after its event, with the values of before."""
        marks = [event.id for event, _ in changes]
        kept: dict[int, Any] = {}
        for version in versions:
            place = bisect_right(marks, version.id) - 1
            if place < 0 or place in kept:
                self._note_version(Kind.VERSION_INSERTED, version, "goes with no change that the audit tells of")
            else:
                kept[place] = version
        for place, (event, state) in enumerate(changes):
            if place not in kept:
                said = f"what it said before {moment(event.occurred_at)} is gone from its versions"
                self._note(Kind.VERSION_DELETED, key, said)
                continue
            version = kept[place]
            before = _parsed(version.values)
            wrong = self._misfits(key, before, state)
            wrong += [
                name for name in state if name not in before and name in self.names and not self._is_left_out(name)
            ]
            if version.replaced_by_id != event.actor_id:
                wrong.append("replaced_by_id")
            if not _soon_after(event.occurred_at, version.replaced_at):
                wrong.append("replaced_at")
            for name in wrong:
                self._note_version(Kind.VERSION_EDITED, version, f"its {name} is not what it was", field=name)

    def _is_left_out(self, name: str) -> bool:
        return name == "created_at" or name in self.model.secret_fields

    def _misfits(self, key: bytes, values: Mapping[str, Any], state: State) -> list[str]:
        """Names of the values that their hashes do not fit; without a hash, anything but None."""
        wrong = [name for name, value in values.items() if name not in state and value is not None]
        by_key: defaultdict[str, list[tuple[str, Any]]] = defaultdict(list)
        for name, value in values.items():
            if name in state:
                by_key[state[name][1]].append((name, value))
        for key_name, told in by_key.items():
            if key_name in self.untrusted or not self.keys.knows(key_name):
                continue
            hashes = field_hashes(self.keys, uuid.UUID(bytes=key), told, key_name)
            wrong += [name for name, found in hashes.items() if found != state[name][0]]
        return wrong

    def _note(self, kind: Kind, key: Any, sentence: str, field: str = "") -> None:
        self.result.note(kind, self.model.__tablename__, key, sentence, at=made_at(key), field=field)

    def _note_version(self, kind: Kind, version: Any, sentence: str, field: str = "") -> None:
        self.result.note(kind, _VERSIONS, version.id, sentence, at=made_at(version.id), field=field)


def _batches(store: Store, table: _Table, since: datetime | None) -> Iterator[tuple[Sequence[Any], dict[bytes, _Told]]]:
    """Rows by key, with what is told of each; one batch is one view of the database, so a change is seen whole."""
    key = table.columns[0]
    behind: list[ColumnElement[bool]] = [table.model.id >= least_id(since)] if since else []
    view = {} if store.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with store.engine.connect().execution_options(**view) as connection:
        while True:
            with connection.begin():
                query = select(*table.columns).where(*behind).order_by(key).limit(_AT_ONCE)
                rows = connection.execute(query).all()
                told = _told(connection, table, rows)
            if rows:
                yield rows, told
            if len(rows) < _AT_ONCE:
                return
            behind = [stored(table.model.id) > rows[-1][0]]


def _told(connection: Connection, table: _Table, rows: Sequence[Any]) -> dict[bytes, _Told]:
    told = {row[0]: _Told() for row in rows}
    name = table.model.__tablename__
    events = connection.execute(
        select(
            stored(AuditEvent.record_id).label("record_id"),
            stored(AuditEvent.id).label("id"),
            stored(AuditEvent.act).label("act"),
            stored(AuditEvent.hashes).label("hashes"),
            stored(AuditEvent.key_name).label("key_name"),
            stored(AuditEvent.actor_id).label("actor_id"),
            stored(AuditEvent.occurred_at).label("occurred_at"),
        )
        .where(stored(AuditEvent.record_id).in_(list(told)))
        .where(AuditEvent.record_type == name, AuditEvent.act.in_(_WRITES))
        .order_by(AuditEvent.id)
    )
    for event in events:
        told[event.record_id].events.append(event)
    versions = connection.execute(
        select(
            stored(RecordVersion.id).label("id"),
            stored(RecordVersion.row_id).label("row_id"),
            stored(RecordVersion.values).label("values"),
            stored(RecordVersion.replaced_at).label("replaced_at"),
            stored(RecordVersion.replaced_by_id).label("replaced_by_id"),
        )
        .where(stored(RecordVersion.record_id).in_({row[table.whole] for row in rows}))
        .where(RecordVersion.row_type == name)
        .order_by(RecordVersion.id)
    )
    for version in versions:
        if version.row_id in told:
            told[version.row_id].versions.append(version)
    return told


def _there(connection: Connection, model: type[BaseModel], keys: Sequence[bytes]) -> set[bytes]:
    return set(connection.scalars(select(stored(model.id)).where(stored(model.id).in_(set(keys)))))


def _parsed(raw: Any) -> dict[str, Any]:
    try:
        told = json.loads(raw)
    except (ValueError, TypeError):
        return {}
    return told if isinstance(told, dict) else {}


def _soon_after(event_at: Any, version_at: Any) -> bool:
    try:
        apart = datetime.fromisoformat(moment(version_at)) - datetime.fromisoformat(moment(event_at))
    except ValueError:
        return False
    return abs(apart) <= MEANWHILE
