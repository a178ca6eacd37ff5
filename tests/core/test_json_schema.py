"""What pydantic says in JSON Schema 2020-12, said in OpenAPI 3.0.3: the same things are still allowed and refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from hmis.core.json_schema import COMPONENTS, Schema, converted, schemas_of, without_null
from hmis.core.units import Measured

REFERENCE = {"$ref": f"{COMPONENTS}Dose"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"type": "string"}, {"type": "string"}),
        (True, {}),
        (False, {"not": {}}),
        (
            {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
            {"type": "integer", "minimum": 0, "nullable": True},
        ),
        ({"anyOf": [REFERENCE, {"type": "null"}]}, {"allOf": [REFERENCE], "nullable": True}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "integer"}, {"type": "string"}], "nullable": True},
        ),
        ({"anyOf": [{"enum": ["a"]}, {"type": "null"}]}, {"enum": ["a", None], "nullable": True}),
        ({"anyOf": [{"const": "a"}, {"type": "null"}]}, {"enum": ["a", None], "nullable": True}),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ({"type": "null"}, {"enum": [None], "nullable": True}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"const": 5}, {"enum": [5]}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0, "exclusiveMinimum": True}),
        ({"type": "number", "exclusiveMaximum": 9}, {"type": "number", "maximum": 9, "exclusiveMaximum": True}),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        ({**REFERENCE, "description": "how much"}, {"allOf": [REFERENCE], "description": "how much"}),
        (REFERENCE, REFERENCE),
        ({"type": "string", "default": None}, {"type": "string"}),
        ({"type": "string", "default": "x"}, {"type": "string", "default": "x"}),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "minItems": 2},
        ),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "object", "propertyNames": {"pattern": "^a"}}, {"type": "object"}),
        (
            {"type": "object", "patternProperties": {"^a": {"type": "integer"}}},
            {"type": "object", "additionalProperties": {"type": "integer"}},
        ),
        (
            {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            {"type": "object", "additionalProperties": {"type": "string", "nullable": True}},
        ),
        (
            {"type": "object", "properties": {"title": {"title": "Title", "type": "string"}}, "required": ["title"]},
            {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]},
        ),
    ],
)  # fmt: skip
def test_each_word_of_the_newer_dialect_has_its_word_in_the_older(said: Any, expected: Schema) -> None:
    assert converted(said) == expected


def test_a_measured_quantity_takes_numbers_within_its_bounds_and_no_text() -> None:
    class Weighed(BaseModel):
        weight_kg: Measured | None = Field(None, ge=Decimal("0.2"), le=Decimal(650), decimal_places=3)

    _, schemas = schemas_of([(Weighed, "validation")])
    assert schemas["Weighed"]["properties"]["weight_kg"] == {
        "type": "number",
        "minimum": 0.2,
        "maximum": 650.0,
        "multipleOf": 0.001,
        "nullable": True,
    }


def test_a_model_sent_and_shown_differently_has_two_names() -> None:
    class Priced(BaseModel):
        price: Decimal

    class Plain(BaseModel):
        word: str

    uses: list[Any] = [
        (Priced, "validation"),
        (Priced, "serialization"),
        (Plain, "validation"),
        (Plain, "serialization"),
    ]
    names, schemas = schemas_of(uses)
    assert names[(Priced, "validation")] == "Priced-Input"
    assert names[(Priced, "serialization")] == "Priced-Output"
    assert names[(Plain, "validation")] == names[(Plain, "serialization")] == "Plain"
    assert set(schemas) == {"Priced-Input", "Priced-Output", "Plain"}


def test_a_query_parameter_is_left_out_and_never_null() -> None:
    class Asked(BaseModel):
        q: Annotated[str, Field(max_length=9)] | None = None
        include: Literal["voided"] | None = None

    _, schemas = schemas_of([(Asked, "validation")])
    q, include = schemas["Asked"]["properties"].values()
    assert without_null(q) == {"type": "string", "maxLength": 9}
    assert without_null(include) == {"type": "string", "enum": ["voided"]}
