"""Who is signed in, and the key of what their browser keeps."""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Callable
from importlib.metadata import version

import pytest
from flask import Flask
from structlog.testing import capture_logs

from hmis.app import create_app
from hmis.core.store import Store
from hmis.staff.schemas import MeOut
from tests.conftest import Person

SignIn = Callable[[str], Person]


def key_of(person: Person) -> bytes:
    answer = person.get("/auth/me")
    assert answer.status_code == 200, answer.text
    return base64.b64decode(answer.json["draft_key"], validate=True)


def test_a_page_learns_where_it_is_and_who_signs(admin: Person, doctor: Person) -> None:
    assert doctor.get("/auth/me").json["licence_number"] is None
    admin.put(f"/staffs/{doctor.id}", {"licence_number": "MDCN/R/12345"})
    me = doctor.get("/auth/me").json
    assert me["username"] == "doctor"
    assert (me["licence_number"], me["time_zone"], me["version"]) == ("MDCN/R/12345", "Africa/Lagos", version("hmis"))


def test_each_person_has_a_key_of_their_own(sign_in: SignIn) -> None:
    keys = [key_of(sign_in(who)) for who in ("doctor", "doctor2", "nurse", "admin")]
    assert [len(key) for key in keys] == [32] * 4
    assert len(set(keys)) == 4


def test_the_key_is_the_same_in_the_next_session_and_in_another_server_process(
    app: Flask, store: Store, doctor: Person
) -> None:
    before = key_of(doctor)
    doctor.post("/auth/logout")
    assert key_of(Person(app, "doctor")) == before
    assert key_of(Person(create_app(store=Store(store.settings)), "doctor")) == before


def test_another_secret_makes_another_key(store: Store, doctor: Person) -> None:
    settings = store.settings.model_copy(update={"secret_key": "another secret of this hospital, long enough"})
    assert key_of(Person(create_app(store=Store(settings)), "doctor")) != key_of(doctor)


def test_the_key_is_what_rfc_5869_says(doctor: Person, store: Store) -> None:
    """HKDF by its definition: extract with the salt, then one block under the person's id."""
    person = doctor.user["id"].replace("-", "")
    extracted = hmac.new(b"hmis draft key, version 1", store.settings.secret_key.encode(), "sha256").digest()
    assert key_of(doctor) == hmac.new(extracted, bytes.fromhex(person) + b"\x01", "sha256").digest()


def test_nobody_gets_a_key_who_is_not_signed_in(app: Flask, doctor: Person) -> None:
    doctor.post("/auth/logout")
    for client in (app.test_client(), doctor.client):
        answer = client.get("/auth/me")
        assert (answer.status_code, "draft_key" in answer.text) == (401, False)


def test_the_key_is_neither_cached_nor_logged(doctor: Person, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        answer = doctor.get("/auth/me")
    key = answer.json["draft_key"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert logged, "the request itself is logged"
    assert key not in str(logged)
    assert key not in caplog.text
    assert key not in repr(MeOut.model_validate(answer.json))
