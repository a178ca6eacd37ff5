"""What is sent and shown of a consultation."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints, field_validator, model_validator

from hmis.consultations.models import Certainty
from hmis.core import clock
from hmis.core.schemas import AddendumOut, Day, In, Line, Moment, Out, Prose, RecordOut, maybe_blank
from hmis.visits.schemas import PatientCard

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead the clock of somebody's computer may run."""
MOST_DIAGNOSES = 30

Text = Annotated[Prose | None, maybe_blank(20_000)]

TEXTS = (
    "presenting_complaint",
    "history_of_presenting_complaint",
    "past_medical_history",
    "surgical_history",
    "drug_history",
    "family_history",
    "social_history",
    "obstetric_history",
    "gynaecological_history",
    "review_of_systems",
    "examination",
    "plan",
)
"""What is written in words, in the order it is asked."""


class DiagnosisIn(In):
    """A diagnosis in words, by ICD-10 code, or both."""

    text: Annotated[Line | None, maybe_blank(240)] = Field(
        None, description="Default: the title of the code", examples=["Severe malaria"]
    )
    code: Annotated[Annotated[str, StringConstraints(max_length=16)] | None, maybe_blank(16)] = Field(
        None, description="ICD-10 of the WHO, with or without its dot", examples=["B50.8"]
    )
    certainty: Certainty = Certainty.PROVISIONAL
    rank: int | None = Field(
        None, ge=1, le=MOST_DIAGNOSES, strict=True, description="1 is the main one; default: in the order sent"
    )

    @model_validator(mode="after")
    def _named(self) -> DiagnosisIn:
        if self.text is None and self.code is None:
            raise ValueError("name the diagnosis, in words or by its code")
        return self


class ConsultationChange(In):
    """What may be corrected; what is not sent stays as it is."""

    presenting_complaint: Text = Field(None, examples=["Fever and headache for three days"])
    history_of_presenting_complaint: Text = None
    past_medical_history: Text = None
    surgical_history: Text = None
    drug_history: Text = None
    family_history: Text = None
    social_history: Text = None
    obstetric_history: Text = None
    gynaecological_history: Text = None
    review_of_systems: Text = None
    examination: Text = None
    plan: Text = None
    follow_up_on: Day | None = Field(None, description="The day to come back")
    occurred_at: Moment | None = Field(None, description="When it happened; default: now")
    visit_id: uuid.UUID | None = Field(None, description="The visit it belongs to")
    diagnoses: list[DiagnosisIn] = Field(
        [], max_length=MOST_DIAGNOSES, description="The whole list: what is left out of it is taken back"
    )

    @field_validator("occurred_at")
    @classmethod
    def _has_happened(cls, occurred_at: AwareDatetime | None) -> AwareDatetime | None:
        if occurred_at is not None and occurred_at > clock.now() + CLOCK_SKEW:
            raise ValueError("lies in the future")
        return occurred_at

    @field_validator("diagnoses")
    @classmethod
    def _ranked_once(cls, diagnoses: list[DiagnosisIn]) -> list[DiagnosisIn]:
        ranks = [diagnosis.rank for diagnosis in diagnoses if diagnosis.rank is not None]
        if len(set(ranks)) < len(ranks):
            raise ValueError("two diagnoses have the same rank")
        return diagnoses


class ConsultationIn(ConsultationChange):
    """A consultation to record."""

    @model_validator(mode="after")
    def _says_something(self) -> ConsultationIn:
        if not self.diagnoses and not any(getattr(self, name) for name in TEXTS):
            raise ValueError("nothing is written yet")
        return self


class DiagnosisOut(Out):
    """A diagnosis."""

    id: uuid.UUID
    rank: int
    text: str
    code: str | None
    code_system: str | None
    certainty: Certainty


class ConsultationOut(RecordOut):
    """A consultation, as far as the reader's role goes: what a role may not see is absent."""

    source: str | None = None
    occurred_at: AwareDatetime
    diagnoses: list[DiagnosisOut] = Field(validation_alias="standing_diagnoses")
    visit_id: uuid.UUID | None = None
    presenting_complaint: str | None = None
    history_of_presenting_complaint: str | None = None
    past_medical_history: str | None = None
    surgical_history: str | None = None
    drug_history: str | None = None
    family_history: str | None = None
    social_history: str | None = None
    obstetric_history: str | None = None
    gynaecological_history: str | None = None
    review_of_systems: str | None = None
    examination: str | None = None
    plan: str | None = None
    follow_up_on: date | None = None
    addenda_count: int | None = Field(None, description="In lists, where the addenda themselves are not")
    addenda: list[AddendumOut] = Field([], description="Oldest first; absent in lists")
    patient: PatientCard | None = Field(
        None, validation_alias="patient_card", description="In a doctor's list, which runs over many patients"
    )


SUMMARY = frozenset(
    {
        "id",
        "patient_id",
        "patient",
        "author",
        "occurred_at",
        "created_at",
        "updated_at",
        "version",
        "locks_at",
        "voided",
        "entered_in_error",
        "diagnoses",
    }
)
"""All that `consultations:summary` shows: who, when, which diagnoses."""


class DiagnosisQuery(In):
    """What was typed to find a diagnosis."""

    q: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["sugar"])
    limit: int = Field(20, ge=1, le=50)


class DiagnosisCodeOut(Out):
    """A code of ICD-10."""

    code: str
    title: str
    leaf: bool = Field(description="false: a heading with finer codes below it")
