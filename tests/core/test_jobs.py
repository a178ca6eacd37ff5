"""Jobs at fixed times: once in a deployment, taken up again where they failed, and their end written down."""

from __future__ import annotations

import sys
import threading
import time as stopwatch
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as wall

import pytest
from sqlalchemy import func, insert, select

from hmis import work
from hmis.core import backups, clock, jobs, perishable
from hmis.core.access import Actor
from hmis.core.answers import KEPT_FOR, StoredAnswer
from hmis.core.columns import new_id
from hmis.core.config import Settings
from hmis.core.db import HospitalSession
from hmis.core.jobs import Daily, Every, Job, JobFailed, JobRun, Outcome, Runner
from hmis.core.store import Store
from hmis.core.trail.seals import seal_all
from hmis.staff.models import FailedSignIn, SignIn
from hmis.tables import Row
from hmis.upkeep.identity import new_key
from tests.conftest import SERVER, Time

LAGOS = "Africa/Lagos"
NIGHTLY = Daily(wall(1, 30), LAGOS)


def job(work: Callable[[Store], str] = lambda store: "done", **how: object) -> Job:
    return Job(**{"name": "nightly", "says": "something", "when": NIGHTLY, "work": work, **how})  # type: ignore[arg-type]


def last(store: Store, name: str = "nightly") -> JobRun:
    with store.session(writes=False) as session:
        return jobs.last_runs(session)[name]


@pytest.mark.parametrize(
    ("zone", "now", "due", "following"),
    [
        (LAGOS, "2026-11-28T00:30", "2026-11-28T00:30", "2026-11-29T00:30"),
        (LAGOS, "2026-11-28T00:29", "2026-11-27T00:30", "2026-11-28T00:30"),
        (LAGOS, "2026-11-28T23:59", "2026-11-28T00:30", "2026-11-29T00:30"),
        ("Pacific/Auckland", "2026-11-28T12:29", "2026-11-27T12:30", "2026-11-28T12:30"),
        ("Europe/London", "2026-03-29T00:30", "2026-03-28T01:30", "2026-03-29T01:30"),  # no 01:30 on that wall
        ("Europe/London", "2026-10-25T01:15", "2026-10-25T00:30", "2026-10-26T01:30"),  # two of them: the first
    ],
)
def test_daily_means_by_the_clock_on_the_wall(zone: str, now: str, due: str, following: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    daily = Daily(wall(1, 30), zone)
    assert daily.last(at) == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert daily.next(at) == datetime.fromisoformat(following).replace(tzinfo=UTC)


def test_hourly_means_at_the_full_hour() -> None:
    at = datetime(2026, 11, 28, 16, 59, 59, tzinfo=UTC)
    assert Every(timedelta(hours=1)).last(at) == datetime(2026, 11, 28, 16, tzinfo=UTC)
    assert Every(timedelta(hours=1)).next(at) == datetime(2026, 11, 28, 17, tzinfo=UTC)


def test_of_many_servers_one_takes_the_run(time: Time, store: Store, settings: Settings) -> None:
    servers = [Store(settings) for _ in range(4)]
    together = threading.Barrier(4)

    def serve(server: Store) -> bool:
        together.wait()
        return jobs.claim(server, job()) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(serve, servers)) == 1
    for server in servers:
        server.close()
    time.passes(hours=24)
    assert jobs.claim(store, job()), "tomorrow it is due again"


def test_what_went_well_is_not_done_again_and_what_failed_is_three_times_at_most(time: Time, store: Store) -> None:
    def fails(store: Store) -> str:
        raise JobFailed("the disk of the backups is full")

    tried = 0
    while mine := jobs.claim(store, job(fails)):
        assert jobs.claim(store, job(fails)) is None, "it is being done"
        assert jobs.perform(store, job(fails), mine) is Outcome.FAILED
        assert jobs.claim(store, job(fails)) is None, "not at once again"
        tried += 1
        time.passes(minutes=10)
    assert tried == jobs.MOST_TRIES
    assert (last(store).outcome, last(store).said) == (Outcome.FAILED, "the disk of the backups is full")
    time.passes(hours=24)
    mine = jobs.claim(store, job())
    assert mine
    assert jobs.perform(store, job(), mine) is Outcome.DONE
    time.passes(minutes=11)
    assert jobs.claim(store, job()) is None
    assert last(store).outcome is Outcome.DONE


def test_a_run_whose_server_died_is_taken_up_and_the_dead_ones_word_counts_no_more(time: Time, store: Store) -> None:
    dead = jobs.claim(store, job(patience=timedelta(hours=2)))
    assert dead
    time.passes(minutes=119)
    assert jobs.claim(store, job(patience=timedelta(hours=2))) is None
    time.passes(minutes=1)
    mine = jobs.claim(store, job(patience=timedelta(hours=2)))
    assert mine
    jobs.finish(store, dead, Outcome.DONE, "from beyond")
    assert last(store).outcome is Outcome.RUNNING
    jobs.finish(store, mine, Outcome.DONE, "done")
    assert last(store).said == "done"


def test_an_error_nobody_foresaw_is_written_down_by_its_kind_alone(time: Time, store: Store) -> None:
    def stumbles(store: Store) -> str:
        return str(int("Okafor"))

    jobs.perform(store, job(stumbles), jobs.take_now(store, job(stumbles)))
    assert (last(store).outcome, last(store).said) == (Outcome.FAILED, "ValueError")


@contextmanager
def running(store: Store, code: str, **how: object) -> Iterator[Runner]:
    runner = Runner(store, [job(**how)], lambda job, mine: [sys.executable, "-c", code], settling=0)
    yield runner
    runner.stop()


def ends(runner: Runner, store: Store) -> JobRun:
    until = stopwatch.monotonic() + 20
    while stopwatch.monotonic() < until:
        runner.turn()
        run = last(store)
        if run.outcome is not Outcome.RUNNING:
            return run
        threading.Event().wait(0.02)
    raise AssertionError("it never ended")


def test_a_process_that_dies_over_a_job_leaves_it_failed(store: Store) -> None:
    with running(store, "import os; os.kill(os.getpid(), 9)") as runner:
        run = ends(runner, store)
    assert (run.outcome, run.said) == (Outcome.FAILED, "its process ended with -9")


def test_a_job_that_hangs_is_ended(store: Store) -> None:
    with running(store, "import time; time.sleep(60)", patience=timedelta(seconds=0.3)) as runner:
        run = ends(runner, store)
    assert run.said.startswith("not done within 0:00:00.3")


def test_a_job_is_ended_with_its_worker(store: Store) -> None:
    with running(store, "import time; time.sleep(60)") as runner:
        runner.turn()
        assert last(store).outcome is Outcome.RUNNING
    assert (last(store).outcome, last(store).said) == (Outcome.FAILED, "the worker was stopped")


def test_a_server_just_started_serves_first(store: Store) -> None:
    Runner(store, [job()], lambda job, mine: [sys.executable, "-c", ""]).turn()
    with store.session(writes=False) as session:
        assert jobs.last_runs(session) == {}


@pytest.mark.parametrize(("age", "kept"), [(KEPT_FOR - timedelta(seconds=1), 1), (KEPT_FOR + timedelta(seconds=1), 0)])
def test_stored_answers_go_after_thirty_days(store: Store, age: timedelta, kept: int) -> None:
    with store.session() as session:
        stored_at = clock.now() - age
        session.add(StoredAnswer(place=bytes(32), body_hash=bytes(32), status=200, body=b"{}", stored_at=stored_at))
        session.commit()
    assert perishable.purge(store) == 1 - kept


@pytest.mark.parametrize(("hours", "kept"), [(23.9, 1), (24.1, 0)])
def test_failed_sign_ins_go_after_a_day(store: Store, hours: float, kept: int) -> None:
    with store.session() as session:
        failed_at = clock.now() - timedelta(hours=hours)
        session.add(FailedSignIn(id=new_id(), login_hash=bytes(32), address="127.0.0.1", failed_at=failed_at))
        session.commit()
    assert perishable.purge(store) == 1 - kept


def test_much_that_is_old_goes_in_small_transactions(store: Store, queries: list[str]) -> None:
    old = clock.now() - timedelta(days=2)
    rows = [{"id": new_id(), "login_hash": bytes(32), "address": "10.0.0.1", "failed_at": old} for _ in range(2500)]
    with store.writing.begin() as connection:
        connection.execute(insert(FailedSignIn), rows)
    queries.clear()
    assert perishable.purge(store) == 2500
    assert sum(statement.startswith("DELETE") for statement in queries) == 3
    with store.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(FailedSignIn)) == 0


def test_what_one_department_cannot_forget_holds_up_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch, acting: Callable[[str], Actor]
) -> None:
    ago = clock.now() - timedelta(days=91)
    whose = {"staff_id": acting("nurse").staff_id, "started_at": ago, "seen_at": ago, "address": "", "user_agent": ""}
    with store.session() as session:
        session.add(SignIn(id=new_id(), token_hash=bytes(32), **whose))
        session.commit()

    def fails(session: HospitalSession) -> int:
        raise OSError("no disk")

    monkeypatch.setattr(work, "FORGETTING", (fails, *work.FORGETTING))
    forget = next(one for one in work.jobs(store.settings) if one.name == "forget")
    assert jobs.perform(store, forget, jobs.take_now(store, forget)) is Outcome.FAILED
    assert last(store, "forget").said.endswith("OSError")
    with store.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_what_is_taken_out_is_no_record(store: Store) -> None:
    guarded = {"audit_events", "record_versions"}
    for table, (column, _) in perishable.PERISHABLE.items():
        assert column in Row.metadata.tables[table].columns
        assert table not in guarded


@pytest.mark.skipif(bool(SERVER), reason="how MariaDB is backed up is tested with the commands")
def test_the_night_makes_a_backup_and_proves_it(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HMIS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("HMIS_DATABASE_URL", settings.url)
    night = {one.name: one for one in work.jobs(settings)}

    def went(name: str) -> Outcome:
        return jobs.perform(store, night[name], jobs.take_now(store, night[name]))

    assert went("backup") is Outcome.FAILED
    assert "hmis backup new-key" in last(store, "backup").said
    new_key(settings.backup_key_path)
    seal_all(store, older_than=timedelta(0), horizon=None)  # the staff was taken on at midnight
    assert [went("backup"), went("drill")] == [Outcome.DONE, Outcome.DONE]
    known = backups.state(settings)
    assert known.made.last_good
    assert known.drilled.last_good
    assert last(store, "drill").said == known.drilled.last_good.said
