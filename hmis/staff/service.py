"""Taking people on, keeping their profiles, letting them go; and what other departments need to know of them."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from hmis.core import clock
from hmis.core.access import GRANTS, Permission, Role
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, Invalid
from hmis.core.paging import Page, Sorted, page
from hmis.people import phones
from hmis.staff import passwords, policy, sessions, sign_in, throttle
from hmis.staff.models import KINDS, SignIn, Staff, StaffNumber
from hmis.staff.reference import StaffRef
from hmis.staff.schemas import (
    PasswordIn,
    PermissionOut,
    RoleOut,
    RolesOut,
    SessionOut,
    SessionsQuery,
    StaffChange,
    StaffIn,
    StaffQuery,
)
from hmis.staff.sessions import actor_for, end_sign_ins
from hmis.staff.sign_in import authenticate

SETUP_LASTS = timedelta(hours=72)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that looks like another on paper
_CARRIED = (
    "given_name",
    "family_name",
    "other_names",
    "sex",
    "born_on",
    "phone",
    "address",
    "state",
    "lga",
    "marital_status",
)

Kind = TypeVar("Kind", bound=Staff)


class Invited(NamedTuple):
    """Somebody who may now set a password, and the token for it, which nobody can look up again."""

    staff: Staff
    setup_token: str


class AtWork(NamedTuple):
    """Somebody signed in."""

    username: str
    licence_number: str | None
    session_ends_at: datetime | None
    """When the session is over however much it is used; None without one."""


def find(session: HospitalSession, ref: StaffRef) -> Staff:
    """Whoever a URL means, deactivated or not. Raises `NotFound`."""
    return session.fetch(Staff, ref.criterion(), what="member of staff")


def profile(session: HospitalSession, ref: StaffRef) -> Staff:
    """A profile: one's own, or anybody's for who reads the staff. Raises `NotPermitted` or `NotFound`."""
    actor = session.acting()
    if actor.may(Permission.STAFF_READ):
        return find(session, ref)
    session.target = policy.may_see(actor, session.scalar(select(Staff).where(ref.criterion())))
    return session.target


def listed(session: HospitalSession, kind: type[Kind], query: StaffQuery) -> Page[Kind]:
    """The staff of one kind, by name."""
    asked = select(kind)
    if query.include != "inactive":
        asked = asked.where(kind.deactivated_at.is_(None))
    for word in (query.q or "").split():
        columns = (kind.family_name, kind.given_name, kind.other_names, kind.username, kind.staff_number)
        asked = asked.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    by = [Sorted(kind.family_name), Sorted(kind.given_name), Sorted(kind.id)]
    return page(session, asked, by, limit=query.limit, cursor=query.cursor)


def breakdown(session: HospitalSession) -> dict[str, int]:
    """How many work here, by job; who has left is not counted."""
    counted = (
        select(Staff.role, func.count().label("number")).where(Staff.deactivated_at.is_(None)).group_by(Staff.role)
    )
    there = {row.role: row.number for row in session.execute(counted)}
    return {f"{role.replace('_', '')}s": there.get(role, 0) for role in Role}


def hire(session: HospitalSession, kind: type[Staff], body: StaffIn) -> Invited:
    """Take somebody on; with the token they set their first password. Raises `Conflict` for a name in use."""
    token = _new_token()
    return Invited(add(session, kind, **_settled(session, body), **_way_in(token)), token)


def add(session: HospitalSession, kind: type[Kind], **values: Any) -> Kind:
    """A new member of staff with a new number; nobody can sign in as them before a password is set.

    Raises `Conflict` where user name or e-mail is in use.
    """
    _refuse_taken(session, values.get("username"), values.get("email"))
    number = _next_number(session, kind.prefix)
    staff = kind(**{"username": number.lower(), "staff_number": number, "role": _role_of(kind), **values})
    session.add(staff)
    session.flush()
    return staff


def add_inactive(session: HospitalSession, kind: type[Kind], **values: Any) -> Kind:
    """Somebody who only appears as an author of imported history: on file, and unable to sign in."""
    return add(session, kind, **{"deactivated_at": clock.now(), "sex": "unknown", **values})


def invite(session: HospitalSession, staff: Staff) -> str:
    """A one-time token for setting a password, in place of any older one. Raises `Conflict` for who has left."""
    if staff.deactivated_at is not None:
        raise Conflict("this account is deactivated; activate it first")
    token = _new_token()
    for name, value in _way_in(token).items():
        setattr(staff, name, value)
    session.flush()
    return token


def invite_again(session: HospitalSession, ref: StaffRef) -> Invited:
    """A new token for who forgot the password or let the first token lapse; the old password holds until then."""
    staff = find(session, ref)
    return Invited(staff, invite(session, staff))


def edit(session: HospitalSession, ref: StaffRef, body: StaffChange) -> Staff:
    """Change what was sent of a profile. Raises `NotPermitted` or `Conflict`."""
    staff = profile(session, ref)
    policy.may_change(session.acting(), body.model_fields_set)
    sent = _settled(session, body)
    if sent.get("email") != staff.email:
        _refuse_taken(session, None, sent.get("email"))
    for name, value in sent.items():
        setattr(staff, name, value)
    session.flush()
    return staff


def deactivate(session: HospitalSession, ref: StaffRef, reason: str | None) -> None:
    """Let somebody go: their sessions end now; what they wrote stays theirs. Raises `Conflict` for the last admin."""
    _close(session, find(session, ref), reason)


def activate(session: HospitalSession, ref: StaffRef) -> Invited:
    """Take back somebody deactivated; they set a new password."""
    staff = find(session, ref)
    if staff.deactivated_at is None:
        raise Conflict("this account is active")
    staff.deactivated_at = staff.deactivation_reason = staff.password_hash = None
    return Invited(staff, invite(session, staff))


def change_role(session: HospitalSession, ref: StaffRef, role: Role, reason: str | None) -> Invited:
    """Give somebody another job: a new account with its own number takes over user name and e-mail.

    The old account is closed and stays the author of what it signed, so a consultation never turns out to have been
    written by a pharmacist. Raises `Conflict`.
    """
    former = find(session, ref)
    if former.role == role:
        raise Conflict("that is their role already")
    _close(session, former, reason or f"became {role.replace('_', ' ')}")
    values = {name: getattr(former, name) for name in ("username", "email", *_CARRIED)}
    former.username, former.email = former.staff_number.lower(), None
    session.flush()  # before somebody else takes the user name
    token = _new_token()
    return Invited(add(session, KINDS[role], formerly_id=former.id, **values, **_way_in(token)), token)


def set_password(session: HospitalSession, staff: Staff, password: str) -> None:
    """Set a password and end the sessions opened with the old one. Raises `Invalid` for a weak one.

    For commands: it hashes within the unit of work. A request uses `change_password`.
    """
    _refuse_weak(session, staff, password)
    _keep_password(session, staff, passwords.hashed(password, session.store.settings.password_memory_kib))


def change_password(session: HospitalSession, body: PasswordIn, address: str = "", request_id: str = "") -> None:
    """Set one's own password, by the old one or by a set-up token; other sessions end.

    Raises `NotSignedIn`, `Invalid`, or `TooManyRequests`. Nothing is locked while it hashes.
    """
    store = session.store
    if body.setup_token is not None:
        with store.session(writes=False) as reading:
            known = _invited(reading, body.setup_token)
    else:
        known = sign_in.confirm(store, session.acting().staff_id, body.old_password or "", address, request_id)
    _refuse_weak(session, known, body.new_password)
    hashed = passwords.hashed(body.new_password, store.settings.password_memory_kib)
    staff = session.fetch(Staff, Staff.id == known.id)
    if (staff.password_hash, staff.setup_token_hash) != (known.password_hash, known.setup_token_hash):
        raise Conflict("the password was changed elsewhere just now")
    if body.setup_token is not None:
        session.actor = actor_for(staff, address=address, request_id=request_id)
    _keep_password(session, staff, hashed)


def signed_in_at(session: HospitalSession, query: SessionsQuery) -> Page[SessionOut]:
    """Where somebody is signed in: oneself, or `query.staff` for who reads the staff."""
    actor = session.acting()
    staff_id = profile(session, StaffRef(query.staff)).id if query.staff else actor.staff_id
    found = sessions.in_force(session, staff_id, query)
    return Page([_shown(session, row) for row in found.items], found.next)


def at_work(session: HospitalSession) -> AtWork:
    """What whoever acts here has beyond their name: a licence, and a session that will be over."""
    actor = session.acting()
    username, licence_number, started_at = session.execute(
        select(Staff.username, Staff.licence_number, SignIn.started_at)
        .outerjoin(SignIn, SignIn.id == actor.session_id)
        .where(Staff.id == actor.staff_id)
    ).one()
    until = sessions.ends_at(session.store.settings, started_at) if started_at else None
    return AtWork(username, licence_number, until)


def demo_password_in_use(session: HospitalSession) -> list[str]:
    """Staff numbers of those who can sign in with the password of `hmis demo`, which everybody knows."""
    demo = session.scalars(select(Staff).where(Staff.demo, Staff.deactivated_at.is_(None)).order_by(Staff.staff_number))
    memory = session.store.settings.password_memory_kib
    return [
        staff.staff_number for staff in demo if passwords.matches(staff.password_hash, passwords.DEMO_PASSWORD, memory)
    ]


def purge(session: HospitalSession) -> int:
    """Forget old sessions and failed sign-ins that no longer count; how many. For the worker."""
    return throttle.purge(session) + sessions.purge(session)


def roles() -> RolesOut:
    """What each role may do, and what each permission allows; permissions in the order of the hospital's work."""
    return RolesOut(
        roles=[RoleOut(role=role, permissions=[p for p in Permission if p in GRANTS[role]]) for role in Role],
        permissions=[PermissionOut(permission=permission, says=permission.says) for permission in Permission],
    )


def _close(session: HospitalSession, staff: Staff, reason: str | None) -> None:
    if staff.deactivated_at is not None:
        raise Conflict("this account is deactivated already")
    if staff.role is Role.ADMIN and not _other_admins(session, staff):
        raise Conflict("the last administrator stays; appoint another first")
    staff.deactivated_at, staff.deactivation_reason = clock.now(), reason
    staff.setup_token_hash = staff.setup_expires_at = None
    session.flush()
    end_sign_ins(session, staff.id)


def _other_admins(session: HospitalSession, but: Staff) -> set[uuid.UUID]:
    """Administrators able to sign in, beside this one; held, so that two cannot let each other go at once."""
    able = select(Staff.id).where(
        Staff.role == Role.ADMIN, Staff.deactivated_at.is_(None), Staff.password_hash.is_not(None)
    )
    return set(session.scalars(able.order_by(Staff.id).with_for_update())) - {but.id}


def _keep_password(session: HospitalSession, staff: Staff, hashed: str) -> None:
    staff.password_hash = hashed
    staff.setup_token_hash = staff.setup_expires_at = None
    session.flush()
    here = session.actor.session_id if session.actor and session.actor.staff_id == staff.id else None
    others: tuple[ColumnElement[bool], ...] = () if here is None else (SignIn.id != here,)
    end_sign_ins(session, staff.id, *others)


def _refuse_weak(session: HospitalSession, staff: Staff, password: str) -> None:
    about = [staff.username, staff.given_name, staff.family_name, (staff.email or "").partition("@")[0]]
    hospital = session.store.settings.hospital_name.split()
    passwords.refuse_weak(password, staff.role, [*about, *hospital, "".join(hospital)])


def _invited(session: HospitalSession, token: str) -> Staff:
    staff = session.scalar(
        select(Staff).where(Staff.setup_token_hash == _token_hash(token), Staff.deactivated_at.is_(None))
    )
    if staff is None or staff.setup_expires_at is None or staff.setup_expires_at <= clock.now():
        why = "not valid, or not any more; ask the administrator for a new one"
        raise Invalid(f"this set-up token is {why}", fields={"setup_token": why})
    return staff


def _new_token() -> str:
    """Twenty letters and digits (98 bits), in fours, to be handed over on paper."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _way_in(token: str) -> dict[str, Any]:
    """What an account keeps of its set-up token."""
    return {"setup_token_hash": _token_hash(token), "setup_expires_at": clock.now() + SETUP_LASTS}


def _token_hash(token: str) -> bytes:
    return sha256("".join(c for c in token.upper() if c.isalnum()).encode()).digest()


def _settled(session: HospitalSession, body: StaffChange) -> dict[str, Any]:
    """What was sent, phone numbers in their international form. Raises `Invalid`."""
    sent = body.sent()
    if sent.get("phone"):
        try:
            sent["phone"] = phones.to_e164(sent["phone"], session.store.settings.phone_region)
        except ValueError as error:
            raise Invalid(f"phone: {error}", fields={"phone": str(error)}) from error
    return sent


def _refuse_taken(session: HospitalSession, username: str | None, email: str | None) -> None:
    """Two people never share a name to sign in by; who has left keeps theirs."""
    taken = session.execute(
        select(Staff.username, Staff.email).where(or_(Staff.username == username, Staff.email == email))
    ).all()
    fields = {}
    if username is not None and any(row.username == username for row in taken):
        fields["username"] = "in use already"
    if email is not None and any(row.email == email for row in taken):
        fields["email"] = "in use already"
    if fields:
        raise Conflict(f"{' and '.join(fields)} in use already; choose another", fields=fields)


def _next_number(session: HospitalSession, prefix: str) -> str:
    """The next staff number of its kind; counted in a row of its own, in the transaction of the hiring."""
    connection = session.connection()
    advance = update(StaffNumber).where(StaffNumber.prefix == prefix).values(last=StaffNumber.last + 1)
    if connection.execute(advance).rowcount == 0:
        try:
            with connection.begin_nested():
                connection.execute(insert(StaffNumber).values(prefix=prefix, last=0))
        except IntegrityError:
            pass  # somebody else opened the count first; ours goes on from theirs
        connection.execute(advance)
    last = connection.scalar(select(StaffNumber.last).where(StaffNumber.prefix == prefix))
    return f"{prefix}{last:04d}"


def _role_of(kind: type[Staff]) -> Role:
    return next(role for role, model in KINDS.items() if model is kind)


def _shown(session: HospitalSession, row: SignIn) -> SessionOut:
    actor, settings = session.acting(), session.store.settings
    return SessionOut(
        id=row.id,
        address=row.address,
        user_agent=row.user_agent,
        started_at=row.started_at,
        seen_at=row.seen_at,
        ends_at=sessions.ends_at(settings, row.started_at),
        current=row.id == actor.session_id,
    )


__all__ = [
    "Invited",
    "activate",
    "actor_for",
    "add",
    "add_inactive",
    "authenticate",
    "breakdown",
    "change_password",
    "change_role",
    "deactivate",
    "demo_password_in_use",
    "edit",
    "end_sign_ins",
    "find",
    "hire",
    "invite",
    "invite_again",
    "listed",
    "profile",
    "purge",
    "set_password",
    "signed_in_at",
]
