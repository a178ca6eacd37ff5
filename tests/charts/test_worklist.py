"""The day's worklist: who is here, who comes first, and who could be taken for another."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hmis.charts import worklist
from hmis.core.access import Role
from hmis.core.audit import Act
from hmis.core.store import Store
from tests.conftest import Person, Time
from tests.core.test_edge import told

Register = Callable[..., dict[str, Any]]
SignIn = Callable[[Role | str], Person]

pytestmark = pytest.mark.usefixtures("time")

NORMAL = {
    "respirations_per_min": 16,
    "spo2_percent": 98,
    "oxygen": False,
    "systolic_mmhg": 120,
    "pulse_per_min": 80,
    "consciousness": "A",
    "temperature_celsius": 36.8,
}
"""NEWS2 of 0."""
_UNLIKE = itertools.cycle(
    ["Abubakar", "Chinwendu", "Dorcas", "Funmilayo", "Gbemisola", "Ibrahim", "Kehinde", "Mmesoma"]
)
"""Given names that nobody takes for one another."""


class Hall:
    """People who come in, wait and are measured."""

    def __init__(self, sign_in: SignIn, register: Register) -> None:
        self.sign_in, self.register = sign_in, register
        self.officer, self.nurse, self.doctor = (sign_in(who) for who in ("recordofficer", "nurse", "doctor"))

    def comes(self, clinic: str = "GOPD", of: dict[str, Any] | None = None, **who: Any) -> dict[str, Any]:
        """Somebody checks in; the visit."""
        patient = of or self.register(**{"given_name": next(_UNLIKE), **who})
        answer = self.officer.post(f"/patients/{patient['id']}/visits", {"clinic": clinic})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    def measured(self, visit: dict[str, Any], **taken: Any) -> dict[str, Any]:
        answer = self.nurse.post(f"/patients/{visit['patient']['id']}/vitals", {**taken, "confirmed": True})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    def list(self, who: str = "doctor", **query: Any) -> list[dict[str, Any]]:
        answer = self.sign_in(who).get("/worklist", **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["items"]
        return found

    def order(self, **query: Any) -> list[str]:
        return [line["id"] for line in self.list(**query)]


@pytest.fixture
def hall(sign_in: SignIn, register: Register) -> Hall:
    return Hall(sign_in, register)


def test_a_line_is_the_visit_with_how_ill_the_patient_is_and_who_has_them(hall: Hall) -> None:
    visit = hall.comes()
    hall.measured(visit, **NORMAL)
    newest = hall.measured(visit, **{**NORMAL, "pulse_per_min": 95})
    hall.doctor.post(f"/visits/{visit['id']}/move", {"to": "with_doctor"})
    [line] = hall.list()
    [shown] = hall.doctor.get("/visits").json["items"]
    assert {name: line[name] for name in shown} == shown
    assert line["moved_by"] == {"name": "Doctor Test", "staff_number": hall.doctor.user["staff_number"]}
    assert line["newest_vitals"] == {
        "id": newest["id"],
        "taken_at": newest["taken_at"],
        "news2": {name: newest["news2"][name] for name in ("total", "partial", "band", "missing", "points")},
    }
    assert (line["newest_vitals"]["news2"]["total"], line["urgent"], line["name_alert"]) == (1, False, False)


def test_before_anything_was_measured_there_are_no_vitals(hall: Hall) -> None:
    hall.comes()
    [line] = hall.list()
    assert (line["newest_vitals"], line["urgent"]) == (None, False)
    assert line["moved_by"]["name"] == "Recordofficer Test", "who checked them in has them"


@pytest.mark.parametrize(
    ("taken", "urgent"),
    [
        pytest.param({**NORMAL, "pulse_per_min": 115, "respirations_per_min": 22}, False, id="4 in all"),
        pytest.param({**NORMAL, "pulse_per_min": 115, "respirations_per_min": 22, "spo2_percent": 95}, True, id="5"),
        pytest.param({**NORMAL, "consciousness": "C"}, True, id="a single 3"),
        pytest.param({"pulse_per_min": 115, "respirations_per_min": 22, "spo2_percent": 95}, True, id="5 of a part"),
        pytest.param({"respirations_per_min": 26}, True, id="a single 3 of a part"),
        pytest.param({"pulse_per_min": 115}, False, id="too little to say"),
    ],
)
def test_five_points_or_a_single_three_are_urgent(hall: Hall, taken: dict[str, Any], urgent: bool) -> None:
    hall.measured(hall.comes(), **taken)
    assert [line["urgent"] for line in hall.list()] == [urgent]


def test_a_child_has_no_news2_and_is_not_urgent_by_it(hall: Hall, time: Time) -> None:
    child = hall.comes(given_name="Bisi", born_on=(time.now - timedelta(days=700)).date().isoformat())
    hall.measured(child, **{**NORMAL, "pulse_per_min": 135})
    [line] = hall.list()
    assert (line["newest_vitals"]["news2"]["band"], line["urgent"]) == ("not_applicable", False)


def test_the_urgent_come_first_and_all_in_the_order_they_came(hall: Hall) -> None:
    first, second, third, fourth = (hall.comes()["id"] for _ in range(4))
    for visit_id in (fourth, second):
        line = next(line for line in hall.list() if line["id"] == visit_id)
        hall.measured(line, **{**NORMAL, "consciousness": "V"})
    assert hall.order() == [second, fourth, first, third]


def test_of_the_urgent_the_worst_comes_first_and_who_was_sent_on_to_the_pharmacy_last(hall: Hall) -> None:
    sent_on, waiting, ill, worse, unscored = (hall.comes() for _ in range(5))
    hall.measured(ill, **{**NORMAL, "consciousness": "V"})
    hall.measured(worse, consciousness="V", respirations_per_min=30)
    for visit in (sent_on, ill):
        for to in ("with_doctor", "pharmacy"):
            assert hall.doctor.post(f"/visits/{visit['id']}/move", {"to": to}).status_code == 200
    assert hall.order() == [visit["id"] for visit in (worse, ill, waiting, unscored, sent_on)]


def test_the_newest_set_counts_and_neither_a_withdrawn_nor_a_mistaken_nor_yesterdays(hall: Hall, time: Time) -> None:
    visit = hall.comes()
    hall.measured(
        visit, **{**NORMAL, "consciousness": "U"}, taken_at=(time.now - timedelta(hours=9, seconds=1)).isoformat()
    )
    assert hall.list()[0]["newest_vitals"] is None, "that was yesterday"
    well = hall.measured(visit, **NORMAL)
    chart = f"/patients/{visit['patient']['id']}/vitals"
    withdrawn = hall.measured(visit, **{**NORMAL, "consciousness": "U"})
    assert hall.list()[0]["urgent"] is True
    hall.nurse.delete(f"{chart}/{withdrawn['id']}", "wrong patient")
    mistaken = hall.measured(visit, **{**NORMAL, "consciousness": "P"})
    hall.nurse.post(f"{chart}/{mistaken['id']}/addenda", {"kind": "entered_in_error", "text": "another's"})
    [line] = hall.list()
    assert (line["newest_vitals"]["id"], line["urgent"]) == (well["id"], False)


def test_the_list_is_of_one_clinic_state_and_day(hall: Hall, time: Time) -> None:
    here, elsewhere = hall.comes("GOPD"), hall.comes("Eye")
    gone = hall.comes("GOPD")
    hall.officer.post(f"/visits/{gone['id']}/move", {"to": "left"})
    assert hall.order() == [here["id"], elsewhere["id"]]
    assert hall.order(clinic="Eye") == [elsewhere["id"]]
    assert hall.order(state="left") == [gone["id"]]
    time.passes(days=1)
    assert hall.order() == []
    assert hall.order(on=here["held_on"]) == [here["id"], elsewhere["id"]]
    assert hall.doctor.get("/worklist", state="asleep").status_code == 422


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("Chinedu", "Okafor"), ("Chinedu", "Okafor"), True),
        (("Chinedu", "Okafor"), ("CHINEDÚ", "Ọkafor"), True),
        (("Chinedu", "Okafor"), ("Chidedu", "Okafo"), True),
        (("Ada", "Okafor"), ("Ade", "Okafor"), True),
        (("Ngozi", "Okafor"), ("Ngozi Grace", "Okafor"), True),
        (("Folasade", "Adeyemi"), ("Folake", "Adeyemi"), True),
        (("Chinedu", "Okafor"), ("Chukwuma", "Okafor"), False),
        (("Chinedu", "Okafor"), ("Chinedu", "Okonkwo"), False),
    ],
)
def test_two_who_are_here_with_nearly_one_name_are_marked(
    hall: Hall, one: tuple[str, str], other: tuple[str, str], alike: bool
) -> None:
    for given, family in (one, other, ("Musa", "Bello")):
        hall.comes(given_name=given, family_name=family)
    assert [line["name_alert"] for line in hall.list()] == [alike, alike, False]


def test_other_names_do_not_hide_that_two_have_one_name(hall: Hall) -> None:
    hall.comes(given_name="Ngozi", family_name="Okafor")
    hall.comes(given_name="Ngozi", family_name="Okafor", other_names="Grace Ifeoma")
    assert [line["name_alert"] for line in hall.list()] == [True, True]


def test_nobody_is_mistaken_for_themselves_or_for_who_has_gone(hall: Hall, patient: dict[str, Any]) -> None:
    hall.comes("GOPD", of=patient)
    hall.comes("Eye", of=patient)
    twin = hall.comes(given_name=patient["given_name"], family_name=patient["family_name"])
    assert [line["name_alert"] for line in hall.list()] == [True] * 3
    hall.officer.post(f"/visits/{twin['id']}/move", {"to": "left"})
    assert [line["name_alert"] for line in hall.list()] == [False, False]
    assert [line["name_alert"] for line in hall.list(state="left")] == [False]


def test_a_list_that_is_cut_says_so_and_leaves_nobody_urgent_out(hall: Hall, monkeypatch: Any) -> None:
    monkeypatch.setattr(worklist, "MOST_SHOWN", 2)
    first, _, last = (hall.comes() for _ in range(3))
    hall.measured(last, **{**NORMAL, "consciousness": "V"})
    answer = hall.doctor.get("/worklist").json
    assert [line["id"] for line in answer["items"]] == [last["id"], first["id"]]
    assert (answer["total"], answer["next"]) == (3, None)


@pytest.mark.parametrize(("role", "status"), [(Role.PHARMACIST, 200), (Role.RECORD_OFFICER, 403), (Role.ADMIN, 403)])
def test_the_worklist_is_for_who_reads_vitals(sign_in: SignIn, role: Role, status: int) -> None:
    assert sign_in(role).get("/worklist").status_code == status


def test_that_the_list_was_looked_at_is_told_as_of_other_lists(hall: Hall, store: Store) -> None:
    hall.comes()
    hall.list()
    assert [(event.record_type, event.patient_id) for event in told(store, Act.SEARCH)] == [("/api/v1/worklist", None)]
    assert told(store, Act.READ) == []


def test_the_worklist_is_two_queries_however_long_it_is(hall: Hall, queries: list[str]) -> None:
    counts = []
    for more in (1, 6):
        for _ in range(more):
            hall.measured(hall.comes(), **NORMAL)
        hall.doctor.get("/auth/me")
        queries.clear()
        hall.list()
        counts.append(len([query for query in queries if "sign_ins" not in query]))
    assert counts == [2, 2]
