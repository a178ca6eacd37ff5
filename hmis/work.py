"""`hmis work`: what is done beside the requests, and the jobs of this hospital at their times."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import time, timedelta

import structlog

from hmis.core import backups, perishable
from hmis.core.config import Settings
from hmis.core.db import HospitalSession
from hmis.core.jobs import Claim, Daily, Every, Job, JobFailed, Runner
from hmis.core.store import Store
from hmis.core.trail import keeper
from hmis.drafts import service as drafts
from hmis.staff import service as staff

FORGETTING: tuple[Callable[[HospitalSession], int], ...] = (staff.purge, drafts.purge)
"""What the departments forget, each in a transaction of its own."""

log = structlog.get_logger()


def jobs(settings: Settings) -> tuple[Job, ...]:
    """The jobs of this hospital; those without a time run when somebody asks."""
    return (
        Job("backup", "make a backup", _daily(settings.backup_at, settings), backup, timedelta(hours=4)),
        Job("drill", "prove the newest backup", _daily(settings.drill_at, settings), drill, timedelta(hours=6)),
        Job("forget", "take out what is no record and old", Every(timedelta(hours=1)), forget),
    )


def work(store: Store, stop: threading.Event, *, with_parent: bool = False) -> None:
    """Do what is to be done beside the requests until `stop` is set."""
    runner = Runner(store, jobs(store.settings), _command)
    keeper.keep(store, stop=stop, with_parent=with_parent, jobs=runner)


def backup(store: Store) -> str:
    """Make a backup as `hmis backup create` does. Raises `JobFailed`."""
    return _done("create", lambda: backups.state(store.settings).made)


def drill(store: Store) -> str:
    """Restore the newest backup aside and prove it, as `hmis backup verify` does. Raises `JobFailed`."""
    return _done("verify", lambda: backups.state(store.settings).drilled)


def _done(what: str, attempts: Callable[[], backups.Attempts]) -> str:
    """Run the command, so that a job does what an administrator's own hands would; what it wrote down of itself."""
    before = attempts().last
    command = [sys.executable, "-m", "hmis", "backup", what]
    status = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - our own program
    last = attempts().last
    said = last.said if last and last != before else f"`hmis backup {what}` ended with {status}: the log says why"
    if status:
        raise JobFailed(said)
    return said


def forget(store: Store) -> str:
    """Take out what is old; how much it was. Raises `JobFailed` when a part of it could not be done."""
    gone, failed = perishable.purge(store), []
    for purge in FORGETTING:
        try:
            with store.session() as session:
                gone += purge(session)
                session.commit()
        except Exception as error:
            log.error("not_forgotten", what=purge.__module__, exc_info=error)
            failed.append(f"{purge.__module__}: {type(error).__name__}")
    if failed:
        raise JobFailed("; ".join(failed))
    return f"{gone} rows taken out"


def _daily(at: str, settings: Settings) -> Daily | None:
    return Daily(time.fromisoformat(at), settings.time_zone) if at else None


def _command(job: Job, mine: Claim) -> list[str]:
    return [sys.executable, "-m", "hmis", "jobs", "perform", job.name, str(mine.id), str(mine.tries)]
