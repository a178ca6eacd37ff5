"""The disks on which a deployment stands: that of its data, and that of its database where this machine has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, text

_HERE = (None, "", "localhost", "127.0.0.1", "::1")


class Disk(NamedTuple):
    """How much room there is, in bytes."""

    total: int
    used: int
    free: int


def tightest(folders: Iterable[Path]) -> Disk:
    """The one with the least room of the disks on which these folders lie. Raises `OSError`."""
    return min((Disk(*shutil.disk_usage(folder)) for folder in folders), key=lambda disk: disk.free)


def database_folder(engine: Engine) -> Path | None:
    """Where a database server on this machine keeps its files; None for SQLite and for a server elsewhere.

    Raises `DBAPIError` where it does not answer.
    """
    url = engine.url
    if url.get_backend_name() == "sqlite" or (url.host not in _HERE and "unix_socket" not in url.query):
        return None
    with engine.connect() as connection:
        folder = Path(str(connection.scalar(text("SELECT @@datadir"))))
    return folder if folder.is_dir() else None
