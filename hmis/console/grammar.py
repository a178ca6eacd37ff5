"""What a typed line says: `update Patient 104226784 phone=0803...`, or `Patient.update("104226784", {...})`.

Both forms come out the same. Nothing of a line is ever run as a program: the dotted form holds plain values alone.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST = 100_000
"""Characters of a line; five long texts of a chart fit in."""
_DEEPEST = 32

_NAMED = re.compile(r"([A-Za-z_]\w*)=")
_IN_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"')
_IN_SINGLE = re.compile(r"'[^']*'")
_WORD = re.compile(r"\S+")
_DOTTED = re.compile(r"\s*[A-Za-z_]\w*\s*\.\s*[A-Za-z_]\w*\s*\(")
_PLAIN = re.compile(r"(?!(?:true|false|null)$)[\w.:+@/-]+")
"""A text that can go without quotes."""
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


class NotUnderstood(Exception):
    """A line that says nothing the console knows; the message says what is wrong with it."""


class Bare(str):
    """A word typed without quotes: a text, or a number where the field takes no text."""

    __slots__ = ()


@dataclass
class Said:
    """What is to be done, with which class, and all that was said besides."""

    verb: str
    class_name: str
    words: list[Any] = field(default_factory=list)
    """What stands without a name: an id, a dictionary, a reason."""
    named: dict[str, Any] = field(default_factory=dict)


def is_dotted(line: str) -> bool:
    """Whether somebody means the form `Patient.show(...)`."""
    return _DOTTED.match(line) is not None


def is_word(text: str) -> bool:
    """Whether this can be the name of a class."""
    return text.isalpha()


def plain(verb: str, rest: str) -> Said:
    """What follows a verb: `Patient 104226784 phone="0803 555" next_of_kin={"name": "Ada"}`. Raises `NotUnderstood`."""
    _refuse_long(rest)
    found = _WORD.match(rest.strip())
    if found is None:
        return Said(verb, "")
    said = Said(verb, found[0])
    text, position = rest.strip(), found.end()
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        name = _NAMED.match(text, position)
        value, position = _value_at(text, name.end() if name else position)
        if name is None:
            said.words.append(value)
        elif name[1] in said.named:
            raise NotUnderstood(f"{name[1]} stands twice")
        else:
            said.named[name[1]] = value
    return said


def dotted(line: str) -> Said:
    """`Patient.update("104226784", {"phone": "0803..."})`, with values as in JSON or Python. Raises `NotUnderstood`."""
    _refuse_long(line)
    try:
        call = ast.parse(line.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotUnderstood("cannot read this: put ids and texts into quotes, and close every bracket") from error
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=class_name), attr=verb)):
            pass
        case _:
            raise NotUnderstood('write it as Class.verb(...), such as Patient.show("104226784")')
    if any(keyword.arg is None for keyword in call.keywords):
        raise NotUnderstood("`**` is not understood here; write the names out")
    named = {str(keyword.arg): _literal(keyword.value) for keyword in call.keywords}
    return Said(verb, class_name, [_literal(argument) for argument in call.args], named)


def spoken(value: Any) -> str:
    """A value as it is typed, for showing what was said: typed again, it says the same."""
    if isinstance(value, Bare) or (isinstance(value, str) and _PLAIN.fullmatch(value)):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def listed(values: Mapping[str, Any]) -> str:
    """Named values as they are typed."""
    return " ".join(f"{name}={spoken(value)}" for name, value in values.items())


def _refuse_long(text: str) -> None:
    if len(text) > LONGEST:
        raise NotUnderstood(f"a line has at most {LONGEST:,} characters")


def _value_at(text: str, position: int) -> tuple[Any, int]:
    """The value that begins here, and where it ends."""
    match text[position : position + 1]:
        case "" | " " | "\t":
            return "", position
        case "{" | "[":
            return _json_at(text, position)
        case '"':
            found = _IN_DOUBLE.match(text, position)
            if found is None:
                raise NotUnderstood('a quote (") is not closed')
            return _json_at(text, position)
        case "'":
            found = _IN_SINGLE.match(text, position)
            if found is None:
                raise NotUnderstood("a quote (') is not closed")
            return found[0][1:-1], found.end()
    found = _WORD.match(text, position)
    assert found is not None
    return Bare(found[0]), found.end()


def _json_at(text: str, position: int) -> tuple[Any, int]:
    decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, strict=False)
    try:
        value, end = decoder.raw_decode(text, position)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"this is not JSON that can be read: {error}"[:160]) from error
    _refuse_deep(value)
    return value, end


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _refuse_deep(value: Any, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise NotUnderstood("nested too deeply")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_deep(part, depth + 1)


def _literal(node: ast.expr, depth: int = 0) -> Any:
    """A plain value: text, number, true, false, null, list or dictionary."""
    if depth > _DEEPEST:
        raise NotUnderstood("nested too deeply")
    match node:
        case ast.Constant(value=str() as text):
            return _paired(text)
        case ast.Constant(value=int() | float() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Name(id=name) if name.lower() in _CONSTANTS:
            return _CONSTANTS[name.lower()]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_literal(part, depth + 1) for part in parts]
        case ast.Dict(keys=keys, values=values):
            names = [_literal(key, depth + 1) if key is not None else None for key in keys]
            if not all(isinstance(name, str) for name in names):
                raise NotUnderstood("names in a dictionary are texts in quotes")
            if len(set(names)) < len(names):
                raise NotUnderstood("a name stands twice in one dictionary")
            return dict(zip(names, (_literal(value, depth + 1) for value in values), strict=True))
        case ast.Name(id=name):
            raise NotUnderstood(f"put {name} into quotes, if it is a text")
        case _:
            raise NotUnderstood("only plain values are understood: texts in quotes, numbers, true, false, null")


def _paired(text: str) -> str:
    """A text with the letters that JSON writes as two (`\\ud83d\\ude00`) put together."""
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return text


def alike(text: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    found = difflib.get_close_matches(text.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None
