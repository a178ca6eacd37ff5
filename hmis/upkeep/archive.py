"""The file of a backup: a gzipped tar inside age encryption, so that it opens without us.

    age --decrypt -i backup.key FILE | tar -xz

age authenticates every 64 KiB and their order, and the last one as the last: what was changed or cut off is not opened.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BufferedIOBase, BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

import pyrage
from pyrage import x25519

from hmis.core.trail import disk
from hmis.upkeep import Refused
from hmis.upkeep.manifest import Manifest, Member
from hmis.upkeep.room import refuse_without_room

MANIFEST = "manifest.json"
_PIECE = 1 << 20

Tick = Callable[[int, int | None], object]
"""Told how many bytes are done, and of how many."""


def members_of(folder: Path) -> dict[str, Member]:
    """Every file in a folder, with its hash."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): Member(**_measured(file)) for file in files}


def pack(folder: Path, manifest: Manifest, target: Path, whose: list[x25519.Recipient], tick: Tick) -> None:
    """Write the members that the manifest names, encrypted, to `target`: whole or not at all. Raises `OSError`."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            with _fed_by(lambda pipe: _write_tar(pipe, folder, manifest, tick)) as plain:
                pyrage.encrypt_io(plain, out, whose)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(target)
    except pyrage.EncryptError as error:
        raise Refused(f"{target} could not be written: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    disk.settle(target.parent)


def unpack(file: Path, folder: Path, keys: list[x25519.Identity], tick: Tick, spare_bytes: int = 0) -> Manifest:
    """Open a backup into an empty folder, and hold each member against the manifest. Raises `Refused`."""

    def decrypt(pipe: BufferedIOBase) -> None:
        with file.open("rb") as encrypted:
            pyrage.decrypt_io(encrypted, pipe, keys)

    try:
        with _fed_by(decrypt) as plain, gzip.GzipFile(fileobj=plain) as tar:
            manifest = _read_tar(tar, folder, tick, spare_bytes)
            while plain.read(_PIECE):  # the last piece says that it is the last: nothing was cut off
                pass
    except pyrage.DecryptError as error:
        if str(error) in ("failed to fill whole buffer", "Incomplete header"):  # it ends before its head does
            raise Refused(f"{file.name} is empty or cut off") from error
        raise Refused(f"{file.name} does not open with the key here: {error}") from error
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Refused(f"{file.name} is damaged: {error}") from error
    return manifest


def _read_tar(tar: gzip.GzipFile, folder: Path, tick: Tick, spare_bytes: int) -> Manifest:
    manifest: Manifest | None = None
    found: dict[str, Member] = {}
    done = 0
    with tarfile.open(fileobj=tar, mode="r|") as members:
        for entry in members:
            content = members.extractfile(entry)
            if content is None:
                continue
            if manifest is None:
                if entry.name != MANIFEST:
                    raise ValueError("it does not begin with a manifest")
                manifest = Manifest.model_validate_json(content.read())
                refuse_without_room(folder, manifest.size_bytes, spare_bytes)
                continue
            found[entry.name] = _saved(content, _inside(folder, entry.name))
            done += entry.size
            tick(done, manifest.size_bytes)
    if manifest is None:
        raise ValueError("it is empty")
    if found != manifest.members:
        names = {*found, *manifest.members}
        wrong = sorted(name for name in names if found.get(name) != manifest.members.get(name))
        raise ValueError(f"not as the manifest says: {', '.join(wrong)}")
    return manifest


def _inside(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name} would lie outside")
    return folder.joinpath(*path.parts)


def _saved(content: IO[bytes], target: Path) -> Member:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    told, size = sha256(), 0
    with target.open("xb") as out:
        while piece := content.read(_PIECE):
            told.update(piece)
            size += out.write(piece)
    target.chmod(0o600)
    return Member(sha256=told.hexdigest(), size_bytes=size)


def _write_tar(pipe: BufferedIOBase, folder: Path, manifest: Manifest, tick: Tick) -> None:
    done, whole = 0, manifest.size_bytes
    with (
        gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        said = manifest.model_dump_json(indent=1).encode()
        tar.addfile(_entry(MANIFEST, len(said), manifest), BytesIO(said))
        for name, member in manifest.members.items():
            with (folder / name).open("rb") as content:
                tar.addfile(_entry(name, member.size_bytes, manifest), content)
            done += member.size_bytes
            tick(done, whole)


def _entry(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(manifest.began_at.timestamp())
    return entry


@contextmanager
def _fed_by(write: Callable[[BufferedIOBase], None]) -> Iterator[BufferedIOBase]:
    """The reading end of a pipe that `write` fills in a thread; what stopped the writer first is raised here."""
    reading, writing = os.pipe()
    stopped_by: list[Exception] = []

    def run() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
            try:
                write(pipe)
            except Exception as error:  # noqa: BLE001 - it belongs to whoever reads, and is raised there
                stopped_by.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as pipe:
            try:
                yield pipe
            except Exception as error:
                if stopped_by:  # so the reader only saw the pipe end too soon
                    raise stopped_by[0] from error
                raise
    finally:
        thread.join()
    if stopped_by:
        raise stopped_by[0]


def _measured(file: Path) -> dict[str, str | int]:
    told, size = sha256(), 0
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            told.update(piece)
            size += len(piece)
    return {"sha256": told.hexdigest(), "size_bytes": size}
