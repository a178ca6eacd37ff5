"""Signing in: one answer, after the same work, whether the name is unknown, the password wrong or the account gone."""

from __future__ import annotations

import uuid

from sqlalchemy import or_, select

from hmis.core.audit import Act
from hmis.core.errors import Invalid, NotSignedIn, TooManyRequests
from hmis.core.store import Store
from hmis.core.watch.metrics import SIGN_INS
from hmis.staff import passwords, throttle
from hmis.staff.models import Staff
from hmis.staff.sessions import actor_for

PLACE = "/auth/login"
"""What failed attempts are told under in the audit."""


def authenticate(store: Store, login: str, password: str, address: str = "", request_id: str = "") -> Staff:
    """The person with this user name or e-mail and password.

    Raises `NotSignedIn`, always in the same words, or `TooManyRequests`. Works in short transactions of its own: the
    password is checked outside of all.
    """
    login = login.strip().lower()
    with store.session(writes=False) as session:
        staff = session.scalar(select(Staff).where(or_(Staff.username == login, Staff.email == login)))
    if not _proved(store, staff, login, password, address, request_id) or staff is None:
        raise NotSignedIn("the name or the password is not right", login=False)
    return staff


def confirm(store: Store, staff_id: uuid.UUID, password: str, address: str = "", request_id: str = "") -> Staff:
    """Somebody signed in says their password again. Raises `Invalid` or `TooManyRequests`."""
    with store.session(writes=False) as session:
        staff = session.fetch(Staff, Staff.id == staff_id)
    if not _proved(store, staff, staff.username, password, address, request_id):
        why = "not your password"
        raise Invalid(why, fields={"old_password": why})
    return staff


def _proved(store: Store, staff: Staff | None, login: str, password: str, address: str, request_id: str) -> bool:
    """Whether the password is right, after slowing down who guesses. A failure is told in the audit."""
    attempt = throttle.attempt_of(store, login, staff.id if staff else None, address)
    try:
        throttle.admit(store, attempt)
    except TooManyRequests:
        SIGN_INS.labels("throttled").inc()
        raise
    stored = staff.password_hash if staff and staff.active else None
    if not passwords.matches(stored, password, store.settings.password_memory_kib):
        store.tell_now(
            None,
            Act.REFUSE,
            PLACE,
            record_id=staff.id if staff else None,
            outcome=NotSignedIn.__name__,
            address=address,
            request_id=request_id,
        )
        SIGN_INS.labels("refused").inc()
        return False
    SIGN_INS.labels("done").inc()
    throttle.forgive(store, attempt)
    if staff is not None:
        _renew_hash(store, staff, password)
    return True


def _renew_hash(store: Store, staff: Staff, password: str) -> None:
    """Keep the password under today's parameters, where it is kept under older ones."""
    memory = store.settings.password_memory_kib
    if staff.password_hash is None or not passwords.outdated(staff.password_hash, memory):
        return
    renewed = passwords.hashed(password, memory)
    with store.session(actor_for(staff), small=True) as session:
        unchanged = select(Staff).where(Staff.id == staff.id, Staff.password_hash == staff.password_hash)
        stored = session.scalar(unchanged)
        if stored is not None:
            stored.password_hash = staff.password_hash = renewed
            session.commit()
