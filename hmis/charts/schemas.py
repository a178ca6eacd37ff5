"""What a chart shows at a glance, and line by line through time."""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AliasPath, AwareDatetime, Field

from hmis.consultations.models import Certainty
from hmis.consultations.schemas import ConsultationOut
from hmis.core.schemas import AuthorOut, Day, In, Out, RecordListQuery
from hmis.core.units import Measured
from hmis.nursing.schemas import NoteOut
from hmis.people.models import Sex
from hmis.prescriptions.schemas import LineOut, PrescriptionOut
from hmis.visits.models import VisitState
from hmis.visits.schemas import Clinic, VisitOut
from hmis.vitals.schemas import VitalSignOut


class BannerOut(Out):
    """Whose chart it is and what is held true of them, as far as the reader's role goes."""

    id: uuid.UUID
    hospital_number: str
    name: str
    sex: Sex
    age: str | None
    born_on: date | None = None
    born_precision: str | None = None
    deceased_at: AwareDatetime | None
    unknown_identity: bool
    blood_group: str | None = None
    genotype: str | None = None
    pregnancy: str | None = None
    pregnancy_held_on: date | None = None


class WeightOut(Out):
    """The latest weight."""

    weight_kg: Measured
    taken_at: AwareDatetime
    vital_id: uuid.UUID = Field(validation_alias="id")


class ProblemOut(Out):
    """A diagnosis as it was made last; one that was refuted since is left out."""

    text: str
    code: str | None
    code_system: str | None
    certainty: Certainty
    last_at: AwareDatetime
    consultation_id: uuid.UUID


class ActiveLineOut(LineOut):
    """A drug the patient is on, and where it was prescribed."""

    prescription_id: uuid.UUID
    consultation_id: uuid.UUID = Field(validation_alias=AliasPath("prescription", "consultation_id"))
    prescribed_by: AuthorOut = Field(validation_alias=AliasPath("prescription", "signed_by"))
    prescribed_at: AwareDatetime = Field(validation_alias=AliasPath("prescription", "consultation", "occurred_at"))


class CountsOut(Out):
    """How much there is of each kind; absent where the reader may not see it. Withdrawn records do not count."""

    consultations: int | None = None
    vitals: int | None = None
    notes: int | None = None
    prescriptions: int | None = None
    visits: int | None = None


class ChartOut(Out):
    """One patient's chart at a glance."""

    banner: BannerOut
    visit: VisitOut | None = Field(description="Where they are today, while that visit lasts")
    newest_vitals: VitalSignOut | None
    latest_weight: WeightOut | None
    problems: list[ProblemOut] = Field(description="Newest first")
    active_lines: list[ActiveLineOut] = Field(description="Prescribed, not stopped, the course not over; newest first")
    counts: CountsOut


class ScoreOut(Out):
    """The early-warning score as it was stored: what a list shows of it. RCP NEWS2 2017."""

    total: int | None
    partial: int | None = None
    band: str
    missing: list[str]
    points: dict[str, int]

    @property
    def urgent(self) -> bool:
        """Whether somebody must come soon: 5 points or more, or 3 for any one measurement. RCP NEWS2 2017."""
        return self.certain >= _URGENT_SUM or _URGENT_ALONE in self.points.values()

    @property
    def certain(self) -> int:
        """The points there are at least: what is missing can only add to them."""
        return self.partial or self.total or 0


_URGENT_SUM = 5  # RCP NEWS2 2017: threshold for urgent response
_URGENT_ALONE = 3  # RCP NEWS2 2017: a single red score


class TakenOut(Out):
    """A set of vital signs, as far as a list shows it."""

    id: uuid.UUID
    taken_at: AwareDatetime
    news2: ScoreOut | None


class MoverOut(Out):
    """Who moved a patient last, and so has them."""

    name: str
    staff_number: str


class WaitingOut(VisitOut):
    """A visit on the worklist: who, where, how ill, and with whom."""

    moved_by: MoverOut = Field(description="Who has them: whoever moved them last, at first who checked them in")
    newest_vitals: TakenOut | None = Field(description="The newest of the visit's day")
    urgent: bool = Field(description="NEWS2 of 5 or more, complete or not, or 3 for any one measurement")
    name_alert: bool = Field(description="Somebody else who is here has nearly the same name")


class WorklistQuery(In):
    """Whose worklist is shown."""

    clinic: Clinic | None = None
    state: VisitState | Literal["open"] = Field("open", description="`open`: all that have not ended")
    on: Day | None = Field(None, description="Default: today, where the hospital is")


class ChangesOut(Out):
    """One token for each thing a screen keeps fresh; another token: look again. Absent: not this role's to see."""

    visits: str | None = Field(None, description="Today's visits", examples=["mfIcnn9SAHs6dBXr"])
    vitals: str | None = Field(None, description="Vital signs taken today", examples=["E1r0ZJ7NpZB0yyXW"])
    prescriptions: str | None = Field(
        None, description="What the pharmacy has still to do", examples=["5mJ0GAZq1x2v8KpS"]
    )


class Kind(StrEnum):
    """What a timeline holds."""

    CONSULTATION = "consultation"
    VITALS = "vitals"
    NOTE = "note"
    PRESCRIPTION = "prescription"
    VISIT = "visit"


class TimelineQuery(RecordListQuery):
    """Which part of the timeline is shown."""

    kind: Kind | None = None


class EntryOut(Out):
    """One line of a timeline: what kind it is, when it happened, and the record under the kind's own name."""

    kind: Kind
    id: uuid.UUID
    at: AwareDatetime = Field(description="When it happened, which may be long before it was written down")
    consultation: ConsultationOut | None = None
    vitals: VitalSignOut | None = None
    note: NoteOut | None = None
    prescription: PrescriptionOut | None = None
    visit: VisitOut | None = None
