"""Sending requests over loopback, as fast as they are answered: a few processes, each one request at a time.

Sync workers close the connection after each answer, so each request opens one, with either server.
"""

from __future__ import annotations

import itertools
import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

CLIENTS = 2
_LONGEST = 20.0  # s in one round; more means that something is broken


@dataclass(frozen=True)
class Round:
    """What one round of requests took."""

    requests: int
    seconds: float
    latencies: tuple[float, ...]
    """Seconds of each request, sorted."""

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds


def request(port: int, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """One request, ready to be sent."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{n}: {v}" for n, v in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def fire(port: int, requests: list[bytes], how_many: int) -> Round:
    """Send so many requests from all clients together; an answer other than 2xx ends the measuring."""
    share = how_many // CLIENTS
    began = time.perf_counter()
    told = _in_parallel(lambda number: _client(port, requests[number:] + requests[:number], share))
    latencies = sorted(itertools.chain.from_iterable(told))
    return Round(len(latencies), time.perf_counter() - began, tuple(latencies))


def _in_parallel(work: Callable[[int], list[float]]) -> list[list[float]]:
    fork = multiprocessing.get_context("fork")
    pipes = []
    for number in range(CLIENTS):
        ours, theirs = fork.Pipe(duplex=False)
        process = fork.Process(target=_tell, args=(theirs, work, number))
        process.start()
        theirs.close()
        pipes.append((process, ours))
    told = []
    for process, pipe in pipes:
        told.append(pipe.recv())
        process.join()
    if any(isinstance(one, str) for one in told):
        raise RuntimeError(next(one for one in told if isinstance(one, str)))
    return told


def _tell(pipe: Connection, work: Callable[[int], list[float]], number: int) -> None:
    try:
        pipe.send(work(number))
    except (OSError, RuntimeError) as error:
        pipe.send(str(error))


def _client(port: int, requests: Sequence[bytes], how_many: int) -> list[float]:
    taken = []
    give_up_at = time.perf_counter() + _LONGEST
    for sent in itertools.islice(itertools.cycle(requests), how_many):
        began = time.perf_counter()
        _exchange(port, sent)
        now = time.perf_counter()
        taken.append(now - began)
        if now > give_up_at:
            break
    return taken


def _exchange(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(sent)
        heard = [line.recv(65536)]
        while heard[-1]:
            heard.append(line.recv(65536))
    if not heard[0].startswith(b"HTTP/1.1 2"):
        raise RuntimeError(heard[0][:400].decode(errors="replace"))
