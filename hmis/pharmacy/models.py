"""What a pharmacist hands out. Batches and the stock ledger arrive here later."""

from __future__ import annotations

import uuid
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hmis.core.db import Row
from hmis.core.records import ClinicalPart, ClinicalRecord
from hmis.formulary.models import Drug
from hmis.prescriptions.models import DrugPrescription, Prescription, ProgressState


class Dispense(ClinicalRecord):
    """One handing-out on a prescription. FHIR: MedicationDispense."""

    __tablename__ = "dispenses"
    __table_args__ = (
        Index("ix_dispenses_prescription", "prescription_id", "author_id"),
        Index("ix_dispenses_author", "author_id", "id"),
        Row.__table_args__,
    )

    prescription_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("prescriptions.id"))
    note: Mapped[str | None] = mapped_column(String(500))

    prescription: Mapped[Prescription] = relationship(lazy="raise")
    lines: Mapped[list[DispensedLine]] = relationship(
        back_populates="dispense", order_by="DispensedLine.id", lazy="raise"
    )

    @property
    def prescription_state(self) -> ProgressState:
        """How far the prescription has come by now."""
        return self.prescription.state


class DispensedLine(ClinicalPart):
    """How much of one prescribed line was handed out."""

    __tablename__ = "dispensed_lines"
    __table_args__ = (
        Index("ix_dispensed_lines_line", "line_id"),
        Index("ix_dispensed_lines_dispense", "dispense_id"),
        Row.__table_args__,
    )
    whole: ClassVar[str] = "dispense"

    dispense_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dispenses.id"))
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("drug_prescriptions.id"))
    quantity: Mapped[int]
    """Dispensing units."""

    dispense: Mapped[Dispense] = relationship(back_populates="lines", lazy="select")
    line: Mapped[DrugPrescription] = relationship(lazy="raise")

    @property
    def drug(self) -> Drug:
        """What was handed out."""
        return self.line.drug
