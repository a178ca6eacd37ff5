"""The laws of the record, asked without HTTP: what the console, a command or a job would meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm.exc import StaleDataError

from hmis.consultations.models import Certainty, Consultation, Diagnosis
from hmis.core import clock, records
from hmis.core.access import Actor
from hmis.core.audit import Act, AuditEvent
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, NotAuthor, NotSignedIn, RecordLocked
from hmis.core.guard import UnlawfulStatement
from hmis.core.records import FixedColumn, RecordVersion
from hmis.core.store import Store
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.schemas import PatientIn
from hmis.staff.models import Staff
from hmis.vitals.models import VitalSign
from tests.conftest import Time

As = Callable[[str], Actor]


@pytest.fixture
def somebody(store: Store, acting: As) -> Patient:
    with store.session(acting("recordofficer")) as session:
        patient = patients.register(session, PatientIn(given_name="Bala", family_name="Sani", sex="male"))
        session.commit()
        return patient


@pytest.fixture
def measured(store: Store, acting: As, somebody: Patient) -> VitalSign:
    with store.session(acting("nurse")) as session:
        vital_sign = VitalSign(patient_id=somebody.id, taken_at=clock.now(), pulse_per_min=80)
        session.add(vital_sign)
        session.commit()
        return vital_sign


def change(session: HospitalSession, kept: VitalSign, **values: Any) -> None:
    vital_sign = session.get(VitalSign, kept.id)
    assert vital_sign is not None
    for name, value in values.items():
        setattr(vital_sign, name, value)
    session.commit()


def pulse(store: Store, kept: VitalSign) -> int | None:
    with store.session(writes=False) as session:
        return session.scalar(select(VitalSign.pulse_per_min).where(VitalSign.id == kept.id))


def test_the_server_signs_what_is_written(store: Store, acting: As, measured: VitalSign) -> None:
    nurse = acting("nurse")
    assert measured.author_id == nurse.staff_id
    assert abs(measured.created_at - clock.now()) < timedelta(minutes=1)


def test_nobody_writes_in_another_name_or_at_another_time(store: Store, acting: As, somebody: Patient) -> None:
    forged = {"author_id": acting("doctor").staff_id}, {"source": "elsewhere"}, {"voided_at": clock.now()}
    for values in forged:
        with store.session(acting("nurse")) as session, pytest.raises(FixedColumn):
            session.add(VitalSign(patient_id=somebody.id, taken_at=clock.now(), **values))
            session.flush()
    with store.session(acting("nurse")) as session:
        early = VitalSign(patient_id=somebody.id, taken_at=clock.now(), created_at=clock.now() - timedelta(days=9))
        session.add(early)
        session.flush()
        assert clock.now() - early.created_at < timedelta(minutes=1)


def test_nothing_clinical_is_written_by_nobody(store: Store, somebody: Patient) -> None:
    with store.session() as session, pytest.raises(NotSignedIn):
        session.add(VitalSign(patient_id=somebody.id, taken_at=clock.now()))
        session.flush()


@pytest.mark.parametrize(("hours", "refusal"), [(23.99, None), (24, RecordLocked), (1000, RecordLocked)])
def test_the_window_closes_after_24_hours(
    time: Time, store: Store, acting: As, measured: VitalSign, hours: float, refusal: type[Exception] | None
) -> None:
    time.passes(hours=hours)
    with store.session(acting("nurse")) as session:
        if refusal is None:
            change(session, measured, pulse_per_min=81)
        else:
            with pytest.raises(refusal):
                change(session, measured, pulse_per_min=81)
    assert pulse(store, measured) == (80 if refusal else 81)


@pytest.mark.parametrize("column", ["id", "patient_id", "author_id", "created_at", "batch_id", "source"])
def test_what_is_settled_at_birth_cannot_be_changed(store: Store, acting: As, measured: VitalSign, column: str) -> None:
    value = {"created_at": clock.now(), "source": "elsewhere"}.get(column, acting("doctor").staff_id)
    with store.session(acting("nurse")) as session, pytest.raises(FixedColumn):
        change(session, measured, **{column: value})


def test_a_forged_birth_time_does_not_open_the_window_again(
    time: Time, store: Store, acting: As, measured: VitalSign
) -> None:
    time.passes(hours=30)
    with store.session(acting("nurse")) as session, pytest.raises((FixedColumn, RecordLocked)):
        change(session, measured, created_at=clock.now(), pulse_per_min=1)
    assert pulse(store, measured) == 80


def test_only_the_author_changes_a_record_and_an_administrator_least_of_all(
    store: Store, acting: As, measured: VitalSign
) -> None:
    for who in ("nurse2", "doctor", "admin"):
        with store.session(acting(who)) as session, pytest.raises(NotAuthor):
            change(session, measured, pulse_per_min=1)


def test_nothing_is_ever_deleted(store: Store, acting: As, measured: VitalSign) -> None:
    with store.session(acting("nurse")) as session:
        session.delete(session.get(VitalSign, measured.id))
        with pytest.raises(FixedColumn):
            session.commit()
    assert pulse(store, measured) == 80


@pytest.mark.parametrize(
    "statement",
    [
        lambda kept: update(VitalSign).values(pulse_per_min=1),
        lambda kept: update(VitalSign.__table__).values(created_at=clock.now()),
        lambda kept: delete(VitalSign).where(VitalSign.id == kept.id),
        lambda kept: insert(VitalSign.__table__).values(id=kept.id),
        lambda kept: text("UPDATE vital_signs SET pulse_per_min = 1"),
        lambda kept: delete(AuditEvent),
        lambda kept: update(RecordVersion).values(version=9),
        lambda kept: update(Patient).values(given_name="x"),
    ],
)
def test_no_statement_goes_around_the_laws(
    store: Store, acting: As, measured: VitalSign, statement: Callable[[VitalSign], Any]
) -> None:
    for door in (store.session(acting("nurse")), store.writing.connect()):
        with door, pytest.raises(UnlawfulStatement):
            door.execute(statement(measured))
    assert pulse(store, measured) == 80


def test_parts_share_the_author_and_the_window_of_the_whole(
    time: Time, store: Store, acting: As, somebody: Patient
) -> None:
    doctor = acting("doctor")

    def diagnosis(words: str) -> Diagnosis:
        return Diagnosis(rank=1, text=words, certainty=Certainty.PROVISIONAL)

    with store.session(doctor) as session:
        whole = Consultation(patient_id=somebody.id, occurred_at=clock.now(), diagnoses=[diagnosis("malaria")])
        session.add(whole)
        session.commit()
    part = whole.diagnoses[0]

    with store.session(acting("doctor2")) as session, pytest.raises(NotAuthor):
        session.get_one(Diagnosis, part.id).text = "typhoid"
        session.commit()
    with store.session(acting("doctor2")) as session, pytest.raises(NotAuthor):
        session.add(Diagnosis(consultation_id=whole.id, rank=2, text="typhoid", certainty=Certainty.PROVISIONAL))
        session.commit()
    with store.session(doctor) as session:
        session.get_one(Diagnosis, part.id).text = "severe malaria"
        session.commit()
        assert session.get_one(Consultation, whole.id).version == 2, "a change of a part is a change of the whole"

    time.passes(hours=24)
    for late in ("change", "add", "remove"):
        with store.session(doctor) as session, pytest.raises(RecordLocked):
            kept = session.get_one(Diagnosis, part.id)
            if late == "change":
                kept.text = "typhoid"
            elif late == "remove":
                kept.removed_at = clock.now()
            else:
                session.add(Diagnosis(consultation_id=whole.id, rank=2, text="x", certainty=Certainty.PROVISIONAL))
            session.commit()


def test_a_part_is_not_moved_to_another_record(store: Store, acting: As, somebody: Patient) -> None:
    with store.session(acting("doctor")) as session:
        first, second = (Consultation(patient_id=somebody.id, occurred_at=clock.now()) for _ in range(2))
        first.diagnoses = [Diagnosis(rank=1, text="malaria", certainty=Certainty.PROVISIONAL)]
        session.add_all([first, second])
        session.commit()
        first.diagnoses[0].consultation_id = second.id
        with pytest.raises(FixedColumn):
            session.commit()


def test_a_withdrawn_record_is_not_withdrawn_twice(store: Store, acting: As, measured: VitalSign) -> None:
    with store.session(acting("nurse")) as session:
        kept = session.get_one(VitalSign, measured.id)
        records.void(session, kept, "wrong patient")
        session.commit()
        with pytest.raises(Conflict):
            records.void(session, kept, "again")
    for values in ({"voided_at": None}, {"pulse_per_min": 1}):
        with store.session(acting("nurse")) as session, pytest.raises(Conflict):
            change(session, measured, **values)


def test_every_write_leaves_an_event_and_every_change_a_version(store: Store, acting: As, measured: VitalSign) -> None:
    with store.session(acting("nurse")) as session:
        change(session, measured, pulse_per_min=81)
        records.void(session, session.get_one(VitalSign, measured.id), "wrong patient")
        session.commit()
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.record_id == measured.id).order_by(AuditEvent.id)
        ).all()
        versions = session.scalars(
            select(RecordVersion).where(RecordVersion.record_id == measured.id).order_by(RecordVersion.id)
        ).all()
    assert [event.act for event in events] == [Act.CREATE, Act.CHANGE, Act.VOID]
    assert set(events[1].hashes) == {"pulse_per_min"}
    assert set(events[2].hashes) == {"voided_at", "voided_by_id", "void_reason"}
    assert all(event.actor_number.startswith("NRS") and event.patient_id == measured.patient_id for event in events)
    assert [version.values["pulse_per_min"] for version in versions] == [80, 81]
    assert all(len(told) == 32 for told in events[1].hashes.values()), "the audit holds hashes, no value"


def test_a_write_that_is_undone_leaves_nothing(store: Store, acting: As, measured: VitalSign) -> None:
    with store.session(acting("nurse")) as session:
        before = session.scalar(select(func.count()).select_from(AuditEvent))
        session.get_one(VitalSign, measured.id).pulse_per_min = 1
        session.flush()
        session.rollback()
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_two_units_of_work_never_lose_an_update(store: Store, acting: As, measured: VitalSign) -> None:
    """The second to write meets the first's version; the edge does the whole request again."""
    nurse = acting("nurse")
    with store.session(nurse, writes=False) as late:
        kept = late.get_one(VitalSign, measured.id)
        late.commit()
        with store.session(nurse) as early:
            change(early, measured, pulse_per_min=81)
        kept.systolic_mmhg = 120
        with pytest.raises(StaleDataError):
            late.commit()


def test_a_relationship_is_no_way_around_what_is_settled(store: Store, acting: As, somebody: Patient) -> None:
    """A relationship becomes its key in the flush only, after the laws were asked of the key."""
    doctor, doctor2 = acting("doctor"), acting("doctor2")
    with store.session(doctor) as session:
        mine = Consultation(patient_id=somebody.id, occurred_at=clock.now())
        session.add(mine)
        session.commit()
    with store.session(doctor2) as session:
        theirs = Consultation(patient_id=somebody.id, occurred_at=clock.now())
        theirs.diagnoses = [Diagnosis(rank=1, text="malaria", certainty=Certainty.PROVISIONAL)]
        session.add(theirs)
        session.commit()
    with store.session(doctor) as session, pytest.raises(FixedColumn):
        session.get_one(Diagnosis, theirs.diagnoses[0].id).consultation = session.get_one(Consultation, mine.id)
        session.commit()
    with store.session(doctor) as session, pytest.raises(FixedColumn):
        session.get_one(Consultation, mine.id).author = session.get_one(Staff, doctor2.staff_id)
        session.commit()
    with store.session(doctor) as session, pytest.raises(FixedColumn):
        colleague = session.get_one(Staff, doctor2.staff_id)
        session.add(Consultation(patient_id=somebody.id, occurred_at=clock.now(), author=colleague))
        session.commit()


def test_a_withdrawal_is_dated_and_signed_by_the_server(store: Store, acting: As, measured: VitalSign) -> None:
    with store.session(acting("nurse")) as session, pytest.raises(FixedColumn):
        change(session, measured, voided_at=clock.now())
    long_ago = clock.now() - timedelta(days=900)
    with store.session(acting("nurse")) as session:
        change(
            session,
            measured,
            voided_at=long_ago,
            voided_by_id=acting("doctor").staff_id,
            void_reason="wrong patient",
        )
        kept = session.get_one(VitalSign, measured.id)
        assert kept.voided_at is not None
        assert kept.voided_at > long_ago
        assert kept.voided_by_id == acting("nurse").staff_id


def test_an_addendum_stands_in_the_chart_of_its_record(
    store: Store, acting: As, somebody: Patient, measured: VitalSign
) -> None:
    with store.session(acting("recordofficer")) as session:
        other = patients.register(session, PatientIn(given_name="Sani", family_name="Bello", sex="male"))
        session.commit()
    with store.session(acting("nurse")) as session, pytest.raises(FixedColumn):
        session.add(
            records.Addendum(
                patient_id=other.id,
                record_type="vital_signs",
                record_id=measured.id,
                kind=records.AddendumKind.ENTERED_IN_ERROR,
                text="x",
            )
        )
        session.commit()
