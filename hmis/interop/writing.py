"""The one writer of imported history: what any reader tells becomes rows, chunk by chunk, each chunk one transaction.

Whatever is here already is left as it is. Whatever cannot be taken is kept with the reason. An import that is cut off
has whole chunks in place, and goes on from there when it is run again.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, TypeVar

from sqlalchemy import String, or_, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from hmis.consultations.models import Consultation, Diagnosis
from hmis.core import history
from hmis.core.access import Actor, Permission, Role, require
from hmis.core.db import TRANSIENT, BaseModel, HospitalSession, mysql_code
from hmis.core.errors import Conflict, Invalid
from hmis.core.history import Known, Leftover, Taken, item_key
from hmis.core.records import ImportBatch
from hmis.core.store import Store
from hmis.formulary import service as formulary
from hmis.formulary.models import Drug
from hmis.interop import measures
from hmis.interop.report import Line, Progress, Report, silently
from hmis.interop.source import (
    Origin,
    Refused,
    SourceChart,
    SourceDiagnosis,
    SourceDrug,
    SourceEncounter,
    SourceMeasurement,
    SourceOrder,
    SourcePatient,
    SourceStaff,
    When,
)
from hmis.patients import service as patients
from hmis.patients.age import age_years
from hmis.patients.models import Identifier, Patient, PatientName
from hmis.people import names
from hmis.prescriptions.models import DrugPrescription, Prescription, PrescriptionProgress, ProgressState
from hmis.staff import service as staff
from hmis.staff.models import KINDS, Staff
from hmis.vitals.models import VitalSign

CHUNK = 1000
"""Things of the source in one transaction."""
LATER = "kept whole for the allergies still to come"
CHANGED = "changed in the source since it was imported; what is here stays as it is"
NO_HOME = "no home for it yet"
_LONGEST_SOURCE = 100
_TRIES = 5
_NOBODY = "(not told)"
"""Stands for the practitioner where the source names none."""
_BIRTHDAY_ABROAD = timedelta(days=1)
"""A newborn's first hour may be the day before in another time zone."""

T = TypeVar("T")
Told = SourceDiagnosis | SourceMeasurement | SourceOrder


@dataclass
class Tally:
    """What one chunk did; added to the report when it is committed."""

    taken: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    refused: list[Line] = field(default_factory=list)
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: list[Line] = field(default_factory=list)
    parts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)

    def add_to(self, report: Report) -> None:
        """Now it is true."""
        report.taken += self.taken
        report.there += self.there
        report.refused += self.refused
        report.counted += self.counted
        report.remarks += self.remarks
        report.parts += self.parts
        report.rows += self.rows


class Writer:
    """Writes what one source tells, as one batch. A batch is opened when the first new thing comes."""

    def __init__(self, store: Store, actor: Actor, source: str, progress: Progress = silently) -> None:
        require(actor, Permission.IMPORT)
        if not 0 < len(source) <= _LONGEST_SOURCE:
            raise Invalid(f"name the source in at most {_LONGEST_SOURCE} characters")
        self.store, self.actor, self.progress = store, actor, progress
        self.report = Report(source)
        self.total = 0
        self._done = 0
        self._staff: dict[str, uuid.UUID] = {}
        self._names: dict[uuid.UUID, str] = {}
        self._drugs: dict[tuple[str, str], uuid.UUID] = {}

    def staff(self, people: Iterable[SourceStaff]) -> None:
        """Those who wrote at the source, as inactive staff here."""
        for some in _chunks(people, lambda _: 1):
            self._unit(partial(_Unit.staff, people=some), len(some))

    def drugs(self, products: Iterable[tuple[Origin, SourceDrug]]) -> None:
        """Products the source describes by themselves."""
        for some in _chunks(products, lambda _: 1):
            self._unit(partial(_Unit.drugs, products=some), len(some))

    def charts(self, charts: Iterable[SourceChart]) -> None:
        """Patients with all that is told of them."""
        for some in _chunks(charts, len):
            self._unit(partial(_Unit.charts, charts=some), sum(map(len, some)))

    def refuse(self, things: Iterable[tuple[Origin, str]]) -> None:
        """What belongs to nobody, or cannot be relied on: kept whole with the reason."""
        for some in _chunks(things, lambda _: 1):
            self._unit(partial(_Unit.refuse, things=some), len(some))

    def finish(self) -> Report:
        """Close the batch, with a line for each kind of thing that has no home here yet."""
        self._unit(_Unit.close, 0)
        self.progress(self.total, self.total, "done")
        return self.report

    def _unit(self, work: Callable[[_Unit], None], things: int) -> None:
        """One transaction, done again as a whole where another import stood in the way."""
        for attempt in range(1, _TRIES + 1):
            with self.store.session(self.actor) as session:
                unit = _Unit(self, session)
                try:
                    work(unit)
                    if unit.wrote:
                        session.commit()
                    else:  # nothing was new: not even a batch is opened
                        session.rollback()
                        unit.batch_id = self.report.batch_id
                except (DBAPIError, StaleDataError, Conflict) as error:
                    # The same things came in, or the batch was closed, by another import of this source.
                    again = not isinstance(error, DBAPIError) or isinstance(error, IntegrityError)
                    again = again or mysql_code(error) in TRANSIENT
                    if not again or attempt == _TRIES:
                        raise
                else:
                    break
        unit.tally.add_to(self.report)
        self.report.batch_id = unit.batch_id
        self._staff |= unit.new_staff
        self._names |= unit.new_names
        self._drugs |= unit.new_drugs
        self._done += things
        self.progress(self._done, max(self.total, self._done), "records")


class _Unit:
    """One chunk in one transaction."""

    def __init__(self, writer: Writer, session: HospitalSession) -> None:
        self.writer, self.session = writer, session
        self.source = writer.report.source
        self.batch_id = writer.report.batch_id
        self.tally = Tally()
        self.new_staff: dict[str, uuid.UUID] = {}
        self.new_names: dict[uuid.UUID, str] = {}
        self.new_drugs: dict[tuple[str, str], uuid.UUID] = {}
        self.items: list[Taken] = []
        self.leftovers: list[Leftover] = []
        self.known: dict[bytes, Known] = {}
        self._closed = False

    @property
    def wrote(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.tally.rows) or self._closed

    def close(self) -> None:
        """The batch of this run, or of one that was cut off just before its end."""
        counted = self.writer.report.counted.items()
        batch_id = history.unfinished(self.session, self.source)
        if batch_id is not None:
            with history.importing(self.session, batch_id) as batch:
                lines = [Leftover("", kind, "", why, count) for (kind, why), count in counted if why != LATER]
                history.keep(self.session, batch, lines)
            history.close_batch(self.session, batch_id)
            self._closed = True

    def staff(self, people: list[SourceStaff]) -> None:
        self._look_up(person.origin for person in people)
        new = [person for person in people if not self._is_there(person.origin, even_undone=True)]
        if new:
            with self._importing():
                for person in new:
                    try:
                        row = self._person(person.origin.id, person.role, person.values, self._source(person.origin))
                    except Refused as error:
                        self._refuse(person.origin, str(error))
                    else:
                        self._taken(person.origin, row)
        self._keep_leftovers()

    def _person(self, id: str, role: Role, values: dict[str, Any], source: str) -> Staff:
        row = staff.add_inactive(self.session, KINDS[role], source=source, **_fitting(Staff, values))
        self.tally.rows["staff"] += 1
        self.new_staff[id] = row.id
        self.new_names[row.id] = row.name
        return row

    def drugs(self, products: list[tuple[Origin, SourceDrug]]) -> None:
        self._look_up(origin for origin, _ in products)
        new = [(origin, product) for origin, product in products if not self._is_there(origin)]
        self._find_drugs(product for _, product in new)
        if new:
            with self._importing():
                for origin, product in new:
                    try:
                        drug_id = self._drug(product, self._source(origin))
                    except Refused as error:
                        self._refuse(origin, str(error))
                    else:
                        self._remember(origin, Drug, drug_id)
        self._keep_leftovers()

    def refuse(self, things: list[tuple[Origin, str]]) -> None:
        for origin, reason in things:
            self._refuse(origin, reason)
        self._keep_leftovers()

    def charts(self, charts: list[SourceChart]) -> None:
        """Patients first, then meetings, then what was measured and ordered at them: each refers to what is before."""
        self._look_up(origin for chart in charts for origin in _origins(chart))
        self._look_up_more(charts)
        here = self._patients_here(charts)
        writing = [_ChartWriting(self, chart, here.get(chart.patient_id)) for chart in charts]
        if any(w.anything_new for w in writing):
            self._find_drugs(order.drug for w in writing for order in w.orders)
            with self._importing(), self.session.no_autoflush:
                for id in {id for w in writing for id in w.signatures()}:
                    self.author(id)
                for step in _STEPS:
                    for w in writing:
                        step(w)
                    self.session.flush()
        for w in writing:
            w.keep_the_rest()
        self._keep_leftovers()

    @contextmanager
    def _importing(self) -> Iterator[None]:
        """The door, opened with the batch at the first new thing; what came through is remembered before it closes."""
        self.batch_id = history.open_batch(self.session, self.source).id
        with history.importing(self.session, self.batch_id) as batch:
            yield
            self.session.flush()
            self._remember_all(batch)

    def _remember_all(self, batch: ImportBatch) -> None:
        history.remember(self.session, batch, self.items)
        self.items = []

    def _keep_leftovers(self) -> None:
        keys = {history.leftover_key(self.source, leftover): leftover for leftover in self.leftovers}
        new = keys.keys() - history.kept(self.session, list(keys))
        self.leftovers = []
        if new:
            with self._importing():
                batch = self.session.get_one(ImportBatch, self.batch_id)
                history.keep(self.session, batch, [leftover for key, leftover in keys.items() if key in new])
                self.tally.rows["import_leftovers"] += len(new)

    def _look_up(self, origins: Iterable[Origin]) -> None:
        keys = {item_key(self.source, origin.kind, origin.id) for origin in origins}
        self.known |= history.known(self.session, keys)

    def _look_up_more(self, charts: list[SourceChart]) -> None:
        """Patients, meetings, products and signatures that an earlier import brought."""
        wanted = {("Patient", chart.patient_id) for chart in charts} | {("Practitioner", _NOBODY)}
        for chart in charts:
            told: list[Told] = [*chart.diagnoses, *chart.measurements, *chart.orders]
            wanted |= {("Encounter", thing.encounter) for thing in told if thing.encounter}
            wanted |= {("Practitioner", thing.author) for thing in told if thing.author}
            wanted |= {("Practitioner", encounter.author) for encounter in chart.encounters if encounter.author}
            wanted |= {("Medication", order.drug.id) for order in chart.orders if order.drug.id}
        keys = {item_key(self.source, kind, id) for kind, id in wanted}
        self.known |= history.known(self.session, keys - self.known.keys())

    def before(self, kind: str, id: str, *, even_undone: bool = False) -> Known | None:
        """What a thing became in an earlier import."""
        found = self.known.get(item_key(self.source, kind, id))
        return found if found and (even_undone or not found.undone) else None

    def _is_there(self, origin: Origin, *, even_undone: bool = False) -> bool:
        """Whether it came before; tells so, and keeps it where the source has changed its mind."""
        found = self.before(origin.kind, origin.id, even_undone=even_undone)
        if found is None:
            return False
        if found.content == origin.content:
            self.tally.there[origin.kind] += 1
        else:
            self._refuse(origin, CHANGED)
        return True

    def _refuse(self, origin: Origin, reason: str, patient_id: uuid.UUID | None = None) -> None:
        if reason == LATER:
            self.tally.counted[origin.kind, reason] += 1
        else:
            self.tally.refused.append(Line(origin.file, origin.kind, origin.id, reason))
        self._leave(origin, reason, origin.payload, patient_id)

    def _leave(self, origin: Origin, reason: str, payload: str, patient_id: uuid.UUID | None) -> None:
        file, reason = origin.file[-500:], reason[:500]
        self.leftovers.append(Leftover(file, origin.kind, origin.id, reason, 1, payload, patient_id))

    def _taken(self, origin: Origin, row: BaseModel) -> None:
        self._remember(origin, type(row), row.id)

    def _remember(self, origin: Origin, model: type[BaseModel], record_id: uuid.UUID) -> None:
        self.tally.taken[origin.kind] += 1
        self.items.append(Taken(origin.kind, origin.id, origin.content, model.__tablename__, record_id))

    def belongs(self, kind: str, id: str, row: BaseModel) -> None:
        """Remember a row that carries no batch itself, so that undoing the batch knows it as its own."""
        self.items.append(Taken(kind, id, b"\0" * 32, row.__tablename__, row.id))

    def _source(self, origin: Origin, when: When | None = None) -> str:
        """Where a row came from, as it is shown beside it."""
        told = f"{self.source}: {origin.kind}/{origin.id}"
        if when is not None and when.remark:
            told += f" ({when.remark})"
        return told if len(told) <= 255 else f"{self.source}: {origin.kind}"

    def author(self, id: str | None) -> uuid.UUID:
        """The inactive member of staff who signs: the practitioner named, or one who stands for the source."""
        named = id and (self.writer._staff.get(id) or self.new_staff.get(id))
        if named:
            return named
        before = self.before("Practitioner", id, even_undone=True) if id else None
        if before:
            return before.record_id
        return self._nobody()

    def _nobody(self) -> uuid.UUID:
        there = self.writer._staff.get(_NOBODY) or self.new_staff.get(_NOBODY)
        before = self.before("Practitioner", _NOBODY, even_undone=True)
        if there or before:
            return there or before.record_id  # type: ignore[union-attr]
        values = {"given_name": "Imported", "family_name": f"from {self.source}"}
        row = self._person(_NOBODY, Role.DOCTOR, values, self.source)
        self.belongs("Practitioner", _NOBODY, row)
        return row.id

    def name_of(self, staff_id: uuid.UUID) -> str:
        """How a signature reads."""
        known = self.writer._names.get(staff_id) or self.new_names.get(staff_id)
        return known or self.session.get_one(Staff, staff_id).name

    def _patients_here(self, charts: list[SourceChart]) -> dict[str, Patient]:
        """Patients of these charts whom an earlier import brought, by their id in the source."""
        ids = {c.patient_id: k.record_id for c in charts if (k := self.before("Patient", c.patient_id))}
        rows = self.session.scalars(select(Patient).where(Patient.id.in_(ids.values()))) if ids else ()
        found = {row.id: row for row in rows}
        return {id: found[record_id] for id, record_id in ids.items()}

    def _find_drugs(self, products: Iterable[SourceDrug]) -> None:
        """Look up, in one query, what the formulary knows by code or name; not what an undone batch had brought."""
        wanted = {key for product in products for key in _drug_keys(product)} - self.writer._drugs.keys()
        if not wanted:
            return
        codes, spoken = {k[1] for k in wanted if k[0]}, {k[1].partition(_AND)[0] for k in wanted if not k[0]}
        rows = self.session.scalars(
            select(Drug)
            .outerjoin(ImportBatch, ImportBatch.id == Drug.batch_id)
            .where(or_(Drug.code.in_(codes), Drug.name_folded.in_(spoken)), ImportBatch.undone_at.is_(None))
            .order_by(Drug.retired_at.is_(None), Drug.id.desc())
        )
        for row in rows:
            plain = row.strength is None and row.brand_name is None
            told = SourceDrug(row.generic_name if plain else "", row.code, row.code_system, row.form)
            self.new_drugs |= dict.fromkeys(wanted.intersection(_drug_keys(told)), row.id)

    def _drug(self, product: SourceDrug, source: str) -> uuid.UUID:
        """The drug of the formulary that this product is; made where it is new. Raises `Refused`."""
        before = self.before("Medication", product.id) if product.id else None
        if before:
            return before.record_id
        keys = _drug_keys(product)
        known = self.writer._drugs | self.new_drugs
        found = next((known[key] for key in keys if key in known), None)
        if found:
            return found
        values = {
            "generic_name": product.name,
            "form": product.form,
            "code": product.code,
            "code_system": product.code_system or ("not told" if product.code else None),
            "source": source,
        }
        drug = formulary.enter(self.session, Drug(**_fitting(Drug, values)))
        self.tally.rows["drugs"] += 1
        self.new_drugs |= dict.fromkeys(keys, drug.id)
        return drug.id


class _ChartWriting:
    """One patient's chart on its way in."""

    def __init__(self, unit: _Unit, chart: SourceChart, patient: Patient | None) -> None:
        self.unit, self.chart, self.patient = unit, chart, patient
        self.kept = list(chart.kept)
        self.meetings: dict[str, Consultation] = {}
        """Encounter id -> the consultation that this chunk writes for it."""
        self.apart: dict[tuple[datetime, uuid.UUID], Consultation] = {}
        """Consultations that only hold what was told without a meeting, or of one that is locked."""
        self.encounters: list[SourceEncounter] = []
        self.diagnoses: list[SourceDiagnosis] = []
        self.measurements: list[SourceMeasurement] = []
        self.orders: list[SourceOrder] = []
        self.drugs: dict[str, uuid.UUID] = {}
        """Order id -> drug."""
        refusal = self._refusal()
        if refusal:
            self.kept += [(origin, refusal) for origin in _origins(chart) if origin.kind != "Patient"]
            return
        self.encounters = self._new(chart.encounters)
        self.diagnoses = self._new(chart.diagnoses)
        self.measurements = self._new(chart.measurements)
        self.orders = self._new(chart.orders)

    def _refusal(self) -> str:
        """Why nothing of this chart can be taken, where the patient is not one."""
        told = self.chart.patient
        if self.patient is None:
            nowhere = f"its patient, Patient/{self.chart.patient_id}, is neither among what was read nor here"
            return "" if told else self.chart.no_patient or nowhere
        if told is not None and not self.unit._is_there(told.origin):
            raise AssertionError(f"Patient/{self.chart.patient_id} is here, but not remembered")
        if told is not None and _another(self.patient, told):
            return f"its patient is not the one who was imported before as Patient/{self.chart.patient_id}"
        return ""

    def _new(self, things: list[Any]) -> list[Any]:
        return [thing for thing in things if not self.unit._is_there(thing.origin)]

    @property
    def anything_new(self) -> bool:
        """Whether there is anything to write."""
        registering = self.patient is None and self.chart.patient is not None
        return registering or any((self.encounters, self.diagnoses, self.measurements, self.orders))

    def signatures(self) -> Iterator[str | None]:
        """Practitioners who sign something here; None where the source has to."""
        meetings = {encounter.origin.id for encounter in self.encounters}
        yield from (encounter.author for encounter in self.encounters)
        told: list[Told] = [*self.diagnoses, *self.measurements, *self.orders]
        for thing in told:
            signed_at_meeting = thing.encounter in meetings
            if isinstance(thing, SourceMeasurement) and thing.encounter:
                signed_at_meeting |= self.unit.before("Encounter", thing.encounter) is not None
            if thing.author or not signed_at_meeting:
                yield thing.author

    def register(self) -> None:
        """Enrol the patient, with all numbers and former names."""
        told = self.chart.patient
        if self.patient is not None or told is None:
            return
        identifiers = [Identifier(system=system, value=value) for system, value in dict.fromkeys(told.identifiers)]
        try:
            values = _fitting(Patient, told.values)
        except Refused as error:
            self.chart.no_patient = f"its patient was not taken: {error}"
            self._drop(told.origin, str(error))
            return
        source = self.unit._source(told.origin)
        self.patient = patients.enrol(self.unit.session, Patient(identifiers=identifiers, source=source, **values))
        self._find_by(told.aliases)
        self.unit._taken(told.origin, self.patient)
        for number, identifier in enumerate(identifiers):
            self.unit.belongs("Patient.identifier", f"{number} of {told.origin.id}", identifier)
        self.unit.tally.rows += Counter(patients=1, identifiers=len(identifiers))
        if told.spare:
            spare = json.dumps(told.spare)
            self.unit._leave(told.origin, "elements of a taken patient without a home here", spare, self.patient.id)
            self.unit.tally.parts.update(("Patient", element) for element in told.spare)

    def _drop(self, patient: Origin, reason: str) -> None:
        """Without the patient nothing of the chart can stand."""
        rest = [origin for origin in _origins(self.chart) if origin.kind != "Patient"]
        self.kept += [(patient, reason), *((origin, self.chart.no_patient) for origin in rest)]
        self.encounters = self.diagnoses = self.measurements = self.orders = []  # type: ignore[assignment]

    def _find_by(self, aliases: list[str]) -> None:
        assert self.patient is not None
        have = names.findable(self.patient.name)
        words = {word[:60] for alias in aliases for word in names.findable(alias)} - {word[:60] for word in have}
        self.unit.session.add_all(PatientName(word=word, patient_id=self.patient.id) for word in sorted(words))

    def meet(self) -> None:
        """Consultations with their diagnoses; a diagnosis that comes alone gets a consultation of its own."""
        for encounter in self.encounters:
            self._attempt(encounter.origin, partial(self._consult, encounter))
        for diagnosis in self.diagnoses:
            self._attempt(diagnosis.origin, partial(self._diagnose, diagnosis))

    def _attempt(self, origin: Origin, write: Callable[[], BaseModel]) -> None:
        try:
            row = write()
        except Refused as error:
            self.kept.append((origin, str(error)))
        else:
            self.unit._taken(origin, row)

    def _consult(self, told: SourceEncounter) -> Consultation:
        values = {"presenting_complaint": told.complaint, "source": self.unit._source(told.origin, told.when)}
        row = self._consultation(told.when.at, self.unit.author(told.author), values)
        self.meetings[told.origin.id] = row
        return row

    def _consultation(self, at: datetime, author: uuid.UUID, values: dict[str, Any]) -> Consultation:
        assert self.patient is not None
        _after_birth(self.patient, at)
        row = Consultation(
            patient_id=self.patient.id, author_id=author, occurred_at=at, diagnoses=[], **_fitting(Consultation, values)
        )
        self.unit.session.add(row)
        self.unit.tally.rows["consultations"] += 1
        return row

    def _where(self, told: SourceDiagnosis | SourceOrder) -> Consultation:
        """The consultation it belongs to: of its encounter, where this chunk writes that one, else one of its own."""
        meeting = self.meetings.get(told.encounter or "")
        if meeting is not None:
            return meeting
        at = told.when.at if told.when else self._time_of(told.encounter)
        if at is None:
            raise Refused("says neither when it was nor at which encounter")
        author = self.unit.author(told.author)
        if (at, author) not in self.apart:
            source = self.unit._source(told.origin, told.when)
            self.apart[at, author] = self._consultation(at, author, {"source": source})
        return self.apart[at, author]

    def _time_of(self, encounter: str | None) -> datetime | None:
        before = self.unit.before("Encounter", encounter) if encounter else None
        there = self.unit.session.get(Consultation, before.record_id) if before else None
        return there.occurred_at if there and there.patient_id == self._patient_id else None

    @property
    def _patient_id(self) -> uuid.UUID:
        assert self.patient is not None
        return self.patient.id

    def _diagnose(self, told: SourceDiagnosis) -> Diagnosis:
        values = _fitting(Diagnosis, {"text": told.text, "code": told.code, "code_system": told.code_system})
        meeting = self._where(told)
        if told.history:
            meeting.past_medical_history = "\n".join(filter(None, (meeting.past_medical_history, told.history)))
        rank = len(meeting.diagnoses) + 1
        row = Diagnosis(consultation=meeting, rank=rank, certainty=told.certainty, **values)
        self.unit.session.add(row)
        self.unit.tally.rows["diagnoses"] += 1
        return row

    def measure(self) -> None:
        """Sets of vital signs: what was measured at one moment by one person at one meeting, each value once."""
        sets: dict[tuple[Any, ...], list[VitalSign]] = {}
        for told in self.measurements:
            self._attempt(told.origin, partial(self._set_for, sets, told))
        for vital_signs in sets.values():
            for vital_sign in vital_signs:
                self._doubt(vital_sign)

    def _set_for(self, sets: dict[tuple[Any, ...], list[VitalSign]], told: SourceMeasurement) -> VitalSign:
        assert self.patient is not None
        _after_birth(self.patient, told.when.at)
        meeting_id, meeting_author, doubt = self._meeting_of(told)
        author = self.unit.author(told.author) if told.author else meeting_author or self.unit.author(None)
        there = sets.setdefault((told.when.at, meeting_id, author), [])
        row = next((v for v in there if _room(v, told.values)), None)
        if row is None:
            source = self.unit._source(told.origin, told.when)
            row = VitalSign(
                patient_id=self.patient.id,
                author_id=author,
                consultation_id=meeting_id,
                taken_at=told.when.at,
                source=source,
            )
            there.append(row)
            self.unit.session.add(row)
            self.unit.tally.rows["vital_signs"] += 1
        for name, value in told.values.items():
            setattr(row, name, value)
        row.doubts = list(dict.fromkeys([*(row.doubts or []), *told.doubts, *doubt])) or None
        for reason in told.left_out:
            self.unit.tally.remarks.append(Line(told.origin.file, told.origin.kind, told.origin.id, reason))
            self.unit._leave(told.origin, f"left out: {reason}", told.origin.payload, self.patient.id)
        return row

    def _meeting_of(self, told: SourceMeasurement) -> tuple[uuid.UUID | None, uuid.UUID | None, list[str]]:
        """The consultation it was measured at, who wrote that one, and a doubt where it cannot be found."""
        if told.encounter is None:
            return None, None, []
        meeting = self.meetings.get(told.encounter)
        if meeting is None:
            before = self.unit.before("Encounter", told.encounter)
            meeting = self.unit.session.get(Consultation, before.record_id) if before else None
        if meeting is None or meeting.patient_id != self._patient_id:
            return None, None, [f"its encounter, Encounter/{told.encounter[:80]}, is not among this patient's"]
        return meeting.id, meeting.author_id, []

    def _doubt(self, row: VitalSign) -> None:
        """Mark what is unusual: history cannot be asked whether it is so."""
        assert self.patient is not None
        born = self.patient.born_on
        age = age_years(born, row.taken_at.date()) if born and born <= row.taken_at.date() else None
        values = {name: value for name in _MEASURED if (value := getattr(row, name)) is not None}
        row.doubts = [*(row.doubts or []), *measures.odd(values, age)] or None

    def know_drugs(self) -> None:
        """The drugs that were ordered, in the formulary."""
        for told in list(self.orders):
            try:
                self.drugs[told.origin.id] = self.unit._drug(told.drug, self.unit._source(told.origin))
            except Refused as error:
                self.kept.append((told.origin, str(error)))
                self.orders.remove(told)

    def prescribe(self) -> None:
        """Prescriptions with their lines: history, with nothing left to do for the pharmacy."""
        written: dict[uuid.UUID, Prescription] = {}
        for told in self.orders:
            self._attempt(told.origin, partial(self._line, written, told))

    def _line(self, written: dict[uuid.UUID, Prescription], told: SourceOrder) -> DrugPrescription:
        meeting, notes = self._where(told), list(told.notes)
        author = self.unit.author(told.author) if told.author else meeting.author_id
        there = written.get(meeting.id)
        if there is not None and there.author_id != author:
            notes.append(f"ordered by {self.unit.name_of(author)}")
        values = _fitting(DrugPrescription, {**told.values, "instructions": "; ".join(notes) or None})
        if there is None:
            there = written[meeting.id] = self._prescription(meeting, author, told)
        row = DrugPrescription(prescription=there, drug_id=self.drugs[told.origin.id], **values)
        self.unit.session.add(row)
        self.unit.tally.rows["drug_prescriptions"] += 1
        return row

    def _prescription(self, meeting: Consultation, author: uuid.UUID, told: SourceOrder) -> Prescription:
        row = Prescription(
            patient_id=self._patient_id,
            author_id=author,
            consultation=meeting,
            lines=[],
            source=self.unit._source(told.origin, told.when),
        )
        row.progress = PrescriptionProgress(
            patient_id=self._patient_id, state=ProgressState.HISTORY, moved_at=meeting.occurred_at
        )
        self.unit.session.add(row)
        self.unit.belongs("MedicationRequest.progress", told.origin.id, row.progress)
        self.unit.tally.rows += Counter(prescriptions=1, prescription_progress=1)
        return row

    def keep_the_rest(self) -> None:
        """What did not come in, whole, with whose it is."""
        patient_id = self.patient.id if self.patient is not None else None
        for origin, reason in self.kept:
            self.unit._refuse(origin, reason, patient_id)


_STEPS = (
    _ChartWriting.register,
    _ChartWriting.meet,
    _ChartWriting.measure,
    _ChartWriting.know_drugs,
    _ChartWriting.prescribe,
)
"""A record is written whole in one step: once it is stored, nothing is added to it."""
_MEASURED = tuple(dict.fromkeys(measures.FIELDS.values()))


def _chunks(things: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    some: list[T] = []
    weight = 0
    for thing in things:
        some.append(thing)
        weight += size(thing)
        if weight >= CHUNK:
            yield some
            some, weight = [], 0
    if some:
        yield some


def _origins(chart: SourceChart) -> Iterator[Origin]:
    if chart.patient is not None:
        yield chart.patient.origin
    for things in (chart.encounters, chart.diagnoses, chart.measurements, chart.orders):
        yield from (thing.origin for thing in things)


def _another(patient: Patient, told: SourcePatient) -> bool:
    """Whether somebody else stands under this id now: another birth date, or no name in common."""
    born = told.values.get("born_on")
    if born and patient.born_on and born != patient.born_on:
        return True
    name = f"{told.values.get('given_name', '')} {told.values.get('family_name', '')}"
    return not set(names.tokens(name)) & set(names.tokens(patient.name))


def _after_birth(patient: Patient, at: datetime) -> None:
    if patient.born_on is not None and at.date() < patient.born_on - _BIRTHDAY_ABROAD:
        raise Refused(f"{at:%Y-%m-%d}: before the patient was born")


def _room(row: VitalSign, values: dict[str, Any]) -> bool:
    return all(getattr(row, name) is None for name in values)


_AND = "\x1f"


def _drug_keys(product: SourceDrug) -> list[tuple[str, str]]:
    """By what two products are the same: their code first, then name and form."""
    code = [(product.code_system or "not told", product.code)] if product.code else []
    return [*code, ("", f"{names.fold(product.name)}{_AND}{names.fold(product.form or '')}")]


@lru_cache(maxsize=64)
def _widths(model: type[BaseModel]) -> dict[str, int]:
    """Characters each text column holds."""
    columns: Any = model.__table__.columns
    return {c.key: c.type.length for c in columns if isinstance(c.type, String) and c.type.length}


def _fitting(model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any]:
    """The values, if the table can hold them whole. Raises `Refused`: nothing is cut short."""
    widths = _widths(model)
    for name, value in values.items():
        if isinstance(value, str) and len(value) > widths.get(name, len(value)):
            raise Refused(f"{name.replace('_', ' ')}: {len(value)} characters, {widths[name]} can be held")
    return values
