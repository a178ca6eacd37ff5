"""Synthea's CSV: rows told in the words of FHIR, whatever release wrote them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hmis.consultations.models import Consultation, Diagnosis
from hmis.core.access import Actor
from hmis.core.history import ImportLeftover
from hmis.core.store import Store
from hmis.interop import synthea_csv
from hmis.interop.report import Report
from hmis.patients.models import Identifier, Patient
from hmis.prescriptions.models import DrugPrescription
from hmis.vitals.models import VitalSign

PATIENTS = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,FIRST,LAST,MAIDEN,MARITAL,GENDER,ADDRESS,CITY,STATE,COUNTY,ZIP\n"
    "p1,1990-03-12,,999-1,,,Ada,Okafor,Nwosu,M,F,12 Zik Avenue,Enugu,Enugu,Enugu North,400001\n"
)
ENCOUNTERS = """Id,START,STOP,PATIENT,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION
e1,2020-05-04T09:00:00Z,2020-05-04T09:30:00Z,p1,d1,wellness,1,Check up,2,Malaria
"""
PROVIDERS = "Id,NAME,GENDER\nd1,Ngozi Eze,F\n"
CONDITIONS = """START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION
2020-05-04,2020-05-20,p1,e1,61462000,Malaria
2020-05-04,,p1,e1,271737000,Anemia
"""
OBSERVATIONS = """DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,VALUE,UNITS,TYPE
2020-05-04T09:05:00Z,p1,e1,8867-4,Heart rate,80,/min,numeric
2020-05-04T09:05:00Z,p1,e1,8867-4,Heart rate,96,/min,numeric
2020-05-04T09:05:00Z,p1,e1,8867-4,Heart rate,96,/min,numeric
2020-05-04T09:05:00Z,p1,,9279-1,Respiratory rate,nan,/min,numeric
2020-05-04T09:05:00Z,p1,e1,2093-3,Cholesterol,180,mg/dL,numeric
"""
MEDICATIONS = """START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION,DISPENSES
2020-05-04T09:20:00Z,2020-05-07T00:00:00Z,p1,e1,847728,Artemether / Lumefantrine,61462000,Malaria,1
"""
ALLERGIES = """START,STOP,PATIENT,ENCOUNTER,CODE,SYSTEM,DESCRIPTION,TYPE,REACTION1
2009-09-27,,p1,e1,7980,RxNorm,Penicillin,allergy,39579001
"""
ALL = {
    "allergies.csv": ALLERGIES,
    "conditions.csv": CONDITIONS,
    "encounters.csv": ENCOUNTERS,
    "medications.csv": MEDICATIONS,
    "observations.csv": OBSERVATIONS,
    "patients.csv": PATIENTS,
    "procedures.csv": "DATE,PATIENT\n2020-05-04,p1\n",
    "providers.csv": PROVIDERS,
}

Stored = Callable[..., list[Any]]
Fetch = Callable[..., Report]


@pytest.fixture
def fetch(store: Store, administrator: Actor, tmp_path: Path) -> Fetch:
    """Import these files as one folder."""

    def go(files: dict[str, str | bytes]) -> Report:
        folder = tmp_path / "csv"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        report = synthea_csv.import_folder(store, administrator, folder)
        assert report.adds_up, report.summary()
        return report

    return go


def test_a_visit_is_told_by_seven_files(fetch: Fetch, stored: Stored) -> None:
    report = fetch({**ALL})
    assert not report.files
    [person] = stored(Patient)
    assert (person.name, person.marital_status, person.lga) == ("Ada Okafor", "married", "Enugu North")
    assert {(n.system, n.value) for n in stored(Identifier)} == {("http://hl7.org/fhir/sid/us-ssn", "999-1")}
    [meeting] = stored(Consultation)
    assert meeting.presenting_complaint == "Malaria\nCheck up; wellness"
    assert meeting.past_medical_history == "Malaria: until 2020-05-20; resolved"
    assert [d.text for d in sorted(stored(Diagnosis), key=lambda d: d.rank)] == ["Malaria", "Anemia"]
    assert sorted(v.pulse_per_min for v in stored(VitalSign)) == [80, 96]
    [line] = stored(DrugPrescription)
    assert line.instructions == "stopped in the source; for Malaria; until 2020-05-07T00:00:00Z"
    assert report.there == {"Observation": 1}
    assert [str(line) for line in report.refused] == [
        "not taken: Observation p1||9279-1|2020-05-04T09:05:00Z (observations.csv): respirations: 'nan' is not a number"
    ]
    kept = [left for left in stored(ImportLeftover) if left.resource_type == "AllergyIntolerance"]
    assert json.loads(kept[0].payload)["REACTION1"] == "39579001"
    assert kept[0].patient_id == person.id
    assert report.parts["MedicationRequest", "DISPENSES"] == 1


def test_a_second_run_adds_nothing(fetch: Fetch, counts: Callable[[], dict[str, int]]) -> None:
    fetch({**ALL})
    before = counts()
    assert fetch({**ALL}).batch_id is None
    assert counts() == before


def test_a_row_that_changed_is_told(fetch: Fetch, stored: Stored) -> None:
    fetch({**ALL})
    report = fetch({**ALL, "conditions.csv": CONDITIONS.replace("2020-05-04,,", "2020-05-04,2020-06-01,")})
    assert [line.why.split(";")[0] for line in report.refused if line.kind == "Condition"] == [
        "changed in the source since it was imported"
    ]
    assert len(stored(Diagnosis)) == 2


@pytest.mark.parametrize(
    ("name", "content", "place", "why"),
    [
        ("patients.csv", "Id,FIRST\np1,Ada\n", "patients.csv", "has no column"),
        ("patients.csv", "", "patients.csv", "names no columns"),
        ("patients.csv", "Id,Id\n1,2\n", "patients.csv", "or one twice"),
        ("procedures.csv", "A,B\n1,2\n1\n1,2\n", "procedures.csv line 3", "has 1 fields, not 2"),
        ("procedures.csv", "A,B\n1,a\0b\n", "procedures.csv line 2", "NUL"),
        ("procedures.csv", b"A,B\n1,\xff\n", "procedures.csv", "not UTF-8"),
        ("procedures.csv", 'A,B\n1,"2\n', "procedures.csv", "not CSV from line"),
        ("procedures.csv", gzip.compress(b"A,B\n1,2\n", mtime=0)[:-6], "procedures.csv", "damaged"),
        ("LICENSE.txt", "free", "LICENSE.txt", "does not end in .csv"),
    ],
)
def test_a_broken_file_is_one_line_of_the_report(
    fetch: Fetch, name: str, content: str | bytes, place: str, why: str
) -> None:
    report = fetch({name: content})
    [line] = report.files
    assert line.file == place
    assert why in line.why


def test_a_packed_folder_is_read_too(fetch: Fetch) -> None:
    report = fetch({f"{name}.gz": gzip.compress(content.encode(), mtime=0) for name, content in ALL.items()})
    assert report.taken["Patient"] == 1
    assert report.taken["Observation"] == 2
