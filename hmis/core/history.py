"""The one door by which history comes in, what came by it, what did not, and how a batch is taken out again.

Imported records keep the time the thing happened in their own columns; `created_at` is the time of the import. They
are signed by an inactive member of staff, carry their batch and source, and are locked at once: `records` sees to it
at every flush. Only who may import (`Permission.IMPORT`) gets through.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar

from sqlalchemy import (
    BINARY,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    and_,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from hmis.core import clock
from hmis.core.columns import LongText, new_id
from hmis.core.db import BaseModel, HospitalSession, Row
from hmis.core.errors import Conflict, NotFound
from hmis.core.records import Addendum, ClinicalPart, ClinicalRecord, ImportBatch, importer, open_door

_AT_ONCE = 500
"""Keys asked for in one statement; SQLite and MySQL both take it."""

LONGEST_ID = 255
"""Characters of an id in its source; a longer one is refused."""


class ImportItem(Row):
    """One thing of a source that is here: by it a second import adds nothing. Its key is a hash of where it is from."""

    __tablename__ = "import_items"
    __table_args__ = (Index("ix_import_items_batch", "batch_id", "record_id"), Row.__table_args__)

    key: Mapped[bytes] = mapped_column(BINARY(32), primary_key=True)
    resource_type: Mapped[str] = mapped_column(String(64))
    source_id: Mapped[str] = mapped_column(String(LONGEST_ID))
    content: Mapped[bytes] = mapped_column(BINARY(32))
    """Hash of what the source said, so that a thing that changed there is noticed."""
    record_type: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[uuid.UUID]
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_batches.id"))


class ImportLeftover(Row):
    """What a source holds and nothing here took: kept whole where it is needed later or was refused, else counted."""

    __tablename__ = "import_leftovers"
    __table_args__ = (
        Index("ix_import_leftovers_key", "key"),
        Index("ix_import_leftovers_batch", "batch_id", "resource_type"),
        Index("ix_import_leftovers_patient", "patient_id", "resource_type"),
        Row.__table_args__,
    )
    append_only: ClassVar[bool] = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(BINARY(32))
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_batches.id"))
    patient_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("patients.id"))
    """Whose it is, where that is known."""
    file: Mapped[str] = mapped_column(String(500))
    resource_type: Mapped[str] = mapped_column(String(64))
    source_id: Mapped[str] = mapped_column(String(LONGEST_ID))
    reason: Mapped[str] = mapped_column(String(500))
    count: Mapped[int]
    """How many this line stands for; more than one only where the source itself is kept for them."""
    payload: Mapped[str | None] = mapped_column(LongText)
    """The thing as it came, in JSON."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a source's thing became here."""

    record_id: uuid.UUID
    content: bytes
    batch_id: uuid.UUID
    undone: bool
    """Its batch was taken out again."""


@dataclass(slots=True)
class Taken:
    """One thing that came in, to be remembered."""

    resource_type: str
    source_id: str
    content: bytes
    record_type: str
    record_id: uuid.UUID


@dataclass(slots=True)
class Leftover:
    """One thing, or one kind of things, that did not come in."""

    file: str
    resource_type: str
    source_id: str
    reason: str
    count: int = 1
    payload: str | None = None
    patient_id: uuid.UUID | None = field(default=None)


def item_key(source: str, resource_type: str, source_id: str) -> bytes:
    """What a thing of a source is remembered by."""
    # The lengths keep ("a", "bc") and ("ab", "c") apart.
    return sha256(f"{len(source)}:{source}{len(resource_type)}:{resource_type}{source_id}".encode()).digest()


def content_hash(content: Any) -> bytes:
    """A hash of what a source says, whatever the order of its fields."""
    return sha256(json.dumps(content, sort_keys=True).encode()).digest()


def open_batch(session: HospitalSession, source: str) -> ImportBatch:
    """The batch for an import from `source`: one that was cut off is continued. Raises `NotPermitted`."""
    actor = importer(session)
    id = unfinished(session, source)
    batch = session.get(ImportBatch, id) if id else None
    if batch is None:
        batch = ImportBatch(source=source, started_by_id=actor.staff_id)
        session.add(batch)
        session.flush()
    return batch


def unfinished(session: HospitalSession, source: str) -> uuid.UUID | None:
    """The batch of this source that is not closed yet."""
    return session.scalar(
        select(ImportBatch.id)
        .where(ImportBatch.source == source, ImportBatch.finished_at.is_(None), ImportBatch.undone_at.is_(None))
        .order_by(ImportBatch.id)
        .limit(1)
    )


@contextmanager
def importing(session: HospitalSession, batch_id: uuid.UUID) -> Iterator[ImportBatch]:
    """A unit of work that writes history of this batch. Raises `NotPermitted`, or `Conflict` when it is closed."""
    batch = _batch(session, batch_id)
    with open_door(session, batch):
        yield batch


def close_batch(session: HospitalSession, batch_id: uuid.UUID) -> None:
    """Say that all of a batch is in; nothing more comes by it."""
    _batch(session, batch_id).finished_at = clock.now()
    session.flush()


def known(session: HospitalSession, keys: Collection[bytes]) -> dict[bytes, Known]:
    """Those of `keys` that came in at some time, also by a batch that was undone."""
    found: dict[bytes, Known] = {}
    for some in _in_pieces(list(keys)):
        rows = session.execute(
            select(ImportItem.key, ImportItem.record_id, ImportItem.content, ImportBatch.id, ImportBatch.undone_at)
            .join(ImportBatch, ImportBatch.id == ImportItem.batch_id)
            .where(ImportItem.key.in_(some))
        )
        found |= {row.key: Known(row.record_id, row.content, row.id, row.undone_at is not None) for row in rows}
    return found


def remember(session: HospitalSession, batch: ImportBatch, things: Collection[Taken]) -> None:
    """Remember what came in. What an undone batch had brought is taken over.

    Where another import brought the same just now it is an `IntegrityError` or a `Conflict`, and nothing of this one
    may stand.
    """
    rows: list[dict[str, Any]] = [
        {
            "key": item_key(batch.source, thing.resource_type, thing.source_id),
            "resource_type": thing.resource_type,
            "source_id": thing.source_id,
            "content": thing.content,
            "record_type": thing.record_type,
            "record_id": thing.record_id,
            "batch_id": batch.id,
        }
        for thing in things
    ]
    before = known(session, [row["key"] for row in rows])
    again = [row for row in rows if row["key"] in before and before[row["key"]].undone]
    over = {row["key"] for row in again}
    fresh = [row for row in rows if row["key"] not in over]
    if fresh:
        session.execute(insert(ImportItem), fresh)
    if again:
        _take_over(session, again, before)


def _take_over(session: HospitalSession, rows: list[dict[str, Any]], before: Mapping[bytes, Known]) -> None:
    for some in _in_pieces([row["key"] for row in rows]):
        locked = select(ImportItem.key, ImportItem.batch_id).where(ImportItem.key.in_(some)).with_for_update()
        if any(before[key].batch_id != batch_id for key, batch_id in session.execute(locked)):
            raise Conflict("another import brought the same just now")
    session.execute(update(ImportItem), rows)


def keep(session: HospitalSession, batch: ImportBatch, leftovers: Iterable[Leftover]) -> None:
    """Keep what did not come in."""
    session.add_all(
        ImportLeftover(
            id=new_id(),
            key=leftover_key(batch.source, leftover),
            batch_id=batch.id,
            patient_id=leftover.patient_id,
            file=leftover.file,
            resource_type=leftover.resource_type,
            source_id=leftover.source_id,
            reason=leftover.reason,
            count=leftover.count,
            payload=leftover.payload,
        )
        for leftover in leftovers
    )
    session.flush()


def leftover_key(source: str, leftover: Leftover) -> bytes:
    """What a leftover is recognised by: where it is from, and why it was left."""
    return sha256(
        json.dumps([source, leftover.resource_type, leftover.source_id, leftover.reason, leftover.payload]).encode()
    ).digest()


def kept(session: HospitalSession, keys: Collection[bytes]) -> set[bytes]:
    """Those leftovers that are kept already, by a batch that stands."""
    found: set[bytes] = set()
    for some in _in_pieces(list(keys)):
        found |= set(
            session.scalars(
                select(ImportLeftover.key)
                .join(ImportBatch, ImportBatch.id == ImportLeftover.batch_id)
                .where(ImportLeftover.key.in_(some), ImportBatch.undone_at.is_(None))
            )
        )
    return found


Ends = Mapping[type[BaseModel], Callable[[Any], None]]
"""How each kind of thing that is no clinical record is taken out of use."""


def begin_undo(session: HospitalSession, batch_id: uuid.UUID, ends: Ends) -> ImportBatch:
    """Take a batch out: nothing can refer to it from now on, and `withdraw_some` voids its records afterwards.

    What is no clinical record is taken out of use by its function in `ends`. Raises `NotPermitted`, or `Conflict`
    naming what refers to the batch. A batch undone already is returned as it is.
    """
    batch = _batch(session, batch_id)
    with open_door(session, batch, undoing=True):
        if batch.undone_at is not None:
            return batch
        referring = dict(_referring(session, batch, ends))
        if referring:
            told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in referring.items())
            raise Conflict(f"this import cannot be undone, other records refer to it: {told}", referring=referring)
        for model, end in ends.items():
            for row in session.scalars(select(model).where(_of_batch(model, batch))):
                end(row)
        batch.undone_at = clock.now()
        batch.finished_at = batch.finished_at or batch.undone_at
    return batch


def withdraw_some(session: HospitalSession, batch_id: uuid.UUID, limit: int) -> int:
    """Void up to `limit` records of a batch that is being undone; how many were voided, 0 when it is done."""
    batch = _batch(session, batch_id)
    if batch.undone_at is None:
        raise Conflict("this import still stands")
    withdrawn = 0
    with open_door(session, batch, undoing=True):
        for model in _clinical():
            standing = select(model).where(_of_batch(model, batch), model.voided_at.is_(None)).order_by(model.id)
            for record in session.scalars(standing.limit(limit - withdrawn)).unique():
                record.voided_at = clock.now()
                record.voided_by_id = session.acting().staff_id
                record.void_reason = "the import that brought it was undone"
                withdrawn += 1
            if withdrawn >= limit:
                break
    return withdrawn


def _batch(session: HospitalSession, batch_id: uuid.UUID) -> ImportBatch:
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound("there is no such import")
    return batch


def _in_pieces(keys: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _clinical() -> list[type[ClinicalRecord]]:
    return [m.class_ for m in _mappers() if issubclass(m.class_, ClinicalRecord)]


def _mappers() -> list[Mapper[Any]]:
    """One mapper for each table of stored things, by name."""
    own = [m for m in Row.registry.mappers if issubclass(m.class_, BaseModel) and m.inherits is None]
    return sorted(own, key=lambda m: str(m.local_table))


def _of_batch(model: type[BaseModel], batch: ImportBatch) -> ColumnElement[bool]:
    """The condition for rows that this batch brought."""
    table: Any = model.__table__
    if "batch_id" in table.columns:
        return table.c.batch_id == batch.id  # type: ignore[no-any-return]
    if issubclass(model, ClinicalPart):
        column = table.c[f"{model.whole}_id"]
        whole = next(key.column.table for key in column.foreign_keys)
        return column.in_(select(whole.c.id).where(whole.c.batch_id == batch.id))  # type: ignore[no-any-return]
    return table.c.id.in_(select(ImportItem.record_id).where(ImportItem.batch_id == batch.id))  # type: ignore[no-any-return]


def _referring(session: HospitalSession, batch: ImportBatch, ends: Ends) -> Iterator[tuple[str, int]]:
    """Tables with rows that are not of this batch and refer to what it brought, and how many."""
    going: dict[Table, type[BaseModel]] = {
        model.__table__: model
        for model in (m.class_ for m in _mappers())
        if issubclass(model, ClinicalRecord | ClinicalPart) or model in ends
    }
    for mapper in _mappers():
        table: Any = mapper.local_table
        ways = [
            column.in_(select(key.column).where(_of_batch(going[key.column.table], batch)))
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table in going
        ]
        if table is Addendum.__table__:
            ways += [
                table.c.record_id.in_(select(model.__table__.c.id).where(_of_batch(model, batch)))
                for model in _clinical()
            ]
        theirs = or_(false(), *ways)
        ours = _of_batch(mapper.class_, batch)
        count = session.scalar(select(func.count()).select_from(table).where(and_(theirs, ours.is_not(True))))
        if count:
            yield table.name, count
