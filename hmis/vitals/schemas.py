"""What is sent and shown of a set of vital signs. Bounds catch slips of the finger, never illness."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints, field_validator, model_validator

from hmis.core import clock
from hmis.core.schemas import AddendumOut, In, Moment, Out, RecordOut, Said
from hmis.core.units import Measured
from hmis.vitals import plausible
from hmis.vitals.models import Consciousness


def _measured(lowest: str, highest: str, places: int, **more: Any) -> Any:
    return Field(None, ge=Decimal(lowest), le=Decimal(highest), decimal_places=places, **more)


class VitalSignIn(In):
    """A set of vital signs: whatever was measured; what is left out was not."""

    taken_at: Moment | None = Field(None, description="When it was measured; default: now")
    pulse_per_min: int | None = Field(None, ge=0, le=350, strict=True, examples=[84])
    respirations_per_min: int | None = Field(None, ge=0, le=120, strict=True, examples=[16])
    systolic_mmhg: int | None = Field(None, ge=0, le=350, strict=True, examples=[122])
    diastolic_mmhg: int | None = Field(None, ge=0, le=300, strict=True, examples=[78])
    temperature_celsius: Measured | None = _measured("20", "46", 1, examples=[36.8])
    spo2_percent: int | None = Field(None, ge=0, le=100, strict=True, examples=[98])
    oxygen: bool | None = Field(None, strict=True, description="Whether oxygen was given; false: breathing air")
    oxygen_litres_per_min: Measured | None = _measured("0", "100", 1)
    oxygen_device: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, examples=["nasal cannula"])
    consciousness: Consciousness | None = Field(None, description="ACVPU", examples=["A"])
    pain_0_10: int | None = Field(None, ge=0, le=10, strict=True)
    height_cm: Measured | None = _measured("20", "272", 1)
    weight_kg: Measured | None = _measured("0.2", "650", 3)
    glucose_mmol_per_l: Measured | None = _measured("0", "150", 1)
    muac_mm: int | None = Field(None, ge=30, le=800, strict=True, description="Mid-upper-arm circumference")
    confirmed: bool = Field(False, strict=True, description="The odd value was questioned, and it is so")

    @field_validator("temperature_celsius", "height_cm", "glucose_mmol_per_l", mode="before")
    @classmethod
    def _other_unit(cls, value: Any, info: Any) -> Any:
        """Where the number is right in another unit, say which was probably meant."""
        plausible.refuse_other_unit(info.field_name, value)
        return value

    @field_validator("taken_at")
    @classmethod
    def _has_happened(cls, taken_at: AwareDatetime | None) -> AwareDatetime | None:
        if taken_at is not None and taken_at > clock.now() + plausible.CLOCK_SKEW:
            raise ValueError("lies in the future")
        return taken_at

    @model_validator(mode="after")
    def _fits_together(self) -> VitalSignIn:
        if self.model_fields_set <= {"taken_at", "confirmed"}:
            raise ValueError("nothing was measured")
        if self.oxygen is False and self.oxygen_litres_per_min:
            raise ValueError("oxygen_litres_per_min without oxygen: is oxygen given?")
        return self


def bounds() -> dict[str, list[float]]:
    """Lowest, highest and decimals of each measurement that is a number: what is outside is refused."""
    found = {}
    for name, field in VitalSignIn.model_fields.items():
        limits = {
            limit: getattr(rule, limit)
            for rule in field.metadata
            for limit in ("ge", "le", "decimal_places")
            if getattr(rule, limit, None) is not None
        }
        if "ge" in limits:
            found[name] = [float(limits["ge"]), float(limits["le"]), limits.get("decimal_places", 0)]
    return found


class News2Out(Out):
    """The early-warning score, as computed when it was stored. RCP NEWS2 2017."""

    total: int | None = Field(description="null while something is missing or it does not apply")
    band: str
    points: dict[str, int]
    missing: list[str]
    scale: int
    rule_version: str
    partial: int | None = None
    reason: str | None = None
    response: str | None = None


class VitalSignOut(RecordOut):
    """A set of vital signs as recorded."""

    consultation_id: uuid.UUID | None
    taken_at: AwareDatetime
    pulse_per_min: int | None
    respirations_per_min: int | None
    systolic_mmhg: int | None
    diastolic_mmhg: int | None
    temperature_celsius: Measured | None
    spo2_percent: int | None
    oxygen: bool | None
    oxygen_litres_per_min: Measured | None
    oxygen_device: str | None
    consciousness: Consciousness | None
    pain_0_10: int | None
    height_cm: Measured | None
    weight_kg: Measured | None
    bmi: Measured | None
    glucose_mmol_per_l: Measured | None
    muac_mm: int | None
    confirmed: bool
    doubts: list[Said] | None
    news2: News2Out | None
    addenda: list[AddendumOut] | None = Field(
        None, validation_alias="addenda_shown", description="Oldest first; in the list of one patient"
    )
