"""Keeping one's own unfinished writing. Nobody, whatever their role, reaches another's."""

from __future__ import annotations

import re
import uuid

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError

from hmis.core import clock
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, Invalid, NotFound
from hmis.core.paging import Page, Sorted, page
from hmis.core.schemas import ListQuery
from hmis.drafts.models import KEPT_FOR, Draft
from hmis.drafts.schemas import DraftIn, as_text

MOST = 200
"""Drafts one person may have at a time; nobody writes so much at once."""
_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,120}")


def listed(session: HospitalSession, query: ListQuery) -> Page[Draft]:
    """One's own drafts, by key."""
    return page(
        session, select(Draft).where(*_own(session)), [Sorted(Draft.key)], limit=query.limit, cursor=query.cursor
    )


def find(session: HospitalSession, key: str) -> Draft:
    """One's own draft of that name. Raises `NotFound`, also when it has expired."""
    draft = session.scalar(select(Draft).where(Draft.key == key, *_own(session)))
    if draft is None:
        raise NotFound("there is no such draft")
    return draft


def keep(session: HospitalSession, key: str, body: DraftIn) -> Draft:
    """Keep a draft in place of the one before. Raises `Invalid`, or `Conflict` when there are too many."""
    if not _KEY.fullmatch(key):
        why = "letters, digits and . _ : ~ - only, at most 120"
        raise Invalid(f"the key of a draft: {why}", fields={"key": why})
    staff_id = session.acting().staff_id
    draft = _stored(session, staff_id, key) or _opened(session, staff_id, key)
    draft.body, draft.patient_id, draft.updated_at = as_text(body.body), body.patient_id, clock.now()
    session.flush()
    return draft


def discard(session: HospitalSession, key: str) -> None:
    """Throw a draft away. Raises `NotFound`."""
    gone = session.connection().execute(
        delete(Draft).where(Draft.staff_id == session.acting().staff_id, Draft.key == key)
    )
    if gone.rowcount == 0:
        raise NotFound("there is no such draft")


def purge(session: HospitalSession) -> int:
    """Throw away what nobody went on writing for 72 hours; how many. For the worker."""
    return session.connection().execute(delete(Draft).where(Draft.updated_at <= clock.now() - KEPT_FOR)).rowcount


def _own(session: HospitalSession) -> tuple[ColumnElement[bool], ...]:
    return Draft.staff_id == session.acting().staff_id, Draft.updated_at > clock.now() - KEPT_FOR


def _stored(session: HospitalSession, staff_id: uuid.UUID, key: str) -> Draft | None:
    return session.scalar(select(Draft).where(Draft.staff_id == staff_id, Draft.key == key).with_for_update())


def _opened(session: HospitalSession, staff_id: uuid.UUID, key: str) -> Draft:
    """A new draft, or the one that another tab has opened in this very moment."""
    there = session.scalar(select(func.count()).select_from(Draft).where(Draft.staff_id == staff_id))
    if (there or 0) >= MOST:
        raise Conflict(f"there are {MOST} unfinished drafts already; finish or discard some")
    draft = Draft(staff_id=staff_id, key=key, body="null", updated_at=clock.now())
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:
        found = _stored(session, staff_id, key)
        if found is None:
            raise
        return found
    return draft
