"""Reading what was sent: an address, a body, a version. What two readers could read in two ways is refused."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from pydantic import BaseModel, ValidationError

from hmis.core.errors import Invalid, by_field

_MAX_DEPTH = 32
_MAX_FIELDS = 100


def query() -> dict[str, str]:
    """What stands behind the ? of the address. Raises `Invalid` for a name that stands there twice."""
    repeated = [name for name in request.args if len(request.args.getlist(name)) > 1]
    if repeated:
        raise Invalid("sent twice in the address", fields=dict.fromkeys(repeated, "give it once"))
    return request.args.to_dict()


def parsed_json(body: bytes) -> Any:
    """The body as JSON. Raises `Invalid` for anything that two readers could read in two ways."""
    if request.mimetype != "application/json":
        raise Invalid("send JSON, with Content-Type: application/json")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a name stands twice in one object")
        return dict(pairs)

    def number(text: str) -> None:
        raise ValueError(f"{text} is not a number")

    try:
        parsed = json.loads(body.decode(), object_pairs_hook=once, parse_constant=number)
        _check_depth(parsed)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the body is not JSON that can be read: {error}"[:200]) from error
    return parsed


def parsed_form(body: bytes) -> dict[str, str]:
    """The fields of a plain HTML form. Raises `Invalid` for anything that two readers could read in two ways."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Invalid("send a form, with Content-Type: application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise Invalid("this is no form that can be read") from error
    if len({name for name, _ in pairs}) != len(pairs):
        raise Invalid("a field stands twice in the form")
    # A browser sends a line's end as two characters, and counts it as one.
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def _check_depth(value: Any, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        _check_depth(part, depth + 1)


def checked(model: type[BaseModel], values: Any) -> BaseModel:
    """The values as the model wants them. Raises `Invalid` with what is wrong, field by field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        fields = {".".join(str(part) for part in e["loc"]) or "body": _said(e["msg"]) for e in error.errors()}
        raise Invalid(by_field(fields), fields=fields) from error


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def if_match() -> int | None:
    """The version in the If-Match header, weak or strong; None where any will do. Raises `Invalid`."""
    sent = request.headers.get("If-Match")
    if sent is None or sent.strip() == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', sent.strip())
    if not found:
        raise Invalid("If-Match takes the version you read, such as 3", fields={"If-Match": "not a version"})
    return int(found[1])
