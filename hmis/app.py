"""The web application, and the list of what this hospital runs."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from flask import Flask, Response, g, redirect, request
from flask_cors import CORS
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from hmis.charts.routes import charts
from hmis.consultations.routes import consultations
from hmis.core.config import Settings, UnsafeSettings
from hmis.core.http import Domain, Edge
from hmis.core.openapi import PAGES, attach_docs
from hmis.core.site import Site
from hmis.core.store import Store
from hmis.core.watch import probes, requests
from hmis.drafts.routes import drafts
from hmis.enquiries.routes import enquiries
from hmis.formulary.routes import formulary
from hmis.nursing.routes import nursing
from hmis.patients.reference import PatientConverter
from hmis.patients.routes import patients
from hmis.pharmacy.routes import pharmacy
from hmis.prescriptions.routes import prescriptions
from hmis.reports.routes import reports
from hmis.staff.principal import attach
from hmis.staff.reference import StaffConverter
from hmis.staff.routes import auth, staffs
from hmis.staff.service import demo_password_in_use
from hmis.visits.routes import visits
from hmis.vitals.routes import vitals

DOMAINS: tuple[Domain, ...] = (
    auth,
    staffs,
    drafts,
    enquiries,
    patients,
    visits,
    consultations,
    vitals,
    nursing,
    formulary,
    prescriptions,
    pharmacy,
    charts,
    reports,
)
"""Every department's routes. A new department is one more name here."""

CONVERTERS: dict[str, type[BaseConverter]] = {"patient": PatientConverter, "staff": StaffConverter}
"""Places in a path that more than a UUID fits into."""

WEB = Path(__file__).parent / "web"
"""The built pages (`make web`); part of a release."""
_BODY_LIMIT = 1024 * 1024  # bytes


def create_app(settings: Settings | None = None, store: Store | None = None, site: Site | None = None) -> Flask:
    """The application over one store, with the pages of `site` (default: the built ones).

    Raises `UnsafeSettings` where production would run unsafe.
    """
    settings = settings or (store.settings if store else Settings())
    settings.refuse_if_unsafe()
    store = store or Store(settings)
    _refuse_demo_passwords(store)
    app = requests.Told("hmis", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=_BODY_LIMIT,
        SESSION_COOKIE_NAME="hmis_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not _on_loopback(settings.host) or settings.production,
        WTF_CSRF_CHECK_DEFAULT=False,  # the edge asks, after asking who is signed in
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        WTF_CSRF_SSL_STRICT=False,  # the edge checks the origin; a referrer is not sent
    )
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # an id left empty is not there, rather than another path
    app.url_map.converters.update(CONVERTERS)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    CSRFProtect(app)
    edge = Edge(app, store, attach(app, settings.password_memory_kib))
    if edge.origins:
        CORS(app, origins=sorted(edge.origins), supports_credentials=True, expose_headers=["ETag", "X-CSRFToken"])
    for domain in DOMAINS:
        edge.open(app, domain)
    site = site or Site(WEB)
    site.attach(app)
    if not site.pages:  # the pages were not built: there is still the API
        app.add_url_rule("/", "home", lambda: redirect(PAGES))
    requests.attach(app)
    probes.attach(app, edge)
    app.after_request(_protect)
    attach_docs(app, edge)
    return app


def _refuse_demo_passwords(store: Store) -> None:
    """Raise `UnsafeSettings` where patients would be treated behind a password that everybody knows."""
    if not store.settings.production:
        return
    with store.session(writes=False) as session:
        known = demo_password_in_use(session)
    if known:
        raise UnsafeSettings(
            f"these accounts have the demo password: {', '.join(known)}; give them another "
            "(hmis staff password NAME) or deactivate them before production"
        )


def _protect(response: Response) -> Response:
    """Headers every answer carries."""
    response.headers["X-Request-ID"] = g.get("request_id", "")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _on_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
