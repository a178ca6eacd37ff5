"""At the door: one answer for every failure, a fresh session for every success, and nothing for another site."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from werkzeug.test import TestResponse

from hmis.app import create_app
from hmis.core.access import GRANTS, Role
from hmis.core.audit import Act, AuditEvent
from hmis.core.config import Settings
from hmis.core.store import Store
from hmis.staff import passwords, service
from hmis.staff.models import FailedSignIn, Staff
from tests.conftest import PASSWORD, Person


def token_of(client: FlaskClient) -> str:
    """The CSRF token of somebody at a computer, signed in or not."""
    token: str = client.get("/auth/getcsrf").json["csrf_token"]
    return token


def try_to_sign_in(client: FlaskClient, body: dict[str, Any], address: str = "127.0.0.1") -> TestResponse:
    return client.post(
        "/auth/login",
        json=body,
        headers={"X-CSRFToken": token_of(client)},
        environ_base={"REMOTE_ADDR": address},
    )


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("hmis_session")
    assert cookie is not None
    return cookie.value


def without_request_id(answer: TestResponse) -> dict[str, Any]:
    return {name: value for name, value in answer.json.items() if name != "request_id"}


@pytest.mark.parametrize(
    "name",
    [
        {"username": "doctor"},
        {"username": "DOCTOR"},
        {"email": "doctor@hospital.example"},
        {"email": "Doctor@Hospital.Example"},
        {"username": "doctor@hospital.example"},
    ],
    ids=str,
)
def test_a_doctor_signs_in_by_user_name_or_email(app: Flask, name: dict[str, str]) -> None:
    answer = try_to_sign_in(app.test_client(), {**name, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json["login"] is True
    assert answer.json["csrf_token"]
    user = answer.json["user"]
    assert (user["staff_number"], user["name"], user["role"]) == ("DOC0001", "Doctor Test", "doctor")
    assert user["permissions"] == sorted(GRANTS[Role.DOCTOR])


def test_every_failure_looks_the_same(app: Flask, store: Store) -> None:
    with store.session() as session:
        service.add(
            session, Staff.__subclasses__()[0], username="newcomer", given_name="N", family_name="C", sex="male"
        )
        gone = session.fetch(Staff, Staff.username == "nurse2")
        gone.deactivated_at = gone.created_at
        session.commit()
    failures = [
        {"username": "doctor", "password": "wrong"},
        {"email": "doctor@hospital.example", "password": "wrong"},
        {"username": "nobody", "password": PASSWORD},
        {"email": "nobody@hospital.example", "password": PASSWORD},
        {"username": "nurse2", "password": PASSWORD},  # has left
        {"username": "newcomer", "password": PASSWORD},  # has set no password yet
    ]
    answers = [try_to_sign_in(app.test_client(), body) for body in failures]
    assert {answer.status_code for answer in answers} == {401}
    assert all(without_request_id(answer) == without_request_id(answers[0]) for answer in answers)
    assert (answers[0].json["login"], answers[0].json["code"]) == (False, "NotSignedIn")


@pytest.mark.parametrize(
    "rest",
    [
        {},
        {"password": ""},
        {"password": None},
        {"password": 5},
        {"password": "x" * 300},
        {"password": "right", "remember": True},
        {"password": "right", "role": "admin"},
        {"password": "half a pair \ud83d"},
    ],
    ids=str,
)
def test_a_malformed_body_tells_nothing_about_the_account(app: Flask, rest: dict[str, Any]) -> None:
    known = try_to_sign_in(app.test_client(), {"username": "doctor", **rest})
    unknown = try_to_sign_in(app.test_client(), {"username": "nobody", **rest})
    assert known.status_code == unknown.status_code == 422
    assert without_request_id(known) == without_request_id(unknown)


@pytest.mark.parametrize("names", [{}, {"username": "doctor", "email": "doctor@hospital.example"}], ids=["none", "two"])
def test_one_name_is_needed(app: Flask, names: dict[str, str]) -> None:
    assert try_to_sign_in(app.test_client(), {**names, "password": PASSWORD}).status_code == 422


def test_an_unknown_name_is_looked_for_as_long_as_a_known_one(app: Flask, queries: list[str]) -> None:
    client = app.test_client()
    token = token_of(client)
    seen = []
    for username in ("doctor", "nobody"):
        queries.clear()
        client.post("/auth/login", json={"username": username, "password": "x"}, headers={"X-CSRFToken": token})
        seen.append(list(queries))
    assert seen[0] == seen[1]


def test_an_unknown_name_is_refused_after_the_same_time_as_a_wrong_password(settings: Settings, store: Store) -> None:
    slow = Store(settings.model_copy(update={"password_memory_kib": 8192}))
    with slow.session() as session:
        person = session.fetch(Staff, Staff.username == "doctor")
        person.password_hash = passwords.hashed(PASSWORD, 8192)
        session.commit()
    client = create_app(store=slow).test_client()
    token = token_of(client)

    def taken(username: str) -> float:
        with slow.session() as session:
            session.execute(delete(FailedSignIn))
            session.commit()
        began = perf_counter()
        answer = client.post(
            "/auth/login", json={"username": username, "password": "x"}, headers={"X-CSRFToken": token}
        )
        assert answer.status_code == 401
        return perf_counter() - began

    def ratio() -> float:
        pairs = [(taken("doctor"), taken("nobody")) for _ in range(25)]
        known, unknown = (statistics.median(side) for side in zip(*pairs, strict=True))
        return known / unknown

    # Other work on this machine may disturb one round, not three.
    assert any(0.9 < ratio() < 1.1 for _ in range(3))
    slow.close()


def test_signing_in_takes_a_token_too(app: Flask) -> None:
    client = app.test_client()
    body = {"username": "doctor", "password": PASSWORD}
    assert client.post("/auth/login", json=body).json["code"] == "CsrfFailed"
    assert client.post("/auth/login", json=body, headers={"X-CSRFToken": "made-up"}).status_code == 403
    other = token_of(app.test_client())
    assert client.post("/auth/login", json=body, headers={"X-CSRFToken": other}).status_code == 403


def test_a_token_dies_at_sign_in(app: Flask) -> None:
    client = app.test_client()
    before = token_of(client)
    body = {"username": "doctor", "password": PASSWORD}
    after = client.post("/auth/login", json=body, headers={"X-CSRFToken": before}).json["csrf_token"]
    draft = {"body": "x"}
    assert client.put("/api/v1/drafts/d", json=draft, headers={"X-CSRFToken": before}).json["code"] == "CsrfFailed"
    assert client.put("/api/v1/drafts/d", json=draft, headers={"X-CSRFToken": after}).status_code == 200


def test_the_token_comes_in_the_body_and_in_the_header(app: Flask) -> None:
    answer = app.test_client().get("/auth/getcsrf")
    assert answer.status_code == 200
    assert answer.headers["X-CSRFToken"] == answer.json["csrf_token"]


def test_the_session_is_a_new_one_at_each_sign_in(app: Flask) -> None:
    client = app.test_client()
    try_to_sign_in(client, {"username": "doctor", "password": PASSWORD})
    first = cookie_of(client)
    try_to_sign_in(client, {"username": "doctor", "password": PASSWORD})
    assert client.get("/auth/me").status_code == 200
    thief = app.test_client()
    thief.set_cookie("hmis_session", first)
    assert thief.get("/auth/me").status_code == 401


def test_a_cookie_planted_before_sign_in_is_worth_nothing_after(app: Flask) -> None:
    client, thief = app.test_client(), app.test_client()
    token_of(thief)
    client.set_cookie("hmis_session", cookie_of(thief))
    try_to_sign_in(client, {"username": "doctor", "password": PASSWORD})
    assert thief.get("/auth/me").status_code == 401


def test_the_cookie_is_for_this_server_and_this_visit(app: Flask) -> None:
    answer = try_to_sign_in(app.test_client(), {"username": "doctor", "password": PASSWORD})
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Lax" in cookies[0]
    assert "Expires" not in cookies[0]
    assert "Max-Age" not in cookies[0]


def test_a_cookie_signed_by_somebody_else_is_nobody(app: Flask, settings: Settings) -> None:
    forger = create_app(settings.model_copy(update={"secret_key": "another"}))
    client = forger.test_client()
    try_to_sign_in(client, {"username": "doctor", "password": PASSWORD})
    mine = app.test_client()
    mine.set_cookie("hmis_session", cookie_of(client))
    assert mine.get("/auth/me").status_code == 401


def test_whether_somebody_is_signed_in_is_always_answered(app: Flask, doctor: Person) -> None:
    assert app.test_client().get("/auth/isauthenticated").json == {"isauthenticated": False}
    assert doctor.get("/auth/isauthenticated").json == {"isauthenticated": True}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signing_out_ends_the_session_for_good(app: Flask, doctor: Person, method: str) -> None:
    stolen = cookie_of(doctor.client)
    answer = doctor.send(method, "/auth/logout")
    assert (answer.status_code, answer.json) == (200, {"login": False})
    assert doctor.get("/auth/me").status_code == 401
    thief = app.test_client()
    thief.set_cookie("hmis_session", stolen)
    assert thief.get("/auth/me").status_code == 401


def test_who_is_signed_out_may_sign_out(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/auth/logout").json == {"login": False}
    assert client.post("/auth/logout", headers={"X-CSRFToken": token_of(client)}).json == {"login": False}


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 200), ("same-origin", 200), ("none", 200)]
)
def test_another_site_signs_nobody_out(doctor: Person, site: str, status: int) -> None:
    assert doctor.client.get("/auth/logout", headers={"Sec-Fetch-Site": site}).status_code == status
    assert doctor.get("/auth/me").status_code == (200 if status == 403 else 401)


def test_signing_in_and_out_and_failing_to_are_in_the_audit(app: Flask, store: Store) -> None:
    client = app.test_client()
    try_to_sign_in(client, {"username": "doctor", "password": "not-the-password"}, "10.1.2.3")
    try_to_sign_in(client, {"username": "doctor", "password": PASSWORD}, "10.1.2.3")
    client.get("/auth/logout", environ_base={"REMOTE_ADDR": "10.1.2.3"})
    with store.session(writes=False) as session:
        doctor = session.fetch(Staff, Staff.username == "doctor")
        told = session.scalars(select(AuditEvent).where(AuditEvent.address == "10.1.2.3").order_by(AuditEvent.id)).all()
    assert [event.act for event in told] == [Act.REFUSE, Act.SIGN_IN, Act.SIGN_OUT]
    refused, entered, left = told
    assert (refused.record_id, refused.actor_id, refused.outcome) == (doctor.id, None, "NotSignedIn")
    assert refused.request_id
    assert entered.actor_id == left.actor_id == doctor.id
    assert entered.session_id == entered.record_id == left.record_id


def test_no_password_is_written_down_anywhere(app: Flask, store: Store, admin: Person) -> None:
    secret = "Kwashiorkor-Umbrella-47"
    body = {"username": "ngozi", "given_name": "Ngozi", "family_name": "Eze", "sex": "female"}
    token = admin.post("/staffs/nurses", body).json["setup_token"]
    client = app.test_client()
    set_up = {"setup_token": token, "new_password": secret}
    assert client.post("/auth/password", json=set_up, headers={"X-CSRFToken": token_of(client)}).status_code == 204
    try_to_sign_in(client, {"username": secret, "password": secret})
    try_to_sign_in(client, {"username": "ngozi", "password": secret})
    with store.engine.connect() as connection:
        for table in Staff.metadata.tables:
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                assert secret not in str(tuple(row)), table
                assert token not in str(tuple(row)), table
    for file in store.settings.data_dir.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes(), file


def test_a_password_kept_under_older_settings_is_renewed_at_sign_in(
    store: Store, app: Flask, sign_in: Callable[[str], Person]
) -> None:
    with store.session() as session:
        person = session.fetch(Staff, Staff.username == "doctor")
        person.password_hash = old = passwords.hashed(PASSWORD, 16)
        session.commit()
    sign_in("doctor")
    with store.session(writes=False) as session:
        renewed = session.fetch(Staff, Staff.username == "doctor").password_hash
    assert renewed != old
    assert try_to_sign_in(app.test_client(), {"username": "doctor", "password": PASSWORD}).status_code == 200
