"""How fast history comes in, beside the driver's executemany of the same rows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Engine, event, select

from bench.recipe import key_of
from hmis.core import history
from hmis.core.access import Actor, Role
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.patients.models import Patient
from hmis.staff.models import Staff
from hmis.staff.service import actor_for
from hmis.vitals.models import VitalSign

ROWS = 2000
ROUNDS = 3
_BEGAN = datetime(2020, 1, 1, 8, tzinfo=UTC)

Inserts = list[tuple[str, Sequence[Any]]]
"""Statements with the values of all their rows."""


def measured(store: Store) -> tuple[float, float]:
    """Sets of vital signs a second, through the door of history and bare: medians of interleaved rounds."""
    ours, bare = [], []
    for number in range(ROUNDS):
        seconds, inserts = _ours(store, number)
        ours.append(ROWS / seconds)
        bare.append(ROWS / _bare(store, inserts))
    return median(ours), median(bare)


def _ours(store: Store, number: int) -> tuple[float, Inserts]:
    """Seconds for one transaction of records with their audit events, and the rows it wrote."""
    inserts: Inserts = []
    with store.session(_administrator(store)) as session:
        patients = session.scalars(select(Patient.id).limit(100)).all()
        nobody_now = Staff.deactivated_at.is_not(None)
        author_id = session.scalars(select(Staff.id).where(Staff.role == Role.NURSE, nobody_now)).first()
        batch = history.open_batch(session, f"bench {number}")
        hear = _listening(store.engine, inserts)
        began = time.perf_counter()
        with history.importing(session, batch.id):
            session.add_all(
                VitalSign(
                    patient_id=patients[n % len(patients)],
                    author_id=author_id,
                    taken_at=_BEGAN + timedelta(minutes=n),
                    pulse_per_min=60 + n % 60,
                    respirations_per_min=12 + n % 12,
                    systolic_mmhg=100 + n % 50,
                    diastolic_mmhg=60 + n % 30,
                    spo2_percent=95 + n % 5,
                    confirmed=False,
                )
                for n in range(ROWS)
            )
        session.commit()
        seconds = time.perf_counter() - began
        event.remove(store.engine, "before_cursor_execute", hear)
    return seconds, inserts


def _listening(engine: Engine, inserts: Inserts) -> Any:
    def hear(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if many and statement.startswith("INSERT"):
            inserts.append((statement, list(values)))

    event.listen(engine, "before_cursor_execute", hear)
    return hear


def _bare(store: Store, inserts: Inserts) -> float:
    """Seconds for the driver alone to write these rows again, after they were taken out."""
    engine = open_engine(store.settings.url)
    connection = engine.raw_connection()
    cursor = connection.cursor()
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    for statement, rows in inserts:
        table = statement.split()[2]
        cursor.executemany(f"DELETE FROM {table} WHERE id = {mark}", [(key_of(statement, row),) for row in rows])
    connection.commit()
    began = time.perf_counter()
    cursor.execute("BEGIN")
    for statement, rows in inserts:
        cursor.executemany(statement, rows)
    connection.commit()
    seconds = time.perf_counter() - began
    connection.close()
    engine.dispose()
    return seconds


def _administrator(store: Store) -> Actor:
    with store.session(writes=False) as session:
        return actor_for(session.fetch(Staff, Staff.username == "admin"))
