"""What bodies and answers have in common: strict going in, generous coming out."""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    StringConstraints,
    field_validator,
)

from hmis.core.access import Role
from hmis.core.records import AddendumKind
from hmis.core.tongue import ENGLISH, Tongue

_ALLOWED_CONTROLS = frozenset("\n\t\r")
_TURNING = frozenset("\u202d\u202e")
"""Force letters and digits into another order than they are stored in: 05 mg is read as 50 mg."""


def readable(value: Any) -> Any:
    """Text as it is stored: composed (NFC), every letter of every language kept.

    Raises `ValueError` for what no eye can see and no printer can print.
    """
    if not isinstance(value, str):
        return value
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in _ALLOWED_CONTROLS:
            raise ValueError("contains an invisible control character; type it again")
        if character in _TURNING:
            raise ValueError("contains an invisible character that turns the order of reading; type it again")
    return unicodedata.normalize("NFC", value)


def blank_is_nothing(value: object) -> object:
    """None for a field that was left empty or holds spaces alone, as a form sends it."""
    return None if isinstance(value, str) and not value.strip() else value


def maybe_blank(max_length: int) -> BeforeValidator:
    """For a text that may be left empty, which is the same as leaving it out; its description says so too."""
    described = Annotated[str, StringConstraints(max_length=max_length)] | None
    return BeforeValidator(blank_is_nothing, json_schema_input_type=described)


def _a_day(value: object) -> object:
    """Refuse a bare number, which would be read as seconds since 1970, and a time where a day is meant."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", value)):
        return value.strip() if isinstance(value, str) else value
    raise ValueError("write a day such as 2026-11-24")


def _an_instant(value: object) -> object:
    """Refuse a bare number, which would be read as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"\s*\d{4}-\d{2}-\d{2}[Tt ]", value)):
        return value.strip() if isinstance(value, str) else value
    raise ValueError("write an instant with its zone, such as 2026-11-24T08:00:00Z")


def _in_living_memory(when: date) -> date:
    """Refuse a slip in the year: nobody treated today was born before, and no plan reaches beyond."""
    if not 1850 <= when.year < 2200:
        raise ValueError("check the year")
    return when


Day = Annotated[date, BeforeValidator(_a_day), AfterValidator(_in_living_memory)]
"""A date, as ISO 8601 writes it."""
Moment = Annotated[AwareDatetime, BeforeValidator(_an_instant), AfterValidator(_in_living_memory)]
"""An instant with its zone, as ISO 8601 writes it."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=240)]
"""A short text on one line."""
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
"""Text of up to 20,000 characters."""
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
"""A reason, in words."""


def _in_tongue(sentence: str, asked: SerializationInfo) -> str:
    tongue: Tongue = (asked.context or {}).get("tongue", ENGLISH)
    return tongue.say(sentence)


Said = Annotated[str, PlainSerializer(_in_tongue)]
"""A sentence of ours in an answer, for a screen to show as it is: in the language that the caller asks for."""


class In(BaseModel):
    """A body: unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        return readable(value)

    def sent(self) -> dict[str, Any]:
        """What was sent and nothing else, by field name."""
        return self.model_dump(exclude_unset=True)


class Out(BaseModel):
    """An answer: what was once stored can always be shown."""

    model_config = ConfigDict(from_attributes=True)


class ListQuery(In):
    """How to page through a list."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=1000, description="`next` of the page before")


class RecordListQuery(ListQuery):
    """How to page through clinical records."""

    include: Literal["voided"] | None = Field(None, description="`voided`: withdrawn records too")


class Reason(In):
    """Why something is withdrawn."""

    reason: Why = Field(examples=["Written on the wrong patient"])


class OptionalReason(In):
    """Why, where it need not be said."""

    reason: Why | None = None


class AuthorOut(Out):
    """Who wrote a record."""

    id: uuid.UUID
    staff_number: str
    name: str
    role: Role


class VoidedOut(Out):
    """That a record was withdrawn."""

    at: AwareDatetime
    by: uuid.UUID
    reason: str


class RecordOut(Out):
    """What every clinical record shows."""

    id: uuid.UUID
    patient_id: uuid.UUID
    author: AuthorOut = Field(validation_alias="signed_by")
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int
    locks_at: AwareDatetime
    voided: VoidedOut | None
    entered_in_error: bool
    source: str | None


class AddendumIn(In):
    """Something added under a record."""

    kind: AddendumKind
    text: Prose = Field(examples=["The mother adds: he vomited twice in the night."])


class AddendumOut(Out):
    """An addendum, as printed under its record."""

    id: uuid.UUID
    kind: AddendumKind
    text: str
    author: AuthorOut = Field(validation_alias="signed_by")
    created_at: AwareDatetime
    voided: VoidedOut | None


class VersionOut(Out):
    """The values a record, or a part of it, had before one change."""

    row_type: str
    row_id: uuid.UUID
    version: int
    values: dict[str, Any]
    replaced_at: datetime
    replaced_by_id: uuid.UUID | None
