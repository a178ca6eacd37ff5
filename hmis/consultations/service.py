"""Recording consultations, correcting and withdrawing them, and the diagnoses made in them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from hmis.consultations.codes import dotted
from hmis.consultations.models import (
    Certainty,
    Consultation,
    Diagnosis,
    DiagnosisCode,
    sameness,
    with_addenda_count,
    with_diagnoses,
)
from hmis.consultations.schemas import (
    SUMMARY,
    TEXTS,
    ConsultationChange,
    ConsultationIn,
    ConsultationOut,
    DiagnosisIn,
)
from hmis.consultations.signals import consultation_voided
from hmis.core import clock, records
from hmis.core.access import Permission
from hmis.core.annexes import addenda_of
from hmis.core.db import HospitalSession
from hmis.core.errors import Invalid, by_field
from hmis.core.paging import Page, Sorted, page
from hmis.core.schemas import AddendumOut, RecordListQuery
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.visits import service as visits
from hmis.visits.models import Visit

FARTHEST_FOLLOW_UP = timedelta(days=3653)
"""Ten years. A later date is a slip in the year."""


class Named(NamedTuple):
    """A diagnosis as it will be stored."""

    code: str | None
    text: str
    certainty: Certainty
    rank: int

    @property
    def key(self) -> str:
        """By what it is the same as one stored already."""
        return sameness(self.code, self.text)


_NEWEST_FIRST = [Sorted(Consultation.occurred_at, descending=True), Sorted(Consultation.id, descending=True)]


def find(session: HospitalSession, ref: PatientRef, id: uuid.UUID) -> Consultation:
    """One consultation of this patient, with its diagnoses. Raises `NotFound`."""
    return session.fetch_of(ref, Consultation, Consultation.id == id, options=[with_diagnoses()])


def record(session: HospitalSession, ref: PatientRef, body: ConsultationIn) -> Consultation:
    """Record a consultation. Raises `Invalid` for dates that cannot be, a strange visit or an unknown code."""
    patient = patients.find(session, ref)
    consultation = Consultation(patient_id=patient.id, patient=patient, occurred_at=clock.now(), diagnoses=[])
    _set(session, patient, consultation, body)
    session.add(consultation)
    session.flush()
    return consultation


def correct(session: HospitalSession, ref: PatientRef, id: uuid.UUID, body: ConsultationChange) -> Consultation:
    """Change what was sent and nothing else. Raises `NotAuthor` or `RecordLocked`."""
    consultation = find(session, ref, id)
    records.check(session, consultation)
    _set(session, consultation.patient, consultation, body)
    session.flush()
    return consultation


def withdraw(session: HospitalSession, ref: PatientRef, id: uuid.UUID, reason: str) -> None:
    """Withdraw a consultation and what its author wrote in it: prescription, vitals; never a nurse's vitals."""
    consultation = find(session, ref, id)
    records.void(session, consultation, reason)
    consultation_voided.send(consultation, session=session, reason=reason)


def of_patient(session: HospitalSession, ref: PatientRef, query: RecordListQuery) -> Page[Consultation]:
    """A patient's consultations, newest first."""
    patient = patients.find(session, ref)
    return _listed(session, select(Consultation).where(Consultation.patient_id == patient.id), query)


def by_doctor(session: HospitalSession, staff_id: uuid.UUID, query: RecordListQuery) -> Page[Consultation]:
    """The consultations of one doctor, newest first, with whose they are."""
    asked = select(Consultation).where(Consultation.author_id == staff_id)
    asked = asked.options(joinedload(Consultation.patient).load_only(*visits.CARD, raiseload=True))
    found = _listed(session, asked, query)
    session.charts.update(consultation.patient_id for consultation in found.items)
    return found


def shown_to_reader(session: HospitalSession, consultation: Consultation, **more: Any) -> ConsultationOut:
    """As much of a consultation, and of `more` about it, as the reader's role may see."""
    whole = ConsultationOut.model_validate(consultation)
    for name, value in more.items():
        setattr(whole, name, value)
    if session.acting().may(Permission.CONSULTATIONS_READ):
        return whole
    return ConsultationOut.model_construct(**{name: getattr(whole, name) for name in whole.model_fields_set & SUMMARY})


def shown_with_addenda(session: HospitalSession, consultation: Consultation) -> ConsultationOut:
    """One consultation with what was added under it, as much as the reader's role may see."""
    added = addenda_of(session, consultation, RecordListQuery(limit=200)).items
    return shown_to_reader(
        session,
        consultation,
        addenda=[AddendumOut.model_validate(addendum) for addendum in added],
        addenda_count=len(added),
    )


def _listed(session: HospitalSession, asked: Select[Consultation], query: RecordListQuery) -> Page[Consultation]:
    asked = asked.options(joinedload(Consultation.author), with_diagnoses(), with_addenda_count())
    if query.include != "voided":
        asked = asked.where(Consultation.voided_at.is_(None))
    return page(session, asked, _NEWEST_FIRST, limit=query.limit, cursor=query.cursor)


def _set(session: HospitalSession, patient: Patient, consultation: Consultation, body: ConsultationChange) -> None:
    """Look everything up, then change; a question asked between changes would store them half done."""
    sent = body.sent()
    sent.pop("diagnoses", None)
    if sent.get("occurred_at", consultation.occurred_at) is None:
        sent.pop("occurred_at")
    if sent.get("visit_id") is not None:
        _check_visit(session, patient, sent["visit_id"])
    named = _named(session, body.diagnoses) if "diagnoses" in body.model_fields_set else None
    for name, value in sent.items():
        setattr(consultation, name, value)
    if named is not None:
        _rename(consultation, named)
    _check_dates(session, patient, consultation, set(sent))
    if not consultation.standing_diagnoses and not any(getattr(consultation, name) for name in TEXTS):
        raise Invalid("nothing would be left of this consultation; withdraw it instead")


def _check_visit(session: HospitalSession, patient: Patient, visit_id: uuid.UUID) -> None:
    found = session.scalar(select(Visit.id).where(Visit.id == visit_id, Visit.patient_id == patient.id))
    if found is None:
        raise Invalid("this patient has no such visit", fields={"visit_id": "not a visit of this patient"})


def _check_dates(session: HospitalSession, patient: Patient, consultation: Consultation, sent: set[str]) -> None:
    wrong = {}
    occurred_on: date = session.store.settings.day_of(consultation.occurred_at)
    follow_up_on = consultation.follow_up_on
    if "occurred_at" in sent and patient.born_on is not None and occurred_on < patient.born_on:
        wrong["occurred_at"] = "before the patient was born"
    if follow_up_on is not None and sent & {"occurred_at", "follow_up_on"}:
        if follow_up_on < occurred_on:
            wrong["follow_up_on"] = f"before the consultation itself, which was on {occurred_on:%d-%b-%Y}"
        elif follow_up_on > occurred_on + FARTHEST_FOLLOW_UP:
            wrong["follow_up_on"] = "more than ten years ahead; check the year"
    if wrong:
        raise Invalid(by_field(wrong), fields=wrong)


def _named(session: HospitalSession, diagnoses: Sequence[DiagnosisIn]) -> list[Named]:
    """What was sent, with codes as the WHO writes them, texts and ranks filled in. Raises `Invalid`."""
    titles = _titles(session, {diagnosis.code for diagnosis in diagnoses if diagnosis.code})
    taken = {diagnosis.rank for diagnosis in diagnoses}
    free = (rank for rank in count(1) if rank not in taken)
    wrong, named = {}, dict[str, Named]()
    for place, diagnosis in enumerate(diagnoses):
        code = dotted(diagnosis.code) if diagnosis.code else None
        if diagnosis.code and code not in titles:
            wrong[f"diagnoses.{place}.code"] = f"{diagnosis.code} is no code of ICD-10"
            continue
        text = diagnosis.text or titles[str(code)]
        found = Named(code, text, diagnosis.certainty, diagnosis.rank or next(free))
        if named.setdefault(found.key, found) is not found:
            wrong[f"diagnoses.{place}"] = f"{code or text} stands twice"
    if wrong:
        raise Invalid(by_field(wrong), fields=wrong)
    return list(named.values())


def _titles(session: HospitalSession, codes: set[str]) -> dict[str, str]:
    """Code -> title of those that ICD-10 has."""
    written = {stored for code in codes if (stored := dotted(code))}
    if not written:
        return {}
    found = select(DiagnosisCode.code, DiagnosisCode.title).where(DiagnosisCode.code.in_(written))
    return {row.code: row.title for row in session.execute(found)}


def _rename(consultation: Consultation, named: Sequence[Named]) -> None:
    """Make the diagnoses those that were named: one that stays keeps its row, what is left out is taken back."""
    there = {sameness(diagnosis.code, diagnosis.text): diagnosis for diagnosis in consultation.standing_diagnoses}
    for wanted in named:
        diagnosis = there.pop(wanted.key, None)
        if diagnosis is None:
            diagnosis = Diagnosis(code=wanted.code)
            consultation.diagnoses.append(diagnosis)
        diagnosis.text, diagnosis.certainty, diagnosis.rank = wanted.text, wanted.certainty, wanted.rank
    for gone in there.values():
        gone.removed_at = clock.now()
