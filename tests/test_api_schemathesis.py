"""The whole API under generated requests, against its own description: nothing fails, nothing is let through.

Schemathesis runs from outside, over HTTP on loopback, with all its checks, as people who signed in like anybody else.
HMIS_SCHEMATHESIS_EXAMPLES makes the runs longer: the default is for every day, 200 is for a release.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from hmis.app import CONVERTERS, DOMAINS
from hmis.core.access import GRANTS, Permission, Role
from hmis.core.http import Edge
from hmis.core.openapi import document
from tests.conftest import Person

COMMAND = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
HOOKS = Path(__file__).with_name("schemathesis_people.py")

DOCUMENT = document([route for domain in DOMAINS for route in domain.routes], CONVERTERS)
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
EVERY_DAY = 1
EXAMPLES = int(os.environ.get("HMIS_SCHEMATHESIS_EXAMPLES", EVERY_DAY))
ALIKE = [
    path
    for path in DOCUMENT["paths"]
    if "/consultations/{consultation_id}/vitals" in path
    or (path.endswith(("/addenda", "/versions")) and "/nursenotes/" not in path)
]
"""What is the same view as elsewhere, at another path: left out of the short run of every day."""
CONSULTATION = "/api/v1/patients/<patient:patient>/consultations/<uuid:id>"
PRESCRIPTION = "/api/v1/patients/{patient_id}/consultations/{consultation_id}/prescription"
STAFF = [path for path in DOCUMENT["paths"] if path.startswith("/api/v1/staffs/{staff_id}")]
ENDING = ["/auth/logout", "/auth/sessions/{id}", "/auth/password", *STAFF]
"""What can end a session. With it in a run, all would soon be refused and nothing found: it has a run of its own."""

STANDING_IN_THE_WAY = {
    "DELETE /api/v1/patients/{patient_id}",  # there is a chart
    f"POST {PRESCRIPTION}",  # one stands already
    f"DELETE {PRESCRIPTION}",  # something of it was handed out
    f"DELETE {PRESCRIPTION}/drugs/{{id}}",
    *(f"POST /api/v1/staffs/{kind}" for kind in ("doctors", "nurses", "pharmacists", "recordofficers", "admins")),
}
"""What the records on this chart forbid; of the staff, each example would take the same user name."""

AN_ENQUIRY = {"kind": "contact", "name": "Amina Bello", "email": "amina@clinic.example", "message": "May we try it?"}

SignIn = Callable[[Role | str], Person]


class Served:
    """The app on loopback, with a note of what was answered to whom."""

    def __init__(self, app: Flask, people: Iterable[Person]) -> None:
        self.app = app
        self.people = list(people)
        self.answers: dict[str, set[tuple[str, int]]] = defaultdict(set)
        """Operation -> (who asked, status) of every answer."""
        self._cookies = {_cookie(person): person.username for person in self.people}
        self._server = make_server("127.0.0.1", 0, self._noting, request_handler=_Silent)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.address = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Served:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def done_by(self, who: str | None = None) -> set[str]:
        """Operations that were brought to a good end at least once, by somebody or by this person."""
        return {
            name
            for name, answers in self.answers.items()
            if any(status < 300 and who in (None, username) for username, status in answers)
        }

    def _noting(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        operation = self._operation(environ)

        def note(status: str, headers: Any, *rest: Any) -> Any:
            sent = re.search(r"hmis_session=([^;]*)", environ.get("HTTP_COOKIE", ""))
            who = self._cookies.get(sent[1], "") if sent else ""
            self.answers[operation].add((who, int(status[:3])))
            return start_response(status, headers, *rest)

        return self.app.wsgi_app(environ, note)

    def _operation(self, environ: dict[str, Any]) -> str:
        try:
            endpoint, _ = self.app.url_map.bind_to_environ(environ).match()
        except HTTPException:
            return ""
        return _NAMES.get(_plain(endpoint), "")


class _Silent(WSGIRequestHandler):
    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Nothing: thousands of requests are made."""


def _cookie(person: Person) -> str:
    cookie = person.client.get_cookie("hmis_session")
    assert cookie is not None
    return cookie.value


def _plain(name: str) -> str:
    """An operation whatever its parameters are called."""
    return re.sub(r"<[^>]*>|{\w+}", "{}", name)


_NAMES = {_plain(name): name for name in OPERATIONS}


def _made(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json
    return body


def _chart(sign_in: SignIn) -> dict[str, str]:
    """A patient with something of everything; the ids by the word that stands before them in a path."""
    doctor, nurse, pharmacist, officer = map(sign_in, ("doctor", "nurse", "pharmacist", "recordofficer"))
    person = {
        "given_name": "Ifeoma",
        "family_name": "Nwosu",
        "sex": "female",
        "born_on": "1988-04-02",
        "confirmed": True,
    }
    patient = _made(officer.post("/patients", person))["id"]
    here = f"/patients/{patient}"
    consultation = _made(doctor.post(f"{here}/consultations", {"presenting_complaint": "Fever for three days"}))["id"]
    prescription = f"{here}/consultations/{consultation}/prescription"
    drug = _made(pharmacist.post("/drugs", {"generic_name": f"paracetamol {patient[-6:]}", "form": "tablet"}))["id"]
    line = {"drug_id": drug, "dose": 500, "dose_unit": "mg", "route": "oral", "frequency": "TDS", "duration_days": 5}
    written = _made(doctor.post(prescription, {"drugs": [{**line, "quantity": 15, "confirmed": True}]}))["lines"][0][
        "id"
    ]
    handed = {"lines": [{"line_id": written, "quantity": 1}]}
    return {
        "patients": patient,
        "consultations": consultation,
        "prescription/drugs": written,
        "dispenses": _made(pharmacist.post(f"{prescription}/dispenses", handed))["id"],
        "visits": _made(officer.post(f"{here}/visits", {"clinic": f"Clinic {patient[-6:]}"}))["id"],
        "vitals": _made(doctor.post(f"{here}/vitals", {"pulse_per_min": 80}))["id"],
        "consultations/vitals": _made(
            doctor.post(f"{here}/consultations/{consultation}/vitals", {"pulse_per_min": 80})
        )["id"],
        "nursenotes": _made(nurse.post(f"{here}/nursenotes", {"kind": "progress", "text": "Slept well."}))["id"],
        "assertions": _made(doctor.post(f"{here}/assertions", {"kind": "blood_group", "value": "O+"}))["id"],
        "drugs": drug,
        "doctors": doctor.id,
        "nurses": nurse.id,
        "pharmacists": pharmacist.id,
        "staffs": sign_in("nurse2").id,
        "drafts": "note",
        "enquiries": _made(doctor.post("/enquiries", AN_ENQUIRY))["id"],
    }


def _places(path: str, ids: dict[str, str]) -> dict[str, str]:
    """Real ids for the places of a path, where there are any."""
    steps = path.split("/")
    found = {}
    for number, step in enumerate(steps):
        if step.startswith("{"):
            words = [word for word in steps[:number] if not word.startswith("{")]
            real = ids.get("/".join(words[-2:])) or ids.get(words[-1])
            if real:
                found[f"path.{step.strip('{}')}"] = real
    return found


def _may(role: Role, name: str) -> bool:
    needed = OPERATIONS[name].get("x-permission")
    return needed is None or any(permission in GRANTS[role] for permission in needed)


def _headers(person: Person) -> dict[str, str]:
    return {"Cookie": f"hmis_session={_cookie(person)}", "X-CSRFToken": person.csrf}


def _table(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in values.items()) + "}"


def _each_by_who_may(served: Served, folder: Path, kept: dict[str, str], spoilt: dict[str, str]) -> list[str]:
    """Settings: every operation on real records, by the first of these people who may."""
    lines, asking = [], {}
    for name in OPERATIONS:
        method, path = name.split(" ")
        may = [person for person in served.people if _may(Role(person.user["role"]), name)]
        # A doctor registers in an emergency only.
        who = (may or served.people)[-1 if name == "POST /api/v1/patients" else 0]
        asking[name] = {"session": _cookie(who), "csrf": who.csrf}
        spoils = method == "DELETE" or path.endswith(("/stop", "/move"))
        lines += [
            "[[operations]]",
            f"include-name = {json.dumps(name)}",
            f"parameters = {_table(_places(path, spoilt if spoils else kept))}",
        ]
    (folder / "who.json").write_text(json.dumps(asking))
    return lines


def _all_apart(served: Served, folder: Path) -> list[str]:
    """Settings: the first of these people makes and reads; the others are to get nothing of it."""
    people = [
        {
            "name": person.username,
            "fixedHeaders": [{"name": name, "value": value} for name, value in _headers(person).items()],
        }
        for person in served.people
    ]
    (folder / "people.json").write_text(json.dumps({"auth": people}))
    peers = json.dumps([person.username for person in served.people])
    return ["[auth.wfc]", 'path = "people.json"', f'user = "{served.people[0].username}"', f"peers = {peers}"]


def _run(served: Served, folder: Path, config: list[str], *how: str, examples: int = EXAMPLES) -> None:
    """One run of Schemathesis; its own account of what it found is the failure."""
    hooks = {"SCHEMATHESIS_HOOKS": str(HOOKS)} if (folder / "who.json").exists() else {}
    (folder / "schemathesis.toml").write_text("\n".join([*_EXPECTED, *config]) + "\n")
    run = subprocess.run(
        [
            *COMMAND,
            "--config-file",
            "schemathesis.toml",
            "run",
            f"{served.address}/api/openapi.json",
            "--checks=all",
            f"--max-examples={examples}",
            "--suppress-health-check=all",
            "--warnings=off",
            "--seed=2026",
            *how,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **hooks, "NO_COLOR": "1"},
    )
    told = run.stdout[run.stdout.find("= FAILURES") :] if "= FAILURES" in run.stdout else run.stdout
    assert run.returncode == 0, f"{told}\n{run.stderr}"
    assert not [name for name, answers in served.answers.items() if any(status >= 500 for _, status in answers)]


_EXPECTED = [
    # What several fields only together, or the state of a record, can settle is refused although each field is right.
    "[checks.positive_data_acceptance]",
    'expected-statuses = ["2xx", "401", "403", "404", "409", "412", "422", "423", "429"]',
    "[checks.negative_data_rejection]",
    'expected-statuses = ["401", "403", "404", "405", "409", "412", "413", "422", "423", "429"]',
]


def _without(paths: Iterable[str]) -> list[str]:
    return [f"--exclude-path={path}" for path in paths]


def _only(paths: Iterable[str]) -> list[str]:
    return [f"--include-path={path}" for path in paths]


@pytest.mark.timeout(0)
def test_every_operation_keeps_to_its_description(app: Flask, sign_in: SignIn, tmp_path: Path) -> None:
    """Each on a real chart, by somebody who may, and each is brought to a good end."""
    kept, spoilt = _chart(sign_in), _chart(sign_in)
    people = [sign_in(name) for name in ("doctor", "nurse", "pharmacist", "recordofficer", "admin")]
    left_out = ENDING if EXAMPLES > EVERY_DAY else [*ENDING, *ALIKE]
    with Served(app, people) as served:
        config = _each_by_who_may(served, tmp_path, kept, spoilt)
        _run(served, tmp_path, config, "--phases=examples,coverage,fuzzing", *_without(left_out))
    todo = {name for name in OPERATIONS if name.split(" ")[1] not in left_out}
    assert todo - served.done_by() <= STANDING_IN_THE_WAY


@pytest.mark.once
@pytest.mark.timeout(0)
def test_nobody_gets_further_than_their_role(app: Flask, sign_in: SignIn) -> None:
    """Each generated request is sent by everybody: refused to those who may not, as described to those who may."""
    chart = _chart(sign_in)
    schema = from_wsgi("/api/openapi.json", app)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if operation.path not in ENDING:
            _send_as_everybody(operation, _places(operation.path, chart), [sign_in(role) for role in Role])


def _send_as_everybody(operation: Any, places: dict[str, str], people: list[Person]) -> None:
    real = {name.removeprefix("path."): value for name, value in places.items()}

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(operation.as_strategy())
    def send(case: Any) -> None:
        case.path_parameters.update(real)
        for person in people:
            case.cookies, case.headers["X-CSRFToken"] = {"hmis_session": _cookie(person)}, person.csrf
            answer = case.call()
            assert answer.status_code < 500
            if not _may(Role(person.user["role"]), operation.label):
                assert answer.status_code == 403, (operation.label, person.username)
            case.validate_response(answer, excluded_checks=[positive_data_acceptance, ignored_auth])

    send()


@pytest.mark.once
@pytest.mark.timeout(0)
@pytest.mark.parametrize("who", ["doctor", *(("nurse", "pharmacist") if EXAMPLES > EVERY_DAY else ())])
def test_nobody_outside_the_clinic_is_given_what_a_clinician_made(
    app: Flask, sign_in: SignIn, tmp_path: Path, who: str
) -> None:
    """What one person made or was shown is asked for, by its id, as each of the others.

    What the others read too by their own right is left out, but for the list of patients that all begin with.
    """
    _chart(sign_in)
    shared = [
        f"--exclude-name={name}"
        for name in OPERATIONS
        if name.startswith("GET /api/v1/patients/") and (_may(Role.RECORD_OFFICER, name) or _may(Role.ADMIN, name))
    ]
    with Served(app, [sign_in(who), sign_in("recordofficer"), sign_in("admin")]) as served:
        _run(served, tmp_path, _all_apart(served, tmp_path), "--phases=fuzzing,stateful", *_without(ENDING), *shared)


@pytest.mark.once
@pytest.mark.timeout(0)
def test_one_route_opened_too_wide_would_be_found(
    app: Flask, sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watchman is awake: without peers, or without anything on the chart, that check is silent."""
    edge: Edge = app.extensions["hmis"]
    route = next(route for route in edge.routes if route.endpoint == f"GET {CONSULTATION}")
    wide = replace(route, needs=(Permission.SIGNED_IN,))
    monkeypatch.setitem(app.view_functions, route.endpoint, lambda **arguments: edge.answer(wide, arguments))
    _chart(sign_in)
    with Served(app, [sign_in("doctor"), sign_in("recordofficer")]) as served:
        paths = ["/api/v1/patients", "/api/v1/patients/{patient_id}/consultations"]
        only = _only([*paths, "/api/v1/patients/{patient_id}/consultations/{id}"])
        with pytest.raises(AssertionError, match="`recordofficer` received the `Consultation` that `doctor` owns"):
            _run(served, tmp_path, _all_apart(served, tmp_path), "--phases=fuzzing,stateful", *only, examples=5)


@pytest.mark.timeout(0)
def test_what_ends_a_session_keeps_to_its_description(app: Flask, sign_in: SignIn, tmp_path: Path) -> None:
    admin, leaving = sign_in("admin"), sign_in("nurse2")
    sessions = admin.get("/auth/sessions", staff=leaving.id).json
    assert sessions is not None
    ids = {"staffs": leaving.id, "sessions": sessions["items"][0]["id"]}
    with Served(app, [admin]) as served:
        config = _each_by_who_may(served, tmp_path, ids, ids)
        _run(served, tmp_path, config, "--phases=coverage,fuzzing", *_only(ENDING[1:]))
    with Served(app, [leaving]) as served:
        config = _each_by_who_may(served, tmp_path, ids, ids)
        _run(served, tmp_path, config, "--phases=coverage,fuzzing", *_only(ENDING[:1]))
