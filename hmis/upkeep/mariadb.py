"""MariaDB: its physical copy and its portable one, a private server to restore into, and the binary log.

A backup is never restored straight into the hospital's server. It is brought up in a private server, rolled forward and
proven there, and only then handed over; so a bad backup is found before it has replaced anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.disks import database_folder
from hmis.core.store import Store
from hmis.upkeep import Refused, tools
from hmis.upkeep.evidence import counted, evidence, newest_seal, rendered, some_patients
from hmis.upkeep.manifest import BinlogPosition, Evidence, Kind

DUMP = "database.sql"
FILES = "mariadb"
LOG = "private-server.log"
PATIENCE = 3600
"""Seconds that counting the rows of a large table may take."""

_COMING_UP = 180.0  # s
_GOING_DOWN = 300.0  # s
_POSITION = re.compile(rb"^-- CHANGE MASTER TO MASTER_LOG_FILE='([^']+)', MASTER_LOG_POS=(\d+)", re.MULTILINE)
_DUMPING = (
    "--single-transaction",
    "--quick",
    "--hex-blob",
    "--skip-lock-tables",
    "--no-tablespaces",
    "--default-character-set=utf8mb4",
)


@dataclass(frozen=True)
class Copy:
    """How a copy was made, and what the live server showed meanwhile."""

    kind: Kind
    evidence: Evidence
    binlog: BinlogPosition | None


def files_within_reach(store: Store) -> Path | None:
    """The server's data directory, where mariabackup can read it: same machine, right to read, tool installed."""
    if not (tools.there("mariabackup") and getattr(store.engine.dialect, "is_mariadb", False)):
        return None
    folder = database_folder(store.engine)
    return folder if folder is not None and _readable(folder) else None


def _readable(folder: Path) -> bool:
    """Whether all of it can be read: Debian keeps the folder of each database to the server's own user."""
    if not os.access(folder, os.R_OK | os.X_OK) or not os.access(folder / "ibdata1", os.R_OK):
        return False
    return all(os.access(inner, os.R_OK | os.X_OK) for inner in folder.iterdir() if inner.is_dir())


def size_of(store: Store, files: Path | None) -> int:
    """About what a copy takes: the whole data directory, or the tables and indexes of the database."""
    if files is not None:
        return sum(file.stat().st_size for file in files.rglob("*") if file.is_file() and not _is_binlog(file))
    with store.engine.connect() as connection:
        asked = text(
            "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
        return int(connection.scalar(asked) or 0)


def copy(store: Store, folder: Path, at: datetime, files: Path | None) -> Copy:
    """Copy the database while people write: its files with mariabackup, or (`files` None) a dump.

    The tools read from a view of their own, so the live database is asked before and after. A chart that changed in
    between shows in neither hash: only those that stayed the same are evidence.
    """
    engine = open_engine(store.settings.url, patience=PATIENCE)
    with _view(engine) as connection:
        before = counted(connection)
        seal = newest_seal(connection)
        charts = rendered(store, connection, some_patients(connection), at)
    url = engine.url
    binlog = _copy_files(url, files, folder) if files is not None else _dump(engine, folder)
    with _view(engine) as connection:
        after = counted(connection)
        again = rendered(store, connection, [uuid.UUID(patient) for patient in charts], at)
    engine.dispose()
    same = {patient: told for patient, told in charts.items() if again[patient] == told}
    kind = Kind.MARIADB_DUMP if files is None else Kind.MARIADB_FILES
    return Copy(kind, evidence(store, before, after, same, seal), binlog)


@contextmanager
def brought_up(unpacked: Path, kind: Kind, database: str) -> Iterator[str]:
    """A private server with what was unpacked; the address of the database in it. Stopped cleanly afterwards."""
    if kind is Kind.MARIADB_FILES:
        datadir = unpacked / FILES
        with _server(datadir, datadir / "backup-my.cnf") as socket:
            yield _address(socket, database)
        return
    datadir = unpacked / "server"
    install = ["--no-defaults", f"--datadir={datadir}", "--skip-test-db", "--auth-root-authentication-method=normal"]
    tools.run(["mariadb-install-db", *install, *_as_root()])
    with _server(datadir, None) as socket:
        _make_database(_address(socket, ""), database)
        with (unpacked / DUMP).open("rb") as dump:
            tools.run(["mariadb", "--no-defaults", f"--socket={socket}", "--user=root", database], into=dump)
        yield _address(socket, database)


def roll_forward(address: str, since: BinlogPosition, logs: Path, until: datetime) -> None:
    """Do again what the binary log tells from the copy up to that second. Raises `Refused` where the log has gaps."""
    files = _logs_since(since, logs)
    source = make_url(address)
    read = [
        "mariadb-binlog",
        "--no-defaults",
        f"--start-position={since.position}",
        f"--stop-datetime={until.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        f"--database={source.database}",
        *map(str, files),
    ]
    write = ["mariadb", "--no-defaults", "--binary-mode", f"--socket={source.query['unix_socket']}", "--user=root"]
    # The stop is told in the reader's own time zone. What is cut in the middle of a transaction is rolled back.
    tools.pipe(read, write, {"TZ": "UTC"})


def live_logs(settings: Settings) -> Path:
    """The folder in which the hospital's server keeps its binary log. Raises `Refused` where that cannot be told."""
    how = "name the folder of the binary log with --binlogs"
    engine = open_engine(settings.url)
    try:
        with engine.connect() as connection:
            base = connection.scalar(text("SELECT @@log_bin_basename"))
    except DBAPIError as error:
        raise Refused(f"the server cannot be asked for its binary log ({error.orig}): {how}") from error
    finally:
        engine.dispose()
    if not base:
        raise Refused(f"the server keeps no binary log now: {how}")
    return Path(str(base)).parent


def damage(engine: Engine) -> list[str]:
    """What the server itself finds wrong with its tables."""
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        said = [row for table in tables for row in connection.exec_driver_sql(f"CHECK TABLE `{table}`")]
    return [f"the database is damaged: {row[0]}: {row[3]}" for row in said if row[2] != "status" or row[3] != "OK"]


def refuse_unready(settings: Settings) -> None:
    """Raise `Refused` while anybody else is connected, or where nothing could be set aside: before much is done."""
    with _target(settings) as connection:
        _refuse_others(connection)
        if not inspect(connection).get_table_names():
            return
        probe = f"{connection.scalar(text('SELECT DATABASE()'))}_aside_probe"
        try:
            connection.exec_driver_sql(f"CREATE DATABASE `{probe}`")
            connection.exec_driver_sql(f"DROP DATABASE `{probe}`")
        except DBAPIError as error:
            raise Refused(
                f"a database to set the old one aside cannot be made ({error.orig}); as MariaDB's root: "
                f"GRANT ALL ON `{probe.removesuffix('probe')}%`.* TO this user"
            ) from error


def has_records(settings: Settings) -> bool:
    """Whether anything was ever entered here. Raises `Refused` where there is no such database."""
    with _target(settings) as connection:
        tables = set(inspect(connection).get_table_names())
        return any(
            connection.exec_driver_sql(f"SELECT 1 FROM `{table}` LIMIT 1").first()  # noqa: S608
            for table in tables & {"staff", "patients", "audit_events"}
        )


def set_aside(settings: Settings, mark: str) -> str:
    """Move all tables into a database of another name, which is returned; empty where there are none."""
    with _target(settings) as connection:
        _refuse_others(connection)
        here = connection.scalar(text("SELECT DATABASE()"))
        tables = inspect(connection).get_table_names()
        if not tables:
            return ""
        aside = f"{here}_{mark}"
        connection.exec_driver_sql(f"CREATE DATABASE `{aside}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        moves = ", ".join(f"`{here}`.`{table}` TO `{aside}`.`{table}`" for table in tables)
        connection.exec_driver_sql(f"RENAME TABLE {moves}")
        return aside


def hand_over(address: str, settings: Settings) -> None:
    """Copy the proven database from the private server into the hospital's, whose database is empty."""
    source, target = make_url(address), make_url(settings.url)
    dump = ["mariadb-dump", "--no-defaults", f"--socket={source.query['unix_socket']}", "--user=root", *_DUMPING]
    with tools.signed_in(target) as who:
        load = ["mariadb", who, "--default-character-set=utf8mb4", "--binary-mode", str(target.database)]
        tools.pipe([*dump, str(source.database)], load)


def _copy_files(url: URL, files: Path, folder: Path) -> BinlogPosition | None:
    target = folder / FILES
    with tools.signed_in(url) as who:
        tools.run(["mariabackup", who, "--backup", f"--target-dir={target}", f"--datadir={files}"])
    tools.run(["mariabackup", "--prepare", f"--target-dir={target}"])
    told = next(target.glob("*_binlog_info"), None)
    if told is None or not told.read_text().strip():
        return None
    name, position = told.read_text().split()[:2]
    return BinlogPosition(file=name, position=int(position))


def _dump(engine: Engine, folder: Path) -> BinlogPosition | None:
    url, target = engine.url, folder / DUMP
    position = ["--master-data=2"] if _tells_position(engine) else []
    with tools.signed_in(url) as who:
        tools.run(["mariadb-dump", who, *_DUMPING, *position, str(url.database)], out=target)
    with target.open("rb") as dump:
        found = _POSITION.search(dump.read(100_000))
    return BinlogPosition(file=found[1].decode(), position=int(found[2])) if found else None


def _tells_position(engine: Engine) -> bool:
    """Whether this is a MariaDB that keeps a binary log and tells us where it is."""
    if not getattr(engine.dialect, "is_mariadb", False):
        return False
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT @@log_bin")):
            return False
        grants = " ".join(str(row[0]) for row in connection.exec_driver_sql("SHOW GRANTS"))
    return any(grant in grants for grant in ("ALL PRIVILEGES ON *.*", "BINLOG MONITOR", "REPLICATION CLIENT"))


@contextmanager
def _view(engine: Engine) -> Iterator[Connection]:
    """One view of the database, whatever is written meanwhile."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


@contextmanager
def _target(settings: Settings) -> Iterator[Connection]:
    engine = open_engine(settings.url)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise Refused(f"the database of HMIS_DATABASE_URL does not answer: {error.orig}") from error
    finally:
        engine.dispose()


@contextmanager
def _server(datadir: Path, defaults: Path | None) -> Iterator[str]:
    """A server of our own on that data directory, reached by a socket alone; the socket."""
    # The name of a socket may have a hundred letters at most, so it does not lie beside the data.
    with tempfile.TemporaryDirectory(prefix="hmis-") as short:
        socket, log = Path(short) / "sock", datadir / LOG
        options = {
            "datadir": datadir,
            "socket": socket,
            "pid-file": Path(short) / "pid",
            "log-error": log,
            "innodb-buffer-pool-size": "256M",
            "innodb-flush-log-at-trx-commit": "2",  # if it dies it is begun anew
        }
        command = [
            tools.where("mariadbd"),
            f"--defaults-file={defaults}" if defaults else "--no-defaults",
            *(f"--{name}={value}" for name, value in options.items()),
            "--skip-networking",
            "--skip-grant-tables",
            "--skip-log-bin",
            *_as_root(),
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _await(process, socket, log)
            yield str(socket)
        finally:
            process.terminate()
            try:
                process.wait(_GOING_DOWN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise Refused("the private server did not end, and was killed: do not use what it held") from None


def _await(process: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    deadline = time.monotonic() + _COMING_UP
    engine = open_engine(_address(str(socket), ""))
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if socket.exists() and _answers(engine):
                return
            time.sleep(0.05)
    finally:
        engine.dispose()
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    said = [line for line in lines if "[ERROR]" in line] or lines
    raise Refused(f"a private server did not come up on the copy: {' / '.join(said[-3:])}")


def _answers(engine: Engine) -> bool:
    try:
        with engine.connect():
            return True
    except DBAPIError:
        return False


def _refuse_others(connection: Connection) -> None:
    others = connection.scalar(
        text("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()")
    )
    if others:
        raise Refused(f"{others} connections use this database: stop the server first")


def _make_database(address: str, name: str) -> None:
    engine = open_engine(address)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    engine.dispose()


def _logs_since(since: BinlogPosition, folder: Path) -> list[Path]:
    """The files of the binary log from the one of the copy on, without a gap."""
    base, _, first = since.file.rpartition(".")
    numbered = {int(file.suffix[1:]): file for file in folder.glob(f"{base}.*") if file.suffix[1:].isdigit()}
    number, found = int(first), list[Path]()
    while number in numbered:
        found.append(numbered[number])
        number += 1
    if unreadable := [file for file in found if not os.access(file, os.R_OK)]:
        raise Refused(f"{unreadable[0]} cannot be read by this user: be in the group mysql, or copy the log elsewhere")
    if not found:
        raise Refused(f"{since.file} is not in {folder}: without it nothing after the backup can be done again")
    if later := [numbered[n].name for n in sorted(numbered) if n > number]:
        raise Refused(f"{base}.{number:0{len(first)}d} is missing in {folder}, before {later[0]}")
    return found


def _is_binlog(file: Path) -> bool:
    return file.suffix[1:].isdigit() and len(file.suffix) >= 6


def _address(socket: str, database: str) -> str:
    query: Mapping[str, str] = {"unix_socket": socket}
    url = URL.create("mysql+pymysql", "root", host="localhost", database=database or None, query=query)
    return url.render_as_string(hide_password=False)


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
