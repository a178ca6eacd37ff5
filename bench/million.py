"""How lists answer in a hospital with a million patients: `python -m bench.million [--patients N]`, on MariaDB.

The rows are made inside the server, from its table of numbers, and not by the laws: it is a database for measuring,
called hmis_million, and left in place, so that a second run measures at once. Take it away with `DROP DATABASE`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine, make_url, select, text

from bench.__main__ import log_as_served, recreate
from bench.recipe import API, SignedIn, heard
from hmis.app import create_app
from hmis.core import migrate
from hmis.core.config import Settings
from hmis.core.db import lawful, open_engine
from hmis.core.store import Store
from hmis.demo import furnish
from hmis.demo.peoples import PEOPLES
from hmis.people import names
from hmis.staff.models import Staff
from tests.mariadb import answering

AT_ONCE = 20_000
"""Rows made by one statement, each its own transaction."""
TIMES = 9
SLOW_ROWS = 1_000
"""What of a plan is shown: where the server expects to look at more rows of a table than this."""


def main() -> None:
    """Build it where it is not there, then ask."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--patients", type=int, default=1_000_000)
    options.add_argument("--only", default="", help="ask only the questions that begin so")
    given = options.parse_args()
    wanted: int = given.patients
    server = answering()
    if server is None:
        raise SystemExit("no MariaDB answers: name one in HMIS_TEST_DATABASE_URL")
    address = make_url(server).set(database="hmis_million").render_as_string(hide_password=False)
    log_as_served()
    with tempfile.TemporaryDirectory(prefix="hmis-million-") as folder:
        settings = Settings(data_dir=Path(folder), database_url=address, password_memory_kib=8)
        if _there(address) < wanted:
            recreate(address)
            _build(settings, wanted)
        store = Store(settings)
        _ask(store, given.only)
        store.close()


def _there(address: str) -> int:
    """How many patients there are; 0 where there is no such database."""
    server = open_engine(make_url(address).set(database="").render_as_string(hide_password=False))
    with server.connect() as connection:
        found = connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'hmis_million'")
        ).all()
        count = connection.scalar(text("SELECT COUNT(*) FROM hmis_million.patients")) if found else 0
    server.dispose()
    return count or 0


@dataclass(frozen=True)
class Kind:
    """Rows of one table: how many for each patient, and their columns, each computed from the number `seq`."""

    table: str
    each: float
    columns: dict[str, str]
    given: str = "SELECT seq FROM {numbers}"
    """What the columns are computed from."""


def _build(settings: Settings, patients: int) -> None:
    migrate.prepare(settings.url)
    store = Store(settings)
    furnish(store, patients=50)
    with store.session(writes=False) as session:
        staff = {row.username: row.id.hex for row in session.execute(select(Staff.username, Staff.id))}
    drug = _some_drug(store.engine)
    store.close()
    engine = open_engine(settings.url)
    for kind in _kinds(patients, staff, drug):
        began, rows = time.monotonic(), int(patients * kind.each)
        for first in range(1, rows + 1, AT_ONCE):
            _make(engine, kind, first, min(rows, first + AT_ONCE - 1))
        print(f"made {rows:>9,} {kind.table:24}{time.monotonic() - began:6.0f} s", flush=True)
    with engine.begin() as connection, lawful(connection):
        for table in {kind.table for kind in _kinds(patients, staff, drug)}:
            connection.execute(text(f"ANALYZE TABLE {table}"))
    engine.dispose()


def _make(engine: Engine, kind: Kind, first: int, last: int) -> None:
    given = kind.given.format(numbers=f"seq_{first}_to_{last}")
    names_, values = ", ".join(f"`{name}`" for name in kind.columns), ", ".join(kind.columns.values())
    with engine.begin() as connection:
        connection.execute(text("SET SESSION foreign_key_checks = 0, unique_checks = 0"))
        connection.exec_driver_sql(
            f"INSERT IGNORE INTO {kind.table} ({names_}) SELECT {values} FROM ({given}) AS given".replace("%", "%%")
        )


def _some_drug(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text("SELECT HEX(id) FROM drugs WHERE generic_name = 'amlodipine' LIMIT 1")))


def _key(kind: int, number: str = "seq", step: int = 1000) -> str:
    """A key sorted by its number, different for each kind."""
    moment = f"LPAD(HEX(1700000000000 + ({number}) * {step}), 12, '0')"
    return f"UNHEX(CONCAT({moment}, '7{kind:03X}8000', LPAD(HEX({number}), 12, '0')))"


def _chance(what: str, below: int) -> str:
    return f"CRC32(CONCAT('{what}', seq)) % {below}"


def _one_of(place: str, words: list[str]) -> str:
    told = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"ELT({place}, {told})"


def _kinds(patients: int, staff: dict[str, str], drug: str) -> Iterator[Kind]:
    given = _single(word for people in PEOPLES for word in (*people.women, *people.men, *people.muslim_men))
    family = _single(word for people in PEOPLES for word in people.families)
    # The lesser of two chances: some names are common, most are not.
    called = (
        f"SELECT seq, 1 + LEAST({_chance('g', len(given))}, {_chance('h', len(given))}) AS g, "
        f"1 + LEAST({_chance('f', len(family))}, {_chance('e', len(family))}) AS f, "
        f"CONCAT('+234803', LPAD({_chance('p', 10**7)}, 7, '0')) AS phone FROM {{numbers}}"
    )
    made = {"created_at": "NOW(6)", "updated_at": "NOW(6)", "version": "1"}
    nurse, doctor = f"UNHEX('{staff['nurse']}')", f"UNHEX('{staff['doctor']}')"
    former = f"UNHEX('{staff['maryam.lawal']}')"
    patient = _key(1, f"1 + ({_chance('who', patients)})")
    yield Kind(
        "patients",
        1,
        {
            "id": _key(1),
            "hospital_number": "CONCAT('9', LPAD(seq, 8, '0'))",
            "born_precision": "'day'",
            "unknown_identity": "0",
            "emergency": "0",
            "family_folded": _one_of("f", [names.fold(word) for word in family]),
            "given_folded": _one_of("g", [names.fold(word) for word in given]),
            "family_name": _one_of("f", family),
            "given_name": _one_of("g", given),
            "phone": "phone",
            "phone_reversed": "REVERSE(SUBSTR(phone, 2))",
            "sex": "IF(seq % 2, 'female', 'male')",
            "born_on": f"DATE('1940-01-01') + INTERVAL {_chance('born', 31_000)} DAY",
            "address": "CONCAT(seq % 96, ' Hospital Road, Gwagwalada')",
            "state": "'Federal Capital Territory'",
            "lga": "'Gwagwalada'",
            "occupation": "'trader'",
            "next_of_kin_name": "'Somebody at home'",
            "next_of_kin_relation": "'brother'",
            "next_of_kin_phone": "phone",
            **made,
        },
        called,
    )
    for place, words in (("f", family), ("g", given)):
        folded = [names.fold(word) for word in words]
        yield Kind("patient_names", 1, {"word": _one_of(place, folded), "patient_id": _key(1)}, called)
    yield Kind(
        "visits",
        1,
        {
            "id": _key(2),
            "patient_id": patient,
            "clinic": "ELT(1 + seq % 5, 'GOPD', 'Paediatrics', 'Antenatal', 'Eye', 'Dental')",
            "reason": "'Fever for three days'",
            "held_on": f"CURDATE() - INTERVAL 1 + ({patients} - seq) DIV 800 DAY",
            "ticket": "1000 + (seq % 800) DIV 5",
            "state": "'done'",
            "moved_at": "NOW(6)",
            "moved_by_id": nurse,
            "checked_in_by_id": nurse,
            **made,
        },
    )
    meeting = f"NOW(6) - INTERVAL ({patients} - seq) MINUTE"
    yield Kind(
        "consultations",
        1,
        {
            "id": _key(3),
            "patient_id": patient,
            "author_id": f"IF(seq % 10, {former}, {doctor})",
            "occurred_at": meeting,
            "presenting_complaint": "'Fever and headache for three days'",
            "history_of_presenting_complaint": "REPEAT('Fever comes on towards evening with chills. ', 6)",
            "examination": "REPEAT('Febrile, not pale. Chest clear. ', 5)",
            "plan": "'Artemether-lumefantrine for 3 days'",
            **made,
        },
    )
    yield Kind(
        "diagnoses",
        1,
        {
            "id": _key(4),
            "consultation_id": _key(3),
            "rank": "1",
            "text": "'Malaria'",
            "code": "'B50.9'",
            "certainty": "'confirmed'",
            **made,
        },
    )
    yield Kind(
        "vital_signs",
        2,
        {
            "id": _key(5),
            # One patient in a thousand comes for years.
            "patient_id": f"IF(seq % 1000, {patient}, {_key(1, '1 + (seq DIV 1000) % 4')})",
            "author_id": nurse,
            "taken_at": f"NOW(6) - INTERVAL ({patients} * 2 - seq) MINUTE",
            "pulse_per_min": "60 + seq % 60",
            "respirations_per_min": "12 + seq % 12",
            "systolic_mmhg": "100 + seq % 50",
            "diastolic_mmhg": "60 + seq % 30",
            "temperature_celsius": "36.8",
            "confirmed": "0",
            **made,
        },
    )
    yield Kind(
        "prescriptions",
        1,
        {"id": _key(6), "patient_id": patient, "author_id": doctor, "consultation_id": _key(3), **made},
    )
    yield Kind(
        "prescription_progress",
        1,
        {
            "id": _key(7),
            "prescription_id": _key(6),
            "patient_id": patient,
            "consultation_id": _key(3),
            # A few hundred wait today; some of every day were never fetched.
            "state": f"IF(seq > {patients} - 300, 'waiting', IF(seq % 50, 'dispensed', 'partly_dispensed'))",
            "dispensed": "'{}'",
            "moved_at": "NOW(6)",
            **made,
        },
    )
    yield Kind(
        "drug_prescriptions",
        1,
        {
            "id": _key(8),
            "prescription_id": _key(6),
            "drug_id": f"UNHEX('{drug}')",
            "dose": "5",
            "dose_unit": "'mg'",
            "route": "'oral'",
            "frequency": "'od'",
            "as_needed": "0",
            "duration_days": "30",
            "quantity": "30",
            "confirmed": "0",
            **made,
        },
    )
    yield Kind(
        "addenda",
        0.02,
        {
            "id": _key(10),
            "patient_id": patient,
            "author_id": doctor,
            "record_type": "'consultations'",
            "record_id": _key(3, "seq * 50"),
            "kind": "IF(seq % 10, 'late_information', 'entered_in_error')",
            "text": "'Culture: no growth.'",
            **made,
        },
    )
    yield Kind(
        "line_acts",
        0.01,
        {
            "id": _key(11),
            "patient_id": patient,
            "author_id": doctor,
            "line_id": _key(8, "seq * 100"),
            "kind": "'stop'",
            "reason": "'course finished elsewhere'",
            **made,
        },
    )
    yield Kind(
        "audit_events",
        3,
        {
            "id": _key(9),
            "occurred_at": "FROM_UNIXTIME(1700000000 + seq)",
            "act": "IF(seq % 3, 'read', 'create')",
            "actor_id": f"IF(seq % 2, {nurse}, {doctor})",
            "actor_number": "'NRS0001'",
            "actor_role": "'nurse'",
            "address": "'10.0.0.7'",
            "request_id": "MD5(seq)",
            "patient_id": patient,
            "record_type": "'vital_signs'",
            "record_id": _key(5),
            "outcome": "'done'",
            "hashes": "'{}'",
            "key_name": "'bench'",
            "mac": "REPEAT('m', 32)",
        },
    )


def _single(words: Iterator[str]) -> list[str]:
    return sorted({word for word in words if " " not in names.fold(word) and "'" not in word})


def _ask(store: Store, only: str) -> None:
    app = create_app(store=store)
    people = {username: SignedIn(app, username) for username in ("nurse", "doctor", "pharmacist", "admin")}
    print(f"\n{'':44}{'ms':>8}{'most':>8}   plan")
    for title, who, path in _questions(store, people["nurse"]):
        if not title.startswith(only):
            continue
        with heard(store.engine) as statements:
            people[who].send("GET", f"{API}{path}")
        taken = [_timed(people[who], path) for _ in range(TIMES)]
        plans = [plan for statement, values in statements for plan in _plan(store.engine, statement, values)]
        print(f"{title:44}{median(taken):8.1f}{max(taken):8.1f}   {'; '.join(plans)}", flush=True)


def _timed(who: SignedIn, path: str) -> float:
    """Milliseconds through the whole application, without a network."""
    began = time.perf_counter()
    who.send("GET", f"{API}{path}")
    return (time.perf_counter() - began) * 1000


def _questions(store: Store, nurse: SignedIn) -> Iterator[tuple[str, str, str]]:
    with store.engine.connect() as connection:
        often = _hex(
            connection, "SELECT HEX(patient_id) FROM vital_signs GROUP BY patient_id ORDER BY COUNT(*) DESC LIMIT 1"
        )
        phone, born_on = connection.execute(
            text("SELECT phone, born_on FROM patients WHERE id = UNHEX(:id)"), {"id": often}
        ).one()
        number = connection.scalar(text("SELECT hospital_number FROM patients WHERE hospital_number < '9' LIMIT 1"))
        day = connection.scalar(text("SELECT held_on FROM visits ORDER BY id DESC LIMIT 1 OFFSET 2000"))
        doctor, nurse_number = (
            connection.scalar(text("SELECT staff_number FROM staff WHERE username = :name"), {"name": name})
            for name in ("doctor", "nurse")
        )
    last = names.fold(PEOPLES[0].families[0])
    after = nurse.send("GET", f"{API}/patients?limit=200")["next"]
    found = nurse.send("GET", f"{API}/patients?q=a&limit=200")["next"]
    yield "patients, all by name", "nurse", "/patients"
    yield "patients, a later page", "nurse", f"/patients?cursor={after}"
    yield "search: one common word", "nurse", f"/patients?q={last}"
    yield "search: one rare word", "nurse", "/patients?q=mngusuul"
    yield "search: two words", "nurse", f"/patients?q=musa+{last}"
    yield "search: two words, both begun", "nurse", "/patients?q=mu+ab"
    yield "search: one letter", "nurse", "/patients?q=a"
    yield "search: one letter, a later page", "nurse", f"/patients?q=a&cursor={found}"
    yield "search: two letters", "nurse", "/patients?q=a+b"
    yield "search: nobody has it", "nurse", f"/patients?q=zzz+{last}"
    yield "search: a name and a word nobody has", "nurse", f"/patients?q={last}+zzz"
    yield "search: end of a phone, 4 digits", "nurse", f"/patients?q={phone[-4:]}"
    yield "search: end of a phone, 7 digits", "nurse", f"/patients?q={phone[-7:]}"
    yield "search: phone field", "nurse", f"/patients?phone={phone[-5:]}"
    yield "search: hospital number", "nurse", f"/patients?q={number}"
    yield "search: birth date", "nurse", f"/patients?q={born_on}"
    yield "search: birth date field", "nurse", f"/patients?born_on={born_on}"
    yield "search: birth date and a name", "nurse", f"/patients?born_on={born_on}&q={last}"
    yield "one patient, by key", "nurse", f"/patients/{_uuid(often)}"
    yield "one patient, by number", "nurse", f"/patients/{number}"
    yield "vital signs of a patient with hundreds", "nurse", f"/patients/{_uuid(often)}/vitals"
    yield "consultations of a patient", "doctor", f"/patients/{_uuid(often)}/consultations"
    yield "prescriptions of a patient", "doctor", f"/patients/{_uuid(often)}/prescriptions"
    yield "visits of a patient", "nurse", f"/patients/{_uuid(often)}/visits"
    yield "chart of a patient", "doctor", f"/patients/{_uuid(often)}/chart"
    yield "timeline of a patient", "doctor", f"/patients/{_uuid(often)}/timeline"
    yield "visits of a day", "nurse", f"/visits?on={day}"
    yield "visits of a day and clinic", "nurse", f"/visits?on={day}&clinic=GOPD"
    yield "visits of a day, still open", "nurse", f"/visits?on={day}&state=open"
    yield "pharmacy: open", "pharmacist", "/prescriptions"
    yield "pharmacy: waiting", "pharmacist", "/prescriptions?state=waiting"
    yield "pharmacy: dispensed", "pharmacist", "/prescriptions?state=dispensed"
    yield "consultations of a doctor", "doctor", f"/staffs/doctors/{doctor}/consultations"
    yield "prescriptions of a doctor", "doctor", f"/staffs/doctors/{doctor}/prescriptions"
    yield "vital signs by a nurse", "nurse", f"/staffs/nurses/{nurse_number}/vitals"
    yield "audit, newest", "admin", "/audit"
    yield "audit of a patient", "admin", f"/audit?patient={_uuid(often)}"
    yield "audit of a member of staff", "admin", f"/audit?actor={doctor}"
    yield "audit of a day", "admin", "/audit?since=2023-11-20T00:00:00Z&until=2023-11-21T00:00:00Z"
    yield "audit of an act", "admin", "/audit?act=export"
    yield "stats", "nurse", "/stats"


def _hex(connection: Connection, question: str) -> str:
    return str(connection.scalar(text(question)))


def _uuid(key: str) -> str:
    return "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:])).lower()


def _plan(engine: Engine, statement: str, values: Any) -> Iterator[str]:
    """What is worth a look in the plan of a statement: tables of which many rows are looked at, and by which index."""
    if not statement.lstrip().upper().startswith("SELECT"):
        return
    with engine.connect() as connection:
        steps = connection.exec_driver_sql(
            f"EXPLAIN {statement}", values if isinstance(values, dict) else tuple(values)
        )
        for step in steps.mappings():
            rows = int(step["rows"] or 0)
            if rows > SLOW_ROWS:
                sorting = "sorted" if "filesort" in (step["Extra"] or "") else ""
                yield f"{step['table']} by {step['key'] or 'no index'}, {rows:,} rows {sorting}".strip()


if __name__ == "__main__":
    main()
