"""Room on the disks, asked before anything is begun, and the folder in which copies lie in the clear for a while."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hmis.core.config import Settings
from hmis.upkeep import Refused

_PREFIX = "upkeep-"


def refuse_without_room(folder: Path, size_bytes: int) -> None:
    """Raise `Refused` where a disk has less room than is needed, and a twentieth more."""
    free = shutil.disk_usage(folder).free
    if free < size_bytes * 1.05:
        raise Refused(f"{folder} has {size(free)} free and {size(size_bytes)} are needed: make room first")


@contextmanager
def workplace(settings: Settings) -> Iterator[Path]:
    """A folder of our own on the disk of the data, gone afterwards; one backup, drill or restore at a time.

    What a killed run left there is cleared away by the next. Raises `Refused` while another is going on.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.data_dir / "upkeep.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("another backup, drill, restore or move is going on here") from error
        for left in settings.data_dir.glob(f"{_PREFIX}*/"):
            shutil.rmtree(left)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=settings.data_dir))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
    finally:
        os.close(handle)


def size(count: float) -> str:
    """Bytes as a person reads them: `55 MB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
