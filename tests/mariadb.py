"""Finding a MariaDB to test on, or starting one of our own where the server is installed but not running."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
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


def answering() -> str | None:
    """The address of a server that lets us make databases: the one named in the environment, or a likely one."""
    named = os.environ.get("HMIS_TEST_DATABASE_URL")
    for address in (named,) if named else _LIKELY:
        if address and _may_create(make_url(address)):
            return address
    return None


def start(folder: Path) -> str:
    """Start a server of our own in `folder`; its address. Raises `FileNotFoundError` where none is installed."""
    return launch(folder)[1]


def launch(folder: Path, *options: str) -> tuple[subprocess.Popen[bytes], str]:
    """The same, with options of the server's own; its process too, for whoever ends it."""
    server = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
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
