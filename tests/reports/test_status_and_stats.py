"""Whether the records can be reached, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from hmis.app import create_app
from hmis.core.access import Role
from hmis.core.config import Settings
from hmis.core.store import Store
from hmis.reports.counts import LONGEST, Counted
from hmis.reports.service import COUNTED
from tests.conftest import Person, Time

SignIn = Callable[[Role | str], Person]


@pytest.fixture
def severed(tmp_path: Path) -> Iterator[Flask]:
    """An app whose database server is not there."""
    store = Store(Settings(data_dir=tmp_path / "severed", database_url="mysql+pymysql://nobody:x@127.0.0.1:1/none"))
    yield create_app(store=store)
    store.close()


def test_the_status_is_ok_for_anybody_who_asks(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/status")
    assert (answer.status_code, answer.json) == (200, {"status": "OK"})
    assert app.test_client().head("/api/v1/status").status_code == 200


def test_the_status_is_fail_when_the_database_is_down_and_says_no_more(severed: Flask) -> None:
    answer = severed.test_client().get("/api/v1/status")
    assert (answer.status_code, answer.json) == (503, {"status": "FAIL"})
    assert answer.mimetype == "application/json"
    assert int(answer.headers["Retry-After"]) > 0
    assert severed.test_client().head("/api/v1/status").status_code == 503


def test_the_status_is_fail_for_somebody_signed_in_too(severed: Flask, admin: Person) -> None:
    cookie = admin.client.get_cookie("hmis_session")
    assert cookie is not None
    client = severed.test_client()
    client.set_cookie("hmis_session", cookie.value)
    assert client.get("/api/v1/status").json == {"status": "FAIL"}


def test_the_status_is_fail_where_there_is_a_database_without_the_records(tmp_path: Path) -> None:
    store = Store(Settings(data_dir=tmp_path / "empty"))
    assert create_app(store=store).test_client().get("/api/v1/status").json == {"status": "FAIL"}
    store.close()


def test_whoever_is_signed_in_may_know_how_many_there_are(app: Flask, sign_in: SignIn) -> None:
    assert app.test_client().get("/api/v1/stats").status_code == 401
    for role in Role:
        assert set(sign_in(role).get("/stats").json) == set(COUNTED)  # type: ignore[arg-type]


def test_a_patient_registered_a_moment_ago_is_counted(
    nurse: Person, register: Callable[..., dict[str, Any]], time: Time
) -> None:
    before = nurse.get("/stats").json
    assert before is not None
    patient = register()
    vitals = nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 80})
    assert vitals.status_code == 201
    expected = {**before, "patients": before["patients"] + 1, "vitals": before["vitals"] + 1}
    assert nurse.get("/stats").json == expected


def test_the_counts_are_those_of_the_lists(
    admin: Person, recordofficer: Person, pharmacist: Person, register: Callable[..., dict[str, Any]], time: Time
) -> None:
    before = admin.get("/stats").json
    kept, mistake = register(), register()
    assert recordofficer.delete(f"/patients/{mistake['id']}").status_code == 204
    entered = {"generic_name": "zinc", "form": "tablet", "strength": "20 mg"}
    drug = pharmacist.post("/drugs", entered).json
    assert pharmacist.delete(f"/drugs/{drug['id']}", "No longer bought").status_code == 204
    [nurse] = admin.get("/staffs/nurses", q="nurse2").json["items"]
    assert admin.delete(f"/staffs/{nurse['id']}", "Left").status_code == 204
    after = admin.get("/stats").json
    assert after == {**before, "patients": before["patients"] + 1, "staff": before["staff"] - 1}
    listed = {name: len(admin.get(f"/{name}", limit=200).json["items"]) for name in ("patients", "drugs")}
    assert listed == {name: after[name] for name in listed}
    assert sum(admin.get("/staffs").json.values()) == after["staff"]
    assert kept["id"] in {one["id"] for one in admin.get("/patients", limit=200).json["items"]}


def test_counting_takes_one_statement(nurse: Person, queries: list[str]) -> None:
    nurse.get("/stats")
    assert sum("UNION ALL" in statement for statement in queries) <= 1
    assert sum("count(" in statement for statement in queries) <= 1


@pytest.mark.parametrize(
    ("counting_takes", "told_for"), [(0.002, 0.2), (0.5, 50), (3, LONGEST.total_seconds()), (0, 0)]
)
def test_the_longer_counting_takes_the_longer_it_is_told(time: Time, counting_takes: float, told_for: float) -> None:
    counts, counted = Counted[dict[str, int]](), []

    def count() -> dict[str, int]:
        time.passes(seconds=counting_takes)
        counted.append(time.now)
        return {"patients": len(counted)}

    assert counts.of(count) == {"patients": 1}
    if told_for:
        time.passes(seconds=told_for * 0.999)
        assert counts.of(count) == {"patients": 1}
        time.passes(seconds=told_for * 0.001)
    assert counts.of(count) == {"patients": 2}


def test_a_clock_set_back_makes_it_count_again(time: Time) -> None:
    counts, many = Counted[dict[str, int]](), iter(range(9))

    def count() -> dict[str, int]:
        time.passes(seconds=1)
        return {"patients": next(many)}

    assert counts.of(count) == {"patients": 0}
    time.passes(hours=-2)
    assert counts.of(count) == {"patients": 1}
