"""Who is here and who comes first: the day's visits with how ill each patient is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import joinedload

from hmis.charts.schemas import MoverOut, TakenOut, WaitingOut, WorklistQuery
from hmis.core import clock
from hmis.core.db import HospitalSession
from hmis.core.paging import Page
from hmis.people.names import mistakable
from hmis.staff.models import Staff
from hmis.visits import service as visits
from hmis.visits.models import Visit, VisitState
from hmis.vitals.models import VitalSign

MOST_SHOWN = 200
MOST_LOOKED_AT = 1000
"""Of a day's visits, the first to come; more than any clinic sees."""


@dataclass(frozen=True)
class _Waiting:
    visit: Visit
    taken: TakenOut | None

    @property
    def urgent(self) -> bool:
        return self.taken is not None and self.taken.news2 is not None and self.taken.news2.urgent

    @property
    def turn(self) -> tuple[bool, int, bool]:
        """Less comes first: the urgent, the most points of all; then who has not been sent on to the pharmacy yet."""
        points = self.taken.news2.certain if self.urgent and self.taken and self.taken.news2 else 0
        return not self.urgent, -points, not self.urgent and self.visit.state == VisitState.PHARMACY


def of_day(session: HospitalSession, query: WorklistQuery) -> Page[WaitingOut]:
    """Who comes first stands first, of equal turn in the order they came; in two queries. `total` counts all."""
    found, total = _visits(session, query)
    taken = _taken(session, [vitals_id for _, vitals_id in found if vitals_id is not None])
    waiting = [_Waiting(visit, taken.get(vitals_id) if vitals_id else None) for visit, vitals_id in found]
    shown = sorted(waiting, key=lambda one: one.turn)[:MOST_SHOWN]
    alerted = mistakable({one.visit.patient_id: one.visit.patient for one in shown if one.visit.open})
    return Page([_shown(one, name_alert=one.visit.patient_id in alerted) for one in shown], total=total)


def _visits(session: HospitalSession, query: WorklistQuery) -> tuple[Sequence[tuple[Visit, uuid.UUID | None]], int]:
    """The visits asked for, each with the key of the newest vitals of its day, and how many there are in all."""
    on = query.on or session.store.settings.day_of(clock.now())
    asked = (
        select(Visit, _newest_vitals(*session.store.settings.bounds_of(on)), func.count().over())
        .where(Visit.held_on == on)
        .options(
            joinedload(Visit.patient, innerjoin=True).load_only(*visits.CARD, raiseload=True),
            joinedload(Visit.moved_by, innerjoin=True).load_only(*_MOVER, raiseload=True),
        )
        .order_by(Visit.id)
        .limit(MOST_LOOKED_AT)
    )
    if query.clinic:
        asked = asked.where(Visit.clinic == query.clinic)
    asked = asked.where(visits.is_open() if query.state == "open" else Visit.state == query.state)
    rows = session.execute(asked).all()
    return [(visit, vitals_id) for visit, vitals_id, _ in rows], rows[0][2] if rows else 0


_MOVER = (Staff.staff_number, Staff.given_name, Staff.other_names, Staff.family_name)


def _newest_vitals(began: object, ended: object) -> ScalarSelect[uuid.UUID]:
    """The key of the newest set of a visit's patient within a day; one step down an index for each visit."""
    return (
        select(VitalSign.id)
        .where(
            VitalSign.patient_id == Visit.patient_id,
            VitalSign.taken_at >= began,
            VitalSign.taken_at < ended,
            VitalSign.standing(),
        )
        .order_by(VitalSign.taken_at.desc(), VitalSign.id.desc())
        .limit(1)
        .correlate(Visit)
        .scalar_subquery()
    )


def _taken(session: HospitalSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, TakenOut]:
    asked = select(VitalSign.id, VitalSign.taken_at, VitalSign.news2).where(VitalSign.id.in_(ids))
    return {row.id: TakenOut.model_validate(row) for row in session.execute(asked)}


def _shown(one: _Waiting, *, name_alert: bool) -> WaitingOut:
    visit = one.visit
    return WaitingOut(
        **visits.shown(visit).model_dump(),
        moved_by=MoverOut.model_validate(visit.moved_by),
        newest_vitals=one.taken,
        urgent=one.urgent,
        name_alert=name_alert and visit.open,
    )
