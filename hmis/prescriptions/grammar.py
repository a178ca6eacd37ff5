"""What may be typed in one go for a line of a prescription: the vocabulary, and the shapes it is typed in.

All of it is data, and `web/src/lib/clinic/rules.json` is the same data (`python -m hmis.docs_tables` writes it): the
server reads it in `signature.py`, the browser in `signature.ts`, and one list of cases proves both. So the patterns are
written in what Python and JavaScript (flags `u` and `y`) have in common: no flags, no names, no `\\w \\d \\s \\b`.
They are tried on text whose A-Z were made small, at one place one after the other; the first that fits reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hmis.prescriptions import administration, cautions, doses, frequencies, wording
from hmis.prescriptions.doses import Dimension, plural
from hmis.prescriptions.sentences import SENTENCES, explained

MOST = 100_000_000
"""The largest dose that can be stored."""
DECIMALS = 3
LONGEST_DAYS = 3650
MOST_UNITS = 100_000
"""The largest quantity to hand out on one line."""

PERIODS = {"7": 1, "52": 7, "12": 30, "d": 1, "w": 7, "m": 30}
"""Days in 1/7, 1/52 and 1/12, a day, a week and a month. A month is 30 days: with 28 a patient runs out."""

SPACES = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000\\ufeff]+"
SEPARATORS = "(?:[ ,;]|[.:](?= |$)|[-–—](?= |$))+"
DRUG_WORD = "[^0-9.].*|[0-9]+/[0-9]+|[0-9]+-[a-z].*"
"""A word that may belong to a drug's name: mixtard 30/70, 5-fluorouracil, but not 500mgpo."""


def _either(spellings: Iterable[str]) -> str:
    """Any one of them, the longest first."""
    return "|".join(sorted(spellings, key=lambda spelling: (-len(spelling), spelling)))


def _spelt(spellings: Iterable[str]) -> str:
    """Any one of them: a hyphen may stand for a space, and a full stop behind each letter of an abbreviation."""
    return _either(
        r"\.?".join(spelling) if len(spelling) <= 4 and spelling.isalpha() else spelling.replace(" ", "[ _-]")
        for spelling in spellings
    )


_END = r'(?!\.?[^ ,;.#"“”])'
_NUMBER = r"(?:(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,12})?|\.[0-9]{1,12})"
_RANGE = f"({_NUMBER})(?: ?(?:-|–|to) ?({_NUMBER}))?"

UNIT_SPELLINGS: dict[str, str] = {
    **{spelling: unit.name for spelling, unit in doses.UNITS.items()},
    **{word: word for one in doses.UNCOUNTED for word in (one, plural(one))},
}
"""Every spelling of a unit, with the unit as it is stored."""

_COUNTED = [s for s, unit in doses.UNITS.items() if unit.dimension is Dimension.COUNT]
_FORMS = {form for word in doses.FORMS for form in (word, plural(word))} | set(_COUNTED)
_MEASURED = _either(s for s, unit in doses.UNITS.items() if unit.dimension not in (Dimension.COUNT, Dimension.VOLUME))
_UNIT = _either(UNIT_SPELLINGS)
_BAD_UNITS = [spelling.replace(".", "[.]") for spelling in doses.ERROR_PRONE]
_ANY_UNIT = _either([*UNIT_SPELLINGS, *_BAD_UNITS])
_PER_KG = "(?:/| per) ?kg"
_DAY = "(?:24 ?(?:hours?|hrs?|h)|day)"

ROUTE_SPELLINGS: dict[str, str] = {
    spelling: route for route, spellings in administration.ROUTES.items() for spelling in (route, *spellings)
}
_FREQUENCIES = [spelling for spelling in frequencies.ALSO if not re.match("q[0-9]", spelling)]
"""Without q8h and the like, which have a rule of their own."""

RULES: list[dict[str, Any]] = [
    {"kind": kind, "pattern": pattern, **({"in_drug": True} if kind in ("drug", "strength") else {})}
    for kind, pattern in (
        ("instructions", '"([^"]*)"?|“([^”]*)”?|--+ ?(.*)'),
        (
            "drug",
            f"(?:oral rehydration(?: salts?)?|(?:eye|ear|nose|nasal|oral|rectal|vaginal) (?:{_either(_FORMS)})){_END}",
        ),
        ("decimal_comma", f"(0,[0-9]{{1,12}}|[1-9][0-9]{{0,11}},[0-9]{{1,2}})(?![0-9,])(?: ?(?:{_ANY_UNIT}))?{_END}"),
        ("fraction", f"(?:[0-9]{{1,2}}/[0-9]{{1,2}}|[½¼¾]) ?(?:{_either(_COUNTED)}){_END}"),
        (
            "max",
            f"(?:maximum|max|up to|not more than|no more than|at most)(?: dose)?[.:]? ?({_NUMBER})"
            f"(?: ?({_ANY_UNIT}|doses?))?(?: ?(?:in|per|every|each|a|/) ?(?:a |the )?{_DAY}| daily)?{_END}",
        ),
        (
            "duration",
            "(?:(?:for|x|×) ?)?([0-9]{1,4})(?:/(7|52|12)|[ -]?(days?|d|weeks?|wks?|w|months?|mths?))" + _END,
        ),
        (
            "quantity",
            f"(?:#|quantity|qty|supply|dispense|disp)[.:]? ?([0-9]{{1,6}})(?: ?(?:{_either(_COUNTED)}))?{_END}",
        ),
        (
            "strength",
            f"{_NUMBER} ?%{_END}|{_NUMBER}(?:/{_NUMBER})+ ?(?:{_MEASURED}){_END}"
            f"|{_NUMBER} ?(?:{_MEASURED}) ?(?:/ ?(?:{_NUMBER} ?)?(?:{_UNIT}|dose)| (?:{_either(_FORMS)})){_END}",
        ),
        ("route", f"(?:{_spelt(ROUTE_SPELLINGS)}){_END}"),
        ("frequency", f"(?:{_spelt(_FREQUENCIES)}){_END}"),
        ("frequency_error_prone", f"(?:{_spelt(frequencies.ERROR_PRONE)}){_END}"),
        (
            "every_hours",
            f"(?:q ?|every )([0-9]{{1,2}})[ -]?(?:hourly|hrly|hours?|hrs?|h){_END}"
            f"|([0-9]{{1,2}})[ -]?(?:hourly|hrly){_END}",
        ),
        ("dose", f"{_RANGE} ?({_ANY_UNIT})( ?{_PER_KG}(?: ?(?:/|per) ?dose)?)?{_END}"),
        ("per_day", f"{_RANGE} ?(?:{_ANY_UNIT})(?: ?{_PER_KG})?(?: ?/ ?| per | a ){_DAY}{_END}"),
        ("unread", f"{_RANGE} ?(?:{_UNIT})[/-][^ ,;\"“]*"),
        ("dose", f"{_RANGE}()(){_END}"),
        (
            "as_needed",
            f"(?:p\\.?r\\.?n\\.?|(?:as|when|if) (?:required|needed)|sos)(?:(?: for)?{_END}|:)",
        ),
        ("route_error_prone", f"(?:{_spelt(administration.ERROR_PRONE)}){_END}"),
        ("drug_error_prone", f"(?:{_either(cautions.ERROR_PRONE)}){_END}"),
        ("unit_error_prone", f"(?:{_either(_BAD_UNITS)}){_END}"),
        ("filler", f"(?:dose|take|give|apply){_END}"),
        ("word", '[^ ,;"“]+'),
    )
]  # fmt: skip
"""In the order they are tried. `in_drug`: only while nothing but the drug's name was read."""


def exported() -> dict[str, Any]:
    """All that the browser needs to read a line, and to say it in words."""
    return {
        "spaces": SPACES,
        "separators": SEPARATORS,
        "drug_word": DRUG_WORD,
        "rules": RULES,
        "frequencies": {
            code: {"words": often.words, "once_only": often.times_a_day is None}
            for code, often in frequencies.FREQUENCIES.items()
        },
        "frequency_spellings": frequencies.ALSO,
        "units": UNIT_SPELLINGS,
        "measures": {
            unit.name: [unit.dimension.value, unit.factor.numerator, unit.factor.denominator]
            for unit in doses.UNITS.values()
        },
        "plurals": {unit.name: plural(unit.name) for unit in doses.UNITS.values() if unit.dimension is Dimension.COUNT},
        "smaller": wording.SMALLER,
        "routes": ROUTE_SPELLINGS,
        "error_prone": ERROR_PRONE,
        "periods": PERIODS,
        "most": MOST,
        "decimals": DECIMALS,
        "longest_days": LONGEST_DAYS,
        "most_units": MOST_UNITS,
        "high_alert": [
            {"name": alert.name, "why": alert.why, "weekly": alert.weekly} for alert in cautions.HIGH_ALERT.values()
        ],
        "less_than_daily": cautions.LESS_THAN_DAILY,
        "reason_letters": cautions.REASON_LETTERS,
        "tall_man": [list(names) for names in cautions.TALL_MAN],
        "sentences": SENTENCES,
    }


ERROR_PRONE: dict[str, dict[str, str]] = {
    "frequency_error_prone": frequencies.ERROR_PRONE,
    "route_error_prone": administration.ERROR_PRONE,
    "drug_error_prone": cautions.ERROR_PRONE,
    "unit_error_prone": doses.ERROR_PRONE,
}
"""By the kind of rule that finds them: what is refused, with what to write."""


def instead(kind: str, spelling: str) -> str:
    """What to write for what is refused, with its meaning. `kind` is the rule that found it."""
    meanings = {"frequency_error_prone": frequencies.MEANINGS, "route_error_prone": ROUTE_SPELLINGS}
    return explained(ERROR_PRONE[kind][spelling], meanings.get(kind, {}))
