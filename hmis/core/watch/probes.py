"""What machines ask of a server: is it alive (/healthz), may requests be sent to it (/readyz), what did it count
(/metrics). The first two are open to anybody and tell nothing else; the log says why a server is not ready.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address

import structlog
from flask import Flask, Response, request
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from hmis.core.errors import NotFound
from hmis.core.http import Edge
from hmis.core.watch import gauges, health

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
log = structlog.get_logger()


def attach(app: Flask, edge: Edge) -> None:
    """Answer them in this app, for the store that the edge has now."""
    app.add_url_rule("/healthz", "healthz", _alive)
    app.add_url_rule("/readyz", "readyz", lambda: _ready(edge))
    app.add_url_rule("/metrics", "metrics", lambda: _metrics(edge))


def _alive() -> Response:
    return Response('{"status":"alive"}', content_type="application/json")


def _ready(edge: Edge) -> Response:
    wrong = health.not_ready(edge.store)
    if not wrong:
        return Response('{"status":"ready"}', content_type="application/json")
    log.warning("not_ready", why=wrong)
    return Response('{"status":"not ready"}', 503, content_type="application/json")


def _metrics(edge: Edge) -> Response:
    """The counts and gauges. Raises `NotFound` for a stranger, as if nothing were here."""
    if not _may_read(edge.store.settings.metrics_token):
        raise NotFound("there is nothing at this address")
    return Response(gauges.page(edge.store), content_type=CONTENT_TYPE_LATEST)


def _may_read(token: str) -> bool:
    """Whoever brings the token, where there is one; else who asks on this machine and through no proxy."""
    if token:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    peer = request.environ.get("werkzeug.proxy_fix.orig", request.environ).get("REMOTE_ADDR") or ""
    name = request.host.rpartition(":")[0] if request.host[-1:].isdigit() else request.host
    proxied = any(header in request.headers for header in _FORWARDED)
    return not proxied and (name or request.host) in _LOCAL_NAMES and _local(peer)


def _local(address: str) -> bool:
    """Whether who asks is on this machine: from a Unix socket comes no address at all."""
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False
