"""Starting, asking and stopping the server as it is run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from hmis import serve
from hmis.core.config import Settings

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('there', flush=True); time.sleep(60)"


def test_a_worker_that_does_not_end_in_time_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_PATIENCE", 0.2)
    worker = serve.Worker()
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    worker._process = process
    worker.stop()
    assert process.poll() is not None


def test_a_running_server_counts_over_its_processes_and_tells_in_json_alone(settings: Settings, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = tmp_path / "log"
    here = {"DATA_DIR": settings.data_dir, "DATABASE_URL": settings.url, "PORT": port, "WORKERS": 2}
    environment = {**os.environ, **{f"HMIS_{name}": str(value) for name, value in here.items()}}

    def asks(path: str) -> str:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    with (
        told.open("wb") as log,
        subprocess.Popen([sys.executable, "-m", "hmis", "serve"], env=environment, stderr=log) as server,
    ):
        try:
            assert _soon(lambda: '"status":"ready"' in asks("/readyz"))
            for _ in range(20):
                asks("/api/v1/status")
            assert 'hmis_requests_total{method="GET",route="/api/v1/status",status="200"} 20.0' in asks("/metrics")
            assert _soon(lambda: '"keeper_started"' in told.read_text())
        finally:
            server.terminate()
            server.wait(30)
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    assert sum(line["event"] == "request" for line in lines) == 20
    assert {line.get("logger") for line in lines} == {None, "gunicorn.error"}
    assert lines[-1]["event"] == "Shutting down: Master" or any(line["event"] == "keeper_ended" for line in lines)


def _soon(happens: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if happens():
                return True
        except OSError:
            pass  # it is not up yet
        time.sleep(0.1)
    return False
