"""Writing nursing notes, correcting and withdrawing them."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from hmis.core import records
from hmis.core.db import HospitalSession
from hmis.core.paging import Page, Sorted, page
from hmis.core.schemas import RecordListQuery
from hmis.nursing.models import NurseNote
from hmis.nursing.schemas import NoteChange, NoteIn, NoteOut
from hmis.patients import service as patients
from hmis.patients.reference import PatientRef
from hmis.visits import service as visits


def find(session: HospitalSession, ref: PatientRef, id: uuid.UUID) -> NurseNote:
    """One note on this patient. Raises `NotFound`."""
    return session.fetch_of(ref, NurseNote, NurseNote.id == id)


def write(session: HospitalSession, ref: PatientRef, body: NoteIn) -> NurseNote:
    """Write a note."""
    note = NurseNote(patient_id=patients.find(session, ref).id, kind=body.kind, text=body.text)
    session.add(note)
    session.flush()
    return note


def correct(session: HospitalSession, ref: PatientRef, id: uuid.UUID, body: NoteChange) -> NurseNote:
    """Change what was sent and nothing else. Raises `NotAuthor` or `RecordLocked`."""
    note = find(session, ref, id)
    records.check(session, note)
    note.kind, note.text = body.kind or note.kind, body.text or note.text
    session.flush()
    return note


def withdraw(session: HospitalSession, ref: PatientRef, id: uuid.UUID, reason: str) -> None:
    """Withdraw a note, with the reason: its author, within 24 hours."""
    records.void(session, find(session, ref, id), reason)


def of_patient(session: HospitalSession, ref: PatientRef, query: RecordListQuery) -> Page[NurseNote]:
    """The notes on a patient, newest first."""
    patient = patients.find(session, ref)
    asked = select(NurseNote).where(NurseNote.patient_id == patient.id)
    return _listed(session, asked.options(records.with_addenda(NurseNote)), query)


def by_nurse(session: HospitalSession, staff_id: uuid.UUID, query: RecordListQuery) -> Page[NurseNote]:
    """The notes of one nurse, newest first, with whom they are about."""
    asked = select(NurseNote).where(NurseNote.author_id == staff_id)
    asked = asked.options(joinedload(NurseNote.patient).load_only(*visits.CARD, raiseload=True))
    found = _listed(session, asked, query)
    session.charts.update(note.patient_id for note in found.items)
    return found


def shown_with_patient(note: NurseNote) -> NoteOut:
    """A note in a list over many patients."""
    shown = NoteOut.model_validate(note)
    shown.patient = visits.card(note.patient)
    return shown


def _listed(session: HospitalSession, asked: Select[NurseNote], query: RecordListQuery) -> Page[NurseNote]:
    asked = asked.options(joinedload(NurseNote.author))
    if query.include != "voided":
        asked = asked.where(NurseNote.voided_at.is_(None))
    return page(session, asked, [Sorted(NurseNote.id, descending=True)], limit=query.limit, cursor=query.cursor)
