"""The least that could answer the same requests: a Flask view, the driver's own cursor, our own statements.

It signs nobody in, asks no permission, checks no body, computes no score, journals no reading and signs no audit row.
It inserts the audit row all the same, and commits.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import pymysql
from flask import Flask, Response, request
from sqlalchemy import make_url

from bench.recipe import Asked, kept

app = Flask("bare", static_folder=None)
_connection: Any = None


def connection() -> Any:
    """This process's connection, opened at the first request."""
    global _connection
    if _connection is None:
        _connection = _open(os.environ["BENCH_DATABASE_URL"])
    return _connection


def _open(address: str) -> Any:
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        opened = sqlite3.connect(str(url.database), isolation_level=None, timeout=10)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            opened.execute(f"PRAGMA {pragma}")
        return opened
    return pymysql.connect(
        host=url.host,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
        unix_socket=url.query.get("unix_socket"),
        charset="utf8mb4",
        autocommit=True,
    )


def answer(asked: Asked, patient: str | None = None) -> Response:
    """Run the statements of a request, and give what they found as JSON."""
    cursor = connection().cursor()
    writes = asked.method == "POST"
    if writes:
        json.loads(request.get_data())
        cursor.execute("BEGIN IMMEDIATE" if isinstance(_connection, sqlite3.Connection) else "BEGIN")
    found: list[dict[str, Any]] = []
    for statement, values in asked.values(uuid.UUID(patient).bytes if patient else asked.patient):
        cursor.execute(statement, values)
        if cursor.description:
            names = [column[0] for column in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if writes:
        cursor.execute("COMMIT")
    body = json.dumps({"items": found}, default=_plain)
    return Response(body, 201 if writes else 200, content_type="application/json")


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _offer(asked: Asked) -> None:
    path = asked.path.partition("?")[0].replace("{patient}", "<patient>")
    if asked.name == "search by name":
        return  # the list's path; told apart by its question

    def view(patient: str | None = None) -> Response:
        searching = "q" in request.args
        return answer(_BY_NAME["search by name"] if searching else asked, patient)

    app.add_url_rule(path, asked.name, view, methods=[asked.method])


_BY_NAME: dict[str, Asked] = {}
if "BENCH_RECIPE" in os.environ:
    _BY_NAME = {asked.name: asked for asked in kept(Path(os.environ["BENCH_RECIPE"]))}
    for each in _BY_NAME.values():
        _offer(each)
