"""What somebody is still writing, kept so that a closed tab or an ended session loses nothing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core.columns import LongText
from hmis.core.db import Row

KEPT_FOR = timedelta(hours=72)
"""How long an untouched draft is kept."""


class Draft(Row):
    """Unfinished writing of one member of staff. Not a clinical record: nobody else sees it, no care relies on it."""

    __tablename__ = "drafts"

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    """Which form it is of, as the page names it."""
    body: Mapped[str] = mapped_column(LongText)
    """JSON, exactly as the page sent it; nothing here looks inside."""
    patient_id: Mapped[uuid.UUID | None]
    """Whom the form is about, for the page's own use."""
    updated_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def expires_at(self) -> datetime:
        """When it is thrown away unless somebody goes on writing."""
        return self.updated_at + KEPT_FOR
