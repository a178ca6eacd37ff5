"""Making a backup: copied while people write, encrypted before it leaves, kept as long as the settings say."""

from __future__ import annotations

import os
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from hmis.core import backups, clock
from hmis.core.audit import Act
from hmis.core.backups import Outcome
from hmis.core.config import Settings
from hmis.core.store import Store
from hmis.core.trail import disk
from hmis.upkeep import Refused, archive, mariadb, sqlite
from hmis.upkeep.evidence import revision_of
from hmis.upkeep.identity import recipients
from hmis.upkeep.manifest import Kind, Manifest
from hmis.upkeep.room import refuse_without_room, size, workplace

_NAME = re.compile(r"hmis-(\d{8}T\d{6})Z\.tar\.gz\.age")
_SECRET = {"secret_key", "database_url", "backup_key"}
_RECENT = timedelta(hours=48)

KEYS, ANCHOR, SPOOL, SETTINGS = "audit-keys", "anchor.log", "spool", "settings.env"
"""What lies beside the database in the archive."""


def create(store: Store, *, portable: bool = False, tick: archive.Tick = lambda done, of: None) -> Outcome:
    """Make a backup, copy it to the second place and take away those past their time; how it went is written down.

    Raises `Refused` or `OSError`, which is written down as well. A backup that was made but could not be copied to the
    second place is kept, and is a failure all the same.
    """
    began, clocked = clock.now(), time.monotonic()
    try:
        backups.note_keys(store.settings, {str(whose) for whose in recipients(store.settings)})
        store.refuse_without_room()  # on a full disk MariaDB waits for room, and we would for it
        with workplace(store.settings) as content:
            file, said = _made(store, content, began, portable, tick)
            copied = _copied(file, store.settings.backup_copy_to)
        gone = _thin_out(store.settings)
        outcome = Outcome(
            at=began,
            ok=True,
            said=f"{said}, {size(file.stat().st_size)}{copied}; {gone} older taken away",
            seconds=time.monotonic() - clocked,
            file=file.name,
            size_bytes=file.stat().st_size,
            holds_until=began,
        )
    except Exception as error:
        backups.note_made(store.settings, Outcome.failed(began, error, time.monotonic() - clocked))
        raise
    backups.note_made(store.settings, outcome)
    return outcome


def all_in(folder: Path) -> list[Path]:
    """The backups in a folder, the newest first."""
    return sorted((file for file in folder.glob("hmis-*.age") if _NAME.fullmatch(file.name)), reverse=True)


def made_at(file: Path) -> datetime:
    """When a backup was begun, by its name. Raises `Refused` for another file."""
    named = _NAME.fullmatch(file.name)
    if named is None:
        raise Refused(f"{file.name} is not named as a backup is: hmis-20261128T020000Z.tar.gz.age")
    return datetime.strptime(named[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def worth_keeping(files: list[Path], settings: Settings, now: datetime) -> set[Path]:
    """All backups of the last 48 hours, and the last of each day, week and month as far back as the settings name.

    The newest in any case. Of a day that goes wrong the clean copy of its morning is there, however many followed it.
    """
    newest_first = sorted(files, key=made_at, reverse=True)
    kept = {*newest_first[:1], *(file for file in files if now - made_at(file) <= _RECENT)}
    dated = [(settings.day_of(made_at(file)), file) for file in newest_first]
    for many, part in (
        (settings.backup_keep_daily, lambda day: day),
        (settings.backup_keep_weekly, lambda day: day.isocalendar()[:2]),
        (settings.backup_keep_monthly, lambda day: (day.year, day.month)),
    ):
        last: dict[object, Path] = {}
        for day, file in dated:
            last.setdefault(part(day), file)
        kept.update(list(last.values())[:many])
    return kept


def spared(settings: Settings) -> set[str]:
    """Backups kept whatever their age: the one proven last, and those held for the sake of a deployment."""
    known = backups.state(settings)
    good = known.drilled.last_good
    return known.held_files(clock.now()) | ({good.file} if good else set())


def _made(store: Store, content: Path, began: datetime, portable: bool, tick: archive.Tick) -> tuple[Path, str]:
    """The finished file, and what is in it, in words."""
    settings = store.settings
    whose = recipients(settings)
    settings.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = settings.backups / f"hmis-{began:%Y%m%dT%H%M%S}Z.tar.gz.age"
    if target.exists():
        raise Refused(f"{target.name} is there already: two backups in one second")
    store.tell(None, Act.EXPORT, "hmis backup create")
    # In this order nothing can be missed: what is moved out of the spool meanwhile is in the database by then, a seal
    # in the anchor is in the database, and the key of an event is in the folder of keys.
    store.spool.copy_to(content / SPOOL)
    if settings.anchor.exists():
        shutil.copyfile(settings.anchor, content / ANCHOR)
    manifest = _copy_database(store, content, began, portable)
    (content / KEYS).mkdir()
    for key in settings.keys.glob("*.key"):
        shutil.copyfile(key, content / KEYS / key.name)
    (content / SETTINGS).write_text(_plain(settings))
    manifest.members = archive.members_of(content)
    refuse_without_room(settings.backups, manifest.size_bytes, settings.disk_reserve_bytes)
    archive.pack(content, manifest, target, whose, tick)
    words = {
        Kind.SQLITE: "SQLite, online copy",
        Kind.MARIADB_FILES: "MariaDB, physical copy",
        Kind.MARIADB_DUMP: "MariaDB, portable dump",
    }
    where = "" if manifest.binlog is None else f" at {manifest.binlog.file}:{manifest.binlog.position}"
    return target, words[manifest.kind] + where


def _copy_database(store: Store, content: Path, began: datetime, portable: bool) -> Manifest:
    reserve = store.settings.disk_reserve_bytes
    if store.engine.dialect.name == "sqlite":
        refuse_without_room(content, sqlite.size_of(sqlite.file_of(store.settings.url)), reserve)
        kind, told, binlog = Kind.SQLITE, sqlite.copy(store, content, began), None
    else:
        files = None if portable else mariadb.files_within_reach(store)
        refuse_without_room(content, mariadb.size_of(store, files), reserve)
        made = mariadb.copy(store, content, began, files)
        kind, told, binlog = made.kind, made.evidence, made.binlog
    with store.engine.connect() as connection:
        revision = revision_of(connection)
    return Manifest(
        kind=kind,
        began_at=began,
        ended_at=clock.now(),
        release=version("hmis"),
        revision=revision,
        hospital=store.settings.hospital_name,
        database="" if kind is Kind.SQLITE else str(store.engine.url.database),
        binlog=binlog,
        evidence=told,
        members={},
    )


def _copied(file: Path, second: Path | None) -> str:
    """Copy to the second place, whole or not at all, and read it back there."""
    if second is None:
        return ""
    if not second.is_dir():
        raise Refused(f"{file.name} was made, but {second} (HMIS_BACKUP_COPY_TO) is no folder: is the disk mounted?")
    refuse_without_room(second, file.stat().st_size)
    unfinished, told = second / f".{file.name}.unfinished", sha256()
    try:
        with file.open("rb") as source, unfinished.open("wb") as target:
            while piece := source.read(1 << 20):
                told.update(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        with unfinished.open("rb") as written:
            found = sha256()
            while piece := written.read(1 << 20):
                found.update(piece)
        if found.digest() != told.digest():
            raise Refused(f"{file.name} was made, but reads otherwise in {second}: that disk cannot be trusted")
        unfinished.rename(second / file.name)
        disk.settle(second)
    finally:
        unfinished.unlink(missing_ok=True)
    return f", copied to {second}"


def _thin_out(settings: Settings) -> int:
    """Take away backups past their time, here and in the second place; never one that is `spared`."""
    spare = spared(settings)
    gone = 0
    for folder in filter(None, (settings.backups, settings.backup_copy_to)):
        files = all_in(folder)
        kept = worth_keeping(files, settings, clock.now())
        for file in files:
            if file not in kept and file.name not in spare:
                file.unlink()
                gone += 1
    return gone


def _plain(settings: Settings) -> str:
    """The settings in force, without secrets, as lines for the environment."""
    lines = [
        f"HMIS_{name.upper()}={'' if value is None else value}"
        for name, value in settings.model_dump().items()
        if name not in _SECRET
    ]
    return "\n".join(["# HMIS_SECRET_KEY, HMIS_DATABASE_URL and HMIS_BACKUP_KEY are secrets, not in here", *lines, ""])
