"""/api/v1/drugs: what may be prescribed."""

from __future__ import annotations

import uuid

from hmis.core.access import Permission
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import OptionalReason
from hmis.formulary import service
from hmis.formulary.models import Drug
from hmis.formulary.schemas import DrugChange, DrugIn, DrugOut, DrugQuery

formulary = Domain("formulary", "Drugs")


@formulary.list("/drugs", needs=Permission.DRUGS_READ, gives=DrugOut)
def search(query: DrugQuery) -> Page[Drug]:
    """Find drugs by generic or brand name, words in any order."""
    return service.search(db(), query)


@formulary.create("/drugs", needs=Permission.DRUGS_EDIT, gives=DrugOut)
def add(body: DrugIn) -> Drug:
    """Make a drug known here; the same one twice is 409."""
    return service.add(db(), body)


@formulary.show("/drugs/<uuid:id>", needs=Permission.DRUGS_READ, gives=DrugOut)
def show(id: uuid.UUID) -> Drug:
    """One drug, retired or not."""
    return service.find(db(), id)


@formulary.change("/drugs/<uuid:id>", needs=Permission.DRUGS_EDIT, gives=DrugOut)
def edit(id: uuid.UUID, body: DrugChange) -> Drug:
    """Change what was sent; name, strength and form are settled once it was prescribed (409)."""
    return service.edit(db(), id, body)


@formulary.remove("/drugs/<uuid:id>", needs=Permission.DRUGS_EDIT)
def retire(id: uuid.UUID, query: OptionalReason) -> None:
    """Retire a drug: it is prescribed no longer, and stays on the prescriptions that name it."""
    service.retire(db(), id, query.reason)
