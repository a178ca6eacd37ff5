"""Which passwords are taken, how they are kept, and how somebody gets a first one."""

from __future__ import annotations

import unicodedata

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from hmis.core.access import Role
from hmis.core.errors import Invalid
from hmis.core.store import Store
from hmis.staff import passwords, service
from hmis.staff.models import Staff
from tests.conftest import PASSWORD, Person, Time
from tests.staff.test_sign_in import token_of, try_to_sign_in

GOOD = "seven purple camels walking"
NGOZI = {"username": "ngozi.eze", "given_name": "Ngozi", "family_name": "Eze", "sex": "female"}


@pytest.mark.parametrize(
    "password",
    [
        "1234567",
        "12345678",
        "password",
        "Password1",
        "P@ssw0rd2026!",
        "qwertyuiop",
        "asdfghjkl;",
        "abcdefgh",
        "hgfedcba",
        "aaaaaaaa",
        "abababab",
        "1q2w3e4r5t",
        "20261124",
        "hmis-demo",
        "HMIS_demo_1",
        "hospital2026",
        "doctornurse1",
        "Welcome123!",
        "iloveyou!!",
        "ngozi.eze",
        "Ngozi1992!",
        "eze-ngozi-77",
        "enugu.ward.1",
    ],
)
def test_a_password_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.refuse_weak(password, Role.DOCTOR, ["ngozi.eze", "Ngozi", "Eze", "Enugu"])
    assert refusal.value.fields["new_password"]


@pytest.mark.parametrize(
    "password", [GOOD, "Kwashi#7Ork", "hospital nurse umbrella", "ẹ́wà àgànyìn 7", "9f2kd0s1q", "correct-horse-9"]
)
def test_a_password_nobody_thinks_of_is_taken(password: str) -> None:
    passwords.refuse_weak(password, Role.DOCTOR, ["ngozi.eze", "Ngozi", "Eze"])


@pytest.mark.parametrize(
    ("role", "length", "taken"),
    [
        (Role.NURSE, 7, False),
        (Role.NURSE, 8, True),
        (Role.ADMIN, 14, False),
        (Role.ADMIN, 15, True),
        (Role.NURSE, 200, True),
        (Role.NURSE, 201, False),
    ],
)
def test_eight_characters_are_enough_and_fifteen_for_an_administrator(role: Role, length: int, taken: bool) -> None:
    password = ("kx9 umbrella vine 4 torch " * 10)[:length]
    if taken:
        passwords.refuse_weak(password, role)
    else:
        with pytest.raises(Invalid):
            passwords.refuse_weak(password, role)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_every_password_is_known_again_and_no_other_is(password: str) -> None:
    kept = passwords.hashed(password, 8)
    assert len(kept) <= 255
    assert password not in kept or len(password) < 8
    assert passwords.matches(kept, password, 8)
    assert passwords.matches(kept, unicodedata.normalize("NFD", password), 8)
    assert not passwords.matches(kept, password + "x", 8)
    assert not passwords.matches(None, password, 8)
    assert not passwords.outdated(kept, 8)
    assert passwords.outdated(kept, 16)


def test_a_hash_of_full_strength_fits_its_column() -> None:
    kept = passwords.hashed(GOOD, 65536)
    assert kept.startswith("$argon2id$")
    assert len(kept) <= 255
    assert passwords.matches(kept, GOOD, 65536)


def set_password(app: Flask, **body: str) -> TestResponse:
    client = app.test_client()
    return client.post("/auth/password", json=body, headers={"X-CSRFToken": token_of(client)})


def test_somebody_new_sets_a_first_password_and_signs_in(app: Flask, admin: Person) -> None:
    token = admin.post("/staffs/nurses", NGOZI).json["setup_token"]
    assert try_to_sign_in(app.test_client(), {"username": "ngozi.eze", "password": GOOD}).status_code == 401
    assert set_password(app, setup_token=token.lower().replace("-", " "), new_password=GOOD).status_code == 204
    answer = try_to_sign_in(app.test_client(), {"username": "ngozi.eze", "password": GOOD})
    assert answer.json["user"]["role"] == "nurse"


def test_a_setup_token_works_once(app: Flask, admin: Person) -> None:
    token = admin.post("/staffs/nurses", NGOZI).json["setup_token"]
    assert set_password(app, setup_token=token, new_password=GOOD).status_code == 204
    again = set_password(app, setup_token=token, new_password="eight green camels resting")
    assert (again.status_code, list(again.json["fields"])) == (422, ["setup_token"])
    assert try_to_sign_in(app.test_client(), {"username": "ngozi.eze", "password": GOOD}).status_code == 200


def test_a_weak_password_does_not_use_the_token_up(app: Flask, admin: Person) -> None:
    token = admin.post("/staffs/nurses", NGOZI).json["setup_token"]
    weak = set_password(app, setup_token=token, new_password="ngozi.eze1")
    assert (weak.status_code, list(weak.json["fields"])) == (422, ["new_password"])
    assert set_password(app, setup_token=token, new_password=GOOD).status_code == 204


@pytest.mark.parametrize(("hours", "status"), [(71.99, 204), (72, 422)])
def test_a_setup_token_is_valid_for_72_hours(time: Time, app: Flask, admin: Person, hours: float, status: int) -> None:
    token = admin.post("/staffs/nurses", NGOZI).json["setup_token"]
    time.passes(hours=hours)
    assert set_password(app, setup_token=token, new_password=GOOD).status_code == status


def test_the_setup_token_is_shown_once_even_to_a_repeated_request(admin: Person) -> None:
    first = admin.post("/staffs/nurses", NGOZI, key="once")
    again = admin.post("/staffs/nurses", NGOZI, key="once")
    assert first.status_code == 201
    assert again.status_code == 409
    profile = admin.get(f"/staffs/{first.json['id']}").json
    assert "setup_token" not in profile
    assert profile["setup_expires_at"]


def test_who_forgot_the_password_gets_a_new_token_and_the_old_one_is_void(app: Flask, admin: Person) -> None:
    created = admin.post("/staffs/nurses", NGOZI).json
    renewed = admin.post(f"/staffs/{created['staff_number']}/setup-token").json["setup_token"]
    assert set_password(app, setup_token=created["setup_token"], new_password=GOOD).status_code == 422
    assert set_password(app, setup_token=renewed, new_password=GOOD).status_code == 204


def test_a_new_password_ends_the_other_sessions_and_not_this_one(app: Flask, doctor: Person) -> None:
    elsewhere = app.test_client()
    try_to_sign_in(elsewhere, {"username": "doctor", "password": PASSWORD})
    assert doctor.post("/auth/password", {"old_password": PASSWORD, "new_password": GOOD}).status_code == 204
    assert doctor.get("/auth/me").status_code == 200
    assert elsewhere.get("/auth/me").status_code == 401
    assert try_to_sign_in(app.test_client(), {"username": "doctor", "password": PASSWORD}).status_code == 401
    assert try_to_sign_in(app.test_client(), {"username": "doctor", "password": GOOD}).status_code == 200


def test_a_password_set_by_token_ends_all_sessions(app: Flask, admin: Person, doctor: Person) -> None:
    token = admin.post(f"/staffs/{doctor.id}/setup-token").json["setup_token"]
    assert doctor.get("/auth/me").status_code == 200
    assert set_password(app, setup_token=token, new_password=GOOD).status_code == 204
    assert doctor.get("/auth/me").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"old_password": "wrong", "new_password": GOOD}, 422),
        ({"new_password": GOOD}, 422),
        ({"old_password": PASSWORD, "setup_token": "x", "new_password": GOOD}, 422),
        ({"old_password": PASSWORD, "new_password": "short"}, 422),
        ({"old_password": PASSWORD, "new_password": "doctor-test-1"}, 422),
        ({"setup_token": "MADE-UPTO-KEN0-0000-0000", "new_password": GOOD}, 422),
    ],
    ids=str,
)
def test_a_password_is_not_changed_without_proof_or_for_a_weak_one(
    app: Flask, doctor: Person, body: dict[str, str], status: int
) -> None:
    assert doctor.post("/auth/password", body).status_code == status
    assert try_to_sign_in(app.test_client(), {"username": "doctor", "password": PASSWORD}).status_code == 200


def test_nobody_signed_in_changes_no_password(app: Flask) -> None:
    assert set_password(app, old_password=PASSWORD, new_password=GOOD).status_code == 401


def test_the_demo_password_is_found_out_before_patients_come(store: Store) -> None:
    with store.session() as session:
        for username in ("doctor", "nurse", "nurse2"):
            person = session.fetch(Staff, Staff.username == username)
            person.demo = True
            person.password_hash = passwords.hashed(passwords.DEMO_PASSWORD, 8)
        session.flush()
        service.set_password(session, session.fetch(Staff, Staff.username == "nurse"), GOOD)
        session.commit()
        assert service.demo_password_in_use(session) == ["DOC0001", "NRS0002"]
