"""A line of a prescription typed in one go, read into its parts: `amoxicillin 500mg PO TDS 5/7`.

Nothing is guessed and nothing is lost: what is easily misread is refused with what to write, what is missing is asked
for, and a word that was not understood is shown as unread. The browser reads the same way (`signature.ts`), by the same
grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hmis.prescriptions import grammar, wording
from hmis.prescriptions.cautions import LESS_THAN_DAILY, HighAlert, high_alert
from hmis.prescriptions.doses import UNITS, Dimension
from hmis.prescriptions.frequencies import ALSO, FREQUENCIES, folded
from hmis.prescriptions.sentences import sentence

_RULES = [(rule["kind"], re.compile(rule["pattern"]), rule.get("in_drug", False)) for rule in grammar.RULES]
_SEPARATORS = re.compile(grammar.SEPARATORS)
_SPACES = re.compile(grammar.SPACES)
_DRUG_WORD = re.compile(grammar.DRUG_WORD)
_SMALL = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_THOUSANDTH = Decimal(1).scaleb(-grammar.DECIMALS)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What has to be rewritten: the words typed, and what is wrong with them."""

    text: str
    code: str
    values: list[str]
    say: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What is still to be said, by the field of a line it belongs to."""

    field: str
    code: str
    values: list[str]
    say: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of what was typed, and what it was read as; together they are the whole of it."""

    kind: str
    text: str


@dataclass(slots=True)
class Signature:
    """What was read of a line. It may be prescribed once `refusals` and `asks` are empty; `unread` is to be seen."""

    drug: str = ""
    """The leading words, as typed: a name to look for, never a choice of a drug."""
    dose: Decimal | None = None
    dose_unit: str | None = None
    dose_range: list[Decimal] | None = None
    """Lowest and highest, where a range was typed: a line has one dose, so it is asked for."""
    range_per_kg: bool = False
    dose_per_kg: Decimal | None = None
    """As typed; `dose` is what it makes for the weight, where that is known."""
    route: str | None = None
    frequency: str | None = None
    as_needed: bool = False
    as_needed_reason: str | None = None
    max_in_24h: Decimal | None = None
    """In the unit of the dose, whatever it was typed in."""
    max_doses_in_24h: Decimal | None = None
    duration_days: int | None = None
    quantity: int | None = None
    instructions: str | None = None
    high_alert: HighAlert | None = None
    refusals: list[Refusal] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


def read(
    text: str, *, weight_kg: Decimal | None = None, drug_name: str | None = None, drug_route: str | None = None
) -> Signature:
    """The parts of a line typed in one go. It never fails: what is wrong or missing is in what it returns.

    `weight_kg` reckons a dose per kg. `drug_name` and `drug_route` are those of the drug that was chosen, if one was.
    """
    reader = _Reader(_SPACES.sub(" ", text).strip(" "))
    reader.read()
    return reader.finished(weight_kg, drug_name, drug_route)


def directions(signature: Signature, drug_route: str | None = None) -> str:
    """What was read, in words, as the finished line says it; a dose per kg with what it makes, a range as one."""
    said, unit = signature, signature.dose_unit
    dose = most = None
    if said.dose_range is not None:
        dose = _range(said)
    if said.dose_per_kg is not None:
        made = f" ({wording.amount(said.dose, unit)})" if said.dose is not None else ""
        dose = f"{wording.amount(said.dose_per_kg, unit)}/kg{made}"
    if said.max_doses_in_24h is not None and said.max_in_24h is None:
        most = f"{_shown(said.max_doses_in_24h)} doses"
    return wording.directions(replace(said, route=said.route or drug_route), dose=dose, most=most)


class _Reader:
    """Reads once from left to right; `typed` keeps the first words that said each thing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.small = text.translate(_SMALL)
        self.signature = Signature()
        self.typed: dict[str, str] = {}
        self.max: tuple[Decimal, str] | None = None
        self.words: list[str] = []
        self.reason: list[str] = []
        self.in_drug = True
        self.in_reason = False
        self.dose_is_wrong = False

    def read(self) -> None:
        """Read all pieces."""
        place = 0
        while place < len(self.text):
            between = _SEPARATORS.match(self.small, place)
            if between:
                self.in_reason = self.in_reason and not between[0].strip(" ")
                place = between.end()
                continue
            for kind, pattern, in_drug in _RULES:
                found = pattern.match(self.small, place) if self.in_drug or not in_drug else None
                if found:
                    self._piece(kind, self.text[place : found.end()], found)
                    place = found.end()
                    break

    def _piece(self, kind: str, text: str, found: re.Match[str]) -> None:
        before = len(self.signature.refusals)
        if kind == "word":
            kind = self._word(text)
        elif kind in ("drug", "strength"):
            kind = "drug"
            self.words.append(text)
        else:
            if kind not in ("filler", "unread"):
                self._part(kind, text, found)
            if kind != "filler":
                self.in_drug = False
                self.in_reason = kind == "as_needed"
        if kind == "unread":
            self.signature.unread.append(text)
        refused = len(self.signature.refusals) > before
        self.signature.pieces.append(Piece("refused" if refused else kind, text))

    def _word(self, text: str) -> str:
        """A word that no rule knows: of the drug's name, of the reason, or unread."""
        if self.in_reason:
            self.reason.append(text)
            return "as_needed_reason"
        if self.in_drug and _DRUG_WORD.fullmatch(text.translate(_SMALL)):
            self.words.append(text)
            return "drug"
        self.in_drug = False
        return "unread"

    def _part(self, kind: str, text: str, found: re.Match[str]) -> None:
        groups = found.groups()
        spelling = folded(found[0])
        said = self.signature
        match kind:
            case "instructions":
                start, end = next(span for span in map(found.span, range(1, 4)) if span[0] >= 0)
                self._once(kind, text, self.text[start:end].strip(" ") or None)
            case "decimal_comma":
                self.dose_is_wrong = True
                self._refuse(text, kind, groups[0] or "", (groups[0] or "").replace(",", "."))
            case "fraction":
                self.dose_is_wrong = True
                self._refuse(text, kind, text, "0.5, 0.25 ...")
            case "per_day":
                self.dose_is_wrong = True
                self._refuse(text, kind, text)
            case "max":
                self._max(text, *groups)
            case "duration":
                days = int(groups[0]) * grammar.PERIODS[groups[1] or groups[2][0]]
                if not 1 <= days <= grammar.LONGEST_DAYS:
                    self._refuse(text, "unknown_duration", text)
                else:
                    self._once("duration_days", text, days)
            case "quantity":
                if not 1 <= int(groups[0]) <= grammar.MOST_UNITS:
                    self._refuse(text, "unknown_quantity", text)
                else:
                    self._once(kind, text, int(groups[0]))
            case "frequency":
                self._once(kind, text, ALSO[spelling])
            case "every_hours":
                code = f"q{int(groups[0] or groups[1])}h"
                if code in FREQUENCIES:
                    self._once("frequency", text, code)
                else:
                    known = ", ".join(often for often in FREQUENCIES if often.startswith("q") and often.endswith("h"))
                    self._refuse(text, "unknown_frequency", text, known)
            case "dose":
                self._dose(text, *groups)
            case "as_needed":
                said.as_needed = True
            case "route":
                self._once(kind, text, grammar.ROUTE_SPELLINGS[spelling])
            case _:
                known_as = found[0] if kind == "unit_error_prone" else spelling
                self._refuse(text, "error_prone", text, grammar.instead(kind, known_as))

    def _dose(self, text: str, low: str, high: str | None, unit: str, per_kg: str | None) -> None:
        if "dose" in self.typed:
            self._refuse(text, "two_doses", self.typed["dose"], text)
            return
        self.typed["dose"] = text
        numbers = [self._number(text, number) for number in (low, high) if number]
        known = self._unit(text, unit)
        if None in numbers or (unit and known is None):
            self.dose_is_wrong = True
            return
        said, exact = self.signature, [number for number in numbers if number is not None]
        if high and exact[0] >= exact[1]:
            self.dose_is_wrong = True
            self._refuse(text, "range_backwards", text)
            return
        said.dose_unit = known
        if high:
            said.dose_range = exact
            said.range_per_kg = bool(per_kg)
        elif per_kg:
            said.dose_per_kg = exact[0]
        else:
            said.dose = exact[0]

    def _max(self, text: str, number: str, unit: str | None) -> None:
        if "max" in self.typed:
            self._refuse(text, "twice", self.typed["max"], text)
            return
        self.typed["max"] = text
        exact = self._number(text, number)
        known = unit if unit in ("dose", "doses") else self._unit(text, unit or "")
        if exact is not None and (known or not unit):
            self.max = (exact, known or "")

    def _unit(self, text: str, unit: str) -> str | None:
        """The unit as it is stored; what is misread is refused."""
        instead = grammar.ERROR_PRONE["unit_error_prone"].get(unit)
        if instead:
            self._refuse(text, "error_prone", unit, instead)
            return None
        return grammar.UNIT_SPELLINGS.get(unit)

    def _number(self, text: str, number: str) -> Decimal | None:
        """A number as it was typed; what is misread by its zeros, or cannot be stored, is refused."""
        exact = Decimal(number.replace(",", ""))
        decimals = number.partition(".")[2]
        for code, wrong, values in (
            ("naked_decimal", number.startswith("."), [number, _shown(exact)]),
            ("trailing_zero", decimals.endswith("0") and not number.startswith("."), [number, _shown(exact)]),
            ("too_fine", len(decimals.rstrip("0")) > grammar.DECIMALS, [number]),
            ("no_dose", exact == 0, [number]),
            ("too_much", exact > grammar.MOST, [number]),
        ):
            if wrong:
                self._refuse(text, code, *values)
                return None
        return exact

    def _once(self, name: str, text: str, value: str | int | None) -> None:
        if name in self.typed:
            self._refuse(text, "twice", self.typed[name], text)
            return
        self.typed[name] = text
        setattr(self.signature, name, value)

    def _refuse(self, text: str, code: str, *values: str) -> None:
        self.signature.refusals.append(Refusal(text, code, list(values), sentence(code, *values)))

    def finished(self, weight_kg: Decimal | None, drug_name: str | None, drug_route: str | None) -> Signature:
        """The signature with what follows from its parts, and with what is still to be asked."""
        said = self.signature
        said.drug = " ".join(self.words)
        said.as_needed_reason = " ".join(self.reason) or None
        said.high_alert = high_alert(drug_name or "") or high_alert(said.drug)
        if said.dose_per_kg is not None and weight_kg is not None and weight_kg > 0:
            self._by_weight(said.dose_per_kg, weight_kg)
        asked_of_max = list(self._convert_max())
        said.asks = [
            Ask(name, code, list(values), sentence(code, *values))
            for name, code, *values in (*self._asks(drug_route), *asked_of_max)
        ]
        return said

    def _by_weight(self, per_kg: Decimal, weight_kg: Decimal) -> None:
        said, typed = self.signature, self.typed["dose"]
        made = (per_kg * weight_kg).quantize(_THOUSANDTH, ROUND_HALF_UP)
        if not 0 < made <= grammar.MOST:
            self._refuse(typed, "no_dose" if made == 0 else "too_much", typed)
            return
        said.dose = made

    def _convert_max(self) -> Iterator[tuple[str, ...]]:
        """The maximum in the unit of the dose; where it cannot be converted exactly, it is asked for."""
        if self.max is None:
            return
        said, (number, unit) = self.signature, self.max
        if unit in ("dose", "doses"):
            said.max_doses_in_24h = number
            said.max_in_24h = _storable(Fraction(number) * Fraction(said.dose)) if said.dose is not None else None
        elif not unit:
            yield "max_in_24h", "of_what", _shown(number)
        elif unit == said.dose_unit:
            said.max_in_24h = number
        elif said.dose_unit is not None:
            said.max_in_24h = _converted(number, unit, said.dose_unit)
            if said.max_in_24h is None:
                yield "max_in_24h", "at_most_in", wording.amount(number, unit), said.dose_unit

    def _asks(self, drug_route: str | None) -> Iterator[tuple[str, ...]]:
        said = self.signature
        route = said.route or drug_route
        dosed = "dose" in self.typed or self.dose_is_wrong
        if not dosed and not said.instructions:
            yield "dose", "how_much"
        if said.dose_range is not None:
            yield "dose", "which_of_range", _range(said)
        typed = said.dose_range[0] if said.dose_range else said.dose
        if typed is not None and said.dose_unit is None:
            yield "dose_unit", "of_what", _shown(typed)
        if said.dose_per_kg is not None and said.dose is None:
            yield "weight_kg", "which_weight", f"{wording.amount(said.dose_per_kg, said.dose_unit)}/kg"
        if route is None:
            yield "route", "which_route"
        if said.frequency is None and not said.as_needed:
            yield "frequency", "how_often"
        alert = said.high_alert
        if alert and alert.weekly and route in (None, "oral") and said.frequency not in (None, *LESS_THAN_DAILY):
            yield "frequency", "weekly", alert.name
        if said.as_needed and said.as_needed_reason is None:
            yield "as_needed_reason", "for_what"
        if said.as_needed and dosed and "max" not in self.typed:
            yield "max_in_24h", "at_most", said.dose_unit or "of it"
        if said.duration_days is None and said.quantity is None and said.frequency != "stat":
            yield "duration_days", "how_long"


def _range(said: Signature) -> str:
    low, high = said.dose_range or []
    return f"{_shown(low)} to {wording.amount(high, said.dose_unit)}{'/kg' if said.range_per_kg else ''}"


def _converted(number: Decimal, unit: str, into: str) -> Decimal | None:
    one, other = UNITS.get(unit.casefold()), UNITS.get(into.casefold())
    if one is None or other is None or one.dimension is not other.dimension or one.dimension is Dimension.COUNT:
        return None
    return _storable(Fraction(number) * one.factor / other.factor)


def _storable(exact: Fraction) -> Decimal | None:
    """The same number as it is stored; None where it would have to be rounded, or is too large."""
    thousandths = exact * 10**grammar.DECIMALS
    if thousandths.denominator != 1 or exact > grammar.MOST:
        return None
    return Decimal(thousandths.numerator) * _THOUSANDTH


def _shown(number: Decimal) -> str:
    return wording.amount(number, None)
