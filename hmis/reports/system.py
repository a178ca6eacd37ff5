"""How the server is doing, for whoever runs it: each figure asked now, none of them a path or a person."""

from __future__ import annotations

from importlib.metadata import version

from sqlalchemy import func, select

from hmis.core import backups, clock, jobs, migrate
from hmis.core.config import Settings
from hmis.core.db import HospitalSession
from hmis.core.jobs import JobRun
from hmis.core.trail import seals
from hmis.core.watch import metrics
from hmis.reports.schemas import AttemptsOut, AuditHealthOut, BackupsOut, DatabaseOut, DiskOut, JobOut, SystemOut
from hmis.staff import sessions


def system(session: HospitalSession) -> SystemOut:
    """The state of this server. Raises `OSError` where the data folder is gone."""
    settings = session.store.settings
    disk = session.store.disk()
    return SystemOut(
        version=version("hmis"),
        started_at=metrics.started_at(),
        environment=settings.env,
        time_zone=settings.time_zone,
        server_time=clock.now(),
        sessions_in_force=sessions.how_many_in_force(session),
        database=_database(session),
        disk=DiskOut(total_bytes=disk.total, free_bytes=disk.free, full=disk.free < settings.disk_reserve_bytes),
        audit=_audit(session),
        backups=_backups(settings),
        jobs=[_job(run) for _, run in sorted(jobs.last_runs(session).items())],
    )


def _database(session: HospitalSession) -> DatabaseOut:
    dialect = session.store.engine.dialect
    asked = func.sqlite_version() if dialect.name == "sqlite" else func.version()
    told = session.scalar(select(asked)) or ""
    return DatabaseOut(
        kind="mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name,
        server_version=told,
        up_to_date=migrate.current(session.store.engine),
        revision=migrate.revision(session.store.engine),
    )


def _audit(session: HospitalSession) -> AuditHealthOut:
    connection = session.connection()
    waiting = seals.waiting(connection)
    return AuditHealthOut(
        last_sealed_at=seals.last_sealed_at(connection),
        events_not_sealed=waiting.many,
        oldest_not_sealed_at=waiting.oldest,
        readings_waiting=session.store.spool.waiting(),
    )


def _backups(settings: Settings) -> BackupsOut:
    known = backups.state(settings)
    return BackupsOut(
        made=_attempts(known.made),
        proven=_attempts(known.drilled),
        overdue=known.overdue(clock.now()),
        key_copy_shown_at=known.key_copy.shown_at if known.key_copy else None,
    )


def _attempts(known: backups.Attempts) -> AttemptsOut:
    """Without what was said of it, which may name folders."""
    good, last = known.last_good, known.last
    return AttemptsOut(
        last_good_at=good.at if good else None,
        seconds=good.seconds if good else None,
        size_bytes=good.size_bytes if good else None,
        last_failed=last is not None and not last.ok,
    )


def _job(run: JobRun) -> JobOut:
    return JobOut(name=run.job, started_at=run.started_at, outcome=run.outcome, seconds=run.seconds)
