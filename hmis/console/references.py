"""How somebody at the console names a thing: full id, hospital or staff number, `new-1`, or the short id of a list.

A short id is the last eight digits of a UUID: the first ones tell the time of making, and are alike for all that came
in one import. It means something that was shown in this session, and nothing else.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hmis.console.grammar import NotUnderstood

REMEMBERED = 500
"""How many things shown lately can be named by their short ids."""

GIVEN_AT_THE_SAVE = ("hospital_number", "staff_number", "ticket")
"""Numbers that belong to nobody before."""

_SHORT = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)
HANDLE = re.compile(r"new-\d+")


def short(id: uuid.UUID | str) -> str:
    """What a list shows of an id; a handle as it is."""
    return id if isinstance(id, str) else id.hex[-8:]


class Seen:
    """What was shown lately, the newest last."""

    def __init__(self) -> None:
        self._things: dict[tuple[str, uuid.UUID], str] = {}

    def note(self, class_name: str, id: uuid.UUID, called: str) -> None:
        """Something was shown: `called` is the number people know it by, or the short id."""
        self._things.pop((class_name, id), None)
        self._things[(class_name, id)] = called
        while len(self._things) > REMEMBERED:
            del self._things[next(iter(self._things))]

    def names(self, class_names: Iterable[str]) -> list[str]:
        """What things of these classes are called, the newest first."""
        wanted = set(class_names)
        found = [called for (name, _), called in reversed(self._things.items()) if name in wanted]
        return list(dict.fromkeys(found))

    def class_of(self, text: str) -> str | None:
        """The class of what was shown here under this name; None where that is nothing, or more than one."""
        found = {name for (name, id), called in self._things.items() if text in (called, str(id))}
        return found.pop() if len(found) == 1 else None

    def full(self, text: str) -> str:
        """The full id of a short one; anything else as it is. Raises `NotUnderstood` for a short id not shown here."""
        if not _SHORT.fullmatch(text):
            return text
        meant = {str(id) for _, id in self._things if short(id) == text.lower()}
        if not meant:
            raise NotUnderstood(
                f"{text} is the short id of nothing shown here lately: list it first, or give all of it"
            )
        if len(meant) > 1:
            raise NotUnderstood(f"{text} is the end of {len(meant)} ids: say which, {' or '.join(sorted(meant))}")
        return meant.pop()


def with_ids(values: Mapping[str, Any], found: Callable[[str], str]) -> dict[str, Any]:
    """Fields with every id in them, also in lists and dictionaries within, put through `found`."""

    def through(name: str, value: Any) -> Any:
        match value:
            case str() if name.endswith("_id"):
                return found(value)
            case dict():
                return {inner: through(inner, part) for inner, part in value.items()}
            case list():
                return [through(name, part) for part in value]
            case _:
                return value

    return {name: through(name, value) for name, value in values.items()}


def with_handles(value: Any, handles: Mapping[uuid.UUID, str]) -> Any:
    """What was read, with `new-1` for every id and number that is nobody's before it is saved."""
    match value:
        case uuid.UUID():
            return handles.get(value, value)
        case dict():
            named = {name: with_handles(part, handles) for name, part in value.items()}
            if value.get("id") in handles:
                named |= {name: named["id"] for name in GIVEN_AT_THE_SAVE if name in named}
            return named
        case list():
            return [with_handles(part, handles) for part in value]
        case _:
            return value
