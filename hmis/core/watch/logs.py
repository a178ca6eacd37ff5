"""The log: one JSON object a line on stderr, ours and that of every library, and nothing in it that was typed in.

A message of an exception may quote what it stumbled over (`Duplicate entry 'Okafor'`), so a traceback shows where the
program was and what kind of error it met; the message only of kinds that speak of the program itself. Of gunicorn's
lines the template is shown, for its values are addresses of requests.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from gunicorn.glogging import Logger
from sqlalchemy.exc import DBAPIError

from hmis.core import clock
from hmis.core.db import mysql_code
from hmis.core.watch.statements import fingerprint

_OF_THE_PROGRAM = (TypeError, AttributeError, NameError, ImportError, RecursionError, MemoryError, NotImplementedError)
"""Errors whose message names types, names and modules: never a value that somebody sent."""
_MOST_LINKS = 6
_INVALID = "Invalid request from ip="


def configure(stream: TextIO | None = None) -> None:
    """Log to `stream` (stderr unless said) from here on, our own lines and those of the standard library."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _with_traceback,
            structlog.processors.JSONRenderer(default=_kind),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # gunicorn says more below, of its own accord
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the developer's server quotes addresses
    logging.captureWarnings(True)


class _Line(logging.Formatter):
    """A line of a library in the form of ours; from a warning on as its author wrote it, before anything was put in."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        at = datetime.fromtimestamp(record.created, UTC)
        line = {"event": _event(record), "level": record.levelname.lower(), "logger": record.name, "timestamp": at}
        if record.levelno >= logging.WARNING and isinstance(record.args, tuple):
            line["values"] = [value for value in record.args if isinstance(value, int)]
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = told(record.exc_info[1])
        return json.dumps(line, default=lambda value: clock.iso(value) if value is at else _kind(value))


def _event(record: logging.LogRecord) -> str:
    said = str(record.msg)
    if isinstance(record.msg, BaseException):
        return type(record.msg).__name__
    if record.name == "py.warnings":  # file, line and kind of a warning: what follows may quote a value
        return ":".join(record.getMessage().split(":", 3)[:3])
    if said.startswith(_INVALID):  # gunicorn quotes the line that it could not read
        return "Invalid request"
    return said if record.levelno >= logging.WARNING else record.getMessage()


class GunicornLog(Logger):
    """gunicorn's own lines, by way of the log above instead of handlers of its own."""

    def setup(self, cfg: Any) -> None:
        """Take nothing from gunicorn's configuration; each request is told of by the application."""
        self.cfg = cfg
        self._access_log_enabled = False
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True
        self.error_log.setLevel(logging.INFO)


def told(error: BaseException) -> str:
    """An error as the log shows it: where the program was and what it met, without values that somebody sent."""
    return "".join(reversed([_one(link) for link in _links(error)])).rstrip("\n")


def _links(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it, the nearest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen and len(seen) < _MOST_LINKS:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _one(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + f"{_named(error)}\n"


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    match error:
        case DBAPIError():
            return f"{name} [{mysql_code(error)}] in {fingerprint(error.statement or '')}"
        case OSError():
            return f"{name} [{error.errno}] {error.strerror}"
        case _ if isinstance(error, _OF_THE_PROGRAM):
            return f"{name}: {error}"
        case _:
            return name


def _with_traceback(log: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """`exc_info` as text: an error, what `sys.exc_info` gives, or True for the error in hand."""
    given = line.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given if isinstance(given, BaseException) else None
    if error is None and given:
        error = sys.exc_info()[1]
    if error is not None:
        line["traceback"] = told(error)
    return line


def _kind(value: Any) -> str:
    return f"<{type(value).__name__}>"
