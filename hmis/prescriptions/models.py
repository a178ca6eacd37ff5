"""What a doctor orders for a patient to take."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hmis.consultations.models import Consultation
from hmis.core.columns import Exact, word
from hmis.core.db import BaseModel, Row
from hmis.core.records import ClinicalPart, ClinicalRecord
from hmis.formulary.models import Drug
from hmis.prescriptions import frequencies, wording
from hmis.prescriptions.doses import Portion
from hmis.prescriptions.supply import each_time, supply_unit


class Prescription(ClinicalRecord):
    """The drugs ordered at one consultation: at most one that stands. FHIR: MedicationRequest group."""

    __tablename__ = "prescriptions"
    __table_args__ = (
        Index("ix_prescriptions_patient", "patient_id", "id"),
        Index("ix_prescriptions_author", "author_id", "id"),
        Row.__table_args__,
    )

    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultations.id"), index=True)
    instructions: Mapped[str | None] = mapped_column(String(2000))
    """For the whole prescription; each line has its own too."""

    consultation: Mapped[Consultation] = relationship(lazy="raise")
    lines: Mapped[list[DrugPrescription]] = relationship(
        back_populates="prescription", order_by="DrugPrescription.id", lazy="raise"
    )
    """All lines ever written, those taken off again too."""
    progress: Mapped[PrescriptionProgress] = relationship(back_populates="prescription", lazy="raise")

    @property
    def state(self) -> ProgressState:
        """How far it has come."""
        return self.progress.state

    @property
    def live_lines(self) -> list[DrugPrescription]:
        """The lines that are on it."""
        return [line for line in self.lines if line.removed_at is None]

    @property
    def anything_dispensed(self) -> bool:
        """Whether some of it was handed out."""
        return any(line.dispensed for line in self.live_lines)

    def reached(self) -> ProgressState:
        """How far it has come, found anew from what was done to its lines."""
        if self.voided_at is not None:
            return ProgressState.VOIDED
        if self.batch_id is not None:
            return ProgressState.HISTORY
        states = [line.state for line in self.live_lines]
        if not states:
            return ProgressState.EMPTY
        open_lines = [state for state in states if state not in (LineState.STOPPED, LineState.DISPENSED)]
        if not open_lines:
            return ProgressState.DISPENSED if LineState.DISPENSED in states else ProgressState.STOPPED
        if all(state is LineState.ON_HOLD for state in open_lines):
            return ProgressState.ON_HOLD
        return ProgressState.PARTLY_DISPENSED if self.anything_dispensed else ProgressState.WAITING


class LineState(StrEnum):
    """How far one line has come. A stop outweighs everything, a hold what is still to be dispensed."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    STOPPED = "stopped"
    PARTLY_DISPENSED = "partly_dispensed"
    DISPENSED = "dispensed"


class DrugPrescription(ClinicalPart):
    """One line: a drug, how much, how often, how long. FHIR: MedicationRequest."""

    __tablename__ = "drug_prescriptions"
    __table_args__ = (Index("ix_drug_prescriptions_prescription", "prescription_id"), Row.__table_args__)
    whole: ClassVar[str] = "prescription"

    prescription_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("prescriptions.id"))
    drug_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("drugs.id"))
    dose: Mapped[Decimal | None] = mapped_column(Exact(12, 3))
    dose_unit: Mapped[str | None] = mapped_column(String(40))
    route: Mapped[str | None] = mapped_column(String(60))
    frequency: Mapped[str | None] = mapped_column(String(32))
    """A code of `frequencies`: od, bd, tds, qds, q8h, stat, weekly ..."""
    as_needed: Mapped[bool] = mapped_column(default=False)
    as_needed_reason: Mapped[str | None] = mapped_column(String(240))
    max_in_24h: Mapped[Decimal | None] = mapped_column(Exact(12, 3))  # in the dose's unit
    duration_days: Mapped[int | None]
    quantity: Mapped[int | None]
    """Dispensing units to give out; None: as imported, not known."""
    instructions: Mapped[str | None] = mapped_column(String(1000))
    confirmed: Mapped[bool] = mapped_column(default=False)
    """Something odd about it was questioned, and the prescriber said that it is so."""
    removed_reason: Mapped[str | None] = mapped_column(String(500))

    prescription: Mapped[Prescription] = relationship(back_populates="lines", lazy="select")
    drug: Mapped[Drug] = relationship(lazy="raise")
    acts: Mapped[list[LineAct]] = relationship(back_populates="line", order_by="LineAct.id", lazy="raise")

    @property
    def dispensed(self) -> int:
        """Dispensing units handed out so far."""
        handed_out: int = self.prescription.progress.dispensed.get(str(self.id), 0)
        return handed_out

    @property
    def left(self) -> int | None:
        """Dispensing units still to be handed out; None where the quantity is not known."""
        return None if self.quantity is None else max(0, self.quantity - self.dispensed)

    @property
    def stopped(self) -> LineAct | None:
        """The stop, if there was one: nothing undoes it."""
        return next((act for act in self.acts if act.kind is LineActKind.STOP and act.voided_at is None), None)

    @property
    def held(self) -> LineAct | None:
        """The hold in force."""
        holds = [act for act in self.acts if act.kind is not LineActKind.STOP and act.voided_at is None]
        return holds[-1] if holds and holds[-1].kind is LineActKind.HOLD else None

    @property
    def state(self) -> LineState:
        """How far it has come."""
        if self.stopped:
            return LineState.STOPPED
        if self.left == 0:
            return LineState.DISPENSED
        if self.held:
            return LineState.ON_HOLD
        return LineState.PARTLY_DISPENSED if self.dispensed else LineState.ACTIVE

    @property
    def frequency_in_words(self) -> str | None:
        """How often, as it is shown: three times a day."""
        return frequencies.words(self.frequency)

    @property
    def quantity_unit(self) -> str | None:
        """What it is handed out in: tablet, bottle, inhaler."""
        return supply_unit(self.drug)

    @property
    def each_time(self) -> Portion | None:
        """One dose in what the patient takes: 2 tablets; None where it is written so, or cannot be known."""
        return each_time(self.drug, self.dose, self.dose_unit)

    @property
    def directions(self) -> str:
        """The whole line in words."""
        return wording.directions(self)

    def taken_at(self, moment: datetime) -> bool:
        """Whether the patient is, or soon will be, on this drug: not stopped, and the course is not over."""
        if self.removed_at is not None or self.stopped:
            return False
        if self.duration_days is not None:
            return moment < self.ordered_at + timedelta(days=self.duration_days)
        if self.prescription.batch_id is not None:
            return False  # of history whose end nobody knows, nobody knows that it lasts
        return self.quantity is not None and self.state is not LineState.DISPENSED

    @property
    def ordered_at(self) -> datetime:
        """When it was ordered: of imported history at the meeting, not at the import."""
        imported = self.prescription.batch_id is not None
        return self.prescription.consultation.occurred_at if imported else self.created_at


class ProgressState(StrEnum):
    """How far a prescription has come."""

    EMPTY = "empty"  # no line yet
    WAITING = "waiting"
    PARTLY_DISPENSED = "partly_dispensed"
    ON_HOLD = "on_hold"
    DISPENSED = "dispensed"
    STOPPED = "stopped"
    VOIDED = "voided"
    HISTORY = "history"  # imported: nothing to do


OPEN = (ProgressState.WAITING, ProgressState.PARTLY_DISPENSED, ProgressState.ON_HOLD)
"""Something is still to be handed out."""


class PrescriptionProgress(BaseModel):
    """Where a prescription stands in the pharmacy's day: the queue, and the row that writers take turns on."""

    __tablename__ = "prescription_progress"
    __table_args__ = (
        Index("ix_prescription_progress_state", "state", "id"),
        Index("ix_prescription_progress_changes", "state", "updated_at", "version"),
        Row.__table_args__,
    )

    prescription_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("prescriptions.id"), unique=True)
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id"))
    consultation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultations.id"), unique=True)
    """Of the prescription that stands there, so that there is never a second; None: withdrawn, or imported."""
    state: Mapped[ProgressState] = mapped_column(word(ProgressState, 20))
    dispensed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Line id -> dispensing units handed out: the sum of the dispenses that stand, found anew at each of them."""
    moved_at: Mapped[datetime]

    prescription: Mapped[Prescription] = relationship(back_populates="progress", lazy="raise")


class LineActKind(StrEnum):
    """What somebody did to a line without changing it."""

    STOP = "stop"
    HOLD = "hold"
    RELEASE = "release"


class LineAct(ClinicalRecord):
    """A prescribed line stopped by a doctor, or held or released by a pharmacist, with the reason."""

    __tablename__ = "line_acts"
    __table_args__ = (Index("ix_line_acts_line", "line_id", "id"), Row.__table_args__)

    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("drug_prescriptions.id"))
    kind: Mapped[LineActKind] = mapped_column(word(LineActKind, 12))
    reason: Mapped[str] = mapped_column(String(500))

    line: Mapped[DrugPrescription] = relationship(back_populates="acts", lazy="raise")
