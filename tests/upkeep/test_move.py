"""From SQLite to MariaDB by one command: every row there as it was, and the old house untouched."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from flask import Flask

from hmis.core.access import Role
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.upkeep import Refused, sqlite
from hmis.upkeep.move import compare, move
from tests.conftest import Person
from tests.everything import KINDS, Work
from tests.upkeep.conftest import Server, seal
from tests.upkeep.test_backup import patients_in

ODD_NAME = "O'Brien-Ẹ́ọ̀ṣun"
ODD = "Ẹ́ọ̀ṣun said: “37,5 °C” 🩺 \\ ' \" %s {} — \n\ttwo  spaces, and one behind "


def test_every_row_arrives_as_it_was_and_what_did_not_would_be_named(
    server: Server,
    app: Flask,
    store: Store,
    sign_in: Callable[[Role | str], Person],
    register: Callable[..., Any],
    log: io.StringIO,
) -> None:
    work = Work(sign_in)
    for path in KINDS:
        work.make(path)
    nurse, notes = sign_in("nurse"), f"/patients/{register(family_name=ODD_NAME)['id']}/nursenotes"
    made: Any = nurse.post(notes, {"kind": "handover", "text": ODD})
    assert made.status_code == 201, made.text
    note = f"{notes}/{made.json['id']}"
    assert nurse.put(note, {"text": ODD + ODD}).status_code == 200  # so that a version with JSON is there
    shown = nurse.get(note).json
    seal(store)

    target = server.database("new_house")
    with pytest.raises(Refused, match="stop the server first"):
        move(store.settings, target)
    store.close()
    with pytest.raises(Refused, match="nothing was moved, and nothing is in the target"):
        move(store.settings, "mysql+pymysql://root@127.0.0.1:1/nobody")
    before = everything_in(store.settings)
    log.truncate(0)
    moved = move(Settings(**{**store.settings.model_dump(), "slow_query_ms": 1}), target)
    assert "slow_statement" not in log.getvalue(), "reading all of it takes long, and is no fault"
    assert moved.audit.clean, moved.audit.findings
    assert everything_in(store.settings) == before, "the old house is as it was"

    new = Settings(**{**store.settings.model_dump(), "database_url": target})
    assert patients_in(new) == patients_in(store.settings)
    app.extensions["hmis"].store = opened = Store(new)
    again = sign_in("nurse")
    again.sign_in()
    assert again.get(note).json == shown
    opened.close()

    with pytest.raises(Refused, match="the target is not empty"):
        move(store.settings, target)
    here, there = open_engine(store.settings.url), open_engine(target)
    with here.connect() as source, there.begin() as connection:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        for spoilt in SPOILT:
            assert connection.exec_driver_sql(spoilt).rowcount > 0, spoilt
        connection.commit()
        told = "\n".join(compare(source, there, moved.rows))
    here.dispose()
    there.dispose()
    for said in (
        r"patients [0-9a-f-]{36}: its family_name is another",
        r"record_versions [0-9a-f-]{36}: its values is another",
        r"vital_signs [0-9a-f-]{36}: its taken_at is another",
        r"nurse_notes [0-9a-f-]{36} is missing",
        r"staff_numbers has \d+ rows instead of \d+",
    ):
        assert re.search(said, told), said


SPOILT = (
    "UPDATE patients SET family_name = CONCAT(family_name, ' ')",
    "UPDATE record_versions SET `values` = CONCAT(`values`, ' ')",
    "UPDATE vital_signs SET taken_at = taken_at + INTERVAL 1 MICROSECOND",
    "DELETE FROM nurse_notes",
    "INSERT INTO staff_numbers VALUES ('XYZ', 1)",
)
"""What a careless copy might do: a space behind a name, JSON made anew, a rounded time, rows lost and rows made up."""


def everything_in(settings: Settings) -> str:
    with closing(sqlite3.connect(sqlite.file_of(settings.url))) as connection:
        return "\n".join(connection.iterdump())
