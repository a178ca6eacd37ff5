"""Records that nobody here wrote: every set of them adds up, comes in once, and verifies in the audit."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from hmis.consultations.models import Consultation
from hmis.core.access import Actor
from hmis.core.db import Row
from hmis.core.history import ImportItem, ImportLeftover
from hmis.core.store import Store
from hmis.core.trail import seals, verify
from hmis.interop import fhir, measures, service, synthea_csv
from hmis.interop.report import Report
from hmis.patients.models import Patient
from hmis.prescriptions.models import DrugPrescription, Prescription
from hmis.vitals.models import VitalSign

Data = Callable[[str], Path]
Counts = Callable[[], dict[str, int]]


def _manifest(data: Data) -> list[dict[str, str]]:
    with (data("synthea_r4_sample") / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _sum(rows: list[dict[str, str]], column: str) -> int:
    return sum(int(row[column]) for row in rows)


def _ten(data: Data) -> list[Path]:
    """Ten of the sixty bundles: enough where nothing is counted."""
    return sorted((data("synthea_r4_sample") / "bundles").iterdir())[::6]


def _resources(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        for entry in json.loads(gzip.decompress(file.read_bytes()))["entry"]:
            yield entry["resource"]


def _values(files: Iterable[Path]) -> Counter[tuple[str, str]]:
    """Every measured value of the bundles that has a column here, by column and patient."""
    found: Counter[tuple[str, str]] = Counter()
    for resource in _resources(files):
        if resource["resourceType"] == "Observation":
            for part in (resource, *resource.get("component", [])):
                field = measures.FIELDS.get(part["code"]["coding"][0]["code"])
                if field:
                    found[field, resource["subject"]["reference"].removeprefix("urn:uuid:")] += 1
    return found


@pytest.fixture
def sample(store: Store, administrator: Actor, data: Data) -> Report:
    """Ten patients of Synthea, imported."""
    return fhir.import_paths(store, administrator, _ten(data))


def test_sixty_patients_come_in_as_the_manifest_counts_them(
    store: Store, administrator: Actor, data: Data, counts: Counts
) -> None:
    rows, bundles = _manifest(data), data("synthea_r4_sample") / "bundles"
    sample = fhir.import_paths(store, administrator, [bundles])
    assert sample.adds_up, sample.summary()
    assert not sample.files
    assert not sample.refused
    seen = Counter(resource["resourceType"] for resource in _resources(bundles.iterdir()))
    assert sample.seen == seen
    assert seen["Encounter"] == sample.taken["Encounter"] == _sum(rows, "encounters")
    assert seen["Condition"] == sample.taken["Condition"] == _sum(rows, "conditions")
    assert seen["MedicationRequest"] == sample.taken["MedicationRequest"] == _sum(rows, "medication_requests")
    assert sample.not_taken["AllergyIntolerance"] == _sum(rows, "allergies")
    assert sample.not_taken["Procedure"] == _sum(rows, "procedures")
    assert sample.not_taken["Immunization"] == _sum(rows, "immunizations")
    derived = sample.counted["Observation", "body mass index: computed here from height and weight"]
    with store.session(writes=False) as session:
        glucose = session.scalar(select(func.count()).where(VitalSign.glucose_mmol_per_l.is_not(None)))
    assert sample.taken["Observation"] + derived == _sum(rows, "vital_obs") + (glucose or 0)
    there = counts()
    assert there["patients"] == len(rows) == 60
    assert there["consultations"] == _sum(rows, "encounters")
    assert there["diagnoses"] == _sum(rows, "conditions")
    assert there["drug_prescriptions"] == _sum(rows, "medication_requests")
    _each_has_the_chart_the_manifest_says(store, rows)


def _each_has_the_chart_the_manifest_says(store: Store, manifest: list[dict[str, str]]) -> None:
    with store.session(writes=False) as session:
        ids = dict(
            session.execute(
                select(ImportItem.source_id, ImportItem.record_id).where(ImportItem.resource_type == "Patient")
            ).all()
        )
        for row in manifest:
            patient = session.get_one(Patient, ids[row["patient_id"]])
            assert (patient.family_name, patient.given_name) == (row["family"], row["given"])
            assert patient.sex == row["gender"]
            assert patient.born_on is not None
            assert patient.born_on.isoformat() == row["birthDate"]
            assert (patient.deceased_at is None) == (row["deceased"] == "")
            for model, column in ((Consultation, "encounters"), (Prescription, None)):
                mine = select(func.count()).where(model.patient_id == patient.id)
                if column:
                    assert session.scalar(mine) == int(row[column])
            lines = select(func.count()).select_from(DrugPrescription).join(DrugPrescription.prescription)
            assert session.scalar(lines.where(Prescription.patient_id == patient.id)) == int(row["medication_requests"])
            pressures = select(VitalSign).where(
                VitalSign.patient_id == patient.id, VitalSign.systolic_mmhg.is_not(None)
            )
            taken = session.scalars(pressures).all()
            doubted = [v for v in taken if any("no unit in the source" in doubt for doubt in v.doubts or [])]
            assert len(taken) == int(row["bp_complete"]) + int(row["bp_without_unit"])
            assert len(doubted) == int(row["bp_without_unit"])


def test_every_measured_value_is_stored_exactly_once(sample: Report, store: Store, data: Data) -> None:
    expected = _values(_ten(data))
    stored: Counter[tuple[str, str]] = Counter()
    with store.session(writes=False) as session:
        whose = {
            record_id: source_id
            for source_id, record_id in session.execute(
                select(ImportItem.source_id, ImportItem.record_id).where(ImportItem.resource_type == "Patient")
            )
        }
        for vital_sign in session.scalars(select(VitalSign)):
            for field in {field for field, _ in expected}:
                if getattr(vital_sign, field) is not None:
                    stored[field, whose[vital_sign.patient_id]] += 1
    assert stored == expected


def test_all_of_one_encounter_stays_together(sample: Report, store: Store, data: Data) -> None:
    """Each imported diagnosis, measurement and order hangs on the consultation its encounter became."""
    with store.session(writes=False) as session:
        items = {
            (kind, id): record_id
            for kind, id, record_id in session.execute(
                select(ImportItem.resource_type, ImportItem.source_id, ImportItem.record_id)
            )
        }
        measured = dict(session.execute(select(VitalSign.id, VitalSign.consultation_id)).all())
        lines = session.scalars(select(DrugPrescription).options(joinedload(DrugPrescription.prescription)))
        ordered = {line.id: line.prescription.consultation_id for line in lines}
        meetings = session.scalars(select(Consultation).options(joinedload(Consultation.diagnoses))).unique()
        diagnosed = {diagnosis.id: meeting.id for meeting in meetings for diagnosis in meeting.diagnoses}
    where: dict[str, dict[Any, Any]] = {"Observation": measured, "MedicationRequest": ordered, "Condition": diagnosed}
    checked = 0
    for resource in _resources(_ten(data)):
        kind = resource["resourceType"]
        if kind in where and (kind, resource["id"]) in items:
            meeting = items["Encounter", resource["encounter"]["reference"].removeprefix("urn:uuid:")]
            assert where[kind][items[kind, resource["id"]]] == meeting
            checked += 1
    assert checked == sum(sample.taken[kind] for kind in where)


def test_the_audit_of_an_import_verifies(sample: Report, store: Store) -> None:
    seals.seal_all(store, older_than=timedelta(0), horizon=None)  # the staff was taken on at midnight
    assert verify.verify(store).findings == []


def test_patients_come_in_once_and_go_out_again(
    sample: Report, store: Store, administrator: Actor, data: Data, counts: Counts
) -> None:
    before = counts()
    again = fhir.import_paths(store, administrator, _ten(data))
    assert again.adds_up
    assert again.batch_id is None
    assert again.taken.total() == 0
    assert counts() == before
    assert sample.batch_id is not None
    withdrawn = service.undo(store, administrator, sample.batch_id)
    assert (
        withdrawn
        == sum(before[name] for name in ("consultations", "vital_signs", "prescriptions"))
        + (before["prescription_progress"])
    )
    with store.session(writes=False) as session:
        assert session.scalar(select(func.count()).where(Patient.set_aside_at.is_(None))) == 0
        for model in (Consultation, VitalSign, Prescription):
            assert session.scalar(select(func.count()).where(model.voided_at.is_(None))) == 0
    once_more = fhir.import_paths(store, administrator, _ten(data))
    assert once_more.adds_up
    assert once_more.taken == sample.taken - Counter(Practitioner=sample.taken["Practitioner"])
    seals.seal_all(store, older_than=timedelta(0), horizon=None)  # the staff was taken on at midnight
    assert verify.verify(store).findings == []


def test_the_examples_of_hl7_come_in_without_a_stumble(
    store: Store, administrator: Actor, data: Data, counts: Counts
) -> None:
    folder = data("fhir_r4_examples_subset")
    report = fhir.import_paths(store, administrator, [folder])
    assert report.adds_up, report.summary()
    assert report.seen.total() == 432
    assert [line.file for line in report.files] == ["PROVENANCE.md"]
    assert {line.why for line in report.refused if line.kind == "Patient"} == {"an animal"}
    assert report.taken["Patient"] == 258
    assert not [line for line in report.refused if line.kind == "Practitioner"]
    before = counts()
    again = fhir.import_paths(store, administrator, [folder])
    assert again.adds_up
    assert again.batch_id is None
    assert counts() == before
    with store.session(writes=False) as session:
        pounds = session.scalars(select(VitalSign).where(VitalSign.weight_kg.is_not(None))).one()
    assert pounds.weight_kg == Decimal("83.915")  # 185 lb


@pytest.fixture
def csv_sample(store: Store, administrator: Actor, data: Data) -> Report:
    """The 27 patients of Synthea's CSV, imported."""
    return synthea_csv.import_folder(store, administrator, data("synthea_csv_27"))


def _table(data: Data, name: str) -> list[dict[str, str]]:
    with (data("synthea_csv_27") / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_twenty_seven_patients_come_in_from_csv(csv_sample: Report, store: Store, data: Data, counts: Counts) -> None:
    report = csv_sample
    assert report.adds_up, report.summary()
    assert not report.refused
    there = counts()
    for kind, table, name in (
        ("Patient", "patients", "patients"),
        ("Encounter", "consultations", "encounters"),
        ("Condition", "diagnoses", "conditions"),
        ("MedicationRequest", "drug_prescriptions", "medications"),
        ("Practitioner", None, "providers"),
    ):
        rows = len(_table(data, name))
        assert report.seen[kind] == report.taken[kind] == rows
        assert table is None or there[table] == rows
    assert report.not_taken["AllergyIntolerance"] == len(_table(data, "allergies")) == 40
    assert report.seen["claims_transactions"] == report.not_taken["claims_transactions"] == 5228
    with store.session(writes=False) as session:
        for row in _table(data, "observations"):
            field = measures.FIELDS.get(row["CODE"])
            if field in ("weight_kg", "height_cm"):
                value = Decimal(row["VALUE"])
                assert session.scalar(select(func.count()).where(getattr(VitalSign, field) == value)), row
        kept = session.scalars(select(ImportLeftover).where(ImportLeftover.resource_type == "AllergyIntolerance")).all()
        assert len(kept) == 40
        assert all(
            left.patient_id and "REACTION1" in (left.payload or "") for left in kept if "Latex" in str(left.payload)
        )


def test_csv_comes_in_once_and_goes_out_again(
    csv_sample: Report, store: Store, administrator: Actor, data: Data, counts: Counts
) -> None:
    before = counts()
    again = synthea_csv.import_folder(store, administrator, data("synthea_csv_27"))
    assert again.adds_up
    assert again.batch_id is None
    assert counts() == before
    assert csv_sample.batch_id is not None
    service.undo(store, administrator, csv_sample.batch_id)
    once_more = synthea_csv.import_folder(store, administrator, data("synthea_csv_27"))
    assert once_more.taken == csv_sample.taken - Counter(Practitioner=166)


def test_every_imported_row_says_where_it_is_from(sample: Report, store: Store) -> None:
    with store.session(writes=False) as session:
        for mapper in Row.registry.mappers:
            table: Any = mapper.local_table
            if mapper.inherits is None and {"batch_id", "source"} <= set(table.columns.keys()):
                unmarked = select(func.count()).where(table.c.batch_id.is_not(None), table.c.source.is_(None))
                assert session.scalar(unmarked) == 0, table.name
