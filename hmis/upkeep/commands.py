"""`hmis backup` and `hmis move`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.progress import DownloadColumn

from hmis.core import backups, clock, migrate
from hmis.core.config import Settings
from hmis.core.store import Store
from hmis.terminal import out, progress
from hmis.upkeep import Refused, drill
from hmis.upkeep import backup as making
from hmis.upkeep import move as moving
from hmis.upkeep import restore as bringing_back
from hmis.upkeep.identity import identities, new_key, shown_copy
from hmis.upkeep.room import size

_file = click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_new_folder = click.Path(file_okay=False, path_type=Path)


@click.group()
def backup() -> None:
    """Backups: make one, prove the newest, bring one back. docs/operations.md tells it step by step."""


@backup.command("new-key")
def make_key() -> None:
    """Make the key that backups are encrypted with and opened by."""
    settings = Settings()
    if settings.backup_key:
        raise Refused("HMIS_BACKUP_KEY is set, and is the key: `hmis backup show-key` shows it as age takes it")
    public = new_key(settings.backup_key_path)
    _say(f"{settings.backup_key_path} made, for {public}")
    _say(
        "Print it (`hmis backup show-key`) and lock it away: without it no backup opens, and with it anybody opens all."
    )
    _say("Then type it in from the paper: `hmis backup confirm-key`.")


@backup.command("show-key")
def show_key() -> None:
    """Show the key as `age` takes it, to be printed and locked away."""
    for identity in identities(Settings()):
        _say(f"# public key: {identity.to_public()}\n{identity}")


@backup.command("confirm-key")
@click.option("--key", prompt="The key, from its copy", hide_input=True, help="Better left out: then it is asked for.")
def confirm_key(key: str) -> None:
    """Show that a copy of the key is kept away from this server, by typing it in from there."""
    settings = Settings()
    public = shown_copy(settings, key)
    backups.note_key_copy(settings, public)
    _say(f"that copy opens the backups made here, for {public}; keep it away from this server")


@backup.command()
@click.option("--portable", is_flag=True, help="MariaDB: a dump, which any MariaDB takes, rather than its files.")
def create(portable: bool) -> None:
    """Back up database, audit keys, anchor and spool while people work, encrypted; take away those past their time."""
    store = Store(Settings())
    try:
        if not migrate.current(store.engine):
            raise Refused("this database is not ready for this release: run `hmis init` first")
        with progress("backup", column=DownloadColumn()) as tick:
            made = making.create(store, portable=portable, tick=tick)
    finally:
        store.close()
    _say(f"{made.file}: {made.said}; {made.seconds:.1f} s")


@backup.command()
@click.argument("name")
def hold(name: str) -> None:
    """Keep the backup NAME, made before a deployment, until a day after the next deployment succeeded."""
    settings = Settings()
    if not (settings.backups / name).is_file():
        raise Refused(f"there is no {name} in {settings.backups}")
    backups.hold(settings, name)
    _say(f"{name} stays until a day after the next deployment succeeded")


@backup.command()
@click.argument("own", required=False, default="")
def deployed(own: str) -> None:
    """Say that a deployment succeeded: in a day, backups held for earlier ones may go; OWN, made before it, stays."""
    backups.note_deployed(Settings(), own)


@backup.command()
@_file
def verify(file: Path | None) -> None:
    """Restore the newest backup (or FILE) into a scratch place and prove it there. Exit code 1: something is wrong.

    Only the newest counts as the drill; how it is with another FILE is told, and written down nowhere.
    """
    with progress("restore", column=DownloadColumn()) as tick:
        found = drill.verify(Settings(), file, tick=tick)
    _tell(found.proof)
    outcome = found.outcome
    _say(f"{outcome.file}: {'NOT ' if not outcome.ok else ''}proven in {outcome.seconds:.1f} s")
    if outcome.ok:
        _say(outcome.said)
    sys.exit(0 if outcome.ok else 1)


@backup.command()
@_file
@click.option("--to-time", "until", help='MariaDB: up to this second, on the hospital\'s clock: "2026-11-28 14:05:00".')
@click.option("--binlogs", type=_folder, help="Folder of the binary log; default: that of the running server.")
@click.option("--datadir", type=_new_folder, help="MariaDB: make a data directory, and load no server.")
@click.option("--replace", is_flag=True, help="There are records here already: set them aside. Nothing is erased.")
@click.option("--anyway", is_flag=True, help="Also a backup that could not be proven whole.")
@click.option("--audit-later", is_flag=True, help="Sooner back: run `hmis audit verify` afterwards instead.")
def restore(
    file: Path | None,
    until: str | None,
    binlogs: Path | None,
    datadir: Path | None,
    replace: bool,
    anyway: bool,
    audit_later: bool,
) -> None:
    """Bring the newest backup back (or FILE), into a deployment that holds no records. The server has to be stopped."""
    settings = Settings()
    with progress("restore", column=DownloadColumn()) as tick:
        done = bringing_back.restore(
            settings,
            file,
            until=_instant(until, settings) if until else None,
            logs=binlogs,
            datadir=datadir,
            replace=replace,
            anyway=anyway,
            audit=not audit_later,
            tick=tick,
        )
    _tell(done.proof)
    for aside in done.aside:
        _say(f"what was here before is in {aside}")
    if datadir is not None:
        _say(f"give {datadir} to the server's user (chown -R mysql: {datadir}) and start MariaDB on it")
    local = settings.local(done.until)
    _say(f"{done.file.name}: back as it was on {local:%d-%b-%Y %H:%M:%S} {settings.time_zone}, in {done.seconds:.1f} s")
    _say("Everybody signs in again. Who left, or changed a password, after that moment: do it again.")


@backup.command("list")
def list_() -> None:
    """The backups here, the newest first, and how the last one and the last drill went."""
    settings = Settings()
    known = backups.state(settings)
    held = known.held_files(clock.now())
    for file in making.all_in(settings.backups):
        why = "  (before a deployment: held)" if file.name in held else ""
        _say(f"{settings.local(making.made_at(file)):%d-%b-%Y %H:%M:%S}  {size(file.stat().st_size):>8}  {file}{why}")
    for name, attempts in (("last backup", known.made), ("last drill", known.drilled)):
        last = attempts.last
        _say(f"{name}: never" if last is None else f"{name}: {settings.local(last.at):%d-%b-%Y %H:%M}, {last.said}")
    if known.key_copy is None:
        _warn(backups.NO_COPY)
    else:
        _say(f"copy of the key: shown {settings.local(known.key_copy.shown_at):%d-%b-%Y %H:%M}")
    if known.overdue(clock.now()):
        raise Refused("no backup was made in the last 26 hours")


@click.command()
@click.option("--to", "target", required=True, help="Where to: mysql+pymysql://user:...@host/database, empty.")
def move(target: str) -> None:
    """Move from SQLite to MariaDB or MySQL; each row is read on both sides. The server has to be stopped."""
    settings = Settings()
    with progress("move") as tick:
        moved = moving.move(settings, target, tick=tick)
    for finding in moved.audit.findings:
        _warn(str(finding))
    _say(moved.audit.summary())
    _say(f"{moved.rows:,} rows in {moved.tables} tables, each as it was, in {moved.seconds:.1f} s")
    if not moved.audit.clean:
        sys.exit(1)
    _say("Now set HMIS_DATABASE_URL to the new place and start the server. The SQLite file stays where it is: keep it.")


def _instant(said: str, settings: Settings) -> datetime:
    """A moment as a person writes it: on the hospital's clock, unless a zone stands behind it."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise Refused(f'{said} is no moment: write it as "2026-11-28 14:05:00"') from error
    if moment.microsecond:
        raise Refused("the binary log tells whole seconds: leave the fraction off")
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.time_zone))).astimezone(UTC)


def _tell(proof: drill.Proof) -> None:
    for looked_at in proof.looked_at:
        _say(f"looked at {looked_at}")
    for wrong in proof.wrong + proof.findings:
        _warn(wrong)


def _warn(line: str) -> None:
    out.print(line, style="red", highlight=False, markup=False, soft_wrap=True)


def _say(line: str) -> None:
    out.print(line, highlight=False, markup=False, soft_wrap=True)
