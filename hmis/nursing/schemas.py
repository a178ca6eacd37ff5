"""What is sent and shown of a nursing note."""

from __future__ import annotations

from pydantic import Field, model_validator

from hmis.core.schemas import AddendumOut, In, Prose, RecordOut
from hmis.nursing.models import NoteKind
from hmis.visits.schemas import PatientCard


class NoteIn(In):
    """A note to write."""

    kind: NoteKind
    text: Prose = Field(examples=["Slept well. Took oral fluids, passed urine. Mother at the bedside."])


class NoteChange(In):
    """What may be corrected; what is not sent stays as it is."""

    kind: NoteKind | None = None
    text: Prose | None = Field(None, examples=["Slept well. Took oral fluids, passed urine twice."])

    @model_validator(mode="after")
    def _says_something(self) -> NoteChange:
        if self.kind is None and self.text is None:
            raise ValueError("send the kind or the text")
        return self


class NoteOut(RecordOut):
    """A note as written."""

    kind: NoteKind
    text: str
    patient: PatientCard | None = Field(
        None, validation_alias="patient_card", description="In a nurse's list, which runs over many patients"
    )
    addenda: list[AddendumOut] | None = Field(
        None, validation_alias="addenda_shown", description="Oldest first; in the list of one patient"
    )
