"""Taking FHIR resources off the pile again: staff, products, then each patient with the whole chart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from hmis.core.store import Store
from hmis.interop import resources
from hmis.interop.elements import Json, part, parts, said, text
from hmis.interop.pile import Pile, Target, Thing
from hmis.interop.resources import Around
from hmis.interop.source import (
    Origin,
    Refused,
    SourceChart,
    SourceDrug,
    SourceEncounter,
    SourceMeasurement,
    SourceStaff,
    When,
)
from hmis.interop.writing import LATER, NO_HOME, Writer

OF_A_PATIENT = {
    "Patient": "",
    "Encounter": "subject",
    "Condition": "subject",
    "Observation": "subject",
    "MedicationRequest": "subject",
    "AllergyIntolerance": "patient",
}
"""Resources that belong into a chart, in the order they are read there, and the element that says into whose."""
DERIVED = "body mass index: computed here from height and weight"


class Sorting:
    """What was laid on a pile, handed to a writer in the order that it needs."""

    def __init__(self, pile: Pile, writer: Writer, store: Store) -> None:
        self.pile, self.writer = pile, writer
        self.region = store.settings.phone_region
        self.zone = ZoneInfo(store.settings.time_zone)
        self.parts = writer.report.parts
        self.refused: list[tuple[Origin, str]] = []

    def write(self) -> None:
        self.writer.staff(self._staff())
        self.writer.drugs(self._drugs())
        self._give()
        self.writer.charts(map(self._chart, self.pile.owners()))
        self.writer.refuse(self.refused)

    def _staff(self) -> Iterator[SourceStaff]:
        for thing in self.pile.things("Practitioner"):
            try:
                resource = json.loads(thing.body)
                yield resources.practitioner(_as_origin(thing), resource)
                self._count_beyond(thing, resource)
            except (Refused, RecursionError) as error:
                self._refuse(thing, error)
        for thing in self.pile.things("PractitionerRole"):
            self.writer.report.counted[thing.kind, NO_HOME] += 1

    def _drugs(self) -> Iterator[tuple[Origin, SourceDrug]]:
        for thing in self.pile.things("Medication"):
            try:
                resource = json.loads(thing.body)
                yield _as_origin(thing), resources.medication(resource, thing.id)
                self._count_beyond(thing, resource)
            except (Refused, RecursionError) as error:
                self._refuse(thing, error)

    def _refuse(self, thing: Thing, error: Exception) -> None:
        self.refused.append((_as_origin(thing), str(error) if isinstance(error, Refused) else "nested too deeply"))

    def _count_beyond(self, thing: Thing, resource: Json) -> None:
        self.parts.update((thing.kind, element) for element in resources.beyond(thing.kind, resource))

    def _give(self) -> None:
        """Say of each thing whose it is; refuse what is nobody's."""
        owned: list[tuple[str, int]] = []
        for thing in self.pile.things(*OF_A_PATIENT):
            try:
                owned.append((self._owner(thing), thing.seq))
            except (Refused, RecursionError) as error:
                self._refuse(thing, error)
        self.pile.give(iter(owned))

    def _owner(self, thing: Thing) -> str:
        element = OF_A_PATIENT[thing.kind]
        if not element:
            return thing.id
        reference = part(json.loads(thing.body), element)
        target = self._follow(thing, "Patient", reference)
        if target is None:
            raise Refused("says not whose it is")
        if target.kind != "Patient":
            raise Refused(f"about a {target.kind}, not about a patient")
        if target.differs:
            raise Refused(f"its patient was not taken: another Patient/{target.id} was read before")
        return target.id

    def _follow(self, thing: Thing, kind: str, reference: Json) -> Target | None:
        """What a reference means: a `kind`, where it does not say itself."""
        told = text(reference, "reference")
        if told is None:
            number = part(reference, "identifier")
            value, named = text(number, "value"), text(reference, "type") or kind
            told = value and f"{named}?identifier={text(number, 'system') or ''}|{value}"
        if not told or told.startswith("#"):
            return None
        url = thing.url or ""
        base = url.rsplit("/", 2)[0] if url.startswith("http") else None
        return self.pile.resolve(told, kind, thing.document, base)

    def _around(self, thing: Thing, resource: Json) -> Around:
        return Around(
            self.region,
            self.zone,
            partial(self._who, thing),
            partial(self._where, thing),
            partial(self._which, thing, resource),
        )

    def _who(self, thing: Thing, reference: Json) -> str | None:
        target = self._follow(thing, "Practitioner", reference)
        if target is not None and target.kind == "PractitionerRole":
            role = self.pile.one(target.kind, target.id)
            target = self._follow(role, "Practitioner", part(json.loads(role.body), "practitioner")) if role else None
        return target.id if target and target.kind == "Practitioner" and not target.differs else None

    def _where(self, thing: Thing, reference: Json) -> str | None:
        target = self._follow(thing, "Encounter", reference)
        return target.id if target and target.kind == "Encounter" and not target.differs else None

    def _which(self, thing: Thing, resource: Json, reference: Json) -> SourceDrug:
        told = text(reference, "reference")
        if told and told.startswith("#"):
            inside = (c for c in parts(resource, "contained") if c.get("id") == told[1:])
            product = next(inside, None)
            if product is None:
                raise Refused(f"the drug {told} is not in it")
            return resources.medication(product, None)
        target = self._follow(thing, "Medication", reference)
        if target is None or target.kind != "Medication" or target.differs:
            raise Refused("names no drug")
        found = self.pile.one("Medication", target.id)
        if found is not None:
            return resources.medication(json.loads(found.body), found.id)
        return SourceDrug(text(reference, "display") or f"Medication/{target.id}", None, None, None, target.id)

    def _chart(self, patient_id: str) -> SourceChart:
        """All that was laid on the pile for one patient."""
        chart = SourceChart(patient_id)
        listed: dict[str, str] = {}
        """Condition -> the encounter that lists it."""
        indices: list[tuple[Thing, str | None, When]] = []
        for thing in sorted(self.pile.of(patient_id), key=lambda t: (_READ_IN[t.kind], t.seq)):
            try:
                resource = json.loads(thing.body)
                self._add(chart, thing, resource, listed, indices)
            except (Refused, RecursionError) as error:
                reason = str(error) if isinstance(error, Refused) else "nested too deeply"
                chart.kept.append((_as_origin(thing), reason))
                if thing.kind == "Patient":
                    chart.no_patient = f"its patient was not taken: {reason}"
        self._derive(chart, indices)
        return chart

    def _add(
        self,
        chart: SourceChart,
        thing: Thing,
        resource: Json,
        listed: dict[str, str],
        indices: list[tuple[Thing, str | None, When]],
    ) -> None:
        origin, around = _as_origin(thing), self._around(thing, resource)
        match thing.kind:
            case "Patient":
                chart.patient = resources.patient(origin, resource, around)
            case "Encounter":
                chart.encounters.append(self._encounter(thing, resource, around, listed))
            case "Condition":
                diagnosis = resources.condition(origin, resource, around)
                diagnosis.encounter = diagnosis.encounter or listed.get(thing.id)
                chart.diagnoses.append(diagnosis)
            case "Observation" if not resources.is_vital(resource):
                where = around.where(part(resource, "encounter"))
                indices.append((thing, where, resources.observed_at(resource, self.zone)))
                return
            case "Observation":
                chart.measurements.append(resources.observation(origin, resource, around))
            case "MedicationRequest":
                order = resources.order(origin, resource, around)
                order.notes += self._reasons(thing, resource)
                chart.orders.append(order)
            case _:
                chart.kept.append((origin, LATER))
                return
        self._count_beyond(thing, resource)

    def _encounter(self, thing: Thing, resource: Json, around: Around, listed: dict[str, str]) -> SourceEncounter:
        encounter = resources.encounter(_as_origin(thing), resource, around)
        for reference in resources.diagnosed_in(resource):
            target = self._follow(thing, "Condition", reference)
            if target is not None and target.kind == "Condition" and not target.differs:
                listed.setdefault(target.id, thing.id)
        return encounter

    def _reasons(self, thing: Thing, resource: Json) -> Iterator[str]:
        """What a drug was ordered for, where another resource says it."""
        for reference in parts(resource, "reasonReference"):
            target = self._follow(thing, "Condition", reference)
            found = self.pile.one(target.kind, target.id) if target and not target.differs else None
            words = said(part(json.loads(found.body), "code")) if found else text(reference, "display")
            if words:
                yield f"for {words}"

    def _derive(self, chart: SourceChart, indices: list[tuple[Thing, str | None, When]]) -> None:
        """A body mass index is dropped beside height and weight of the same moment, and kept whole without them."""
        measured: dict[tuple[str | None, Any], set[str]] = {}
        for told in chart.measurements:
            measured.setdefault(_moment_of(told), set()).update(told.values)
        for thing, encounter, when in indices:
            if {"height_cm", "weight_kg"} <= measured.get((encounter, when.at), set()):
                self.writer.report.counted["Observation", DERIVED] += 1
            else:
                chart.kept.append((_as_origin(thing), "body mass index without height and weight beside it"))


_READ_IN = {kind: number for number, kind in enumerate(OF_A_PATIENT)}


def _moment_of(told: SourceMeasurement) -> tuple[str | None, Any]:
    return told.encounter, told.when.at


def _as_origin(thing: Thing) -> Origin:
    return Origin(thing.file, thing.kind, thing.id, thing.content, thing.body)
