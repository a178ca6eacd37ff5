"""Whether this server is fit to serve, asked anew each time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from hmis.core import migrate
from hmis.core.store import Store

MIB = 1024 * 1024


def not_ready(store: Store) -> list[str]:
    """Why no request should be sent here, in words for the log; empty where all is well."""
    settings = store.settings
    asked: dict[str, Callable[[], bool]] = {
        "the database is at no schema that this release can serve": lambda: migrate.current(store.engine),
        "the spool cannot be written": lambda: _writable(str(settings.spool)),
        "the disk is nearly full": lambda: (
            store.disk().free >= max(settings.disk_floor_mib * MIB, settings.disk_reserve_bytes)
        ),
        "the audit key is gone": store.keys.there,
    }
    found = []
    for wrong, right in asked.items():
        try:
            if not right():
                found.append(wrong)
        except (OSError, SQLAlchemyError) as error:
            found.append(f"{wrong}: {type(error).__name__}")
    return found


def _writable(folder: str) -> bool:
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        return file.write(b"?") == 1
