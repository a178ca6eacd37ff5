"""The number on a patient's card: nine digits, shown in threes, the last a check digit.

The check digit is Damm's: it catches every single wrong digit and every two neighbours swapped, the two commonest
slips, so that a mistyped number is refused before the wrong chart opens.
"""

from __future__ import annotations

import unicodedata

from stdnum import damm

DIGITS = 9
_PAYLOAD = DIGITS - 1
_SEPARATORS = {"Zs", "Pd"}  # spaces and hyphens of every width, those that do not break included


class MistypedNumber(ValueError):
    """This is no hospital number; the message says what is wrong with it."""


def make(serial: int, prefix: str = "") -> str:
    """The number of the serial-th patient of a hospital whose numbers begin with `prefix`.

    Raises `ValueError` when the serial does not fit: all numbers are given out, or it is not a serial.
    """
    if not (prefix.isascii() and (prefix.isdigit() or not prefix)) or len(prefix) >= _PAYLOAD:
        raise ValueError(f"a prefix is at most {_PAYLOAD - 1} digits, not {prefix!r}")
    width = _PAYLOAD - len(prefix)
    if not 1 <= serial < 10**width:
        raise ValueError(f"serial {serial} does not fit into {width} digits after the prefix {prefix!r}")
    payload = f"{prefix}{serial:0{width}}"
    return payload + damm.calc_check_digit(payload)


def parse(text: str) -> str:
    """The nine bare digits of a number as people type it, with spaces or hyphens. Raises `MistypedNumber`."""
    digits = "".join(_digit(character) for character in _bare(text))
    if len(digits) != DIGITS:
        raise MistypedNumber(f"a hospital number has nine digits, this has {len(digits)}")
    if not damm.is_valid(digits):
        raise MistypedNumber("check digit does not fit: look at the card again")
    return digits


def looks_like(text: str) -> bool:
    """Whether somebody who typed this means a hospital number, be it mistyped or not: nine digits and separators."""
    bare = _bare(text)
    return len(bare) == DIGITS and all(unicodedata.decimal(character, None) is not None for character in bare)


def shown(number: str) -> str:
    """The number in threes, as on the card: `104 226 784`."""
    return " ".join(number[start : start + 3] for start in range(0, len(number), 3))


def _bare(text: str) -> str:
    """Without separators, and without the marks that copying from a page brings along."""
    return "".join(c for c in text.strip() if unicodedata.category(c) not in _SEPARATORS | {"Cf"})


def _digit(character: str) -> str:
    """A digit of any script as 0 to 9."""
    value = unicodedata.decimal(character, None)
    if value is None:
        raise MistypedNumber(f"a hospital number is digits only, and {character!r} is none")
    return str(int(value))
