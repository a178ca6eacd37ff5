"""`make test`: the whole suite on SQLite, then on MariaDB where one answers, then what people do in a browser.

With `HMIS_REQUIRE_MARIADB=1` (as in CI) a server is started if none answers, and it is a failure if that cannot be.
With `HMIS_REQUIRE_BROWSER=1` it is a failure if there is no Chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import mariadb
from tests.browser import chromium

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  # bytes; a run takes about one GiB, and three are kept


def main() -> int:
    """Exit code: 0 when every run passed."""
    required = os.environ.get("HMIS_REQUIRE_MARIADB") == "1"
    address = mariadb.answering()
    if address is None and required:
        address = mariadb.start(Path("var/test-mariadb").resolve())
    failed = _suite("SQLite", "")
    if address is not None:
        failed |= _suite("MariaDB", address)
    else:
        print(_NOT_THERE, flush=True)  # noqa: T201
    return failed | _browser()


_NOT_THERE = """
==================================================================================================
 NOT TESTED ON MARIADB: no server answered. Install one (apt-get install mariadb-server) or name one
 in HMIS_TEST_DATABASE_URL, and run `make test` again.
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
    environment = {**os.environ, **_memory(), "HMIS_TEST_DATABASE_URL": address}
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(processes), *what]
    return subprocess.run(command, env=environment, check=False).returncode


def _memory() -> dict[str, str]:
    """Where the tests keep their hospitals: in memory where there is room, for nothing there has to outlive them."""
    if "PYTEST_DEBUG_TEMPROOT" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return {}
    return {"PYTEST_DEBUG_TEMPROOT": str(MEMORY)}


if __name__ == "__main__":
    sys.exit(main())
