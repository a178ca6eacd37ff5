"""The one edge through which every request passes.

A view says its path, what it needs, what it takes and what it gives (`routing`), and makes one call. The edge asks in
this order: signed in, CSRF, permission, body; then the view runs in one transaction, and its answer leaves only after
the commit. A chart that was opened is journalled before the answer. No view knows of any of this.
"""

from __future__ import annotations

import json
import random
import re
import time
import uuid
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import validate_csrf
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from wtforms import ValidationError as TokenError

from hmis.core import clock, forms
from hmis.core.access import Actor, require
from hmis.core.answers import StoredAnswer, place_of
from hmis.core.audit import Act
from hmis.core.bodies import checked, if_match, parsed_form, parsed_json, query
from hmis.core.db import LOST, TRANSIENT, HospitalSession, disk_full, mysql_code
from hmis.core.errors import (
    Conflict,
    CsrfFailed,
    DiskFull,
    Forbidden,
    HmisError,
    Invalid,
    KeyReused,
    NotFound,
    NotSignedIn,
    RecordLocked,
    SomebodyElse,
    Unavailable,
)
from hmis.core.routing import API, Domain, Route
from hmis.core.store import Store
from hmis.core.tongue import ENGLISH, TONGUES, Tongue
from hmis.core.watch import metrics

log = structlog.get_logger()

_PATIENCE = 10.0  # seconds a request is tried again while the database says: later
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Edge:
    """Between Flask and the domains: everything that is the same for every request."""

    def __init__(self, app: Flask, store: Store, principal: Callable[[], Actor | None]) -> None:
        self.store = store
        self.principal = principal
        self.origins = frozenset(filter(None, (o.strip() for o in store.settings.cors_origins.split(","))))
        self.routes: list[Route] = []
        self.anonymous_refusals = 0
        """Requests refused without anybody signed in: counted, not stored one by one."""
        app.extensions["hmis"] = self
        app.register_error_handler(Exception, self.failed)

    def open(self, app: Flask, domain: Domain) -> None:
        """Put a domain's routes into the app."""
        self.routes += domain.routes
        for route in (*domain.routes, *domain.forms):

            def enter(_route: Route = route, **arguments: Any) -> Response:
                return self.answer(_route, arguments)

            app.add_url_rule(route.path, route.endpoint, enter, methods=[route.method])

    def answer(self, route: Route, arguments: dict[str, Any]) -> Response:
        """The answer to one request."""
        g.route = route
        actor = None if route.anonymous else self.principal()
        g.actor = actor
        if route.needs is not None and actor is None:
            raise NotSignedIn("sign in first")
        meant = request.headers.get("X-Staff-ID")
        if meant is not None and actor is not None and meant != str(actor.staff_id):
            raise SomebodyElse("somebody else is signed in at this browser by now; nothing was done")
        if route.leads_to:
            _check_page()
        elif request.method not in ("GET", "HEAD", "OPTIONS"):
            self._check_forgery()
        if route.needs is not None:
            require(actor, *route.needs)
        if route.query is not None:
            arguments["query"] = checked(route.query, query())
        body = request.get_data() if route.body is not None else b""
        if route.body is not None:
            arguments["body"] = checked(route.body, _read(route, body))
        key = self._key(route, actor)
        return self._perform(route, actor, arguments, key, body)

    def _perform(
        self, route: Route, actor: Actor | None, arguments: dict[str, Any], key: bytes | None, body: bytes
    ) -> Response:
        """Do the work, whole and again where the database asks for it."""
        began, tries = time.monotonic(), 0
        while True:
            tries += 1
            try:
                return self._once(route, actor, arguments, key, body)
            except (HmisError, IntegrityError) as error:
                kept = self._kept(route, actor, arguments, key, body) if key else None
                if kept is not None:
                    return kept
                if isinstance(error, IntegrityError):
                    raise Conflict("this clashes with something stored already; look again") from error
                raise
            except StaleDataError as error:
                again: Exception = error
            except (OperationalError, InterfaceError, DBAPIError) as error:
                code = mysql_code(error)
                if code in LOST and key is not None:
                    kept = self._kept(route, actor, arguments, key, body)
                    if kept is not None:
                        return kept
                if code not in TRANSIENT:
                    raise
                again = error
            if time.monotonic() - began > _PATIENCE:
                raise Unavailable("too many are writing here at once; try again") from again
            time.sleep(random.random() * min(0.5, 0.005 * 2 ** min(tries, 7)))

    def _once(
        self, route: Route, actor: Actor | None, arguments: dict[str, Any], key: bytes | None, body: bytes
    ) -> Response:
        with self.store.session(actor, writes=route.writes, small=route.domain.small) as session:
            g.session = session
            session.if_match = if_match() if route.method == "PUT" else None
            given = route.view(**arguments)
            session.flush()
            if session.if_match is not None and session.target is not None:
                session.check_version(session.target)
            response = _response(route, given)
            if key is not None:
                session.add(_stored(key, body, response, session.charts))
            if route.writes:
                session.commit()
            if not session.wrote:  # what was written tells of itself
                self._journal(route, actor, session.charts, arguments)
        return response

    def _journal(
        self, route: Route, actor: Actor | None, charts: Iterable[uuid.UUID], arguments: dict[str, Any]
    ) -> None:
        """Who opened which chart, on disk before the answer leaves."""
        if actor is None:
            return
        record = next((value for value in arguments.values() if isinstance(value, uuid.UUID)), None)
        readings = [
            self.store.event(actor, Act.READ, route.path, patient_id=patient_id, record_id=record)
            for patient_id in sorted(charts)
        ]
        if route.searches and not readings:
            readings = [self.store.event(actor, Act.SEARCH, route.path)]
        if readings:
            self.store.spool.keep(readings)

    def _check_forgery(self) -> None:
        """The token in the header and, where the browser tells it, the page's origin. Raises `CsrfFailed`."""
        origin = request.headers.get("Origin")
        if origin not in (None, request.host_url.rstrip("/"), *self.origins):
            raise CsrfFailed("this request came from a page of another site")
        if origin is None and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise CsrfFailed("this request came from a page of another site")
        try:
            validate_csrf(request.headers.get("X-CSRFToken"))
        except TokenError as error:
            raise CsrfFailed("send the token of GET /auth/getcsrf in the header X-CSRFToken") from error

    def _key(self, route: Route, actor: Actor | None) -> bytes | None:
        key = request.headers.get("Idempotency-Key")
        if key is None or route.method != "POST" or actor is None or not route.keeps_answer:
            return None
        if not _KEY.fullmatch(key):
            raise Invalid("an Idempotency-Key is 1 to 200 visible ASCII characters")
        return place_of(actor.staff_id, route.method, request.path, key)

    def _kept(
        self, route: Route, actor: Actor | None, arguments: dict[str, Any], key: bytes, body: bytes
    ) -> Response | None:
        """The answer stored under this key, if there is one; it is told as a reading. Raises `KeyReused` for another
        body."""
        with self.store.session(writes=False) as session:
            stored = session.scalar(select(StoredAnswer).where(StoredAnswer.place == key))
        if stored is None:
            return None
        if stored.body_hash != sha256(body).digest():
            raise KeyReused("this Idempotency-Key was used for another body; make a new key")
        self._journal(route, actor, map(uuid.UUID, stored.charts or ()), arguments)
        metrics.REPLAYS.labels(route.path).inc()
        response = Response(stored.body, stored.status, content_type="application/json")
        _mark(response, stored.etag, stored.location)
        response.headers["Idempotency-Replayed"] = "true"
        return response

    def failed(self, error: Exception) -> Response:
        """Every failure as a chosen answer."""
        problem = _as_problem(error)
        metrics.REFUSALS.labels(problem.code).inc()
        actor: Actor | None = g.get("actor")
        if actor is None and isinstance(problem, NotSignedIn):
            self.anonymous_refusals += 1
        elif actor is not None and isinstance(problem, Forbidden | RecordLocked | NotFound | Conflict):
            self._tell_refusal(actor, problem)
        response = _refusal(problem)
        if "retry_after" in problem.extra:
            response.headers["Retry-After"] = str(problem.extra["retry_after"])
        for name, value in problem.extra.get("headers", {}).items():
            response.headers[name] = value
        return response

    def _tell_refusal(self, actor: Actor, problem: HmisError) -> None:
        route: Route | None = g.get("route")
        session: HospitalSession | None = g.get("session")
        opened = sorted(session.charts) if session else []
        asked = [key for key in (getattr(v, "id", None) for v in (request.view_args or {}).values()) if key]
        about = (opened or asked or [None])[0]
        self.store.tell_now(actor, Act.REFUSE, route.path if route else "", patient_id=about, outcome=problem.code)


def db() -> HospitalSession:
    """The unit of work of this request."""
    session: HospitalSession = g.session
    return session


def actor() -> Actor:
    """Who is signed in. Raises `NotSignedIn` on an open route where nobody is."""
    found: Actor | None = g.actor
    if found is None:
        raise NotSignedIn("sign in first")
    return found


def edge() -> Edge:
    """The edge of the running app."""
    found: Edge = current_app.extensions["hmis"]
    return found


def spoken() -> Tongue:
    """The language that the caller asks for (`Accept-Language`), of those the server speaks; else English."""
    asked = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((TONGUES[tag] for tag in asked if tag in TONGUES), ENGLISH)


def _check_page() -> None:
    """That a plain form stood on a page of ours, as the browser tells. Raises `CsrfFailed`."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    own = request.host_url.rstrip("/")
    # A page that sends no referrer posts with the origin `null`; where it stands, `Sec-Fetch-Site` still tells.
    if origin not in (None, "null", own) or not (site == "same-origin" if site else origin == own):
        raise CsrfFailed("this form did not come from a page of ours; go back to our page and send it from there")


def _read(route: Route, body: bytes) -> Any:
    """What was sent, before it is checked."""
    if not route.leads_to:
        return parsed_json(body)
    g.typed = parsed_form(body)
    return g.typed


def _refusal(problem: HmisError) -> Response:
    """A failure as the one who asked reads it: a page for who sent a plain form, else RFC 9457."""
    route: Route | None = g.get("route")
    if route is not None and route.leads_to:
        page = forms.page(route, problem, g.get("typed"))
        return Response(page, problem.status, forms.HEADERS, content_type="text/html; charset=utf-8")
    tongue = spoken()
    body = problem.problem(g.get("request_id"))
    words = {
        "title": tongue.say(problem.title),
        "detail": tongue.refused(problem.detail, problem.fields),
        "fields": {name: tongue.say(why) for name, why in problem.fields.items()},
    }
    body.update({name: said for name, said in words.items() if name in body})  # the status page says none of them
    response = Response(json.dumps(body, default=str), problem.status, content_type="application/problem+json")
    response.headers["Content-Language"] = tongue.tag
    return response


def _as_problem(error: Exception) -> HmisError:
    from_http = getattr(error, "code", None)
    match error:
        case HmisError():
            return error
        case DBAPIError() if disk_full(error):
            log.error("disk_full", request_id=g.get("request_id"), exc_info=error)
            return DiskFull()
        case DBAPIError() if mysql_code(error) in LOST | TRANSIENT or isinstance(error, OperationalError):
            log.error("database_unavailable", request_id=g.get("request_id"), exc_info=error)
            return Unavailable("the database does not answer; it may not be stored: send it again in a moment")
        case _ if isinstance(from_http, int) and 400 <= from_http < 500:
            return _http_refusal(error, from_http)
        case _:
            log.error("unexpected_failure", request_id=g.get("request_id"), exc_info=error)
            return HmisError("something went wrong here; it was written down under the request id")


def _http_refusal(error: Exception, status: int) -> HmisError:
    """What Flask refuses by itself (unknown path, wrong method, too large) in our own form."""
    said = {
        404: "there is nothing at this address",
        405: "this address does not take this method",
        413: "too large: at most 1 MB",
    }
    kind = type("".join((getattr(error, "name", None) or "Refused").split()), (HmisError,), {"status": status})
    methods = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(methods))} if methods else {}
    refusal: HmisError = kind(said.get(status, "the server cannot read this request"))
    refusal.extra = {"headers": headers} if headers else {}
    return refusal


def _response(route: Route, given: Any) -> Response:
    if route.leads_to:
        return Response(status=route.status, headers={"Location": route.leads_to})
    if route.gives is None:
        return Response(status=route.status)
    if route.listed:
        items = b",".join(_shown(route.gives, item) for item in given.items)
        rest = json.dumps({"next": given.next, "total": given.total}).encode()
        return Response(b'{"items":[' + items + b"]," + rest[1:], route.status, content_type="application/json")
    response = Response(_shown(route.gives, given), route.status, content_type="application/json")
    version = getattr(given, "version", None)
    made = getattr(given, "id", None) if route.status == 201 else None
    _mark(response, f'"{version}"' if version else None, f"{route.home or request.path}/{made}" if made else None)
    return response


def _shown(model: type[BaseModel], given: Any) -> bytes:
    shown = given if isinstance(given, model) else model.model_validate(given)
    tongue = {"tongue": spoken()}
    return shown.model_dump_json(exclude_unset=isinstance(given, model), context=tongue).encode()


def _mark(response: Response, etag: str | None, location: str | None) -> None:
    if etag:
        response.headers["ETag"] = etag
    if location:
        response.headers["Location"] = location


def _stored(key: bytes, body: bytes, response: Response, charts: Iterable[uuid.UUID]) -> StoredAnswer:
    return StoredAnswer(
        place=key,
        body_hash=sha256(body).digest(),
        status=response.status_code,
        body=response.get_data(),
        location=response.headers.get("Location"),
        etag=response.headers.get("ETag"),
        stored_at=clock.now(),
        charts=sorted(patient_id.hex for patient_id in charts),
    )


__all__ = ["API", "Domain", "Edge", "Route", "actor", "db", "edge", "spoken"]
