"""Prescribing, correcting a line, stopping and holding it, and the pharmacy's queue.

Whatever depends on what was dispensed, or alters what may be, first takes its turn (`take_turn`): of two who act on
one prescription at the same moment, the second sees what the first did.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import QueryableAttribute, contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.base import ExecutableOption

from hmis.consultations.models import Consultation
from hmis.consultations.signals import consultation_voided
from hmis.core import clock, records
from hmis.core.annexes import amend, amended
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, NotFound, RecordLocked
from hmis.core.paging import Page, Sorted, page
from hmis.core.records import Addendum, AddendumKind, ClinicalRecord
from hmis.core.schemas import AddendumIn, RecordListQuery
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.prescriptions import writing
from hmis.prescriptions.models import (
    OPEN,
    DrugPrescription,
    LineAct,
    LineActKind,
    LineState,
    Prescription,
    PrescriptionProgress,
)
from hmis.prescriptions.schemas import LineChange, LineIn, PrescriptionChange, PrescriptionIn, QueueQuery
from hmis.visits.service import CARD

_NEWEST_FIRST = [Sorted(Prescription.id, descending=True)]
_NEXT_TIME = "a drug to add after 24 hours is a new consultation"


def find(session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID) -> Prescription:
    """The prescription of this patient's consultation, whole, in three queries. Raises `NotFound`.

    The one that stands; where none does, the one withdrawn last.
    """
    meant = Prescription.id == _meant(consultation_id)
    return session.fetch_of(patient, Prescription, meant, options=_WHOLE_OF_PATIENT)


def take_turn(session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID) -> Prescription:
    """The same, while nobody else acts on it until this unit of work ends; `move_on` ends the act."""
    turn = session.scalar(_turn(_meant(consultation_id)))
    prescription = find(session, patient, consultation_id)
    if prescription.progress is not turn:
        raise StaleDataError("this prescription was withdrawn and written anew while we waited for our turn")
    return prescription


def take_turn_on(session: HospitalSession, prescription_id: uuid.UUID) -> Prescription:
    """`take_turn`, for whoever knows the prescription itself."""
    session.execute(_turn(prescription_id))
    query = select(Prescription).where(Prescription.id == prescription_id).options(*whole())
    return session.scalars(query.execution_options(populate_existing=True)).unique().one()


def move_on(session: HospitalSession, prescription: Prescription) -> None:
    """Find anew how far the prescription has come, and write its progress, changed or not.

    The row is always written: on a cluster with several writers a lock is only felt on its own server, and of two
    transactions that wrote one row the later is undone and done again.
    """
    progress = prescription.progress
    progress.state = prescription.reached()
    progress.moved_at = clock.now()
    records.touch(progress)
    session.flush()


def prescribe(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, body: PrescriptionIn
) -> Prescription:
    """Write the prescription of a consultation. Raises `Conflict` when one stands there already."""
    # Two who prescribe here at once, or withdraw the consultation meanwhile, take turns on its row.
    session.execute(select(Consultation.id).where(Consultation.id == consultation_id).with_for_update())
    who = [contains_eager(Consultation.patient).load_only(*CARD, raiseload=True)]
    consultation = session.fetch_of(patient, Consultation, Consultation.id == consultation_id, options=who)
    _refuse_unless_open(session, consultation)
    return prescribe_in(session, consultation, body)


def prescribe_in(session: HospitalSession, consultation: Consultation, body: PrescriptionIn) -> Prescription:
    """Write the prescription of a consultation that has none: one just recorded, or one held and looked at.

    Raises `Conflict` for the dead.
    """
    refuse_dead(session, consultation.patient)
    prescription = Prescription(
        patient_id=consultation.patient_id,
        patient=consultation.patient,
        consultation_id=consultation.id,
        instructions=body.instructions,
        lines=[],
        progress=PrescriptionProgress(
            patient_id=consultation.patient_id, consultation_id=consultation.id, dispensed={}, moved_at=clock.now()
        ),
    )
    writing.write(session, prescription, [(writing.blank(), line) for line in body.drugs], "drugs.{}.")
    prescription.progress.state = prescription.reached()
    session.add(prescription)
    session.flush()
    return prescription


def instruct(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, body: PrescriptionChange
) -> Prescription:
    """Change the instructions of the whole prescription. Raises `NotAuthor` or `RecordLocked`."""
    prescription = find(session, patient, consultation_id)
    records.check(session, prescription)
    for name, value in body.sent().items():
        setattr(prescription, name, value)
    records.touch(prescription.progress)  # the queue shows them
    session.flush()
    return prescription


def withdraw(session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, reason: str) -> None:
    """Withdraw the whole prescription: its author, within 24 hours, while nothing of it was dispensed."""
    _withdraw(session, take_turn(session, patient, consultation_id), reason)


def add_line(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, body: LineIn
) -> DrugPrescription:
    """Add a drug: the author, within 24 hours. Raises `NotAuthor` or `RecordLocked`."""
    prescription = take_turn(session, patient, consultation_id)
    try:
        records.check(session, prescription)
    except RecordLocked as locked:
        raise RecordLocked(f"{locked.detail.partition(';')[0]}; {_NEXT_TIME}", **locked.extra) from locked
    refuse_dead(session, prescription.patient)
    line = writing.blank()
    writing.write(session, prescription, [(line, body)])
    move_on(session, prescription)
    return line


def change_line(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, body: LineChange
) -> DrugPrescription:
    """Change what was sent of a line: the author, within 24 hours, before it is dispensed or stopped."""
    prescription = take_turn(session, patient, consultation_id)
    line = _line(session, prescription, id)
    _check_correctable(session, line)
    writing.write(session, prescription, [(line, body)])
    move_on(session, prescription)
    return line


def remove_line(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, reason: str
) -> None:
    """Take a line off: the author, within 24 hours, before it is dispensed. The row stays."""
    prescription = take_turn(session, patient, consultation_id)
    line = _line(session, prescription, id)
    _check_correctable(session, line)
    line.removed_at, line.removed_reason = clock.now(), reason
    move_on(session, prescription)


def stop(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, reason: str
) -> DrugPrescription:
    """Stop a line for good: any doctor, at any time. What was dispensed stays dispensed."""
    return _act(session, patient, consultation_id, id, LineActKind.STOP, reason)


def hold(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, reason: str
) -> DrugPrescription:
    """Hold a line: nothing more of it is dispensed until it is released."""
    return _act(session, patient, consultation_id, id, LineActKind.HOLD, reason)


def release(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, reason: str
) -> DrugPrescription:
    """Release a held line."""
    return _act(session, patient, consultation_id, id, LineActKind.RELEASE, reason)


def of_patient(session: HospitalSession, ref: PatientRef, query: RecordListQuery) -> Page[Prescription]:
    """All prescriptions of a patient's chart, newest first."""
    patient = patients.find(session, ref)
    asked = select(Prescription).where(Prescription.patient_id == patient.id).options(*whole())
    if query.include != "voided":
        asked = asked.where(Prescription.voided_at.is_(None))
    return page(session, asked, _NEWEST_FIRST, limit=query.limit, cursor=query.cursor)


def by_doctor(session: HospitalSession, staff_id: uuid.UUID, query: RecordListQuery) -> Page[Prescription]:
    """The prescriptions one member of staff wrote, newest first."""
    asked = select(Prescription).where(Prescription.author_id == staff_id).options(*whole())
    if query.include != "voided":
        asked = asked.where(Prescription.voided_at.is_(None))
    found = page(session, asked, _NEWEST_FIRST, limit=query.limit, cursor=query.cursor)
    session.charts.update(prescription.patient_id for prescription in found.items)
    return found


def queue(session: HospitalSession, query: QueueQuery) -> Page[Prescription]:
    """What the pharmacy still has to do, or what came to a state; within a state the oldest first."""
    state, by = PrescriptionProgress.state, [Sorted(PrescriptionProgress.id)]
    if query.state == "open":  # with one state alone, MariaDB would sort all of it by hand
        by.insert(0, Sorted(state))
    asked = (
        select(PrescriptionProgress)
        .join(PrescriptionProgress.prescription)
        .where(state.in_(OPEN) if query.state == "open" else state == query.state, ~Prescription.entered_in_error)
        .options(*whole(PrescriptionProgress.prescription))
    )
    found = page(session, asked, by, limit=query.limit, cursor=query.cursor)
    session.charts.update(progress.patient_id for progress in found.items)
    return Page([progress.prescription for progress in found.items], found.next)


def whole(through: QueryableAttribute[Prescription] | None = None) -> tuple[ExecutableOption, ...]:
    """Load options for all that is shown of a prescription: two queries more than the one that finds it.

    `through`: the joined relationship by which a query reaches the prescription.
    """
    wanted = (
        joinedload(Prescription.patient, innerjoin=True).load_only(*CARD, raiseload=True),
        joinedload(Prescription.author, innerjoin=True),
        joinedload(Prescription.progress, innerjoin=True),
        _LINES,
    )
    return wanted if through is None else (contains_eager(through).options(*wanted),)


_LINES = selectinload(Prescription.lines).options(
    joinedload(DrugPrescription.drug, innerjoin=True),
    selectinload(DrugPrescription.acts).joinedload(LineAct.author, innerjoin=True),
)
_WHOLE_OF_PATIENT = (
    contains_eager(Prescription.patient).load_only(*CARD, raiseload=True),
    joinedload(Prescription.progress, innerjoin=True),
    _LINES,
)


def _turn(prescription_id: uuid.UUID | ScalarSelect[uuid.UUID]) -> Select[PrescriptionProgress]:
    """The row that writers take turns on, locked where the database locks rows."""
    query = select(PrescriptionProgress).where(PrescriptionProgress.prescription_id == prescription_id)
    return query.with_for_update().execution_options(populate_existing=True)


def _meant(consultation_id: uuid.UUID) -> ScalarSelect[uuid.UUID]:
    """Which prescription a consultation's path means: the one that stands, else the one withdrawn last."""
    return (
        select(Prescription.id)
        .where(Prescription.consultation_id == consultation_id)
        .order_by(Prescription.voided_at.is_not(None), Prescription.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _refuse_unless_open(session: HospitalSession, consultation: Consultation) -> None:
    """Raise where nothing may be prescribed in a consultation any more."""
    if clock.now() >= consultation.locks_at:
        raise RecordLocked(
            f"this consultation is locked since {consultation.locks_at:%d-%b-%Y %H:%M} UTC; {_NEXT_TIME}",
            locked_at=clock.iso(consultation.locks_at),
        )
    if consultation.voided_at is not None:
        raise Conflict("this consultation was withdrawn; prescribe in another")
    if consultation.entered_in_error:
        raise Conflict("this consultation is marked as another patient's; prescribe in another")
    there = session.scalar(
        select(Prescription)
        .where(Prescription.consultation_id == consultation.id, Prescription.voided_at.is_(None))
        .options(joinedload(Prescription.author))
        .limit(1)
    )
    if there is not None:
        raise Conflict(
            f"{there.author.name} wrote the prescription of this consultation already; add drugs to it",
            prescription_id=str(there.id),
        )


def refuse_dead(session: HospitalSession, patient: Patient) -> None:
    """Raise `Conflict` for a patient who has died: nothing more is prescribed or handed out."""
    if patient.deceased_at is not None:
        died = session.store.settings.local(patient.deceased_at)
        raise Conflict(f"this patient is recorded as dead since {died:%d-%b-%Y}; is it another one?")


def _line(session: HospitalSession, prescription: Prescription, id: uuid.UUID) -> DrugPrescription:
    """The line of that id. Raises `NotFound` for a line of another prescription."""
    line = next((line for line in prescription.lines if line.id == id), None)
    if line is None:
        raise NotFound("there is no such drug on this prescription")
    session.target = line
    return line


def _check_correctable(session: HospitalSession, line: DrugPrescription) -> None:
    """Raise where a line stays as it is: not ours, too late, or done with."""
    records.check(session, line.prescription)
    _refuse_removed(line)
    if line.dispensed:
        raise Conflict(f"{line.dispensed} of this were dispensed already; stop it and write another")
    if line.stopped:
        raise Conflict("this line was stopped; write another")
    session.check_version(line)


def _refuse_removed(line: DrugPrescription) -> None:
    if line.removed_at is not None:
        raise Conflict("this line was taken off the prescription")


def _withdraw(session: HospitalSession, prescription: Prescription, reason: str) -> None:
    records.check(session, prescription)
    if prescription.anything_dispensed:
        raise Conflict("something of this prescription was dispensed already; stop its lines instead")
    prescription.progress.consultation_id = None
    records.void(session, prescription, reason)
    move_on(session, prescription)


def _act(
    session: HospitalSession,
    patient: PatientRef,
    consultation_id: uuid.UUID,
    id: uuid.UUID,
    kind: LineActKind,
    reason: str,
) -> DrugPrescription:
    prescription = take_turn(session, patient, consultation_id)
    line = _line(session, prescription, id)
    _refuse_removed(line)
    _refuse_act(line, kind)
    act = LineAct(patient_id=prescription.patient_id, line_id=line.id, kind=kind, reason=reason)
    session.add(act)
    set_committed_value(line, "acts", [*line.acts, act])  # a record of its own, not a change of the line
    move_on(session, prescription)
    return line


def _refuse_act(line: DrugPrescription, kind: LineActKind) -> None:
    """Raise `Conflict` where there is nothing to stop, hold or release."""
    if line.prescription.voided_at is not None:
        raise Conflict("this prescription was withdrawn")
    if line.stopped:
        raise Conflict(f"stopped already by {line.stopped.signed_by['name']}: {line.stopped.reason}")
    if kind is LineActKind.HOLD and line.held:
        raise Conflict(f"held already by {line.held.signed_by['name']}: {line.held.reason}")
    if kind is LineActKind.HOLD and line.state is LineState.DISPENSED:
        raise Conflict("all of this was dispensed already; there is nothing left to hold")
    if kind is LineActKind.RELEASE and not line.held:
        raise Conflict("this line is not held")


@consultation_voided.connect
def _withdraw_with(consultation: Consultation, session: HospitalSession, reason: str, **more: Any) -> None:
    """Withdraw what the author of a withdrawn consultation prescribed in it. Raises `Conflict` once dispensed."""
    there = session.scalar(
        select(Prescription.id).where(
            Prescription.consultation_id == consultation.id,
            Prescription.author_id == consultation.author_id,
            Prescription.voided_at.is_(None),
        )
    )
    if there is not None:
        _withdraw(session, take_turn_on(session, there), reason)


@amended.connect
def _mark_with(record: ClinicalRecord, session: HospitalSession, addendum: Addendum, **more: Any) -> None:
    """What was prescribed at a meeting with another patient was for that other patient: it is marked too."""
    if isinstance(record, Consultation) and addendum.kind is AddendumKind.ENTERED_IN_ERROR:
        prescribed = select(Prescription).where(
            Prescription.consultation_id == record.id, Prescription.voided_at.is_(None)
        )
        for prescription in session.scalars(prescribed):
            amend(session, prescription, AddendumIn(kind=addendum.kind, text=addendum.text))


@amended.connect
def _leave_queue(record: ClinicalRecord, session: HospitalSession, addendum: Addendum, **more: Any) -> None:
    """One marked as another patient's is not in the queue any more, and whoever watches that is to notice."""
    if isinstance(record, Prescription) and addendum.kind is AddendumKind.ENTERED_IN_ERROR:
        records.touch(session.scalars(_turn(record.id)).one())
        session.flush()
