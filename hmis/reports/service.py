"""Read-only questions across departments: is the record there, how much is in it, and who did what."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, literal, select, union_all
from sqlalchemy.exc import SQLAlchemyError

from hmis.consultations.models import Consultation
from hmis.core.audit import AuditEvent
from hmis.core.db import HospitalSession, Row
from hmis.core.errors import Invalid, NotFound, Unavailable
from hmis.core.paging import Page, Sorted, page
from hmis.core.trail.seals import least_id
from hmis.formulary.models import Drug
from hmis.nursing.models import NurseNote
from hmis.patients import hospital_number
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.prescriptions.models import Prescription
from hmis.reports.counts import Counted
from hmis.reports.schemas import AuditActorOut, AuditEventOut, AuditQuery, StatsOut
from hmis.staff.models import Staff
from hmis.staff.reference import StaffRef
from hmis.visits.models import Visit
from hmis.vitals.models import VitalSign

COUNTED: dict[str, tuple[type[Row], *tuple[ColumnElement[bool], ...]]] = {
    "patients": (Patient, Patient.set_aside_at.is_(None)),
    "visits": (Visit,),
    "consultations": (Consultation,),
    "vitals": (VitalSign,),
    "nursenotes": (NurseNote,),
    "prescriptions": (Prescription,),
    "drugs": (Drug, Drug.retired_at.is_(None)),
    "staff": (Staff, Staff.deactivated_at.is_(None)),
}
"""What is counted, and which of them: as many as their own lists show."""
_DRIFT = timedelta(minutes=2)
"""An event's key is made by the clock, and runs ahead of it by a minute at most when the clock is set back."""

log = structlog.get_logger()


class NoAnswer(Unavailable):
    """The database does not answer; the open status page says no more than that."""

    def __init__(self) -> None:
        super().__init__("the database does not answer")
        self.extra["headers"] = {"Content-Type": "application/json"}

    def problem(self, request_id: str | None = None) -> dict[str, Any]:
        """FAIL, and nothing that an outsider could learn from."""
        return {"status": "FAIL"}


def check(session: HospitalSession) -> None:
    """Nothing, where the database shows its records. Raises `NoAnswer`."""
    try:
        session.execute(select(Staff.id).limit(1))
    except SQLAlchemyError as error:
        raise NoAnswer from error


def stats(session: HospitalSession) -> StatsOut:
    """How many of each are stored, in one statement or from memory."""
    counts: Counted[dict[str, int]] = session.store.reserve("reports.counts", Counted)
    return StatsOut(**counts.of(lambda: _counted(session)))


def _counted(session: HospitalSession) -> dict[str, int]:
    counting = (
        select(literal(name).label("name"), func.count().label("many")).select_from(model).where(*which)
        for name, (model, *which) in COUNTED.items()
    )
    return dict(session.execute(union_all(*counting)).all())


def events(session: HospitalSession, query: AuditQuery) -> Page[AuditEventOut]:
    """The audit trail, newest first. Raises `Invalid` for a number that nobody has."""
    _bring_in_readings(session)
    asked = select(AuditEvent)
    if query.actor:
        asked = asked.where(AuditEvent.actor_id == _staff_id(session, query.actor))
    if query.patient:
        asked = asked.where(AuditEvent.patient_id == _patient_id(session, query.patient))
    if query.record:
        asked = asked.where(AuditEvent.record_id == query.record)
    if query.act:
        asked = asked.where(AuditEvent.act == query.act)
    # The key begins with the time it was made: a range of keys finds the days, the instant itself decides.
    if query.since:
        asked = asked.where(AuditEvent.id >= least_id(query.since - _DRIFT), AuditEvent.occurred_at >= query.since)
    if query.until:
        asked = asked.where(AuditEvent.id < least_id(query.until + _DRIFT), AuditEvent.occurred_at < query.until)
    newest_first = [Sorted(AuditEvent.id, descending=True)]
    found = page(session, asked, newest_first, limit=query.limit, cursor=query.cursor)
    called, numbered = _people(session, found.items)
    return Page([_shown(event, called, numbered) for event in found.items], found.next)


def _people(
    session: HospitalSession, events: Sequence[AuditEvent]
) -> tuple[dict[uuid.UUID, str], dict[uuid.UUID, str]]:
    """What those who acted are called, and the hospital numbers of the patients; also of who left or was set aside."""
    actors = {event.actor_id for event in events if event.actor_id}
    patients = {event.patient_id for event in events if event.patient_id}
    staff = session.scalars(select(Staff).where(Staff.id.in_(actors))) if actors else ()
    numbers = select(Patient.id, Patient.hospital_number).where(Patient.id.in_(patients))
    return (
        {one.id: one.name for one in staff},
        {row.id: row.hospital_number for row in session.execute(numbers)} if patients else {},
    )


def _bring_in_readings(session: HospitalSession) -> None:
    """Move what waits in the spool into the table, so that a reading shows at once; where it cannot be, it waits on."""
    try:
        session.store.spool.move(session.store.writing)
    except (SQLAlchemyError, OSError) as error:
        log.warning("readings_wait", why=type(error).__name__)


def _staff_id(session: HospitalSession, asked: str) -> uuid.UUID:
    try:
        return uuid.UUID(asked)
    except ValueError:
        pass
    try:
        found = session.scalar(select(Staff.id).where(StaffRef(asked).criterion()))
    except NotFound:
        found = None
    if found is None:
        raise Invalid("nobody has this staff number", fields={"actor": "nobody has this staff number"})
    return found


def _patient_id(session: HospitalSession, asked: str) -> uuid.UUID:
    """The patient's key, also of one set aside. Raises `Invalid`."""
    ref = PatientRef(asked)
    if ref.id is not None:
        return ref.id
    try:
        number = hospital_number.parse(asked)
    except hospital_number.MistypedNumber as error:
        raise Invalid(str(error), fields={"patient": str(error)}) from error
    found = session.scalar(select(Patient.id).where(Patient.hospital_number == number))
    if found is None:
        raise Invalid("no patient has this number", fields={"patient": "no patient has this number"})
    return found


def _shown(event: AuditEvent, called: dict[uuid.UUID, str], numbered: dict[uuid.UUID, str]) -> AuditEventOut:
    actor_id, patient_id = event.actor_id, event.patient_id
    return AuditEventOut(
        id=event.id,
        occurred_at=event.occurred_at,
        act=event.act,
        outcome=event.outcome,
        actor=AuditActorOut(
            id=actor_id,
            number=event.actor_number,
            role=event.actor_role,
            name=called.get(actor_id) if actor_id else None,
        ),
        patient_id=patient_id,
        patient_number=numbered.get(patient_id) if patient_id else None,
        subject=event.record_type,
        record_id=event.record_id,
        changed=sorted(event.hashes),
        session_id=event.session_id,
        address=event.address,
        request_id=event.request_id,
    )
