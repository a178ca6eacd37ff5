"""Lines: what is refused, what is asked, what is computed, and how a line is stopped, held and taken off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hmis.core.access import Role
from tests.conftest import Person, Time, some_id
from tests.prescriptions.conftest import Enter, Prescribe, amoxicillin_line

SignIn = Callable[[Role | str], Person]

pytestmark = pytest.mark.usefixtures("time")

FREE = {"frequency": None, "duration_days": None, "dose": None, "dose_unit": None}


@pytest.mark.once
@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"drug_id": some_id()}, "drug_id", "no such drug"),
        ({"drug_id": None}, "drug_id", ""),
        ({"dose": 0}, "dose", "greater than 0"),
        ({"dose": -1}, "dose", "greater than 0"),
        ({"dose": "500"}, "dose", "number"),
        ({"dose": 0.0001}, "dose", "decimal"),
        ({"dose_unit": None}, "dose_unit", "of what"),
        ({"dose": None}, "dose", "how many mg"),
        ({"dose": None, "dose_unit": None}, "dose", "how much"),
        ({"dose_unit": "IU"}, "dose_unit", "write units"),
        ({"dose_unit": "u"}, "dose_unit", "write units"),
        ({"dose_unit": "µg"}, "dose_unit", "write micrograms"),
        ({"frequency": None}, "frequency", "how often"),
        ({"frequency": "qd"}, "frequency", "write od"),
        ({"frequency": "qod"}, "frequency", "every other day"),
        ({"frequency": "hs"}, "frequency", "every night"),
        ({"frequency": "sometimes"}, "frequency", "write one of"),
        ({"as_needed": True, "max_in_24h": 2000}, "as_needed_reason", "for what"),
        ({"as_needed": True, "as_needed_reason": "pain"}, "max_in_24h", "at most how many mg"),
        ({"as_needed": True, "as_needed_reason": "pain", "max_in_24h": 250}, "max_in_24h", "less than a single dose"),
        ({"as_needed_reason": "pain"}, "as_needed", "is it as needed"),
        ({"duration_days": None}, "duration_days", "for how long"),
        ({"duration_days": 0}, "duration_days", ""),
        ({"duration_days": 3651}, "duration_days", ""),
        ({"frequency": "stat"}, "duration_days", "leave it out"),
        ({"dose": 250}, "quantity", "how many capsules"),
        ({"dose": 5, "dose_unit": "mL"}, "quantity", "how many capsules"),
        ({"quantity": 0}, "quantity", ""),
        ({"quantity": 1.5}, "quantity", ""),
        ({"quantity": 100_001}, "quantity", ""),
        ({"dispensed": 3}, "dispensed", ""),
        ({"state": "dispensed"}, "state", ""),
        ({"route": "x" * 61}, "route", ""),
    ],
)
def test_what_does_not_fit_together_is_refused_with_the_field_and_a_sentence(
    doctor: Person, place: str, amoxicillin: dict[str, Any], values: dict[str, Any], field: str, said: str
) -> None:
    doctor.post(place)
    wrong = amoxicillin_line(amoxicillin, **values)
    alone = doctor.post(f"{place}/drugs", wrong)
    assert alone.status_code == 422, alone.text
    assert alone.json["code"] == "Invalid"  # type: ignore[index]
    assert said in alone.json["fields"][field]  # type: ignore[index]
    assert doctor.get(place).json["lines"] == []  # type: ignore[index]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 422),
        ({"instructions": "at night"}, 422),  # a place for a reason, and none given
        ({"frequency": "three_weekly"}, 422),
        ({"instructions": "induction by protocol 7"}, 201),
        ({"frequency": "weekly"}, 201),
        ({"frequency": "stat", "duration_days": None}, 201),
        ({"route": "intramuscular"}, 201),
    ],
)
def test_methotrexate_by_mouth_is_weekly_or_has_a_reason(
    doctor: Person, place: str, enter: Enter, changed: dict[str, Any], status: int
) -> None:
    drug = enter(generic_name="Methotrexate", strength="2.5 mg", form="tablet", route="oral")
    daily = {"dose": 10, "dose_unit": "mg", "frequency": "od", "duration_days": 7}
    answer = doctor.post(place, {"drugs": [{"drug_id": drug["id"], **daily, **changed}]})
    assert answer.status_code == status, answer.json
    if status == 422:
        [said] = answer.json["fields"].values()  # type: ignore[index]
        assert "once a week" in said


def test_on_a_whole_prescription_each_wrong_line_is_named(
    doctor: Person, place: str, amoxicillin: dict[str, Any], paracetamol: dict[str, Any]
) -> None:
    lines = [
        amoxicillin_line(amoxicillin),
        amoxicillin_line(paracetamol, duration_days=None),
        amoxicillin_line(paracetamol, frequency=None),
    ]
    refused = doctor.post(place, {"drugs": lines})
    assert refused.status_code == 422
    assert set(refused.json["fields"]) == {"drugs.1.duration_days", "drugs.2.frequency"}  # type: ignore[index]
    refused = doctor.post(place, {"drugs": [amoxicillin_line(amoxicillin, dose_unit="iu")]})
    assert set(refused.json["fields"]) == {"drugs.0.dose_unit"}  # type: ignore[index]
    assert doctor.get(place).status_code == 404, "nothing was stored"


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, {"quantity": 15}),
        ({"quantity": 12}, {"quantity": 12}),
        ({"dose": 0.5, "dose_unit": "G"}, {"quantity": 15, "dose": 0.5, "dose_unit": "g"}),
        ({"dose": 1, "dose_unit": "capsule"}, {"quantity": 15}),
        ({"frequency": "every 8 hours"}, {"quantity": 15, "frequency": "q8h", "frequency_in_words": "every 8 hours"}),
        ({"frequency": "stat", "duration_days": None}, {"quantity": 1}),
        ({"dose": 250, "quantity": 8}, {"quantity": 8}),
        ({"duration_days": None, "quantity": 30}, {"quantity": 30, "duration_days": None}),
        ({"route": "by tube"}, {"route": "by tube"}),
        (
            {**FREE, "instructions": "rinse and spit", "quantity": 1, "frequency": "bd"},
            {"quantity": 1, "dose": None, "dose_unit": None},
        ),
        (
            {"frequency": None, "as_needed": True, "as_needed_reason": "fever", "max_in_24h": 2000},
            {"quantity": 20, "as_needed": True, "max_in_24h": 2000},
        ),
    ],
)
def test_what_fits_together_is_written_and_its_quantity_computed(
    doctor: Person, place: str, amoxicillin: dict[str, Any], values: dict[str, Any], shown: dict[str, Any]
) -> None:
    doctor.post(place)
    answer = doctor.post(f"{place}/drugs", amoxicillin_line(amoxicillin, **values))
    assert answer.status_code == 201, answer.text
    assert {name: answer.json[name] for name in shown} == shown  # type: ignore[index]
    assert doctor.get(place).json["lines"] == [answer.json]  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "directions"),
    [
        ({}, "DOSE 500 mg – oral – three times a day – for 5 days"),
        ({"frequency": "om", "duration_days": 1}, "DOSE 500 mg – oral – every morning – for 1 day"),
        (
            {"dose": 0.125, "quantity": 3},
            "DOSE 125 micrograms – oral – three times a day – for 5 days",
        ),
        ({"dose": 2, "dose_unit": "capsule"}, "DOSE 2 capsules – oral – three times a day – for 5 days"),
        (
            {"frequency": None, "as_needed": True, "as_needed_reason": "pain", "max_in_24h": 4000, "dose": 1000},
            "DOSE 1,000 mg – oral – as required: pain – max 4,000 mg in 24 hours – for 5 days",
        ),
        ({"frequency": "stat", "duration_days": None}, "DOSE 500 mg – oral – immediately, once only"),
        ({"instructions": "with food"}, "DOSE 500 mg – oral – three times a day – for 5 days – with food"),
    ],
)
def test_a_line_reads_in_plain_words(
    doctor: Person, place: str, amoxicillin: dict[str, Any], values: dict[str, Any], directions: str
) -> None:
    doctor.post(place)
    answer = doctor.post(f"{place}/drugs", amoxicillin_line(amoxicillin, **values))
    assert answer.status_code == 201, answer.text
    assert answer.json["directions"].replace("\N{NO-BREAK SPACE}", " ") == directions  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"duration_days": 366, "quantity": 90}, "duration_days"),
        ({"quantity": 1001}, "quantity"),
        ({"duration_days": 365}, "quantity"),
        ({"dose": 5500}, "dose"),
        ({"dose": 11, "dose_unit": "capsule"}, "dose"),
        ({"dose": 1, "dose_unit": "suppository", "quantity": 10}, "dose_unit"),
    ],
)
def test_what_is_odd_is_asked_and_then_stored_marked(
    doctor: Person, place: str, amoxicillin: dict[str, Any], values: dict[str, Any], field: str
) -> None:
    doctor.post(place)
    line = amoxicillin_line(amoxicillin, **values)
    asked = doctor.post(f"{place}/drugs", line)
    assert asked.status_code == 422
    assert asked.json["code"] == "Implausible"  # type: ignore[index]
    assert set(asked.json["fields"]) == {field}  # type: ignore[index]
    stored = doctor.post(f"{place}/drugs", {**line, "confirmed": True})
    assert stored.status_code == 201, stored.text
    assert stored.json["confirmed"] is True  # type: ignore[index]


@pytest.mark.parametrize(
    "values", [{"duration_days": 365, "quantity": 1000}, {"dose": 5000}, {"dose": 10, "dose_unit": "capsule"}]
)
def test_what_is_just_not_odd_is_not_asked(
    doctor: Person, place: str, amoxicillin: dict[str, Any], values: dict[str, Any]
) -> None:
    doctor.post(place)
    assert doctor.post(f"{place}/drugs", amoxicillin_line(amoxicillin, **values)).status_code == 201


def test_a_retired_drug_is_not_prescribed_and_stays_where_it_was(
    doctor: Person, pharmacist: Person, place: str, prescribe: Prescribe, amoxicillin: dict[str, Any]
) -> None:
    line = prescribe()["lines"][0]
    pharmacist.delete(f"/drugs/{amoxicillin['id']}")
    refused = doctor.post(f"{place}/drugs", amoxicillin_line(amoxicillin))
    assert refused.status_code == 422
    assert "retired" in refused.json["fields"]["drug_id"]  # type: ignore[index]
    changed = doctor.put(f"{place}/drugs/{line['id']}", {"duration_days": 7})
    assert changed.status_code == 200, "what was prescribed may still be corrected"
    assert changed.json["quantity"] == 21  # type: ignore[index]


def test_what_prescriptions_call_a_drug_stays_its_name(
    pharmacist: Person, prescribe: Prescribe, amoxicillin: dict[str, Any]
) -> None:
    prescribe()
    one = f"/drugs/{amoxicillin['id']}"
    for renamed in ({"generic_name": "ampicillin"}, {"strength": "250 mg"}, {"form": "tablet"}):
        assert pharmacist.put(one, renamed).status_code == 409
    assert pharmacist.put(one, {"pack_size": 21, "generic_name": "amoxicillin"}).status_code == 200


def test_the_same_medicine_twice_is_asked(
    doctor: Person, place: str, prescribe: Prescribe, amoxicillin: dict[str, Any], enter: Enter
) -> None:
    prescribe()
    stronger = enter("Amoxicillin", strength="250 mg")
    for drug in (amoxicillin, stronger):
        asked = doctor.post(f"{place}/drugs", amoxicillin_line(drug))
        assert asked.status_code == 422
        assert asked.json["code"] == "Implausible"  # type: ignore[index]
        assert "on this prescription already" in asked.json["fields"]["drug_id"]  # type: ignore[index]
    assert doctor.post(f"{place}/drugs", amoxicillin_line(stronger, confirmed=True)).status_code == 201


def test_the_same_medicine_twice_in_one_go_is_asked_of_the_second(
    doctor: Person, place: str, amoxicillin: dict[str, Any]
) -> None:
    asked = doctor.post(place, {"drugs": [amoxicillin_line(amoxicillin), amoxicillin_line(amoxicillin)]})
    assert asked.status_code == 422
    assert set(asked.json["fields"]) == {"drugs.1.drug_id"}  # type: ignore[index]
    twice = [amoxicillin_line(amoxicillin), amoxicillin_line(amoxicillin, confirmed=True)]
    assert doctor.post(place, {"drugs": twice}).status_code == 201


@pytest.mark.parametrize(("days", "asked"), [(4.9, True), (5, False)])
def test_a_medicine_still_taken_from_another_prescription_is_asked_with_who_and_when(
    sign_in: SignIn, consult: Callable[..., str], prescribe: Prescribe, amoxicillin: dict[str, Any], time: Time,
    days: float, asked: bool,
) -> None:  # fmt: skip
    prescribe()
    time.passes(days=days)
    colleague = sign_in("doctor2")
    elsewhere = consult(by=colleague)
    answer = colleague.post(elsewhere, {"drugs": [amoxicillin_line(amoxicillin)]})
    assert answer.status_code == (422 if asked else 201), answer.text
    if asked:
        said = answer.json["fields"]["drugs.0.drug_id"]  # type: ignore[index]
        assert "Doctor Test" in said
        assert f"{time.now:%Y}" in said
        assert "three times a day" in said


def test_a_stopped_withdrawn_or_removed_medicine_is_not_asked_about(
    doctor: Person, consult: Callable[..., str], amoxicillin: dict[str, Any], patient: dict[str, Any]
) -> None:
    stopped, withdrawn, removed, last = (consult() for _ in range(4))
    for place, end in ((stopped, "stop"), (withdrawn, "withdraw"), (removed, "remove")):
        written = doctor.post(place, {"drugs": [amoxicillin_line(amoxicillin)]})
        assert written.status_code == 201, written.text
        line = f"{place}/drugs/{written.json['lines'][0]['id']}"  # type: ignore[index]
        done = {
            "stop": lambda line=line: doctor.post(f"{line}/stop", {"reason": "rash"}),
            "withdraw": lambda place=place: doctor.delete(place, "written twice"),
            "remove": lambda line=line: doctor.delete(line, "not needed"),
        }[end]()
        assert done.status_code in (200, 204), done.text
    assert doctor.post(last, {"drugs": [amoxicillin_line(amoxicillin)]}).status_code == 201


def test_a_correction_counts_the_quantity_anew(doctor: Person, place: str, prescribe: Prescribe) -> None:
    one = f"{place}/drugs/{prescribe()['lines'][0]['id']}"
    assert doctor.put(one, {"duration_days": 7}).json["quantity"] == 21  # type: ignore[index]
    assert doctor.put(one, {"instructions": "with food"}).json["quantity"] == 21  # type: ignore[index]
    assert doctor.put(one, {"quantity": 20}).json["quantity"] == 20  # type: ignore[index]
    asked = doctor.put(one, {"dose": 1000})
    assert asked.status_code == 422, "a quantity given by hand is never kept in silence"
    assert set(asked.json["fields"]) == {"quantity"}  # type: ignore[index]
    assert doctor.put(one, {"dose": 1000, "quantity": None}).json["quantity"] == 42  # type: ignore[index]
    assert doctor.put(one, {"dose": 1000, "duration_days": 7}).json["quantity"] == 42  # type: ignore[index]


def test_a_correction_may_make_another_drug_of_it(
    doctor: Person, place: str, prescribe: Prescribe, paracetamol: dict[str, Any]
) -> None:
    one = f"{place}/drugs/{prescribe()['lines'][0]['id']}"
    changed = doctor.put(one, {"drug_id": paracetamol["id"], "dose": 1, "dose_unit": "g", "frequency": "qds"})
    assert changed.status_code == 200, changed.text
    assert changed.json["drug"]["name"] == "paracetamol 500 mg tablet"  # type: ignore[index]
    assert changed.json["quantity"] == 40  # type: ignore[index]
    assert doctor.put(one, {"drug_id": None}).status_code == 422


def test_a_correction_asks_only_about_what_it_changes(
    doctor: Person, place: str, prescribe: Prescribe, amoxicillin: dict[str, Any]
) -> None:
    one = f"{place}/drugs/{prescribe(amoxicillin_line(amoxicillin, dose=6000, confirmed=True))['lines'][0]['id']}"
    assert doctor.put(one, {"instructions": "with food"}).status_code == 200
    assert doctor.put(one, {"dose": 6000}).status_code == 200
    assert doctor.put(one, {"dose": 6500}).json["code"] == "Implausible"  # type: ignore[index]
    assert doctor.put(one, {"dose": 6500, "confirmed": True}).status_code == 200


def test_a_line_taken_off_is_gone_from_sight_and_kept(doctor: Person, place: str, prescribe: Prescribe) -> None:
    one = f"{place}/drugs/{prescribe()['lines'][0]['id']}"
    assert doctor.delete(one).status_code == 422, "not without a reason"
    assert doctor.delete(one, "wrong drug").status_code == 204
    left = doctor.get(place).json
    assert (left["lines"], left["state"]) == ([], "empty")  # type: ignore[index]
    assert doctor.delete(one, "wrong drug").status_code == 409
    assert doctor.put(one, {"dose": 1000}).status_code == 409
    assert doctor.post(f"{one}/stop", {"reason": "wrong drug"}).status_code == 409
    kept = doctor.get(f"{place}/versions").json["items"]  # type: ignore[index]
    assert any(v["row_type"] == "drug_prescriptions" for v in kept)


def test_any_doctor_stops_a_line_at_any_time(
    doctor: Person, sign_in: SignIn, place: str, prescribe: Prescribe, time: Time
) -> None:
    line = prescribe()["lines"][0]
    time.passes(days=30)
    colleague = sign_in("doctor2")
    one = f"{place}/drugs/{line['id']}"
    assert colleague.post(f"{one}/stop").status_code == 422, "not without a reason"
    stopped = colleague.post(f"{one}/stop", {"reason": "came out in a rash"})
    assert stopped.status_code == 200
    assert stopped.json["state"] == "stopped"  # type: ignore[index]
    assert stopped.json["stopped"]["by"]["name"] == "Doctor2 Test"  # type: ignore[index]
    assert stopped.json["stopped"]["reason"] == "came out in a rash"  # type: ignore[index]
    assert stopped.json["stopped"]["at"].startswith(f"{time.now:%Y-%m-%dT%H:%M}")  # type: ignore[index]
    found = doctor.get(place).json
    assert found["state"] == "stopped"  # type: ignore[index]
    assert found["lines"] == [stopped.json]  # type: ignore[index]
    again = doctor.post(f"{one}/stop", {"reason": "once more"})
    assert again.status_code == 409
    assert "Doctor2 Test" in again.json["detail"]  # type: ignore[index]


def test_a_stopped_line_is_not_corrected(doctor: Person, place: str, prescribe: Prescribe) -> None:
    one = f"{place}/drugs/{prescribe()['lines'][0]['id']}"
    doctor.post(f"{one}/stop", {"reason": "rash"})
    assert doctor.put(one, {"dose": 1000}).status_code == 409
    assert doctor.delete(one, "wrong").status_code == 409


def test_a_pharmacist_holds_and_releases(
    doctor: Person, pharmacist: Person, sign_in: SignIn, place: str, prescribe: Prescribe
) -> None:
    one = f"{place}/drugs/{prescribe()['lines'][0]['id']}"
    assert doctor.post(f"{one}/hold", {"reason": "mine?"}).status_code == 403
    assert pharmacist.post(f"{one}/release", {"reason": "not held"}).status_code == 409
    held = pharmacist.post(f"{one}/hold", {"reason": "allergy noted?"})
    assert (held.status_code, held.json["state"]) == (200, "on_hold")  # type: ignore[index]
    assert held.json["held"]["by"]["name"] == "Pharmacist Test"  # type: ignore[index]
    assert doctor.get(place).json["state"] == "on_hold"  # type: ignore[index]
    colleague = sign_in("pharmacist2")
    assert colleague.post(f"{one}/hold", {"reason": "me too"}).status_code == 409
    released = colleague.post(f"{one}/release", {"reason": "no allergy, asked her"})
    assert (released.status_code, released.json["state"], released.json["held"]) == (200, "active", None)  # type: ignore[index]
    assert pharmacist.post(f"{one}/hold", {"reason": "dose?"}).json["state"] == "on_hold"  # type: ignore[index]
    stopped = doctor.post(f"{one}/stop", {"reason": "allergic"})
    assert stopped.json["state"] == "stopped"  # type: ignore[index]
    assert pharmacist.post(f"{one}/release", {"reason": "released?"}).status_code == 409


def test_an_act_on_a_withdrawn_prescription_is_refused(
    doctor: Person, pharmacist: Person, place: str, prescribe: Prescribe
) -> None:
    one = f"{place}/drugs/{prescribe()['lines'][0]['id']}"
    doctor.delete(place, "wrong patient")
    assert doctor.post(f"{one}/stop", {"reason": "rash"}).status_code == 409
    assert pharmacist.post(f"{one}/hold", {"reason": "dose?"}).status_code == 409
