"""What a verification of the audit trail found, and how much it looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LISTED = 1000
"""Findings of one kind that are listed one by one; the rest are only counted, so that memory stays bounded."""


class Kind(StrEnum):
    """What was done to the trail, or to a record behind its back."""

    EDITED = "edited"  # an event, after it was sealed
    DELETED = "deleted"  # an event
    INSERTED = "inserted"  # an event that we never wrote, or one edited before it was sealed
    REORDERED = "reordered"  # events exchanged, or moved from one seal to another
    CUT_OFF = "cut_off"  # whole seals are gone
    CLOCK_SET_BACK = "clock_set_back"
    SEAL_EDITED = "seal_edited"
    KEY_UNKNOWN = "key_unknown"
    KEY_SWAPPED = "key_swapped"
    UNSEALED = "unsealed"  # old, and still in no seal
    ANCHOR_BEHIND = "anchor_behind"  # a seal is missing in the anchor
    ANCHOR_EDITED = "anchor_edited"
    RECORD_EDITED = "record_edited"
    RECORD_INSERTED = "record_inserted"
    RECORD_DELETED = "record_deleted"
    VERSION_EDITED = "version_edited"
    VERSION_INSERTED = "version_inserted"
    VERSION_DELETED = "version_deleted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as we left it."""

    kind: Kind
    table: str
    """A table; or `anchor`, or `keys`."""
    row: str
    """Id of the row in hex, number of the seal, or name of the key."""
    sentence: str
    """What happened, in plain words."""
    at: datetime | None = None
    """When the row was written, as far as it can be told."""
    field: str = ""
    """The column of an edited record."""

    def __str__(self) -> str:
        where = f"{self.table} {self.row}" + (f", {self.field}" if self.field else "")
        return f"{self.kind}: {self.sentence} ({where}{f', {self.at:%d-%b-%Y %H:%M:%S} UTC' if self.at else ''})"


@dataclass(slots=True)
class Verification:
    """The answer to: is everything as we left it?"""

    findings: list[Finding] = field(default_factory=list)
    """At most `LISTED` of each kind."""
    found: Counter[Kind] = field(default_factory=Counter)
    """How many of each kind, listed or not."""
    checked: Counter[str] = field(default_factory=Counter)
    """How many `events`, `seals`, `anchor lines`, `records` and `versions` were looked at."""
    progress: Callable[[Verification], None] | None = None
    """Called now and then with this, for a progress bar."""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    def note(
        self, kind: Kind, table: str, row: object, sentence: str, *, at: datetime | None = None, field: str = ""
    ) -> None:
        """Take down a finding."""
        self.found[kind] += 1
        if self.found[kind] <= LISTED:
            told = row.hex() if isinstance(row, bytes) else str(row)
            self.findings.append(Finding(kind, table, told, sentence, at, field))

    def looked_at(self, what: str, count: int) -> None:
        """Count what was checked, and tell whoever watches."""
        self.checked[what] += count
        if self.progress is not None:
            self.progress(self)

    def summary(self) -> str:
        """One line: what was looked at, and how much was found."""
        looked = ", ".join(f"{count:,} {what}" for what, count in self.checked.items() if count) or "nothing"
        found = ", ".join(f"{count:,} {kind}" for kind, count in self.found.items()) or "everything is as we left it"
        return f"looked at {looked}: {found}"
