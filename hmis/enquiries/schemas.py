"""What is sent and shown of an enquiry."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, ValidationInfo, field_validator

from hmis.core.schemas import In, Line, ListQuery, Out, maybe_blank
from hmis.enquiries.models import EnquiryKind
from hmis.staff.schemas import ADDRESS, an_address

LONGEST_MESSAGE = 4000  # characters
Email = Annotated[
    str,
    StringConstraints(max_length=254),
    AfterValidator(an_address),
    Field(json_schema_extra={"pattern": ADDRESS}),
]
Message = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_MESSAGE)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=1000)]

_NEEDED = {
    "facility_name": (EnquiryKind.SIGN_UP, "say the name of your hospital or clinic"),
    "message": (EnquiryKind.CONTACT, "write what you would like to say"),
}
"""What one kind of enquiry needs, and how its absence is told."""


class EnquiryIn(In):
    """A message from the public pages."""

    kind: EnquiryKind = Field(
        title="Sign-up or message", description="`sign_up` needs facility_name, `contact` needs message"
    )
    name: Line = Field(title="Your name", examples=["Amina Bello"])
    email: Email = Field(title="Your e-mail", examples=["amina.bello@clinic.example"])
    facility_name: Annotated[Line | None, maybe_blank(240)] = Field(
        None, title="Hospital or clinic", validate_default=True, examples=["Sabon Gari Clinic"]
    )
    facility_size: Annotated[Short | None, maybe_blank(80)] = Field(
        None, title="How large it is", examples=["12 beds, 3 doctors"]
    )
    message: Annotated[Message | None, maybe_blank(LONGEST_MESSAGE)] = Field(
        None, title="Message", validate_default=True, examples=["May we try it for a month?"]
    )
    website: Literal[""] = Field(
        "", title="Website (leave this empty)", description="A trap for programs: people do not see it"
    )

    @field_validator("facility_name", "message")
    @classmethod
    def _there_where_needed(cls, value: str | None, about: ValidationInfo) -> str | None:
        kind, said = _NEEDED[about.field_name or ""]
        if value is None and about.data.get("kind") is kind:
            raise ValueError(said)
        return value

    @field_validator("website", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        if value:
            raise ValueError("leave this empty; it is here for programs that fill in everything")
        return value


class EnquiryReceived(Out):
    """That it arrived."""

    id: uuid.UUID
    kind: EnquiryKind
    received_at: AwareDatetime = Field(validation_alias="created_at")


class HandledBy(Out):
    """Who dealt with it."""

    id: uuid.UUID
    staff_number: str
    name: str


class HandledOut(Out):
    """That it was dealt with."""

    at: AwareDatetime
    by: HandledBy
    note: str | None


class EnquiryOut(EnquiryReceived):
    """An enquiry, for whoever deals with it."""

    name: str
    email: str
    facility_name: str | None
    facility_size: str | None
    message: str | None
    handled: HandledOut | None
    version: int


class EnquiryQuery(ListQuery):
    """Which enquiries."""

    kind: EnquiryKind | None = None
    include: Literal["handled"] | None = Field(None, description="`handled`: those dealt with already too")


class HandleIn(In):
    """How it was dealt with."""

    note: Annotated[Note | None, maybe_blank(1000)] = Field(None, examples=["Called back, account set up"])
