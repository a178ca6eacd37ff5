"""What a source tells, in words between its own format and our tables: every reader ends here, the one writer begins.

Nothing in here knows FHIR or CSV, and nothing knows a session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hmis.consultations.models import Certainty
from hmis.core import clock
from hmis.core.access import Role

EARLIEST = datetime(1850, 1, 1, tzinfo=UTC)
"""Nothing that is told of a patient happened before."""
CLOCK_SKEW = timedelta(minutes=5)


class Refused(Exception):
    """This thing is not taken; the message says why."""


class Origin(NamedTuple):
    """Where a thing stands in its source, and what it says there."""

    file: str
    kind: str
    id: str
    content: bytes
    """Hash of what it says."""
    payload: str
    """The thing itself, in JSON."""


@dataclass(slots=True)
class When:
    """A moment as the source knows it."""

    at: datetime
    remark: str = ""
    """What is not known of it, in words: the time of day, the time zone."""


@dataclass(slots=True)
class SourceStaff:
    """Somebody who worked at the source."""

    origin: Origin
    role: Role
    values: dict[str, Any]
    """Columns of `Staff`."""


@dataclass(slots=True)
class SourcePatient:
    """A person treated at the source."""

    origin: Origin
    values: dict[str, Any]
    """Columns of `Patient`."""
    identifiers: list[tuple[str, str]]
    """System and value."""
    aliases: list[str]
    """Other names, by which the patient is found too."""
    spare: dict[str, Any]
    """Elements without a home here, as they came."""


@dataclass(slots=True)
class SourceEncounter:
    """One meeting of a clinician with the patient."""

    origin: Origin
    when: When
    author: str | None
    """Id of the practitioner in the source."""
    complaint: str | None


@dataclass(slots=True)
class SourceDiagnosis:
    """Something found to be wrong with the patient."""

    origin: Origin
    encounter: str | None
    when: When | None
    author: str | None
    text: str
    code: str | None
    code_system: str | None
    certainty: Certainty
    history: str | None
    """Its course in words, where it is not simply present since the encounter."""


@dataclass(slots=True)
class SourceMeasurement:
    """One observation: a single value, or those of a panel."""

    origin: Origin
    encounter: str | None
    when: When
    author: str | None
    values: dict[str, Any]
    """Columns of `VitalSign`, in our units."""
    doubts: list[str]
    left_out: list[str]
    """Values of the panel that were refused, and why."""


@dataclass(slots=True)
class SourceDrug:
    """A product as the source names it."""

    name: str
    code: str | None
    code_system: str | None
    form: str | None = None
    id: str | None = None
    """Set where the source describes the product as a thing of its own."""


@dataclass(slots=True)
class SourceOrder:
    """A drug ordered for the patient."""

    origin: Origin
    encounter: str | None
    when: When | None
    author: str | None
    drug: SourceDrug
    values: dict[str, Any]
    """Columns of `DrugPrescription`."""
    notes: list[str]
    """What the line cannot hold in columns; becomes its instructions."""


@dataclass(slots=True)
class SourceChart:
    """All that a source tells of one patient."""

    patient_id: str
    patient: SourcePatient | None = None
    """None where it only stands in an earlier import, or was refused."""
    no_patient: str = ""
    """Why the patient was refused, and so all the rest."""
    encounters: list[SourceEncounter] = field(default_factory=list)
    diagnoses: list[SourceDiagnosis] = field(default_factory=list)
    measurements: list[SourceMeasurement] = field(default_factory=list)
    orders: list[SourceOrder] = field(default_factory=list)
    kept: list[tuple[Origin, str]] = field(default_factory=list)
    """Kept whole for later or refused, with the reason."""

    def __len__(self) -> int:
        told = len(self.encounters) + len(self.diagnoses) + len(self.measurements) + len(self.orders)
        return told + len(self.kept) + (self.patient is not None)


def happened(when: When) -> When:
    """The moment, if it can be so. Raises `Refused` for the future and for what is older than any chart."""
    if when.at > clock.now() + CLOCK_SKEW:
        raise Refused(f"{when.at:%Y-%m-%d %H:%M} lies in the future")
    if when.at < EARLIEST:
        raise Refused(f"{when.at.isoformat()} is before {EARLIEST:%Y}")
    return when
