"""The drugs this hospital knows."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BINARY, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core.db import BaseModel, Row


class Drug(BaseModel):
    """One product: generic name, strength and form. Retired, never deleted. FHIR: Medication."""

    __tablename__ = "drugs"
    __table_args__ = (Index("ix_drugs_name", "name_folded", "id"), Row.__table_args__)

    generic_name: Mapped[str] = mapped_column(String(240))
    brand_name: Mapped[str | None] = mapped_column(String(160))
    strength: Mapped[str | None] = mapped_column(String(80))  # as printed: 500 mg, 250 mg/5 mL
    form: Mapped[str | None] = mapped_column(String(60))  # tablet, capsule, injection
    route: Mapped[str | None] = mapped_column(String(60))  # usual route: oral, intravenous
    pack_size: Mapped[int | None]
    """What a pack holds: tablets in a box, mL in a bottle, puffs in an inhaler."""
    name_folded: Mapped[str] = mapped_column(String(420))
    """Generic and brand name as searched and sorted."""
    sameness: Mapped[bytes | None] = mapped_column(BINARY(32), unique=True)
    """Digest of generic name, strength, form and brand: nobody enters the same twice. None: retired, or one of several
    that came from elsewhere."""
    retired_at: Mapped[datetime | None]
    retire_reason: Mapped[str | None] = mapped_column(String(500))
    code: Mapped[str | None] = mapped_column(String(64))
    code_system: Mapped[str | None] = mapped_column(String(160))
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_batches.id"))
    source: Mapped[str | None] = mapped_column(String(255))

    @property
    def name(self) -> str:
        """As a prescriber says it: amoxicillin 500 mg capsule (Amoxil)."""
        brand = f"({self.brand_name})" if self.brand_name else None
        return " ".join(part for part in (self.generic_name, self.strength, self.form, brand) if part)


class DrugWord(Row):
    """One folded word by which a drug is found, in any order with the others."""

    __tablename__ = "drug_words"
    __table_args__ = (Index("ix_drug_words_drug", "drug_id", "word"), Row.__table_args__)

    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    drug_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("drugs.id"), primary_key=True)
