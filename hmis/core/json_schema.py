"""JSON Schema 2020-12, which pydantic writes, said in the dialect of OpenAPI 3.0.3.

Flasgger's pages show nothing for OpenAPI 3.1, whose schemas are plain JSON Schema; 3.0 has a dialect of its own.
What it cannot say (`propertyNames`, `if`) is left out: the document then promises less, never something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Schema = dict[str, Any]
Use = tuple[type[BaseModel], Literal["validation", "serialization"]]
"""A model as it is sent, or as it is shown."""

COMPONENTS = "#/components/schemas/"
_KEPT = frozenset(
    {
        "title",
        "description",
        "default",
        "type",
        "enum",
        "format",
        "discriminator",
        "readOnly",
        "writeOnly",
        "deprecated",
    }
    | {"pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf", "required"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
)
_LISTS = ("allOf", "anyOf", "oneOf")


def schemas_of(models: Sequence[Use]) -> tuple[dict[Use, str], dict[str, Schema]]:
    """The component name of each model as sent or as shown, and all components.

    A model that looks different going in and coming out gets two names, `X-Input` and `X-Output`.
    """
    named, whole = models_json_schema(models, ref_template=COMPONENTS + "{model}")
    names = {use: str(named[use]["$ref"]).removeprefix(COMPONENTS) for use in models}
    return names, {name: converted(schema) for name, schema in sorted(whole.get("$defs", {}).items())}


def converted(schema: Schema | bool) -> Schema:
    """One schema in the dialect of OpenAPI 3.0.3."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    said = {name: value for name, value in schema.items() if name in _KEPT}
    if said.get("default", ...) is None:
        del said["default"]  # leaving it out says the same, and generated clients read a default as "always there"
    for name in _LISTS:
        if name in schema:
            said[name] = [converted(part) for part in schema[name]]
    _say_type(schema, said)
    _say_bounds(schema, said)
    _say_parts(schema, said)
    if "const" in schema:
        said["enum"] = [schema["const"]]
    if schema.get("examples"):
        said["example"] = schema["examples"][0]
    if "$ref" in schema:
        return _referring(schema["$ref"], said)
    return _nullable(said)


def without_null(schema: Schema) -> Schema:
    """The same schema for a place where nothing is said by leaving it out, such as a query parameter."""
    plain = {name: value for name, value in schema.items() if name != "nullable"}
    if None in plain.get("enum", ()):
        plain["enum"] = [value for value in plain["enum"] if value is not None]
    return plain


def _say_type(schema: Schema, said: Schema) -> None:
    """A list of types, and the type `null`, as 3.0 says them."""
    kinds = schema.get("type")
    if kinds == "null":
        del said["type"]
        said |= {"enum": [None], "nullable": True}
    elif isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        del said["type"]
        said |= {"type": rest[0]} if len(rest) == 1 else {"anyOf": [{"type": kind} for kind in rest]}
        if len(rest) < len(kinds):
            said["nullable"] = True


def _say_bounds(schema: Schema, said: Schema) -> None:
    for bound, beyond in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if beyond in schema:
            said |= {bound: schema[beyond], beyond: True}
    # A constraint on a measured quantity reaches the schema under pydantic's own name for it.
    for name, bound in (("ge", "minimum"), ("le", "maximum")):
        if name in schema:
            said[bound] = float(Decimal(schema[name]))
    for name, bound in (("gt", "minimum"), ("lt", "maximum")):
        if name in schema:
            said |= {bound: float(Decimal(schema[name])), f"exclusive{bound.title()}": True}
    if "decimal_places" in schema:
        said["multipleOf"] = float(Decimal(1).scaleb(-schema["decimal_places"]))


def _say_parts(schema: Schema, said: Schema) -> None:
    """What an object and a list are made of."""
    if "properties" in schema:
        said["properties"] = {name: _untitled(converted(part)) for name, part in schema["properties"].items()}
    if "patternProperties" in schema:
        parts = [converted(part) for part in schema["patternProperties"].values()]
        said["additionalProperties"] = parts[0] if len(parts) == 1 else {"anyOf": parts}
    elif "additionalProperties" in schema:
        rest = schema["additionalProperties"]
        said["additionalProperties"] = rest if isinstance(rest, bool) else converted(rest)
    if "prefixItems" in schema:
        places = [converted(part) for part in schema["prefixItems"]]
        said["items"] = {"anyOf": places}
    elif "items" in schema:
        said["items"] = converted(schema["items"])
    elif schema.get("type") == "array":
        said["items"] = {}  # 3.0 wants it said
    if "not" in schema:
        said["not"] = converted(schema["not"])


def _referring(target: str, said: Schema) -> Schema:
    """3.0 reads nothing that stands beside a `$ref`, so it goes around it."""
    return {"allOf": [{"$ref": target}], **said} if said else {"$ref": target}


def _nullable(said: Schema) -> Schema:
    """`anyOf` with null among the choices, as one choice that may be null."""
    choices = said.get("anyOf", ())
    rest = [choice for choice in choices if choice.get("enum") != [None]]
    if len(rest) == len(choices):
        return said
    outer = {name: value for name, value in said.items() if name != "anyOf"}
    if len(rest) != 1:
        return {**outer, "anyOf": rest, "nullable": True}
    only = rest[0]
    if "$ref" in only:
        return {"allOf": [only], **outer, "nullable": True}
    if None not in only.get("enum", [None]):
        only = {**only, "enum": [*only["enum"], None]}
    return {**only, **outer, "nullable": True}


def _untitled(schema: Schema) -> Schema:
    """A property's title is its name again, in capitals."""
    return {name: value for name, value in schema.items() if name != "title"}
