"""The lines a doctor writes again and again, learned from what they signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from hmis.core import clock
from hmis.core.columns import first_id
from hmis.core.db import HospitalSession
from hmis.formulary.models import Drug
from hmis.formulary.schemas import DrugBrief
from hmis.prescriptions.models import DrugPrescription, Prescription
from hmis.prescriptions.schemas import FavouriteOut

LEARNED_FROM = timedelta(days=180)
MOST = 8
"""More would be a list to read through, and typing is quicker than that."""

_ALIKE = (
    DrugPrescription.drug_id,
    DrugPrescription.dose,
    DrugPrescription.dose_unit,
    DrugPrescription.route,
    DrugPrescription.frequency,
    DrugPrescription.as_needed,
    DrugPrescription.as_needed_reason,
    DrugPrescription.max_in_24h,
    DrugPrescription.duration_days,
)
"""What makes two lines the same one."""
_KEPT_WHERE_SAME = (DrugPrescription.quantity, DrugPrescription.instructions)
"""What a favourite says only where all its uses said the same."""


def of_mine(session: HospitalSession) -> list[FavouriteOut]:
    """The lines whoever asks wrote most in the last 180 days, the most used first; in one query.

    What was withdrawn, taken off or entered in error taught nothing, and a retired drug is not offered.
    """
    used = func.count().label("used")
    mine = (
        select(*_ALIKE, *map(_where_same, _KEPT_WHERE_SAME), used, func.max(DrugPrescription.id).label("last"))
        .join(DrugPrescription.prescription)
        .join(DrugPrescription.drug)
        .where(
            Prescription.author_id == session.acting().staff_id,
            Prescription.id >= first_id(clock.now() - LEARNED_FROM),
            Prescription.standing(),
            DrugPrescription.removed_at.is_(None),
            Drug.retired_at.is_(None),
        )
        .group_by(*_ALIKE)
        .order_by(used.desc(), func.max(DrugPrescription.id).desc())
        .limit(MOST)
        .subquery()
    )
    drug = aliased(Drug)
    found = select(mine, drug).join(drug, drug.id == mine.c.drug_id).order_by(mine.c.used.desc(), mine.c.last.desc())
    return [_shown(row[-1], row._mapping) for row in session.execute(found)]


def _where_same(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The value where every line of a group has the same, else null."""
    all_have_it = func.count(column) == func.count()
    return case((all_have_it & (func.min(column) == func.max(column)), func.min(column))).label(column.key)


def _shown(drug: Drug, said: Mapping[Any, Any]) -> FavouriteOut:
    fields = {column.key: said[column.key] for column in (*_ALIKE, *_KEPT_WHERE_SAME)}
    line = DrugPrescription(drug=drug, **fields)  # never stored: it knows how it is said in words
    return FavouriteOut(
        **fields,
        drug=DrugBrief.model_validate(drug),
        frequency_in_words=line.frequency_in_words,
        quantity_unit=line.quantity_unit,
        directions=line.directions,
        used=said["used"],
    )
