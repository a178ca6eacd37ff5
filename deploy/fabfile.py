"""HMIS on an Ubuntu server (22.04 or newer; Debian 12 or newer too), from a laptop, over SSH.

    pip install fabric
    cd deploy
    fab -H ubuntu@203.0.113.7 provision --domain hmis.hospital.example --email it@hospital.example
    fab -H ubuntu@203.0.113.7 deploy

Each task prints every step, can be run again (what is as it should be is left alone) and takes `--dry` to show what it
would do. `deploy` goes back by itself to the release before where the new one does not answer. docs/operations.md
tells the rest.

On the server:
    /opt/hmis/releases/NAME   one release: a virtual environment, and `pages` and `nginx` for the web server
    /opt/hmis/current         the one that serves
    /etc/hmis                 settings, secrets (root alone), certificate
    /var/lib/hmis             records (SQLite), audit keys, spool, backups
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from fabric import Connection, task
from paramiko.ssh_exception import SSHException

sys.path.insert(0, str(Path(__file__).parent))
from host import Failed, Host, refuse
from signed import NotAsReleased, verify

HERE = Path(__file__).parent
ROOT = HERE.parent
RELEASES = "/opt/hmis/releases"
CURRENT = "/opt/hmis/current"
SECRETS = "/etc/hmis/secrets"
KEPT = 5
"""Releases that stay on the server, the serving one included."""
PATIENCE = 40
"""Seconds a release has to answer: people who wait at the socket are not turned away before 75."""
UNITS = ("hmis.socket", "hmis.service", "hmis-worker.service")
ASK = "curl -fsS --max-time 10 --unix-socket /run/hmis.sock http://localhost/api/v1/status"


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
        "hospital": "the hospital's name, as shown on screens",
        "time_zone": "where the hospital is, as the IANA names it",
        "dry": "show the steps, change nothing",
    }
)
def provision(
    connection: Connection,
    domain: str = "",
    email: str = "",
    database_url: str = "",
    hospital: str = "Our Hospital",
    time_zone: str = "Africa/Lagos",
    dry: bool = False,
) -> None:
    """Make a fresh Ubuntu ready: Python, MariaDB, nginx with TLS, firewall, updates. Safe to run again."""
    _provision(connection, dry=dry, domain=domain, email=email, url=database_url, hospital=hospital, zone=time_zone)


@_on_host
def _provision(host: Host, *, domain: str, email: str, url: str, hospital: str, zone: str) -> None:
    domain = domain or str(host.connection.host)
    host.say(f"server: {host.ask('. /etc/os-release; echo $PRETTY_NAME')}")
    host.packages(
        "ca-certificates", "curl", "openssl", "nginx", "ufw", "unattended-upgrades", "logrotate", "gcc", "pkg-config"
    )
    _python(host)
    _people_and_folders(host)
    _secrets(host, url)
    host.write("/etc/hmis/hmis.env", _settings(hospital, zone))
    host.write("/usr/local/sbin/hmis", (HERE / "host" / "hmis").read_text(), mode="755")
    for unit in UNITS:
        host.write(f"/etc/systemd/system/{unit}", (HERE / "systemd" / unit).read_text())
    host.do("systemctl daemon-reload", says="tell systemd")
    _web_server(host, domain, email)
    _care(host)
    host.say("ready: now `deploy`")
    host.say(f"{SECRETS}/hmis_backup_key is on this server alone, and without it no backup opens; after `deploy`:")
    host.say("`sudo hmis backup show-key`, print it, lock it away elsewhere; then `sudo hmis backup confirm-key`")


def _python(host: Host) -> None:
    """A Python of 3.11 or newer, with what mysqlclient is compiled with. Ubuntu 22.04 itself has 3.10."""
    own = host.ask("python3 -c 'import sys; print(sys.version_info >= (3, 11))'") == "True"
    if not own and not host.holds("command -v python3.12"):
        host.packages("software-properties-common")
        host.do("add-apt-repository -y ppa:deadsnakes/ppa", says="add the archive of newer Pythons (deadsnakes)")
    name = "python3" if own else "python3.12"
    host.packages(name, f"{name}-venv", f"{name}-dev", "libmariadb-dev")
    host.write("/etc/hmis/python", f"{name}\n")


def _people_and_folders(host: Host) -> None:
    if not host.holds("id hmis"):
        host.do("useradd --system --home-dir /var/lib/hmis --shell /usr/sbin/nologin hmis", says="add the user hmis")
    host.do(
        f"install -d -m 755 /opt/hmis {RELEASES} /etc/hmis /var/www/acme"
        f" && install -d -m 700 {SECRETS} /etc/hmis/tls && install -d -m 700 -o hmis -g hmis /var/lib/hmis",
        says="folders",
    )


def _secrets(host: Host, url: str) -> None:
    """Made once, on first sight; never printed, and never changed by a second run."""
    for name in ("hmis_secret_key", "hmis_backup_key"):
        if not host.holds(f"test -s {SECRETS}/{name}"):
            host.write(f"{SECRETS}/{name}", secrets.token_urlsafe(48), mode="600")
    if host.holds(f"test -e {SECRETS}/hmis_database_url") and not url:
        host.say("the database is set already")
        return
    if not url:
        url = _mariadb(host)
    elif url.startswith("mysql"):  # to take backups, and to prove them in a server of their own
        core = "mariadb-server-core"
        host.packages("mariadb-client", core if host.holds(f"apt-cache show {core}") else f"{core}-10.6")
    host.write(f"{SECRETS}/hmis_database_url", "" if url == "sqlite" else url, mode="600")


def _mariadb(host: Host) -> str:
    host.packages("mariadb-server", "mariadb-backup")
    host.write("/etc/mysql/mariadb.conf.d/60-hmis.cnf", (HERE / "host" / "mariadb.cnf").read_text())
    host.do("systemctl enable --now mariadb && systemctl restart mariadb", says="start MariaDB")
    password = secrets.token_urlsafe(24)
    host.do(
        'mariadb -e "CREATE DATABASE IF NOT EXISTS hmis CHARACTER SET utf8mb4; '
        f"CREATE OR REPLACE USER hmis@localhost IDENTIFIED BY '{password}'; GRANT ALL ON hmis.* TO hmis@localhost; "
        "GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO hmis@localhost; "
        'GRANT ALL ON \\`hmis\\_aside\\_%\\`.* TO hmis@localhost"',
        says="a database and its user",
    )
    return f"mysql+mysqldb://hmis:{password}@localhost/hmis?charset=utf8mb4&unix_socket=/run/mysqld/mysqld.sock"


def _settings(hospital: str, zone: str) -> str:
    """Settings without secrets; all of them: docs/settings.md."""
    lines = {
        "HMIS_ENV": "production",
        "HMIS_DATA_DIR": "/var/lib/hmis",
        "HMIS_TRUSTED_PROXIES": "1",
        "HMIS_WORKER": "separate",
        "HMIS_HOSPITAL_NAME": hospital,
        "HMIS_TIME_ZONE": zone,
    }
    return "".join(f'{name}="{value}"\n' for name, value in lines.items())


def _web_server(host: Host, domain: str, email: str) -> None:
    if not host.holds("test -e /etc/hmis/tls/fullchain.pem"):
        host.do(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 "
            f"-subj /CN={domain} -addext subjectAltName=DNS:{domain} "
            "-keyout /etc/hmis/tls/privkey.pem -out /etc/hmis/tls/fullchain.pem",
            says="a certificate of our own, until there is a better one",
        )
    host.write(
        "/etc/nginx/sites-available/hmis", (HERE / "nginx" / "host.conf").read_text().replace("@DOMAIN@", domain)
    )
    host.do("rm -f /etc/nginx/sites-enabled/default", says="no other site")
    if email:
        _certificate(host, domain, email)


def _certificate(host: Host, domain: str, email: str) -> None:
    host.packages("certbot")
    hook = "/etc/letsencrypt/renewal-hooks/deploy/hmis"
    host.write(hook, (HERE / "host" / "new-certificate").read_text(), mode="755")
    if not host.holds(f"test -e /etc/letsencrypt/live/{domain}"):
        host.do(
            f"certbot certonly --non-interactive --agree-tos -m {email} --webroot -w /var/www/acme -d {domain}",
            says=f"a certificate for {domain}",
        )
        host.do(f"RENEWED_LINEAGE=/etc/letsencrypt/live/{domain} {hook}", says="use it")


def _care(host: Host) -> None:
    """Firewall, updates of the system by themselves, logs that do not fill the disk (nginx's rotate by its package)."""
    host.write("/etc/apt/apt.conf.d/52hmis", (HERE / "host" / "updates.conf").read_text())
    host.write("/etc/systemd/journald.conf.d/hmis.conf", "[Journal]\nSystemMaxUse=1G\nMaxRetentionSec=90day\n")
    for rule in ("OpenSSH", "80/tcp", "443/tcp"):
        host.do(f"ufw allow {rule}", says=f"firewall: let in {rule}")
    host.do("ufw --force enable", says="firewall: on")


@task(
    help={
        "release": "the folder of a signed release, checked first; without it this working copy is built",
        "signers": "the file that names whose signature is taken (docs/releases.md)",
        "wheel": "a wheel built before, whoever built it",
        "dry": "show the steps, change nothing",
    }
)
def deploy(connection: Connection, release: str = "", signers: str = "", wheel: str = "", dry: bool = False) -> None:
    """Install this release beside the serving one, back up, migrate, switch; go back where it does not answer."""
    _deploy(connection, dry=dry, folder=release, signers=signers, wheel=wheel)


@_on_host
def _deploy(host: Host, *, folder: str, signers: str, wheel: str) -> None:
    lock = HERE / "requirements.lock"
    if folder:
        built, lock = _released(host, Path(folder), Path(signers or "allowed_signers"))
    else:
        built = Path(wheel) if wheel else _build()
    name = f"{built.name.split('-')[1]}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    release, before = f"{RELEASES}/{name}", host.ask(f"readlink {CURRENT}")
    try:
        _install(host, built, lock, release, before)
        if before:
            _hmis(host, before, "backup create", says="back up, before anything changes")
        _hmis(host, release, "init --wait 30", says="bring the database to the schema of this release (it only adds)")
        _hmis(host, release, "check", says="ask the new release whether it can serve here")
    except Failed:
        host.say(f"nothing was switched: {before or 'no release'} goes on serving")
        host.do(f"rm -rf {release}", says=f"remove {name}")
        raise
    try:
        _switch(host, release)
    except Failed:
        words = _last_words(host)
        _go_back(host, before)
        host.do(f"rm -rf {release}", says=f"remove {name}")
        raise Failed(f"{name} does not answer; its last words:\n{words}") from None
    _prune(host, keep=(release, before))
    host.say(f"{name} serves")


def _build() -> Path:
    """A wheel of this working copy, with the pages in it."""
    print("build the pages and the wheel", flush=True)
    subprocess.run(["make", "wheel"], cwd=ROOT, check=True)
    return max((ROOT / "dist").glob("hmis-*.whl"), key=lambda wheel: wheel.stat().st_mtime)


def _released(host: Host, folder: Path, signers: Path) -> tuple[Path, Path]:
    """Wheel and lock of a release that is as its publisher signed it. Raises `Failed`."""
    try:
        host.say(f"a release signed by {verify(folder, signers)}")
    except NotAsReleased as why:
        raise Failed(f"this release is not installed: {why}") from why
    return next(folder.glob("hmis-*.whl")), next(folder.glob("hmis-*-requirements.lock"))


def _install(host: Host, wheel: Path, lock: Path, release: str, before: str) -> None:
    python = host.ask("cat /etc/hmis/python")
    if not python and not host.dry:
        raise Failed("this server is not ready: run `provision` first")
    host.do(f"install -d -m 755 {release}", says=f"folder {release}")
    host.put(str(wheel), f"{release}/{wheel.name}")
    host.put(str(lock), f"{release}/requirements.lock")
    pip = f"{release}/bin/python -m pip install -q --cache-dir /var/cache/hmis --disable-pip-version-check"
    host.do(f"{python} -m venv {release}", says="a virtual environment of its own")
    host.do(f"{pip} --require-hashes -r {release}/requirements.lock", says="its packages, exactly those of the lock")
    host.do(f"{pip} --no-deps {release}/{wheel.name}", says="the release itself")
    host.do(f"cd {release} && ln -sfn $(echo lib/python3*/site-packages)/hmis/web pages", says="its pages")
    if before:  # screens that are open still ask for parts of the pages they came with
        host.do(
            f"find {before}/pages/_app/immutable/ -mtime +90 -type f -delete;"
            f" cp -rn --preserve=timestamps {before}/pages/_app/immutable/. {release}/pages/_app/immutable/",
            says="and the parts of earlier pages",
        )
    for part in ("http", "site", "headers"):
        host.write(f"{release}/nginx/{part}.conf", (HERE / "nginx" / "hmis" / f"{part}.conf").read_text())
    policy = f"{release}/lib/python3*/site-packages/hmis/core/page_policy.py"
    host.do(
        f"{release}/bin/python {policy} {release}/pages/ > {release}/nginx/policies.conf", says="what pages may load"
    )


def _hmis(host: Host, release: str, command: str, *, says: str, show: bool = False) -> str:
    """Run `hmis` of a release as its own user, with the settings and secrets that its services get."""
    return host.do(f"HMIS_RELEASE={release} hmis {command}", says=says, show=show)


def _switch(host: Host, release: str) -> None:
    """Let a release serve. Raises `Failed` where it does not answer; then another has to be switched to."""
    host.do(f"ln -sfn {release} {CURRENT}.new && mv -T {CURRENT}.new {CURRENT}", says=f"switch to {release}")
    host.do("ln -sfn /opt/hmis/current/nginx /etc/nginx/hmis", says="nginx: the pages of this release")
    host.do("ln -sf ../sites-available/hmis /etc/nginx/sites-enabled/hmis && nginx -t", says="nginx: is it sound?")
    host.do(
        "systemctl enable --now hmis.socket hmis.service hmis-worker.service nginx", says="start what is not running"
    )
    host.do("systemctl restart hmis.service", says="the application: requests wait at the socket meanwhile")
    _until_it_answers(host, release)
    host.do("systemctl restart hmis-worker.service && systemctl reload nginx", says="the worker, and nginx")


def _until_it_answers(host: Host, release: str) -> None:
    host.say("does it answer?")
    until = time.monotonic() + PATIENCE
    while not host.dry and '"OK"' not in host.ask(ASK):
        if time.monotonic() > until:
            raise Failed(f"{release} did not answer within {PATIENCE} s")
        time.sleep(1)


def _go_back(host: Host, before: str) -> None:
    if not before:
        host.say("there is no release before it to go back to")
        return
    host.say(f"going back to {before}")
    _switch(host, before)


def _last_words(host: Host) -> str:
    return host.ask("journalctl -u hmis.service -n 20 --no-pager -o cat")


def _prune(host: Host, keep: tuple[str, ...]) -> None:
    old = [f"{RELEASES}/{name}" for name in host.ask(f"ls -1t {RELEASES}").split()][KEPT:]
    for release in old:
        if release not in keep:
            host.do(f"rm -rf {release}", says=f"remove the old release {release}")


@task(help={"to": "a release's name; without it the one before", "dry": "show the steps, change nothing"})
def rollback(connection: Connection, to: str = "", dry: bool = False) -> None:
    """Go back to the release before, or to a named one. The database stays: releases only add to its schema."""
    _rollback(connection, dry=dry, to=to)


@_on_host
def _rollback(host: Host, *, to: str) -> None:
    serving = host.ask(f"readlink {CURRENT}")
    newest_first = [f"{RELEASES}/{name}" for name in host.ask(f"ls -1t {RELEASES}").split()]
    older = newest_first[newest_first.index(serving) + 1 :] if serving in newest_first else []
    target = f"{RELEASES}/{to}" if to else older[0] if older else ""
    if not target or not host.holds(f"test -x {target}/bin/hmis"):
        raise Failed(f"there is no such release; there are: {' '.join(host.ask(f'ls -1 {RELEASES}').split())}")
    _hmis(host, target, "check", says="can it serve here?")
    try:
        _switch(host, target)
    except Failed as why:
        _go_back(host, serving)
        raise Failed(f"{why}; {serving} serves again") from why
    host.say(f"{target} serves")


@task
def status(connection: Connection) -> None:
    """What serves, what else is installed, how services, disk and backups are."""
    host = Host(connection)
    print(f"serving    {host.ask(f'basename $(readlink {CURRENT})')}")
    print(f"releases   {' '.join(host.ask(f'ls -1t {RELEASES}').split())}")
    print(f"answers    {host.ask(ASK) or 'NO'}")
    for unit in (*UNITS, "nginx.service"):
        print(f"{unit:<22} {host.ask(f'systemctl is-active {unit}') or 'not active'}")
    print(f"disk       {host.ask('df -h --output=pcent,avail /var/lib/hmis | tail -1').strip()} free")
    print(f"certificate until {host.ask('openssl x509 -noout -enddate -in /etc/hmis/tls/fullchain.pem')[9:]}")


@task(help={"lines": "how many", "unit": "hmis.service, hmis-worker.service or nginx.service", "follow": "go on"})
def logs(connection: Connection, lines: int = 50, unit: str = "hmis.service", follow: bool = False) -> None:
    """The last lines that a service wrote."""
    host = Host(connection)
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
    _hmis(host, CURRENT, command, says="hmis " + " ".join(command.split()[:2]), show=True)
