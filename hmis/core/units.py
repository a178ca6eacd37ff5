"""Measured quantities: exact decimals inside, plain JSON numbers outside, the unit always in the field's name."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema


def _no_words(value: object) -> object:
    """A measurement is a number: neither text nor true/false stands for one."""
    if isinstance(value, str | bool):
        raise ValueError("write a number")
    return Decimal(str(value)) if isinstance(value, float) else value


def _as_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


Measured = Annotated[
    Decimal,
    BeforeValidator(_no_words),
    PlainSerializer(_as_number, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""A number with decimals, 37.5 in JSON and exact in the database."""
