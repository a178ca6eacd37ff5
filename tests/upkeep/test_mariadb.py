"""MariaDB: back to a random second, out of a dead server, by a portable copy."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from hmis.core import migrate
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.core.trail.verify import verify as verify_audit
from hmis.upkeep import Refused, tools
from hmis.upkeep.backup import create
from hmis.upkeep.drill import verify
from hmis.upkeep.restore import restore
from tests.upkeep.conftest import Server, seal
from tests.upkeep.test_backup import patients_in

_names = itertools.count(1)


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    """A hospital on that server."""
    address = server.database(f"hospital{next(_names)}")
    migrate.prepare(address)
    return Settings(data_dir=tmp_path, database_url=address, password_memory_kib=8)


def waited_for(journal: Any, many: int) -> None:
    target = len(journal.acknowledged) + many
    while len(journal.acknowledged) < target:
        threading.Event().wait(0.05)


def whole_seconds(first: datetime, last: datetime) -> list[datetime]:
    """Every full second between two instants."""
    begin = first.replace(microsecond=0) + timedelta(seconds=1)
    return [begin + timedelta(seconds=n) for n in range(int((last - begin).total_seconds()) + 1)]


@pytest.mark.parametrize(("portable", "kind"), [(False, "physical copy"), (True, "portable dump")])
def test_after_a_disaster_a_random_second_comes_back_with_all_before_it_and_nothing_after(
    portable: bool, kind: str, store: Store, settings: Settings, busy: Callable[[], Any]
) -> None:
    with busy() as journal:
        waited_for(journal, 9)
        seal(store)
        made = create(store, portable=portable)
        backed_up_at = datetime.now(UTC)
        assert kind in made.said
        waited_for(journal, 9)
        threading.Event().wait(3)
    second = random.choice(whole_seconds(backed_up_at, journal.acknowledged[-1][2]))
    before, after = journal.before(second), journal.after(second)
    assert before > journal.before(backed_up_at) or second - backed_up_at < timedelta(seconds=1)

    assert verify(settings).outcome.ok
    with pytest.raises(Refused, match="stop the server first"):
        restore(settings, until=second, replace=True)
    store.close()
    engine = open_engine(settings.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        connection.exec_driver_sql("DELETE FROM patients")  # the disaster
    engine.dispose()
    with pytest.raises(Refused, match="take an older one"):
        restore(settings, settings.backups / made.file, until=made.holds_until, replace=True)

    done = restore(settings, until=second, replace=True)
    there = patients_in(settings)
    assert before <= there, f"back to {second}"
    assert not there & after, f"back to {second}"
    assert not done.proof.findings
    assert len(done.aside) == 2, "the tables that were there, and the anchor"
    back = Store(settings)
    assert verify_audit(back).clean
    back.close()


def test_a_server_that_died_at_work_comes_back_with_all_it_ever_acknowledged(
    server: Server, store: Store, settings: Settings, busy: Callable[..., Any], tmp_path: Path
) -> None:
    try:
        with busy(may_fail=True) as journal:
            waited_for(journal, 6)
            create(store)
            waited_for(journal, 9)
            server.dies()
            threading.Event().wait(0.2)
        store.close()
        _comes_back(server, settings, journal, tmp_path)
    finally:
        server.dies()
        server.starts()


def _comes_back(server: Server, settings: Settings, journal: Any, tmp_path: Path) -> None:
    second = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    datadir = tmp_path / "new" / "data"
    done = restore(settings, until=second, logs=server.folder / "data", datadir=datadir)
    assert not done.proof.wrong
    new = Server(datadir.parent)
    try:
        address = make_url(new.address).set(database=make_url(settings.url).database)
        there = patients_in(
            Settings(**{**settings.model_dump(), "database_url": address.render_as_string(hide_password=False)})
        )
        assert {id for id, _, _ in journal.acknowledged} <= there
    finally:
        new.dies()


def test_a_portable_copy_made_while_people_write_is_proven_and_goes_to_another_server(
    server: Server, store: Store, settings: Settings, busy: Callable[[], Any], tmp_path: Path
) -> None:
    with busy() as journal:
        waited_for(journal, 6)
        made = create(store, portable=True)
        waited_for(journal, 3)
    assert "portable dump" in made.said
    assert made.holds_until is not None
    assert verify(settings).outcome.ok
    elsewhere = Settings(
        data_dir=tmp_path / "new",
        database_url=server.database(f"new{next(_names)}"),
        backup_dir=settings.backups,
        backup_key_file=settings.backup_key_path,
    )
    restore(elsewhere)
    assert journal.before(made.holds_until) <= patients_in(elsewhere)


def test_a_user_without_the_rights_is_told_which_and_never_its_hash(
    settings: Settings,
) -> None:
    url, user = make_url(settings.url), f"poor{next(_names)}"
    root = open_engine(settings.url)
    with root.connect() as connection:
        connection.exec_driver_sql(f"CREATE USER {user}@localhost IDENTIFIED BY 'told-nobody'")
        connection.exec_driver_sql(f"GRANT ALL ON `{url.database}`.* TO {user}@localhost")
    poor = url.set(username=user, password="told-nobody").render_as_string(hide_password=False)
    hospital = Store(Settings(**{**settings.model_dump(), "database_url": poor, "backup_key": "r" * 40}))
    with pytest.raises(
        Refused, match=r"lacks PROCESS, RELOAD.*GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR"
    ) as no:
        create(hospital)
    with root.connect() as connection:
        shown = " / ".join(row[0] for row in connection.exec_driver_sql(f"SHOW GRANTS FOR {user}@localhost"))
        connection.exec_driver_sql(f"GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO {user}@localhost")
    assert "IDENTIFIED BY PASSWORD '*" in shown
    assert "PASSWORD '*" not in str(no.value)
    assert "PASSWORD (not shown)" in tools.told(shown), "of whatever else may quote it"
    assert "PASSWORD '*" not in tools.told(shown)
    hospital.engine.dispose()
    assert create(hospital).ok
    hospital.close()
    root.dispose()
