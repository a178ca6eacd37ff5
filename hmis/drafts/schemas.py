"""What is sent and shown of a draft."""

from __future__ import annotations

import json
import uuid
from typing import Any

from pydantic import AwareDatetime, Field, field_validator

from hmis.core.schemas import In, Out

LARGEST = 200_000  # bytes of JSON


class DraftIn(In):
    """Unfinished writing, in whatever form the page likes."""

    body: Any = Field(examples=[{"presenting_complaint": "Fever for three da"}])
    patient_id: uuid.UUID | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        """As it was sent, to the letter: what a record would refuse is told when the record is written."""
        return value

    @field_validator("body")
    @classmethod
    def _can_be_kept(cls, body: Any) -> Any:
        try:
            size = len(as_text(body).encode())
        except ValueError as error:  # a number without bounds, half a character
            raise ValueError("holds a number or a character that cannot be kept") from error
        if size > LARGEST:
            raise ValueError(f"a draft is at most {LARGEST // 1000} kB")
        return body


class DraftListed(Out):
    """A draft, in the list of one's own."""

    key: str
    patient_id: uuid.UUID | None
    updated_at: AwareDatetime
    expires_at: AwareDatetime


class DraftOut(DraftListed):
    """A draft, with what was written."""

    body: Any

    @field_validator("body", mode="before")
    @classmethod
    def _as_sent(cls, body: str) -> Any:
        return json.loads(body)


def as_text(body: Any) -> str:
    """A body as it is stored. Raises `ValueError` for what no database or page could read again."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text.encode()  # half a surrogate pair has no bytes
    return text
