"""The lines somebody typed before, kept for the arrow keys; and Tab. Only at a terminal.

The lines hold names and what was written of patients: each member of staff has a file of their own, which nobody but
the account that runs the console can open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hmis.console.completion import DELIMITERS

try:
    import readline
except ImportError:  # a Python built without it has neither arrows nor Tab
    readline = None  # type: ignore[assignment]

LINES = 1000


@contextmanager
def remembered(folder: Path, staff_number: str) -> Iterator[None]:
    """While it lasts, arrow keys bring back earlier lines of this person, and Tab completes."""
    if readline is None:
        yield
        return
    file = folder / staff_number
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    readline.set_completer_delims(DELIMITERS)
    readline.set_history_length(LINES)
    readline.clear_history()
    if file.exists():
        readline.read_history_file(file)
    try:
        yield
    finally:
        before = os.umask(0o077)
        try:
            readline.write_history_file(file)
        finally:
            os.umask(before)
        file.chmod(0o600)
        readline.clear_history()
