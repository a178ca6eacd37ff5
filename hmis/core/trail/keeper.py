"""What every server has to do again and again beside its requests; `hmis work` does it, in a process of its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from hmis.core.jobs import Runner
from hmis.core.store import Store
from hmis.core.trail.seals import seal_all

SEALING = 10.0  # s
SWEEPING = 86_400.0  # s
LOOKING = 5.0  # s, for a job that is due or has ended

_SAY_AGAIN = 60.0  # s
_log = structlog.get_logger()


@dataclass(slots=True)
class _Duty:
    """One thing to do every so often; a failure is told, and tried again at the next turn."""

    name: str
    every: float
    work: Callable[[], object]
    due: float = field(default_factory=time.monotonic)
    failing_since: float | None = None
    said_at: float = 0.0

    def attempt(self) -> None:
        """Do it if it is time."""
        now = time.monotonic()
        if now < self.due:
            return
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - whatever it was, the other duties must go on
            self.due = now + min(self.every, SEALING)
            self._failed(now, error)
        else:
            self.due = now + self.every
            self._done(now)

    def _failed(self, now: float, error: Exception) -> None:
        """Say so at once and then once a minute, not every two seconds through a night without a database."""
        if self.failing_since is None:
            self.failing_since = now
        elif now - self.said_at < _SAY_AGAIN:
            return
        self.said_at = now
        _log.error("keeper_failed", duty=self.name, seconds=round(now - self.failing_since), exc_info=error)

    def _done(self, now: float) -> None:
        if self.failing_since is not None:
            _log.info("keeper_recovered", duty=self.name, seconds=round(now - self.failing_since))
            self.failing_since = None


def _move(store: Store) -> None:
    """On a full disk readings stay where they are as safe: to be moved they would need the room that is left twice."""
    store.refuse_without_room()
    store.spool.move(store.writing)


def keep(
    store: Store,
    *,
    stop: threading.Event,
    every: float = 2.0,
    with_parent: bool = False,
    jobs: Runner | None = None,
) -> None:
    """Move readings into the audit, seal it and look after the jobs, until `stop` is set.

    Readings move every `every` seconds, seals are made every 10 s. At the start and once a day the sealer also looks
    for events that came late. `with_parent`: it ends too when its parent is gone. Outlives a database that is down.
    """
    parent = os.getppid()

    def ending() -> bool:
        return stop.is_set() or (with_parent and os.getppid() != parent)

    duties = [
        _Duty("move readings", every, lambda: _move(store)),
        _Duty("look for late events", SWEEPING, lambda: seal_all(store, horizon=None, ending=ending)),
        _Duty("seal", SEALING, lambda: seal_all(store, ending=ending)),
        *([_Duty("jobs", LOOKING, jobs.turn)] if jobs else []),
    ]
    _log.info("keeper_started", waiting=store.spool.waiting())
    while not ending():
        for duty in duties:
            if not ending():
                duty.attempt()
        stop.wait(every)
    if jobs:
        jobs.stop()
    _log.info("keeper_ended")
