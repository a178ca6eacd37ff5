"""The people who work here, and how they sign in."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BINARY, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from hmis.core.access import Role
from hmis.core.columns import word
from hmis.core.db import BaseModel, Row
from hmis.people.models import BaseUser


class Staff(BaseUser):
    """A member of staff. Deactivated when they leave; what they wrote stays theirs. FHIR: Practitioner."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("email"),
        Index("ix_staff_listed", "role", "family_name", "given_name", "id"),
        Row.__table_args__,
    )
    secret_fields: ClassVar[frozenset[str]] = frozenset({"password_hash", "setup_token_hash"})
    prefix: ClassVar[str] = "STF"
    """First letters of the staff number."""

    role: Mapped[Role] = mapped_column(word(Role, 16))
    staff_number: Mapped[str] = mapped_column(String(16), unique=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    setup_token_hash: Mapped[bytes | None] = mapped_column(BINARY(32), unique=True)
    setup_expires_at: Mapped[datetime | None]
    licence_number: Mapped[str | None] = mapped_column(String(64))
    deactivated_at: Mapped[datetime | None]
    deactivation_reason: Mapped[str | None] = mapped_column(String(500))
    formerly_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    """The account this person had in another role before; what they wrote then stays signed by it."""
    demo: Mapped[bool] = mapped_column(default=False)
    """Made by `hmis demo`, with a password everybody knows; production refuses to start with one."""
    batch_id: Mapped[uuid.UUID | None]
    """The import that brought this person; no foreign key, for a batch itself refers to staff."""
    source: Mapped[str | None] = mapped_column(String(255))

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": BaseModel.version, "polymorphic_on": "role"}

    @property
    def active(self) -> bool:
        """Whether this person may sign in."""
        return self.deactivated_at is None and self.password_hash is not None


class Doctor(Staff):
    """Consults and prescribes."""

    prefix = "DOC"
    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": Role.DOCTOR
    }


class Nurse(Staff):
    """Measures, observes and writes nursing notes."""

    prefix = "NRS"
    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": Role.NURSE
    }


class Pharmacist(Staff):
    """Keeps the drugs and dispenses them."""

    prefix = "PHM"
    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": Role.PHARMACIST
    }


class RecordOfficer(Staff):
    """Registers patients and checks them in; sees no clinical data."""

    prefix = "REC"
    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": Role.RECORD_OFFICER
    }


class Admin(Staff):
    """Runs the system and reads no charts."""

    prefix = "ADM"
    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": Role.ADMIN
    }


KINDS: dict[Role, type[Staff]] = {
    Role.ADMIN: Admin,
    Role.DOCTOR: Doctor,
    Role.NURSE: Nurse,
    Role.PHARMACIST: Pharmacist,
    Role.RECORD_OFFICER: RecordOfficer,
}
"""The kind of staff each role is."""


class StaffNumber(Row):
    """The last number given to each kind of staff."""

    __tablename__ = "staff_numbers"

    prefix: Mapped[str] = mapped_column(String(3), primary_key=True)
    last: Mapped[int]


class SignIn(Row):
    """One server-side session: it ends at sign-out, after idle or absolute time, or when somebody ends it."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_staff", "staff_id", "started_at"), Row.__table_args__)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(BINARY(32), unique=True)
    """SHA-256 of the token in the cookie: who reads the table cannot sign in with it."""
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """Last request of a person, to within half a minute; what pages ask by themselves does not count."""
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(255))


class FailedSignIn(Row):
    """A wrong password, or one still being checked: who was meant, from where. Counted to slow guessing down.

    What a visitor may do without signing in is counted here too, without an address, so that it is no failure of it.
    """

    __tablename__ = "failed_sign_ins"
    __table_args__ = (
        Index("ix_failed_sign_ins_login", "login_hash", "failed_at"),
        Index("ix_failed_sign_ins_address", "address", "failed_at"),
        Row.__table_args__,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    login_hash: Mapped[bytes] = mapped_column(BINARY(32))
    """Keyed hash of the account, of the name typed where there is no such account, or of a visitor's act."""
    address: Mapped[str] = mapped_column(String(64))
    failed_at: Mapped[datetime]
