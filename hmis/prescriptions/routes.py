"""/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription, and the lists over prescriptions."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.annexes import annex
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import Reason, RecordListQuery
from hmis.patients.reference import PatientRef
from hmis.prescriptions import favourites, service, signing, writing
from hmis.prescriptions.models import DrugPrescription, Prescription
from hmis.prescriptions.schemas import (
    FavouriteOut,
    LineChange,
    LineIn,
    LineOut,
    PrescriptionChange,
    PrescriptionIn,
    PrescriptionOut,
    QueueQuery,
    SignatureIn,
    SignatureOut,
    SigningIn,
    SigningOut,
)
from hmis.staff import service as staff
from hmis.staff.reference import StaffRef

prescriptions = Domain("prescriptions", "Prescriptions")

ONE = "/patients/<patient:patient>/consultations/<uuid:consultation_id>/prescription"
LINES = ONE + "/drugs"
LINE = LINES + "/<uuid:id>"


@prescriptions.show(ONE, needs=Permission.PRESCRIPTIONS_READ, gives=PrescriptionOut)
def show(patient: PatientRef, consultation_id: uuid.UUID) -> Prescription:
    """The prescription of a consultation, with its lines and how far each has come."""
    return service.find(db(), patient, consultation_id)


@prescriptions.create(ONE, needs=Permission.PRESCRIPTIONS_WRITE, gives=PrescriptionOut)
def prescribe(patient: PatientRef, consultation_id: uuid.UUID, body: PrescriptionIn) -> Prescription:
    """Write the prescription of a consultation; a second one while it stands is 409."""
    return service.prescribe(db(), patient, consultation_id, body)


@prescriptions.change(ONE, needs=Permission.PRESCRIPTIONS_WRITE, gives=PrescriptionOut)
def instruct(patient: PatientRef, consultation_id: uuid.UUID, body: PrescriptionChange) -> Prescription:
    """Change the instructions of the whole prescription: its author only, within 24 hours."""
    return service.instruct(db(), patient, consultation_id, body)


@prescriptions.remove(ONE, needs=Permission.PRESCRIPTIONS_WRITE)
def withdraw(patient: PatientRef, consultation_id: uuid.UUID, query: Reason) -> None:
    """Withdraw it, with a reason: its author only, within 24 hours, while nothing was dispensed (409)."""
    service.withdraw(db(), patient, consultation_id, query.reason)


@prescriptions.create(LINES, needs=Permission.PRESCRIPTIONS_WRITE, gives=LineOut)
def add_line(patient: PatientRef, consultation_id: uuid.UUID, body: LineIn) -> DrugPrescription:
    """Add a drug: the author only, within 24 hours; what is odd is asked about first (422 `Implausible`)."""
    return service.add_line(db(), patient, consultation_id, body)


@prescriptions.change(LINE, needs=Permission.PRESCRIPTIONS_WRITE, gives=LineOut)
def change_line(patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, body: LineChange) -> DrugPrescription:
    """Correct a line: the author only, within 24 hours, before it is dispensed or stopped (409)."""
    return service.change_line(db(), patient, consultation_id, id, body)


@prescriptions.remove(LINE, needs=Permission.PRESCRIPTIONS_WRITE)
def remove_line(patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, query: Reason) -> None:
    """Take a line off, with a reason: the author only, within 24 hours, before it is dispensed (409)."""
    service.remove_line(db(), patient, consultation_id, id, query.reason)


@prescriptions.act(LINE + "/stop", needs=Permission.PRESCRIPTIONS_STOP, gives=LineOut)
def stop(patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, body: Reason) -> DrugPrescription:
    """Stop a line for good, with a reason: any doctor, at any time."""
    return service.stop(db(), patient, consultation_id, id, body.reason)


@prescriptions.act(LINE + "/hold", needs=Permission.PRESCRIPTIONS_HOLD, gives=LineOut)
def hold(patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, body: Reason) -> DrugPrescription:
    """Hold a line, with a reason: nothing more of it is dispensed until it is released."""
    return service.hold(db(), patient, consultation_id, id, body.reason)


@prescriptions.act(LINE + "/release", needs=Permission.PRESCRIPTIONS_HOLD, gives=LineOut)
def release(patient: PatientRef, consultation_id: uuid.UUID, id: uuid.UUID, body: Reason) -> DrugPrescription:
    """Release a held line, with a reason."""
    return service.release(db(), patient, consultation_id, id, body.reason)


@prescriptions.list(
    "/patients/<patient:patient>/prescriptions", needs=Permission.PRESCRIPTIONS_READ, gives=PrescriptionOut
)
def of_patient(patient: PatientRef, query: RecordListQuery) -> Page[Prescription]:
    """All prescriptions of a patient's chart, newest first."""
    return service.of_patient(db(), patient, query)


@prescriptions.list("/prescriptions", needs=Permission.PRESCRIPTIONS_READ, gives=PrescriptionOut, searches=True)
def queue(query: QueueQuery) -> Page[Prescription]:
    """The pharmacy's queue: what is still to be handed out, or one state; within a state the oldest first."""
    return service.queue(db(), query)


@prescriptions.create("/patients/<patient:patient>/signings", needs=Permission.CONSULTATIONS_RECORD, gives=SigningOut)
def sign(patient: PatientRef, body: SigningIn) -> SigningOut:
    """Sign a meeting in one act: the consultation, its prescription, and where the patient goes now; all or nothing."""
    return signing.sign(db(), patient, body)


@prescriptions.list("/favourites", needs=Permission.PRESCRIPTIONS_WRITE, gives=FavouriteOut)
def favourites_of_mine() -> Page[FavouriteOut]:
    """The lines one wrote most often in the last 180 days, at most 8, the most used first."""
    return Page(favourites.of_mine(db()))


@prescriptions.list(
    "/staffs/doctors/<staff:doctor>/prescriptions", needs=Permission.PRESCRIPTIONS_READ, gives=PrescriptionOut
)
def by_doctor(doctor: StaffRef, query: RecordListQuery) -> Page[Prescription]:
    """The prescriptions a doctor wrote, newest first."""
    return service.by_doctor(db(), staff.find(db(), doctor).id, query)


@prescriptions.ask("/signatures", needs=Permission.PRESCRIPTIONS_WRITE, gives=SignatureOut)
def read_signature(body: SignatureIn) -> SignatureOut:
    """Read a line typed in one go, such as `amoxicillin 500mg PO TDS 5/7`: its parts, and what is wrong or missing."""
    return writing.previewed(db(), body)


annex(prescriptions, ONE, service.find, reads=Permission.PRESCRIPTIONS_READ, writes=Permission.PRESCRIPTIONS_WRITE)
