"""What lies where on a server, and how the `hmis` of a release is run there.

/opt/hmis/releases/NAME   one release: a virtual environment, and `pages` and `nginx` for the web server
/opt/hmis/current         the one that serves
/etc/hmis                 settings, secrets (root alone), certificate
/var/lib/hmis             records (SQLite), audit keys, spool, backups
"""

from __future__ import annotations

from pathlib import Path

from host import Host

HERE = Path(__file__).parent
RELEASES = "/opt/hmis/releases"
CURRENT = "/opt/hmis/current"
SECRETS = "/etc/hmis/secrets"
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


def answers(where: str) -> str:
    """What stands in the file `ANSWERS` while requests go there."""
    return f"set $hmis_app http://{where};\n"


def releases(host: Host) -> list[str]:
    """The names of the releases on a server, the newest first."""
    return host.ask(f"ls -1t {RELEASES}").split()


def hmis(host: Host, release: str, command: str, *, says: str, show: bool = False) -> str:
    """Run `hmis` of a release as its own user, with the settings and secrets that its services get; what it prints."""
    return host.do(f"HMIS_RELEASE={release} hmis {command}", says=says, show=show)
