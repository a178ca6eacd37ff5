"""Ages as a bedside reads them: NHS CUI Design Guide, Patient Banner, table 7."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.patients.age import age_years, born_from_age, shown, shown_at_death


def noon(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("born_on", "on", "years"),
    [
        ("2000-05-17", "2016-05-16", 15),
        ("2000-05-17", "2016-05-17", 16),
        ("2000-02-29", "2016-02-28", 15),
        ("2000-02-29", "2016-02-29", 16),
        ("2000-02-29", "2018-02-28", 17),
        ("2000-02-29", "2018-03-01", 18),
        ("2026-11-24", "2026-11-24", 0),
        ("2026-11-25", "2026-11-24", 0),
        ("1926-11-24", "2026-11-24", 100),
    ],
)
def test_a_year_is_complete_on_the_birthday(born_on: str, on: str, years: int) -> None:
    assert age_years(date.fromisoformat(born_on), date.fromisoformat(on)) == years


@pytest.mark.parametrize(
    ("born_on", "on", "text"),
    [
        ("2026-11-24", "2026-11-24", "< 1 d"),
        ("2026-11-25", "2026-11-24", "< 1 d"),  # tomorrow here, today in the hospital's time zone
        ("2026-11-23", "2026-11-24", "1 d"),
        ("2026-10-28", "2026-11-24", "27 d"),
        ("2026-10-27", "2026-11-24", "4 wk"),
        ("2026-10-26", "2026-11-24", "4 wk 1 d"),
        ("2025-11-25", "2026-11-24", "52 wk"),
        ("2025-11-24", "2026-11-24", "12 mo"),
        ("2025-11-23", "2026-11-24", "12 mo 1 d"),
        ("2024-11-25", "2026-11-24", "23 mo 30 d"),
        ("2024-11-24", "2026-11-24", "2 y"),
        ("2024-10-24", "2026-11-24", "2 y 1 mo"),
        ("2008-11-25", "2026-11-24", "17 y 11 mo"),
        ("2008-11-24", "2026-11-24", "18 y"),
        ("2008-02-24", "2026-11-24", "18 y"),
        ("1992-05-17", "2026-11-24", "34 y"),
        ("2024-01-31", "2025-03-01", "13 mo 1 d"),  # 31 January and 13 months is the last of February
        ("2024-02-29", "2025-02-28", "52 wk 1 d"),
        ("2024-02-29", "2025-03-01", "12 mo 1 d"),
        ("2026-11-26", "2026-11-24", "check birth date"),
    ],
)
def test_an_age_is_shown_in_the_units_of_its_stage_of_life(born_on: str, on: str, text: str) -> None:
    assert shown(date.fromisoformat(born_on), noon(on)) == text


@pytest.mark.parametrize(
    ("born_on", "precision", "text"),
    [
        ("1992-05-01", "estimated", "≈ 34 y"),
        ("2025-12-24", "estimated", "< 1 y"),
        ("2020-03-01", "estimated", "≈ 6 y"),
        ("1992-12-31", "year", "≈ 34 y"),
        ("2026-01-01", "year", "< 1 y"),
        ("2026-12-31", "year", "< 1 y"),
        ("2027-01-01", "year", "check birth date"),
        ("1992-12-01", "month", "≈ 33 y"),
        ("1992-11-30", "month", "≈ 34 y"),
        ("2022-08-15", "month", "≈ 4 y 3 mo"),
        ("2025-09-15", "month", "≈ 14 mo"),
        ("2026-10-31", "month", "≈ 1 mo"),
        ("2026-11-30", "month", "< 1 mo"),
        ("2027-11-24", "estimated", "check birth date"),
        ("2026-11-24", "about_day", "< 1 d"),
        ("2026-11-03", "about_day", "≈ 21 d"),
        ("2026-10-20", "about_day", "≈ 5 wk"),
        ("2025-10-20", "about_day", "≈ 13 mo"),
        ("2020-10-20", "about_day", "≈ 6 y 1 mo"),
        ("2027-11-24", "about_day", "check birth date"),
    ],
)
def test_an_age_not_known_to_the_day_says_about(born_on: str, precision: str, text: str) -> None:
    assert shown(date.fromisoformat(born_on), noon("2026-11-24"), precision) == text


def test_the_dead_do_not_grow_older() -> None:
    assert shown_at_death(date(1941, 3, 2), noon("2025-03-01")) == "83 y"
    assert shown_at_death(date(2025, 2, 27), noon("2025-03-01")) == "2 d"
    assert shown_at_death(date(1941, 3, 2), noon("2025-03-01"), "estimated") == "≈ 83 y"


@pytest.mark.parametrize(
    ("age", "on", "born_on"),
    [
        (34, "2026-11-24", "1992-05-24"),
        (0, "2026-11-24", "2026-05-24"),
        (1, "2024-08-31", "2023-02-28"),
        (0, "2024-08-29", "2024-02-29"),
        (15, "2026-02-01", "2010-08-01"),
    ],
)
def test_an_age_told_at_the_desk_becomes_the_middle_of_its_year(age: int, on: str, born_on: str) -> None:
    assert born_from_age(age, date.fromisoformat(on)) == date.fromisoformat(born_on)


@pytest.mark.parametrize("age", [-1, 2027])
def test_an_age_outside_the_calendar_is_refused(age: int) -> None:
    with pytest.raises(ValueError, match=r"0 or more|before the calendar"):
        born_from_age(age, date(2026, 11, 24))


days = st.dates(date(1890, 1, 1), date(2100, 1, 1))


@given(st.integers(0, 130), st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_an_age_told_is_the_age_shown(age: int, on: date) -> None:
    born_on = born_from_age(age, on)
    assert age_years(born_on, on) == age
    assert shown(born_on, noon(on.isoformat()), "estimated") == (f"≈ {age} y" if age else "< 1 y")


@given(days, days)
def test_nobody_grows_younger(born_on: date, on: date) -> None:
    assert age_years(born_on, on) <= age_years(born_on, on + timedelta(days=1))


@given(days, days, st.sampled_from(["day", "month", "year", "estimated", "about_day"]))
def test_whatever_was_stored_can_be_shown(born_on: date, on: date, precision: str) -> None:
    text = shown(born_on, noon(on.isoformat()), precision)
    assert text == "check birth date" or text[0] in "<≈0123456789"
    assert "-" not in text
    assert " 0 " not in f" {text} "
