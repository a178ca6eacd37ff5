"""How much was done on each of the hospital's own days: numbers only, nobody's record."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, String, and_, case, func, literal, select, union_all

from hmis.consultations.models import Consultation
from hmis.core import clock
from hmis.core.days import begins, day_of
from hmis.core.db import BaseModel, HospitalSession
from hmis.core.trail.seals import least_id
from hmis.patients.models import Patient
from hmis.pharmacy.models import Dispense
from hmis.prescriptions.models import Prescription
from hmis.reports.counts import Counted
from hmis.reports.schemas import ClinicVisitsOut, DayOut, DaysOut
from hmis.visits.models import Visit
from hmis.vitals.models import VitalSign

WRITTEN: dict[str, Any] = {
    "registrations": Patient,
    "consultations": Consultation,
    "vitals": VitalSign,
    "prescriptions": Prescription,
    "dispenses": Dispense,
}
"""What is counted on the day it was written down here; imported history is not the work of these days."""
_DRIFT = timedelta(minutes=2)
"""A key is made by the clock, and runs ahead of it by a minute at most when the clock is set back."""


def days(session: HospitalSession, many: int) -> DaysOut:
    """The last `many` days, today the last of them, in one statement or from memory."""
    last = session.store.settings.day_of(clock.now())
    counted: Counted[DaysOut] = session.store.reserve(f"reports.days.{many}", Counted)
    return counted.of(lambda: _counted(session, last - timedelta(days=many - 1), last))


def _counted(session: HospitalSession, first: date, last: date) -> DaysOut:
    zone = ZoneInfo(session.store.settings.time_zone)
    asked = [_visits(first, last), *(_written(name, kind, zone, first, last) for name, kind in WRITTEN.items())]
    done: defaultdict[date, Counter[str]] = defaultdict(Counter)
    clinics: Counter[str] = Counter()
    for what, on, clinic, many in session.execute(union_all(*asked)):
        done[on][what] += many
        if what == "visits":
            clinics[clinic] += many
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return DaysOut(
        time_zone=zone.key,
        days=[DayOut(on=on, **{what: done[on][what] for what in ("visits", *WRITTEN)}) for on in every],
        clinics=[ClinicVisitsOut(clinic=clinic, visits=many) for clinic, many in sorted(clinics.items(), key=_busiest)],
    )


def _visits(first: date, last: date) -> Select[str, date, str, int]:
    """Check-ins by day and clinic: a range of the index over both, and nothing else is read."""
    return (
        select(
            literal("visits", String()).label("what"),
            Visit.held_on.label("on_day"),
            Visit.clinic.label("clinic"),
            func.count().label("many"),
        )
        .where(Visit.held_on.between(first, last))
        .group_by(Visit.held_on, Visit.clinic)
    )


def _written(name: str, kind: type[BaseModel], zone: ZoneInfo, first: date, last: date) -> Select[str, date, str, int]:
    """Rows by the day they were written: a range of keys finds the days, the instant itself decides."""
    since, until = begins(first, zone), begins(last + timedelta(days=1), zone)
    columns: Any = kind
    ours = [columns.batch_id.is_(None), *([columns.voided_at.is_(None)] if hasattr(kind, "voided_at") else [])]
    return (
        select(
            literal(name, String()).label("what"),
            day_of(columns.created_at, zone, since, until).label("on_day"),
            literal("", String()).label("clinic"),
            # Asked here and not among the conditions: MariaDB would take the index of imported rows for the better one.
            func.count(case((and_(*ours), 1))).label("many"),
        )
        .where(kind.id >= least_id(since - _DRIFT), kind.id < least_id(until + _DRIFT))
        .where(columns.created_at >= since, columns.created_at < until)
        .group_by("on_day")
    )


def _busiest(line: tuple[str, int]) -> tuple[int, str]:
    return -line[1], line[0]
