"""Move a hospital from SQLite to MariaDB, back it up, destroy it while people work, and bring a random second back.

    PYTHONPATH=. .venv/bin/python deploy/check/records.py [PATIENTS]

Everything by the commands of docs/operations.md; the figures there are what this prints. Needs MariaDB installed
(server, client, backup), and starts one of its own on a free port, each commit safe on the disk. It ends with exit code
1 where a row did not arrive as it was, an acknowledged write is not there, or one from after that second is.
"""

from __future__ import annotations

import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from people import PASSWORD, Load, expect, say
from sqlalchemy import make_url, text

from hmis.core.db import open_engine
from tests import mariadb

PORT = 5089
DURABLE = ("--innodb-flush-log-at-trx-commit=1", "--innodb-flush-method=O_DIRECT", "--innodb-doublewrite=1")


class Hospital:
    """One data directory, and a database that may be exchanged."""

    def __init__(self, folder: Path) -> None:
        self.settings = {"HMIS_DATA_DIR": str(folder), "HMIS_PORT": str(PORT)}

    def hmis(self, *command: str, shows: bool = True, fails: bool = False) -> str:
        """Type a command; it has to succeed, or with `fails`, to fail. How long it took, and its end, are shown."""
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "hmis", *command],
            env={**os.environ, **self.settings},
            capture_output=True,
            text=True,
        )
        said = (done.stdout + done.stderr).strip()
        if shows or done.returncode:
            print(f"    hmis {' '.join(command)}   ({time.monotonic() - began:.1f} s)")
            lines = [line for line in said.splitlines() if line and not line.startswith("{")]
            print("".join(f"        {line}\n" for line in lines[-4:]), end="", flush=True)
        expect((done.returncode != 0) == fails, f"hmis {command[0]} ended with {done.returncode}: {said[-500:]}")
        return said

    @contextmanager
    def serving(self) -> Iterator[None]:
        """People can work meanwhile."""
        environment = {**os.environ, **self.settings}
        server = subprocess.Popen([sys.executable, "-m", "hmis", "serve"], env=environment, stderr=subprocess.DEVNULL)
        try:
            self.hmis("check", "--wait", "60", shows=False)
            time.sleep(5)
            yield
        finally:
            server.terminate()
            server.wait()

    def patients(self) -> set[str]:
        """All that are in the database."""
        engine = open_engine(self.settings["HMIS_DATABASE_URL"])
        with engine.connect() as connection:
            found = connection.scalars(text("SELECT LOWER(HEX(id)) FROM patients")).all()
        engine.dispose()
        return {str(uuid.UUID(one)) for one in found}


def main() -> None:
    """Move, back up, work, destroy, restore, count."""
    many = sys.argv[1] if len(sys.argv) > 1 else "500"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        hospital = Hospital(work / "data")
        now, cores = datetime.now(UTC), os.cpu_count()
        print(f"{now:%d %B %Y}, {cores} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
        say(f"a demo hospital of {many} patients on SQLite")
        hospital.hmis("init", shows=False)
        hospital.hmis("demo", "--patients", many)
        hospital.hmis("staff", "add", *person("record_officer", "officer"), shows=False)
        hospital.hmis("backup", "new-key", shows=False)
        hospital.hmis("backup", "create")
        hospital.hmis("backup", "verify")
        process, address = mariadb.launch(
            work / "mariadb", *DURABLE, "--log-bin=binlog", "--sync-binlog=1", "--server-id=1"
        )
        try:
            _on_mariadb(hospital, address)
        finally:
            process.kill()
            process.wait()
    say("all as it should be")


def _on_mariadb(hospital: Hospital, address: str) -> None:
    root = open_engine(make_url(address).set(database="").render_as_string(hide_password=False))
    with root.begin() as connection:
        connection.execute(text("CREATE DATABASE hmis CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))
    root.dispose()
    say("from SQLite to MariaDB")
    target = make_url(address).set(database="hmis").render_as_string(hide_password=False)
    hospital.hmis("move", "--to", target)
    hospital.settings["HMIS_DATABASE_URL"] = target

    for copy in ([], ["--portable"]):
        _disaster(hospital, target, copy)
    hospital.hmis("audit", "verify")


def _disaster(hospital: Hospital, target: str, copy: list[str]) -> None:
    say(f"back to a random second, from a {'portable' if copy else 'physical'} copy")
    with hospital.serving(), Load(3, "127.0.0.1", PORT) as load:
        time.sleep(5)
        hospital.hmis("backup", "create", *copy)
        backed_up = time.time()
        time.sleep(20)
        load.tell("work, a backup in the midst of it")
    hospital.hmis("backup", "verify")
    second = random.randint(int(backed_up) + 1, int(time.time()) - 5)
    last = max(answered for _, answered in load.when.values())
    second = min(second, int(last) - 1)
    engine = open_engine(target)
    with engine.begin() as connection:
        connection.execute(text("SET foreign_key_checks = 0"))
        gone = connection.execute(text("DELETE FROM patients")).rowcount
    engine.dispose()
    print(f"    the disaster: {gone} patients deleted behind the application's back")
    hospital.hmis("backup", "restore", "--replace", "--to-time", f"{datetime.fromtimestamp(second, UTC):%F %T}+00:00")
    there = hospital.patients()
    before = {id for id, (_, answered) in load.when.items() if answered < second}
    after = {id for id, (sent, _) in load.when.items() if sent >= second}
    print(f"    back to {datetime.fromtimestamp(second, UTC):%T} UTC, {second - backed_up:.0f} s after the backup")
    print(f"    acknowledged before it: {len(before)}, of them missing: {len(before - there)}")
    print(f"    sent from it on: {len(after)}, of them there: {len(after & there)}")
    expect(bool(before) and bool(after), "nothing was written before that second, or nothing after it")
    expect(before <= there and not after & there, "it is not that second that came back")


def person(role: str, name: str) -> list[str]:
    """What `hmis staff add` is told of somebody."""
    who = {"role": role, "username": name, "given-name": name.title(), "family-name": "Obi", "password": PASSWORD}
    return [word for option, value in who.items() for word in (f"--{option}", value)]


if __name__ == "__main__":
    main()
