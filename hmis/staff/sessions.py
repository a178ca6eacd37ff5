"""Sessions, kept by the server: opened at sign-in, prolonged by use, and over when anybody entitled says so.

The browser holds a random token, the database its SHA-256. Each process remembers for a second whom a token belongs
to, so a signed-in request usually costs no query, and an end by another process is noticed within that second.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import structlog
from sqlalchemy import ColumnElement, delete, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from hmis.core import audit, clock
from hmis.core.access import Actor, Permission
from hmis.core.audit import Act, AuditEvent
from hmis.core.columns import new_id
from hmis.core.config import Settings
from hmis.core.db import HospitalSession, lawful
from hmis.core.errors import NotFound, NotSignedIn
from hmis.core.paging import Page, Sorted, page
from hmis.core.schemas import ListQuery
from hmis.core.store import Store
from hmis.core.trail.seals import least_id
from hmis.staff.models import SignIn, Staff

REMEMBERED_FOR = timedelta(seconds=1)
WRITTEN_EVERY = timedelta(seconds=30)
"""How often the last use of a session is written down, at most; so it may end that much early, never late."""
KEPT_FOR = timedelta(days=90)
_MOST_REMEMBERED = 10_000

log = structlog.get_logger()


@dataclass(frozen=True)
class Opened:
    """A new session: the token for the cookie, given once, and who acts by it."""

    token: str
    actor: Actor


@dataclass
class Present:
    """Somebody signed in, as this process remembers them."""

    actor: Actor
    started_at: datetime
    seen_at: datetime
    written_at: datetime
    """The last use as the database knows it."""
    looked_up_at: datetime


class Presence:
    """Who is signed in, as far as this process has seen."""

    def __init__(self) -> None:
        self.present: dict[bytes, Present] = {}
        self.not_written_at: datetime | None = None
        """When the database last refused to note a use."""

    def forget(self, staff_id: uuid.UUID) -> None:
        """Look this person up anew at their next request."""
        for token_hash, present in list(self.present.items()):
            if present.actor.staff_id == staff_id:
                self.present.pop(token_hash, None)


def actor_for(staff: Staff, *, address: str = "", request_id: str = "", session_id: uuid.UUID | None = None) -> Actor:
    """This person, acting."""
    return Actor(staff.id, staff.staff_number, staff.name, staff.role, address, request_id, session_id)


def begin(
    session: HospitalSession, staff: Staff, *, address: str = "", user_agent: str = "", request_id: str = ""
) -> Opened:
    """Open a session for somebody who has just proved who they are; the one they came with, if any, ends.

    Raises `NotSignedIn` when they were deactivated, or their password changed, in between.
    """
    now = clock.now()
    if session.actor is not None:
        end(session, session.actor)
    stored = session.scalar(select(Staff.password_hash).where(Staff.id == staff.id, Staff.deactivated_at.is_(None)))
    if stored is None or stored != staff.password_hash:
        raise NotSignedIn("the account was changed just now; sign in again", login=False)
    token = secrets.token_urlsafe(32)
    sign_in = SignIn(
        id=new_id(),
        token_hash=_hash(token),
        staff_id=staff.id,
        started_at=now,
        seen_at=now,
        address=address[:64],
        user_agent=user_agent[:255],
    )
    session.actor = actor_for(staff, address=address, request_id=request_id, session_id=sign_in.id)
    session.add(sign_in)
    session.flush()
    _tell(session, Act.SIGN_IN, sign_in.id)
    return Opened(token, session.actor)


def who(store: Store, token: str, *, prolong: bool = True) -> Present | None:
    """Whose session this is, if it is still in force. `prolong`: a person asks, not a page by itself."""
    presence, now, token_hash = presence_of(store), clock.now(), _hash(token)
    present = presence.present.get(token_hash)
    if present is None or abs(now - present.looked_up_at) >= REMEMBERED_FOR:
        present = _look_up(store, token_hash, present)
        if present is None:
            presence.present.pop(token_hash, None)
            return None
        if len(presence.present) >= _MOST_REMEMBERED:
            presence.present.clear()
        presence.present[token_hash] = present
    if not _in_force(store.settings, present, now):
        return None
    if prolong:
        present.seen_at = max(present.seen_at, now)
        if now - present.written_at >= WRITTEN_EVERY:
            _write_down(store, presence, present, now)
    return present


def presence_of(store: Store) -> Presence:
    """Whom this process remembers."""
    return store.reserve("staff.presence", Presence)


def end(session: HospitalSession, actor: Actor) -> None:
    """Sign out: the token is worth nothing from now on."""
    if actor.session_id is not None:
        end_sign_ins(session, actor.staff_id, SignIn.id == actor.session_id)
        _tell(session, Act.SIGN_OUT, actor.session_id)


def end_sign_ins(session: HospitalSession, staff_id: uuid.UUID, *which: ColumnElement[bool]) -> int:
    """End all sessions of a person, or those for which the conditions hold; how many. Others notice in a second."""
    ended = session.connection().execute(
        update(SignIn)
        .where(SignIn.staff_id == staff_id, SignIn.ended_at.is_(None), *which)
        .values(ended_at=clock.now())
    )
    presence = presence_of(session.store)
    event.listen(session, "after_commit", lambda _: presence.forget(staff_id))
    return ended.rowcount


def in_force(session: HospitalSession, staff_id: uuid.UUID, query: ListQuery) -> Page[SignIn]:
    """Where this person is signed in, newest first."""
    asked = select(SignIn).where(SignIn.staff_id == staff_id, *_going_on(session.store.settings))
    return page(session, asked, [Sorted(SignIn.id, descending=True)], limit=query.limit, cursor=query.cursor)


def how_many_in_force(session: HospitalSession) -> int:
    """How many sessions go on, of anybody."""
    settings = session.store.settings
    # The key begins with the time it was made: a range of keys finds those young enough.
    oldest = least_id(clock.now() - timedelta(hours=settings.session_hours, minutes=2))
    asked = select(func.count()).select_from(SignIn).where(SignIn.id >= oldest, *_going_on(settings))
    return session.scalar(asked) or 0


def end_one(session: HospitalSession, sign_in_id: uuid.UUID) -> None:
    """End one session: one's own, or anybody's for who runs the staff. Raises `NotFound`."""
    actor = session.acting()
    asked = select(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
    if not actor.may(Permission.STAFF_EDIT):
        asked = asked.where(SignIn.staff_id == actor.staff_id)
    sign_in = session.scalar(asked)
    if sign_in is None:
        raise NotFound("there is no such session")
    end_sign_ins(session, sign_in.staff_id, SignIn.id == sign_in.id)
    _tell(session, Act.SIGN_OUT, sign_in.id)


def ends_at(settings: Settings, started_at: datetime) -> datetime:
    """When a session is over however much it is used."""
    return started_at + timedelta(hours=settings.session_hours)


def purge(session: HospitalSession) -> int:
    """Forget sessions that began long ago; how many. The audit keeps that they were."""
    gone = session.connection().execute(delete(SignIn).where(SignIn.started_at < clock.now() - KEPT_FOR))
    return gone.rowcount


def _going_on(settings: Settings) -> tuple[ColumnElement[bool], ...]:
    """The conditions for sessions that have not ended in any way."""
    now = clock.now()
    return (
        SignIn.ended_at.is_(None),
        SignIn.started_at > now - timedelta(hours=settings.session_hours),
        SignIn.seen_at > now - timedelta(minutes=settings.idle_minutes),
    )


def _look_up(store: Store, token_hash: bytes, remembered: Present | None) -> Present | None:
    with store.session(writes=False) as session:
        found = session.execute(
            select(SignIn, Staff)
            .join(Staff, Staff.id == SignIn.staff_id)
            .where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None), Staff.deactivated_at.is_(None))
        ).one_or_none()
    if found is None:
        return None
    sign_in, staff = found
    # What this process saw itself counts also where the database could not note it: charts stay readable.
    seen_at = max(sign_in.seen_at, remembered.seen_at) if remembered else sign_in.seen_at
    actor = actor_for(staff, session_id=sign_in.id)
    return Present(actor, sign_in.started_at, seen_at, sign_in.seen_at, clock.now())


def _in_force(settings: Settings, present: Present, now: datetime) -> bool:
    used = now - present.seen_at < timedelta(minutes=settings.idle_minutes)
    return used and now < ends_at(settings, present.started_at)


def _write_down(store: Store, presence: Presence, present: Present, now: datetime) -> None:
    """Note the use, apart from the work of the request. A database that takes no writes does not stop a reading."""
    if presence.not_written_at is not None and abs(now - presence.not_written_at) < WRITTEN_EVERY:
        return
    try:
        with store.session(small=True) as session:
            session.execute(
                update(SignIn)
                .where(SignIn.id == present.actor.session_id, SignIn.ended_at.is_(None), SignIn.seen_at < now)
                .values(seen_at=now)
                .execution_options(synchronize_session=False)
            )
            session.commit()
    except DBAPIError as error:
        presence.not_written_at = now
        log.warning("session_use_not_written", reason=type(error.orig).__name__)
        return
    presence.not_written_at = None
    present.written_at = now


def _tell(session: HospitalSession, act: Act, sign_in_id: uuid.UUID) -> None:
    told = audit.event(session.store.keys, session.actor, act, SignIn.__tablename__, record_id=sign_in_id)
    connection = session.connection()
    with lawful(connection):
        connection.execute(insert(AuditEvent), [told])


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
