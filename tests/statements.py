"""What a long-lived server does and a test's short-lived store would not: compile each statement once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect

from hmis.core.store import Store

_COMPILED: dict[Any, Any] = {}
_DIALECTS: dict[str, Dialect] = {}


def remember(store: Store) -> Store:
    """The store, which from now on shares what was compiled with all others of this process."""
    with store.engine.connect():
        dialect = _DIALECTS.setdefault(store.engine.name, store.engine.dialect)
    for engine in (store.engine, store.writing):
        engine.dialect = dialect
        engine.update_execution_options(compiled_cache=_COMPILED)
    return store
