"""What is known of the backups: when one was last made and last proven, and what was wrong.

`hmis backup` writes it down in `backups.json` in the data directory; the system page and whoever measures read it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import structlog
from pydantic import BaseModel

from hmis.core import clock
from hmis.core.config import Settings
from hmis.core.trail import disk

_log = structlog.get_logger()

OVERDUE = timedelta(hours=26)
"""A backup is made each night; one older than this was missed."""


HELD_ON = timedelta(days=1)
"""How long a backup made before a deployment is kept once a later deployment succeeded."""

NO_COPY = (
    "nobody has shown a copy of the backup key: if this server is lost, no backup opens. Print it (`hmis backup "
    "show-key`), lock it away elsewhere, and type it in from there (`hmis backup confirm-key`)"
)


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

    @classmethod
    def failed(cls, at: datetime, why: Exception, seconds: float) -> Outcome:
        """What was begun then did not succeed."""
        return cls(at=at, ok=False, said=str(why), seconds=seconds)


class Attempts(BaseModel):
    """The last attempt, and the last that went well."""

    last: Outcome | None = None
    last_good: Outcome | None = None

    def note(self, outcome: Outcome) -> None:
        """Take down one more."""
        self.last = outcome
        if outcome.ok:
            self.last_good = outcome


class KeyCopy(BaseModel):
    """That somebody has shown a copy of the key which lies away from this server."""

    public: str
    """Whose key: the public half of the one that was typed in."""
    shown_at: datetime


class Held(BaseModel):
    """A backup made before a deployment: what there is to go back to where the new release harmed the records."""

    file: str
    let_go_at: datetime | None = None
    """When a later deployment succeeded; empty before."""

    def in_force(self, now: datetime) -> bool:
        """Whether it is kept whatever the settings say."""
        return self.let_go_at is None or now - self.let_go_at < HELD_ON


class BackupState(BaseModel):
    """Where the backups of this deployment stand."""

    made: Attempts = Attempts()
    """`hmis backup create`."""
    drilled: Attempts = Attempts()
    """`hmis backup verify`."""
    key_copy: KeyCopy | None = None
    """`hmis backup confirm-key`; empty as well where backups are made for another key by now."""
    held: list[Held] = []
    """`hmis backup hold`, the oldest first."""

    def overdue(self, now: datetime) -> bool:
        """Whether a night was missed, or there never was a backup."""
        good = self.made.last_good
        return good is None or now - good.at > OVERDUE

    def held_files(self, now: datetime) -> set[str]:
        """The backups kept for the sake of a deployment, by name."""
        return {one.file for one in self.held if one.in_force(now)}


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
    _write_outcome(settings, known, outcome)


def note_drilled(settings: Settings, outcome: Outcome) -> None:
    """Take down how a drill went."""
    known = state(settings)
    known.drilled.note(outcome)
    _write_outcome(settings, known, outcome)


def note_key_copy(settings: Settings, public: str) -> None:
    """Take down that a copy of this key was shown, now."""
    known = state(settings)
    known.key_copy = KeyCopy(public=public, shown_at=clock.now())
    _write(settings, known)


def note_keys(settings: Settings, public: set[str]) -> None:
    """Take down which keys open the backups from now on: a copy of another one says nothing any more."""
    known = state(settings)
    if known.key_copy is not None and known.key_copy.public not in public:
        known.key_copy = None
        _write(settings, known)


def hold(settings: Settings, file: str) -> None:
    """Keep this backup until a later deployment has succeeded, and a day more."""
    known = state(settings)
    known.held = [one for one in known.held if one.file != file] + [Held(file=file)]
    _write(settings, known)


def note_deployed(settings: Settings, own: str = "") -> None:
    """Take down that a deployment succeeded, now; `own` is the backup made before it, which stays held."""
    known, now = state(settings), clock.now()
    for one in known.held:
        if one.file != own and one.let_go_at is None:
            one.let_go_at = now
    known.held = [one for one in known.held if one.in_force(now)]
    _write(settings, known)


def _write_outcome(settings: Settings, known: BackupState, outcome: Outcome) -> None:
    """What failed may have failed for want of room: then the log tells, and whoever asked hears of the first reason."""
    try:
        _write(settings, known)
    except OSError as error:
        if outcome.ok:
            raise
        _log.error("backup_outcome_not_written", exc_info=error)


def _write(settings: Settings, known: BackupState) -> None:
    disk.replace(_file(settings), known.model_dump_json(indent=2).encode() + b"\n")


def _file(settings: Settings) -> Path:
    return settings.data_dir / "backups.json"
