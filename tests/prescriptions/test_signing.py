"""Signing a meeting in one act: consultation, prescription, and where the patient goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from hmis.consultations.models import DiagnosisCode
from hmis.core.access import Role
from hmis.core.audit import AuditEvent
from hmis.core.store import Store
from tests.conftest import Person, Time, some_id
from tests.everything import total
from tests.prescriptions.conftest import Enter, amoxicillin_line

SignIn = Callable[[Role | str], Person]

pytestmark = pytest.mark.usefixtures("time")

SAID = {"presenting_complaint": "Cough for a week", "diagnoses": [{"code": "J18.9"}]}


@pytest.fixture(autouse=True)
def known_codes(store: Store) -> None:
    """The codes of ICD-10, as far as they are needed here."""
    with store.session() as session:
        for code, title in (("J18.9", "Pneumonia, unspecified"), ("B50.9", "Plasmodium falciparum malaria")):
            session.add(DiagnosisCode(code=code, title=title, leaf=True))
        session.commit()


@pytest.fixture
def signings(patient: dict[str, Any]) -> str:
    return f"/patients/{patient['id']}/signings"


@pytest.fixture
def visit(recordofficer: Person, patient: dict[str, Any]) -> dict[str, Any]:
    answer = recordofficer.post(f"/patients/{patient['id']}/visits", {"clinic": "GOPD"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def events(store: Store) -> list[tuple[str, str, tuple[str, ...]]]:
    """Act, table and field names of every change in the audit, in the order of the tables."""
    with store.session(writes=False) as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.act.in_(["create", "change", "void"])))
        return sorted((event.act, event.record_type, tuple(sorted(event.hashes))) for event in found)


def test_a_meeting_is_signed_in_one_act(
    doctor: Person, signings: str, patient: dict[str, Any], visit: dict[str, Any], amoxicillin: dict[str, Any]
) -> None:
    body = {
        "consultation": {**SAID, "visit_id": visit["id"]},
        "prescription": {"drugs": [amoxicillin_line(amoxicillin)], "instructions": "Come back on Friday"},
        "move_visit_to": "pharmacy",
    }
    answer = doctor.post(signings, body)
    assert answer.status_code == 201, answer.text
    signed = answer.json
    place = f"/patients/{patient['id']}/consultations/{signed['consultation']['id']}"
    assert doctor.get(place).json == signed["consultation"]
    assert doctor.get(f"{place}/prescription").json == signed["prescription"]
    assert signed["prescription"]["lines"][0]["quantity"] == 15
    assert signed["consultation"]["diagnoses"][0]["text"] == "Pneumonia, unspecified"
    [shown] = doctor.get("/visits").json["items"]
    assert (shown, shown["state"]) == (signed["visit"], "pharmacy")


def test_without_prescription_and_visit_it_is_a_consultation(doctor: Person, signings: str) -> None:
    for body in ({"consultation": SAID}, {"consultation": SAID, "prescription": None, "move_visit_to": None}):
        answer = doctor.post(signings, body)
        assert answer.status_code == 201, answer.text
        assert (answer.json["prescription"], answer.json["visit"]) == (None, None)


def test_the_audit_tells_the_same_as_of_each_act_alone(
    doctor: Person,
    register: Callable[..., dict[str, Any]],
    recordofficer: Person,
    amoxicillin: dict[str, Any],
    store: Store,
) -> None:
    prescribed = {"drugs": [amoxicillin_line(amoxicillin)], "instructions": "with water"}
    told: list[list[tuple[str, str, tuple[str, ...]]]] = []
    for at_once in (False, True):
        of = f"/patients/{register()['id']}"
        visit = recordofficer.post(f"{of}/visits", {"clinic": "GOPD"}).json
        said, before = {**SAID, "visit_id": visit["id"]}, events(store)
        if at_once:
            body = {"consultation": said, "prescription": prescribed, "move_visit_to": "pharmacy"}
            assert doctor.post(f"{of}/signings", body).status_code == 201
        else:
            made = doctor.post(f"{of}/consultations", said).json
            assert doctor.post(f"{of}/consultations/{made['id']}/prescription", prescribed).status_code == 201
            assert doctor.post(f"/visits/{visit['id']}/move", {"to": "pharmacy"}).status_code == 200
        after = events(store)
        for event in before:
            after.remove(event)
        told.append(after)
    assert told[0] == told[1]
    assert len(told[1]) == 6, told[1]


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ({"consultation": {}}, {"consultation"}),
        ({"consultation": {**SAID, "plna": "x"}}, {"consultation.plna"}),
        ({"consultation": {**SAID, "follow_up_on": "2001-01-01"}}, {"consultation.follow_up_on"}),
        ({"consultation": {"diagnoses": [{"code": "Q99.99"}]}}, {"consultation.diagnoses.0.code"}),
        ({"consultation": {**SAID, "visit_id": some_id()}}, {"consultation.visit_id"}),
        ({"prescription": {"drugs": [{"duration_days": 0}]}}, {"prescription.drugs.0.duration_days"}),
        ({"prescription": {"drugs": [{}, {"frequency": "qd"}]}}, {"prescription.drugs.1.frequency"}),
        ({"prescription": {"drugs": [{"duration_days": None}]}}, {"prescription.drugs.0.duration_days"}),
        ({"prescription": {"drugs": [{}, {"drug_id": some_id()}]}}, {"prescription.drugs.1.drug_id"}),
        ({"move_visit_to": "triage"}, {"move_visit_to"}),
        ({"move_visit_to": "pharmacy"}, {"move_visit_to"}),
    ],
)
def test_what_is_wrong_is_told_with_its_place_in_the_whole_and_nothing_is_stored(
    doctor: Person, signings: str, amoxicillin: dict[str, Any], store: Store, part: dict[str, Any], fields: set[str]
) -> None:
    body: dict[str, Any] = {"consultation": SAID, **part}
    for number, line in enumerate(body.get("prescription", {}).get("drugs", ())):
        body = {**body, "prescription": {"drugs": [*body["prescription"]["drugs"]]}}
        body["prescription"]["drugs"][number] = amoxicillin_line(amoxicillin, **line, confirmed=True)
    before = total(store)
    answer = doctor.post(signings, body)
    assert (answer.status_code, answer.json["code"]) == (422, "Invalid"), answer.text
    assert set(answer.json["fields"]) == fields
    assert total(store) == before


def test_an_odd_line_is_asked_about_before_anything_is_stored(
    doctor: Person, signings: str, amoxicillin: dict[str, Any], store: Store
) -> None:
    odd = amoxicillin_line(amoxicillin, dose=10_000)
    before = total(store)
    asked = doctor.post(signings, {"consultation": SAID, "prescription": {"drugs": [odd]}}, key="signed")
    assert (asked.status_code, asked.json["code"]) == (422, "Implausible")
    assert set(asked.json["fields"]) == {"prescription.drugs.0.dose"}
    assert total(store) == before
    confirmed = {"consultation": SAID, "prescription": {"drugs": [{**odd, "confirmed": True}]}}
    answer = doctor.post(signings, confirmed, key="signed")
    assert answer.status_code == 201, answer.text
    assert answer.json["prescription"]["lines"][0]["confirmed"] is True


def test_signing_again_on_a_bad_line_signs_once(
    doctor: Person, signings: str, visit: dict[str, Any], amoxicillin: dict[str, Any], store: Store
) -> None:
    body = {
        "consultation": {**SAID, "visit_id": visit["id"]},
        "prescription": {"drugs": [amoxicillin_line(amoxicillin)]},
        "move_visit_to": "done",
    }
    first = doctor.post(signings, body, key="signed")
    before = total(store)
    again = doctor.post(signings, body, key="signed")
    assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
    assert total(store) == before


@pytest.mark.parametrize(
    ("there", "to", "stands"),
    [
        ("with_doctor", "pharmacy", "pharmacy"),
        ("pharmacy", "pharmacy", "pharmacy"),
        ("pharmacy", "done", "done"),
        ("left", "pharmacy", "left"),
        ("done", "pharmacy", "done"),
    ],
)
def test_a_patient_who_is_there_or_further_on_stays_and_the_meeting_is_signed(
    doctor: Person, signings: str, visit: dict[str, Any], there: str, to: str, stands: str
) -> None:
    assert doctor.post(f"/visits/{visit['id']}/move", {"to": there}).status_code == 200
    body = {"consultation": {**SAID, "visit_id": visit["id"]}, "move_visit_to": to}
    answer = doctor.post(signings, body)
    assert (answer.status_code, answer.json["visit"]["state"]) == (201, stands), answer.text


def test_nothing_is_prescribed_for_the_dead_and_then_nothing_is_signed(
    doctor: Person,
    recordofficer: Person,
    signings: str,
    patient: dict[str, Any],
    amoxicillin: dict[str, Any],
    store: Store,
    time: Time,
) -> None:
    recordofficer.put(f"/patients/{patient['id']}", {"deceased_at": time.now.isoformat()})
    before = total(store)
    refused = doctor.post(signings, {"consultation": SAID, "prescription": {"drugs": [amoxicillin_line(amoxicillin)]}})
    assert (refused.status_code, "dead" in refused.json["detail"]) == (409, True)
    assert total(store) == before
    assert doctor.post(signings, {"consultation": SAID}).status_code == 201, "what happened may be written down"


def test_what_is_taken_already_is_asked_about_as_in_the_single_call(
    doctor: Person, signings: str, amoxicillin: dict[str, Any]
) -> None:
    body = {"consultation": SAID, "prescription": {"drugs": [amoxicillin_line(amoxicillin)]}}
    assert doctor.post(signings, body).status_code == 201
    asked = doctor.post(signings, body)
    assert (asked.status_code, asked.json["code"]) == (422, "Implausible")
    assert "still taken" in asked.json["fields"]["prescription.drugs.0.drug_id"]
    french = doctor.post(signings, body, headers={"Accept-Language": "fr"}).json["fields"][
        "prescription.drugs.0.drug_id"
    ]
    assert "(DOSE 500\xa0mg – voie orale – trois fois par jour – pendant 5 jours) et se prend encore" in french


@pytest.mark.parametrize(("role", "status"), [(Role.NURSE, 403), (Role.PHARMACIST, 403), (Role.ADMIN, 403)])
def test_doctors_alone_sign(sign_in: SignIn, signings: str, role: Role, status: int) -> None:
    assert sign_in(role).post(signings, {"consultation": SAID}).status_code == status


def test_a_meeting_with_nobody_is_not_found(doctor: Person) -> None:
    assert doctor.post(f"/patients/{some_id()}/signings", {"consultation": SAID}).status_code == 404


def test_signing_is_as_many_statements_for_ten_lines_as_for_one(
    doctor: Person,
    register: Callable[..., dict[str, Any]],
    recordofficer: Person,
    enter: Enter,
    queries: list[str],
) -> None:
    drugs = [enter(f"drug{number}") for number in range(10)]
    counts = []
    for number, codes in ((1, ["J18.9"]), (10, ["J18.9", "B50.9"])):
        of = f"/patients/{register()['id']}"
        visit = recordofficer.post(f"{of}/visits", {"clinic": "GOPD"}).json
        body = {
            "consultation": {**SAID, "visit_id": visit["id"], "diagnoses": [{"code": code} for code in codes]},
            "prescription": {"drugs": [amoxicillin_line(drug) for drug in drugs[:number]]},
            "move_visit_to": "pharmacy",
        }
        doctor.get("/auth/me")
        queries.clear()
        assert doctor.post(f"{of}/signings", body, key=f"signed-{number}").status_code == 201
        counts.append(len([query for query in queries if "sign_ins" not in query]))
    assert counts[0] == counts[1], queries
    assert counts[0] <= 20, queries
