"""Prescribing: one prescription for a consultation, corrected for 24 hours, and lists over many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from hmis.core.access import Role
from hmis.core.store import Store
from hmis.patients.models import Patient
from tests.conftest import Person, Time, on_mariadb, some_id
from tests.prescriptions.conftest import Enter, Prescribe, amoxicillin_line

SignIn = Callable[[Role | str], Person]

pytestmark = pytest.mark.usefixtures("time")


def test_a_doctor_prescribes_and_the_pharmacist_reads_it(
    pharmacist: Person, place: str, prescribe: Prescribe, patient: dict[str, Any], amoxicillin: dict[str, Any]
) -> None:
    written = prescribe()
    shown = pharmacist.get(place)
    assert shown.status_code == 200
    assert shown.json == written
    assert written["state"] == "waiting"
    assert written["patient"]["hospital_number"] == patient["hospital_number"]
    assert written["author"]["name"] == "Doctor Test"
    line = written["lines"][0]
    assert line["quantity"] == 15
    assert line["quantity_unit"] == "capsule"
    assert line["each_time"] == {"amount": 1, "unit": "capsule"}
    assert line["drug"]["name"] == "amoxicillin 500 mg capsule"
    assert line["route"] == "oral", "the drug's usual route"
    assert line["frequency"] == "tds"
    assert line["frequency_in_words"] == "three times a day"
    assert line["directions"] == "DOSE 500\N{NO-BREAK SPACE}mg – oral – three times a day – for 5 days"
    assert (line["state"], line["dispensed"], line["left"]) == ("active", 0, 15)
    assert line["stopped"] is None
    assert line["held"] is None


def test_an_empty_prescription_is_filled_line_by_line(doctor: Person, place: str, amoxicillin: dict[str, Any]) -> None:
    empty = doctor.post(place)
    assert empty.status_code == 201
    assert (empty.json["state"], empty.json["lines"]) == ("empty", [])  # type: ignore[index]
    line = doctor.post(f"{place}/drugs", amoxicillin_line(amoxicillin))
    assert line.status_code == 201, line.text
    found = doctor.get(place).json
    assert found["state"] == "waiting"  # type: ignore[index]
    assert found["lines"] == [line.json]  # type: ignore[index]


def test_there_is_one_prescription_for_a_consultation(
    doctor: Person, sign_in: SignIn, place: str, prescribe: Prescribe
) -> None:
    prescribe()
    for another in (doctor, sign_in("doctor2")):
        refused = another.post(place)
        assert refused.status_code == 409
        assert "Doctor Test" in refused.json["detail"]  # type: ignore[index]
    assert doctor.delete(place, "wrong patient").status_code == 204
    assert doctor.post(place).status_code == 201, "once withdrawn it may be written anew"
    assert doctor.get(place).json["voided"] is None  # type: ignore[index]


def test_a_withdrawn_prescription_is_shown_as_such_and_left_out_of_lists(
    doctor: Person, place: str, prescribe: Prescribe, patient: dict[str, Any], amoxicillin: dict[str, Any]
) -> None:
    prescribe()
    assert doctor.delete(place).status_code == 422, "not without a reason"
    assert doctor.delete(place, "allergic after all").status_code == 204
    shown = doctor.get(place).json
    assert shown["voided"]["reason"] == "allergic after all"  # type: ignore[index]
    assert shown["state"] == "voided"  # type: ignore[index]
    all_of = f"/patients/{patient['hospital_number']}/prescriptions"
    assert doctor.get(all_of).json["items"] == []  # type: ignore[index]
    assert len(doctor.get(all_of, include="voided").json["items"]) == 1  # type: ignore[index]
    assert doctor.delete(place, "once more").status_code == 409
    assert doctor.put(place, {"instructions": "with water"}).status_code == 409
    assert doctor.post(f"{place}/drugs", amoxicillin_line(amoxicillin)).status_code == 409


@pytest.mark.parametrize(("hours", "status"), [(23.99, 200), (24, 423)])
def test_the_author_may_correct_for_24_hours(
    doctor: Person, place: str, prescribe: Prescribe, paracetamol: dict[str, Any], time: Time, hours: float, status: int
) -> None:
    line = prescribe()["lines"][0]
    time.passes(hours=hours)
    assert doctor.put(place, {"instructions": "with food"}).status_code == status
    assert doctor.put(f"{place}/drugs/{line['id']}", {"instructions": "with food"}).status_code == status
    late = doctor.post(
        f"{place}/drugs", amoxicillin_line(paracetamol, dose=1, dose_unit="g", as_needed=False, quantity=6)
    )
    assert late.status_code == (201 if status == 200 else 423)
    if status == 423:
        assert "a new consultation" in late.json["detail"]  # type: ignore[index]
        assert doctor.delete(f"{place}/drugs/{line['id']}", "wrong drug").status_code == 423
        assert doctor.delete(place, "wrong patient").status_code == 423
    else:
        assert doctor.delete(f"{place}/drugs/{line['id']}", "wrong drug").status_code == 204
        assert doctor.delete(place, "wrong patient").status_code == 204


def test_nothing_is_prescribed_in_yesterdays_consultation(doctor: Person, place: str, time: Time) -> None:
    time.passes(hours=24)
    refused = doctor.post(place)
    assert refused.status_code == 423
    assert "a new consultation" in refused.json["detail"]  # type: ignore[index]


def test_a_colleague_changes_nothing_of_it(
    sign_in: SignIn, place: str, prescribe: Prescribe, paracetamol: dict[str, Any]
) -> None:
    line = prescribe()["lines"][0]
    colleague = sign_in("doctor2")
    for answer in (
        colleague.put(place, {"instructions": "x"}),
        colleague.delete(place, "not mine"),
        colleague.post(f"{place}/drugs", amoxicillin_line(paracetamol)),
        colleague.put(f"{place}/drugs/{line['id']}", {"dose": 250}),
        colleague.delete(f"{place}/drugs/{line['id']}", "not mine"),
    ):
        assert answer.status_code == 403
        assert answer.json["code"] == "NotAuthor"  # type: ignore[index]


WRITERS = {Role.DOCTOR}
READERS = {Role.DOCTOR, Role.NURSE, Role.PHARMACIST}


@pytest.mark.parametrize("role", list(Role))
def test_who_may_read_and_write_prescriptions(
    sign_in: SignIn, place: str, prescribe: Prescribe, role: Role, patient: dict[str, Any]
) -> None:
    line = prescribe()["lines"][0]
    person = sign_in(role)
    doctor_id = sign_in("doctor").id
    for path in (
        place, f"{place}/addenda", f"{place}/versions", f"/patients/{patient['id']}/prescriptions", "/prescriptions",
        f"/staffs/doctors/{doctor_id}/prescriptions",
    ):  # fmt: skip
        assert (person.get(path).status_code == 200) == (role in READERS), path
    if role not in WRITERS:
        assert person.post(place).status_code == 403
        assert person.put(place, {}).status_code == 403
        assert person.delete(place, "not mine").status_code == 403
        assert person.put(f"{place}/drugs/{line['id']}", {}).status_code == 403
        assert person.post(f"{place}/drugs/{line['id']}/stop", {"reason": "rash"}).status_code == 403
    held = person.post(f"{place}/drugs/{line['id']}/hold", {"reason": "interaction?"})
    assert (held.status_code == 200) == (role is Role.PHARMACIST)


def test_a_line_is_found_through_its_own_patient_and_consultation_alone(
    doctor: Person,
    consult: Callable[..., str],
    register: Callable[..., dict[str, Any]],
    place: str,
    prescribe: Prescribe,
) -> None:
    line = prescribe()["lines"][0]
    elsewhere = consult(of=register()["id"])
    assert doctor.get(elsewhere).status_code == 404
    assert doctor.post(elsewhere).status_code == 201
    again = consult()
    assert doctor.post(again).status_code == 201
    mixed = f"/patients/{elsewhere.split('/')[2]}/consultations/{place.split('/')[4]}/prescription"
    for strange in (elsewhere, again, mixed):
        assert doctor.put(f"{strange}/drugs/{line['id']}", {"dose": 1}).status_code == 404
        assert doctor.post(f"{strange}/drugs/{line['id']}/stop", {"reason": "no reason"}).status_code == 404
    assert doctor.get(mixed).status_code == 404
    assert doctor.post(mixed).status_code == 404
    assert doctor.put(f"{place}/drugs/{some_id()}", {"dose": 1}).status_code == 404


def test_nothing_is_prescribed_for_the_dead(
    doctor: Person, place: str, prescribe: Prescribe, consult: Callable[..., str], store: Store, time: Time,
    patient: dict[str, Any], paracetamol: dict[str, Any],
) -> None:  # fmt: skip
    prescribe()
    other = consult()
    with store.session() as session:
        session.fetch(Patient, Patient.hospital_number == patient["hospital_number"]).deceased_at = time.now
        session.commit()
    for answer in (doctor.post(other), doctor.post(f"{place}/drugs", amoxicillin_line(paracetamol))):
        assert answer.status_code == 409
        assert "dead" in answer.json["detail"]  # type: ignore[index]


def test_withdrawing_a_consultation_withdraws_what_its_author_prescribed_in_it(
    doctor: Person, sign_in: SignIn, place: str, prescribe: Prescribe, consult: Callable[..., str]
) -> None:
    prescribe()
    assert doctor.delete(place.removesuffix("/prescription"), "wrong patient").status_code == 204
    assert doctor.get(place).json["voided"]["reason"] == "wrong patient"  # type: ignore[index]
    assert doctor.post(place).status_code == 409, "nothing is prescribed in a withdrawn consultation"
    other = consult()
    colleague = sign_in("doctor2")
    assert colleague.post(other).status_code == 201
    assert doctor.delete(other.removesuffix("/prescription"), "wrong patient").status_code == 204
    assert doctor.get(other).json["voided"] is None, "a colleague's stays"  # type: ignore[index]


def test_an_addendum_stands_under_a_prescription_and_its_changes_are_kept(
    doctor: Person, sign_in: SignIn, place: str, prescribe: Prescribe
) -> None:
    line = prescribe()["lines"][0]
    added = sign_in("doctor2").post(f"{place}/addenda", {"kind": "late_information", "text": "Penicillin tolerated."})
    assert added.status_code == 201
    assert [a["text"] for a in doctor.get(f"{place}/addenda").json["items"]] == ["Penicillin tolerated."]  # type: ignore[index]
    doctor.put(f"{place}/drugs/{line['id']}", {"dose": 1000})
    versions = doctor.get(f"{place}/versions").json["items"]  # type: ignore[index]
    before = [v["values"] for v in versions if v["row_type"] == "drug_prescriptions"]
    assert [(v["dose"], v["quantity"]) for v in before] == [("500", 15)]


def test_a_prescription_marked_as_another_patients_leaves_the_queue(
    doctor: Person, pharmacist: Person, place: str, prescribe: Prescribe
) -> None:
    prescribe()
    assert len(pharmacist.get("/prescriptions").json["items"]) == 1  # type: ignore[index]
    doctor.post(f"{place}/addenda", {"kind": "entered_in_error", "text": "This was for Mrs Bello."})
    assert pharmacist.get("/prescriptions").json["items"] == []  # type: ignore[index]
    assert pharmacist.get(place).json["entered_in_error"] is True  # type: ignore[index]


def test_the_queue_goes_by_state_and_then_by_time_page_after_page(
    doctor: Person, pharmacist: Person, consult: Callable[..., str], register: Callable[..., dict[str, Any]],
    amoxicillin: dict[str, Any], time: Time,
) -> None:  # fmt: skip
    waiting, held = [], []
    for number in range(6):
        time.passes(minutes=1)
        place = consult(of=register()["id"])
        written = doctor.post(place, {"drugs": [amoxicillin_line(amoxicillin)]}).json
        if number % 3 == 2:
            line = written["lines"][0]["id"]  # type: ignore[index]
            pharmacist.post(f"{place}/drugs/{line}/hold", {"reason": "dose unclear"})
            held.append(written["id"])  # type: ignore[index]
        else:
            waiting.append(written["id"])  # type: ignore[index]
    empty = consult()
    doctor.post(empty)
    seen, cursor = [], None
    while True:
        page = pharmacist.get("/prescriptions", limit=2, **({"cursor": cursor} if cursor else {})).json
        seen += [item["id"] for item in page["items"]]  # type: ignore[index]
        cursor = page["next"]  # type: ignore[index]
        if cursor is None:
            break
    assert seen == held + waiting
    by_state = {
        state: [item["id"] for item in pharmacist.get("/prescriptions", state=state).json["items"]]  # type: ignore[index]
        for state in ("waiting", "on_hold", "dispensed", "empty")
    }
    assert by_state["waiting"] == waiting
    assert by_state["on_hold"] == held
    assert by_state["dispensed"] == []
    assert len(by_state["empty"]) == 1
    assert pharmacist.get("/prescriptions", state="lost").status_code == 422


def test_the_chart_and_the_doctor_list_prescriptions_newest_first(
    doctor: Person, nurse: Person, consult: Callable[..., str], patient: dict[str, Any], sign_in: SignIn
) -> None:
    mine = [doctor.post(consult()).json["id"] for _ in range(3)]  # type: ignore[index]
    theirs = sign_in("doctor2").post(consult()).json["id"]  # type: ignore[index]
    chart = nurse.get(f"/patients/{patient['id']}/prescriptions").json["items"]  # type: ignore[index]
    assert [item["id"] for item in chart] == [theirs, *reversed(mine)]
    of_doctor = nurse.get(f"/staffs/doctors/{doctor.user['staff_number']}/prescriptions", limit=2).json
    assert [item["id"] for item in of_doctor["items"]] == mine[:0:-1]  # type: ignore[index]
    assert of_doctor["next"] is not None  # type: ignore[index]
    assert nurse.get(f"/patients/{some_id()}/prescriptions").status_code == 404
    assert nurse.get("/staffs/doctors/DOC9999/prescriptions").status_code == 404


def test_reading_takes_the_same_few_queries_however_much_there_is(
    doctor: Person, pharmacist: Person, enter: Enter, consult: Callable[..., str], place: str, queries: list[str],
    register: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    drugs = [enter(name) for name in ("amoxicillin", "doxycycline", "metronidazole")]

    def cost(path: str) -> int:
        pharmacist.get(path)
        queries.clear()
        assert pharmacist.get(path).status_code == 200
        return len([query for query in queries if "sign_ins" not in query])

    doctor.post(place, {"drugs": [amoxicillin_line(drugs[0])]})
    one, queue = cost(place), cost("/prescriptions")
    for drug in drugs[1:]:
        line = doctor.post(f"{place}/drugs", amoxicillin_line(drug)).json["id"]  # type: ignore[index]
        pharmacist.post(f"{place}/drugs/{line}/hold", {"reason": "dose unclear"})
        other = consult(of=register()["id"])
        doctor.post(other, {"drugs": [amoxicillin_line(drug) for drug in drugs]})
    assert (one, queue) == (3, 3)
    assert (cost(place), cost("/prescriptions")) == (3, 3)


def test_an_idempotency_key_writes_one_prescription(
    doctor: Person, place: str, amoxicillin: dict[str, Any], store: Store
) -> None:
    body = {"drugs": [amoxicillin_line(amoxicillin)]}
    first = doctor.post(place, body, key="rx-1")
    again = doctor.post(place, body, key="rx-1")
    assert first.json == again.json
    assert (first.status_code, again.status_code) == (201, 201)
    line = amoxicillin_line(amoxicillin, confirmed=True)
    assert doctor.post(f"{place}/drugs", line, key="l").json == doctor.post(f"{place}/drugs", line, key="l").json
    assert len(doctor.get(place).json["lines"]) == 2  # type: ignore[index]


def test_an_older_version_overwrites_nothing(doctor: Person, place: str, prescribe: Prescribe) -> None:
    written = prescribe()
    line = written["lines"][0]
    one = f"{place}/drugs/{line['id']}"
    changed = doctor.put(one, {"instructions": "after food"}, if_match=line["version"])
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == f'"{line["version"] + 1}"'
    assert doctor.put(one, {"instructions": "before food"}, if_match=line["version"]).status_code == 412
    assert doctor.put(place, {"instructions": "rest"}, if_match=written["version"]).status_code == 412
    fresh = doctor.get(place)
    assert doctor.put(place, {"instructions": "rest"}, if_match=fresh.headers["ETag"]).status_code == 200
    assert doctor.get(place).json["lines"][0]["instructions"] == "after food"  # type: ignore[index]


@on_mariadb
@pytest.mark.parametrize("state", ["open", "waiting", "dispensed"])
def test_the_queue_walks_its_index(pharmacist: Person, store: Store, prescribe: Prescribe, state: str) -> None:
    prescribe()
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if "FROM prescription_progress" in statement:
            seen.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    assert pharmacist.get("/prescriptions", state=state).status_code == 200
    event.remove(store.engine, "before_cursor_execute", note)
    statement, parameters = seen[0]
    index = "ix_prescription_progress_state"  # named, for on a table of one row any plan is as good
    hinted = statement.replace("FROM prescription_progress", f"FROM prescription_progress USE INDEX ({index})", 1)
    with store.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {hinted}", parameters).mappings().all()
    walked = next(step for step in plan if step["table"] == "prescription_progress")
    assert walked["key"] == index, plan
    assert not any("filesort" in (step["Extra"] or "") for step in plan), plan
