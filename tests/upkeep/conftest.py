"""A hospital with a backup key, and people who write without a pause while something is done to it."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, make_url

from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.core.trail.seals import seal_all
from hmis.upkeep.identity import new_key
from tests import mariadb
from tests.conftest import SERVER, Person

_serial = itertools.count(1)
MISSING = [
    tool
    for tool in ("mariadbd", "mariabackup", "mariadb-dump", "mariadb-binlog")
    if not shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin")
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """These bring their own databases, of either kind: run once, with SQLite."""
    if SERVER:
        ours = {item for item in items if item.path.is_relative_to(Path(__file__).parent)}
        config.hook.pytest_deselected(items=list(ours))
        items[:] = [item for item in items if item not in ours]


@pytest.fixture
def store(store: Store) -> Store:
    """The hospital of the test, able to make backups, its audit sealed so far."""
    new_key(store.settings.backup_key_path)
    seal(store)
    return store


def seal(store: Store) -> None:
    """What the keeper does beside the requests."""
    store.spool.move(store.writing)
    seal_all(store, older_than=timedelta(0))


@dataclass
class Journal:
    """What was acknowledged, as those who wrote it know: id, when it was sent, when the answer had come."""

    acknowledged: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def before(self, instant: datetime) -> set[str]:
        """Acknowledged before then."""
        return {id for id, _, answered in self.acknowledged if answered < instant}

    def after(self, instant: datetime) -> set[str]:
        """Not even sent before then."""
        return {id for id, sent, _ in self.acknowledged if sent >= instant}


@pytest.fixture
def busy(app: Flask) -> Callable[[], Any]:
    """While it lasts, three people at the window register patients without a pause."""

    @contextmanager
    def writing(may_fail: bool = False) -> Iterator[Journal]:
        journal, stop = Journal(), threading.Event()
        people = [Person(app, "recordofficer") for _ in range(3)]

        def register(person: Person) -> None:
            while not stop.is_set():
                name = f"Busy{next(_serial)}"
                body = {"given_name": name, "family_name": "Òjó", "sex": "male", "born_on": "1988-02-29"}
                sent = datetime.now(UTC)
                answer = person.post("/patients", {**body, "confirmed": True})
                if answer.status_code == 201:
                    journal.acknowledged.append((answer.json["id"], sent, datetime.now(UTC)))  # type: ignore[index]
                elif not may_fail:
                    journal.surprises.append(answer.text)

        threads = [threading.Thread(target=register, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        try:
            yield journal
        finally:
            stop.set()
            for thread in threads:
                thread.join(90)
        assert not any(thread.is_alive() for thread in threads)
        assert not journal.surprises

    return writing


@pytest.fixture
def elsewhere(store: Store, tmp_path: Path) -> Settings:
    """Another machine, on which nothing was installed but the backup key from the safe."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Settings(
        data_dir=folder,
        backup_dir=store.settings.backups,
        backup_key_file=store.settings.backup_key_path,
        password_memory_kib=8,
    )


class Server:
    """A MariaDB of our own, with a binary log that is safe on the disk at each commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.starts()

    def starts(self) -> None:
        """Start it, on what was there before."""
        self.process, self.address = mariadb.launch(self.folder, "--log-bin=binlog", "--sync-binlog=1", "--server-id=1")

    def database(self, name: str) -> str:
        """The address of a new database."""
        address = make_url(self.address).set(database=name).render_as_string(hide_password=False)
        server = open_engine(make_url(self.address).set(database="").render_as_string(hide_password=False))
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        server.dispose()
        return address

    def dies(self) -> None:
        """As when the power goes."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if MISSING:
        said = f"NOT TESTED: {', '.join(MISSING)} not installed: apt-get install mariadb-server mariadb-backup"
        if os.environ.get("HMIS_REQUIRE_MARIADB") == "1":
            pytest.fail(said)
        pytest.skip(said)
    found = Server(tmp_path_factory.mktemp("mariadb"))
    yield found
    found.dies()


@pytest.fixture
def slow_database() -> Iterator[None]:
    """Every statement takes two milliseconds longer."""

    def wait(*_: Any) -> None:
        time.sleep(0.002)

    event.listen(Engine, "after_cursor_execute", wait)
    yield
    event.remove(Engine, "after_cursor_execute", wait)
