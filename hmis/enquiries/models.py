"""What visitors of the public pages send."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hmis.core.columns import LongText, word
from hmis.core.db import BaseModel, Row
from hmis.staff.models import Staff


class EnquiryKind(StrEnum):
    """What the sender wants."""

    CONTACT = "contact"
    SIGN_UP = "sign_up"


class Enquiry(BaseModel):
    """A message from somebody nobody knows. It grants nothing; FHIR has no name for it."""

    __tablename__ = "enquiries"
    __table_args__ = (Index("ix_enquiries_handled", "handled_at", "id"), Row.__table_args__)

    kind: Mapped[EnquiryKind] = mapped_column(word(EnquiryKind, 16))
    name: Mapped[str] = mapped_column(String(240))
    email: Mapped[str] = mapped_column(String(254))
    facility_name: Mapped[str | None] = mapped_column(String(240))
    facility_size: Mapped[str | None] = mapped_column(String(80))
    message: Mapped[str | None] = mapped_column(LongText)
    handled_at: Mapped[datetime | None]
    handled_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    handling_note: Mapped[str | None] = mapped_column(String(1000))

    handled_by: Mapped[Staff | None] = relationship(lazy="raise")

    @property
    def handled(self) -> dict[str, Any] | None:
        """When, by whom and with what note it was dealt with; None while it waits."""
        if self.handled_at is None or self.handled_by is None:
            return None
        by = {"id": self.handled_by.id, "staff_number": self.handled_by.staff_number, "name": self.handled_by.name}
        return {"at": self.handled_at, "by": by, "note": self.handling_note}
