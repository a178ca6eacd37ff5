"""What is counted while requests are served, for Prometheus. Labels are words of ours alone: there is a bounded number.

Several processes serve, and any of them may be asked: under `hmis serve` each counts into a file of its own in one
folder (`share`), and who is asked adds them up. Every metric here has a label, because one without would be made
before it is known where it belongs.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from hmis.core.watch.statements import fingerprint

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library asks the environment
_KINDS = {"SELEC": "read", "WITH ": "read", "BEGIN": "begin"}
_STARTED = "started"
_AT_FIRST = 1 << 16  # bytes, as the library has it
_MOST_PROCESSES = 256
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_STATEMENT_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5)

REGISTRY = CollectorRegistry()

REQUESTS = Counter("hmis_requests", "Requests answered.", ("method", "route", "status"), registry=REGISTRY)
DURATIONS = Histogram(
    "hmis_request_seconds", "From the request to its answer.", ("method", "route"), buckets=_SECONDS, registry=REGISTRY
)
REFUSALS = Counter("hmis_refusals", "Answers that are refusals, by code.", ("code",), registry=REGISTRY)
REPLAYS = Counter(
    "hmis_replays", "Requests that came again under their Idempotency-Key.", ("route",), registry=REGISTRY
)
SIGN_INS = Counter(
    "hmis_sign_ins",
    "Passwords given: done, refused, throttled.",
    ("outcome",),
    registry=REGISTRY,
)
STATEMENTS = Histogram(
    "hmis_statement_seconds",
    "What the database takes for a statement; `begin` is the wait for SQLite's one write lock.",
    ("kind",),
    buckets=_STATEMENT_SECONDS,
    registry=REGISTRY,
)
SLOW_STATEMENTS = Counter("hmis_slow_statements", "Statements told in the log as slow.", ("kind",), registry=REGISTRY)
DATABASE_ERRORS = Counter(
    "hmis_database_errors",
    "Errors of the database, by the driver's class.",
    ("error",),
    registry=REGISTRY,
)
CONNECTIONS = Counter("hmis_database_connections", "Connections to the database: opened.", ("how",), registry=REGISTRY)
IN_USE = Gauge(
    "hmis_database_connections_in_use",
    "Connections taken from the pools now.",
    ("pool",),
    registry=REGISTRY,
    multiprocess_mode="sum",
)

_log = structlog.get_logger()
_own = (0, -1)  # process, and its number among those that count now
_BEGAN = datetime.now(UTC)


class _Counts(MmapedDict):
    """Counts in a file whose room on the disk is really there, else in memory, where only their process sees them.

    The library lets the file have holes: on a full disk the first count in one ends the process (SIGBUS), and with it
    the request that was just committed.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            reserved = False
            with suppress(OSError), open(filename, "ab") as file:
                reserved = _room(file.fileno(), max(file.tell(), _AT_FIRST))
            if not reserved:
                filename = f"/proc/self/fd/{os.memfd_create('counts')}"
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        longest = len(key.encode()) + 32  # with length, padding, value and time
        if self._used + longest > self._capacity and not _room(self._f.fileno(), 2 * self._capacity):
            memory = os.fdopen(os.memfd_create("counts"), "a+b")
            memory.write(self._m[:])
            memory.flush()
            self._f = memory
        super()._init_value(key)  # type: ignore[no-untyped-call]


def _room(handle: int, size_bytes: int) -> bool:
    """Have the disk keep room for the whole file; whether it could."""
    try:
        os.posix_fallocate(handle, 0, size_bytes)
    except OSError:
        return False
    return True


def share(folder: Path) -> None:
    """From here on count in `folder`, emptied now, where every process forked from this one counts too.

    A second server on the same data directory names another folder, as the library wants it: PROMETHEUS_MULTIPROC_DIR.
    """
    folder = Path(os.environ.get(_FOLDER, folder))
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    (folder / _STARTED).touch()
    os.environ[_FOLDER] = str(folder)
    if sys.platform == "linux":  # macOS knows neither way to have room for sure
        values.MmapedDict = _Counts  # type: ignore[attr-defined]
    values.ValueClass = values.MultiProcessValue(_number)  # type: ignore[no-untyped-call]


def started_at() -> datetime:
    """When counting began: with the server, or with this process where it serves alone."""
    folder = os.environ.get(_FOLDER)
    return datetime.fromtimestamp((Path(folder) / _STARTED).stat().st_mtime, UTC) if folder else _BEGAN


def counted() -> Iterator[Metric]:
    """All that was counted, by this process or by all that share."""
    if _FOLDER not in os.environ:
        return iter(REGISTRY.collect())
    together: Any = MultiProcessCollector(CollectorRegistry())  # type: ignore[no-untyped-call]
    return iter(together.collect())


def watch(engine: Engine, slow_ms: int) -> None:
    """Count what this engine is asked and how long it takes; what takes longer than `slow_ms` is told in the log.

    With `slow_ms` 0 nothing is: for work that reads whole tables, and would hide there what is slow for the wards.
    """
    in_use = IN_USE.labels("all")
    in_use.set(0)
    opened = CONNECTIONS.labels("opened")

    @event.listens_for(engine, "connect")
    def connected(*_: Any) -> None:
        opened.inc()

    @event.listens_for(engine, "checkout")
    def taken(*_: Any) -> None:
        in_use.inc()

    @event.listens_for(engine, "checkin")
    def given_back(*_: Any) -> None:
        in_use.dec()

    @event.listens_for(engine, "before_cursor_execute")
    def begins(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        context.hmis_began = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def ends(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seconds = time.perf_counter() - context.hmis_began
        kind = _KINDS.get(statement[:5].upper(), "write")
        STATEMENTS.labels(kind).observe(seconds)
        if slow_ms and seconds * 1000 > slow_ms:
            SLOW_STATEMENTS.labels(kind).inc()
            _log.warning("slow_statement", ms=round(seconds * 1000), statement=fingerprint(statement))

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:
        DATABASE_ERRORS.labels(type(context.original_exception).__name__).inc()


def _number() -> int:
    """The lowest number that no other process has now, held while this one lives.

    A process that comes for one that went goes on with its file: there are never more files than processes at once.
    """
    global _own
    if _own[0] != os.getpid():
        _own = (os.getpid(), _take_number(Path(os.environ[_FOLDER])))
    return _own[1]


def _take_number(folder: Path) -> int:
    for number in range(_MOST_PROCESSES):
        handle = os.open(folder / f"{number}.held", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        else:
            return number  # the open file is the hold: it ends with the process
    raise RuntimeError("too many processes count into one folder")
