"""How much to hand out for a whole course: tablets, bottles, inhalers, ampoules."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

from hmis.formulary.models import Drug
from hmis.prescriptions.doses import UNITS, Form, Portion, form_of, portion
from hmis.prescriptions.frequencies import FREQUENCIES

_QUARTERS = 4
_TENTHS = 10
"""How fine a syringe for the mouth is marked, in parts of a mL."""
_WITHIN = {"bottle": "mL", "inhaler": "puff"}
_OPENED = frozenset({"ampoule", "vial", "bag"})
"""What an injection is drawn from: said one for the other."""


def supply_unit(drug: Drug) -> str | None:
    """What this drug is handed out in, such as tablet or bottle; None where its form is not known."""
    form = form_of(drug)
    return form.unit if form else None


def quantity(
    drug: Drug,
    *,
    dose: Decimal | None,
    dose_unit: str | None,
    frequency: str | None,
    max_in_24h: Decimal | None,
    duration_days: int | None,
) -> int | None:
    """Units to hand out for the course, rounded up; None where it cannot be computed and has to be asked for.

    A maximum in 24 hours (in the dose's unit) bounds what the frequency asks for.
    """
    if dose is None or dose_unit is None:
        return None
    one = portion(dose, dose_unit, drug)
    doses = _doses(dose, frequency, max_in_24h, duration_days)
    if one is None or doses is None:
        return None
    form = form_of(drug)
    if form is not None and one.unit == _WITHIN.get(form.unit):
        return _packs(one, doses, drug.pack_size)
    if one.unit == "mL" or not comes_as(drug, one.unit):
        return None
    return _units(one, doses, form)


def each_time(drug: Drug, dose: Decimal | None, dose_unit: str | None) -> Portion | None:
    """One dose in tablets, capsules, puffs or mL, as a patient takes it; None where it is written so already.

    None too where it cannot be known, or cannot be given: a third of a tablet, half a capsule, 1.25 puffs.
    """
    if dose is None or dose_unit is None:
        return None
    one, form = portion(dose, dose_unit, drug), form_of(drug)
    if one is None or form is None or form.single_use or UNITS[dose_unit.casefold()].name == one.unit:
        return None
    parts = _TENTHS if one.unit == "mL" else _QUARTERS if form.halves else 1
    return one if (one.amount * parts).denominator == 1 else None


def comes_as(drug: Drug, unit: str) -> bool:
    """Whether a dose of this drug can be counted in that unit; a form that is not known stands in nobody's way."""
    form = form_of(drug)
    if form is None or unit in (form.unit, _WITHIN.get(form.unit)):
        return True
    return form.single_use and unit in _OPENED


def _doses(
    dose: Decimal, frequency: str | None, max_in_24h: Decimal | None, duration_days: int | None
) -> Fraction | None:
    """How many doses there are in the course, as many as are allowed."""
    often = FREQUENCIES.get(frequency or "")
    if often is not None and often.times_a_day is None:
        return Fraction(1)
    if duration_days is None:
        return None
    asked = often.doses_in(duration_days) if often else None
    allowed = Fraction(max_in_24h) / Fraction(dose) * duration_days if max_in_24h is not None else None
    bounds = [bound for bound in (asked, allowed) if bound is not None]
    return min(bounds) if bounds else None


def _packs(one: Portion, doses: Fraction, pack_size: int | None) -> int | None:
    return ceil(one.amount * doses / pack_size) if pack_size else None


def _units(one: Portion, doses: Fraction, form: Form | None) -> int | None:
    if form is not None and form.single_use:
        return ceil(one.amount) * ceil(doses)
    if form is not None and (one.amount * (_QUARTERS if form.halves else 1)).denominator != 1:
        return None  # nobody can give a third of a tablet or half a capsule
    return ceil(one.amount * doses)
