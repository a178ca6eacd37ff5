"""Small tokens by which a screen learns that what it shows has changed, without reading it again.

A token is made of how many rows there are, the sum of their versions and the time of the last change: every making and
every change of a row moves one of them. It tells nothing of a patient. One statement, answered from indexes alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, literal, select, union_all

from hmis.charts.schemas import ChangesOut
from hmis.core import clock
from hmis.core.access import Permission
from hmis.core.db import BaseModel, HospitalSession
from hmis.prescriptions.models import OPEN, PrescriptionProgress
from hmis.visits.models import Visit
from hmis.vitals.models import VitalSign

_Counted = Select[str, int, int, datetime]


def tokens(session: HospitalSession) -> ChangesOut:
    """The tokens of all that whoever asks may see."""
    today = session.store.settings.day_of(clock.now())
    asked = question(session, today)
    found = () if asked is None else session.execute(asked).all()
    return ChangesOut(**{name: _token(name, today, *counted) for name, *counted in found})


def question(session: HospitalSession, today: date) -> CompoundSelect[Any] | None:
    """What the database is asked; None for a role that sees none of it."""
    parts = list(_parts(session, today))
    return union_all(*parts) if parts else None


def _parts(session: HospitalSession, today: date) -> Iterator[_Counted]:
    actor = session.acting()
    began, ended = session.store.settings.bounds_of(today)
    if actor.may(Permission.VISITS_READ):
        yield _counted("visits", Visit, Visit.held_on == today)
    if actor.may(Permission.VITALS_READ):
        yield _counted("vitals", VitalSign, VitalSign.taken_at >= began, VitalSign.taken_at < ended)
    if actor.may(Permission.PRESCRIPTIONS_READ):
        yield _counted("prescriptions", PrescriptionProgress, PrescriptionProgress.state.in_(OPEN))


def _counted(name: str, model: type[BaseModel], *conditions: ColumnElement[bool]) -> _Counted:
    counted = select(literal(name), func.count(), func.sum(model.version), func.max(model.updated_at))
    return counted.where(*conditions)


def _token(*about: object) -> str:
    return base64.urlsafe_b64encode(sha256(repr([str(part) for part in about]).encode()).digest()[:12]).decode()
