"""A MariaDB to test on: one of our own where it is installed, else one that answers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from hmis.core.db import open_engine

_LIKELY = (
    "mysql+pymysql://root@127.0.0.1:3306/hmis_test",
    "mysql+pymysql://root@localhost/hmis_test?unix_socket=/run/mysqld/mysqld.sock",
)

_UNSAFE = ("--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--skip-innodb-doublewrite")
"""Nothing waits for the disk: what is tested would not outlive a power cut, and need not."""


@contextmanager
def at_hand(folder: Path) -> Iterator[str | None]:
    """The address of a server that lets us make databases; None where there is none.

    The one named in the environment; or one of our own in `folder`, which waits for no disk and ends with the tests;
    or, where MariaDB is not installed, a likely one.
    """
    named = os.environ.get("HMIS_TEST_DATABASE_URL")
    if not named and _installed():
        process, address = launch(folder)
        try:
            yield f"{address}?ssl_disabled=true"  # a third of the time went into preparing to encrypt to ourselves
        finally:
            process.kill()
            process.wait()
    else:
        answering = [one for one in ([named] if named else _LIKELY) if _may_create(make_url(one))]
        yield next(iter(answering), None)


def _installed() -> str | None:
    return shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def launch(folder: Path, *options: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server in `folder` with these options: its process, for whoever ends it, and its address.

    Raises `FileNotFoundError` where MariaDB is not installed, `TimeoutError` where it does not come up.
    """
    server = _installed()
    if server is None:
        raise FileNotFoundError("MariaDB is not installed: apt-get install mariadb-server")
    data, own_socket = folder / "data", folder / "mariadb.sock"
    folder.mkdir(parents=True, exist_ok=True)
    user = f"--user={'root' if os.geteuid() == 0 else os.environ.get('USER', 'mysql')}"
    if not data.exists():
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                user,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            capture_output=True,
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                server,
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={own_socket}",
                f"--port={port}",
                "--bind-address=127.0.0.1",
                user,
                *_UNSAFE,
                *options,
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    address = f"mysql+pymysql://root@127.0.0.1:{port}/hmis_test"
    for _ in range(600):
        if _may_create(make_url(address)):
            return process, address
        time.sleep(0.1)
    raise TimeoutError(f"MariaDB did not come up; see {folder / 'log'}")


def _may_create(url: URL) -> bool:
    engine = open_engine(url.set(database="").render_as_string(hide_password=False))
    try:
        with engine.connect() as connection:
            grants = " ".join(str(row[0]) for row in connection.exec_driver_sql("SHOW GRANTS"))
        return "ALL PRIVILEGES ON *.*" in grants or "CREATE" in grants
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()
