"""What reports are asked, and what they tell."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from hmis.core.audit import Act
from hmis.core.jobs import Outcome
from hmis.core.schemas import In, ListQuery, Moment, Out

Whose = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class StatusOut(Out):
    """Whether the hospital's records can be reached, and nothing else."""

    status: Literal["OK", "FAIL"]


class StatsOut(Out):
    """How many of each there are, as their lists show them: no patient set aside, no drug retired, nobody who left.

    What was withdrawn is still stored, and counted; so is imported history.
    """

    patients: int
    visits: int
    consultations: int
    vitals: int
    nursenotes: int
    prescriptions: int
    drugs: int
    staff: int


class DaysQuery(In):
    """How many days."""

    days: int = Field(30, ge=7, le=365, description="The last so many, today included")


class DayOut(Out):
    """What was done on one of the hospital's days."""

    on: date
    registrations: int
    visits: int
    consultations: int
    vitals: int
    prescriptions: int
    dispenses: int


class ClinicVisitsOut(Out):
    """How many came to a clinic."""

    clinic: str
    visits: int


class DaysOut(Out):
    """What was done on each day, the oldest first, and how many came to each clinic in all these days."""

    time_zone: str = Field(description="Where these days begin and end")
    days: list[DayOut]
    clinics: list[ClinicVisitsOut] = Field(description="The busiest first")


class DatabaseOut(Out):
    """The database behind it."""

    kind: str = Field(description="`sqlite`, `mysql` or `mariadb`")
    server_version: str
    up_to_date: bool = Field(description="Whether it has had every migration of this release")
    revision: str | None = Field(description="The last migration it has had", examples=["0004"])


class DiskOut(Out):
    """The disk of the data folder, or of the database on this machine where that has less room."""

    total_bytes: int
    free_bytes: int
    full: bool = Field(description="No record is taken any more; what is left is for signing in and reading")


class AuditHealthOut(Out):
    """Whether the audit keeps up."""

    last_sealed_at: AwareDatetime | None
    events_not_sealed: int
    oldest_not_sealed_at: AwareDatetime | None = Field(description="When the oldest of them was made")
    readings_waiting: int = Field(description="Not in the table yet but safe on the disk of this server")


class AttemptsOut(Out):
    """How making, or proving, a backup went."""

    last_good_at: AwareDatetime | None = Field(description="Empty: never yet")
    seconds: float | None = Field(description="What that took")
    size_bytes: int | None
    last_failed: bool = Field(description="Whether the newest attempt failed")


class BackupsOut(Out):
    """Where the backups of this server stand."""

    made: AttemptsOut
    proven: AttemptsOut
    overdue: bool = Field(description="There is none, or a night was missed")
    key_copy_shown_at: AwareDatetime | None = Field(
        description="When somebody last showed a copy of the key that opens them; empty: nobody has"
    )


class JobOut(Out):
    """The last run of a job."""

    name: str = Field(examples=["backup"])
    started_at: AwareDatetime
    outcome: Outcome
    seconds: float | None


class SystemOut(Out):
    """How the server is doing."""

    version: str
    started_at: AwareDatetime
    environment: Literal["development", "production"]
    time_zone: str
    server_time: AwareDatetime
    sessions_in_force: int
    database: DatabaseOut
    disk: DiskOut
    audit: AuditHealthOut
    backups: BackupsOut
    jobs: list[JobOut] = Field(description="Those that ever ran, by name")


class AuditQuery(ListQuery):
    """Which events: all that are asked for must hold."""

    actor: Whose | None = Field(None, description="Who acted: a staff number or UUID", examples=["DOC0001"])
    patient: Whose | None = Field(
        None, description="Whose chart it was: a hospital number or UUID", examples=["104226784"]
    )
    act: Act | None = Field(None, description="What was done")
    record: uuid.UUID | None = Field(None, description="What it was done to")
    since: Moment | None = Field(None, description="From this instant on")
    until: Moment | None = Field(None, description="Before this instant")

    @model_validator(mode="after")
    def _forwards(self) -> AuditQuery:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("since lies after until")
        return self


class AuditActorOut(Out):
    """Who acted, as they were known then; the number is empty where nobody was signed in."""

    id: uuid.UUID | None
    number: str
    role: str
    name: str | None = Field(description="What they are called now; empty where nobody was signed in")


class AuditEventOut(Out):
    """One act: who did what to what, when and from where. Names of changed fields, never their values."""

    id: uuid.UUID
    occurred_at: AwareDatetime
    act: Act
    outcome: str = Field(description="`done`, or the code of the refusal", examples=["done", "NotAuthor"])
    actor: AuditActorOut
    patient_id: uuid.UUID | None
    patient_number: str | None = Field(description="The patient's hospital number", examples=["104226784"])
    subject: str = Field(description="The table; for a reading or a refusal, the route")
    record_id: uuid.UUID | None
    changed: list[str] = Field(description="Names of the fields that were set or changed")
    session_id: uuid.UUID | None
    address: str
    request_id: str
