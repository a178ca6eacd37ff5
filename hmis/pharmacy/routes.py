"""/api/v1/.../prescription/dispenses: what is handed out on a prescription."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.annexes import annex
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import ListQuery, Reason, RecordListQuery
from hmis.patients.reference import PatientRef
from hmis.pharmacy import service
from hmis.pharmacy.models import Dispense
from hmis.pharmacy.schemas import DispenseIn, DispenseOut
from hmis.prescriptions.models import Prescription
from hmis.prescriptions.routes import ONE as PRESCRIPTION
from hmis.prescriptions.schemas import PrescriptionOut
from hmis.staff import service as staff
from hmis.staff.reference import StaffRef

pharmacy = Domain("pharmacy", "Pharmacy")

ALL = PRESCRIPTION + "/dispenses"
ONE = ALL + "/<uuid:id>"


@pharmacy.list(ALL, needs=Permission.PRESCRIPTIONS_READ, gives=DispenseOut)
def of_prescription(patient: PatientRef, consultation_id: uuid.UUID, query: RecordListQuery) -> Page[Dispense]:
    """What was handed out on a prescription, newest first."""
    return service.of_prescription(db(), patient, consultation_id, query)


@pharmacy.create(ALL, needs=Permission.PRESCRIPTIONS_DISPENSE, gives=DispenseOut)
def dispense(patient: PatientRef, consultation_id: uuid.UUID, body: DispenseIn) -> Dispense:
    """Hand out, all or part; more than is left, or a line held or stopped, is 409 and nothing is stored."""
    return service.dispense(db(), patient, consultation_id, body)


@pharmacy.show(ONE, needs=Permission.PRESCRIPTIONS_READ, gives=DispenseOut)
def show(patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID) -> Dispense:
    """One handing-out."""
    return service.find(db(), patient, consultation_id, id)


@pharmacy.remove(ONE, needs=Permission.PRESCRIPTIONS_DISPENSE)
def withdraw(patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, query: Reason) -> None:
    """Withdraw a handing-out, with a reason: its author only, within 24 hours."""
    service.withdraw(db(), patient, consultation_id, id, query.reason)


@pharmacy.list(
    "/staffs/pharmacists/<staff:pharmacist>/prescriptions", needs=Permission.PRESCRIPTIONS_READ, gives=PrescriptionOut
)
def by_pharmacist(pharmacist: StaffRef, query: ListQuery) -> Page[Prescription]:
    """The prescriptions a pharmacist handed something out on, newest first."""
    return service.by_pharmacist(db(), staff.find(db(), pharmacist).id, query)


annex(pharmacy, ONE, service.find, reads=Permission.PRESCRIPTIONS_READ, writes=Permission.PRESCRIPTIONS_DISPENSE)
