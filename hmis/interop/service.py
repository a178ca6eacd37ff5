"""Imports as an administrator sees them: what came in, and taking a batch out again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from hmis.core import clock, history
from hmis.core.access import Actor, Permission, require
from hmis.core.db import HospitalSession
from hmis.core.history import Ends, ImportLeftover
from hmis.core.records import ImportBatch
from hmis.core.store import Store
from hmis.formulary.models import Drug
from hmis.interop.report import Progress, silently
from hmis.patients.models import Patient
from hmis.prescriptions.models import Prescription, PrescriptionProgress, ProgressState

_AT_ONCE = 1000


def _set_aside(patient: Patient) -> None:
    patient.set_aside_at = patient.set_aside_at or clock.now()


def _retire(drug: Drug) -> None:
    if drug.retired_at is None:
        drug.retired_at, drug.sameness = clock.now(), None
        drug.retire_reason = "the import that brought it was undone"


ENDS: Ends = {Patient: _set_aside, Drug: _retire}
"""What an import brings beside clinical records, and how it goes out of use when the import is undone.

Staff stay on file as they are: inactive, and perhaps the authors of another import.
"""


def batches(session: HospitalSession) -> Sequence[ImportBatch]:
    """All imports, the newest first."""
    return session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).all()


def leftovers(session: HospitalSession, batch_id: uuid.UUID) -> Sequence[ImportLeftover]:
    """What a batch did not take, and why."""
    asked = select(ImportLeftover).where(ImportLeftover.batch_id == batch_id).order_by(ImportLeftover.id)
    return session.scalars(asked).all()


def undo(store: Store, actor: Actor, batch_id: uuid.UUID, progress: Progress = silently) -> int:
    """Take an import out: its patients are set aside, its drugs retired, its records voided; how many records.

    Nothing is erased, and the same data can be imported again afterwards. Cut off, it goes on when it is called again.
    Raises `NotPermitted`, `NotFound`, or `Conflict` naming what refers to the import by now.
    """
    require(actor, Permission.IMPORT)
    with store.session(actor) as session:
        history.begin_undo(session, batch_id, ENDS)
        session.commit()
    withdrawn = 0
    while some := _withdraw_some(store, actor, batch_id):
        withdrawn += some
        progress(withdrawn, 0, "records withdrawn")
    return withdrawn


def _withdraw_some(store: Store, actor: Actor, batch_id: uuid.UUID) -> int:
    with store.session(actor) as session:
        withdrawn = history.withdraw_some(session, batch_id, _AT_ONCE)
        withdrawn += _end_progress(session, batch_id)
        session.commit()
    return withdrawn


def _end_progress(session: HospitalSession, batch_id: uuid.UUID) -> int:
    """The pharmacy's view of the prescriptions that were withdrawn."""
    asked = (
        select(PrescriptionProgress)
        .join(PrescriptionProgress.prescription)
        .where(
            Prescription.batch_id == batch_id,
            Prescription.voided_at.is_not(None),
            PrescriptionProgress.state == ProgressState.HISTORY,
        )
        .limit(_AT_ONCE)
    )
    rows = session.scalars(asked).all()
    for row in rows:
        row.state = ProgressState.VOIDED
    session.flush()
    return len(rows)
