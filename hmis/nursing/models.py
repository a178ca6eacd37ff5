"""What nurses write."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core.columns import LongText, word
from hmis.core.db import Row
from hmis.core.records import ClinicalRecord, WithAddenda


class NoteKind(StrEnum):
    """What a nursing note is about."""

    ADMISSION = "admission"
    PROGRESS = "progress"
    PROCEDURE = "procedure"
    HANDOVER = "handover"
    INCIDENT = "incident"


class NurseNote(WithAddenda, ClinicalRecord):
    """A note of a nurse on one patient. FHIR: ClinicalImpression."""

    __tablename__ = "nurse_notes"
    __table_args__ = (
        Index("ix_nurse_notes_patient", "patient_id", "id"),
        Index("ix_nurse_notes_author", "author_id", "id"),
        Row.__table_args__,
    )

    kind: Mapped[NoteKind] = mapped_column(word(NoteKind, 16))
    text: Mapped[str] = mapped_column(LongText)
