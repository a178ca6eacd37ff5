"""The small hospital in which people sit at screens, seen from the tests: furnished once, put back before each test."""

from __future__ import annotations

import fcntl
import json
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from playwright.sync_api import APIRequestContext, APIResponse, Playwright

from hmis.app import create_app
from hmis.consultations import codes
from hmis.core.db import HospitalSession
from hmis.core.store import Store
from hmis.demo.medicines import kept
from hmis.staff import service as staff_service
from tests.browser.lines import Fault
from tests.browser.server import settings_of
from tests.conftest import PASSWORD, PEOPLE, Person

CLINIC = "GOPD"
SHELF = {
    "amlodipine 5 mg tablet",
    "amoxicillin 500 mg capsule",
    "artemether + lumefantrine 80 mg + 480 mg tablet",
    "ceftriaxone 1 g vial",
    "digoxin 250 micrograms tablet",
    "gentamicin 80 mg/2 mL injection",
    "ibuprofen 400 mg tablet",
    "metformin 500 mg tablet",
    "metronidazole 400 mg tablet",
    "omeprazole 20 mg capsule",
    "paracetamol 500 mg tablet",
    "prednisolone 5 mg tablet",
    "salbutamol 100 micrograms/dose inhaler",
}
PATIENTS: dict[str, dict[str, Any]] = {
    "folasade": {"family_name": "Adeyemi", "given_name": "Folasade", "sex": "female", "born_on": "1981-08-14"},
    "folake": {"family_name": "Adeyemi", "given_name": "Folake", "sex": "female", "born_on": "2003-02-09"},
    "musa": {"family_name": "Musa", "given_name": "Ibrahim", "sex": "male", "born_on": "1959-05-30"},
    "bala": {"family_name": "Bala", "given_name": "Sani", "sex": "male", "age_years": 8},
    "eze": {"family_name": "Eze", "given_name": "Ngozi", "sex": "female", "born_on": "1990-11-02"},
}
WAITING = {"folasade": "Fever for 3 days", "musa": "Chest pain", "bala": "Cough"}
"""Who was checked in to the clinic this morning, and why."""


MORNING = "morning.json"
"""What was furnished: when, and whom the patients are."""


def furnished_once(blank: Path, shared: Path) -> Path:
    """Where the furnished hospital is; of all test processes the first makes it, the others wait."""
    folder = shared / "furnished"
    with (shared / "furnishing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            furnish(blank, shared / "half-furnished")
            (shared / "half-furnished").rename(folder)
    return folder


def furnish(blank: Path, folder: Path) -> None:
    """Make the hospital in `folder`, over a database with nothing but its schema."""
    folder.mkdir()
    shutil.copy(blank, folder / "hmis.sqlite3")
    # When the first of the staff sit down: eight in UTC, nine on the hospital's wall.
    opening = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    with time_machine.travel(opening, tick=True):
        store = Store(settings_of(folder))
        with store.session() as session:
            _take_on_everybody(session)
            codes.load_codes(session)
            session.commit()
        app = create_app(store=store)
        patients = _furnished(app)
        store.spool.move(store.writing)
        with store.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                "PRAGMA wal_checkpoint(TRUNCATE)"
            )
        store.close()
    (folder / MORNING).write_text(json.dumps({"opening": opening.isoformat(), "patients": patients}))


def _take_on_everybody(session: HospitalSession) -> None:
    for username, kind in PEOPLE.items():
        name = {"given_name": username.title(), "family_name": "Test", "sex": "female"}
        person = staff_service.add(session, kind, username=username, email=f"{username}@hospital.example", **name)
        staff_service.set_password(session, person, PASSWORD)


def _furnished(app: Any) -> dict[str, dict[str, Any]]:
    pharmacist, officer = Person(app, "pharmacist"), Person(app, "recordofficer")
    for drug in kept():
        if f"{drug.generic_name} {drug.strength} {drug.form}" in SHELF:
            _good(pharmacist.post("/drugs", drug.model_dump(exclude_none=True)))
    patients = {name: _good(officer.post("/patients", {**who, "confirmed": True})) for name, who in PATIENTS.items()}
    for name, reason in WAITING.items():
        _good(officer.post(f"/patients/{patients[name]['id']}/visits", {"clinic": CLINIC, "reason": reason}))
    return patients


def _good(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json


class Hospital:
    """The server as the tests hold it: killed and started again like the computer in the cupboard."""

    def __init__(self, playwright: Playwright, furnished: Path, folder: Path) -> None:
        self.playwright, self.furnished, self.folder = playwright, furnished, folder / "data"
        morning = json.loads((furnished / MORNING).read_text())
        self._opening = datetime.fromisoformat(morning["opening"])
        self.patients: dict[str, dict[str, Any]] = morning["patients"]
        """Those of the morning, by the names above, as the API gave them."""
        shutil.copytree(self.furnished, self.folder)
        self.log = folder / "server.log"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._ahead = self._morning()
        self._process: subprocess.Popen[str] | None = None
        self._colleagues: dict[str, Colleague] = {}

    def _morning(self) -> float:
        """Seconds from this computer's time to an hour after the hospital was furnished, also past midnight."""
        return (self._opening + timedelta(hours=1) - datetime.now(UTC)).total_seconds()

    @property
    def now(self) -> datetime:
        """The time in the hospital."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def start(self) -> None:
        """Switch it on."""
        assert self._process is None, "it is running"
        command = [sys.executable, "-m", "tests.browser.server"]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, str(self.folder), str(self.furnished), str(self.port), str(self._ahead)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._done()

    def _done(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said == "done\n", f"the server said {said!r}; the end of its log:\n{self.log.read_text()[-3000:]}"

    def _tell(self, command: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        self._done()

    def passes(self, **much: float) -> None:
        """Let time pass in the hospital; the computers people sit at do not notice."""
        seconds = timedelta(**much).total_seconds()
        self._tell(f"advance {seconds}")
        self._ahead += seconds

    def freshen(self) -> None:
        """Forget all that happened, and go back to the morning."""
        for colleague in self._colleagues.values():
            colleague.leave()
        self._colleagues.clear()
        if self._process is None:
            self.start()
        morning = self._morning()
        self._tell(f"fresh {morning - self._ahead}")
        self._ahead = morning

    def answers(self, status: int, method: str, where: str, **problem: Any) -> None:
        """From now on such requests reach nobody and are answered with that status."""
        self._tell(f"fault {Fault(method, where, status, problem).told()}")

    def hangs(self, method: str, where: str) -> None:
        """From now on such requests reach nobody and are never answered."""
        self._tell(f"fault {Fault(method, where, 0).told()}")

    def loses_answers(self, method: str, where: str) -> None:
        """From now on such requests are done, and the line breaks before the answer."""
        self._tell(f"fault {Fault(method, where).told()}")

    def mends_the_line(self) -> None:
        """All is well again."""
        self._tell("mend")

    def loses_power(self) -> None:
        """The server is gone at once: no goodbye, nothing finished."""
        assert self._process is not None
        self._process.kill()
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def stop(self) -> None:
        """Switch it off for good."""
        for colleague in self._colleagues.values():
            colleague.leave()
        if self._process is not None:
            self._process.terminate()
        self._end()

    def has(self, username: str) -> Colleague:
        """Somebody who works elsewhere in the house, by the API: what they do needs no screen."""
        if username not in self._colleagues:
            self._colleagues[username] = Colleague(self, username)
        return self._colleagues[username]


class Colleague:
    """Somebody signed in over HTTP, without a screen."""

    def __init__(self, hospital: Hospital, username: str) -> None:
        self.context: APIRequestContext = hospital.playwright.request.new_context(base_url=hospital.url)
        self.csrf = sign_in(self.context, username)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> APIResponse:
        """One request; `path` counts from /api/v1 unless it begins with /auth."""
        where = path if path.startswith("/auth") else f"/api/v1{path}"
        return self.context.fetch(
            where, method=method, data=body, headers={"X-CSRFToken": self.csrf, **headers}, max_redirects=0
        )

    def does(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request that has to succeed; what it gives."""
        answer = self.send(method, path, body, **headers)
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json() if answer.text() else None

    def leave(self) -> None:
        """Close the connection."""
        self.context.dispose()


def sign_in(context: APIRequestContext, username: str) -> str:
    """Sign somebody in by the API; the cookie stays in the context, the token of changes is given back."""
    token = context.get("/auth/getcsrf").json()["csrf_token"]
    answer = context.post(
        "/auth/login", data={"username": username, "password": PASSWORD}, headers={"X-CSRFToken": token}
    )
    assert answer.ok, answer.text()
    given: str = answer.json()["csrf_token"]
    return given


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
