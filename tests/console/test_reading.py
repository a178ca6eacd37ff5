"""Listing, finding, showing and counting at the console."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from hmis.console.tables import clean
from hmis.core.audit import Act, AuditEvent
from hmis.core.store import Store
from tests.conftest import Person
from tests.console.conftest import Desk

Register = Callable[..., dict[str, Any]]
Told = Callable[..., list[AuditEvent]]


@pytest.mark.parametrize(
    "line", ["all Patient", "Patient.all()", "find Patient ade okafor", 'Patient.find("okafor ade")', "all patient"]
)
def test_patients_are_listed_with_number_name_sex_and_age(officers_desk: Desk, register: Register, line: str) -> None:
    ada = register(given_name="Ade", family_name="Okafor")
    printed = officers_desk(line)
    assert f"{ada['hospital_number']}  Ade Okafor  female" in printed
    assert "\x1b" not in printed


def test_a_long_list_goes_on_with_more(officers_desk: Desk, register: Register) -> None:
    numbers = {register(family_name=f"Okeke{place:02}")["hospital_number"] for place in range(53)}
    first = officers_desk("all Patient")
    assert "50 shown; `more` goes on." in first
    second = officers_desk("more")
    assert "more" not in second
    assert {word for word in f"{first} {second}".split() if word.isdecimal() and len(word) == 9} == numbers
    assert officers_desk("more") == "*** the last list is at its end\n"


def test_more_of_a_class_is_more_of_the_last_list(officers_desk: Desk, register: Register) -> None:
    for _ in range(3):
        register()
    officers_desk("all Patient limit=2")
    assert "list Visit first" in officers_desk("all Visit --more")
    assert "None" not in officers_desk("all Patient --more")


def test_one_patient_is_shown_with_every_field_and_the_whole_id(officers_desk: Desk, register: Register) -> None:
    kin = {"name": "Emeka Obi", "phone": "08035550102"}
    patient = register(phone="08035550101", next_of_kin=kin, identifiers=[{"system": "NIN", "value": "123"}])
    for line in (
        f"show Patient {patient['hospital_number']}",
        f"Patient.show('{patient['hospital_number']}')",
        f"show Patient {patient['id']}",
        f"show {patient['hospital_number']}",
    ):
        printed = officers_desk(line)
        for said in (patient["id"], "+2348035550101", "next_of_kin.name      Emeka Obi", "identifiers.1.value   123"):
            assert said in printed


def test_a_role_sees_at_the_console_what_it_sees_at_the_api_and_no_more(
    desk: Callable[..., Desk], register: Register
) -> None:
    patient = register(phone="08035550101", address="4 Bank Road")
    shown = desk("pharmacist")(f"show Patient {patient['hospital_number']}")
    assert "+2348035550101" in shown
    assert "Bank Road" not in shown
    listed = desk("admin")("all Patient")
    assert patient["hospital_number"] in listed
    assert "0803555" not in listed


def test_numbers_are_counted_for_everybody(nurses_desk: Desk, register: Register) -> None:
    register()
    assert nurses_desk("count Patient") == "1\n"
    assert nurses_desk("Patient.count()") == "1\n"
    assert nurses_desk("Staff.count()") == "8\n"
    assert "NotPermitted" in nurses_desk("Doctor.count()")
    assert nurses_desk("VitalSign.count()") == "0\n"


def test_staff_are_listed_and_found_by_who_runs_them(desk: Callable[..., Desk]) -> None:
    admins_desk = desk("admin")
    assert "DOC0001" in admins_desk("all Doctor")
    assert "NRS0001" not in admins_desk("all Doctor")
    assert "NRS0001" in admins_desk("all Staff")
    assert "DOC0002" in admins_desk("find Doctor doctor2")
    assert "doctor@hospital.example" in admins_desk("show Doctor DOC0001")
    assert "no such nurse" in admins_desk("show Nurse DOC0001")
    assert "password" not in admins_desk("show Doctor DOC0001")


def test_somebody_sees_their_own_profile_and_nobody_elses(nurses_desk: Desk) -> None:
    assert "nurse@hospital.example" in nurses_desk("show Nurse NRS0001")
    assert nurses_desk("show Nurse NRS0002") == "*** NotPermitted: only your own profile is yours to see\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("all Pateint", "*** Unknown class: Pateint. Did you mean Patient?\n"),
        ("Pateint.all()", "*** Unknown class: Pateint. Did you mean Patient?\n"),
        ("shwo Patient 1", "*** Unknown command: shwo. Did you mean show?\n"),
        ("all", "*** all what? Say a class, such as: all Patient\n"),
        ("count", "*** count what? Say a class, such as: count Patient\n"),
        ("show Patient", "*** show which Patient? Give its id or number\n"),
        ("find Patient", "*** find what? Such as: find Patient ade\n"),
        ("find VitalSign 120", "*** find does not go with VitalSign; there is all, show, create, update,"),
        ("Patient", "*** what of Patient? Such as Patient.all(), or: help Patient\n"),
        ("!ls", "*** Unknown command: !ls. Say help.\n"),
        ("all Drug patient=1", "*** all Drug takes no patient=\n"),
        ("show Patient 1 2", "*** 2: show takes one id\n"),
        ("show Patient 104226785", "*** HospitalNumberInvalid: check digit does not fit: look at the card again"),
        ("show Patient new-7", "*** Invalid: nothing here is called new-7\n"),
        ("show VitalSign 7f3a09c1", "*** 7f3a09c1 is the short id of nothing shown here lately: "),
        ("Patient.show(", "*** cannot read this: put ids and texts into quotes, and close every bracket\n"),
        ("all Patient limit=1000", "*** Invalid: limit: Input should be less than or equal to 200\n"),
        ("", ""),
        ("# a note to myself", ""),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(nurses_desk: Desk, line: str, answer: str) -> None:
    printed = nurses_desk(line)
    assert printed.startswith(answer)
    assert printed.count("\n") == bool(answer)


def test_lists_of_a_chart_need_whose(nurses_desk: Desk) -> None:
    assert "patient=<hospital number>" in nurses_desk("all VitalSign")


@pytest.mark.parametrize("username", ["admin", "recordofficer"])
@pytest.mark.parametrize(
    "line",
    ["all VitalSign", "all VitalSign patient={number}", "show VitalSign {vitals}", "all NurseNote patient={number}"],
)
def test_who_may_not_read_charts_is_told_so_and_it_is_in_the_audit(
    desk: Callable[..., Desk], nurse: Person, patient: dict[str, Any], told: Told, username: str, line: str
) -> None:
    vitals = nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 80}).json["id"]
    printed = desk(username)(line.format(number=patient["hospital_number"], vitals=vitals))
    assert printed.startswith("*** NotPermitted: ")
    assert printed.count("\n") == 1
    assert "80" not in printed
    (refusal,) = told(Act.REFUSE)
    assert (refusal.actor_role, refusal.outcome) == (
        {"admin": "admin", "recordofficer": "record_officer"}[username],
        "NotPermitted",
    )
    assert refusal.patient_id == (None if line == "all VitalSign" else uuid.UUID(patient["id"]))


def test_opening_a_chart_is_in_the_audit(nurses_desk: Desk, nurse: Person, patient: dict[str, Any], told: Told) -> None:
    vitals = nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 80}).json["id"]
    nurses_desk(f"show Patient {patient['hospital_number']}")
    nurses_desk(f"all VitalSign patient={patient['hospital_number']}")
    nurses_desk(f"show VitalSign {vitals}")
    events = told(Act.READ)
    assert [(e.record_type, str(e.patient_id), e.actor_number) for e in events] == [
        ("console:Patient.show", patient["id"], "NRS0001"),
        ("console:VitalSign.all", patient["id"], "NRS0001"),
        ("console:VitalSign.show", patient["id"], "NRS0001"),
    ]
    assert str(events[2].record_id) == vitals
    assert len({event.request_id for event in events}) == 3
    assert len({event.session_id for event in events}) == 1


def test_searching_over_patients_is_in_the_audit(officers_desk: Desk, told: Told) -> None:
    officers_desk("all Patient")
    officers_desk("find Patient ade")
    assert [event.record_type for event in told(Act.SEARCH)] == ["console:Patient.all", "console:Patient.find"]


def test_a_chart_that_cannot_be_journalled_is_not_shown(
    nurses_desk: Desk, patient: dict[str, Any], store: Store
) -> None:
    store.spool.folder.mkdir(parents=True, exist_ok=True)
    (store.spool.folder / "readings.jsonl").unlink(missing_ok=True)
    (store.spool.folder / "readings.jsonl").mkdir()
    printed = nurses_desk(f"show Patient {patient['hospital_number']}")
    assert printed.startswith("*** Unavailable: ")
    assert patient["name"] not in printed


def test_another_patients_record_is_not_there(nurses_desk: Desk, told: Told) -> None:
    missing = "01a20d8f-d251-7e79-a56c-6ed81be45b3f"
    assert nurses_desk(f"show VitalSign {missing}") == "*** NotFound: there is no such vital sign here\n"
    assert [event.outcome for event in told(Act.REFUSE)] == ["NotFound"]


def test_names_from_outside_tell_the_terminal_nothing() -> None:
    assert clean("Ada\x1b[2J\x07 [red]Obi[/]\u202e321") == "Ada [2J  [red]Obi[/] 321"
    assert clean("Adébáyọ̀ Ƙofar-Mata") == "Adébáyọ̀ Ƙofar-Mata"


def test_a_table_fits_into_80_columns(officers_desk: Desk, register: Register) -> None:
    register(given_name="Oluwaseunfunmi " * 7, family_name="Ogunbanjo-Adeyemi " * 5, phone="08035550101")
    printed = officers_desk("all Patient")
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80
    assert printed.count("Oluwaseunfunmi") == 7


def test_help_tells_of_commands_classes_and_what_one_may_do(nurses_desk: Desk) -> None:
    assert "save all that waits" in nurses_desk("help")
    assert "What waits to be saved" in nurses_desk("help unsaved")
    told = nurses_desk("help VitalSign")
    assert "You may: all, show, create, update, destroy." in told
    assert "consciousness (A | C | V | P | U)" in told
    assert "You may: all, find, show." in nurses_desk("help Drug")
    assert "DrugPrescription" in nurses_desk("help hold")
    assert "Did you mean Patient?" in nurses_desk("? Patinet")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    verb=some.sampled_from(
        ["show Patient ", "Patient.find(", "all ", "update VitalSign ", "create Drug ", "", "discard "]
    ),
    rest=some.text(max_size=60),
)
def test_nothing_that_can_be_typed_is_ever_answered_with_a_failure_of_ours(
    nurses_desk: Desk, verb: str, rest: str
) -> None:
    printed = nurses_desk(f"{verb}{rest}")
    assert "Traceback" not in printed
    assert "went wrong" not in printed


def test_lines_from_a_pipe_are_answered_without_prompt_or_colour(
    store: Store, desk: Callable[..., Desk], patient: dict[str, Any]
) -> None:
    piped = desk("nurse", interactive=False)
    piped.shell.stdin = io.StringIO("count Patient\nall Patient\n")
    piped.shell.cmdloop()
    printed = piped.out.getvalue()
    assert printed.startswith("1\n")
    assert patient["hospital_number"] in printed
    assert "hmis" not in printed
    assert not piped.shell.failed
