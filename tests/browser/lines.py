"""Bad lines, as the tests make them: faults between the browser and the application, which are both real."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response


@dataclass(frozen=True)
class Fault:
    """What becomes of the requests whose method and path it names."""

    method: str
    where: str
    """A pattern in the path."""
    answer: int | None = None
    """They reach nobody and are answered with this status; 0: never. None: they are done, and the answer is lost."""
    problem: dict[str, Any] = field(default_factory=dict)
    """What the refusal says beside its status."""

    def told(self) -> str:
        """For another process."""
        return json.dumps(asdict(self))


class Line:
    """The way to the application, good until it is told otherwise."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.faults: list[Fault] = []
        self._mended = threading.Event()

    def fails(self, told: str) -> None:
        """From now on there is this fault too."""
        self.faults.append(Fault(**json.loads(told)))

    def mend(self) -> None:
        """There is no fault; what hung is cut off."""
        self.faults.clear()
        self._mended.set()
        self._mended = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request, mended = Request(environ), self._mended
        for fault in self.faults:
            if fault.method == request.method and re.search(fault.where, request.path):
                break
        else:
            return self.app(environ, start_response)
        if fault.answer:
            return _refusal(fault.answer, fault.problem)(environ, start_response)
        if fault.answer is None:
            Response.from_app(self.app, environ, buffered=True).close()
        else:
            request.get_data()
            mended.wait()
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError


def _refusal(status: int, more: dict[str, Any]) -> Response:
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": "As the test wants",
        "code": "Unexpected",
        "request_id": None,
        "fields": {},
    }
    body = {**said, "status": status, "detail": "as the test wants", **more}
    refusal = Response(json.dumps(body), status, content_type="application/problem+json")
    if "retry_after" in more:
        refusal.headers["Retry-After"] = more["retry_after"]
    return refusal
