"""/api/v1/visits and /api/v1/patients/{patient_id}/visits: who came, and where they are."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import ListQuery
from hmis.patients.reference import PatientRef
from hmis.visits import service
from hmis.visits.schemas import ClinicOut, MoveIn, VisitIn, VisitOut, VisitQuery

visits = Domain("visits", "Visits")

OF_PATIENT = "/patients/<patient:patient>/visits"


@visits.list(OF_PATIENT, needs=Permission.VISITS_READ, gives=VisitOut)
def of_patient(patient: PatientRef, query: ListQuery) -> Page[VisitOut]:
    """A patient's visits, newest first."""
    found = service.of_patient(db(), patient, query)
    return Page([service.shown(visit) for visit in found.items], found.next)


@visits.create(OF_PATIENT, needs=Permission.VISITS_CHECK_IN, gives=VisitOut)
def check_in(patient: PatientRef, body: VisitIn) -> VisitOut:
    """Check a patient in to a clinic today; they get a ticket (409 where they wait there already)."""
    return service.shown(service.check_in(db(), patient, body))


@visits.show(OF_PATIENT + "/<uuid:id>", needs=Permission.VISITS_READ, gives=VisitOut)
def show(patient: PatientRef, id: uuid.UUID) -> VisitOut:
    """One visit."""
    return service.shown(service.find(db(), patient, id))


@visits.list("/visits", needs=Permission.VISITS_READ, gives=VisitOut, searches=True)
def day_list(query: VisitQuery) -> Page[VisitOut]:
    """Who came today, or on another day, in the order they came; by clinic and state."""
    found = service.day_list(db(), query)
    return Page([service.shown(visit) for visit in found.items], found.next)


@visits.list("/clinics", needs=Permission.VISITS_READ, gives=ClinicOut)
def clinics() -> Page[ClinicOut]:
    """The clinics to offer at check-in, and how many are there today: those of the settings, then others in use."""
    return Page(service.clinics(db()))


@visits.act("/visits/<uuid:id>/move", needs=Permission.VISITS_MOVE, gives=VisitOut)
def move(id: uuid.UUID, body: MoveIn) -> VisitOut:
    """Move a patient on; who comes second is told where they are and who moved them (409)."""
    return service.shown(service.move(db(), id, body))
