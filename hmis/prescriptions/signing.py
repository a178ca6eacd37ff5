"""What a doctor signs at the end of a meeting, in one act: consultation, prescription, and where the patient goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hmis.consultations import service as consultations
from hmis.core.access import Permission, require
from hmis.core.db import HospitalSession
from hmis.core.errors import Invalid
from hmis.patients.reference import PatientRef
from hmis.prescriptions import service as prescriptions
from hmis.prescriptions.schemas import PrescriptionOut, SigningIn, SigningOut
from hmis.visits import service as visits


def sign(session: HospitalSession, patient: PatientRef, body: SigningIn) -> SigningOut:
    """All of it or nothing. Raises what each act alone would raise, fields named from the whole body."""
    if body.prescription is not None:
        require(session.acting(), Permission.PRESCRIPTIONS_WRITE)
    if body.move_visit_to is not None:
        require(session.acting(), Permission.VISITS_MOVE)
    with _told_from("consultation"):
        consultation = consultations.record(session, patient, body.consultation)
    prescription = None
    if body.prescription is not None:
        with _told_from("prescription"):
            prescription = prescriptions.prescribe_in(session, consultation, body.prescription)
    visit = None
    if body.move_visit_to is not None and consultation.visit_id is not None:
        visit = visits.move_on(session, consultation.visit_id, body.move_visit_to)
    return SigningOut(
        consultation=consultations.shown_to_reader(session, consultation, addenda=[], addenda_count=0),
        prescription=PrescriptionOut.model_validate(prescription) if prescription else None,
        visit=visits.shown(visit) if visit else None,
    )


@contextmanager
def _told_from(part: str) -> Iterator[None]:
    """A refusal of one part names its fields from the whole."""
    try:
        yield
    except Invalid as refusal:
        refusal.fields = {f"{part}.{name}": said for name, said in refusal.fields.items()}
        raise
