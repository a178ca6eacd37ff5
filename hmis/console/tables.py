"""What the console prints: lists as tables, one thing as all its fields, and everything else as lines.

Names and notes come from outside, so nothing of them reaches the terminal as a command: no control characters, no
markup. Times are those of the clock on the hospital's wall.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hmis.console.kinds import Column, Kind
from hmis.core.config import Settings

_LONGEST = 4000
"""Characters of one value on the screen; a photo is longer."""


class Paper:
    """Where the console prints: a terminal, or a file or pipe, which gets no colours."""

    def __init__(self, out: IO[str], settings: Settings) -> None:
        self._out, self._settings = out, settings

    def say(self, line: str = "") -> None:
        """One line; at a terminal, broken between words."""
        text = " ".join(clean(line).split("\n"))
        if self._out.isatty():
            self._console().print(Text(text))
        else:
            self._out.write(f"{text}\n")

    def table(self, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows of a class."""
        columns = [c for c in kind.columns if not c.if_any or any(c.of(row) not in (None, "") for row in rows)]
        self.grid(
            [(column.title, column.right) for column in columns],
            [[self._cell(column, row) for column in columns] for row in rows],
        )

    def grid(self, titles: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> None:
        """A table: the first column is never broken, so that it can be copied."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
        for place, (title, right) in enumerate(titles):
            justify = "right" if right else "left"
            table.add_column(title, justify=justify, no_wrap=place == 0, overflow="fold")  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*(Text(clean(cell)) for cell in row))
        self._console().print(table)

    def fields(self, row: Mapping[str, Any]) -> None:
        """All fields of one thing, with the full ids."""
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="dim")
        table.add_column(overflow="fold")
        for name, value in _flat(row):
            table.add_row(Text(name), Text(clean(self.worded(value))))
        self._console().print(table)

    def worded(self, value: Any) -> str:
        """A value in full."""
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case datetime():
                return self._settings.local(value).isoformat(sep=" ", timespec="seconds")
            case date():
                return value.isoformat()
            case Decimal():
                return f"{value.normalize():f}"
            case list() | tuple() if not any(isinstance(part, Mapping) for part in value):
                return ", ".join(self.worded(part) for part in value)
            case list() | dict():
                return json.dumps(value, ensure_ascii=False, default=self.worded)
            case _:
                text = str(value)
                return text if len(text) <= _LONGEST else f"{text[:60]}… ({len(text):,} characters)"

    def _cell(self, column: Column, row: Mapping[str, Any]) -> str:
        value = column.of(row)
        if isinstance(value, datetime):
            return f"{self._settings.local(value):%d-%b-%y %H:%M}"
        return self.worded(value)

    def _console(self) -> Console:
        return Console(file=self._out, highlight=False, markup=False, emoji=False, soft_wrap=False)


def clean(text: str) -> str:
    """A text that cannot tell the terminal to do anything: line breaks and letters alone."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNING) else " " for c in text
    )


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing, and so could show a number backwards."""


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Fields and those within them: `next_of_kin.name`, `diagnoses.1.text`."""
    for name, value in row.items():
        where = f"{before}{name}"
        match value:
            case Mapping() if value:
                yield from _flat(value, f"{where}.")
            case list() if value and all(isinstance(part, Mapping) for part in value):
                for number, part in enumerate(value, 1):
                    yield from _flat(part, f"{where}.{number}.")
            case _:
                yield where, value
