"""Changes at the console: tried at once, held until they are saved, saved in one piece, never twice."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from hmis.core.audit import Act, AuditEvent
from hmis.core.db import BaseModel
from hmis.core.store import Store
from hmis.formulary.models import Drug
from hmis.nursing.models import NurseNote
from hmis.patients.models import Patient
from hmis.prescriptions.models import DrugPrescription
from hmis.vitals.models import VitalSign
from tests.conftest import Person, Time
from tests.console.conftest import Desk, field

Stored = Callable[[type[BaseModel]], int]
Register = Callable[..., dict[str, Any]]
Told = Callable[..., list[AuditEvent]]

ADA = "create Patient given_name=Ada family_name=Obi sex=female age_years=30 phone='0803 555 0101'"
PARACETAMOL = "dose=1000 dose_unit=mg frequency=tds duration_days=3"


# --- one change ---


@pytest.mark.parametrize(
    "line",
    [
        ADA,
        'Patient.create({"given_name": "Ada", "family_name": "Obi", "sex": "female", "age_years": 30, "phone": "%s"})',
        'Patient.create(given_name="Ada", family_name="Obi", sex="female", age_years=30, phone="%s")',
        'create Patient {"given_name": "Ada", "family_name": "Obi", "sex": "female", "age_years": 30, "phone": "%s"}',
    ],
)
def test_a_patient_is_registered_and_there_once_it_is_saved(
    officers_desk: Desk, recordofficer: Person, stored: Stored, line: str
) -> None:
    assert (
        officers_desk(line.replace("%s", "08035550101")) == "new-1: Patient Ada Obi, female, ≈ 30 y (not saved yet)\n"
    )
    assert officers_desk.prompt == "(hmis record_officer REC0001 *1) "
    assert stored(Patient) == 0
    printed = officers_desk("save")
    assert printed.startswith("Saved 1 change.\n  new-1 is Patient ")
    number = printed.split("new-1 is Patient ")[1][:9]
    found = recordofficer.get(f"/patients/{number}").json
    assert (found["name"], found["phone"], found["born_precision"]) == ("Ada Obi", "+2348035550101", "estimated")
    assert officers_desk.prompt == "(hmis record_officer REC0001) "


@pytest.mark.parametrize(
    "line",
    [
        "update Patient {number} phone=08035550102",
        "update Patient {number} phone 08035550102",
        'update Patient {id} {{"phone": "08035550102"}}',
        'Patient.update("{id}", {{"phone": "0803 555 0102"}})',
        'Patient.update("{number}", "phone", "0803 555 0102")',
        'Patient.update("{number}", phone="0803 555 0102")',
    ],
)
def test_a_patient_is_changed_in_what_was_named_and_nothing_else(
    officers_desk: Desk, recordofficer: Person, register: Register, line: str
) -> None:
    patient = register(phone="08035550101", occupation="farmer")
    officers_desk(line.format(number=patient["hospital_number"], id=patient["id"]))
    officers_desk("save")
    found = recordofficer.get(f"/patients/{patient['id']}").json
    assert (found["phone"], found["occupation"], found["version"]) == ("+2348035550102", "farmer", 2)


def test_null_empties_a_field_and_a_quoted_null_is_a_text(
    officers_desk: Desk, recordofficer: Person, register: Register
) -> None:
    patient = register(occupation="farmer")
    officers_desk(f'update Patient {patient["id"]} occupation=null family_name="null"')
    officers_desk("save")
    found = recordofficer.get(f"/patients/{patient['id']}").json
    assert (found["occupation"], found["family_name"]) == (None, "null")


def test_a_bare_word_is_a_number_where_the_field_takes_one(
    nurses_desk: Desk, nurse: Person, patient: dict[str, Any]
) -> None:
    nurses_desk(
        f"create VitalSign patient={patient['hospital_number']} pulse_per_min=84 temperature_celsius=36.8 oxygen=false "
        "oxygen_device=12 consciousness=A"
    )
    nurses_desk("save")
    (found,) = nurse.get(f"/patients/{patient['id']}/vitals").json["items"]
    assert (found["pulse_per_min"], found["temperature_celsius"], found["oxygen"]) == (84, 36.8, False)
    assert found["oxygen_device"] == "12"
    assert found["author"]["staff_number"] == "NRS0001"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("create VitalSign patient={number} pulse_per_min=400", "*** Invalid: pulse_per_min: Input should be less"),
        ("create VitalSign patient={number} pulse_per_min=fast", "*** Invalid: pulse_per_min: Input should be a"),
        ("create VitalSign patient={number} temperature_celsius=98.6", "*** Invalid: temperature_celsius: 98.6 looks"),
        ("create VitalSign patient={number} pulse=80", "*** Invalid: pulse: Extra inputs are not permitted"),
        ("create VitalSign patient={number}", "*** Invalid: VitalSignIn: nothing was measured"),
        ("create VitalSign pulse_per_min=80", "*** say what it belongs to: create VitalSign consultation=<id>"),
        ("create VitalSign patient=new-4 pulse_per_min=80", "*** Invalid: nothing here is called new-4"),
        ("create VitalSign patient={number} pulse_per_min=210", "*** Implausible: 210 /min is unusual: is it so?"),
        ("create VitalSign patient={number} 80", "*** 80: say which field that is, as in name=value"),
        ("update Patient {number}", "*** NotPermitted: "),
        ("create Patient given_name=Ada sex=female", "*** NotPermitted: registration is the record officer's"),
        ("create Doctor username=x given_name=X family_name=Y sex=male", "*** NotPermitted: "),
    ],
)
def test_the_laws_and_bounds_speak_at_once_and_nothing_is_held(
    nurses_desk: Desk, patient: dict[str, Any], line: str, answer: str
) -> None:
    printed = nurses_desk(line.format(number=patient["hospital_number"]))
    assert printed.startswith(answer)
    assert printed.count("\n") == 1
    assert nurses_desk.prompt == "(hmis nurse NRS0001) "


def test_an_odd_value_is_held_once_it_is_confirmed(nurses_desk: Desk, patient: dict[str, Any], stored: Stored) -> None:
    assert "confirmed=true" in nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=210")
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=210 confirmed=true")
    nurses_desk("save")
    assert stored(VitalSign) == 1


def test_somebody_alike_is_shown_before_a_second_one_is_registered(officers_desk: Desk, register: Register) -> None:
    there = register(given_name="Ada", family_name="Obi", phone="08035550101")
    printed = officers_desk(ADA)
    assert there["hospital_number"] in printed
    assert "the same phone" in printed
    assert "*** PossibleDuplicate" in printed
    assert officers_desk(f"{ADA} confirmed=true").startswith("new-1: Patient Ada Obi")


def test_a_refused_change_takes_no_number(officers_desk: Desk) -> None:
    officers_desk("create Patient sex=female")
    assert officers_desk(ADA).startswith("new-1:")


# --- held, shown, discarded ---


def test_nothing_is_written_and_nothing_locked_while_changes_wait(
    nurses_desk: Desk, nurse: Person, patient: dict[str, Any], stored: Stored, store: Store, told: Told
) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    nurses_desk(f'create NurseNote patient={patient["id"]} kind=progress text="Slept well."')
    assert (stored(VitalSign), stored(NurseNote)) == (0, 0)
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert told(Act.CREATE) == []
    assert nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 90}).status_code == 201
    assert (stored(VitalSign), stored(NurseNote)) == (1, 0)


def test_what_waits_is_told_in_full_and_can_be_forgotten_in_part(
    nurses_desk: Desk, patient: dict[str, Any], stored: Stored
) -> None:
    number = patient["hospital_number"]
    nurses_desk(f"create VitalSign patient={number} pulse_per_min=84")
    nurses_desk(f'create NurseNote patient={number} kind=progress text="Slept well."')
    first, second, third = nurses_desk("unsaved").splitlines()
    assert first == "2 not saved:"
    assert second.startswith(f"  1  new-1: create VitalSign patient={number} pulse_per_min=84 taken_at=20")
    assert third == f'  2  new-2: create NurseNote patient={number} kind=progress text="Slept well."'
    assert nurses_desk("discard 1").startswith("discarded: create VitalSign")
    assert nurses_desk.prompt == "(hmis nurse NRS0001 *1) "
    nurses_desk("save")
    assert (stored(VitalSign), stored(NurseNote)) == (0, 1)
    assert nurses_desk("discard") == nurses_desk("save") == "Nothing waits to be saved.\n"


@pytest.mark.parametrize("line", ["discard 3", "discard 0", "discard all", "discard -1"])
def test_only_what_waits_can_be_discarded(nurses_desk: Desk, patient: dict[str, Any], line: str) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    assert nurses_desk(line).startswith("*** ")
    assert nurses_desk.prompt.endswith("*1) ")


def test_what_waits_shows_as_it_will_be(nurses_desk: Desk, patient: dict[str, Any]) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} systolic_mmhg=122 diastolic_mmhg=78")
    listed = nurses_desk(f"all VitalSign patient={patient['id']}")
    assert "122/78" in listed
    assert "(as it will be once you save)" in listed
    assert field(nurses_desk("show new-1"), "systolic_mmhg") == "122"
    assert nurses_desk("count VitalSign").startswith("1\n")


def test_what_is_not_saved_has_no_id_and_no_number_but_its_handle(
    desk: Callable[..., Desk], officers_desk: Desk, register: Register
) -> None:
    register(given_name="Ada", family_name="Obi")
    officers_desk(f"{ADA} confirmed=true")
    listed = officers_desk("find Patient ada obi").splitlines()
    assert [line.split()[0] for line in listed[2:4]].count("new-1") == 1
    shown = officers_desk("show new-1")
    assert field(shown, "id") == field(shown, "hospital_number") == "new-1"
    officers_desk("create Visit patient=new-1 clinic=GOPD")
    visit = officers_desk("show new-2")
    assert field(visit, "patient.id") == field(visit, "patient.hospital_number") == "new-1"
    assert field(visit, "ticket") == "new-2"
    officers_desk("save")
    assert "new-" not in officers_desk("show new-1")


def test_one_change_builds_on_another_by_its_handle(
    doctors_desk: Desk, pharmacist: Person, doctor: Person, patient: dict[str, Any], stored: Stored
) -> None:
    drug = pharmacist.post("/drugs", {"generic_name": "paracetamol", "strength": "500 mg", "form": "tablet"}).json
    for line in (
        f'create Consultation patient={patient["hospital_number"]} presenting_complaint="Fever for three days"',
        "create Prescription consultation=new-1",
        f"create DrugPrescription prescription=new-2 drug_id={drug['id']} {PARACETAMOL}",
        "update new-1 plan=rest",
        "update new-3 instructions='with food'",
    ):
        assert "not saved yet" in doctors_desk(line), line
    assert "discard that first" in doctors_desk("discard 1")
    assert stored(DrugPrescription) == 0
    assert doctors_desk("save").startswith("Saved 5 changes.")
    (consultation,) = doctor.get(f"/patients/{patient['id']}/consultations").json["items"]
    assert consultation["plan"] == "rest"
    found = doctor.get(f"/patients/{patient['id']}/consultations/{consultation['id']}/prescription").json
    assert [(line["quantity"], line["instructions"]) for line in found["lines"]] == [(18, "with food")]
    assert "plan" in doctors_desk("show new-1")
    assert "Saved 1" in doctors_desk('stop DrugPrescription new-3 "rash"') + doctors_desk("save")
    assert "stopped" in doctors_desk("all DrugPrescription prescription=new-2")


def test_a_pharmacist_hands_out_and_takes_back_at_the_console(
    desk: Callable[..., Desk], doctor: Person, pharmacist: Person, patient: dict[str, Any]
) -> None:
    drug = pharmacist.post("/drugs", {"generic_name": "paracetamol", "strength": "500 mg", "form": "tablet"}).json
    consultation = doctor.post(f"/patients/{patient['id']}/consultations", {"plan": "rest"}).json
    line = {"drug_id": drug["id"], "dose": 1000, "dose_unit": "mg", "frequency": "tds", "duration_days": 3}
    written = doctor.post(
        f"/patients/{patient['id']}/consultations/{consultation['id']}/prescription", {"drugs": [line]}
    ).json
    counter = desk("pharmacist")
    assert "paracetamol" in counter("all Prescription")
    short = str(written["id"])[-8:]
    assert str(written["lines"][0]["id"])[-8:] in counter(f"all DrugPrescription prescription={short}")
    asked = f'lines=[{{"line_id": "{str(written["lines"][0]["id"])[-8:]}", "quantity": 10}}]'
    assert "new-1: Dispense 10 x paracetamol" in counter(f"create Dispense prescription={short} {asked}")
    assert counter("save").startswith("Saved 1 change.")
    assert "partly_dispensed" in counter("all Prescription state=partly_dispensed")
    assert counter(f"create Dispense prescription={short} {asked}").startswith("*** Conflict: ")
    counter('destroy new-1 "wrong patient"')
    assert counter("save").startswith("Saved 1 change.")
    assert "None." in counter(f"all Dispense prescription={short}")


def test_a_patient_is_checked_in_and_moved_at_the_console(
    desk: Callable[..., Desk], officers_desk: Desk, patient: dict[str, Any]
) -> None:
    officers_desk(f"create Visit patient={patient['hospital_number']} clinic='General outpatients' reason=fever")
    assert "checked in already" in officers_desk(f"create Visit patient={patient['id']} clinic='General outpatients'")
    officers_desk("save")
    nurses = desk("nurse")
    assert patient["hospital_number"] in nurses("all Visit state=open")
    visit = nurses("all Visit").splitlines()[2].split()[0]
    assert "triage" in nurses(f"update Visit {visit} to=triage expected_state=arrived")
    nurses("save")
    assert "triage" in officers_desk("all Visit clinic='General outpatients'")


def test_something_is_added_under_a_record_at_the_console(
    time: Time, desk: Callable[..., Desk], doctor: Person, patient: dict[str, Any]
) -> None:
    consultation = doctor.post(f"/patients/{patient['id']}/consultations", {"plan": "rest"}).json
    time.passes(hours=24)
    doctors = desk("doctor")
    assert "RecordLocked" in doctors(f"update Consultation {consultation['id']} plan=walk")
    doctors(f'create Addendum record={consultation["id"]} kind=late_information text="X-ray is clear"')
    assert doctors("save").startswith("Saved 1 change.")
    assert "X-ray is clear" in doctors(f"all Addendum record={consultation['id']}")
    assert "X-ray is clear" in doctors("show new-1")
    assert "NotPermitted" in desk("recordofficer")(f"all Addendum record={consultation['id']}")
    assert "NotPermitted" in desk("nurse")(f"create Addendum record={consultation['id']} kind=correction text=no")


def test_a_new_doctor_gets_a_token_once_at_the_save(
    desk: Callable[..., Desk], admin: Person, store: Store, stored: Stored
) -> None:
    admins = desk("admin")
    printed = admins("create Doctor username=ada.obi given_name=Ada family_name=Obi sex=female")
    assert "token" not in printed
    printed = admins("save")
    assert "new-1 is Doctor DOC0003 Ada Obi" in printed
    token = printed.rpartition("set-up token, shown this once, good for 72 hours: ")[2].strip()
    proof = {"setup_token": token, "new_password": "seven-wet-umbrellas-7"}
    assert admin.post("/auth/password", proof).status_code == 204
    assert "token" not in admins("show DOC0003").replace("setup_expires_at", "")
    assert "does not go with Staff" in admins("create Staff username=x")
    admins('destroy Doctor DOC0003 "left us"')
    admins("save")
    assert "DOC0003" not in admins("all Doctor")
    assert "DOC0003" in admins("all Doctor include=inactive")


def test_drugs_are_entered_changed_and_retired(desk: Callable[..., Desk], pharmacist: Person) -> None:
    counter = desk("pharmacist")
    counter("create Drug generic_name=amoxicillin strength='500 mg' form=capsule pack_size=100")
    counter("Drug.update('new-1', {'brand_name': 'Amoxil'})")
    counter("save")
    (drug,) = pharmacist.get("/drugs", q="amox 500").json["items"]
    assert (drug["brand_name"], drug["pack_size"]) == ("Amoxil", 100)
    counter("find Drug amox")
    counter(f"destroy Drug {drug['id'][-8:]} no longer bought")
    counter("save")
    found = pharmacist.get(f"/drugs/{drug['id']}").json
    assert found["retire_reason"] == "no longer bought"


def test_a_patient_registered_by_mistake_is_set_aside(officers_desk: Desk, register: Register) -> None:
    patient = register()
    printed = officers_desk(f'Patient.destroy("{patient["hospital_number"]}", "registered twice")')
    assert "keeps no reason" in printed
    assert officers_desk("count Patient").startswith("0")
    officers_desk("save")
    assert officers_desk("all Patient") == "None.\n"


# --- all or none, and never twice ---


def test_where_one_cannot_be_saved_nothing_is_and_it_is_named(
    officers_desk: Desk, recordofficer: Person, register: Register, told: Told
) -> None:
    first, second = register(), register()
    officers_desk(f"update Patient {first['id']} occupation=farmer")
    officers_desk(f"update Patient {second['id']} occupation=trader")
    recordofficer.put(f"/patients/{second['id']}", {"occupation": "teacher"})
    printed = officers_desk("save")
    assert printed.startswith(
        f"*** Nothing was saved. Change 2 (update Patient {second['id']} occupation=trader): Stale"
    )
    assert "`discard 2` forgets it" in printed
    assert recordofficer.get(f"/patients/{first['id']}").json["occupation"] is None
    assert recordofficer.get(f"/patients/{second['id']}").json["occupation"] == "teacher"
    assert told(Act.CHANGE) == []
    assert officers_desk.prompt.endswith("*2) ")

    officers_desk("discard 2")
    assert officers_desk("save") == "Saved 1 change.\n"
    assert recordofficer.get(f"/patients/{first['id']}").json["occupation"] == "farmer"
    officers_desk(f"update Patient {second['id']} occupation=trader")
    assert officers_desk("save") == "Saved 1 change.\n"


def test_reading_goes_on_while_something_held_cannot_be_saved(
    officers_desk: Desk, recordofficer: Person, register: Register
) -> None:
    patient, other = register(), register()
    officers_desk(f"update Patient {patient['id']} occupation=trader")
    recordofficer.put(f"/patients/{patient['id']}", {"occupation": "teacher"})
    printed = officers_desk(f"show Patient {patient['id']}")
    assert "teacher" in printed
    assert "without your unsaved changes" in printed
    refused = officers_desk(f"update Patient {other['id']} occupation=nurse")
    assert refused.startswith("*** Nothing was saved. Change 1 (update Patient")


def test_two_changes_of_one_patient_do_not_stand_in_each_others_way(
    officers_desk: Desk, recordofficer: Person, register: Register
) -> None:
    patient = register()
    officers_desk(f"update Patient {patient['id']} occupation=farmer")
    officers_desk(f"update Patient {patient['id']} language=Igbo")
    officers_desk(f"update Patient {patient['id']} occupation=trader")
    officers_desk("discard 1")
    assert officers_desk("save") == "Saved 2 changes.\n"
    found = recordofficer.get(f"/patients/{patient['id']}").json
    assert (found["occupation"], found["language"]) == ("trader", "Igbo")


def test_a_change_that_moved_another_along_can_be_discarded(
    doctors_desk: Desk, doctor: Person, pharmacist: Person, patient: dict[str, Any]
) -> None:
    """A line added moves its prescription's version on; without it the prescription is as it was found."""
    drug = pharmacist.post("/drugs", {"generic_name": "paracetamol", "strength": "500 mg", "form": "tablet"}).json
    consultation = doctor.post(f"/patients/{patient['id']}/consultations", {"plan": "rest"}).json
    there = f"/patients/{patient['id']}/consultations/{consultation['id']}/prescription"
    written = doctor.post(there, {}).json
    doctors_desk(f"create DrugPrescription prescription={written['id']} drug_id={drug['id']} {PARACETAMOL}")
    doctors_desk(f"update Prescription {written['id']} instructions='with food'")
    doctors_desk("discard 1")
    assert doctors_desk("save") == "Saved 1 change.\n"
    assert doctor.get(there).json["instructions"] == "with food"


def test_a_chart_stays_readable_while_changes_wait_and_the_database_takes_no_writes(
    nurses_desk: Desk, patient: dict[str, Any], store: Store
) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")

    def refuse(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            raise OperationalError(statement, {}, Exception("attempt to write a readonly database"))

    event.listen(store.engine, "before_cursor_execute", refuse)
    try:
        printed = nurses_desk(f"show Patient {patient['id']}")
    finally:
        event.remove(store.engine, "before_cursor_execute", refuse)
    assert patient["name"] in printed
    assert "without your unsaved changes" in printed


def test_a_change_whose_reading_cannot_be_journalled_is_not_held(
    nurses_desk: Desk, patient: dict[str, Any], store: Store
) -> None:
    store.spool.folder.mkdir(parents=True, exist_ok=True)
    (store.spool.folder / "readings.jsonl").unlink(missing_ok=True)
    (store.spool.folder / "readings.jsonl").mkdir()
    assert nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84").startswith("*** Unavailable: ")
    assert nurses_desk.prompt == "(hmis nurse NRS0001) "


def test_a_refusal_that_cannot_be_told_is_one_line_too(
    officers_desk: Desk, recordofficer: Person, register: Register, store: Store
) -> None:
    patient = register()
    officers_desk(f"update Patient {patient['id']} occupation=trader")
    recordofficer.delete(f"/patients/{patient['id']}")
    store.spool.folder.mkdir(parents=True, exist_ok=True)
    (store.spool.folder / "readings.jsonl").unlink(missing_ok=True)
    (store.spool.folder / "readings.jsonl").mkdir()
    assert officers_desk("save").startswith("*** ")


@pytest.mark.parametrize("arrives", [True, False])
def test_a_save_whose_answer_was_lost_is_never_done_twice(
    nurses_desk: Desk, patient: dict[str, Any], stored: Stored, store: Store, arrives: bool
) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=85")

    def lose(connection: Any) -> None:
        event.remove(store.engine, "commit", lose)
        connection.exec_driver_sql("COMMIT" if arrives else "ROLLBACK")
        raise OperationalError("COMMIT", {}, Exception(2013, "Lost connection"))

    event.listen(store.engine, "commit", lose)
    assert "it may have arrived" in nurses_desk("save")
    assert stored(VitalSign) == (2 if arrives else 0)
    assert "may have arrived all the same" in nurses_desk("unsaved")
    printed = nurses_desk("save")
    assert "The last save had arrived" in printed if arrives else "The last save had not arrived" in printed
    assert "new-2 is VitalSign" in printed
    assert stored(VitalSign) == 2
    assert nurses_desk.prompt == "(hmis nurse NRS0001) "
    assert field(nurses_desk("show new-2"), "pulse_per_min") == "85"


def test_after_a_lost_answer_a_new_change_asks_first_what_became_of_the_last(
    nurses_desk: Desk, patient: dict[str, Any], stored: Stored, store: Store
) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")

    def lose(connection: Any) -> None:
        event.remove(store.engine, "commit", lose)
        connection.exec_driver_sql("COMMIT")
        raise OperationalError("COMMIT", {}, Exception(2013, "Lost connection"))

    event.listen(store.engine, "commit", lose)
    nurses_desk("save")
    printed = nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=85")
    assert "The last save had arrived" in printed
    assert nurses_desk.prompt.endswith("*1) ")
    nurses_desk("save")
    assert stored(VitalSign) == 2


def test_a_database_that_does_not_answer_is_one_line(
    nurses_desk: Desk, patient: dict[str, Any], store: Store, stored: Stored
) -> None:
    def fail(*arguments: Any) -> None:
        raise OperationalError("SELECT", {}, Exception(2013, "Lost connection"))

    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    event.listen(store.engine, "before_cursor_execute", fail)
    try:
        for line in ("all Patient", "save", f"create VitalSign patient={patient['id']} pulse_per_min=90"):
            assert nurses_desk(line).startswith("*** Unavailable: the database does not answer")
    finally:
        event.remove(store.engine, "before_cursor_execute", fail)
    assert nurses_desk("save").startswith("Saved 1 change.")
    assert stored(VitalSign) == 1


def test_a_hundred_changes_wait_at_most(desk: Callable[..., Desk]) -> None:
    counter = desk("pharmacist")
    counter("create Drug generic_name=drug0")
    counter.shell.unsaved.held *= 100
    assert "100 changes wait to be saved; save them first" in counter("create Drug generic_name=drug1")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(some.lists(some.sampled_from(["create", "update", "save", "discard", "discard 1", "all Drug"]), max_size=12))
def test_however_one_goes_about_it_what_was_saved_is_there_and_the_rest_is_not(
    desk: Callable[..., Desk], stored: Stored, lines: list[str]
) -> None:
    counter = desk("pharmacist")
    before, waiting = stored(Drug), 0
    for place, line in enumerate(lines):
        if line == "create":
            counter(f"create Drug generic_name=drug-{before}-{place}")
            waiting += 1
        elif line == "update":
            counter("update new-1 route=oral")
        else:
            printed = counter(line)
            if line == "save" and "Nothing was saved" not in printed:
                before, waiting = before + waiting, 0
            elif line == "discard":
                waiting = 0
            elif line == "discard 1" and printed.startswith("discarded: create"):
                waiting -= 1
        assert stored(Drug) == before
        creating = [change for change in counter.shell.unsaved.changes if change.verb == "create"]
        assert len(creating) == waiting


# --- leaving ---


def test_leaving_with_nothing_to_save_asks_nothing(nurses_desk: Desk) -> None:
    nurses_desk("quit")
    assert nurses_desk.left


@pytest.mark.parametrize(
    ("answer", "left", "there"), [("save", True, 1), ("discard", True, 0), ("stay", False, 0), ("", False, 0)]
)
def test_leaving_with_something_unsaved_asks_what_to_do(
    nurses_desk: Desk, patient: dict[str, Any], stored: Stored, answer: str, left: bool, there: int
) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    nurses_desk.answer(answer)
    assert "1 not saved:" in nurses_desk("quit")
    assert (nurses_desk.left, stored(VitalSign)) == (left, there)


def test_leaving_by_a_save_that_fails_does_not_leave(
    officers_desk: Desk, recordofficer: Person, register: Register
) -> None:
    patient = register()
    officers_desk(f"update Patient {patient['id']} occupation=trader")
    recordofficer.put(f"/patients/{patient['id']}", {"occupation": "teacher"})
    officers_desk.answer("save")
    assert "Nothing was saved" in officers_desk("quit")
    assert not officers_desk.left


def test_the_end_of_input_does_not_lose_changes_in_silence(nurses_desk: Desk, patient: dict[str, Any]) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    assert "Not left: `save` or `discard`" in nurses_desk("EOF")
    assert not nurses_desk.left
    assert "pulse_per_min=84" in nurses_desk("EOF")
    assert "these changes are lost" in nurses_desk("EOF")
    assert nurses_desk.left


def run(desk: Desk, *lines: str) -> str:
    desk.shell.stdin = io.StringIO("".join(f"{line}\n" for line in lines))
    desk.shell.cmdloop()
    return desk.out.getvalue()


def test_a_script_saves_what_it_says(
    desk: Callable[..., Desk], patient: dict[str, Any], stored: Stored, told: Told
) -> None:
    piped = desk("nurse", interactive=False)
    printed = run(piped, f"create VitalSign patient={patient['id']} pulse_per_min=84", "save", "quit")
    assert "Saved 1 change." in printed
    assert (piped.shell.failed, stored(VitalSign)) == (False, 1)
    assert len(told(Act.SIGN_OUT)) == 1


def test_a_script_that_forgets_to_save_says_so_and_fails(
    desk: Callable[..., Desk], patient: dict[str, Any], stored: Stored
) -> None:
    piped = desk("nurse", interactive=False)
    printed = run(piped, f"create VitalSign patient={patient['id']} pulse_per_min=84")
    assert "these changes are lost" in printed
    assert "pulse_per_min=84" in printed
    assert (piped.shell.failed, stored(VitalSign)) == (True, 0)


def test_a_script_saves_nothing_after_a_line_that_was_refused(
    desk: Callable[..., Desk], patient: dict[str, Any], stored: Stored
) -> None:
    piped = desk("nurse", interactive=False)
    printed = run(
        piped,
        f"create VitalSign patient={patient['id']} pulse_per_min=400",
        f"create VitalSign patient={patient['id']} pulse_per_min=84",
        "save",
        "quit",
    )
    assert "a line before this one was refused, so nothing is saved" in printed
    assert (piped.shell.failed, stored(VitalSign)) == (True, 0)


# --- the audit of what was saved ---


def test_what_was_saved_is_in_the_audit_with_who_where_and_the_request(
    nurses_desk: Desk, patient: dict[str, Any], told: Told, store: Store
) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    assert [event.record_type for event in told(Act.READ)] == ["console:VitalSign.create"]
    nurses_desk("save")
    (made,) = told(Act.CREATE)
    with store.session(writes=False) as session:
        vital_sign = session.scalars(select(VitalSign)).one()
    assert (made.record_id, made.actor_number, made.address) == (vital_sign.id, "NRS0001", "console")
    assert str(made.patient_id) == patient["id"]
    assert made.request_id
    assert made.session_id
