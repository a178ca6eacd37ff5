"""Importing FHIR R4: files, folders, bundles of any type, single resources, NDJSON, any of them gzipped.

Everything is read first and laid on a pile, so that neither the order in a file nor the order of files matters; then
it is taken off patient by patient (`sorting`). What happens to each element is in `resources`, what becomes of it in
`writing`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from hmis.core.access import Actor
from hmis.core.history import LONGEST_ID, content_hash
from hmis.core.store import Store
from hmis.interop import measures, resources
from hmis.interop.elements import Json, part, said
from hmis.interop.pile import Pile
from hmis.interop.reading import File, Skipped, Unreadable, complaint, documents, files
from hmis.interop.report import Line, Progress, Report, silently
from hmis.interop.sorting import OF_A_PATIENT, Sorting
from hmis.interop.source import Origin, Refused
from hmis.interop.writing import NO_HOME, Writer

_LAID = frozenset({*OF_A_PATIENT, "Practitioner", "PractitionerRole", "Medication"})
_PANEL = "a panel without values of its own; its members are taken one by one"
_LONGEST_KIND = 64


def import_paths(
    store: Store, actor: Actor, paths: Sequence[Path], *, source: str = "FHIR", progress: Progress = silently
) -> Report:
    """Import all that `paths` hold. Run again, it adds what is new and nothing else.

    `source` names whose data it is: the same id from two sources is two things. Raises `NotPermitted`.
    """
    started = time.monotonic()
    writer = Writer(store, actor, source, progress)
    with closing(Pile()) as pile:
        Gathering(pile, writer, progress).read(paths)
        Sorting(pile, writer, store).write()
    report = writer.finish()
    report.seconds = time.monotonic() - started
    return report


class Gathering:
    """Reading everything, counting everything, and laying on the pile what has a home here."""

    def __init__(self, pile: Pile, writer: Writer, progress: Progress) -> None:
        self.pile, self.report, self.writer, self.progress = pile, writer.report, writer, progress
        self._documents = count(1)
        self._words: dict[str, str] = {}
        """Code of an observation -> how it is called in the report: one line for each code, not for each spelling."""

    def read(self, paths: Sequence[Path]) -> None:
        """Read all of it; what cannot be relied on is refused at once."""
        self.writer.refuse(self._all(list(files(paths))))

    def _all(self, found: list[File | Skipped]) -> Iterator[tuple[Origin, str]]:
        total, done = sum(file.size for file in found if isinstance(file, File)), 0
        for file in found:
            if isinstance(file, Skipped):
                self.unreadable(file.name, file.reason)
                continue
            self.progress(done, total, f"reading {file.name}")
            try:
                yield from self._file(file)
            except Unreadable as error:
                self.unreadable(file.name, str(error))
            done += file.size

    def unreadable(self, name: str, why: str) -> None:
        """One line of the report for a file, or a place in it, that holds nothing to count."""
        self.report.files.append(Line(name, "file", "", why))

    def _file(self, file: File) -> Iterator[tuple[Origin, str]]:
        """Lay what a file holds on the pile; what cannot be relied on is given back with the reason."""
        for place, value, odd in documents(file):
            name = f"{file.name} {place}".rstrip()
            if isinstance(value, Unreadable):
                self.unreadable(name, str(value))
                continue
            several = value if isinstance(value, list) else [value]
            for resource in several:
                number = next(self._documents)
                for url, inner in self._resources(name, resource, None):
                    yield from self.lay(name, number, url, inner, odd)

    def _resources(self, file: str, resource: Any, url: str | None) -> Iterator[tuple[str | None, Json]]:
        """The resource itself, or all that stand in a bundle, whatever the bundle is for."""
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            self.unreadable(file, "not a FHIR resource")
            return
        if resource["resourceType"] != "Bundle":
            yield url, resource
            return
        entries = resource.get("entry", [])
        if not isinstance(entries, list):
            self.unreadable(file, "a bundle whose entry is no list")
            return
        for number, entry in enumerate(entries, 1):
            if not isinstance(entry, dict) or "resource" not in entry:
                self.unreadable(file, f"entry {number}: no resource")
                continue
            full = entry.get("fullUrl")
            yield from self._resources(file, entry["resource"], full if isinstance(full, str) else None)

    def lay(
        self, file: str, document: int, url: str | None, resource: Json, odd: bool = False
    ) -> Iterator[tuple[Origin, str]]:
        """Count a resource, and lay it on the pile if it has a home here; given back where it cannot be relied on."""
        kind = resource["resourceType"][:_LONGEST_KIND]
        self.report.seen[kind] += 1
        why = self._no_home(kind, resource)
        if why:
            self.report.counted[kind, why] += 1
            return
        id = _id_of(resource, url)
        self.writer.total += 1
        try:
            body = json.dumps(resource)
            wrong = complaint(resource, body, odd)
        except RecursionError:
            body, wrong = "null", "nested too deeply"
        if len(id) > LONGEST_ID:
            wrong = f"its id is longer than {LONGEST_ID} characters"
        if wrong:
            yield Origin(file, kind, id[:LONGEST_ID], content_hash(body), body), wrong
            return
        outcome = self.pile.lay(file, document, kind, id, url, resource, body)
        if outcome == "same":
            self.report.there[kind] += 1
        elif outcome == "differs":
            why = f"another {kind} with this id, and other contents, was read before"
            yield Origin(file, kind, id, content_hash(body), body), why

    def _no_home(self, kind: str, resource: Json) -> str | None:
        if kind not in _LAID:
            return NO_HOME
        if kind != "Observation" or resources.is_vital(resource):
            return None
        known = set(_codes(resource))
        if known & measures.BODY_MASS_INDEX:
            return None
        if known & measures.PANELS and "component" not in resource:
            return _PANEL
        words = _spoken(resource)
        code = next(iter(_codes(resource)), words)
        return f"{self._words.setdefault(code, words)}: {NO_HOME}"


def _codes(resource: Json) -> list[str]:
    try:
        return resources.codes(part(resource, "code"))
    except Refused:
        return []


def _spoken(resource: Json) -> str:
    """What an observation is about, short enough for a line."""
    try:
        words = said(part(resource, "code"))
    except Refused:
        words = None
    return (words or "something without a code")[:200]


def _id_of(resource: Json, url: str | None) -> str:
    """The id in its source; for want of one the place it is known by, and at last a hash of what it says."""
    id = resource.get("id")
    if isinstance(id, str) and id:
        return id
    if url:
        return url.rpartition(":")[2] if url.startswith("urn:") else url.rstrip("/").rpartition("/")[2]
    return f"sha256-{content_hash(resource).hex()[:40]}"
