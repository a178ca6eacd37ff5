"""Starting and stopping the servers that are measured."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKERS = 2
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Processor time its workers have used so far; the worker beside them is not one."""
        return sum(_cpu(pid) for pid in _children(self.process.pid) if b"\0work\0" not in _command(pid))


@contextmanager
def ours(folder: Path, address: str) -> Iterator[Server]:
    """`hmis serve` with two workers, as it is run."""
    command = [sys.executable, "-m", "hmis", "serve"]
    with _running("ours", command, lambda port: _ours(folder, address, port)) as server:
        yield server


@contextmanager
def bare(recipe: Path, address: str) -> Iterator[Server]:
    """The bare views under the same gunicorn."""
    command = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--worker-class", "sync", "bench.bare:app"]
    settings = {"BENCH_RECIPE": str(recipe), "BENCH_DATABASE_URL": address}
    with _running("bare", command, lambda port: settings | {"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}"}) as server:
        yield server


def _ours(folder: Path, address: str, port: int) -> dict[str, str]:
    return {
        "HMIS_DATA_DIR": str(folder),
        "HMIS_DATABASE_URL": address,
        "HMIS_PORT": str(port),
        "HMIS_WORKERS": str(WORKERS),
    }


@contextmanager
def _running(name: str, command: list[str], settings: object) -> Iterator[Server]:
    port = _free_port()
    assert callable(settings)
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(
            command, env={**os.environ, **settings(port)}, stdout=nothing, stderr=nothing, start_new_session=True
        )
    try:
        _await(port, process)
        yield Server(name, port, process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("a server ended before it could be measured")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("a server did not start within 30 s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
