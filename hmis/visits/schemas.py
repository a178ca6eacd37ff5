"""What is sent and shown of a visit. Nothing clinical: a record officer types it and a waiting room hears it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from hmis.core.schemas import Day, In, Line, ListQuery, Out, Prose, maybe_blank
from hmis.people.models import Sex
from hmis.visits.models import VisitState


def _one_space(text: str) -> str:
    return " ".join(text.split())


Clinic = Annotated[Line, AfterValidator(_one_space), StringConstraints(max_length=80)]
"""A clinic by its name; tickets and lists go by it, so it is spelt the same every time."""


class VisitIn(In):
    """Somebody has come."""

    clinic: Clinic = Field(examples=["General outpatients"])
    reason: Annotated[Annotated[Prose, StringConstraints(max_length=500)] | None, maybe_blank(500)] = Field(
        None, description="Why they came, in the words of whoever asked", examples=["Fever for three days"]
    )


class MoveIn(In):
    """Where the patient goes now."""

    to: VisitState
    expected_state: VisitState | None = Field(None, description="Where they were when you looked; else 409")
    undo: bool = Field(
        False, strict=True, description="Take a step back, or open again today what was ended by mistake"
    )


class PatientCard(Out):
    """Who it is: the little that everybody sees who sees patients at all."""

    id: uuid.UUID
    hospital_number: str = Field(examples=["104226784"])
    name: str
    given_name: str
    family_name: str
    other_names: str | None
    sex: Sex
    age: str | None = Field(description="As shown at the bedside: 3 wk 2 d, 34 y, ≈ 40 y")


class VisitOut(Out):
    """A visit as the day's lists show it."""

    id: uuid.UUID
    patient: PatientCard
    clinic: str
    reason: str | None
    held_on: date = Field(description="The hospital's own day")
    ticket: int = Field(description="Counts from 1 for each clinic and day")
    state: VisitState
    moved_at: AwareDatetime = Field(description="Since when they are where they are")
    waiting_minutes: int | None = Field(description="Whole minutes since moved_at; null once the visit has ended")
    created_at: AwareDatetime = Field(description="When they were checked in")
    version: int


class ClinicOut(Out):
    """A clinic as screens offer it."""

    name: str = Field(examples=["General outpatients"])
    waiting: int = Field(description="Visits of today that have not ended")


class VisitQuery(ListQuery):
    """Whose list is shown."""

    clinic: Clinic | None = None
    state: VisitState | Literal["open"] | None = Field(None, description="`open`: all that have not ended")
    on: Day | None = Field(None, description="Default: today, where the hospital is")
