"""MariaDB's own tools, run without a password in sight: it stands in a file that its owner alone can read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from hmis.upkeep import Refused

PACKAGES = {
    "mariabackup": "mariadb-backup",
    "mariadb": "mariadb-client",
    "mariadb-dump": "mariadb-client",
    "mariadb-binlog": "mariadb-client",
    "mariadbd": "mariadb-server-core",
    "mariadb-install-db": "mariadb-server-core",
}
"""Which package of Debian brings each tool that is run here."""
_NEEDED = "RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR"
"""What the user of HMIS has to be granted on all of the server (docs/operations.md)."""
_HASH = re.compile(r"(IDENTIFIED (?:BY PASSWORD|VIA \w+ (?:USING|AS)|WITH '?\w+'? AS)) '[^']*'", re.IGNORECASE)
_LACKING = re.compile(r"(?:missing required privilege|need \(at least one of\) the) ([A-Z]+(?:(?:, | )[A-Z]+)*)")
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def there(tool: str) -> bool:
    """Whether a tool is installed."""
    return shutil.which(tool, path=_PATH) is not None


def where(tool: str) -> str:
    """Where a tool lies. Raises `Refused`, naming the package to install."""
    found = shutil.which(tool, path=_PATH)
    if found is None:
        raise Refused(f"{tool} is not installed: apt-get install {PACKAGES[tool]}")
    return found


@contextmanager
def signed_in(url: URL) -> Iterator[str]:
    """The option that tells a tool where the server is and who we are."""
    query = url.query
    told = {
        "user": url.username,
        "password": url.password,
        "host": url.host,
        "port": url.port,
        "socket": query.get("unix_socket"),
        "ssl-ca": query.get("ssl_ca"),
        "ssl-cert": query.get("ssl_cert"),
        "ssl-key": query.get("ssl_key"),
    }
    if told["socket"]:
        told["host"] = told["port"] = None
    lines = [f"{name}={_quoted(str(value))}" for name, value in told.items() if value not in (None, "")]
    handle, name = tempfile.mkstemp(prefix="hmis-client-", suffix=".cnf")
    file = Path(name)
    try:
        with os.fdopen(handle, "w") as out:
            out.write("\n".join(["[client]", *lines, ""]))
        yield f"--defaults-file={file}"
    finally:
        file.unlink()


def run(command: Sequence[str], *, out: Path | None = None, into: IO[bytes] | None = None) -> None:
    """Run a tool to its end. Raises `Refused` with the last it said, where it failed."""
    with tempfile.TemporaryFile() as said:
        if out is None:
            done = subprocess.run(
                _found(command), stdin=into or subprocess.DEVNULL, stdout=said, stderr=said, check=False
            )
        else:
            with out.open("wb") as file:
                done = subprocess.run(_found(command), stdin=subprocess.DEVNULL, stdout=file, stderr=said, check=False)
                os.fsync(file.fileno())
        _refuse_failure(command, done.returncode, said)


def pipe(first: Sequence[str], second: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Run two tools, the one reading what the other writes. Raises `Refused` where either failed."""
    with tempfile.TemporaryFile() as first_said, tempfile.TemporaryFile() as second_said:
        writer = subprocess.Popen(
            _found(first),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=first_said,
            env={**os.environ, **(environment or {})},
        )
        assert writer.stdout is not None
        with writer.stdout:
            reader = subprocess.run(
                _found(second), stdin=writer.stdout, stdout=second_said, stderr=second_said, check=False
            )
        writer.wait()
        _refuse_failure(second, reader.returncode, second_said)
        _refuse_failure(first, writer.returncode, first_said)


def _found(command: Sequence[str]) -> list[str]:
    return [where(command[0]), *command[1:]]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _refuse_failure(command: Sequence[str], code: int, said: IO[bytes]) -> None:
    if code == 0:
        return
    said.seek(0)
    raise Refused(f"{command[0]} failed ({code}): {told(said.read().decode(errors='replace'))}")


def told(said: str) -> str:
    """The last that a tool said, without hashes of passwords; where it lacks rights, the statement that gives them."""
    if lacking := sorted(set(_LACKING.findall(said))):
        return f"its user lacks {', '.join(lacking)}; as root of MariaDB: GRANT {_NEEDED} ON *.* TO that user"
    return _HASH.sub(r"\1 (not shown)", " / ".join(said.strip().splitlines()[-3:]))
