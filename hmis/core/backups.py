"""What is known of the backups: when one was last made and last proven, and what was wrong.

`hmis backup` writes it down in `backups.json` in the data directory; the system page and whoever measures read it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel

from hmis.core.config import Settings
from hmis.core.trail import disk

OVERDUE = timedelta(hours=26)
"""A backup is made each night; one older than this was missed."""


class Outcome(BaseModel):
    """How making or proving a backup went."""

    at: datetime
    """When it began."""
    ok: bool
    said: str
    """In one sentence, for a person."""
    seconds: float
    file: str = ""
    size_bytes: int = 0
    holds_until: datetime | None = None
    """All that was acknowledged before then is in it."""


class Attempts(BaseModel):
    """The last attempt, and the last that went well."""

    last: Outcome | None = None
    last_good: Outcome | None = None

    def note(self, outcome: Outcome) -> None:
        """Take down one more."""
        self.last = outcome
        if outcome.ok:
            self.last_good = outcome


class BackupState(BaseModel):
    """Where the backups of this deployment stand."""

    made: Attempts = Attempts()
    """`hmis backup create`."""
    drilled: Attempts = Attempts()
    """`hmis backup verify`."""

    def overdue(self, now: datetime) -> bool:
        """Whether a night was missed, or there never was a backup."""
        good = self.made.last_good
        return good is None or now - good.at > OVERDUE


def state(settings: Settings) -> BackupState:
    """What was written down; empty where there never was a backup. Raises `ValueError` where somebody edited it."""
    try:
        return BackupState.model_validate_json(_file(settings).read_bytes())
    except FileNotFoundError:
        return BackupState()


def note_made(settings: Settings, outcome: Outcome) -> None:
    """Take down how making a backup went."""
    known = state(settings)
    known.made.note(outcome)
    _write(settings, known)


def note_drilled(settings: Settings, outcome: Outcome) -> None:
    """Take down how a drill went."""
    known = state(settings)
    known.drilled.note(outcome)
    _write(settings, known)


def _write(settings: Settings, known: BackupState) -> None:
    disk.replace(_file(settings), known.model_dump_json(indent=2).encode() + b"\n")


def _file(settings: Settings) -> Path:
    return settings.data_dir / "backups.json"
