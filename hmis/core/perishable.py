"""Rows that are no records and are taken out when they are old."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, select

from hmis.core import answers, clock, jobs
from hmis.core.db import Row
from hmis.core.store import Store

PERISHABLE: dict[str, tuple[str, timedelta]] = {
    answers.StoredAnswer.__tablename__: ("stored_at", answers.KEPT_FOR),
    jobs.JobRun.__tablename__: ("started_at", jobs.KEPT_FOR),
    "failed_sign_ins": ("failed_at", timedelta(days=1)),
}
"""By which column of a table its rows are old, and after how long."""

_MOST = 1000
"""Rows of one transaction; more would hold up a cluster."""


def purge(store: Store) -> int:
    """Take out rows that are older than they are kept; how many."""
    total = 0
    for name, (column, kept_for) in PERISHABLE.items():
        table = Row.metadata.tables[name]
        before: datetime = clock.now() - kept_for
        while True:
            gone = _take_out(store, table, table.c[column] < before)
            total += gone
            if gone < _MOST:
                break
    return total


def _take_out(store: Store, table: Table, old: ColumnElement[bool]) -> int:
    (key,) = table.primary_key.columns
    with store.writing.begin() as connection:
        keys = connection.scalars(select(key).where(old).limit(_MOST)).all()
        if keys:
            connection.execute(delete(table).where(key.in_(keys)))
    return len(keys)
