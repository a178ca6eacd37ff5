"""Work at fixed times: each done once in a deployment, however many servers it has, and what became of it is kept.

A run is a row under the name of the job and the moment it was due; the database holds that pair unique. Who puts the
row in does the work, the others see that it is taken: no lock, no queue and no clock beyond the servers' own. A run
that failed, or whose server died over it, is taken up again, three times at most. A moment that nobody was there for
(a laptop that sleeps at night) is made up for once, when somebody is.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time as stopwatch
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Index, Insert, String, UniqueConstraint, Update, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core import clock
from hmis.core.columns import new_id, word
from hmis.core.db import TRANSIENT, HospitalSession, Row, mysql_code
from hmis.core.store import Store

KEPT_FOR = timedelta(days=90)
MOST_TRIES = 3
AGAIN_AFTER = timedelta(minutes=10)
"""What failed is tried again no sooner."""
SETTLING = 300.0  # s
"""A server that was just started serves first; what it missed comes after."""
_GRACE = 30.0  # s
_SAID = 500
log = structlog.get_logger()


class Outcome(StrEnum):
    """What became of a run."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(Row):
    """One run of a job: taken by one server, and how it ended."""

    __tablename__ = "job_runs"
    __table_args__ = (
        UniqueConstraint("job", "due_at"),
        Index("ix_job_runs_started_at", "started_at"),
        Row.__table_args__,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[Outcome] = mapped_column(word(Outcome, 16))
    tries: Mapped[int]
    host: Mapped[str] = mapped_column(String(64))
    """The server that took it."""
    said: Mapped[str] = mapped_column(String(_SAID))
    """In one sentence, for a person; no value that anybody typed."""

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class JobFailed(Exception):
    """A job was not done; the message says why, and names nobody."""


@dataclass(frozen=True)
class Daily:
    """Once a day, by the clock on the wall."""

    at: time
    zone: str

    def last(self, now: datetime) -> datetime:
        """The newest moment it was due, now included."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        for day in (today, today - timedelta(days=1)):
            due = datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC)
            if due <= now:
                return due
        raise AssertionError("yesterday is over")

    def next(self, now: datetime) -> datetime:
        """The first moment it is due after now."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (today + timedelta(days=n) for n in range(3))
        return next(
            due for day in days if (due := datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC)) > now
        )


@dataclass(frozen=True)
class Every:
    """Again and again, at whole multiples since the epoch: all servers agree when."""

    span: timedelta

    def last(self, now: datetime) -> datetime:
        """The newest moment it was due, now included."""
        return now - (now - datetime.fromtimestamp(0, UTC)) % self.span

    def next(self, now: datetime) -> datetime:
        """The first moment it is due after now."""
        return self.last(now) + self.span


@dataclass(frozen=True)
class Job:
    """Something to do at its time. The work returns what to say of it, and raises where it was not done."""

    name: str
    says: str
    """What it is for, in a few words."""
    when: Daily | Every | None
    """None: only when somebody asks."""
    work: Callable[[Store], str]
    patience: timedelta = timedelta(hours=1)
    """After so long it is ended, and whoever took it is taken for dead."""


@dataclass(frozen=True)
class Claim:
    """A run that is ours to do."""

    id: uuid.UUID
    tries: int


def claim(store: Store, job: Job) -> Claim | None:
    """Take the newest moment at which the job was due; None where it was taken, is done, or is not yet due again."""
    if job.when is None:
        return None
    now = clock.now()
    due = job.when.last(now)
    with store.session(writes=False) as session:
        there = session.scalar(select(JobRun).where(JobRun.job == job.name, JobRun.due_at == due))
    if there is None:
        return _take(store, job.name, due)
    dead = there.outcome == Outcome.RUNNING and now >= there.started_at + job.patience
    failed = there.outcome == Outcome.FAILED and there.finished_at and now >= there.finished_at + AGAIN_AFTER
    if there.tries >= MOST_TRIES or not (dead or failed):
        return None
    return _take_again(store, there)


def take_now(store: Store, job: Job) -> Claim:
    """A run that somebody asks for, whatever the time. Raises `JobFailed` where it was asked twice at one instant."""
    mine = _take(store, job.name, clock.now())
    if mine is None:
        raise JobFailed(f"{job.name} was begun by somebody else at this instant")
    return mine


def perform(store: Store, job: Job, mine: Claim) -> Outcome:
    """Do the work of a run that is ours, and write down how it went."""
    began = stopwatch.monotonic()
    try:
        said, outcome = job.work(store), Outcome.DONE
    except JobFailed as error:
        said, outcome = str(error), Outcome.FAILED
        log.error("job_failed", job=job.name, said=said)
    except Exception as error:
        said, outcome = type(error).__name__, Outcome.FAILED
        log.error("job_failed", job=job.name, said=said, exc_info=error)
    else:
        log.info("job_done", job=job.name, seconds=round(stopwatch.monotonic() - began, 1), said=said)
    finish(store, mine, outcome, said)
    return outcome


def finish(store: Store, mine: Claim, outcome: Outcome, said: str) -> None:
    """Write down how a run ended, unless that is written already or somebody else has taken it up."""
    with store.writing.begin() as connection:
        connection.execute(
            update(JobRun)
            .where(JobRun.id == mine.id, JobRun.tries == mine.tries, JobRun.outcome == Outcome.RUNNING)
            .values(outcome=outcome, finished_at=clock.now(), said=said[:_SAID])
        )


def last_runs(session: HospitalSession) -> dict[str, JobRun]:
    """The newest run of each job that ever ran."""
    newest = select(JobRun.job, func.max(JobRun.started_at).label("at")).group_by(JobRun.job).subquery()
    same = (JobRun.job == newest.c.job) & (JobRun.started_at == newest.c.at)
    return {run.job: run for run in session.scalars(select(JobRun).join(newest, same))}


def last_done(session: HospitalSession) -> dict[str, datetime]:
    """When each job last went well."""
    asked = select(JobRun.job, func.max(JobRun.finished_at)).where(JobRun.outcome == Outcome.DONE).group_by(JobRun.job)
    return dict(session.execute(asked).all())  # type: ignore[arg-type]


def how_many(session: HospitalSession) -> dict[tuple[str, str], int]:
    """Runs that are kept, by job and outcome."""
    asked = select(JobRun.job, JobRun.outcome, func.count()).group_by(JobRun.job, JobRun.outcome)
    return {(job, outcome.value): count for job, outcome, count in session.execute(asked)}


class Runner:
    """Looks after the jobs of a deployment from one process: one at a time, each in a process of its own.

    So a job neither holds up what has to happen every second, nor takes the worker with it when it runs out of memory.
    """

    def __init__(
        self, store: Store, jobs: Sequence[Job], command: Callable[[Job, Claim], list[str]], settling: float = SETTLING
    ) -> None:
        self._store, self._jobs, self._command = store, jobs, command
        self._from = stopwatch.monotonic() + settling
        self._child: subprocess.Popen[bytes] | None = None
        self._job: Job | None = None
        self._mine: Claim | None = None
        self._until = 0.0

    def turn(self) -> None:
        """See to the job that runs; where none does, begin the first that is due."""
        if self._child is not None:
            self._look_after()
        elif stopwatch.monotonic() >= self._from:
            self._begin()

    def stop(self) -> None:
        """End the job that runs; it is taken up again later, here or elsewhere."""
        if self._child is not None:
            self._end("the worker was stopped")

    def _begin(self) -> None:
        for job in self._jobs:
            mine = claim(self._store, job)
            if mine is not None:
                self._job, self._mine = job, mine
                self._until = stopwatch.monotonic() + job.patience.total_seconds()
                command = self._command(job, mine)
                self._child = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own program
                return

    def _look_after(self) -> None:
        assert self._child is not None
        status = self._child.poll()
        if status is None and stopwatch.monotonic() >= self._until:
            self._end(f"not done within {self._patience()}, and ended")
        elif status is not None:
            self._close(f"its process ended with {status}")

    def _end(self, why: str) -> None:
        assert self._child is not None
        os.killpg(self._child.pid, signal.SIGTERM)  # and what it has started
        try:
            self._child.wait(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        self._close(why)

    def _close(self, why: str) -> None:
        """The process is gone; where it could not write down how it went, that is done for it."""
        assert self._mine is not None
        self._child = None
        finish(self._store, self._mine, Outcome.FAILED, why)

    def _patience(self) -> timedelta:
        assert self._job is not None
        return self._job.patience


def _take(store: Store, name: str, due: datetime) -> Claim | None:
    """A new run of this job and moment; None where somebody was faster."""
    mine = Claim(new_id(), 1)
    row: dict[str, Any] = {"id": mine.id, "job": name, "due_at": due, "started_at": clock.now(), "finished_at": None}
    row |= {"outcome": Outcome.RUNNING, "tries": 1, "host": _host(), "said": ""}
    return mine if _written(store, insert(JobRun).values(row)) else None


def _take_again(store: Store, there: JobRun) -> Claim | None:
    mine = Claim(there.id, there.tries + 1)
    again: dict[str, Any] = {"started_at": clock.now(), "finished_at": None, "outcome": Outcome.RUNNING, "said": ""}
    again |= {"tries": mine.tries, "host": _host()}
    unchanged = (JobRun.id == there.id, JobRun.tries == there.tries)
    return mine if _written(store, update(JobRun).where(*unchanged).values(again)) else None


def _written(store: Store, statement: Insert | Update) -> bool:
    """Whether it was we who wrote; False where another server did so first."""
    try:
        with store.writing.begin() as connection:
            return connection.execute(statement).rowcount == 1
    except IntegrityError:
        return False
    except OperationalError as error:
        if mysql_code(error) not in TRANSIENT:
            raise
        return False


def _host() -> str:
    return socket.gethostname()[:64]
