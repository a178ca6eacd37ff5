"""What is odd about a measurement, asked before it is stored: possible, but more often a slip.

The limits are this project's own, set wide of what illness does; they ask and never refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from hmis.vitals.models import VitalSign

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead the clock of a bedside device may run."""
ADULT = 16
WEIGHT_MEMORY = timedelta(days=7)
_WEIGHT_CHANGE = Decimal("0.20")

_ODD_AT_ANY_AGE: dict[str, tuple[float, float, str]] = {
    "temperature_celsius": (34.0, 41.5, "°C"),
    "spo2_percent": (70, 100, "%"),
    "glucose_mmol_per_l": (2.0, 35.0, "mmol/L"),
    "pulse_per_min": (25, 250, "/min"),
    "respirations_per_min": (5, 90, "/min"),
    "systolic_mmhg": (40, 260, "mmHg"),
    "diastolic_mmhg": (20, 160, "mmHg"),
    "oxygen_litres_per_min": (0, 60, "L/min"),
}
_ODD_IN_ADULTS: dict[str, tuple[float, float, str]] = {
    "pulse_per_min": (30, 200, "/min"),
    "respirations_per_min": (6, 60, "/min"),
    "systolic_mmhg": (60, 250, "mmHg"),
    "weight_kg": (25, 250, "kg"),
    "height_cm": (110, 220, "cm"),
    "muac_mm": (140, 600, "mm"),
}


@dataclass(frozen=True, slots=True)
class OtherUnit:
    """A number between `lowest` and `highest` was probably meant as `(number + shift) * numerator / denominator`."""

    lowest: str
    highest: str
    shift: int
    numerator: int
    denominator: int
    decimals: int
    say: str

    def meant(self, number: Decimal) -> str | None:
        """The number that was probably meant; None where this one is not likely to be in the other unit."""
        if not Decimal(self.lowest) <= number <= Decimal(self.highest):
            return None
        exact = (number + self.shift) * self.numerator / self.denominator
        return f"{exact.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)}"


OTHER_UNITS: dict[str, tuple[OtherUnit, ...]] = {
    "temperature_celsius": (
        OtherUnit("86", "115", -32, 5, 9, 1, "{0} looks like °F; in °C it is {1}: was that meant?"),
        OtherUnit("3.4", "4.2", 0, 10, 1, 1, "{0} °C is impossible; was {1} meant?"),
    ),
    "height_cm": (OtherUnit("0.4", "2.5", 0, 100, 1, 0, "{0} looks like metres; in cm it is {1}: was that meant?"),),
    "glucose_mmol_per_l": (
        OtherUnit("150.1", "3000", 0, 1, 18, 1, "{0} looks like mg/dL; in mmol/L it is {1}: was that meant?"),
    ),
}
"""Of numbers that are out of bounds, what was probably meant; glucose of 1 mmol/L is 18 mg/dL."""

_SENTENCES = {
    "odd": "{0} {1} is unusual: is it so?",
    "swapped": "{0}/{1}: the diastolic is higher; were the two swapped?",
    # Said by the browser; the schema says the same in words of its own.
    "out_of_bounds": "{0} cannot be: it goes from {1} to {2}",
    "too_fine": "{0} is more exact than can be kept: at most {1} decimals",
}


def exported() -> dict[str, Any]:
    """The limits as data, for the browser to ask while it is typed."""
    return {
        "adult": ADULT,
        "odd_at_any_age": {name: list(limits) for name, limits in _ODD_AT_ANY_AGE.items()},
        "odd_in_adults": {name: list(limits) for name, limits in _ODD_IN_ADULTS.items()},
        "other_units": {name: [asdict(unit) for unit in units] for name, units in OTHER_UNITS.items()},
        "sentences": _SENTENCES,
    }


def refuse_other_unit(name: str, value: Any) -> None:
    """Raise `ValueError` where a number out of bounds is a likely one in another unit or misplaces its point."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return
    if not number.is_finite():
        return
    for other in OTHER_UNITS.get(name, ()):
        meant = other.meant(number)
        if meant is not None:
            raise ValueError(other.say.format(value, meant))


def questions(
    vital_sign: VitalSign, fields: set[str], age_years: int | None, last_weight: tuple[Decimal, datetime] | None
) -> Iterator[tuple[str, str]]:
    """Field and question for each odd value among `fields`, by age in whole years where it is known."""
    limits = _ODD_AT_ANY_AGE | (_ODD_IN_ADULTS if age_years is None or age_years >= ADULT else {})
    for name, (lowest, highest, unit) in limits.items():
        value = getattr(vital_sign, name)
        if name in fields and value is not None and not lowest <= value <= highest:
            yield name, _SENTENCES["odd"].format(value, unit)
    if "weight_kg" in fields and vital_sign.weight_kg is not None and last_weight is not None:
        before, when = last_weight
        if abs(vital_sign.weight_kg - before) > before * _WEIGHT_CHANGE:
            yield "weight_kg", f"{vital_sign.weight_kg} kg, after {before} kg on {when:%d-%b-%Y}: is it so?"


def impossible(vital_sign: VitalSign) -> Iterator[tuple[str, str]]:
    """Field and sentence for values that cannot stand together."""
    systolic, diastolic = vital_sign.systolic_mmhg, vital_sign.diastolic_mmhg
    if systolic is not None and diastolic is not None and diastolic > systolic:
        yield "diastolic_mmhg", _SENTENCES["swapped"].format(systolic, diastolic)
