"""How much is handed out for a course: a table of cases, each reckoned by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.formulary.models import Drug
from hmis.prescriptions import doses, frequencies
from hmis.prescriptions.doses import Dimension, strength_of
from hmis.prescriptions.frequencies import FREQUENCIES
from hmis.prescriptions.supply import each_time, quantity


def drug(strength: str | None, form: str | None, pack_size: int | None = None) -> Drug:
    return Drug(generic_name="a drug", strength=strength, form=form, pack_size=pack_size)


# strength, form, pack | dose, unit, frequency, max in 24 h, days | units to hand out
TABLE = [
    ("500 mg", "capsule", None, "500", "mg", "tds", None, 5, 15),
    ("250 mg", "capsule", None, "500", "mg", "tds", None, 5, 30),
    ("500 mg", "tablet", None, "1", "g", "qds", None, 3, 24),
    ("500mg", "Tablets", None, "1", "tablet", "bd", None, 7, 14),
    ("5 mg", "tablet", None, "2.5", "mg", "od", None, 28, 14),
    ("5 mg", "tablet", None, "2.5", "mg", "od", None, 5, 3),
    ("100 micrograms", "tablet", None, "0.05", "mg", "om", None, 30, 15),
    ("0.1 mg", "tablet", None, "100", "micrograms", "om", None, 30, 30),
    ("1 g", "vial", None, "500", "mg", "bd", None, 2, 4),
    ("80 mg/2 mL", "injection", None, "160", "mg", "od", None, 3, 6),
    ("80 mg/2 mL", "injection", None, "120", "mg", "od", None, 3, 6),
    ("80 mg/2 mL", "ampoule", None, "2", "mL", "q8h", None, 1, 3),
    ("1,200,000 units", "powder for injection", None, "1200000", "units", "stat", None, None, 1),
    ("1.2 million units", "vial", None, "2.4", "million units", "stat", None, None, 2),
    ("10 mg", "tablet", None, "10", "mg", "weekly", None, 28, 4),
    ("10 mg", "tablet", None, "10", "mg", "weekly", None, 5, 1),
    ("10 mg", "tablet", None, "20", "mg", "alternate_days", None, 5, 6),
    ("10 mg", "tablet", None, "10", "mg", "q36h", None, 3, 2),
    ("500 mg", "tablet", None, "1000", "mg", None, "4000", 5, 40),
    ("500 mg", "tablet", None, "1000", "mg", "q4h", "4000", 5, 40),
    ("500 mg", "tablet", None, "1000", "mg", "bd", "4000", 5, 20),
    ("125 mg/5 mL", "suspension", 100, "250", "mg", "tds", None, 5, 2),
    ("125 mg/5 mL", "oral suspension", 60, "125", "mg", "tds", None, 5, 2),
    ("125 mg / 5ml", "suspension", 100, "5", "mL", "tds", None, 5, 1),
    ("24 mg/mL", "syrup", 100, "120", "mg", "bd", None, 10, 1),
    ("100 micrograms/puff", "inhaler", 200, "2", "puff", "qds", None, 30, 2),
    ("100 micrograms/dose", "inhaler", 200, "200", "micrograms", "qds", None, 25, 1),
    (None, None, None, "2", "puff", "qds", None, 5, 40),
    (None, "sachet", None, "1", "sachet", "tds", None, 2, 6),
    ("1 g", "suppository", None, "1", "g", "bd", None, 3, 6),
    ("500 mg", None, None, "1000", "mg", "bd", None, 5, 20),
    ("250 mg/tablet", "tablet", None, "500", "mg", "od", None, 2, 4),
]

# strength, form | dose, unit | as the patient takes it
TAKEN = [
    ("500 mg", "tablet", "1", "g", ("2", "tablet")),
    ("500 mg", "tablet", "1000", "mg", ("2", "tablet")),
    ("5 mg", "tablet", "7.5", "mg", ("1.5", "tablet")),
    ("5 mg", "tablet", "1.25", "mg", ("0.25", "tablet")),
    ("250 mg", "capsule", "500", "mg", ("2", "capsule")),
    ("120 mg/5 mL", "oral suspension", "240", "mg", ("10", "mL")),
    ("24 mg/mL", "syrup", "60", "mg", ("2.5", "mL")),
    ("100 micrograms/dose", "inhaler", "200", "micrograms", ("2", "puff")),
    ("300 mg", "tablet", "100", "mg", None),  # nobody breaks a third off
    ("250 mg", "capsule", "125", "mg", None),
    ("125 mg/5 mL", "suspension", "80.5", "mg", None),  # 3.22 mL
    ("500 mg", "tablet", "2", "tablet", None),  # written so
    ("125 mg/5 mL", "suspension", "5", "mL", None),
    ("80 mg/2 mL", "injection", "160", "mg", None),  # given by somebody who draws it up
    ("1 g", None, "1", "g", None),
    (None, "tablet", "500", "mg", None),
    ("1 %", "cream", "1", "application", None),
]


@pytest.mark.parametrize(("strength", "form", "dose", "unit", "taken"), TAKEN)
def test_a_dose_is_counted_in_what_the_patient_takes(
    strength: str | None, form: str | None, dose: str, unit: str, taken: tuple[str, str] | None
) -> None:
    one = each_time(drug(strength, form), Decimal(dose), unit)
    assert (one and (f"{one.decimal.normalize():f}", one.unit)) == taken


# strength, form, pack | dose, unit, frequency, days: nobody can know, so it is asked
ASKED = [
    ("500 mg", "capsule", None, "250", "mg", "tds", 5),  # half a capsule
    ("300 mg", "tablet", None, "100", "mg", "tds", 5),  # a third of a tablet
    ("125 mg/5 mL", "suspension", None, "125", "mg", "tds", 5),  # a bottle of unknown size
    ("100 micrograms/puff", "inhaler", None, "2", "puff", "qds", 30),
    ("10 mg/mL", "injection", None, "10", "mg", "od", 3),  # how much is in the ampoule?
    ("875 mg + 125 mg", "tablet", None, "875", "mg", "bd", 7),  # two ingredients
    ("80/480 mg", "tablet", None, "80", "mg", "bd", 3),
    ("1%", "cream", None, "5", "g", "bd", 7),
    ("500 mg", "cream", None, "500", "mg", "bd", 7),
    ("500 mg", "tablet", None, "5", "mL", "bd", 7),
    ("500 mg", "tablet", None, "2", "drop", "bd", 7),
    ("500 mg", "tablet", None, "10", "units", "bd", 7),
    ("500 mg", "capsule", None, "1", "tablet", "bd", 7),
    (None, "tablet", None, "500", "mg", "bd", 7),
    ("0 mg", "tablet", None, "500", "mg", "bd", 7),
    ("500 mg", "tablet", None, "500", "mg", "bd", None),  # for how long?
    ("500 mg", "tablet", None, "500", "mg", None, 5),  # how often?
]


@pytest.mark.parametrize(("strength", "form", "pack", "dose", "unit", "frequency", "most", "days", "units"), TABLE)
def test_the_quantity_of_a_course(
    strength: str | None,
    form: str | None,
    pack: int | None,
    dose: str,
    unit: str,
    frequency: str | None,
    most: str | None,
    days: int | None,
    units: int,
) -> None:
    assert (
        quantity(
            drug(strength, form, pack),
            dose=Decimal(dose),
            dose_unit=unit,
            frequency=frequency,
            max_in_24h=Decimal(most) if most else None,
            duration_days=days,
        )
        == units
    )


@pytest.mark.parametrize(("strength", "form", "pack", "dose", "unit", "frequency", "days"), ASKED)
def test_what_cannot_be_known_is_not_computed(
    strength: str | None, form: str, pack: int | None, dose: str, unit: str, frequency: str | None, days: int | None
) -> None:
    of = drug(strength, form, pack)
    asked = {"dose": Decimal(dose), "dose_unit": unit, "frequency": frequency, "duration_days": days}
    assert quantity(of, max_in_24h=None, **asked) is None  # type: ignore[arg-type]


def test_nothing_is_computed_without_a_dose() -> None:
    of = drug("1%", "cream")
    assert quantity(of, dose=None, dose_unit=None, frequency="bd", max_in_24h=None, duration_days=7) is None


@given(
    st.sampled_from([code for code, often in FREQUENCIES.items() if often.times_a_day is not None]),
    st.integers(1, 400),
    st.integers(1, 8),
)
def test_a_course_never_runs_out_before_its_end_and_never_by_more_than_a_dose(
    code: str, days: int, tablets: int
) -> None:
    times = FREQUENCIES[code].times_a_day
    assert times is not None
    given_out = quantity(
        drug("500 mg", "tablet"),
        dose=Decimal(tablets),
        dose_unit="tablet",
        frequency=code,
        max_in_24h=None,
        duration_days=days,
    )
    assert given_out is not None
    assert tablets * times * days <= given_out < tablets * (times * days + 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("tds", "tds"), ("TDS", "tds"), ("t.d.s.", "tds"), ("tid", "tds"), ("three times a day", "tds"),
        ("3x daily", "tds"), ("q8h", "q8h"), ("every 8 hours", "q8h"), ("8 hourly", "q8h"), ("8-hourly", "q8h"),
        ("daily", "od"), ("OD", "od"), ("nocte", "on"), ("every other day", "alternate_days"), ("weekly", "weekly"),
        ("once a week", "weekly"), ("Immediately", "stat"), ("alternate_days", "alternate_days"), ("hourly", "q1h"),
    ],
)  # fmt: skip
def test_a_frequency_is_understood_as_code_and_in_words(typed: str, code: str) -> None:
    assert frequencies.understood(typed).code == code


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("qd", "od (once a day)"), ("Q.D.", "od (once a day)"), ("qod", "every other day"), ("hs", "every night"),
        ("once", "once only"), ("q7h", "write one of"), ("when she likes", "write one of"),
    ],
)  # fmt: skip
def test_a_frequency_that_is_misread_is_refused_with_what_to_write(typed: str, instead: str) -> None:
    with pytest.raises(ValueError, match="write") as refused:
        frequencies.understood(typed)
    assert instead in str(refused.value)


def test_every_frequency_has_words_without_an_abbreviation() -> None:
    for code, often in FREQUENCIES.items():
        assert frequencies.understood(code) is often
        assert frequencies.understood(often.words) is often
        assert frequencies.words(code) == often.words
    assert frequencies.words("as directed in 2009") == "as directed in 2009"
    assert frequencies.words(None) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("MG", "mg"), ("mcg", "micrograms"), ("tabs", "tablet"), ("ml", "mL"), ("International Units", "units"),
     ("drops", "drops"), ("g", "g")],
)  # fmt: skip
def test_a_unit_is_kept_as_everybody_writes_it(typed: str, kept: str) -> None:
    assert doses.understood(typed) == kept


@pytest.mark.parametrize("typed", ["u", "U", "iu", "IU", "µg", "μg", "ug", "cc", "tsp"])
def test_a_unit_that_is_misread_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="write "):
        doses.understood(typed)


@pytest.mark.parametrize(
    ("printed", "amount", "dimension", "millilitres", "whole"),
    [
        ("500 mg", 500, Dimension.MASS, None, True),
        ("125 mg/5 mL", 125, Dimension.MASS, 5, True),
        ("10mg/ml", 10, Dimension.MASS, 1, False),
        ("100 IU/mL", 100, Dimension.ACTIVITY, 1, False),
        ("50 µg", Fraction(1, 20), Dimension.MASS, None, True),
        ("1,200,000 units", 1_200_000, Dimension.ACTIVITY, None, True),
        ("20 mmol/10 mL", 20, Dimension.SUBSTANCE, 10, True),
    ],
)
def test_a_printed_strength_is_read(
    printed: str, amount: Fraction, dimension: Dimension, millilitres: Fraction | None, whole: bool
) -> None:
    found = strength_of(drug(printed, None))
    assert found == doses.Strength(Fraction(amount), dimension, millilitres and Fraction(millilitres), whole)


@pytest.mark.parametrize(
    "printed", ["", "5%", "strong", "mg", "250 mg/125 mg", "5 mL", "2 tablets", "1/0 mg", "5 mg/0 mL"]
)
def test_a_strength_that_says_nothing_is_not_guessed(printed: str) -> None:
    assert strength_of(drug(printed, None)) is None
