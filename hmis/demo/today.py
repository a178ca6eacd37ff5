"""A half-done day: written now, by the people of the demo, in the way everybody writes. They can still correct it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any, TypeVar

from hmis.consultations import service as consultations
from hmis.consultations.models import Consultation
from hmis.consultations.schemas import ConsultationIn, DiagnosisIn
from hmis.core import clock
from hmis.core.access import Actor
from hmis.core.db import HospitalSession
from hmis.core.errors import Implausible
from hmis.demo import diary
from hmis.demo.diary import Encounter
from hmis.demo.orders import Order
from hmis.demo.past import line_values
from hmis.demo.persons import Condition, Person
from hmis.demo.pictures import ACUTE, CHILDREN, EMERGENCY, OUTPATIENTS, Picture, courses, likely
from hmis.enquiries import service as enquiries
from hmis.enquiries.models import EnquiryKind
from hmis.enquiries.schemas import EnquiryIn
from hmis.formulary.models import Drug
from hmis.nursing import service as nursing
from hmis.nursing.models import NoteKind
from hmis.nursing.schemas import NoteIn
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.patients.schemas import PatientIn
from hmis.people.models import Sex
from hmis.pharmacy import service as pharmacy
from hmis.pharmacy.schemas import DispensedLineIn, DispenseIn
from hmis.prescriptions import service as prescriptions
from hmis.prescriptions.models import DrugPrescription
from hmis.prescriptions.schemas import LineIn, PrescriptionIn
from hmis.prescriptions.supply import supply_unit
from hmis.visits import service as visits
from hmis.visits.models import Visit, VisitState
from hmis.visits.schemas import MoveIn, VisitIn
from hmis.vitals import service as vitals
from hmis.vitals.schemas import VitalSignIn

MOST = 28
"""Patients who come today."""
FEWEST = 10
"""So many come to the smallest hospital: then something waits for everybody who works in it."""
_STAGES = (
    *(VisitState.PHARMACY, VisitState.PHARMACY, VisitState.WAITING, VisitState.PHARMACY, VisitState.ARRIVED),
    *(VisitState.PHARMACY, VisitState.WITH_DOCTOR, VisitState.WAITING, VisitState.DONE, VisitState.PHARMACY),
    *(VisitState.TRIAGE, VisitState.DONE, VisitState.WAITING, VisitState.ARRIVED),
)
"""Where the day's patients are by now, one after the other; those named in manuals have places of their own."""
_STRIP = 10
"""Tablets in a strip."""
_TRIES = 60
"""How often another illness is thought of for somebody who is to wait for medicines."""
_ORDER = (
    *(VisitState.ARRIVED, VisitState.TRIAGE, VisitState.WAITING, VisitState.WITH_DOCTOR),
    *(VisitState.PHARMACY, VisitState.DONE),
)

_ADMITTED = (
    "Admitted to Male Ward, bed 12, breathless at rest. Propped up on three pillows, oxygen at hand, weighed. Wife at "
    "the bedside. Fluid chart begun."
)

_ON_ARRIVAL: dict[str, Any] = {
    "pulse_per_min": 118,
    "respirations_per_min": 26,
    "systolic_mmhg": 94,
    "diastolic_mmhg": 58,
    "temperature_celsius": 36.2,
    "spo2_percent": 93,
    "oxygen": True,
    "oxygen_litres_per_min": 10,
    "oxygen_device": "face mask",
    "consciousness": "V",
}
"""Of the man from the road."""

T = TypeVar("T")


@dataclass
class Today:
    """The writer of the day."""

    session: HospitalSession
    random: Random
    staff: Mapping[str, Actor]
    drugs: Mapping[str, Drug]
    _places: Iterator[VisitState] = field(default_factory=lambda: cycle(_STAGES))
    _begun: set[str] = field(default_factory=set)
    """How prescriptions at the counter were begun: each way once."""

    def begin(self, people: Sequence[tuple[Person, Patient]]) -> int:
        """Let the day begin with some of these patients, and with newcomers; how many came."""
        now = clock.now()
        planned = [(*self._planned(person, now), patient) for person, patient in people]
        # Who came first has come furthest, and holds the lowest ticket.
        for encounter, stage, patient in sorted(planned, key=lambda plan: -_ORDER.index(plan[1])):
            self._live(encounter, patient, stage)
        self._newcomers()
        self._unknown()
        self._letters()
        return len(planned) + 3

    def _planned(self, person: Person, now: datetime) -> tuple[Encounter, VisitState]:
        settings = self.session.store.settings
        on = settings.day_of(now)
        encounter, stage = self._ill(person, on)
        midnight = settings.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        encounter.measured_at = max(midnight, now - timedelta(minutes=self.random.randint(50, 170)))
        encounter.seen_at = max(midnight, now - timedelta(minutes=self.random.randint(8, 45)))
        return encounter, stage

    def _ill(self, person: Person, on: date) -> tuple[Encounter, VisitState]:
        """What somebody comes with, and how far they are; who waits for medicines has two, and is not very ill."""
        part = _part(person)
        stage = part[3] if part else next(self._places)
        for _ in range(_TRIES):
            picture, visit, clinic = part[:3] if part else self._any_part(person, on)
            encounter = Encounter(person, on, picture, visit, clinic)
            diary.elaborate(self.random, encounter)
            if stage is not VisitState.PHARMACY or (len(encounter.orders) > 1 and _calm(encounter)):
                break
        return encounter, stage

    def _any_part(self, person: Person, on: date) -> tuple[Picture, int, str]:
        held = courses(person)
        if held:
            picture: Picture = self.random.choice(held)
            visit = 3
        else:
            found = likely(person, on)
            picture, visit = self.random.choices(list(found), list(found.values()))[0], 0
        return picture, visit, diary.clinic_of(person, on, picture)

    def _live(self, encounter: Encounter, patient: Patient, stage: VisitState) -> None:
        """The patient's day as far as it has come."""
        ref = PatientRef(patient.id)
        with self._as("recordofficer"):
            visit = visits.check_in(self.session, ref, VisitIn(clinic=encounter.clinic, reason=encounter.reason))
        nurse, doctor = self.random.choice(("nurse", "nurse2")), self.random.choice(("doctor", "doctor2"))
        if _reached(stage, VisitState.TRIAGE):
            self._move(nurse, visit, VisitState.TRIAGE)
        if _reached(stage, VisitState.WAITING):
            self._measure(nurse, ref, encounter)
            self._move(nurse, visit, VisitState.WAITING)
        if _reached(stage, VisitState.WITH_DOCTOR):
            self._move(doctor, visit, VisitState.WITH_DOCTOR)
            finished = _reached(stage, VisitState.PHARMACY)
            consultation = self._consult(doctor, ref, visit, encounter, finished=finished)
            if encounter.picture.note:
                self._note(nurse, ref, NoteKind.PROCEDURE, encounter.picture.note)
            if finished:
                self._treat(doctor, ref, visit, consultation, encounter, handed_out=stage is VisitState.DONE)
            if encounter.person.named == "Musa":
                self._note(nurse, ref, NoteKind.ADMISSION, _ADMITTED)

    def _measure(self, who: str, ref: PatientRef, encounter: Encounter) -> None:
        taken = {"taken_at": encounter.measured_at, **encounter.measured}
        with self._as(who):
            _insist(lambda sure: vitals.record(self.session, ref, VitalSignIn(**taken, confirmed=sure)))

    def _consult(
        self, who: str, ref: PatientRef, visit: Visit, encounter: Encounter, *, finished: bool
    ) -> Consultation:
        told = encounter.texts if finished else {k: v for k, v in encounter.texts.items() if k != "plan"}
        named = [
            DiagnosisIn(text=text, code=code, certainty=encounter.picture.certainty) for text, code in encounter.titles
        ]
        body = ConsultationIn(
            **told,
            visit_id=visit.id,
            occurred_at=encounter.seen_at,
            follow_up_on=encounter.follow_up_on if finished else None,
            diagnoses=named if finished else [],
        )
        with self._as(who):
            return consultations.record(self.session, ref, body)

    def _treat(
        self,
        doctor: str,
        ref: PatientRef,
        visit: Visit,
        consultation: Consultation,
        encounter: Encounter,
        *,
        handed_out: bool,
    ) -> None:
        if not encounter.orders:
            self._move(doctor, visit, VisitState.DONE)
            return
        with self._as(doctor):
            written = _insist(
                lambda sure: prescriptions.prescribe(
                    self.session,
                    ref,
                    consultation.id,
                    PrescriptionIn(drugs=[self._line(order, sure) for order in encounter.orders]),
                )
            )
        self._move(doctor, visit, VisitState.PHARMACY)
        if handed_out:
            self._dispense(ref, consultation, {line: line.quantity or 1 for line in written.live_lines})
            self._move("pharmacist", visit, VisitState.DONE)
        else:
            self._at_the_counter(ref, consultation, written.live_lines)

    def _at_the_counter(self, ref: PatientRef, consultation: Consultation, lines: Sequence[DrugPrescription]) -> None:
        """What was handed out by now: once all but a strip, once the first line; of the others nothing."""
        long = next((one for one in lines if supply_unit(one.drug) == "tablet" and (one.quantity or 0) > _STRIP), None)
        if long and "strip" not in self._begun:
            self._begun.add("strip")
            owed = {long: _STRIP}
            self._dispense(ref, consultation, {line: (line.quantity or 1) - owed.get(line, 0) for line in lines})
        elif len(lines) > 1 and "line" not in self._begun:
            self._begun.add("line")
            self._dispense(ref, consultation, {lines[0]: lines[0].quantity or 1})

    def _line(self, order: Order, sure: bool) -> LineIn:
        said = {name: value for name, value in line_values(order).items() if value is not None}
        more = {"quantity": order.quantity, "route": order.route}
        said |= {name: value for name, value in more.items() if value is not None}
        return LineIn(drug_id=self.drugs[order.drug].id, confirmed=sure, **said)

    def _dispense(self, ref: PatientRef, consultation: Consultation, given: Mapping[DrugPrescription, int]) -> None:
        lines = [DispensedLineIn(line_id=line.id, quantity=quantity) for line, quantity in given.items()]
        with self._as("pharmacist"):
            pharmacy.dispense(self.session, ref, consultation.id, DispenseIn(lines=lines))

    def _note(self, who: str, ref: PatientRef, kind: NoteKind, text: str) -> None:
        with self._as(who):
            nursing.write(self.session, ref, NoteIn(kind=kind, text=text))

    def _move(self, who: str, visit: Visit, to: VisitState) -> None:
        with self._as(who):
            visits.move(self.session, visit.id, MoveIn(to=to))

    def _newcomers(self) -> None:
        """Two who were never here, registered this morning."""
        for body in (
            PatientIn(
                given_name="Uchenna",
                family_name="Ezeudu",
                sex=Sex.MALE,
                age_years=34,
                phone="0803 555 9901",
                occupation="electrician",
                confirmed=True,
            ),
            PatientIn(
                given_name="Ramatu",
                family_name="Tsado",
                sex=Sex.FEMALE,
                age_years=52,
                phone="0806 555 9902",
                occupation="trader",
                confirmed=True,
            ),
        ):
            with self._as("recordofficer"):
                patient = patients.register(self.session, body)
                visits.check_in(self.session, PatientRef(patient.id), VisitIn(clinic=OUTPATIENTS))

    def _unknown(self) -> None:
        """A man without papers, brought from the road: very ill, and nobody knows who he is."""
        with self._as("nurse2"):
            patient = patients.register(
                self.session, PatientIn(sex=Sex.MALE, age_years=40, unknown_identity=True, emergency=True)
            )
        ref = PatientRef(patient.id)
        with self._as("recordofficer"):
            visit = visits.check_in(self.session, ref, VisitIn(clinic=EMERGENCY, reason="Road accident"))
        self._move("nurse2", visit, VisitState.TRIAGE)
        with self._as("nurse2"):
            vitals.record(self.session, ref, VitalSignIn(**_ON_ARRIVAL))
        text = (
            "Brought by passers-by after a collision. Opens eyes to voice, groans. Neck collar on, oxygen, two IV "
            "lines."
        )
        self._note("nurse2", ref, NoteKind.ADMISSION, text)
        self._move("doctor", visit, VisitState.WITH_DOCTOR)

    def _letters(self) -> None:
        """What came by the public pages over night, for the administrator to answer."""
        for body in (
            EnquiryIn(
                kind=EnquiryKind.SIGN_UP,
                name="Amina Bello",
                email="amina.bello@clinic.example",
                facility_name="Sabon Gari Clinic",
                facility_size="12 beds, 3 doctors",
                message="May we try it for a month?",
            ),
            EnquiryIn(
                kind=EnquiryKind.CONTACT,
                name="Chinwe Obiora",
                email="chinwe.obiora@health.example",
                message="Does it run on one computer without the internet? Our ward has power for six hours a day.",
            ),
        ):
            enquiries.keep(self.session, body)

    @contextmanager
    def _as(self, username: str) -> Iterator[None]:
        """Somebody else takes over the same unit of work."""
        before, self.session.actor = self.session.actor, self.staff[username]
        try:
            yield
        finally:
            self.session.flush()
            self.session.actor = before


def who_comes(random: Random, people: Sequence[Person], encounters: Sequence[Encounter], how_many: int) -> list[Person]:
    """Those with a part in the story, and some who were not here within the last week."""
    last = {id(e.person): e.on for e in encounters}
    newest = max((e.on for e in encounters), default=None)
    free = [
        person
        for person in people
        if not person.named
        and person.died_at is None
        and (newest is None or last.get(id(person)) is None or newest - last[id(person)] > timedelta(days=7))
    ]
    named = [person for person in people if person.named]
    chosen = random.sample(free, min(len(free), max(0, how_many - len(named))))
    return named + chosen


def _part(person: Person) -> tuple[Picture, int, str, VisitState] | None:
    """The part of one of those who are named in manuals and tests."""
    held = courses(person)
    match person.named:
        case "Folasade":
            return held[0], 3, held[0].clinic or OUTPATIENTS, VisitState.WAITING
        case "Folake":
            return _called("Tension-type headache"), 0, OUTPATIENTS, VisitState.ARRIVED
        case "Musa":
            failing = next(course for course in held if course.condition is Condition.HEART_FAILURE)
            return failing, 0, EMERGENCY, VisitState.WITH_DOCTOR
        case "Bala":
            return ACUTE[0], 0, CHILDREN, VisitState.WAITING
        case _:
            return None


def _called(title: str) -> Picture:
    return next(picture for picture in ACUTE if picture.title == title)


def _calm(encounter: Encounter) -> bool:
    """Whether somebody can walk to the pharmacy; of children breath and pulse are quicker anyway."""
    pulse, breath = (encounter.measured.get(name) or 0 for name in ("pulse_per_min", "respirations_per_min"))
    return diary.body_of(encounter).years < 16 or (pulse <= 110 and breath <= 20)  # above, NEWS2 gives two points


def _reached(stage: VisitState, step: VisitState) -> bool:
    return _ORDER.index(stage) >= _ORDER.index(step)


def _insist(act: Callable[[bool], T]) -> T:
    """Do it; where something odd is questioned, say that it is so."""
    try:
        return act(False)
    except Implausible:
        return act(True)
