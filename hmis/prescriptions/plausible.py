"""What does not fit together on a line, and what is odd about it: possible, but more often a slip.

The limits of what is odd are this project's own; they ask and never refuse.
"""

from __future__ import annotations

from collections.abc import Iterator

from hmis.prescriptions.cautions import LESS_THAN_DAILY, REASON_LETTERS, high_alert
from hmis.prescriptions.doses import UNITS, Dimension, plural, portion
from hmis.prescriptions.frequencies import FREQUENCIES
from hmis.prescriptions.models import DrugPrescription
from hmis.prescriptions.sentences import sentence
from hmis.prescriptions.supply import comes_as, supply_unit

LONG_DAYS = 365
MANY_UNITS = 1000
MANY_AT_ONCE = 10
"""Tablets, capsules, puffs ... in one dose."""


def impossible(line: DrugPrescription) -> Iterator[tuple[str, str]]:
    """Field and sentence for what is missing or cannot stand together."""
    often = FREQUENCIES.get(line.frequency or "")
    once_only = often is not None and often.times_a_day is None
    yield from _dose(line)
    yield from _as_needed(line)
    yield from _weekly(line)
    if line.frequency is None and not line.as_needed:
        yield "frequency", sentence("how_often")
    if once_only and (line.duration_days or 1) > 1:
        yield "duration_days", "immediately and once only has no duration: leave it out"
    if not once_only and line.duration_days is None and line.quantity is None:
        yield "duration_days", sentence("how_long")


def _dose(line: DrugPrescription) -> Iterator[tuple[str, str]]:
    if line.dose is not None and line.dose_unit is None:
        yield "dose_unit", sentence("of_what", f"{line.dose.normalize():f}")
    if line.dose is None and line.dose_unit is not None:
        yield "dose", f"how many {line.dose_unit}?"
    if line.dose is None and line.dose_unit is None and not line.instructions:
        yield "dose", sentence("how_much")


def _weekly(line: DrugPrescription) -> Iterator[tuple[str, str]]:
    """Methotrexate by mouth, more often than weekly and without a word why: that has killed people."""
    alert = high_alert(line.drug.generic_name)
    often = line.frequency not in (None, *LESS_THAN_DAILY)
    if alert and alert.weekly and line.route == "oral" and often and len(line.instructions or "") < REASON_LETTERS:
        yield "frequency", sentence("weekly_or_why", alert.name)


def _as_needed(line: DrugPrescription) -> Iterator[tuple[str, str]]:
    if line.as_needed and not line.as_needed_reason:
        yield "as_needed_reason", sentence("for_what")
    if line.as_needed and line.max_in_24h is None and line.dose is not None:
        yield "max_in_24h", sentence("at_most", line.dose_unit or "of it")
    if line.as_needed_reason and not line.as_needed:
        yield "as_needed", "there is a reason, so is it as needed?"
    if line.max_in_24h is not None and line.dose is None:
        yield "max_in_24h", "counts in the dose's unit: give the dose too"
    if line.max_in_24h is not None and line.dose is not None and line.max_in_24h < line.dose:
        yield "max_in_24h", "less than a single dose"


def questions(line: DrugPrescription, fields: set[str]) -> Iterator[tuple[str, str]]:
    """Field and question for each odd value among `fields`."""
    if "duration_days" in fields and (line.duration_days or 0) > LONG_DAYS:
        yield "duration_days", f"{line.duration_days} days is more than a year: is it so?"
    if "quantity" in fields and (line.quantity or 0) > MANY_UNITS:
        unit = plural(supply_unit(line.drug) or "unit")
        yield "quantity", f"{line.quantity:,} {unit} to hand out: is it so?"
    if fields & {"dose", "dose_unit", "drug_id"} and line.dose is not None and line.dose_unit is not None:
        yield from _odd_dose(line)


def _odd_dose(line: DrugPrescription) -> Iterator[tuple[str, str]]:
    unit = UNITS.get((line.dose_unit or "").casefold())
    if unit is not None and unit.dimension is Dimension.COUNT and not comes_as(line.drug, unit.name):
        yield "dose_unit", f"{line.drug.name} does not come in {plural(unit.name)}: is it so?"
    one = portion(line.dose, line.dose_unit, line.drug) if line.dose and line.dose_unit else None
    if one is not None and one.unit != "mL" and one.amount > MANY_AT_ONCE:
        yield "dose", f"{float(one.amount):,.4g} {plural(one.unit)} in one dose: is it so?"
