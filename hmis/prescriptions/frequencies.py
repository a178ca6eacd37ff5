"""How often: the codes a prescriber types, how many times a day each is, and the words everybody else reads.

A code is for typing only. Screens, labels and papers show the words: `od` and `on` have been read as each other.
Refused is what has been misread: most of it stands on the ISMP list of error-prone abbreviations, the rest means two
things to two people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from hmis.prescriptions.sentences import explained, sentence


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a dose is given. `times_a_day` is None for once only."""

    code: str
    words: str
    times_a_day: Fraction | None

    def doses_in(self, days: int) -> Fraction:
        """Doses in so many days, the last one whole: every other day for five days is three."""
        if self.times_a_day is None:
            return Fraction(1)
        return Fraction(-(-self.times_a_day * days // 1))


def _every_hours(hours: int) -> Frequency:
    return Frequency(f"q{hours}h", "every hour" if hours == 1 else f"every {hours} hours", Fraction(24, hours))


FREQUENCIES: dict[str, Frequency] = {
    frequency.code: frequency
    for frequency in (
        Frequency("stat", "immediately, once only", None),
        Frequency("od", "once a day", Fraction(1)),
        Frequency("bd", "twice a day", Fraction(2)),
        Frequency("tds", "three times a day", Fraction(3)),
        Frequency("qds", "four times a day", Fraction(4)),
        Frequency("five_daily", "five times a day", Fraction(5)),
        Frequency("om", "every morning", Fraction(1)),
        Frequency("on", "every night", Fraction(1)),
        *map(_every_hours, (1, 2, 3, 4, 6, 8, 12, 24, 36, 48, 72)),
        Frequency("alternate_days", "every other day", Fraction(1, 2)),
        Frequency("three_weekly", "three times a week", Fraction(3, 7)),
        Frequency("twice_weekly", "twice a week", Fraction(2, 7)),
        Frequency("weekly", "once a week", Fraction(1, 7)),
        Frequency("fortnightly", "once every two weeks", Fraction(1, 14)),
        Frequency("monthly", "once every four weeks", Fraction(1, 28)),
    )
}
"""By code, in the order a picker shows them."""

ALSO: dict[str, str] = {
    "at once": "stat",
    "immediately": "stat",
    "once only": "stat",
    "daily": "od",
    "once daily": "od",
    "every day": "od",
    "bid": "bd",
    "bds": "bd",
    "twice daily": "bd",
    "tid": "tds",
    "three times daily": "tds",
    "qid": "qds",
    "four times daily": "qds",
    "five times daily": "five_daily",
    "mane": "om",
    "in the morning": "om",
    "nocte": "on",
    "nightly": "on",
    "at night": "on",
    "at bedtime": "on",
    "hourly": "q1h",
    "alternate days": "alternate_days",
    "every second day": "alternate_days",
    "three times weekly": "three_weekly",
    "twice weekly": "twice_weekly",
    "once weekly": "weekly",
    "every week": "weekly",
    "every two weeks": "fortnightly",
    "every four weeks": "monthly",
    **{
        f"{times}{spelt}": code
        for times, code in enumerate(("od", "bd", "tds", "qds", "five_daily"), start=1)
        for spelt in ("x daily", "x a day", " times daily", " times a day")
    },
    **{frequency.words: code for code, frequency in FREQUENCIES.items()},
    **{code.replace("_", " "): code for code in FREQUENCIES},
}
"""Every other spelling, folded, with its code."""

MEANINGS = {spelling: FREQUENCIES[code].words for spelling, code in ALSO.items()}
KNOWN = tuple(code if ALSO.get(code) == code else frequency.words for code, frequency in FREQUENCIES.items())
"""How each of them is typed: tds, every other day."""

ERROR_PRONE: dict[str, str] = {
    "qd": "od",
    "q1d": "od",
    "qod": "every other day",
    "eod": "every other day",
    "hs": "on",
    "qhs": "on",
    "qn": "on",
    "biw": "twice a week",
    "tiw": "three times a week",
    "once": "od or stat",
}
"""What is refused, folded, with what to write instead, as it is typed."""
_HOURS = re.compile(r"(?:q|every )?(\d{1,2}) ?(?:h|hrs?|hours?|hourly)")


def folded(text: str) -> str:
    """As spellings are compared: small letters, no full stops, a space for a hyphen."""
    return " ".join(text.casefold().replace(".", "").replace("-", " ").replace("_", " ").split())


def understood(text: str) -> Frequency:
    """The frequency that was typed, as code or in words. Raises `ValueError` with what to write instead."""
    typed = folded(text)
    if typed in ERROR_PRONE:
        raise ValueError(sentence("error_prone", text, explained(ERROR_PRONE[typed], MEANINGS)))
    hours = _HOURS.fullmatch(typed)
    found = FREQUENCIES.get(f"q{int(hours[1])}h" if hours else ALSO.get(typed, ""))
    if found is None:
        raise ValueError(f"not a frequency known here: write one of {', '.join(KNOWN)}")
    return found


def words(code: str | None) -> str | None:
    """A stored frequency in plain words; what was imported in words of its own stays as it came."""
    if code is None:
        return None
    known = FREQUENCIES.get(code)
    return known.words if known else code
