"""What the live hospital shows while a copy is made, and whether a restored one shows the same.

The hashes of charts are taken from the live database when the copy is made, not when it is proven: by then people
have gone on writing, and nobody could tell what the screens showed before.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, func, inspect, select, text

from hmis.charts import service as charts
from hmis.charts import timeline
from hmis.charts.schemas import ChartOut, EntryOut, TimelineQuery
from hmis.core import clock
from hmis.core.access import Actor, Role
from hmis.core.db import HospitalSession
from hmis.core.guard import guarded_tables
from hmis.core.store import Store
from hmis.core.trail.seals import Seal
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.tables import Row
from hmis.upkeep.manifest import Evidence, Rows, SealHead

CHARTS = 20
_READER = Actor(uuid.UUID(int=0), "", "whoever looks after the backups", Role.DOCTOR)
"""Sees what a doctor sees. Renders for a hash alone, so no chart is shown to anybody."""


def counted(connection: Connection) -> dict[str, int]:
    """How many rows each table has; those of a table that this database lacks are not told."""
    there = set(inspect(connection).get_table_names())
    return {
        name: connection.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Row.metadata.tables.items()
        if name in there
    }


def some_patients(connection: Connection) -> list[uuid.UUID]:
    """Twenty patients by chance, or as many as there are."""
    everybody = connection.scalars(select(Patient.id).where(Patient.set_aside_at.is_(None))).all()
    return random.sample(everybody, min(CHARTS, len(everybody)))


def rendered(store: Store, connection: Connection, whose: Sequence[uuid.UUID], at: datetime) -> dict[str, str]:
    """The hash of each chart and of the newest page of its timeline, as the screen showed them at that instant."""
    with clock.stopped_at(at), HospitalSession(connection, _READER, store) as session:
        return {str(patient_id): _hash(session, patient_id) for patient_id in whose}


def newest_seal(connection: Connection) -> SealHead | None:
    """The end of the audit's chain in this database."""
    found = connection.execute(select(Seal.number, Seal.head).order_by(Seal.number.desc()).limit(1)).one_or_none()
    return found and SealHead(number=found.number, head=found.head.hex())


def form(store: Store) -> str:
    """What a chart looks like in this release and place: hashes are comparable where this is the same."""
    schemas = [model.model_json_schema(mode="serialization") for model in (ChartOut, EntryOut)]
    return sha256(json.dumps([schemas, store.settings.time_zone], sort_keys=True).encode()).hexdigest()


def evidence(
    store: Store, before: dict[str, int], after: dict[str, int], charts_: dict[str, str], seal: SealHead | None
) -> Evidence:
    """All of it together."""
    rows = {name: Rows(before=count, after=after[name]) for name, count in before.items()}
    return Evidence(rows=rows, charts=charts_, rendered_by=form(store), seal=seal)


def miscounted(told: Evidence, found: dict[str, int], *, exact: bool, rolled_forward: bool) -> list[str]:
    """Tables whose rows are not as many as they have to be, each in a sentence.

    Records only ever grow in number, so a copy made while people write lies between two counts. Sessions, drafts and
    kept answers come and go: they are held to a number only where the counts are `exact`, of the moment of the copy.
    A copy that was `rolled_forward` may have more.
    """
    wrong = []
    for name, rows in told.rows.items():
        if not exact and name not in guarded_tables():
            continue
        count = found.get(name)
        if count is None:
            wrong.append(f"the table {name} is missing")
        elif count < rows.before or (count > rows.after and not rolled_forward):
            wanted = f"{rows.before:,}" if exact else f"{rows.before:,} to {rows.after:,}"
            wrong.append(f"{name} has {count:,} rows, and had {wanted}")
    return wrong


def revision_of(connection: Connection) -> str:
    """The last migration this database had; empty where it had none."""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _hash(session: HospitalSession, patient_id: uuid.UUID) -> str:
    ref = PatientRef(patient_id)
    shown = charts.chart(session, ref).model_dump_json()
    page = timeline.of_patient(session, ref, TimelineQuery())
    happened = "".join(entry.model_dump_json() for entry in page.items)
    return sha256(f"{shown}\n{happened}".encode()).hexdigest()
