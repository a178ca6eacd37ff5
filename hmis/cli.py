"""The `hmis` command."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import structlog
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from hmis.app import create_app
from hmis.console.shell import HospitalShell
from hmis.console.sign_in import ask_again, sign_in_at_console
from hmis.consultations import codes
from hmis.core import backups, clock, jobs, migrate, place
from hmis.core.access import Actor, Role
from hmis.core.config import Settings, UnsafeSettings, misspelt
from hmis.core.errors import HmisError
from hmis.core.store import Store
from hmis.core.trail.keys import KeyRing
from hmis.core.trail.verify import verify
from hmis.core.watch import health, logs, metrics
from hmis.demo import furnish
from hmis.interop import fhir, synthea_csv
from hmis.interop.service import undo
from hmis.serve import serve as serve_forever
from hmis.staff import service as staff
from hmis.staff.models import Admin, Doctor, Nurse, Pharmacist, RecordOfficer, Staff
from hmis.terminal import err, out, progress
from hmis.upkeep import Refused
from hmis.upkeep.commands import backup, move
from hmis.work import jobs as jobs_of
from hmis.work import work as work_on

_KINDS: dict[str, type[Staff]] = {
    Role.ADMIN.value: Admin,
    Role.DOCTOR.value: Doctor,
    Role.NURSE.value: Nurse,
    Role.PHARMACIST.value: Pharmacist,
    Role.RECORD_OFFICER.value: RecordOfficer,
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hmis")
def hmis() -> None:
    """Hospital Management Information System.

    Settings come from the environment (HMIS_DATABASE_URL, HMIS_DATA_DIR, ...); see docs/settings.md.
    """


hmis.add_command(backup)
hmis.add_command(move)


def main() -> None:
    """Run the command; a refusal is one line and exit code 1, never a traceback."""
    logs.configure()
    os.umask(0o077)  # what it makes, patients are in
    try:
        hmis()
    except (HmisError, UnsafeSettings, Refused, OSError) as refusal:
        _refuse(str(refusal))
    except ValidationError as error:
        wrong = (f"HMIS_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())
        _refuse("settings: " + "; ".join(wrong))
    except SettingsError as error:
        _refuse(f"settings: {error}")
    except DBAPIError as error:
        _refuse(f"the database does not answer as it should: {error.orig}")


def _refuse(why: str) -> None:
    err.print(why, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(1)


def _await(seconds: float, there: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not there() and time.monotonic() < until:
        time.sleep(1)


@contextmanager
def _open() -> Iterator[Store]:
    """The store of this deployment, at the schema of this release."""
    settings = Settings()
    store = Store(settings)
    try:
        if not migrate.current(store.engine):
            raise click.ClickException("this database is not ready for this release: run `hmis init` first")
        yield store
    finally:
        store.close()


@hmis.command()
@click.option("--wait", default=0, show_default=True, help="Seconds to wait for a database that is being started.")
@click.option("--production", is_flag=True, help="For patients: the data directory remembers it from then on.")
def init(wait: int, production: bool) -> None:
    """Prepare the database, the audit keys and the diagnosis codes. Safe to run again.

    In production it makes a secret in the data directory too, where HMIS_SECRET_KEY is not set.
    """
    settings = Settings(env="production") if production else Settings()
    place.keep_to_owner(settings)
    _await(wait, lambda: migrate.reachable(settings.url))
    migrate.prepare(settings.url)
    if settings.production:
        settings = place.with_secret(settings)
    store = Store(settings)
    with store.session() as session:
        added = codes.load_codes(session)
        session.commit()
    if settings.production:
        create_app(store=store)  # refuses what is unsafe, such as the demo's passwords
        place.remember_production(settings)
    out.print(f"ready: {store.engine.url.render_as_string(hide_password=True)} ({added} diagnosis codes added)")
    store.close()


@hmis.command()
def serve() -> None:
    """Serve the hospital over HTTP, with the worker beside it (HMIS_WORKER)."""
    if wrong := misspelt(os.environ):
        structlog.get_logger().warning("unknown_settings", said=wrong)
    metrics.share(Settings().metrics)
    with _open() as store:
        create_app(store=store)  # refuses here, once and in one line, what every worker would refuse
        if store.settings.production:
            place.remember_production(store.settings)
    serve_forever(Settings())


@hmis.command()
@click.option("--wait", default=0, show_default=True, help="Seconds to wait for a database that is being prepared.")
@click.option("--going-back", is_flag=True, help="Settings of a newer release are in nobody's way.")
def check(wait: int, going_back: bool) -> None:
    """Tell whether this release can serve here: settings, schema, disk, keys, pages. Exit code 1 where it cannot.

    Warns, no more, where nobody has shown a copy of the backup key.
    """
    if not going_back and (wrong := misspelt(os.environ)):
        raise click.ClickException("; ".join(wrong))
    _await(wait, lambda: migrate.ready(Settings().url))
    with _open() as store:
        asked = create_app(store=store).test_client()
        if wrong := health.not_ready(store):
            raise click.ClickException(f"this release cannot serve here: {'; '.join(wrong)}")
        for page in ("/login", "/app"):
            if asked.get(page).status_code != 200:
                raise click.ClickException(f"this release has no page {page}: it was built without `make web`")
        if store.settings.production and backups.state(store.settings).key_copy is None:
            err.print(f"WARNING: {backups.NO_COPY}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    out.print(f"release {version('hmis')} can serve here")


@hmis.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when the process that started it is gone.")
def work(with_parent: bool) -> None:
    """Keep the audit and do the jobs at their times, until told to stop. `hmis serve` starts it, unless told not to."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with _open() as store:
        work_on(store, stop, with_parent=with_parent)


@hmis.group(name="jobs", invoke_without_command=True)
@click.pass_context
def jobs_(context: click.Context) -> None:
    """Jobs at fixed times: without a further word, a list of them with their last and next run."""
    if context.invoked_subcommand is not None:
        return
    with _open() as store:
        with store.session(writes=False) as session:
            last = jobs.last_runs(session)
        zone, now = store.settings.local, clock.now()
        table = Table("job", "what it does", "last run", "outcome", "seconds", "said", "next run")
        for job in jobs_of(store.settings):
            run = last.get(job.name)
            began = (f"{zone(run.started_at):%Y-%m-%d %H:%M}", run.outcome, _seconds(run), run.said) if run else ()
            due = f"{zone(job.when.next(now)):%Y-%m-%d %H:%M}" if job.when else "when asked"
            table.add_row(job.name, job.says, *(began or ("never", "", "", "")), due)
    out.print(table)


def _seconds(run: jobs.JobRun) -> str:
    return "" if run.seconds is None else f"{run.seconds:.1f}"


@jobs_.command("run")
@click.argument("name")
def jobs_run(name: str) -> None:
    """Do one job now, whatever its time; exit code 1 where it fails."""
    with _open() as store:
        job = _job(store, name)
        mine = jobs.take_now(store, job)
        outcome = jobs.perform(store, job, mine)
        with store.session(writes=False) as session:
            said = session.get_one(jobs.JobRun, mine.id).said
    out.print(f"{name}: {outcome}. {said}", highlight=False, soft_wrap=True)
    sys.exit(0 if outcome is jobs.Outcome.DONE else 1)


@jobs_.command("perform", hidden=True)
@click.argument("name")
@click.argument("run", type=click.UUID)
@click.argument("tries", type=int)
def jobs_perform(name: str, run: uuid.UUID, tries: int) -> None:
    """Do a run that the worker has taken."""
    with _open() as store:
        outcome = jobs.perform(store, _job(store, name), jobs.Claim(run, tries))
    sys.exit(0 if outcome is jobs.Outcome.DONE else 1)


def _job(store: Store, name: str) -> jobs.Job:
    known = {job.name: job for job in jobs_of(store.settings)}
    if name not in known:
        raise click.ClickException(f"there is no job {name}: {', '.join(known)}")
    return known[name]


@hmis.command()
@click.option("--patients", default=500, show_default=True, help="How many patients.")
@click.option("--seed", default=2026, show_default=True, help="The same seed makes the same hospital.")
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a patient already.")
def demo(patients: int, seed: int, if_empty: bool) -> None:
    """Furnish a believable hospital: staff, patients, three months of visits."""
    with _open() as store:
        if store.settings.production:
            raise click.ClickException("demo data is not put into a production hospital")
        with progress("demo hospital", patients) as tick:
            made = furnish(store, patients=patients, seed=seed, if_empty=if_empty, progress=tick)
    out.print(made.summary())


@hmis.command()
@click.option("--username", prompt="Username")
@click.password_option("--password", prompt="Password", confirmation_prompt=False)
def console(username: str, password: str) -> None:
    """Open the HMIS console as a member of staff. Takes lines from a pipe too: exit code 1 where one was refused."""
    with _open() as store:
        opened = sign_in_at_console(store, username, password)
        at_terminal = sys.stdin.isatty()
        again = (lambda: ask_again(store, username)) if at_terminal else None
        shell = HospitalShell(store, opened, sign_in_again=again)
        shell.cmdloop()
    sys.exit(1 if shell.failed and not at_terminal else 0)


@hmis.group(name="import")
def import_() -> None:
    """Bring history in, once: a second run of the same data adds nothing."""


_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


def _source(name: str) -> Callable[[Any], Any]:
    """Whose data it is: what comes under one name is taken for one source, and never twice."""
    return click.option(
        "--source", default=name, show_default=True, help="Whose data it is; each sending hospital needs its own name."
    )


_as_admin = click.option("--as", "username", default="admin", show_default=True, help="The administrator who imports.")
_report = click.option("--report", type=click.Path(path_type=Path), help="Write a line for each thing not taken here.")


@import_.command("fhir")
@_paths
@_source("FHIR")
@_as_admin
@_report
def import_fhir(paths: tuple[Path, ...], source: str, username: str, report: Path | None) -> None:
    """Import FHIR R4: files, folders, bundles, NDJSON, any of them gzipped."""
    _import(
        lambda store, actor, tick: fhir.import_paths(store, actor, list(paths), source=source, progress=tick),
        username,
        report,
    )


@import_.command("synthea-csv")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_source("Synthea CSV")
@_as_admin
@_report
def import_synthea(folder: Path, source: str, username: str, report: Path | None) -> None:
    """Import a folder of Synthea's CSV files."""
    _import(
        lambda store, actor, tick: synthea_csv.import_folder(store, actor, folder, source=source, progress=tick),
        username,
        report,
    )


@import_.command("undo")
@click.argument("batch", type=click.UUID)
@_as_admin
def import_undo(batch: uuid.UUID, username: str) -> None:
    """Undo one import, as long as nothing new refers to what it brought."""
    with _open() as store:
        actor = _administrator(store, username)
        with progress("undo") as tick:
            withdrawn = undo(store, actor, batch, progress=tick)
    out.print(f"import {batch} undone: {withdrawn} records withdrawn")


def _import(run: Any, username: str, report: Path | None) -> None:
    with _open() as store:
        actor = _administrator(store, username)
        with progress("import") as tick:
            result = run(store, actor, tick)
    out.print(result.summary())
    if report is not None:
        result.write(report)
        out.print(f"every thing not taken, and why: {report}")


def _administrator(store: Store, username: str) -> Actor:
    with store.session(writes=False) as session:
        person = session.fetch(Staff, Staff.username == username, Staff.deactivated_at.is_(None), what="administrator")
        return staff.actor_for(person)


@hmis.group()
def audit() -> None:
    """The audit trail: verify it, change its key."""


@audit.command("verify")
@click.option("--since", type=click.DateTime(), help="Only what was made from then on (UTC): quick, but sees less.")
def audit_verify(since: datetime | None) -> None:
    """Recompute every MAC and seal, and name what was edited, deleted, inserted, reordered or cut off."""
    with _open() as store, progress("verify") as tick:
        result = verify(
            store,
            since=since and since.replace(tzinfo=UTC),
            progress=lambda so_far: tick(so_far.checked.total()),
        )
    for finding in result.findings:
        out.print(str(finding), style="red", highlight=False, markup=False, soft_wrap=True)
    out.print(result.summary(), highlight=False, soft_wrap=True)
    sys.exit(0 if result.clean else 1)


@audit.command("new-key")
def audit_new_key() -> None:
    """Begin a new epoch: events from now on are signed with a new key; old keys are kept for verifying."""
    name = KeyRing.new_epoch(Settings().keys)
    out.print(f"new key {name}; restart the server so that it is used")


@hmis.group(name="staff")
def staff_() -> None:
    """Members of staff."""


@staff_.command("add")
@click.option("--role", type=click.Choice(sorted(_KINDS)), required=True)
@click.option("--username", required=True)
@click.option("--given-name", required=True)
@click.option("--family-name", required=True)
@click.password_option()
def staff_add(role: str, username: str, given_name: str, family_name: str, password: str) -> None:
    """Add somebody who can sign in: the first administrator, above all."""
    with _open() as store, store.session() as session:
        person = staff.add(
            session,
            _KINDS[role],
            username=username,
            given_name=given_name,
            family_name=family_name,
            sex="unknown",
        )
        staff.set_password(session, person, password)
        session.commit()
        out.print(f"{person.staff_number} {person.name} can sign in as {username}")


@staff_.command("password")
@click.argument("username")
@click.password_option()
def staff_password(username: str, password: str) -> None:
    """Give somebody a new password; their sessions end."""
    with _open() as store, store.session() as session:
        person = session.fetch(Staff, Staff.username == username)
        staff.set_password(session, person, password)
        session.commit()
        out.print(f"{person.staff_number} has a new password")
