"""The one document that describes the API, made from the declared routes, and the pages that show it.

GET /api/openapi.json gives it, /apidocs lets Flasgger's Swagger UI show it; nothing is fetched from outside. In
production both are for whoever may read them; in development they are open.
"""

from __future__ import annotations

import base64
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flasgger import Swagger
from flask import Flask, g, make_response
from jinja2 import ChoiceLoader, DictLoader
from pydantic import BaseModel
from werkzeug.routing import BaseConverter

from hmis.core.access import Permission, require
from hmis.core.errors import HmisError, every_refusal
from hmis.core.http import Edge
from hmis.core.json_schema import COMPONENTS, Schema, Use, schemas_of, without_null
from hmis.core.routing import Route, refused

DOCUMENT = "/api/openapi.json"
PAGES = "/apidocs/"

_ABOUT = """\
One patient's day: registration, visit, vital signs, consultation, prescription, dispensing.

Sign in with `POST /auth/login`; the session cookie goes with every request after it, and the token of
`GET /auth/getcsrf` in the header `X-CSRFToken` with every request that changes something. Refusals are
`application/problem+json` (RFC 9457): `code` says which. Instants are UTC with their zone, dates ISO 8601,
measurements numbers with the unit in the name, identifiers strings."""

_PLACE = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_BUILT_IN: dict[str, Schema] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
    "default": {"type": "string", "minLength": 1},
}
_SOME_ID = "019f2c6e-5b7a-7c41-9d0e-3a1b2c4d5e6f"
_SAFE = ("GET", "HEAD", "OPTIONS")


def document(routes: Sequence[Route], converters: Mapping[str, type[BaseConverter]]) -> dict[str, Any]:
    """The OpenAPI 3.0.3 document of these routes."""
    shapes = _Shapes(routes)
    names = operation_ids(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path, places = _path(route.path, converters)
        operation = _operation(route, names[route.endpoint], shapes, places)
        paths.setdefault(path, {})[route.method.lower()] = operation
    domains = {route.domain.title: None for route in routes}
    statuses = sorted({status for route in routes for status in refused(route)})
    return {
        "openapi": "3.0.3",
        "info": {"title": "Hospital Management Information System", "version": "v1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": title} for title in domains],
        "paths": paths,
        "components": {
            "schemas": shapes.components,
            "responses": {f"Refused{status}": _refusal(status) for status in statuses},
            "headers": _HEADERS,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "hmis_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
            },
        },
    }


def operation_ids(routes: Sequence[Route]) -> dict[str, str]:
    """A name for each endpoint that no other has: its domain and view, and at further paths what the path adds."""
    ids: dict[str, str] = {}
    alike: dict[str, list[Route]] = {}
    for route in routes:
        alike.setdefault(f"{route.domain.name}_{route.view.__name__}", []).append(route)
    for name, group in alike.items():
        first = min(group, key=lambda route: (len(_words(route.path)), route.method, route.path))
        for route in group:
            added = [word for word in _words(route.path) if word not in _words(first.path)]
            if route is not first and route.method != first.method:
                added.append(route.method.lower())
            ids[route.endpoint] = "_".join([name, *(["at"] if added else []), *added])
    clashing = [name for name in ids.values() if list(ids.values()).count(name) > 1]
    if clashing:
        raise ValueError(f"two routes would be called {clashing[0]}: give their views different names")
    return ids


def attach_docs(app: Flask, edge: Edge) -> None:
    """Serve the document and its pages. To be called last, when every route is in the app."""

    @lru_cache(maxsize=1)
    def made() -> dict[str, Any]:
        return document(edge.routes, app.url_map.converters)

    class Pages(Swagger):  # type: ignore[misc]
        """Flasgger, given the whole document instead of looking for parts of it in docstrings."""

        def get_apispecs(self, endpoint: str = "") -> dict[str, Any]:
            return made()

    def guarded(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def answer(*arguments: Any, **named: Any) -> Any:
            if edge.store.settings.production:
                g.actor = edge.principal()
                require(g.actor, Permission.API_READ)
            response = make_response(view(*arguments, **named))
            response.headers["Content-Security-Policy"] = _PAGE_POLICY
            return response

        return answer

    app.json.sort_keys = False  # type: ignore[attr-defined]
    own = DictLoader({"flasgger/index.html": _PAGE})
    app.jinja_loader = ChoiceLoader([own, app.jinja_loader]) if app.jinja_loader else own
    Pages(
        app,
        decorators=[guarded],
        merge=True,
        config={
            "title": "HMIS API",
            "openapi": "3.0.3",
            "auth": {},
            "specs": [{"endpoint": "openapi", "route": DOCUMENT, "rule_filter": lambda rule: False}],
            "specs_route": PAGES,
            "static_url_path": "/apidocs/static",
            "oauth_redirect": f"{PAGES}oauth2-redirect.html",
        },
    )


class _Shapes:
    """The schemas of everything that is sent and shown, by the name each has in the document."""

    def __init__(self, routes: Sequence[Route]) -> None:
        sent: list[Use] = [(r.body, "validation") for r in routes if r.body]
        asked: list[Use] = [(r.query, "validation") for r in routes if r.query]
        shown: list[Use] = [(r.gives, "serialization") for r in routes if r.gives]
        self._names, self._all = schemas_of(list(dict.fromkeys([*sent, *asked, *shown])))
        queries = {self._names[query] for query in asked} - {self._names[body] for body in sent}
        self.components = {name: schema for name, schema in self._all.items() if name not in queries}
        self.components["Problem"] = _PROBLEM
        for route in routes:
            if route.listed and route.gives:
                item = self.shown(route.gives)
                self.components[f"{item}Page"] = _page_of(item)
        self.components = dict(sorted(self.components.items()))

    def shown(self, model: type[BaseModel]) -> str:
        """The name of an answer."""
        return self._names[(model, "serialization")]

    def sent(self, model: type[BaseModel]) -> str:
        """The name of a body."""
        return self._names[(model, "validation")]

    def example(self, name: str) -> dict[str, Any]:
        """A body as somebody would send it, from the examples of its fields; empty where a needed one has none."""
        schema = self._all[name]
        needed = schema.get("required", ())
        parts = {field: self._example_of(part, field in needed) for field, part in schema["properties"].items()}
        told = {field: value for field, value in parts.items() if value is not None}
        return told if set(needed) <= set(told) else {}

    def _example_of(self, schema: Schema, needed: bool) -> Any:
        """The example of a field; of a needed one without, the first word it takes, or what an id looks like."""
        if "example" in schema or not needed:
            return schema.get("example")
        target = (schema.get("allOf") or [schema])[0].get("$ref", "").removeprefix(COMPONENTS)
        meant = self._all.get(target, schema)
        if meant.get("type") == "array":
            item = self._example_of(meant["items"], needed)
            return None if item is None else [item]
        if meant.get("type") == "object":
            return self.example(target) or None
        return _SOME_ID if meant.get("format") == "uuid" else next(iter(meant.get("enum", ())), None)

    def query(self, model: type[BaseModel]) -> list[dict[str, Any]]:
        """The parameters of a query."""
        schema = self._all[self._names[(model, "validation")]]
        needed = schema.get("required", ())
        return [_parameter("query", name, part, name in needed) for name, part in schema.get("properties", {}).items()]

    def answer(self, route: Route) -> dict[str, Any]:
        """What comes back when it is done."""
        assert route.gives is not None
        name = self.shown(route.gives)
        return _json_of({"$ref": COMPONENTS + (f"{name}Page" if route.listed else name)})


def _operation(route: Route, name: str, shapes: _Shapes, places: list[dict[str, Any]]) -> dict[str, Any]:
    summary, _, rest = inspect.cleandoc(route.view.__doc__ or "").partition("\n\n")
    said = [" ".join(rest.split()), _who(route)]
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": " ".join(summary.split()),
        "description": "\n\n".join(filter(None, said)),
        "tags": [route.domain.title],
        "security": _security(route),
        "parameters": [*places, *(shapes.query(route.query) if route.query else ()), *_headers(route)],
        "responses": _responses(route, shapes),
    }
    if route.needs is not None:
        operation["x-permission"] = [str(permission) for permission in route.needs]
    if route.body:
        content = {"schema": {"$ref": COMPONENTS + shapes.sent(route.body)}}
        example = shapes.example(shapes.sent(route.body))
        if example:
            content["example"] = example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _who(route: Route) -> str:
    if route.needs is None:
        return "Open: nobody need be signed in."
    if route.needs == (Permission.SIGNED_IN,):
        return "Anybody signed in."
    return f"Needs {' or '.join(f'`{permission}`' for permission in route.needs)}."


def _security(route: Route) -> list[dict[str, list[str]]]:
    needed: dict[str, list[str]] = {} if route.needs is None else {"session": []}
    if route.method not in _SAFE:
        needed["csrf"] = []
    return [needed] if needed else []


def _responses(route: Route, shapes: _Shapes) -> dict[str, Any]:
    done: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.gives:
        done["content"] = shapes.answer(route)
        if not route.listed:
            done["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
        if route.status == HTTPStatus.CREATED:
            done["headers"]["Location"] = {"$ref": "#/components/headers/Location"}
    answers = {str(route.status): done}
    for status in refused(route):
        answers[str(status)] = {"$ref": f"#/components/responses/Refused{status}"}
    if route.anonymous and route.gives:
        answers["503"] = {"description": "It is not so", "content": shapes.answer(route)}
    return answers


def _headers(route: Route) -> Iterator[dict[str, Any]]:
    if route.method == "PUT":
        version = {"type": "string", "pattern": r'^(W/)?"?[0-9]{1,9}"?$', "example": '"3"'}
        yield _parameter("header", "If-Match", version, False, "The version you read; an older one is refused (412)")
    if route.method == "POST" and route.keeps_answer and route.needs is not None:
        key = {"type": "string", "pattern": r"^[\x21-\x7e]{1,200}$", "example": "5f0c1d2e-triage-0731"}
        yield _parameter("header", "Idempotency-Key", key, False, "Sent again with the same body, it is not done twice")


def _parameter(where: str, name: str, schema: Schema, required: bool, description: str = "") -> dict[str, Any]:
    schema = without_null(schema)
    said = schema.pop("description", "") or description
    return {
        "name": name,
        "in": where,
        "required": required,
        **({"description": said} if said else {}),
        "schema": schema,
    }


def _path(path: str, converters: Mapping[str, type[BaseConverter]]) -> tuple[str, list[dict[str, Any]]]:
    """A Flask path as OpenAPI writes it, and its parameters. What our own converters stand for is an id."""
    places = []

    def place(found: re.Match[str]) -> str:
        kind, name = found["converter"] or "default", found["name"]
        schema = getattr(converters.get(kind), "schema", None)
        name = f"{name}_id" if schema else name
        places.append(_parameter("path", name, dict(schema or _BUILT_IN.get(kind, _BUILT_IN["default"])), True))
        return f"{{{name}}}"

    return _PLACE.sub(place, path), places


def _words(path: str) -> list[str]:
    """The fixed words of a path that tell it from others."""
    return [re.sub(r"\W", "_", part) for part in path.split("/") if part and "<" not in part]


def _json_of(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _page_of(item: str) -> Schema:
    return {
        "type": "object",
        "required": ["items", "next", "total"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": COMPONENTS + item}},
            "next": {
                "type": "string",
                "nullable": True,
                "description": "`cursor` of the next page; null: no more",
            },
            "total": {"type": "integer", "nullable": True, "description": "null where counting is not cheap"},
        },
    }


def _refusal(status: int) -> dict[str, Any]:
    codes = [kind for kind in every_refusal() if kind.status == status]
    said = "; ".join(f"`{kind.__name__}`: {_first_line(kind)}" for kind in codes)
    refusal: dict[str, Any] = {
        "description": said or HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": {"$ref": f"{COMPONENTS}Problem"}}},
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        refusal["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return refusal


def _first_line(kind: type[HmisError]) -> str:
    return inspect.cleandoc(kind.__doc__ or "").splitlines()[0].rstrip(".")


_PROBLEM: Schema = {
    "type": "object",
    "description": "A refusal, as RFC 9457 has it. `code` may be relied on; `detail` is for people.",
    "required": ["type", "title", "status", "detail", "code", "fields", "request_id"],
    "properties": {
        "type": {"type": "string", "example": "/docs/errors#RecordLocked"},
        "title": {"type": "string", "example": "Locked"},
        "status": {"type": "integer", "example": 423},
        "detail": {"type": "string", "example": "locked since 24-Nov-2026 08:00 UTC; add an addendum"},
        "code": {"type": "string", "example": "RecordLocked"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What is wrong with which field",
        },
        "request_id": {"type": "string", "nullable": True},
    },
}

_HEADERS: dict[str, Any] = {
    "ETag": {"description": "The version, for If-Match", "schema": {"type": "string"}},
    "Location": {"description": "Where what was made is found", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}},
}

_START = """
const unsafe = ["POST", "PUT", "PATCH", "DELETE"];
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#pages",
  deepLinking: true,
  displayOperationId: true,
  docExpansion: "list",
  filter: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  requestInterceptor: async (request) => {
    if (unsafe.includes((request.method || "").toUpperCase())) {
      const answer = await fetch("/auth/getcsrf", { credentials: "same-origin" });
      request.headers["X-CSRFToken"] = (await answer.json()).csrf_token;
    }
    return request;
  },
});
"""

_PAGE = (
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<link rel="stylesheet" href="{{ swagger_ui_css }}">
<link rel="icon" type="image/png" href="{{ favicon }}">
</head>
<body>
<div id="pages"></div>
<script src="{{ swagger_ui_bundle_js }}"></script>
<script>"""
    + _START
    + """</script>
</body>
</html>
"""
)

_PAGE_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src 'self' 'sha256-{base64.b64encode(sha256(_START.encode()).digest()).decode()}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
