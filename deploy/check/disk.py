"""Fill the disk of a hospital at work, on SQLite and on MariaDB: what goes on, what is refused, and what was lost.

    PYTHONPATH=. .venv/bin/python deploy/check/disk.py [SQLite|MariaDB]

Needs root, which mounts a disk of 600 MB in memory for each, and MariaDB installed. It ends with exit code 1 where an
answer is none of those in docs/operations.md ("The disk is full"), or an acknowledged write is not there.
"""

from __future__ import annotations

import collections
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from people import PASSWORD, Browser, expect, say
from records import PORT, Hospital, person
from sqlalchemy import make_url, text

from hmis.core.db import open_engine
from tests import mariadb

MIB = 1024 * 1024
SMALL = ("--innodb-log-file-size=8M", "--log-bin=binlog", "--sync-binlog=1", "--server-id=1")


class Writer(threading.Thread):
    """Somebody who registers patients without a pause, and remembers every answer."""

    def __init__(self) -> None:
        super().__init__()
        self.browser, self.stop = Browser("127.0.0.1", PORT), threading.Event()
        self.browser.sign_in("officer", PASSWORD)
        self.acknowledged: set[str] = set()
        self.answers = collections.Counter[str]()

    def run(self) -> None:
        """Until stopped."""
        while not self.stop.is_set():
            self.once()

    def once(self) -> str:
        """One registration; what came of it."""
        body = {"family_name": "Load", "given_name": uuid.uuid4().hex, "sex": "female", "age_years": 30}
        status, said = self.browser.send("POST", "/api/v1/patients", {**body, "confirmed": True})
        came = "saved" if status == 201 else str(said["code"])
        if status == 201:
            self.acknowledged.add(said["id"])
        self.answers[came] += 1
        return came


def main() -> None:
    """Each kind of database in turn."""
    for kind in sys.argv[1:] or ("SQLite", "MariaDB"):
        with tempfile.TemporaryDirectory() as folder, _small_disk(Path(folder)) as disk:
            hospital = Hospital(disk / "data")
            hospital.settings |= {"HMIS_DISK_FLOOR_MIB": "48", "HMIS_WORKERS": "2"}
            process = None
            if kind == "MariaDB":
                process, hospital.settings["HMIS_DATABASE_URL"] = _server(disk / "mariadb")
            else:
                hospital.settings["HMIS_DATABASE_URL"] = f"sqlite:///{disk}/data/hmis.sqlite3"
            try:
                _fill_up(kind, hospital, disk)
            finally:
                if process is not None:
                    process.kill()
                    process.wait()
    say("all as it should be")


def _fill_up(kind: str, hospital: Hospital, disk: Path) -> None:
    say(f"{kind}, on a disk of {os.statvfs(disk).f_blocks * os.statvfs(disk).f_frsize // MIB} MiB")
    hospital.hmis("init", shows=False)
    hospital.hmis("backup", "new-key", shows=False)
    for role, name in (("record_officer", "officer"), ("doctor", "doctor"), ("admin", "admin")):
        hospital.hmis("staff", "add", *person(role, name), shows=False)
    with hospital.serving():
        writer, doctor, admin = Writer(), Browser("127.0.0.1", PORT), Browser("127.0.0.1", PORT)
        doctor.sign_in("doctor", PASSWORD)
        admin.sign_in("admin", PASSWORD)
        for _ in range(20):
            expect(writer.once() == "saved", "it does not save before anything was done to it")
        hospital.hmis("backup", "create")
        writer.start()
        with _ballast(disk, leave_mib=20):
            writer.stop.set()
            writer.join()
            expect(writer.once() == "DiskFull", "a record was taken out of the reserve")
            _told(doctor, admin, writer)
            Browser("127.0.0.1", PORT).sign_in("doctor", PASSWORD)
            _refused(hospital, "backup", "create", because="the server's disk is full")
            _refused(hospital, "backup", "verify", because="make room first")
            _refused(hospital, "check", because="the disk is nearly full")
            with _ballast(disk, leave_mib=0):
                expect(writer.once() == "DiskFull", "another answer where nothing is left at all")
                status = {doctor.send("GET", f"/api/v1/patients/{one}")[0] for one in writer.acknowledged}
                expect(status <= {200, 503}, f"reading where nothing is left: {status}")
                _refused(hospital, "backup", "create", because="the server's disk is full")
                expect(admin.send("GET", "/api/v1/system")[0] == 200, "the system page where nothing is left")
                print(f"    nothing left at all: saving refused, reading {sorted(status)}")
        print(f"    while it filled: {dict(writer.answers)}")
        expect(set(writer.answers) == {"saved", "DiskFull"}, "another answer while the disk filled")
        began = time.monotonic()  # MariaDB looks for room once a minute, where it had none at all
        while (came := writer.once()) != "saved":
            expect(came == "Unavailable" and time.monotonic() - began < 75, f"there is room again, and: {came}")
        print(f"    saves again {time.monotonic() - began:.0f} s after there is room")
        expect(doctor.send("GET", "/readyz")[0] == 200, "it is not ready, though there is room again")
        hospital.hmis("backup", "create")
    hospital.hmis("audit", "verify")
    lost = writer.acknowledged - hospital.patients()
    print(f"    {len(writer.acknowledged)} writes acknowledged, {len(lost)} lost")
    expect(not lost, f"lost: {sorted(lost)[:5]}")
    left = [str(path) for path in (disk / "data").rglob("*") if "unfinished" in path.name or "upkeep-" in path.name]
    expect(not left, f"half made, and still there: {left}")


def _told(doctor: Browser, admin: Browser, writer: Writer) -> None:
    """With the reserve left, charts are read, and machines and the administrator hear of it."""
    status = {doctor.send("GET", f"/api/v1/patients/{one}")[0] for one in writer.acknowledged}
    expect(status == {200}, f"reading out of the reserve: {status}")
    expect(doctor.send("GET", "/readyz")[0] == 503, "/readyz says that all is well")
    disk: Any = admin.send("GET", "/api/v1/system")[1]["disk"]
    expect(disk["full"], "the system page does not tell")
    print(f"    {disk['free_bytes'] / MIB:.0f} MiB left: saving refused, {len(writer.acknowledged)} charts read")


def _refused(hospital: Hospital, *command: str, because: str) -> None:
    said = hospital.hmis(*command, fails=True)
    expect(because in said and "Traceback" not in said, f"hmis {' '.join(command)} says something else: {said}")


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextlib.contextmanager
def _ballast(disk: Path, leave_mib: int) -> Iterator[None]:
    """While it lasts, so much is left; it takes a second or two to fill."""
    file = disk / f"ballast{leave_mib}"
    with file.open("wb", buffering=0) as ballast:
        with contextlib.suppress(OSError):
            while (free := os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - leave_mib * MIB) > 0:
                ballast.write(b"x" * min(free, MIB))
                threading.Event().wait(0.01)
        yield
    file.unlink()


def _server(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    process, address = mariadb.launch(folder, *SMALL)
    root = open_engine(make_url(address).set(database="").render_as_string(hide_password=False))
    with root.begin() as connection:
        connection.execute(text("CREATE DATABASE hmis CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))
    root.dispose()
    return process, make_url(address).set(database="hmis").render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
