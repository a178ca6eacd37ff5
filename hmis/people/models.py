"""What staff and patients have in common."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core.columns import word
from hmis.core.db import BaseModel


class Sex(StrEnum):
    """Administrative sex, as FHIR AdministrativeGender has it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class BaseUser(BaseModel):
    """Demographics that staff and patients share. FHIR: HumanName, Address, ContactPoint."""

    __abstract__ = True

    given_name: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    other_names: Mapped[str | None] = mapped_column(String(240))
    sex: Mapped[Sex] = mapped_column(word(Sex, 8))
    born_on: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164
    email: Mapped[str | None] = mapped_column(String(254))
    address: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[str | None] = mapped_column(String(80))
    lga: Mapped[str | None] = mapped_column(String(80))  # local government area
    marital_status: Mapped[str | None] = mapped_column(String(40))

    @property
    def name(self) -> str:
        """As a person says it: given name, other names, family name."""
        return " ".join(part for part in (self.given_name, self.other_names, self.family_name) if part)

    @property
    def listed_name(self) -> str:
        """As a list shows it: OKAFOR, Chinedu."""
        return f"{self.family_name.upper()}, {self.given_name}" if self.given_name else self.family_name.upper()
