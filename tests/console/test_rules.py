"""The laws at the console: the author's 24 hours, roles, sessions, and everything in the audit."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Any

import pytest

from hmis.console import typed
from hmis.console.completion import completions
from hmis.console.sign_in import sign_in_at_console
from hmis.core.audit import Act, AuditEvent
from hmis.core.errors import NotSignedIn, TooManyRequests
from hmis.core.store import Store
from tests.conftest import PASSWORD, Person, Time
from tests.console.conftest import Desk, field

Told = Callable[..., list[AuditEvent]]


@pytest.fixture
def recorded(time: Time, nurse: Person, patient: dict[str, Any]) -> str:
    """A set of vital signs that the nurse has just recorded; its id."""
    id: str = nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 84}).json["id"]
    return id


CORRECT = "update VitalSign {id} pulse_per_min=86"
WITHDRAW = 'destroy VitalSign {id} "wrong patient"'


@pytest.mark.parametrize("line", [CORRECT, WITHDRAW])
def test_the_author_may_correct_and_withdraw_until_the_24_hours_are_over(
    desk: Callable[..., Desk], recorded: str, time: Time, line: str
) -> None:
    time.passes(hours=23.99)
    late = desk("nurse")
    assert "not saved yet" in late(line.format(id=recorded))
    assert late("save") == "Saved 1 change.\n"


@pytest.mark.parametrize("line", [CORRECT, WITHDRAW])
def test_after_24_hours_the_author_is_told_since_when_it_is_locked(
    desk: Callable[..., Desk], recorded: str, time: Time, told: Told, line: str
) -> None:
    time.passes(hours=24)
    late = desk("nurse")
    printed = late(line.format(id=recorded))
    assert printed.startswith("*** RecordLocked: locked since ")
    assert printed.endswith("add an addendum\n")
    (refusal,) = told(Act.REFUSE)
    assert (refusal.outcome, refusal.record_type.partition(":")[0]) == ("RecordLocked", "console")
    assert refusal.patient_id is not None
    assert late.prompt == "(hmis nurse NRS0001) "


def test_a_change_tried_in_time_and_saved_too_late_is_refused(
    desk: Callable[..., Desk], recorded: str, time: Time, nurse: Person, patient: dict[str, Any]
) -> None:
    time.passes(hours=23.99)
    late = desk("nurse")
    late(CORRECT.format(id=recorded))
    time.passes(minutes=10)
    printed = late("save")
    assert printed.startswith("*** Nothing was saved. Change 1 (update VitalSign")
    assert "RecordLocked" in printed
    assert nurse.get(f"/patients/{patient['id']}/vitals/{recorded}").json["pulse_per_min"] == 84


@pytest.mark.parametrize("line", [CORRECT, WITHDRAW])
@pytest.mark.parametrize(
    ("username", "refusal"), [("nurse2", "NotAuthor"), ("doctor", "NotAuthor"), ("admin", "NotPermitted")]
)
def test_nobody_else_may_change_it_the_administrator_included(
    desk: Callable[..., Desk], recorded: str, told: Told, line: str, username: str, refusal: str
) -> None:
    other = desk(username)
    assert other(line.format(id=recorded)).startswith(f"*** {refusal}: ")
    assert [event.outcome for event in told(Act.REFUSE)] == [refusal]
    assert other("save") == "Nothing waits to be saved.\n"


def test_what_was_withdrawn_stays_and_is_shown_as_such(
    desk: Callable[..., Desk], recorded: str, patient: dict[str, Any]
) -> None:
    nurses = desk("nurse")
    nurses(f"all VitalSign patient={patient['id']}")
    nurses(f'destroy VitalSign {recorded[-8:]} "wrong patient"')
    nurses("save")
    assert nurses(f"all VitalSign patient={patient['id']}") == "None.\n"
    assert "withdrawn" in nurses(f"all VitalSign patient={patient['id']} include=voided")
    assert field(nurses(f"show VitalSign {recorded}"), "voided.reason") == "wrong patient"
    assert "*** Conflict: " in nurses(CORRECT.format(id=recorded))


def test_a_withdrawal_needs_a_reason(desk: Callable[..., Desk], recorded: str) -> None:
    assert desk("nurse")(f"destroy VitalSign {recorded}") == "*** Invalid: reason: Field required\n"


def test_what_was_measured_is_of_the_time_it_was_typed_and_signed_at_the_save(
    time: Time, desk: Callable[..., Desk], patient: dict[str, Any], nurse: Person
) -> None:
    nurses = desk("nurse")
    nurses(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    time.passes(minutes=10)
    nurses("save")
    (found,) = nurse.get(f"/patients/{patient['id']}/vitals").json["items"]
    assert (found["taken_at"][11:16], found["created_at"][11:16]) == ("08:00", "08:10")


# --- being signed in ---


@pytest.mark.parametrize("password", ["", "wrong"])
@pytest.mark.parametrize("username", ["nurse", "nobody"])
def test_a_wrong_password_opens_no_console_and_is_in_the_audit(
    store: Store, username: str, password: str, told: Told
) -> None:
    with pytest.raises(NotSignedIn, match="the name or the password is not right"):
        sign_in_at_console(store, username, password)
    assert [event.outcome for event in told(Act.REFUSE)] == ["NotSignedIn"]


def test_guessing_is_slowed_down_at_the_console_too(store: Store) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            sign_in_at_console(store, "nurse", "wrong")
    with pytest.raises(TooManyRequests):
        sign_in_at_console(store, "nurse", PASSWORD)


def test_signing_in_and_out_is_in_the_audit_under_one_session(desk: Callable[..., Desk], told: Told) -> None:
    nurses = desk("nurse", interactive=False)
    nurses.answer("quit")
    nurses.shell.cmdloop()
    (came,), (went,) = told(Act.SIGN_IN), told(Act.SIGN_OUT)
    assert (came.actor_number, came.session_id) == (went.actor_number, went.session_id)
    assert came.request_id != went.request_id


def test_a_console_is_listed_among_the_sessions_and_can_be_ended_from_elsewhere(
    time: Time, nurses_desk: Desk, nurse: Person
) -> None:
    (console,) = [s for s in nurse.get("/auth/sessions").json["items"] if s["address"] == "console"]
    assert nurse.delete(f"/auth/sessions/{console['id']}").status_code == 204
    time.passes(seconds=2)
    assert nurses_desk("all Patient").startswith("*** NotSignedIn: your session has ended")


@pytest.mark.parametrize("line", ["all Patient", "save", "unsaved", "count Patient", "create Patient sex=female"])
def test_a_console_left_alone_for_15_minutes_is_over(time: Time, nurses_desk: Desk, line: str) -> None:
    time.passes(minutes=14.9)
    assert "NotSignedIn" not in nurses_desk(line)
    time.passes(minutes=15)
    assert nurses_desk(line).startswith("*** NotSignedIn: your session has ended")


def test_whoever_was_let_go_can_do_nothing_more(
    time: Time, desk: Callable[..., Desk], admin: Person, nurse: Person, patient: dict[str, Any]
) -> None:
    nurses = desk("nurse")
    nurses(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    assert admin.delete(f"/staffs/{nurse.id}", reason="left us").status_code == 204
    time.passes(seconds=2)
    assert nurses("save").startswith("*** NotSignedIn: ")


def test_after_signing_in_again_what_was_not_saved_is_still_there(
    time: Time, store: Store, desk: Callable[..., Desk], patient: dict[str, Any]
) -> None:
    nurses = desk("nurse", sign_in_again=lambda: sign_in_at_console(store, "nurse", PASSWORD))
    nurses(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    time.passes(minutes=20)
    printed = nurses("save")
    assert "what you did not save is still here" in printed
    assert "Saved 1 change." in printed


def test_nobody_else_takes_over_a_console(
    time: Time, store: Store, desk: Callable[..., Desk], patient: dict[str, Any]
) -> None:
    nurses = desk("nurse", sign_in_again=lambda: sign_in_at_console(store, "nurse2", PASSWORD))
    nurses(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    time.passes(minutes=20)
    assert "*** NotSignedIn: that is somebody else" in nurses("save")
    assert nurses.prompt == "(hmis nurse NRS0001 *1) "


def test_an_empty_line_does_nothing_and_least_of_all_the_last_thing_again(
    nurses_desk: Desk, patient: dict[str, Any]
) -> None:
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    assert nurses_desk("") == ""
    assert nurses_desk.prompt.endswith("*1) ")


def test_a_failure_of_ours_is_one_line_and_the_rest_is_in_a_file(
    nurses_desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(nurses_desk.shell.paper, "table", broken)
    monkeypatch.setattr(nurses_desk.shell.paper, "fields", broken)
    printed = nurses_desk("show Nurse NRS0001")
    assert printed.startswith("*** Something went wrong here; it was written down under ")
    assert printed.count("\n") == 1
    file = store.settings.data_dir / "console_errors.log"
    assert "ZeroDivisionError" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# --- Tab, and the lines typed before ---


COMMANDS = ["all", "count", "create", "help", "save", "show", "update"]


def ids(class_names: Any) -> list[str]:
    known = {"Patient": ["104226784"], "VitalSign": ["7f3a09c1", "new-1"], "Drug": ["0c0ffee0"], "Nurse": ["NRS0001"]}
    return [id for name in class_names for id in known.get(name, [])]


@pytest.mark.parametrize(
    ("before", "word", "offered"),
    [
        ("", "sa", ["save"]),
        ("", "Pa", ["Patient"]),
        ("", "Addendum.", ["Addendum.all(", "Addendum.show(", "Addendum.create(", "Addendum.count("]),
        ("", "Patient.sh", ["Patient.show("]),
        ("show ", "Pa", ["Patient"]),
        ("stop ", "", ["DrugPrescription"]),
        ("help ", "Nur", ["NurseNote", "Nurse"]),
        ("help ", "cr", ["create"]),
        ("show Patient ", "1", ["104226784"]),
        ("show VitalSign ", "", ["7f3a09c1", "new-1"]),
        ('VitalSign.show("', "n", ["new-1"]),
        ("create Patient ", "given", ["given_name="]),
        ("create Patient given_name=Ada ", "given", []),
        ("create Patient sex=", "", ["female", "male", "other", "unknown"]),
        ("create VitalSign ", "pat", ["patient="]),
        ("create VitalSign patient=", "1", ["104226784"]),
        ("create VitalSign patient=104226784 consciousness=", "", ["A", "C", "V", "P", "U"]),
        ("create VitalSign patient=104226784 oxygen=", "t", ["true"]),
        ("create DrugPrescription drug_id=", "", ["0c0ffee0"]),
        ("all VitalSign by=", "", ["NRS0001"]),
        ("update Visit x to=", "tr", ["triage"]),
        ("update VitalSign 7f3a09c1 ", "pul", ["pulse_per_min="]),
        ('Patient.update("104226784", {"', "pho", ["phone", "photo"]),
        ('Patient.create({"sex": "', "fe", ["female"]),
        ("show Pateint ", "", []),
        ("nonsense ", "", []),
    ],
)
def test_tab_offers_what_can_come_next(before: str, word: str, offered: list[str]) -> None:
    assert completions(before, word, COMMANDS, ids) == offered


def test_tab_knows_what_was_shown_and_made_here(nurses_desk: Desk, patient: dict[str, Any]) -> None:
    def tab(before: str, word: str) -> list[str]:
        line = before + word
        return nurses_desk.shell.completedefault(word, line, len(before), len(line))

    assert tab("show Patient ", "") == []
    nurses_desk("all Patient")
    assert tab("show Patient ", "") == [patient["hospital_number"]]
    nurses_desk(f"create VitalSign patient={patient['id']} pulse_per_min=84")
    assert tab("update VitalSign ", "") == ["new-1"]
    number = nurses_desk("save").split("VitalSign ")[1][:8]
    assert tab("update VitalSign ", "") == [number]
    assert "VitalSign" in nurses_desk.shell.completenames("Vi")


def test_typed_lines_are_kept_for_their_typist_alone(tmp_path: Any) -> None:
    if typed.readline is None:
        pytest.skip("this Python has no readline")
    folder = tmp_path / "console_history"
    before = os.umask(0)
    try:
        with typed.remembered(folder, "NRS0001"):
            typed.readline.add_history("show Patient 104226784")
        with typed.remembered(folder, "ADM0001"):
            assert typed.readline.get_current_history_length() == 0
        with typed.remembered(folder, "NRS0001"):
            assert typed.readline.get_history_item(1) == "show Patient 104226784"
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "NRS0001").stat().st_mode) == 0o600


def test_a_script_keeps_no_lines(desk: Callable[..., Desk], store: Store) -> None:
    piped = desk("nurse", interactive=False)
    piped.answer("quit")
    piped.shell.cmdloop()
    assert not (store.settings.data_dir / "console_history").exists()
