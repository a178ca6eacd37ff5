"""/api/v1/patients/{patient_id}/consultations: what was found, thought and planned; and the search for diagnoses."""

from __future__ import annotations

import uuid

from hmis.consultations import codes, service
from hmis.consultations.models import DiagnosisCode
from hmis.consultations.schemas import (
    ConsultationChange,
    ConsultationIn,
    ConsultationOut,
    DiagnosisCodeOut,
    DiagnosisQuery,
)
from hmis.core.access import Permission
from hmis.core.annexes import annex
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import Reason, RecordListQuery
from hmis.patients.reference import PatientRef
from hmis.staff import service as staff
from hmis.staff.reference import StaffRef
from hmis.visits.service import card

consultations = Domain("consultations", "Consultations")

ALL = "/patients/<patient:patient>/consultations"
ONE = ALL + "/<uuid:id>"
READERS = (Permission.CONSULTATIONS_READ, Permission.CONSULTATIONS_SUMMARY)


@consultations.list(ALL, needs=READERS, gives=ConsultationOut)
def of_patient(patient: PatientRef, query: RecordListQuery) -> Page[ConsultationOut]:
    """A patient's consultations, newest first."""
    found = service.of_patient(db(), patient, query)
    return Page([service.shown_to_reader(db(), consultation) for consultation in found.items], found.next)


@consultations.create(ALL, needs=Permission.CONSULTATIONS_RECORD, gives=ConsultationOut)
def record(patient: PatientRef, body: ConsultationIn) -> ConsultationOut:
    """Record a consultation, with its diagnoses in words or by ICD-10 code."""
    return service.shown_to_reader(db(), service.record(db(), patient, body), addenda=[], addenda_count=0)


@consultations.show(ONE, needs=READERS, gives=ConsultationOut)
def show(patient: PatientRef, id: uuid.UUID) -> ConsultationOut:
    """One consultation with its addenda, as far as the reader's role goes."""
    return service.shown_with_addenda(db(), service.find(db(), patient, id))


@consultations.change(ONE, needs=Permission.CONSULTATIONS_RECORD, gives=ConsultationOut)
def correct(patient: PatientRef, id: uuid.UUID, body: ConsultationChange) -> ConsultationOut:
    """Correct a consultation: its author only, within 24 hours. `diagnoses` replaces the whole list."""
    return service.shown_with_addenda(db(), service.correct(db(), patient, id, body))


@consultations.remove(ONE, needs=Permission.CONSULTATIONS_RECORD)
def withdraw(patient: PatientRef, id: uuid.UUID, query: Reason) -> None:
    """Withdraw a consultation with what its author wrote in it: its author only, within 24 hours."""
    service.withdraw(db(), patient, id, query.reason)


@consultations.list("/staffs/doctors/<staff:doctor>/consultations", needs=READERS, gives=ConsultationOut)
def by_doctor(doctor: StaffRef, query: RecordListQuery) -> Page[ConsultationOut]:
    """The consultations of one doctor, newest first."""
    found = service.by_doctor(db(), staff.find(db(), doctor).id, query)
    return Page([service.shown_to_reader(db(), c, patient=card(c.patient)) for c in found.items], found.next)


@consultations.list(
    "/diagnoses", needs=(Permission.CONSULTATIONS_READ, Permission.CONSULTATIONS_RECORD), gives=DiagnosisCodeOut
)
def diagnoses(query: DiagnosisQuery) -> Page[DiagnosisCode]:
    """Find a diagnosis of ICD-10 by plain words or by the beginning of its code, the likeliest first."""
    return Page(codes.search(db(), query.q, query.limit))


annex(
    consultations,
    ONE,
    service.find,
    reads=Permission.CONSULTATIONS_READ,
    writes=Permission.CONSULTATIONS_RECORD,
)
