"""A line in words, for screens, labels and papers: no abbreviation that could be read in two ways.

Laid out as the medication line of NHS Common User Interface: parts divided by dashes, the unit kept at its number,
no trailing zero, and nothing below one where a smaller unit has a whole number.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from hmis.prescriptions import frequencies
from hmis.prescriptions.doses import UNITS, Dimension, plural

SMALLER = {"g": "mg", "mg": "micrograms", "micrograms": "nanograms"}
"""Where an amount below one is said in another unit, a thousand times smaller."""
_KEPT_TOGETHER = "\N{NO-BREAK SPACE}"


class Ordered(Protocol):
    """How a drug is to be taken: a line of a prescription, or what was typed of one."""

    @property
    def dose(self) -> Decimal | None: ...
    @property
    def dose_unit(self) -> str | None: ...
    @property
    def route(self) -> str | None: ...
    @property
    def frequency(self) -> str | None: ...
    @property
    def as_needed(self) -> bool: ...
    @property
    def as_needed_reason(self) -> str | None: ...
    @property
    def max_in_24h(self) -> Decimal | None: ...
    @property
    def duration_days(self) -> int | None: ...
    @property
    def instructions(self) -> str | None: ...


def directions(line: Ordered, *, dose: str | None = None, most: str | None = None) -> str:
    """How to take it: `DOSE 500 mg – oral – three times a day – for 5 days`.

    `dose` and `most` are said in the place of the line's own, where they are no single amount yet.
    """
    if dose is None and line.dose is not None:
        dose = amount(line.dose, line.dose_unit)
    if most is None and line.max_in_24h is not None:
        most = amount(line.max_in_24h, line.dose_unit)
    parts = [
        f"DOSE {dose}" if dose else None,
        line.route,
        frequencies.words(line.frequency),
        _as_needed(line),
        f"max {most} in 24 hours" if most else None,
        _how_long(line),
        line.instructions,
    ]
    return " – ".join(part for part in parts if part)


def amount(number: Decimal, unit: str | None) -> str:
    """A number with its unit: 1,200,000 units, 2 tablets; 0.125 mg is 125 micrograms."""
    while unit in SMALLER and 0 < number < 1:
        number, unit = number * 1000, SMALLER[unit]
    known = UNITS.get((unit or "").casefold())
    if known is not None and known.dimension is Dimension.COUNT and number != 1:
        unit = plural(known.name)
    return f"{number.normalize():,f}{_KEPT_TOGETHER}{unit}" if unit else f"{number.normalize():,f}"


def _as_needed(line: Ordered) -> str | None:
    if not line.as_needed:
        return None
    return f"as required: {line.as_needed_reason}" if line.as_needed_reason else "as required"


def _how_long(line: Ordered) -> str | None:
    if line.duration_days is None:
        return None
    return "for 1 day" if line.duration_days == 1 else f"for {line.duration_days} days"
