"""One patient's day, lived through HTTP by five people.

    .venv/bin/python docs/a_day.py                              in a hospital of its own, tomorrow included
    .venv/bin/python docs/a_day.py --url http://127.0.0.1:5000  in a running one with demo data, today only

It prints what everybody does and what the server answers, and ends with exit code 1 where an answer is not the one
a hospital needs. `tests/test_day.py` lives the same day on SQLite and on MariaDB.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import structlog
import time_machine
from flask import Flask
from werkzeug.serving import make_server

from hmis.app import create_app
from hmis.consultations import codes
from hmis.core import migrate
from hmis.core.config import Settings
from hmis.core.store import Store
from hmis.core.trail.verify import verify
from hmis.demo import furnish

DEMO_PASSWORD = "hmis-demo"  # noqa: S105 - everybody knows it


class NotAsNeeded(Exception):
    """The server answered otherwise than a hospital needs."""


class Person:
    """Somebody at a computer, signed in."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url, self.username, self.password = url, username, password
        self.csrf = ""
        self._sign_in()

    def _sign_in(self) -> None:
        self._browser = build_opener(HTTPCookieProcessor(CookieJar()))
        self.csrf = self._send("GET", "/auth/getcsrf")[1]["csrf_token"]
        status, body = self._send("POST", "/auth/login", {"username": self.username, "password": self.password})
        if status != 200:
            raise NotAsNeeded(f"{self.username} cannot sign in: {status} {body}")
        self.csrf = body["csrf_token"]

    def does(self, what: str, method: str, path: str, body: Any = None, *, expect: int) -> Any:
        """One act, told in words; the answer's body. Raises `NotAsNeeded` for another status than expected."""
        status, answer = self._send(method, f"/api/v1{path}", body)
        if status == 401 and expect != 401:  # the session ended over night
            self._sign_in()
            status, answer = self._send(method, f"/api/v1{path}", body)
        mark = "ok" if status == expect else "WRONG"
        print(f"{mark:5} {status}  {self.username:14} {what}")
        if status >= 400:
            print(f"{'':27} “{answer.get('detail')}”")
        if status != expect:
            raise NotAsNeeded(f"{self.username}, {what}: {status} instead of {expect}: {answer}")
        return answer

    def _send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = Request(f"{self.url}{path}", method=method)  # noqa: S310 - the address the user gave
        request.add_header("X-CSRFToken", self.csrf)
        if method == "POST":
            request.add_header("Idempotency-Key", uuid.uuid4().hex)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self._browser.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as refusal:
            return refusal.code, json.loads(refusal.read() or b"null")


def live(url: str, password: str, tomorrow: Callable[[], None] | None) -> None:
    """The day. `tomorrow` lets more than 24 hours pass; without it the story ends this evening."""
    officer, nurse, doctor, pharmacist, admin = (
        Person(url, name, password) for name in ("recordofficer", "nurse", "doctor", "pharmacist", "admin")
    )
    doctor2 = Person(url, "doctor2", password)

    print("\nAt the window")
    number = uuid.uuid4().int % 10_000_000
    chinedu = {"given_name": "Chinedu", "family_name": "Okafor", "sex": "male", "born_on": "1992-05-17"}
    chinedu |= {"phone": f"0803{number:07d}", "state": "Enugu", "next_of_kin": {"name": "Ngozi", "relation": "mother"}}
    patient = officer.does("registers Chinedu", "POST", "/patients", {**chinedu, "confirmed": True}, expect=201)
    here = f"/patients/{patient['hospital_number']}"
    officer.does("registers him again: who is there is shown", "POST", "/patients", chinedu, expect=409)
    mistyped = patient["hospital_number"][:-1] + str((int(patient["hospital_number"][-1]) + 1) % 10)
    officer.does("mistypes his number", "GET", f"/patients/{mistyped}", expect=422)
    visit = officer.does(
        "checks him in", "POST", f"{here}/visits", {"clinic": "General outpatients", "reason": "fever"}, expect=201
    )
    officer.does("tries to read his vital signs", "GET", f"{here}/vitals", expect=403)

    print("\nAt triage")
    nurse.does("calls him", "POST", f"/visits/{visit['id']}/move", {"to": "triage"}, expect=200)
    observed = {"respirations_per_min": 22, "spo2_percent": 96, "oxygen": False, "systolic_mmhg": 118}
    observed |= {"diastolic_mmhg": 76, "pulse_per_min": 112, "consciousness": "A", "weight_kg": 68}
    nurse.does(
        "types the fever in °F", "POST", f"{here}/vitals", {**observed, "temperature_celsius": 101.8}, expect=422
    )
    vitals = nurse.does(
        "types it in °C", "POST", f"{here}/vitals", {**observed, "temperature_celsius": 38.8}, expect=201
    )
    print(f"{'':27} NEWS2 {vitals['news2']['total']}, {vitals['news2']['band']}: {vitals['news2']['response']}")
    nurse.does("corrects the pulse", "PUT", f"{here}/vitals/{vitals['id']}", {"pulse_per_min": 108}, expect=200)
    nurse.does("sends him on", "POST", f"/visits/{visit['id']}/move", {"to": "waiting"}, expect=200)

    print("\nWith the doctor")
    doctor.does("calls him", "POST", f"/visits/{visit['id']}/move", {"to": "with_doctor"}, expect=200)
    doctor.does("opens the chart", "GET", f"{here}/chart", expect=200)
    code = doctor.does("looks for malaria", "GET", "/diagnoses?q=malaria", expect=200)["items"][0]
    consultation = doctor.does(
        "writes the consultation",
        "POST",
        f"{here}/consultations",
        {
            "presenting_complaint": "Fever for three days, chills, headache.",
            "examination": "Febrile, not pale, no neck stiffness.",
            "plan": "Antimalarial, paracetamol, fluids. Back in three days if not better.",
            "visit_id": visit["id"],
            "diagnoses": [{"code": code["code"], "certainty": "confirmed"}],
        },
        expect=201,
    )
    at = f"{here}/consultations/{consultation['id']}"
    drugs = [
        pharmacist.does(
            f"adds {name} to the formulary",
            "POST",
            "/drugs",
            {"generic_name": f"{name} {number}", "strength": strength, "form": "tablet", "route": "oral"},
            expect=201,
        )
        for name, strength in (("artemether + lumefantrine", "20 mg/120 mg"), ("paracetamol", "500 mg"))
    ]
    prescription = doctor.does(
        "prescribes",
        "POST",
        f"{at}/prescription",
        {
            "drugs": [
                {"drug_id": drugs[0]["id"], "dose": 4, "dose_unit": "tablet", "frequency": "bd", "duration_days": 3},
                {"drug_id": drugs[1]["id"], "dose": 1000, "dose_unit": "mg", "frequency": "tds", "duration_days": 3},
            ]
        },
        expect=201,
    )
    for line in prescription["lines"]:
        print(f"{'':27} {line['directions']}, supply {line['quantity']}")
    doctor2.does("changes a colleague's plan", "PUT", at, {"plan": "Something else."}, expect=403)
    doctor.does("sends him on", "POST", f"/visits/{visit['id']}/move", {"to": "pharmacy"}, expect=200)

    print("\nAt the pharmacy")
    pharmacist.does("looks at the queue", "GET", "/prescriptions", expect=200)
    first, second = prescription["lines"]
    pharmacist.does(
        "hands out what is on the shelf: 10 of 24",
        "POST",
        f"{at}/prescription/dispenses",
        {"lines": [{"line_id": first["id"], "quantity": 10}, {"line_id": second["id"], "quantity": 18}]},
        expect=201,
    )
    more = {"lines": [{"line_id": first["id"], "quantity": 15}]}
    pharmacist.does("would hand out one too many", "POST", f"{at}/prescription/dispenses", more, expect=409)
    rest = {"lines": [{"line_id": first["id"], "quantity": 14}]}
    pharmacist.does("hands out the rest", "POST", f"{at}/prescription/dispenses", rest, expect=201)
    pharmacist.does("ends the visit", "POST", f"/visits/{visit['id']}/move", {"to": "done"}, expect=200)

    print("\nIn the evening")
    note = nurse.does(
        "writes a note",
        "POST",
        f"{here}/nursenotes",
        {"kind": "progress", "text": "Advised on the net, on fluids and on danger signs."},
        expect=201,
    )
    nurse.does("opens it again", "GET", f"{here}/nursenotes/{note['id']}", expect=200)
    doctor.does("corrects the plan, within 24 hours", "PUT", at, {"plan": "Back in two days."}, expect=200)
    versions = doctor.does("sees what stood there", "GET", f"{at}/versions", expect=200)["items"]
    print(f"{'':27} before: “{versions[0]['values']['plan']}”")

    if tomorrow is not None:
        print("\nThe next day, 24 hours later")
        tomorrow()
        before = doctor.does("reads the consultation", "GET", at, expect=200)
        doctor.does("corrects it", "PUT", at, {"plan": "Too late."}, expect=423)
        doctor.does("withdraws it", "DELETE", f"{at}?reason=too+late", expect=423)
        nurse.does("corrects the note", "PUT", f"{here}/nursenotes/{note['id']}", {"text": "x"}, expect=423)
        late = {"kind": "late_information", "text": "Blood film: P. falciparum ++."}
        doctor.does("adds an addendum", "POST", f"{at}/addenda", late, expect=201)
        after = doctor.does("reads it again", "GET", at, expect=200)
        if (before["plan"], before["version"]) != (after["plan"], after["version"]) or not after["addenda"]:
            raise NotAsNeeded("the addendum changed the record, or is not shown")

    print("\nIn the office")
    admin.does("tries to read the chart", "GET", f"{here}/chart", expect=403)
    told = admin.does("asks who opened it", "GET", f"/audit?patient={patient['id']}&limit=200", expect=200)["items"]
    readers = sorted({event["actor"]["number"] for event in told if event["act"] == "read"})
    refusals = sum(event["act"] == "refuse" for event in told)
    print(f"{'':27} opened by {', '.join(readers)}; {len(told)} events, {refusals} of them refusals")


@contextmanager
def own_hospital(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A hospital of its own on a free port, and a way to tomorrow. Its people have the demo password."""
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'hmis.sqlite3'}")
    migrate.prepare(settings.url)
    store = Store(settings)
    with store.session() as session:
        codes.load_codes(session)
        session.commit()
    furnish(store, patients=0)
    with serving(create_app(store=store)) as url, moving_time() as tomorrow:
        yield url, tomorrow
    result = verify(store)
    print(f"\n{result.summary()}")
    store.close()
    if result.findings:
        raise NotAsNeeded(f"the audit does not verify: {result.findings}")


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def moving_time() -> Iterator[Callable[[], None]]:
    """This process's clock, and a way to move it on by 24 hours."""
    today = datetime.now(UTC)
    with time_machine.travel(today) as traveller:
        yield lambda: traveller.move_to(datetime.now(UTC) + timedelta(hours=24))


def main() -> int:
    """Live the day; exit code 1 where an answer was not the one needed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--url", help="a running hospital with demo data")
    arguments.add_argument("--password", default=DEMO_PASSWORD)
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        if given.url:
            live(given.url.rstrip("/"), given.password, None)
            print("\nThe part after 24 hours needs a clock of its own: run this without --url.")
        else:
            with tempfile.TemporaryDirectory() as folder, own_hospital(Path(folder)) as (url, tomorrow):
                live(url, given.password, tomorrow)
    except NotAsNeeded as wrong:
        print(f"\n{wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
