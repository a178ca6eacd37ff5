"""The built web pages, served as they lie in a folder: compressed beforehand, cached by their content, under a strict
policy.

Anything under the folder `_app/immutable` has its content in its name and is kept for a year; everything else is asked
for anew each time, and answered 304 where it is the same. Addresses below `/app` that are no file get `app.html`: the
page finds its own way from there.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request

from hmis.core import page_policy
from hmis.core.errors import NotFound

_TYPES = {".webmanifest": "application/manifest+json", ".woff2": "font/woff2", ".js": "text/javascript"}
_PACKED = (("br", ".br"), ("gzip", ".gz"))
"""Encodings in the order they are preferred, with the ending each has in the folder."""
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"


@dataclass(frozen=True)
class Page:
    """One file as it is answered."""

    content: dict[str, bytes]
    """By encoding; `identity` is always there."""
    kind: str
    etag: str
    cache: str
    policy: str


class Site:
    """All files of a folder, read once."""

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, Page] = {}
        for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if file.is_file() and file.suffix not in (".br", ".gz"):
                self.pages[page_policy.address(file.relative_to(folder))] = _read(file, folder)

    def attach(self, app: Flask) -> None:
        """Answer the addresses of the files, and everything below /app."""
        folders = {address.split("/")[1] for address in self.pages if address.count("/") > 1}
        for folder in sorted(folders):
            below = f"/{folder}/<path:rest>"
            app.add_url_rule(below, f"site {below}", lambda rest, at=folder: self.answer(f"/{at}/{rest}"))
        for address in self.pages:
            if address.count("/") == 1:
                app.add_url_rule(address, f"site {address}", lambda at=address: self.answer(at))
        if "/app.html" in self.pages:
            app.add_url_rule("/app", "site app", lambda: self.answer("/app.html"), methods=["GET"])
            app.add_url_rule("/app/<path:rest>", "site below app", lambda rest: self.answer("/app.html"))

    def answer(self, address: str) -> Response:
        """One file, in the best encoding the browser takes. Raises `NotFound`."""
        page = self.pages.get(address)
        if page is None:
            raise NotFound("there is no such page here")
        encoding = next(
            (name for name, _ in _PACKED if name in page.content and request.accept_encodings[name] > 0), ""
        )
        response = Response(page.content[encoding or "identity"], content_type=page.kind)
        response.set_etag(page.etag + encoding, weak=True)
        response.headers["Cache-Control"] = page.cache
        response.headers["Content-Security-Policy"] = page.policy
        if len(page.content) > 1:
            response.headers["Vary"] = "Accept-Encoding"
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.make_conditional(request)
        return response


def _read(file: Path, folder: Path) -> Page:
    whole = file.read_bytes()
    content = {"identity": whole}
    for encoding, ending in _PACKED:
        packed = file.with_name(file.name + ending)
        if packed.is_file():
            content[encoding] = packed.read_bytes()
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    for_ever = file.relative_to(folder).as_posix().startswith("_app/immutable/")
    return Page(content, kind, sha256(whole).hexdigest()[:24], _FOR_EVER if for_ever else _ASK, page_policy.of(file))
