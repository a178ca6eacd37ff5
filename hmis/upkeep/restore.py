"""Bringing a hospital back from a backup: proven in a scratch place first, then put where nothing is lost by it."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, update

from hmis.core import clock
from hmis.core.audit import Act
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.place import remember_production
from hmis.core.store import Store
from hmis.core.trail import disk
from hmis.staff.models import SignIn
from hmis.upkeep import Refused, archive, mariadb, sqlite
from hmis.upkeep.backup import ANCHOR, KEYS, SETTINGS, SPOOL
from hmis.upkeep.drill import Proof, brought_up, newest, prove
from hmis.upkeep.evidence import counted
from hmis.upkeep.identity import identities
from hmis.upkeep.manifest import Kind, Manifest
from hmis.upkeep.room import workplace


@dataclass
class Restored:
    """What was brought back, and where that which was here before lies now."""

    file: Path
    manifest: Manifest
    proof: Proof
    until: datetime
    """Everything acknowledged before then is there."""
    seconds: float
    aside: list[str] = field(default_factory=list)


def restore(
    settings: Settings,
    file: Path | None = None,
    *,
    until: datetime | None = None,
    logs: Path | None = None,
    datadir: Path | None = None,
    replace: bool = False,
    anyway: bool = False,
    audit: bool = True,
    tick: archive.Tick = lambda done, of: None,
) -> Restored:
    """Restore a backup, the newest where none is named, into a deployment where nothing was entered yet.

    `until`: on MariaDB, everything up to that second, by the binary log in `logs`. `datadir`: leave the files of
    MariaDB in that empty folder for a server to be started on, rather than load them into the server of the settings.
    `replace`: there are records here; they are set aside under another name and never erased. `anyway`: also where the
    copy could not be proven whole. Everybody signs in again afterwards. Raises `Refused` or `OSError`.
    """
    clocked = time.monotonic()
    on_sqlite = make_url(settings.url).get_backend_name() == "sqlite"
    chosen = file or newest(settings, before=until)
    _refuse_over_data(settings, on_sqlite, datadir, replace)
    with workplace(settings) as content:
        manifest = archive.unpack(chosen, content, identities(settings), tick)
        _refuse_misfit(manifest, settings, on_sqlite, datadir, until)
        with brought_up(settings, manifest, content) as scratch:
            if until is not None and manifest.binlog is not None:
                mariadb.roll_forward(scratch.url, manifest.binlog, logs or mariadb.live_logs(settings), until)
            proof = prove(manifest, scratch, settings, until=until, audit=audit)
            if proof.wrong and not anyway:
                raise Refused(f"{chosen.name} is not whole: {'; '.join(proof.wrong)}. Nothing was touched here")
            done = Restored(chosen, manifest, proof, until or manifest.began_at, 0.0)
            _finish(scratch, done)
            _put_keys(content / KEYS, settings.keys)
            mark = f"aside_{clock.now():%Y%m%d_%H%M%S}"
            if datadir is None:
                _put_database(scratch, settings, on_sqlite, mark, done)
        if datadir is not None:
            _put_files(content / mariadb.FILES, datadir)
        _put_rest(content, settings, mark, done)
    done.seconds = time.monotonic() - clocked
    return done


def _refuse_over_data(settings: Settings, on_sqlite: bool, datadir: Path | None, replace: bool) -> None:
    if datadir is not None:
        if datadir.exists() and any(datadir.iterdir()):
            raise Refused(f"{datadir} is not empty: move what is in it aside first")
        return
    kind = sqlite if on_sqlite else mariadb
    kind.refuse_unready(settings)
    if not replace and kind.has_records(settings):
        raise Refused("there are records here already; with --replace they are set aside (never erased)")


def _refuse_misfit(
    manifest: Manifest, settings: Settings, on_sqlite: bool, datadir: Path | None, until: datetime | None
) -> None:
    """Refuse what this backup cannot give."""
    of_sqlite = manifest.kind is Kind.SQLITE
    if of_sqlite != on_sqlite:
        here, there = ("SQLite", "MariaDB") if on_sqlite else ("MariaDB", "SQLite")
        raise Refused(f"this is a backup of {there} and HMIS_DATABASE_URL names {here}; restore it there")
    if datadir is not None and manifest.kind is not Kind.MARIADB_FILES:
        raise Refused("a data directory can be made of a physical copy alone")
    if until is None:
        return
    taken = f"{settings.local(manifest.began_at):%d-%b-%Y %H:%M:%S}"
    if of_sqlite:
        raise Refused(f"SQLite goes back to the time of a backup, and to none between: this one is of {taken}")
    if manifest.binlog is None:
        raise Refused(f"the server kept no binary log: this backup goes back to {taken} alone")
    if until < manifest.ended_at:
        raise Refused(f"this backup was made at {taken}, so it knows more than that: take an older one")


def _finish(scratch: Settings, done: Restored) -> None:
    """What has to be done in the copy before people meet it."""
    store = Store(scratch)
    try:
        store.spool.move(store.writing)
        with store.writing.begin() as connection:
            # A session that was ended since, of somebody who has left perhaps, must not come back to life.
            connection.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=clock.now()))
        store.tell_now(None, Act.IMPORT, f"hmis backup restore: {done.file.name} to {clock.iso(done.until)}")
    finally:
        store.close()


def _put_database(scratch: Settings, settings: Settings, on_sqlite: bool, mark: str, done: Restored) -> None:
    kind = sqlite if on_sqlite else mariadb
    if aside := kind.set_aside(settings, mark):
        done.aside.append(aside)
    if on_sqlite:
        sqlite.settle(sqlite.file_of(scratch.url))
        sqlite.put(sqlite.file_of(scratch.url), settings)
        return
    mariadb.hand_over(scratch.url, settings)
    sent, arrived = _counts(scratch), _counts(settings)
    if sent != arrived:
        wrong = ", ".join(sorted(name for name in sent if sent[name] != arrived.get(name)))
        raise Refused(f"not all rows arrived in the database of HMIS_DATABASE_URL: {wrong}")


def _counts(settings: Settings) -> dict[str, int]:
    engine = open_engine(settings.url, patience=mariadb.PATIENCE)
    try:
        with engine.connect() as connection:
            return counted(connection)
    finally:
        engine.dispose()


def _put_keys(found: Path, keys: Path) -> None:
    """Bring the audit keys back beside those that are here. Raises `Refused` where one differs from its copy."""
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for key in sorted(found.glob("*.key")):
        here = keys / key.name
        if not here.exists():
            disk.replace(here, key.read_bytes())
        elif here.read_bytes() != key.read_bytes():
            raise Refused(f"{here} is not the key of that name in the backup: one of them was edited; set it aside")


def _put_files(found: Path, datadir: Path) -> None:
    datadir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (found / mariadb.LOG).unlink()
    for part in found.iterdir():
        shutil.move(part, datadir / part.name)


def _put_rest(content: Path, settings: Settings, mark: str, done: Restored) -> None:
    """The anchor, and what could never be moved into the audit. What waits in the spool here stays: it is true."""
    if settings.anchor.exists():
        aside = settings.anchor.with_name(f"{settings.anchor.name}.{mark}")
        settings.anchor.rename(aside)
        done.aside.append(str(aside))
    if (content / ANCHOR).exists():
        settings.anchor.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(settings.anchor, (content / ANCHOR).read_bytes())
    refused = content / SPOOL / "refused.jsonl"
    if refused.exists() and not (settings.spool / refused.name).exists():
        settings.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        disk.replace(settings.spool / refused.name, refused.read_bytes())
    disk.replace(settings.data_dir / f"restored-{SETTINGS}", (content / SETTINGS).read_bytes())
    if "HMIS_ENV=production" in (content / SETTINGS).read_text().splitlines():
        remember_production(settings)
