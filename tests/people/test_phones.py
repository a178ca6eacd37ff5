"""Phone numbers as they are typed, stored, searched and shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.people.phones import ending, shown, to_e164


@pytest.mark.parametrize(
    "typed",
    [
        "08031234567",
        "0803 123 4567",
        "0803-123-4567",
        "8031234567",
        "2348031234567",
        "+2348031234567",
        "+234 (0) 803 123 4567",
        "00234 803 123 4567",
        "\u202a+234 803 123 4567\u202c",  # as copied from an address book
        "٠٨٠٣١٢٣٤٥٦٧",
    ],
)
def test_one_number_is_stored_one_way(typed: str) -> None:
    assert to_e164(typed) == "+2348031234567"


@pytest.mark.parametrize(
    ("typed", "region", "stored"),
    [
        ("+254 712 345678", "NG", "+254712345678"),
        ("0712 345678", "KE", "+254712345678"),
        ("0044 20 7946 0958", "NG", "+442079460958"),
        ("009 44 20 7946 0958", "NG", "+442079460958"),  # as Nigeria's fixed lines dial abroad
        ("555-555-0101", "US", "+15555550101"),
    ],
)
def test_a_number_of_another_country_keeps_its_code(typed: str, region: str, stored: str) -> None:
    assert to_e164(typed, region) == stored


def test_a_range_opened_after_this_release_is_taken() -> None:
    assert to_e164("0603 123 4567") == "+2346031234567"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0803555010", "too few digits for a phone number; one looks like 0802 123 4567"),
        ("080312345", "too few digits"),
        ("123", "too few digits"),
        ("080312345678", "too many digits"),
        ("08031234567 / 08029876543", "too many digits for one phone number"),
        ("O8031234567", "digits alone, without letters"),
        ("0803 123 4567 ext 5", "without letters"),
        ("0803 123 4567#5", "an extension cannot be kept"),
        ("+999 12345678", "no country has this code"),
        ("none", "this is no phone number"),
        ("", "this is no phone number"),
        ("²³", "this is no phone number"),
    ],
)
def test_a_slip_is_told_as_what_it_is(typed: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_e164(typed)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+234 803 123 4567", "2348031234567"),
        ("+234 (0) 803 123 4567", "2348031234567"),
        ("…4567", "4567"),
        ("٤٥٦٧", "4567"),
        ("Okafor", ""),
    ],
)
def test_a_search_by_the_ending_compares_digits_alone(text: str, digits: str) -> None:
    assert ending(text) == digits


@pytest.mark.parametrize(
    ("number", "region", "text"),
    [
        ("+2348031234567", "NG", "0803 123 4567"),
        ("+254712345678", "NG", "+254 712 345678"),
        ("+2348031234567", "KE", "+234 803 123 4567"),
        ("see next of kin", "NG", "see next of kin"),
    ],
)
def test_a_number_is_shown_as_people_there_write_it(number: str, region: str, text: str) -> None:
    assert shown(number, region) == text


@given(st.integers(0, 9_999_999))
def test_what_is_shown_can_be_typed_again(subscriber: int) -> None:
    number = to_e164(f"0803{subscriber:07}")
    assert number == f"+234803{subscriber:07}"
    assert to_e164(shown(number)) == number


@given(st.text(alphabet="0123456789+-() ./#x", max_size=24) | st.text(max_size=24))
def test_whatever_is_typed_is_stored_as_e164_or_refused(text: str) -> None:
    try:
        number = to_e164(text)
    except ValueError:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert len(number) <= 16
    assert to_e164(number) == number
