"""Phone numbers: stored as E.164 (`+2348031234567`), typed and shown as people there do (`0803 123 4567`)."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")  # +234 (0) 803 ...


def to_e164(text: str, region: str = "NG") -> str:
    """The number with its country code, `region` being the country of numbers written without one.

    A number of the right length is taken even from a range unknown here: new ranges open between two releases.
    Raises `ValueError` with a message for whoever typed it.
    """
    typed = "".join(c for c in text.strip() if unicodedata.category(c) != "Cf")  # marks that copying brings along
    if not any(character.isdigit() for character in typed):
        raise ValueError(f"this is no phone number; {_for_example(region)}")
    if any(character.isalpha() for character in typed):
        raise ValueError(f"write a phone number in digits alone, without letters; {_for_example(region)}")
    number = _parsed(typed, region)
    if number.extension:
        raise ValueError(f"an extension cannot be kept, leave it out; {_for_example(region)}")
    if not phonenumbers.is_valid_number(number):
        _refuse_wrong_length(number, region)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def ending(text: str) -> str:
    """Its digits alone, as 0 to 9: what a search by the end of a number compares."""
    return phonenumbers.normalize_digits_only(_TRUNK_ZERO.sub("", text))


def shown(number: str, region: str = "NG") -> str:
    """A stored number as people of `region` write it, with country code when it is of another. Never refuses."""
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return number  # stored by an older rule or an import: shown as it is
    home = parsed.country_code == phonenumbers.country_code_for_region(region)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def _parsed(typed: str, region: str) -> PhoneNumber:
    if typed.startswith("00"):  # 00 in place of +, which is not what every network dials
        try:
            abroad = phonenumbers.parse(f"+{typed[2:]}", region)
        except NumberParseException:
            pass  # no such country: 00 is something else, read below
        else:
            if phonenumbers.is_valid_number(abroad):
                return abroad
    try:
        return phonenumbers.parse(typed, region)
    except NumberParseException as error:
        match error.error_type:
            case NumberParseException.INVALID_COUNTRY_CODE:
                wrong = "no country has this code; check the digits after the +"
            case NumberParseException.TOO_LONG:
                wrong = f"too many digits for one phone number; {_for_example(region)}"
            case _:
                wrong = f"this is no phone number; {_for_example(region)}"
        raise ValueError(wrong) from error


def _refuse_wrong_length(number: PhoneNumber, region: str) -> None:
    national = phonenumbers.national_significant_number(number)
    trunk = phonenumbers.ndd_prefix_for_region(
        phonenumbers.region_code_for_country_code(number.country_code or 0), True
    )
    length = phonenumbers.is_possible_number_for_type_with_reason(number, PhoneNumberType.MOBILE)
    if length == ValidationResult.TOO_LONG:
        raise ValueError(f"too many digits for one phone number; {_for_example(region)}")
    if length != ValidationResult.IS_POSSIBLE or (trunk and national.startswith(trunk)):
        raise ValueError(f"too few digits for a phone number; {_for_example(region)}")


def _for_example(region: str) -> str:
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if example is None:
        return "write it with its country code, such as +234 802 123 4567"
    return f"one looks like {phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)}"
