"""Recording what was measured, correcting it, and the early-warning score that goes with it."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hmis.consultations.models import Consultation
from hmis.consultations.signals import consultation_voided
from hmis.core import clock, records
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, Implausible, Invalid
from hmis.core.paging import Page, Sorted, page
from hmis.core.schemas import RecordListQuery
from hmis.patients import service as patients
from hmis.patients.age import age_years
from hmis.patients.models import Patient, holding
from hmis.patients.reference import PatientRef
from hmis.vitals import news2, plausible
from hmis.vitals.models import VitalSign
from hmis.vitals.schemas import VitalSignIn


def find(
    session: HospitalSession, patient: PatientRef, id: uuid.UUID, consultation_id: uuid.UUID | None = None
) -> VitalSign:
    """One set of this patient's, and of the consultation where one is named. Raises `NotFound`."""
    conditions = [VitalSign.id == id]
    if consultation_id is not None:
        conditions.append(VitalSign.consultation_id == consultation_id)
    return session.fetch_of(patient, VitalSign, *conditions, options=holding(VitalSign.patient))


def record(
    session: HospitalSession, ref: PatientRef, taken: VitalSignIn, consultation_id: uuid.UUID | None = None
) -> VitalSign:
    """Record a set. Raises `Invalid` for what cannot be, `Implausible` for what is odd and not confirmed."""
    if consultation_id is None:
        patient = patients.find(session, ref)
    else:
        # Held until the commit: who withdraws the consultation meanwhile waits, and takes this set back with it.
        session.execute(select(Consultation.id).where(Consultation.id == consultation_id).with_for_update(read=True))
        consultation = session.fetch_of(
            ref, Consultation, Consultation.id == consultation_id, options=holding(Consultation.patient)
        )
        if consultation.voided_at is not None:
            raise Conflict("this consultation was withdrawn; record the vitals with the patient")
        if consultation.entered_in_error:
            raise Conflict("this consultation is marked as another patient's; record the vitals with the patient")
        patient = consultation.patient
    vital_sign = VitalSign(patient_id=patient.id, consultation_id=consultation_id, taken_at=clock.now())
    _set(session, patient, vital_sign, taken)
    session.add(vital_sign)
    session.flush()
    return vital_sign


def correct(
    session: HospitalSession,
    ref: PatientRef,
    id: uuid.UUID,
    taken: VitalSignIn,
    consultation_id: uuid.UUID | None = None,
) -> VitalSign:
    """Change what was sent and nothing else; the score is computed anew. Raises `NotAuthor` or `RecordLocked`."""
    vital_sign = find(session, ref, id, consultation_id)
    records.check(session, vital_sign)
    _set(session, vital_sign.patient, vital_sign, taken)
    session.flush()
    return vital_sign


def withdraw(
    session: HospitalSession, ref: PatientRef, id: uuid.UUID, reason: str, consultation_id: uuid.UUID | None = None
) -> None:
    """Withdraw a set, with the reason: its author, within 24 hours."""
    records.void(session, find(session, ref, id, consultation_id), reason)


@consultation_voided.connect
def withdraw_with(consultation: Consultation, *, session: HospitalSession, reason: str) -> None:
    """Withdraw the sets that a doctor took in a consultation now withdrawn; those of others stay."""
    taken = select(VitalSign).where(
        VitalSign.consultation_id == consultation.id,
        VitalSign.author_id == consultation.author_id,
        VitalSign.voided_at.is_(None),
    )
    for vital_sign in session.scalars(taken).all():
        records.void(session, vital_sign, reason)


def of_patient(
    session: HospitalSession, ref: PatientRef, query: RecordListQuery, consultation_id: uuid.UUID | None = None
) -> Page[VitalSign]:
    """A patient's sets, newest first."""
    if consultation_id is None:
        patient_id = patients.find(session, ref).id
    else:
        patient_id = session.fetch_of(ref, Consultation, Consultation.id == consultation_id).patient_id
    asked = select(VitalSign).where(VitalSign.patient_id == patient_id)
    asked = asked.options(joinedload(VitalSign.author), records.with_addenda(VitalSign))
    if consultation_id is not None:
        asked = asked.where(VitalSign.consultation_id == consultation_id)
    if query.include != "voided":
        asked = asked.where(VitalSign.voided_at.is_(None))
    return page(session, asked, _NEWEST_FIRST, limit=query.limit, cursor=query.cursor)


def by_nurse(session: HospitalSession, staff_id: uuid.UUID, query: RecordListQuery) -> Page[VitalSign]:
    """The sets one member of staff recorded, newest first."""
    asked = select(VitalSign).where(VitalSign.author_id == staff_id).options(joinedload(VitalSign.author))
    if query.include != "voided":
        asked = asked.where(VitalSign.voided_at.is_(None))
    found = page(session, asked, _NEWEST_FIRST, limit=query.limit, cursor=query.cursor)
    session.charts.update(vital_sign.patient_id for vital_sign in found.items)
    return found


_NEWEST_FIRST = [Sorted(VitalSign.taken_at, descending=True), Sorted(VitalSign.id, descending=True)]


def _set(session: HospitalSession, patient: Patient, vital_sign: VitalSign, taken: VitalSignIn) -> None:
    sent = taken.sent()
    if sent.get("taken_at", vital_sign.taken_at) is None:
        sent.pop("taken_at")
    for name, value in sent.items():
        setattr(vital_sign, name, value)
    _question(session, patient, vital_sign, set(sent))
    vital_sign.news2 = _score(patient, vital_sign)


def _question(session: HospitalSession, patient: Patient, vital_sign: VitalSign, fields: set[str]) -> None:
    wrong = dict(plausible.impossible(vital_sign))
    if patient.born_on is not None and vital_sign.taken_at.date() < patient.born_on:
        wrong["taken_at"] = "before the patient was born"
    if wrong:
        raise Invalid("; ".join(wrong.values()), fields=wrong)
    last_weight = _last_weight(session, vital_sign) if "weight_kg" in fields else None
    odd = dict(plausible.questions(vital_sign, fields, _age(patient, vital_sign), last_weight))
    if odd and not vital_sign.confirmed:
        raise Implausible(f"{'; '.join(odd.values())} If so, send it with `confirmed: true`.", fields=odd)
    vital_sign.doubts = list(odd.values()) or vital_sign.doubts


def _last_weight(session: HospitalSession, vital_sign: VitalSign) -> tuple[Decimal, datetime] | None:
    before = (
        select(VitalSign.weight_kg, VitalSign.taken_at)
        .where(
            VitalSign.patient_id == vital_sign.patient_id,
            VitalSign.weight_kg.is_not(None),
            VitalSign.taken_at.between(vital_sign.taken_at - plausible.WEIGHT_MEMORY, vital_sign.taken_at),
            VitalSign.id != vital_sign.id,
            VitalSign.standing(),
        )
        .order_by(VitalSign.taken_at.desc())
        .limit(1)
    )
    with session.no_autoflush:  # the set in question is not stored yet, nor stored twice
        found = session.execute(before).first()
    return (found[0], found[1]) if found and found[0] is not None else None


def _age(patient: Patient, vital_sign: VitalSign) -> int | None:
    return age_years(patient.born_on, vital_sign.taken_at.date()) if patient.born_on else None


def _score(patient: Patient, vital_sign: VitalSign) -> dict[str, Any]:
    scored = news2.score(
        vital_sign,
        age_years=_age(patient, vital_sign),
        pregnant=patients.pregnant(patient, vital_sign.taken_at.date()),
    )
    return dataclasses.asdict(scored)
