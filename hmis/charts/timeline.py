"""What happened to a patient through time, from all departments in one list, and what each of them gives to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, literal, select, union_all
from sqlalchemy.orm import Bundle, joinedload

from hmis.charts.schemas import EntryOut, Kind, TimelineQuery
from hmis.consultations import service as consultations
from hmis.consultations.models import Consultation, with_addenda_count, with_diagnoses
from hmis.core.access import Actor, Permission
from hmis.core.db import HospitalSession
from hmis.core.paging import Page, Sorted, beyond, page
from hmis.core.records import ClinicalRecord
from hmis.core.schemas import Out
from hmis.nursing.models import NurseNote
from hmis.nursing.schemas import NoteOut
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.prescriptions.models import DrugPrescription, LineAct, Prescription
from hmis.prescriptions.schemas import PrescriptionOut
from hmis.visits import service as visits
from hmis.visits.models import Visit
from hmis.vitals.models import VitalSign
from hmis.vitals.schemas import VitalSignOut

Shown = Iterable[tuple[uuid.UUID, Out]]


def of_patient(session: HospitalSession, ref: PatientRef, query: TimelineQuery) -> Page[EntryOut]:
    """What happened to a patient, newest first: one query, and one more for each kind on the page."""
    actor = session.acting()
    sources = [source for source in SOURCES if source.open_to(actor) and query.kind in (None, source.kind)]
    found = _page(session, ref, sources, query) if sources else Page[Any]([])
    if not found.items:
        patients.find(session, ref)
        return Page([])
    session.charts.add(found.items[0].patient_id)
    shown: dict[uuid.UUID, Out] = {}
    for source in sources:
        ids = [entry.id for entry in found.items if entry.kind == source.kind]
        if ids:
            shown.update(source.load(session, ids))
    return Page([_entry(entry, shown[entry.id]) for entry in found.items], found.next)


def _page(session: HospitalSession, ref: PatientRef, sources: list[Source], query: TimelineQuery) -> Page[Any]:
    """Kind, time and key of what stands on the page; each kind gives its newest, and the newest of these count."""
    whose = select(Patient.id).where(ref.criterion()).scalar_subquery()
    parts = union_all(*(select(source.newest(whose, query)) for source in sources)).subquery()
    column: Any = parts.c
    entry: Bundle[Any] = Bundle("entry", column.kind, column.at, column.id, column.patient_id)
    by = [Sorted(column.at, descending=True), Sorted(column.id, descending=True)]
    return page(session, select(entry), by, limit=query.limit, cursor=query.cursor)


def _entry(found: Any, shown: Out) -> EntryOut:
    entry = EntryOut(kind=Kind(found.kind), id=found.id, at=found.at)
    setattr(entry, found.kind, shown)
    return entry


def _load_consultations(session: HospitalSession, ids: list[uuid.UUID]) -> Shown:
    asked = select(Consultation).where(Consultation.id.in_(ids))
    asked = asked.options(joinedload(Consultation.author), with_diagnoses(), with_addenda_count())
    for consultation in session.scalars(asked).unique():
        yield consultation.id, consultations.shown_to_reader(session, consultation)


def _load_vitals(session: HospitalSession, ids: list[uuid.UUID]) -> Shown:
    for taken in session.scalars(select(VitalSign).where(VitalSign.id.in_(ids)).options(joinedload(VitalSign.author))):
        yield taken.id, VitalSignOut.model_validate(taken)


def _load_notes(session: HospitalSession, ids: list[uuid.UUID]) -> Shown:
    for note in session.scalars(select(NurseNote).where(NurseNote.id.in_(ids)).options(joinedload(NurseNote.author))):
        yield note.id, NoteOut.model_validate(note)


def _load_prescriptions(session: HospitalSession, ids: list[uuid.UUID]) -> Shown:
    asked = (
        select(Prescription)
        .where(Prescription.id.in_(ids))
        .options(
            joinedload(Prescription.author),
            joinedload(Prescription.patient).load_only(*visits.CARD, raiseload=True),
            joinedload(Prescription.progress),
            joinedload(Prescription.lines).options(
                joinedload(DrugPrescription.drug), joinedload(DrugPrescription.acts).joinedload(LineAct.author)
            ),
        )
    )
    for prescription in session.scalars(asked).unique():
        yield prescription.id, PrescriptionOut.model_validate(prescription)


def _load_visits(session: HospitalSession, ids: list[uuid.UUID]) -> Shown:
    asked = select(Visit).where(Visit.id.in_(ids))
    for visit in session.scalars(asked.options(joinedload(Visit.patient).load_only(*visits.CARD, raiseload=True))):
        yield visit.id, visits.shown(visit)


@dataclass(frozen=True)
class Source:
    """Where one kind of a timeline comes from."""

    kind: Kind
    needs: tuple[Permission, ...]
    """Any one of them is enough."""
    model: Any
    at: Any
    """The column that tells when it happened."""
    counted_as: str
    load: Callable[[HospitalSession, list[uuid.UUID]], Shown]
    through: Any = None
    """The relationship by which `at` is reached, where it is another table's."""

    def open_to(self, actor: Actor) -> bool:
        """Whether this person may see records of this kind."""
        return any(actor.may(permission) for permission in self.needs)

    def standing(self) -> list[ColumnElement[bool]]:
        """The conditions for records that were not withdrawn."""
        return [self.model.voided_at.is_(None)] if issubclass(self.model, ClinicalRecord) else []

    def newest(self, whose: ScalarSelect[uuid.UUID], query: TimelineQuery) -> Subquery:
        """The newest records of this kind after the cursor, as many as a page could hold, by an index of their own."""
        by = [Sorted(self.at, descending=True), Sorted(self.model.id, descending=True)]
        asked: Select[Any] = select(
            literal(self.kind.value).label("kind"),
            self.at.label("at"),
            self.model.id.label("id"),
            self.model.patient_id.label("patient_id"),
        ).where(self.model.patient_id == whose)
        if self.through is not None:
            asked = asked.join(self.through)
        if query.include != "voided":
            asked = asked.where(*self.standing())
        if query.cursor:
            asked = asked.where(beyond(query.cursor, by))
        return asked.order_by(*(key.column.desc() for key in by)).limit(query.limit + 1).subquery()


SOURCES = (
    Source(
        Kind.CONSULTATION,
        (Permission.CONSULTATIONS_READ, Permission.CONSULTATIONS_SUMMARY),
        Consultation,
        Consultation.occurred_at,
        "consultations",
        _load_consultations,
    ),
    Source(Kind.VITALS, (Permission.VITALS_READ,), VitalSign, VitalSign.taken_at, "vitals", _load_vitals),
    Source(Kind.NOTE, (Permission.NOTES_READ,), NurseNote, NurseNote.created_at, "notes", _load_notes),
    Source(
        Kind.PRESCRIPTION,
        (Permission.PRESCRIPTIONS_READ,),
        Prescription,
        Consultation.occurred_at,
        "prescriptions",
        _load_prescriptions,
        through=Prescription.consultation,
    ),
    Source(Kind.VISIT, (Permission.VISITS_READ,), Visit, Visit.created_at, "visits", _load_visits),
)
