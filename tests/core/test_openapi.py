"""The document that describes the API, and the pages that show it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR

from hmis.app import CONVERTERS, DOMAINS, create_app
from hmis.core.config import Settings
from hmis.core.http import Domain, Route
from hmis.core.json_schema import COMPONENTS
from hmis.core.openapi import document
from hmis.core.store import Store
from hmis.reports.schemas import StatusOut

ROUTES = [route for domain in DOMAINS for route in domain.routes]
DOCUMENT = document(ROUTES, CONVERTERS)
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
BODIES = sorted({route.body for route in ROUTES if route.body}, key=lambda body: body.__name__)


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _inside(part)


def test_the_document_is_openapi_3_0() -> None:
    errors = [
        f"{list(error.instance_path)}: {error.message}"[:300] for error in OPENAPI_30_VALIDATOR.iter_errors(DOCUMENT)
    ]
    assert errors == []


def test_every_reference_leads_somewhere() -> None:
    for part in _inside(DOCUMENT):
        if "$ref" in part:
            found: Any = DOCUMENT
            for step in part["$ref"].removeprefix("#/").split("/"):
                assert step in found, part["$ref"]
                found = found[step]


def test_every_route_of_the_app_is_described_and_nothing_else(app: Flask) -> None:
    ours = ("/api/v1/", "/auth/")
    served = {
        (method, re.sub(r"<(?:\w+:)?\w+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(ours)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {tuple(re.sub(r"{\w+}", "{}", name).split(" ")) for name, _ in OPERATIONS}
    assert described == served


def test_each_operation_has_a_name_that_no_other_has_and_says_what_it_does() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)
    assert [name for name, operation in OPERATIONS if not operation["summary"]] == []


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_what_a_request_needs_is_described(name: str, operation: dict[str, Any]) -> None:
    method, path = name.split(" ")
    headers = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
    schemes = {scheme for way in operation["security"] for scheme in way}
    assert {p["name"] for p in operation["parameters"] if p["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
    assert ("csrf" in schemes) == (method not in ("GET", "HEAD"))
    assert ("session" in schemes) == ("x-permission" in operation)
    assert ("If-Match" in headers) == (method == "PUT")
    if "x-permission" in operation:
        assert {"401", "403", "503"} <= set(operation["responses"])
        assert all(permission in operation["description"] or "signed in" in operation["description"]
                   for permission in operation["x-permission"])  # fmt: skip


def test_a_refusal_names_its_codes() -> None:
    locked = DOCUMENT["components"]["responses"]["Refused423"]
    assert "RecordLocked" in locked["description"]
    assert list(locked["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_every_body_has_an_example_that_is_accepted(body: Any) -> None:
    examples = [
        operation["requestBody"]["content"]["application/json"].get("example")
        for _, operation in OPERATIONS
        if operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema", {})
        .get("$ref", "")
        .removeprefix(COMPONENTS)
        in (body.__name__, f"{body.__name__}-Input")
    ]
    assert examples
    assert examples[0], f"give the needed fields of {body.__name__} an example"
    body.model_validate(examples[0])


def test_one_view_at_two_paths_has_two_names() -> None:
    names = {name: operation["operationId"] for name, operation in OPERATIONS}
    alone = names["POST /api/v1/patients/{patient_id}/vitals"]
    within = names["POST /api/v1/patients/{patient_id}/consultations/{consultation_id}/vitals"]
    assert (alone, within) == ("vitals_record", "vitals_record_at_consultations")


def test_two_views_of_one_name_are_refused_when_the_document_is_made() -> None:
    wards = Domain("wards", "Wards")

    def show(**place: Any) -> None:
        """One ward."""

    wards.show("/wards/<uuid:id>", needs=None, gives=StatusOut)(show)
    wards.show("/wards/<int:number>", needs=None, gives=StatusOut)(show)
    with pytest.raises(ValueError, match="wards_show: give their views different names"):
        document(wards.routes, {})


def test_the_app_gives_the_document(app: Flask) -> None:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json == json.loads(json.dumps(DOCUMENT))


@pytest.mark.parametrize("path", ["/apidocs", "/apidocs/"])
def test_the_pages_load_nothing_from_outside(app: Flask, path: str) -> None:
    client = app.test_client()
    page = client.get(path)
    assert page.status_code == 200
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(wanted) == 3
    for asset in wanted:
        with client.get(asset) as answer:
            assert asset.startswith("/apidocs/static/")
            assert answer.status_code == 200
            if asset.endswith(".css"):
                assert re.findall(r"url\((?!['\"]?data:)|@import", answer.get_data(as_text=True)) == []


def test_the_pages_run_under_a_policy_that_admits_their_own_script_alone(app: Flask) -> None:
    page = app.test_client().get("/apidocs/")
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    inline = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert len(inline) == 1
    digest = base64.b64encode(sha256(inline[0].encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert not re.search(r"\son\w+=", page.text)


PAGES = ["/apidocs", "/apidocs/", "/api/openapi.json", "/apidocs/oauth2-redirect.html"]


@pytest.fixture
def production(settings: Settings, store: Store) -> Iterator[Flask]:
    strict = settings.model_copy(update={"env": "production", "secret_key": "kZ83nf-Qw2x_9dLpVe71mBsTyUaHc4Rg"})
    running = Store(strict)
    yield create_app(store=running)
    running.close()


@pytest.mark.parametrize("path", PAGES)
def test_in_production_the_pages_are_for_whoever_may_read_them(production: Flask, path: str) -> None:
    assert production.test_client().get(path).status_code == 401
    for username, status in (("nurse", 403), ("doctor", 403), ("admin", 200)):
        with production.test_client() as client:
            https: dict[str, Any] = {"base_url": "https://localhost"}
            token = client.get("/auth/getcsrf", **https).json["csrf_token"]  # type: ignore[index]
            credentials = {"username": username, "password": "correct-horse-9-battery"}
            signed_in = client.post("/auth/login", json=credentials, headers={"X-CSRFToken": token}, **https)
            assert signed_in.status_code == 200
            assert client.get(path, **https).status_code == status


def test_in_development_they_are_there_even_when_the_database_is_not(settings: Settings, tmp_path: Path) -> None:
    away = Settings(data_dir=tmp_path / "away", database_url="mysql+pymysql://nobody:x@127.0.0.1:1/none")
    store = Store(away)
    client = create_app(store=store).test_client()
    assert [client.get(path).status_code for path in PAGES] == [200] * len(PAGES)
    store.close()


def test_the_declared_routes_are_those_the_app_opens(app: Flask) -> None:
    opened: list[Route] = app.extensions["hmis"].routes
    assert [route.endpoint for route in opened] == [route.endpoint for route in ROUTES]
