"""The page of metrics: what was counted, and how things stand now, asked of the database and the disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version

import structlog
from prometheus_client import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from hmis.core import backups, clock, jobs, migrate
from hmis.core.store import Store
from hmis.core.trail import seals
from hmis.core.watch import metrics

_log = structlog.get_logger()


def page(store: Store) -> bytes:
    """All metrics in Prometheus' text form. What cannot be asked now is missing, and `hmis_database_up` says why."""
    return generate_latest(_Everything(store))


class _Everything:
    """A collector of what was counted and what is asked now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        """Each metric once."""
        yield from metrics.counted()
        yield from _here(self._store)
        yield from _backups(self._store)
        began = time.perf_counter()
        try:
            asked = [*_schema(self._store), *_audit(self._store), *_jobs(self._store)]
        except SQLAlchemyError as error:
            _log.warning("metrics_without_database", why=type(error).__name__)
            asked = []
        yield _gauge("hmis_database_up", "Whether the database answers.", float(bool(asked)))
        yield _gauge("hmis_database_check_seconds", "What it took to ask.", time.perf_counter() - began)
        yield from asked


def _here(store: Store) -> Iterator[Metric]:
    release = GaugeMetricFamily("hmis_release_info", "The release that serves.", labels=["version"])
    release.add_metric([version("hmis")], 1)
    yield release
    yield _gauge("hmis_start_time_seconds", "When the server was started.", metrics.started_at().timestamp())
    yield _gauge("hmis_spool_events", "Readings that have not reached the audit table.", store.spool.waiting())
    disk = store.disk()
    yield _gauge("hmis_disk_free_bytes", "Room left on the fuller of the disks of data and database.", disk.free)
    yield _gauge("hmis_disk_size_bytes", "Size of that disk.", disk.total)


def _backups(store: Store) -> Iterator[Metric]:
    known = backups.state(store.settings)
    for name, what, attempts in (("backup", "a backup", known.made), ("drill", "a drill", known.drilled)):
        good, last = attempts.last_good, attempts.last
        yield _gauge(f"hmis_{name}_last_good_time_seconds", f"When {what} last went well; 0: never.", _at(good))
        yield _gauge(
            f"hmis_{name}_last_failed", f"1 where {what} failed last.", float(last is not None and not last.ok)
        )
        yield _gauge(f"hmis_{name}_seconds", f"What {what} took when it last went well.", good.seconds if good else 0)
        yield _gauge(f"hmis_{name}_size_bytes", "How large it was.", good.size_bytes if good else 0)
    shown = float(known.key_copy is not None)
    yield _gauge("hmis_backup_key_copy_shown", "1 where somebody has shown a copy of the backup key.", shown)


def _schema(store: Store) -> Iterator[Metric]:
    ready = migrate.current(store.engine)
    yield _gauge("hmis_schema_ready", "Whether the database is at a schema this release can serve.", float(ready))


def _audit(store: Store) -> Iterator[Metric]:
    with store.engine.connect() as connection:
        waiting = seals.waiting(connection)
        sealed = seals.last_sealed_at(connection)
    since = (clock.now() - waiting.oldest).total_seconds() if waiting.oldest else 0.0
    yield _gauge("hmis_audit_unsealed_events", "Events that wait for a seal.", waiting.many)
    yield _gauge("hmis_audit_oldest_unsealed_seconds", "Age of the oldest of them; 0: none.", max(0.0, since))
    yield _gauge("hmis_audit_last_seal_time_seconds", "When the last seal was made; 0: never.", _seconds(sealed))


def _jobs(store: Store) -> Iterator[Metric]:
    with store.session(writes=False) as session:
        last, done, many = jobs.last_runs(session), jobs.last_done(session), jobs.how_many(session)
    began = GaugeMetricFamily("hmis_job_last_start_time_seconds", "When a job last began.", labels=["name"])
    well = GaugeMetricFamily("hmis_job_last_done_time_seconds", "When a job last went well; 0: never.", labels=["name"])
    failed = GaugeMetricFamily("hmis_job_last_failed", "1 where the last run of a job failed.", labels=["name"])
    took = GaugeMetricFamily("hmis_job_last_seconds", "What the last run took.", labels=["name"])
    runs = GaugeMetricFamily("hmis_job_runs", "Runs of the last 90 days, by outcome.", labels=["name", "outcome"])
    for name, run in last.items():
        began.add_metric([name], _seconds(run.started_at))
        well.add_metric([name], _seconds(done.get(name)))
        failed.add_metric([name], float(run.outcome is jobs.Outcome.FAILED))
        if run.seconds is not None:
            took.add_metric([name], run.seconds)
    for (name, outcome), count in many.items():
        runs.add_metric([name, outcome], count)
    return iter((began, well, failed, took, runs))


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _at(outcome: backups.Outcome | None) -> float:
    return _seconds(outcome.at if outcome else None)


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0
