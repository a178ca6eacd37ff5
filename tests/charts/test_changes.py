"""The tokens by which screens learn that something changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from hmis.charts import changes
from hmis.core import clock
from hmis.core.access import Role
from hmis.core.store import Store
from tests.charts.test_charts import Ward
from tests.conftest import Person, Time

SignIn = Callable[[Role | str], Person]


@pytest.fixture
def ward(sign_in: SignIn, patient: dict[str, Any], time: Time) -> Ward:
    return Ward(sign_in, patient, time)


def tokens(person: Person) -> dict[str, str]:
    answer = person.get("/changes")
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json
    return found


class Watch:
    """A screen that asks again and again."""

    def __init__(self, person: Person) -> None:
        self.person, self.seen = person, tokens(person)

    def changed(self) -> set[str]:
        """What changed since it asked last."""
        before, self.seen = self.seen, tokens(self.person)
        return {name for name in before if before[name] != self.seen[name]}


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.DOCTOR, {"visits", "vitals", "prescriptions"}),
        (Role.NURSE, {"visits", "vitals", "prescriptions"}),
        (Role.PHARMACIST, {"visits", "vitals", "prescriptions"}),
        (Role.RECORD_OFFICER, {"visits"}),
        (Role.ADMIN, set()),
    ],
)
def test_a_role_gets_tokens_of_what_it_may_see(sign_in: SignIn, role: Role, names: set[str]) -> None:
    assert set(tokens(sign_in(role))) == names


def test_while_nothing_happens_nothing_changes_and_all_see_the_same(ward: Ward, sign_in: SignIn) -> None:
    ward.visit()
    watch = Watch(sign_in("doctor"))
    ward.time.passes(minutes=5)
    assert watch.changed() == set()
    assert tokens(sign_in("nurse")) == watch.seen


def test_every_step_of_a_visit_is_noticed(ward: Ward, doctor: Person) -> None:
    watch = Watch(doctor)
    visit = ward.visit()
    assert watch.changed() == {"visits"}
    for step in ({"to": "triage"}, {"to": "arrived", "undo": True}, {"to": "left"}, {"to": "triage", "undo": True}):
        assert doctor.post(f"/visits/{visit['id']}/move", step).status_code == 200
        assert watch.changed() == {"visits"}, step


def test_a_change_in_the_same_moment_by_a_clock_that_is_behind_is_noticed(
    ward: Ward, doctor: Person, time: Time
) -> None:
    """Of two servers the one whose clock is behind moves a patient last: the newest time stays as it was."""
    first, second = ward.visit(), ward.visit("Eye")
    doctor.post(f"/visits/{first['id']}/move", {"to": "triage"})
    watch = Watch(doctor)
    time.passes(seconds=-30)
    doctor.post(f"/visits/{second['id']}/move", {"to": "triage"})
    assert watch.changed() == {"visits"}


def test_vitals_taken_corrected_and_withdrawn_are_noticed(ward: Ward, nurse: Person) -> None:
    watch = Watch(nurse)
    taken = ward.vitals(pulse_per_min=80)
    assert watch.changed() == {"vitals"}
    where = f"{ward.path}/vitals/{taken['id']}"
    nurse.put(where, {"pulse_per_min": 90})
    assert watch.changed() == {"vitals"}
    nurse.delete(where, "wrong patient")
    assert watch.changed() == {"vitals"}


def test_whatever_is_done_to_an_open_prescription_is_noticed(ward: Ward, doctor: Person, pharmacist: Person) -> None:
    watch = Watch(pharmacist)
    consultation = ward.consult("Malaria")
    assert watch.changed() == set(), "nothing is prescribed yet"
    written = ward.prescribe(consultation, ward.line("Paracetamol"), ward.line("Zinc"))
    assert watch.changed() == {"prescriptions"}
    place = f"{ward.path}/consultations/{consultation['id']}/prescription"
    second = f"{place}/drugs/{written['lines'][1]['id']}"
    handing_out = {"lines": [{"line_id": written["lines"][0]["id"], "quantity": 1}]}
    acts: list[Callable[[], Any]] = [
        lambda: doctor.put(place, {"instructions": "Come back on Friday"}),
        lambda: doctor.put(second, {"instructions": "with food"}),
        lambda: pharmacist.post(f"{second}/hold", {"reason": "out of stock"}),
        lambda: pharmacist.post(f"{second}/release", {"reason": "here again"}),
        lambda: pharmacist.post(f"{place}/dispenses", handing_out),
        lambda: pharmacist.post(f"{place}/dispenses", handing_out),
        lambda: doctor.post(f"{second}/stop", {"reason": "rash"}),
        lambda: doctor.post(f"{place}/addenda", {"kind": "entered_in_error", "text": "another's"}),
    ]
    for number, act in enumerate(acts):
        answer = act()
        assert answer.status_code in (200, 201), answer.text
        assert watch.changed() == {"prescriptions"}, number


def test_a_prescription_that_leaves_the_queue_is_noticed(ward: Ward, pharmacist: Person) -> None:
    consultation = ward.consult("Malaria")
    [line] = ward.prescribe(consultation, ward.line("Paracetamol"))["lines"]
    watch = Watch(pharmacist)
    place = f"{ward.path}/consultations/{consultation['id']}/prescription/dispenses"
    assert pharmacist.post(place, {"lines": [{"line_id": line["id"], "quantity": line["left"]}]}).status_code == 201
    assert pharmacist.get("/prescriptions").json["items"] == []
    assert watch.changed() == {"prescriptions"}


def test_a_new_day_has_other_tokens_of_the_day(ward: Ward, doctor: Person) -> None:
    watch = Watch(doctor)
    ward.time.passes(days=1)
    assert {"visits", "vitals"} <= watch.changed()


def test_asking_does_not_keep_a_session_alive(time: Time, doctor: Person) -> None:
    for _ in range(14):
        time.passes(minutes=1)
        assert doctor.client.get("/api/v1/changes").status_code == 200
    time.passes(minutes=1)
    assert doctor.client.get("/api/v1/changes").status_code == 401


def test_asking_leaves_no_trace_and_tells_of_nobody(ward: Ward, doctor: Person, store: Store) -> None:
    visit = ward.visit()
    before = store.spool.waiting()
    answer = doctor.get("/changes")
    assert store.spool.waiting() == before
    assert ward.patient["id"] not in answer.text
    assert all(len(token) == 16 for token in answer.json.values())
    assert visit["patient"]["name"] not in answer.text


@pytest.mark.usefixtures("time")
def test_nobody_asks_who_is_not_signed_in(app: Flask) -> None:
    assert app.test_client().get("/api/v1/changes").status_code == 401


def test_asking_is_one_statement_answered_from_indexes_alone(
    ward: Ward, doctor: Person, store: Store, acting: Any, queries: list[str]
) -> None:
    ward.visit()
    doctor.get("/auth/me")
    queries.clear()
    tokens(doctor)
    [statement] = [query for query in queries if "sign_ins" not in query]
    plan = plan_of(store, acting("doctor"))
    assert len(plan) >= 3, statement
    for name in ("ix_visits_changes", "ix_vital_signs_changes", "ix_prescription_progress_changes"):
        assert any(name in step and covers(step) for step in plan), plan


def covers(step: str) -> bool:
    """Whether a database says that an index was enough."""
    return "COVERING INDEX" in step or "Using index" in step


def plan_of(store: Store, actor: Any) -> list[str]:
    """What the database would do, step by step."""
    word = "EXPLAIN QUERY PLAN" if store.engine.dialect.name == "sqlite" else "EXPLAIN"
    with store.session(actor, writes=False) as session:
        asked = changes.question(session, store.settings.day_of(clock.now()))
        assert asked is not None
        text = str(asked.compile(store.engine, compile_kwargs={"literal_binds": True}))
        return [str(tuple(row)) for row in session.connection().exec_driver_sql(f"{word} {text}")]
