"""What is measured, who may read it, and whether requests may be sent here."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from hmis.app import create_app
from hmis.core import jobs, migrate
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.jobs import Job, JobFailed
from hmis.core.store import Store
from hmis.core.trail.seals import seal_all
from tests.conftest import Person, Time

TOKEN = "a-token-of-more-than-twenty-letters"


def measured(app: Flask, **headers: str) -> Callable[..., float]:
    """What a metric stands at, by its name and labels; 0 where nothing was counted under them."""
    text = app.test_client().get("/metrics", headers=headers).text
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return lambda metric, **labels: samples.get((metric, frozenset(labels.items())), 0.0)


def test_requests_refusals_replays_and_sign_ins_are_counted(
    app: Flask, doctor: Person, patient: dict[str, Any], queries: list[str]
) -> None:
    route = "/api/v1/patients/<patient:patient>/vitals"
    before = measured(app)
    for key in ("once", "once", "twice"):
        assert doctor.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 80}, key=key).status_code == 201
    assert doctor.get("/audit").status_code == 403
    wrong = {"username": "doctor", "password": "no"}
    assert doctor.client.post("/auth/login", json=wrong, headers={"X-CSRFToken": doctor.csrf}).status_code == 401
    after = measured(app)

    def more(metric: str, **labels: str) -> float:
        return after(metric, **labels) - before(metric, **labels)

    assert more("hmis_requests_total", method="POST", route=route, status="201") == 3
    assert more("hmis_request_seconds_count", method="POST", route=route) == 3
    assert more("hmis_replays_total", route=route) == 1
    assert more("hmis_refusals_total", code="NotPermitted") == 1
    assert more("hmis_sign_ins_total", outcome="refused") == 1
    reads = sum(statement.startswith(("SELECT", "WITH")) for statement in queries)
    assert more("hmis_statement_seconds_count", kind="read") >= reads - 10 > 0


def test_strangers_cannot_make_labels(app: Flask) -> None:
    for nonsense in range(5):
        app.test_client().open(f"/nonsense/{nonsense}", method=f"NONSENSE{nonsense}")
        app.test_client().get(f"/app/nonsense/{nonsense}?nonsense={nonsense}")
        app.test_client().get(f"/api/v1/patients/nonsense{nonsense}")
    assert "nonsense" not in app.test_client().get("/metrics").text.lower()


def test_how_things_stand_is_asked_now(time: Time, app: Flask, store: Store, doctor: Person, patient: Any) -> None:
    doctor.get(f"/patients/{patient['id']}")
    time.passes(minutes=6)
    found = measured(app)
    assert found("hmis_spool_events") == 1
    assert found("hmis_audit_unsealed_events") > 0
    assert found("hmis_audit_oldest_unsealed_seconds") >= 360
    assert found("hmis_database_up") == found("hmis_schema_ready") == 1
    assert found("hmis_disk_size_bytes") > found("hmis_disk_free_bytes") > 0
    store.spool.move(store.writing)
    seal_all(store, horizon=None)
    found = measured(app)
    assert found("hmis_spool_events") == found("hmis_audit_unsealed_events") == 0
    assert found("hmis_audit_last_seal_time_seconds") == time.now.timestamp()


def test_jobs_tell_how_they_went(time: Time, app: Flask, store: Store) -> None:
    def fails(store: Store) -> str:
        raise JobFailed("no room")

    for work in (lambda store: "done", fails):
        job = Job("nightly", "something", None, work)
        jobs.perform(store, job, jobs.take_now(store, job))
        time.passes(hours=24)
    found = measured(app)
    assert found("hmis_job_last_failed", name="nightly") == 1
    assert found("hmis_job_runs", name="nightly", outcome="failed") == 1
    day = timedelta(hours=24).total_seconds()
    assert found("hmis_job_last_done_time_seconds", name="nightly") == time.now.timestamp() - 2 * day
    assert found("hmis_job_last_start_time_seconds", name="nightly") == time.now.timestamp() - day


def test_without_a_database_the_counts_are_still_told(app: Flask, store: Store, monkeypatch: Any) -> None:
    gone = Store(Settings(**{**store.settings.model_dump(), "database_url": "sqlite:////nowhere/hmis.sqlite3"}))
    app.extensions["hmis"].store = gone
    found = measured(app)
    assert found("hmis_database_up") == 0
    assert found("hmis_disk_free_bytes") > 0
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/readyz").status_code == 503
    gone.close()


def test_a_slow_statement_is_told_without_its_values(log: io.StringIO, store: Store) -> None:
    slow = Store(Settings(**{**store.settings.model_dump(), "slow_query_ms": 1}))
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 900) "
    with slow.engine.connect() as connection:
        connection.exec_driver_sql(numbers + "SELECT count(*) FROM n a, n b WHERE 'Okafor' = 'Okafor'")
    slow.close()
    assert '"slow_statement"' in log.getvalue()
    assert "Okafor" not in log.getvalue()


@pytest.fixture(scope="module")
def with_token(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("token")
    settings = Settings(data_dir=folder, metrics_token=TOKEN, trusted_proxies=1)
    migrate.prepare(settings.url)
    return create_app(settings).test_client()


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {"Host": "localhost:5000"}, 200),
        ("10.0.0.7", {}, 404),
        ("", {}, 200),  # a Unix socket: somebody on this machine
        ("", {"X-Forwarded-For": "10.0.0.7"}, 404),  # nginx, on behalf of somebody
        ("", {"Host": "hmis.hospital.example"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"X-Real-IP": "10.0.0.7"}, 404),
        ("127.0.0.1", {"Host": "hmis.hospital.example"}, 404),
        ("127.0.0.1", {"Host": "localhost.hospital.example"}, 404),
    ],
)
def test_without_a_token_this_machine_alone_may_read(
    app: Flask, peer: str, headers: dict[str, str], status: int
) -> None:
    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == status
    assert ("hmis_" in answer.text) == (status == 200)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "10.0.0.7"}, 200),
        ({"Authorization": f"Bearer {TOKEN}x"}, 404),
        ({"Authorization": "Bearer "}, 404),
        ({"Authorization": TOKEN}, 404),
        ({"Authorization": "Bearer Ünicode"}, 404),
    ],
)
def test_where_there_is_a_token_it_is_needed_everywhere(
    with_token: FlaskClient, headers: dict[str, str], status: int
) -> None:
    assert with_token.get("/metrics", headers=headers).status_code == status


@pytest.mark.parametrize("wrong", ["schema", "spool", "disk", "key"])
def test_a_server_that_cannot_serve_is_alive_and_not_ready(
    log: io.StringIO, app: Flask, store: Store, settings: Settings, wrong: str
) -> None:
    client = app.test_client()
    assert (client.get("/readyz").status_code, client.get("/readyz").json) == (200, {"status": "ready"})
    raw = open_engine(settings.url)
    try:
        match wrong:
            case "schema":
                with raw.begin() as connection:
                    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
            case "spool":
                settings.spool.rmdir()
                settings.spool.touch()
            case "disk":
                full = Store(Settings(**{**settings.model_dump(), "disk_floor_mib": 10**9}))
                app.extensions["hmis"].store = full
            case "key":
                for file in settings.keys.glob("*.key"):
                    file.rename(file.with_suffix(".gone"))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json) == (503, {"status": "not ready"})
        assert client.get("/healthz").json == {"status": "alive"}
        assert wrong in log.getvalue()
    finally:
        with raw.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{migrate.newest()}'")
        raw.dispose()


def test_processes_count_together_and_who_comes_after_one_that_died_goes_on(tmp_path: Path) -> None:
    """In a process of its own: sharing is for good."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "counter_9.db").touch()
    counting = subprocess.run([sys.executable, "-c", COUNTING, folder], capture_output=True, text=True, timeout=60)
    assert counting.stdout.strip() == str(1 + 4 * 2 * 10), counting.stderr
    assert sorted(file.name for file in folder.glob("counter_*.db")) == [f"counter_{n}.db" for n in range(3)]


COUNTING = """
import os, signal, sys
from pathlib import Path
from hmis.core.watch import metrics

metrics.share(Path(sys.argv[1]))
refusals = metrics.REFUSALS.labels("Tested")
refusals.inc()

def worker(done):
    pid = os.fork()
    if pid == 0:
        refusals.inc(10)
        os.write(done, b"1")
        signal.pause()
    return pid

for generation in range(4):
    told, done = os.pipe()
    workers = [worker(done), worker(done)]
    for pid in workers:
        os.read(told, 1)
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
[family] = [family for family in metrics.counted() if family.name == "hmis_refusals"]
print(*(int(sample.value) for sample in family.samples))
"""
