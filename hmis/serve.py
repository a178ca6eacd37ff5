"""`hmis serve`: gunicorn with the application, and beside it the worker, unless that is a service of its own."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from hmis.app import create_app
from hmis.core.config import Settings
from hmis.core.watch.logs import GunicornLog

_PATIENCE = 10  # seconds the worker has to finish its round


class Worker:
    """The process of `hmis work`; started again when it ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start it, unless it is running."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen([sys.executable, "-m", "hmis", "work", "--with-parent"])

    def stop(self) -> None:
        """Ask it to finish what it is doing and end. On a machine too busy for that it is ended: the spool keeps."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Foreman(Arbiter):
    """gunicorn's master, looking after the worker beside it too, once a second; None: that is a service of its own."""

    def __init__(self, app: Server, beside: Worker | None) -> None:
        self.beside = beside
        super().__init__(app)

    def manage_workers(self) -> None:
        if self.beside:
            self.beside.ensure()
        super().manage_workers()


class Server(BaseApplication):
    """gunicorn configured from our settings: sync workers, which were the fastest measured."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn what it would read from a file."""
        for name, value in {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "worker_class": "sync",
            "timeout": 60,
            "graceful_timeout": 20,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "limit_request_line": 4094,
            "proc_name": "hmis",
            "control_socket_disable": True,
            "logger_class": GunicornLog,
            "on_exit": lambda foreman: foreman.beside and foreman.beside.stop(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in each worker for itself."""
        app = create_app(self.settings)
        gc.freeze()
        return app

    def run(self) -> None:
        """Serve until told to stop."""
        _Foreman(self, Worker() if self.settings.worker == "beside" else None).run()


def serve(settings: Settings) -> None:
    """Serve this hospital. Raises `UnsafeSettings` before anything is opened."""
    settings.refuse_if_unsafe()
    # What is loaded stays to the end: it is neither looked through again, nor taken apart piece by piece at the end,
    # which on a busy machine kept an exchange of releases waiting for seconds.
    gc.freeze()
    Server(settings).run()
