"""A desk with the console on it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from hmis.console.shell import HospitalShell
from hmis.console.sign_in import sign_in_at_console
from hmis.core.audit import Act, AuditEvent
from hmis.core.db import BaseModel
from hmis.core.store import Store
from hmis.staff.sessions import Opened
from tests.conftest import PASSWORD


class Desk:
    """Somebody signed in at the console: a line goes in, what is printed comes back."""

    def __init__(self, store: Store, username: str, **how: Any) -> None:
        self.store, self.username = store, username
        self.answers, self.out = io.StringIO(), io.StringIO()
        self.shell = HospitalShell(
            store, self.sign_in(), stdin=self.answers, stdout=self.out, **{"interactive": True, **how}
        )
        self.left = False

    def sign_in(self) -> Opened:
        return sign_in_at_console(self.store, self.username, PASSWORD)

    def __call__(self, line: str) -> str:
        before = len(self.out.getvalue())
        self.left = self.shell.onecmd(line)
        return self.out.getvalue()[before:]

    def answer(self, text: str) -> None:
        """What they will type when they are asked."""
        place = self.answers.tell()
        self.answers.write(f"{text}\n")
        self.answers.seek(place)

    @property
    def prompt(self) -> str:
        return str(self.shell.prompt)


def field(printed: str, name: str) -> str:
    """What `show` printed for a field."""
    found = [line.removeprefix(name).strip() for line in printed.splitlines() if line.startswith(f"{name} ")]
    assert len(found) == 1, printed
    return found[0]


@pytest.fixture
def desk(store: Store) -> Callable[..., Desk]:
    """Sit somebody down at the console, by username."""

    def sit(username: str, **how: Any) -> Desk:
        return Desk(store, username, **how)

    return sit


@pytest.fixture
def nurses_desk(desk: Callable[..., Desk]) -> Desk:
    return desk("nurse")


@pytest.fixture
def doctors_desk(desk: Callable[..., Desk]) -> Desk:
    return desk("doctor")


@pytest.fixture
def officers_desk(desk: Callable[..., Desk]) -> Desk:
    return desk("recordofficer")


@pytest.fixture
def told(store: Store) -> Callable[..., list[AuditEvent]]:
    """What the audit holds of the console, by act."""

    def read(act: Act, subject: str = "") -> list[AuditEvent]:
        store.spool.move(store.writing)
        asked = select(AuditEvent).where(AuditEvent.act == act, AuditEvent.address == "console")
        if subject:
            asked = asked.where(AuditEvent.record_type == subject)
        with store.session(writes=False) as session:
            return list(session.scalars(asked.order_by(AuditEvent.id)))

    return read


@pytest.fixture
def stored(store: Store) -> Callable[[type[BaseModel]], int]:
    """How many of a model are in the database."""

    def count(model: type[BaseModel]) -> int:
        with store.session(writes=False) as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    return count
