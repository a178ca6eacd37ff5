"""Entering drugs, finding them, retiring them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, exists, or_, select

from hmis.core import clock
from hmis.core.db import HospitalSession, Row
from hmis.core.errors import Conflict
from hmis.core.paging import Page, Sorted, page
from hmis.formulary.models import Drug, DrugWord
from hmis.formulary.schemas import DrugChange, DrugIn, DrugQuery
from hmis.people import names

_HIGHEST = "\U0010ffff"
_NAMED_BY = ("generic_name", "brand_name", "strength", "form")
_SETTLED = ("generic_name", "strength", "form")
"""What a prescription means by this drug: settled as soon as one names it."""


def search(session: HospitalSession, query: DrugQuery) -> Page[Drug]:
    """Drugs by the words of their names in any order; without a question, all by name."""
    words = names.tokens(query.q or "")
    if query.q and not words:
        return Page([])
    asked = select(Drug).where(*(_has_word_beginning(word[:60]) for word in words))
    if query.include != "retired":
        asked = asked.where(Drug.retired_at.is_(None))
    return page(session, asked, [Sorted(Drug.name_folded), Sorted(Drug.id)], limit=query.limit, cursor=query.cursor)


def find(session: HospitalSession, id: uuid.UUID) -> Drug:
    """One drug, retired or not. Raises `NotFound`."""
    return session.fetch(Drug, Drug.id == id)


def add(session: HospitalSession, body: DrugIn) -> Drug:
    """Make a drug known here. Raises `Conflict` when it is there already."""
    drug = Drug(**body.model_dump())
    _refuse_double(session, drug)
    return _keep(session, drug)


def enter(session: HospitalSession, drug: Drug) -> Drug:
    """Add a drug that comes from elsewhere, findable like any other. No questions asked: doubles stand side by side."""
    alone = _double(session, drug) is None
    return _keep(session, drug, alone=alone)


def edit(session: HospitalSession, id: uuid.UUID, body: DrugChange) -> Drug:
    """Change what was sent. Raises `Conflict` when it is retired, or where prescriptions would come to mean another."""
    drug = find(session, id)
    session.check_version(drug)
    if drug.retired_at is not None:
        raise Conflict("this drug is retired; enter it anew")
    sent = body.sent()
    settled = [name for name in _SETTLED if name in sent and sent[name] != getattr(drug, name)]
    if settled and _is_prescribed(session, drug):
        raise Conflict(
            f"prescriptions name this drug, so its {' and '.join(settled).replace('_', ' ')} cannot change; "
            "retire it and enter the right one",
            fields=dict.fromkeys(settled, "settled: prescriptions name this drug"),
        )
    for name, value in sent.items():
        if name not in _NAMED_BY:
            setattr(drug, name, value)
    renaming = {name: sent[name] for name in _NAMED_BY if name in sent and sent[name] != getattr(drug, name)}
    if renaming:
        _rename(session, drug, renaming)
    session.flush()
    return drug


def retire(session: HospitalSession, id: uuid.UUID, reason: str | None) -> None:
    """Prescribe it no longer; what was prescribed stays. Raises `Conflict` when it is retired already."""
    drug = find(session, id)
    if drug.retired_at is not None:
        raise Conflict("this drug is retired already")
    drug.retired_at = clock.now()
    drug.retire_reason = reason
    drug.sameness = None
    session.flush()


def _keep(session: HospitalSession, drug: Drug, *, alone: bool = True) -> Drug:
    _make_findable(drug, alone=alone)
    session.add(drug)
    session.add_all(DrugWord(word=word, drug_id=drug.id) for word in _words(drug))
    session.flush()
    return drug


def _rename(session: HospitalSession, drug: Drug, renaming: Mapping[str, str | None]) -> None:
    """Give other names. No former one stays searchable: an old name of one drug may be the right name of another."""
    before = _words(drug)
    with session.no_autoflush:
        for name, value in renaming.items():
            setattr(drug, name, value)
        _refuse_double(session, drug)
    _make_findable(drug)
    now = _words(drug)
    if before - now:
        session.execute(delete(DrugWord).where(DrugWord.drug_id == drug.id, DrugWord.word.in_(before - now)))
    session.add_all(DrugWord(word=word, drug_id=drug.id) for word in now - before)


def _refuse_double(session: HospitalSession, drug: Drug) -> None:
    there = _double(session, drug)
    if there is not None:
        raise Conflict(f"{there.name} is known here already", drug_id=str(there.id))


def _double(session: HospitalSession, drug: Drug) -> Drug | None:
    return session.scalar(select(Drug).where(Drug.sameness == _sameness(drug), Drug.id != drug.id))


def _is_prescribed(session: HospitalSession, drug: Drug) -> bool:
    """Whether anything but its own words refers to this drug."""
    referring = [
        exists().where(column == drug.id)
        for table in Row.metadata.tables.values()
        if table.name != DrugWord.__tablename__
        for column in table.columns
        if any(key.column.table is Drug.__table__ for key in column.foreign_keys)
    ]
    return bool(referring) and bool(session.scalar(select(or_(*referring))))


def _make_findable(drug: Drug, *, alone: bool = True) -> None:
    drug.name_folded = names.fold(f"{drug.generic_name} {drug.brand_name or ''}")[:420]
    drug.sameness = _sameness(drug) if alone else None


def _sameness(drug: Drug) -> bytes:
    # The strength keeps its point: 1.5 mg is not 15 mg.
    strength = "".join((drug.strength or "").casefold().split())
    parts = (names.fold(drug.generic_name), strength, names.fold(drug.form or ""), names.fold(drug.brand_name or ""))
    return sha256("\x1f".join(parts).encode()).digest()


def _words(drug: Drug) -> set[str]:
    strength = drug.strength or ""
    numbers = set(re.findall(r"\d+", strength)) | set(names.tokens("".join(strength.split())))
    return {word[:60] for word in names.findable(f"{drug.generic_name} {drug.brand_name or ''}") | numbers}


def _has_word_beginning(text: str) -> ColumnElement[bool]:
    """`word LIKE 'text%'` as a range, which uses the index on every database."""
    return exists().where(DrugWord.drug_id == Drug.id, DrugWord.word >= text, DrugWord.word < text + _HIGHEST)
