"""One patient, many hands and the clock: whatever is done in whatever order, the law of the record holds.

Hypothesis makes up the orders; a small model of the law, written from the hospital's rules and not from the code,
says what each must be answered. Where MariaDB is there, the same is done in two hospitals at once, one on each
database, and every answer compared to the letter. `HMIS_STEPS` says how many steps in all; more find more.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from werkzeug.test import TestResponse

from hmis.app import create_app
from hmis.core.config import Settings
from hmis.core.db import lawful
from hmis.core.store import Store
from hmis.core.trail.seals import seal
from hmis.core.trail.verify import verify
from hmis.staff import service as staff_service
from hmis.tables import Row
from tests.conftest import PASSWORD, PEOPLE, SERVER, Person, Time

STEPS = int(os.environ.get("HMIS_STEPS", "800"))
STEPS_A_DAY = 40
DAY = timedelta(hours=24)
ABLE, COLLEAGUE = "who may", "a colleague"
WHO = st.sampled_from([ABLE] * 6 + [COLLEAGUE] * 2 + ["doctor", "nurse", "pharmacist", "recordofficer", "admin"])
"""Most of the time whoever wrote it, or may; sometimes their colleague of the same role; sometimes anybody."""
WHICH = st.integers(0, 1000)
MAY: dict[str, set[str]] = {
    "consultation": {"doctor"},
    "vitals": {"doctor", "nurse"},
    "note": {"nurse"},
    "prescription": {"doctor"},
    "stop": {"doctor"},
    "hold": {"pharmacist"},
    "release": {"pharmacist"},
    "dispense": {"pharmacist"},
}
"""Who writes what, from the hospital's own table of roles."""
T = TypeVar("T")
REASON = {"reason": "It was another patient"}
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_NAME = re.compile(r"{(\w+)}")
_OWN = re.compile(r'"(request_id|hospital_number|setup_token)": ?"[^"]*"')


# --- the hospitals ---


class House:
    """One hospital: its people at their computers, and its own ids under the names this test has for them."""

    def __init__(self, app: Flask, store: Store) -> None:
        self.app, self.store = app, store
        self.people: dict[str, Person] = {}
        self.ids: dict[str, str] = {}
        self.seen: dict[str, str] = {}

    def begin(self) -> None:
        """A new patient comes; the drug stays."""
        self.ids = {name: id for name, id in self.ids.items() if name == "drug"}
        self.seen = {}

    def ask(self, who: str, method: str, path: str, body: Any, **how: Any) -> TestResponse:
        """One request; `{names}` stand for ids, in the path and in the body."""
        if who not in self.people:
            self.people[who] = Person(self.app, who)
        sent = json.loads(self.named(json.dumps(body))) if body is not None else None
        return self.people[who].send(method, self.named(path), sent, **how)

    def named(self, text: str) -> str:
        """A text with this hospital's ids in it."""
        return _NAME.sub(lambda name: self.ids[name[1]], text)

    def plain(self, answer: TestResponse) -> str:
        """An answer as any hospital would give it: ids by the order they turn up in, and no numbers of its own."""
        text = _UUID.sub(lambda id: self.seen.setdefault(id[0].replace("-", ""), f"#{len(self.seen)}"), answer.text)
        headers = [answer.headers.get(name, "") for name in ("ETag", "Content-Type", "Idempotency-Replayed")]
        return f"{answer.status_code} {headers} {_OWN.sub('', text)}"


@pytest.fixture
def houses(app: Flask, store: Store, tmp_path: Path) -> Iterator[list[House]]:
    """The hospital under test; where that is on MariaDB, another on SQLite beside it."""
    found = [House(app, store)]
    if SERVER:
        (tmp_path / "beside").mkdir()
        beside = Store(Settings(data_dir=tmp_path / "beside", password_memory_kib=8))
        with beside.engine.begin() as connection, lawful(connection):
            Row.metadata.create_all(connection)
        with beside.session() as session:
            for username, kind in PEOPLE.items():
                values = {"given_name": username.title(), "family_name": "Test", "sex": "female"}
                email = f"{username}@hospital.example"
                person = staff_service.add(session, kind, username=username, email=email, **values)
                staff_service.set_password(session, person, PASSWORD)
            session.commit()
        found.append(House(create_app(store=beside), beside))
    yield found
    for house in found[1:]:
        house.store.close()


# --- the law, as the model has it ---


@dataclass(eq=False)
class Record:
    """What somebody wrote, as it should stand."""

    kind: str
    name: str
    author: str
    written: datetime
    path: str
    within: Record | None = None
    value: Any = None
    version: int = 1
    replaced: int = 0
    """How often something that stood there no longer does: that leaves a version behind."""
    voided: bool = False
    elsewhere: bool = False
    """Marked as another patient's."""
    addenda: int = 0
    lines: list[Line] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    """Of a dispense: how much of which line."""

    @property
    def role(self) -> str:
        return self.author.rstrip("2")


@dataclass(eq=False)
class Line:
    """One drug of a prescription, as it should stand."""

    name: str
    of: Record
    quantity: int
    instructions: str
    version: int = 1
    stopped: bool = False
    held: bool = False
    removed: bool = False


class Law:
    """What must be answered, and what then stands."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.records: list[Record] = []

    def of(self, *kinds: str) -> list[Record]:
        return [record for record in self.records if record.kind in kinds]

    def lines(self) -> list[Line]:
        return [line for prescription in self.of("prescription") for line in prescription.lines]

    def meant(self, consultation: Record) -> Record | None:
        """The prescription a consultation's path means: the one that stands, else the one withdrawn last."""
        there = [record for record in self.of("prescription") if record.within is consultation]
        return next((record for record in there if not record.voided), there[-1] if there else None)

    def dispensed(self, line: Line) -> int:
        stands = [record for record in self.of("dispense") if not record.voided and not record.elsewhere]
        return sum(record.taken.get(line.name, 0) for record in stands)

    def anything_dispensed(self, prescription: Record) -> bool:
        return any(self.dispensed(line) for line in prescription.lines if not line.removed)

    def late(self, record: Record) -> bool:
        return self.now() - record.written >= DAY

    def changes(self, who: str, record: Record, permission: str = "") -> int:
        """Whether this person may change the record now: permission, author, window, state."""
        if who.rstrip("2") not in MAY[permission or record.kind]:
            return 403
        if who != record.author:
            return 403
        if self.late(record):
            return 423
        return 409 if record.voided else 200

    def state(self, prescription: Record) -> str:
        """How far a prescription has come."""
        live = [line for line in prescription.lines if not line.removed]
        if prescription.voided:
            return "voided"
        if not live:
            return "empty"
        waiting = [line for line in live if not line.stopped and self.dispensed(line) < line.quantity]
        if not waiting:
            done = any(not line.stopped for line in live)
            return "dispensed" if done else "stopped"
        if all(line.held for line in waiting):
            return "on_hold"
        return "partly_dispensed" if self.anything_dispensed(prescription) else "waiting"


class Hospital(RuleBasedStateMachine):
    """Days in which anything may be tried by anybody."""

    houses: list[House]
    time: Time

    @initialize(handed_out=st.booleans())
    def a_patient_comes(self, handed_out: bool) -> None:
        self.time.passes(minutes=1)
        self.law = Law(lambda: self.time.now)
        self.made = 0
        self.last: tuple[str, str, Any, str] | None = None
        for house in self.houses:
            house.begin()
        for name in ("patient", "other"):
            body = {"given_name": "Ada", "family_name": "Obi", "sex": "female", "age_years": 40, "confirmed": True}
            answers = [house.ask("recordofficer", "POST", "/patients", body) for house in self.houses]
            for house, answer in zip(self.houses, answers, strict=True):
                house.ids[name] = answer.json["id"]  # type: ignore[index]
                if "drug" not in house.ids:
                    drug = {"generic_name": "amoxicillin", "strength": "500 mg", "form": "capsule", "route": "oral"}
                    house.ids["drug"] = house.ask("pharmacist", "POST", "/drugs", drug).json["id"]  # type: ignore[index]
        self.consult(ABLE, 1)
        self.prescribe(ABLE, 0, 2)
        if handed_out:
            self.dispense(ABLE, 0, [3])

    # --- asking all hospitals at once ---

    def do(self, who: str, method: str, path: str, body: Any = None, expect: int = 200, **how: Any) -> dict[str, Any]:
        """Ask every hospital, compare, and give the answer of the first."""
        answers = [house.ask(who, method, path, body, **how) for house in self.houses]
        told = [house.plain(answer) for house, answer in zip(self.houses, answers, strict=True)]
        assert len(set(told)) == 1, "\n".join(told)
        assert answers[0].status_code == expect, f"{who} {method} {path} {body} {how}: {answers[0].text}"
        if answers[0].status_code < 300:
            self.given = [answer.json for answer in answers]
        found = answers[0].json
        return found if isinstance(found, dict) else {}

    def make(self, who: str, path: str, body: Any, expect: int) -> dict[str, Any]:
        """POST, with a key; remembered, so that it may be sent again."""
        key = f"key-{self.made}-{self.time.now.timestamp()}"
        self.made += 1
        found = self.do(who, "POST", path, body, expect, key=key)
        if expect == 201:
            self.last = (who, path, body, key)
        return found

    def keep(self, record: Record) -> Record:
        """Remember what was made, under its name in every hospital."""
        self.law.records.append(record)
        self.name(record.name, lambda given: given["id"])
        return record

    def name(self, name: str, of: Callable[[Any], str]) -> None:
        for house, given in zip(self.houses, self.given, strict=True):
            house.ids[name] = of(given)

    def fresh(self, kind: str) -> str:
        return f"{kind}{self.made}"

    def pick(self, which: int, *kinds: str) -> Record:
        """Some record: each kind as often as any other, and the newest of it more often than older ones."""
        by_kind = [there for kind in kinds if (there := self.law.of(kind))]
        return recent(by_kind[which % len(by_kind)], which // 8)

    def any_of(self, *kinds: str) -> bool:
        return bool(self.law.of(*kinds))

    def somebody(self, who: str, kind: str, record: Record | None = None) -> str:
        """The username meant: the author of a record, or whoever may write that kind; or a colleague of theirs."""
        author = record.author if record and record.kind == kind else sorted(MAY[kind])[self.made % len(MAY[kind])]
        other = author.removesuffix("2") if author.endswith("2") else f"{author}2"
        return {ABLE: author, COLLEAGUE: other}.get(who, who)

    # --- what is written ---

    @rule(who=WHO, which=WHICH, within=st.booleans())
    def measure(self, who: str, which: int, within: bool) -> None:
        who = self.somebody(who, "vitals")
        consultation = self.pick(which, "consultation") if within and self.any_of("consultation") else None
        path = f"{consultation.path}/vitals" if consultation else f"{PATIENT}/vitals"
        expect = 201 if who.rstrip("2") in MAY["vitals"] else 403
        if expect == 201 and consultation and (consultation.voided or consultation.elsewhere):
            expect = 409
        pulse = 60 + self.made % 40
        name = self.fresh("vitals")
        self.make(who, path, {"pulse_per_min": pulse}, expect)
        if expect == 201:
            one = f"{path}/{{{name}}}" if which % 2 else f"{PATIENT}/vitals/{{{name}}}"
            self.keep(Record("vitals", name, who, self.time.now, one, consultation, pulse))

    @rule(who=WHO, diagnoses=st.integers(0, 2))
    def consult(self, who: str, diagnoses: int) -> None:
        who = self.somebody(who, "consultation")
        expect = 201 if who.rstrip("2") in MAY["consultation"] else 403
        name = self.fresh("consultation")
        words = [f"malaria {self.made} {n}" for n in range(diagnoses)]
        body = {"plan": name, "diagnoses": [{"text": word} for word in words]}
        self.make(who, f"{PATIENT}/consultations", body, expect)
        if expect == 201:
            path = f"{PATIENT}/consultations/{{{name}}}"
            self.keep(Record("consultation", name, who, self.time.now, path, None, (name, words)))

    @rule(who=WHO)
    def write_a_note(self, who: str) -> None:
        who = self.somebody(who, "note")
        expect = 201 if who.rstrip("2") in MAY["note"] else 403
        name = self.fresh("note")
        self.make(who, f"{PATIENT}/nursenotes", {"kind": "progress", "text": name}, expect)
        if expect == 201:
            self.keep(Record("note", name, who, self.time.now, f"{PATIENT}/nursenotes/{{{name}}}", None, name))

    @precondition(lambda self: self.any_of("consultation"))
    @rule(who=WHO, which=WHICH, lines=st.integers(0, 2))
    def prescribe(self, who: str, which: int, lines: int) -> None:
        who = self.somebody(who, "prescription")
        consultation = self.pick(which, "consultation")
        standing = self.law.meant(consultation)
        if who.rstrip("2") not in MAY["prescription"]:
            expect = 403
        elif self.law.late(consultation):
            expect = 423
        elif consultation.voided or consultation.elsewhere or (standing and not standing.voided):
            expect = 409
        else:
            expect = 201
        name = self.fresh("prescription")
        drugs = [line(f"{name} {n}", 10 + n) for n in range(lines)]
        found = self.make(who, f"{consultation.path}/prescription", {"drugs": drugs, "instructions": name}, expect)
        if expect == 201:
            path = f"{consultation.path}/prescription"
            record = self.keep(Record("prescription", name, who, self.time.now, path, consultation, name))
            for n, written in enumerate(drugs):
                record.lines.append(Line(f"{name}_{n}", record, written["quantity"], written["instructions"]))
                self.name(f"{name}_{n}", lambda given, n=n: given["lines"][n]["id"])  # type: ignore[misc]
            assert found["state"] == self.law.state(record)

    @precondition(lambda self: self.any_of("prescription"))
    @rule(who=WHO, which=WHICH)
    def add_a_line(self, who: str, which: int) -> None:
        prescription = self.meant_at(which)
        who = self.somebody(who, "prescription", prescription)
        expect = self.law.changes(who, prescription)
        name = self.fresh("line")
        written = line(name, 10)
        self.make(who, f"{prescription.path}/drugs", written, 201 if expect == 200 else expect)
        if expect == 200:
            prescription.lines.append(Line(name, prescription, 10, name))
            prescription.version += 1
            self.name(name, lambda given: given["id"])

    def meant_at(self, which: int) -> Record:
        """The prescription that the path of some consultation means now."""
        return self.meant_there(self.pick(which, "prescription"))

    def meant_there(self, prescription: Record) -> Record:
        assert prescription.within is not None
        found = self.law.meant(prescription.within)
        assert found is not None
        return found

    def line_at(self, which: int) -> tuple[Line, bool]:
        """Some line, and whether its path still leads to it: another prescription may stand there by now."""
        found = recent(self.law.lines(), which)
        assert found.of.within is not None
        return found, self.law.meant(found.of.within) is found.of

    # --- what is changed ---

    @precondition(lambda self: self.law.lines())
    @rule(who=WHO, which=WHICH, seen=st.sampled_from(["none", "newest", "older"]), quantity=st.integers(1, 20))
    def change_a_line(self, who: str, which: int, seen: str, quantity: int) -> None:
        found, there = self.line_at(which)
        who = self.somebody(who, "prescription", found.of)
        expect = self.may_change_line(who, found, there)
        if expect == 200 and seen == "older":
            expect = 412
        words = self.fresh("changed")
        self.made += 1
        how = {} if seen == "none" else {"if_match": found.version - (seen == "older")}
        body = {"quantity": quantity, "instructions": words}
        shown = self.do(who, "PUT", f"{found.of.path}/drugs/{{{found.name}}}", body, expect, **how)
        if expect == 200:
            found.quantity, found.instructions = quantity, words
            found.version += 1
            found.of.version += 1
            found.of.replaced += 1
            assert (shown["version"], shown["quantity"], shown["left"]) == (found.version, quantity, quantity)

    @precondition(lambda self: self.law.lines())
    @rule(who=WHO, which=WHICH)
    def take_a_line_off(self, who: str, which: int) -> None:
        found, there = self.line_at(which)
        who = self.somebody(who, "prescription", found.of)
        expect = self.may_change_line(who, found, there)
        self.do(who, "DELETE", f"{found.of.path}/drugs/{{{found.name}}}", None, 204 if expect == 200 else expect, **WHY)
        if expect == 200:
            found.removed = True
            found.version += 1
            found.of.version += 1
            found.of.replaced += 1

    def may_change_line(self, who: str, line: Line, there: bool) -> int:
        if who.rstrip("2") not in MAY["prescription"]:
            return 403
        if not there:
            return 404
        expect = self.law.changes(who, line.of)
        done_with = line.removed or line.stopped or self.law.dispensed(line) > 0
        return 409 if expect == 200 and done_with else expect

    @precondition(lambda self: self.law.lines())
    @rule(who=WHO, which=WHICH, act=st.sampled_from(["stop", "hold", "release"]))
    def stop_or_hold_a_line(self, who: str, which: int, act: str) -> None:
        found, there = self.line_at(which)
        who = self.somebody(who, act)
        done = found.removed or found.of.voided or found.stopped
        if who.rstrip("2") not in MAY[act]:
            expect = 403
        elif not there:
            expect = 404
        elif done or (found.held != (act == "release") and act != "stop") or (act == "hold" and self.all_gone(found)):
            expect = 409
        else:
            expect = 200
        shown = self.do(who, "POST", f"{found.of.path}/drugs/{{{found.name}}}/{act}", REASON, expect)
        if expect == 200:
            found.stopped = found.stopped or act == "stop"
            found.held = act == "hold" or (found.held and act == "stop")
            assert (shown["state"] == "stopped") == found.stopped
            assert shown["version"] == found.version, "an act of its own, not a change of the line"

    def all_gone(self, line: Line) -> bool:
        return self.law.dispensed(line) >= line.quantity

    @precondition(lambda self: self.law.lines())
    @rule(who=WHO, which=WHICH, quantities=st.lists(st.integers(1, 12), min_size=1, max_size=2))
    def dispense(self, who: str, which: int, quantities: list[int]) -> None:
        first, there = self.line_at(which)
        who = self.somebody(who, "dispense")
        prescription = first.of
        asked = [first, *(other for other in prescription.lines if other is not first)][: len(quantities)]
        taken = {line.name: quantity for line, quantity in zip(asked, quantities, strict=False)}
        if who.rstrip("2") not in MAY["dispense"]:
            expect = 403
        elif not there:
            expect = 404
        elif prescription.voided or prescription.elsewhere or not all(self.is_left(line, taken) for line in asked):
            expect = 409
        else:
            expect = 201
        name = self.fresh("dispense")
        body = {"lines": [{"line_id": f"{{{line}}}", "quantity": quantity} for line, quantity in taken.items()]}
        shown = self.make(who, f"{prescription.path}/dispenses", body, expect)
        if expect == 201:
            path = f"{prescription.path}/dispenses/{{{name}}}"
            self.keep(Record("dispense", name, who, self.time.now, path, prescription, None, taken=taken))
            assert shown["prescription_state"] == self.law.state(prescription)

    def is_left(self, line: Line, taken: dict[str, int]) -> bool:
        left = line.quantity - self.law.dispensed(line)
        return not (line.removed or line.stopped or line.held) and taken[line.name] <= left

    @precondition(lambda self: self.law.records)
    @rule(who=WHO, which=WHICH, seen=st.sampled_from(["none", "newest", "older"]), same=st.booleans())
    def correct(self, who: str, which: int, seen: str, same: bool) -> None:
        """Its text or its number; with the version that was seen, or without; also with nothing new in it."""
        record = self.there(which, "consultation", "vitals", "note", "prescription")
        who = self.somebody(who, record.kind, record)
        expect = self.law.changes(who, record)
        if expect == 200 and seen == "older":
            expect = 412
        new = record.value if same else self.new_value(record, which)
        self.made += 1
        how = {} if seen == "none" else {"if_match": record.version - (seen == "older")}
        shown = self.do(who, "PUT", record.path, as_sent(record.kind, new), expect, **how)
        if expect == 200:
            record.version += new != record.value
            record.replaced += new != record.value
            record.value = new
            self.looks_right(record, shown)

    def new_value(self, record: Record, which: int) -> Any:
        match record.kind:
            case "vitals":
                return 60 + (record.value - 59) % 40
            case "consultation":
                words = record.value[1][1:] if which % 2 else [*record.value[1], f"typhoid {self.made}"]
                return self.fresh("plan"), words
            case _:
                return self.fresh("text")

    def there(self, which: int, *kinds: str) -> Record:
        """Some record that its path leads to; of prescriptions, the one that is meant there now."""
        record = self.pick(which, *kinds)
        return self.meant_there(record) if record.kind == "prescription" else record

    @precondition(lambda self: self.law.records)
    @rule(who=WHO, which=WHICH, why=st.sampled_from([True, True, True, False]))
    def withdraw(self, who: str, which: int, why: bool) -> None:
        self.take_back(who, self.there(which, "consultation", "vitals", "note"), why)

    @precondition(lambda self: self.any_of("prescription"))
    @rule(who=WHO, which=WHICH, why=st.sampled_from([True, True, True, False]))
    def withdraw_what_was_ordered_or_handed_out(self, who: str, which: int, why: bool) -> None:
        self.take_back(who, self.there(which, "prescription", "dispense"), why)

    def take_back(self, who: str, record: Record, why: bool) -> None:
        who = self.somebody(who, record.kind, record)
        expect = self.law.changes(who, record)
        with_it = self.goes_with(record)
        if who.rstrip("2") in MAY[record.kind] and not why:
            expect = 422
        elif expect == 200 and any(r.kind == "prescription" and self.law.anything_dispensed(r) for r in with_it):
            expect = 409
        self.do(who, "DELETE", record.path, None, 204 if expect == 200 else expect, **(WHY if why else {}))
        if expect == 200:
            for gone in with_it:
                gone.voided = True
                gone.version += 1
                gone.replaced += 1

    def goes_with(self, record: Record) -> list[Record]:
        """What a withdrawal takes along: with a consultation what its author wrote in it, never a nurse's vitals."""
        inside = [r for r in self.law.of("vitals", "prescription") if r.within is record and not r.voided]
        return [record, *(r for r in inside if r.author == record.author)]

    @precondition(lambda self: self.law.records)
    @rule(who=WHO, which=WHICH, kind=st.sampled_from(["late_information", "correction", "entered_in_error"]))
    def add_under(self, who: str, which: int, kind: str) -> None:
        record = self.there(which, "consultation", "vitals", "note", "prescription", "dispense")
        who = self.somebody(who, record.kind, record)
        expect = 409 if record.voided else 201
        if who.rstrip("2") not in MAY[record.kind]:
            expect = 403
        self.make(who, f"{record.path}/addenda", {"kind": kind, "text": "It was bed 13."}, expect)
        if expect == 201:
            in_error = kind == "entered_in_error"
            for marked in [record, *(self.prescribed_at(record) if in_error else [])]:
                marked.addenda += 1
                marked.elsewhere = marked.elsewhere or in_error

    def prescribed_at(self, record: Record) -> list[Record]:
        """What stands prescribed at a meeting: with another patient's meeting, it is another patient's too."""
        return [r for r in self.law.of("prescription") if r.within is record and not r.voided]

    # --- what is tried ---

    @precondition(lambda self: self.last)
    @rule()
    def send_the_last_again(self) -> None:
        """On a bad line: the same key and body; nothing is made twice, whatever has happened since."""
        assert self.last is not None
        who, path, body, key = self.last
        self.do(who, "POST", path, body, 201, key=key)
        other = {**body, "kind": "entered_in_error", "text": "x"} if "kind" in body else {**body, "instructions": "x"}
        if path.endswith(("/addenda", "/drugs", "/prescription")):
            self.do(who, "POST", path, other, 422, key=key)

    @precondition(lambda self: self.law.records)
    @rule(which=WHICH, method=st.sampled_from(["GET", "PUT", "DELETE"]))
    def go_through_another_patient(self, which: int, method: str) -> None:
        record = self.there(which, "consultation", "vitals", "note", "prescription")
        path = record.path.replace("{patient}", "{other}")
        body = as_sent(record.kind, record.value) if method == "PUT" else None
        self.do(record.author, method, path, body, 404, **(WHY if method == "DELETE" else {}))

    @precondition(lambda self: self.law.records)
    @rule(which=WHICH)
    def look(self, which: int) -> None:
        record = self.there(which, "consultation", "vitals", "note", "prescription", "dispense")
        self.looks_right(record, self.do(record.author, "GET", record.path))
        query: dict[str, Any] = {"query_string": {"limit": 200}}
        versions = self.do(record.author, "GET", f"{record.path}/versions", **query)["items"]
        assert len(versions) >= record.replaced, "what stood there before is kept"
        added = self.do(record.author, "GET", f"{record.path}/addenda", **query)["items"]
        assert len(added) == record.addenda

    def looks_right(self, record: Record, shown: dict[str, Any]) -> None:
        """What is shown is what the model has."""
        assert shown["version"] == record.version, (record, shown)
        assert (shown["voided"] is not None) == record.voided
        assert shown["entered_in_error"] == record.elsewhere
        assert shown["author"]["name"] == f"{record.author.title()} Test"
        match record.kind:
            case "vitals":
                assert shown["pulse_per_min"] == record.value
            case "consultation":
                assert (shown["plan"], [d["text"] for d in shown["diagnoses"]]) == record.value
            case "note":
                assert shown["text"] == record.value
            case "prescription":
                assert shown["instructions"] == record.value
                assert shown["state"] == self.law.state(record)
                live = [line for line in record.lines if not line.removed]
                assert [line_shown(line, self.law) for line in live] == [
                    (line["version"], line["quantity"], line["dispensed"], line["instructions"])
                    for line in shown["lines"]
                ]

    # --- the clock ---

    @rule(hours=st.sampled_from([0.01, 0.1, 0.1, 1, 6, 12]))
    def time_passes(self, hours: float) -> None:
        self.time.passes(hours=hours)

    @precondition(lambda self: self.law.records)
    @rule(which=WHICH, early=st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(seconds=36)]))
    def a_window_is_about_to_close(self, which: int, early: timedelta) -> None:
        """To the edge of some record's 24 hours: the instant itself, or just before it."""
        record = self.pick(which, "consultation", "vitals", "note", "prescription", "dispense")
        ahead = record.written + DAY - early - self.time.now
        if ahead > timedelta(0):
            self.time.passes(seconds=ahead.total_seconds())

    def teardown(self) -> None:
        """At the end everything is still there, as it should stand."""
        places = {
            "consultations": "consultation",
            "vitals": "vitals",
            "prescriptions": "prescription",
            "nursenotes": "note",
        }
        for place, kind in places.items():
            every: dict[str, Any] = {"query_string": {"include": "voided", "limit": 200}}
            shown = self.do("doctor", "GET", f"{PATIENT}/{place}", **every)["items"]
            by_id = {self.houses[0].ids[record.name]: record for record in self.law.of(kind)}
            assert {item["id"] for item in shown} == set(by_id)
            for item in shown:
                self.looks_right(by_id[item["id"]], item)
        self.time.passes(minutes=1)
        for house in self.houses:
            house.store.spool.move(house.store.writing)
            seal(house.store)


def recent(there: list[T], which: int) -> T:
    """One of the last sixteen, and the last one itself the more often the fewer there are."""
    back = which % 16
    return there[-1 - (back if back < len(there) else 0)]


PATIENT = "/patients/{patient}"
WHY: dict[str, Any] = {"query_string": REASON}


def line(instructions: str, quantity: int) -> dict[str, Any]:
    """A line as a doctor writes it; asked whether both, the doctor says yes."""
    written = {"drug_id": "{drug}", "dose": 500, "dose_unit": "mg", "frequency": "tds", "duration_days": 5}
    return {**written, "quantity": quantity, "instructions": instructions, "confirmed": True}


def line_shown(line: Line, law: Law) -> tuple[int, int, int, str]:
    return line.version, line.quantity, law.dispensed(line), line.instructions


def as_sent(kind: str, value: Any) -> dict[str, Any]:
    """A correction of a record of that kind to that value."""
    match kind:
        case "vitals":
            return {"pulse_per_min": value}
        case "consultation":
            return {"plan": value[0], "diagnoses": [{"text": word} for word in value[1]]}
        case "note":
            return {"text": value}
        case _:
            return {"instructions": value}


@pytest.mark.timeout(600)  # where something is wrong, the shortest way to it is looked for
def test_whatever_is_done_in_whatever_order_the_law_holds(houses: list[House], time: Time) -> None:
    machine = type("Days", (Hospital,), {"houses": houses, "time": time})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_A_DAY),
            stateful_step_count=STEPS_A_DAY,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.reuse, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    for house in houses:
        assert verify(house.store).findings == [], "and every bit of it stands in the audit"
