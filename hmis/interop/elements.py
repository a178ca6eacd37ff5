"""Taking FHIR elements apart without trusting their shape: a wrong one refuses the resource, with its name."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, tzinfo
from typing import Any

from hmis.core import clock
from hmis.interop.source import Refused, When, happened
from hmis.patients.models import BirthPrecision

Json = dict[str, Any]

_MOMENT = re.compile(
    r"(?P<date>\d{4}(-\d{2}(-\d{2})?)?)(T(?P<time>\d{2}:\d{2}(:\d{2}(\.\d+)?)?)(?P<zone>Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text(parent: Json, name: str) -> str | None:
    """A text without its outer blanks; None where it is missing or empty."""
    value = parent.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(f"{name} is not a text")
    return _CONTROLS.sub(" ", value).strip() or None


def part(parent: Json, name: str) -> Json:
    """An object; an empty one where it is missing."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(f"{name} is not an object")
    return value


def parts(parent: Json, name: str) -> list[Json]:
    """A list of objects; empty where it is missing."""
    value = parent.get(name)
    if value is None:
        return []
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(inner, dict) for inner in several):
        raise Refused(f"{name} is not a list of objects")
    return several


def texts(parent: Json, name: str) -> list[str]:
    """A list of texts, the empty ones left out."""
    value = parent.get(name)
    several = value if isinstance(value, list) else [] if value is None else [value]
    return [found for inner in several if (found := text({name: inner}, name))]


def flag(parent: Json, name: str) -> bool | None:
    """True, false, or None where it is missing."""
    value = parent.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(f"{name} is neither true nor false")
    return value


def said(concept: Json) -> str | None:
    """A coded thing in words: its text, else what a code shows, else a code itself."""
    codings = parts(concept, "coding")
    shown = [text(coding, "display") for coding in codings] + [text(coding, "code") for coding in codings]
    return text(concept, "text") or next((found for found in shown if found), None)


def code_of(concept: Json) -> str | None:
    """The first code, whatever its system: for required code systems of FHIR."""
    return next((found for coding in parts(concept, "coding") if (found := text(coding, "code"))), None)


def moment(value: str, zone: tzinfo) -> When:
    """When something happened; `zone` is that of times told without one.

    Raises `Refused` where not even the day is known, or where it cannot be so.
    """
    found = _MOMENT.fullmatch(value)
    if found is None:
        raise Refused(f"{value[:40]!r} is not a time")
    if len(found["date"]) < 10:
        raise Refused(f"{value}: not even the day is known")
    try:
        day = date.fromisoformat(found["date"])
        if found["time"] is None:
            return happened(_some_time(day, zone))
        at = datetime.combine(day, time.fromisoformat(found["time"]))
        if found["zone"]:
            return happened(When(datetime.fromisoformat(at.isoformat() + found["zone"])))
    except ValueError as error:
        raise Refused(f"{value}: {error}") from error
    return happened(When(at.replace(tzinfo=zone), "time zone not told, taken as the hospital's"))


def _some_time(day: date, zone: tzinfo) -> When:
    """Noon in the hospital, so that the day stays the same one elsewhere too; on this very day its beginning."""
    noon = datetime.combine(day, time(12), zone)
    return When(noon if noon <= clock.now() else noon.replace(hour=0), "time of day not known")


def birth(value: str) -> tuple[date, BirthPrecision]:
    """A date of birth and how exactly it is known; the first day of a month or year stands for it."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", value, re.ASCII)
    if found is None:
        raise Refused(f"{value[:40]!r} is not a date")
    year, month, day = found.groups()
    try:
        born = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise Refused(f"{value}: {error}") from error
    return born, BirthPrecision.DAY if day else BirthPrecision.MONTH if month else BirthPrecision.YEAR


def at_the_latest(value: str, zone: tzinfo) -> datetime:
    """The last moment that `value`, perhaps only a day, month or year, can mean."""
    if len(value) >= 10:
        return moment(value, zone).at
    born, precision = birth(value)
    month = 12 if precision is BirthPrecision.YEAR else born.month
    last = date(born.year, month, monthrange(born.year, month)[1])
    return min(datetime.combine(last, time(12), zone), clock.now())
