"""What visitors of the public pages send: kept for an administrator, and granting nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hmis.core.access import Role
from hmis.core.audit import AuditEvent
from hmis.core.store import Store
from hmis.staff.models import FailedSignIn, Staff
from tests.conftest import PASSWORD, Person, Time, some_id
from tests.everything import at_once

CONTACT = {"kind": "contact", "name": "Amina Bello", "email": "amina@clinic.example", "message": "May we try it?"}
SIGN_UP = {
    "kind": "sign_up",
    "name": "Amina Bello",
    "email": "amina@clinic.example",
    "facility_name": "Sabon Gari Clinic",
    "facility_size": "12 beds",
}


def send(app: Flask, body: dict[str, Any], address: str = "203.0.113.7") -> Any:
    """A visitor's browser sends it, from this address."""
    client = app.test_client()
    token = client.get("/auth/getcsrf").json["csrf_token"]  # type: ignore[index]
    return client.post(
        "/api/v1/enquiries", json=body, headers={"X-CSRFToken": token}, environ_base={"REMOTE_ADDR": address}
    )


@pytest.mark.parametrize("body", [CONTACT, SIGN_UP, {**SIGN_UP, "message": "Soon, please"}, {**CONTACT, "website": ""}])
def test_a_visitor_writes_and_an_administrator_reads_it(app: Flask, admin: Person, body: dict[str, Any]) -> None:
    answer = send(app, body)
    assert answer.status_code == 201, answer.text
    assert set(answer.json) == {"id", "kind", "received_at"}
    [found] = admin.get("/enquiries").json["items"]  # type: ignore[index]
    told = {name: value for name, value in body.items() if name != "website"}
    assert {name: found[name] for name in told} == told
    assert (found["id"], found["received_at"]) == (answer.json["id"], answer.json["received_at"])
    assert found["handled"] is None
    assert admin.get(answer.headers["Location"]).json == found


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({**CONTACT, "message": None}, "message"),
        ({**CONTACT, "message": "   "}, "message"),
        ({**CONTACT, "message": "x" * 4001}, "message"),
        ({**SIGN_UP, "facility_name": ""}, "facility_name"),
        ({name: value for name, value in SIGN_UP.items() if name != "facility_name"}, "facility_name"),
        ({**SIGN_UP, "facility_size": "x" * 81}, "facility_size"),
        ({**CONTACT, "email": "amina"}, "email"),
        ({**CONTACT, "name": " "}, "name"),
        ({**CONTACT, "kind": "order"}, "kind"),
        ({**CONTACT, "website": "https://spam.example"}, "website"),
        ({**CONTACT, "website": 1}, "website"),
        ({**CONTACT, "role": "admin"}, "role"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_its_field(
    app: Flask, admin: Person, wrong: dict[str, Any], field: str
) -> None:
    answer = send(app, wrong)
    assert (answer.status_code, list(answer.json["fields"])) == (422, [field])
    assert admin.get("/enquiries").json["items"] == []  # type: ignore[index]


def test_4000_characters_are_taken(app: Flask) -> None:
    assert send(app, {**CONTACT, "message": "x" * 4000}).status_code == 201


def test_asking_to_sign_up_opens_no_account(app: Flask, store: Store) -> None:
    def people() -> int:
        with store.session(writes=False) as session:
            return session.scalar(select(func.count()).select_from(Staff)) or 0

    before = people()
    send(app, SIGN_UP)
    assert people() == before


def test_without_the_token_of_our_pages_it_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/api/v1/enquiries", json=CONTACT)
    assert (answer.status_code, answer.json["code"]) == (403, "CsrfFailed")  # type: ignore[index]


def test_five_an_hour_are_taken_from_one_address(app: Flask, admin: Person, time: Time) -> None:
    for _ in range(5):
        assert send(app, CONTACT).status_code == 201
        time.passes(minutes=1)
    refused = send(app, CONTACT)
    assert (refused.status_code, refused.json["code"]) == (429, "TooManyRequests")
    assert 0 < int(refused.headers["Retry-After"]) - 55 * 60 <= 1
    assert send(app, CONTACT, address="203.0.113.8").status_code == 201
    time.passes(minutes=55)
    assert send(app, CONTACT).status_code == 201
    assert send(app, CONTACT).status_code == 429
    assert len(admin.get("/enquiries").json["items"]) == 7  # type: ignore[index]


def test_what_was_refused_as_wrong_does_not_count(app: Flask) -> None:
    for _ in range(9):
        assert send(app, {**CONTACT, "email": "amina"}).status_code == 422
    assert send(app, CONTACT).status_code == 201


def test_enquiries_sent_at_once_are_counted_like_one_after_another(app: Flask, admin: Person) -> None:
    answers = at_once([lambda: send(app, CONTACT) for _ in range(9)])
    assert {answer.status_code for answer in answers} <= {201, 429}
    assert len(admin.get("/enquiries").json["items"]) <= 5  # type: ignore[index]


def test_writing_often_keeps_nobody_at_that_address_from_signing_in(app: Flask, store: Store) -> None:
    for _ in range(6):
        send(app, CONTACT, address="127.0.0.1")
    assert Person(app, "doctor").user["role"] == "doctor"
    with store.session(writes=False) as session:
        assert {row.address for row in session.scalars(select(FailedSignIn))} == {""}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_reads_and_handles_them(app: Flask, sign_in: Any, role: Role) -> None:
    id = send(app, CONTACT).json["id"]
    person = sign_in(role)
    answers = [person.get("/enquiries"), person.get(f"/enquiries/{id}"), person.post(f"/enquiries/{id}/handle")]
    assert [answer.status_code for answer in answers] == [403] * 3


def test_an_enquiry_is_handled_once_and_leaves_the_list(app: Flask, admin: Person, time: Time) -> None:
    id, other = send(app, CONTACT).json["id"], send(app, SIGN_UP).json["id"]
    answer = admin.post(f"/enquiries/{id}/handle", {"note": "Called back"})
    assert answer.status_code == 200, answer.text
    handled = answer.json["handled"]  # type: ignore[index]
    assert (handled["by"]["id"], handled["note"]) == (admin.id, "Called back")
    assert handled["at"] == time.now.isoformat().replace("+00:00", "Z")
    again = admin.post(f"/enquiries/{id}/handle", {})
    assert again.status_code == 409
    assert "Admin Test" in again.json["detail"]  # type: ignore[index]
    assert [found["id"] for found in admin.get("/enquiries").json["items"]] == [other]  # type: ignore[index]
    everything = admin.get("/enquiries", include="handled").json["items"]  # type: ignore[index]
    assert [found["id"] for found in everything] == [other, id]
    assert everything[1] == answer.json


def test_two_who_handle_it_at_once_are_told_apart(app: Flask, admin: Person) -> None:
    id = send(app, CONTACT).json["id"]
    seats = [Person(app, "admin") for _ in range(4)]
    answers = at_once([lambda seat=seat: seat.post(f"/enquiries/{id}/handle") for seat in seats])  # type: ignore[misc]
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


def test_a_kind_is_asked_for_and_pages_follow_each_other(app: Flask, admin: Person) -> None:
    sent = [send(app, body, f"203.0.113.{n}").json["id"] for n, body in enumerate([CONTACT, SIGN_UP] * 3)]
    first = admin.get("/enquiries", kind="sign_up", limit=2).json
    assert first is not None
    assert [found["id"] for found in first["items"]] == [sent[5], sent[3]]
    rest = admin.get("/enquiries", kind="sign_up", limit=2, cursor=first["next"]).json
    assert rest is not None
    assert ([found["id"] for found in rest["items"]], rest["next"]) == ([sent[1]], None)


def test_the_list_takes_one_statement(app: Flask, admin: Person, queries: list[str]) -> None:
    for n in range(3):
        admin.post(f"/enquiries/{send(app, CONTACT, f'203.0.113.{n}').json['id']}/handle")
    admin.get("/enquiries", include="handled")
    queries.clear()
    assert len(admin.get("/enquiries", include="handled").json["items"]) == 3  # type: ignore[index]
    assert sum("FROM enquiries" in statement for statement in queries) == 1
    assert len(queries) <= 2  # who asks may be looked up anew


def test_what_is_not_there_is_not_found(admin: Person) -> None:
    assert admin.get(f"/enquiries/{some_id()}").status_code == 404
    assert admin.post(f"/enquiries/{some_id()}/handle").status_code == 404


def test_the_audit_tells_of_receiving_and_handling_and_of_no_word_of_it(
    app: Flask, admin: Person, store: Store
) -> None:
    id = send(app, CONTACT).json["id"]
    admin.post(f"/enquiries/{id}/handle", {"note": "Called back"})
    events = admin.get("/audit", record=id).json["items"]  # type: ignore[index]
    assert [(event["act"], event["actor"]["number"], event["subject"]) for event in events] == [
        ("change", admin.user["staff_number"], "enquiries"),
        ("create", "", "enquiries"),
    ]
    assert set(events[0]["changed"]) == {"handled_at", "handled_by_id", "handling_note"}
    with store.session(writes=False) as session:
        told = " ".join(str(event.hashes) for event in session.scalars(select(AuditEvent)))
    assert "Amina" not in told
    assert PASSWORD not in told
