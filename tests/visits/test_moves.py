"""Moving patients through the day, and the day's lists."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest
from flask import Flask

from hmis.visits.models import ENDED, VisitState
from hmis.visits.policy import FORWARD, SAID
from tests.conftest import Person, Time, some_id

Register = Callable[..., dict[str, Any]]
CLINIC = "General outpatients"
pytestmark = pytest.mark.usefixtures("time")
ORDER = ["arrived", "triage", "waiting", "with_doctor", "pharmacy", "done"]

STATES = [*ORDER, "left"]


@pytest.fixture
def visit(recordofficer: Person, patient: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = recordofficer.post(f"/patients/{patient['id']}/visits", {"clinic": CLINIC}).json
    return found


def move(person: Person, visit: dict[str, Any], to: str, **more: Any) -> Any:
    return person.post(f"/visits/{visit['id']}/move", {"to": to, **more})


def test_a_patient_goes_through_the_day(sign_in: Callable[[str], Person], visit: dict[str, Any], time: Time) -> None:
    who = ["recordofficer", "nurse", "nurse", "doctor", "doctor", "pharmacist"]
    for state, username in zip(ORDER[1:], who[1:], strict=True):
        time.passes(minutes=7)
        assert sign_in("doctor").get("/visits").json["items"][0]["waiting_minutes"] == 7
        answer = move(sign_in(username), visit, state)
        assert (answer.status_code, answer.json["state"]) == (200, state)
        assert answer.json["moved_at"].startswith(f"{time.now:%Y-%m-%dT%H:%M}")
    assert answer.json["waiting_minutes"] is None
    assert answer.json["version"] == 6


def test_the_table_of_moves_goes_one_way() -> None:
    assert set(FORWARD) == set(VisitState) == set(SAID)
    for here, there in product(VisitState, VisitState):
        assert not (there in FORWARD[here] and here in FORWARD[there]), f"{here} and {there} run in a circle"
    assert {state for state, further in FORWARD.items() if not further} == ENDED
    assert all(further >= ENDED for state, further in FORWARD.items() if state not in ENDED)


@pytest.mark.parametrize(("here", "there"), list(product(STATES, STATES)))
def test_every_move_is_forward_or_is_said_to_be_an_undoing(
    nurse: Person, visit: dict[str, Any], here: str, there: str
) -> None:
    if here != "arrived":
        assert move(nurse, visit, here).status_code == 200
    answer = move(nurse, visit, there)
    if here == there:
        assert answer.status_code == 409
        assert move(nurse, visit, there, undo=True).status_code == 409
    elif VisitState(there) in FORWARD[VisitState(here)]:
        assert (answer.status_code, answer.json["state"]) == (200, there)
    else:
        assert (answer.status_code, answer.json["code"], answer.json["state"]) == (409, "Conflict", here)
        assert "undo" in answer.json["detail"]
        assert move(nurse, visit, there, undo=True).json["state"] == there


def test_of_two_who_call_a_patient_the_second_is_told_who_was_first(
    doctor: Person, sign_in: Callable[[str], Person], visit: dict[str, Any]
) -> None:
    assert move(doctor, visit, "with_doctor", expected_state="arrived").status_code == 200
    second = move(sign_in("doctor2"), visit, "with_doctor", expected_state="arrived")
    assert (second.status_code, second.json["state"]) == (409, "with_doctor")
    assert second.json["detail"] == "already with the doctor since 09:00, moved by Doctor Test", "Lagos is UTC+1"


def test_what_was_seen_before_somebody_moved_the_patient_moves_nobody(
    nurse: Person, doctor: Person, visit: dict[str, Any]
) -> None:
    move(doctor, visit, "with_doctor")
    late = move(nurse, visit, "pharmacy", expected_state="waiting")
    assert late.status_code == 409
    assert late.json["detail"].startswith("no longer there: with the doctor since")


def test_of_sixteen_who_call_a_patient_at_once_one_gets_them(app: Flask, visit: dict[str, Any]) -> None:
    people = [Person(app, name) for name in ["doctor", "doctor2", "nurse", "nurse2"] * 4]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda person: move(person, visit, "with_doctor").status_code, people))
    assert sorted(answers) == [200] + [409] * 15


def test_what_was_ended_by_mistake_is_opened_again_today_and_not_tomorrow(
    nurse: Person, visit: dict[str, Any], time: Time
) -> None:
    move(nurse, visit, "done")
    assert move(nurse, visit, "waiting").status_code == 409
    assert move(nurse, visit, "waiting", undo=True).json["state"] == "waiting"
    move(nurse, visit, "left")
    time.passes(hours=24)
    answer = move(nurse, visit, "waiting", undo=True)
    assert (answer.status_code, "another day" in answer.json["detail"]) == (409, True)


def test_a_visit_is_not_opened_again_beside_a_newer_one(
    nurse: Person, recordofficer: Person, patient: dict[str, Any], visit: dict[str, Any]
) -> None:
    move(nurse, visit, "left")
    second = recordofficer.post(f"/patients/{patient['id']}/visits", {"clinic": CLINIC}).json
    answer = move(nurse, visit, "waiting", undo=True)
    assert (answer.status_code, answer.json["ticket"]) == (409, second["ticket"])


def test_yesterdays_forgotten_visit_can_still_be_ended(nurse: Person, visit: dict[str, Any], time: Time) -> None:
    time.passes(hours=24)
    assert move(nurse, visit, "left").json["state"] == "left"


@pytest.mark.parametrize("body", [{}, {"to": "home"}, {"to": "done", "why": "x"}, {"to": None}])
def test_a_move_needs_a_known_place(nurse: Person, visit: dict[str, Any], body: dict[str, Any]) -> None:
    assert nurse.post(f"/visits/{visit['id']}/move", body).status_code == 422


def test_an_unknown_visit_is_not_found(nurse: Person) -> None:
    assert nurse.post(f"/visits/{some_id()}/move", {"to": "done"}).status_code == 404


def test_administrators_neither_see_nor_move_patients(admin: Person, visit: dict[str, Any]) -> None:
    assert admin.get("/visits").status_code == 403
    assert move(admin, visit, "done").status_code == 403


def test_a_move_is_four_statements(nurse: Person, visit: dict[str, Any], queries: list[str]) -> None:
    queries.clear()
    move(nurse, visit, "triage")
    assert len([q for q in queries if "sign_ins" not in q]) == 4, queries


def test_the_days_list_is_by_clinic_and_state_in_the_order_they_came(
    recordofficer: Person, nurse: Person, register: Register, time: Time
) -> None:
    def come(clinic: str) -> dict[str, Any]:
        time.passes(minutes=1)
        found: dict[str, Any] = recordofficer.post(f"/patients/{register()['id']}/visits", {"clinic": clinic}).json
        return found

    def seen(**query: Any) -> list[str]:
        return [visit["id"] for visit in nurse.get("/visits", **query).json["items"]]

    first, second, third = come("Eye"), come("Ear"), come("Eye")
    move(nurse, first, "triage")
    move(nurse, third, "done")
    today = first["held_on"]
    assert seen() == [first["id"], second["id"], third["id"]]
    assert seen(clinic="Eye") == [first["id"], third["id"]]
    assert seen(state="triage") == [first["id"]]
    assert seen(state="open") == [first["id"], second["id"]]
    assert seen(clinic="Eye", state="done") == [third["id"]]
    time.passes(hours=24)
    assert seen() == []
    assert seen(on=today) == [first["id"], second["id"], third["id"]]
    assert nurse.get("/visits", on="yesterday").status_code == 422


def test_the_days_list_tells_nothing_clinical(recordofficer: Person, visit: dict[str, Any]) -> None:
    (shown,) = recordofficer.get("/visits").json["items"]
    assert set(shown) == {
        "id", "patient", "clinic", "reason", "held_on", "ticket", "state", "moved_at", "waiting_minutes",
        "created_at", "version",
    }  # fmt: skip
    little = {"id", "hospital_number", "name", "given_name", "family_name", "other_names", "sex", "age"}
    assert set(shown["patient"]) == little


def test_a_list_is_one_query_however_many_wait(recordofficer: Person, register: Register, queries: list[str]) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            recordofficer.post(f"/patients/{register()['id']}/visits", {"clinic": CLINIC})
        queries.clear()
        recordofficer.get("/visits")
        counts.append(len([q for q in queries if "sign_ins" not in q]))
        assert not any("photo" in q for q in queries), "a photo is not read to show a name"
    assert counts == [1, 1]


def test_pages_hold_every_visit_once(recordofficer: Person, register: Register) -> None:
    for _ in range(7):
        recordofficer.post(f"/patients/{register()['id']}/visits", {"clinic": CLINIC})
    tickets, cursor = [], None
    while True:
        page = recordofficer.get("/visits", limit=3, **({"cursor": cursor} if cursor else {})).json
        tickets += [visit["ticket"] for visit in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert tickets == list(range(1, 8))


def test_a_patients_visits_are_theirs_alone_newest_first(
    recordofficer: Person, patient: dict[str, Any], visit: dict[str, Any], register: Register, time: Time
) -> None:
    other = register()
    time.passes(hours=24)
    second = recordofficer.post(f"/patients/{patient['id']}/visits", {"clinic": "Eye"}).json
    shown = recordofficer.get(f"/patients/{patient['id']}/visits").json["items"]
    assert [v["id"] for v in shown] == [second["id"], visit["id"]]
    assert recordofficer.get(f"/patients/{other['id']}/visits").json["items"] == []
    assert recordofficer.get(f"/patients/{other['id']}/visits/{visit['id']}").status_code == 404
