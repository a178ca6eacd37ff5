"""The data directory: readable by its owner alone, and known ever after as that of a hospital with patients."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

from hmis.core.config import Settings, UnsafeSettings
from hmis.core.trail import disk


def keep_to_owner(settings: Settings) -> None:
    """Make the data directory where it is not, and close it and an embedded database to all but its owner.

    Raises `UnsafeSettings` in production where everybody on the machine can read it and it is not ours to close.
    """
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.stat()
    if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
        _close(folder, 0o700)
    elif settings.production and found.st_mode & 0o007:
        raise UnsafeSettings(f"everybody on this machine can read {folder}: let its owner chmod 700 it")
    url = make_url(settings.url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        database = Path(url.database)
        for file in database.parent.glob(f"{database.name}*"):
            with suppress(FileNotFoundError):  # a journal that has just been brought in
                if file.stat().st_uid == os.geteuid():
                    _close(file, 0o600)


def with_secret(settings: Settings) -> Settings:
    """These settings with a secret of their own, made in the data directory where nobody set one."""
    if settings.has_secret:
        return settings
    disk.replace(settings.secret_key_path, f"{secrets.token_urlsafe(48)}\n".encode())
    return Settings(env=settings.env)


def remember_production(settings: Settings) -> None:
    """From now on this data directory is served in production, whatever shell it is started from."""
    if not settings.production_mark.exists():
        said = "This is a hospital with patients: HMIS serves it in production alone.\n"
        disk.replace(settings.production_mark, said.encode())


def _close(path: Path, allowed: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        path.chmod(mode & allowed)
