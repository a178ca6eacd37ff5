"""Changes that were said but not saved, and how they are tried, shown and saved.

What is held is the call, not its result. An open write transaction would hold SQLite's one write lock, and on MariaDB
the rows it touched, for as long as somebody thinks: everybody at the API would wait. So each change is tried at once,
behind all that is held already, in one transaction that is rolled back: the laws, the bounds and the database speak
immediately. `save` does all of it again in one transaction and commits: all, or nothing and the name of the one that
failed. Between trial and save the world goes on, so the save asks everything anew: who may, whose it is, whether the
24 hours are over, and whether somebody changed a thing since it was tried (`Stale`: nothing of theirs is overwritten).

Nothing exists before it is saved, so nothing has a number before: what was created is called `new-1`, and later
changes may name it so. Hospital numbers, staff numbers and tickets are given by the save.

A save leaves its own key in the database, in the same transaction. Where the connection broke at the commit, the next
save looks for it first and so never does the work twice.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from hmis.console.calls import Call, body_of
from hmis.console.classes import within
from hmis.console.grammar import NotUnderstood
from hmis.console.kinds import Kind, Place, Way
from hmis.console.references import HANDLE, with_ids
from hmis.core import clock
from hmis.core.access import Actor, require
from hmis.core.answers import StoredAnswer, place_of
from hmis.core.db import TRANSIENT, HospitalSession, mysql_code
from hmis.core.errors import Conflict, HmisError, Invalid, Stale, Unavailable
from hmis.core.store import Store

MOST = 100
"""Changes held at once: a save is one short transaction."""
_PATIENCE = 10.0  # seconds that work is tried again while the database says: later

T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """What one change did, or would do."""

    change: Call
    id: uuid.UUID | None
    row: Mapping[str, Any] = field(default_factory=dict)
    """What the API would answer; nothing for what was taken away."""
    found: int | None = None
    """The version in which the thing stood in the database when this was said; None for what is made here."""


class CannotSave(Exception):
    """A change that is held cannot be made any more; `refusal` says why."""

    def __init__(self, number: int, change: Call, refusal: HmisError) -> None:
        super().__init__(f"change {number} ({change}): {refusal.detail}")
        self.number, self.change, self.refusal = number, change, refusal


class Run:
    """One going-through of changes within one transaction. Each meets the database as a request of its own would."""

    def __init__(self, session: HospitalSession, made: Mapping[str, uuid.UUID]) -> None:
        self.session = session
        self.made = dict(made)
        """What `new-1` and the others are called in this transaction."""
        self.charts: set[uuid.UUID] = set()

    def all(self, held: Sequence[Done]) -> list[Done]:
        """Make all changes that are held. Raises `CannotSave` for the first that cannot be made."""
        for number, one in enumerate(held, 1):
            if one.found is not None and self._version(one.change.kind, one.id, locked=True) != one.found:
                raise CannotSave(number, one.change, Stale("changed by somebody since you said this; read it again"))
        done = []
        for number, one in enumerate(held, 1):
            try:
                done.append(self.one(one.change))
            except HmisError as refusal:
                raise CannotSave(number, one.change, refusal) from refusal
        return done

    def found(self, change: Call) -> int | None:
        """The version in which the thing stands that a change is about; asked before anything is changed here."""
        if change.verb == "create" or (HANDLE.fullmatch(change.ref) and change.ref not in self.made):
            return None
        place, _ = self.place(change)
        return self._version(change.kind, place.id)

    def one(self, change: Call) -> Done:
        """Make one change. Raises what the service raises."""
        try:
            return self._make(change)
        except IntegrityError as error:
            raise Conflict("this clashes with something stored already; look again") from error
        finally:
            self.charts |= self.session.charts
            self.session.charts.clear()

    def _make(self, change: Call) -> Done:
        session = self.session
        require(session.acting(), *change.needs)
        takes = change.ways[0].takes
        body = body_of(takes, with_ids(change.fields, self.full)) if takes else None
        place, way = self.place(change)
        row = change.kind.row(way.does(session, place, body))
        session.flush()
        session.expunge_all()
        key = row.get("id") or place.id
        if change.handle and key is not None:
            self.made[change.handle] = key
        return Done(change, key, row)

    def place(self, change: Call) -> tuple[Place, Way]:
        """Where the change is to be made, and by which way. Raises `NotFound` or `NotPermitted`."""
        session = self.session
        if change.ref:
            place = change.kind.locate(session, self.full(change.ref))
        else:
            place = within(session, {name: self.full(text) for name, text in change.parents.items()})
        way = change.ways[0]
        if place.of is not None:
            way = next(way for way in change.ways if way.within == f"record:{place.of.name}")
            require(session.acting(), *way.needs)
        session.expunge_all()
        return place, way

    def full(self, text: str) -> str:
        """The id of `new-1`; anything else as it is. Raises `Invalid` for a handle of nothing."""
        if text in self.made:
            return str(self.made[text])
        if HANDLE.fullmatch(text):
            there = f"; there is {', '.join(self.made)}" if self.made else ""
            raise Invalid(f"nothing here is called {text}{there}")
        return text

    def _version(self, kind: Kind, id: uuid.UUID | None, *, locked: bool = False) -> int | None:
        asked = select(kind.model.version).where(kind.model.id == id)
        return self.session.scalar(asked.with_for_update() if locked else asked)


class Unsaved:
    """What one person at the console has said and not saved."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.held: list[Done] = []
        """Each change with what it would do, as far as its trial told."""
        self.made: dict[str, uuid.UUID] = {}
        """What was saved in this session, by its handle."""
        self.opened: set[uuid.UUID] = set()
        """Whose charts the last work opened, also where it was refused in the end."""
        self.in_doubt = False
        """Whether the last save may have arrived, though nobody said so."""
        self._given = 0
        self._classes: dict[str, str] = {}
        self._key = uuid.uuid4().hex

    @property
    def changes(self) -> list[Call]:
        """What was said, in its order."""
        return [done.change for done in self.held]

    def class_of(self, handle: str) -> str | None:
        """The class of what is called `new-1`."""
        return self._classes.get(handle)

    def hold(self, actor: Actor, change: Call) -> Done:
        """Try a change behind those that are held, and hold it; what it would do.

        Raises what its service raises, or `CannotSave` where one that is held cannot be made any more.
        """
        if len(self.held) >= MOST:
            raise Conflict(f"{MOST} changes wait to be saved; save them first")
        if change.verb == "create":
            change = replace(change, handle=f"new-{self._given + 1}", fields=_timed(change))
        found = self._found(actor, change)
        done = replace(self._tried(actor, lambda run: run.one(change)), found=found)
        self.held.append(done)
        if change.handle:
            self._given += 1
            self._classes[change.handle] = change.kind.name
        return done

    def look(self, actor: Actor, read: Callable[[Run], T]) -> tuple[T, bool]:
        """What `read` finds, and whether the held changes are seen in it.

        They are not where one of them cannot be made any more, or where the database takes no writes: reading goes on.
        """
        if self.held:
            with suppress(CannotSave, DBAPIError, Unavailable):
                return self._tried(actor, read), True
        with self.store.session(actor, writes=False) as session:
            return self._watched(Run(session, self.made), read), False

    def save(self, actor: Actor) -> list[Done]:
        """Make all that is held, in one transaction, and forget it. Raises `CannotSave`: then nothing is saved."""
        mark = self._mark(actor)

        def work() -> tuple[list[Done], dict[str, uuid.UUID]] | None:
            with self.store.session(actor) as session:
                if self._arrived(session, mark) is not None:
                    return None
                run = Run(session, self.made)
                done = self._watched(run, lambda run: run.all(self.held))
                session.add(_receipt(mark, done))
                session.flush()
                self.in_doubt = True
                session.commit()
                return done, run.made

        saved = patiently(work)
        if saved is None:
            return self.settle(actor)
        done, self.made = saved
        self._forget()
        return done

    def settle(self, actor: Actor) -> list[Done]:
        """Ask the database whether a save in doubt has arrived; what it saved, or nothing where it has not."""
        mark = self._mark(actor)
        with self.store.session(actor) as session:
            receipt = self._arrived(session, mark)
        if receipt is None:
            return []
        found = [uuid.UUID(key) if key else None for key in json.loads(receipt.body)]
        done = [Done(change, key) for change, key in zip(self.changes, found, strict=True)]
        self.made |= {one.change.handle: one.id for one in done if one.change.handle and one.id}
        self._forget()
        return done

    def drop(self, number: int | None = None) -> list[Call]:
        """Forget what is held, or one of it; what was forgotten. Raises `NotUnderstood` where another needs it."""
        if number is None:
            dropped = self.changes
            self._forget()
            return dropped
        if not 1 <= number <= len(self.held):
            raise NotUnderstood(f"there is no unsaved change {number}")
        change = self.held[number - 1].change
        needing = [str(n) for n, other in enumerate(self.changes, 1) if change.handle and _names(other, change.handle)]
        if needing:
            raise NotUnderstood(f"{change.handle} is named by change {', '.join(needing)}: discard that first")
        del self.held[number - 1]
        return [change]

    def _found(self, actor: Actor, change: Call) -> int | None:
        """The version in which the thing stands in the database, our own unsaved changes aside.

        What refuses here refuses in the trial too, in its own order; so it is left to that.
        """
        with suppress(HmisError), self.store.session(actor, writes=False) as session:
            return Run(session, self.made).found(change)
        return None

    def _tried(self, actor: Actor, work: Callable[[Run], T]) -> T:
        """What `work` gives behind all that is held, in a transaction that is rolled back."""

        def once() -> T:
            with self.store.session(actor) as session:
                run = Run(session, self.made)
                self._watched(run, lambda run: run.all(self.held))
                run.charts.clear()  # they were told of when each change was held
                return self._watched(run, work)

        return patiently(once)

    def _watched(self, run: Run, work: Callable[[Run], T]) -> T:
        try:
            return work(run)
        finally:
            self.opened = run.charts | run.session.charts

    def _arrived(self, session: HospitalSession, mark: bytes) -> StoredAnswer | None:
        """The receipt of this save. Waits for a commit that is still under way, so what is not there will not come."""
        if not self.in_doubt:
            return None
        receipt = session.scalar(select(StoredAnswer).where(StoredAnswer.place == mark).with_for_update())
        self.in_doubt = receipt is not None
        return receipt

    def _mark(self, actor: Actor) -> bytes:
        return place_of(actor.staff_id, "SAVE", "console", self._key)

    def _forget(self) -> None:
        self.held, self.in_doubt = [], False
        self._key = uuid.uuid4().hex


def _timed(change: Call) -> Mapping[str, Any]:
    """The fields with when it happened: what happens now happened when it was typed, however late it is saved."""
    name = change.kind.happened
    if not name or change.fields.get(name) is not None:
        return change.fields
    return {**change.fields, name: clock.now().isoformat(timespec="seconds")}


def patiently(work: Callable[[], T]) -> T:
    """What `work` gives, done again while the database asks for it. Raises `Unavailable` after ten seconds."""
    began, tries = time.monotonic(), 0
    while True:
        tries += 1
        try:
            return work()
        except StaleDataError as error:
            again: Exception = error
        except DBAPIError as error:
            if mysql_code(error) not in TRANSIENT:
                raise
            again = error
        if time.monotonic() - began > _PATIENCE:
            raise Unavailable("too many are writing here at once; try again") from again
        time.sleep(random.random() * min(0.5, 0.005 * 2 ** min(tries, 7)))


def _receipt(mark: bytes, done: Sequence[Done]) -> StoredAnswer:
    """What a save leaves behind: which ids it gave, and nothing of what was written."""
    body = json.dumps([one.id.hex if one.id else None for one in done]).encode()
    return StoredAnswer(place=mark, body_hash=sha256(body).digest(), status=201, body=body, stored_at=clock.now())


def _names(change: Call, handle: str) -> bool:
    """Whether a change names what another creates."""
    named: set[str] = {change.ref, *change.parents.values()}

    def note(text: str) -> str:
        named.add(text)
        return text

    with_ids(change.fields, note)
    return handle in named
