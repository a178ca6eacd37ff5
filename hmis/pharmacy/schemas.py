"""What is sent and shown of a handing-out."""

from __future__ import annotations

import uuid
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from hmis.core.schemas import In, Out, Prose, RecordOut
from hmis.formulary.schemas import DrugBrief
from hmis.prescriptions.models import ProgressState


class DispensedLineIn(In):
    """How much of one prescribed line is handed out."""

    line_id: uuid.UUID
    quantity: int = Field(ge=1, le=100_000, strict=True, description="In the line's `quantity_unit`", examples=[15])
    version: int | None = Field(
        None, ge=1, strict=True, description="Of the line as you read it; once the prescriber changed it, 409"
    )


class DispenseIn(In):
    """What is handed out now; less than was prescribed is right, the rest can follow."""

    lines: Annotated[list[DispensedLineIn], Field(min_length=1, max_length=50)]
    note: Annotated[Prose, StringConstraints(max_length=500)] | None = None

    @field_validator("lines")
    @classmethod
    def _each_once(cls, lines: list[DispensedLineIn]) -> list[DispensedLineIn]:
        if len({line.line_id for line in lines}) < len(lines):
            raise ValueError("a line stands here twice: give its whole quantity once")
        return lines


class DispensedLineOut(Out):
    """How much of one prescribed line was handed out."""

    line_id: uuid.UUID
    drug: DrugBrief
    quantity: int


class DispenseOut(RecordOut):
    """One handing-out, and how far it brought the prescription."""

    prescription_id: uuid.UUID
    lines: list[DispensedLineOut]
    note: str | None
    prescription_state: ProgressState = Field(description="How far the prescription has come by now")
