"""What is measured at the bedside."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core.columns import Exact, word
from hmis.core.db import Row
from hmis.core.records import ClinicalRecord, WithAddenda


class Consciousness(StrEnum):
    """ACVPU: alert, new confusion, responds to voice, to pain, unresponsive."""

    ALERT = "A"
    CONFUSED = "C"
    VOICE = "V"
    PAIN = "P"
    UNRESPONSIVE = "U"


class VitalSign(WithAddenda, ClinicalRecord):
    """What was measured together at the bedside; None was not measured. FHIR: Observation, panel LOINC 85353-1."""

    __tablename__ = "vital_signs"
    __table_args__ = (
        Index("ix_vital_signs_changes", "taken_at", "updated_at", "version"),
        Index("ix_vital_signs_patient", "patient_id", "taken_at", "id"),
        Index("ix_vital_signs_author", "author_id", "taken_at", "id"),
        Index("ix_vital_signs_consultation", "consultation_id"),
        Row.__table_args__,
    )

    consultation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultations.id"))
    taken_at: Mapped[datetime]
    pulse_per_min: Mapped[int | None]  # LOINC 8867-4, /min
    respirations_per_min: Mapped[int | None]  # LOINC 9279-1, /min
    systolic_mmhg: Mapped[int | None]  # LOINC 8480-6, mm[Hg]
    diastolic_mmhg: Mapped[int | None]  # LOINC 8462-4, mm[Hg]
    temperature_celsius: Mapped[Decimal | None] = mapped_column(Exact(4, 1))  # LOINC 8310-5, Cel
    spo2_percent: Mapped[int | None]  # LOINC 59408-5, %
    oxygen: Mapped[bool | None]  # whether oxygen was given; False: air
    oxygen_litres_per_min: Mapped[Decimal | None] = mapped_column(Exact(4, 1))  # LOINC 3151-8, L/min
    oxygen_device: Mapped[str | None] = mapped_column(String(40))
    consciousness: Mapped[Consciousness | None] = mapped_column(word(Consciousness, 1))  # LOINC 67775-7
    pain_0_10: Mapped[int | None]  # LOINC 72514-3
    height_cm: Mapped[Decimal | None] = mapped_column(Exact(5, 1))  # LOINC 8302-2, cm
    weight_kg: Mapped[Decimal | None] = mapped_column(Exact(6, 3))  # LOINC 29463-7, kg
    glucose_mmol_per_l: Mapped[Decimal | None] = mapped_column(Exact(4, 1))  # LOINC 15074-8, mmol/L
    muac_mm: Mapped[int | None]  # mid-upper-arm circumference, LOINC 56072-2, mm
    confirmed: Mapped[bool] = mapped_column(default=False)
    """Odd values were shown to whoever measured, and they said that it is so."""
    doubts: Mapped[list[str] | None] = mapped_column(JSON)
    """What was odd or unclear about it, in words; for imported values, such as a missing unit."""
    news2: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The early-warning score as computed when it was stored, with each parameter's points and the rule's version."""

    @property
    def bmi(self) -> Decimal | None:
        """Body mass index, kg/m2, one decimal. LOINC 39156-5."""
        if not self.height_cm or self.weight_kg is None:
            return None
        return round(self.weight_kg / (self.height_cm / 100) ** 2, 1)
