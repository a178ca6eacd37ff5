"""A patient's coming in: check-in, the clinic, and where they are in the day's flow."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hmis.core.columns import word
from hmis.core.db import BaseModel, Row
from hmis.patients.models import Patient
from hmis.staff.models import Staff


class VisitState(StrEnum):
    """Where the patient is now."""

    ARRIVED = "arrived"
    TRIAGE = "triage"
    WAITING = "waiting"
    WITH_DOCTOR = "with_doctor"
    PHARMACY = "pharmacy"
    DONE = "done"
    LEFT = "left"


ENDED = frozenset({VisitState.DONE, VisitState.LEFT})
"""Where a visit is over."""


class Visit(BaseModel):
    """One coming in of one patient to one clinic. FHIR: Encounter (the outer one)."""

    __tablename__ = "visits"
    __table_args__ = (
        UniqueConstraint("clinic", "held_on", "ticket"),
        Index("ix_visits_day", "held_on", "clinic", "state", "id"),
        Index("ix_visits_changes", "held_on", "updated_at", "version"),
        Index("ix_visits_patient", "patient_id", "id"),
        Row.__table_args__,
    )

    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id"))
    clinic: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(500))
    held_on: Mapped[date]
    """The hospital's day of the check-in."""
    ticket: Mapped[int]
    """Number called in the waiting room: counts from 1 for each clinic and day."""
    state: Mapped[VisitState] = mapped_column(word(VisitState, 16))
    moved_at: Mapped[datetime]
    moved_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    """Who moved the patient last; at first who checked them in."""
    checked_in_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))

    patient: Mapped[Patient] = relationship(lazy="raise")
    moved_by: Mapped[Staff] = relationship(lazy="raise", foreign_keys=[moved_by_id])

    @property
    def open(self) -> bool:
        """Whether the patient is still here for this."""
        return self.state not in ENDED


class TicketRoll(Row):
    """The last ticket given by a clinic on a day."""

    __tablename__ = "ticket_rolls"

    clinic: Mapped[str] = mapped_column(String(80), primary_key=True)
    held_on: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
