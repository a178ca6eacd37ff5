"""A patient's chart at a glance and through time, as far as a role sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Person, Time, some_id

Register = Callable[..., dict[str, Any]]
SignIn = Callable[[str], Person]

pytestmark = pytest.mark.usefixtures("time")

KINDS = ["consultation", "vitals", "note", "prescription", "visit"]


class Ward:
    """People who write into one patient's chart."""

    def __init__(self, sign_in: SignIn, patient: dict[str, Any], time: Time) -> None:
        self.sign_in, self.patient, self.time = sign_in, patient, time
        self.path = f"/patients/{patient['id']}"

    def send(self, who: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post to the chart a minute later."""
        self.time.passes(minutes=1)
        answer = self.sign_in(who).post(f"{self.path}/{path}", body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    def visit(self, clinic: str = "General outpatients") -> dict[str, Any]:
        return self.send("recordofficer", "visits", {"clinic": clinic})

    def vitals(self, **taken: Any) -> dict[str, Any]:
        return self.send("nurse", "vitals", taken or {"pulse_per_min": 80})

    def note(self, text: str = "Slept well") -> dict[str, Any]:
        return self.send("nurse", "nursenotes", {"kind": "progress", "text": text})

    def consult(self, *diagnoses: str | dict[str, Any], **more: Any) -> dict[str, Any]:
        named = [d if isinstance(d, dict) else {"text": d} for d in diagnoses]
        return self.send("doctor", "consultations", {"plan": "Rest", "diagnoses": named, **more})

    def prescribe(self, consultation: dict[str, Any], *lines: dict[str, Any]) -> dict[str, Any]:
        return self.send("doctor", f"consultations/{consultation['id']}/prescription", {"drugs": list(lines)})

    def drug(self, name: str) -> str:
        answer = self.sign_in("pharmacist").post(
            "/drugs", {"generic_name": name, "strength": "500 mg", "form": "tablet"}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def line(self, name: str, days: int = 5) -> dict[str, Any]:
        return {
            "drug_id": self.drug(name), "dose": 500, "dose_unit": "mg", "route": "oral", "frequency": "bd",
            "duration_days": days,
        }  # fmt: skip

    def chart(self, who: str = "doctor") -> dict[str, Any]:
        answer = self.sign_in(who).get(f"{self.path}/chart")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def timeline(self, who: str = "doctor", **query: Any) -> list[dict[str, Any]]:
        answer = self.sign_in(who).get(f"{self.path}/timeline", **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["items"]
        return found


@pytest.fixture
def ward(sign_in: SignIn, patient: dict[str, Any], time: Time) -> Ward:
    return Ward(sign_in, patient, time)


@pytest.fixture
def full(ward: Ward) -> Ward:
    """A chart with one of each kind."""
    ward.visit()
    ward.vitals(pulse_per_min=88, weight_kg=61.5)
    ward.note()
    ward.prescribe(ward.consult("Malaria"), ward.line("Paracetamol"))
    return ward


def test_an_empty_chart_says_who_it_is(ward: Ward, patient: dict[str, Any]) -> None:
    shown = ward.chart()
    assert shown["banner"]["name"] == patient["name"]
    assert shown["banner"]["hospital_number"] == patient["hospital_number"]
    assert (shown["banner"]["born_on"], shown["banner"]["deceased_at"]) == ("1990-03-12", None)
    assert [shown[name] for name in ("visit", "newest_vitals", "latest_weight")] == [None] * 3
    assert (shown["problems"], shown["active_lines"]) == ([], [])
    assert shown["counts"] == dict.fromkeys(["consultations", "vitals", "notes", "prescriptions", "visits"], 0)
    assert ward.timeline() == []


def test_a_chart_shows_the_day_at_a_glance(full: Ward, doctor: Person) -> None:
    doctor.post(f"{full.path}/assertions", {"kind": "genotype", "value": "AS"})
    shown = full.chart()
    assert shown["banner"]["genotype"] == "AS"
    assert (shown["visit"]["ticket"], shown["visit"]["state"]) == (1, "arrived")
    assert shown["newest_vitals"]["pulse_per_min"] == 88
    assert shown["latest_weight"]["weight_kg"] == 61.5
    assert [p["text"] for p in shown["problems"]] == ["Malaria"]
    (line,) = shown["active_lines"]
    assert line["drug"]["generic_name"] == "Paracetamol"
    assert (line["prescribed_by"]["name"], line["consultation_id"]) == (
        "Doctor Test",
        shown["problems"][0]["consultation_id"],
    )
    assert set(shown["counts"].values()) == {1}


def test_the_latest_weight_may_be_older_than_the_newest_vitals(ward: Ward) -> None:
    weighed = ward.vitals(weight_kg=61.5)
    wrong = ward.vitals(weight_kg=62)
    newest = ward.vitals(pulse_per_min=90)
    ward.sign_in("nurse").delete(f"{ward.path}/vitals/{wrong['id']}", "wrong patient")
    shown = ward.chart()
    assert (shown["newest_vitals"]["id"], shown["latest_weight"]["vital_id"]) == (newest["id"], weighed["id"])


def test_what_is_withdrawn_or_entered_in_error_is_no_summary(ward: Ward, doctor: Person, nurse: Person) -> None:
    wrong = ward.consult("Leprosy")
    doctor.post(f"{ward.path}/consultations/{wrong['id']}/addenda", {"kind": "entered_in_error", "text": "another's"})
    gone = ward.consult("Plague")
    doctor.delete(f"{ward.path}/consultations/{gone['id']}", "wrong patient")
    strange = ward.vitals(weight_kg=70)
    nurse.post(f"{ward.path}/vitals/{strange['id']}/addenda", {"kind": "entered_in_error", "text": "another's"})
    shown = ward.chart()
    assert (shown["problems"], shown["newest_vitals"], shown["latest_weight"]) == ([], None, None)
    assert shown["counts"]["consultations"] == 1
    marks = [(e["kind"], (e.get("consultation") or e["vitals"])["entered_in_error"]) for e in ward.timeline()]
    assert marks == [("vitals", True), ("consultation", True)], "kept, and shown as such"


def test_a_problem_is_shown_as_it_was_made_last(ward: Ward) -> None:
    ward.consult("Malaria", "Asthma")
    ward.consult({"text": "malaria", "certainty": "confirmed"}, "Anaemia")
    last = ward.consult({"text": "Anaemia", "certainty": "refuted"})
    shown = ward.chart()["problems"]
    assert [(p["text"], p["certainty"]) for p in shown] == [("malaria", "confirmed"), ("Asthma", "provisional")]
    assert last["id"] not in {p["consultation_id"] for p in shown}


@pytest.mark.parametrize(("days", "active"), [(0, 1), (4.99, 1), (5.01, 0)])
def test_a_drug_is_active_while_its_course_lasts(ward: Ward, days: float, active: int) -> None:
    ward.prescribe(ward.consult("Malaria"), ward.line("Paracetamol", days=5))
    ward.time.passes(days=days)
    assert len(ward.chart()["active_lines"]) == active


def test_a_stopped_or_withdrawn_drug_is_not_active(ward: Ward, doctor: Person) -> None:
    consultation = ward.consult("Malaria")
    stopped, removed, kept = ward.prescribe(
        consultation, ward.line("Paracetamol"), ward.line("Ibuprofen"), ward.line("Zinc")
    )["lines"]
    lines = f"{ward.path}/consultations/{consultation['id']}/prescription/drugs"
    assert doctor.post(f"{lines}/{stopped['id']}/stop", {"reason": "rash"}).status_code == 200
    assert doctor.delete(f"{lines}/{removed['id']}", "not needed").status_code == 204
    assert [line["id"] for line in ward.chart()["active_lines"]] == [kept["id"]]
    other = ward.consult("Cough")
    ward.prescribe(other, ward.line("Codeine"))
    doctor.delete(f"{ward.path}/consultations/{other['id']}", "wrong patient")
    assert [line["id"] for line in ward.chart()["active_lines"]] == [kept["id"]]


def test_yesterdays_visit_and_an_ended_one_are_not_where_the_patient_is(ward: Ward, nurse: Person) -> None:
    ward.visit()
    ward.time.passes(hours=24)
    assert ward.chart()["visit"] is None
    today = ward.visit("Eye")
    assert ward.chart()["visit"]["id"] == today["id"]
    nurse.post(f"/visits/{today['id']}/move", {"to": "done"})
    assert ward.chart()["visit"] is None


def test_the_timeline_runs_from_the_newest_to_the_oldest(full: Ward) -> None:
    shown = full.timeline()
    assert [entry["kind"] for entry in shown] == ["prescription", "consultation", "note", "vitals", "visit"]
    assert [entry["at"] for entry in shown] == sorted((entry["at"] for entry in shown), reverse=True)
    for entry in shown:
        assert set(entry) == {"kind", "id", "at", entry["kind"]}
        assert entry[entry["kind"]]["id"] == entry["id"]
    by_kind = {entry["kind"]: entry[entry["kind"]] for entry in shown}
    assert by_kind["consultation"]["diagnoses"][0]["text"] == "Malaria"
    assert by_kind["prescription"]["lines"][0]["drug"]["generic_name"] == "Paracetamol"
    assert by_kind["note"]["text"] == "Slept well"
    assert by_kind["vitals"]["pulse_per_min"] == 88
    assert by_kind["visit"]["clinic"] == "General outpatients"


def test_what_was_written_late_stands_where_it_happened(ward: Ward) -> None:
    ward.vitals()
    late = ward.consult("Malaria", occurred_at=(ward.time.now - timedelta(days=3)).isoformat())
    ward.note()
    assert [entry["kind"] for entry in ward.timeline()] == ["note", "vitals", "consultation"]
    assert ward.timeline()[-1]["id"] == late["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_timeline_may_be_of_one_kind(full: Ward, kind: str) -> None:
    assert [entry["kind"] for entry in full.timeline(kind=kind)] == [kind]


def test_an_unknown_kind_or_cursor_is_refused(ward: Ward, doctor: Person) -> None:
    for query in ({"kind": "gossip"}, {"cursor": "nonsense"}, {"limit": 201}, {"since": "2026"}):
        assert doctor.get(f"{ward.path}/timeline", **query).status_code == 422


def test_withdrawn_records_are_left_out_unless_asked_for(full: Ward, nurse: Person) -> None:
    (note,) = full.timeline(kind="note")
    nurse.delete(f"{full.path}/nursenotes/{note['id']}", "wrong bed")
    assert full.timeline(kind="note") == []
    (shown,) = full.timeline(kind="note", include="voided")
    assert shown["note"]["voided"]["reason"] == "wrong bed"


def test_a_chart_is_of_one_patient(full: Ward, doctor: Person, register: Register) -> None:
    other = register()
    assert doctor.get(f"/patients/{other['id']}/timeline").json["items"] == []
    assert doctor.get(f"/patients/{other['id']}/chart").json["newest_vitals"] is None
    for path in ("chart", "timeline"):
        assert doctor.get(f"/patients/{some_id()}/{path}").status_code == 404
        by_number = doctor.get(f"/patients/{full.patient['hospital_number']}/{path}")
        assert by_number.json == doctor.get(f"{full.path}/{path}").json


def test_a_pharmacist_sees_what_the_pharmacy_needs(full: Ward) -> None:
    shown = full.chart("pharmacist")
    assert "born_on" not in shown["banner"]
    assert "notes" not in shown["counts"]
    entries = full.timeline("pharmacist")
    assert [entry["kind"] for entry in entries] == ["prescription", "consultation", "vitals", "visit"]
    assert "plan" not in entries[1]["consultation"]
    assert entries[1]["consultation"]["diagnoses"][0]["text"] == "Malaria"
    assert full.timeline("pharmacist", kind="note") == []


@pytest.mark.parametrize(("who", "status"), [("nurse", 200), ("recordofficer", 403), ("admin", 403)])
def test_charts_are_for_those_who_treat(full: Ward, who: str, status: int) -> None:
    for path in ("chart", "timeline"):
        assert full.sign_in(who).get(f"{full.path}/{path}").status_code == status


def test_opening_a_chart_is_journalled(full: Ward, doctor: Person, store: Any) -> None:
    before = store.spool.waiting()
    doctor.get(f"{full.path}/chart")
    doctor.get(f"{full.path}/timeline")
    assert store.spool.waiting() == before + 2
    line = (store.spool.folder / "readings.jsonl").read_text().splitlines()[-1]
    assert full.patient["id"].replace("-", "") in line


def test_a_whole_chart_is_six_queries_however_long_the_patient_is_known(full: Ward, queries: list[str]) -> None:
    counts = []
    for more in (0, 5):
        for n in range(more):
            full.visit(f"Clinic {n}")
            full.vitals()
            full.note()
            full.prescribe(full.consult("Malaria", f"{n}"), full.line(f"Drug {n}"), full.line(f"Other {n}"))
        for path in ("chart", "timeline"):
            full.sign_in("doctor").get("/auth/me")
            queries.clear()
            assert full.sign_in("doctor").get(f"{full.path}/{path}").status_code == 200
            counts.append((path, len([query for query in queries if "sign_ins" not in query])))
    assert counts == [("chart", 6), ("timeline", 6)] * 2
    assert len(full.timeline()) == 30


ENTRIES = st.lists(st.tuples(st.sampled_from(["consultation", "vitals"]), st.integers(0, 3)), max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=ENTRIES, limit=st.integers(1, 4))
def test_pages_of_a_timeline_hold_every_record_once_even_where_times_are_equal(
    sign_in: SignIn, register: Register, time: Time, entries: list[tuple[str, int]], limit: int
) -> None:
    ward, start = Ward(sign_in, register(), time), time.now
    for kind, days in entries:
        at = (start - timedelta(days=days)).isoformat()
        ward.consult("x", occurred_at=at) if kind == "consultation" else ward.vitals(pulse_per_min=80, taken_at=at)
    whole = [(entry["at"], entry["id"]) for entry in ward.timeline(limit=200)]
    assert whole == sorted(whole, reverse=True)
    assert len(set(whole)) == len(entries)
    paged, cursor = [], ""
    while cursor is not None:
        answer = ward.sign_in("doctor").get(
            f"{ward.path}/timeline", limit=limit, **({"cursor": cursor} if cursor else {})
        )
        paged += [(entry["at"], entry["id"]) for entry in answer.json["items"]]
        cursor = answer.json["next"]
    assert paged == whole
