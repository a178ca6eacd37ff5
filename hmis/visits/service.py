"""Checking patients in, moving them through the day, and the day's lists."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from hmis.core import clock
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, NotFound
from hmis.core.paging import Page, Sorted, page
from hmis.core.schemas import ListQuery
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.visits.models import ENDED, TicketRoll, Visit, VisitState
from hmis.visits.policy import FORWARD, SAID
from hmis.visits.schemas import ClinicOut, MoveIn, PatientCard, VisitIn, VisitOut, VisitQuery

CARD = (
    Patient.hospital_number,
    Patient.given_name,
    Patient.other_names,
    Patient.family_name,
    Patient.sex,
    Patient.born_on,
    Patient.born_precision,
    Patient.born_about,
    Patient.deceased_at,
)
"""The columns that `card` needs; a photo is not read to show a name."""
IN_USE = timedelta(days=90)
"""How long a clinic is offered that the settings do not name."""


def check_in(session: HospitalSession, ref: PatientRef, body: VisitIn) -> Visit:
    """Check a patient in today. Raises `Conflict` for the dead and for whoever waits in this clinic already."""
    today = session.store.settings.day_of(clock.now())
    # The ticket first: its row is ours until the commit, so nobody else checks in here between look and insert.
    _advance(session, body.clinic, today)
    patient, ticket = _look(session, ref, body.clinic, today)
    if patient.deceased_at is not None:
        raise Conflict(f"this patient is recorded as dead since {patient.deceased_at:%d-%b-%Y}; is it another one?")
    now, actor = clock.now(), session.acting()
    visit = Visit(
        patient=patient,
        clinic=body.clinic,
        reason=body.reason,
        held_on=today,
        ticket=ticket,
        state=VisitState.ARRIVED,
        moved_at=now,
        moved_by_id=actor.staff_id,
        checked_in_by_id=actor.staff_id,
    )
    session.add(visit)
    session.flush()
    return visit


def move(session: HospitalSession, id: uuid.UUID, body: MoveIn) -> Visit:
    """Move a patient on, or back with `undo`. Raises `Conflict` saying who moved them in the meantime."""
    visit = _to_move(session, id)
    _judge(session, visit, body)
    return _moved(session, visit, body.to)


def move_on(session: HospitalSession, id: uuid.UUID, to: VisitState) -> Visit:
    """Move a patient on, who stays where they are if that is there already, or further. Raises `NotFound`."""
    visit = _to_move(session, id)
    return _moved(session, visit, to) if to in FORWARD[visit.state] else visit


def find(session: HospitalSession, ref: PatientRef, id: uuid.UUID) -> Visit:
    """One visit of this patient. Raises `NotFound`."""
    return session.fetch_of(ref, Visit, Visit.id == id)


def of_patient(session: HospitalSession, ref: PatientRef, query: ListQuery) -> Page[Visit]:
    """A patient's visits, newest first."""
    patient = patients.find(session, ref)
    asked = select(Visit).where(Visit.patient_id == patient.id).options(_patient())
    return page(session, asked, [Sorted(Visit.id, descending=True)], limit=query.limit, cursor=query.cursor)


def day_list(session: HospitalSession, query: VisitQuery) -> Page[Visit]:
    """Who came on a day, in the order they came."""
    on = query.on or session.store.settings.day_of(clock.now())
    asked = select(Visit).where(Visit.held_on == on).options(_patient())
    if query.clinic:
        asked = asked.where(Visit.clinic == query.clinic)
    if query.state:
        asked = asked.where(is_open() if query.state == "open" else Visit.state == query.state)
    return page(session, asked, [Sorted(Visit.id)], limit=query.limit, cursor=query.cursor)


def clinics(session: HospitalSession) -> list[ClinicOut]:
    """The clinics of the settings, then others where somebody was checked in within 90 days, by name."""
    today = session.store.settings.day_of(clock.now())
    used = select(TicketRoll.clinic).where(TicketRoll.held_on >= today - IN_USE).distinct().order_by(TicketRoll.clinic)
    there = select(Visit.clinic, func.count()).where(Visit.held_on == today, is_open()).group_by(Visit.clinic)
    waiting = {clinic: number for clinic, number in session.execute(there)}  # noqa: C416 - a row is no pair to mypy
    names = dict.fromkeys([*session.store.settings.clinic_names, *session.scalars(used)])
    return [ClinicOut(name=name, waiting=waiting.get(name, 0)) for name in names]


def is_open() -> ColumnElement[bool]:
    """The condition for visits that have not ended."""
    return Visit.state.not_in(ENDED)


def shown(visit: Visit) -> VisitOut:
    """A visit with who it is and how long they wait."""
    waiting = (clock.now() - visit.moved_at).total_seconds() // 60
    return VisitOut(
        id=visit.id,
        patient=card(visit.patient),
        clinic=visit.clinic,
        reason=visit.reason,
        held_on=visit.held_on,
        ticket=visit.ticket,
        state=visit.state,
        moved_at=visit.moved_at,
        waiting_minutes=max(0, int(waiting)) if visit.open else None,
        created_at=visit.created_at,
        version=visit.version,
    )


def card(patient: Patient) -> PatientCard:
    """Who it is."""
    return PatientCard(
        id=patient.id,
        hospital_number=patient.hospital_number,
        name=patient.name,
        given_name=patient.given_name,
        family_name=patient.family_name,
        other_names=patient.other_names,
        sex=patient.sex,
        age=patients.shown_age(patient),
    )


def _to_move(session: HospitalSession, id: uuid.UUID) -> Visit:
    """The visit, with who it is and who moved them last. Raises `NotFound`."""
    query = select(Visit).where(Visit.id == id).options(_patient(), joinedload(Visit.moved_by))
    visit = session.scalars(query).one_or_none()
    if visit is None:
        raise NotFound("there is no such visit here")
    session.charts.add(visit.patient_id)
    return visit


def _moved(session: HospitalSession, visit: Visit, to: VisitState) -> Visit:
    visit.state = to
    visit.moved_at = clock.now()
    visit.moved_by_id = session.acting().staff_id
    session.flush()
    return visit


def _patient() -> ExecutableOption:
    return joinedload(Visit.patient).load_only(*CARD, raiseload=True)


def _advance(session: HospitalSession, clinic: str, on: date) -> None:
    """Give out one more ticket of this clinic and day."""
    connection = session.connection()
    roll = (TicketRoll.clinic == clinic, TicketRoll.held_on == on)
    forward = update(TicketRoll).where(*roll).values(last=TicketRoll.last + 1)
    if connection.execute(forward).rowcount == 0:
        with suppress(IntegrityError), connection.begin_nested():  # another window may open the roll first
            connection.execute(insert(TicketRoll).values(clinic=clinic, held_on=on, last=0))
        connection.execute(forward)


def _look(session: HospitalSession, ref: PatientRef, clinic: str, on: date) -> tuple[Patient, int]:
    """The patient and their ticket, in one query. Raises `NotFound`, or `Conflict` where they wait here already."""
    ticket = select(TicketRoll.last).where(TicketRoll.clinic == clinic, TicketRoll.held_on == on).scalar_subquery()
    held = (
        select(Visit.ticket)
        .where(Visit.patient_id == Patient.id, Visit.held_on == on, Visit.clinic == clinic, is_open())
        .order_by(Visit.id)
        .limit(1)
        .scalar_subquery()
    )
    query = select(Patient, ticket, held).where(ref.criterion()).options(load_only(*CARD, raiseload=True))
    found = session.execute(query.with_for_update(read=True)).one_or_none()
    if found is None:
        raise NotFound("there is no such patient here")
    patient, given, before = found
    session.charts.add(patient.id)
    if before is not None:
        raise Conflict(f"checked in already: {patient.name} holds ticket {before} of {clinic} today", ticket=before)
    return patient, given


def _judge(session: HospitalSession, visit: Visit, body: MoveIn) -> None:
    """Raise `Conflict` for a move that somebody else was quicker with, or that goes back without `undo`."""
    if body.to == visit.state:
        raise Conflict(f"already {_whereabouts(session, visit)}", state=visit.state.value)
    if body.expected_state not in (None, visit.state):
        raise Conflict(f"no longer there: {_whereabouts(session, visit)}", state=visit.state.value)
    if body.to in FORWARD[visit.state]:
        return
    if not body.undo:
        raise Conflict(f"{_whereabouts(session, visit)}; to take that back, send `undo: true`", state=visit.state.value)
    if visit.open:
        return
    today = session.store.settings.day_of(clock.now())
    if visit.held_on != today:
        raise Conflict("this visit ended on another day; check the patient in again")
    again = select(Visit.ticket).where(
        Visit.patient_id == visit.patient_id, Visit.held_on == today, Visit.clinic == visit.clinic, is_open()
    )
    ticket = session.scalar(again.limit(1))
    if ticket is not None:
        raise Conflict(f"checked in again since: ticket {ticket} of {visit.clinic} today", ticket=ticket)


def _whereabouts(session: HospitalSession, visit: Visit) -> str:
    settings = session.store.settings
    since, now = settings.local(visit.moved_at), settings.local(clock.now())
    when = f"{since:%H:%M}" if since.date() == now.date() else f"{since:%d-%b-%Y %H:%M}"
    return f"{SAID[visit.state]} since {when}, moved by {visit.moved_by.name}"
