"""Who works here: taken on, kept up to date, let go; and who may see and change what."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hmis.core.access import Role
from hmis.core.audit import AuditEvent
from hmis.core.db import TRANSIENT, mysql_code
from hmis.core.records import RecordVersion
from hmis.core.store import Store
from hmis.staff import service
from hmis.staff.models import Doctor, Nurse, Staff
from tests.conftest import PASSWORD, Person, some_id
from tests.staff.test_sign_in import token_of, try_to_sign_in

NOBODY = "01a20c91-a000-7020-8d0c-0780c3ec5036"

NGOZI = {
    "username": "Ngozi.Eze",
    "email": "Ngozi.Eze@hospital.example",
    "given_name": "Ngozi",
    "family_name": "Eze",
    "sex": "female",
    "phone": "0803 555 0101",
    "licence_number": "MDCN/R/12345",
}
KINDS = {"doctors": "DOC", "nurses": "NRS", "pharmacists": "PHM", "recordofficers": "REC", "admins": "ADM"}
OTHERS = [role for role in Role if role is not Role.ADMIN]


@pytest.mark.parametrize(("kind", "prefix"), KINDS.items())
def test_an_administrator_takes_somebody_on(admin: Person, kind: str, prefix: str) -> None:
    before = admin.get("/staffs").json
    answer = admin.post(f"/staffs/{kind}", NGOZI)
    assert answer.status_code == 201, answer.text
    new = answer.json
    assert new["staff_number"].startswith(prefix)
    assert (new["username"], new["email"], new["phone"]) == (
        "ngozi.eze",
        "ngozi.eze@hospital.example",
        "+2348035550101",
    )
    assert admin.get(answer.headers["Location"]).json["id"] == new["id"]
    assert admin.get("/staffs").json == {**before, kind: before[kind] + 1}
    assert "Eze" in [item["family_name"] for item in admin.get(f"/staffs/{kind}").json["items"]]


def test_staff_numbers_run_on_within_each_kind(admin: Person) -> None:
    numbers = [
        admin.post("/staffs/doctors", {**NGOZI, "username": f"ngozi{n}", "email": None}).json["staff_number"]
        for n in range(3)
    ]
    assert numbers == ["DOC0003", "DOC0004", "DOC0005"]


@pytest.mark.parametrize(
    "change",
    [
        {"username": "n"},
        {"username": "ngozi eze"},
        {"username": "ngozi@hospital"},
        {"username": "DOC0001"},
        {"username": None},
        {"given_name": ""},
        {"family_name": None},
        {"sex": "f"},
        {"email": "nowhere"},
        {"phone": "12"},
        {"born_on": "2090-01-01"},
        {"password": "sent along with it"},
        {"role": "admin"},
        {"staff_number": "DOC9999"},
        {"staff_type": "admin"},
        {"id": NOBODY},
        {"created_at": "2020-01-01T00:00:00Z"},
        {"_sa_instance_state": {}},
        {"__class__": "Admin"},
    ],
    ids=str,
)
def test_what_cannot_be_or_is_not_theirs_to_say_is_refused(admin: Person, change: dict[str, Any]) -> None:
    answer = admin.post("/staffs/doctors", {**NGOZI, **change})
    assert answer.status_code == 422, answer.text
    assert admin.get("/staffs").json["doctors"] == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [({"email": "nobody@nowhere"}, "write an e-mail address such as"), ({"username": "ngozi eze"}, "letters")],
    ids=["email", "username"],
)
def test_a_mistyped_name_is_told_in_words_and_not_as_a_pattern(
    admin: Person, change: dict[str, str], said: str
) -> None:
    [why] = admin.post("/staffs/doctors", {**NGOZI, **change}).json["fields"].values()
    assert said in why
    assert "pattern" not in why


@pytest.mark.parametrize("taken", [{"username": "Doctor"}, {"email": "NURSE@hospital.example"}], ids=str)
def test_two_people_never_share_a_name_to_sign_in_by(admin: Person, taken: dict[str, str]) -> None:
    answer = admin.post("/staffs/nurses", {**NGOZI, **taken})
    assert answer.status_code == 409
    assert list(answer.json["fields"]) == list(taken)


PATHS = [
    ("GET", "/staffs"),
    *((method, f"/staffs/{kind}") for kind in KINDS for method in ("GET", "POST")),
    *((method, "/staffs/DOC0001") for method in ("GET", "PUT", "DELETE")),
    *(("POST", f"/staffs/DOC0001/{act}") for act in ("activate", "setup-token", "role")),
    ("GET", "/auth/me"),
    ("GET", "/auth/sessions"),
    ("DELETE", f"/auth/sessions/{NOBODY}"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_nobody_unknown_learns_anything_of_the_staff(app: Flask, store: Store, method: str, path: str) -> None:
    client = app.test_client()
    where = path if path.startswith("/auth") else f"/api/v1{path}"
    answer = client.open(where, method=method, json={}, headers={"X-CSRFToken": token_of(client)})
    assert (answer.status_code, answer.json["code"]) == (401, "NotSignedIn")


@pytest.mark.parametrize("role", OTHERS)
def test_only_an_administrator_runs_the_staff(sign_in: Callable[[Role], Person], role: Role) -> None:
    person = sign_in(role)
    for method, path in PATHS:
        if path.startswith("/staffs") and path != "/staffs/DOC0001":
            assert person.send(method, path, NGOZI if method == "POST" else None).status_code == 403, path
    colleague = "/staffs/NRS0002"
    assert person.get(colleague).status_code == 403
    assert person.put(colleague, {"phone": "0803 555 0199"}).status_code == 403
    assert person.delete(colleague).status_code == 403
    assert person.get(f"/staffs/{some_id()}").status_code == 403  # whether there is such a person or not


@pytest.mark.parametrize("role", list(Role))
def test_everybody_sees_their_own_profile_by_number_or_id(sign_in: Callable[[Role], Person], role: Role) -> None:
    person = sign_in(role)
    by_id = person.get(f"/staffs/{person.id}")
    assert by_id.status_code == 200
    assert person.get(f"/staffs/{person.user['staff_number'].lower()}").json == by_id.json
    assert by_id.json["username"] == person.username
    assert "password" not in by_id.text
    assert "hash" not in by_id.text


def test_a_list_shows_no_address(admin: Person) -> None:
    admin.put("/staffs/DOC0001", {"address": "12 Zik Avenue"})
    answer = admin.get("/staffs/doctors")
    assert "Zik" not in answer.text
    assert "phone" not in answer.json["items"][0]


def test_everybody_keeps_their_own_contact_details(doctor: Person) -> None:
    sent = {"phone": "0803 555 0177", "email": "New@hospital.example", "address": "3 Ogui Road"}
    answer = doctor.put("/staffs/DOC0001", sent)
    assert answer.status_code == 200, answer.text
    assert (answer.json["phone"], answer.json["email"]) == ("+2348035550177", "new@hospital.example")
    assert doctor.get("/staffs/DOC0001").json == answer.json


@pytest.mark.parametrize("sent", [{"given_name": "Dora"}, {"licence_number": "X1"}, {"sex": "male"}], ids=str)
def test_the_rest_of_a_profile_is_the_administrators(doctor: Person, admin: Person, sent: dict[str, str]) -> None:
    answer = doctor.put("/staffs/DOC0001", {**sent, "phone": "0803 555 0177"})
    assert (answer.status_code, list(answer.json["fields"])) == (403, list(sent))
    assert doctor.get("/staffs/DOC0001").json["phone"] is None
    assert admin.put("/staffs/DOC0001", sent).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "password_hash",
        "role",
        "staff_type",
        "staff_number",
        "username",
        "id",
        "created_at",
        "updated_at",
        "version",
        "deactivated_at",
        "demo",
        "setup_token_hash",
        "batch_id",
        "name",
        "prefix",
        "active",
        "metadata",
        "_sa_instance_state",
        "__class__",
        "unheard_of",
    ],
)
def test_no_change_of_a_profile_reaches_what_is_not_in_it(
    store: Store, admin: Person, doctor: Person, name: str
) -> None:
    for person in (admin, doctor):
        answer = person.put("/staffs/DOC0001", {name: "admin"})
        assert (answer.status_code, list(answer.json["fields"])) == (422, [name])
    assert admin.get("/staffs/DOC0001").json["version"] == 2


@pytest.mark.parametrize("empty", ["given_name", "family_name", "sex"])
def test_a_name_is_not_emptied(admin: Person, empty: str) -> None:
    assert admin.put("/staffs/DOC0001", {empty: None}).status_code == 422


def test_a_stale_profile_is_not_overwritten(admin: Person) -> None:
    version = admin.get("/staffs/DOC0001").json["version"]
    assert admin.put("/staffs/DOC0001", {"given_name": "Dora"}, if_match=version).status_code == 200
    assert admin.put("/staffs/DOC0001", {"given_name": "Doro"}, if_match=version).status_code == 412
    assert admin.get("/staffs/DOC0001").json["given_name"] == "Dora"


def test_an_old_password_hash_is_in_no_version_of_the_profile(store: Store, admin: Person) -> None:
    admin.put("/staffs/DOC0001", {"given_name": "Dora"})
    with store.session(writes=False) as session:
        versions = session.scalars(select(RecordVersion).where(RecordVersion.row_type == "staff")).all()
    assert versions
    assert not any({"password_hash", "setup_token_hash"} & set(version.values) for version in versions)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["DOC0001", "DOC0002"]),
        ({"q": "doctor2"}, ["DOC0002"]),
        ({"q": "TEST doctor2"}, ["DOC0002"]),
        ({"q": "doc0001"}, ["DOC0001"]),
        ({"q": "%"}, []),
        ({"q": "nurse"}, []),
    ],
    ids=str,
)
def test_the_list_is_searched_by_parts_of_names_and_numbers(
    admin: Person, asked: dict[str, str], found: list[str]
) -> None:
    assert [item["staff_number"] for item in admin.get("/staffs/doctors", **asked).json["items"]] == found


def test_a_long_list_comes_in_pages(admin: Person) -> None:
    for n in range(5):
        admin.post("/staffs/nurses", {**NGOZI, "username": f"nurse-{n}", "email": None, "given_name": f"N{n}"})
    seen, cursor = [], None
    while True:
        page = admin.get("/staffs/nurses", limit=2, **({"cursor": cursor} if cursor else {})).json
        seen += [item["staff_number"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == [f"NRS000{n}" for n in range(1, 8)]


def test_who_is_let_go_cannot_sign_in_and_stays_on_file(app: Flask, store: Store, admin: Person) -> None:
    assert admin.delete("/staffs/DOC0001", "moved to Kano").status_code == 204
    assert try_to_sign_in(app.test_client(), {"username": "doctor", "password": PASSWORD}).status_code == 401
    profile = admin.get("/staffs/DOC0001").json
    assert profile["deactivation_reason"] == "moved to Kano"
    assert profile["deactivated_at"]
    assert [item["staff_number"] for item in admin.get("/staffs/doctors").json["items"]] == ["DOC0002"]
    assert len(admin.get("/staffs/doctors", include="inactive").json["items"]) == 2
    assert admin.get("/staffs").json["doctors"] == 1
    assert admin.delete("/staffs/DOC0001").status_code == 409


def test_what_somebody_wrote_stays_theirs_when_they_leave(
    admin: Person, nurse: Person, doctor: Person, patient: dict[str, Any]
) -> None:
    written = nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 80})
    assert written.status_code == 201, written.text
    admin.delete(f"/staffs/{nurse.id}")
    shown = doctor.get(f"/patients/{patient['id']}/vitals/{written.json['id']}").json
    assert shown["author"]["staff_number"] == "NRS0001"


def test_somebody_who_returns_sets_a_new_password(app: Flask, admin: Person) -> None:
    assert admin.post("/staffs/DOC0001/activate").status_code == 409
    admin.delete("/staffs/DOC0001")
    assert admin.post("/staffs/DOC0001/setup-token").status_code == 409
    token = admin.post("/staffs/DOC0001/activate").json["setup_token"]
    assert try_to_sign_in(app.test_client(), {"username": "doctor", "password": PASSWORD}).status_code == 401
    client = app.test_client()
    body = {"setup_token": token, "new_password": "seven purple camels walking"}
    assert client.post("/auth/password", json=body, headers={"X-CSRFToken": token_of(client)}).status_code == 204
    body = {"username": "doctor", "password": "seven purple camels walking"}
    assert try_to_sign_in(app.test_client(), body).json["user"]["staff_number"] == "DOC0001"


def test_the_last_administrator_stays(admin: Person) -> None:
    assert admin.delete("/staffs/ADM0001").status_code == 409
    assert admin.post("/staffs/ADM0001/role", {"role": "doctor"}).status_code == 409
    admin.post("/staffs/admins", NGOZI)
    assert admin.delete("/staffs/ADM0001").status_code == 409  # the new one cannot sign in yet


def test_one_administrator_may_go_when_another_can_sign_in(store: Store, admin: Person) -> None:
    admin.post("/staffs/admins", NGOZI)
    with store.session() as session:
        service.set_password(session, session.fetch(Staff, Staff.staff_number == "ADM0002"), PASSWORD)
        session.commit()
    assert admin.delete("/staffs/ADM0001").status_code == 204
    assert admin.get("/auth/me").status_code == 401


def test_another_job_is_another_account_and_the_old_signatures_stay(
    app: Flask, admin: Person, doctor: Person, nurse: Person, patient: dict[str, Any]
) -> None:
    written = nurse.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 80}).json
    became = admin.post("/staffs/NRS0001/role", {"role": "doctor", "reason": "qualified"})
    assert became.status_code == 200, became.text
    assert became.json["staff_number"] == "DOC0003"
    assert (became.json["username"], became.json["email"]) == ("nurse", "nurse@hospital.example")
    assert became.json["formerly_id"] == nurse.id
    former = admin.get("/staffs/NRS0001").json
    assert (former["username"], former["email"], former["deactivation_reason"]) == ("nrs0001", None, "qualified")
    shown = doctor.get(f"/patients/{patient['id']}/vitals/{written['id']}").json
    assert (shown["author"]["staff_number"], shown["author"]["role"]) == ("NRS0001", "nurse")
    assert try_to_sign_in(app.test_client(), {"username": "nurse", "password": PASSWORD}).status_code == 401
    client = app.test_client()
    body = {"setup_token": became.json["setup_token"], "new_password": "seven purple camels walking"}
    assert client.post("/auth/password", json=body, headers={"X-CSRFToken": token_of(client)}).status_code == 204
    body = {"username": "nurse", "password": "seven purple camels walking"}
    assert try_to_sign_in(app.test_client(), body).json["user"]["role"] == "doctor"


def test_a_job_one_has_already_is_no_change(admin: Person) -> None:
    assert admin.post("/staffs/DOC0001/role", {"role": "doctor"}).status_code == 409
    admin.delete("/staffs/DOC0001")
    assert admin.post("/staffs/DOC0001/role", {"role": "nurse"}).status_code == 409


def test_what_is_done_with_staff_is_in_the_audit(store: Store, admin: Person) -> None:
    admin.post("/staffs/doctors", NGOZI)
    admin.put("/staffs/DOC0003", {"given_name": "Nkem"})
    admin.delete("/staffs/DOC0003", "left")
    with store.session(writes=False) as session:
        new = session.fetch(Staff, Staff.staff_number == "DOC0003")
        told = session.scalars(select(AuditEvent).where(AuditEvent.record_id == new.id).order_by(AuditEvent.id)).all()
    assert [event.act for event in told] == ["create", "change", "change"]
    assert {event.actor_number for event in told} == {"ADM0001"}
    assert set(told[1].hashes) == {"given_name"}


@pytest.mark.parametrize("ref", ["nobody", "DOC9999", "DOC1", "0" * 40, NOBODY])
def test_a_reference_to_nobody_is_not_found(admin: Person, ref: str) -> None:
    assert admin.get(f"/staffs/{ref}").status_code == 404


def test_an_author_of_imported_history_is_on_file_and_cannot_sign_in(store: Store, app: Flask) -> None:
    with store.session() as session:
        author = service.add_inactive(session, Doctor, given_name="Old", family_name="Hand")
        session.commit()
    assert (author.staff_number, author.username, author.active) == ("DOC0003", "doc0003", False)
    assert try_to_sign_in(app.test_client(), {"username": "doc0003", "password": "x"}).status_code == 401


def test_sixteen_hirings_at_once_give_sixteen_numbers(store: Store) -> None:
    def take_on(n: int) -> str:
        while True:
            try:
                with store.session() as session:
                    values = {"username": f"ngozi{n}", "given_name": "Ngozi", "family_name": "Eze", "sex": "female"}
                    number = service.add(session, Nurse if n % 2 else Doctor, **values).staff_number
                    session.commit()
                    return number
            except OperationalError as error:
                if mysql_code(error) not in TRANSIENT:
                    raise

    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(take_on, range(32)))
    assert sorted(numbers) == sorted([f"{kind}{n:04d}" for kind in ("DOC", "NRS") for n in range(3, 19)])
