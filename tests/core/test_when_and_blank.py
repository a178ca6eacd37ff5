"""How a body says when, and that a field was left empty."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, StringConstraints, ValidationError

from hmis.core.schemas import Day, Moment, maybe_blank


class Said(BaseModel):
    on: Day | None = None
    at: Moment | None = None
    reason: Annotated[Annotated[str, StringConstraints(max_length=5)] | None, maybe_blank(5)] = None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        (" 1850-01-01 ", date(1850, 1, 1)),
        ("2199-12-31", date(2199, 12, 31)),
        (date(2026, 11, 24), date(2026, 11, 24)),
    ],
)
def test_a_day_is_a_date_as_iso_8601_writes_it(written: Any, meant: date) -> None:
    assert Said(on=written).on == meant


@pytest.mark.parametrize(
    "slip", [0, "0", "1", 1.5, "20261124", "24-11-2026", "2026-11-24T00:00:00Z", "1849-12-31", "2200-01-01", "", True]
)
def test_a_number_or_another_form_is_no_day(slip: Any) -> None:
    with pytest.raises(ValidationError):
        Said(on=slip)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-24T08:00:00Z", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T09:00:00.5+01:00", datetime(2026, 11, 24, 8, 0, 0, 500_000, tzinfo=UTC)),
        (" 2026-11-24 08:00Z ", datetime(2026, 11, 24, 8, tzinfo=UTC)),
    ],
)
def test_an_instant_carries_its_zone(written: str, meant: datetime) -> None:
    assert Said(at=written).at == meant


@pytest.mark.parametrize(
    "slip",
    [
        0,
        "0",
        1764000000,
        "1764000000",
        "2026-11-24",
        "2026-11-24T08:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_number_or_a_time_without_a_zone_is_no_instant(slip: Any) -> None:
    with pytest.raises(ValidationError):
        Said(at=slip)


@pytest.mark.parametrize("blank", ["", "   ", "\n", None])
def test_a_field_left_empty_is_nothing(blank: Any) -> None:
    assert Said(reason=blank).reason is None


def test_a_field_that_may_be_empty_still_has_its_bound() -> None:
    with pytest.raises(ValidationError):
        Said(reason="123456")
