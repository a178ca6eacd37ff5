"""What a coded measurement of a source is here: which column it fills, and how its unit becomes ours.

Codes: LOINC (loinc.org; this material contains content from LOINC, copyright Regenstrief Institute, Inc.). Units: UCUM
(unitsofmeasure.org). Only conversions that are exact by definition are made, and that of glucose by its molar mass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pydantic import ValidationError

from hmis.consultations.models import Consultation  # noqa: F401 - the mapping of VitalSign needs it
from hmis.interop.reading import Odd
from hmis.interop.source import Refused
from hmis.vitals import plausible
from hmis.vitals.models import Consciousness, VitalSign
from hmis.vitals.schemas import VitalSignIn

LOINC = "http://loinc.org"
BODY_MASS_INDEX = frozenset({"39156-5", "89270-3"})
"""Derived: computed here from height and weight."""
PANELS = frozenset({"85353-1", "34565-2", "8716-3"})
"""Vital signs as a whole; the members come as observations of their own."""

FIELDS: dict[str, str] = {
    "8867-4": "pulse_per_min",  # heart rate
    "8889-8": "pulse_per_min",  # heart rate by pulse oximetry
    "9279-1": "respirations_per_min",
    "8480-6": "systolic_mmhg",
    "8462-4": "diastolic_mmhg",
    "8310-5": "temperature_celsius",
    "8331-1": "temperature_celsius",  # oral
    "59408-5": "spo2_percent",  # by pulse oximetry
    "2708-6": "spo2_percent",  # arterial; the code of the FHIR profile also for oximetry
    "3151-8": "oxygen_litres_per_min",  # inhaled oxygen flow rate
    "67775-7": "consciousness",  # level of responsiveness
    "72514-3": "pain_0_10",
    "8302-2": "height_cm",
    "8306-3": "height_cm",  # length of an infant, lying
    "3137-7": "height_cm",  # measured
    "29463-7": "weight_kg",
    "3141-9": "weight_kg",  # measured
    "15074-8": "glucose_mmol_per_l",  # blood, moles/volume
    "2339-0": "glucose_mmol_per_l",  # blood, mass/volume
    "14743-9": "glucose_mmol_per_l",  # capillary blood by glucometer, moles/volume
    "41653-7": "glucose_mmol_per_l",  # capillary blood by glucometer, mass/volume
    "56072-2": "muac_mm",  # mid upper arm circumference
}
"""LOINC code -> column of `VitalSign`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """ours = (theirs + offset) * factor."""

    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)


_SAME = Unit()
_MG_PER_MMOL = Decimal("18.0156")
"""Glucose, C6H12O6, 180.156 g/mol; mg/dL in one mmol/L."""
_PER_MINUTE = {"/min": _SAME, "{beats}/min": _SAME, "{breaths}/min": _SAME, "1/min": _SAME}
_FRACTION = {"%": _SAME}
_LENGTH_CM = {
    "cm": _SAME,
    "m": Unit(Decimal(100)),
    "mm": Unit(Decimal("0.1")),
    "[in_i]": Unit(Decimal("2.54")),
    "[ft_i]": Unit(Decimal("30.48")),
}
_PRESSURE_MMHG = {"mm[Hg]": _SAME, "kPa": Unit(Decimal("7.50061683"))}  # 1 mmHg = 0.133322387415 kPa

UNITS: dict[str, Mapping[str, Unit]] = {
    "pulse_per_min": _PER_MINUTE,
    "respirations_per_min": _PER_MINUTE,
    "systolic_mmhg": _PRESSURE_MMHG,
    "diastolic_mmhg": _PRESSURE_MMHG,
    "temperature_celsius": {
        "Cel": _SAME,
        "[degF]": Unit(Decimal(5) / 9, Decimal(-32)),
        "K": Unit(offset=Decimal("-273.15")),
    },
    "spo2_percent": _FRACTION,
    "oxygen_litres_per_min": {"L/min": _SAME, "l/min": _SAME, "mL/min": Unit(Decimal("0.001"))},
    "pain_0_10": {"{score}": _SAME, "1": _SAME, "{0-10}": _SAME, "": _SAME},
    "height_cm": _LENGTH_CM,
    "weight_kg": {
        "kg": _SAME,
        "g": Unit(Decimal("0.001")),
        "[lb_av]": Unit(Decimal("0.45359237")),
        "[oz_av]": Unit(Decimal("0.028349523125")),
    },
    "glucose_mmol_per_l": {
        "mmol/L": _SAME,
        "mmol/l": _SAME,
        "mg/dL": Unit(1 / _MG_PER_MMOL),
        "mg/dl": Unit(1 / _MG_PER_MMOL),
    },
    "muac_mm": {"mm": _SAME, "cm": Unit(Decimal(10)), "[in_i]": Unit(Decimal("25.4"))},
}
"""Column -> UCUM code -> how it becomes the column's unit."""

_WRITTEN = {
    "mmHg": "mm[Hg]",
    "mm Hg": "mm[Hg]",
    "beats/minute": "/min",
    "beats/min": "/min",
    "bpm": "/min",
    "breaths/minute": "/min",
    "breaths/min": "/min",
    "per minute": "/min",
    "C": "Cel",
    "°C": "Cel",
    "degC": "Cel",
    "F": "[degF]",
    "°F": "[degF]",
    "degF": "[degF]",
    "lb": "[lb_av]",
    "lbs": "[lb_av]",
    "in": "[in_i]",
    "inch": "[in_i]",
    "inches": "[in_i]",
    "percent": "%",
    "LPM": "L/min",
}
"""Units as people write them, where the source gives no UCUM code: they mean one thing only beside these columns."""

PLAUSIBLE_ALONE: dict[str, tuple[int, int]] = {
    "pulse_per_min": (20, 300),
    "respirations_per_min": (4, 100),
    "systolic_mmhg": (50, 300),  # in kPa it would be 7 to 40
    "diastolic_mmhg": (28, 200),  # in kPa 3 to 27
    "temperature_celsius": (30, 45),  # in degrees Fahrenheit 86 to 113
    "spo2_percent": (50, 100),
}
"""A number without a unit can mean one thing only in this range. Weight, height and glucose are never certain:
60 may be kilograms or pounds, 60 centimetres or inches, 20 mmol/L or mg/dL."""

_HIGHEST = 10**6
"""No measurement in our units comes near it."""
_PLACES = {
    "temperature_celsius": 1,
    "oxygen_litres_per_min": 1,
    "height_cm": 1,
    "weight_kg": 3,
    "glucose_mmol_per_l": 1,
}
_UNIT_SHOWN = {
    "pulse_per_min": "/min",
    "respirations_per_min": "/min",
    "systolic_mmhg": "mmHg",
    "diastolic_mmhg": "mmHg",
    "temperature_celsius": "°C",
    "spo2_percent": "%",
}


def spoken(field: str) -> str:
    """A column as a person says it: `systolic_mmhg` is systolic."""
    for ending in ("_per_min", "_mmhg", "_celsius", "_percent", "_litres", "_0_10", "_cm", "_kg", "_mmol_per_l", "_mm"):
        field = field.removesuffix(ending)
    return field


def measured(field: str, value: Any, unit: str | None) -> tuple[int | Decimal, str | None]:
    """The value in our unit and precision, and the doubt it is stored with. Raises `Refused` with the reason."""
    if isinstance(value, Odd | bool) or not isinstance(value, int | float | Decimal):
        raise Refused(f"{spoken(field)}: {str(value)[:40]!r} is not a number")
    number = Decimal(str(value))
    if not number.is_finite():
        raise Refused(f"{spoken(field)}: {value} is not a number")
    doubt = None
    if not unit and "" not in UNITS[field]:
        doubt = _without_unit(field, number)
        conversion = _SAME
    else:
        code = (unit or "").strip()
        known = UNITS[field].get(code) or UNITS[field].get(_WRITTEN.get(code, ""))
        if known is None:
            raise Refused(f"{spoken(field)} {number}: unit {code[:40]!r} is not one for it")
        conversion = known
    return _held(field, (number + conversion.offset) * conversion.factor, number, doubt)


def _without_unit(field: str, number: Decimal) -> str:
    lowest, highest = PLAUSIBLE_ALONE.get(field, (1, 0))
    if not lowest <= number <= highest:
        raise Refused(f"{spoken(field)} {number}: no unit in the source, and the number alone is not certain")
    return f"{spoken(field)} {number}: no unit in the source, taken as {_UNIT_SHOWN[field]}"


def _held(field: str, ours: Decimal, theirs: Decimal, doubt: str | None) -> tuple[int | Decimal, str | None]:
    """Rounded to what the column holds, half up, and within the bounds of what is possible at all."""
    if not 0 <= ours <= _HIGHEST:
        raise Refused(f"{spoken(field)} {theirs}: impossible")
    places = _PLACES.get(field, 0)
    rounded = ours.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    value: int | Decimal = rounded if places else int(rounded)
    try:
        VitalSignIn.model_validate({field: value})
    except ValidationError as error:
        raise Refused(f"{spoken(field)} {theirs}: {_why(error)}") from error
    if field == "pain_0_10" and ours != rounded:
        doubt = f"pain {ours:.2f} of 10 in the source; the scale has whole points"
    return value, doubt


def _why(error: ValidationError) -> str:
    """On which side of the possible it is, or what else is wrong, in plain words."""
    first = error.errors()[0]
    limits = first.get("ctx", {})
    if "le" in limits:
        return "higher than is possible"
    if "ge" in limits:
        return "lower than is possible"
    return first["msg"].removeprefix("Value error, ")


def consciousness(text: str) -> Consciousness:
    """ACVPU from the words of a coded answer. Raises `Refused`."""
    words = {
        "alert": Consciousness.ALERT,
        "confus": Consciousness.CONFUSED,
        "unresponsive": Consciousness.UNRESPONSIVE,
        "pain": Consciousness.PAIN,
        "voice": Consciousness.VOICE,
        "verbal": Consciousness.VOICE,
    }
    found = {level for word, level in words.items() if word in text.lower()}
    if len(found) != 1:
        raise Refused(f"consciousness {text[:80]!r} is none of alert, confused, voice, pain, unresponsive")
    return found.pop()


def together(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields that cannot stand together in one set, each with the reason."""
    yield from plausible.impossible(VitalSign(**values))


def odd(values: dict[str, Any], age_years: int | None) -> list[str]:
    """What is unusual about a set, in words; history is stored with it, as nobody is there to be asked."""
    return [
        f"{spoken(field)} {question.removesuffix(': is it so?')}"
        for field, question in plausible.questions(VitalSign(**values), set(values), age_years, None)
    ]
