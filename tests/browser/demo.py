"""The demo hospital under `hmis serve`, for measuring and for pictures."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def demo_hospital(patients: int = 200) -> Iterator[str]:
    """A demo hospital of its own, gone afterwards; the address of its server."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        environment = {**os.environ, "HMIS_DATA_DIR": folder, "HMIS_PORT": str(port), "HMIS_DATABASE_URL": ""}
        for command in (["init"], ["demo", "--patients", str(patients)]):
            subprocess.run([sys.executable, "-m", "hmis", *command], env=environment, check=True, capture_output=True)
        with (Path(folder) / "serve.log").open("w") as log:
            server = subprocess.Popen([sys.executable, "-m", "hmis", "serve"], env=environment, stdout=log, stderr=log)
            try:
                _until_it_answers(port)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until_it_answers(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not come up")
