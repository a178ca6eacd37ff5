"""Somebody with the password of the database changes the trail, or a record: verification tells what and where."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from hmis.core import audit, clock
from hmis.core.audit import Act, AuditEvent
from hmis.core.config import Settings
from hmis.core.db import lawful
from hmis.core.errors import RecordLocked
from hmis.core.store import Store
from hmis.core.trail import findings
from hmis.core.trail.crosscheck import audited
from hmis.core.trail.findings import Kind, Verification
from hmis.core.trail.keys import KeyRing
from hmis.core.trail.seals import (
    START,
    Anchor,
    Head,
    Seal,
    SealEntry,
    as_stored,
    event_text,
    least_id,
    made_at,
    merkle_root,
    seal,
)
from tests.conftest import SERVER
from tests.core.conftest import Trail, told

FLIPPED = bytes(range(32))
TRAIL_KINDS = {kind.value for kind in Kind if not kind.startswith(("record_", "version_"))}


def of_trail(verification: Verification) -> set[tuple[str, str]]:
    """What was found of events, seals, keys and anchor, the records themselves aside."""
    return {(kind, row) for kind, row in told(verification) if kind in TRAIL_KINDS}


# ---- as we left it


def test_an_untouched_trail_is_clean_and_everything_in_it_was_looked_at(trail: Trail) -> None:
    verification = trail.verify()
    assert verification.clean, verification.findings
    rows = {table: trail.ask(f"SELECT count(*) AS n FROM {table}")[0].n for table in ("audit_events", "audit_seals")}
    assert verification.checked["events"] == rows["audit_events"]
    assert verification.checked["seals"] == verification.checked["anchor lines"] == rows["audit_seals"] == 3
    assert verification.checked["versions"] == trail.ask("SELECT count(*) AS n FROM record_versions")[0].n
    assert verification.checked["records"] == sum(
        trail.ask(f"SELECT count(*) AS n FROM {table}")[0].n for table in audited()
    )


def test_events_of_the_last_minutes_need_no_seal_yet(trail: Trail) -> None:
    trail.measure(99)
    assert trail.verify().clean


def test_a_quick_run_looks_only_at_what_came_since(trail: Trail) -> None:
    trail.time.passes(days=2)
    since = clock.now()
    trail.measure(99)
    trail.seal()
    verification = trail.verify(since=since)
    assert verification.clean, verification.findings
    assert verification.checked == {"events": 1, "seals": 1, "anchor lines": 1, "records": 1, "versions": 0}


# ---- the eight tamperings


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_number", "DOC9999"),
        ("actor_role", "admin"),
        ("act", "read"),
        ("outcome", "refused"),
        ("record_type", "nurse_notes"),
        ("address", "10.9.9.9"),
        ("request_id", "another"),
        ("hashes", "{}"),
        ("hashes", "no json at all"),
        ("occurred_at", "2020-01-01 08:00:00.000000"),
        ("patient_id", FLIPPED[:16]),
        ("record_id", FLIPPED[:16]),
        ("actor_id", None),
        ("session_id", FLIPPED[:16]),
        ("mac", FLIPPED),
    ],
)
def test_1_an_edited_event_is_named(trail: Trail, column: str, value: Any) -> None:
    if SERVER and value == "no json at all":
        pytest.skip("the server refuses what is no JSON")
    target = trail.events(2)[1]
    assert trail.tamper(f"UPDATE audit_events SET {column} = :value WHERE id = :id", value=value, id=target) == 1
    assert of_trail(trail.verify()) == {("edited", target.hex())}


def test_2_a_deleted_event_is_named(trail: Trail) -> None:
    target = trail.events(2)[1]
    trail.tamper("DELETE FROM audit_events WHERE id = :id", id=target)
    assert of_trail(trail.verify()) == {("deleted", target.hex())}


def test_2_an_event_deleted_with_its_entry_leaves_its_place_empty(trail: Trail) -> None:
    target = trail.events(2)[1]
    trail.tamper("DELETE FROM audit_events WHERE id = :id", id=target)
    trail.tamper("DELETE FROM audit_seal_entries WHERE event_id = :id", id=target)
    assert of_trail(trail.verify()) == {("deleted", "2/1")}


def test_2_all_events_of_a_seal_deleted_with_their_entries(trail: Trail) -> None:
    ids = trail.events(2)
    for target in ids:
        trail.tamper("DELETE FROM audit_events WHERE id = :id", id=target)
    trail.tamper("DELETE FROM audit_seal_entries WHERE seal_number = 2")
    assert of_trail(trail.verify()) == {("deleted", f"2/{place}") for place in range(len(ids))}


def copied(trail: Trail, original: bytes, key: bytes) -> None:
    """Put a copy of an event into the table under another id."""
    columns = ", ".join(c.name for c in AuditEvent.__table__.columns if c.name != "id")
    trail.tamper(
        f"INSERT INTO audit_events (id, {columns}) SELECT :key, {columns} FROM audit_events WHERE id = :original",
        key=key,
        original=original,
    )


def test_3_an_inserted_event_is_named(trail: Trail) -> None:
    original = trail.events(2)[1]
    key = original[:-1] + b"\x07"
    copied(trail, original, key)
    assert of_trail(trail.verify()) == {("inserted", key.hex())}
    seal(trail.store)
    assert of_trail(trail.verify()) == {("inserted", key.hex())}, "the sealer vouches for nothing"


def test_3_an_event_inserted_with_an_entry_is_named(trail: Trail) -> None:
    original = trail.events(2)[1]
    key = original[:-1] + b"\x07"
    copied(trail, original, key)
    trail.tamper(
        "INSERT INTO audit_seal_entries (event_id, seal_number, position) VALUES (:key, 2, :place)",
        key=key,
        place=len(trail.events(2)),
    )
    assert ("inserted", key.hex()) in of_trail(trail.verify())


@pytest.mark.parametrize("number", [0, -3, 77])
def test_3_an_event_inserted_into_a_seal_that_never_was_is_noticed(trail: Trail, number: int) -> None:
    original = trail.events(2)[1]
    key = original[:-1] + b"\x07"
    copied(trail, original, key)
    trail.tamper("INSERT INTO audit_seal_entries VALUES (:key, :number, 0)", key=key, number=number)
    wanted = {("cut_off", key.hex())} if number > 3 else {("seal_edited", str(number)), ("edited", key.hex())}
    assert of_trail(trail.verify()) == wanted


def test_4_two_events_that_changed_places_are_named(trail: Trail) -> None:
    first, second = trail.events(2)[:2]
    trail.tamper(
        "UPDATE audit_seal_entries SET position = 1 - position WHERE event_id = :a OR event_id = :b", a=first, b=second
    )
    assert of_trail(trail.verify()) == {("reordered", first.hex()), ("reordered", second.hex())}


def test_4_two_events_that_exchanged_their_ids_are_named(trail: Trail) -> None:
    first, second = trail.events(2)[:2]
    for before, after in ((first, FLIPPED[:16]), (second, first), (FLIPPED[:16], second)):
        trail.tamper("UPDATE audit_events SET id = :after WHERE id = :before", before=before, after=after)
    assert of_trail(trail.verify()) == {("edited", first.hex()), ("edited", second.hex())}


def test_4_an_event_moved_to_another_seal_is_noticed(trail: Trail) -> None:
    target = trail.events(2)[0]
    trail.tamper("UPDATE audit_seal_entries SET seal_number = 3, position = 9 WHERE event_id = :id", id=target)
    found = of_trail(trail.verify())
    assert ("deleted", "2/0") in found
    assert ("reordered", target.hex()) in found


def test_5_a_tail_cut_off_is_noticed_by_the_anchor(trail: Trail) -> None:
    last = trail.events(3)
    for target in last:
        trail.tamper("DELETE FROM audit_events WHERE id = :id", id=target)
    trail.tamper("DELETE FROM audit_seal_entries WHERE seal_number = 3")
    trail.tamper("DELETE FROM audit_seals WHERE number = 3")
    verification = trail.verify()
    assert of_trail(verification) == {("cut_off", "3")}
    assert any(kind == "record_inserted" for kind, _ in told(verification)), "the record it told of stands alone"


def test_5_sealing_goes_on_from_the_anchor_so_the_gap_shows_for_ever(trail: Trail) -> None:
    trail.tamper(
        "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM audit_seal_entries WHERE seal_number >= 2)"
    )
    trail.tamper("DELETE FROM audit_seal_entries WHERE seal_number >= 2")
    trail.tamper("DELETE FROM audit_seals WHERE number >= 2")
    trail.measure(99)
    assert trail.seal() == 1
    assert [row.number for row in trail.ask("SELECT number FROM audit_seals ORDER BY number")] == [1, 4]
    assert of_trail(trail.verify()) == {("cut_off", "2-3")}


def test_5_a_seal_taken_out_of_the_middle_is_noticed_even_without_an_anchor(trail: Trail) -> None:
    trail.tamper("DELETE FROM audit_seals WHERE number = 2")
    trail.store.settings.anchor.unlink()
    assert ("cut_off", "2") in of_trail(trail.verify())


def test_5_seals_deleted_while_their_entries_stay(trail: Trail) -> None:
    trail.tamper("DELETE FROM audit_seals WHERE number = 3")
    found = of_trail(trail.verify())
    assert ("cut_off", "3") in found
    assert {("cut_off", key.hex()) for key in trail.events(3)} < found


def test_6_a_correction_under_a_clock_set_back_is_named(trail: Trail) -> None:
    trail.time.passes(hours=25)
    with pytest.raises(RecordLocked):
        trail.correct(trail.vital_sign_id, 60)
    trail.measure(70)
    trail.seal()
    trail.time.passes(hours=-10)
    trail.correct(trail.vital_sign_id, 60)
    trail.time.passes(hours=10, minutes=5)
    (written,) = trail.ask("SELECT max(id) AS id FROM audit_events WHERE act = 'change'")
    assert of_trail(trail.verify()) == {("unsealed", written.id.hex())}, "it lies behind what the sealer looks at"
    assert seal(trail.store, horizon=None) == 1
    assert of_trail(trail.verify()) == {("clock_set_back", written.id.hex())}


def test_6_a_seal_made_under_a_clock_set_back_is_named_too(trail: Trail) -> None:
    trail.time.passes(hours=25)
    trail.measure(70)
    trail.seal()
    trail.time.passes(hours=-10)
    assert ("clock_set_back", "newest") in of_trail(trail.verify())
    trail.correct(trail.vital_sign_id, 60)
    assert trail.seal() == 1, "events are sealed however the clock goes"
    trail.time.passes(hours=10)
    (written,) = trail.ask("SELECT max(id) AS id FROM audit_events WHERE act = 'change'")
    assert of_trail(trail.verify()) == {("clock_set_back", "5"), ("clock_set_back", written.id.hex())}


def test_6_a_reading_that_waited_in_the_spool_is_no_clock_set_back(trail: Trail) -> None:
    trail.store.tell(trail.doctor, Act.READ, "/api/v1/patients/<patient:patient>", patient_id=trail.patient_id)
    trail.time.passes(hours=3)
    trail.measure(70)
    trail.seal()
    trail.store.spool.move(trail.store.writing)
    assert seal(trail.store, horizon=None) == 1
    assert trail.verify().clean


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sealed_at", "2020-01-01 08:00:00.000000"),
        ("count", 1),
        ("count", 2_000_000_000),
        ("first_id", FLIPPED[:16]),
        ("last_id", FLIPPED[:16]),
        ("root", FLIPPED),
        ("previous", FLIPPED),
        ("head", FLIPPED),
        ("mac", FLIPPED),
    ],
)
def test_7_an_edited_seal_is_named(trail: Trail, column: str, value: Any) -> None:
    quoted = f"`{column}`"
    assert trail.tamper(f"UPDATE audit_seals SET {quoted} = :value WHERE number = 2", value=value) == 1
    assert of_trail(trail.verify()) == {("seal_edited", "2")}


def test_7_a_seal_made_to_fit_an_edited_event_is_named(trail: Trail) -> None:
    target = trail.events(3)[0]
    trail.tamper("UPDATE audit_events SET actor_number = 'DOC9999' WHERE id = :id", id=target)
    with trail.raw.connect() as connection:
        rows = connection.execute(
            select(*as_stored(AuditEvent))
            .join(SealEntry, SealEntry.event_id == AuditEvent.id)
            .where(SealEntry.seal_number == 3)
            .order_by(SealEntry.position)
        ).all()
    root = merkle_root([sha256(b"\x00" + event_text(row) + row.mac).digest() for row in rows])
    trail.tamper("UPDATE audit_seals SET root = :root WHERE number = 3", root=root)
    assert of_trail(trail.verify()) == {("seal_edited", "3"), ("edited", target.hex())}


def test_8_an_exchanged_key_file_is_named(trail: Trail) -> None:
    keys = trail.store.keys
    (keys.folder / f"{keys.current}.key").write_text("ab" * 32)
    trail.store.keys = KeyRing(keys.folder)
    assert ("key_swapped", keys.current) in of_trail(trail.verify())


def test_8_an_event_under_a_key_of_somebody_else_is_named(trail: Trail) -> None:
    target = trail.events(2)[1]
    trail.tamper("UPDATE audit_events SET key_name = 'mine' WHERE id = :id", id=target)
    found = of_trail(trail.verify())
    assert ("key_unknown", target.hex()) in found


def test_8_an_event_that_names_another_key_of_ours_is_named(trail: Trail) -> None:
    trail.time.passes(seconds=1)
    other = KeyRing.new_epoch(trail.store.keys.folder)
    target = trail.events(2)[1]
    trail.tamper("UPDATE audit_events SET key_name = :other WHERE id = :id", other=other, id=target)
    assert of_trail(trail.verify()) == {("edited", target.hex())}


def test_8_a_seal_under_a_key_of_somebody_else_is_named(trail: Trail) -> None:
    trail.tamper("UPDATE audit_seals SET key_name = 'mine' WHERE number = 2")
    assert ("key_unknown", "2") in of_trail(trail.verify())


def test_old_keys_still_verify_what_was_signed_with_them(trail: Trail) -> None:
    trail.time.passes(seconds=1)
    name = KeyRing.new_epoch(trail.store.keys.folder)
    trail.store.keys = KeyRing(trail.store.keys.folder)
    assert trail.store.keys.current == name
    trail.correct(trail.vital_sign_id, 95)
    trail.seal()
    assert {row.key_name for row in trail.ask("SELECT key_name FROM audit_seals")} > {name}
    assert trail.verify().clean


# ---- the anchor


def lines(store: Store) -> list[bytes]:
    return store.settings.anchor.read_bytes().splitlines(keepends=True)


def test_a_crash_between_seal_and_anchor_is_healed_by_the_next_run(trail: Trail) -> None:
    whole = lines(trail.store)
    trail.store.settings.anchor.write_bytes(whole[0])
    assert of_trail(trail.verify()) == {("anchor_behind", "2-3")}
    assert seal(trail.store) == 0
    assert lines(trail.store) == whole


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_line_cut_short_by_a_crash_is_healed_and_no_finding_afterwards(trail: Trail, cut: int) -> None:
    anchor = trail.store.settings.anchor
    anchor.write_bytes(anchor.read_bytes()[:-cut])
    seal(trail.store)
    assert trail.verify().clean
    trail.measure(99)
    trail.seal()
    verification = trail.verify()
    assert verification.clean, verification.findings
    assert verification.checked["anchor lines"] == 4


def test_only_seals_of_ours_reach_the_anchor(trail: Trail) -> None:
    trail.store.settings.anchor.write_bytes(lines(trail.store)[0])
    trail.tamper("UPDATE audit_seals SET root = :root WHERE number = 2", root=FLIPPED)
    seal(trail.store)
    assert [json.loads(line)["number"] for line in lines(trail.store)] == [1, 3]
    assert of_trail(trail.verify()) >= {("seal_edited", "2"), ("anchor_behind", "2")}


def test_an_edited_line_of_the_anchor_is_named(trail: Trail) -> None:
    first, second, third = lines(trail.store)
    trail.store.settings.anchor.write_bytes(first + second.replace(b'"count": ', b'"count": 1') + third)
    assert of_trail(trail.verify()) == {("anchor_edited", "2"), ("anchor_behind", "2")}


def test_a_garbled_line_of_the_anchor_is_noticed(trail: Trail) -> None:
    first, second, third = lines(trail.store)
    trail.store.settings.anchor.write_bytes(first + b"\xff\x00" + second[20:] + third)
    assert of_trail(trail.verify()) == {("anchor_edited", "3"), ("anchor_behind", "2")}


def test_an_anchor_that_cannot_be_written_holds_up_no_seal(trail: Trail) -> None:
    anchor = trail.store.settings.anchor
    kept = anchor.read_bytes()
    anchor.unlink()
    anchor.mkdir()
    trail.measure(99)
    with pytest.raises(OSError, match="anchor"):
        trail.seal()
    anchor.rmdir()
    anchor.write_bytes(kept)
    trail.seal()
    assert len(trail.ask("SELECT number FROM audit_seals")) == len(lines(trail.store)) == 4
    assert trail.verify().clean


# ---- sealing


def test_an_event_that_comes_late_goes_into_the_next_seal(trail: Trail) -> None:
    trail.store.tell(trail.doctor, Act.READ, "/api/v1/patients/<patient:patient>", patient_id=trail.patient_id)
    trail.time.passes(minutes=10)
    trail.measure(99)
    assert trail.seal() == 1
    trail.store.spool.move(trail.store.writing)
    assert seal(trail.store) == 1
    assert trail.events(5)[0] < trail.events(4)[0]
    assert trail.verify().clean


@pytest.mark.parametrize(("age", "sealed"), [(29.9, 0), (30.1, 1)])
def test_an_event_is_sealed_half_a_minute_after_it_was_written(trail: Trail, age: float, sealed: int) -> None:
    trail.measure(99)
    trail.time.passes(seconds=age)
    assert seal(trail.store) == sealed


def test_a_seal_holds_no_more_than_it_may(trail: Trail) -> None:
    for pulse in range(5):
        trail.measure(60 + pulse)
    trail.time.passes(minutes=1)
    assert [seal(trail.store, most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert trail.verify().clean


def test_several_sealers_at_once_make_one_chain(trail: Trail) -> None:
    for pulse in range(30):
        trail.measure(60 + pulse)
    trail.time.passes(minutes=1)
    start = threading.Barrier(4)
    failed: list[Exception] = []

    def work() -> None:
        other = Store(trail.store.settings)
        try:
            start.wait()
            for _ in range(12):
                seal(other, most=3)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            other.close()

    sealers = [threading.Thread(target=work) for _ in range(4)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    while seal(trail.store, most=3):
        pass
    assert not failed
    numbers = [row.number for row in trail.ask("SELECT number FROM audit_seals ORDER BY number")]
    assert numbers == list(range(1, 14))
    verification = trail.verify()
    assert verification.clean, verification.findings


def test_a_seal_put_in_by_somebody_else_stops_no_sealer(trail: Trail) -> None:
    columns = ", ".join(f"`{c.name}`" for c in Seal.__table__.columns if c.name != "number")
    trail.tamper(f"INSERT INTO audit_seals (number, {columns}) SELECT 4, {columns} FROM audit_seals WHERE number = 3")
    trail.measure(99)
    assert trail.seal() == 1
    assert of_trail(trail.verify()) >= {("seal_edited", "4")}
    assert [json.loads(line)["number"] for line in lines(trail.store)] == [1, 2, 3, 5]


def test_an_event_never_sealed_though_old_is_named(trail: Trail) -> None:
    written = trail.measure(99)
    trail.time.passes(minutes=59)
    assert trail.verify().clean
    trail.time.passes(minutes=2)
    (row,) = trail.ask("SELECT id FROM audit_events WHERE record_id = :id", id=written.bytes)
    assert of_trail(trail.verify()) == {("unsealed", row.id.hex())}


# ---- records held against the trail


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("vital_signs", "pulse_per_min", 61),
        ("vital_signs", "weight_kg", 71),
        ("vital_signs", "systolic_mmhg", 120),
        ("vital_signs", "consciousness", "X"),
        ("vital_signs", "news2", '{"total": 0}'),
        ("vital_signs", "created_at", "2099-01-01 00:00:00.000000"),
        ("vital_signs", "taken_at", "2020-01-01 00:00:00.000000"),
        ("vital_signs", "voided_at", "2020-01-01 00:00:00.000000"),
        ("consultations", "plan", "discharge"),
        ("diagnoses", "text", "flu"),
        ("patients", "family_name", "Somebody"),
        ("patients", "born_on", "1950-01-01"),
        ("staff", "password_hash", "stolen"),
        ("staff", "role", "admin"),
    ],
)
def test_a_record_edited_by_sql_is_named_with_its_field(trail: Trail, table: str, column: str, value: Any) -> None:
    (row,) = trail.ask(f"SELECT max(id) AS id FROM {table}")
    trail.tamper(f"UPDATE {table} SET {column} = :value WHERE id = :id", value=value, id=row.id)
    (finding,) = trail.verify().findings
    assert (finding.kind, finding.table, finding.row, finding.field) == (
        Kind.RECORD_EDITED,
        table,
        row.id.hex(),
        column,
    )


def test_a_value_taken_out_by_sql_is_named(trail: Trail) -> None:
    trail.tamper("UPDATE vital_signs SET pulse_per_min = NULL WHERE id = :id", id=trail.vital_sign_id.bytes)
    assert told(trail.verify()) == {("record_edited", trail.vital_sign_id.hex)}


def test_an_earlier_value_put_back_by_sql_is_named(trail: Trail) -> None:
    trail.tamper("UPDATE vital_signs SET pulse_per_min = 80 WHERE id = :id", id=trail.vital_sign_id.bytes)
    assert told(trail.verify()) == {("record_edited", trail.vital_sign_id.hex)}


def test_a_record_put_in_by_sql_is_named(trail: Trail) -> None:
    columns = ", ".join(c.name for c in audited()["vital_signs"].__table__.columns if c.name != "id")
    key = FLIPPED[:16]
    trail.tamper(f"INSERT INTO vital_signs (id, {columns}) SELECT :key, {columns} FROM vital_signs LIMIT 1", key=key)
    assert told(trail.verify()) == {("record_inserted", key.hex())}


def test_a_record_deleted_by_sql_is_named(trail: Trail) -> None:
    (row,) = trail.ask("SELECT id FROM diagnoses")
    trail.tamper("DELETE FROM diagnoses WHERE id = :id", id=row.id)
    assert told(trail.verify()) == {("record_deleted", row.id.hex())}


@pytest.fixture
def version(trail: Trail) -> bytes:
    (row,) = trail.ask("SELECT id FROM record_versions WHERE row_type = 'vital_signs'")
    key: bytes = row.id
    return key


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("values", '{"pulse_per_min": 55}'),
        ("values", "{}"),
        ("replaced_by_id", FLIPPED[:16]),
        ("replaced_at", "2020-01-01 00:00:00.000000"),
    ],
)
def test_an_edited_version_is_named(trail: Trail, version: bytes, column: str, value: Any) -> None:
    trail.tamper(f"UPDATE record_versions SET `{column}` = :value WHERE id = :id", value=value, id=version)
    assert told(trail.verify()) == {("version_edited", version.hex())}


def test_a_deleted_version_is_noticed_at_its_record(trail: Trail, version: bytes) -> None:
    trail.tamper("DELETE FROM record_versions WHERE id = :id", id=version)
    assert told(trail.verify()) == {("version_deleted", trail.vital_sign_id.hex)}


def test_a_version_put_in_by_sql_is_named(trail: Trail, version: bytes) -> None:
    columns = ", ".join(f"`{c}`" for c in ("record_id", "row_type", "row_id", "version", "values", "replaced_at"))
    key = version[:-1] + bytes([version[-1] ^ 1])
    trail.tamper(
        f"INSERT INTO record_versions (id, {columns}) SELECT :key, {columns} FROM record_versions WHERE id = :id",
        key=key,
        id=version,
    )
    verification = trail.verify()
    assert verification.found[Kind.VERSION_INSERTED] == 1


def test_a_version_of_a_row_that_never_was_is_named(trail: Trail, version: bytes) -> None:
    trail.tamper("UPDATE record_versions SET row_id = :other WHERE id = :id", other=FLIPPED[:16], id=version)
    assert told(trail.verify()) == {
        ("version_inserted", version.hex()),
        ("version_deleted", trail.vital_sign_id.hex),
    }


def test_what_is_rounded_by_the_database_is_no_finding(trail: Trail) -> None:
    trail.measure(80, temperature_celsius="37.68", weight_kg=70, height_cm=171.25, oxygen=1)
    verification = trail.verify()
    assert verification.clean, verification.findings


# ---- how it reads and counts


def test_of_many_findings_some_are_listed_and_all_are_counted(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "LISTED", 3)
    trail.tamper("UPDATE audit_events SET outcome = 'x'")
    verification = trail.verify()
    assert verification.found[Kind.EDITED] == trail.ask("SELECT count(*) AS n FROM audit_events")[0].n
    assert sum(finding.kind == Kind.EDITED for finding in verification.findings) == 3


def test_a_finding_says_when_its_row_was_written(trail: Trail) -> None:
    target = trail.events(3)[0]
    trail.tamper("UPDATE audit_events SET outcome = 'x' WHERE id = :id", id=target)
    (finding,) = trail.verify().findings
    (row,) = trail.ask("SELECT id FROM audit_events WHERE id = :id", id=target)
    assert finding.at == made_at(row.id)
    assert finding.table == "audit_events"


def test_whoever_waits_is_told_how_far_it_is(trail: Trail) -> None:
    seen: list[int] = []
    trail.verify(progress=lambda verification: seen.append(verification.checked["events"]))
    assert seen == sorted(seen)
    assert seen[-1] == trail.ask("SELECT count(*) AS n FROM audit_events")[0].n


_words = st.text(st.characters(codec="utf-8"), max_size=16)
_ids = st.none() | st.uuids()


@given(
    words=st.tuples(_words, _words, _words, _words),
    ids=st.tuples(_ids, _ids, _ids, _ids),
    hashes=st.dictionaries(_words, _words, max_size=4),
    act=st.sampled_from(Act),
    at=st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
)
def test_an_event_reads_back_as_the_text_it_was_signed_over(
    words: tuple[str, ...], ids: tuple[Any, ...], hashes: dict[str, str], act: Act, at: datetime
) -> None:
    values = {
        "id": uuid.uuid4(),
        "occurred_at": at,
        "act": act,
        "actor_id": ids[0],
        "actor_number": words[0],
        "actor_role": "nurse",
        "session_id": ids[1],
        "address": words[1],
        "request_id": words[2],
        "patient_id": ids[2],
        "record_type": words[3],
        "record_id": ids[3],
        "outcome": "done",
        "hashes": hashes,
        "key_name": "k",
    }
    raw: list[Any] = [
        value.bytes if isinstance(value, uuid.UUID) else json.dumps(value) if isinstance(value, dict) else value
        for value in values.values()
    ]
    assert [column.key for column in AuditEvent.__table__.columns] == [*values, "mac"]
    for stored_at in (at.strftime("%Y-%m-%d %H:%M:%S.%f"), at.replace(tzinfo=None)):  # SQLite, MariaDB
        raw[1] = stored_at
        assert event_text([*raw, b""]) == audit.canonical(values)


def rfc_6962(leaves: list[bytes]) -> bytes:
    """The definition, word for word: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + rfc_6962(leaves[:split]) + rfc_6962(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_the_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == rfc_6962(leaves)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_ids_are_found_by_their_time(at: datetime) -> None:
    found = made_at(least_id(at).bytes)
    assert found is not None
    assert timedelta(0) <= at - found <= timedelta(milliseconds=1)


def test_a_head_reads_back_from_its_line(tmp_path: Path) -> None:
    keys = KeyRing.ready(tmp_path / "keys")
    bare = Head(7, START, 3, "2026-11-24T08:00:00.000000Z", keys.current)
    head = Head(7, START, 3, bare.sealed_at, keys.current, keys.mac(bare.signed))
    assert Head.read(head.line()) == head
    assert head.genuine(keys)
    assert not bare.genuine(keys)
    anchor = Anchor(tmp_path / "anchor.log", keys)
    anchor.extend([head, head])
    anchor.extend([head])
    assert list(anchor.lines()) == [head]


def test_the_sealer_passes_over_a_row_that_has_no_proper_id(trail: Trail, settings: Settings) -> None:
    if SERVER:
        pytest.skip("the server pads an id that is too short")
    copied(trail, trail.events(2)[0], b"short")
    trail.measure(99)
    trail.time.passes(minutes=1)
    assert seal(trail.store, horizon=None) == 1
    assert of_trail(trail.verify()) == {("inserted", b"short".hex())}


def test_a_million_events_are_no_matter_of_memory(trail: Trail) -> None:
    """A longer trail in small: many batches and windows are walked, and each event is met once."""
    events = [
        audit.event(trail.store.keys, trail.nurse, Act.READ, "/api/v1/patients", patient_id=trail.patient_id)
        for _ in range(12_000)
    ]
    with trail.store.writing.begin() as connection, lawful(connection):
        connection.execute(insert(AuditEvent), events)
    before = trail.ask("SELECT count(*) AS n FROM audit_events")[0].n
    trail.time.passes(minutes=1)
    while seal(trail.store):
        pass
    verification = trail.verify()
    assert verification.clean
    assert verification.checked["events"] == before
