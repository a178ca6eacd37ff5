"""/api/v1/patients/{patient_id}/nursenotes: what nurses write."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.annexes import annex
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import Reason, RecordListQuery
from hmis.nursing import service
from hmis.nursing.models import NurseNote
from hmis.nursing.schemas import NoteChange, NoteIn, NoteOut
from hmis.patients.reference import PatientRef
from hmis.staff import service as staff
from hmis.staff.reference import StaffRef

nursing = Domain("nursing", "Nursing notes")

ALL = "/patients/<patient:patient>/nursenotes"
ONE = ALL + "/<uuid:id>"


@nursing.list(ALL, needs=Permission.NOTES_READ, gives=NoteOut)
def of_patient(patient: PatientRef, query: RecordListQuery) -> Page[NurseNote]:
    """The nursing notes on a patient, newest first."""
    return service.of_patient(db(), patient, query)


@nursing.create(ALL, needs=Permission.NOTES_RECORD, gives=NoteOut)
def write(patient: PatientRef, body: NoteIn) -> NurseNote:
    """Write a note."""
    return service.write(db(), patient, body)


@nursing.show(ONE, needs=Permission.NOTES_READ, gives=NoteOut)
def show(patient: PatientRef, id: uuid.UUID) -> NurseNote:
    """One note."""
    return service.find(db(), patient, id)


@nursing.change(ONE, needs=Permission.NOTES_RECORD, gives=NoteOut)
def correct(patient: PatientRef, id: uuid.UUID, body: NoteChange) -> NurseNote:
    """Correct a note: its author only, within 24 hours."""
    return service.correct(db(), patient, id, body)


@nursing.remove(ONE, needs=Permission.NOTES_RECORD)
def withdraw(patient: PatientRef, id: uuid.UUID, query: Reason) -> None:
    """Withdraw a note, with a reason: its author only, within 24 hours."""
    service.withdraw(db(), patient, id, query.reason)


@nursing.list("/staffs/nurses/<staff:nurse>/notes", needs=Permission.NOTES_READ, gives=NoteOut)
def by_nurse(nurse: StaffRef, query: RecordListQuery) -> Page[NoteOut]:
    """The notes of one nurse, newest first."""
    found = service.by_nurse(db(), staff.find(db(), nurse).id, query)
    return Page([service.shown_with_patient(note) for note in found.items], found.next)


annex(nursing, ONE, service.find, reads=Permission.NOTES_READ, writes=Permission.NOTES_RECORD)
