"""Pictures of screens made small: a PNG of 256 colours from one of millions, losing what no eye misses."""

from __future__ import annotations

import struct
import zlib
from collections import Counter

_SIGN = b"\x89PNG\r\n\x1a\n"
Colour = tuple[int, int, int]


def fewer_colours(png: bytes) -> bytes:
    """The same picture in its 256 commonest colours, the others replaced by the nearest of them."""
    parts = _parts(png)
    width, height, depth, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, kind in (2, 6)) == (8, True), "not as Chromium writes it"
    size = 3 if kind == 2 else 4
    rows = _rows(zlib.decompress(parts[b"IDAT"]), width * size, size)
    pixels = [[(row[at], row[at + 1], row[at + 2]) for at in range(0, width * size, size)] for row in rows]
    counted = Counter(pixel for row in pixels for pixel in row)
    palette = [colour for colour, _ in counted.most_common(256)]
    place = {colour: _nearest(colour, palette) for colour in counted}
    packed = b"".join(b"\0" + bytes(place[pixel] for pixel in row) for row in pixels)
    return b"".join(
        [
            _SIGN,
            _part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _part(b"PLTE", bytes(value for colour in palette for value in colour)),
            _part(b"IDAT", zlib.compress(packed, 9)),
            _part(b"IEND", b""),
        ]
    )


def _parts(png: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(_SIGN)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        found[name] = found.get(name, b"") + png[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _rows(packed: bytes, width: int, size: int) -> list[bytearray]:
    """The rows of a picture, each freed of the filter it was written with (PNG, third edition, chapter 9)."""
    rows: list[bytearray] = []
    before = bytearray(width)
    for at in range(0, len(packed), width + 1):
        row = bytearray(packed[at + 1 : at + 1 + width])
        _unfilter(packed[at], row, before, size)
        rows.append(row)
        before = row
    return rows


def _unfilter(how: int, row: bytearray, up: bytearray, size: int) -> None:
    if how == 0:
        return
    for n, value in enumerate(row):
        left = row[n - size] if n >= size else 0
        corner = up[n - size] if n >= size else 0
        guess = {1: left, 2: up[n], 3: (left + up[n]) // 2}.get(how)
        row[n] = (value + (_paeth(left, up[n], corner) if guess is None else guess)) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    straight = left + up - corner
    return min((left, up, corner), key=lambda one: abs(straight - one))


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    return min(range(len(palette)), key=lambda n: sum((a - b) ** 2 for a, b in zip(colour, palette[n], strict=True)))
