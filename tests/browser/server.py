"""The server of the browser tests, in a process of its own that can be killed: `python -m tests.browser.server`.

It serves one data directory on one port, with the clock moved by so many seconds, and does what it is told on its
standard input, answering each line with `done`:

    advance 3600     an hour passes in the hospital
    fresh            everything is as furnished again, and so are the clock and the line
    fault {...}      a fault of the line, as `lines.Fault` tells it
    mend             the line is good again
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
import time_machine
from werkzeug.serving import WSGIRequestHandler, make_server

from hmis.app import create_app
from hmis.core.config import Settings
from hmis.core.http import Edge
from hmis.core.store import Store
from hmis.core.trail import keeper
from tests.browser.lines import Line
from tests.statements import remember


def settings_of(folder: Path) -> Settings:
    """How the hospital of the browser tests is set up."""
    return Settings(
        data_dir=folder, database_url=f"sqlite:///{folder / 'hmis.sqlite3'}", password_memory_kib=8, host="127.0.0.1"
    )


class Hospital:
    """The application over a folder whose content can be put back while it serves."""

    def __init__(self, folder: Path, furnished: Path) -> None:
        self.folder, self.furnished = folder, furnished
        self.store = remember(Store(settings_of(folder)))
        self.app = create_app(store=self.store)
        self._keep()

    def _keep(self) -> None:
        self._ending = threading.Event()
        self._keeper = threading.Thread(
            target=keeper.keep, args=(self.store,), kwargs={"stop": self._ending, "every": 0.3}, daemon=True
        )
        self._keeper.start()

    def freshen(self) -> None:
        """Forget all that happened since it was furnished."""
        self._ending.set()
        self._keeper.join()
        self.store.close()
        gone = self.folder.with_name("gone")
        self.folder.rename(gone)  # at once, whoever still writes there: a page that was closed in the middle of asking
        shutil.copytree(self.furnished, self.folder)
        shutil.rmtree(gone, ignore_errors=True)
        self.store = remember(Store(settings_of(self.folder)))
        edge: Edge = self.app.extensions["hmis"]
        edge.store, edge.anonymous_refusals = self.store, 0
        self._keep()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """The application tells of each request itself."""


def main() -> None:
    """Serve until the standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("furnished", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("ahead", type=float, help="seconds by which the hospital's clock is ahead of this computer's")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    ahead = timedelta(seconds=asked.ahead)
    with time_machine.travel(datetime.now(UTC) + ahead) as traveller:
        hospital = Hospital(asked.folder, asked.furnished)
        line = Line(hospital.app)
        server = make_server("127.0.0.1", asked.port, line, threaded=True, request_handler=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("done", flush=True)  # noqa: T201
        for said in sys.stdin:
            match said.split(maxsplit=1):
                case ["advance", seconds]:
                    traveller.shift(float(seconds))
                case ["fresh", seconds]:
                    line.mend()
                    hospital.freshen()
                    traveller.shift(float(seconds))
                case ["fault", told]:
                    line.fails(told)
                case ["mend"]:
                    line.mend()
                case unknown:
                    raise ValueError(f"nobody taught the server to {unknown}")
            print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
