"""How the server is doing, for whoever runs it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
from flask import Flask

from hmis.core import backups, jobs, migrate
from hmis.core.access import Role
from hmis.core.backups import Outcome
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.core.trail.seals import seal_all
from tests.conftest import Person, Time


def told(admin: Person) -> dict[str, Any]:
    answer = admin.get("/system")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_what_runs_where_is_told(time: Time, admin: Person, settings: Settings, store: Store) -> None:
    found = told(admin)
    assert (found["version"], found["environment"]) == (version("hmis"), "development")
    assert (found["time_zone"], found["server_time"]) == ("Africa/Lagos", time.now.isoformat().replace("+00:00", "Z"))
    database = found["database"]
    assert database["up_to_date"] is True
    with store.engine.connect() as connection:
        if database["kind"] == "sqlite":
            asked = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
        else:
            asked = connection.exec_driver_sql("SELECT version()").scalar()
            assert ("mariadb" in str(asked).lower()) == (database["kind"] == "mariadb")
    assert database["server_version"] == asked


def test_the_disk_of_the_data_is_told(admin: Person, settings: Settings) -> None:
    disk, found = shutil.disk_usage(settings.data_dir), told(admin)["disk"]
    assert found["total_bytes"] == disk.total
    assert abs(found["free_bytes"] - disk.free) < disk.total / 10


def test_no_path_is_told(admin: Person, settings: Settings) -> None:
    answer = admin.get("/system").text
    assert str(settings.data_dir) not in answer
    assert settings.data_dir.name not in answer
    assert "mysql+" not in answer


def test_what_waits_for_a_seal_is_counted_until_it_is_sealed(
    time: Time, store: Store, admin: Person, doctor: Person, patient: dict[str, Any]
) -> None:
    before = told(admin)["audit"]
    assert before["last_sealed_at"] is None
    doctor.post(f"/patients/{patient['id']}/consultations", {"presenting_complaint": "Fever"})
    now = told(admin)["audit"]["events_not_sealed"]
    assert now > before["events_not_sealed"] > 0
    time.passes(minutes=1)
    assert seal_all(store) == now
    after = told(admin)["audit"]
    assert (after["events_not_sealed"], after["last_sealed_at"]) == (0, time.now.isoformat().replace("+00:00", "Z"))


def test_a_reading_waits_in_the_spool_until_it_is_moved(
    store: Store, admin: Person, doctor: Person, patient: dict[str, Any]
) -> None:
    store.spool.move(store.writing)
    assert told(admin)["audit"]["readings_waiting"] == 0
    doctor.get(f"/patients/{patient['id']}")
    assert told(admin)["audit"]["readings_waiting"] == 1
    store.spool.move(store.writing)
    assert told(admin)["audit"]["readings_waiting"] == 0


def test_sessions_in_force_are_counted(time: Time, app: Flask, admin: Person) -> None:
    assert told(admin)["sessions_in_force"] == 1
    nurse = Person(app, "nurse")
    Person(app, "doctor")
    assert told(admin)["sessions_in_force"] == 3
    nurse.post("/auth/logout")
    assert told(admin)["sessions_in_force"] == 2
    time.passes(minutes=14)
    assert admin.get("/auth/me").status_code == 200
    time.passes(minutes=2)
    assert told(admin)["sessions_in_force"] == 1  # the doctor has been away too long


def test_a_database_that_is_behind_is_told(store: Store, settings: Settings, admin: Person) -> None:
    engine = open_engine(settings.url)

    def stands_at(revision: str | None) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")

    try:
        stands_at("0001")
        assert told(admin)["database"]["up_to_date"] is False
    finally:
        stands_at(migrate.newest())
        engine.dispose()
    assert told(admin)["database"]["up_to_date"] is True


def test_backups_and_jobs_are_told_and_none_of_their_words(time: Time, store: Store, admin: Person) -> None:
    found = told(admin)["backups"]
    assert (found["overdue"], found["made"]["last_good_at"], found["made"]["last_failed"]) == (True, None, False)
    good = Outcome(at=time.now, ok=True, said="/srv/backups holds it", seconds=2.5, size_bytes=4711)
    backups.note_made(store.settings, good)
    backups.note_drilled(store.settings, good.model_copy(update={"ok": False, "said": "/srv is full"}))
    job = jobs.Job("drill", "prove it", None, lambda store: "/srv/backups is proven")
    jobs.perform(store, job, jobs.take_now(store, job))
    now, found = time.now.isoformat().replace("+00:00", "Z"), told(admin)
    assert found["backups"]["overdue"] is False
    assert found["backups"]["made"] == {"last_good_at": now, "seconds": 2.5, "size_bytes": 4711, "last_failed": False}
    assert found["backups"]["proven"]["last_failed"] is True
    assert found["jobs"] == [{"name": "drill", "started_at": now, "outcome": "done", "seconds": 0.0}]
    assert "/srv" not in admin.get("/system").text
    assert found["backups"]["key_copy_shown_at"] is None
    backups.note_key_copy(store.settings, "age1somebody")
    assert told(admin)["backups"]["key_copy_shown_at"] == now
    time.passes(hours=27)
    assert told(admin)["backups"]["overdue"] is True


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_is_told(sign_in: Callable[[Role], Person], role: Role) -> None:
    assert sign_in(role).get("/system").status_code == 403


def test_it_takes_few_statements(time: Time, admin: Person, queries: list[str]) -> None:
    told(admin)
    queries.clear()
    time.passes(seconds=timedelta(milliseconds=1).total_seconds())
    told(admin)
    assert len(queries) <= 12, queries
