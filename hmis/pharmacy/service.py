"""Handing out what was prescribed: in parts if need be, and never more than was prescribed."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from hmis.core import records
from hmis.core.annexes import amended
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, NotFound
from hmis.core.paging import Page, Sorted, page
from hmis.core.records import Addendum, AddendumKind, ClinicalRecord
from hmis.core.schemas import ListQuery, RecordListQuery
from hmis.patients.reference import PatientRef
from hmis.pharmacy.models import Dispense, DispensedLine
from hmis.pharmacy.schemas import DispensedLineIn, DispenseIn
from hmis.prescriptions import service as prescriptions
from hmis.prescriptions.models import DrugPrescription, Prescription, ProgressState

_CONTENTS: tuple[ExecutableOption, ...] = (
    joinedload(Dispense.prescription, innerjoin=True).joinedload(Prescription.progress, innerjoin=True),
    selectinload(Dispense.lines)
    .joinedload(DispensedLine.line, innerjoin=True)
    .joinedload(DrugPrescription.drug, innerjoin=True),
)


def dispense(session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, body: DispenseIn) -> Dispense:
    """Hand out. Raises `Conflict`, and stores nothing, when a line is held or stopped or has not that much left."""
    prescription = prescriptions.take_turn(session, patient, consultation_id)
    written = {line.id: line for line in prescription.lines}
    if any(asked.line_id not in written for asked in body.lines):
        raise NotFound("there is no such drug on this prescription")
    _refuse_unless_open(session, prescription)
    before = _count(session, prescription)
    refused = {
        f"lines.{number}.quantity": said
        for number, asked in enumerate(body.lines)
        if (said := _refusal(written[asked.line_id], asked))
    }
    if refused:
        raise Conflict("; ".join(refused.values()), fields=refused)
    now = {str(asked.line_id): before.get(str(asked.line_id), 0) + asked.quantity for asked in body.lines}
    prescription.progress.dispensed = before | now
    handed_out = Dispense(
        patient_id=prescription.patient_id,
        prescription=prescription,
        note=body.note,
        lines=[DispensedLine(line=written[asked.line_id], quantity=asked.quantity) for asked in body.lines],
    )
    session.add(handed_out)
    prescriptions.move_on(session, prescription)
    return handed_out


def find(session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID) -> Dispense:
    """One handing-out on the prescription of this patient's consultation. Raises `NotFound`."""
    of_consultation = Dispense.prescription_id.in_(
        select(Prescription.id).where(Prescription.consultation_id == consultation_id)
    )
    return session.fetch_of(patient, Dispense, Dispense.id == id, of_consultation, options=_CONTENTS)


def withdraw(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, reason: str
) -> None:
    """Withdraw a handing-out: its author, within 24 hours. What it took is left to be dispensed again."""
    prescription = prescriptions.take_turn(session, patient, consultation_id)
    records.void(session, find(session, patient, consultation_id, id), reason)
    _count(session, prescription)
    prescriptions.move_on(session, prescription)


def of_prescription(
    session: HospitalSession, patient: PatientRef, consultation_id: uuid.UUID, query: RecordListQuery
) -> Page[Dispense]:
    """What was handed out on a prescription, newest first."""
    prescription = prescriptions.find(session, patient, consultation_id)
    asked = select(Dispense).where(Dispense.prescription_id == prescription.id)
    if query.include != "voided":
        asked = asked.where(Dispense.voided_at.is_(None))
    asked = asked.options(joinedload(Dispense.author), *_CONTENTS)
    return page(session, asked, [Sorted(Dispense.id, descending=True)], limit=query.limit, cursor=query.cursor)


def by_pharmacist(session: HospitalSession, staff_id: uuid.UUID, query: ListQuery) -> Page[Prescription]:
    """The prescriptions one pharmacist handed something out on, by the last time they did, newest first."""
    later = aliased(Dispense)
    again = exists().where(
        later.prescription_id == Dispense.prescription_id,
        later.author_id == staff_id,
        later.id > Dispense.id,
        later.voided_at.is_(None),
        ~later.entered_in_error,
    )
    asked = (
        select(Dispense)
        .join(Dispense.prescription)
        .where(Dispense.author_id == staff_id, Dispense.standing(), ~again)
        .options(*prescriptions.whole(Dispense.prescription))
    )
    found = page(session, asked, [Sorted(Dispense.id, descending=True)], limit=query.limit, cursor=query.cursor)
    session.charts.update(handed_out.patient_id for handed_out in found.items)
    return Page([handed_out.prescription for handed_out in found.items], found.next)


def _count(session: HospitalSession, prescription: Prescription) -> dict[str, int]:
    """Set on the progress what was handed out of each line, summed up from the dispenses that stand."""
    sums = session.execute(
        select(DispensedLine.line_id, func.sum(DispensedLine.quantity))
        .join(DispensedLine.dispense)
        .where(Dispense.prescription_id == prescription.id, Dispense.standing(), DispensedLine.removed_at.is_(None))
        .group_by(DispensedLine.line_id)
    )
    dispensed = {str(line_id): int(total) for line_id, total in sums}
    prescription.progress.dispensed = dispensed
    return dispensed


def _refuse_unless_open(session: HospitalSession, prescription: Prescription) -> None:
    """Raise `Conflict` where nothing of a prescription may be handed out."""
    if prescription.voided_at is not None:
        raise Conflict("this prescription was withdrawn; nothing of it is handed out")
    if prescription.entered_in_error:
        raise Conflict("this prescription is marked as another patient's; nothing of it is handed out")
    if prescription.state is ProgressState.HISTORY:
        raise Conflict("this prescription came with imported history; a new one is needed")
    prescriptions.refuse_dead(session, prescription.patient)


def _refusal(line: DrugPrescription, asked: DispensedLineIn) -> str | None:
    """Why so much of a line cannot be handed out now; None when it can."""
    if line.removed_at is not None:
        return f"{line.drug.name} was taken off the prescription"
    if line.stopped:
        return f"{line.drug.name} was stopped by {line.stopped.signed_by['name']}: {line.stopped.reason}"
    if line.held:
        return f"{line.drug.name} is held by {line.held.signed_by['name']}: {line.held.reason}"
    if asked.version is not None and asked.version != line.version:
        return f"{line.drug.name} was changed by the prescriber since you looked: {line.directions}"
    if line.left is None:
        return f"it is not known how much of {line.drug.name} was prescribed"
    if asked.quantity > line.left:
        return f"{line.drug.name}: {line.left} left of {line.quantity}, and {asked.quantity} asked for"
    return None


@amended.connect
def _count_without(record: ClinicalRecord, session: HospitalSession, addendum: Addendum, **more: Any) -> None:
    """A handing-out that turns out to be another patient's takes nothing from this prescription."""
    if isinstance(record, Dispense) and addendum.kind is AddendumKind.ENTERED_IN_ERROR:
        prescription = prescriptions.take_turn_on(session, record.prescription_id)
        _count(session, prescription)
        prescriptions.move_on(session, prescription)
