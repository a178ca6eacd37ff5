"""A statement as it may be shown: what is asked of which tables, never for which values."""

from __future__ import annotations

import re
from functools import lru_cache

_VALUES = re.compile(r"'(?:[^'\\]|''|\\.)*'|(?<![\w.])\d+(?:\.\d+)?\b|%\(\w+\)s|%s|\?|(?<!:):\w+")
_LISTS = re.compile(r"\?(?:\s*,\s*\?)+|\(\?\)(?:\s*,\s*\(\?\))+")
_LONG = 20_000
_SHOWN = 1000


def fingerprint(statement: str) -> str:
    """The statement with each value, parameter or literal, as a question mark; what is alike looks alike."""
    return (_known if len(statement) < _LONG else _fingerprint)(statement)


def _fingerprint(statement: str) -> str:
    bare = _VALUES.sub("?", " ".join(statement[:_LONG].split()))
    return _LISTS.sub("?, ...", bare)[:_SHOWN]


_known = lru_cache(maxsize=512)(_fingerprint)
