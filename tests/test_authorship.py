"""Whose a record is: every kind of clinical record of the API, every person, before and after the author's 24 hours.

The kinds are read off the routes, so a new department is asked the same questions without a line here; where its
record cannot be made from the example of its body, the test fails until `tests/everything.py` knows how.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product, takewhile
from typing import Any

import pytest
from werkzeug.test import TestResponse

from hmis.core.access import GRANTS, Role
from hmis.core.http import Route
from hmis.core.records import ClinicalPart, ClinicalRecord
from hmis.core.schemas import RecordOut
from hmis.tables import Row
from tests.conftest import PEOPLE, Person, Time, some_id
from tests.everything import (
    CANARY,
    CANARY_DAY,
    CHART,
    CREATES,
    KINDS,
    ROUTES,
    Made,
    Work,
    example,
    filled,
    names,
    roles_that_may,
    route_of,
    told,
)

BY = {(route.method, route.path): route for route in ROUTES}
each_kind = pytest.mark.parametrize("path", KINDS, ids=lambda path: path.removeprefix(CHART))
OF_THE_WINDOW = (f"{CHART}/visits", f"{CHART}/names")
CLINICAL = [
    route for route in ROUTES if route.path.startswith(f"{CHART}/") and not route.path.startswith(OF_THE_WINDOW)
]
"""All of a chart but who somebody is, and the comings and goings, which the window needs."""
OF_MANY = [
    route
    for route in ROUTES
    if not route.path.startswith(CHART) and route.gives is not None and issubclass(route.gives, RecordOut)
]
"""Lists of records over many charts."""
ROLES = {username: Role(username.rstrip("2").replace("recordofficer", "record_officer")) for username in PEOPLE}
LEAVES_NO_PATH = {"addenda", "line_acts"}
"""Records that are made once and never corrected: an addendum, and a stop or hold of a line."""


@pytest.fixture
def work(sign_in: Callable[[Role | str], Person]) -> Work:
    return Work(sign_in)


def change(path: str) -> dict[str, Any]:
    """What an author would send to correct it: words, where it takes any."""
    body = example(BY["PUT", path])
    texts = [name for name in ("text", "instructions", "presenting_complaint", "oxygen_device") if name in body]
    return {name: body[name] for name in texts[:1]} or body


def tell(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, "" if answer.status_code < 300 else told(answer)["code"]


def hides(answer: TestResponse) -> bool:
    return CANARY not in answer.text and CANARY_DAY not in answer.text


def test_there_are_as_many_kinds_as_tables_of_what_clinicians_write() -> None:
    """A record that no path leads to would be one that no author can correct."""
    tables = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Row.registry.mappers
        if issubclass(mapper.class_, ClinicalRecord | ClinicalPart)
    }
    written_with_their_whole = {"diagnoses", "dispensed_lines"}
    at_two_places = {path for path in KINDS if path.endswith("/vitals/<uuid:id>")}
    assert len(KINDS) - len(at_two_places) + 1 == len(tables - LEAVES_NO_PATH - written_with_their_whole), (
        KINDS,
        tables,
    )


@each_kind
def test_an_author_has_24_hours_and_nobody_else_a_minute(work: Work, time: Time, path: str) -> None:
    for hours, locked in BOUNDARIES:
        made = work.make(path, canary=True)
        time.passes(hours=hours)
        for username, method in product(ROLES, ("PUT", "DELETE", "addendum")):
            person = work.sign_in(username)
            route = BY.get(("POST", f"{path}/addenda") if method == "addendum" else (method, path))
            if route is None or (method == "DELETE" and person is made.author):
                continue
            answer = do(person, method, made)
            expected = expect(route, ROLES[username], person is made.author, locked)
            assert tell(answer) == expected, (username, method, hours)
            assert answer.status_code < 300 or hides(answer), (username, method, answer.text)
        if ("DELETE", path) in BY:
            last = do(made.author, "DELETE", made)
            assert tell(last) == ((423, "RecordLocked") if locked else (204, "")), hours
            assert hides(last)


BOUNDARIES = ((0, False), (23.99, False), (24, True))
"""Hours after it was written, and whether it is locked then."""


def expect(route: Route, role: Role, mine: bool, locked: bool) -> tuple[int, str]:
    """What the law says: permission, then author, then window; an addendum at any time."""
    if role not in roles_that_may(route):
        return 403, "NotPermitted"
    if route.method == "POST":
        return 201, ""
    if not mine:
        return 403, "NotAuthor"
    return (423, "RecordLocked") if locked else (200, "")


def do(person: Person, method: str, made: Made, path: str = "") -> TestResponse:
    where = path or made.at()
    match method:
        case "PUT":
            return person.put(where, change(made.path))
        case "DELETE":
            return person.delete(where, "Written on the wrong patient")
        case "addendum":
            return person.post(f"{where}/addenda", {"kind": "late_information", "text": "Seen by a second person."})
        case _:
            return person.send(method, where)


@each_kind
def test_a_record_is_reached_through_its_own_patient_and_consultation_alone(work: Work, path: str) -> None:
    """Its author, with the right id, on the wrong path: another patient, another consultation, nobody."""
    made, other = work.make(path, canary=True), work.make(path)
    strange = [{name: strange} for name in names(path) for strange in (other.ids[name], some_id())]
    if {"consultation_id", "id"} <= set(names(path)):
        beside = work.make(path, ids={"patient": made.ids["patient"]})
        strange.append({"consultation_id": beside.ids["consultation_id"]})
    before = [shown(work, made), shown(work, other)]
    below = [route for route in ROUTES if route.path == path or route.path.startswith(f"{path}/")]
    for route in [route for route in below if names(route.path) == names(path)]:
        person = made.author if made.author in work.people_who_may(route) else work.people_who_may(route)[0]
        body = example(route) if route.body else None
        reason = {"reason": "Written on the wrong patient"} if route.method == "DELETE" else {}
        for ids in strange:
            answer = person.send(route.method, made.at(route.path, **ids), body, query_string=reason)
            assert tell(answer) == (404, "NotFound"), (route.method, route.path, ids, answer.text)
            assert hides(answer)
    assert [shown(work, made), shown(work, other)] == before


def shown(work: Work, made: Made) -> Any:
    """The record as it stands; where it has no page of its own, the page it stands on."""
    path = made.path
    while ("GET", path) not in BY:
        path = path.rpartition("/")[0]
    return work.people_who_may(route_of("GET", path))[-1].get(made.at(path)).json


def test_who_treats_nobody_sees_nothing_of_a_chart(work: Work) -> None:
    """Record officers and administrators: 403 everywhere, and not a word of what is written there."""
    there = {path: work.make(path, canary=True) for path in KINDS}
    for made in there.values():
        assert CANARY in str(made.shown) or CANARY_DAY in str(made.shown), "else this could not fail"
    for route in CLINICAL + OF_MANY:
        made = there[_nearest(route.path)]
        ids = {name: made.ids.get(name, some_id()) for name in names(route.path)}
        body = example(route) if route.body else None
        for username in ("recordofficer", "admin"):
            answer = work.sign_in(username).send(route.method, filled(route.path, ids), body)
            assert tell(answer) == (403, "NotPermitted"), (username, route.method, route.path)
            assert hides(answer)


def _nearest(path: str) -> str:
    """The kind of record whose path goes the most steps along with this one."""

    def together(kind: str) -> int:
        steps = zip(kind.split("/"), path.split("/"), strict=False)
        return len(list(takewhile(lambda step: step[0] == step[1], steps)))

    return max(KINDS, key=together)


def test_what_record_officers_and_administrators_may_open_tells_nothing_clinical(work: Work) -> None:
    for path in KINDS:
        work.make(path, canary=True)
    patient = work.make(KINDS[-1], canary=True)
    for route in ROUTES:
        if route.method != "GET" or route.path == "/auth/logout":
            continue
        for username in ("recordofficer", "admin"):
            if ROLES[username] in roles_that_may(route):
                person = work.sign_in(username)
                ids = {name: patient.ids.get(name, person.id) for name in names(route.path)}
                answer = person.get(filled(route.path, ids))
                assert answer.status_code in (200, 404), (username, route.path, answer.text)
                assert hides(answer), (username, route.path)


def test_each_kind_is_written_by_those_who_may_and_signed_by_the_server(work: Work) -> None:
    for path in sorted({path.rpartition("/<")[0] if path.endswith(">") else path for path in KINDS}):
        route = CREATES[path]
        for person in work.people_who_may(route):
            one = path if path in KINDS else f"{path}/<uuid:id>"
            made = work.make(one, by=person)
            author = made.shown.get("author", shown(work, made).get("author"))
            assert author is None or author["id"] == person.id, path
        refused = [username for username, role in ROLES.items() if role not in roles_that_may(route)]
        assert refused
        assert not GRANTS[Role.ADMIN] & set(route.needs or ())
