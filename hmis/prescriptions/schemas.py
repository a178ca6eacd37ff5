"""What is sent and shown of a prescription and its lines."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from hmis.consultations.schemas import ConsultationIn, ConsultationOut
from hmis.core.schemas import AuthorOut, In, Line, ListQuery, Out, Prose, RecordOut, Said
from hmis.core.units import Measured
from hmis.formulary.schemas import DrugBrief
from hmis.prescriptions import doses, frequencies
from hmis.prescriptions.models import LineState, ProgressState
from hmis.visits.models import VisitState
from hmis.visits.schemas import PatientCard, VisitOut
from hmis.visits.service import card

_MOST = Decimal(100_000_000)

DoseUnit = Annotated[Line, StringConstraints(max_length=40), AfterValidator(doses.understood)]
"""mg, mL, tablets, units ...; refused with what to write: u, iu, µg, cc."""
FrequencyCode = Annotated[Line, AfterValidator(lambda text: frequencies.understood(text).code)]
"""od, bd, tds, q8h, weekly ... or the same in words; refused with what to write: qd, qod, hs."""


class LineChange(In):
    """What changes of a line; what is left out stays."""

    drug_id: uuid.UUID | None = None
    dose: Measured | None = Field(None, gt=0, le=_MOST, decimal_places=3, examples=[500])
    dose_unit: DoseUnit | None = Field(None, examples=["mg"])
    route: Annotated[Line, StringConstraints(max_length=60)] | None = Field(
        None, description="Left out: the drug's usual route", examples=["oral"]
    )
    frequency: FrequencyCode | None = Field(None, examples=["tds"])
    as_needed: bool = Field(False, strict=True, examples=[True])
    as_needed_reason: Line | None = Field(None, examples=["pain"])
    max_in_24h: Measured | None = Field(
        None, gt=0, le=_MOST, decimal_places=3, description="In the unit of the dose", examples=[4000]
    )
    duration_days: int | None = Field(None, ge=1, le=3650, strict=True, examples=[5])
    quantity: int | None = Field(
        None,
        ge=1,
        le=100_000,
        strict=True,
        description="Units to hand out; left out: computed where it can be",
        examples=[40],
    )
    instructions: Annotated[Prose, StringConstraints(max_length=1000)] | None = Field(None, examples=["with food"])
    confirmed: bool = Field(False, strict=True, description="What is odd about it was questioned, and it is so")


class LineIn(LineChange):
    """A drug to be taken: how much, how often, how long."""

    drug_id: uuid.UUID


class SignatureIn(In):
    """A line typed in one go, to be read; the drug and the weight where they are known."""

    text: Annotated[str, StringConstraints(max_length=1000)] = Field(examples=["amoxicillin 500mg PO TDS 5/7"])
    drug_id: uuid.UUID | None = Field(None, description="The drug that was chosen; a name is never completed")
    weight_kg: Measured | None = Field(None, gt=0, le=650, decimal_places=3, description="For a dose per kg")


class HighAlertOut(Out):
    """That a drug is prescribed step by step, and why."""

    name: str
    why: Said
    weekly: bool = Field(description="By mouth it is nearly always taken once a week")


class RefusalOut(Out):
    """What has to be rewritten before the line can be prescribed."""

    text: str = Field(description="As typed")
    code: str = Field(description="Which sentence `say` is", examples=["error_prone"])
    values: list[str] = Field(description="What stands in the sentence")
    say: Said = Field(examples=["u has been misread too often: write units"])


class AskOut(Out):
    """What is still to be said, by the field of a line it belongs to."""

    field: str = Field(examples=["dose_unit"])
    code: str = Field(description="Which sentence `say` is", examples=["of_what"])
    values: list[str] = Field(description="What stands in the sentence")
    say: Said = Field(examples=["500 of what? write mg, mL, tablets ..."])


class PieceOut(Out):
    """A stretch of what was typed, and what it was read as."""

    kind: str = Field(
        description="drug, dose, route, frequency, every_hours, as_needed, as_needed_reason, max, duration, quantity, "
        "instructions, filler, refused, unread"
    )
    text: str


class SignatureOut(Out):
    """What was read of a line. It can be prescribed once nothing is refused or asked; unread words are to be seen."""

    text: str = Field(description="What was sent: a late answer is known by it")
    drug: str = Field(description="The leading words: a name to look for")
    dose: Measured | None
    dose_unit: str | None
    dose_range: list[Measured] | None
    range_per_kg: bool
    dose_per_kg: Measured | None
    route: str | None
    frequency: str | None
    as_needed: bool
    as_needed_reason: str | None
    max_in_24h: Measured | None = Field(description="In the unit of the dose")
    max_doses_in_24h: Measured | None
    duration_days: int | None
    quantity: int | None
    instructions: str | None
    high_alert: HighAlertOut | None
    refusals: list[RefusalOut]
    asks: list[AskOut]
    unread: list[str]
    pieces: list[PieceOut]
    directions: str = Field(examples=["DOSE 500 mg – oral – three times a day – for 5 days"])
    supply: int | None = Field(description="Units to hand out, as typed or as computed for the drug that was chosen")
    supply_unit: str | None = Field(description="What is handed out: tablet, bottle, inhaler ...")
    doubts: list[Said] = Field(description="What would be questioned before it is stored")


class PrescriptionIn(In):
    """A prescription, with or without its first lines."""

    drugs: list[LineIn] = Field(default_factory=list, max_length=50)
    instructions: Annotated[Prose, StringConstraints(max_length=2000)] | None = Field(
        None, examples=["Come back on Friday, or sooner if the fever returns"]
    )


class PrescriptionChange(In):
    """What changes of the prescription itself; lines change by their own paths."""

    instructions: Annotated[Prose, StringConstraints(max_length=2000)] | None = Field(
        None, examples=["Come back on Friday, or sooner if the fever returns"]
    )


class LineActOut(Out):
    """When, by whom and why a line was stopped or held."""

    at: AwareDatetime = Field(validation_alias="created_at")
    by: AuthorOut = Field(validation_alias="signed_by")
    reason: str


class PortionOut(Out):
    """One dose, counted in what it comes in, or in mL."""

    amount: Measured = Field(validation_alias="decimal")
    unit: str = Field(examples=["tablet"])


class LineOut(Out):
    """A line of a prescription, and how far it has come."""

    id: uuid.UUID
    drug_id: uuid.UUID
    drug: DrugBrief
    dose: Measured | None
    dose_unit: str | None
    route: str | None
    frequency: str | None
    frequency_in_words: str | None
    as_needed: bool
    as_needed_reason: str | None
    max_in_24h: Measured | None
    duration_days: int | None
    quantity: int | None
    quantity_unit: str | None = Field(description="What is handed out: tablet, bottle, inhaler ...")
    each_time: PortionOut | None = Field(
        description="One dose as the patient takes it, where it is written in another unit: 2 tablets of 500 mg for 1 g"
    )
    instructions: str | None
    confirmed: bool
    directions: str = Field(
        description="The whole line in words",
        examples=["DOSE 500 mg – oral – three times a day – for 5 days"],
    )
    state: LineState
    dispensed: int
    left: int | None
    stopped: LineActOut | None
    held: LineActOut | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class PrescriptionOut(RecordOut):
    """A prescription with its lines."""

    consultation_id: uuid.UUID
    patient: Annotated[PatientCard, BeforeValidator(card)]
    state: ProgressState
    instructions: str | None
    lines: list[LineOut] = Field(validation_alias="live_lines")


class SigningIn(In):
    """All that is signed at the end of a meeting."""

    consultation: ConsultationIn
    prescription: PrescriptionIn | None = None
    move_visit_to: Literal[VisitState.PHARMACY, VisitState.DONE] | None = Field(
        None, description="Where the patient of `consultation.visit_id` goes now; who is further on already stays there"
    )

    @field_validator("move_visit_to")
    @classmethod
    def _of_a_visit(cls, to: VisitState | None, info: ValidationInfo) -> VisitState | None:
        consultation = info.data.get("consultation")
        if to is not None and consultation is not None and consultation.visit_id is None:
            raise ValueError("which visit? name it in consultation.visit_id")
        return to


class SigningOut(Out):
    """What was signed."""

    consultation: ConsultationOut
    prescription: PrescriptionOut | None
    visit: VisitOut | None = Field(description="Where the patient is now, where `move_visit_to` was sent")


class FavouriteOut(Out):
    """A line that a doctor writes often, as it can be sent again; `quantity` and `instructions` where they never
    differed."""

    drug_id: uuid.UUID
    drug: DrugBrief
    dose: Measured | None
    dose_unit: str | None
    route: str | None
    frequency: str | None
    frequency_in_words: str | None
    as_needed: bool
    as_needed_reason: str | None
    max_in_24h: Measured | None
    duration_days: int | None
    quantity: int | None
    quantity_unit: str | None
    instructions: str | None
    directions: str = Field(
        description="The whole line in words",
        examples=["DOSE 500 mg – oral – three times a day – for 5 days"],
    )
    used: int = Field(description="How often in the last 180 days")


class QueueQuery(ListQuery):
    """Which prescriptions wait; without a state, all that something is still to be handed out of."""

    state: ProgressState | Literal["open"] = "open"
