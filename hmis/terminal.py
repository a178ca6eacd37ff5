"""How commands speak to whoever sits at the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn

out = Console()
err = Console(stderr=True)


@contextmanager
def progress(title: str, total: int | None = None, column: ProgressColumn | None = None) -> Iterator[Any]:
    """A bar that moves by `tick(done, total, what)`; `column` says how far, where numbers alone would not."""
    columns = (TextColumn("{task.description}"), BarColumn(), column or MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def tick(done: int, of: int | None = None, what: str = title) -> None:
            bar.update(task, completed=done, total=of, description=what)

        yield tick
