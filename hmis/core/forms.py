"""The page that answers a plain HTML form which could not be taken: what is wrong, and the form as it was filled in.

For browsers without scripts. The form stands there again with everything that was typed, so that nothing is lost, and
goes to the same place. It speaks the language of the page that it came from.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from jinja2 import Environment
from pydantic import BaseModel

from hmis.core.errors import HmisError
from hmis.core.routing import Route
from hmis.core.tongue import Tongue

_TALL = 500
"""A text that may be longer than so many characters gets several lines."""

_PLAIN = (
    (re.compile(r"Field required|String should have at least 1 character"), "please fill this in"),
    (re.compile(r"String should have at most (\d+) characters"), r"too long: at most \1 characters"),
    (re.compile(r"Extra inputs are not permitted"), "there is no such field here"),
    (re.compile(r"Input should be .*"), "choose one of those offered"),
)
"""What is said to programs, and how it is said to a visitor."""

_STYLE = """
body { margin: 0 auto; max-width: 38rem; padding: 1.5rem 1rem; font: 1rem/1.5 system-ui, sans-serif; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input, textarea { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; border: 1px solid #595959; }
.wrong { margin: .25rem 0 0; color: #b00020; }
button { margin: 1.5rem 0; padding: .6rem 1.5rem; font: inherit; }
"""

_PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!DOCTYPE html>
<html lang="{{ tongue.tag }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ heading }}</title>
<style>{{ style | safe }}</style>
</head>
<body>
<main>
<h1>{{ heading }}</h1>
{% if not told_beside %}
<p class="wrong">{{ why }}</p>
{% endif %}
{% if hidden or fields %}
<p>{{ tongue.say("What you typed is kept below. Nothing was sent yet.") }}</p>
<form method="post" action="{{ action }}">
{% for name, value in hidden.items() %}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
{% for field in fields %}
<label for="{{ field.name }}">{{ field.label }}</label>
{% set told = ' aria-invalid="true" aria-describedby="' ~ field.name ~ '-wrong"' if field.wrong else "" %}
{% if field.tall %}
<textarea id="{{ field.name }}" name="{{ field.name }}" rows="8"{{ told | safe }}>
{{ field.value }}</textarea>
{% else %}
<input id="{{ field.name }}" name="{{ field.name }}" value="{{ field.value }}"{{ told | safe }}>
{% endif %}
{% if field.wrong %}
<p class="wrong" id="{{ field.name }}-wrong">{{ field.wrong }}</p>
{% endif %}
{% endfor %}
<button>{{ tongue.say("Send again") }}</button>
</form>
{% endif %}
<p><a href="{{ tongue.home }}">{{ tongue.say("Back to the first page") }}</a></p>
</main>
</body>
</html>
"""
)

HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            f"style-src 'sha256-{base64.b64encode(sha256(_STYLE.encode()).digest()).decode()}'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    ),
    "Referrer-Policy": "same-origin",  # without a referrer a browser hides from us that the form is ours
}


def page(route: Route, problem: HmisError, sent: Mapping[str, str] | None) -> str:
    """The page; `sent`: what was typed, None where it could not be read or is not to be sent again."""
    assert route.body is not None
    tongue = route.tongue
    fields = [] if sent is None else _fields(route.body, problem.fields, sent, tongue)
    hidden = {field["name"]: field["value"] for field in fields if field["chosen"] and not field["wrong"]}
    shown = [field for field in fields if field["name"] not in hidden]
    told_beside = bool(problem.fields) and set(problem.fields) <= {field["name"] for field in shown}
    return _PAGE.render(
        style=_STYLE,
        tongue=tongue,
        heading=f"{tongue.say('Not sent:')} {tongue.say(problem.title)}",
        why=_why(problem, tongue),
        told_beside=told_beside,
        action=route.path,
        hidden=hidden,
        fields=shown,
    )


def _why(problem: HmisError, tongue: Tongue) -> str:
    """What is wrong in all; said anew from the fields where it is about fields, for the detail holds it in English."""
    told = [f"{name}: {tongue.say(_plainly(why))}" for name, why in problem.fields.items()]
    return "; ".join(told) or tongue.say(problem.detail)


def _fields(
    model: type[BaseModel], wrong: Mapping[str, str], sent: Mapping[str, str], tongue: Tongue
) -> list[dict[str, Any]]:
    """What was sent or is missing, in the order of the form."""
    schema = model.model_json_schema()
    found = []
    for name, told in schema["properties"].items():
        why = tongue.say(_plainly(wrong.get(name, "")))
        if name not in sent and not why:
            continue
        if "const" in told and not why:
            continue  # nothing to be typed there
        ways = [told, *told.get("anyOf", ())]
        found.append(
            {
                "name": name,
                "label": tongue.say(told.get("title") or name),
                "value": "" if "const" in told else sent.get(name, ""),
                "wrong": why,
                "tall": any(way.get("maxLength", 0) > _TALL for way in ways),
                "chosen": any("$ref" in way or "enum" in way for way in ways),
            }
        )
    return found


def _plainly(why: str) -> str:
    for said, meant in _PLAIN:
        why = said.sub(meant, why)
    return why
