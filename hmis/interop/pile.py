"""All resources of one import, laid out on disk, so that their order in the files does not matter.

A private SQLite database that lives as long as the import: it has no name, and is gone when the process is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from hmis.core.history import content_hash

_SCHEMA = """
CREATE TABLE things (
    seq INTEGER PRIMARY KEY, file TEXT NOT NULL, document INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    url TEXT, content BLOB NOT NULL, body TEXT NOT NULL, same_as INTEGER, differs INTEGER NOT NULL DEFAULT 0,
    owner TEXT
);
CREATE INDEX things_url ON things (url);
CREATE INDEX things_id ON things (kind, id);
CREATE TABLE numbers (kind TEXT NOT NULL, system TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL);
CREATE INDEX numbers_value ON numbers (value, kind, system);
"""


@dataclass(frozen=True, slots=True)
class Thing:
    """One resource as it came."""

    seq: int
    file: str
    document: int
    kind: str
    id: str
    url: str | None
    content: bytes
    body: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference means."""

    kind: str
    id: str
    differs: bool = False
    """Something else was taken under this id: what refers to this one must not be given to that one."""


class Pile:
    """Lay resources on it, say whose they are, take them off patient by patient."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        self._db.execute("BEGIN")
        self.resolve = lru_cache(maxsize=65536)(self._resolve)

    def close(self) -> None:
        """Throw it away."""
        self._db.close()

    def content(self, kind: str, id: str) -> bytes | None:
        """Hash of what stands under this id."""
        row = self._db.execute("SELECT content FROM things WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        return row[0] if row else None

    def lay(
        self, file: str, document: int, kind: str, id: str, url: str | None, resource: dict[str, Any], body: str
    ) -> Literal["new", "same", "differs"]:
        """Add a resource, `body` being its JSON.

        One that was there is `same`, another one under the same id `differs`; what refers to them is still resolved.
        """
        content = told(resource)
        first = self._db.execute(
            "SELECT seq, content FROM things WHERE kind = ? AND id = ? AND same_as IS NULL AND differs = 0", (kind, id)
        ).fetchone()
        outcome: Literal["new", "same", "differs"] = (
            "new" if first is None else "same" if first[1] == content else "differs"
        )
        seq = self._db.execute(
            "INSERT INTO things (file, document, kind, id, url, content, body, same_as, differs)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file,
                document,
                kind,
                id,
                url,
                content,
                "" if outcome == "same" else body,
                first[0] if outcome == "same" else None,
                outcome == "differs",
            ),
        ).lastrowid
        numbers = [(kind, n.get("system") or "", n.get("value"), seq) for n in _numbers(resource)]
        self._db.executemany("INSERT INTO numbers VALUES (?, ?, ?, ?)", numbers)
        return outcome

    def _resolve(self, reference: str, kind: str, document: int, base: str | None) -> Target | None:
        """What `reference` means where it stands: the document it is in first, then everything that was read.

        `kind` is meant where the reference does not say; `base` is the server the referring resource is from. What
        is not among the things read may be known from an earlier import, and is named by its id.
        """
        if "?" in reference:
            named, _, question = reference.partition("?")
            return self._by_number(named or kind, question)
        plain = reference.partition("/_history/")[0]
        if plain.startswith("urn:"):
            return self._by_url(plain, document) or Target(kind, plain.rpartition(":")[2])
        parts = plain.rstrip("/").split("/")
        if len(parts) < 2 or not parts[-1] or not parts[-2].isalpha():
            return None
        named, id = parts[-2], parts[-1]
        absolute = plain if urlsplit(plain).scheme in ("http", "https") else base and f"{base}/{named}/{id}"
        found = (absolute and self._by_url(absolute, document)) or self._by_id(named, id, document, absolute)
        return found or Target(named, id)

    def _by_url(self, url: str, document: int) -> Target | None:
        return self._target("url = ?", (url,), document)

    def _by_id(self, kind: str, id: str, document: int, absolute: str | None) -> Target | None:
        # A resource that says it lives on another server is not the one meant.
        elsewhere = "kind = ? AND id = ? AND (? IS NULL OR url IS NULL OR url NOT LIKE 'http%')"
        return self._target(elsewhere, (kind, id, absolute), document)

    def _by_number(self, kind: str, question: str) -> Target | None:
        """`identifier=system|value`: the one thing with this number, or nothing where several have it."""
        name, _, number = question.partition("=")
        if name != "identifier" or not number:
            return None
        system, bar, value = number.rpartition("|")
        rows = self._db.execute(
            "SELECT DISTINCT t.kind, t.id, t.differs FROM numbers n JOIN things t USING (seq)"
            " WHERE n.value = ? AND n.kind = ? AND (? = '' OR n.system = ?)",
            (value, kind, bar, system),
        ).fetchall()
        return Target(rows[0][0], rows[0][1], bool(rows[0][2])) if len(rows) == 1 else None

    def _target(self, where: str, values: tuple[Any, ...], document: int) -> Target | None:
        row = self._db.execute(
            f"SELECT kind, id, differs FROM things WHERE {where}"  # noqa: S608 - our own words
            " ORDER BY document = ? DESC, seq LIMIT 1",
            (*values, document),
        ).fetchone()
        return Target(row[0], row[1], bool(row[2])) if row else None

    def things(self, *kinds: str) -> Iterator[Thing]:
        """All of these kinds that stand, in the order they were read."""
        marks = ", ".join("?" * len(kinds))
        yield from self._things(f"kind IN ({marks}) AND same_as IS NULL AND differs = 0 ORDER BY seq", kinds)

    def one(self, kind: str, id: str) -> Thing | None:
        """The one that stands under this id."""
        return next(self._things("kind = ? AND id = ? AND same_as IS NULL AND differs = 0", (kind, id)), None)

    def of(self, owner: str) -> Iterator[Thing]:
        """All that was given to this patient."""
        yield from self._things("owner = ? ORDER BY seq", (owner,))

    def _things(self, where: str, values: tuple[Any, ...]) -> Iterator[Thing]:
        query = f"SELECT seq, file, document, kind, id, url, content, body FROM things WHERE {where}"  # noqa: S608
        for row in self._db.execute(query, values):
            yield Thing(*row)

    def give(self, owned: Iterator[tuple[str, int]]) -> None:
        """Say whose each thing is: patient id and `seq`."""
        self._db.executemany("UPDATE things SET owner = ? WHERE seq = ?", list(owned))
        self._db.execute("CREATE INDEX IF NOT EXISTS things_owner ON things (owner)")

    def owners(self) -> list[str]:
        """Ids of the patients something was given to, in the order they were first seen."""
        rows = self._db.execute("SELECT owner FROM things WHERE owner IS NOT NULL GROUP BY owner ORDER BY min(seq)")
        return [row[0] for row in rows]


def told(resource: dict[str, Any]) -> bytes:
    """Hash of what a resource says; when it was last touched, and its text for people, do not matter."""
    return content_hash({name: part for name, part in resource.items() if name not in ("meta", "text")})


def _numbers(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    given = resource.get("identifier")
    for number in given if isinstance(given, list) else [given]:
        if isinstance(number, dict) and isinstance(number.get("value"), str):
            system = number.get("system")
            yield {"value": number["value"], "system": system if isinstance(system, str) else ""}
