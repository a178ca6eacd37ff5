"""`make test`: the whole suite on SQLite, then on MariaDB where there is one, then what people do in a browser.

With `HMIS_REQUIRE_MARIADB=1` (as in CI) it is a failure if there is no MariaDB.
With `HMIS_REQUIRE_BROWSER=1` it is a failure if there is no Chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import mariadb
from tests.browser import chromium

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  # bytes; a run takes about one GiB, and three are kept


def main() -> int:
    """Exit code: 0 when every run passed."""
    failed = _suite("SQLite", "")
    with TemporaryDirectory(dir=_memory()) as folder, mariadb.at_hand(Path(folder)) as address:
        if address is not None:
            failed |= _suite("MariaDB", address)
        else:
            print(_NOT_THERE, flush=True)  # noqa: T201
            failed |= os.environ.get("HMIS_REQUIRE_MARIADB") == "1"
    return failed | _browser()


_NOT_THERE = """
==================================================================================================
 NOT TESTED ON MARIADB: there is none. Install it (apt-get install mariadb-server) or name a server in
 HMIS_TEST_DATABASE_URL, and run `make test` again.
=================================================================================================="""


_NO_BROWSER = """
==================================================================================================
 NOT TESTED IN A BROWSER: {lacking}.
 Put that right and run `make test` again: nobody has sat at the screens.
=================================================================================================="""


def _suite(name: str, address: str) -> int:
    print(f"\n=== the suite on {name} ===", flush=True)  # noqa: T201
    return _pytest(address, min(4, os.cpu_count() or 2), "--ignore=tests/browser", *sys.argv[1:])


def _browser() -> int:
    lacking = chromium.missing()
    if lacking is not None:
        print(_NO_BROWSER.format(lacking=lacking), flush=True)  # noqa: T201
        return int(chromium.REQUIRED)
    print("\n=== at the screens, on SQLite ===", flush=True)  # noqa: T201
    return _pytest("", 2, "tests/browser", *(option for option in sys.argv[1:] if option.startswith("-")))


def _pytest(address: str, processes: int, *what: str) -> int:
    memory = _memory()
    environment = {**os.environ, "HMIS_TEST_DATABASE_URL": address}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each process would compile everything anew: half its start
    if memory and "PYTEST_DEBUG_TEMPROOT" not in environment:
        environment["PYTEST_DEBUG_TEMPROOT"] = memory
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(processes), "--dist=worksteal", *what]
    return subprocess.run(command, env=environment, check=False).returncode


def _memory() -> str | None:
    """Where the tests keep their hospitals: in memory where there is room, for nothing there has to outlive them."""
    room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return str(MEMORY) if room else None


if __name__ == "__main__":
    sys.exit(main())
