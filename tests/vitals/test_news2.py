"""NEWS2 against the tables of the Royal College of Physicians, 2017."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.vitals.news2 import PARAMETERS, Band, News2, score


@dataclass(frozen=True)
class Observations:
    """A healthy adult on air, unless a test says otherwise."""

    respirations_per_min: int | None = 16
    spo2_percent: int | None = 98
    oxygen: bool | None = False
    systolic_mmhg: int | None = 120
    pulse_per_min: int | None = 70
    consciousness: str | None = "A"
    temperature_celsius: Decimal | None = Decimal("36.8")


HEALTHY = Observations()
UNMEASURED = Observations(None, None, None, None, None, None, None)


def adult(observed: Observations, scale: Literal[1, 2] = 1) -> News2:
    return score(observed, age_years=40, pregnant=False, scale=scale)


# The browser scores the same cases in `web/src/lib/clinic/news2.test.ts`; temperatures are exact decimals here.
CASES: dict[str, Any] = json.loads(Path(__file__).with_name("news2_cases.json").read_text(), parse_float=Decimal)
EDGES: dict[str, list[tuple[Any, int]]] = CASES["edges"]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["says"])
def test_a_set_is_scored_as_written_down(case: dict[str, Any]) -> None:
    observed = replace(Observations(**CASES["healthy"]) if case["rest_healthy"] else UNMEASURED, **case["measured"])
    scored = score(observed, age_years=case["age_years"], pregnant=case.get("pregnant", False))
    assert (scored.total, scored.partial, scored.band) == (case["total"], case["partial"], case["band"])
    assert (scored.missing, scored.reason) == (case.get("missing", []), case.get("reason"))
    assert case["response"] in scored.response


@pytest.mark.parametrize(
    ("parameter", "value", "points"), [(name, *edge) for name, edges in EDGES.items() for edge in edges]
)
def test_every_edge_of_every_band_is_the_colleges(parameter: str, value: Any, points: int) -> None:
    scored = adult(replace(HEALTHY, **{parameter: value}))
    assert scored.points == dict.fromkeys(PARAMETERS, 0) | {parameter: points}
    assert scored.total == points


@pytest.mark.parametrize(
    ("spo2", "on_air", "on_oxygen"),
    [
        (0, 3, 3), (83, 3, 3), (84, 2, 2), (85, 2, 2), (86, 1, 1), (87, 1, 1), (88, 0, 0), (92, 0, 0),
        (93, 0, 1), (94, 0, 1), (95, 0, 2), (96, 0, 2), (97, 0, 3), (100, 0, 3),
    ],
)  # fmt: skip
def test_on_scale_2_too_much_oxygen_scores_as_well_as_too_little(spo2: int, on_air: int, on_oxygen: int) -> None:
    air = adult(replace(HEALTHY, spo2_percent=spo2, oxygen=False), scale=2)
    oxygen = adult(replace(HEALTHY, spo2_percent=spo2, oxygen=True), scale=2)
    assert (air.points["spo2_percent"], oxygen.points["spo2_percent"]) == (on_air, on_oxygen)
    assert (air.scale, oxygen.scale) == (2, 2)


@pytest.mark.parametrize(("spo2", "points"), [(83, 3), (85, 2), (87, 1), (92, 0), (93, None), (97, None)])
def test_on_scale_2_spo2_over_92_cannot_be_scored_before_oxygen_is_known(spo2: int, points: int | None) -> None:
    scored = adult(replace(HEALTHY, spo2_percent=spo2, oxygen=None), scale=2)
    assert scored.points.get("spo2_percent") == points
    assert scored.missing == ["oxygen"]
    assert scored.total is None


@pytest.mark.parametrize(
    ("temperature", "points"), [("35.04", 3), ("35.05", 1), ("38.04", 0), ("38.05", 1), ("39.04", 1), ("39.05", 2)]
)
def test_a_temperature_between_two_tenths_is_rounded_to_one(temperature: str, points: int) -> None:
    assert adult(replace(HEALTHY, temperature_celsius=Decimal(temperature))).total == points


@pytest.mark.parametrize(
    ("observed", "total", "band"),
    [
        (HEALTHY, 0, Band.LOW),
        (replace(HEALTHY, respirations_per_min=10), 1, Band.LOW),
        (replace(HEALTHY, respirations_per_min=22, pulse_per_min=120), 4, Band.LOW),
        (replace(HEALTHY, consciousness="C"), 3, Band.LOW_MEDIUM),
        (replace(HEALTHY, consciousness="V", pulse_per_min=100), 4, Band.LOW_MEDIUM),
        (replace(HEALTHY, consciousness="P", oxygen=True), 5, Band.MEDIUM),
        (replace(HEALTHY, respirations_per_min=22, pulse_per_min=120, spo2_percent=95), 5, Band.MEDIUM),
        (replace(HEALTHY, consciousness="U", respirations_per_min=30), 6, Band.MEDIUM),
        (replace(HEALTHY, consciousness="U", respirations_per_min=30, pulse_per_min=100), 7, Band.HIGH),
        # The example of the interface's acceptance list: 23 93 o 104 66 108 A 38.4
        (Observations(23, 93, True, 104, 108, "A", Decimal("38.4")), 9, Band.HIGH),
        (Observations(30, 80, True, 80, 140, "U", Decimal("34.0")), 20, Band.HIGH),
    ],
)  # fmt: skip
def test_the_sum_and_any_single_3_say_how_urgent_it_is(observed: Observations, total: int, band: Band) -> None:
    scored = adult(observed)
    assert (scored.total, scored.partial, scored.band) == (total, total, band)
    assert scored.missing == []
    assert scored.reason is None
    assert scored.rule_version == "RCP NEWS2 2017"


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (HEALTHY, "12 hours"),
        (replace(HEALTHY, pulse_per_min=100), "4 to 6 hours"),
        (replace(HEALTHY, consciousness="C"), "every hour"),
        (replace(HEALTHY, consciousness="C", oxygen=True), "Urgent"),
        (replace(HEALTHY, consciousness="C", oxygen=True, pulse_per_min=120), "Emergency"),
    ],
)
def test_the_response_says_when_to_measure_again(observed: Observations, words: str) -> None:
    assert words in adult(observed).response


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_what_was_not_measured_is_never_taken_for_normal(parameter: str) -> None:
    scored = adult(replace(HEALTHY, **{parameter: None}))
    assert scored.total is None
    assert scored.band == Band.INCOMPLETE
    assert scored.missing == [parameter]
    assert parameter not in scored.points


def test_a_set_of_nothing_scored_is_incomplete_and_never_low() -> None:
    scored = adult(UNMEASURED)
    assert (scored.total, scored.partial, scored.band, scored.points) == (None, 0, Band.INCOMPLETE, {})
    assert scored.missing == list(PARAMETERS)


@pytest.mark.parametrize(
    ("observed", "partial", "band"),
    [
        (replace(UNMEASURED, respirations_per_min=22, pulse_per_min=120), 4, Band.INCOMPLETE),
        (replace(UNMEASURED, consciousness="U"), 3, Band.LOW_MEDIUM),
        (replace(UNMEASURED, consciousness="U", oxygen=True), 5, Band.MEDIUM),
        (replace(UNMEASURED, respirations_per_min=22, pulse_per_min=120, spo2_percent=94), 5, Band.MEDIUM),
        (replace(UNMEASURED, consciousness="U", oxygen=True, spo2_percent=93), 7, Band.HIGH),
    ],
)
def test_an_incomplete_set_calls_for_help_all_the_same(observed: Observations, partial: int, band: Band) -> None:
    scored = adult(observed)
    assert (scored.total, scored.partial, scored.band) == (None, partial, band)
    assert "measure what is missing" in scored.response.lower()


@pytest.mark.parametrize(
    ("age_years", "pregnant", "reason"),
    [
        (0, False, "under 16"),
        (15, False, "under 16"),
        (15, True, "under 16"),
        (16, True, "pregnant"),
        (None, True, "pregnant"),
    ],
)
def test_it_is_not_calculated_under_16_or_in_pregnancy_and_says_so(
    age_years: int | None, pregnant: bool, reason: str
) -> None:
    scored = score(replace(HEALTHY, consciousness="U"), age_years=age_years, pregnant=pregnant)
    assert (scored.total, scored.partial, scored.points, scored.missing) == (None, None, {}, [])
    assert (scored.band, scored.reason) == (Band.NOT_APPLICABLE, reason)
    assert "NEWS2 is not for" in scored.response


def test_it_is_calculated_from_the_sixteenth_birthday() -> None:
    assert score(HEALTHY, age_years=16, pregnant=False).total == 0


def test_an_unconscious_person_of_unknown_age_is_scored_under_a_condition() -> None:
    scored = score(replace(HEALTHY, consciousness="U", oxygen=True), age_years=None, pregnant=False)
    assert (scored.total, scored.band) == (5, Band.MEDIUM)
    assert scored.reason == "age not known: holds only for somebody of 16 or over"


def test_a_score_is_stored_as_json_with_all_that_is_needed_to_check_it() -> None:
    scored = adult(replace(UNMEASURED, pulse_per_min=131, temperature_celsius=Decimal("37.0")))
    assert json.loads(json.dumps(dataclasses.asdict(scored))) == {
        "total": None,
        "partial": 3,
        "band": "low-medium",
        "points": {"pulse_per_min": 3, "temperature_celsius": 0},
        "missing": ["respirations_per_min", "spo2_percent", "oxygen", "systolic_mmhg", "consciousness"],
        "scale": 1,
        "rule_version": "RCP NEWS2 2017",
        "reason": None,
        "response": scored.response,
    }


def perhaps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


anything = st.builds(
    Observations,
    respirations_per_min=perhaps(st.integers(0, 120)),
    spo2_percent=perhaps(st.integers(0, 100)),
    oxygen=perhaps(st.booleans()),
    systolic_mmhg=perhaps(st.integers(0, 320)),
    pulse_per_min=perhaps(st.integers(0, 350)),
    consciousness=perhaps(st.sampled_from("ACVPU")),
    temperature_celsius=perhaps(st.decimals(20, 46, places=2)),
)
scales = st.sampled_from([1, 2])
URGENCY = [Band.INCOMPLETE, Band.LOW, Band.LOW_MEDIUM, Band.MEDIUM, Band.HIGH]


@given(anything, scales)
def test_the_total_is_the_sum_of_its_points(observed: Observations, scale: Literal[1, 2]) -> None:
    scored = adult(observed, scale)
    assert scored.partial == sum(scored.points.values())
    assert scored.total == (None if scored.missing else scored.partial)
    assert all(0 <= points <= 3 for points in scored.points.values())
    assert set(scored.missing).isdisjoint(scored.points)


@given(anything, scales, st.sampled_from(PARAMETERS))
def test_leaving_a_measurement_out_never_makes_a_patient_look_worse(
    observed: Observations, scale: Literal[1, 2], parameter: str
) -> None:
    whole, less = adult(observed, scale), adult(replace(observed, **{parameter: None}), scale)
    assert (less.partial or 0) <= (whole.partial or 0)
    assert URGENCY.index(less.band) <= URGENCY.index(whole.band)


WORSE_UPWARDS = [("respirations_per_min", 12), ("pulse_per_min", 51), ("temperature_celsius", 37)]
WORSE_DOWNWARDS = [
    ("respirations_per_min", 20), ("pulse_per_min", 90), ("temperature_celsius", 37), ("systolic_mmhg", 219),
    ("spo2_percent", 100),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parameter", "normal", "direction"),
    [(*case, 1) for case in WORSE_UPWARDS] + [(*case, -1) for case in WORSE_DOWNWARDS],
)
@given(observed=anything, steps=st.tuples(st.integers(0, 120), st.integers(0, 120)))
def test_getting_worse_never_lowers_the_score(
    parameter: str, normal: Any, direction: int, observed: Observations, steps: tuple[int, int]
) -> None:
    step, further = min(steps), max(steps)
    # Fever scores less than cold does, but each gets worse away from normal.
    better, worse = (
        adult(replace(observed, **{parameter: measured}))
        for measured in (normal + direction * step, normal + direction * further)
    )
    assert better.points[parameter] <= worse.points[parameter]
    assert URGENCY.index(better.band) <= URGENCY.index(worse.band)
