"""/api/v1/enquiries, and /enquiries for the forms of the public pages, which need no script."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.tongue import FRENCH
from hmis.enquiries import service
from hmis.enquiries.models import Enquiry
from hmis.enquiries.schemas import EnquiryIn, EnquiryOut, EnquiryQuery, EnquiryReceived, HandleIn
from hmis.staff.principal import address

enquiries = Domain("enquiries", "Enquiries")

HANDLE = Permission.ENQUIRIES_HANDLE


@enquiries.form("/enquiries", leads_to="/received")
@enquiries.form("/fr/enquiries", leads_to="/fr/received", tongue=FRENCH)
@enquiries.create("/enquiries", needs=None, gives=EnquiryReceived)
def send(body: EnquiryIn) -> Enquiry:
    """Write to whoever runs this, or ask to sign up. It opens no account. Five an hour from one address (429)."""
    return service.receive(db(), body, address())


@enquiries.list("/enquiries", needs=HANDLE, gives=EnquiryOut)
def listed(query: EnquiryQuery) -> Page[Enquiry]:
    """What visitors sent and nobody has dealt with yet, newest first."""
    return service.listed(db(), query)


@enquiries.show("/enquiries/<uuid:id>", needs=HANDLE, gives=EnquiryOut)
def show(id: uuid.UUID) -> Enquiry:
    """One enquiry."""
    return service.find(db(), id)


@enquiries.act("/enquiries/<uuid:id>/handle", needs=HANDLE, gives=EnquiryOut)
def handle(id: uuid.UUID, body: HandleIn) -> Enquiry:
    """Mark it as dealt with; once (409)."""
    return service.handle(db(), id, body)
