"""What each server does beside the requests: readings reach the audit, events are sealed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time as stopwatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hmis.core.audit import Act
from hmis.core.config import Settings
from hmis.core.store import Store
from hmis.core.trail import keeper
from tests.core.conftest import Trail


@contextmanager
def running(store: Store, **how: Any) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=keeper.keep, args=(store,), kwargs={"stop": stop, "every": 0.05, **how})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive(), "it ends when it is told to"


def soon(happens: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = stopwatch.monotonic() + seconds
    while stopwatch.monotonic() < deadline:
        if happens():
            return True
        threading.Event().wait(0.02)
    return False


def read(trail: Trail) -> None:
    trail.store.tell(trail.doctor, Act.READ, "/api/v1/patients/<patient:patient>", patient_id=trail.patient_id)


def test_readings_reach_the_audit_and_old_events_are_sealed(trail: Trail) -> None:
    trail.measure(99)
    trail.time.passes(minutes=1)
    read(trail)
    with running(trail.store):
        assert soon(lambda: trail.store.spool.waiting() == 0)
        assert soon(lambda: len(trail.ask("SELECT number FROM audit_seals")) == 4)
    assert trail.verify().clean


def test_at_its_start_it_seals_what_came_late(trail: Trail) -> None:
    read(trail)
    trail.time.passes(hours=5)
    trail.measure(99)
    trail.seal()
    with running(trail.store):
        assert soon(lambda: trail.store.spool.waiting() == 0)
    with running(trail.store):
        assert soon(lambda: len(trail.ask("SELECT number FROM audit_seals")) == 5)
    assert trail.verify().clean


def test_it_outlives_a_database_that_takes_nothing_and_goes_on_afterwards(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "SEALING", 0.05)
    read(trail)
    trail.tamper("ALTER TABLE audit_events RENAME TO elsewhere")
    with running(trail.store):
        threading.Event().wait(0.5)
        assert trail.store.spool.waiting() == 1
        trail.tamper("ALTER TABLE elsewhere RENAME TO audit_events")
        assert soon(lambda: trail.store.spool.waiting() == 0)
    assert trail.verify().clean


def test_a_duty_that_fails_is_told_once_a_minute_and_holds_up_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        raise OSError("no disk")

    duty = keeper._Duty("seal", 0.0, fails)
    for _ in range(20):
        duty.attempt()
    said = capsys.readouterr().out
    assert said.count("keeper_failed") == 1
    assert "no disk" in said
    duty.work = lambda: None
    duty.due = 0
    duty.attempt()
    assert "keeper_recovered" in capsys.readouterr().out


def test_a_failed_duty_is_tried_again_within_seconds_even_when_it_is_a_daily_one() -> None:
    def fails() -> None:
        raise OSError("no disk")

    duty = keeper._Duty("look for late events", 86_400, fails)
    duty.attempt()
    assert duty.due - stopwatch.monotonic() <= keeper.SEALING


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2], sys.argv[3]])
print(child.pid, flush=True)
time.sleep(600)
"""
CHILD = """
import sys, threading
from pathlib import Path
import hmis.tables
from hmis.core.config import Settings
from hmis.core.trail.keeper import keep
from hmis.core.store import Store
store = Store(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2]))
keep(store, stop=threading.Event(), every=0.1, with_parent=True)
"""


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_ends_when_its_parent_was_killed(store: Store, settings: Settings) -> None:
    store.tell(None, Act.READ, "/x")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD, str(settings.data_dir), settings.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            assert soon(lambda: store.spool.waiting() == 0), "the child is at work"
            parent.send_signal(signal.SIGKILL)
            parent.wait()
            assert soon(lambda: not _lives(child))
        finally:
            if _lives(child):
                os.kill(child, signal.SIGKILL)
