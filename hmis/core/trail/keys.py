"""The keys of the audit trail: files outside the database, one for each epoch, the newest in use."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from hmis.core import clock
from hmis.core.trail import disk

_BYTES = 32


class KeysMissing(Exception):
    """No key can be read; the message says where it was looked for."""


class KeyUnusable(Exception):
    """A key file does not hold a key, or a new one would not become the newest; the message says what to do."""


class KeyRing:
    """All keys of this deployment. Old ones are kept, for what was signed with them is still to be verified.

    Raises `KeysMissing` for an empty folder and `KeyUnusable` for a file that is cut short or edited.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys = _read(folder)
        if not self._keys:
            raise KeysMissing(f"no audit key in {folder}: run `hmis init`")
        self.current = max(self._keys)
        """The key that new events are signed with: the newest when this ring was opened."""

    @classmethod
    def ready(cls, folder: Path) -> KeyRing:
        """The ring of this folder, with a first key made if there is none; two servers that start together make one."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not any(folder.glob("*.key")):
            with disk.alone(folder):
                if not any(folder.glob("*.key")):
                    cls.new_epoch(folder)
        return cls(folder)

    @staticmethod
    def new_epoch(folder: Path) -> str:
        """Make the key that is used from the next start on, readable by its owner alone; its name is returned.

        Raises `KeyUnusable` when the clock is behind the newest key: the new one would never be used.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{clock.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        newest = max((file.stem for file in folder.glob("*.key")), default="")
        if name <= newest:
            raise KeyUnusable(f"the clock is behind the newest audit key {newest}: set the clock right first")
        # Whole or not at all: a key cut short by a full disk must never be read as a key.
        disk.replace(folder / f"{name}.key", f"{secrets.token_hex(_BYTES)}\n".encode())
        return name

    def knows(self, name: str) -> bool:
        """Whether the key of that name is here, also where another process made it after this ring was opened."""
        if name not in self._keys:
            self._keys = _read(self.folder) | self._keys
        return name in self._keys

    def there(self) -> bool:
        """Whether the key in use still lies in its folder, so that a server started now would use it too."""
        return (self.folder / f"{self.current}.key").is_file()

    def mac(self, message: bytes, name: str | None = None) -> bytes:
        """HMAC-SHA256 of a message, 32 bytes, under the named key or the current one."""
        return hmac.digest(self._keys[name or self.current], message, "sha256")


def _read(folder: Path) -> dict[str, bytes]:
    return {file.stem: _key(file) for file in sorted(folder.glob("*.key"))}


def _key(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise KeyUnusable(f"{file} does not hold an audit key of {_BYTES} bytes: bring it back from its copy")
    return key
