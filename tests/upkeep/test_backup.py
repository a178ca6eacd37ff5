"""Backups of the embedded database: made while people write, proven, brought back."""

from __future__ import annotations

import io
import re
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select

from hmis.core import backups, clock
from hmis.core.config import Settings, UnsafeSettings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.core.trail.verify import verify as verify_audit
from hmis.patients.models import Patient
from hmis.upkeep import Refused, archive
from hmis.upkeep.backup import create, spared, worth_keeping
from hmis.upkeep.commands import backup
from hmis.upkeep.drill import verify
from hmis.upkeep.identity import identities, new_key, of_secret, recipients
from hmis.upkeep.restore import restore
from tests.upkeep.conftest import seal


def patients_in(settings: Settings) -> set[str]:
    store = Store(settings)
    with store.session(writes=False) as session:
        found = {str(id) for id in session.scalars(select(Patient.id))}
    store.close()
    return found


def test_a_backup_made_while_people_write_holds_all_that_was_acknowledged_before_it_began(
    store: Store, busy: Callable[[], Any], elsewhere: Settings
) -> None:
    with busy() as journal:
        while len(journal.acknowledged) < 15:
            threading.Event().wait(0.05)
        seal(store)
        made = create(store)
    assert made.holds_until is not None
    before, after = journal.before(made.holds_until), journal.after(made.holds_until + timedelta(seconds=made.seconds))
    assert before
    assert len(journal.acknowledged) > len(before), "they went on writing"

    drill = verify(store.settings)
    assert drill.outcome.ok, drill.outcome.said
    assert any("charts, each as the hospital showed it" in said for said in drill.proof.looked_at)

    done = restore(elsewhere)
    there = patients_in(elsewhere)
    assert before <= there
    assert not there & after
    assert not done.aside

    back = Store(elsewhere)
    assert verify_audit(back).clean
    with back.session(writes=False) as session:
        told = session.connection().exec_driver_sql("SELECT record_type FROM audit_events").scalars().all()
        awake = session.connection().exec_driver_sql("SELECT COUNT(*) FROM sign_ins WHERE ended_at IS NULL").scalar()
    back.close()
    assert any("hmis backup restore" in said for said in told), "the audit tells that it was brought back"
    assert awake == 0, "no session comes back to life"


def test_a_hospital_with_patients_is_one_on_another_machine_too(store: Store, elsewhere: Settings) -> None:
    secret = "kT5-vQ9_wZ2xL8nR4bY7cJ1mD6fG3hS0aE"
    hospital = Store(Settings(**{**store.settings.model_dump(), "env": "production", "secret_key": secret}))
    create(hospital)
    hospital.close()
    restore(elsewhere)
    assert Settings(data_dir=elsewhere.data_dir).production
    with pytest.raises(UnsafeSettings, match="HMIS_ENV says development"):
        Settings(data_dir=elsewhere.data_dir, env="development")


def test_a_release_that_was_gone_back_to_proves_and_restores_over_the_schema_of_the_later_one(
    store: Store, patient: dict[str, Any], elsewhere: Settings
) -> None:
    raw = open_engine(store.settings.url)
    with raw.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE patients ADD COLUMN remark VARCHAR(200)")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of a later release'")
    raw.dispose()
    create(store)
    drill = verify(store.settings)
    assert drill.outcome.ok, drill.outcome.said
    restore(elsewhere)
    assert patients_in(elsewhere) == {patient["id"]}


def _flip(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


def _first_piece(raw: bytes) -> bytes:
    """What age's head and its first 64 KiB, whole and well authenticated, take."""
    head = raw.index(b"\n", raw.index(b"\n--- ") + 1) + 1
    assert len(raw) > head + 16 + 65536 + 16 + 1
    return raw[: head + 16 + 65536 + 16]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_flip, "damaged"),
        (lambda raw: raw[:-1], "damaged"),
        (_first_piece, "damaged"),
        (lambda raw: raw[:150], "is empty or cut off"),
        (lambda raw: b"", "is empty or cut off"),
    ],
    ids=["one bit", "the last byte", "cut off between two pieces", "cut off in its head", "empty"],
)
def test_what_was_changed_or_cut_off_is_not_opened(store: Store, spoil: Any, said: str) -> None:
    store.settings.anchor.write_text(secrets.token_hex(100_000))  # so that there is more than one piece
    file = store.settings.backups / create(store).file
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(Refused, match=said):
        verify(store.settings)
    told = backups.state(store.settings).drilled
    assert told.last is not None
    assert not told.last.ok
    assert told.last_good is None


def test_a_backup_opens_with_the_key_in_the_safe_and_with_no_other(store: Store, tmp_path: Path) -> None:
    safe = tmp_path / "safe.key"
    whose = new_key(safe)
    hospital = Settings(**{**store.settings.model_dump(), "backup_also_for": whose})
    made = create(Store(hospital))
    hospital.backup_key_path.unlink()
    new_key(hospital.backup_key_path)
    with pytest.raises(Refused, match="does not open with the key here"):
        verify(hospital)
    assert verify(Settings(**{**hospital.model_dump(), "backup_key_file": safe})).outcome.file == made.file


def test_a_random_secret_of_the_deployment_opens_next_year_what_it_encrypted_today(store: Store) -> None:
    secret = "r" * 40
    assert str(of_secret(secret)) == "AGE-SECRET-KEY-1KNNREKCMHF9X9QKY206X69RX3HKGZLA6QCCSUJ3QLJKW234D7J7S6CQ9Y3"
    hospital = Settings(**{**store.settings.model_dump(), "backup_key": secret})
    create(Store(hospital))
    with pytest.raises(Refused, match="does not open with the key here"):
        verify(store.settings)
    assert verify(hospital).outcome.ok
    with pytest.raises(Refused, match="neither an age identity nor 32 random characters"):
        verify(Settings(**{**hospital.model_dump(), "backup_key": "summer2026"}))


def _tampered(store: Store, folder: Path, statement: str, *values: Any) -> None:
    """The newest backup, with its copy of the database changed, as though the copying had gone wrong."""
    (file,) = store.settings.backups.glob("*.age")
    folder.mkdir()
    manifest = archive.unpack(file, folder, identities(store.settings), lambda done, of: None)
    with closing(sqlite3.connect(folder / "database.sqlite3")) as connection, connection:
        connection.execute(statement, values)
    manifest.members = archive.members_of(folder)
    archive.pack(folder, manifest, file, recipients(store.settings), lambda done, of: None)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM patient_names WHERE word = 'chukwu'", "patient_names has .* rows, and had"),
        ("DELETE FROM sign_ins", "sign_ins has 0 rows, and had"),
        ("UPDATE patients SET family_name = 'Okafor'", "the chart of patient .* is not what it was"),
        ("UPDATE patients SET phone = '+2348000000000'", "record_edited: its phone is not what was last written"),
        ("DELETE FROM audit_seals", "audit_seals has 0 rows, and had"),
        ("UPDATE audit_seals SET head = zeroblob(32)", "is not the one the hospital had"),
        ("UPDATE sign_ins SET staff_id = zeroblob(16)", "refers to nothing in staff"),
        ("UPDATE alembic_version SET version_num = '0001'", "its schema is 0001, and was"),
    ],
)
def test_the_drill_finds_a_copy_that_is_not_what_the_hospital_was(
    store: Store, patient: dict[str, Any], tmp_path: Path, statement: str, said: str
) -> None:
    seal(store)
    create(store)
    _tampered(store, tmp_path / "tampered", statement)
    drill = verify(store.settings)
    assert not drill.outcome.ok
    assert re.search(said, drill.outcome.said)


def test_a_missed_night_and_a_missing_disk_are_told_and_end_in_1(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HMIS_DATA_DIR", str(store.settings.data_dir))
    monkeypatch.setenv("HMIS_DATABASE_URL", store.settings.url)
    run, begin = CliRunner().invoke, datetime.now(UTC)
    assert run(backup, ["create"]).exit_code == 0
    with time_machine.travel(begin + timedelta(hours=27), tick=True):
        seal(store)
        missed = run(backup, ["verify"])
        assert missed.exit_code == 1
        assert re.search(r"2[67] h \d+ min old: a night was missed", missed.output)
        assert backups.state(store.settings).overdue(clock.now())

        monkeypatch.setenv("HMIS_BACKUP_COPY_TO", str(tmp_path / "usb"))
        unplugged = run(backup, ["create"])
        assert isinstance(unplugged.exception, Refused)
        assert "is the disk mounted?" in str(unplugged.exception)
        made = backups.state(store.settings).made
        assert made.last is not None
        assert not made.last.ok
        assert verify(store.settings).outcome.ok, "the backup itself was made"

        (tmp_path / "usb").mkdir()
        threading.Event().wait(1)
        assert run(backup, ["create"]).exit_code == 0
        newest = sorted(store.settings.backups.glob("*.age"))[-1]
        assert (tmp_path / "usb" / newest.name).read_bytes() == newest.read_bytes()
        assert not backups.state(store.settings).overdue(clock.now())
        assert run(backup, ["list"]).exit_code == 0


def test_a_copy_of_the_key_counts_once_it_was_typed_in_from_where_it_lies(store: Store, tmp_path: Path) -> None:
    settings = store.settings
    here = {"HMIS_DATA_DIR": str(settings.data_dir), "HMIS_DATABASE_URL": settings.url}

    def run(*command: str, typed: str = "") -> str:
        return CliRunner(env=here).invoke(backup, [*command], input=typed and f"{typed}\n").output

    create(store)
    assert "nobody has shown a copy" in run("list")
    (identity,) = identities(settings)
    new_key(tmp_path / "other.key")
    for wrong in (
        str(identity)[:-1] + ("P" if str(identity)[-1] == "Q" else "Q"),
        (tmp_path / "other.key").read_text().splitlines()[1],
    ):
        run("confirm-key", typed=wrong)
        assert backups.state(settings).key_copy is None
    in_fours = " ".join(str(identity)[at : at + 4] for at in range(0, len(str(identity)), 4)).lower()
    assert "keep it away from this server" in run("confirm-key", typed=in_fours)
    assert str(identity) not in (settings.data_dir / "backups.json").read_text()
    assert "copy of the key: shown" in run("list")
    threading.Event().wait(1)
    create(store)
    assert "copy of the key: shown" in run("list"), "the next backup is for the same key"

    settings.backup_key_path.unlink()
    new_key(settings.backup_key_path)
    threading.Event().wait(1)
    create(store)
    assert "nobody has shown a copy" in run("list"), "that was a copy of another key"


def test_the_last_of_seven_days_four_weeks_and_twelve_months_are_kept(tmp_path: Path) -> None:
    began = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)  # 02:00 in Lagos
    nights = [began - timedelta(days=n, hours=h) for n in range(800) for h in (0, 12)]
    files = [tmp_path / f"hmis-{at:%Y%m%dT%H%M%S}Z.tar.gz.age" for at in nights]
    two_days_on = began + timedelta(hours=49)
    kept = sorted(file.name[5:13] for file in worth_keeping(files, Settings(data_dir=tmp_path), two_days_on))
    days = [f"202611{day}" for day in range(22, 29)]
    weeks = ["20261108", "20261115"]  # Sundays; those of the last two weeks are days as well
    ends = ("0131", "0228", "0331", "0430", "0531", "0630", "0731", "0831", "0930", "1031")
    months = ["20251231", *(f"2026{end}" for end in ends)]
    assert kept == sorted([*days, *weeks, *months])


def test_a_backup_in_the_afternoon_leaves_that_of_the_morning_in_both_places(store: Store, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    settings = Settings(**{**store.settings.model_dump(), "backup_copy_to": tmp_path / "usb"})
    hospital = Store(settings)

    def there() -> list[set[str]]:
        return [{file.name for file in folder.glob("*.age")} for folder in (settings.backups, tmp_path / "usb")]

    with time_machine.travel(datetime(2026, 11, 30, 8, 0, tzinfo=UTC), tick=True) as at:
        morning = create(hospital).file
        at.shift(timedelta(hours=6))
        afternoon = create(hospital).file
        assert there() == [{morning, afternoon}] * 2
        at.shift(timedelta(hours=41))
        third = create(hospital).file
        assert there() == [{morning, afternoon, third}] * 2, "for 48 hours"
        at.shift(timedelta(hours=2))
        fourth = create(hospital).file
        assert there() == [{afternoon, third, fourth}] * 2, "then the last of each day"
    hospital.close()


def test_only_a_drill_of_the_newest_backup_here_says_how_the_backups_are(store: Store, tmp_path: Path) -> None:
    settings = store.settings
    with time_machine.travel(datetime(2026, 11, 30, 8, 0, tzinfo=UTC), tick=True) as at:
        seal(store)
        old = settings.backups / create(store).file
        assert verify(settings).outcome.ok
        proven = backups.state(settings).drilled
        stray = tmp_path / "hmis-20261201T000000Z.tar.gz.age"
        stray.write_bytes(b"another hospital's")
        with pytest.raises(Refused):
            verify(settings, stray)
        assert backups.state(settings).drilled == proven, "a stray file raises no alarm"

        at.shift(timedelta(hours=1))
        damaged = settings.backups / create(store).file
        damaged.write_bytes(_flip(damaged.read_bytes()))
        with pytest.raises(Refused, match="damaged"):
            verify(settings, damaged)
        alarm = backups.state(settings).drilled
        assert alarm.last is not None
        assert not alarm.last.ok, "the newest counts, named or not"
        assert verify(settings, old).outcome.ok
        assert verify(settings, shutil.copyfile(old, tmp_path / old.name)).outcome.ok
        assert backups.state(settings).drilled == alarm, "a good old file does not clear the alarm"
    assert spared(settings) == {old.name}


def test_what_a_deployment_kept_stays_until_a_day_after_the_next_one_succeeded(store: Store, tmp_path: Path) -> None:
    settings = Settings(**{**store.settings.model_dump(), "backup_copy_to": tmp_path / "usb", "backup_keep_daily": 1})
    (tmp_path / "usb").mkdir()
    here = {"HMIS_DATA_DIR": str(settings.data_dir), "HMIS_DATABASE_URL": settings.url}
    store_with_usb, monday = Store(settings), datetime(2026, 11, 30, 8, 0, tzinfo=UTC)

    def run(*command: str) -> str:
        done = CliRunner(env=here).invoke(backup, [*command], catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    def made() -> str:
        at.shift(timedelta(seconds=2))
        return create(store_with_usb).file

    def there(file: str) -> set[bool]:
        """Whether it is in both places, once there was another backup."""
        made()
        return {(folder / file).exists() for folder in (settings.backups, tmp_path / "usb")}

    with time_machine.travel(monday, tick=True) as at:
        first = made()
        run("hold", first)
        run("deployed", first)
        assert there(first) == {True}, "the same day"
        at.shift(timedelta(days=40))
        second = made()
        run("hold", second)
        assert there(first) == {True}, "the deployment failed: what serves is still the release of the first"
        assert re.search(rf"{first}\s+\(before a deployment: held\)", run("list"))
        at.shift(timedelta(days=2))
        third = made()
        run("hold", third)
        run("deployed", third)
        at.shift(timedelta(hours=23))
        assert (there(first), there(second), there(third)) == ({True}, {True}, {True})
        at.shift(timedelta(hours=2))
        assert (there(first), there(second), there(third)) == ({False}, {False}, {True})
        run("deployed")
        assert len(backups.state(settings).held) == 1, "who is long gone is forgotten"
        with pytest.raises(Refused, match="there is no hmis-elsewhere"):
            run("hold", "hmis-elsewhere.tar.gz.age")
    store_with_usb.close()


def test_nothing_is_restored_over_records_or_under_a_running_server(
    store: Store, patient: dict[str, Any], register: Callable[..., dict[str, Any]]
) -> None:
    create(store)
    later = register()
    with pytest.raises(Refused, match=r"in use .* stop the server first"):
        restore(store.settings, replace=True)
    store.close()
    with pytest.raises(Refused, match="there are records here already"):
        restore(store.settings)
    with pytest.raises(Refused, match="SQLite goes back to the time of a backup"):
        restore(store.settings, until=datetime.now(UTC) + timedelta(days=1), replace=True)
    assert later["id"] in patients_in(store.settings), "nothing was touched"

    done = restore(store.settings, replace=True)
    assert patients_in(store.settings) == {patient["id"]}
    aside = Settings(**{**store.settings.model_dump(), "database_url": f"sqlite:///{done.aside[0]}"})
    assert later["id"] in patients_in(aside), "what was there before lies aside, whole"


def test_a_backup_that_cannot_be_written_leaves_nothing_in_the_clear(store: Store) -> None:
    shutil.rmtree(store.settings.backups, ignore_errors=True)
    store.settings.backups.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="exists"):
        create(store)
    left = [path.name for path in store.settings.data_dir.iterdir() if path.name.startswith("upkeep-")]
    assert left == []


def test_a_drill_does_not_fill_the_log_with_statements_that_take_long_by_nature(
    log: io.StringIO, store: Store, slow_database: None
) -> None:
    create(store)
    log.truncate(0)
    assert verify(Settings(**{**store.settings.model_dump(), "slow_query_ms": 1})).outcome.ok
    assert "slow_statement" not in log.getvalue()
