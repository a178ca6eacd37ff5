"""What is sent and shown of a patient."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, field_validator, model_validator

from hmis.core import clock
from hmis.core.schemas import AuthorOut, Day, In, Line, ListQuery, Moment, Out, RecordOut, Why
from hmis.patients.models import AssertionKind, BirthPrecision
from hmis.people.models import Sex
from hmis.people.names import clean_name

OLDEST = 130
"""Years. Nobody recorded has lived longer; a higher age is a slip of the finger."""

Name = Annotated[str, StringConstraints(max_length=120), AfterValidator(clean_name)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Photo = Annotated[
    str, StringConstraints(max_length=400_000, pattern=r"^data:image/(jpeg|png);base64,[A-Za-z0-9+/]+={0,2}$")
]
BirthDate = Annotated[Day, Field(description="Date of birth; with born_precision month or year, any day of it")]


class NextOfKin(In):
    """Whom to call."""

    name: Line | None = None
    relation: Annotated[str, StringConstraints(max_length=80)] | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] | None = None
    address: Annotated[str, StringConstraints(max_length=500)] | None = None


class IdentifierIn(In):
    """A number somebody else gave, with whose it is."""

    system: Annotated[str, StringConstraints(min_length=1, max_length=160)] = Field(examples=["NIN", "NHIA"])
    value: Annotated[str, StringConstraints(min_length=1, max_length=120)]


class PatientChange(In):
    """What may be changed of a patient's identity; what is not sent stays as it is."""

    given_name: Name | None = Field(None, examples=["Chinedu"])
    family_name: Name | None = Field(None, examples=["Okafor"])
    other_names: Annotated[str, StringConstraints(max_length=240)] | None = None
    sex: Sex = Sex.UNKNOWN
    born_on: BirthDate | None = Field(None, examples=["1992-05-17"])
    born_precision: BirthPrecision | None = None
    age_years: int | None = Field(None, ge=0, le=OLDEST, description="In place of born_on, where only the age is known")
    phone: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, examples=["0803 555 0101"])
    email: Email | None = None
    address: Annotated[str, StringConstraints(max_length=500)] | None = None
    state: Annotated[str, StringConstraints(max_length=80)] | None = Field(None, examples=["Enugu"])
    lga: Annotated[str, StringConstraints(max_length=80)] | None = Field(None, description="Local government area")
    marital_status: Annotated[str, StringConstraints(max_length=40)] | None = None
    occupation: Annotated[str, StringConstraints(max_length=120)] | None = None
    religion: Annotated[str, StringConstraints(max_length=80)] | None = None
    tribe: Annotated[str, StringConstraints(max_length=80)] | None = None
    language: Annotated[str, StringConstraints(max_length=40)] | None = None
    next_of_kin: NextOfKin | None = None
    identifiers: Annotated[list[IdentifierIn], Field(max_length=20)] | None = None
    deceased_at: Moment | None = None
    photo: Photo | None = Field(None, description="A small JPEG or PNG as a data: URL")
    unknown_identity: bool = Field(False, strict=True)

    @field_validator("born_on")
    @classmethod
    def _lived(cls, born_on: date | None) -> date | None:
        if born_on is not None and born_on > clock.today():
            raise ValueError("lies in the future")
        if born_on is not None and born_on.year < clock.today().year - OLDEST:
            raise ValueError(f"more than {OLDEST} years ago; check the year")
        return born_on

    @field_validator("deceased_at")
    @classmethod
    def _died(cls, deceased_at: AwareDatetime | None) -> AwareDatetime | None:
        if deceased_at is not None and deceased_at > clock.now():
            raise ValueError("lies in the future")
        return deceased_at

    @model_validator(mode="after")
    def _one_birth(self) -> PatientChange:
        if self.born_on is not None and self.age_years is not None:
            raise ValueError("send born_on or age_years, not both")
        if self.born_precision is not None and self.born_on is None:
            raise ValueError("born_precision needs born_on")
        return self


class PatientIn(PatientChange):
    """A patient to register."""

    sex: Sex
    emergency: bool = Field(False, strict=True, description="A doctor or nurse registers because it cannot wait")
    confirmed: bool = Field(
        False, strict=True, description="Somebody alike is there already, was shown, and is another person"
    )
    confirmed_reason: Why | None = None

    @model_validator(mode="after")
    def _named(self) -> PatientIn:
        if not self.unknown_identity and not (self.given_name or self.family_name):
            raise ValueError("a name is needed, or unknown_identity: true")
        return self


class IdentifierOut(Out):
    """A number somebody else gave."""

    system: str
    value: str


class NextOfKinOut(Out):
    """Whom to call."""

    name: str | None
    relation: str | None
    phone: str | None
    address: str | None


class PatientOut(Out):
    """A patient, as far as the reader's role goes: what a role may not see is absent."""

    id: uuid.UUID
    hospital_number: str = Field(examples=["104226784"])
    name: str
    given_name: str
    family_name: str
    other_names: str | None
    sex: Sex
    age: str | None = Field(description="As shown at the bedside: 3 wk 2 d, 34 y, ≈ 40 y")
    deceased_at: AwareDatetime | None
    unknown_identity: bool
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    phone: str | None = None
    born_on: date | None = None
    born_precision: BirthPrecision | None = None
    email: str | None = None
    address: str | None = None
    state: str | None = None
    lga: str | None = None
    marital_status: str | None = None
    occupation: str | None = None
    religion: str | None = None
    tribe: str | None = None
    language: str | None = None
    next_of_kin: NextOfKinOut | None = None
    identifiers: list[IdentifierOut] | None = None
    photo: str | None = None
    emergency: bool | None = None
    source: str | None = None
    blood_group: str | None = None
    genotype: str | None = None
    pregnancy: str | None = None
    pregnancy_held_on: date | None = None


class FormerNameOut(Out):
    """What a patient was called until somebody changed it."""

    name: str
    given_name: str
    family_name: str
    other_names: str | None
    replaced_at: AwareDatetime
    replaced_by: AuthorOut | None = Field(description="Who changed it; empty where the server did")


class PatientQuery(ListQuery):
    """Search: parts of names in any order, a hospital number, the end of a phone number, a birth date."""

    q: Annotated[str, StringConstraints(max_length=200)] | None = None
    born_on: Day | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] | None = None


class AssertionIn(In):
    """Something held true from now on."""

    kind: AssertionKind
    value: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(examples=["O+"])
    held_on: Day | None = Field(None, description="The day it was found; default: today")

    @model_validator(mode="after")
    def _known(self) -> AssertionIn:
        allowed = sorted(_ASSERTED[self.kind])
        if self.value not in allowed:
            raise ValueError(f"{self.kind} is one of {', '.join(allowed)}")
        if self.held_on is not None and self.held_on > clock.today():
            raise ValueError("held_on lies in the future")
        return self


_ASSERTED: dict[AssertionKind, frozenset[str]] = {
    AssertionKind.BLOOD_GROUP: frozenset({"A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"}),
    AssertionKind.GENOTYPE: frozenset({"AA", "AS", "SS", "AC", "SC", "CC"}),
    AssertionKind.PREGNANCY: frozenset({"pregnant", "not_pregnant"}),
}


class AssertionOut(RecordOut):
    """Something held true of a patient; the newest of each kind counts."""

    kind: AssertionKind
    value: str
    held_on: date


class AssertionQuery(ListQuery):
    """Which assertions."""

    kind: AssertionKind | None = None
    include: Literal["voided"] | None = None
