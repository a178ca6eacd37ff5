"""HMIS on an Ubuntu server (22.04 or newer; Debian 12 or newer too), from a laptop, over SSH.

    pip install fabric
    cd deploy
    fab -H ubuntu@203.0.113.7 provision --domain hmis.hospital.example --email it@hospital.example
    fab -H ubuntu@203.0.113.7 deploy

Each task prints every step, can be run again (what is as it should be is left alone) and takes `--dry` to show what it
would do. `deploy` goes back by itself to the release before where the new one does not answer. docs/operations.md
tells the rest.

layout.py says what lies where on the server; provisioning.py, rollout.py and switching.py are the tasks at work.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

from fabric import Connection, task
from paramiko.ssh_exception import SSHException

sys.path.insert(0, str(Path(__file__).parent))
import layout
import provisioning
import rollout
from host import Failed, Host, refuse
from layout import COMES, CURRENT, READY, SOCKET, UNITS


def _on_host(work: Callable[..., None]) -> Callable[..., None]:
    """A task's first argument as a `Host`; what goes wrong is one message and exit code 1."""

    @wraps(work)
    def run(connection: Connection, dry: bool = False, **how: Any) -> None:
        try:
            work(Host(connection, dry=dry), **how)
        except (Failed, SSHException, OSError, subprocess.CalledProcessError) as why:
            refuse(why)

    return run


@task(
    help={
        "domain": "the server's name, as people type it",
        "email": "where the certificate's maker writes to; without it the certificate is one of our own",
        "database_url": "a database elsewhere (RDS, say); without it MariaDB is installed here. `sqlite`: SQLite",
        "hospital": "the hospital's name, as shown on screens; without it what is set stays",
        "time_zone": "where the hospital is, as the IANA names it (Africa/Lagos); without it what is set stays",
        "dry": "show the steps, change nothing",
    }
)
def provision(
    connection: Connection,
    domain: str = "",
    email: str = "",
    database_url: str = "",
    hospital: str = "",
    time_zone: str = "",
    dry: bool = False,
) -> None:
    """Make a fresh Ubuntu ready: Python, MariaDB, nginx with TLS, firewall, updates. Safe to run again."""
    work = _on_host(provisioning.provision)
    work(connection, dry=dry, domain=domain, email=email, url=database_url, hospital=hospital, zone=time_zone)


@task(
    help={
        "release": "the folder of a signed release, checked first; without it this working copy is built",
        "signers": "the file that names whose signature is taken (docs/releases.md)",
        "wheel": "a wheel built before, whoever built it",
        "dry": "show the steps, change nothing",
    }
)
def deploy(connection: Connection, release: str = "", signers: str = "", wheel: str = "", dry: bool = False) -> None:
    """Install this release beside the serving one, back up, migrate, try, switch; go back where it is not ready."""
    _on_host(rollout.deploy)(connection, dry=dry, folder=release, signers=signers, wheel=wheel)


@task(help={"to": "a release's name; without it the one before", "dry": "show the steps, change nothing"})
def rollback(connection: Connection, to: str = "", dry: bool = False) -> None:
    """Go back to the release before, or to a named one. The database stays: releases only add to its schema."""
    _on_host(rollout.rollback)(connection, dry=dry, to=to)


@task
def status(connection: Connection) -> None:
    """What serves, what else is installed, how services, disk and backups are."""
    _status(connection)


@_on_host
def _status(host: Host) -> None:
    print(f"serving    {host.ask(f'basename $(readlink {CURRENT})')}")
    print(f"releases   {' '.join(layout.releases(host))}")
    print(f"ready      {host.ask(READY[SOCKET]) or 'NO: hmis check says why'}")
    print(f"as people come  {'yes' if host.holds(COMES) else 'NO'}")
    for unit in (*UNITS, "nginx.service"):
        print(f"{unit:<22} {host.ask(f'systemctl is-active {unit}') or 'not active'}")
    print(f"disk       {host.ask('df -h --output=pcent,avail /var/lib/hmis | tail -1').strip()} free")
    print(f"certificate until {host.ask('openssl x509 -noout -enddate -in /etc/hmis/tls/fullchain.pem')[9:]}")
    known = json.loads(host.ask('. /etc/hmis/hmis.env; cat "$HMIS_DATA_DIR/backups.json"') or "{}")
    for name, attempts in (("backup", "made"), ("drill", "drilled")):
        print(f"last {name} {_how_it_went(known.get(attempts, {}), datetime.now(UTC))}")


def _how_it_went(attempts: dict[str, Any], now: datetime) -> str:
    """The last attempt with its age, and the last good one where that is another."""
    last, good = attempts.get("last"), attempts.get("last_good")
    if not last:
        return "NEVER"
    if last["ok"]:
        return f"{_when(last, now)}: {last['said']}"
    return f"FAILED {_when(last, now)}: {last['said']}; the last good one: {_when(good, now) if good else 'NEVER'}"


def _when(outcome: dict[str, Any], now: datetime) -> str:
    at = datetime.fromisoformat(outcome["at"])
    hours = (now - at).total_seconds() / 3600
    age = f"{hours:.0f} h ago" if hours < 100 else f"{hours / 24:.0f} days ago"
    return f"{at.astimezone(UTC):%d-%b-%Y %H:%M} UTC, {age}{' (LATE: over 26 h)' if hours > 26 else ''}"


@task(help={"lines": "how many", "unit": "hmis.service, hmis-worker.service or nginx.service", "follow": "go on"})
def logs(connection: Connection, lines: int = 50, unit: str = "hmis.service", follow: bool = False) -> None:
    """The last lines that a service wrote."""
    _logs(connection, lines=lines, unit=unit, follow=follow)


@_on_host
def _logs(host: Host, *, lines: int, unit: str, follow: bool) -> None:
    how = "-f" if follow else "--no-pager"
    host.do(f"journalctl -u {unit} -n {int(lines)} -o cat {how}", says=f"the last {lines} lines of {unit}", show=True)


@task(help={"command": "what follows `hmis`, such as: staff add --role admin ...", "dry": "show, change nothing"})
def hmis(connection: Connection, command: str, dry: bool = False) -> None:
    """Any command of `hmis` on the server, as its own user and with its settings."""
    _serving(connection, dry=dry, command=command)


@task(help={"dry": "show the steps, change nothing"})
def backup(connection: Connection, dry: bool = False) -> None:
    """Back up now."""
    _serving(connection, dry=dry, command="backup create")


@task(help={"dry": "show the steps, change nothing"})
def restore_drill(connection: Connection, dry: bool = False) -> None:
    """Restore the newest backup into a scratch place, compare, and say what would be lost and how long it takes."""
    _serving(connection, dry=dry, command="backup verify")


@_on_host
def _serving(host: Host, *, command: str) -> None:
    layout.hmis(host, CURRENT, command, says="hmis " + " ".join(command.split()[:2]), show=True)
