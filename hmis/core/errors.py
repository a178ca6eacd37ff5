"""Every refusal this product gives, as one tree.

    HmisError
    ├── NotSignedIn 401             ├── Invalid 422
    ├── Forbidden 403               │   ├── Implausible              possible but odd: asks, until `confirmed`
    │   ├── NotPermitted            │   ├── HospitalNumberInvalid    a mistyped number, told from an unknown one
    │   ├── NotAuthor               │   └── KeyReused                an Idempotency-Key sent with another body
    │   ├── CsrfFailed              ├── RecordLocked 423
    │   └── SomebodyElse            ├── TooManyRequests 429
    ├── NotFound 404                └── Unavailable 503
    ├── Conflict 409                    └── DiskFull             no record is taken; charts can be read
    │   └── PossibleDuplicate       the people already there come with it
    └── Stale 412

The class name is the `code` a caller may rely on; the message is for a tired person at 3 a.m.
Answers are `application/problem+json` (RFC 9457).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, ClassVar

_ROOM = 500
_NAME = 60


def by_field(fields: Mapping[str, str]) -> str:
    """What is wrong, as `field: why; field: why`: as many as fit 500 characters whole, then `…`."""
    told = ""
    for name, why in fields.items():
        part = f"{shortened(name)}: {why}"
        if told and len(told) + len(part) > _ROOM:
            return f"{told}; …"
        told = f"{told}; {part}" if told else part
    return told


def shortened(name: str) -> str:
    """The name of a field as a sentence has it: whoever sent one may have sent any."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


class HmisError(Exception):
    """A chosen answer to something that cannot be done."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Refused"

    def __init__(self, detail: str, *, fields: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = fields or {}
        self.extra = extra

    @property
    def code(self) -> str:
        """The name a program may test for."""
        return type(self).__name__

    def problem(self, request_id: str | None = None) -> dict[str, Any]:
        """The RFC 9457 body of this refusal."""
        return {
            "type": f"/docs/errors#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "fields": self.fields,
            "request_id": request_id,
            **self.extra,
        }


class NotSignedIn(HmisError):
    """Nobody is signed in, or the session has ended."""

    status, title = 401, "Not signed in"


class Forbidden(HmisError):
    """Signed in, but this is not theirs to do."""

    status, title = 403, "Not allowed"


class NotPermitted(Forbidden):
    """The role does not include this."""


class NotAuthor(Forbidden):
    """Only the author of a clinical record may change or withdraw it."""


class CsrfFailed(Forbidden):
    """The request did not prove that it comes from our own pages."""


class SomebodyElse(Forbidden):
    """The screen is one person's (`X-Staff-ID`), and another has signed in at this browser since."""


class NotFound(HmisError):
    """Not there, or not this patient's."""

    status, title = 404, "Not found"


class Conflict(HmisError):
    """The state of things does not admit it."""

    status, title = 409, "In conflict with what is there"


class PossibleDuplicate(Conflict):
    """Somebody like this is registered already; `candidates` shows who."""


class Stale(HmisError):
    """Somebody changed the record after it was read."""

    status, title = 412, "Changed in the meantime"


class Invalid(HmisError):
    """What was sent cannot be right; `fields` says where."""

    status, title = 422, "Please check what was entered"


class Implausible(Invalid):
    """Possible but odd: send it again with `confirmed: true` if it is so."""


class HospitalNumberInvalid(Invalid):
    """The check digit shows that the number was mistyped."""


class KeyReused(Invalid):
    """An Idempotency-Key came again with another body."""


class RecordLocked(HmisError):
    """The author's 24 hours are over."""

    status, title = 423, "Locked"


class TooManyRequests(HmisError):
    """Slow down; `retry_after` says for how many seconds."""

    status, title = 429, "Too many attempts"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, retry_after=retry_after)


class Unavailable(HmisError):
    """The server cannot do it now; nothing is known to be stored."""

    status, title = 503, "Not available now"

    def __init__(self, detail: str, *, retry_after: int = 5) -> None:
        super().__init__(detail, retry_after=retry_after)


class DiskFull(Unavailable):
    """The server's disk is full: nothing was stored, and will not be until somebody makes room."""

    def __init__(self) -> None:
        super().__init__("the server's disk is full, so nothing can be saved; tell the administrator", retry_after=30)


def every_refusal() -> list[type[HmisError]]:
    """All refusals this product can give, those of the domains too, by status and name."""
    found = {HmisError}
    waiting = [HmisError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            # What Flask refuses by itself gets a class for the moment, which no module of ours holds.
            ours = kind.__module__.startswith("hmis.") and hasattr(sys.modules[kind.__module__], kind.__name__)
            if ours and kind not in found:
                found.add(kind)
                waiting.append(kind)
    return sorted(found, key=lambda kind: (kind.status, kind.__name__))
