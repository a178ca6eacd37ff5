"""Making a fresh Ubuntu or Debian ready for HMIS: each step is left alone where it is so already."""

from __future__ import annotations

import re
import secrets

from host import Failed, Host
from layout import ANSWERS, HERE, RELEASES, SECRETS, SOCKET, UNITS, answers


def provision(host: Host, *, domain: str, email: str, url: str, hospital: str, zone: str) -> None:
    """Make a server ready for `deploy`; without a domain, the one it has. Raises `Failed`.

    A certificate that its maker refuses stops nothing: it is said at the end, when all else is done.
    """
    named = host.ask("sed -n 's/^ *server_name \\(.*\\);/\\1/p' /etc/nginx/sites-available/hmis").split()
    domain = domain or (named[0] if named else str(host.connection.host))
    host.say(f"server: {host.ask('. /etc/os-release; echo $PRETTY_NAME')}")
    host.packages(
        "ca-certificates", "curl", "openssl", "nginx", "ufw", "unattended-upgrades", "logrotate", "gcc", "pkg-config"
    )
    _python(host)
    _people_and_folders(host)
    _secrets(host, url)
    host.write("/etc/hmis/hmis.env", settings(host.ask("cat /etc/hmis/hmis.env"), hospital, zone))
    host.write("/usr/local/sbin/hmis", (HERE / "host" / "hmis").read_text(), mode="755")
    units = (*UNITS, "hmis-meanwhile@.service")
    written = [host.write(f"/etc/systemd/system/{unit}", (HERE / "systemd" / unit).read_text()) for unit in units]
    if any(written):
        host.do("systemctl daemon-reload", says="tell systemd")
    _web_server(host, domain)
    _care(host)
    refused = _certificate(host, domain, email) if email else ""
    host.say(f"{host.changed} steps changed something" if host.changed else "all was as it should be: nothing changed")
    host.say("ready: now `deploy`")
    host.say(f"{SECRETS}/hmis_backup_key is on this server alone, and without it no backup opens; after `deploy`:")
    host.say("`sudo hmis backup show-key`, print it, lock it away elsewhere; then `sudo hmis backup confirm-key`")
    if refused:
        there = f"{host.connection.user}@{host.connection.host}"
        raise Failed(
            f"all is done but the certificate, and until there is one browsers warn: {refused}\n"
            f"Does the name {domain} point to this server, and is port 80 open to the world? Then repeat:\n"
            f"    fab -H {there} provision --domain {domain} --email {email}"
        )


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


def settings(there: str, hospital: str, zone: str) -> str:
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


def _web_server(host: Host, domain: str) -> None:
    """nginx, with port 80 open for the certificate's maker; our site itself is enabled by `deploy`."""
    if not host.holds("test -e /etc/hmis/tls/fullchain.pem"):
        host.do(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 "
            f"-subj /CN={domain} -addext subjectAltName=DNS:{domain} "
            "-keyout /etc/hmis/tls/privkey.pem -out /etc/hmis/tls/fullchain.pem",
            says="a certificate of our own, until there is a better one",
        )
    changed = host.changed
    host.write(ANSWERS, answers(SOCKET))
    for site, ours in (("hmis", "host.conf"), ("hmis-door", "door.conf")):
        text = (HERE / "nginx" / ours).read_text().replace("@DOMAIN@", domain)
        host.write(f"/etc/nginx/sites-available/{site}", text)
    enabled = "/etc/nginx/sites-enabled"
    host.do(f"rm -f {enabled}/default", says="no other site", unless=f"test ! -e {enabled}/default")
    host.do(
        f"ln -sf ../sites-available/hmis-door {enabled}/hmis-door",
        says="nginx: port 80",
        unless=f"test -e {enabled}/hmis-door",
    )
    if host.changed > changed or not host.holds("systemctl is-active nginx"):
        host.do("nginx -t && systemctl enable --now nginx && systemctl reload nginx", says="nginx: take it")


def _certificate(host: Host, domain: str, email: str) -> str:
    """Have a certificate that browsers know; why there is none, else nothing."""
    hook = "/etc/letsencrypt/renewal-hooks/deploy/hmis"
    ours = f"/etc/letsencrypt/live/{domain}"
    try:
        host.packages("certbot")
        host.write(hook, (HERE / "host" / "new-certificate").read_text(), mode="755")
        host.do(
            f"certbot certonly --non-interactive --agree-tos -m {email} --webroot -w /var/www/acme -d {domain}",
            says=f"a certificate for {domain}",
            unless=f"test -e {ours}",
        )
        host.do(
            f"RENEWED_LINEAGE={ours} {hook}",
            says="use it",
            unless=f'test "$(readlink /etc/hmis/tls/fullchain.pem)" = {ours}/fullchain.pem',
        )
    except Failed as why:
        host.say(f"NO CERTIFICATE: {why}")
        return str(why)
    return ""


def _care(host: Host) -> None:
    """Firewall, updates of the system by themselves, logs that do not fill the disk (nginx's rotate by its package)."""
    host.write("/etc/apt/apt.conf.d/52hmis", (HERE / "host" / "updates.conf").read_text())
    host.write("/etc/systemd/journald.conf.d/hmis.conf", "[Journal]\nSystemMaxUse=1G\nMaxRetentionSec=90day\n")
    for rule in ("OpenSSH", "80/tcp", "443/tcp"):
        allow = f"ufw allow {rule}"
        host.do(allow, says=f"firewall: let in {rule}", unless=f"ufw show added | grep -qx '{allow}'")
    host.do("ufw --force enable", says="firewall: on", unless="ufw status | grep -q '^Status: active'")
