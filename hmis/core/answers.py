"""Answers kept for a while, so that a request repeated on a bad line is not done twice."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import BINARY, String
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core.columns import LongBytes
from hmis.core.db import Row

KEPT_FOR = timedelta(days=30)


class StoredAnswer(Row):
    """What was answered to one Idempotency-Key of one person on one path. Stored in the transaction of the work."""

    __tablename__ = "stored_answers"

    place: Mapped[bytes] = mapped_column(BINARY(32), primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(BINARY(32))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(LongBytes)
    location: Mapped[str | None] = mapped_column(String(500))
    etag: Mapped[str | None] = mapped_column(String(32))
    stored_at: Mapped[datetime] = mapped_column(index=True)
    charts: Mapped[list[str] | None]
    """Patients of whom the answer tells: who gets it again reads their charts. None: kept by a release before."""


def place_of(staff_id: uuid.UUID, method: str, path: str, key: str) -> bytes:
    """Where the answer to this key is kept: keys of other people and paths never meet."""
    return sha256("\n".join((staff_id.hex, method, path, key)).encode()).digest()
