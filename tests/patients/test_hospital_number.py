"""The number on the card, and the slips it catches."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hmis.patients.hospital_number import MistypedNumber, looks_like, make, parse, shown

numbers = st.integers(1, 99_999_999).map(make)


@pytest.mark.parametrize(
    ("serial", "prefix", "number"),
    [
        (10_422_678, "", "104226784"),
        (572, "", "000005724"),  # 572 with check digit 4: python-stdnum's example
        (1, "", "000000013"),
        (1, "12", "120000015"),
        (99_999_999, "", "999999999"),
        (9, "1234567", "123456793"),
    ],
)
def test_a_number_is_prefix_serial_and_check_digit(serial: int, prefix: str, number: str) -> None:
    assert make(serial, prefix) == number
    assert parse(number) == number


@pytest.mark.parametrize(
    ("serial", "prefix"),
    [(0, ""), (-1, ""), (100_000_000, ""), (10_000, "1234"), (1, "12345678"), (1, "A1"), (1, "١"), (1, "-1")],
)
def test_a_serial_that_does_not_fit_is_refused(serial: int, prefix: str) -> None:
    with pytest.raises(ValueError, match=r"does not fit|a prefix is at most"):
        make(serial, prefix)


@pytest.mark.parametrize(
    "typed",
    [
        "104226784",
        "104 226 784",
        "104-226-784",
        " 104226784\n",
        "104\u00a0226\u00a0784",  # no-break spaces
        "104\u202f226\u202f784",  # narrow ones
        "104\u2011226\u2011784",  # no-break hyphens
        "104–226–784",
        "\u202a104226784\u202c",  # copied together with its direction marks
        "١٠٤٢٢٦٧٨٤",
    ],
)
def test_a_number_is_taken_as_people_type_it(typed: str) -> None:
    assert looks_like(typed)
    assert parse(typed) == "104226784"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("104226781", "check digit does not fit: look at the card again"),
        ("10422678", "a hospital number has nine digits, this has 8"),
        ("1042267844", "a hospital number has nine digits, this has 10"),
        ("", "a hospital number has nine digits, this has 0"),
        ("1O4226784", "a hospital number is digits only, and 'O' is none"),
        ("10422678²", "a hospital number is digits only, and '²' is none"),
        ("104/226/784", "a hospital number is digits only, and '/' is none"),
    ],
)
def test_a_mistyped_number_is_told_what_is_wrong_with_it(typed: str, message: str) -> None:
    with pytest.raises(MistypedNumber) as refusal:
        parse(typed)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("104 226 781", True),
        ("0803 123 4567", False),
        ("10422678", False),
        ("Okafor", False),
        ("Chinedu O", False),
        ("1992-05-17", False),
        ("", False),
    ],
)
def test_nine_digits_are_meant_as_a_hospital_number(typed: str, meant: bool) -> None:
    assert looks_like(typed) is meant


def test_a_number_is_shown_in_threes() -> None:
    assert shown("104226784") == "104 226 784"


@given(numbers, st.integers(0, 8), st.sampled_from("0123456789"))
def test_every_wrong_digit_is_caught(number: str, position: int, digit: str) -> None:
    assume(number[position] != digit)
    with pytest.raises(MistypedNumber, match="check digit"):
        parse(number[:position] + digit + number[position + 1 :])


@given(numbers, st.integers(0, 7))
def test_every_swap_of_neighbours_is_caught(number: str, position: int) -> None:
    first, second = number[position], number[position + 1]
    assume(first != second)
    with pytest.raises(MistypedNumber, match="check digit"):
        parse(number[:position] + second + first + number[position + 2 :])


@given(numbers)
def test_what_is_shown_can_be_typed(number: str) -> None:
    assert parse(shown(number)) == number


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_number_or_refused(text: str) -> None:
    try:
        number = parse(text)
    except MistypedNumber:
        return
    assert len(number) == 9
    assert number.isascii()
    assert looks_like(text)
