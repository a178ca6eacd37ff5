"""What is sent and shown of the staff and their sessions."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from hmis.core import clock
from hmis.core.access import Permission, Role
from hmis.core.schemas import Day, In, ListQuery, Out, Said, Why
from hmis.people.models import Sex
from hmis.people.names import clean_name
from hmis.staff.passwords import LONGEST
from hmis.staff.reference import STAFF_NUMBER

ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_USERNAME = r"^[A-Za-z][A-Za-z0-9._-]{1,62}[A-Za-z0-9]$"


def an_address(value: str) -> str:
    """An e-mail address. Raises `ValueError` in words for whoever typed it."""
    if not re.fullmatch(ADDRESS, value):
        raise ValueError("write an e-mail address such as amina@clinic.example")
    return value


def _a_username(username: str) -> str:
    if not re.fullmatch(_USERNAME, username):
        raise ValueError("3 to 64 letters without accents, digits, or . _ -, beginning with a letter")
    return username


def _not_a_number(username: str) -> str:
    if STAFF_NUMBER.fullmatch(username):
        raise ValueError("looks like a staff number; choose a name")
    return username


Name = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(clean_name)]
Username = Annotated[
    str,
    StringConstraints(to_lower=True),
    AfterValidator(_a_username),
    AfterValidator(_not_a_number),
    Field(json_schema_extra={"pattern": _USERNAME}),
]
Email = Annotated[
    str,
    StringConstraints(to_lower=True, max_length=254),
    AfterValidator(an_address),
    Field(json_schema_extra={"pattern": ADDRESS}),
]
Login = Annotated[str, StringConstraints(min_length=1, max_length=254)]
Secret = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=LONGEST)]


class StaffChange(In):
    """What may be changed of somebody on the staff; what is not sent stays as it is.

    User name, staff number, role and password are not among it: role and password have their own ways.
    """

    given_name: Name | None = Field(None, examples=["Ngozi"])
    family_name: Name | None = Field(None, examples=["Eze"])
    other_names: Annotated[str, StringConstraints(max_length=240)] | None = None
    sex: Sex | None = None
    born_on: Day | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, examples=["0803 555 0101"])
    email: Email | None = Field(None, examples=["ngozi.eze@hospital.example"])
    address: Annotated[str, StringConstraints(max_length=500)] | None = None
    state: Annotated[str, StringConstraints(max_length=80)] | None = None
    lga: Annotated[str, StringConstraints(max_length=80)] | None = Field(None, description="Local government area")
    marital_status: Annotated[str, StringConstraints(max_length=40)] | None = None
    licence_number: Annotated[str, StringConstraints(max_length=64)] | None = Field(None, examples=["MDCN/R/12345"])

    @field_validator("given_name", "family_name", "sex", mode="before")
    @classmethod
    def _stays_filled(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be left empty")
        return value

    @field_validator("born_on")
    @classmethod
    def _lived(cls, born_on: date | None) -> date | None:
        if born_on is not None and not 1900 <= born_on.year <= clock.today().year:
            raise ValueError("check the year")
        return born_on


class StaffIn(StaffChange):
    """A new member of staff. Their first password they set themselves, with the token that is answered."""

    username: Username = Field(examples=["ngozi.eze"])
    given_name: Name = Field(examples=["Ngozi"])
    family_name: Name = Field(examples=["Eze"])
    sex: Sex


class StaffListed(Out):
    """Somebody on the staff, in a list."""

    id: uuid.UUID
    staff_number: str = Field(examples=["DOC0001"])
    role: Role
    username: str
    name: str
    given_name: str
    family_name: str
    licence_number: str | None
    deactivated_at: AwareDatetime | None
    version: int


class StaffOut(StaffListed):
    """A profile, for its owner and who runs the staff."""

    other_names: str | None
    sex: Sex
    born_on: date | None
    phone: str | None
    email: str | None
    address: str | None
    state: str | None
    lga: str | None
    marital_status: str | None
    deactivation_reason: str | None
    formerly_id: uuid.UUID | None = Field(description="The account this person had in another role before")
    setup_expires_at: AwareDatetime | None = Field(description="Until when a set-up token is waiting to be used")
    created_at: AwareDatetime
    updated_at: AwareDatetime


class StaffInvited(StaffOut):
    """A profile with the token by which its owner sets a password: shown this once, valid 72 hours."""

    setup_token: str = Field(examples=["7KQD-M2XV-9RTB-H4NC-EW6P"])


class StaffCounts(Out):
    """How many work here, by job."""

    doctors: int
    nurses: int
    pharmacists: int
    recordofficers: int
    admins: int


class StaffQuery(ListQuery):
    """Which of the staff."""

    q: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="Parts of names, user name or staff number"
    )
    include: Literal["inactive"] | None = Field(None, description="`inactive`: also who has left")


class RoleIn(In):
    """The role somebody takes on."""

    role: Role
    reason: Why | None = None


class SignInIn(In):
    """Who somebody says they are."""

    username: Login | None = Field(None, examples=["ngozi.eze"])
    email: Login | None = None
    password: Secret = Field(examples=["four words that differ"])

    @model_validator(mode="after")
    def _one_name(self) -> SignInIn:
        if (self.username is None) == (self.email is None):
            raise ValueError("send username or email, one of them")
        return self

    @property
    def login(self) -> str:
        """The name to look for."""
        return self.username or self.email or ""


class PasswordIn(In):
    """A new password, with the old one or with a set-up token."""

    old_password: Secret | None = Field(None, examples=["four words that differ"])
    setup_token: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    new_password: Secret = Field(examples=["four other words instead"])

    @model_validator(mode="after")
    def _one_proof(self) -> PasswordIn:
        if (self.old_password is None) == (self.setup_token is None):
            raise ValueError("send old_password or setup_token, one of them")
        return self


class UserOut(Out):
    """Who is signed in, and what they may do."""

    id: uuid.UUID = Field(validation_alias=AliasChoices("staff_id", "id"))
    staff_number: str
    name: str
    role: Role
    permissions: list[Permission]

    @field_validator("permissions", mode="before")
    @classmethod
    def _in_order(cls, permissions: Any) -> Any:
        return sorted(permissions)


class SignedInOut(Out):
    """Signed in: the CSRF token to send with every change from now on."""

    login: Literal[True] = True
    csrf_token: str
    user: UserOut


class SignedOutOut(Out):
    """Not signed in any more."""

    login: Literal[False] = False


class PresenceOut(Out):
    """Whether somebody is signed in."""

    isauthenticated: bool


class TokenOut(Out):
    """The CSRF token to send in the header X-CSRFToken."""

    csrf_token: str


class MeOut(UserOut):
    """Who is signed in, where, and until when."""

    username: str = Field(description="By which they sign in again after a lock")
    hospital_name: str
    time_zone: str = Field(description="Where the hospital's day begins and ends", examples=["Africa/Lagos"])
    version: str = Field(description="Of this product", examples=["0.1.0"])
    licence_number: str | None
    idle_minutes: int
    session_ends_at: AwareDatetime | None
    draft_key: str = Field(
        repr=False,
        description="32 bytes in base64, this person's own: a browser encrypts with it what it keeps of their "
        "unfinished writing. Held in memory, never stored",
    )


class SessionsQuery(ListQuery):
    """Whose sessions; somebody else's for who runs the staff."""

    staff: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        None, description="UUID or staff number; default: one's own"
    )


class SessionOut(Out):
    """One place where somebody is signed in."""

    id: uuid.UUID
    address: str
    user_agent: str
    started_at: AwareDatetime
    seen_at: AwareDatetime
    ends_at: AwareDatetime
    current: bool = Field(description="The one that asks")


class PermissionOut(Out):
    """One thing a person may be allowed to do, and what that is in plain words."""

    permission: Permission
    says: Said


class RoleOut(Out):
    """A role, and all it may do."""

    role: Role
    permissions: list[Permission]


class RolesOut(Out):
    """Who may do what."""

    roles: list[RoleOut]
    permissions: list[PermissionOut]
