"""Imported history in the hospital: it is read like any record, nobody changes it, and it goes out only untouched."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hmis.core.access import Actor
from hmis.core.errors import Conflict, NotPermitted
from hmis.core.store import Store
from hmis.formulary.models import Drug
from hmis.interop import fhir, service
from hmis.interop.report import Report
from hmis.patients.models import Patient
from hmis.prescriptions.models import PrescriptionProgress, ProgressState
from hmis.staff.models import Staff
from tests.conftest import Person
from tests.interop.fhir_words import Json, bundle, condition, encounter, observation, order, patient, practitioner

Bring = Callable[..., Report]
Stored = Callable[..., list[Any]]
AT_VISIT: Json = {"encounter": {"reference": "Encounter/visit"}}


def items(who: Person, path: str, **query: str) -> list[Json]:
    """What a list answers."""
    answer = who.get(path, **query)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.get_json()["items"]
    return found


@pytest.fixture
def brought(bring: Bring) -> Report:
    """One patient with one visit."""
    return bring(
        patient(),
        practitioner(),
        encounter(participant=[{"individual": {"reference": "Practitioner/eze"}}]),
        condition(**AT_VISIT),
        observation("pulse", "8867-4", 80, "/min", **AT_VISIT),
        order(**AT_VISIT),
    )


@pytest.fixture
def ada(brought: Report, stored: Stored) -> str:
    return str(stored(Patient)[0].id)


def test_a_doctor_reads_imported_history_like_any_other(doctor: Person, ada: str) -> None:
    [meeting] = items(doctor, f"/patients/{ada}/consultations")
    assert meeting["occurred_at"] == "2020-05-04T09:00:00Z"
    assert meeting["source"] == "FHIR: Encounter/visit"
    assert meeting["author"]["name"] == "Ngozi Eze"
    assert meeting["diagnoses"][0]["text"] == "Malaria"
    assert meeting["locks_at"] == meeting["created_at"]
    [measured] = items(doctor, f"/patients/{ada}/vitals")
    assert (measured["pulse_per_min"], measured["news2"]) == (80, None)
    [prescribed] = items(doctor, f"/patients/{ada}/prescriptions")
    assert prescribed["state"] == "history"
    assert doctor.get(f"/patients/{ada}/chart").status_code == 200
    kinds = {entry["kind"] for entry in items(doctor, f"/patients/{ada}/timeline")}
    assert len(kinds) == 3


def test_nobody_changes_it_and_anybody_who_may_adds_to_it(doctor: Person, ada: str) -> None:
    [meeting] = items(doctor, f"/patients/{ada}/consultations")
    path = f"/patients/{ada}/consultations/{meeting['id']}"
    assert doctor.put(path, {"plan": "changed"}).status_code == 403
    assert doctor.delete(path, reason="not mine").status_code == 403
    assert doctor.post(f"{path}/addenda", {"kind": "late_information", "text": "G6PD deficient"}).status_code == 201


def test_it_waits_for_nobody_in_the_pharmacy(pharmacist: Person, ada: str) -> None:
    assert items(pharmacist, "/prescriptions", state="waiting") == []


def _consult(doctor: Person, ada: str) -> None:
    assert doctor.post(f"/patients/{ada}/consultations", {"plan": "rest"}).status_code == 201


def _amend(doctor: Person, ada: str) -> None:
    [measured] = items(doctor, f"/patients/{ada}/vitals")
    addendum = {"kind": "correction", "text": "It was 88"}
    assert doctor.post(f"/patients/{ada}/vitals/{measured['id']}/addenda", addendum).status_code in (201, 403)
    _consult(doctor, ada)


@pytest.mark.parametrize("happened", [_consult, _amend])
def test_once_somebody_built_on_it_the_import_stays(
    store: Store, administrator: Actor, brought: Report, stored: Stored, doctor: Person, ada: str, happened: Any
) -> None:
    happened(doctor, ada)
    assert brought.batch_id is not None
    with pytest.raises(Conflict, match="1 consultations"):
        service.undo(store, administrator, brought.batch_id)
    assert stored(Patient)[0].set_aside_at is None


def test_an_import_nobody_touched_goes_out_and_can_come_again(
    store: Store,
    administrator: Actor,
    brought: Report,
    bring: Bring,
    stored: Stored,
    doctor: Person,
    recordofficer: Person,
    ada: str,
) -> None:
    assert brought.batch_id is not None
    service.undo(store, administrator, brought.batch_id)
    assert doctor.get(f"/patients/{ada}").status_code == 404
    assert items(recordofficer, "/patients", q="okafor") == []
    [drug] = stored(Drug)
    assert drug.retired_at is not None
    assert [progress.state for progress in stored(PrescriptionProgress)] == [ProgressState.VOIDED]
    assert len([person for person in stored(Staff) if person.batch_id]) == 1
    again = bring(patient(), practitioner(), encounter(), order(**AT_VISIT))
    assert again.taken == {"Patient": 1, "Encounter": 1, "MedicationRequest": 1}
    assert again.there == {"Practitioner": 1}
    assert len(items(recordofficer, "/patients", q="okafor")) == 1
    assert len([drug for drug in stored(Drug) if drug.retired_at is None]) == 1


def test_a_drug_in_use_keeps_its_import(
    store: Store, administrator: Actor, brought: Report, stored: Stored, doctor: Person, register: Any
) -> None:
    """A doctor prescribes, to somebody else, a drug that the import brought."""
    somebody = register()["id"]
    meeting = doctor.post(f"/patients/{somebody}/consultations", {"plan": "treat"}).get_json()["id"]
    line = {"drug_id": str(stored(Drug)[0].id), "dose": 4, "dose_unit": "tablet", "frequency": "bd", "duration_days": 3}
    answer = doctor.post(
        f"/patients/{somebody}/consultations/{meeting}/prescription",
        {"drugs": [{**line, "quantity": 24, "route": "oral", "confirmed": True}]},
    )
    assert answer.status_code == 201, answer.text
    assert brought.batch_id is not None
    with pytest.raises(Conflict, match="1 drug prescriptions"):
        service.undo(store, administrator, brought.batch_id)


def test_only_an_administrator_takes_an_import_out(
    store: Store, acting: Callable[[str], Actor], brought: Report
) -> None:
    assert brought.batch_id is not None
    for username in ("doctor", "recordofficer"):
        with pytest.raises(NotPermitted):
            service.undo(store, acting(username), brought.batch_id)


def test_an_administrator_sees_what_came_and_what_did_not(store: Store, bring: Bring, brought: Report) -> None:
    second = bring(encounter("cancelled", status="cancelled"), patient())
    with store.session(writes=False) as session:
        assert [batch.id for batch in service.batches(session)] == [second.batch_id, brought.batch_id]
        assert second.batch_id is not None
        [left] = service.leftovers(session, second.batch_id)
        assert (left.resource_type, left.source_id, left.file) == ("Encounter", "cancelled", "bundle.json")


def test_two_imports_of_the_same_data_at_once_double_nothing(
    store: Store, administrator: Actor, counts: Callable[[], dict[str, int]], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("hmis.interop.writing.CHUNK", 4)
    told = [practitioner()]
    for n in range(12):
        subject = {"reference": f"Patient/p{n}"}
        told += [patient(f"p{n}"), encounter(f"e{n}", f"Patient/p{n}"), order(f"o{n}", f"Patient/p{n}")]
        told += [observation(f"v{n}", "8867-4", 80, "/min", subject=subject)]
    (tmp_path / "all.json").write_text(json.dumps(bundle(*told)))

    def run(_: int) -> Report:
        return fhir.import_paths(store, administrator, [tmp_path / "all.json"])

    def run_three() -> None:
        with ThreadPoolExecutor(3) as pool:
            reports = list(pool.map(run, range(3)))
        assert all(report.adds_up for report in reports)
        assert sum(report.taken["Patient"] for report in reports) == 12

    run_three()
    there = counts()
    assert (there["patients"], there["vital_signs"], there["drug_prescriptions"], there["drugs"]) == (12, 12, 12, 1)
    with store.session(writes=False) as session:
        batches = [batch.id for batch in service.batches(session)]
    for batch_id in batches:
        service.undo(store, administrator, batch_id)
    run_three()
    there = counts()
    assert (there["patients"], there["vital_signs"], there["drug_prescriptions"], there["drugs"]) == (24, 24, 24, 2)
