"""What is told of each request: a line in the log and a count, by the template of its route; nothing it brought."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, request

from hmis.core.watch import metrics

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds: counted, but in the log only where they fail."""
_REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
log = structlog.get_logger()


class Told(Flask):
    """Flask, telling of a failure outside of any view in our form: it would quote the address."""

    def log_exception(self, exc_info: Any) -> None:
        """One line with the traceback and the request id."""
        log.error("unexpected_failure", request_id=g.get("request_id"), exc_info=exc_info)


def attach(app: Flask) -> None:
    """Tell of every request of this app."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    route = g.get("route")
    template = route.path if route else request.url_rule.rule if request.url_rule else "unmatched"
    method = request.method if request.method in _METHODS else "other"
    seconds = time.perf_counter() - g.began
    metrics.REQUESTS.labels(method, template, str(response.status_code)).inc()
    metrics.DURATIONS.labels(method, template).observe(seconds)
    if template in PROBES and response.status_code < 400:
        return response
    actor = g.get("actor")
    log.info(
        "request",
        method=method,
        route=template,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        staff=actor.staff_number if actor else None,
        request_id=g.request_id,
    )
    return response
