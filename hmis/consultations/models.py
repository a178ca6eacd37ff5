"""What a doctor found, thought and planned at one meeting with a patient."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, query_expression, relationship, with_expression
from sqlalchemy.sql.base import ExecutableOption

from hmis.core.columns import LongText, word
from hmis.core.db import Row
from hmis.core.records import Addendum, ClinicalPart, ClinicalRecord


class Consultation(ClinicalRecord):
    """One meeting of a doctor with a patient. FHIR: Encounter, with its notes."""

    __tablename__ = "consultations"
    __table_args__ = (
        Index("ix_consultations_patient", "patient_id", "occurred_at", "id"),
        Index("ix_consultations_author", "author_id", "occurred_at", "id"),
        Row.__table_args__,
    )

    occurred_at: Mapped[datetime]
    """When it happened; `created_at` is when it was written down."""
    visit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("visits.id"))
    presenting_complaint: Mapped[str | None] = mapped_column(LongText)
    history_of_presenting_complaint: Mapped[str | None] = mapped_column(LongText)
    past_medical_history: Mapped[str | None] = mapped_column(LongText)
    surgical_history: Mapped[str | None] = mapped_column(LongText)
    drug_history: Mapped[str | None] = mapped_column(LongText)
    family_history: Mapped[str | None] = mapped_column(LongText)
    social_history: Mapped[str | None] = mapped_column(LongText)
    obstetric_history: Mapped[str | None] = mapped_column(LongText)
    gynaecological_history: Mapped[str | None] = mapped_column(LongText)
    review_of_systems: Mapped[str | None] = mapped_column(LongText)
    examination: Mapped[str | None] = mapped_column(LongText)
    plan: Mapped[str | None] = mapped_column(LongText)
    follow_up_on: Mapped[date | None]

    diagnoses: Mapped[list[Diagnosis]] = relationship(
        back_populates="consultation", order_by="Diagnosis.rank", lazy="raise"
    )
    addenda_count: Mapped[int | None] = query_expression()
    """Filled in by `with_addenda_count()` alone."""

    @property
    def standing_diagnoses(self) -> list[Diagnosis]:
        """The diagnoses that were not taken back, the main one first."""
        return sorted((d for d in self.diagnoses if d.removed_at is None), key=lambda d: (d.rank, d.id))


class Certainty(StrEnum):
    """How sure the doctor is."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class Diagnosis(ClinicalPart):
    """One diagnosis of a consultation, in words, by ICD-10 code, or both. FHIR: Condition."""

    __tablename__ = "diagnoses"
    __table_args__ = (Index("ix_diagnoses_consultation", "consultation_id"), Row.__table_args__)
    whole: ClassVar[str] = "consultation"

    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultations.id"))
    rank: Mapped[int]
    """1 is the main one."""
    text: Mapped[str] = mapped_column(String(500))
    code: Mapped[str | None] = mapped_column(String(64))  # ICD-10, WHO
    code_system: Mapped[str | None] = mapped_column(String(160))
    """None: WHO ICD-10; imported diagnoses keep their own system (SNOMED CT, ICD-10-CM)."""
    certainty: Mapped[Certainty] = mapped_column(word(Certainty, 16))

    consultation: Mapped[Consultation] = relationship(back_populates="diagnoses", lazy="select")


def sameness(code: str | None, text: str) -> str:
    """By what two diagnoses are the same one: the code, else the words."""
    return code or " ".join(text.casefold().split())


def with_diagnoses() -> ExecutableOption:
    """Load option: the diagnoses that were not taken back, in the same query."""
    return joinedload(Consultation.diagnoses.and_(Diagnosis.removed_at.is_(None)))


def with_addenda_count() -> ExecutableOption:
    """Load option: how many addenda stand under a consultation, in the same query."""
    count = (
        select(func.count())
        .where(Addendum.record_id == Consultation.id, Addendum.standing())
        .correlate(Consultation.__table__)
        .scalar_subquery()
    )
    return with_expression(Consultation.addenda_count, count)


class DiagnosisCode(Row):
    """One code of the WHO's ICD-10, with the words people search it by."""

    __tablename__ = "diagnosis_codes"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    title: Mapped[str] = mapped_column(String(500))
    leaf: Mapped[bool]
    """Whether it may be used as a diagnosis by itself; otherwise it is a heading."""


class DiagnosisWord(Row):
    """One folded word by which a code is found: from its title, or a plain word such as sugar or typhoid."""

    __tablename__ = "diagnosis_words"

    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("diagnosis_codes.code"), primary_key=True)
    weight: Mapped[int]
    """3: a plain synonym for just this code; 2: word of the title; 1: of a heading above it."""
