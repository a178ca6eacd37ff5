"""Taking what visitors of the public pages send, and dealing with it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hmis.core import clock
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, NotFound
from hmis.core.paging import Page, Sorted, page
from hmis.enquiries.models import Enquiry
from hmis.enquiries.schemas import EnquiryIn, EnquiryQuery, HandleIn
from hmis.staff import throttle
from hmis.staff.models import Staff

MOST = 5
"""Enquiries taken from one address in `SPAN`; a person writes once or twice."""
SPAN = timedelta(hours=1)


def receive(session: HospitalSession, body: EnquiryIn, address: str) -> Enquiry:
    """Take an enquiry from an address that nobody knows. Raises `TooManyRequests`."""
    throttle.admit_act(session.store, "enquiry", address, most=MOST, span=SPAN)
    return keep(session, body)


def keep(session: HospitalSession, body: EnquiryIn) -> Enquiry:
    """Keep an enquiry for an administrator to read."""
    enquiry = Enquiry(**body.model_dump(exclude={"website"}))
    session.add(enquiry)
    session.flush()
    return enquiry


def listed(session: HospitalSession, query: EnquiryQuery) -> Page[Enquiry]:
    """What waits, newest first; with `include` what was dealt with too."""
    asked = select(Enquiry).options(joinedload(Enquiry.handled_by))
    if query.include != "handled":
        asked = asked.where(Enquiry.handled_at.is_(None))
    if query.kind:
        asked = asked.where(Enquiry.kind == query.kind)
    return page(session, asked, [Sorted(Enquiry.id, descending=True)], limit=query.limit, cursor=query.cursor)


def find(session: HospitalSession, id: uuid.UUID) -> Enquiry:
    """One enquiry. Raises `NotFound`."""
    found = session.scalar(select(Enquiry).where(Enquiry.id == id).options(joinedload(Enquiry.handled_by)))
    if found is None:
        raise NotFound("there is no such enquiry")
    return found


def handle(session: HospitalSession, id: uuid.UUID, body: HandleIn) -> Enquiry:
    """Mark an enquiry as dealt with. Raises `NotFound`, or `Conflict` saying who was there before."""
    enquiry = find(session, id)
    if enquiry.handled_by is not None and enquiry.handled_at is not None:
        since = session.store.settings.local(enquiry.handled_at)
        raise Conflict(f"handled already, {since:%d-%b-%Y %H:%M}, by {enquiry.handled_by.name}")
    enquiry.handled_by = session.fetch(Staff, Staff.id == session.acting().staff_id)
    enquiry.handled_at, enquiry.handling_note = clock.now(), body.note
    session.flush()
    return enquiry
