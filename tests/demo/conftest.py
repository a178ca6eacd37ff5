"""A small hospital, furnished once for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hmis.core import migrate
from hmis.core.config import Settings
from hmis.core.store import Store
from hmis.demo import furnish

PATIENTS = 20


def empty_store(settings: Settings) -> Store:
    """A store on a new SQLite file: the tables, and nothing in them."""
    migrate.prepare(settings.url)
    return Store(settings)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A hospital with 20 patients, furnished just now."""
    store = empty_store(Settings(data_dir=tmp_path_factory.mktemp("demo"), password_memory_kib=8))
    furnish(store, patients=PATIENTS)
    yield store
    store.close()
