"""Doses and strengths: what unit was meant, and how many tablets, millilitres or puffs a dose is of a drug."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from hmis.formulary.models import Drug
from hmis.prescriptions.sentences import sentence


class Dimension(StrEnum):
    """What a unit measures; amounts are converted within one dimension and never across."""

    MASS = "mg"
    ACTIVITY = "units"
    SUBSTANCE = "mmol"
    CHARGE = "mEq"
    VOLUME = "mL"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is shown, and how much of its dimension's own unit one of it is."""

    name: str
    dimension: Dimension
    factor: Fraction


def _unit(name: str, dimension: Dimension, factor: int | Fraction, *also: str) -> dict[str, Unit]:
    unit = Unit(name, dimension, Fraction(factor))
    return dict.fromkeys((name.casefold(), *also), unit)


def plural(word: str) -> str:
    """More than one of them: suppositories, sprays, patches, tablets."""
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("ch") else f"{word}s"


def _countable(name: str, *also: str) -> dict[str, Unit]:
    return _unit(name, Dimension.COUNT, 1, plural(name), *also)


UNITS: dict[str, Unit] = {
    **_unit("mg", Dimension.MASS, 1, "milligram", "milligrams"),
    **_unit("g", Dimension.MASS, 1000, "gram", "grams", "gm"),
    **_unit("micrograms", Dimension.MASS, Fraction(1, 1000), "microgram", "mcg"),
    **_unit("nanograms", Dimension.MASS, Fraction(1, 1_000_000), "nanogram"),
    **_unit("units", Dimension.ACTIVITY, 1, "unit", "international units", "international unit"),
    **_unit("million units", Dimension.ACTIVITY, 1_000_000, "mega units", "megaunits"),
    **_unit("mmol", Dimension.SUBSTANCE, 1),
    **_unit("mEq", Dimension.CHARGE, 1),
    **_unit("mL", Dimension.VOLUME, 1, "millilitre", "millilitres", "milliliter", "milliliters"),
    **_unit("L", Dimension.VOLUME, 1000, "litre", "litres", "liter", "liters"),
    **_countable("tablet", "tab", "tabs", "caplet", "caplets"),
    **_countable("capsule", "cap", "caps"),
    **_countable("puff", "inhalation", "inhalations", "actuation", "actuations"),
    **_countable("sachet"),
    **_countable("lozenge"),
    **_countable("suppository"),
    **_countable("pessary"),
    **_countable("ampoule", "amp", "amps", "ampule", "ampules"),
    **_countable("vial"),
    **_countable("patch"),
    **_countable("bottle"),
    **_countable("tube"),
    **_countable("bag"),
    **_countable("inhaler"),
}
"""By every spelling taken. Other words (drop, application) are taken as they are, and nothing is computed from them."""

UNCOUNTED = ("drop", "application", "spray", "scoop", "spot", "strip", "pea-sized amount", "fingertip unit")
"""The other words that a line typed in one go may name; each has its plural."""

# The abbreviations stand on the ISMP list of error-prone ones; spoons come in many sizes.
ERROR_PRONE: dict[str, str] = {
    "µg": "micrograms",
    "μg": "micrograms",
    "ug": "micrograms",
    "u": "units",
    "iu": "units",
    "i.u.": "units",
    "cc": "mL",
    "teaspoon": "mL (a 5 mL spoon is 5)",
    "tsp": "mL (a 5 mL spoon is 5)",
    "tablespoon": "mL (a 15 mL spoon is 15)",
    "tbsp": "mL (a 15 mL spoon is 15)",
}


def understood(text: str) -> str:
    """A dose's unit as it is stored. Raises `ValueError` with what to write for one that is easily misread."""
    typed = " ".join(text.casefold().split())
    if typed in ERROR_PRONE:
        raise ValueError(sentence("error_prone", text, ERROR_PRONE[typed]))
    known = UNITS.get(typed)
    return known.name if known else " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Form:
    """What is handed out of a form of drug, and whether a part of one is of use."""

    unit: str
    halves: bool = False
    """Tablets are broken, down to quarters."""
    single_use: bool = False
    """What is left of one after a dose is thrown away."""


FORMS: dict[str, Form] = {
    "tablet": Form("tablet", halves=True),
    "caplet": Form("tablet", halves=True),
    "capsule": Form("capsule"),
    "lozenge": Form("lozenge"),
    "suppository": Form("suppository"),
    "pessary": Form("pessary"),
    "patch": Form("patch"),
    "sachet": Form("sachet", single_use=True),
    "vial": Form("vial", single_use=True),
    "ampoule": Form("ampoule", single_use=True),
    "injection": Form("ampoule", single_use=True),
    "infusion": Form("bag", single_use=True),
    "inhaler": Form("inhaler"),
    "aerosol": Form("inhaler"),
    "ointment": Form("tube"),
    "cream": Form("tube"),
    "gel": Form("tube"),
    "suspension": Form("bottle"),
    "syrup": Form("bottle"),
    "elixir": Form("bottle"),
    "linctus": Form("bottle"),
    "mixture": Form("bottle"),
    "solution": Form("bottle"),
    "liquid": Form("bottle"),
    "drops": Form("bottle"),
    "lotion": Form("bottle"),
    "spray": Form("bottle"),
}
"""The first that is named counts: a solution for injection comes in ampoules, eye ointment in tubes."""


def form_of(drug: Drug) -> Form | None:
    """What is handed out of this drug; None where its form is not known."""
    words = set(re.findall(r"[a-z]+", (drug.form or "").casefold()))
    words |= {word.removesuffix("s") for word in words}
    return next((form for word, form in FORMS.items() if word in words), None)


@dataclass(frozen=True, slots=True)
class Strength:
    """How much is in one of something, or in so many millilitres."""

    amount: Fraction
    dimension: Dimension
    millilitres: Fraction | None
    whole: bool
    """The volume was printed with its number, `80 mg/2 mL`: on an ampoule that is all there is in it."""


_NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_STRENGTH = re.compile(rf"{_NUMBER}\s*([^\d/]+?)\s*(?:(?:/|\bper\b)\s*{_NUMBER}?\s*([^\d/]+?))?\s*")
_ON_A_PACK = {"µg": "micrograms", "μg": "micrograms", "ug": "micrograms", "iu": "units", "u": "units", "dose": "puff"}


def strength_of(drug: Drug) -> Strength | None:
    """What the printed strength says; None for a percentage, two ingredients, or nothing readable."""
    printed = _STRENGTH.fullmatch((drug.strength or "").strip())
    if printed is None:
        return None
    amount, unit, per, per_unit = printed.groups()
    measured = _printed_unit(unit)
    if measured is None or measured.dimension in (Dimension.COUNT, Dimension.VOLUME):
        return None
    of = _number(amount) * measured.factor
    if per_unit is None:
        return Strength(of, measured.dimension, None, whole=True)
    within = _printed_unit(per_unit)
    if within is None or within.dimension not in (Dimension.COUNT, Dimension.VOLUME):
        return None
    size = (_number(per) if per else Fraction(1)) * within.factor
    if size == 0:
        return None
    if within.dimension is Dimension.COUNT:
        return Strength(of / size, measured.dimension, None, whole=True)
    return Strength(of, measured.dimension, size, whole=per is not None)


@dataclass(frozen=True, slots=True)
class Portion:
    """One dose of a drug, counted in what it comes in, or in mL."""

    amount: Fraction
    unit: str

    @property
    def decimal(self) -> Decimal:
        """The amount as it is written: 1.5."""
        return Decimal(self.amount.numerator) / self.amount.denominator


def portion(dose: Decimal, dose_unit: str, drug: Drug) -> Portion | None:
    """How many tablets, puffs, ampoules ... or mL one dose is; None where that cannot be known."""
    unit = UNITS.get(dose_unit.casefold())
    if unit is None:
        return None
    given = Fraction(dose) * unit.factor
    form = form_of(drug)
    if unit.dimension is Dimension.COUNT:
        return Portion(given, unit.name)
    strength = strength_of(drug)
    if unit.dimension is Dimension.VOLUME:
        if form is None or form.unit == "bottle":
            return Portion(given, "mL")
        if form.single_use and strength and strength.whole and strength.millilitres:
            return Portion(given / strength.millilitres, form.unit)
        return None
    if strength is None or strength.dimension is not unit.dimension or strength.amount == 0:
        return None
    return _by_strength(given, strength, form)


def _by_strength(given: Fraction, strength: Strength, form: Form | None) -> Portion | None:
    one = given / strength.amount
    if strength.millilitres is not None:
        if form is None or form.unit == "bottle":
            return Portion(one * strength.millilitres, "mL")
        return Portion(one, form.unit) if form.single_use and strength.whole else None
    if form is not None and form.unit == "inhaler":
        return Portion(one, "puff")
    if form is not None and form.unit in ("tube", "bottle"):
        return None
    return Portion(one, form.unit if form else "unit")


def _printed_unit(text: str) -> Unit | None:
    typed = " ".join(text.casefold().split())
    return UNITS.get(_ON_A_PACK.get(typed, typed))


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))
