"""The wall at the engine: whatever way a statement is written, records change through their own rules alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, insert, inspect, select, text, update
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hmis.core import clock
from hmis.core.answers import StoredAnswer
from hmis.core.audit import AuditEvent
from hmis.core.columns import new_id
from hmis.core.db import LAWFUL, BaseModel, lawful
from hmis.core.guard import UnlawfulStatement, guarded_tables, offence
from hmis.core.records import RecordVersion
from hmis.core.store import Store
from hmis.core.trail.seals import Seal, SealEntry
from hmis.patients.models import Patient
from hmis.tables import Row
from hmis.vitals.models import VitalSign
from tests.conftest import SERVER
from tests.core.conftest import Trail

TABLES = frozenset({"vital_signs", "audit_events", "patients", "staff"})

OFFENCES = [
    "UPDATE vital_signs SET pulse_per_min = 1",
    "update vital_signs set pulse_per_min = 1",
    "DELETE FROM audit_events",
    "INSERT INTO vital_signs VALUES (1)",
    "REPLACE INTO vital_signs VALUES (1)",
    "REPLACE vital_signs (id) VALUES (1)",
    "INSERT OR REPLACE INTO vital_signs VALUES (1)",
    "INSERT INTO vital_signs SELECT * FROM elsewhere",
    "INSERT INTO elsewhere (id) VALUES (1); DELETE FROM vital_signs",
    "INSERT INTO elsewhere (id) VALUES (1) ON DUPLICATE KEY UPDATE id = (SELECT 1 FROM vital_signs)",
    "UPDATE elsewhere, vital_signs SET pulse_per_min = 1",
    "DELETE v FROM elsewhere e JOIN vital_signs v ON v.id = e.id",
    "TRUNCATE vital_signs",
    "TRUNCATE TABLE vital_signs",
    "DROP TABLE vital_signs",
    "CREATE TABLE elsewhere (id INT)",
    "/* */ DROP TABLE IF EXISTS elsewhere",
    "ALTER TABLE stored_answers ADD COLUMN more INT",
    "CREATE UNIQUE INDEX quick ON stored_answers (status)",
    "ALTER TABLE vital_signs ADD x INT",
    "RENAME TABLE vital_signs TO v",
    "CREATE TRIGGER t AFTER INSERT ON vital_signs BEGIN SELECT 1; END",
    "CREATE VIEW v AS SELECT * FROM vital_signs",
    "LOAD DATA INFILE '/x' INTO TABLE vital_signs",
    "LOCK TABLES vital_signs WRITE",
    # names
    "UPDATE `vital_signs` SET pulse_per_min = 1",
    'UPDATE "vital_signs" SET pulse_per_min = 1',
    "UPDATE [vital_signs] SET pulse_per_min = 1",
    "UPDATE 'vital_signs' SET pulse_per_min = 1",  # SQLite takes a text for a name
    "UPDATE main.vital_signs SET pulse_per_min = 1",
    "UPDATE `hmis`.`vital_signs` SET pulse_per_min = 1",
    "UPDATE\tVITAL_SIGNS\nSET pulse_per_min = 1",
    # comments
    "/* only reading */ DELETE FROM audit_events",
    "-- only reading\nDELETE FROM audit_events",
    "# only reading\nDELETE FROM audit_events",
    "/**/UPDATE/**/vital_signs/**/SET pulse_per_min = 1",
    "/*! UPDATE vital_signs SET pulse_per_min = 1 */",
    "/*!50000 UPDATE */ vital_signs SET pulse_per_min = 1",
    "/*M! UPDATE vital_signs SET pulse_per_min = 1 */",
    "/*M!100000 DELETE FROM vital_signs */",
    "/* select */ /*! DELETE FROM vital_signs */",
    "SELECT 1 /*! ; DELETE FROM vital_signs */",
    "/*! SELECT 1 */; DELETE FROM vital_signs",
    # several statements
    "SELECT 1; DELETE FROM vital_signs",
    "SELECT 1 FROM vital_signs; CREATE TABLE x AS SELECT 1",
    "SELECT 1 # it's\n; update vital_signs set pulse_per_min = 'x'",
    "SELECT 1 -- it's\n; update vital_signs set pulse_per_min = 'x'",
    # quotes and escapes that the databases read in different ways
    r"WITH a AS (SELECT '\') UPDATE vital_signs SET note = 'x'",
    r"WITH a AS (SELECT '\\\') UPDATE vital_signs SET note = 'x'",
    'WITH a AS (SELECT "\'") UPDATE vital_signs SET note = "\'"',
    "WITH a AS (SELECT '''') UPDATE vital_signs SET pulse_per_min = 1",
    "WITH a AS (SELECT 5--1)\nUPDATE vital_signs SET pulse_per_min = 1\n",
    # behind something that looks like reading
    "WITH a AS (SELECT 1) UPDATE vital_signs SET pulse_per_min = 1",
    "WITH a AS (SELECT 1) DELETE FROM vital_signs",
    "WITH a AS (SELECT 1)INSERT INTO vital_signs SELECT * FROM a",
    "WITH a AS (SELECT 1) REPLACE INTO vital_signs SELECT * FROM a",
    "EXPLAIN ANALYZE DELETE FROM vital_signs",
    "ANALYZE UPDATE vital_signs SET pulse_per_min = 1",
    "SET STATEMENT max_statement_time = 9 FOR UPDATE vital_signs SET pulse_per_min = 1",
    "SET STATEMENT max_statement_time = 9 FOR DELETE FROM vital_signs",
    "BEGIN NOT ATOMIC UPDATE vital_signs SET pulse_per_min = 1; END",
    "SELECT pulse_per_min INTO OUTFILE '/x' FROM vital_signs",
    "DO (SELECT 1 FROM vital_signs)",
    # whatever it names is told later
    "PREPARE s FROM @statement",
    "EXECUTE s",
    "EXECUTE IMMEDIATE CONCAT('DELETE FROM vital', '_signs')",
    "CALL change_them()",
    "{call change_them()}",
    # the schema itself
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_master SET sql = ''",
    "UPDATE sqlite_schema SET sql = ''",
]

HARMLESS = [
    "SELECT * FROM vital_signs",
    "  SELECT pulse_per_min FROM vital_signs WHERE id = ? FOR UPDATE",
    "SELECT pulse_per_min FROM vital_signs WHERE id = %s FOR UPDATE SKIP LOCKED",
    "SELECT pulse_per_min FROM vital_signs WHERE id = %s FOR UPDATE NOWAIT",
    "SELECT v.id FROM vital_signs v FOR UPDATE OF v",
    "SELECT v.id FROM vital_signs AS v FOR UPDATE WAIT 3;",
    "SELECT v.id FROM vital_signs v LOCK IN SHARE MODE",
    "SELECT replace(name, 'a', 'b') FROM patients",
    "SELECT REPLACE (name, 'a', 'b'), INSERT(name, 1, 1, 'x'), TRUNCATE(1.5, 0) FROM patients",
    "(SELECT 1 FROM vital_signs) UNION ALL (SELECT 2 FROM patients)",
    "/* who asks: the ward list */ SELECT * FROM patients",
    "WITH newest AS (SELECT max(id) AS id FROM vital_signs) SELECT * FROM newest JOIN vital_signs USING (id)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n, patients;",
    "SELECT updated_at, deleted, created_at, call_sign FROM patients",
    "EXPLAIN QUERY PLAN SELECT * FROM patients",
    "SHOW CREATE TABLE `vital_signs`",
    "DESCRIBE vital_signs",
    'PRAGMA main.table_xinfo("vital_signs")',
    "INSERT INTO stored_answers (place, staff_id) VALUES (?, ?)",
    "UPDATE sign_ins SET seen_at = ? WHERE staff_id = ?",
    "DELETE FROM stored_answers WHERE place IN (?, ?)",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "SAVEPOINT sa_savepoint_1",
    "SET SESSION innodb_lock_wait_timeout = 5",
]


@pytest.mark.parametrize("statement", OFFENCES)
def test_no_way_of_writing_it_gets_a_change_past_the_wall(statement: str) -> None:
    assert offence(statement, TABLES) is not None


@pytest.mark.parametrize("statement", HARMLESS)
def test_reading_and_other_tables_pass(statement: str) -> None:
    assert offence(statement, TABLES) is None


def test_nothing_changed_where_the_wall_refused(trail: Trail) -> None:
    question = "SELECT id, pulse_per_min, version FROM vital_signs ORDER BY id"
    before = trail.ask(question)
    for statement in OFFENCES:
        with trail.store.engine.begin() as connection:
            try:
                connection.exec_driver_sql(statement.replace("%", "%%") if SERVER else statement)
            except UnlawfulStatement:
                continue
            pytest.fail(f"went through: {statement}")
    assert trail.ask(question) == before


VITALS: Any = VitalSign.__table__
EVENTS: Any = AuditEvent.__table__

CORE: list[Callable[[], Any]] = [
    lambda: update(VitalSign).values(pulse_per_min=1),
    lambda: update(VITALS).values(pulse_per_min=1),
    lambda: delete(VitalSign),
    lambda: delete(EVENTS),
    lambda: delete(RecordVersion),
    lambda: delete(Seal),
    lambda: update(SealEntry).values(position=0),
    lambda: insert(VITALS).values(id=new_id(), pulse_per_min=1),
    lambda: insert(VITALS).from_select(["id"], select(Patient.id)),
    lambda: mysql.insert(VITALS).values(id=new_id()).on_duplicate_key_update(pulse_per_min=1),
    lambda: text("UPDATE vital_signs SET pulse_per_min = :x").bindparams(x=1),
    lambda: update(VitalSign).values(pulse_per_min=1).prefix_with("/* harmless */"),
]


@pytest.mark.parametrize("number", range(len(CORE)))
@pytest.mark.parametrize("writes", [True, False])
def test_core_statements_meet_it_on_every_engine_and_session(trail: Trail, number: int, writes: bool) -> None:
    if not SERVER and number == 9:
        pytest.skip("MariaDB's own INSERT")
    statement = CORE[number]()
    engine = trail.store.writing if writes else trail.store.engine
    with pytest.raises(UnlawfulStatement), engine.begin() as connection:
        connection.execute(statement)
    with pytest.raises(UnlawfulStatement), trail.store.session(trail.nurse, writes=writes) as session:
        session.execute(statement)


BULK: list[Callable[[Session], Any]] = [
    lambda session: session.execute(insert(VitalSign), [{"id": new_id(), "pulse_per_min": 1}]),
    lambda session: session.execute(update(VitalSign), [{"id": new_id(), "version": 1, "pulse_per_min": 1}]),
    lambda session: session.bulk_insert_mappings(inspect(VitalSign), [{"id": new_id(), "pulse_per_min": 1}]),
    lambda session: session.bulk_update_mappings(inspect(VitalSign), [{"id": new_id(), "version": 1}]),
    lambda session: session.bulk_save_objects([VitalSign(pulse_per_min=1)]),
    lambda session: session.query(VitalSign).delete(),
    lambda session: session.query(VitalSign).update({"pulse_per_min": 1}),
]


@pytest.mark.parametrize("number", range(len(BULK)))
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_bulk_operations_of_the_orm_meet_it(trail: Trail, number: int) -> None:
    with pytest.raises(UnlawfulStatement), trail.store.session(trail.nurse) as session:
        BULK[number](session)


def test_a_session_of_sqlalchemys_own_meets_it(trail: Trail) -> None:
    with Session(trail.store.writing) as session:
        taken = session.get(VitalSign, trail.vital_sign_id)
        assert taken is not None
        taken.pulse_per_min = 1
        with pytest.raises(UnlawfulStatement):
            session.commit()


def test_every_record_version_event_and_seal_is_guarded(store: Store) -> None:
    guarded = guarded_tables()
    assert {"audit_events", "audit_seals", "audit_seal_entries", "record_versions", "vital_signs", "staff"} <= guarded
    models = {m.class_ for m in Row.registry.mappers if issubclass(m.class_, BaseModel)}
    assert {model.__tablename__ for model in models} <= guarded
    assert StoredAnswer.__tablename__ not in guarded


def test_no_column_is_named_like_a_change(store: Store) -> None:
    """Else every reading of its table would be refused."""
    for table in Row.metadata.tables.values():
        statement = str(select(table).with_for_update())
        assert offence(statement, guarded_tables()) is None, statement


LATE = """
import sys
from hmis.core.config import Settings
from hmis.core.guard import UnlawfulStatement
from hmis.core.store import Store
from sqlalchemy import text
store = Store(Settings(data_dir=sys.argv[1]))
assert store.answers()
import hmis.tables
try:
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM vital_signs"))
except UnlawfulStatement:
    print("refused")
"""


def test_a_domain_imported_after_the_engine_was_opened_is_guarded_too(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HMIS_")}
    done = subprocess.run(
        [sys.executable, "-c", LATE, str(tmp_path)], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "refused\n"


def test_reading_still_works_in_every_way(trail: Trail) -> None:
    with trail.store.session(trail.nurse) as session:
        one = session.scalars(select(VitalSign).where(VitalSign.id == trail.vital_sign_id).with_for_update()).one()
        assert one.pulse_per_min == 90
        newest = select(func.max(VitalSign.taken_at).label("at")).cte("newest")
        assert session.execute(select(newest.c.at)).scalar_one() <= clock.now()
        assert session.scalars(select(func.replace(Patient.given_name, "Chin", "X"))).one() == "Xedu"
    assert "vital_signs" in inspect(trail.store.engine).get_table_names()
    assert inspect(trail.store.engine).get_columns("vital_signs")


def test_a_door_opened_for_one_statement_closes_behind_it(trail: Trail) -> None:
    change = text("UPDATE vital_signs SET pulse_per_min = pulse_per_min")
    with trail.store.writing.begin() as connection:
        with lawful(connection):
            with lawful(connection):
                connection.execute(change)
            connection.execute(change)
        with pytest.raises(UnlawfulStatement):
            connection.execute(change)
    with pytest.raises(ZeroDivisionError), trail.store.writing.begin() as connection, lawful(connection):
        raise ZeroDivisionError
    with pytest.raises(UnlawfulStatement), trail.store.writing.begin() as connection:
        connection.execute(change)


def test_a_connection_that_breaks_says_why(raw: Engine) -> None:
    with pytest.raises(DBAPIError) as refused, raw.connect() as connection, lawful(connection):
        try:
            connection.execute(text("SELECT nothing_of_that_name"))
        finally:
            connection.invalidate()
    assert "nothing_of_that_name" in str(refused.value)
    with raw.connect() as connection:
        assert not connection.info.get(LAWFUL)
