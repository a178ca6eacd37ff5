"""What is sent and shown of a drug."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from hmis.core.schemas import In, Line, ListQuery, Out


def _one_space(text: str) -> str:
    return " ".join(text.split())


Name = Annotated[Line, AfterValidator(_one_space)]
Brand = Annotated[Name, StringConstraints(max_length=160)]
Strength = Annotated[Name, StringConstraints(max_length=80)]
Manner = Annotated[Name, StringConstraints(max_length=60)]


class DrugIn(In):
    """A drug to be known here."""

    generic_name: Name = Field(examples=["amoxicillin"])
    brand_name: Brand | None = Field(None, examples=["Amoxil"])
    strength: Strength | None = Field(None, description="As printed on the pack", examples=["500 mg", "125 mg/5 mL"])
    form: Manner | None = Field(None, examples=["capsule", "suspension"])
    route: Manner | None = Field(None, description="The usual route", examples=["oral"])
    pack_size: int | None = Field(
        None,
        ge=1,
        le=100_000,
        strict=True,
        description="Tablets in a box, mL in a bottle, puffs in an inhaler",
        examples=[100],
    )


class DrugChange(In):
    """What changes of a drug; what is left out stays."""

    generic_name: Name = ""
    brand_name: Brand | None = Field(None, examples=["Amoxil"])
    strength: Strength | None = None
    form: Manner | None = None
    route: Manner | None = None
    pack_size: int | None = Field(None, ge=1, le=100_000, strict=True)


class DrugBrief(Out):
    """A drug as a prescription names it."""

    id: uuid.UUID
    name: str = Field(examples=["amoxicillin 500 mg capsule (Amoxil)"])
    generic_name: str
    brand_name: str | None
    strength: str | None
    form: str | None
    pack_size: int | None


class DrugOut(DrugBrief):
    """A drug as known here."""

    route: str | None
    retired_at: AwareDatetime | None
    retire_reason: str | None
    code: str | None
    code_system: str | None
    source: str | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class DrugQuery(ListQuery):
    """Which drugs: by words of their names in any order, each from its beginning; a number is one of the strength."""

    q: Annotated[str, StringConstraints(max_length=200)] | None = Field(None, examples=["amox 500"])
    include: Literal["retired"] | None = Field(None, description="`retired`: those no longer prescribed too")
