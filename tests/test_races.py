"""Many hands at once: whoever comes second is told so, nothing is lost, and nothing is done twice.

On MariaDB writers are truly side by side; on SQLite they take turns at the file, and the same must hold. Check-in
tickets, hospital numbers, moves, sign-in guesses and handing out have races of their own beside their tests.
"""

from __future__ import annotations

import threading
import time as real_time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hmis.app import create_app
from hmis.core.access import Role
from hmis.core.audit import Act, AuditEvent
from hmis.core.http import Route
from hmis.core.records import RecordVersion
from hmis.core.store import Store
from hmis.nursing.models import NurseNote
from hmis.prescriptions.models import Prescription
from hmis.staff import service as staff_service
from hmis.staff.models import Admin, Staff
from hmis.tables import Row
from hmis.vitals.models import VitalSign
from tests.conftest import PASSWORD, Person
from tests.everything import CHART, CREATES, ROUTES, SINGLE, Made, Work, at_once, filled, statuses, told, total

HANDS = 16
PRESCRIPTION = f"{CHART}/consultations/<uuid:consultation_id>/prescription"
LINE = f"{PRESCRIPTION}/drugs/<uuid:id>"

Hands = Callable[..., list[Person]]
Sends = Callable[[], TestResponse]


@pytest.fixture
def work(sign_in: Callable[[Role | str], Person]) -> Work:
    return Work(sign_in)


@pytest.fixture
def hands(app: Flask) -> Hands:
    """So many computers at which somebody is signed in."""

    def sit_down(username: str, number: int = HANDS) -> list[Person]:
        return [Person(app, username) for _ in range(number)]

    return sit_down


def one_and_other(turn: int, one: Sends, other: Sends) -> list[TestResponse]:
    """Two acts at once; by turns the one or the other has a head start of some milliseconds, or neither."""

    def after(milliseconds: float, act: Sends) -> TestResponse:
        real_time.sleep(milliseconds / 1000)
        return act()

    late_one, late_other = ((0, 0), (4, 0), (0, 4), (10, 0), (0, 10), (1, 0), (0, 1), (20, 0), (0, 20))[turn % 9]
    return at_once([partial(after, late_one, one), partial(after, late_other, other)])


def rows(store: Store, model: type[Row], *conditions: Any) -> int:
    with store.session(writes=False) as session:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


# --- one key, one record ---

KEYED = sorted(route.path for route in CREATES.values() if route.keeps_answer and route.needs)


@pytest.mark.parametrize("path", KEYED, ids=lambda path: path.removeprefix(CHART))
def test_one_key_makes_one_of_it_however_often_it_is_sent(work: Work, hands: Hands, store: Store, path: str) -> None:
    route = CREATES[path]
    username = work.people_who_may(route)[0].username

    def sent(number: int) -> tuple[list[TestResponse], Counter[str]]:
        """So many send the same to a place of its own; what they were answered, and what came into each table."""
        around = work.make(path.rpartition("/")[0] if path in SINGLE else path)
        body, where = work.body(route, around.ids), filled(path, around.ids)
        people = hands(username, number)
        before = total(store)
        answers = at_once([partial(person.post, where, body, key=f"by-{number}") for person in people])
        return answers, total(store) - before

    once, by_one = sent(1)
    often, by_eight = sent(8)
    assert statuses(once + often) == {201: 9}
    assert len({answer.data for answer in often}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in often) == 1
    assert by_eight == by_one


# --- one version, one winner ---

CHANGES = [route for route in ROUTES if route.method == "PUT" and "version" in route.gives.model_fields]  # type: ignore[union-attr]
WORDS = ("text", "instructions", "plan", "oxygen_device", "address", "brand_name")


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.path.removeprefix(CHART))
def test_of_sixteen_who_saw_the_same_version_one_is_heard(work: Work, hands: Hands, route: Route) -> None:
    assert route.body is not None
    made = work.make(route.path)
    person = made.author if made.author in work.people_who_may(route) else work.people_who_may(route)[0]
    word = next(name for name in WORDS if name in route.body.model_fields)
    people, seen = hands(person.username), made.shown["version"]
    answers = at_once(
        [partial(hand.put, made.at(), {word: f"hand {n}"}, if_match=seen) for n, hand in enumerate(people)]
    )
    assert statuses(answers) == {200: 1, 412: HANDS - 1}
    winner = next(answer for answer in answers if answer.status_code == 200)
    assert told(winner)["version"] == seen + 1
    last = person.put(made.at(), {word: "afterwards"}, if_match=seen + 1)
    assert last.status_code == 200, "nobody came between"


def test_sixteen_lines_written_at_once_are_sixteen_lines(work: Work, hands: Hands) -> None:
    made = work.make(PRESCRIPTION)
    bodies = [work.body(CREATES[f"{PRESCRIPTION}/drugs"], made.ids) for _ in range(HANDS)]
    where = made.at(f"{PRESCRIPTION}/drugs")
    answers = at_once([partial(hand.post, where, body) for hand, body in zip(hands("doctor"), bodies, strict=True)])
    assert statuses(answers) == {201: HANDS}
    shown = told(made.author.get(made.at()))
    assert {line["id"] for line in shown["lines"]} == {told(answer)["id"] for answer in answers}
    assert shown["version"] == 1 + HANDS


def test_a_draft_kept_in_many_tabs_at_once_is_one_draft(hands: Hands) -> None:
    tabs = hands("nurse", 8)
    answers = at_once([partial(tab.put, "/drafts/note", {"body": f"tab {n}"}) for n, tab in enumerate(tabs)])
    assert statuses(answers) == {200: 8}
    listed = told(tabs[0].get("/drafts"))["items"]
    assert [draft["key"] for draft in listed] == ["note"]
    assert told(tabs[0].get("/drafts/note"))["body"] in {f"tab {n}" for n in range(8)}


# --- withdrawing meets correcting ---


@pytest.mark.parametrize("kind", ["nursenotes", "vitals", "consultations"])
def test_nothing_is_corrected_after_it_was_withdrawn(work: Work, hands: Hands, store: Store, kind: str) -> None:
    word = {"nursenotes": "text", "vitals": "oxygen_device", "consultations": "plan"}[kind]
    people: list[Person] = []
    for _ in range(4):
        made = work.make(f"{CHART}/{kind}/<uuid:id>")
        people = people or hands(made.author.username, 8)
        where = made.at()
        corrections = [partial(hand.put, where, {word: f"hand {n}"}) for n, hand in enumerate(people[:5])]
        withdrawals = [partial(hand.delete, where, "It was another patient") for hand in people[5:]]
        answers = at_once([*corrections, *withdrawals])
        corrected, withdrawn = statuses(answers[:5]), statuses(answers[5:])
        assert withdrawn == {204: 1, 409: 2}
        assert set(corrected) <= {200, 409}
        shown = told(made.author.get(where))
        assert shown["voided"]["reason"] == "It was another patient"
        assert shown["version"] == 2 + corrected[200], "every correction came before"
        heard = {f"hand {n}" for n, answer in enumerate(answers[:5]) if answer.status_code == 200}
        assert shown[word] in heard or not heard
        assert rows(store, RecordVersion, RecordVersion.record_id == UUID(made.ids["id"])) == 1 + corrected[200]


def test_a_withdrawn_consultation_keeps_no_prescription_of_its_author(work: Work, hands: Hands, store: Store) -> None:
    people = hands("doctor", 2)
    for turn in range(9):
        made = work.make(f"{CHART}/consultations/<uuid:id>", by=work.sign_in("doctor"))
        ids = {"patient": made.ids["patient"], "consultation_id": made.ids["id"]}
        prescribed, withdrawn = one_and_other(
            turn,
            partial(people[0].post, filled(PRESCRIPTION, ids), {"instructions": "after food"}),
            partial(people[1].delete, made.at(), "It was another patient"),
        )
        assert (prescribed.status_code, withdrawn.status_code) in ((201, 204), (409, 204))
        stand = Prescription.consultation_id == UUID(made.ids["id"]), Prescription.voided_at.is_(None)
        assert rows(store, Prescription, *stand) == 0


def test_a_withdrawn_consultation_keeps_no_vitals_of_its_author(work: Work, hands: Hands, store: Store) -> None:
    people = hands("doctor", 2)
    for turn in range(9):
        made = work.make(f"{CHART}/consultations/<uuid:id>", by=work.sign_in("doctor"))
        measured, withdrawn = one_and_other(
            turn,
            partial(people[0].post, f"{made.at()}/vitals", {"pulse_per_min": 80}),
            partial(people[1].delete, made.at(), "It was another patient"),
        )
        assert (measured.status_code, withdrawn.status_code) in ((201, 204), (409, 204))
        stand = VitalSign.consultation_id == UUID(made.ids["id"]), VitalSign.voided_at.is_(None)
        assert rows(store, VitalSign, *stand) == 0


@pytest.mark.parametrize(
    ("who", "where", "body"),
    [
        ("nurse", "nursenotes", {"kind": "progress", "text": "Slept well."}),
        ("nurse", "vitals", {"pulse_per_min": 80}),
        ("doctor", "consultations", {"plan": "Rest."}),
        ("recordofficer", "visits", {"clinic": "General outpatients"}),
    ],
)
def test_no_chart_is_begun_under_a_patient_who_is_set_aside(
    hands: Hands, register: Any, who: str, where: str, body: dict[str, Any]
) -> None:
    """Registered by mistake, taken out of the lists: what somebody records meanwhile must not vanish with it."""
    writer, officer = hands(who, 1)[0], hands("recordofficer", 1)[0]
    for turn in range(9):
        patient = f"/patients/{register()['id']}"
        written, set_aside = one_and_other(
            turn, partial(writer.post, f"{patient}/{where}", body), partial(officer.delete, patient)
        )
        assert (written.status_code, set_aside.status_code) in ((201, 409), (404, 204))


# --- the pharmacy meets the doctor ---


def prescribed(work: Work, quantity: int) -> Made:
    """A prescription with one line of so many tablets."""
    made = work.make(LINE)
    answer = made.author.put(made.at(), {"quantity": quantity, "confirmed": True})
    assert answer.status_code == 200, answer.text
    return made


def handing_out(made: Made, quantity: int) -> dict[str, Any]:
    return {"lines": [{"line_id": made.ids["id"], "quantity": quantity}]}


def test_what_was_stopped_is_handed_out_no_more(work: Work, hands: Hands) -> None:
    pharmacists, doctors = hands("pharmacist", 6), hands("doctor2", 2)
    for _ in range(4):
        made = prescribed(work, 100)
        out = made.at(f"{PRESCRIPTION}/dispenses")
        answers = at_once(
            [
                *(partial(hand.post, out, handing_out(made, 2)) for hand in pharmacists),
                *(partial(hand.post, f"{made.at()}/stop", {"reason": "A rash"}) for hand in doctors),
            ]
        )
        handed_out = statuses(answers[:6])
        assert set(handed_out) <= {201, 409}
        assert statuses(answers[6:]) == {200: 1, 409: 1}
        (line,) = told(made.author.get(made.at(PRESCRIPTION)))["lines"]
        assert (line["state"], line["dispensed"]) == ("stopped", 2 * handed_out[201])
        given_at = [told(answer)["created_at"] for answer in answers[:6] if answer.status_code == 201]
        assert all(at <= line["stopped"]["at"] for at in given_at)


def test_a_line_is_handed_out_as_it_was_or_as_it_is(work: Work, hands: Hands) -> None:
    """A doctor makes it five while a pharmacist hands out twenty: one of them is told to look again."""
    pharmacist, doctor = hands("pharmacist", 1)[0], hands("doctor", 1)[0]
    for turn in range(9):
        made = prescribed(work, 20)
        handed_out, changed = one_and_other(
            turn,
            partial(pharmacist.post, made.at(f"{PRESCRIPTION}/dispenses"), handing_out(made, 20)),
            partial(doctor.put, made.at(), {"quantity": 5, "confirmed": True}),
        )
        assert (handed_out.status_code, changed.status_code) in ((201, 409), (409, 200))
        (line,) = told(doctor.get(made.at(PRESCRIPTION)))["lines"]
        assert line["dispensed"] <= line["quantity"]


def test_what_was_taken_off_or_withdrawn_is_not_handed_out(work: Work, hands: Hands) -> None:
    pharmacist, doctor = hands("pharmacist", 1)[0], hands("doctor", 1)[0]
    for turn in range(9):
        made = prescribed(work, 20)
        gone = made.at() if turn % 2 else made.at(PRESCRIPTION)
        handed_out, taken_off = one_and_other(
            turn,
            partial(pharmacist.post, made.at(f"{PRESCRIPTION}/dispenses"), handing_out(made, 20)),
            partial(doctor.delete, gone, "It was another patient"),
        )
        assert (handed_out.status_code, taken_off.status_code) in ((201, 409), (409, 204))


def test_a_consultation_has_one_prescription_however_many_are_written_at_once(
    work: Work, hands: Hands, store: Store
) -> None:
    people = [*hands("doctor", 8), *hands("doctor2", 8)]
    made = work.make(f"{CHART}/consultations/<uuid:id>", by=work.sign_in("doctor"))
    where = filled(PRESCRIPTION, {"patient": made.ids["patient"], "consultation_id": made.ids["id"]})
    for _ in range(2):
        answers = at_once([partial(hand.post, where, {"instructions": f"hand {n}"}) for n, hand in enumerate(people)])
        assert statuses(answers) == {201: 1, 409: HANDS - 1}
        winner = next(n for n, answer in enumerate(answers) if answer.status_code == 201)
        assert told(people[0].get(where))["instructions"] == f"hand {winner}"
        assert people[winner].delete(where, "Once more").status_code == 204


# --- numbers and places that are given once ---


def test_staff_numbers_and_user_names_are_given_once(hands: Hands) -> None:
    """Half of sixteen hirings want the same user name: one of those gets it, and no number is lost or given twice."""
    names = [f"ngozi{n}" if n % 2 else "ngozi" for n in range(HANDS)]
    bodies = [{"username": name, "given_name": "Ngozi", "family_name": "Eze", "sex": "female"} for name in names]
    answers = at_once([partial(hand.post, "/staffs/nurses", b) for hand, b in zip(hands("admin"), bodies, strict=True)])
    assert statuses(answers) == {201: HANDS // 2 + 1, 409: HANDS // 2 - 1}
    numbers = sorted(told(answer)["staff_number"] for answer in answers if answer.status_code == 201)
    assert numbers == [f"NRS{n:04d}" for n in range(3, 3 + HANDS // 2 + 1)]


def test_tickets_have_no_gaps_although_some_are_refused(work: Work, hands: Hands, register: Any) -> None:
    waiting = [register() for _ in range(8)]
    windows = hands("recordofficer")
    crowd = [waiting[n % 8] for n in range(HANDS)]  # everybody stands at two windows
    answers = at_once(
        [
            partial(window.post, f"/patients/{patient['id']}/visits", {"clinic": "General outpatients"})
            for window, patient in zip(windows, crowd, strict=True)
        ]
    )
    assert statuses(answers) == {201: 8, 409: 8}
    assert sorted(told(answer)["ticket"] for answer in answers if answer.status_code == 201) == list(range(1, 9))


def test_a_setup_token_lets_one_in_however_often_it_is_sent_at_once(app: Flask, admin: Person) -> None:
    body = {"username": "ngozi", "given_name": "Ngozi", "family_name": "Eze", "sex": "female"}
    token = told(admin.post("/staffs/nurses", body))["setup_token"]
    clients = [app.test_client() for _ in range(8)]
    tokens = [client.get("/auth/getcsrf").json["csrf_token"] for client in clients]  # type: ignore[index]
    answers = at_once(
        [
            partial(
                client.post,
                "/auth/password",
                json={"setup_token": token, "new_password": f"four words number {n}"},
                headers={"X-CSRFToken": csrf},
            )
            for n, (client, csrf) in enumerate(zip(clients, tokens, strict=True))
        ]
    )
    assert statuses(answers)[204] == 1
    assert set(statuses(answers)) <= {204, 409, 422}
    credentials = [{"username": "ngozi", "password": f"four words number {n}"} for n in range(8)]
    entered = [
        client.post(
            "/auth/login", json=body, headers={"X-CSRFToken": csrf}, environ_base={"REMOTE_ADDR": f"10.0.0.{n}"}
        )
        for n, (client, csrf, body) in enumerate(zip(clients, tokens, credentials, strict=True))
    ]
    assert [answer.status_code for answer in entered].count(200) == 1
    assert entered[[answer.status_code for answer in answers].index(204)].status_code == 200


def test_two_administrators_cannot_let_each_other_go(app: Flask, store: Store, admin: Person) -> None:
    with store.session() as session:
        values = {"given_name": "Second", "family_name": "Test", "sex": "female"}
        second = staff_service.add(session, Admin, username="admin2", **values)
        staff_service.set_password(session, second, PASSWORD)
        session.commit()
    for _ in range(4):
        people = [Person(app, "admin"), Person(app, "admin2")]
        pairs = (people, people[::-1])
        answers = at_once(
            [
                partial(one.client.delete, f"/api/v1/staffs/{other.id}", headers={"X-CSRFToken": one.csrf})
                for one, other in pairs
            ]
        )
        found = statuses(answers)
        assert found[204] == 1, "one of them stays, and the hospital has an administrator"
        assert set(found) <= {204, 401, 409}
        left = people[[answer.status_code for answer in answers].index(204)]
        gone = people[1] if left is people[0] else people[0]
        token = told(left.post(f"/staffs/{gone.id}/activate"))["setup_token"]
        with store.session(writes=False) as session:
            assert session.scalar(select(func.count()).where(Staff.role == Role.ADMIN)) == 2
        body = {"setup_token": token, "new_password": PASSWORD}
        headers = {"X-CSRFToken": left.csrf}
        assert left.client.post("/auth/password", json=body, headers=headers).status_code == 204


# --- letting somebody go while they work ---


def test_who_is_let_go_is_out_within_a_second_at_every_server(app: Flask, store: Store, patient: Any) -> None:
    """Two servers over one database: the administrator works at one, the nurse at the other, without a pause."""
    elsewhere = Store(store.settings)
    nurses = [Person(create_app(store=elsewhere), "nurse") for _ in range(4)]
    admin = Person(app, "admin")
    where, last_heard, stop = f"/patients/{patient['id']}/nursenotes", [0.0], threading.Event()
    made: list[str] = []

    def work_on(nurse: Person) -> None:
        while not stop.is_set():
            answer = nurse.client.post(
                f"/api/v1{where}", json={"kind": "progress", "text": "Slept."}, headers={"X-CSRFToken": nurse.csrf}
            )
            assert answer.status_code in (201, 401, 403), answer.text
            if answer.status_code != 201:
                return
            made.append(told(answer)["id"])
            last_heard[0] = max(last_heard[0], real_time.monotonic())

    threads = [threading.Thread(target=work_on, args=(nurse,)) for nurse in nurses]
    for thread in threads:
        thread.start()
    real_time.sleep(0.3)
    assert admin.delete(f"/staffs/{nurses[0].id}", "Left").status_code == 204
    let_go = real_time.monotonic()
    for thread in threads:
        thread.join(timeout=5)
    stop.set()
    elsewhere.close()
    assert made, "they worked until then"
    assert last_heard[0] - let_go < 1.2, "a second, and what was under way"
    author = UUID(nurses[0].id)
    assert rows(store, NurseNote, NurseNote.author_id == author) == len(made), "what was answered is there, and no more"


def test_a_change_of_role_takes_hold_while_they_work(app: Flask, store: Store, patient: Any) -> None:
    elsewhere = Store(store.settings)
    nurse, admin = Person(create_app(store=elsewhere), "nurse"), Person(app, "admin")
    where = f"/api/v1/patients/{patient['id']}/nursenotes"
    note, headers = {"kind": "progress", "text": "Slept."}, {"X-CSRFToken": nurse.csrf}
    assert nurse.client.post(where, json=note, headers=headers).status_code == 201
    assert admin.post(f"/staffs/{nurse.id}/role", {"role": "record_officer"}).status_code == 200
    changed, answer = real_time.monotonic(), nurse.client.post(where, json=note, headers=headers)
    while answer.status_code == 201 and real_time.monotonic() - changed < 5:
        answer = nurse.client.post(where, json=note, headers=headers)
    elsewhere.close()
    assert answer.status_code == 401
    assert real_time.monotonic() - changed < 1.2


# --- the edge of the 24 hours ---


def test_nothing_is_corrected_across_the_edge_of_the_24_hours(work: Work, hands: Hands) -> None:
    """Eight computers correct without a pause while the window closes: before it all are heard, after it none."""
    made = work.make(f"{CHART}/nursenotes/<uuid:id>")
    closes = datetime.fromisoformat(made.shown["locks_at"])
    with time_machine.travel(closes - timedelta(seconds=0.6), tick=True):
        people = hands("nurse", 8)

        def go_on(hand: Person, name: str) -> list[TestResponse]:
            answers = [hand.put(made.at(), {"text": f"{name} 0"})]
            while answers[-1].status_code == 200 and len(answers) < 2_000:
                answers.append(hand.put(made.at(), {"text": f"{name} {len(answers)}"}))
            return answers

        given = at_once([partial(go_on, hand, f"hand {n}") for n, hand in enumerate(people)])
        shown = told(people[0].get(made.at()))
    assert all(answers[-1].status_code == 423 for answers in given)
    heard = [told(answer) for answers in given for answer in answers[:-1]]
    assert shown["version"] == 1 + len(heard)
    assert shown["text"] in {answer["text"] for answer in heard} | {made.shown["text"]}
    assert all(datetime.fromisoformat(answer["updated_at"]) < closes for answer in heard)


# --- everything at once ---


def test_sixteen_people_at_work_are_never_taken_for_one_another(app: Flask, register: Any, store: Store) -> None:
    """Each answer is about the patient asked for and signed by who sent it, and every one that was heard is there."""
    crowd = [register(given_name=f"Patient{'abcdefgh'[n]}") for n in range(8)]
    people = [Person(app, name) for name in ("nurse", "nurse2", "doctor", "doctor2") for _ in range(4)]

    def day(place: int) -> list[tuple[str, str]]:
        person, kept = people[place], []
        for n in range(8):
            patient = crowd[(place + n) % 8]
            shown = told(person.get(f"/patients/{patient['id']}"))
            assert shown["name"] == patient["name"]
            answer = person.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": 60 + place, "pain_0_10": n})
            made = told(answer)
            assert answer.status_code == 201, answer.text
            assert (made["patient_id"], made["author"]["id"]) == (patient["id"], person.id)
            assert (made["pulse_per_min"], made["pain_0_10"]) == (60 + place, n)
            kept.append((made["id"], person.id))
            if n % 3 == 0:
                assert person.post(f"/patients/{patient['id']}/vitals", {"pulse_per_min": -1}).status_code == 422
        return kept

    kept = [pair for pairs in at_once([partial(day, place) for place in range(HANDS)]) for pair in pairs]
    with store.session(writes=False) as session:
        stored = {(str(id), str(author)) for id, author in session.execute(select(VitalSign.id, VitalSign.author_id))}
        told_of = session.scalars(
            select(AuditEvent.record_id).where(AuditEvent.act == Act.CREATE, AuditEvent.record_type == "vital_signs")
        ).all()
    assert stored == set(kept)
    assert Counter(told_of) == Counter(UUID(id) for id, _ in kept)
