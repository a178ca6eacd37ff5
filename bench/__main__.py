"""`make bench`: ours beside a bare Flask view and bare executemany, in one run, on SQLite and on MariaDB."""

from __future__ import annotations

import logging
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import structlog
from sqlalchemy import make_url, text

from bench import importing, layers, load, recipe, servers
from bench.recipe import Asked, SignedIn
from hmis.app import create_app
from hmis.core import clock, migrate
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.demo import furnish
from tests.mariadb import answering

PATIENTS = 120
ROUNDS = 5
PER_ROUND = {"list of 50": 60, "search by name": 100}
USUALLY = 150
"""Requests of one round."""


@dataclass
class Side:
    """What was measured of one server at one kind of request."""

    per_second: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    cpu: float = 0.0
    requests: int = 0

    def add(self, fired: load.Round, cpu: float) -> None:
        """Take down a round."""
        self.per_second.append(fired.per_second)
        self.latencies += fired.latencies
        self.cpu += cpu
        self.requests += fired.requests

    @property
    def p99_ms(self) -> float:
        """99 of 100 were answered within this, ms."""
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)] * 1000

    @property
    def cpu_ms(self) -> float:
        """Processor time of the workers for one request, ms."""
        return self.cpu / self.requests * 1000


def main() -> None:
    """Measure on each database that is there."""
    log_as_served()
    print(f"{clock.today():%d-%b-%Y}, {os.cpu_count()} processors, {servers.WORKERS} workers, {load.CLIENTS} clients\n")
    with tempfile.TemporaryDirectory(prefix="hmis-bench-") as folder:
        _measure("SQLite", Path(folder), "")
    address = answering()
    if address is None:
        print("no MariaDB answers; measured on SQLite alone")
        return
    url = make_url(address).set(database="hmis_bench").render_as_string(hide_password=False)
    recreate(url)
    try:
        with tempfile.TemporaryDirectory(prefix="hmis-bench-") as folder:
            _measure("MariaDB", Path(folder), url)
    finally:
        _drop(url)


def _measure(database: str, folder: Path, address: str) -> None:
    settings = Settings(data_dir=folder, database_url=address)
    migrate.prepare(settings.url)
    store = Store(settings)
    furnish(store, patients=PATIENTS)
    app = create_app(store=store)
    nurse = SignedIn(app)
    asked, patients = recipe.taken_down(app, store.engine, nurse)
    recipe.keep(folder / "recipe", asked)
    print(f"{database}: requests")
    print(
        f"{'':16}{'ours/s':>9}{'bare/s':>9}{'ratio':>7}{'CPU ms':>10}{'bare':>7}{'ratio':>7}{'p99 ms':>10}{'bare':>7}"
    )
    with servers.ours(folder, settings.url) as ours, servers.bare(folder / "recipe", settings.url) as bare:
        for one in asked:
            print(_line(one.name, *_interleaved(ours, bare, one, patients, nurse)))
    print(f"\n{database}: import")
    through, past = importing.measured(store)
    print(f"{'':16}{'ours/s':>9}{'bare/s':>9}{'ratio':>7}")
    print(f"{'vital signs':16}{through:9.0f}{past:9.0f}{past / through:7.1f}")
    print(f"\n{database}: where the time of a request goes, in one process under a profiler")
    for one in (asked[0], asked[-1]):
        spent, shares = layers.of(app, nurse, one.method, one.path.format(patient=patients[0]), one.body)
        print(f"{one.name}, {spent:.1f} ms (the profiler makes Python two to three times slower)")
        print(_table(shares))
    store.close()


def _interleaved(
    ours: servers.Server, bare: servers.Server, asked: Asked, patients: list[str], nurse: SignedIn
) -> tuple[Side, Side]:
    sides = {ours.name: Side(), bare.name: Side()}
    for number in range(-1, ROUNDS):
        for server in (ours, bare) if number % 2 else (bare, ours):
            fired, cpu = _round(server, asked, patients, nurse, warm_up=number < 0)
            if number >= 0:
                sides[server.name].add(fired, cpu)
    return sides[ours.name], sides[bare.name]


def _round(
    server: servers.Server, asked: Asked, patients: list[str], nurse: SignedIn, *, warm_up: bool
) -> tuple[load.Round, float]:
    headers = {"Cookie": nurse.cookie, "X-CSRFToken": nurse.csrf}
    paths = [asked.path.format(patient=patient) for patient in patients]
    requests = [load.request(server.port, asked.method, path, headers, asked.body) for path in paths]
    before = server.cpu_seconds()
    fired = load.fire(server.port, requests, 40 if warm_up else PER_ROUND.get(asked.name, USUALLY))
    return fired, server.cpu_seconds() - before


def _line(name: str, ours: Side, bare: Side) -> str:
    a, b = median(ours.per_second), median(bare.per_second)
    return (
        f"{name:16}{a:9.0f}{b:9.0f}{b / a:7.1f}{ours.cpu_ms:10.2f}{bare.cpu_ms:7.2f}"
        f"{ours.cpu_ms / bare.cpu_ms:7.1f}{ours.p99_ms:10.1f}{bare.p99_ms:7.1f}"
    )


def _table(shares: Counter[str]) -> str:
    return "\n".join(f"  {share:6.1%}  {layer}" for layer, share in shares.most_common() if share >= 0.005) + "\n"


def log_as_served() -> None:
    """Write log lines as the server does, and nowhere."""
    nowhere = Path(os.devnull).open("w")  # noqa: SIM115 - until this process ends
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(nowhere),
    )


def recreate(address: str) -> None:
    """An empty database at this address, whatever was there."""
    _drop(address)
    _at_server(address, "CREATE DATABASE `{}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")


def _drop(address: str) -> None:
    _at_server(address, "DROP DATABASE IF EXISTS `{}`")


def _at_server(address: str, statement: str) -> None:
    url = make_url(address)
    engine = open_engine(url.set(database="").render_as_string(hide_password=False))
    with engine.connect() as connection:
        connection.execute(text(statement.format(url.database)))
    engine.dispose()


if __name__ == "__main__":
    main()
