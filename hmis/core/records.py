"""The laws of the record: the author's 24 hours, voiding, addenda, versions, and an audit event for each write.

Every write of the session comes through here (`HospitalSession.flush`), whoever calls: API, console, command or
job. `guard` refuses at the engine what tries to go around. Nobody may do more than this, an administrator included.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, String, and_, event, insert, inspect, select
from sqlalchemy.orm import (
    Mapped,
    MappedSQLExpression,
    column_property,
    declared_attr,
    foreign,
    mapped_column,
    object_session,
    relationship,
    selectinload,
)
from sqlalchemy.orm.attributes import flag_modified, set_committed_value
from sqlalchemy.sql.base import ExecutableOption

from hmis.core import audit, clock
from hmis.core.access import Actor, Permission
from hmis.core.audit import Act, AuditEvent
from hmis.core.columns import LongText, new_id, settled, word
from hmis.core.db import BaseModel, HospitalSession, Row
from hmis.core.errors import Conflict, Forbidden, NotAuthor, NotPermitted, RecordLocked

if TYPE_CHECKING:
    from hmis.patients.models import Patient
    from hmis.staff.models import Staff

WINDOW = timedelta(hours=24)
"""How long the author of a clinical record may correct or withdraw it, by the server's clock."""

_MADE = frozenset({"id", "created_at", "patient_id", "author_id", "batch_id", "source"})
_WITHDRAWAL = frozenset({"voided_at", "voided_by_id", "void_reason"})
_KEPT_BY_US = frozenset({"created_at", "updated_at", "version"})


class FixedColumn(Forbidden):
    """Part of a record that is settled when it is made."""


class ClinicalRecord(BaseModel):
    """What a clinician wrote about a patient: one author, 24 hours to correct it, then addenda only."""

    __abstract__ = True

    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id"), sort_order=-9)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), index=True, sort_order=-8)
    voided_at: Mapped[datetime | None] = mapped_column(sort_order=93)
    voided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"), sort_order=94)
    void_reason: Mapped[str | None] = mapped_column(String(500), sort_order=95)
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_batches.id"), index=True, sort_order=96)
    source: Mapped[str | None] = mapped_column(String(255), sort_order=97)
    """Where an imported record came from; None: written here."""

    @declared_attr
    @classmethod
    def patient(cls) -> Mapped[Patient]:
        return relationship("Patient", lazy="raise", foreign_keys=[cls.patient_id])

    @declared_attr
    @classmethod
    def author(cls) -> Mapped[Staff]:
        return relationship("Staff", lazy="raise", foreign_keys=[cls.author_id])

    @declared_attr
    @classmethod
    def entered_in_error(cls) -> MappedSQLExpression[bool]:
        """Whether an addendum says that this belongs to another patient: kept, but left out of care."""
        marked = Addendum.__table__.alias()
        # A scalar, where EXISTS would do: MariaDB reads all addenda for an EXISTS in a list's condition.
        mark = (
            select(marked.c.id)
            .where(marked.c.record_id == cls.id, marked.c.kind == AddendumKind.ENTERED_IN_ERROR)
            .where(marked.c.voided_at.is_(None))
            .limit(1)
            .scalar_subquery()
        )
        return column_property(
            mark.is_not(None),
            expire_on_flush=False,
        )

    @property
    def locks_at(self) -> datetime:
        """When the author's window closes; imported history is locked from the start."""
        return self.created_at if self.batch_id else self.created_at + WINDOW

    @property
    def signed_by(self) -> dict[str, Any]:
        """Who wrote it: id, staff number, name and role. The author is whoever acts, or was loaded with the record."""
        session = object_session(self)
        if "author" in inspect(self).unloaded and isinstance(session, HospitalSession):
            actor = session.acting()
            if actor.staff_id == self.author_id:
                return {
                    "id": actor.staff_id,
                    "staff_number": actor.staff_number,
                    "name": actor.name,
                    "role": actor.role,
                }
        author = self.author
        return {"id": author.id, "staff_number": author.staff_number, "name": author.name, "role": author.role}

    @property
    def voided(self) -> dict[str, Any] | None:
        """When, by whom and why it was withdrawn; None while it stands."""
        if self.voided_at is None:
            return None
        return {"at": self.voided_at, "by": self.voided_by_id, "reason": self.void_reason}

    @classmethod
    def standing(cls) -> ColumnElement[bool]:
        """The condition for records that count: neither withdrawn nor marked as entered in error."""
        return cls.voided_at.is_(None) & ~cls.entered_in_error


def _calling_card(staff_id: uuid.UUID, person: Actor | Staff) -> dict[str, Any]:
    return {"id": staff_id, "staff_number": person.staff_number, "name": person.name, "role": person.role}


class ClinicalPart(BaseModel):
    """A row that is part of a clinical record and shares its author and window."""

    __abstract__ = True
    whole: ClassVar[str]
    """Name of the relationship to the record it is part of."""

    removed_at: Mapped[datetime | None] = mapped_column(sort_order=93)
    """Taken out by the author within the window; the row stays."""


class AddendumKind(StrEnum):
    """Why something is added to a record."""

    LATE_INFORMATION = "late_information"
    CORRECTION = "correction"
    ENTERED_IN_ERROR = "entered_in_error"


class Addendum(ClinicalRecord):
    """Added under a clinical record at any time, printed with it; the record itself stays as it was.

    FHIR: ClinicalImpression.note / Provenance.
    """

    __tablename__ = "addenda"
    __table_args__ = (Index("ix_addenda_record", "record_id", "kind"), Row.__table_args__)

    record_type: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[uuid.UUID]
    kind: Mapped[AddendumKind] = mapped_column(word(AddendumKind))
    text: Mapped[str] = mapped_column(LongText)
    entered_in_error = False

    @classmethod
    def standing(cls) -> ColumnElement[bool]:
        """Addenda count until they are withdrawn."""
        return cls.voided_at.is_(None)


class WithAddenda:
    """For records whose lists show what was added under each of them: `with_addenda(Model)` loads it."""

    @declared_attr
    @classmethod
    def addenda(cls) -> Mapped[list[Addendum]]:
        return relationship(
            Addendum,
            primaryjoin=lambda: and_(
                cls.id == foreign(Addendum.record_id),  # type: ignore[attr-defined]
                Addendum.voided_at.is_(None),
            ),
            order_by=Addendum.id,
            viewonly=True,
            lazy="raise",
        )

    @property
    def addenda_shown(self) -> list[Addendum] | None:
        """What stands under it, oldest first; None where that was not asked for."""
        return None if "addenda" in inspect(self).unloaded else self.addenda


def with_addenda(model: type[WithAddenda]) -> ExecutableOption:
    """Load option: the addenda of all records found, with their authors, in one more query."""
    return selectinload(model.addenda).joinedload(Addendum.author)


class RecordVersion(Row):
    """The values a row had before a change: kept under the record's own permission, never in the audit."""

    __tablename__ = "record_versions"
    __table_args__ = (Index("ix_record_versions_record", "record_id", "id"), Row.__table_args__)
    append_only: ClassVar[bool] = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    record_id: Mapped[uuid.UUID]
    """The whole record, also where a part of it changed."""
    row_type: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[uuid.UUID]
    version: Mapped[int]
    values: Mapped[dict[str, Any]]
    replaced_at: Mapped[datetime]
    replaced_by_id: Mapped[uuid.UUID | None]


class ImportBatch(BaseModel):
    """One run of the door by which history comes in: who opened it, from which source, and whether it was undone."""

    __tablename__ = "import_batches"

    source: Mapped[str] = mapped_column(String(255))
    started_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


@dataclass(eq=False)
class Door:
    """The open door by which one unit of work brings a batch of history in, or takes it out again."""

    batch: ImportBatch
    undoing: bool
    authors: set[uuid.UUID] = field(default_factory=set)
    """Members of staff already seen to be inactive."""


_DOOR = object()


@contextmanager
def open_door(session: HospitalSession, batch: ImportBatch, *, undoing: bool = False) -> Iterator[None]:
    """While it lasts, records written in this unit of work are history of `batch`; `history` is the only caller.

    Each flush asks again whether the actor may import and whether the batch still takes anything, so holding a door
    gives no power of its own. Raises `NotPermitted` or `Conflict`.
    """
    session.info[_DOOR] = Door(batch, undoing)
    try:
        _door(session)
        yield
        session.flush()
    finally:
        session.info.pop(_DOOR)


def void(session: HospitalSession, record: ClinicalRecord, reason: str) -> None:
    """Withdraw a record: its author, within the window, with a reason. The row stays, marked.

    Raises `NotAuthor`, `RecordLocked`, or `Conflict` when it is withdrawn already.
    """
    check(session, record)
    record.voided_at = clock.now()
    record.voided_by_id = session.acting().staff_id
    record.void_reason = reason
    session.flush()


def check(session: HospitalSession, record: ClinicalRecord) -> None:
    """Ask the laws ahead of a change: author, window, state, version, in this order.

    The flush asks them again; asking here tells somebody who may not change a record so, before anything else is
    said of what they sent. Raises `NotAuthor`, `RecordLocked`, `Conflict` or `Stale`.
    """
    _judge_whole(session, record)
    session.check_version(record)


def may_correct(record: ClinicalRecord, staff_id: uuid.UUID) -> bool:
    """Whether this person could still correct the record now; what the laws would say, asked ahead."""
    return record.author_id == staff_id and record.voided_at is None and clock.now() < record.locks_at


@event.listens_for(HospitalSession, "before_flush")
def _ask_the_laws(session: HospitalSession, context: Any, instances: Any) -> None:
    _door(session)
    for row in session.deleted:
        raise FixedColumn(f"{row.__tablename__} are never deleted; void, retire or deactivate instead")
    for row in session.new:
        if isinstance(row, BaseModel):
            _judge_new(session, row)
    for row in list(session.dirty):
        if isinstance(row, BaseModel) and session.is_modified(row, include_collections=False):
            _judge_changed(session, row)
        elif not isinstance(row, BaseModel) and getattr(row, "append_only", False) and session.is_modified(row):
            raise FixedColumn(f"{row.__tablename__} are only ever added to")


def _judge_new(session: HospitalSession, row: BaseModel) -> None:
    row.created_at = row.updated_at = clock.now()
    if isinstance(row, ClinicalRecord) and "author" in inspect(row).dict:
        raise FixedColumn("the author of a record is whoever writes it")
    if isinstance(row, Addendum):
        _judge_subject(session, row)
    match row:
        case ClinicalRecord():
            _sign(session, row)
        case ClinicalPart():
            whole = _whole(session, row)
            if whole in session.new:
                return
            _judge_whole(session, whole)
            touch(whole)
        case ImportBatch():
            if row.started_by_id != importer(session).staff_id:
                raise FixedColumn("a batch is started by whoever opens it")
        case _ if hasattr(row, "batch_id"):
            _stamp(session, row)


def importer(session: HospitalSession) -> Actor:
    """Who acts here, if they may bring history in. Raises `NotPermitted`."""
    actor = session.acting()
    if not actor.may(Permission.IMPORT):
        raise NotPermitted("only an administrator brings history in")
    return actor


def _door(session: HospitalSession) -> Door | None:
    """The door this unit of work holds open, if its actor may and the batch still goes that way."""
    door: Door | None = session.info.get(_DOOR)
    if door is None:
        return None
    importer(session)
    if door.batch not in session or not inspect(door.batch).persistent:
        raise Conflict("this batch was never opened")
    if not door.undoing and (door.batch.finished_at or door.batch.undone_at):
        raise Conflict("this batch is closed; nothing more comes in by it")
    return door


def _stamp(session: HospitalSession, row: Any) -> None:
    """Mark a row that may come from elsewhere with its batch and source; without the door it comes from here."""
    door: Door | None = session.info.get(_DOOR)
    if door is not None and not door.undoing:
        row.batch_id, row.source = door.batch.id, row.source or door.batch.source
    elif row.batch_id is not None or row.source is not None:
        raise FixedColumn("only imported history names a batch or a source")


def _sign(session: HospitalSession, record: ClinicalRecord) -> None:
    """Stamp who wrote it. Only history names another author: one who no longer signs in."""
    door: Door | None = session.info.get(_DOOR)
    if door is not None:
        if record.voided_at is not None:
            raise FixedColumn("a record is not born withdrawn")
        _judge_author(session, door, record)
        _stamp(session, record)
        return
    author = session.acting().staff_id
    if record.author_id not in (None, author) or record.batch_id is not None or record.source is not None:
        raise FixedColumn("the author of a record is whoever writes it")
    if record.voided_at is not None:
        raise FixedColumn("a record is not born withdrawn")
    record.author_id = author


def _judge_author(session: HospitalSession, door: Door, record: ClinicalRecord) -> None:
    if door.undoing:
        raise FixedColumn("nothing is written while a batch is undone")
    if record.author_id not in door.authors:
        staff: Any = inspect(type(record)).relationships["author"].mapper.class_
        author = session.get(staff, record.author_id) if record.author_id else None
        if author is None or author.deactivated_at is None:
            raise FixedColumn("the author of imported history is an inactive member of staff")
        door.authors.add(record.author_id)


def _judge_subject(session: HospitalSession, addendum: Addendum) -> None:
    """An addendum stands in the chart of the record it is added to."""
    kinds = {mapper.class_ for mapper in Row.registry.mappers if issubclass(mapper.class_, ClinicalRecord)}
    kind = next((kind for kind in kinds if kind.__tablename__ == addendum.record_type), None)
    record = session.get(kind, addendum.record_id) if kind else None
    if record is None or record.patient_id != addendum.patient_id:
        raise FixedColumn("an addendum belongs to a record, and to its patient")


def _refuse_moving(row: BaseModel, *relationships: str) -> None:
    """A relationship becomes its key only in the flush, after the laws were asked: so it is asked here."""
    for name in relationships:
        if inspect(row).attrs[name].history.has_changes():
            raise FixedColumn(f"{name}: settled when the record was made")


def _judge_changed(session: HospitalSession, row: BaseModel) -> None:
    changed = set(_changed(row))
    if isinstance(row, ClinicalRecord):
        _refuse_moving(row, "patient", "author")
    elif isinstance(row, ClinicalPart):
        _refuse_moving(row, row.whole)
    match row:
        case ClinicalRecord():
            if changed & _MADE:
                raise FixedColumn(f"{', '.join(sorted(changed & _MADE))}: settled when the record was made")
            if not _undone_with_its_batch(session, row, changed):
                _judge_whole(session, row)
                if changed & _WITHDRAWAL:
                    _sign_withdrawal(session, row)
        case ClinicalPart():
            whole = _whole(session, row)
            if changed & {"id", "created_at", f"{row.whole}_id"}:
                raise FixedColumn("a part stays with its record")
            _judge_whole(session, whole)
            session.check_version(whole)
            touch(whole)
        case ImportBatch():
            importer(session)
            if changed & {"id", "created_at", "source", "started_by_id"}:
                raise FixedColumn("who opened a batch, when and for which source is settled")
        case _ if changed & {"id", "created_at"}:
            raise FixedColumn("id and created_at are settled when the row is made")
        case _ if changed & {"batch_id", "source"} and hasattr(row, "batch_id"):
            raise FixedColumn("where something was imported from is settled when it comes in")
    session.check_version(row)
    row.updated_at = clock.now()


def _judge_whole(session: HospitalSession, record: ClinicalRecord) -> None:
    """Author, then window, then state: the order in which a refusal is told."""
    if record.author_id != session.acting().staff_id:
        raise NotAuthor("only its author may change or withdraw this; you may add an addendum")
    if clock.now() >= record.locks_at:
        since = session.store.settings.local(record.locks_at)
        raise RecordLocked(
            f"locked since {since:%d-%b-%Y %H:%M}; add an addendum", locked_at=clock.iso(record.locks_at)
        )
    stood = inspect(record).attrs.voided_at.history
    if any(stood.deleted or stood.unchanged or (None,)):
        raise Conflict("this was withdrawn; a withdrawn record is not changed")


def _sign_withdrawal(session: HospitalSession, record: ClinicalRecord) -> None:
    """When and by whom is the server's to say; why is the author's."""
    if not record.void_reason:
        raise FixedColumn("a withdrawal needs its reason")
    record.voided_at, record.voided_by_id = clock.now(), session.acting().staff_id


def _undone_with_its_batch(session: HospitalSession, record: ClinicalRecord, changed: set[str]) -> bool:
    """Whether this is a withdrawal by the undoing of the batch that brought the record."""
    door: Door | None = session.info.get(_DOOR)
    return door is not None and door.undoing and record.batch_id == door.batch.id and changed <= _WITHDRAWAL


def touch(row: BaseModel) -> None:
    """Move a row's version on, even within one tick of the clock: what depends on it has changed."""
    row.updated_at = clock.now()
    flag_modified(row, "updated_at")


def _whole(session: HospitalSession, part: ClinicalPart) -> ClinicalRecord:
    found = getattr(part, part.whole)
    if found is None:
        target = inspect(type(part)).relationships[part.whole].mapper.class_
        found = session.get(target, getattr(part, f"{part.whole}_id"))
    if not isinstance(found, ClinicalRecord):
        raise FixedColumn(f"a {type(part).__name__} needs the record it is part of")
    return found


@lru_cache(maxsize=256)
def audited_columns(model: type[BaseModel]) -> dict[str, Column[Any]]:
    """The columns that tell something, by name: all but our own bookkeeping."""
    return {
        attribute.key: attribute.columns[0]
        for attribute in inspect(model).column_attrs
        if isinstance(attribute.columns[0], Column) and attribute.key not in _KEPT_BY_US
    }


def _changed(row: BaseModel) -> Iterator[str]:
    state = inspect(row)
    for name in [*audited_columns(type(row)), "created_at"]:
        history = state.attrs[name].history
        if history.has_changes() and history.added != history.deleted:
            yield name


@event.listens_for(HospitalSession, "after_flush")
def _keep_and_tell(session: HospitalSession, context: Any) -> None:
    """Versions of what changed and one event for each row written, in the same transaction."""
    versions: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    born = Act.CREATE if session.info.get(_DOOR) is None else Act.IMPORT
    for row in session.new:
        if isinstance(row, ClinicalRecord) and not isinstance(row, Addendum):
            set_committed_value(row, "entered_in_error", False)  # nothing can have been added under it yet
        if isinstance(row, BaseModel):
            # When it was made opens the author's window, so that is told too.
            values = vars(row)  # after a flush all that was written stands there
            told = [name for name in audited_columns(type(row)) if values.get(name) is not None]
            events.append(_event(session, row, born, [*told, "created_at"]))
    for row in session.dirty:
        changed = list(_changed(row)) if isinstance(row, BaseModel) else []
        if changed:
            voided = "voided_at" in changed
            events.append(_event(session, row, Act.VOID if voided else Act.CHANGE, changed))
            versions.append(_version(session, row))
    connection = session.connection()
    if versions:
        connection.execute(insert(RecordVersion), versions)
    if events:
        connection.execute(insert(AuditEvent), events)


def _event(session: HospitalSession, row: BaseModel, act: Act, fields: list[str]) -> dict[str, Any]:
    told = [(name, _as_read(row, name, getattr(row, name))) for name in fields]
    return audit.event(
        session.store.keys,
        session.actor,
        act,
        row.__tablename__,
        record_id=row.id,
        patient_id=row.id if row.__tablename__ == "patients" else getattr(row, "patient_id", None),
        hashes=audit.field_hashes(session.store.keys, row.id, told),
    )


def _as_read(row: BaseModel, name: str, value: Any) -> Any:
    """A value as the database will give it back, for that is what a verification can hash again."""
    column = audited_columns(type(row)).get(name)
    return value if column is None else settled(column.type, value)


def _version(session: HospitalSession, row: BaseModel) -> dict[str, Any]:
    state = inspect(row)
    before = {}
    for name in audited_columns(type(row)):
        if name not in row.secret_fields:
            history = state.attrs[name].history
            value = getattr(row, name)
            if history.has_changes():
                value = history.deleted[0] if history.deleted else None  # never set since it was born
            before[name] = audit.as_text(_as_read(row, name, value))
    return {
        "id": new_id(),
        "record_id": getattr(row, f"{row.whole}_id") if isinstance(row, ClinicalPart) else row.id,
        "row_type": row.__tablename__,
        "row_id": row.id,
        "version": row.version - 1,
        "values": before,
        "replaced_at": clock.now(),
        "replaced_by_id": session.actor and session.actor.staff_id,
    }
