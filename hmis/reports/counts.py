"""What was counted a moment ago, told again instead of counted again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from hmis.core import clock

SHARE = 100
"""Counting takes a hundredth of a process's time at most: what took 0.6 s to count is told for a minute."""
LONGEST = timedelta(minutes=1)
"""No count is told for longer."""

T = TypeVar("T")


class Counted(Generic[T]):
    """The last counts of this process, and until when they are told."""

    def __init__(self) -> None:
        self._counted: T | None = None
        self._at = self._until = datetime.min.replace(tzinfo=UTC)

    def of(self, count: Callable[[], T]) -> T:
        """The counts, at most `LONGEST` old, and fresh where counting is quick."""
        began = clock.now()
        if self._counted is None or not self._at <= began < self._until:
            self._counted = count()
            self._at = clock.now()
            self._until = self._at + min((self._at - began) * SHARE, LONGEST)
        return self._counted
