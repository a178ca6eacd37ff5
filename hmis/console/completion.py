"""What Tab offers: commands, classes, fields, words a field takes, and ids that were shown lately."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hmis.console.classes import ALIASES, CLASSES
from hmis.console.kinds import PARENTS, Kind
from hmis.core.schemas import In

DELIMITERS = " \t\n=(\"'{,:"
"""Where a word begins; neither `-` nor `.`, so that ids and `Patient.show` are one word."""

_CALLED = re.compile(r"^\s*(\w+)\.(\w+)\(")
_OWNERS = {"patient": ("Patient",), "consultation": ("Consultation",), "prescription": ("Prescription",)}
_RECORDS = ("Consultation", "VitalSign", "NurseNote", "Prescription", "Dispense")
_STAFF = ("Staff", "Doctor", "Nurse", "Pharmacist", "RecordOfficer", "Admin")

Ids = Callable[[Sequence[str]], list[str]]
"""What things of these classes are called, the newest first."""


def completions(before: str, word: str, commands: Sequence[str], ids: Ids) -> list[str]:
    """How `word` can go on, where `before` is all that was typed in front of it."""
    return [offer for offer in dict.fromkeys(_offers(before, word, commands, ids)) if offer.startswith(word)]


def _offers(before: str, word: str, commands: Sequence[str], ids: Ids) -> Iterator[str]:
    called = _CALLED.match(before)
    if called:
        kind = _kind(called[1])
        yield from _arguments(kind, called[2], before[called.end() :], ids) if kind else ()
        return
    said = before.split()
    if not said:
        yield from _first(word, commands)
        return
    verb = said[0]
    if len(said) == 1:
        yield from (commands if verb == "help" else ())
        yield from (kind.name for kind in CLASSES.values() if verb == "help" or verb in ("count", *kind.verbs))
        return
    kind = _kind(said[1])
    if kind is not None:
        yield from _rest(kind, verb, before, len(said), ids)


def _first(word: str, commands: Sequence[str]) -> Iterator[str]:
    class_name, dot, _ = word.partition(".")
    kind = _kind(class_name) if dot else None
    if kind is not None:
        yield from (f"{class_name}.{verb}(" for verb in (*kind.verbs, "count"))
        return
    yield from commands
    yield from CLASSES


def _rest(kind: Kind, verb: str, before: str, said: int, ids: Ids) -> Iterator[str]:
    field = re.search(r"(\w+)=$", before)
    if field:
        yield from _values(kind, verb, field[1], ids)
        return
    if said == 2 and verb not in ("create", "all", "find", "count"):
        yield from ids([kind.name])
        return
    yield from (f"{name}=" for name in _names(kind, verb) if f" {name}=" not in before)


def _arguments(kind: Kind, verb: str, before: str, ids: Ids) -> Iterator[str]:
    """Within the brackets of `Patient.update("...", {"...": "..."})`."""
    field = re.search(r"(\w+)\s*=\s*[\"']?$|[\"'](\w+)[\"']\s*:\s*[\"']?$", before)
    if field:
        yield from _values(kind, verb, field[1] or field[2], ids)
    elif before.strip("\"' ") == "" and verb not in ("create", "all", "find", "count"):
        yield from ids([kind.name])
    elif re.search(r"[{,]\s*[\"']$", before):
        yield from _names(kind, verb)
    else:
        yield from (f"{name}=" for name in _names(kind, verb))


def _names(kind: Kind, verb: str) -> list[str]:
    """Parents and fields that this verb takes."""
    ways = kind.ways_to(verb)
    parents = {way.within.partition(":")[0] for way in ways if verb in ("create", "all")}
    fields = [name for way in ways[:1] if way.takes for name in way.takes.model_fields if name != "cursor"]
    return [*(name for name in PARENTS if name in parents), *fields]


def _values(kind: Kind, verb: str, name: str, ids: Ids) -> Iterator[str]:
    if name in _OWNERS:
        yield from ids(_OWNERS[name])
    elif name == "record":
        yield from ids(_RECORDS)
    elif name == "by":
        yield from ids(_STAFF)
    elif name == "drug_id":
        yield from ids(["Drug"])
    else:
        for way in kind.ways_to(verb)[:1]:
            yield from words_of(way.takes, name)


def words_of(schema: type[In] | None, name: str) -> list[str]:
    """The words a field takes, where there are only a few: female, male ...; true, false."""
    if schema is None or name not in schema.model_fields:
        return []
    whole = schema.model_json_schema()
    found: list[str] = []
    waiting = [whole["properties"].get(name, {})]
    while waiting:
        part: dict[str, Any] = waiting.pop()
        if "$ref" in part:
            waiting.append(whole["$defs"][part["$ref"].rpartition("/")[2]])
        waiting.extend(part.get("anyOf", []))
        found.extend(str(word) for word in part.get("enum", [part["const"]] if "const" in part else []))
        if part.get("type") == "boolean":
            found.extend(("true", "false"))
    return found


def _kind(text: str) -> Kind | None:
    names = {name.lower(): name for name in CLASSES}
    name = names.get(text.lower()) or ALIASES.get(text.lower())
    return CLASSES[name] if name else None
