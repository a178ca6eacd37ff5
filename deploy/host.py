"""A server seen from whoever looks after it: each step is printed, done only where needed, and can be tried dry."""

from __future__ import annotations

import hashlib
import io
import shlex
import sys
import time
from typing import Any

from fabric import Connection
from invoke.exceptions import UnexpectedExit

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failed(Exception):
    """A step did not succeed; the message says which, and what the server said."""


class Host:
    """One server, over SSH. With `dry`, it is read and nothing on it is changed."""

    def __init__(self, connection: Connection, *, dry: bool = False) -> None:
        """Raises `Failed` where no server was named."""
        if not getattr(connection, "host", ""):
            raise Failed("which server? fab -H ubuntu@ITS-NAME ...")
        self.connection, self.dry = connection, dry
        self.root = connection.user == "root"
        self.changed = 0
        """Steps so far that changed something, or with `dry` would have."""

    def say(self, what: str) -> None:
        """Print one step."""
        print(f"{time.strftime('%H:%M:%S')} {'(dry) ' if self.dry else ''}{what}", flush=True)

    def ask(self, command: str) -> str:
        """What a command that changes nothing prints; empty where it fails."""
        found = self.connection.run(self._as_root(command), hide=True, warn=True, in_stream=False)
        return str(found.stdout).strip() if found.ok else ""

    def holds(self, command: str) -> bool:
        """Whether a command that changes nothing succeeds."""
        return bool(self.connection.run(self._as_root(command), hide=True, warn=True, in_stream=False).ok)

    def do(self, command: str, *, says: str = "", show: bool = False, unless: str = "") -> str:
        """Run a command that changes something, as root, `unless` another one shows that it is so already.

        Raises `Failed` where it does not succeed.
        """
        if unless and self.holds(unless):
            self.say(f"{says or command}: is so already")
            return ""
        self.say(says or command)
        self.changed += 1
        if self.dry:
            return ""
        try:
            done = self.connection.run(self._as_root(command), hide=not show, in_stream=False)
        except UnexpectedExit as error:
            said = (error.result.stderr or error.result.stdout).strip().splitlines()[-12:]
            raise Failed("\n    ".join([f"{says or command} did not succeed:", *said])) from error
        return str(done.stdout).strip()

    def write(self, path: str, text: str, *, mode: str = "644", owner: str = "root:root") -> bool:
        """Have a file hold this text; whether it had to be changed."""
        found = self.ask(f"sha256sum {path} | cut -c1-64; stat -c %a {path}").split()
        if found == [hashlib.sha256(text.encode()).hexdigest(), mode]:
            self.say(f"{path} is as it should be")
            return False
        self.say(f"write {path}")
        self.changed += self.dry
        if not self.dry:
            self.put(io.BytesIO(text.encode()), path, mode=mode, owner=owner)
        return True

    def put(self, what: Any, path: str, *, mode: str = "644", owner: str = "root:root") -> None:
        """Upload a file (a path here, or an open one), whole or not at all. Raises `Failed`."""
        self.say(f"upload {path}")
        if self.dry:
            return
        begin = f"landing=$(mktemp /tmp/hmis-upload.XXXXXX) && chown {self.connection.user} $landing && echo $landing"
        landing = self.do(begin, says="a place to land")
        try:
            self.connection.put(what, landing)
        except OSError as error:
            self.do(f"rm -f {landing}", says="take away what arrived of it")
            raise Failed(f"upload {path} did not succeed ({error}): has the server room in /tmp?") from error
        user, group = owner.split(":")
        install = f"install -D -m {mode} -o {user} -g {group} {landing} {path}.new && mv -T {path}.new {path}"
        self.do(f"trap 'rm -f {landing} {path}.new' EXIT; {install}", says=f"install {path}")

    def packages(self, *names: str) -> None:
        """Have these packages of the distribution."""
        missing = [
            name for name in names if not self.holds(f"dpkg-query -W -f='${{Status}}' {name} | grep -q '^install ok'")
        ]
        if not missing:
            self.say(f"packages are there: {' '.join(names)}")
            return
        install = "DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends"
        self.do(f"apt-get update -q && {install} {' '.join(missing)}", says=f"install packages: {' '.join(missing)}")

    def _as_root(self, command: str) -> str:
        line = f"set -e; export LC_ALL=C.UTF-8 PATH={_PATH}; {command}"
        return f"{'' if self.root else 'sudo -n '}bash -c {shlex.quote(line)}"


def refuse(why: object) -> None:
    """End with exit code 1 and one clear message."""
    print(f"\nSTOPPED: {why}", file=sys.stderr)
    sys.exit(1)
