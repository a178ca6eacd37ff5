"""Who may do what: every route and every role, asked for real, against a table written by hand.

`access_matrix.csv` was filled in from the hospital's own table of roles, not from the code: `yes`, `no`, or `own` for
one's own only. Whoever adds a route adds its line there, on purpose.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from hmis.app import CONVERTERS, DOMAINS
from hmis.core.access import GRANTS, Role
from hmis.core.openapi import document
from tests.conftest import Person, some_id

MATRIX = {
    (line["method"], line["path"]): line
    for line in csv.DictReader((Path(__file__).parent / "access_matrix.csv").read_text().splitlines())
}
DOCUMENT = document([route for domain in DOMAINS for route in domain.routes], CONVERTERS)
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
OPEN = {
    ("POST", "/auth/login"),
    ("POST", "/auth/logout"),
    ("GET", "/auth/logout"),
    ("GET", "/auth/isauthenticated"),
    ("GET", "/auth/getcsrf"),
    ("POST", "/auth/password"),
    ("GET", "/api/v1/status"),
    ("POST", "/api/v1/enquiries"),
}
"""What nobody need be signed in for. Each is open on purpose; nothing here tells of a patient."""
UNLISTED = {
    "/",
    "/enquiries",
    "/fr/enquiries",
    "/api/openapi.json",
    "/apidocs/",
    "/apidocs/index.html",
    "/apidocs/oauth2-redirect.html",
    "/apidocs/static/<path:filename>",
    "/healthz",
    "/readyz",
    "/metrics",
}
"""What is not an operation of the API: the plain form of the public pages (see tests/enquiries), the API's description
(see test_openapi) and the files that show it, and what machines ask to watch this one (see tests/core/test_metrics)."""

Key = tuple[str, str]


def test_every_route_has_a_permission_or_is_open_on_purpose() -> None:
    assert {key for key, operation in OPERATIONS.items() if "x-permission" not in operation} == OPEN


def test_nothing_is_served_that_is_not_declared(app: Flask) -> None:
    declared = {route.path for route in app.extensions["hmis"].routes}
    pages = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("site ")}
    assert {rule.rule for rule in app.url_map.iter_rules()} - declared - pages == UNLISTED - pages
    assert not [rule for rule in pages if rule.startswith(("/api", "/auth"))], "a page never hides what is declared"


def test_every_route_has_its_line_in_the_table_written_by_hand() -> None:
    assert set(OPERATIONS) - set(MATRIX) == set(), "decide who may do this and add the line"
    assert set(MATRIX) - set(OPERATIONS) == set(), "this is gone: take the line out"


@pytest.mark.parametrize("role", list(Role))
def test_what_the_code_grants_is_what_the_table_says(role: Role) -> None:
    granted = {key: _granted(role, operation) for key, operation in OPERATIONS.items()}
    expected = {key: line[role.value] in ("yes", "own") for key, line in MATRIX.items()}
    assert _differences(granted, expected) == {}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_let_in_where_the_table_says_so_and_nowhere_else(
    app: Flask, sign_in: Callable[[Role | str], Person], role: Role
) -> None:
    person = sign_in(role)
    found, expected = {}, {}
    for key, line in _signing_out_last():
        expected[key] = line[role.value]
        if expected[key] == "own":
            mine, another = _ask(person, key, person.id), _ask(person, key, sign_in("doctor2").id)
            assert mine.status_code not in (401, 403), f"{key} of one's own: {mine.text}"
            found[key] = "own" if another.status_code in (403, 404) else "yes"
            continue
        answer = _ask(person, key)
        found[key] = "no" if answer.status_code == 403 else "yes"
        if answer.status_code == 403:
            assert answer.json["code"] == "NotPermitted", f"{key}: {answer.text}"  # type: ignore[index]
        assert answer.status_code not in (401, 405, 500), f"{key}: {answer.text}"
    assert _differences(found, expected) == {}


def test_whoever_is_not_signed_in_is_asked_to_sign_in_first(app: Flask) -> None:
    client = app.test_client()
    token = client.get("/auth/getcsrf").json["csrf_token"]  # type: ignore[index]
    for key in set(OPERATIONS) - OPEN:
        method, path = key
        answer = client.open(_filled(path), method=method, json={}, headers={"X-CSRFToken": token})
        assert (answer.status_code, answer.json["code"]) == (401, "NotSignedIn"), key  # type: ignore[index]


def test_nothing_is_changed_without_the_token_of_our_own_pages(sign_in: Callable[[Role], Person]) -> None:
    for role in Role:
        client = sign_in(role).client
        for method, path in OPERATIONS:
            if method != "GET":
                answer = client.open(_filled(path), method=method, json={})
                assert answer.json["code"] == "CsrfFailed", (role, method, path)  # type: ignore[index]


def _granted(role: Role, operation: dict[str, Any]) -> bool:
    needed = operation.get("x-permission")
    return needed is None or any(permission in GRANTS[role] for permission in needed)


def _signing_out_last() -> Iterator[tuple[Key, dict[str, str]]]:
    yield from sorted(MATRIX.items(), key=lambda item: "logout" in item[0][1])


def _ask(person: Person, key: Key, staff_id: str | None = None) -> TestResponse:
    """One request by this person, with an empty body: whether they may is settled before it is read."""
    method, path = key
    body: dict[str, Any] = {"json": {}} if method in ("POST", "PUT") else {}
    return person.client.open(_filled(path, staff_id), method=method, headers={"X-CSRFToken": person.csrf}, **body)


def _filled(path: str, staff_id: str | None = None) -> str:
    """The path with ids of nothing in it, or the one member of staff asked about."""
    if staff_id is not None:
        path = path.replace("{staff_id}", staff_id)
    return re.sub(r"{\w+}", lambda _: some_id(), path)


def _differences(found: dict[Key, Any], expected: dict[Key, Any]) -> dict[str, str]:
    return {
        " ".join(key): f"{found[key]}, and not {expected[key]}"
        for key in set(found) & set(expected)
        if found[key] != expected[key]
    }
