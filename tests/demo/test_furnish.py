"""The demo hospital as it stands in the database, and as those who work in it meet it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from hmis.app import create_app
from hmis.consultations.models import Consultation
from hmis.core import clock
from hmis.core.config import Settings
from hmis.core.errors import Conflict
from hmis.core.records import ClinicalRecord
from hmis.core.store import Store
from hmis.core.trail.verify import verify
from hmis.demo import furnish
from hmis.demo.colleagues import USERS
from hmis.formulary.models import Drug
from hmis.nursing.models import NurseNote
from hmis.patients import service as patients
from hmis.patients.age import age_years
from hmis.patients.models import Patient, holding
from hmis.pharmacy.models import Dispense, DispensedLine
from hmis.prescriptions.models import DrugPrescription, Prescription, ProgressState
from hmis.staff.models import Staff
from hmis.staff.passwords import DEMO_PASSWORD
from hmis.staff.service import demo_password_in_use
from hmis.visits.models import Visit, VisitState
from hmis.vitals import news2
from hmis.vitals.models import VitalSign
from tests.demo.conftest import PATIENTS, empty_store

CLINICAL: tuple[type[ClinicalRecord], ...] = (VitalSign, Consultation, Prescription, Dispense, NurseNote)


class Computer:
    """A browser at which one person of the demo is signed in."""

    def __init__(self, store: Store, username: str) -> None:
        self.client: FlaskClient = create_app(store=store).test_client()
        token = self.client.get("/auth/getcsrf").get_json()["csrf_token"]
        answer = self.client.post(
            "/auth/login",
            json={"username": username, "password": DEMO_PASSWORD},
            headers={"X-CSRFToken": token},
        )
        assert answer.status_code == 200, answer.text
        self.user = answer.get_json()["user"]
        self.csrf = answer.get_json()["csrf_token"]

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def put(self, path: str, body: dict[str, Any]) -> int:
        answer = self.client.put(f"/api/v1{path}", json=body, headers={"X-CSRFToken": self.csrf})
        return answer.status_code


def count(store: Store, model: type[Any]) -> int:
    with store.session(writes=False) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_hospital_is_furnished_with_people_drugs_and_three_months(furnished: Store) -> None:
    assert count(furnished, Patient) == PATIENTS + 3
    assert count(furnished, Drug) > 110
    assert count(furnished, Visit) >= PATIENTS
    for model in CLINICAL:
        assert count(furnished, model) > 0, model
    with furnished.session(writes=False) as session:
        first = session.scalar(select(func.min(Consultation.occurred_at)))
    assert first is not None
    assert 60 < (clock.now() - first).days <= 92


@pytest.mark.parametrize("username", USERS)
def test_everybody_of_the_demo_signs_in(furnished: Store, username: str) -> None:
    assert Computer(furnished, username).user["role"] == USERS[username][0].__mapper_args__["polymorphic_identity"]


def test_production_would_name_their_password(furnished: Store) -> None:
    with furnished.session(writes=False) as session:
        assert len(demo_password_in_use(session)) == len(USERS)


def test_the_past_is_signed_by_former_colleagues_and_today_by_those_who_work_here(furnished: Store) -> None:
    for model in CLINICAL:
        with furnished.session(writes=False) as session:
            records = session.scalars(select(model).options(joinedload(model.author))).unique().all()
        for record in records:
            assert (record.author.deactivated_at is not None) == (record.batch_id is not None)
            assert (record.author.username in USERS) == (record.batch_id is None)


def test_every_score_is_what_the_rule_says(furnished: Store) -> None:
    with furnished.session(writes=False) as session:
        taken = session.scalars(
            select(VitalSign).join(VitalSign.patient).options(*holding(VitalSign.patient), joinedload(VitalSign.author))
        ).unique()
        for vital_sign in taken.all():
            on = vital_sign.taken_at.date()
            years = age_years(vital_sign.patient.born_on, on) if vital_sign.patient.born_on else None
            scored = news2.score(vital_sign, age_years=years, pregnant=patients.pregnant(vital_sign.patient, on))
            assert vital_sign.news2 == asdict(scored)


def test_what_was_handed_out_adds_up(furnished: Store) -> None:
    with furnished.session(writes=False) as session:
        handed_out = dict(
            session.execute(
                select(DispensedLine.line_id, func.sum(DispensedLine.quantity)).group_by(DispensedLine.line_id)
            ).all()
        )
        lines = session.scalars(
            select(DrugPrescription).options(
                joinedload(DrugPrescription.prescription).joinedload(Prescription.progress)
            )
        ).all()
        for line in lines:
            assert line.dispensed == handed_out.get(line.id, 0)
            assert line.quantity is not None
            assert 0 <= line.dispensed <= line.quantity


def test_the_day_is_half_done(furnished: Store) -> None:
    list_of_the_day = Computer(furnished, "nurse").get("/visits?limit=200")["items"]
    states = {visit["state"] for visit in list_of_the_day}
    assert {VisitState.ARRIVED, VisitState.WAITING, VisitState.WITH_DOCTOR} <= states
    names = {visit["patient"]["name"]: visit["state"] for visit in list_of_the_day}
    assert names["Folasade Adeyemi"] == "waiting"
    assert names["Ibrahim Musa"] == "with_doctor"
    with furnished.session(writes=False) as session:
        before = session.scalars(
            select(Visit.state).where(Visit.held_on < furnished.settings.day_of(clock.now())).distinct()
        ).all()
    assert set(before) <= {VisitState.DONE, VisitState.LEFT}


def test_everybody_of_the_demo_finds_something_to_do(furnished: Store) -> None:
    states = [visit["state"] for visit in Computer(furnished, "nurse").get("/worklist")["items"]]
    assert "arrived" in states, "for the nurse to measure"
    assert "waiting" in states, "for the doctor to call"
    assert Computer(furnished, "recordofficer").get("/patients?q=unknown")["items"], "somebody to identify"
    letters = Computer(furnished, "admin").get("/enquiries")["items"]
    assert {letter["kind"] for letter in letters} == {"sign_up", "contact"}


def test_who_is_named_is_found(furnished: Store) -> None:
    doctor = Computer(furnished, "doctor")
    assert {p["name"] for p in doctor.get("/patients?q=adeyemi")["items"]} >= {"Folasade Adeyemi", "Folake Adeyemi"}
    folasade = doctor.get("/patients?q=folasade")["items"][0]
    chart = doctor.get(f"/patients/{folasade['hospital_number']}")
    assert (chart["born_on"], chart["blood_group"], chart["genotype"]) == ("1981-08-14", "O+", "AA")
    said = doctor.get(f"/patients/{folasade['id']}/consultations")["items"]
    assert any("penicillin allergy" in (c["drug_history"] or "") for c in said)


def test_a_nurse_corrects_todays_numbers_and_nobody_those_of_the_past(furnished: Store) -> None:
    with furnished.session(writes=False) as session:
        today = session.scalars(
            select(VitalSign).join(VitalSign.author).where(Staff.username == "nurse", VitalSign.batch_id.is_(None))
        ).first()
        past = session.scalars(select(VitalSign).where(VitalSign.batch_id.is_not(None))).first()
    assert today is not None
    assert past is not None
    nurse = Computer(furnished, "nurse")
    assert nurse.put(f"/patients/{today.patient_id}/vitals/{today.id}", {"pulse_per_min": 81}) == 200
    assert nurse.put(f"/patients/{past.patient_id}/vitals/{past.id}", {"pulse_per_min": 81}) == 403


def test_the_pharmacy_has_a_queue_and_nothing_of_the_past_in_it(furnished: Store) -> None:
    pharmacist = Computer(furnished, "pharmacist")
    waiting = pharmacist.get("/prescriptions")["items"]
    assert all(p["source"] is None for p in waiting)
    begun = [[(line["dispensed"], line["left"]) for line in p["lines"]] for p in waiting]
    untouched = [lines for lines in begun if all(given == 0 for given, _ in lines)]
    assert len(untouched) >= 2
    assert any(lines[0][1] == 0 and all(given == 0 for given, _ in lines[1:]) for lines in begun), "one line given"
    assert any(sum(left for _, left in lines) == 10 and lines not in untouched for lines in begun), "a strip is left"
    with furnished.session(writes=False) as session:
        states = set(
            session.scalars(
                select(Prescription)
                .where(Prescription.batch_id.is_not(None))
                .options(joinedload(Prescription.progress))
            )
            .unique()
            .all()
        )
    assert {prescription.state for prescription in states} == {ProgressState.HISTORY}


def test_the_audit_finds_nothing_wrong(furnished: Store) -> None:
    found = verify(furnished)
    assert found.findings == []
    assert found.clean
    assert found.checked["events"] > 500


def test_a_second_time_is_refused_and_adds_nothing(furnished: Store) -> None:
    before = count(furnished, Patient)
    with pytest.raises(Conflict):
        furnish(furnished, patients=5)
    assert furnish(furnished, patients=5, if_empty=True).summary() == "there are patients already; nothing was added"
    assert count(furnished, Patient) == before


def test_the_same_seed_makes_the_same_people(furnished: Store, tmp_path: Path) -> None:
    another = empty_store(Settings(data_dir=tmp_path, password_memory_kib=8))
    furnish(another, patients=PATIENTS)

    def people(store: Store) -> list[tuple[Any, ...]]:
        with store.session(writes=False) as session:
            rows = session.execute(
                select(Patient.family_name, Patient.given_name, Patient.hospital_number, Patient.phone)
                .where(~Patient.unknown_identity)
                .order_by(Patient.hospital_number)
            )
            complaints = select(Consultation.presenting_complaint).where(Consultation.batch_id.is_not(None))
            return [*map(tuple, rows), *map(tuple, session.execute(complaints.order_by(Consultation.occurred_at)))]

    assert people(another) == people(furnished)
    another.close()


def test_it_is_furnished_on_either_database_and_all_or_nothing(settings: Settings) -> None:
    store = Store(settings)

    def stop(done: int, of: int, what: str) -> None:
        if what == "visits":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        furnish(store, patients=5, progress=stop)
    assert count(store, Patient) == 0
    assert furnish(store, patients=5, if_empty=True).counts["patients"] == 8
    store.close()
