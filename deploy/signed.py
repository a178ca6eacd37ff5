"""The signature of a release: made with the publisher's key, checked by whoever is about to install it.

It is OpenSSH's own (`ssh-keygen -Y`): what checks it is on every Ubuntu and Debian that can be reached by SSH, so
nobody has to install a tool, and then ask whether that tool is the right one. docs/releases.md tells it step by step.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

SUMS = "SHA256SUMS"
SIGNATURE = f"{SUMS}.sig"
NAMESPACE = "hmis-release"
"""What the signature is good for: one that the same key made of a mail or a commit is refused."""


class NotAsReleased(Exception):
    """A release is not what its publisher signed; the message says why."""


def write_sums(folder: Path) -> None:
    """Write down the SHA-256 of every file in the folder, as `sha256sum --check` reads it."""
    lines = [f"{_sum(file)}  {file.name}" for file in _files(folder)]
    (folder / SUMS).write_text("\n".join([*lines, ""]))


def sign(folder: Path, key: Path) -> None:
    """Sign the sums. `key`: the private key, or the public half of one that an agent or a hardware token holds."""
    (folder / SIGNATURE).unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", NAMESPACE, folder / SUMS], check=True)


def verify(folder: Path, signers: Path) -> str:
    """Who signed this release, of those allowed in the file of signers. Raises `NotAsReleased`."""
    for needed in (folder / SUMS, folder / SIGNATURE, signers):
        if not needed.is_file():
            raise NotAsReleased(f"{needed} is missing")
    told = (folder / SUMS).read_bytes()
    signature = ["-s", str(folder / SIGNATURE)]
    named = _ssh_keygen("find-principals", *signature, "-f", str(signers))
    who = named.stdout.decode().strip().splitlines()
    if named.returncode or not who:
        raise NotAsReleased(f"{folder / SIGNATURE} is by nobody named in {signers}")
    checked = _ssh_keygen("verify", *signature, "-f", str(signers), "-I", who[0], "-n", NAMESPACE, said=told)
    if checked.returncode:
        raise NotAsReleased(f"{folder / SUMS} is not what {who[0]} signed: {checked.stderr.decode().strip()}")
    sums = {name: told for told, _, name in (line.partition("  ") for line in told.decode().splitlines())}
    there = {file.name: file for file in _files(folder)}
    if sums.keys() != there.keys():
        raise NotAsReleased(f"{folder} does not hold the files that were signed: {sorted(sums.keys() ^ there.keys())}")
    for name, file in there.items():
        if _sum(file) != sums[name]:
            raise NotAsReleased(f"{file} is not the file that {who[0]} signed")
    return who[0]


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file() and file.name not in (SUMS, SIGNATURE))


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _ssh_keygen(act: str, *options: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", "-Y", act, *options], input=said, capture_output=True, check=False)
