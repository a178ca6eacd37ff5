"""Who can open the backups: an age identity, from a file, from a secret of the deployment, or made here."""

from __future__ import annotations

import hmac
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyrage
from pyrage import x25519

from hmis.core.config import Settings
from hmis.core.trail import disk
from hmis.upkeep import Refused

_SALT = b"hmis backup key, version 1"
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def new_key(file: Path) -> str:
    """Make the key of the backups; who it is encrypted for. Raises `Refused` where there is one already."""
    if file.exists():
        raise Refused(f"{file} is there already: backups made with it need it, so it is not replaced")
    file.parent.mkdir(parents=True, exist_ok=True)
    identity = x25519.Identity.generate()
    disk.replace(file, f"# public key: {identity.to_public()}\n{identity}\n".encode())
    return str(identity.to_public())


def identities(settings: Settings) -> list[x25519.Identity]:
    """The keys that open backups here. Raises `Refused`."""
    if settings.backup_key:
        return _read(settings.backup_key, "HMIS_BACKUP_KEY")
    file = settings.backup_key_path
    try:
        text = file.read_text()
        open_to_others = stat.S_IMODE(file.stat().st_mode) & 0o077
    except FileNotFoundError as error:
        raise Refused(
            f"no backup key in {file}: `hmis backup new-key` makes one; older backups need theirs, from the safe"
        ) from error
    if open_to_others:
        raise Refused(f"{file} can be read by others than its owner: chmod 600 {file}")
    return _read(text, str(file))


def recipients(settings: Settings) -> list[x25519.Recipient]:
    """Everybody a backup is encrypted for. Raises `Refused`."""
    try:
        others = [
            x25519.Recipient.from_str(name.strip()) for name in settings.backup_also_for.split(",") if name.strip()
        ]
    except pyrage.RecipientError as error:
        raise Refused(f"HMIS_BACKUP_ALSO_FOR is no list of age recipients (age1...): {error}") from error
    return [identity.to_public() for identity in identities(settings)] + others


def shown_copy(settings: Settings, typed: str) -> str:
    """The public half of a key that somebody typed in from its copy. Raises `Refused` where it opens no backup here."""
    opens, bare = {str(one) for one in recipients(settings)}, "".join(typed.split())
    if bare.lower().startswith("age-"):
        bare = bare.upper()
    for identity in _read(bare, "what was typed"):
        if (public := str(identity.to_public())) in opens:
            return public
    raise Refused("that is a key, but not one that opens the backups made here: that copy would be of no help")


def of_secret(secret: str) -> x25519.Identity:
    """The age identity that a random secret stands for: always the same. HKDF-SHA256 (RFC 5869), one block."""
    extracted = hmac.digest(_SALT, secret.encode(), "sha256")
    return x25519.Identity.from_str(_bech32("age-secret-key-", hmac.digest(extracted, b"\x01", "sha256")).upper())


def _read(text: str, where: str) -> list[x25519.Identity]:
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    if len(lines) == 1 and not lines[0].startswith("AGE-") and len(lines[0]) >= 32:
        return [of_secret(lines[0])]
    try:
        found = [x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as error:
        raise Refused(f"{where} holds neither an age identity nor 32 random characters: {error}") from error
    if not found:
        raise Refused(f"{where} holds no key")
    return found


def _bech32(prefix: str, data: bytes) -> str:
    """Bytes as age writes its keys (BIP 173)."""
    value = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    many = -(-len(data) * 8 // 5)
    groups = [value >> 5 * (many - 1 - place) & 31 for place in range(many)]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    check = _polymod([*spread, *groups, *[0] * 6]) ^ 1
    return prefix + "1" + "".join(_LETTERS[part] for part in [*groups, *_checked(check)])


def _checked(check: int) -> Iterator[int]:
    return (check >> 5 * (5 - place) & 31 for place in range(6))


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> place & 1 else 0
    return check
