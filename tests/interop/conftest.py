"""What tests of the import share: resources in few words, and the data sets that lie beside the project."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hmis.core.access import Actor
from hmis.core.db import Row
from hmis.core.store import Store
from hmis.interop import fhir
from hmis.interop.report import Report
from tests.interop.fhir_words import Json, bundle

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def data() -> Callable[[str], Path]:
    """A data set beside the project; the test is skipped where it is not there."""

    def find(name: str) -> Path:
        folder = DATA / name
        if not folder.is_dir():
            pytest.skip(f"the data set {name} is not beside the project (../shared/data/{name})")
        return folder

    return find


@pytest.fixture
def administrator(acting: Callable[[str], Actor]) -> Actor:
    return acting("admin")


@pytest.fixture
def bring(store: Store, administrator: Actor, tmp_path: Path) -> Callable[..., Report]:
    """Import resources as one bundle, or what files are named."""

    def go(*resources: Json, files: dict[str, str | bytes] | None = None, **how: Any) -> Report:
        folder = tmp_path / "incoming"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        if resources:
            (folder / "bundle.json").write_text(json.dumps(bundle(*resources)))
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        report = fhir.import_paths(store, administrator, [folder], **how)
        assert report.adds_up, report.summary()
        return report

    return go


@pytest.fixture
def stored(store: Store) -> Callable[..., list[Any]]:
    """All rows of a model, the oldest first, with what is asked for loaded."""

    def find(model: type[Row], *options: Any) -> list[Any]:
        with store.session(writes=False) as session:
            key = model.__mapper__.primary_key[0]
            return list(session.scalars(select(model).options(*options).order_by(key)).unique())

    return find


@pytest.fixture
def counts(store: Store) -> Callable[[], dict[str, int]]:
    """How many rows each table holds."""

    def count() -> dict[str, int]:
        with store.session(writes=False) as session:
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Row.metadata.tables.items()
            }

    return count
