"""The clinics that screens offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hmis.core.access import Role
from hmis.core.config import Settings
from tests.conftest import Person, Time
from tests.visits.test_check_in import check_in

Register = Callable[..., dict[str, Any]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"clinics": "GOPD,  Eye  clinic ,, GOPD"})


def offered(officer: Person) -> list[tuple[str, int]]:
    answer = officer.get("/clinics")
    assert answer.status_code == 200, answer.text
    return [(clinic["name"], clinic["waiting"]) for clinic in answer.json["items"]]


def test_the_clinics_of_the_settings_are_offered_before_anybody_came(recordofficer: Person) -> None:
    assert offered(recordofficer) == [("GOPD", 0), ("Eye clinic", 0)]


def test_a_clinic_in_use_is_offered_for_ninety_days(recordofficer: Person, register: Register, time: Time) -> None:
    check_in(recordofficer, register(), "Malaria outreach")
    assert offered(recordofficer) == [("GOPD", 0), ("Eye clinic", 0), ("Malaria outreach", 1)]
    time.passes(days=90)
    assert offered(recordofficer)[2:] == [("Malaria outreach", 0)]
    time.passes(days=1)
    assert offered(recordofficer)[2:] == []


def test_whoever_is_still_here_today_is_counted(recordofficer: Person, register: Register, time: Time) -> None:
    first, _ = (check_in(recordofficer, register(), "GOPD").json for _ in range(2))
    assert offered(recordofficer)[0] == ("GOPD", 2)
    recordofficer.post(f"/visits/{first['id']}/move", {"to": "left"})
    assert offered(recordofficer)[0] == ("GOPD", 1)
    time.passes(days=1)
    assert offered(recordofficer)[0] == ("GOPD", 0)


@pytest.mark.parametrize(("role", "status"), [(Role.DOCTOR, 200), (Role.ADMIN, 403)])
def test_clinics_are_shown_to_who_sees_visits(sign_in: Callable[[Role], Person], role: Role, status: int) -> None:
    assert sign_in(role).get("/clinics").status_code == status


def test_the_clinics_are_two_queries(recordofficer: Person, register: Register, queries: list[str]) -> None:
    for clinic in ("GOPD", "Eye", "Dental"):
        check_in(recordofficer, register(), clinic)
    queries.clear()
    offered(recordofficer)
    assert len([query for query in queries if "sign_ins" not in query]) == 2
