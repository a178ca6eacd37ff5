"""What a FHIR resource becomes here, and what does not come in."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import joinedload

from hmis.consultations.models import Certainty, Consultation, Diagnosis
from hmis.core import clock
from hmis.core.access import Actor, Role
from hmis.core.errors import Invalid, NotPermitted
from hmis.core.history import ImportItem, ImportLeftover
from hmis.core.store import Store
from hmis.formulary.models import Drug
from hmis.interop import fhir
from hmis.interop.report import Report
from hmis.patients import service as patients
from hmis.patients.models import BirthPrecision, Identifier, Patient, PatientName
from hmis.patients.schemas import PatientQuery
from hmis.prescriptions.models import DrugPrescription, Prescription, PrescriptionProgress, ProgressState
from hmis.staff.models import Staff
from hmis.vitals.models import VitalSign
from tests.interop.fhir_words import (
    LOINC,
    RXNORM,
    Json,
    bundle,
    concept,
    condition,
    encounter,
    observation,
    order,
    patient,
    practitioner,
    pressure,
)

Bring = Callable[..., Report]
Stored = Callable[..., list[Any]]
Acting = Callable[[str], Actor]

BY_EZE: Json = {"participant": [{"individual": {"reference": "Practitioner/eze"}}]}
AT_VISIT: Json = {"encounter": {"reference": "Encounter/visit"}}


def visit() -> list[Json]:
    """One visit with everything that is taken."""
    return [
        patient(),
        practitioner(),
        encounter(reasonCode=[{"text": "Fever for three days"}], type=[{"text": "Outpatient"}], **BY_EZE),
        condition(**AT_VISIT),
        pressure("bp", 122, 78, **AT_VISIT),
        observation("temperature", "8310-5", 38.7, "Cel", **AT_VISIT),
        observation("weight", "29463-7", 61.25, "kg", **AT_VISIT),
        order(**AT_VISIT),
    ]


def test_a_visit_becomes_a_consultation_with_all_that_belongs_to_it(bring: Bring, stored: Stored) -> None:
    report = bring(*visit())
    assert report.not_taken.total() == 0
    [meeting] = stored(Consultation, joinedload(Consultation.diagnoses), joinedload(Consultation.author))
    assert meeting.presenting_complaint == "Fever for three days\nOutpatient; AMB"
    assert meeting.occurred_at == datetime(2020, 5, 4, 9, tzinfo=UTC)
    assert meeting.author.name == "Ngozi Eze"
    assert meeting.source == "FHIR: Encounter/visit"
    [malaria] = meeting.diagnoses
    assert (malaria.text, malaria.code, malaria.code_system) == ("Malaria", "61462000", "http://snomed.info/sct")
    assert malaria.certainty is Certainty.CONFIRMED
    [measured] = stored(VitalSign)
    assert (measured.systolic_mmhg, measured.diastolic_mmhg) == (122, 78)
    assert (measured.temperature_celsius, measured.weight_kg) == (Decimal("38.7"), Decimal("61.250"))
    assert measured.consultation_id == meeting.id
    assert measured.author_id == meeting.author_id
    assert measured.doubts is None
    [prescription] = stored(
        Prescription,
        joinedload(Prescription.lines).joinedload(DrugPrescription.drug),
        joinedload(Prescription.progress),
    )
    assert prescription.consultation_id == meeting.id
    assert prescription.progress.state is ProgressState.HISTORY
    assert prescription.lines[0].drug.code_system == RXNORM
    assert prescription.lines[0].quantity is None


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_resources_does_not_matter(bring: Bring, stored: Stored, seed: int) -> None:
    shuffled = next(itertools.islice(itertools.permutations(reversed(visit())), seed * 997, None))
    report = bring(*shuffled)
    assert report.not_taken.total() == 0
    assert stored(VitalSign)[0].consultation_id == stored(Consultation)[0].id == stored(Prescription)[0].consultation_id


def test_files_split_by_kind_come_together(bring: Bring, stored: Stored) -> None:
    """Bulk export writes one file for each kind of resource, and the alphabet puts Condition before Patient."""
    files: dict[str, str] = {}
    for resource in visit():
        name = f"{resource['resourceType']}.ndjson"
        files[name] = f"{files.get(name, '')}{json.dumps(resource)}\n"
    report = bring(files=files)
    assert report.not_taken.total() == 0
    assert len(stored(VitalSign)) == 1


def test_a_second_run_adds_nothing(bring: Bring, counts: Callable[[], dict[str, int]]) -> None:
    first = bring(*visit(), encounter("cancelled", status="cancelled"))
    before = counts()
    second = bring(*visit(), encounter("cancelled", status="cancelled"))
    assert counts() == before
    assert second.batch_id is None
    assert second.there == first.taken
    assert second.refused == first.refused


def test_what_comes_later_joins_what_came_before(bring: Bring, stored: Stored) -> None:
    told = visit()
    bring(*told[:3])
    bring(told[4], told[7])
    assert stored(VitalSign)[0].consultation_id == stored(Consultation)[0].id
    [prescription] = stored(Prescription)
    assert prescription.patient_id == stored(Patient)[0].id
    assert prescription.consultation_id != stored(Consultation)[0].id  # the first is locked


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("urn:uuid:5d7c8dc7-7f62-4d3e-9d1b-4a6f5f3c2b10", "urn:uuid:5d7c8dc7-7f62-4d3e-9d1b-4a6f5f3c2b10"),
        ("Patient/ada", "http://hospital.example/fhir/Patient/ada"),
        ("Patient/ada/_history/3", None),
        ("http://hospital.example/fhir/Patient/ada", "http://hospital.example/fhir/Patient/ada"),
        ("http://hospital.example/fhir/Patient/ada", None),
        ("Patient?identifier=http://hospital.example/mrn|77", None),
    ],
)
def test_every_kind_of_reference_finds_its_patient(
    bring: Bring, stored: Stored, reference: str, url: str | None
) -> None:
    told = bundle(
        observation("pulse", "8867-4", 80, "/min", subject={"reference": reference}),
        patient(identifier=[{"system": "http://hospital.example/mrn", "value": "77"}]),
    )
    told["entry"][1] |= {"fullUrl": url} if url else {}
    told["entry"][0]["fullUrl"] = "http://hospital.example/fhir/Observation/pulse"
    report = bring(files={"a.json": json.dumps(told)})
    assert report.taken == {"Patient": 1, "Observation": 1}
    assert stored(VitalSign)[0].patient_id == stored(Patient)[0].id


def test_a_reference_by_number_alone_finds_its_patient(bring: Bring) -> None:
    number = {"system": "http://hospital.example/mrn", "value": "77"}
    report = bring(patient(identifier=[number]), observation("p", "8867-4", 80, "/min", subject={"identifier": number}))
    assert report.taken == {"Patient": 1, "Observation": 1}


def test_a_number_two_people_have_means_neither(bring: Bring) -> None:
    number = {"system": "http://hospital.example/mrn", "value": "77"}
    report = bring(
        patient("a", identifier=[number]),
        patient("b", identifier=[number]),
        observation("p", "8867-4", 80, "/min", subject={"identifier": number}),
    )
    assert report.refused[0].why == "says not whose it is"


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ({"reference": "Group/herd"}, "about a Group, not about a patient"),
        ({"reference": "Patient/nobody"}, "is neither among what was read nor here"),
        ({"display": "somebody"}, "says not whose it is"),
        ({}, "says not whose it is"),
    ],
)
def test_what_is_nobodys_is_kept_with_the_reason(
    bring: Bring, stored: Stored, subject: dict[str, str], why: str
) -> None:
    report = bring(patient(), observation("pulse", "8867-4", 80, "/min", subject=subject))
    assert why in report.refused[0].why
    [kept] = [left for left in stored(ImportLeftover) if left.resource_type == "Observation"]
    assert json.loads(kept.payload)["valueQuantity"]["value"] == 80
    assert kept.patient_id is None


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (encounter(status="cancelled"), "did not take place: cancelled"),
        (encounter(status="entered-in-error"), "did not take place"),
        (encounter(status="planned", at="2090-01-01"), "did not take place"),
        (encounter(period={}), "says not when it was"),
        (encounter(at="2020-05"), "not even the day is known"),
        (encounter(at="2090-01-01"), "lies in the future"),
        (encounter(at="1066-10-14"), "is before 1850"),
        (encounter(at="1989-03-12"), "before the patient was born"),
        (encounter(at="2020-02-30T10:00:00Z"), "2020-02-30"),
        (encounter(at="yesterday"), "'yesterday' is not a time"),
        (condition(verificationStatus=concept("entered-in-error"), recordedDate="2020-05-04"), "entered in error"),
        (condition(code={}, recordedDate="2020-05-04"), "says not what it is"),
        (condition(), "says neither when it was nor at which encounter"),
        (condition(code={"text": "x" * 501}, recordedDate="2020-05-04"), "501 characters, 500 can be held"),
        (observation("o", "8867-4", 80, "/min", status="entered-in-error"), "status entered-in-error"),
        (observation("o", "8867-4", 80, "/min", status="cancelled"), "status cancelled"),
        (observation("o", "8867-4", 800, "/min"), "pulse 800: higher than is possible"),
        (observation("o", "8867-4"), "no value"),
        (observation("o", "8867-4", dataAbsentReason={"text": "refused by the patient"}), "no value, refused by"),
        (observation("o", "8867-4", valueQuantity={"value": 200, "comparator": ">"}), "only known to be > 200"),
        (observation("o", "8867-4", 80, "/min", effectiveDateTime=None), "says not when it was measured"),
        (pressure("o", 80, 120), "the diastolic is higher"),
        (pressure("o", 16, 11, None), "no unit in the source"),
        (order(status="entered-in-error"), "status entered-in-error"),
        (order(intent="plan"), "not an order but a plan"),
        (order(doNotPerform=True), "an order not to give the drug"),
        (order(medicationCodeableConcept={}), "names no drug"),
        (order(authoredOn=None), "says neither when it was nor at which encounter"),
        (order(note=[{"text": "x" * 1000}]), "can be held"),
    ],
)
def test_what_cannot_be_taken_is_kept_whole_with_the_reason(
    bring: Bring, stored: Stored, resource: Json, why: str
) -> None:
    report = bring(patient(), resource)
    assert report.taken == {"Patient": 1}
    [line] = report.refused
    assert why in line.why
    [kept] = stored(ImportLeftover)
    assert json.loads(kept.payload) == resource
    assert kept.patient_id == stored(Patient)[0].id


def test_each_value_is_stored_exactly_once(bring: Bring, stored: Stored) -> None:
    """Two readings of one moment do not overwrite each other."""
    bring(
        patient(),
        observation("sitting", "8867-4", 80, "/min"),
        observation("standing", "8867-4", 96, "/min"),
        observation("rate", "9279-1", 16, "/min"),
        observation("later", "8867-4", 84, "/min", effectiveDateTime="2020-05-04T10:00:00Z"),
    )
    sets = stored(VitalSign)
    assert sorted(v.pulse_per_min for v in sets) == [80, 84, 96]
    assert [v.respirations_per_min for v in sets].count(16) == 1
    assert len(sets) == 3


def test_a_panel_loses_only_the_value_that_is_wrong(bring: Bring, stored: Stored) -> None:
    report = bring(patient(), pressure("bp", 122, 900))
    assert report.taken["Observation"] == 1
    assert "diastolic 900" in report.remarks[0].why
    [kept] = stored(ImportLeftover)
    assert kept.reason.startswith("left out: diastolic 900")
    assert stored(VitalSign)[0].systolic_mmhg == 122
    assert stored(VitalSign)[0].diastolic_mmhg is None


def test_a_pressure_without_unit_is_stored_and_marked(bring: Bring, stored: Stored) -> None:
    bring(patient(), pressure("bp", 135.66, 78.44, None))
    [measured] = stored(VitalSign)
    assert (measured.systolic_mmhg, measured.diastolic_mmhg) == (136, 78)
    assert measured.doubts == [
        "systolic 135.66: no unit in the source, taken as mmHg",
        "diastolic 78.44: no unit in the source, taken as mmHg",
    ]


def test_odd_values_of_history_are_marked_not_questioned(bring: Bring, stored: Stored) -> None:
    bring(patient(), observation("pulse", "8867-4", 210, "/min"), observation("note", "9279-1", 16, "/min"))
    assert stored(VitalSign)[0].doubts == ["pulse 210 /min is unusual"]


def test_a_score_is_not_computed_for_the_past(bring: Bring, stored: Stored) -> None:
    bring(*visit())
    assert stored(VitalSign)[0].news2 is None


def test_the_body_mass_index_is_computed_here(bring: Bring, stored: Stored) -> None:
    report = bring(
        patient(),
        observation("h", "8302-2", 170, "cm"),
        observation("w", "29463-7", 61, "kg"),
        observation("bmi", "39156-5", 21.1, "kg/m2"),
        observation("alone", "39156-5", 21.1, "kg/m2", effectiveDateTime="2020-06-01T09:00:00Z"),
    )
    assert stored(VitalSign)[0].bmi == Decimal("21.1")
    assert report.counted == {("Observation", "body mass index: computed here from height and weight"): 1}
    assert report.refused[0].id == "alone"


def test_oxygen_flow_says_whether_oxygen_was_given(bring: Bring, stored: Stored) -> None:
    flow = {"code": {"coding": [{"system": LOINC, "code": "3151-8"}]}, "valueQuantity": {"value": 2, "unit": "L/min"}}
    bring(patient(), observation("sat", "59408-5", 94, "%", component=[flow]))
    [measured] = stored(VitalSign)
    assert (measured.spo2_percent, measured.oxygen, measured.oxygen_litres_per_min) == (94, True, Decimal("2.0"))


@pytest.mark.parametrize(
    ("told", "at", "remark"),
    [
        ("2020-05-04T09:05:00+01:00", datetime(2020, 5, 4, 8, 5, tzinfo=UTC), None),
        ("2020-05-04T09:05:00.123Z", datetime(2020, 5, 4, 9, 5, 0, 123000, tzinfo=UTC), None),
        ("2020-05-04", datetime(2020, 5, 4, 11, tzinfo=UTC), "time of day not known"),  # noon in Lagos
        ("2020-05-04T09:05:00", datetime(2020, 5, 4, 8, 5, tzinfo=UTC), "time zone not told, taken as the hospital's"),
    ],
)
def test_a_moment_keeps_what_is_known_of_it(
    bring: Bring, stored: Stored, told: str, at: datetime, remark: str | None
) -> None:
    bring(patient(), observation("pulse", "8867-4", 80, "/min", effectiveDateTime=told))
    [measured] = stored(VitalSign)
    assert measured.taken_at == at
    assert measured.doubts == ([remark] if remark else None)
    assert (f"({remark})" in measured.source) is bool(remark)


@pytest.mark.parametrize(
    ("told", "born_on", "precision"),
    [
        ("1990-03-12", date(1990, 3, 12), BirthPrecision.DAY),
        ("1990-03", date(1990, 3, 1), BirthPrecision.MONTH),
        ("1990", date(1990, 1, 1), BirthPrecision.YEAR),
        (None, None, None),
        ("1066-10-14", None, None),
        ("2090-01-01", None, None),
        ("spring", None, None),
    ],
)
def test_a_birth_date_is_as_precise_as_it_was_told(
    bring: Bring, stored: Stored, told: str | None, born_on: date | None, precision: BirthPrecision | None
) -> None:
    bring(patient(birthDate=told))
    [person] = stored(Patient)
    assert (person.born_on, person.born_precision) == (born_on, precision)
    if told and born_on is None:
        assert told in stored(ImportLeftover)[0].payload


@pytest.mark.parametrize(
    ("told", "latest"),
    [
        ({"deceasedDateTime": "2019-07-01T10:00:00Z"}, datetime(2019, 7, 1, 10, tzinfo=UTC)),
        ({"deceasedDateTime": "2019-07"}, datetime(2019, 7, 31, 11, tzinfo=UTC)),
        ({"deceasedDateTime": "2019"}, datetime(2019, 12, 31, 11, tzinfo=UTC)),
        ({"deceasedBoolean": True}, None),
        ({"deceasedDateTime": "some day"}, None),
    ],
)
def test_the_dead_never_look_alive(bring: Bring, stored: Stored, told: Json, latest: datetime | None) -> None:
    bring(patient(**told))
    died = stored(Patient)[0].deceased_at
    assert died == latest if latest else clock.now() - died < timedelta(minutes=1)


def test_a_living_patient_stays_alive(bring: Bring, stored: Stored) -> None:
    bring(patient(deceasedBoolean=False))
    assert stored(Patient)[0].deceased_at is None


def test_nothing_of_a_patient_vanishes(bring: Bring, stored: Stored) -> None:
    report = bring(
        patient(
            name=[
                {"use": "maiden", "family": "Nwosu", "given": ["Ada"]},
                {"use": "official", "family": "Okafor", "given": ["Ada", "Grace"], "prefix": ["Dr"]},
            ],
            identifier=[{"system": "http://nimc.gov.ng/nin", "value": "12345678901"}, {"value": "7" * 121}],
            telecom=[
                {"system": "phone", "value": "0803 555 0101", "use": "mobile"},
                {"system": "phone", "value": "home, ask for Ada", "use": "home"},
                {"system": "email", "value": "ada@example.org"},
                {"system": "fax", "value": "123"},
            ],
            address=[{"line": ["12 Zik Avenue"], "city": "Enugu", "state": "Enugu", "district": "Enugu North"}],
            maritalStatus=concept("M"),
            communication=[{"language": {"text": "Igbo"}}],
            contact=[
                {
                    "name": {"family": "Okafor", "given": ["Uche"]},
                    "relationship": [{"text": "husband"}],
                    "telecom": [{"system": "phone", "value": "0803 555 0102"}],
                }
            ],
            multipleBirthInteger=2,
        )
    )
    [person] = stored(Patient)
    assert (person.given_name, person.other_names, person.family_name) == ("Ada", "Grace", "Okafor")
    assert (person.phone, person.email) == ("+2348035550101", "ada@example.org")
    assert (person.address, person.state, person.lga) == ("12 Zik Avenue, Enugu", "Enugu", "Enugu North")
    assert (person.marital_status, person.language) == ("married", "Igbo")
    assert (person.next_of_kin_name, person.next_of_kin_relation) == ("Uche Okafor", "husband")
    assert person.next_of_kin_phone == "+2348035550102"
    assert {(number.system, number.value) for number in stored(Identifier)} == {
        ("http://nimc.gov.ng/nin", "12345678901"),
        ("phone (home)", "home, ask for Ada"),
        ("fax", "123"),
    }
    spare = json.loads(stored(ImportLeftover)[0].payload)
    assert spare.keys() == {"name", "identifier", "multipleBirthInteger"}
    assert spare["identifier"] == [{"value": "7" * 121}]
    assert {element for _, element in report.parts} == spare.keys()


def test_an_imported_patient_is_found_like_any_other(store: Store, bring: Bring, acting: Acting) -> None:
    bring(patient(name=[{"family": "Okafor", "given": ["Adaọra"]}, {"use": "maiden", "family": "Nwosu"}]))
    with store.session(acting("recordofficer"), writes=False) as session:
        for asked in ("adaora", "OKAFOR ada", "nwosu", "1990-03-12"):
            found = patients.search(session, PatientQuery(q=asked))
            assert [person.family_name for person in found.items] == ["Okafor"], asked
        assert session.get(PatientName, ("nwosu", found.items[0].id)) is not None
        assert len(found.items[0].hospital_number) == 9


def test_somebody_without_a_name_comes_in_as_unknown(bring: Bring, stored: Stored) -> None:
    bring(patient("baby", name=[]))
    [person] = stored(Patient)
    assert (person.unknown_identity, person.family_name, person.given_name) == (True, "Unknown", "baby")


def test_a_name_in_one_text_is_parted_before_its_last_word(bring: Bring, stored: Stored) -> None:
    bring(patient(name=[{"text": "Ada Grace Okafor"}]))
    [person] = stored(Patient)
    assert (person.given_name, person.other_names, person.family_name) == ("Ada", "Grace", "Okafor")


def test_an_animal_is_no_patient(bring: Bring) -> None:
    animal = [{"url": "http://hl7.org/fhir/StructureDefinition/patient-animal"}]
    report = bring(patient("rex", extension=animal))
    assert report.refused[0].why == "an animal"


def test_allergies_are_kept_whole_with_whose_they_are(bring: Bring, stored: Stored) -> None:
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "penicillin",
        "patient": {"reference": "Patient/ada"},
        "code": {"text": "Penicillin"},
        "criticality": "high",
        "reaction": [{"manifestation": [{"text": "anaphylaxis"}]}],
    }
    report = bring(allergy, patient())
    assert [str(line) for line in report.lines] == [
        "not taken: 1 AllergyIntolerance: kept whole for the allergies still to come"
    ]
    [kept] = stored(ImportLeftover)
    assert json.loads(kept.payload) == allergy
    assert kept.patient_id == stored(Patient)[0].id


def test_kinds_without_a_home_are_counted_in_one_line(bring: Bring) -> None:
    procedures = [{"resourceType": "Procedure", "id": str(n)} for n in range(3)]
    tests = [observation(str(n), "2093-3", 180, "mg/dL") for n in range(2)]
    report = bring(patient(), *procedures, *tests)
    assert [str(line) for line in report.lines] == [
        "not taken: 2 Observation: 2093-3: no home for it yet",
        "not taken: 3 Procedure: no home for it yet",
    ]


def test_a_diagnosis_without_an_encounter_gets_a_consultation_of_its_own(bring: Bring, stored: Stored) -> None:
    bring(
        patient(),
        practitioner(),
        condition("a", recordedDate="2020-05-04", recorder={"reference": "Practitioner/eze"}),
        condition("b", recordedDate="2020-05-04", recorder={"reference": "Practitioner/eze"}, code={"text": "Anaemia"}),
        condition("c", onsetDateTime="2020-05-05T10:00:00Z"),
    )
    two, one = stored(Consultation, joinedload(Consultation.diagnoses))
    assert [d.text for d in two.diagnoses] == ["Malaria", "Anaemia"]
    assert [d.rank for d in two.diagnoses] == [1, 2]
    assert "(time of day not known)" in two.source
    assert [d.text for d in one.diagnoses] == ["Malaria"]


def test_a_diagnosis_that_only_its_encounter_lists_belongs_to_that_encounter(bring: Bring, stored: Stored) -> None:
    listing = encounter(diagnosis=[{"condition": {"reference": "Condition/malaria"}}])
    bring(patient(), condition(), listing)
    [meeting] = stored(Consultation, joinedload(Consultation.diagnoses))
    assert len(meeting.diagnoses) == 1


@pytest.mark.parametrize(
    ("status", "certainty"),
    [
        ("confirmed", Certainty.CONFIRMED),
        ("refuted", Certainty.REFUTED),
        ("differential", Certainty.PROVISIONAL),
        ("unconfirmed", Certainty.PROVISIONAL),
        ("something new", Certainty.PROVISIONAL),
    ],
)
def test_a_diagnosis_is_as_certain_as_it_was(bring: Bring, stored: Stored, status: str, certainty: Certainty) -> None:
    bring(patient(), condition(verificationStatus=concept(status), recordedDate="2020-05-04"))
    assert stored(Diagnosis)[0].certainty is certainty


def test_a_diagnosis_keeps_its_course_in_words(bring: Bring, stored: Stored) -> None:
    bring(
        patient(),
        encounter(),
        condition(
            clinicalStatus=concept("resolved"),
            onsetDateTime="2020-05-01",
            recordedDate="2020-05-04",
            abatementDateTime="2020-05-20T10:00:00Z",
            severity={"text": "severe"},
            **AT_VISIT,
        ),
    )
    course = "Malaria: since 2020-05-01; until 2020-05-20; resolved; severe"
    assert stored(Consultation)[0].past_medical_history == course


def test_the_code_of_the_who_is_preferred_and_a_long_one_is_told_in_words(bring: Bring, stored: Stored) -> None:
    both = {
        "coding": [
            {"system": "http://snomed.info/sct", "code": "1"},
            {"code": "B54", "system": "http://hl7.org/fhir/sid/icd-10"},
        ]
    }
    long = {"coding": [{"system": "http://snomed.info/sct", "code": "9" * 18}], "text": "Something rare"}
    bring(
        patient(),
        condition("a", code={**both, "text": "Malaria"}, recordedDate="2020-05-04"),
        condition("b", code=long, recordedDate="2020-05-04"),
    )
    one, two = sorted(stored(Diagnosis), key=lambda d: d.rank)
    assert (one.code, one.code_system) == ("B54", None)
    assert (two.text, two.code) == ("Something rare", None)
    assert "9" * 18 in stored(Consultation)[0].past_medical_history


def dosage(**more: Any) -> Json:
    return {"dosageInstruction": [more]}


@pytest.mark.parametrize(
    ("told", "columns", "words"),
    [
        (
            dosage(
                timing={"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                doseAndRate=[{"doseQuantity": {"value": 4, "unit": "tablet"}}],
                route={"text": "oral"},
            ),
            {"frequency": "bd", "dose": Decimal("4.000"), "dose_unit": "tablet", "route": "oral", "as_needed": False},
            "completed in the source",
        ),
        (dosage(timing={"code": concept("TID")}), {"frequency": "tds"}, "completed in the source"),
        (dosage(timing={"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}), {"frequency": "q6h"}, ""),
        (
            dosage(timing={"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}),
            {"frequency": "weekly"},
            "completed in the source",
        ),
        (
            dosage(timing={"repeat": {"frequency": 5, "period": 2, "periodUnit": "wk"}}),
            {"frequency": None},
            "timing: 5 times in 2 wk",
        ),
        (
            dosage(
                timing={
                    "repeat": {
                        "frequency": 1,
                        "period": 1,
                        "periodUnit": "d",
                        "boundsDuration": {"value": 2, "unit": "weeks", "code": "wk"},
                    }
                }
            ),
            {"frequency": "od", "duration_days": 14},
            "completed in the source",
        ),
        (
            dosage(asNeededCodeableConcept={"text": "pain"}, text="One when it hurts"),
            {"as_needed": True, "as_needed_reason": "pain"},
            "One when it hurts",
        ),
        (
            dosage(doseAndRate=[{"doseQuantity": {"value": 1}}]),
            {"dose": Decimal("1.000"), "dose_unit": None},
            "unit of the dose not told",
        ),
        (dosage(doseAndRate=[{"doseQuantity": {"value": 0.0001, "unit": "g"}}]), {"dose": None}, '"value": 0.0001'),
        (
            {"dosageInstruction": [{"text": "two on day one"}, {"text": "then one daily"}]},
            {"dose": None},
            "1: two on day one; 2: then one daily",
        ),
        ({"reasonCode": [{"text": "Malaria"}], "status": "stopped"}, {}, "stopped in the source; for Malaria"),
    ],
)
def test_a_line_holds_the_dosage_and_tells_the_rest_in_words(
    bring: Bring, stored: Stored, told: Json, columns: Json, words: str
) -> None:
    bring(patient(), order(**told))
    [line] = stored(DrugPrescription)
    assert {name: getattr(line, name) for name in columns} == columns
    assert words in line.instructions


def test_what_a_drug_was_for_is_looked_up(bring: Bring, stored: Stored) -> None:
    bring(patient(), condition(recordedDate="2020-05-04"), order(reasonReference=[{"reference": "Condition/malaria"}]))
    assert "for Malaria" in stored(DrugPrescription)[0].instructions


def test_one_drug_is_one_drug_however_it_is_told(bring: Bring, stored: Stored) -> None:
    code = concept("161", "Paracetamol 500 MG Oral Tablet", RXNORM)
    medication = {"resourceType": "Medication", "id": "para", "code": code}
    contained = {"resourceType": "Medication", "id": "inside", "code": code}

    def ordering(id: str, **more: Any) -> Json:
        told = order(id, **more)
        told.pop("medicationCodeableConcept") if "medicationReference" in more else None
        return told

    told = [
        patient(),
        ordering("a", medicationCodeableConcept=code),
        ordering("b", medicationReference={"reference": "Medication/para"}),
        ordering("c", medicationReference={"reference": "#inside"}, contained=[contained]),
        medication,
    ]
    report = bring(*told)
    assert report.taken["MedicationRequest"] == 3
    bring(*told, ordering("d", medicationCodeableConcept={"text": "paracetamol  500 mg oral tablet"}), source="Other")
    assert [drug.generic_name for drug in stored(Drug)] == ["Paracetamol 500 MG Oral Tablet"]
    assert len({line.drug_id for line in stored(DrugPrescription)}) == 1


def test_orders_of_one_encounter_are_one_prescription(bring: Bring, stored: Stored) -> None:
    bring(
        patient(),
        practitioner(),
        practitioner("obi", name=[{"family": "Obi", "given": ["Chika"]}]),
        encounter(**BY_EZE),
        order("a", requester={"reference": "Practitioner/eze"}, **AT_VISIT),
        order("b", requester={"reference": "Practitioner/obi"}, medicationCodeableConcept={"text": "ORS"}, **AT_VISIT),
    )
    [prescription] = stored(Prescription, joinedload(Prescription.lines), joinedload(Prescription.author))
    assert prescription.author.family_name == "Eze"
    assert "ordered by Chika Obi" in prescription.lines[1].instructions
    assert len(stored(PrescriptionProgress)) == 1


def test_authors_are_inactive_staff_who_cannot_sign_in(bring: Bring, stored: Stored) -> None:
    bring(
        patient(),
        practitioner(),
        practitioner("amina", name=[{"text": "Amina Bello"}], qualification=[{"code": {"text": "Registered Nurse"}}]),
        encounter(**BY_EZE),
        observation("pulse", "8867-4", 80, "/min", performer=[{"reference": "Practitioner/amina"}]),
        condition(recordedDate="2020-05-04"),
    )
    imported = {person.name: person for person in stored(Staff) if person.batch_id}
    assert imported.keys() == {"Ngozi Eze", "Amina Bello", "Imported from FHIR"}
    assert all(person.deactivated_at and person.password_hash is None for person in imported.values())
    assert imported["Amina Bello"].role is Role.NURSE
    assert stored(VitalSign)[0].author_id == imported["Amina Bello"].id


def test_a_thing_that_changed_in_the_source_is_told_and_not_overwritten(bring: Bring, stored: Stored) -> None:
    bring(*visit())
    told = visit()
    told[4] = pressure("bp", 182, 98, **AT_VISIT)
    report = bring(*told)
    assert [str(line) for line in report.refused] == [
        "not taken: Observation bp (bundle.json): "
        "changed in the source since it was imported; what is here stays as it is"
    ]
    assert stored(VitalSign)[0].systolic_mmhg == 122
    assert '"value": 182' in stored(ImportLeftover)[-1].payload


def test_another_person_under_the_same_id_is_never_mixed_up(bring: Bring, stored: Stored) -> None:
    """Two hospitals both number their patients from 1."""
    bring(patient("1"), observation("a", "8867-4", 80, "/min", subject={"reference": "Patient/1"}))
    stranger = patient("1", name=[{"family": "Bello", "given": ["Musa"]}], birthDate="1950-01-01")
    report = bring(stranger, observation("b", "8867-4", 99, "/min", subject={"reference": "Patient/1"}))
    assert report.taken.total() == 0
    assert report.refused[1].why == "its patient is not the one who was imported before as Patient/1"
    report = bring(
        stranger, observation("b", "8867-4", 99, "/min", subject={"reference": "Patient/1"}), source="Musa's hospital"
    )
    assert report.taken == {"Patient": 1, "Observation": 1}
    one, two = stored(VitalSign)
    assert one.patient_id != two.patient_id


def test_two_people_under_one_id_in_one_import_are_never_mixed_up(bring: Bring, stored: Stored) -> None:
    def hospital(name: str, family: str, value: int) -> str:
        told = bundle(
            patient("1", name=[{"family": family}]),
            observation(name, "8867-4", value, "/min", subject={"reference": "Patient/1"}),
        )
        for entry in told["entry"]:
            entry["fullUrl"] = (
                f"http://{name}.example/fhir/{entry['resource']['resourceType']}/{entry['resource']['id']}"
            )
        return json.dumps(told)

    report = bring(files={"a.json": hospital("a", "Okafor", 80), "b.json": hospital("b", "Bello", 99)})
    assert [person.family_name for person in stored(Patient)] == ["Okafor"]
    assert [measured.pulse_per_min for measured in stored(VitalSign)] == [80]
    assert len(report.refused) == 2


def test_a_measurement_of_somebody_elses_encounter_is_stored_without_it_and_marked(
    bring: Bring, stored: Stored
) -> None:
    bring(
        patient(),
        patient("uche", name=[{"family": "Eze"}]),
        encounter("theirs", subject="Patient/uche"),
        observation("pulse", "8867-4", 80, "/min", encounter={"reference": "Encounter/theirs"}),
    )
    [measured] = stored(VitalSign)
    assert measured.consultation_id is None
    assert measured.doubts == ["its encounter, Encounter/theirs, is not among this patient's"]


def test_one_thing_told_twice_is_taken_once(bring: Bring) -> None:
    told = [patient(), observation("pulse", "8867-4", 80, "/min")]
    report = bring(*told, *told)
    assert report.seen == {"Patient": 2, "Observation": 2}
    assert report.taken == report.there == {"Patient": 1, "Observation": 1}


def test_a_resource_without_an_id_is_known_by_what_it_says(bring: Bring, stored: Stored) -> None:
    nameless = observation("x", "8867-4", 80, "/min")
    nameless.pop("id")
    bring(patient(), nameless)
    assert bring(patient(), nameless).there == {"Patient": 1, "Observation": 1}
    assert {item.resource_type for item in stored(ImportItem)} == {"Patient", "Observation", "Practitioner"}


def test_an_import_cut_off_goes_on_where_it_was(
    store: Store,
    administrator: Actor,
    bring: Bring,
    counts: Callable[[], dict[str, int]],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hmis.interop.writing.CHUNK", 3)
    told = [r for n in range(6) for r in (patient(f"p{n}"), encounter(f"e{n}", f"Patient/p{n}"))]
    (tmp_path / "all.json").write_text(json.dumps(bundle(*told)))
    calls = 0

    def until_the_power_fails(done: int, of: int, what: str) -> None:
        nonlocal calls
        calls += what == "records"
        if calls == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fhir.import_paths(store, administrator, [tmp_path / "all.json"], progress=until_the_power_fails)
    before = counts()
    assert 0 < before["consultations"] < 6
    report = fhir.import_paths(store, administrator, [tmp_path / "all.json"])
    assert report.adds_up
    after = counts()
    assert (after["patients"], after["consultations"], after["import_batches"]) == (6, 6, 1)
    assert report.there.total() == before["patients"] + before["consultations"]


@pytest.mark.parametrize("username", ["doctor", "nurse", "pharmacist", "recordofficer"])
def test_only_an_administrator_imports(
    store: Store, acting: Callable[[str], Actor], username: str, tmp_path: Any
) -> None:
    with pytest.raises(NotPermitted):
        fhir.import_paths(store, acting(username), [tmp_path])


@pytest.mark.parametrize("source", ["", "x" * 101])
def test_a_source_has_a_name_that_fits(store: Store, administrator: Actor, tmp_path: Any, source: str) -> None:
    with pytest.raises(Invalid, match="name the source"):
        fhir.import_paths(store, administrator, [tmp_path], source=source)


def test_whoever_waits_is_told_how_far_it_is(store: Store, administrator: Actor, tmp_path: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps(bundle(*visit())))
    told: list[tuple[int, int, str]] = []
    fhir.import_paths(store, administrator, [tmp_path], progress=lambda done, of, what: told.append((done, of, what)))
    assert told[0] == (0, (tmp_path / "a.json").stat().st_size, "reading a.json")
    assert told[-1] == (8, 8, "done")
    assert all(done <= of for done, of, _ in told)
