"""Provision a server and deploy to it, over SSH, under load; break releases on purpose; count what was lost.

    .venv/bin/python deploy/check/pipeline.py FOLDER

FOLDER gets a Debian (deploy/check/debian.sh) whose sshd listens on loopback; standin.py stands in for systemd. Needs
root, debootstrap, a MariaDB at 127.0.0.1:3306 whose root has no password, and all committed, because one release is
made by `make release`. Ports 80, 443, 2222, 5000 and 5001 have to be free. It ends with exit code 1 where a request
failed, an acknowledged write is not there, or a step did not do what it says.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from people import PASSWORD, Browser, Load, expect, say

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PORT = "2222"
STREET = ("127.0.0.1", 443)
DATABASE = "hmis_pipeline"
OURS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
DISKS = {"opt": "4g", "var/lib/hmis": "1g"}
"""Of their own, so that they can be filled."""
PACKAGES = ("openssh-server", "sudo", "python3", "procps", "curl", "iproute2", "systemd")


def sh(command: str, **how: Any) -> str:
    """What a command prints. Raises where it fails."""
    return subprocess.run(command, shell=True, check=True, text=True, stdout=subprocess.PIPE, **how).stdout


class Server:
    """A Debian in a folder, with an sshd."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, folder.parent / f"{folder.name}-key"
        self.sshd: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """As EC2 gives it: a user who may become root, and our key."""
        sh(f"{HERE}/debian.sh {self.folder} {' '.join(PACKAGES)}")
        for what in ("proc", "dev", "sys"):
            if not (self.folder / what).is_mount():
                sh(f"mount --rbind /{what} {self.folder / what} && mount --make-rslave {self.folder / what}")
        ours = "/opt/hmis /etc/hmis /var/lib/hmis /etc/nginx/hmis /etc/nginx/sites-*/hmis* /etc/systemd/system/hmis*"
        self.run(
            f"rm -rf {ours} /usr/local/sbin/hmis /var/log/standin /run/nginx.pid /run/hmis.sock"
        )  # of a run before
        for what, size in DISKS.items():
            at = self.folder / what
            sh(f"mkdir -p {at} && mount -t tmpfs -o size={size},mode=755 tmpfs {at}")
        if not self.key.exists():
            sh(f"ssh-keygen -q -t ed25519 -N '' -f {self.key}")
        (self.folder / "etc/hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
        self.run("id ubuntu >/dev/null 2>&1 || useradd -m -s /bin/bash -p '*' ubuntu")
        home = self.folder / "home/ubuntu/.ssh"
        home.mkdir(exist_ok=True)
        shutil.copy(f"{self.key}.pub", home / "authorized_keys")
        (self.folder / "etc/sudoers.d/ubuntu").write_text("ubuntu ALL=(ALL) NOPASSWD:ALL\n")
        for name in ("systemctl", "journalctl", "ufw"):
            shutil.copy(HERE / "standin.py", self.folder / "usr/local/bin" / name)
            (self.folder / "usr/local/bin" / name).chmod(0o755)
        shutil.copy(HERE / "standin.py", self.folder / "usr/local/lib/standin.py")
        for name in ("systemctl", "journalctl", "ufw"):
            shebang = (HERE / "standin.py").read_text()
            (self.folder / "usr/local/bin" / name).write_text(f"#!/usr/bin/python3\n{shebang}")
        self.run(
            "chown -R ubuntu:ubuntu /home/ubuntu/.ssh && chmod 700 /home/ubuntu/.ssh && mkdir -p /run/sshd /run/lock"
        )

    def run(self, command: str) -> str:
        """Something inside, as root."""
        return sh(f"chroot {self.folder} /bin/bash -c {json.dumps(command)}")

    def start(self) -> None:
        """sshd, and the stand-in."""
        self.run("ssh-keygen -A")
        flags = f"-D -e -p {PORT} -o ListenAddress=127.0.0.1 -o UsePAM=no -o PasswordAuthentication=no"
        self.log = self.folder.parent / f"{self.folder.name}-sshd.log"
        with self.log.open("wb") as log:
            self.sshd = subprocess.Popen(["chroot", str(self.folder), "/usr/sbin/sshd", *flags.split()], stderr=log)
        self.manager = subprocess.Popen(
            ["chroot", str(self.folder), "/usr/bin/python3", "/usr/local/lib/standin.py", "manage"]
        )
        time.sleep(2)

    def stop(self) -> None:
        """All that runs in the folder ends; what was mounted into it goes."""
        for process in (self.manager, self.sshd):
            if process is not None:
                process.kill()
        while left := self._inside():  # nginx may make new ones while it is being ended
            for pid in left:
                subprocess.run(["kill", "-9", pid], check=False, stderr=subprocess.DEVNULL)
            time.sleep(1)
        for what in ("proc", "dev", "sys", *DISKS):
            subprocess.run(["umount", "-l", str(self.folder / what)], check=False)

    def _inside(self) -> list[str]:
        """Processes that have the folder for their root."""
        found = []
        for pid in (path.name for path in Path("/proc").iterdir() if path.name.isdigit()):
            with contextlib.suppress(OSError):  # it has just ended
                if os.readlink(f"/proc/{pid}/root") == str(self.folder):
                    found.append(pid)
        return found

    @contextlib.contextmanager
    def full(self, disk: str, leave_mib: int) -> Iterator[None]:
        """While it lasts, so much is left of one of the disks."""
        ballast = self.folder / disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):  # others write too
            while (left := shutil.disk_usage(ballast.parent).free - leave_mib * 1024 * 1024) > 0:
                file.write(bytes(min(left, 1024 * 1024)))
        yield
        ballast.unlink()

    def visits(self) -> int:
        """How often somebody has come in by SSH so far."""
        return self.log.read_text().count("Accepted publickey")

    def fab(self, *task: str, fails: bool = False) -> str:
        """One task of the pipeline, from the laptop's side; it has to succeed, or with `fails`, to fail."""
        say("fab " + " ".join(task))
        command = [str(ROOT / ".venv/bin/fab"), "-i", str(self.key), "-H", f"ubuntu@127.0.0.1:{PORT}", *task]
        done = subprocess.run(command, cwd=ROOT / "deploy", text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print("".join(f"    {line}\n" for line in done.stdout.splitlines()), end="", flush=True)
        expect((done.returncode != 0) == fails, f"{task[0]} ended with {done.returncode}")
        return done.stdout


def wheel(change: dict[str, tuple[str, str]], version: str, folder: Path) -> Path:
    """A release of this working copy with some text changed, or added where the text before is empty."""
    copy = folder / version
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "var", "dist", "build"))
    ours = {"pyproject.toml": (f'version = "{OURS}"', f'version = "{version}"')}
    for name, (before, after) in (ours | change).items():
        file = copy / name
        text = file.read_text() if file.exists() else ""
        expect(before in text, f"{name} has changed: this check changes {before!r} in it")
        file.write_text(text.replace(before, after, 1) if before else after)
    sh(f"{ROOT}/.venv/bin/python -m pip wheel -q --no-deps --no-build-isolation -w {copy}/dist {copy}")
    return next((copy / "dist").glob("*.whl"))


def signed(folder: Path) -> tuple[Path, Path]:
    """The release of the last commit, signed with a key made for this, and the file of allowed signers."""
    sh(f"ssh-keygen -q -t ed25519 -N '' -C release@hmis -f {folder}/publisher")
    sh(f"make -C {ROOT} release TRIAL=1 KEY={folder}/publisher")
    shutil.copytree(ROOT / "dist", folder / "release")
    signers = folder / "allowed_signers"
    signers.write_text(f'release@hmis namespaces="hmis-release" {(folder / "publisher.pub").read_text()}')
    return folder / "release", signers


def forged(release: Path) -> dict[str, Path]:
    """What somebody might put in the place of a release: one byte of it changed, and one signed by a stranger."""
    byte, stranger = (Path(shutil.copytree(release, release.with_name(name))) for name in ("byte", "stranger"))
    wheel = next(byte.glob("*.whl"))
    content = bytearray(wheel.read_bytes())
    content[len(content) // 2] ^= 1
    wheel.write_bytes(content)
    key = release.with_name("stranger-key")
    sh(f"ssh-keygen -q -t ed25519 -N '' -C release@hmis -f {key}")
    sh(f"cd {stranger} && rm SHA256SUMS.sig && ssh-keygen -q -Y sign -f {key} -n hmis-release SHA256SUMS")
    return {"is not the file that release@hmis signed": byte, "is by nobody named in": stranger}


def releases(folder: Path) -> dict[str, Path]:
    """The same product five times: as it is, with a migration, and broken in three ways."""
    newest = sorted((ROOT / "hmis/migrations/versions").glob("0*.py"))[-1]
    revision = newest.stem.split("_")[0]
    told = newest.read_text()
    ours = next(line.split('"')[1] for line in told.splitlines() if line.startswith("revision"))
    migration = MIGRATION.replace("BEFORE", ours)
    return {
        "first": wheel({}, "0.1.1", folder),
        "grown": wheel(
            {f"hmis/migrations/versions/{int(revision) + 1:04}_a_remark.py": ("", migration)}, "0.1.3", folder
        ),
        "unfit": wheel(
            {"hmis/app.py": ("    settings.refuse_if_unsafe()\n", "    raise UnsafeSettings('broken')\n")},
            "0.1.4",
            folder,
        ),
        "mute": wheel(
            {"hmis/serve.py": ("    settings.refuse_if_unsafe()\n", "    raise SystemExit('broken')\n")},
            "0.1.5",
            folder,
        ),
        "deaf": wheel(
            {
                "hmis/serve.py": (
                    "    settings.refuse_if_unsafe()\n",
                    "    import os\n    if 'LISTEN_FDS' in os.environ:\n        raise SystemExit('broken')\n",
                )
            },
            "0.1.6",
            folder,
        ),
    }


MIGRATION = '''"""A column that the release before does not know."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "BEFORE"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patients", sa.Column("remark", sa.String(200), nullable=True))


def downgrade() -> None:
    op.drop_column("patients", "remark")
'''


def main() -> None:
    """The whole life of a server, from fresh to rolled back."""
    server = Server(Path(sys.argv[1]).resolve())
    work = Path(tempfile.mkdtemp())
    say("six releases")
    made = releases(work)
    release, signers = signed(work)
    say("a server")
    server.prepare()
    server.start()
    try:
        _live(server, made, release, signers)
    finally:
        server.stop()
        shutil.rmtree(work)
        for one in sh(f"mariadb -h 127.0.0.1 -u root -N -e 'SHOW DATABASES LIKE \"{DATABASE}%\"'").split():
            sh(f"mariadb -h 127.0.0.1 -u root -e 'DROP DATABASE {one}'")


def _live(server: Server, made: dict[str, Path], release: Path, signers: Path) -> None:
    statements = (
        f"DROP DATABASE IF EXISTS {DATABASE}",
        f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4",
        f"CREATE OR REPLACE USER {DATABASE}@'%' IDENTIFIED BY 'pipeline'",
        f"GRANT ALL ON *.* TO {DATABASE}@'%'",
    )
    sh(f'mariadb -h 127.0.0.1 -u root -e "{"; ".join(statements)}"')
    url = f"mysql+mysqldb://{DATABASE}:pipeline@127.0.0.1/{DATABASE}?charset=utf8mb4"
    provision = ("provision", "--domain", "hmis.test", "--database-url", url)
    server.fab(*provision, "--dry")
    expect(not (server.folder / "opt/hmis").exists(), "a dry run changed the server")
    server.fab(*provision)
    settings = server.folder / "etc/hmis/hmis.env"
    settings.write_text(settings.read_text() + 'HMIS_CLINICS="Eye, Dental"  # by hand\n')
    before = _files(server)
    again = server.fab(*provision)
    expect("nothing changed" in again and _files(server) == before, "a second run changed something")
    server.fab("deploy", "--wheel", str(made["first"]))
    _officer(server)
    _refused(server, forged(release), signers)
    with Load(4, *STREET) as load:
        time.sleep(5)
        server.fab("deploy", "--release", str(release), "--signers", str(signers))
        load.tell("a deployment of a signed release")
        server.fab("deploy", "--wheel", str(made["unfit"]), fails=True)
        load.tell("a release that cannot serve")
        server.fab("deploy", "--wheel", str(made["mute"]), fails=True)
        load.tell("a release that does not start, seen before the switch")
        server.fab("deploy", "--wheel", str(made["deaf"]), fails=True)
        load.tell("a release that answers no more once it is switched to, and the way back")
        server.fab("deploy", "--wheel", str(made["grown"]))
        load.tell("an upgrade with a migration")
        server.fab("rollback")
        load.tell("a roll-back to the release before, over the new schema")
        _no_room_for_a_release(server, made["grown"])
        load.tell("two deployments that find no room on the disk")
        time.sleep(3)
    said = server.fab("status")
    expect(f" {OURS}-" in said.split("releases")[0] and '"ready"' in said, "the release before does not serve")
    print(f"    {load.total} requests, slowest {load.slowest:.2f} s")
    _doors(server)
    _no_room_for_records(server, load, made["grown"])
    server.fab("backup")
    server.fab("restore-drill")
    server.fab("logs", "--lines", "5")
    _nothing_lost(load)
    _by_the_book(server, load)
    _judged(server)
    say("all as it should be")


def _refused(server: Server, forgeries: dict[str, Path], signers: Path) -> None:
    """What its publisher did not sign is refused before anybody so much as comes to the server."""
    before, visits = _files(server, "etc", "opt", "usr/local", "var/www", "home"), server.visits()
    for why, folder in forgeries.items():
        said = server.fab("deploy", "--release", str(folder), "--signers", str(signers), fails=True)
        expect(why in said, f"it was refused, but not because it {why}")
    expect(server.visits() == visits, "somebody came to the server before the signature was checked")
    expect(_files(server, "etc", "opt", "usr/local", "var/www", "home") == before, "something was touched")


def _no_room_for_a_release(server: Server, wheel: Path) -> None:
    """Refused before anything is uploaded; and where the disk fills while it is installed, nothing of it stays."""
    there = sorted((server.folder / "opt/hmis/releases").iterdir())
    with server.full("opt", 100):
        said = server.fab("deploy", "--wheel", str(wheel), fails=True)
    expect(
        "not enough room on the server: /opt has 100 MiB" in said and "upload" not in said, "room was not looked for"
    )

    def others_write() -> None:
        while sorted((server.folder / "opt/hmis/releases").iterdir()) == there:
            time.sleep(0.1)
        with server.full("opt", 5):
            finished.wait()

    finished = threading.Event()
    others = threading.Thread(target=others_write)
    others.start()
    said = server.fab("deploy", "--wheel", str(wheel), fails=True)
    finished.set()
    others.join()
    expect("No space left on device" in said, "it does not say that the disk is full")
    expect(sorted((server.folder / "opt/hmis/releases").iterdir()) == there, "what was half installed is still there")
    expect(not list((server.folder / "tmp").glob("hmis-upload*")), "what was uploaded is still there")


def _no_room_for_records(server: Server, load: Load, wheel: Path) -> None:
    """The disk of the data fills: nothing is saved, charts are read, people sign in, and everybody is told why."""
    say("the disk of the data is full")
    officer = Browser(*STREET)
    officer.sign_in("officer", PASSWORD)
    somebody = {"family_name": "Full", "given_name": "Disk", "sex": "female", "age_years": 30, "confirmed": True}
    with server.full("var/lib/hmis", 20):
        status, said = officer.send("POST", "/api/v1/patients", somebody)
        expect(status == 503 and said["code"] == "DiskFull", f"saved on a full disk: {status} {said}")
        Browser(*STREET).sign_in("officer", PASSWORD)
        seen = [officer.send("GET", f"/api/v1/patients/{one}")[0] for one in load.acknowledged[:50]]
        expect(set(seen) == {200}, f"not readable on a full disk: {seen}")
        ready = server.run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:5000/readyz")
        expect(ready == "503", f"/readyz says {ready}")
        expect(
            "the server's disk is full" in server.fab("backup", fails=True), "a backup does not say why it is not made"
        )
        refused = server.fab("deploy", "--wheel", str(wheel), fails=True)
        expect("not enough room on the server: /var/lib/hmis" in refused, "a deployment begins on a full disk")
    status, said = officer.send("POST", "/api/v1/patients", somebody)
    expect(status == 201, f"there is room again, and: {status} {said}")
    print("    refused while it was full; 50 charts read, one person signed in; saved when there was room again")
    _nothing_lost(load)


def _nothing_lost(load: Load) -> None:
    rows = sh(f"mariadb -h 127.0.0.1 -u root -N -e 'SELECT LOWER(HEX(id)) FROM {DATABASE}.patients'").split()
    lost = {uuid.UUID(one).hex for one in load.acknowledged} - set(rows)
    print(f"    {len(load.acknowledged)} writes acknowledged, {len(lost)} lost")
    expect(not lost, f"lost: {sorted(lost)[:5]}")


def _by_the_book(server: Server, load: Load) -> None:
    """docs/operations.md at 3 a.m.: what it has an administrator type, typed on the server."""
    say("by the book")
    typed = (
        "systemctl is-active nginx hmis.socket hmis hmis-worker",
        "curl -s http://127.0.0.1:5000/readyz",
        "hmis check",
        "curl -skI https://localhost/login | head -1",
        "nginx -t",
        "df -h /var/lib/hmis /",
        "openssl x509 -noout -enddate -in /etc/hmis/tls/fullchain.pem",
        "hmis backup list",
        "hmis audit verify",
        "hmis jobs",
        "hmis jobs run forget",
        "hmis backup show-key | wc -c",
        "ls -1t /opt/hmis/releases",
        "systemctl stop hmis.socket hmis hmis-worker",
        "hmis backup restore --replace",
        "systemctl start hmis.socket hmis hmis-worker",
        "hmis check",
    )
    for command in typed:
        began = time.monotonic()
        said = server.run(f"sudo -i -u ubuntu sudo sh -c '{command}' 2>&1").strip().splitlines()
        print(f"    {command}   ({time.monotonic() - began:.1f} s)")
        print("".join(f"        {line}\n" for line in said[-3:]), end="", flush=True)
    Browser(*STREET).sign_in("officer", PASSWORD)
    _nothing_lost(load)  # the backup was made after the load


def _files(server: Server, *below: str) -> dict[str, tuple[float, int]]:
    """All that a server's administrator might keep, and when it was last changed; or what is below these folders."""
    folders = [server.folder / name for name in below or ("etc", "opt", "usr/local", "var/lib/hmis", "var/www")]
    found = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    return {str(path): (path.lstat().st_mtime, path.lstat().st_size) for path in found}


def _doors(server: Server) -> None:
    """What machines ask is answered on the machine; from outside it is as if it were not there."""
    say("doors")
    for path, outside in (("/healthz", 200), ("/readyz", 404), ("/metrics", 404)):
        inside = server.run(f"curl -s -o /dev/null -w '%{{http_code}}' http://127.0.0.1:5000{path}")
        status, _ = Browser(*STREET).send("GET", path)
        print(f"    {path:<10} on the machine {inside}, from outside {status}")
        expect((inside, status) == ("200", outside), f"{path} is open or shut where it should not be")
    expect(server.run("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:5000/login") == "404", "a second way in")


def _officer(server: Server) -> None:
    """The first administrator, as docs/operations.md says, and a record officer for the load."""
    for role, name in (("admin", "ada"), ("record_officer", "officer")):
        who = f"--role {role} --username {name} --given-name {name.title()} --family-name Obi --password {PASSWORD}"
        server.fab("hmis", "--command", f"staff add {who}")


def _judged(server: Server) -> None:
    """What systemd itself says of our units."""
    say("systemd-analyze")
    for name in ("hmis.socket", "hmis.service", "hmis-worker.service", "hmis-meanwhile@.service"):
        told = server.run(f"/usr/bin/systemd-analyze verify /etc/systemd/system/{name} 2>&1 || true")
        ours = [line for line in told.splitlines() if "hmis" in line]
        print(f"    verify {name}: {ours or 'nothing to say'}")
        expect(not ours, f"systemd-analyze verify has something to say of {name}")
        if name.endswith(".service"):
            judged = f"security --offline=true /etc/systemd/system/{name} 2>&1 | tail -1"
            print(f"    {server.run(f'/usr/bin/systemd-analyze {judged}').strip()}")


if __name__ == "__main__":
    main()
