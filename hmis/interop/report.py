"""What an import did with everything it saw: seen = taken + already there + not taken, for each kind and in all."""

from __future__ import annotations

import csv
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Progress(Protocol):
    """Told how far an import is: `done` of `of` bytes read or things written; `what` says which."""

    def __call__(self, done: int, of: int, what: str) -> None: ...


def silently(done: int, of: int, what: str) -> None:
    """Nobody is waiting."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing, or `count` things of one kind, that were not taken, and why."""

    file: str
    kind: str
    id: str
    why: str
    count: int = 1

    def __str__(self) -> str:
        """As a person reads it: `not taken: 1,203 Procedure: no home for it yet`."""
        what = f"{self.kind} {self.id}" if self.id else f"{self.count:,} {self.kind}"
        return f"not taken: {what}{f' ({self.file})' if self.file else ''}: {self.why}"


@dataclass
class Report:
    """The outcome of one import."""

    source: str
    batch_id: uuid.UUID | None = None
    """None when nothing was new, so that no batch was opened."""
    seen: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    """Here already, from an earlier import or an earlier place in the same files."""
    refused: list[Line] = field(default_factory=list)
    """Single things that were not taken, each with its reason."""
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Kind and reason of things that were not taken by the hundred, such as those without a home here yet."""
    files: list[Line] = field(default_factory=list)
    """Files and lines that could not be read at all; they are not counted as things."""
    parts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Kind and element of taken things that has no home here yet: how often it was seen."""
    remarks: list[Line] = field(default_factory=list)
    """What was left out of things that were taken otherwise, such as an impossible value of a set."""
    rows: Counter[str] = field(default_factory=Counter)
    """Rows written, by table."""
    seconds: float = 0

    @property
    def lines(self) -> list[Line]:
        """All that was not taken: what comes by the hundred in one line for each kind and reason."""
        counted = [Line("", kind, "", why, count) for (kind, why), count in sorted(self.counted.items())]
        return [*self.refused, *counted]

    @property
    def not_taken(self) -> Counter[str]:
        """How many of each kind were not taken."""
        missed: Counter[str] = Counter(line.kind for line in self.refused)
        for (kind, _), count in self.counted.items():
            missed[kind] += count
        return missed

    @property
    def adds_up(self) -> bool:
        """Whether everything that was seen is accounted for."""
        return self.seen == self.taken + self.there + self.not_taken

    def sums(self) -> list[tuple[str, int, int, int, int]]:
        """Kind, seen, taken, already there, not taken; the last row is the sum of all."""
        missed = self.not_taken
        kinds = sorted(self.seen | missed)
        rows = [(kind, self.seen[kind], self.taken[kind], self.there[kind], missed[kind]) for kind in kinds]
        rows.append(("all", self.seen.total(), self.taken.total(), self.there.total(), missed.total()))
        return rows

    def summary(self) -> str:
        """What came of it, as a small table: the sums of each kind and of all."""
        rows = [f"{'':24}{'seen':>10}{'taken':>10}{'there':>10}{'not taken':>11}"]
        for kind, *counts in self.sums():
            rows.append(f"{kind:24}" + "".join(f"{count:>{10 + (i == 3)},}" for i, count in enumerate(counts)))
        outcome = f"batch {self.batch_id}" if self.batch_id else "nothing new"
        rows.append(f"imported from {self.source}: {outcome}, {self.rows.total():,} rows in {self.seconds:.1f} s")
        if self.files:
            rows.append(f"{len(self.files):,} files or lines could not be read")
        return "\n".join(rows)

    def told(self) -> Iterator[str]:
        """The whole report as lines of text."""
        yield from self.summary().splitlines()
        yield ""
        yield from (f"{line.file}: {line.why}" for line in self.files)
        yield from map(str, self.lines)
        for line in self.remarks:
            yield f"left out: {line.kind} {line.id} ({line.file}): {line.why}"
        for (kind, element), count in sorted(self.parts.items()):
            yield f"no home yet: {element} of {count:,} {kind}"

    def write(self, path: Path) -> None:
        """Keep the report: every line of it as CSV where the name ends in .csv, else as text."""
        with path.open("w", encoding="utf-8", newline="") as file:
            if path.suffix != ".csv":
                file.writelines(f"{line}\n" for line in self.told())
                return
            out = csv.writer(file)
            out.writerow(["outcome", "file", "kind", "id", "count", "why"])
            for kind, _, taken, there, _ in self.sums()[:-1]:
                out.writerow(["taken", "", kind, "", taken, ""])
                out.writerow(["already there", "", kind, "", there, ""])
            for outcome, lines in (("unreadable", self.files), ("not taken", self.lines), ("left out", self.remarks)):
                out.writerows([outcome, *map(_cell, (x.file, x.kind, x.id)), x.count, _cell(x.why)] for x in lines)
            out.writerows(
                ["no home yet", "", _cell(kind), "", count, _cell(element)]
                for (kind, element), count in sorted(self.parts.items())
            )


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
