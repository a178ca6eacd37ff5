"""The one door for history: who gets through, what comes by it, and how it goes out again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from hmis.consultations.models import Certainty, Consultation, Diagnosis
from hmis.core import clock, history, records
from hmis.core.access import Actor
from hmis.core.audit import Act, AuditEvent
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict, Forbidden, NotAuthor, NotFound, NotPermitted, RecordLocked
from hmis.core.guard import UnlawfulStatement
from hmis.core.history import ImportItem, ImportLeftover, Leftover, Taken
from hmis.core.records import Addendum, AddendumKind, FixedColumn, ImportBatch, RecordVersion
from hmis.core.store import Store
from hmis.formulary.models import Drug
from hmis.patients import service as patients
from hmis.patients.models import Identifier, Patient
from hmis.staff import service as staff
from hmis.staff.models import Doctor, Staff
from hmis.vitals.models import VitalSign

LONG_AGO = datetime(2015, 6, 1, 9, 30, tzinfo=UTC)
ENDS: history.Ends = {Patient: lambda patient: setattr(patient, "set_aside_at", clock.now())}

As = Callable[[str], Actor]


@pytest.fixture
def admin_session(store: Store, acting: As) -> Any:
    with store.session(acting("admin")) as session:
        yield session


def former_doctor(session: HospitalSession) -> Doctor:
    return staff.add_inactive(session, Doctor, given_name="Ngozi", family_name="Eze")


def imported(store: Store, actor: Actor, source: str = "Old system") -> dict[str, Any]:
    """A patient with a measurement and a consultation, as history."""
    with store.session(actor) as session:
        batch_id = history.open_batch(session, source).id
        with history.importing(session, batch_id) as batch:
            author = former_doctor(session)
            patient = patients.enrol(
                session, Patient(given_name="Ada", family_name="Okafor", sex="female", identifiers=[])
            )
            identifier = Identifier(patient_id=patient.id, system="card", value="7")
            measured = VitalSign(patient_id=patient.id, author_id=author.id, taken_at=LONG_AGO, pulse_per_min=80)
            meeting = Consultation(patient_id=patient.id, author_id=author.id, occurred_at=LONG_AGO, diagnoses=[])
            session.add_all([identifier, measured, meeting])
            session.add(Diagnosis(consultation=meeting, rank=1, text="Malaria", certainty=Certainty.CONFIRMED))
            session.flush()
            history.remember(
                session, batch, [Taken("Identifier", "7", b"\0" * 32, Identifier.__tablename__, identifier.id)]
            )
        session.commit()
        return {
            "batch": batch_id,
            "patient": patient.id,
            "author": author.id,
            "measured": measured.id,
            "meeting": meeting.id,
        }


def undo(store: Store, actor: Actor, batch_id: Any) -> int:
    with store.session(actor) as session:
        history.begin_undo(session, batch_id, ENDS)
        session.commit()
    with store.session(actor) as session:
        withdrawn = history.withdraw_some(session, batch_id, 100)
        session.commit()
    return withdrawn


def test_history_keeps_its_own_time_and_says_where_it_is_from(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(writes=False) as session:
        measured = session.get_one(VitalSign, told["measured"])
        assert measured.taken_at == LONG_AGO
        assert clock.now() - measured.created_at < timedelta(minutes=1)
        assert (measured.batch_id, measured.source) == (told["batch"], "Old system")
        assert measured.author_id == told["author"]
        patient = session.get_one(Patient, told["patient"])
        assert (patient.batch_id, patient.source) == (told["batch"], "Old system")
        author = session.get_one(Staff, told["author"])
        assert author.batch_id == told["batch"]
        assert not author.active


def test_history_is_locked_at_once_even_for_its_author(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(writes=False) as session:
        ngozi = session.get_one(Staff, told["author"])
        author = Actor(ngozi.id, ngozi.staff_number, ngozi.name, ngozi.role)
    with store.session(author) as session:
        session.get_one(VitalSign, told["measured"]).pulse_per_min = 90
        with pytest.raises(RecordLocked):
            session.flush()
    with store.session(author) as session, pytest.raises(RecordLocked):
        records.void(session, session.get_one(VitalSign, told["measured"]), "a mistake")
    with store.session(author) as session:
        meeting = session.get_one(Consultation, told["meeting"])
        session.add(Diagnosis(consultation_id=meeting.id, rank=2, text="Anaemia", certainty=Certainty.CONFIRMED))
        with pytest.raises(RecordLocked):
            session.flush()


def test_what_comes_through_the_door_is_told_in_the_audit_as_imported(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(writes=False) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.record_id == told["measured"])).all()
        assert [(event.act, event.actor_role) for event in events] == [(Act.IMPORT, "admin")]


@pytest.mark.parametrize("username", ["doctor", "nurse", "pharmacist", "recordofficer"])
def test_only_an_administrator_opens_the_door(store: Store, acting: As, username: str) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting(username)) as session, pytest.raises(NotPermitted):
        history.open_batch(session, "Old system")
    with store.session(acting(username)) as session, pytest.raises(NotPermitted):
        history.close_batch(session, told["batch"])
    with (
        store.session(acting(username)) as session,
        pytest.raises(NotPermitted),
        history.importing(session, told["batch"]),
    ):
        pass
    with store.session(acting(username)) as session, pytest.raises(NotPermitted):
        history.begin_undo(session, told["batch"], ENDS)


def test_a_flag_set_by_hand_opens_nothing(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("doctor")) as session:
        session.info["import_batch"] = session.get_one(ImportBatch, told["batch"])
        session.add(VitalSign(patient_id=told["patient"], author_id=told["author"], taken_at=LONG_AGO))
        with pytest.raises(FixedColumn):
            session.flush()


def test_a_door_held_open_gives_no_power_to_who_may_not_import(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("admin")) as session:
        batch = session.get_one(ImportBatch, told["batch"])
        with records.open_door(session, batch):
            session.actor = acting("doctor")
            session.add(VitalSign(patient_id=told["patient"], author_id=told["author"], taken_at=LONG_AGO))
            with pytest.raises(NotPermitted):
                session.flush()
            session.rollback()


def test_a_batch_that_was_never_stored_is_no_door(store: Store, acting: As) -> None:
    actor = acting("admin")
    batch = ImportBatch(source="made up", started_by_id=actor.staff_id)
    with (
        store.session(actor) as session,
        pytest.raises(Conflict, match="never opened"),
        records.open_door(session, batch),
    ):
        pass


def test_nobody_starts_a_batch_for_somebody_else(store: Store, acting: As, admin_session: HospitalSession) -> None:
    admin_session.add(ImportBatch(source="made up", started_by_id=acting("doctor").staff_id))
    with pytest.raises(FixedColumn):
        admin_session.flush()


def test_somebody_who_works_here_never_signs_history(store: Store, acting: As, admin_session: HospitalSession) -> None:
    told = imported(store, acting("admin"))
    for author in (acting("doctor").staff_id, acting("admin").staff_id, None):
        with history.importing(admin_session, told["batch"]):
            admin_session.add(VitalSign(patient_id=told["patient"], author_id=author, taken_at=LONG_AGO))
            with pytest.raises(FixedColumn, match="inactive member of staff"):
                admin_session.flush()
            admin_session.rollback()


@pytest.mark.parametrize(
    "row",
    [
        lambda told: VitalSign(patient_id=told["patient"], taken_at=LONG_AGO, source="somewhere"),
        lambda told: VitalSign(patient_id=told["patient"], taken_at=LONG_AGO, batch_id=told["batch"]),
        lambda told: Drug(generic_name="Quinine", name_folded="quinine", source="somewhere"),
        lambda told: Drug(generic_name="Quinine", name_folded="quinine", batch_id=told["batch"]),
    ],
)
def test_nothing_passes_for_history_without_the_door(store: Store, acting: As, row: Callable[[Any], Any]) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("doctor")) as session:
        session.add(row(told))
        with pytest.raises(FixedColumn):
            session.flush()


@pytest.mark.parametrize("column", ["batch_id", "source"])
def test_where_something_came_from_is_never_changed(store: Store, acting: As, column: str) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("recordofficer")) as session:
        setattr(session.get_one(Patient, told["patient"]), column, None)
        with pytest.raises(FixedColumn):
            session.flush()


def test_the_door_adds_and_never_changes(store: Store, acting: As, admin_session: HospitalSession) -> None:
    """Not even what came by it a moment ago."""
    told = imported(store, acting("admin"))
    with history.importing(admin_session, told["batch"]):
        admin_session.get_one(VitalSign, told["measured"]).pulse_per_min = 90
        with pytest.raises(NotAuthor):
            admin_session.flush()
        admin_session.rollback()
    with history.importing(admin_session, told["batch"]):
        admin_session.add(
            Diagnosis(consultation_id=told["meeting"], rank=2, text="Anaemia", certainty=Certainty.CONFIRMED)
        )
        with pytest.raises(NotAuthor):
            admin_session.flush()
        admin_session.rollback()


def test_history_is_not_born_withdrawn(store: Store, acting: As, admin_session: HospitalSession) -> None:
    told = imported(store, acting("admin"))
    with history.importing(admin_session, told["batch"]):
        row = VitalSign(patient_id=told["patient"], author_id=told["author"], taken_at=LONG_AGO)
        row.voided_at = clock.now()
        admin_session.add(row)
        with pytest.raises(FixedColumn):
            admin_session.flush()
        admin_session.rollback()


def test_a_closed_batch_takes_nothing_more(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("admin")) as session:
        history.close_batch(session, told["batch"])
        session.commit()
    with (
        store.session(acting("admin")) as session,
        pytest.raises(Conflict, match="closed"),
        history.importing(session, told["batch"]),
    ):
        pass
    with store.session(acting("admin")) as session:
        assert history.open_batch(session, "Old system").id != told["batch"]


def test_a_version_tells_what_was_never_filled_in_as_empty(store: Store, acting: As) -> None:
    with store.session(acting("admin")) as session:
        batch_id = history.open_batch(session, "Old system").id
        history.close_batch(session, batch_id)
        session.commit()
    with store.session(writes=False) as session:
        version = session.scalars(select(RecordVersion).where(RecordVersion.record_id == batch_id)).one()
    assert version.values["finished_at"] is None


def test_an_unfinished_batch_is_continued_by_the_next_import_of_its_source(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("admin")) as session:
        assert history.open_batch(session, "Old system").id == told["batch"]
        assert history.open_batch(session, "Another").id != told["batch"]


def test_undoing_withdraws_everything_and_erases_nothing(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    assert undo(store, acting("admin"), told["batch"]) == 2
    with store.session(writes=False) as session:
        assert session.get_one(Patient, told["patient"]).set_aside_at is not None
        for model, id in ((VitalSign, told["measured"]), (Consultation, told["meeting"])):
            row: Any = session.get_one(model, id)
            assert row.voided_by_id == acting("admin").staff_id
            assert row.void_reason == "the import that brought it was undone"
        assert session.get_one(ImportBatch, told["batch"]).undone_at is not None
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.record_id == told["measured"])).all()
        assert set(acts) == {Act.IMPORT, Act.VOID}
    assert undo(store, acting("admin"), told["batch"]) == 0


def test_only_its_own_batch_is_withdrawn_by_undoing(store: Store, acting: As, admin_session: HospitalSession) -> None:
    one, other = imported(store, acting("admin")), imported(store, acting("admin"), "Another")
    batch = admin_session.get_one(ImportBatch, one["batch"])
    with records.open_door(admin_session, batch, undoing=True):
        records_of_other = admin_session.get_one(VitalSign, other["measured"])
        records_of_other.voided_at = clock.now()
        with pytest.raises(NotAuthor):
            admin_session.flush()
        admin_session.rollback()
    with records.open_door(admin_session, admin_session.get_one(ImportBatch, one["batch"]), undoing=True):
        admin_session.get_one(VitalSign, one["measured"]).pulse_per_min = 1
        with pytest.raises(NotAuthor):
            admin_session.flush()
        admin_session.rollback()
    with records.open_door(admin_session, admin_session.get_one(ImportBatch, one["batch"]), undoing=True):
        admin_session.add(VitalSign(patient_id=one["patient"], author_id=one["author"], taken_at=LONG_AGO))
        with pytest.raises(FixedColumn):
            admin_session.flush()
        admin_session.rollback()


def _consulted(session: HospitalSession, told: dict[str, Any]) -> None:
    session.add(Consultation(patient_id=told["patient"], occurred_at=clock.now(), diagnoses=[]))


def _amended(session: HospitalSession, told: dict[str, Any]) -> None:
    session.add(
        Addendum(
            patient_id=told["patient"],
            record_type="vital_signs",
            record_id=told["measured"],
            kind=AddendumKind.CORRECTION,
            text="It was 88",
        )
    )


def _numbered(session: HospitalSession, told: dict[str, Any]) -> None:
    session.add(Identifier(patient_id=told["patient"], system="NIN", value="12345678901"))


def _measured_at_the_consultation(session: HospitalSession, told: dict[str, Any]) -> None:
    session.add(VitalSign(patient_id=told["patient"], consultation_id=told["meeting"], taken_at=clock.now()))


@pytest.mark.parametrize(
    ("happened", "table"),
    [
        (_consulted, "consultations"),
        (_amended, "addenda"),
        (_numbered, "identifiers"),
        (_measured_at_the_consultation, "vital_signs"),
    ],
)
def test_an_import_somebody_built_on_is_not_undone(
    store: Store, acting: As, happened: Callable[[HospitalSession, dict[str, Any]], None], table: str
) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("doctor")) as session:
        happened(session, told)
        session.commit()
    with store.session(acting("admin")) as session:
        with pytest.raises(Conflict, match=f"1 {table.replace('_', ' ')}") as refusal:
            history.begin_undo(session, told["batch"], ENDS)
        assert refusal.value.extra["referring"] == {table: 1}
        session.rollback()
        assert session.get_one(Patient, told["patient"]).set_aside_at is None


def test_two_imports_do_not_stand_in_each_others_way(store: Store, acting: As) -> None:
    one, other = imported(store, acting("admin")), imported(store, acting("admin"), "Another")
    assert undo(store, acting("admin"), one["batch"]) == 2
    with store.session(writes=False) as session:
        assert session.get_one(VitalSign, other["measured"]).voided_at is None


def test_a_batch_that_stands_is_not_withdrawn_piece_by_piece(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    with store.session(acting("admin")) as session, pytest.raises(Conflict, match="still stands"):
        history.withdraw_some(session, told["batch"], 10)


def test_there_is_no_such_import(store: Store, acting: As, admin_session: HospitalSession) -> None:
    with pytest.raises(NotFound):
        history.begin_undo(admin_session, acting("admin").staff_id, ENDS)


def test_what_came_is_remembered_and_taken_over_after_an_undo(store: Store, acting: As) -> None:
    first = imported(store, acting("admin"))
    key = history.item_key("Old system", "Identifier", "7")
    undo(store, acting("admin"), first["batch"])
    with store.session(writes=False) as session:
        assert history.known(session, [key])[key].undone
    second = imported(store, acting("admin"))
    with store.session(writes=False) as session:
        assert not history.known(session, [key])[key].undone
        assert session.scalars(select(ImportItem.batch_id)).all() == [second["batch"]]


def test_keys_of_different_things_never_meet() -> None:
    keys = {
        history.item_key(*parts)
        for parts in (("a", "b", "c"), ("a", "bc", ""), ("ab", "", "c"), ("a", "b", "d"), ("", "ab", "c"))
    }
    assert len(keys) == 5


def test_leftovers_are_kept_once_and_never_changed(store: Store, acting: As) -> None:
    told = imported(store, acting("admin"))
    left = Leftover("a.json", "AllergyIntolerance", "7", "for later", payload='{"id": "7"}')
    with store.session(acting("admin")) as session:
        batch = session.get_one(ImportBatch, told["batch"])
        history.keep(session, batch, [left])
        session.commit()
        key = history.leftover_key("Old system", left)
        assert history.kept(session, [key]) == {key}
        row = session.scalars(select(ImportLeftover)).one()
        row.reason = "changed"
        with pytest.raises(FixedColumn):
            session.flush()
        session.rollback()
        for statement in (update(ImportLeftover).values(reason="x"), delete(ImportLeftover)):
            with pytest.raises((UnlawfulStatement, Forbidden)):
                session.execute(statement)
