"""/auth: signing in and out, one's password and sessions. /api/v1/staffs: who works here."""

from __future__ import annotations

import uuid
from importlib.metadata import version

from flask import Response, after_this_request, request
from flask_wtf.csrf import generate_csrf

from hmis.core.access import Permission
from hmis.core.errors import CsrfFailed
from hmis.core.http import Domain, actor, db, edge
from hmis.core.paging import Page
from hmis.core.schemas import OptionalReason
from hmis.staff import service, sessions
from hmis.staff.draft_key import draft_key
from hmis.staff.models import Admin, Doctor, Nurse, Pharmacist, RecordOfficer, Staff
from hmis.staff.principal import address, let_in, let_out, request_id
from hmis.staff.reference import StaffRef
from hmis.staff.schemas import (
    MeOut,
    PasswordIn,
    PresenceOut,
    RoleIn,
    RolesOut,
    SessionOut,
    SessionsQuery,
    SignedInOut,
    SignedOutOut,
    SignInIn,
    StaffChange,
    StaffCounts,
    StaffIn,
    StaffInvited,
    StaffListed,
    StaffOut,
    StaffQuery,
    TokenOut,
    UserOut,
)

auth = Domain("auth", "Signing in", prefix="/auth", small=True)
staffs = Domain("staffs", "Staff")

VERSION = version("hmis")
MINE = Permission.SIGNED_IN
READ = Permission.STAFF_READ
EDIT = Permission.STAFF_EDIT
ONE = "/staffs/<staff:staff>"


@auth.act("/login", needs=None, gives=SignedInOut)
def sign_in(body: SignInIn) -> SignedInOut:
    """Sign in by user name or e-mail. Every failure looks the same (401); too many have to wait (429)."""
    staff = service.authenticate(edge().store, body.login, body.password, address(), request_id())
    agent = request.user_agent.string
    opened = sessions.begin(db(), staff, address=address(), user_agent=agent, request_id=request_id())
    return SignedInOut(login=True, csrf_token=let_in(opened), user=UserOut.model_validate(opened.actor))


@auth.act("/logout", needs=None, gives=SignedOutOut)
def sign_out() -> SignedOutOut:
    """Sign out; also who is signed out already may ask."""
    let_out()  # first: the browser forgets, also where the database cannot
    signed_in = db().actor
    if signed_in is not None:
        sessions.end(db(), signed_in)
    return SignedOutOut(login=False)


@auth.act("/logout", needs=None, gives=SignedOutOut, method="GET")
def sign_out_by_link() -> SignedOutOut:
    """Sign out by following a link of our own pages; other sites' links are refused."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise CsrfFailed("another site may not sign you out")
    return sign_out()


@auth.show("/isauthenticated", needs=None, gives=PresenceOut)
def is_authenticated() -> PresenceOut:
    """Whether somebody is signed in; does not prolong the session."""
    return PresenceOut(isauthenticated=db().actor is not None)


@auth.show("/getcsrf", needs=None, gives=TokenOut)
def csrf_token() -> TokenOut:
    """The token every change has to bring in the header X-CSRFToken; a new one counts from each sign-in."""
    token: str = generate_csrf()
    after_this_request(lambda response: _with_token(response, token))
    return TokenOut(csrf_token=token)


@auth.show("/me", needs=MINE, gives=MeOut)
def me() -> MeOut:
    """Who is signed in, what they may do, where, and until when; and the key of what their browser keeps."""
    settings = edge().store.settings
    return MeOut(
        **UserOut.model_validate(actor()).model_dump(),
        hospital_name=settings.hospital_name,
        time_zone=settings.time_zone,
        version=VERSION,
        idle_minutes=settings.idle_minutes,
        draft_key=draft_key(settings.secret_key, actor().staff_id),
        **service.at_work(db())._asdict(),
    )


@auth.act("/password", needs=None, gives=None)
def change_password(body: PasswordIn) -> None:
    """Set one's password, by the old one or by the set-up token of a new account; all other sessions end."""
    service.change_password(db(), body, address(), request_id())


@auth.list("/sessions", needs=MINE, gives=SessionOut)
def signed_in_at(query: SessionsQuery) -> Page[SessionOut]:
    """Where one is signed in, newest first; `staff` for who runs the staff."""
    return service.signed_in_at(db(), query)


@auth.remove("/sessions/<uuid:id>", needs=MINE)
def end_session(id: uuid.UUID) -> None:
    """End a session: one's own, or anybody's for who runs the staff."""
    sessions.end_one(db(), id)


@staffs.show("/roles", needs=READ, gives=RolesOut)
def roles() -> RolesOut:
    """What each role may do, and what each permission allows."""
    return service.roles()


@staffs.show("/staffs", needs=READ, gives=StaffCounts)
def breakdown() -> StaffCounts:
    """How many work here, by job."""
    return StaffCounts.model_validate(service.breakdown(db()))


@staffs.list("/staffs/doctors", needs=READ, gives=StaffListed)
def doctors(query: StaffQuery) -> Page[Doctor]:
    """The doctors, by name."""
    return service.listed(db(), Doctor, query)


@staffs.create("/staffs/doctors", needs=EDIT, gives=StaffInvited, keeps_answer=False, home="/staffs")
def hire_doctor(body: StaffIn) -> StaffInvited:
    """Take on a doctor; the answer holds the set-up token, once."""
    return _shown(service.hire(db(), Doctor, body))


@staffs.list("/staffs/nurses", needs=READ, gives=StaffListed)
def nurses(query: StaffQuery) -> Page[Nurse]:
    """The nurses, by name."""
    return service.listed(db(), Nurse, query)


@staffs.create("/staffs/nurses", needs=EDIT, gives=StaffInvited, keeps_answer=False, home="/staffs")
def hire_nurse(body: StaffIn) -> StaffInvited:
    """Take on a nurse; the answer holds the set-up token, once."""
    return _shown(service.hire(db(), Nurse, body))


@staffs.list("/staffs/pharmacists", needs=READ, gives=StaffListed)
def pharmacists(query: StaffQuery) -> Page[Pharmacist]:
    """The pharmacists, by name."""
    return service.listed(db(), Pharmacist, query)


@staffs.create("/staffs/pharmacists", needs=EDIT, gives=StaffInvited, keeps_answer=False, home="/staffs")
def hire_pharmacist(body: StaffIn) -> StaffInvited:
    """Take on a pharmacist; the answer holds the set-up token, once."""
    return _shown(service.hire(db(), Pharmacist, body))


@staffs.list("/staffs/recordofficers", needs=READ, gives=StaffListed)
def record_officers(query: StaffQuery) -> Page[RecordOfficer]:
    """The record officers, by name."""
    return service.listed(db(), RecordOfficer, query)


@staffs.create("/staffs/recordofficers", needs=EDIT, gives=StaffInvited, keeps_answer=False, home="/staffs")
def hire_record_officer(body: StaffIn) -> StaffInvited:
    """Take on a record officer; the answer holds the set-up token, once."""
    return _shown(service.hire(db(), RecordOfficer, body))


@staffs.list("/staffs/admins", needs=READ, gives=StaffListed)
def admins(query: StaffQuery) -> Page[Admin]:
    """The administrators, by name."""
    return service.listed(db(), Admin, query)


@staffs.create("/staffs/admins", needs=EDIT, gives=StaffInvited, keeps_answer=False, home="/staffs")
def hire_admin(body: StaffIn) -> StaffInvited:
    """Take on an administrator; the answer holds the set-up token, once."""
    return _shown(service.hire(db(), Admin, body))


@staffs.show(ONE, needs=(READ, MINE), gives=StaffOut)
def profile(staff: StaffRef) -> Staff:
    """A profile: one's own, or anybody's for who reads the staff."""
    return service.profile(db(), staff)


@staffs.change(ONE, needs=(EDIT, MINE), gives=StaffOut)
def edit(staff: StaffRef, body: StaffChange) -> Staff:
    """Change what was sent: one's own contact details, or anything but name to sign in, role and password for who
    runs the staff."""
    return service.edit(db(), staff, body)


@staffs.remove(ONE, needs=EDIT)
def deactivate(staff: StaffRef, query: OptionalReason) -> None:
    """Let somebody go: sessions end at once, what they wrote stays theirs. The last administrator stays (409)."""
    service.deactivate(db(), staff, query.reason)


@staffs.act(f"{ONE}/activate", needs=EDIT, gives=StaffInvited, keeps_answer=False)
def activate(staff: StaffRef) -> StaffInvited:
    """Take back somebody deactivated; the answer holds a set-up token, once."""
    return _shown(service.activate(db(), staff))


@staffs.act(f"{ONE}/setup-token", needs=EDIT, gives=StaffInvited, keeps_answer=False)
def invite_again(staff: StaffRef) -> StaffInvited:
    """A new set-up token, once, for who forgot the password or let the token lapse."""
    return _shown(service.invite_again(db(), staff))


@staffs.act(f"{ONE}/role", needs=EDIT, gives=StaffInvited, keeps_answer=False)
def change_role(staff: StaffRef, body: RoleIn) -> StaffInvited:
    """Give somebody another job: a new account with a new number takes over; the old one stays the author it was."""
    return _shown(service.change_role(db(), staff, body.role, body.reason))


def _shown(invited: service.Invited) -> StaffInvited:
    shown = StaffOut.model_validate(invited.staff).model_dump()
    return StaffInvited(**shown, setup_token=invited.setup_token)


def _with_token(response: Response, token: str) -> Response:
    response.headers["X-CSRFToken"] = token
    return response
