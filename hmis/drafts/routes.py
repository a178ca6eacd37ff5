"""/api/v1/drafts: one's own unfinished writing."""

from __future__ import annotations

from hmis.core.access import Permission
from hmis.core.http import Domain, db
from hmis.core.paging import Page
from hmis.core.schemas import ListQuery
from hmis.drafts import service
from hmis.drafts.models import Draft
from hmis.drafts.schemas import DraftIn, DraftListed, DraftOut

drafts = Domain("drafts", "Drafts")

ONE = "/drafts/<key>"


@drafts.list("/drafts", needs=Permission.SIGNED_IN, gives=DraftListed)
def listed(query: ListQuery) -> Page[Draft]:
    """One's own drafts, without what was written."""
    return service.listed(db(), query)


@drafts.show(ONE, needs=Permission.SIGNED_IN, gives=DraftOut)
def show(key: str) -> Draft:
    """One's own draft; another's is not found."""
    return service.find(db(), key)


@drafts.change(ONE, needs=Permission.SIGNED_IN, gives=DraftOut)
def keep(key: str, body: DraftIn) -> Draft:
    """Keep a draft of up to 200 kB in place of the one before, for 72 hours."""
    return service.keep(db(), key, body)


@drafts.remove(ONE, needs=Permission.SIGNED_IN)
def discard(key: str) -> None:
    """Throw one's own draft away."""
    service.discard(db(), key)
