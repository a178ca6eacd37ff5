"""What only the tests of the core need: a door around our own guard, and a hospital with a sealed trail."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from hmis.consultations.models import Certainty, Consultation, Diagnosis
from hmis.core import clock
from hmis.core.access import Actor
from hmis.core.audit import Act, AuditEvent
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.core.trail.findings import Verification
from hmis.core.trail.seals import seal
from hmis.core.trail.verify import verify
from hmis.patients.models import Patient
from hmis.vitals.models import VitalSign
from tests.conftest import Time


@dataclass
class Trail:
    """A hospital whose day left three seals, and somebody with the password of its database."""

    store: Store
    raw: Engine
    time: Time
    nurse: Actor
    doctor: Actor
    patient_id: uuid.UUID
    vital_sign_id: uuid.UUID
    consultation_id: uuid.UUID

    def measure(self, pulse: int = 80, **values: Any) -> uuid.UUID:
        """A nurse measures."""
        with self.store.session(self.nurse) as session:
            taken = VitalSign(patient_id=self.patient_id, taken_at=clock.now(), pulse_per_min=pulse, **values)
            session.add(taken)
            session.commit()
            return taken.id

    def correct(self, vital_sign_id: uuid.UUID, pulse: int) -> None:
        """The same nurse corrects it."""
        with self.store.session(self.nurse) as session:
            taken = session.get(VitalSign, vital_sign_id)
            assert taken is not None
            taken.pulse_per_min = pulse
            session.commit()

    def seal(self) -> int:
        """A minute later the sealer comes by."""
        self.time.passes(minutes=1)
        return seal(self.store)

    def tamper(self, statement: str, **values: Any) -> int:
        """Run SQL as the owner of the database, past everything of ours; how many rows it changed."""
        with self.raw.begin() as connection:
            return connection.execute(text(statement), values).rowcount

    def ask(self, question: str, **values: Any) -> list[Any]:
        """Rows as the database gives them."""
        with self.raw.connect() as connection:
            return list(connection.execute(text(question), values).all())

    def events(self, number: int) -> list[bytes]:
        """Ids of the events in a seal, in their order."""
        question = "SELECT event_id FROM audit_seal_entries WHERE seal_number = :number ORDER BY position"
        return [row.event_id for row in self.ask(question, number=number)]

    def verify(self, **how: Any) -> Verification:
        return verify(self.store, **how)


def told(verification: Verification) -> set[tuple[str, str]]:
    """Kinds and rows of what was found."""
    return {(finding.kind.value, finding.row) for finding in verification.findings}


@pytest.fixture
def raw(settings: Settings) -> Iterator[Engine]:
    """The database without our guard: what its owner can do."""
    engine = open_engine(settings.url)
    yield engine
    engine.dispose()


@pytest.fixture
def trail(time: Time, store: Store, raw: Engine, acting: Callable[[str], Actor]) -> Trail:
    nurse, doctor, officer = acting("nurse"), acting("doctor"), acting("recordofficer")
    with store.session(officer) as session:
        patient = Patient(
            hospital_number="100000001",
            given_name="Chinedu",
            family_name="Okafor",
            sex="male",
            family_folded="okafor",
            given_folded="chinedu",
        )
        session.add(patient)
        session.commit()
    day = Trail(store, raw, time, nurse, doctor, patient.id, uuid.UUID(int=0), uuid.UUID(int=0))
    day.seal()
    day.vital_sign_id = day.measure(weight_kg="70.5")
    with store.session(doctor) as session:
        consultation = Consultation(
            patient_id=patient.id,
            occurred_at=clock.now(),
            diagnoses=[Diagnosis(rank=1, text="malaria", certainty=Certainty.PROVISIONAL)],
        )
        session.add(consultation)
        session.commit()
        day.consultation_id = consultation.id
    for pulse in (81, 82, 83):
        day.measure(pulse)
    day.seal()
    day.correct(day.vital_sign_id, 90)
    store.tell(doctor, Act.READ, "/api/v1/patients/<patient:patient>", patient_id=patient.id)
    store.tell(nurse, Act.READ, "/api/v1/patients/<patient:patient>", patient_id=patient.id)
    assert store.spool.move(store.writing) == 2
    day.measure(84)
    day.seal()
    with store.session(writes=False) as session:
        assert session.scalars(select(AuditEvent.id)).first()
    assert len(day.events(3)) == 4
    time.passes(seconds=timedelta(minutes=5).total_seconds())
    return day
