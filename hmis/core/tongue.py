"""The languages in which the server itself speaks: what it refuses and asks, and its plain pages without a script.

Sentences are written in English where they are thought of. `hmis/fr.json` has each of them in French, `{0}` and `{1}`
standing for what differs from time to time; where `{0}` is a number by which the words change, French has `one` and
`other`. A test fails for a sentence that is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources

from hmis.core.errors import shortened

_PLACE = re.compile(r"\{(\d)\}")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
_KEPT_TOGETHER = "\N{NARROW NO-BREAK SPACE}"
_BETWEEN_PARTS = " – "
_PLURAL_FROM = 2
"""In French none, a half and one and a half are singular; English, whose sentences need no choice, differs."""

Forms = Mapping[str, str]
"""A sentence for `one` and for `other` numbers."""


@dataclass(frozen=True)
class Tongue:
    """One language, by its sentences for the English ones."""

    tag: str
    home: str
    """Where the first page of this language stands."""
    sentences: Mapping[str, str | Forms] = field(default_factory=dict)

    def say(self, sentence: str) -> str:
        """The sentence in this language; as it is where nobody has put it into this language."""
        found = self._found(sentence)
        return sentence if found is None else found

    def knows(self, sentence: str) -> bool:
        """Whether somebody has put the sentence into this language."""
        return self._found(sentence) is not None

    def refused(self, detail: str, fields: Mapping[str, str]) -> str:
        """The detail of a refusal, which may be made of what is said of its fields: those are said anew."""
        if self.knows(detail):
            return self.say(detail)
        frame, told = _framed(detail, fields)
        said = self.say(frame)
        for number, why in enumerate(told):
            said = said.replace(_mark(number), self.say(why))
        return said

    def strange(self, detail: str, fields: Mapping[str, str]) -> list[str]:
        """What of a refusal nobody has put into this language."""
        wanting = [why for why in fields.values() if not self.knows(why)]
        if self.knows(detail):
            return wanting
        frame, told = _framed(detail, fields)
        bare = re.sub(r"\x02\d+\x03", "", frame)
        for name in fields:
            bare = bare.replace(f"{shortened(name)}:", "")
        made_of_fields = told and not bare.strip(" ;…")
        return wanting if made_of_fields or self.knows(frame) else [*wanting, frame]

    def _found(self, sentence: str) -> str | None:
        if not self.sentences:
            return None
        whole = self.sentences.get(sentence)
        if isinstance(whole, str):
            return whole
        for pattern, said in self._templates:
            found = pattern.fullmatch(sentence)
            if found:
                form = said if isinstance(said, str) else said[_number(found["v0"])]
                return _PLACE.sub(lambda place, values=found: self._value(values[f"v{place[1]}"]), form)  # type: ignore[misc]
        return None

    def _value(self, value: str) -> str:
        """What stands in a sentence: a sentence or a row of them, a large number, a day, or what somebody typed."""
        if _GROUPED.fullmatch(value):
            return value.replace(",", _KEPT_TOGETHER)
        return _BETWEEN_PARTS.join(self.say(part) for part in value.split(_BETWEEN_PARTS))

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str | Forms]]:
        """The sentences with places in them; what has more words of its own is tried first."""
        longest = sorted(self.sentences.items(), key=lambda pair: -len(_PLACE.sub("", pair[0])))
        return [(_pattern(english, said), said) for english, said in longest if _PLACE.search(english)]


def _number(typed: str) -> str:
    return "one" if float(typed.replace(",", "")) < _PLURAL_FROM else "other"


def _pattern(english: str, said: str | Forms) -> re.Pattern[str]:
    parts, known = [], set[str]()
    for number, part in enumerate(_PLACE.split(english)):
        if number % 2 == 0:
            parts.append(re.escape(part))
        else:
            any_value = ".+?" if isinstance(said, str) else r"\d[\d,]*(?:\.\d+)?"
            parts.append(f"(?P=v{part})" if part in known else f"(?P<v{part}>{any_value})")
            known.add(part)
    return re.compile("".join(parts), re.DOTALL)


def _mark(number: int) -> str:
    return f"\x02{number}\x03"


def _framed(detail: str, fields: Mapping[str, str]) -> tuple[str, list[str]]:
    """The detail with a mark in the place of what is said of each field, and what was said, by its mark."""
    told: list[str] = []
    for why in sorted(set(fields.values()), key=len, reverse=True):
        if why and why in detail and why != detail:
            detail = detail.replace(why, _mark(len(told)))
            told.append(why)
    return detail, told


ENGLISH = Tongue("en", "/")
FRENCH = Tongue("fr", "/fr", json.loads((resources.files("hmis") / "fr.json").read_text(encoding="utf-8")))
TONGUES = {tongue.tag: tongue for tongue in (ENGLISH, FRENCH)}
"""By their tags; the first is spoken where nobody asks for one of these."""
