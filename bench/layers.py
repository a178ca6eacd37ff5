"""Where the time of a request goes: cProfile over the whole application, its functions gathered into layers."""

from __future__ import annotations

import cProfile
import io
import pstats
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from bench.recipe import SignedIn

_LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the laws, audit and versions", ("hmis/core/records", "hmis/core/audit", "hmis/core/keys", "hmis/core/guard")),
    ("journal of readings", ("hmis/core/spool", "hmis/core/disk")),
    ("edge", ("hmis/core/", "hmis/app.py")),
    ("sign-in and session", ("hmis/staff/", "flask_login", "itsdangerous", "flask_wtf", "wtforms", "flask/sessions")),
    ("domain: services, schemas, scores", ("hmis/",)),
    ("pydantic", ("pydantic",)),
    ("Flask and werkzeug", ("flask/", "werkzeug/", "blinker", "flask_cors")),
    ("log line", ("structlog",)),
    ("driver", ("pymysql", "sqlite3/")),
    ("SQLAlchemy", ("sqlalchemy",)),
)
_BUILT_IN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("database itself", ("sqlite3.Cursor", "sqlite3.Connection", "_socket.socket")),
    ("journal: fsync", ("posix.fsync",)),
    ("the laws, audit and versions", ("hmac_digest",)),
    ("pydantic", ("pydantic_core",)),
)
_REST = "Python's own modules"

Function = tuple[str, int, str]


def of(
    app: Flask, nurse: SignedIn, method: str, path: str, body: bytes, times: int = 200
) -> tuple[float, Counter[str]]:
    """Milliseconds of one request as the profiler saw it, and the share of each layer."""
    headers: list[tuple[str, str]] = [("X-CSRFToken", nurse.csrf), ("Cookie", nurse.cookie)]
    environment = EnvironBuilder(path, method=method, data=body, headers=headers)
    if body:
        environment.content_type = "application/json"
    template = environment.get_environ()

    def one() -> None:
        answered = app.wsgi_app({**template, "wsgi.input": io.BytesIO(body)}, _heard)
        b"".join(answered)
        close = getattr(answered, "close", None)
        if close:
            close()

    for _ in range(20):
        one()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(times):
        one()
    profile.disable()
    spent = _gathered(profile)
    whole = sum(spent.values())
    return whole / times * 1000, Counter({layer: seconds / whole for layer, seconds in spent.items()})


def _heard(status: str, headers: Any, problem: Any = None) -> Callable[[bytes], object]:
    assert status.startswith("2"), status
    return lambda _: None


def _gathered(profile: cProfile.Profile) -> Counter[str]:
    spent: Counter[str] = Counter()
    stats: dict[Function, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for function, (_, _, own, _, callers) in stats.items():
        known = _built_in(function)
        if known or not _is_built_in(function):
            spent[known or _layer(function)] += own
            continue
        for caller, (_, _, of_caller, _) in callers.items():  # a built-in is its caller's time
            spent[_layer(caller)] += of_caller
    return spent


def _is_built_in(function: Function) -> bool:
    return function[0] == "~"


def _built_in(function: Function) -> str | None:
    if not _is_built_in(function):
        return None
    return next((layer for layer, marks in _BUILT_IN if any(mark in function[2] for mark in marks)), None)


def _layer(function: Function) -> str:
    file = function[0].replace("\\", "/")
    return next((layer for layer, marks in _LAYERS if any(mark in file for mark in marks)), _REST)
