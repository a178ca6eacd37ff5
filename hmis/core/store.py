"""What one deployment stands on: its database, its audit keys and its spool. The same for API, console and jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hmis.core import audit
from hmis.core.access import Actor
from hmis.core.audit import Act, AuditEvent
from hmis.core.config import Settings
from hmis.core.db import WRITING, HospitalSession, lawful, open_engine
from hmis.core.disks import Disk, database_folder, tightest
from hmis.core.errors import DiskFull
from hmis.core.guard import guard
from hmis.core.place import keep_to_owner
from hmis.core.trail.keys import KeyRing
from hmis.core.trail.spool import Spool
from hmis.core.watch import metrics

T = TypeVar("T")


class Store:
    """The open store of one deployment."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        keep_to_owner(settings)
        self.engine = guard(open_engine(settings.url))
        metrics.watch(self.engine, settings.slow_query_ms)
        self.writing = self.engine.execution_options(**WRITING)
        self.keys = KeyRing.ready(settings.keys)
        self.spool = Spool(settings.spool)
        self._reserves: dict[str, Any] = {}
        self._folders: list[Path] = []

    def session(self, actor: Actor | None = None, *, writes: bool = True, small: bool = False) -> HospitalSession:
        """A unit of work. With `writes`, SQLite takes its one write lock at the first statement.

        Raises `DiskFull` where the rest of the disk is kept for who reads and, with `small`, for who signs in.
        """
        if writes and not small:
            self.refuse_without_room()
        return HospitalSession(self.writing if writes else self.engine, actor, self)

    def refuse_without_room(self) -> None:
        """Raise `DiskFull` where no record is taken any more."""
        if self.disk().free < self.settings.disk_reserve_bytes:
            raise DiskFull

    def disk(self) -> Disk:
        """The disk of the data or, where it has less room and is on this machine, that of the database."""
        if not self._folders:
            try:
                found = database_folder(self.engine)
            except DBAPIError:  # it does not answer now: asked again the next time
                return tightest([self.settings.data_dir])
            self._folders = [self.settings.data_dir, *([found] if found else [])]
        return tightest(self._folders)

    def reserve(self, name: str, make: Callable[[], T]) -> T:
        """What a domain keeps ready in this process, made at its first use."""
        found: T = self._reserves.setdefault(name, make())
        return found

    def answers(self) -> bool:
        """Whether the database answers a question right now."""
        try:
            with self.engine.connect() as connection:
                return bool(connection.scalar(text("SELECT 1")) == 1)
        except SQLAlchemyError:
            return False

    def event(self, actor: Actor | None, act: Act, subject: str, **about: Any) -> dict[str, Any]:
        """A finished audit event, not yet kept anywhere."""
        return audit.event(self.keys, actor, act, subject, **about)

    def tell(self, actor: Actor | None, act: Act, subject: str, **about: Any) -> None:
        """Record an act that changes nothing here (a reading, a refusal): safe on disk before it returns."""
        self.spool.keep([self.event(actor, act, subject, **about)])

    def tell_now(self, actor: Actor | None, act: Act, subject: str, **about: Any) -> None:
        """Record an act in a transaction of its own; where the database takes none, in the spool."""
        told = self.event(actor, act, subject, **about)
        try:
            with self.writing.begin() as connection, lawful(connection):
                connection.execute(insert(AuditEvent), [told])
        except DBAPIError:
            self.spool.keep([told])

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
