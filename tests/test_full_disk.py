"""A full disk: what is refused and how it is told, what goes on all the same, and that nothing is lost or half made."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from hmis.core import backups, clock
from hmis.core.config import Settings
from hmis.core.disks import database_folder
from hmis.core.errors import DiskFull
from hmis.core.store import Store
from hmis.core.trail import disk
from hmis.patients.models import Patient
from hmis.upkeep import Refused
from hmis.upkeep.backup import create
from hmis.upkeep.identity import new_key
from tests.conftest import SERVER, Person, Time

SOMEBODY = {"given_name": "Ada", "family_name": "Obi", "sex": "female", "age_years": 30, "confirmed": True}
FULL = "the server's disk is full, so nothing can be saved; tell the administrator"


@contextmanager
def reserve_only(app: Flask, store: Store) -> Iterator[Store]:
    """While it lasts, no more is left of the disk than what is kept for who reads and signs in."""
    full = Store(Settings(**{**store.settings.model_dump(), "disk_reserve_mib": 10**9}))
    app.extensions["hmis"].store = full
    try:
        yield full
    finally:
        app.extensions["hmis"].store = store
        full.close()


def refused(answer: TestResponse) -> None:
    """That it was refused in this way, and no other."""
    told: Any = answer.json
    assert (answer.status_code, told["code"], told["detail"]) == (503, "DiskFull", FULL)
    assert answer.headers["Retry-After"] == "30"


def test_before_the_disk_is_full_no_record_is_taken_but_charts_are_read_and_people_sign_in(
    app: Flask, store: Store, patient: dict[str, Any], recordofficer: Person, doctor: Person, time: Time
) -> None:
    with reserve_only(app, store) as full:
        refused(recordofficer.post("/patients", SOMEBODY, key="once"))
        in_french = recordofficer.post("/patients", SOMEBODY, headers={"Accept-Language": "fr"})
        assert in_french.json["detail"].startswith("le disque du serveur est plein")  # type: ignore[index]
        assert doctor.get(f"/patients/{patient['id']}").status_code == 200
        assert doctor.get("/patients", q=patient["family_name"]).status_code == 200
        assert full.spool.waiting() == 2, "who read is on the disk, as ever"
        Person(app, "nurse").sign_in()
        time.passes(minutes=1)
        assert doctor.get(f"/patients/{patient['id']}").status_code == 200, "the use of a session is noted too"
    assert recordofficer.post("/patients", SOMEBODY, key="once").status_code == 201
    with store.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(Patient)) == 2


def test_it_is_told_to_machines_and_to_the_administrator(app: Flask, store: Store, admin: Person) -> None:
    assert admin.get("/system").json["disk"]["full"] is False  # type: ignore[index]
    assert app.test_client().get("/readyz").status_code == 200
    with reserve_only(app, store):
        assert admin.get("/system").json["disk"]["full"] is True  # type: ignore[index]
        assert app.test_client().get("/readyz").status_code == 503
        assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.skipif(bool(SERVER), reason="SQLite's own way of saying it")
def test_what_finds_no_room_in_the_database_itself_is_refused_whole(
    app: Flask, store: Store, recordofficer: Person, patient: dict[str, Any]
) -> None:
    """Others may have filled the disk since it was looked at: SQLite is allowed no further page."""

    def no_more(connection: Any, record: Any, proxy: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}").close()

    event.listen(store.engine, "checkout", no_more)
    try:
        answers = [
            recordofficer.post("/patients", {**SOMEBODY, "given_name": f"Ada{n}" * 9}, key=f"k{n}") for n in range(99)
        ]
    finally:
        event.remove(store.engine, "checkout", no_more)
        store.engine.dispose()
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) < len(answers)
    for answer in answers:
        if answer not in made:
            refused(answer)
    with store.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(Patient)) == 1 + len(made)
    assert recordofficer.post("/patients", SOMEBODY, key="k98").status_code in (201, 422)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of a given size."""
    folder.mkdir()
    mounted = (
        shutil.which("mount")
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("NOT TESTED ON A FULL DISK: nobody may mount one here (root may)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Leave no room on the disk of a folder; the file that took it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(b"x" * 4096)
    return ballast


def test_counting_goes_on_without_room_for_the_counts(tmp_path: Path) -> None:
    """A file with holes, written to through memory, ends the process on a full disk."""
    with small_disk(tmp_path / "small", "300k") as folder:
        counting = subprocess.run(
            [sys.executable, "-c", COUNTING, folder], capture_output=True, text=True, timeout=60, check=False
        )
    assert (counting.returncode, counting.stdout.strip()) == (0, "3000"), counting.stderr


COUNTING = """
import errno, sys
from pathlib import Path
from hmis.core.watch import metrics

folder = Path(sys.argv[1])
metrics.share(folder / "counts")
metrics.REFUSALS.labels("Before").inc()
with (folder / "ballast").open("wb", buffering=0) as file:
    try:
        while True:
            file.write(b"x" * 4096)
    except OSError as error:
        assert error.errno == errno.ENOSPC
for many in range(3000):
    metrics.REFUSALS.labels(f"Refusal{many:090}").inc()
    metrics.DURATIONS.labels("GET", f"/{many % 7}").observe(1)
print(int(sum(metrics.REFUSALS.labels(f"Refusal{many:090}")._value.get() for many in range(3000))))
"""


def test_a_disk_that_fills_during_a_backup_leaves_nothing_half_made(store: Store, tmp_path: Path) -> None:
    new_key(store.settings.backup_key_path)
    with small_disk(tmp_path / "small", "200m") as folder:
        settings = Settings(**{**store.settings.model_dump(), "backup_dir": folder / "backups", "disk_reserve_mib": 1})
        hospital = Store(settings)
        ballast: list[Path] = []

        def others_write(done: int, of: int | None) -> None:
            if not ballast:
                ballast.append(fill(folder))

        with pytest.raises(Refused, match=r"the disk became full .*: make room, then try again"):
            create(hospital, tick=others_write)
        assert list((folder / "backups").iterdir()) == []
        assert not list(settings.data_dir.glob("upkeep-*"))
        told = backups.state(settings).made.last
        assert told is not None
        assert "became full" in told.said
        ballast[0].unlink()
        assert create(hospital).ok
        hospital.close()


def test_without_room_a_backup_is_refused_before_it_begins(app: Flask, store: Store) -> None:
    new_key(store.settings.backup_key_path)
    with reserve_only(app, store) as full:
        with pytest.raises(DiskFull):
            create(full)
        told = backups.state(full.settings).made.last
    assert told is not None
    assert told.said == FULL


def test_how_a_backup_failed_is_told_also_where_it_cannot_be_written_down(store: Store, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "1m") as folder:
        settings = Settings(**{**store.settings.model_dump(), "data_dir": folder})
        fill(folder)
        failed = backups.Outcome.failed(clock.now(), Refused("the first reason"), 0.0)
        backups.note_made(settings, failed)
        with pytest.raises(OSError, match="No space left"):
            disk.replace(folder / "something", b"x" * 10_000)
        assert [file.name for file in folder.iterdir()] == ["ballast"]


@pytest.mark.skipif(not SERVER, reason="a server keeps its files elsewhere")
def test_the_disk_of_a_database_on_this_machine_is_looked_at_too(store: Store) -> None:
    found = database_folder(store.engine)
    assert found is None or found.is_dir()
    assert store.disk().free <= shutil.disk_usage(store.settings.data_dir).free
