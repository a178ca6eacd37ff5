"""The people treated here: identity, next of kin, identifiers, and what is held true of them beyond one visit."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Index, ScalarSelect, String, select
from sqlalchemy.orm import (
    InstrumentedAttribute,
    Mapped,
    QueryableAttribute,
    contains_eager,
    mapped_column,
    query_expression,
    relationship,
    with_expression,
)
from sqlalchemy.sql.base import ExecutableOption

from hmis.core.columns import LongText, word
from hmis.core.db import BaseModel, Row
from hmis.core.records import ClinicalRecord
from hmis.people.models import BaseUser


class BirthPrecision(StrEnum):
    """How exactly the date of birth is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    ESTIMATED = "estimated"  # from an age in years
    ABOUT_DAY = "about_day"  # from an age in days or weeks


class Patient(BaseUser):
    """A person treated here. Never erased: a wrong one is merged or, without a chart, set aside. FHIR: Patient."""

    __tablename__ = "patients"
    __table_args__ = (
        Index("ix_patients_name", "family_folded", "given_folded", "id"),
        Index("ix_patients_phone", "phone_reversed"),
        Index("ix_patients_born_on", "born_on", "id"),
        Row.__table_args__,
    )

    hospital_number: Mapped[str] = mapped_column(String(9), unique=True)
    born_precision: Mapped[BirthPrecision | None] = mapped_column(word(BirthPrecision, 12))
    born_about: Mapped[bool | None]
    """The day was reckoned from an age in days or weeks. Apart from the precision, `day` then, which the release before
    reads too."""
    occupation: Mapped[str | None] = mapped_column(String(120))
    religion: Mapped[str | None] = mapped_column(String(80))
    tribe: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str | None] = mapped_column(String(40))
    next_of_kin_name: Mapped[str | None] = mapped_column(String(240))
    next_of_kin_relation: Mapped[str | None] = mapped_column(String(80))
    next_of_kin_phone: Mapped[str | None] = mapped_column(String(20))
    next_of_kin_address: Mapped[str | None] = mapped_column(String(500))
    unknown_identity: Mapped[bool] = mapped_column(default=False)
    """Registered without a name; named later."""
    emergency: Mapped[bool] = mapped_column(default=False)
    """Registered by a clinician because it could not wait."""
    deceased_at: Mapped[datetime | None]
    photo: Mapped[str | None] = mapped_column(LongText, deferred=True)  # data: URL of a small JPEG or PNG
    family_folded: Mapped[str] = mapped_column(String(160))
    given_folded: Mapped[str] = mapped_column(String(160))
    phone_reversed: Mapped[str | None] = mapped_column(String(20))
    """Digits from the last to the first, so that a search by the ending uses an index."""
    set_aside_at: Mapped[datetime | None] = mapped_column(index=True)
    """Deleted by a record officer: kept, but left out of lists. Only a patient without a chart."""
    registered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_batches.id"), index=True)
    source: Mapped[str | None] = mapped_column(String(255))

    blood_group: Mapped[str | None] = query_expression()
    genotype: Mapped[str | None] = query_expression()
    pregnancy: Mapped[str | None] = query_expression()
    pregnancy_held_on: Mapped[date | None] = query_expression()
    """The newest assertion of each kind, filled in by `holding()` alone."""

    identifiers: Mapped[list[Identifier]] = relationship(back_populates="patient", lazy="raise")

    @property
    def birth_known(self) -> BirthPrecision | None:
        """How exactly the birth date is known, an age in days or weeks counted in."""
        return BirthPrecision.ABOUT_DAY if self.born_about else self.born_precision


class PatientName(Row):
    """One folded word of a patient's names, for search by parts in any order."""

    __tablename__ = "patient_names"
    __table_args__ = (Index("ix_patient_names_patient", "patient_id", "word"), Row.__table_args__)

    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id"), primary_key=True)

    patient: Mapped[Patient] = relationship(lazy="raise")


class Identifier(BaseModel):
    """A number somebody else gave: national identity, insurance, an old card. FHIR: Identifier."""

    __tablename__ = "identifiers"
    __table_args__ = (
        Index("ix_identifiers_value", "value"),
        Index("ix_identifiers_patient", "patient_id"),
        Row.__table_args__,
    )

    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id"))
    system: Mapped[str] = mapped_column(String(160))
    value: Mapped[str] = mapped_column(String(120))
    removed_at: Mapped[datetime | None]

    patient: Mapped[Patient] = relationship(back_populates="identifiers", lazy="raise")


class AssertionKind(StrEnum):
    """What can be held true of a patient."""

    BLOOD_GROUP = "blood_group"  # LOINC 882-1
    GENOTYPE = "genotype"  # haemoglobin genotype
    PREGNANCY = "pregnancy"  # LOINC 82810-3


class Assertion(ClinicalRecord):
    """Held true of a patient until a newer one supersedes it. FHIR: Observation."""

    __tablename__ = "assertions"
    __table_args__ = (Index("ix_assertions_patient", "patient_id", "kind", "id"), Row.__table_args__)

    kind: Mapped[AssertionKind] = mapped_column(word(AssertionKind))
    value: Mapped[str] = mapped_column(String(40))
    held_on: Mapped[date]
    """The day it was found."""


@cache  # building them took half the time of showing a patient
def holding(through: QueryableAttribute[Patient] | None = None) -> tuple[ExecutableOption, ...]:
    """Load options that fill in what is held true of a patient, in the same query.

    `through`: the joined relationship by which a record's query reaches the patient.
    """

    def newest(kind: AssertionKind, column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
        return (
            select(column)
            .where(Assertion.patient_id == Patient.id, Assertion.kind == kind, Assertion.standing())
            .order_by(Assertion.id.desc())
            .limit(1)
            .correlate(Patient.__table__)
            .scalar_subquery()
        )

    wanted = (
        with_expression(Patient.blood_group, newest(AssertionKind.BLOOD_GROUP, Assertion.value)),
        with_expression(Patient.genotype, newest(AssertionKind.GENOTYPE, Assertion.value)),
        with_expression(Patient.pregnancy, newest(AssertionKind.PREGNANCY, Assertion.value)),
        with_expression(Patient.pregnancy_held_on, newest(AssertionKind.PREGNANCY, Assertion.held_on)),
    )
    return wanted if through is None else (contains_eager(through).options(*wanted),)
