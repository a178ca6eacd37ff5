"""Bringing three months of the past in by the door of history: signed by former colleagues, and locked at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hmis.consultations.models import Consultation, Diagnosis
from hmis.core.db import BaseModel, HospitalSession
from hmis.demo.colleagues import Colleagues
from hmis.demo.diary import Encounter, body_of
from hmis.demo.orders import Order
from hmis.demo.persons import Condition, Person
from hmis.formulary.models import Drug
from hmis.nursing.models import NoteKind, NurseNote
from hmis.patients import service as patients
from hmis.patients.models import Assertion, AssertionKind, Identifier, Patient
from hmis.pharmacy.models import Dispense, DispensedLine
from hmis.prescriptions import supply
from hmis.prescriptions.models import DrugPrescription, Prescription, PrescriptionProgress, ProgressState
from hmis.staff.models import Doctor, Nurse, Pharmacist, RecordOfficer, Staff
from hmis.visits.models import Visit, VisitState
from hmis.vitals import news2
from hmis.vitals.models import VitalSign

CHUNK = 100
"""Visits written at once, with all that belongs to them."""
_TESTED = 0.62
"""Part of the patients whose blood group and genotype are known here."""


class Past:
    """The writer of what was before, within an open door."""

    def __init__(
        self,
        session: HospitalSession,
        random: Random,
        colleagues: Colleagues,
        drugs: Mapping[str, Drug],
        zone: ZoneInfo,
    ) -> None:
        self.session, self.random, self.drugs, self.zone = session, random, drugs, zone
        self.former = colleagues.former

    def register(self, person: Person) -> Patient:
        """Somebody as they were registered at their first visit."""
        name, relation, phone = person.kin
        return patients.enrol(
            self.session,
            Patient(
                given_name=person.given,
                family_name=person.family,
                other_names=person.other,
                sex=person.sex,
                born_on=person.born_on,
                born_precision=person.born_precision,
                phone=person.phone,
                address=person.address,
                state=person.state,
                lga=person.lga,
                marital_status=person.marital_status,
                occupation=person.occupation,
                religion=person.religion,
                tribe=person.people.name,
                language=person.people.language,
                next_of_kin_name=name,
                next_of_kin_relation=relation,
                next_of_kin_phone=phone,
                next_of_kin_address=person.address,
                deceased_at=person.died_at,
                registered_by_id=self._someone(RecordOfficer).id,
                identifiers=[Identifier(system=system, value=value) for system, value in person.identifiers],
            ),
        )

    def tell(self, encounters: Iterable[Encounter], here: Mapping[int, Patient]) -> Iterator[int]:
        """Write what happened, some at a time; how many each time. `here`: patients by the `id()` of the person."""
        rest = iter(encounters)
        while some := list(islice(rest, CHUNK)):
            visits = [self._visit(encounter, here[id(encounter.person)]) for encounter in some]
            self._write(visits)  # before the consultations that name them
            self._write(
                record
                for encounter, visit in zip(some, visits, strict=True)
                for record in self._records(encounter, visit)
            )
            yield len(some)

    def hold_true(self, person: Person, patient: Patient, first: date, today: date) -> None:
        """What was found of a patient once: blood group, genotype, pregnancy."""
        if person.blood_group and (person.named or self.random.random() < _TESTED):
            self._assert(patient, AssertionKind.BLOOD_GROUP, person.blood_group, first)
            if person.months(first) >= 6:  # fetal haemoglobin hides it before
                self._assert(patient, AssertionKind.GENOTYPE, str(person.genotype), first)
        if Condition.PREGNANCY in person.conditions and person.conceived_on is not None:
            booked = min(today - timedelta(days=1), person.conceived_on + timedelta(weeks=8))
            self._assert(patient, AssertionKind.PREGNANCY, "pregnant", booked)

    def _assert(self, patient: Patient, kind: AssertionKind, value: str, on: date) -> None:
        author = self._someone(Doctor).id
        self.session.add(Assertion(patient_id=patient.id, author_id=author, kind=kind, value=value, held_on=on))

    def _write(self, rows: Iterable[BaseModel]) -> None:
        self.session.add_all(rows)
        self.session.flush()

    def _someone(self, kind: type[Staff]) -> Staff:
        return self.random.choice(self.former[kind])

    def _visit(self, encounter: Encounter, patient: Patient) -> Visit:
        clerk = self._someone(RecordOfficer).id
        return Visit(
            patient_id=patient.id,
            clinic=encounter.clinic,
            reason=encounter.reason,
            held_on=encounter.on,
            ticket=encounter.ticket,
            state=VisitState.LEFT if encounter.went_away else VisitState.DONE,
            moved_at=encounter.seen_at if encounter.went_away else encounter.done_at,
            moved_by_id=clerk,
            checked_in_by_id=clerk,
        )

    def _records(self, encounter: Encounter, visit: Visit) -> Iterator[BaseModel]:
        nurse, doctor = self._someone(Nurse), self._someone(Doctor)
        yield vital_sign(encounter, patient_id=visit.patient_id, author_id=nurse.id)
        if encounter.went_away:
            return
        consultation = Consultation(
            patient_id=visit.patient_id,
            author_id=doctor.id,
            visit_id=visit.id,
            occurred_at=encounter.seen_at,
            follow_up_on=encounter.follow_up_on,
            **encounter.texts,
        )
        consultation.diagnoses = [
            Diagnosis(text=text, code=code, rank=rank, certainty=encounter.picture.certainty)
            for rank, (text, code) in enumerate(encounter.titles, start=1)
        ]
        yield consultation
        if encounter.orders:
            yield from self._treatment(encounter, consultation, doctor)
        if encounter.picture.note and encounter.visit == 0:
            yield NurseNote(
                patient_id=visit.patient_id,
                author_id=nurse.id,
                kind=NoteKind.PROCEDURE,
                text=f"{self._when(encounter.seen_at)}: {encounter.picture.note}",
            )

    def _treatment(self, encounter: Encounter, consultation: Consultation, doctor: Staff) -> Iterator[BaseModel]:
        prescription = Prescription(
            patient_id=consultation.patient_id, author_id=doctor.id, consultation=consultation, lines=[]
        )
        lines = [self._line(prescription, order) for order in encounter.orders]
        handed_out = [(line, int((line.quantity or 0) * encounter.handed_out)) for line in lines]
        prescription.progress = PrescriptionProgress(
            patient_id=consultation.patient_id,
            state=ProgressState.HISTORY,
            moved_at=consultation.occurred_at,
            dispensed={str(line.id): quantity for line, quantity in handed_out if quantity},
        )
        yield prescription
        if any(quantity for _, quantity in handed_out):
            yield Dispense(
                patient_id=consultation.patient_id,
                author_id=self._someone(Pharmacist).id,
                prescription=prescription,
                note=f"Handed out {self._when(encounter.done_at)}",
                lines=[DispensedLine(line=line, quantity=quantity) for line, quantity in handed_out if quantity],
            )

    def _line(self, prescription: Prescription, order: Order) -> DrugPrescription:
        drug = self.drugs[order.drug]
        values = line_values(order)
        values["quantity"] = order.quantity or supply.quantity(drug, **{name: values[name] for name in _COUNTED_FROM})
        values["route"] = order.route or drug.route
        return DrugPrescription(prescription=prescription, drug=drug, **values)

    def _when(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.zone):%d-%b-%Y %H:%M}"


_COUNTED_FROM = ("dose", "dose_unit", "frequency", "max_in_24h", "duration_days")


def line_values(order: Order) -> dict[str, Any]:
    """What a line says, by column, but for the quantity and the route where they follow from the drug."""
    return {
        "dose": order.dose,
        "dose_unit": order.unit,
        "frequency": order.often,
        "as_needed": order.needed_for is not None,
        "as_needed_reason": order.needed_for,
        "max_in_24h": order.at_most,
        "duration_days": None if order.often == "stat" else order.days,
        "instructions": order.how,
    }


def vital_sign(encounter: Encounter, **who: Any) -> VitalSign:
    """What was measured, with its score: computed by the same rule as everywhere."""
    taken = VitalSign(taken_at=encounter.measured_at, confirmed=False, **encounter.measured, **who)
    body = body_of(encounter)
    taken.news2 = dataclasses.asdict(news2.score(taken, age_years=body.years, pregnant=body.pregnant))
    return taken


def first_days(encounters: Sequence[Encounter]) -> dict[int, date]:
    """The first day each person came, by the `id()` of the person."""
    first: dict[int, date] = {}
    for encounter in encounters:
        first.setdefault(id(encounter.person), encounter.on)
    return first
