"""The thirty defects of the system that came before this one: each has a test here, short and of its own.

Most are looked at from more sides elsewhere; each docstring names the defect it is about and, where there is one, the
place. The last test counts them.
"""

from __future__ import annotations

import ast
import re
import subprocess
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, event, func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from hmis.app import create_app
from hmis.core.access import Role
from hmis.core.audit import Act, AuditEvent
from hmis.core.config import Settings, UnsafeSettings
from hmis.core.http import Route
from hmis.core.records import ClinicalRecord
from hmis.core.store import Store
from hmis.staff import passwords
from hmis.staff.models import Staff
from hmis.tables import Row
from hmis.vitals.models import VitalSign
from tests.conftest import PASSWORD, Person, Time, some_id
from tests.everything import (
    CHART,
    CREATES,
    KINDS,
    ROUTES,
    SINGLE,
    Made,
    Work,
    at_once,
    committed,
    filled,
    names,
    statuses,
    told,
    total,
)

ROOT = Path(__file__).parent.parent
SECRET = "kZ83nf-Qw2x_9dLpVe71mBsTyUaHc4Rg"
DEFECTS = {
    1: "keys of the row set from the body of a request",
    2: "any attribute set by PUT",
    3: "a password and a role set by PUT, the password stored as typed",
    4: "a change that nobody need be signed in for, and 500 for who is not",
    5: "addresses and relatives of the staff shown to the world",
    6: "every patient with everything to every role, without pages",
    7: "an answer at the door that tells whether the name is known",
    8: "as many guesses as one likes",
    9: "sessions that never end",
    10: "signing out by a link, no token asked, answers for any site",
    11: "always in debugging mode, a secret that may be missing",
    12: "any patient's vital signs by their id",
    13: "any doctor's prescribed lines by their id",
    14: "any patient's nursing notes by their id",
    15: "no 24-hour rule, and a birth time that the client sets",
    16: "records and whole charts deleted",
    17: "the author gone when the person leaves",
    18: "a failed save answered as done",
    19: "one unit of work shared by all threads",
    20: "half a record left behind by a refused one",
    21: "a prescription without an author; a second one is 500",
    22: "what is mistyped is 500",
    23: "the insides of an exception in an answer",
    24: "nobody knows who did or read what",
    25: "of two who save, the last one wins in silence",
    26: "more handed out than was prescribed",
    27: "a status that is always OK",
    28: "a password hash longer than its column",
    29: "the API's description open to the world, a password in the repository",
    30: "dependencies with known holes",
}


@pytest.fixture
def work(sign_in: Callable[[Role | str], Person]) -> Work:
    return Work(sign_in)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Somebody at a computer, not signed in."""
    return app.test_client()


def bodies(method: str) -> list[Route]:
    """One route for each body that is sent in one way to make or change something."""
    one = {route.body: route for route in reversed(ROUTES) if route.method == method and route.body and route.needs}
    return sorted(one.values(), key=lambda route: route.endpoint)


def everything_stored(store: Store) -> str:
    """All that stands in the database, as text."""
    with store.engine.connect() as connection:
        return "\n".join(
            str(row) for table in Row.metadata.tables.values() for row in connection.execute(select(table)).all()
        )


def problem(answer: TestResponse, status: int, code: str) -> None:
    """A refusal in the one form all have."""
    assert (answer.status_code, told(answer)["code"]) == (status, code), answer.text
    assert answer.content_type == "application/problem+json"


@contextmanager
def failing_commits(store: Store) -> Iterator[None]:
    """While it lasts, the disk is full."""

    def fail(connection: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(store.engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(store.engine, "commit", fail)


# --- what is sent ---

OURS = (
    *("id", "created_at", "updated_at", "created_by", "updated_by", "author_id", "author", "patient_id", "version"),
    *("doctor_name", "nurse_name", "prescriber", "pharmacist", "staff_type", "role", "staff_number", "password_hash"),
    *("voided_at", "source", "_sa_instance_state", "__class__", "__dict__", "metadata", "registry", "unheard_of"),
)


def test_a_record_is_made_of_what_belongs_in_it_and_nothing_else(work: Work, store: Store) -> None:
    """Defect 1: keys of the row, of the class and of nothing are refused, in every body that makes something."""
    for route in bodies("POST"):
        assert route.body is not None
        place = work.make(CHART) if names(route.path) == ["patient"] else work.make(route.path.rpartition("/")[0])
        body = work.body(route, place.ids)
        with committed(store.engine) as stored:
            for key in set(OURS) - set(route.body.model_fields):
                answer = work.people_who_may(route)[0].post(place.at(route.path), {**body, key: "x"})
                problem(answer, 422, "Invalid")
                assert key in told(answer)["fields"]
            assert stored.statements == []


def test_a_correction_changes_what_may_be_corrected_and_nothing_else(work: Work, store: Store) -> None:
    """Defect 2: the same keys, relationships and methods, in every body that changes something."""
    others = ("patient", "drugs", "lines", "diagnoses", "save", "voided", "signed_by", "standing", "locks_at", "query")
    for route in bodies("PUT"):
        assert route.body is not None
        made = work.make(route.path)
        with committed(store.engine) as stored:
            for key in {*OURS, *others} - set(route.body.model_fields):
                problem(made.author.put(made.at(), {key: "x"}), 422, "Invalid")
            assert stored.statements == []


def test_no_change_of_a_profile_sets_a_password_or_a_role(admin: Person, doctor: Person, store: Store) -> None:
    """Defect 3: not by the administrator, not by oneself; and nothing typed as a password stands anywhere."""
    clear = "never-to-be-found-again-7"
    for person in (admin, doctor):
        for key, value in (("password", clear), ("role", "admin"), ("staff_type", "admin"), ("password_hash", clear)):
            problem(person.put(f"/staffs/{doctor.id}", {key: value}), 422, "Invalid")
    headers = {"X-CSRFToken": doctor.csrf}
    body = {"old_password": PASSWORD, "new_password": clear}
    assert doctor.client.post("/auth/password", json=body, headers=headers).status_code == 204
    everything = everything_stored(store)
    assert clear not in everything
    assert PASSWORD not in everything


def test_whoever_is_not_signed_in_is_told_so_and_nothing_breaks(stranger: FlaskClient) -> None:
    """Defect 4: every route that needs somebody, asked by nobody; see test_access for every role."""
    token = stranger.get("/auth/getcsrf").json["csrf_token"]  # type: ignore[index]
    for route in [route for route in ROUTES if route.needs is not None]:
        path = filled(route.path, dict.fromkeys(names(route.path), some_id()))
        bodies: list[Any] = [{}, {"password": "x"}, []]
        for body in bodies:
            answer = stranger.open(path, method=route.method, json=body, headers={"X-CSRFToken": token})
            problem(answer, 401, "NotSignedIn")
    problem(stranger.put("/api/v1/staffs/DOC0001", json={}, headers={"X-CSRFToken": token}), 401, "NotSignedIn")


def test_the_staffs_addresses_are_their_own_affair(
    stranger: FlaskClient, sign_in: Callable[[str], Person], admin: Person
) -> None:
    """Defect 5: nobody outside sees anything, a colleague sees no profile, a list shows no address to anybody."""
    home = {"address": "12 Zik Avenue, Enugu", "phone": "0803 555 0101"}
    assert sign_in("doctor").put(f"/staffs/{sign_in('doctor').id}", home).status_code == 200
    for path in ("/staffs", "/staffs/doctors", "/staffs/DOC0001", "/stats"):
        assert stranger.get(f"/api/v1{path}").status_code == 401
    for who in ("nurse", "doctor2", "pharmacist", "recordofficer"):
        for path in ("/staffs", "/staffs/doctors", "/staffs/DOC0001"):
            answer = sign_in(who).get(path)
            assert answer.status_code == 403
            assert "Zik" not in answer.text
    listed = admin.get("/staffs/doctors").text
    assert "DOC0001" in listed
    assert "Zik" not in listed
    assert "8035550101" not in listed


def test_patients_come_in_pages_and_each_role_sees_what_it_needs(
    pharmacist: Person, doctor: Person, register: Callable[..., dict[str, Any]], store: Store
) -> None:
    """Defect 6: at most 200 at once; a pharmacist sees who it is and how to call them; each look is in the audit."""
    for _ in range(3):
        register(address="12 Zik Avenue", religion="none", next_of_kin={"name": "Ngozi", "phone": "0803 555 0102"})
    first = told(doctor.get("/patients", limit=2))
    assert (len(first["items"]), first["next"] is not None) == (2, True)
    problem(doctor.get("/patients", limit=201), 422, "Invalid")
    seen = pharmacist.get("/patients").text
    assert "Chukwu" in seen
    for private in ("Zik", "religion", "Ngozi"):
        assert private not in seen
    pharmacist.get(f"/patients/{first['items'][0]['id']}")
    store.spool.move(store.writing)
    with store.session(writes=False) as session:
        mine = AuditEvent.actor_number == pharmacist.user["staff_number"]
        acts = session.scalars(select(AuditEvent.act).where(mine).order_by(AuditEvent.id)).all()
    assert acts == [Act.SIGN_IN, Act.SEARCH, Act.READ]


# --- the door ---


def knock(client: FlaskClient, body: dict[str, Any], address: str = "127.0.0.1") -> TestResponse:
    """Try to sign in."""
    token = client.get("/auth/getcsrf").json["csrf_token"]  # type: ignore[index]
    headers, environ = {"X-CSRFToken": token}, {"REMOTE_ADDR": address}
    return client.post("/auth/login", json=body, headers=headers, environ_base=environ)


def test_the_door_tells_nobody_whether_a_name_is_known(stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 7: one answer, after the same work; test_sign_in times it."""
    worked: list[bool] = []
    matches = passwords.matches

    def counted(*asked: Any) -> bool:
        worked.append(True)
        return matches(*asked)

    monkeypatch.setattr(passwords, "matches", counted)
    known = knock(stranger, {"username": "doctor", "password": "wrong"}, "10.0.0.1")
    unknown = knock(stranger, {"username": "nobody", "password": "wrong"}, "10.0.0.2")
    assert len(worked) == 2
    assert {**told(known), "request_id": 0} == {**told(unknown), "request_id": 0}
    for body in ({"username": "doctor"}, {"username": "nobody"}):
        assert knock(stranger, body).status_code == 422


def test_who_guesses_passwords_soon_has_to_wait(stranger: FlaskClient) -> None:
    """Defect 8: of forty guesses five are looked at; then even the right one has to wait."""
    answers = [knock(stranger, {"username": "doctor", "password": f"guess {n}"}).status_code for n in range(40)]
    assert answers == [401] * 5 + [429] * 35
    waiting = knock(stranger, {"username": "doctor", "password": PASSWORD})
    assert waiting.status_code == 429
    assert int(waiting.headers["Retry-After"]) > 0


def test_a_session_ends_and_its_cookie_is_worth_nothing_then(
    app: Flask, time: Time, admin: Person, register: Callable[..., dict[str, Any]]
) -> None:
    """Defect 9: after signing out, after a quarter of an hour, after twelve hours of use, after being let go."""

    def replayed(cookie: str) -> int:
        thief = app.test_client()
        thief.set_cookie("hmis_session", cookie)
        return thief.get("/auth/me").status_code

    def cookie_of(person: Person) -> str:
        found = person.client.get_cookie("hmis_session")
        assert found is not None
        assert "Expires" not in str(found.expires)
        return found.value

    nurse = Person(app, "nurse")
    cookie = cookie_of(nurse)
    assert replayed(cookie) == 200
    nurse.client.post("/auth/logout", headers={"X-CSRFToken": nurse.csrf})
    assert replayed(cookie) == 401
    idle = cookie_of(Person(app, "nurse"))
    time.passes(minutes=15)
    assert replayed(idle) == 401
    busy = Person(app, "nurse")
    for _ in range(12 * 5):
        assert busy.client.get("/auth/me").status_code == 200
        time.passes(minutes=12)
    assert busy.client.get("/auth/me").status_code == 401
    gone = Person(app, "nurse")
    assert admin.delete(f"/staffs/{gone.id}").status_code == 204
    assert replayed(cookie_of(gone)) == 401


def test_another_site_neither_signs_out_nor_writes_nor_reads(nurse: Person, patient: dict[str, Any]) -> None:
    """Defect 10: no link from elsewhere, no form from elsewhere, no answer to elsewhere."""
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    problem(nurse.client.get("/auth/logout", headers=elsewhere), 403, "CsrfFailed")
    where = f"/api/v1/patients/{patient['id']}/vitals"
    for headers in ({}, {"X-CSRFToken": "made up"}, {"X-CSRFToken": nurse.csrf, **elsewhere}):
        problem(nurse.client.post(where, json={"pulse_per_min": 80}, headers=headers), 403, "CsrfFailed")
    form = {"data": "pulse_per_min=80", "content_type": "application/x-www-form-urlencoded"}
    assert nurse.client.post(where, **form).status_code == 403
    for method in ("GET", "OPTIONS"):
        answer = nurse.client.open(where, method=method, headers=elsewhere)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
    assert told(nurse.get(where.removeprefix("/api/v1")))["items"] == []


def test_production_does_not_start_with_a_secret_that_anybody_could_know(
    settings: Settings, store: Store, nurse: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect 11: no secret, a short one, ours from development; and no debugging anywhere."""
    for secret in ("", "short", "a" * 40, Settings.model_fields["secret_key"].default):
        with pytest.raises(UnsafeSettings):
            create_app(settings.model_copy(update={"env": "production", "secret_key": secret}), store)
    app = create_app(settings.model_copy(update={"env": "production", "secret_key": SECRET}), store)
    assert not app.debug
    assert not app.testing
    assert app.config["SESSION_COOKIE_SECURE"]
    monkeypatch.setattr("hmis.patients.routes.service.search", lambda *_: 1 // 0)
    answer = nurse.get("/patients")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "ZeroDivision" not in answer.text


# --- whose it is ---


def reached_through(work: Work, made: Made, path: str) -> None:
    """The record through a path that is not its own: not found, and it stays as it was."""
    before = made.author.get(made.at()).json
    for method in ("GET", "PUT", "DELETE"):
        body = {"text": "x", "kind": "progress"} if "nursenotes" in path else {"pulse_per_min": 1}
        asked = {"reason": "because"} if method == "DELETE" else {}
        problem(made.author.send(method, path, body if method == "PUT" else None, query_string=asked), 404, "NotFound")
    assert made.author.get(made.at()).json == before


@pytest.mark.parametrize("place", ["vitals", "consultations/<uuid:consultation_id>/vitals"])
def test_vital_signs_are_found_through_their_own_patient_alone(work: Work, place: str) -> None:
    """Defect 12: whoever may see both patients does not reach the one's through the other."""
    made, other = work.make(f"{CHART}/{place}/<uuid:id>"), work.make(CHART)
    reached_through(work, made, made.at(patient=other.ids["patient"]))


def test_a_prescribed_line_is_found_through_its_own_prescription_alone(work: Work) -> None:
    """Defect 13: not through one's own prescription for the same patient, and never a colleague's."""
    path = f"{CHART}/consultations/<uuid:consultation_id>/prescription/drugs/<uuid:id>"
    doctor, doctor2 = work.sign_in("doctor"), work.sign_in("doctor2")
    theirs = work.make(path, by=doctor2)
    own = work.make(path, by=doctor, ids={"patient": theirs.ids["patient"]})
    before = told(doctor.get(theirs.at(path.rpartition("/drugs")[0])))["lines"]
    through_own = own.at(id=theirs.ids["id"])
    for where, status, code in ((through_own, 404, "NotFound"), (theirs.at(), 403, "NotAuthor")):
        problem(doctor.put(where, {"instructions": "twice as much"}), status, code)
        problem(doctor.delete(where, "because"), status, code)
    assert told(doctor.get(theirs.at(path.rpartition("/drugs")[0])))["lines"] == before


def test_a_nursing_note_is_found_through_its_own_patient_alone(work: Work) -> None:
    """Defect 14: a note on one patient is not there under another."""
    made, other = work.make(f"{CHART}/nursenotes/<uuid:id>"), work.make(CHART)
    reached_through(work, made, made.at(patient=other.ids["patient"]))


@pytest.mark.parametrize(("seconds", "status"), [(24 * 3600 - 1, 200), (24 * 3600, 423)])
def test_the_24_hours_are_the_servers(
    work: Work, time: Time, monkeypatch: pytest.MonkeyPatch, seconds: int, status: int
) -> None:
    """Defect 15: to the second, for the author; never for others; no sent time and no time zone moves it."""
    made = work.make(f"{CHART}/nursenotes/<uuid:id>")
    where = made.at()
    forged = {"created_at": "2099-01-01T00:00:00Z", "text": "x"}
    problem(made.author.put(where, forged), 422, "Invalid")
    problem(made.author.post(where.rpartition("/")[0], {**forged, "kind": "progress"}), 422, "Invalid")
    time.passes(seconds=seconds)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")  # fourteen hours ahead
    real_time.tzset()
    try:
        headers = {"Date": "Mon, 01 Jan 2001 00:00:00 GMT"}
        assert made.author.put(where, {"text": "Corrected."}, headers=headers).status_code == status
        problem(work.sign_in("nurse2").put(where, {"text": "x"}), 403, "NotAuthor")
        problem(work.sign_in("admin").put(where, {"text": "x"}), 403, "NotPermitted")
    finally:
        monkeypatch.undo()
        real_time.tzset()


def test_what_is_withdrawn_stays_and_a_chart_is_never_deleted(work: Work, store: Store) -> None:
    """Defect 16: every kind of record is withdrawn with a reason, and no table ever gets shorter."""

    def counted() -> dict[str, int]:
        with store.session(writes=False) as session:
            tables = [m.local_table for m in Row.registry.mappers if issubclass(m.class_, ClinicalRecord)]
            return {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}  # type: ignore[attr-defined]

    officer = work.sign_in("recordofficer")
    for path in KINDS:
        made = work.make(path)
        before = counted()
        problem(made.author.delete(made.at()), 422, "Invalid")
        assert made.author.delete(made.at(), "It was another patient").status_code == 204
        problem(officer.delete(f"/patients/{made.ids['patient']}"), 409, "Conflict")
        assert counted() == before, path
        assert made.author.get(made.at(CHART)).status_code == 200


def test_who_leaves_stays_the_author_of_what_they_wrote(work: Work, admin: Person) -> None:
    """Defect 17: nobody on the staff is deleted; let go, or given another job, their name stays under the record."""
    made = work.make(f"{CHART}/nursenotes/<uuid:id>", by=work.sign_in("nurse"))
    assert admin.delete(f"/staffs/{made.author.id}", "Left").status_code == 204
    shown = told(work.sign_in("nurse2").get(made.at()))
    assert shown["author"] == made.shown["author"]
    gone = told(admin.get(f"/staffs/{made.author.id}"))
    assert gone["deactivated_at"] is not None
    other = work.make(f"{CHART}/nursenotes/<uuid:id>", by=work.sign_in("nurse2"))
    assert admin.post(f"/staffs/{other.author.id}/role", {"role": "doctor"}).status_code == 200
    assert told(work.sign_in("doctor").get(other.at()))["author"] == other.shown["author"]


# --- nothing is lost, nothing is half ---


def test_what_could_not_be_saved_is_never_answered_as_done(work: Work, store: Store) -> None:
    """Defect 18: wherever something is made, with the disk full; and it can be sent again."""
    for path, route in CREATES.items():
        around = work.make(path.rpartition("/")[0] if path in SINGLE else path)
        body, person = work.body(route, around.ids), work.people_who_may(route)[0]
        where, before = filled(path, around.ids), total(store)
        with failing_commits(store):
            answer = person.post(where, body, key="on-a-full-disk")
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5"), path
        assert total(store) == before, path
        assert person.post(where, body, key="on-a-full-disk").status_code == 201, path


def test_many_at_once_get_their_own_answers(app: Flask, register: Callable[..., dict[str, Any]]) -> None:
    """Defect 19: no thread sees another's; test_races has sixteen people at work."""
    people = [Person(app, name) for name in ("nurse", "nurse2", "doctor", "doctor2")]
    patients = [register() for _ in people]

    def own(place: int) -> bool:
        person, where = people[place], f"/patients/{patients[place]['id']}/vitals"
        for n in range(5):
            made = told(person.post(where, {"pulse_per_min": 60 + n}))
            if (made["patient_id"], made["author"]["id"]) != (patients[place]["id"], person.id):
                return False
        return [item["pulse_per_min"] for item in told(person.get(where))["items"]] == [64, 63, 62, 61, 60]

    assert at_once([partial(own, place) for place in range(len(people))]) == [True] * 4


def test_a_refused_record_leaves_nothing_for_the_next_one_to_save(
    nurse: Person, doctor: Person, patient: dict[str, Any], store: Store
) -> None:
    """Defect 20: refused for its form, for its value, for being odd; then a colleague saves one, and one is there."""
    where = f"/patients/{patient['id']}/vitals"
    odd: list[dict[str, Any]] = [
        {"pulse_per_min": -1},
        {"pulse_per_min": 210},
        {"systolic_mmhg": 80, "diastolic_mmhg": 99},
    ]
    for body in odd:
        assert nurse.post(where, body).status_code == 422
    assert doctor.post(where, {"pulse_per_min": 80}).status_code == 201
    with store.session(writes=False) as session:
        assert session.scalars(select(VitalSign.pulse_per_min)).all() == [80]


def test_a_prescription_has_an_author_and_there_is_one(work: Work) -> None:
    """Defect 21: before there is one it is not found; written it is signed; a second one is refused, not broken."""
    path = f"{CHART}/consultations/<uuid:consultation_id>/prescription"
    doctor, doctor2 = work.sign_in("doctor"), work.sign_in("doctor2")
    consultation = work.make(f"{CHART}/consultations/<uuid:id>", by=doctor)
    where = filled(path, {"patient": consultation.ids["patient"], "consultation_id": consultation.ids["id"]})
    for answer in (doctor.get(where), doctor.put(where, {"instructions": "x"}), doctor.delete(where, "why not")):
        problem(answer, 404, "NotFound")
    written = doctor2.post(where, {})
    assert (written.status_code, told(written)["author"]["id"]) == (201, doctor2.id)
    problem(doctor.post(where, {}), 409, "Conflict")
    nowhere = filled(path, {"patient": consultation.ids["patient"], "consultation_id": some_id()})
    problem(doctor.post(nowhere, {}), 404, "NotFound")


def test_what_is_mistyped_is_refused_and_breaks_nothing(admin: Person, doctor: Person, patient: dict[str, Any]) -> None:
    """Defect 22: numbers, job titles, dates and bodies of another kind; test_bad_input sends all there are."""
    for ref in ("DOC", "DOC1", "DOCTOR01", "1", "DOC" + "9" * 30, "%00", "ＤＯＣ０００１"):
        assert admin.get(f"/staffs/{ref}").status_code == 404
    for titles in ("recordOfficers", "RecordOfficers", "chefs"):
        assert admin.get(f"/staffs/{titles}").status_code == 404
    for path in ("/staffs/pharmacists/PHM0001/prescriptions", "/staffs/nurses/NRS0001/notes"):
        assert doctor.get(path).status_code == 200
    where = f"/patients/{patient['id']}/vitals"
    bodies: list[Any] = [[], 1, "x", True, {"born_on": "17/05/1992"}, {"bp": "120/80"}, {"pulse_per_min": "fast"}]
    for body in bodies:
        problem(doctor.send("POST", where, body), 422, "Invalid")
    problem(doctor.send("POST", where, data=b"null", content_type="application/json"), 422, "Invalid")


def test_every_refusal_has_the_same_form_and_shows_no_insides(
    stranger: FlaskClient, nurse: Person, doctor: Person, patient: dict[str, Any]
) -> None:
    """Defect 23: 401, 403, 404, 405, 409, 412, 413, 422: type, title, status, detail, code, fields, request id."""
    where = f"/patients/{patient['id']}/nursenotes"
    note = told(nurse.post(where, {"kind": "progress", "text": "Slept well."}))
    one = f"{where}/{note['id']}"
    refusals = {
        401: stranger.get("/api/v1/patients"),
        403: doctor.put(one, {"text": "x"}),
        404: nurse.get(f"{where}/{some_id()}"),
        405: nurse.send("PATCH", one),
        412: nurse.put(one, {"text": "x"}, if_match=9),
        413: nurse.send("POST", where, data=b" " * 2_000_000, content_type="application/json"),
        422: nurse.post(where, {"kind": "poem", "text": ""}),
    }
    nurse.delete(one, "It was another patient")
    refusals[409] = nurse.put(one, {"text": "x"})
    for status, answer in refusals.items():
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        body = told(answer)
        assert {"type", "title", "status", "detail", "code", "fields", "request_id"} <= set(body)
        assert (body["status"], body["request_id"]) == (status, answer.headers["X-Request-ID"])
        assert not re.search(r"Traceback|File \"|sqlalchemy|pydantic|SELECT|0x[0-9a-f]{6}", answer.text)


def test_every_act_leaves_who_what_when_and_whose(
    nurse: Person, sign_in: Callable[[str], Person], patient: dict[str, Any], store: Store
) -> None:
    """Defect 24: writing, changing, reading, being refused and withdrawing each leave one event, without a value."""
    where = f"/patients/{patient['id']}/nursenotes"
    note = told(nurse.post(where, {"kind": "progress", "text": "A secret of Zilpzalp."}))
    nurse.put(f"{where}/{note['id']}", {"text": "Another of Zilpzalp."})
    sign_in("doctor").get(f"{where}/{note['id']}")
    sign_in("recordofficer").get(f"{where}/{note['id']}")
    nurse.delete(f"{where}/{note['id']}", "It was another patient")
    store.spool.move(store.writing)
    with store.session(writes=False) as session:
        about = AuditEvent.patient_id == UUID(patient["id"])
        events = session.scalars(select(AuditEvent).where(about).order_by(AuditEvent.id)).all()
    told_of = [(e.act, e.actor_role, e.outcome) for e in events if e.record_type != "patients"]
    assert told_of == [
        (Act.CREATE, "nurse", "done"),
        (Act.CHANGE, "nurse", "done"),
        (Act.READ, "doctor", "done"),
        (Act.REFUSE, "record_officer", "NotPermitted"),
        (Act.VOID, "nurse", "done"),
    ]
    for e in events:
        assert e.actor_id
        assert e.actor_number
        assert e.session_id
        assert e.request_id
        assert e.occurred_at
        assert e.address == "127.0.0.1"
        assert "Zilpzalp" not in str(vars(e))


def test_of_two_who_save_what_they_saw_the_second_is_told(recordofficer: Person, patient: dict[str, Any]) -> None:
    """Defect 25: for a patient here; test_races asks every kind, sixteen at once."""
    where, seen = f"/patients/{patient['id']}", patient["version"]
    assert recordofficer.put(where, {"address": "12 Zik Avenue"}, if_match=seen).status_code == 200
    problem(recordofficer.put(where, {"address": "1 Ogui Road"}, if_match=seen), 412, "Stale")
    assert told(recordofficer.get(where))["address"] == "12 Zik Avenue"


def test_no_more_is_handed_out_than_was_prescribed(app: Flask, work: Work) -> None:
    """Defect 26: twelve pharmacists hand out seven of forty at once: five times seven, and seven are refused."""
    line = work.make(f"{CHART}/consultations/<uuid:consultation_id>/prescription/drugs/<uuid:id>")
    quantity = line.shown["quantity"]
    where = line.at(f"{CHART}/consultations/<uuid:consultation_id>/prescription")
    body = {"lines": [{"line_id": line.ids["id"], "quantity": 7}]}
    answers = at_once([partial(Person(app, "pharmacist").post, f"{where}/dispenses", body) for _ in range(12)])
    assert statuses(answers) == {201: quantity // 7, 409: 12 - quantity // 7}
    (shown,) = told(line.author.get(where))["lines"]
    assert (shown["dispensed"], shown["left"]) == (quantity // 7 * 7, quantity % 7)


# --- how it is run ---


def test_the_status_is_asked_of_the_database(app: Flask, store: Store, stranger: FlaskClient) -> None:
    """Defect 27: OK while it answers, FAIL and 503 when it does not; the process itself goes on."""
    assert (stranger.get("/api/v1/status").status_code, stranger.get("/api/v1/status").json) == (200, {"status": "OK"})

    def down(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception(2003, "Can't connect"))

    event.listen(store.engine, "before_cursor_execute", down)
    try:
        answer = stranger.get("/api/v1/status")
    finally:
        event.remove(store.engine, "before_cursor_execute", down)
    assert (answer.status_code, answer.json) == (503, {"status": "FAIL"})
    assert stranger.get("/api/v1/status").status_code == 200


def test_a_password_hash_at_full_strength_fits_and_lets_its_owner_in(store: Store, app: Flask) -> None:
    """Defect 28: as production hashes, with room to spare for stronger parameters."""
    column = Staff.__table__.columns["password_hash"].type
    assert isinstance(column, String)
    strongest = PasswordHasher(time_cost=10, memory_cost=1024, parallelism=16, hash_len=64, salt_len=32)
    assert (column.length or 0) >= 255 > len(strongest.hash(PASSWORD))
    with store.session() as session:
        doctor = session.fetch(Staff, Staff.username == "doctor")
        doctor.password_hash = passwords.hashed(PASSWORD, 65536)
        session.commit()
    with store.session(writes=False) as session:
        kept = session.fetch(Staff, Staff.username == "doctor").password_hash
    assert kept is not None
    assert passwords.matches(kept, PASSWORD, 65536)


def test_production_shows_its_insides_to_nobody_and_knows_no_password(settings: Settings, store: Store) -> None:
    """Defect 29: the API's description is for administrators there, and nothing in the repository opens a door."""
    strict = Store(settings.model_copy(update={"env": "production", "secret_key": SECRET}))
    client = create_app(store=strict).test_client()
    for path in ("/apidocs/", "/api/openapi.json"):
        assert client.get(path).status_code == 401
    strict.close()
    secrets = re.compile(
        r"\$argon2id\$v|-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_\w{30}|hmis_pwd"
        r"|(?:mysql|mariadb)(?:\+\w+)?://\w+:[^@\s{}*]{4,}@"
    )
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    shipped = [ROOT / name for name in files if name and not name.startswith(("tests/", "requirements"))]
    found = [
        str(file) for file in shipped or ROOT.glob("hmis/**/*.py") if file.is_file() and secrets.search(_text(file))
    ]
    assert found == []


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except UnicodeDecodeError:
        return ""


FLOORS = {
    "flask": "2.3.2",  # CVE-2023-30861
    "werkzeug": "3.0.1",  # CVE-2023-25577, CVE-2023-23934, CVE-2023-46136
    "flask-cors": "4.0.2",  # CVE-2024-6221
}


def test_no_dependency_has_a_hole_the_old_one_had() -> None:
    """Defect 30: as locked, and as installed here."""

    def parts(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", text)[:3])

    locked = dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    for name, floor in FLOORS.items():
        assert parts(locked[name]) >= parts(floor), name
        assert parts(version(name)) >= parts(floor), name
    lines = (ROOT / "requirements.lock").read_text()
    assert lines.count("--hash=sha256:") >= len(locked), "and every one is pinned by its hash"


def test_each_of_the_thirty_has_a_test() -> None:
    tree = ast.parse(Path(__file__).read_text())
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    named = [re.match(r"Defect (\d+):", ast.get_docstring(test) or "") for test in tests]
    assert [int(found[1]) for found in named if found] == sorted(DEFECTS) == list(range(1, 31))
