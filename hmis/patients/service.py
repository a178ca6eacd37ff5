"""Registering patients, finding them again, and what is held true of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload, object_session, selectinload, undefer

from hmis.core import clock
from hmis.core.access import Permission, require
from hmis.core.db import HospitalSession, Row
from hmis.core.errors import Conflict, HospitalNumberInvalid, Invalid, NotFound, PossibleDuplicate
from hmis.core.paging import Page, Sorted, page
from hmis.core.records import RecordVersion, void
from hmis.patients import age, hospital_number, policy
from hmis.patients.models import (
    Assertion,
    AssertionKind,
    BirthPrecision,
    Identifier,
    Patient,
    PatientName,
    holding,
)
from hmis.patients.numbers import next_number
from hmis.patients.reference import PatientRef
from hmis.patients.schemas import (
    AssertionIn,
    AssertionQuery,
    FormerNameOut,
    IdentifierIn,
    IdentifierOut,
    NextOfKinOut,
    PatientChange,
    PatientIn,
    PatientOut,
    PatientQuery,
)
from hmis.people import names, phones
from hmis.staff.models import Staff

PREGNANCY_LASTS = timedelta(days=294)
"""42 weeks: after that an assertion of pregnancy no longer counts."""
_HIGHEST = "\U0010ffff"


def find(session: HospitalSession, ref: PatientRef, *, alone: bool = False) -> Patient:
    """The patient, identifiers and what is held true included, in one query. Raises `NotFound`.

    Whoever writes about a patient holds their row until the commit, together with others who do, so that nobody sets
    the patient aside meanwhile; `alone` holds it against them all.
    """
    query = select(Patient).where(ref.criterion()).options(*holding(), _identifiers(), undefer(Patient.photo))
    if session.writes:
        query = query.with_for_update(read=not alone)
    patient = session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()
    if patient is None:
        raise NotFound("there is no such patient here")
    session.target = patient
    session.charts.add(patient.id)
    return patient


def register(session: HospitalSession, body: PatientIn) -> Patient:
    """Register somebody. Raises `PossibleDuplicate` with who is there already, unless `confirmed`."""
    policy.may_register(session.acting(), body)
    patient = Patient(identifiers=[], photo=None, emergency=body.emergency, registered_by_id=session.acting().staff_id)
    _fill(session, patient, body)
    if body.unknown_identity and not (patient.given_name or patient.family_name):
        patient.family_name = "Unknown"
        patient.given_name = f"{body.sex.value.title()} {session.store.settings.local(clock.now()):%d-%b-%Y %H:%M}"
    if not body.confirmed:
        there = alike(session, patient)
        if there:
            raise PossibleDuplicate(
                "somebody like this is registered already; open that chart, or send `confirmed: true` if it is another",
                candidates=[{**_card(p), "why": why} for p, why in there],
            )
    enrol(session, patient)
    session.charts.add(patient.id)
    return patient


def enrol(session: HospitalSession, patient: Patient) -> Patient:
    """Give the number, fill what is derived for searching, and add the patient. No questions asked."""
    patient.hospital_number = next_number(session)
    _make_findable(patient)
    session.add(patient)
    session.add_all(PatientName(word=word, patient_id=patient.id) for word in _words(patient))
    session.flush()
    return patient


def edit(session: HospitalSession, ref: PatientRef, body: PatientChange) -> Patient:
    """Change what was sent of somebody's identity; old names stay in the versions."""
    patient = find(session, ref, alone=True)
    before = _words(patient)
    _fill(session, patient, body)
    _make_findable(patient)
    if not _words(patient) <= before:
        # Words of former names stay: somebody will ask for the patient by the old name.
        there = set(session.scalars(select(PatientName.word).where(PatientName.patient_id == patient.id)))
        session.add_all(PatientName(word=word, patient_id=patient.id) for word in _words(patient) - there)
    session.flush()
    return patient


def former_names(session: HospitalSession, ref: PatientRef) -> list[FormerNameOut]:
    """What somebody was called before, newest first, with who changed it and when."""
    patient = find(session, ref)
    kept = (
        select(
            *(RecordVersion.values[part].as_string().label(part) for part in _NAME_PARTS),
            RecordVersion.replaced_at,
            Staff,
        )
        .outerjoin(Staff, Staff.id == RecordVersion.replaced_by_id)
        .where(RecordVersion.record_id == patient.id, RecordVersion.row_type == Patient.__tablename__)
        .order_by(RecordVersion.id.desc())
    )
    found: list[FormerNameOut] = []
    then = [getattr(patient, part) for part in _NAME_PARTS]
    for *name, replaced_at, by in session.execute(kept):
        if name != then:
            called = dict(zip(_NAME_PARTS, name, strict=True))
            said = {**called, "name": Patient(**called).name, "replaced_at": replaced_at, "replaced_by": by}
            found.append(FormerNameOut.model_validate(said))
        then = name
    return found


def set_aside(session: HospitalSession, ref: PatientRef) -> None:
    """Take a patient registered by mistake out of the lists. Raises `Conflict` when there is a chart."""
    patient = find(session, ref, alone=True)
    session.check_version(patient)
    if has_chart(session, patient.id):
        raise Conflict("this patient has a chart; a chart is never deleted, a double registration is merged")
    patient.set_aside_at = clock.now()
    session.flush()


def has_chart(session: HospitalSession, patient_id: uuid.UUID) -> bool:
    """Whether anything of any department refers to this patient."""
    own = {PatientName.__tablename__, Identifier.__tablename__}
    referring = [
        exists().where(column == patient_id)
        for table in Row.metadata.tables.values()
        if table.name not in own
        for column in table.columns
        if any(key.column.table is Patient.__table__ for key in column.foreign_keys)
    ]
    return bool(session.scalar(select(or_(*referring))))


def search(session: HospitalSession, query: PatientQuery) -> Page[Patient]:
    """Patients by names in any order, number, phone ending or birth date; without a question, all by name."""
    actor = session.acting()
    if query.born_on:
        require(actor, Permission.PATIENTS_CONTACT)  # nobody finds out by asking what they may not see
    if query.phone:
        require(actor, Permission.PATIENTS_PHONE)
    where: list[ColumnElement[bool]] = [Patient.set_aside_at.is_(None)]
    by = [Sorted(Patient.family_folded), Sorted(Patient.given_folded), Sorted(Patient.id)]
    if query.born_on:
        where.append(Patient.born_on == query.born_on)
        by = [Sorted(Patient.id)]
    if query.phone:
        where.append(_phone_ends_with(query.phone))
        by = [Sorted(Patient.phone_reversed), Sorted(Patient.id)]
    asked = (query.q or "").strip()
    if not asked:
        return page(session, select(Patient).where(*where), by, limit=query.limit, cursor=query.cursor)
    if any(c.isdigit() for c in asked):
        return _by_number(session, asked, where, query)
    words = sorted(set(names.tokens(asked)), key=len, reverse=True)
    if not words:
        return Page([])
    if query.born_on or query.phone:  # few are left: the names of each are looked at
        where += [_probe(_NAME.patient_id == Patient.id, *_begins(_NAME.word, text)) for text in words]
        return page(session, select(Patient).where(*where), by, limit=query.limit, cursor=query.cursor)
    found = page(
        session,
        _by_words(words),
        [Sorted(PatientName.word), Sorted(PatientName.patient_id)],
        limit=query.limit,
        cursor=query.cursor,
    )
    return Page([hit.patient for hit in found.items], found.next)


def _by_words(words: list[str]) -> Select[PatientName]:
    """Along the index of the longest word; the others are probed. The first of a patient's matching words counts.

    Probes are scalars for MariaDB's sake: for a join or EXISTS it reads all patients, or all names that fit another
    word, and sorts them. For one letter among a million patients it took 10 s so, and takes 2 ms now.
    """
    longest, *others = words
    same = _NAME.patient_id == PatientName.patient_id
    return (
        select(PatientName)
        .where(
            *_begins(PatientName.word, longest),
            *(_probe(*_begins(_NAME.word, text)) for text in others),  # asked once: a mistyped word ends the search
            *(_probe(same, *_begins(_NAME.word, text)) for text in others),
            ~_probe(same, *_begins(_NAME.word, longest), _NAME.word < PatientName.word),
            _probe(Patient.id == PatientName.patient_id, Patient.set_aside_at.is_(None)),
        )
        .options(selectinload(PatientName.patient))
    )


_NAME = aliased(PatientName)


def _probe(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is a row for which the conditions hold."""
    return select(literal(1)).where(*conditions).limit(1).scalar_subquery().is_not(None)


def _by_number(
    session: HospitalSession, asked: str, where: Sequence[ColumnElement[bool]], query: PatientQuery
) -> Page[Patient]:
    """A hospital number, a birth date, a phone ending or an identifier. A mistyped hospital number is told as such."""
    actor = session.acting()
    ways: list[ColumnElement[bool]] = []
    try:
        born_on = date.fromisoformat(asked)
    except ValueError:
        born_on = None
    if actor.may(Permission.PATIENTS_CONTACT):
        given = select(Identifier.patient_id).where(Identifier.value == asked, Identifier.removed_at.is_(None))
        ways.append(Patient.born_on == born_on if born_on else Patient.id.in_(given))
    if born_on is None and actor.may(Permission.PATIENTS_PHONE) and len(phones.ending(asked)) >= 4:
        ways.append(_phone_ends_with(asked))
    mistyped = None
    if hospital_number.looks_like(asked):
        try:
            ways.append(Patient.hospital_number == hospital_number.parse(asked))
        except hospital_number.MistypedNumber as error:
            mistyped = error
    found: Page[Patient] = Page([])
    if ways:
        ids = union_all(*(select(Patient.id).where(way, *where) for way in ways)).subquery()
        any_of = select(Patient).where(Patient.id.in_(select(ids.c.id)))
        found = page(session, any_of, [Sorted(Patient.id)], limit=query.limit, cursor=query.cursor)
    if mistyped is not None and not found.items:
        raise HospitalNumberInvalid(str(mistyped), fields={"q": str(mistyped)})
    return found


def alike(session: HospitalSession, newcomer: Patient) -> list[tuple[Patient, str]]:
    """Who is there already with the same phone, or the same name and birth date, and why each is shown."""
    _make_findable(newcomer)
    ways: list[Select[uuid.UUID, str]] = []
    if newcomer.phone_reversed:
        ways.append(
            select(Patient.id, literal("the same phone")).where(Patient.phone_reversed == newcomer.phone_reversed)
        )
    if newcomer.born_on:
        ways.append(
            select(Patient.id, literal("the same birth date, and a name alike")).where(
                Patient.born_on == newcomer.born_on
            )
        )
        ways.append(
            select(Patient.id, literal("the same name, and about the same age")).where(
                Patient.family_folded == newcomer.family_folded,
                Patient.given_folded == newcomer.given_folded,
                Patient.born_on.between(newcomer.born_on - timedelta(days=731), newcomer.born_on + timedelta(days=731)),
            )
        )
    for number in newcomer.identifiers:
        ways.append(
            select(Identifier.patient_id, literal(f"the same {number.system} number")).where(
                Identifier.value == number.value, Identifier.system == number.system, Identifier.removed_at.is_(None)
            )
        )
    if not ways or newcomer.unknown_identity:
        return []
    hits = union_all(*ways).subquery()
    rows = session.execute(
        select(Patient, hits.c[1]).join(hits, hits.c[0] == Patient.id).where(Patient.set_aside_at.is_(None)).limit(200)
    ).all()
    found: dict[uuid.UUID, tuple[Patient, str]] = {}
    for patient, why in rows:
        if "birth date" not in why or names.alike(patient.name, newcomer.name):
            found.setdefault(patient.id, (patient, why))
    return list(found.values())[:20]


def shown_to_reader(session: HospitalSession, patient: Patient, *, listed: bool = False) -> PatientOut:
    """As much of the patient as the reader's role may see. `listed`: without the photo, as lists show it."""
    actor = session.acting()
    shown: dict[str, Any] = {
        **_card(patient),
        "deceased_at": patient.deceased_at,
        "unknown_identity": patient.unknown_identity,
        "version": patient.version,
        "created_at": patient.created_at,
        "updated_at": patient.updated_at,
    }
    if actor.may(Permission.PATIENTS_PHONE):
        shown["phone"] = patient.phone
    if actor.may(Permission.PATIENTS_CONTACT):
        shown |= {name: getattr(patient, name) for name in _IDENTITY} | {"born_precision": patient.birth_known}
        if not listed:
            shown["photo"] = patient.photo
        shown["next_of_kin"] = NextOfKinOut.model_construct(**{k: getattr(patient, f"next_of_kin_{k}") for k in _KIN})
        if "identifiers" in patient.__dict__:
            shown["identifiers"] = [
                IdentifierOut(system=number.system, value=number.value)
                for number in patient.identifiers
                if number.removed_at is None
            ]
    if actor.may(Permission.ASSERTIONS_READ) and "blood_group" in patient.__dict__:
        shown |= {name: getattr(patient, name) for name in _HELD}
    return PatientOut(**shown)


def pregnant(patient: Patient, on: date) -> bool:
    """Whether the newest assertion says so and is not older than a pregnancy lasts."""
    held = patient.pregnancy_held_on
    return patient.pregnancy == "pregnant" and held is not None and on - held <= PREGNANCY_LASTS


def assertions(session: HospitalSession, ref: PatientRef, query: AssertionQuery) -> Page[Assertion]:
    """What was held true of a patient, newest first."""
    patient = find(session, ref)
    asked = select(Assertion).where(Assertion.patient_id == patient.id).options(joinedload(Assertion.author))
    if query.kind:
        asked = asked.where(Assertion.kind == query.kind)
    if query.include != "voided":
        asked = asked.where(Assertion.voided_at.is_(None))
    return page(session, asked, [Sorted(Assertion.id, descending=True)], limit=query.limit, cursor=query.cursor)


def hold_true(session: HospitalSession, ref: PatientRef, body: AssertionIn) -> Assertion:
    """Assert something; it supersedes what was held before. Raises `Invalid` for a pregnant man."""
    patient = find(session, ref)
    if body.kind is AssertionKind.PREGNANCY and body.value == "pregnant" and patient.sex == "male":
        raise Invalid("this patient is registered as male; correct the sex first", fields={"value": "not for a man"})
    assertion = Assertion(
        patient_id=patient.id, kind=body.kind, value=body.value, held_on=body.held_on or clock.today()
    )
    session.add(assertion)
    session.flush()
    return assertion


def find_assertion(session: HospitalSession, patient: PatientRef, id: uuid.UUID) -> Assertion:
    """One assertion of this patient's. Raises `NotFound`."""
    return session.fetch_of(patient, Assertion, Assertion.id == id)


def withdraw_assertion(session: HospitalSession, ref: PatientRef, assertion_id: uuid.UUID, reason: str) -> None:
    """Withdraw an assertion: its author, within 24 hours; the one before holds again."""
    void(session, find_assertion(session, ref, assertion_id), reason)


_IDENTITY = (
    "born_on",
    "email",
    "address",
    "state",
    "lga",
    "marital_status",
    "occupation",
    "religion",
    "tribe",
    "language",
    "emergency",
    "source",
)
_NAME_PARTS = ("given_name", "family_name", "other_names")
_KIN = ("name", "relation", "phone", "address")
_HELD = ("blood_group", "genotype", "pregnancy", "pregnancy_held_on")


def _card(patient: Patient) -> dict[str, Any]:
    """The little that every role sees: who it is."""
    return {
        "id": patient.id,
        "hospital_number": patient.hospital_number,
        "name": patient.name,
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "other_names": patient.other_names,
        "sex": patient.sex,
        "age": shown_age(patient),
    }


def shown_age(patient: Patient) -> str | None:
    """Age as shown at the bedside, by the hospital's day; at death for the dead; None when no birth date is known."""
    if patient.born_on is None:
        return None
    session = object_session(patient)
    instant = session.store.settings.local(clock.now()) if isinstance(session, HospitalSession) else clock.now()
    precision = patient.birth_known or BirthPrecision.DAY
    if patient.deceased_at is not None:
        return age.shown_at_death(patient.born_on, patient.deceased_at, precision.value)
    return age.shown(patient.born_on, instant, precision.value)


@cache
def _identifiers() -> Any:
    return joinedload(Patient.identifiers.and_(Identifier.removed_at.is_(None)))


def _fill(session: HospitalSession, patient: Patient, body: PatientChange) -> None:
    """Set what was sent; derive the birth date from an age, and phones in their international form."""
    sent = {name: getattr(body, name) for name in body.model_fields_set}
    for name in ("confirmed", "confirmed_reason", "emergency"):
        sent.pop(name, None)
    kin = sent.pop("next_of_kin", None)
    years = sent.pop("age_years", None)
    if years is not None:
        sent["born_on"], sent["born_precision"] = age.born_from_age(years, clock.today()), BirthPrecision.ESTIMATED
    elif sent.get("born_on"):
        sent["born_precision"] = body.born_precision or BirthPrecision.DAY
    if "born_on" in sent:
        about = sent.get("born_precision") is BirthPrecision.ABOUT_DAY
        sent |= {"born_about": about} | ({"born_precision": BirthPrecision.DAY} if about else {})
    if sent.get("phone"):
        sent["phone"] = _e164(session, sent["phone"], "phone")
    if kin is not None:
        for name in kin.model_fields_set:
            value = getattr(kin, name)
            number = name == "phone" and value
            sent[f"next_of_kin_{name}"] = _e164(session, value, "next_of_kin.phone") if number else value
    for name in ("given_name", "family_name"):
        if name in sent:
            sent[name] = sent[name] or ""
    if "identifiers" in sent:
        _renumber(patient, sent.pop("identifiers") or [])
    for name, value in sent.items():
        setattr(patient, name, value)
    patient.given_name, patient.family_name = patient.given_name or "", patient.family_name or ""
    if not (patient.given_name or patient.family_name or patient.unknown_identity):
        raise Invalid("a name is needed", fields={"family_name": "a name is needed"})


def _renumber(patient: Patient, wanted: Sequence[IdentifierIn]) -> None:
    """Make the identifiers those that were sent; what is left out is marked as removed."""
    kept = {(number.system, number.value): number for number in patient.identifiers if number.removed_at is None}
    for number in wanted:
        if kept.pop((number.system, number.value), None) is None:
            patient.identifiers.append(Identifier(system=number.system, value=number.value))
    for gone in kept.values():
        gone.removed_at = clock.now()


def _e164(session: HospitalSession, text: str, field: str) -> str:
    try:
        return phones.to_e164(text, session.store.settings.phone_region)
    except ValueError as error:
        raise Invalid(f"{field}: {error}", fields={field: str(error)}) from error


def _make_findable(patient: Patient) -> None:
    patient.family_folded = names.fold(patient.family_name)[:160]
    patient.given_folded = names.fold(f"{patient.given_name} {patient.other_names or ''}")[:160]
    patient.phone_reversed = phones.ending(patient.phone)[::-1] if patient.phone else None


def _words(patient: Patient) -> set[str]:
    return {word[:60] for word in names.findable(patient.name)}


def _phone_ends_with(text: str) -> ColumnElement[bool]:
    """Compared from the last digit backwards; a leading 0 or country code does not matter."""
    digits = phones.ending(text).lstrip("0")[::-1]
    lower, upper = _begins(Patient.phone_reversed, digits)
    return lower & upper


def _begins(column: Any, text: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """`column LIKE 'text%'` as a range, which uses the index on every database."""
    return column >= text, column < text + _HIGHEST
