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

import re
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
"""Seconds a release has to be ready: people who wait at the socket are not turned away before 75."""
UNITS = ("hmis.socket", "hmis.service", "hmis-worker.service")
ANSWERS = "/etc/hmis/answers.conf"
"""Where nginx sends requests."""
SOCKET, BESIDE = "unix:/run/hmis.sock", "127.0.0.1:5001"
"""Where the application answers, and the one beside it for the minute of a deployment."""
ASK = "curl -fsS --max-time 10"
READY = {
    SOCKET: f"{ASK} --unix-socket /run/hmis.sock http://localhost/readyz",
    BESIDE: f"{ASK} http://{BESIDE}/readyz",
}
COMES = f"{ASK} --fail-early -k -o /dev/null https://localhost/healthz -o /dev/null https://localhost/app"
"""As people come: over TLS, through nginx, to the application and to a page."""


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
    _provision(connection, dry=dry, domain=domain, email=email, url=database_url, hospital=hospital, zone=time_zone)


@_on_host
def _provision(host: Host, *, domain: str, email: str, url: str, hospital: str, zone: str) -> None:
    named = host.ask("sed -n 's/^ *server_name \\(.*\\);/\\1/p' /etc/nginx/sites-available/hmis").split()
    domain = domain or (named[0] if named else str(host.connection.host))
    host.say(f"server: {host.ask('. /etc/os-release; echo $PRETTY_NAME')}")
    host.packages(
        "ca-certificates", "curl", "openssl", "nginx", "ufw", "unattended-upgrades", "logrotate", "gcc", "pkg-config"
    )
    _python(host)
    _people_and_folders(host)
    _secrets(host, url)
    host.write("/etc/hmis/hmis.env", _settings(host.ask("cat /etc/hmis/hmis.env"), hospital, zone))
    host.write("/usr/local/sbin/hmis", (HERE / "host" / "hmis").read_text(), mode="755")
    units = (*UNITS, "hmis-meanwhile@.service")
    written = [host.write(f"/etc/systemd/system/{unit}", (HERE / "systemd" / unit).read_text()) for unit in units]
    if any(written):
        host.do("systemctl daemon-reload", says="tell systemd")
    _web_server(host, domain, email)
    _care(host)
    host.say(f"{host.changed} steps changed something" if host.changed else "all was as it should be: nothing changed")
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
    for mode, owner, folders in (
        ("755", "root", f"/opt/hmis {RELEASES} /etc/hmis /var/www/acme"),
        ("700", "root", f"{SECRETS} /etc/hmis/tls"),
        ("700", "hmis", "/var/lib/hmis"),
    ):
        host.do(
            f"install -d -m {mode} -o {owner} -g {owner} {folders}",
            says=f"folders {folders}",
            unless=f'there=$(stat -c "%a %U" {folders}) && test "$(echo "$there" | sort -u)" = "{mode} {owner}"',
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
    host.do("systemctl enable --now mariadb && systemctl restart mariadb", says="start MariaDB, with its log")
    host.do(
        "usermod -aG mysql hmis",
        says="hmis may read the log of MariaDB: a restore goes by it to the second",
        unless="id -nG hmis | grep -qw mysql",
    )
    password = secrets.token_urlsafe(24)
    host.do(
        'mariadb -e "CREATE DATABASE IF NOT EXISTS hmis CHARACTER SET utf8mb4; '
        f"CREATE OR REPLACE USER hmis@localhost IDENTIFIED BY '{password}'; GRANT ALL ON hmis.* TO hmis@localhost; "
        "GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO hmis@localhost; "
        'GRANT ALL ON \\`hmis\\_aside\\_%\\`.* TO hmis@localhost"',
        says="a database and its user",
    )
    return f"mysql+mysqldb://hmis:{password}@localhost/hmis?charset=utf8mb4&unix_socket=/run/mysqld/mysqld.sock"


def _settings(there: str, hospital: str, zone: str) -> str:
    """Settings without secrets (all of them: docs/settings.md). What somebody wrote there by hand stays as it is."""
    lines = there.splitlines()
    for name, value, given in (
        ("HMIS_ENV", "production", ""),
        ("HMIS_DATA_DIR", "/var/lib/hmis", ""),
        ("HMIS_TRUSTED_PROXIES", "1", ""),
        ("HMIS_WORKER", "separate", ""),
        ("HMIS_HOSPITAL_NAME", "Our Hospital", hospital),
        ("HMIS_TIME_ZONE", "Africa/Lagos", zone),
    ):
        at = next((number for number, line in enumerate(lines) if line.startswith(f"{name}=")), None)
        text = re.sub(r'(["\\$`])', r"\\\1", given or value)  # both systemd and a shell read it
        if at is None:
            lines.append(f'{name}="{text}"')
        elif given:
            lines[at] = f'{name}="{text}"'
    return "".join(f"{line}\n" for line in lines)


def _web_server(host: Host, domain: str, email: str) -> None:
    if not host.holds("test -e /etc/hmis/tls/fullchain.pem"):
        host.do(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 "
            f"-subj /CN={domain} -addext subjectAltName=DNS:{domain} "
            "-keyout /etc/hmis/tls/privkey.pem -out /etc/hmis/tls/fullchain.pem",
            says="a certificate of our own, until there is a better one",
        )
    site = (HERE / "nginx" / "host.conf").read_text().replace("@DOMAIN@", domain)
    written = [host.write("/etc/nginx/sites-available/hmis", site), host.write(ANSWERS, _answers(SOCKET))]
    host.do(
        "rm -f /etc/nginx/sites-enabled/default",
        says="no other site",
        unless="test ! -e /etc/nginx/sites-enabled/default",
    )
    if any(written) and host.holds("test -e /etc/nginx/sites-enabled/hmis"):
        host.do("nginx -t && systemctl reload nginx", says="nginx: take it")
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
        allow = f"ufw allow {rule}"
        host.do(allow, says=f"firewall: let in {rule}", unless=f"ufw show added | grep -qx '{allow}'")
    host.do("ufw --force enable", says="firewall: on", unless="ufw status | grep -q '^Status: active'")


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
        _switch(host, release, before)
    except Failed:
        host.do(f"rm -rf {release}", says=f"remove {name}", unless=f'test "$(readlink {CURRENT})" = {release}')
        host.say(f"{before or 'no release'} serves, as before")
        raise
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


def _switch(host: Host, release: str, before: str) -> None:
    """Let a release serve. Raises `Failed` where it is not ready; then the one before serves.

    It is started beside the serving one first, where nobody is sent: what goes wrong there, nobody notices. Then it
    answers from there while the application itself is exchanged, so that nobody waits.
    """
    relief = f"hmis-meanwhile@{release.rpartition('/')[2]}.service"
    relieved = host.holds("systemctl is-active hmis.service")
    if relieved:
        if host.ask(f"cat {ANSWERS}") != _answers(SOCKET).strip():  # a deployment was cut off
            _send_requests(host, SOCKET)
        others = "'hmis-meanwhile@*'"
        host.do(f"systemctl stop {others}", says="nobody beside it", unless=f"! systemctl is-active -q {others}")
        try:
            host.do(f"systemctl start {relief}", says="start it beside the serving release, where nobody is sent yet")
            _until_ready(host, BESIDE)
        except Failed as why:
            words = _last_words(host, relief)
            host.do(f"systemctl stop {relief}", says="end it again: nothing was switched")
            raise Failed(f"{why}; the last words of the new release:\n{words}") from why
    try:
        _exchange(host, release, relieved)
    except Failed as why:
        words = _last_words(host, "hmis.service")
        if not before:
            raise Failed(f"{why}; its last words:\n{words}\nthere is no release before it to go back to") from why
        host.say(f"going back to {before}")
        try:
            _exchange(host, before, relieved)
        except Failed as worse:
            raise Failed(f'{why}; and back: {worse}; docs/operations.md, "It does not open"') from worse
        _send_home(host, relief)
        raise Failed(f"{why}; its last words:\n{words}") from why
    if relieved:
        _send_home(host, relief)


def _exchange(host: Host, release: str, relieved: bool) -> None:
    """Exchange the application; where another one stands beside it, requests go there meanwhile."""
    host.do(f"ln -sfn {release} {CURRENT}.new && mv -T {CURRENT}.new {CURRENT}", says=f"switch to {release}")
    host.do("ln -sfn /opt/hmis/current/nginx /etc/nginx/hmis", says="nginx: the pages of this release")
    host.do("ln -sf ../sites-available/hmis /etc/nginx/sites-enabled/hmis", says="nginx: our site")
    if relieved:
        _send_requests(host, BESIDE)
        host.do("systemctl restart hmis.service", says="the application; the one beside it answers meanwhile")
    else:
        host.do("systemctl enable --now hmis.socket && systemctl restart hmis.service", says="the application")
    _until_ready(host, SOCKET)
    host.do("systemctl enable --now hmis.socket hmis.service hmis-worker.service nginx", says="start what is not there")
    _send_requests(host, SOCKET)
    host.do("systemctl restart hmis-worker.service", says="the worker")
    host.do(COMES, says="does it come as people will see it?")


def _send_requests(host: Host, where: str) -> None:
    host.write(ANSWERS, _answers(where))
    host.do("nginx -t && systemctl reload nginx && sleep 1", says=f"nginx: requests go to {where}")


def _answers(where: str) -> str:
    return f"set $hmis_app http://{where};\n"


def _until_ready(host: Host, where: str) -> None:
    host.say("is it ready?")
    until = time.monotonic() + PATIENCE
    while not host.dry and '"ready"' not in host.ask(READY[where]):
        if time.monotonic() > until:
            raise Failed(f"it was not ready within {PATIENCE} s")
        time.sleep(0.5)


def _send_home(host: Host, relief: str) -> None:
    host.do(f"sleep 1; systemctl stop {relief}", says="end the one beside it, when it has answered")


def _last_words(host: Host, unit: str) -> str:
    return host.ask(f"journalctl -u {unit} -n 20 --no-pager -o cat")


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
    _switch(host, target, serving)
    host.say(f"{target} serves")


@task
def status(connection: Connection) -> None:
    """What serves, what else is installed, how services, disk and backups are."""
    host = Host(connection)
    print(f"serving    {host.ask(f'basename $(readlink {CURRENT})')}")
    print(f"releases   {' '.join(host.ask(f'ls -1t {RELEASES}').split())}")
    print(f"ready      {host.ask(READY[SOCKET]) or 'NO: hmis check says why'}")
    print(f"as people come  {'yes' if host.holds(COMES) else 'NO'}")
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
