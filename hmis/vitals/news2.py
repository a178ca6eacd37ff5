"""The National Early Warning Score, NEWS2. Source: Royal College of Physicians, London, December 2017.

Each of seven measurements gives 0 to 3 points; the sum, and any single 3, say how soon somebody must come. It is
made for people of 16 and over who are not pregnant, and for nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol

RULE_VERSION = "RCP NEWS2 2017"
YOUNGEST = 16  # years; RCP NEWS2 2017: not for children under 16

PARAMETERS = (
    "respirations_per_min",
    "spo2_percent",
    "oxygen",
    "systolic_mmhg",
    "pulse_per_min",
    "consciousness",
    "temperature_celsius",
)
"""What is scored, in bedside order."""


class Observed(Protocol):
    """The seven measurements; None was not measured. A `VitalSign` is one."""

    @property
    def respirations_per_min(self) -> int | None: ...
    @property
    def spo2_percent(self) -> int | None: ...
    @property
    def oxygen(self) -> bool | None: ...
    @property
    def systolic_mmhg(self) -> int | None: ...
    @property
    def pulse_per_min(self) -> int | None: ...
    @property
    def consciousness(self) -> str | None: ...
    @property
    def temperature_celsius(self) -> Decimal | None: ...


class Band(StrEnum):
    """How urgent it is, in the words of the RCP; the last two are no risk bands but say that none is known."""

    LOW = "low"  # 0 to 4
    LOW_MEDIUM = "low-medium"  # a 3 in any one parameter, 4 or less in all
    MEDIUM = "medium"  # 5 or 6
    HIGH = "high"  # 7 or more
    INCOMPLETE = "incomplete"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class News2:
    """A score with all that is needed to check it by hand years later."""

    total: int | None
    """The score; None while anything is missing, or where NEWS2 does not apply."""
    partial: int | None
    """The points of what was measured: never more than the whole score would be. None where it does not apply."""
    band: Band
    points: dict[str, int]
    missing: list[str]
    scale: Literal[1, 2]
    """Which SpO2 scale: 2 only where a doctor has set 88-92 % as the target in hypercapnic respiratory failure."""
    rule_version: str
    reason: str | None
    """Why it was not calculated, or on what condition it holds."""
    response: str
    """What to do now, and when to measure again."""


# RCP NEWS2 2017: for each parameter the upper bounds of its bands, the bound included, with their points.
_Bands = tuple[tuple[Decimal, int], ...]


def _bands(*bands: tuple[int | str, int]) -> _Bands:
    return tuple((Decimal(upper), points) for upper, points in bands)


_RESPIRATIONS = _bands((8, 3), (11, 1), (20, 0), (24, 2), ("Infinity", 3))  # /min
_SPO2_SCALE_1 = _bands((91, 3), (93, 2), (95, 1), ("Infinity", 0))  # %
_SPO2_SCALE_2_ON_AIR = _bands((83, 3), (85, 2), (87, 1), ("Infinity", 0))  # %
_SPO2_SCALE_2_ON_OXYGEN = _bands((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), ("Infinity", 3))  # %
_SYSTOLIC = _bands((90, 3), (100, 2), (110, 1), (219, 0), ("Infinity", 3))  # mmHg
_PULSE = _bands((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), ("Infinity", 3))  # /min
_TEMPERATURE = _bands(("35.0", 3), ("36.0", 1), ("38.0", 0), ("39.0", 1), ("Infinity", 2))  # °C
_CONSCIOUSNESS = {"A": 0, "C": 3, "V": 3, "P": 3, "U": 3}  # new confusion counts as much as unresponsive
_ON_OXYGEN = 2
_MEDIUM_FROM, _HIGH_FROM = 5, 7
_ANY_SINGLE = 3

# RCP NEWS2 2017, chart 4 (clinical response), in our words.
_RESPONSES = {
    Band.LOW: "Measure again within 4 to 6 hours. A registered nurse assesses and decides whether to measure more "
    "often or to call for help.",
    Band.LOW_MEDIUM: "Measure at least every hour. The nurse tells the patient's doctors, who review the patient "
    "and decide whether more is needed.",
    Band.MEDIUM: "Urgent: measure at least every hour. The nurse tells the patient's doctors at once and asks for an "
    "urgent assessment by somebody trained in acute illness. Care for the patient where monitoring is possible.",
    Band.HIGH: "Emergency: monitor without interruption. The nurse calls the patient's doctors at once, a senior one "
    "at least, and a team that can manage the airway and critical illness. Consider intensive or high-dependency care.",
    Band.INCOMPLETE: "Not enough is measured to say how ill the patient is. Measure what is missing now.",
}
_CHILD = (f"under {YOUNGEST}", f"NEWS2 is not for children under {YOUNGEST}: use the children's chart (PEWS).")
_PREGNANT = ("pregnant", "NEWS2 is not for pregnancy: use the obstetric chart (MEOWS).")
_AGE_UNKNOWN = f"age not known: holds only for somebody of {YOUNGEST} or over"
_NOTHING_SCORED = "Measure again within 12 hours; go on as before."
_COMPLETE_IT = "This much is certain already from what was measured; measure what is missing as well."


def score(observed: Observed, *, age_years: int | None, pregnant: bool, scale: Literal[1, 2] = 1) -> News2:
    """The score of one set of measurements, with its reasons.

    A missing value is never taken for a normal one: the total is None then, but a single 3, or 5 points and more
    from the rest, call for help all the same, since what is missing can only add to them.

    Somebody whose age nobody knows is scored, and the score says on what condition it holds. That is the
    unconscious adult brought in without papers, who needs it most; a child taken for an adult breathes and beats
    faster than the bands allow, so the mistake is most often a call too many.
    """
    if age_years is not None and age_years < YOUNGEST:
        return _not_applicable(*_CHILD, scale)
    if pregnant:
        return _not_applicable(*_PREGNANT, scale)
    points = dict(_points(observed, scale))
    missing = [name for name in PARAMETERS if getattr(observed, name) is None]
    partial = sum(points.values())
    band = _band(points, complete=not missing)
    return News2(
        total=None if missing else partial,
        partial=partial,
        band=band,
        points=points,
        missing=missing,
        scale=scale,
        rule_version=RULE_VERSION,
        reason=_AGE_UNKNOWN if age_years is None else None,
        response=_response(band, partial, complete=not missing),
    )


def exported() -> dict[str, Any]:
    """The rule as data, for the browser to show each value's points while it is typed; SpO2 by scale 1 alone.

    Of each band the upper bound, included, and its points; the last has none.
    """
    bands = {
        "respirations_per_min": _RESPIRATIONS,
        "spo2_percent": _SPO2_SCALE_1,
        "systolic_mmhg": _SYSTOLIC,
        "pulse_per_min": _PULSE,
        "temperature_celsius": _TEMPERATURE,
    }
    return {
        "rule_version": RULE_VERSION,
        "youngest": YOUNGEST,
        "parameters": list(PARAMETERS),
        "bands": {
            name: [[float(upper) if upper.is_finite() else None, points] for upper, points in scale]
            for name, scale in bands.items()
        },
        "on_oxygen": _ON_OXYGEN,
        "consciousness": _CONSCIOUSNESS,
        "medium_from": _MEDIUM_FROM,
        "high_from": _HIGH_FROM,
        "any_single": _ANY_SINGLE,
        "responses": _RESPONSES,
        "nothing_scored": _NOTHING_SCORED,
        "complete_it": _COMPLETE_IT,
        "child": list(_CHILD),
        "pregnant": list(_PREGNANT),
        "age_unknown": _AGE_UNKNOWN,
    }


def _points(observed: Observed, scale: Literal[1, 2]) -> Iterator[tuple[str, int]]:
    """Points of each parameter that can be scored, in bedside order."""
    if observed.respirations_per_min is not None:
        yield "respirations_per_min", _within(_RESPIRATIONS, observed.respirations_per_min)
    spo2_bands = _spo2_bands(observed, scale)
    if observed.spo2_percent is not None and spo2_bands is not None:
        yield "spo2_percent", _within(spo2_bands, observed.spo2_percent)
    if observed.oxygen is not None:
        yield "oxygen", _ON_OXYGEN if observed.oxygen else 0
    if observed.systolic_mmhg is not None:
        yield "systolic_mmhg", _within(_SYSTOLIC, observed.systolic_mmhg)
    if observed.pulse_per_min is not None:
        yield "pulse_per_min", _within(_PULSE, observed.pulse_per_min)
    if observed.consciousness is not None:
        yield "consciousness", _CONSCIOUSNESS[observed.consciousness]
    if observed.temperature_celsius is not None:
        # The bands are written in tenths of a degree, so 38.05 has to become one of them.
        tenths = Decimal(observed.temperature_celsius).quantize(Decimal("0.1"), ROUND_HALF_UP)
        yield "temperature_celsius", _within(_TEMPERATURE, tenths)


def _spo2_bands(observed: Observed, scale: Literal[1, 2]) -> _Bands | None:
    """The bands to read SpO2 by; None on scale 2 above 92 % while nobody said whether oxygen is given."""
    if scale == 1:
        return _SPO2_SCALE_1
    if observed.oxygen is None:
        return _SPO2_SCALE_2_ON_AIR if (observed.spo2_percent or 0) <= 92 else None  # the same below 93 %
    return _SPO2_SCALE_2_ON_OXYGEN if observed.oxygen else _SPO2_SCALE_2_ON_AIR


def _within(bands: _Bands, value: int | Decimal) -> int:
    return next(points for upper, points in bands if value <= upper)


def _band(points: dict[str, int], *, complete: bool) -> Band:
    total = sum(points.values())
    if total >= _HIGH_FROM:
        return Band.HIGH
    if total >= _MEDIUM_FROM:
        return Band.MEDIUM
    if _ANY_SINGLE in points.values():
        return Band.LOW_MEDIUM
    return Band.LOW if complete else Band.INCOMPLETE


def _response(band: Band, partial: int, *, complete: bool) -> str:
    if band is Band.LOW and partial == 0:
        return _NOTHING_SCORED
    if complete or band is Band.INCOMPLETE:
        return _RESPONSES[band]
    return f"{_RESPONSES[band]} {_COMPLETE_IT}"


def _not_applicable(reason: str, response: str, scale: Literal[1, 2]) -> News2:
    return News2(None, None, Band.NOT_APPLICABLE, {}, [], scale, RULE_VERSION, reason, response)
