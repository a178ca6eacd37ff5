"""What a measured value of a source becomes here, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.interop import measures
from hmis.interop.reading import Odd
from hmis.interop.source import Refused
from hmis.vitals.schemas import VitalSignIn


@pytest.mark.parametrize(
    ("field", "value", "unit", "ours"),
    [
        ("temperature_celsius", 98.6, "[degF]", Decimal("37.0")),
        ("temperature_celsius", 36.65, "Cel", Decimal("36.7")),  # half up, as a person rounds
        ("temperature_celsius", 310.15, "K", Decimal("37.0")),
        ("weight_kg", 154, "[lb_av]", Decimal("69.853")),
        ("weight_kg", 3250, "g", Decimal("3.250")),
        ("height_cm", 70, "[in_i]", Decimal("177.8")),
        ("height_cm", 1.7, "m", Decimal("170.0")),
        ("glucose_mmol_per_l", 99, "mg/dL", Decimal("5.5")),
        ("glucose_mmol_per_l", 5.5, "mmol/L", Decimal("5.5")),
        ("pulse_per_min", 72, "beats/minute", 72),
        ("respirations_per_min", 16.4, "/min", 16),
        ("systolic_mmhg", 16, "kPa", 120),
        ("systolic_mmhg", 131.44, "mm[Hg]", 131),
        ("muac_mm", 12.5, "cm", 125),
        ("oxygen_litres_per_min", 500, "mL/min", Decimal("0.5")),
        ("spo2_percent", 97, "%", 97),
        ("pain_0_10", 4, "{score}", 4),
        ("pain_0_10", 4, None, 4),
    ],
)
def test_a_value_with_a_unit_is_stored_in_ours(field: str, value: Any, unit: str | None, ours: Any) -> None:
    assert measures.measured(field, value, unit) == (ours, None)


@pytest.mark.parametrize(
    ("field", "value", "unit", "reason"),
    [
        ("systolic_mmhg", 351, "mm[Hg]", "higher than is possible"),
        ("systolic_mmhg", -5, "mm[Hg]", "impossible"),
        ("temperature_celsius", 98.6, "Cel", "looks like °F"),
        ("temperature_celsius", 19.9, "Cel", "lower than is possible"),
        ("spo2_percent", 101, "%", "higher than is possible"),
        ("pain_0_10", 11, "{score}", "higher than is possible"),
        ("weight_kg", 1e300, "kg", "impossible"),
        ("weight_kg", 70, "mm[Hg]", "unit 'mm[Hg]' is not one for it"),
        ("weight_kg", 70, None, "no unit in the source"),  # kilograms or pounds
        ("height_cm", 60, None, "no unit in the source"),  # centimetres or inches
        ("glucose_mmol_per_l", 20, None, "no unit in the source"),  # mmol/L or mg/dL
        ("temperature_celsius", 98.6, None, "no unit in the source"),
        ("systolic_mmhg", 16, None, "no unit in the source"),
        ("pulse_per_min", "72", "/min", "not a number"),
        ("pulse_per_min", True, "/min", "not a number"),
        ("pulse_per_min", Odd("NaN"), "/min", "not a number"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(field: str, value: Any, unit: str | None, reason: str) -> None:
    with pytest.raises(Refused, match=reason.replace("[", r"\[")):
        measures.measured(field, value, unit)


@pytest.mark.parametrize(
    ("field", "lowest", "highest"), [(name, *limits) for name, limits in measures.PLAUSIBLE_ALONE.items()]
)
def test_a_number_without_a_unit_is_taken_only_where_it_can_mean_one_thing(
    field: str, lowest: int, highest: int
) -> None:
    for number in (lowest, highest):
        value, doubt = measures.measured(field, number, None)
        assert value == number
        assert doubt is not None
        assert "no unit in the source, taken as" in doubt
    for number in (lowest - 1, highest + 1):
        with pytest.raises(Refused, match="no unit"):
            measures.measured(field, number, None)


def test_a_pain_score_between_two_points_is_stored_and_marked() -> None:
    assert measures.measured("pain_0_10", 4.53, "{score}") == (
        5,
        "pain 4.53 of 10 in the source; the scale has whole points",
    )


@given(
    st.sampled_from([(field, unit) for field, units in measures.UNITS.items() for unit in [*units, "", "stone"]]),
    st.floats() | st.integers(),
)
def test_whatever_is_taken_could_have_been_measured_here(field_and_unit: tuple[str, str], value: float) -> None:
    field, unit = field_and_unit
    with suppress(Refused):
        ours, _ = measures.measured(field, value, unit)
        VitalSignIn.model_validate({field: ours})


@pytest.mark.parametrize(
    ("words", "level"),
    [("Alert", "A"), ("Responds to voice", "V"), ("Verbal", "V"), ("Responds to pain", "P"), ("UNRESPONSIVE", "U")],
)
def test_consciousness_is_read_from_words(words: str, level: str) -> None:
    assert measures.consciousness(words) == level


@pytest.mark.parametrize("words", ["", "drowsy", "alert, responds to pain"])
def test_an_unclear_level_of_consciousness_is_refused(words: str) -> None:
    with pytest.raises(Refused):
        measures.consciousness(words)
