"""/api/v1/patients: identity, and what is held true beyond a visit."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.annexes import annex
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import Reason
from hmis.patients import service
from hmis.patients.models import Assertion
from hmis.patients.reference import PatientRef
from hmis.patients.schemas import (
    AssertionIn,
    AssertionOut,
    AssertionQuery,
    FormerNameOut,
    PatientChange,
    PatientIn,
    PatientOut,
    PatientQuery,
)

patients = Domain("patients", "Patients")


@patients.list("/patients", needs=Permission.PATIENTS_LIST, gives=PatientOut, searches=True)
def search(query: PatientQuery) -> Page[PatientOut]:
    """Find patients: names in any order, number, phone ending, birth date."""
    found = service.search(db(), query)
    return Page([service.shown_to_reader(db(), patient, listed=True) for patient in found.items], found.next)


@patients.create("/patients", needs=Permission.PATIENTS_REGISTER, gives=PatientOut)
def register(body: PatientIn) -> PatientOut:
    """Register a patient; who is there already is shown first (409 `PossibleDuplicate`)."""
    return service.shown_to_reader(db(), service.register(db(), body))


@patients.show("/patients/<patient:patient>", needs=Permission.PATIENTS_READ, gives=PatientOut)
def show(patient: PatientRef) -> PatientOut:
    """One patient's identity, as far as the reader's role goes."""
    return service.shown_to_reader(db(), service.find(db(), patient))


@patients.change("/patients/<patient:patient>", needs=Permission.PATIENTS_EDIT, gives=PatientOut)
def edit(patient: PatientRef, body: PatientChange) -> PatientOut:
    """Change what was sent of a patient's identity."""
    return service.shown_to_reader(db(), service.edit(db(), patient, body))


@patients.remove("/patients/<patient:patient>", needs=Permission.PATIENTS_DELETE)
def set_aside(patient: PatientRef) -> None:
    """Take out of the lists a patient registered by mistake; refused (409) once there is a chart."""
    service.set_aside(db(), patient)


@patients.list("/patients/<patient:patient>/names", needs=Permission.PATIENTS_READ, gives=FormerNameOut)
def former_names(patient: PatientRef) -> Page[FormerNameOut]:
    """What a patient was called before, until when, and who changed it; newest first, all at once."""
    return Page(service.former_names(db(), patient))


@patients.list("/patients/<patient:patient>/assertions", needs=Permission.ASSERTIONS_READ, gives=AssertionOut)
def assertions(patient: PatientRef, query: AssertionQuery) -> Page[Assertion]:
    """Blood group, genotype and pregnancy as held true over time, newest first."""
    return service.assertions(db(), patient, query)


@patients.create("/patients/<patient:patient>/assertions", needs=Permission.ASSERTIONS_RECORD, gives=AssertionOut)
def hold_true(patient: PatientRef, body: AssertionIn) -> Assertion:
    """Assert something; it supersedes what was held before."""
    return service.hold_true(db(), patient, body)


@patients.remove("/patients/<patient:patient>/assertions/<uuid:id>", needs=Permission.ASSERTIONS_RECORD)
def withdraw_assertion(patient: PatientRef, id: uuid.UUID, query: Reason) -> None:
    """Withdraw an assertion: its author only, within 24 hours."""
    service.withdraw_assertion(db(), patient, id, query.reason)


@patients.show("/patients/<patient:patient>/assertions/<uuid:id>", needs=Permission.ASSERTIONS_READ, gives=AssertionOut)
def assertion(patient: PatientRef, id: uuid.UUID) -> Assertion:
    """One assertion."""
    return service.find_assertion(db(), patient, id)


annex(
    patients,
    "/patients/<patient:patient>/assertions/<uuid:id>",
    service.find_assertion,
    reads=Permission.ASSERTIONS_READ,
    writes=Permission.ASSERTIONS_RECORD,
)
