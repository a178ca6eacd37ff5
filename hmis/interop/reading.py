"""Reading files that nobody here wrote: JSON and CSV, plain or gzipped, without trusting any of it.

Whatever is wrong with a file or a line becomes one `Unreadable` with the reason in words; nothing is read without a
bound on its size, nothing is followed out of the folder that was named.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import os
import re
import stat
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

DOCUMENT_BYTES = 256 * 2**20
"""One JSON document is held in memory; a larger one has to come as NDJSON."""
LINE_BYTES = 16 * 2**20
FILE_BYTES = 16 * 2**30
"""Unpacked. A gzip file of 16 MiB can claim as much; no chart does."""
_DIGITS = 18
_LINES = (".ndjson", ".jsonl")
_JSON = (".json", *_LINES)


class Unreadable(Exception):
    """This file, or this line of it, cannot be read; the message says why."""


class Odd(str):
    """A number of the source that JSON does not know or nobody can hold: NaN, Infinity, 1e999, a hundred digits."""


class Doubled(dict[str, Any]):
    """An object that says the same field twice: which of the two is meant cannot be known."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: where it is, and how reports call it."""

    path: Path
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not read, and why."""

    name: str
    reason: str


def files(paths: Sequence[Path], endings: tuple[str, ...] = _JSON) -> Iterator[File | Skipped]:
    """All files named, and those in the folders named whose names end in one of `endings`, in the order of names."""
    for path in paths:
        if path.is_dir():
            for folder, inner, names in os.walk(path):
                inner.sort()
                for name in sorted(names):
                    yield _in_folder(path, Path(folder) / name, endings)
        else:
            yield _file(path, path.name)


def _in_folder(root: Path, path: Path, endings: tuple[str, ...]) -> File | Skipped:
    name = path.relative_to(root).as_posix()
    if not name.lower().removesuffix(".gz").endswith(endings):
        return Skipped(name, f"its name does not end in {' or '.join(endings)}")
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        return Skipped(name, "a link that leads out of the folder")
    return _file(path, name)


def _file(path: Path, name: str) -> File | Skipped:
    try:
        about = path.stat()
    except OSError as error:
        return Skipped(name, f"cannot be opened: {error.strerror}")
    if not stat.S_ISREG(about.st_mode):
        return Skipped(name, "not a file")
    return File(path, name, about.st_size)


class _Bounded(io.RawIOBase):
    """A stream that ends with `Unreadable` where it would give more than `limit` bytes."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._left, self._limit = stream, limit, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            some = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(f"damaged: {error}") from error
        self._left -= len(some)
        if self._left < 0:
            raise Unreadable(f"unpacks to more than {self._limit // 2**20} MiB")
        buffer[: len(some)] = some
        return len(some)


@contextmanager
def _open(file: File) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is gzipped, whatever its name says."""
    try:
        stream = file.path.open("rb")
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from error
    with stream:
        start = stream.read(4)
        stream.seek(0)
        if start.startswith(b"PK\x03\x04"):
            raise Unreadable("a zip archive; unpack it first")
        packed = start.startswith(b"\x1f\x8b")
        plain: Any = gzip.GzipFile(fileobj=stream) if packed else stream
        with plain, io.BufferedReader(_Bounded(plain, FILE_BYTES), 2**20) as bounded:
            yield bounded


class Document(NamedTuple):
    """One piece of JSON, and where it stands in its file."""

    place: str
    """Empty for a file that is one document."""
    value: Any
    """An `Unreadable` where a line cannot be read."""
    odd: bool = False
    """Somewhere in it is an `Odd` or a `Doubled`: each part has to be looked at (`complaint`)."""


def documents(file: File) -> Iterator[Document]:
    """What a file holds: one document, or one for each line of NDJSON. Raises `Unreadable` for the file as a whole."""
    with _open(file) as stream:
        if file.name.lower().removesuffix(".gz").endswith(_LINES):
            yield from _lines(stream)
            return
        whole = stream.read(DOCUMENT_BYTES + 1)
    if len(whole) > DOCUMENT_BYTES:
        raise Unreadable(f"a document of more than {DOCUMENT_BYTES // 2**20} MiB; send it as NDJSON")
    try:
        yield parse(whole)
    except Unreadable:
        if b"\n" not in whole.strip():
            raise
        several = list(_lines(io.BytesIO(whole)))
        if isinstance(several[0].value, Unreadable):
            raise
        yield from several


def _lines(stream: IO[bytes]) -> Iterator[Document]:
    number = 0
    while line := stream.readline(LINE_BYTES + 1):
        number += 1
        place = f"line {number}"
        if len(line) > LINE_BYTES:
            raise Unreadable(f"{place}: longer than {LINE_BYTES // 2**20} MiB")
        if not line.strip():
            continue
        try:
            yield parse(line)._replace(place=place)
        except Unreadable as error:
            yield Document(place, error)


def parse(text: bytes | str) -> Document:
    """JSON as it stands, with `Odd` for numbers that are none and `Doubled` for ambiguous objects."""
    watch = _Watch()
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text)).removeprefix("\ufeff")
        value = json.loads(
            text,
            parse_constant=watch.odd,
            parse_float=watch.number,
            parse_int=watch.whole,
            object_pairs_hook=watch.object,
        )
    except UnicodeDecodeError as error:
        raise Unreadable(f"its characters are broken at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    return Document("", value, watch.seen)


class _Watch:
    """Builds the values of one document, and notes whether any of them was odd."""

    def __init__(self) -> None:
        self.seen = False

    def odd(self, text: str) -> Odd:
        self.seen = True
        return Odd(text[:80])

    def number(self, text: str) -> float | Odd:
        value = float(text)
        return value if math.isfinite(value) else self.odd(text)

    def whole(self, text: str) -> int | Odd:
        return int(text) if len(text) <= _DIGITS else self.odd(text)

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        self.seen = True
        return Doubled(plain)


_SUSPECT = re.compile(r"\\u(?:0000|d[89a-f])")
"""In JSON written with escapes: a NUL, or half of a character, or a whole one outside the first plane."""


def complaint(value: Any, text: str, odd: bool) -> str | None:
    """Why a piece of JSON cannot be relied on or stored, in words; None where it can. `text` is the same, written."""
    return _within(value) if odd or _SUSPECT.search(text) else None


def _within(value: Any) -> str | None:
    match value:
        case Odd():
            return f"{value} is not a number that can be held"
        case str():
            return _unstorable(value)
        case Doubled():
            return "says one field twice"
        case dict():
            found = (_unstorable(name) or _within(inner) for name, inner in value.items())
            return next(filter(None, found), None)
        case list():
            return next(filter(None, map(_within, value)), None)
    return None


def _unstorable(text: str) -> str | None:
    if "\x00" in text:
        return "holds a NUL character"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "holds half a character, which cannot be stored"
    return None


def table(path: Path) -> Iterator[tuple[int, dict[str, str] | Unreadable]]:
    """Row numbers (the header is 1) and rows of a CSV file, by column name. Raises `Unreadable` for a broken file."""
    about = _file(path, path.name)
    if isinstance(about, Skipped):
        raise Unreadable(about.reason)
    with _open(about) as plain, io.TextIOWrapper(plain, "utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            names = next(reader, None)
            if not names or len(set(names)) != len(names):
                raise Unreadable("its first line names no columns, or one twice")
            for row in reader:
                if not row:
                    continue
                if len(row) != len(names):
                    yield reader.line_num, Unreadable(f"has {len(row)} fields, not {len(names)}")
                elif any("\x00" in field for field in row):
                    yield reader.line_num, Unreadable("holds a NUL character")
                else:
                    yield reader.line_num, dict(zip(names, row, strict=True))
        except UnicodeDecodeError as error:
            raise Unreadable(f"not UTF-8: {error.reason}") from error
        except csv.Error as error:
            raise Unreadable(f"not CSV from line {reader.line_num} on: {error}") from error
