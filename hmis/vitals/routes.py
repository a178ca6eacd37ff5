"""/api/v1/patients/{patient_id}/vitals, alone or within a consultation."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.annexes import annex
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import Reason, RecordListQuery
from hmis.patients.reference import PatientRef
from hmis.staff import service as staff
from hmis.staff.reference import StaffRef
from hmis.vitals import service
from hmis.vitals.models import VitalSign
from hmis.vitals.schemas import VitalSignIn, VitalSignOut

vitals = Domain("vitals", "Vital signs")

ALONE = "/patients/<patient:patient>/vitals"
CONSULTED = "/patients/<patient:patient>/consultations/<uuid:consultation_id>/vitals"
ONE = "/<uuid:id>"


@vitals.list(ALONE, needs=Permission.VITALS_READ, gives=VitalSignOut)
@vitals.list(CONSULTED, needs=Permission.VITALS_READ, gives=VitalSignOut)
def of_patient(
    patient: PatientRef, query: RecordListQuery, consultation_id: uuid.UUID | None = None
) -> Page[VitalSign]:
    """A patient's vital signs, newest first."""
    return service.of_patient(db(), patient, query, consultation_id)


@vitals.create(ALONE, needs=Permission.VITALS_RECORD, gives=VitalSignOut)
@vitals.create(CONSULTED, needs=Permission.VITALS_RECORD, gives=VitalSignOut)
def record(patient: PatientRef, body: VitalSignIn, consultation_id: uuid.UUID | None = None) -> VitalSign:
    """Record a set; an odd value is asked about first (422 `Implausible`)."""
    return service.record(db(), patient, body, consultation_id)


@vitals.show(ALONE + ONE, needs=Permission.VITALS_READ, gives=VitalSignOut)
@vitals.show(CONSULTED + ONE, needs=Permission.VITALS_READ, gives=VitalSignOut)
def show(patient: PatientRef, id: uuid.UUID, consultation_id: uuid.UUID | None = None) -> VitalSign:
    """One set of vital signs."""
    return service.find(db(), patient, id, consultation_id)


@vitals.change(ALONE + ONE, needs=Permission.VITALS_RECORD, gives=VitalSignOut)
@vitals.change(CONSULTED + ONE, needs=Permission.VITALS_RECORD, gives=VitalSignOut)
def correct(
    patient: PatientRef, id: uuid.UUID, body: VitalSignIn, consultation_id: uuid.UUID | None = None
) -> VitalSign:
    """Correct a set: its author only, within 24 hours."""
    return service.correct(db(), patient, id, body, consultation_id)


@vitals.remove(ALONE + ONE, needs=Permission.VITALS_RECORD)
@vitals.remove(CONSULTED + ONE, needs=Permission.VITALS_RECORD)
def withdraw(patient: PatientRef, id: uuid.UUID, query: Reason, consultation_id: uuid.UUID | None = None) -> None:
    """Withdraw a set, with a reason: its author only, within 24 hours."""
    service.withdraw(db(), patient, id, query.reason, consultation_id)


@vitals.list("/staffs/nurses/<staff:nurse>/vitals", needs=Permission.VITALS_READ, gives=VitalSignOut)
def by_nurse(nurse: StaffRef, query: RecordListQuery) -> Page[VitalSign]:
    """The sets a nurse recorded, newest first."""
    return service.by_nurse(db(), staff.find(db(), nurse).id, query)


for path in (ALONE, CONSULTED):
    annex(vitals, path + ONE, service.find, reads=Permission.VITALS_READ, writes=Permission.VITALS_RECORD)
