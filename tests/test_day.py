"""The day of docs/a_day.py, lived on the database under test; at its end the audit is verified, and the log searched
for what was typed.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask

from hmis.consultations import codes
from hmis.core.store import Store
from hmis.core.trail.seals import seal_all
from hmis.core.trail.verify import verify
from tests.conftest import PASSWORD


@pytest.fixture(scope="module")
def a_day() -> ModuleType:
    spec = importlib.util.spec_from_file_location("a_day", Path(__file__).parent.parent / "docs" / "a_day.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["a_day"] = module
    spec.loader.exec_module(module)
    return module


class Overheard:
    """The application, and every word that a person or a screen sent to it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.words: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        sent = {*_leaves(json.loads(body or b"null")), *dict(parse_qsl(environ["QUERY_STRING"])).values()}
        self.words |= sent | set(re.findall(r"[0-9a-f-]{36}|\d{9}", environ["PATH_INFO"]))
        return self.app(environ, start_response)

    def personal(self) -> set[str]:
        """What was sent without the words of our own lists (`waiting`) and what is too short to be told apart."""
        return {word for word in self.words if len(word) >= 5 and not re.fullmatch(r"[a-z_]+", word)}


def _leaves(body: Any) -> set[str]:
    if isinstance(body, dict | list):
        return {leaf for part in (body.values() if isinstance(body, dict) else body) for leaf in _leaves(part)}
    return {body} if isinstance(body, str) else set()


def test_five_people_live_a_day_and_the_next(
    a_day: ModuleType, app: Flask, store: Store, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    with store.session() as session:
        codes.load_codes(session)
        session.commit()
    overheard = Overheard(app)
    with a_day.serving(overheard) as url, a_day.moving_time() as tomorrow:
        a_day.live(url, PASSWORD, tomorrow)
    store.spool.move(store.writing)
    seal_all(store, older_than=timedelta(0), horizon=None)  # the staff was taken on at midnight
    assert verify(store).findings == []
    assert "WRONG" not in capsys.readouterr().out
    told = log.getvalue()
    assert told.count('"event": "request"') > 50
    assert len(overheard.personal()) > 30
    assert {word for word in overheard.personal() if word in told} == set()


def test_an_answer_that_is_not_the_one_needed_ends_the_day(a_day: ModuleType, app: Flask) -> None:
    with a_day.serving(app) as url:
        person = a_day.Person(url, "nurse", PASSWORD)
        with pytest.raises(a_day.NotAsNeeded):
            person.does("opens nothing", "GET", "/patients/nobody", expect=200)
