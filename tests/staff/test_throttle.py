"""Who guesses waits longer and longer; nobody can keep a colleague out from elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from hmis.core.store import Store
from hmis.staff import service
from hmis.staff.models import FailedSignIn
from hmis.staff.throttle import network_of
from tests.conftest import PASSWORD, Person, Time
from tests.staff.test_sign_in import token_of, try_to_sign_in, without_request_id


def guess(app: Flask, username: str = "doctor", address: str = "127.0.0.1", password: str = "guess") -> int:
    body = {"username": username, "password": password}
    return try_to_sign_in(app.test_client(), body, address).status_code


@pytest.mark.parametrize("username", ["doctor", "nobody"])
def test_after_five_failures_one_waits_and_the_wait_doubles_up_to_fifteen_minutes(
    app: Flask, time: Time, username: str
) -> None:
    for _ in range(5):
        assert guess(app, username) == 401
    for minutes in (1, 2, 4, 8, 15, 15):
        answer = try_to_sign_in(app.test_client(), {"username": username, "password": "guess"})
        assert answer.status_code == 429
        assert answer.json["code"] == "TooManyRequests"
        assert 0 < int(answer.headers["Retry-After"]) - minutes * 60 <= 1
        time.passes(minutes=minutes, seconds=-1)
        assert guess(app, username) == 429
        time.passes(seconds=1)
        assert guess(app, username) == 401


def test_the_right_password_waits_as_well_and_then_everything_is_forgotten(app: Flask, time: Time) -> None:
    for _ in range(5):
        guess(app)
    assert guess(app, password=PASSWORD) == 429
    time.passes(minutes=1)
    assert guess(app, password=PASSWORD) == 200
    for _ in range(5):
        assert guess(app) == 401


def test_asking_while_one_waits_does_not_prolong_the_wait(app: Flask, time: Time) -> None:
    for _ in range(5):
        guess(app)
    for _ in range(59):
        time.passes(seconds=1)
        assert guess(app) == 429
    time.passes(seconds=1)
    assert guess(app, password=PASSWORD) == 200


def test_a_mistake_of_yesterday_is_forgotten(app: Flask, time: Time) -> None:
    for _ in range(4):
        guess(app)
    time.passes(hours=24)
    for _ in range(5):
        assert guess(app) == 401


def test_user_name_and_email_are_one_account(app: Flask) -> None:
    for _ in range(5):
        guess(app)
    body = {"email": "doctor@hospital.example", "password": "guess"}
    assert try_to_sign_in(app.test_client(), body).status_code == 429


def test_a_neighbour_at_the_same_address_is_not_concerned(app: Flask) -> None:
    for _ in range(5):
        guess(app)
    assert guess(app, "nurse", password=PASSWORD) == 200


def test_who_hammers_from_elsewhere_does_not_keep_a_doctor_out(app: Flask, time: Time) -> None:
    assert guess(app, address="10.0.0.1", password=PASSWORD) == 200  # the ward's computer, where she always signs in
    refused = [guess(app, address=f"203.0.113.{n}") for n in range(1, 41)]
    assert refused == [401] * 20 + [429] * 20
    assert guess(app, address="198.51.100.7", password=PASSWORD) == 429
    assert guess(app, address="10.0.0.1", password=PASSWORD) == 200
    time.passes(minutes=15)
    assert guess(app, address="198.51.100.7", password=PASSWORD) == 200


@pytest.mark.parametrize(("days", "status"), [(29.9, 200), (30, 429)])
def test_an_address_is_familiar_for_thirty_days(app: Flask, time: Time, days: float, status: int) -> None:
    assert guess(app, address="10.0.0.1", password=PASSWORD) == 200
    time.passes(days=days)
    for n in range(1, 21):
        guess(app, address=f"203.0.113.{n}")
    assert guess(app, address="10.0.0.1", password=PASSWORD) == status


def test_a_name_that_nobody_has_is_refused_in_the_same_way(app: Flask) -> None:
    answers = []
    for username in ("doctor", "nobody"):
        for n in range(20):
            guess(app, username, address=f"203.0.113.{n}")
        answers.append(try_to_sign_in(app.test_client(), {"username": username, "password": "x"}, "198.51.100.7"))
    assert [answer.status_code for answer in answers] == [429, 429]
    known, unknown = (without_request_id(answer) for answer in answers)
    assert known.keys() == unknown.keys()
    assert known["code"] == unknown["code"]


def test_fifty_failures_from_one_address_are_enough_whoever_was_meant(app: Flask, time: Time) -> None:
    for n in range(50):
        assert guess(app, f"name{n}") == 401
    assert guess(app, password=PASSWORD) == 429
    assert guess(app, address="10.0.0.2", password=PASSWORD) == 200
    time.passes(minutes=15)
    assert guess(app, password=PASSWORD) == 200


def test_guesses_sent_at_once_are_counted_like_guesses_one_after_another(app: Flask) -> None:
    seats = [app.test_client() for _ in range(16)]
    tokens = [token_of(client) for client in seats]

    def go(seat: int) -> int:
        return (
            seats[seat]
            .post(
                "/auth/login",
                json={"username": "doctor", "password": f"guess {seat}"},
                headers={"X-CSRFToken": tokens[seat]},
            )
            .status_code
        )

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(go, range(16)))
    assert set(statuses) <= {401, 429}
    assert statuses.count(401) <= 5


def test_a_thousand_guesses_get_no_further_than_six_in_a_minute(app: Flask, store: Store, time: Time) -> None:
    client = app.test_client()
    headers = {"X-CSRFToken": token_of(client)}
    answered = []
    for n in range(1000):
        time.passes(seconds=0.06)
        body = {"username": "doctor", "password": f"guess {n}"}
        answered.append(client.post("/auth/login", json=body, headers=headers).status_code)
    assert answered.count(401) <= 6
    assert answered.count(429) >= 994
    with store.session(writes=False) as session:
        assert len(session.scalars(select(FailedSignIn)).all()) <= 6


def test_guessing_ones_old_password_at_an_unlocked_screen_is_slowed_down_too(doctor: Person) -> None:
    body = {"old_password": "guess", "new_password": "seven purple camels walking"}
    assert [doctor.post("/auth/password", body).status_code for _ in range(6)] == [422] * 5 + [429]


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_the_addresses_of_one_ipv6_host_count_as_one(address: str, counted_as: str) -> None:
    assert network_of(address) == counted_as


def test_failures_that_no_longer_count_are_forgotten(app: Flask, store: Store, time: Time) -> None:
    guess(app)
    time.passes(hours=24, seconds=1)
    with store.session() as session:
        assert service.purge(session) == 1
        session.commit()
        assert session.scalars(select(FailedSignIn)).all() == []
