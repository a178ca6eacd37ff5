"""How old somebody is, as a bedside reads it.

Which units at which age: NHS CUI Design Guide, Patient Banner, table 7. Their short forms, and leaving a second
unit out when there is nothing of it, are ours: `mo`, since `m` is a minute to some and a metre to others.

A birth date has no time of day here, so the first two days, which the table counts in minutes and hours, are
counted in calendar days: `< 1 d` on the day of birth, then `1 d`. Give dates and instants in the hospital's own
time zone where the day matters.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

CHECK = "check birth date"
"""Shown in place of an age that would be below 0."""
_ADULT = 18  # years; from here on years alone, CUI table 7


def age_years(born_on: date, on: date) -> int:
    """Completed years. Somebody born on 29 February is a year older on 1 March of a common year.

    Never below 0: a birth date one day ahead is a matter of time zones, and a later one is refused at registration.
    """
    return max(0, _months(born_on, on) // 12)


def born_from_age(age_years: int, on: date) -> date:
    """A birth date for somebody of whom only the age is known; its precision is `estimated`.

    The middle of the year in which it can lie, so that it is wrong by half a year at most. Raises `ValueError`
    for an age below 0 or before the calendar.
    """
    if age_years < 0:
        raise ValueError("an age is 0 or more")
    return _months_after(on, -12 * age_years - 6)


def shown(born_on: date, at: datetime, precision: str = "day") -> str:
    """The age at an instant: `12 d`, `5 wk 3 d`, `13 mo 2 d`, `4 y 1 mo`, `34 y`; estimated: `≈ 34 y`, about 34.

    `precision` is how exactly the birth date is known: day, month, year, estimated or about_day (`≈ 5 wk`). Whatever
    was stored can be shown, so a birth after the instant raises nothing but asks to be looked at.
    """
    on = at.date()
    match precision:
        case "day":
            return _exact(born_on, on)
        case "about_day":
            return _about_day(born_on, on)
        case "month":
            return _about(12 * (on.year - born_on.year) + on.month - born_on.month, "mo")
        case "year":
            return _about(on.year - born_on.year, "y")
        case _:
            return _about(_months(born_on, on) // 12, "y")


def shown_at_death(born_on: date, died_at: datetime, precision: str = "day") -> str:
    """The age at death: for the dead the clock stands still."""
    return shown(born_on, died_at, precision)


def _exact(born_on: date, on: date) -> str:
    days, months = (on - born_on).days, _months(born_on, on)
    if days < -1:
        return CHECK
    if days < 1:
        return "< 1 d"
    if days < 28:
        return f"{days} d"
    if months < 12:
        return _parts((days // 7, "wk"), (days % 7, "d"))
    if months < 24:
        return _parts((months, "mo"), ((on - _months_after(born_on, months)).days, "d"))
    return _in_months(months)


def _about_day(born_on: date, on: date) -> str:
    """An age that was told in days or weeks: in days, weeks, then months, without a second unit."""
    days, months = (on - born_on).days, _months(born_on, on)
    if days < 28:
        return _about(max(days, 0), "d") if days >= -1 else CHECK
    return _about(days // 7, "wk") if months < 12 else _about(months, "mo")


def _about(number: int, unit: str) -> str:
    """An age not known to the last day."""
    if number < 0:
        return CHECK
    if number == 0:
        return f"< 1 {unit}"
    return f"≈ {_in_months(number) if unit == 'mo' else f'{number} {unit}'}"


def _in_months(months: int) -> str:
    if months < 24:
        return f"{months} mo"
    if months < 12 * _ADULT:
        return _parts((months // 12, "y"), (months % 12, "mo"))
    return f"{months // 12} y"


def _parts(larger: tuple[int, str], smaller: tuple[int, str]) -> str:
    """Two units, the smaller left out when there is nothing of it."""
    return " ".join(f"{number} {unit}" for number, unit in (larger, smaller) if number)


def _months(born_on: date, on: date) -> int:
    """Completed months."""
    return 12 * (on.year - born_on.year) + on.month - born_on.month - (on.day < born_on.day)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has none."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if year < 1:
        raise ValueError("before the calendar begins")
    return date(year, month, min(day.day, monthrange(year, month)[1]))
