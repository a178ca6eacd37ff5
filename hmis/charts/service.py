"""One patient's chart, put together from all departments. Reads only, and asks as often for ten records as for one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import contains_eager, joinedload

from hmis.charts.schemas import ActiveLineOut, BannerOut, ChartOut, CountsOut, ProblemOut, WeightOut
from hmis.charts.timeline import SOURCES
from hmis.consultations.models import Certainty, Consultation, Diagnosis, sameness
from hmis.core import clock
from hmis.core.db import HospitalSession
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.prescriptions.models import DrugPrescription, LineAct, Prescription
from hmis.visits import service as visits
from hmis.visits.models import Visit
from hmis.visits.schemas import VisitOut
from hmis.vitals.models import VitalSign
from hmis.vitals.schemas import VitalSignOut

DIAGNOSES_LOOKED_AT = 100
LINES_LOOKED_AT = 200
"""The newest ones; what is older stands in the timeline."""


def chart(session: HospitalSession, ref: PatientRef) -> ChartOut:
    """A patient's chart at a glance, in six queries. Raises `NotFound`."""
    patient = patients.find(session, ref)
    newest, weighed = _vitals(session, patient)
    return ChartOut(
        banner=_banner(session, patient),
        visit=_visit(session, patient),
        newest_vitals=VitalSignOut.model_validate(newest) if newest else None,
        latest_weight=WeightOut.model_validate(weighed) if weighed else None,
        problems=_problems(session, patient),
        active_lines=_active_lines(session, patient),
        counts=_counts(session, patient),
    )


def _banner(session: HospitalSession, patient: Patient) -> BannerOut:
    shown = patients.shown_to_reader(session, patient)
    return BannerOut(**{name: getattr(shown, name) for name in shown.model_fields_set & set(BannerOut.model_fields)})


def _visit(session: HospitalSession, patient: Patient) -> VisitOut | None:
    """Where the patient is today, while that visit lasts."""
    today = session.store.settings.day_of(clock.now())
    here = (
        select(Visit)
        .where(Visit.patient_id == patient.id, Visit.held_on == today, visits.is_open())
        .options(joinedload(Visit.patient).load_only(*visits.CARD, raiseload=True))
        .order_by(Visit.id.desc())
        .limit(1)
    )
    visit = session.scalar(here)
    return visits.shown(visit) if visit else None


def _vitals(session: HospitalSession, patient: Patient) -> tuple[VitalSign | None, VitalSign | None]:
    """The newest set, and the newest with a weight, which may be the same."""

    def newest(*conditions: Any) -> Select[Any]:
        query = select(VitalSign.id).where(VitalSign.patient_id == patient.id, VitalSign.standing(), *conditions)
        last = query.order_by(VitalSign.taken_at.desc(), VitalSign.id.desc()).limit(1)
        return select(last.subquery())

    # Joined, for MariaDB reads the whole table for `id = (...) OR id = (...)`.
    meant = union(newest(), newest(VitalSign.weight_kg.is_not(None))).subquery()
    asked = (
        select(VitalSign)
        .join(meant, meant.c.id == VitalSign.id)
        .options(joinedload(VitalSign.author))
        .order_by(VitalSign.taken_at.desc(), VitalSign.id.desc())
    )
    sets = session.scalars(asked).all()
    return (sets[0] if sets else None), next((s for s in sets if s.weight_kg is not None), None)


def _problems(session: HospitalSession, patient: Patient) -> list[ProblemOut]:
    """Each diagnosis as it was made last, the newest first; what was refuted since is none."""
    made = (
        select(
            Diagnosis.text,
            Diagnosis.code,
            Diagnosis.code_system,
            Diagnosis.certainty,
            Consultation.occurred_at.label("last_at"),
            Consultation.id.label("consultation_id"),
        )
        .join(Diagnosis.consultation)
        .where(Consultation.patient_id == patient.id, Consultation.standing(), Diagnosis.removed_at.is_(None))
        .order_by(Consultation.occurred_at.desc(), Consultation.id.desc(), Diagnosis.rank)
        .limit(DIAGNOSES_LOOKED_AT)
    )
    last: dict[str, ProblemOut] = {}
    for row in session.execute(made):
        last.setdefault(sameness(row.code, row.text), ProblemOut.model_validate(row))
    return [problem for problem in last.values() if problem.certainty is not Certainty.REFUTED]


def _active_lines(session: HospitalSession, patient: Patient) -> list[ActiveLineOut]:
    """The drugs the patient is on: prescribed, not stopped, the course not over."""
    asked = (
        select(DrugPrescription)
        .join(DrugPrescription.prescription)
        .join(Prescription.consultation)
        .where(Prescription.patient_id == patient.id, Prescription.standing(), DrugPrescription.removed_at.is_(None))
        # Of history whose end nobody knows, nobody knows that it lasts.
        .where(or_(Prescription.batch_id.is_(None), DrugPrescription.duration_days.is_not(None)))
        .options(
            contains_eager(DrugPrescription.prescription).options(
                contains_eager(Prescription.consultation).load_only(Consultation.occurred_at, raiseload=True),
                joinedload(Prescription.author),
                joinedload(Prescription.progress),
            ),
            joinedload(DrugPrescription.drug),
            joinedload(DrugPrescription.acts).joinedload(LineAct.author),
        )
        .order_by(DrugPrescription.id.desc())
        .limit(LINES_LOOKED_AT)
    )
    now = clock.now()
    return [ActiveLineOut.model_validate(line) for line in session.scalars(asked).unique() if line.taken_at(now)]


def _counts(session: HospitalSession, patient: Patient) -> CountsOut:
    actor = session.acting()

    counted = [
        select(func.count())
        .select_from(source.model)
        .where(source.model.patient_id == patient.id, *source.standing())
        .scalar_subquery()
        .label(source.counted_as)
        for source in SOURCES
        if source.open_to(actor)
    ]
    return CountsOut(**session.execute(select(*counted)).one()._mapping)
