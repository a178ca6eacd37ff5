"""Told to Schemathesis as its hooks: every operation is asked by the person named for it in `who.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import schemathesis

WHO: dict[str, dict[str, str]] = json.loads(Path("who.json").read_text())


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """The session and the token of one person."""

    def get(self, case: Any, context: Any) -> dict[str, str]:
        return WHO[context.operation.label]

    def set(self, case: Any, data: dict[str, str], context: Any) -> None:
        case.cookies["hmis_session"] = data["session"]
        case.headers["X-CSRFToken"] = data["csrf"]
