"""What hangs on every clinical record: its addenda, which anybody permitted to write that kind may add at any time,
and its versions, which show what stood there before each change."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from blinker import Signal
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hmis.core.access import Permission
from hmis.core.db import HospitalSession, PatientKey
from hmis.core.errors import Conflict
from hmis.core.http import Domain, db
from hmis.core.paging import Page, Sorted, page
from hmis.core.records import Addendum, ClinicalRecord, RecordVersion
from hmis.core.schemas import AddendumIn, AddendumOut, ListQuery, RecordListQuery, VersionOut

amended = Signal(
    "Something was added under a record. Sent with the record; `session` and `addendum` as keywords, in the same "
    "transaction. Who keeps a sum over records leaves out the one that is marked as entered in error."
)


def amend(session: HospitalSession, record: ClinicalRecord, body: AddendumIn) -> Addendum:
    """Add under a record. The record itself stays as it is. Raises `Conflict` when it was withdrawn."""
    if record.voided_at is not None:
        raise Conflict("this was withdrawn; nothing is added to a withdrawn record")
    addendum = Addendum(
        patient_id=record.patient_id,
        record_type=record.__tablename__,
        record_id=record.id,
        kind=body.kind,
        text=body.text,
    )
    session.add(addendum)
    session.flush()
    amended.send(record, session=session, addendum=addendum)
    return addendum


def addenda_of(session: HospitalSession, record: ClinicalRecord, query: RecordListQuery) -> Page[Addendum]:
    """The addenda of a record, oldest first, as they are printed under it."""
    asked = select(Addendum).where(Addendum.record_id == record.id).options(joinedload(Addendum.author))
    if query.include != "voided":
        asked = asked.where(Addendum.standing())
    return page(session, asked, [Sorted(Addendum.id)], limit=query.limit, cursor=query.cursor)


def versions_of(session: HospitalSession, record: ClinicalRecord, query: ListQuery) -> Page[RecordVersion]:
    """What stood in the record and its parts before each change, newest first."""
    asked = select(RecordVersion).where(RecordVersion.record_id == record.id)
    by = [Sorted(RecordVersion.id, descending=True)]
    return page(session, asked, by, limit=query.limit, cursor=query.cursor)


def annex(
    domain: Domain,
    path: str,
    find: Callable[..., ClinicalRecord],
    *,
    reads: Permission | Sequence[Permission],
    writes: Permission | Sequence[Permission],
) -> None:
    """Declare addenda and versions under `path`. `find(session, patient, **ids)` fetches the record of that path."""

    def addenda(patient: PatientKey, query: RecordListQuery, **ids: uuid.UUID) -> Page[Addendum]:
        """What was added under the record, oldest first."""
        return addenda_of(db(), find(db(), patient, **ids), query)

    def add_addendum(patient: PatientKey, body: AddendumIn, **ids: uuid.UUID) -> Addendum:
        """Add under the record, at any time; the record itself stays as it is."""
        return amend(db(), find(db(), patient, **ids), body)

    def versions(patient: PatientKey, query: ListQuery, **ids: uuid.UUID) -> Page[RecordVersion]:
        """What stood there before each change, newest first."""
        return versions_of(db(), find(db(), patient, **ids), query)

    domain.list(f"{path}/addenda", needs=reads, gives=AddendumOut)(addenda)
    domain.create(f"{path}/addenda", needs=writes, gives=AddendumOut)(add_addendum)
    domain.list(f"{path}/versions", needs=reads, gives=VersionOut)(versions)
