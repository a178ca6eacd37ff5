"""Everything the API has, for tests that run over all of it.

What stands at the end of a path is made through the API itself: by `POST` where such things are made, with the
example of the body in the API's own document, by somebody who may. A new department needs no line here while its
bodies have examples; an id that an example names needs one in `Work._meant`.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine, event, func, select
from werkzeug.test import TestResponse

from hmis.app import CONVERTERS, DOMAINS
from hmis.core.access import GRANTS, Role
from hmis.core.http import Route
from hmis.core.openapi import document
from hmis.core.store import Store
from hmis.tables import Row
from tests.conftest import PEOPLE, Person

ROUTES: list[Route] = [route for domain in DOMAINS for route in domain.routes]
CREATES = {route.path: route for route in ROUTES if route.method == "POST" and route.status == 201}
"""Where things are made, by path."""
SINGLE = {path for path in CREATES for r in ROUTES if r.path == path and r.method == "GET" and not r.listed}
"""Where there is at most one: a prescription is made and found at the same path."""
MADE_AT = {
    "/api/v1/visits": "/api/v1/patients/<patient:patient>/visits",
    "/api/v1/staffs": "/api/v1/staffs/doctors",
}
"""What is found at one path and made at another."""
CHART = "/api/v1/patients/<patient:patient>"
KINDS = sorted(
    {route.path for route in ROUTES if route.method in ("PUT", "DELETE") and route.path.startswith(f"{CHART}/")}
)
"""Where one record of a chart stands that somebody may correct or withdraw."""
CANARY = "Zilpzalp-7319-wohnt-hier"
"""Words that stand in a record and nowhere else."""
CANARY_DAY = "1987-06-05"
BOOKKEEPING = frozenset(
    {"audit_events", "sign_ins", "failed_sign_ins", "number_series", "ticket_rolls", "staff_numbers"}
)
"""Tables in which a refused request may leave something: who was refused, when somebody was last there, numbers
taken and not used."""

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_BODIES = {
    (method.upper(), re.sub(r"{(\w+?)}", "{}", path)): operation.get("requestBody", {})
    for path, methods in document(ROUTES, CONVERTERS)["paths"].items()
    for method, operation in methods.items()
}
T = TypeVar("T")
_serial = itertools.count(1)


def told(answer: TestResponse) -> dict[str, Any]:
    """The body of an answer that is an object."""
    found = answer.json
    assert isinstance(found, dict), answer.text
    return found


def route_of(method: str, path: str) -> Route:
    """The route declared there."""
    return next(route for route in ROUTES if (route.method, route.path) == (method, path))


def example(route: Route) -> dict[str, Any]:
    """The body of a route as the API's document shows it."""
    content = _BODIES[route.method, _PLACE.sub("{}", route.path)]["content"]["application/json"]
    found: dict[str, Any] = deepcopy(content.get("example", {}))
    return found


def roles_that_may(route: Route) -> set[Role]:
    """Who holds what a route needs."""
    return {role for role in Role if route.needs is None or GRANTS[role] & set(route.needs)}


def names(path: str) -> list[str]:
    """The places of a path that hold an id."""
    return _PLACE.findall(path)


def filled(path: str, ids: dict[str, str]) -> str:
    """A path with its ids in it."""
    return _PLACE.sub(lambda place: ids[place[1]], path)


def with_canary(body: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """The body with the canary in every text it takes one in, in the parts of its lists too; else as a day."""
    told = deepcopy(body)
    for name in model.model_fields:
        if _takes(model, told | {name: CANARY}):
            told[name] = CANARY
        for part in told[name] if isinstance(told.get(name), list) else []:
            for inner in [key for key, value in part.items() if isinstance(value, str)]:
                before, part[inner] = part[inner], CANARY
                if not _takes(model, told):
                    part[inner] = before
    if told == body:
        told |= {name: CANARY_DAY for name in model.model_fields if _takes(model, told | {name: CANARY_DAY})}
    return told


def _takes(model: type[BaseModel], body: dict[str, Any]) -> bool:
    try:
        model.model_validate(body)
    except ValidationError:
        return False
    return True


@dataclass
class Made:
    """What somebody made: where it is, who wrote it, and what was answered."""

    path: str
    """As declared."""
    ids: dict[str, str]
    author: Person
    shown: dict[str, Any] = field(default_factory=dict)

    def at(self, path: str | None = None, **other: str) -> str:
        """The address of this, or of another path with the same ids; `other` puts other ids in."""
        return filled(path or self.path, self.ids | other)


class Work:
    """People making things through the API."""

    def __init__(self, sign_in: Callable[[Role | str], Person]) -> None:
        self.sign_in = sign_in

    def people_who_may(self, route: Route) -> list[Person]:
        """Everybody of the staff who holds what a route needs."""
        may = {role.value.replace("_", "") for role in roles_that_may(route)}
        usernames = sorted(PEOPLE, key=lambda username: username != "recordofficer")  # others register emergencies
        return [self.sign_in(username) for username in usernames if username.rstrip("2") in may]

    def make(
        self, path: str, *, by: Person | None = None, canary: bool = False, ids: Mapping[str, str] | None = None
    ) -> Made:
        """Make what the path leads to, and all that it lies in; `canary`: in its texts too.

        `by`: its author, and of all around it that this person may write; `ids`: what is there already.
        """
        made = Made(path, dict(ids or {}), by or self.sign_in("admin"))
        stops = [stop for stop in _stops(path) if stop.name not in made.ids]
        for stop in stops:
            last = stop is stops[-1]
            made.author, made.shown = self._make(stop, made.ids, by, canary=canary and last)
            made.ids[stop.name] = str(made.shown["id"])
        return made

    def body(self, route: Route, ids: dict[str, str], *, canary: bool = False) -> dict[str, Any]:
        """A body that is accepted there: the example, with ids of what is there in the place of ids of nothing."""
        assert route.body is not None
        body = example(route)
        if canary:
            body = with_canary(body, route.body)
        if "confirmed" in route.body.model_fields:
            body["confirmed"] = True
        return {name: self._meant(name, value, ids) for name, value in body.items()}

    def _meant(self, name: str, value: Any, ids: dict[str, str]) -> Any:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [{inner: self._meant(inner, v, ids) for inner, v in part.items()} for part in value]
        match name:
            case "drug_id":
                return self.make("/api/v1/drugs/<uuid:id>").ids["id"]
            case "line_id":
                lines = f"{CHART}/consultations/<uuid:consultation_id>/prescription/drugs/<uuid:id>"
                there = {name: ids[name] for name in ("patient", "consultation_id", "prescription")}
                return self.make(lines, ids=there).ids["id"]
            case "username" | "generic_name":
                return f"{value}{next(_serial)}"
            case "email" if value is not None:
                return f"{next(_serial)}.{value}"
            case _:
                return value

    def _make(
        self, stop: _Stop, ids: dict[str, str], by: Person | None, *, canary: bool
    ) -> tuple[Person, dict[str, Any]]:
        if stop.made_at not in CREATES:
            return self._look(stop, ids, by)
        route = CREATES[stop.made_at]
        ids = dict(ids)
        for around in _stops(stop.made_at):
            if around.path != stop.path and around.name not in ids:
                ids[around.name] = str(self._make(around, ids, by, canary=False)[1]["id"])
        may = self.people_who_may(route)
        author = by if by in may and stop.name != "patient" else may[0]
        answer = author.post(filled(route.path, ids), self.body(route, ids, canary=canary), **_from_anywhere(route))
        assert answer.status_code == 201, f"{route.path}: {answer.text}\nAn example of this body is not accepted."
        return author, told(answer)

    def _look(self, stop: _Stop, ids: dict[str, str], by: Person | None) -> tuple[Person, dict[str, Any]]:
        """What is not made by a POST: drafts are kept by a PUT, sessions are there."""
        one = next(route for route in ROUTES if _without_converters(route.path) == _without_converters(stop.path))
        author = by or self.people_who_may(one)[0]
        if stop.name == "key":
            kept = author.put(filled(stop.path, {"key": "draft-1"}), example(route_of("PUT", stop.path)))
            assert kept.status_code == 200, kept.text
            return author, {**told(kept), "id": "draft-1"}
        return author, told(author.get(filled(stop.made_at, ids)))["items"][0]


def _from_anywhere(route: Route) -> dict[str, Any]:
    """What is open to anybody is limited by address: each comes from another one."""
    if route.needs is not None:
        return {}
    number = next(_serial)
    return {"environ_overrides": {"REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}}


@dataclass(frozen=True)
class _Stop:
    """A place on the way along a path where something has to be."""

    path: str
    made_at: str
    name: str
    """The place in the path that its id goes into, or the step itself where there is only one."""


def _stops(path: str) -> Iterator[_Stop]:
    steps = path.split("/")
    for end in range(1, len(steps) + 1):
        here, before = "/".join(steps[:end]), "/".join(steps[: end - 1])
        place = _PLACE.fullmatch(steps[end - 1])
        if place:
            yield _Stop(here, MADE_AT.get(before, before), place[1])
        elif here in SINGLE:
            yield _Stop(here, here, steps[end - 1])


def _without_converters(path: str) -> str:
    return _PLACE.sub("<>", path)


class Committed:
    """What reached the database for good, statement by statement, bookkeeping aside."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def clear(self) -> None:
        self.statements.clear()


@contextmanager
def committed(engine: Engine) -> Iterator[Committed]:
    """While it lasts, notes every change that is committed through this engine."""
    seen = Committed()

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        changed = re.match(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+`?(\w+)", statement)
        if changed and changed[1] not in BOOKKEEPING:
            connection.info.setdefault("hmis.tests.pending", []).append(statement)

    def keep(connection: Any) -> None:
        seen.statements.extend(connection.info.pop("hmis.tests.pending", ()))

    def forget(connection: Any) -> None:
        connection.info.pop("hmis.tests.pending", None)

    listeners: dict[str, Callable[..., None]] = {"before_cursor_execute": note, "commit": keep, "rollback": forget}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """All acts begun at the same moment, each in a thread of its own; what each gave, in their order."""
    together = threading.Barrier(len(acts))
    given: dict[int, T] = {}
    failed: list[BaseException] = []

    def run(place: int) -> None:
        try:
            together.wait()
            given[place] = acts[place]()
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [given[place] for place in range(len(acts))]


def statuses(answers: Sequence[TestResponse]) -> Counter[int]:
    """How many were answered what; anything broken is shown in full."""
    broken = [answer.text for answer in answers if answer.status_code >= 500]
    assert not broken, broken
    return Counter(answer.status_code for answer in answers)


def total(store: Store) -> Counter[str]:
    """How many rows each table holds, bookkeeping aside."""
    with store.session(writes=False) as session:
        return Counter(
            {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Row.metadata.tables.items()
                if name not in BOOKKEEPING
            }
        )
