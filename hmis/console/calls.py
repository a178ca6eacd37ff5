"""From what was said to a call of a service: which class, which way, which thing, with which body."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from hmis.console.classes import class_named
from hmis.console.grammar import Bare, NotUnderstood, Said, listed, spoken
from hmis.console.kinds import PARENTS, READING, Kind, Way
from hmis.console.references import Seen, with_ids
from hmis.core.access import Permission
from hmis.core.errors import Invalid
from hmis.core.schemas import In

_LISTING = ("all", "find")
_INNERMOST = ("record", "prescription", "consultation", "by", "patient", "")
"""Which of several parents decides the way."""


@dataclass(frozen=True)
class Call:
    """One call of a service, as it was said."""

    verb: str
    kind: Kind
    ways: Sequence[Way]
    """The ways it may go; only for an addendum, whose record decides, more than one."""
    ref: str = ""
    parents: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    handle: str = ""
    """`new-1`, for what it creates."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.verb in READING

    @property
    def needs(self) -> list[Permission]:
        """Any one of them is enough to go on."""
        return list(dict.fromkeys(need for way in self.ways for need in way.needs))

    @property
    def subject(self) -> str:
        """What the audit calls it."""
        return f"console:{self.kind.name}.{self.verb}"

    def __str__(self) -> str:
        said = [self.verb, self.kind.name, spoken(self.ref) if self.ref else "", listed(self.parents)]
        return " ".join(part for part in (*said, listed(self.fields)) if part)


def begun(said: Said) -> Call:
    """As much of a call as is seen at once: the class, the ways to do this with it, and what was named as it stands."""
    if not said.class_name:
        raise NotUnderstood(f"{said.verb} what? Say a class, such as: {said.verb} Patient")
    kind = class_named(said.class_name)
    ways = kind.ways_to(said.verb)
    if not ways:
        raise NotUnderstood(f"{said.verb} does not go with {kind.name}; there is {', '.join(kind.verbs)}, count")
    named = {name: str(said.named[name]) for name in PARENTS if name in said.named}
    ref = str(said.words[0]) if said.words and said.verb not in ("create", *_LISTING) else ""
    return Call(said.verb, kind, ways, ref, named)


def meant(begun: Call, said: Said, seen: Seen) -> Call:
    """The whole call. Raises `NotUnderstood` with what is missing or too much."""
    kind, ways = begun.kind, begun.ways
    parents = {name: _reference(name, said.named[name], seen) for name in PARENTS if name in said.named}
    named = {name: value for name, value in said.named.items() if name not in PARENTS}
    ref, fields = _words(said, ways[0])
    twice = sorted(fields.keys() & named.keys())
    if twice:
        raise NotUnderstood(f"{', '.join(twice)} stands twice")
    fields = with_ids({**fields, **named}, seen.full)
    if said.verb == "update" and not fields:
        raise NotUnderstood(f"change what? Such as: update {kind.name} {spoken(ref)} name=value")
    chosen = _ways(kind, said.verb, ways, parents)
    return Call(said.verb, kind, chosen, seen.full(ref), parents, fields)


def body_of(schema: type[In], fields: Mapping[str, Any]) -> In:
    """The body, as the API would take it. Raises `Invalid` with what is wrong with each field.

    A word typed without quotes is a text where the field takes one, and else a number, true or false.
    """
    sent = {name: None if isinstance(value, Bare) and value == "null" else value for name, value in fields.items()}
    try:
        return schema.model_validate(sent)
    except ValidationError as error:
        wrong = {str(e["loc"][0]) for e in error.errors() if e["loc"]}
        numbers = {name: _number(value) for name in wrong if isinstance(value := sent.get(name), Bare)}
    try:
        return schema.model_validate({**sent, **numbers})
    except ValidationError as error:
        said = {
            ".".join(str(part) for part in e["loc"]) or schema.__name__: e["msg"].removeprefix("Value error, ")
            for e in error.errors()
        }
        raise Invalid("; ".join(f"{name}: {why}" for name, why in said.items())[:500], fields=said) from error


def _words(said: Said, way: Way) -> tuple[str, dict[str, Any]]:
    """The id, and the fields that were said without their names."""
    words = said.words
    if said.verb == "find":
        if not words and "q" not in said.named:
            raise NotUnderstood(f"find what? Such as: find {said.class_name} ade")
        return "", {"q": " ".join(str(word) for word in words)} if words else {}
    if said.verb in ("create", *_LISTING):
        match words:
            case []:
                return "", {}
            case [dict() as fields]:
                return "", fields
        raise NotUnderstood(f"{_first(words)}: say which field that is, as in name=value")
    if not words:
        raise NotUnderstood(f"{said.verb} which {said.class_name}? Give its id or number")
    ref, rest = _reference("the id", words[0], None), words[1:]
    if said.verb == "update":
        return ref, _changes(rest)
    if not rest:
        return ref, {}
    if said.verb == "show":
        raise NotUnderstood(f"{_first(rest)}: show takes one id")
    return ref, {"reason": " ".join(str(word) for word in rest)}


def _changes(words: Sequence[Any]) -> dict[str, Any]:
    match words:
        case []:
            return {}
        case [dict() as fields]:
            return fields
        case [str() as name, value]:
            return {name: value}
    raise NotUnderstood(f"{_first(words)}: say each change as name=value")


def _first(words: Sequence[Any]) -> str:
    return spoken(words[0])[:60]


def _reference(name: str, value: Any, seen: Seen | None) -> str:
    """An id or number, however it was typed."""
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
        raise NotUnderstood(f"{name} is an id or a number, in quotes")
    text = str(value).strip()
    return seen.full(text) if seen else text


def _ways(kind: Kind, verb: str, ways: Sequence[Way], parents: Mapping[str, str]) -> list[Way]:
    """The ways that fit the parents that were named. Raises `NotUnderstood` where none does."""
    if verb not in ("create", *_LISTING):
        if parents:
            raise NotUnderstood(f"{', '.join(parents)}: the id alone is enough")
        return list(ways)
    known = {way.within.partition(":")[0] for way in ways}
    strange = [name for name in parents if name not in known and not (name == "patient" and "consultation" in known)]
    if strange:
        raise NotUnderstood(f"{verb} {kind.name} takes no {strange[0]}=")
    decides = next(name for name in _INNERMOST if name in parents or not name)
    fitting = [way for way in ways if way.within.partition(":")[0] == decides]
    if not fitting:
        needed = " or ".join(f"{name}=<id>" for name in sorted(known - {""}))
        raise NotUnderstood(f"say what it belongs to: {verb} {kind.name} {needed}".replace("patient=<id>", _PATIENT))
    return fitting


_PATIENT = "patient=<hospital number>"


def _number(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
