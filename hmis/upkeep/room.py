"""Room on the disks, asked before anything is begun, and the folder in which copies lie in the clear for a while."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from hmis.core.config import Settings
from hmis.core.db import disk_full
from hmis.upkeep import Refused

_PREFIX = "upkeep-"


def refuse_without_room(folder: Path, size_bytes: int, spare_bytes: int = 0) -> None:
    """Raise `Refused` where a disk has less room than is needed, a twentieth more, and what others need of it."""
    free, needed = shutil.disk_usage(folder).free, size_bytes * 1.05 + spare_bytes
    if free < needed:
        raise Refused(f"{folder} has {size(free)} free and {size(needed)} are needed: make room first")


@contextmanager
def full_disk_refused() -> Iterator[None]:
    """Whatever says that a disk became full is a `Refused` that says what to do."""
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if not full and not disk_full(error):
            raise
        raise Refused(f"the disk became full ({error}): make room, then try again") from error


@contextmanager
def workplace(settings: Settings) -> Iterator[Path]:
    """A folder of our own on the disk of the data, gone afterwards; one backup, drill or restore at a time.

    What a killed run left there is cleared away by the next. Raises `Refused` while another is going on.
    """
    with full_disk_refused(), _alone(settings):
        for left in settings.data_dir.glob(f"{_PREFIX}*/"):
            shutil.rmtree(left)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=settings.data_dir))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(settings.data_dir / "upkeep.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("another backup, drill, restore or move is going on here") from error
        yield
    finally:
        os.close(handle)


def size(count: float) -> str:
    """Bytes as a person reads them: `55 MB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
