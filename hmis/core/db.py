"""Storage: the base of every stored thing, the session that knows who is acting, and the engines.

SQLite is the embedded default; MySQL and MariaDB behave the same. Services flush, the edge commits.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import (
    JSON,
    URL,
    ColumnElement,
    Connection,
    Date,
    Engine,
    MetaData,
    Select,
    create_engine,
    event,
    make_url,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    contains_eager,
    declared_attr,
    joinedload,
    mapped_column,
)
from sqlalchemy.sql.base import ExecutableOption

from hmis.core.access import Actor
from hmis.core.columns import Instant, Key, new_id
from hmis.core.errors import NotFound, NotSignedIn, Stale

WRITING = {"hmis_writing": True}
LAWFUL = "hmis.lawful"

TRANSIENT = frozenset({1213, 1205, 1020})
"""MySQL errors after which the whole unit of work is certainly undone and may be done again."""
LOST = frozenset({2006, 2013, 2003, 2002, 2014, 1047, 1053, 1180, 1317, 1927})
"""MySQL errors of a lost server; at COMMIT the outcome is unknown."""

_FULL = frozenset({3, 1021, 1026, 1030, 1114})
"""MySQL errors of a disk that is full (or, 3, 1026 and 1030, cannot be written)."""
_FULL_SQLITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})


class Row(DeclarativeBase):
    """The root of all tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        uuid.UUID: Key,
        datetime: Instant,
        date: Date,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    __table_args__: Any = {  # noqa: RUF012 - SQLAlchemy reads it, nobody changes it
        "mysql_engine": "InnoDB",
        "mysql_charset": "utf8mb4",
        "mysql_collate": "utf8mb4_bin",
    }


class BaseModel(Row):
    """What every stored thing has: a key, when it was made and changed, and how often.

    Each making and change of one leaves an audit event and, for a change, a version with the old values.
    """

    __abstract__ = True
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    """Columns that never reach a version, an answer or a table on a screen."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-10)
    created_at: Mapped[datetime] = mapped_column(sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(sort_order=91)
    version: Mapped[int] = mapped_column(sort_order=92)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


class PatientKey(Protocol):
    """Whose chart: something that can say which patient it means."""

    def criterion(self) -> ColumnElement[bool]:
        """The condition on the patients table. Raises `HospitalNumberInvalid` or `NotFound`."""
        ...


Model = TypeVar("Model", bound=BaseModel)


class HospitalSession(Session):
    """A unit of work with somebody behind it. Writes reach the database through `flush` alone."""

    def __init__(self, bind: Engine | Connection, actor: Actor | None, store: Any) -> None:
        super().__init__(bind=bind, expire_on_commit=False)
        self.actor = actor
        self.store = store
        self.charts: set[uuid.UUID] = set()
        """Patients whose chart this unit of work opened."""
        self.wrote = False
        """Whether anything was written, of which an audit event then tells."""
        self.if_match: int | None = None
        """The version the caller last saw of what it wants to change."""
        self.target: BaseModel | None = None

    @property
    def writes(self) -> bool:
        """Whether this unit of work was opened to write."""
        return bool(self.get_bind().get_execution_options().get("hmis_writing"))

    def acting(self) -> Actor:
        """Who acts here. Raises `NotSignedIn` when nobody does."""
        if self.actor is None:
            raise NotSignedIn("sign in first")
        return self.actor

    def flush(self, objects: Any = None) -> None:
        """Write what is pending; the laws of `records` are asked first."""
        if not (self.new or self.dirty or self.deleted):
            return
        self.wrote |= bool(self.new) or any(self.is_modified(row, include_collections=False) for row in self.dirty)
        with lawful(self.connection()):
            super().flush(objects)

    def commit(self) -> None:
        """Make it last. Where that fails, nobody knows what the connection still holds: it is thrown away."""
        self.flush()
        try:
            super().commit()
        except DBAPIError:
            self.invalidate()
            raise

    def fetch(self, model: type[Model], *conditions: ColumnElement[bool], what: str = "") -> Model:
        """The one row for which all conditions hold, or `NotFound`."""
        return self._one(select(model).where(*conditions), what or _spoken(model))

    def fetch_of(
        self,
        patient: PatientKey,
        model: type[Model],
        *conditions: ColumnElement[bool],
        options: Sequence[ExecutableOption] = (),
    ) -> Model:
        """A row of this patient's chart, its author too, in one query; another patient's is `NotFound`."""
        owner: Any = model.patient  # type: ignore[attr-defined]
        author: Any = getattr(model, "author", None)
        extra = options if author is None else [joinedload(author), *options]
        query = select(model).join(owner).where(*conditions, patient.criterion())
        query = query.options(contains_eager(owner), *extra)
        found: Any = self._one(query, _spoken(model))
        self.charts.add(found.patient_id)
        return found  # type: ignore[no-any-return]

    def _one(self, query: Select[Model], what: str) -> Model:
        found = self.scalars(query).unique().one_or_none()
        if found is None:
            raise NotFound(f"there is no such {what} here")
        self.target = found
        return found

    def check_version(self, row: BaseModel) -> None:
        """Refuse with `Stale` where the caller read an older version of `row` than the stored one."""
        if self.if_match is None or row is not self.target:
            return
        if row.version != self.if_match:
            raise Stale(f"changed by somebody since you read it: version {row.version} is the newest; read it again")
        self.if_match = None


def _spoken(model: type[BaseModel]) -> str:
    """`DrugPrescription` as a person says it: drug prescription."""
    return "".join(" " + c.lower() if c.isupper() else c for c in model.__name__).strip()


@contextmanager
def lawful(connection: Connection) -> Iterator[None]:
    """While it lasts, statements on this connection come from a flush that has asked the laws."""
    # Held by name: asking a connection that broke for its info raises, and would hide why it broke.
    info = connection.info
    before = info.get(LAWFUL, False)
    info[LAWFUL] = True
    try:
        yield
    finally:
        info[LAWFUL] = before


@event.listens_for(BaseModel, "init", propagate=True)
def _born(row: BaseModel, args: Any, values: dict[str, Any]) -> None:
    values.setdefault("id", new_id())


def open_engine(address: str, *, patience: int = 15) -> Engine:
    """An engine for one of the databases we speak, with the same promises on each.

    `patience` is how many seconds a server may take for one answer; work beside the requests may grant more.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    if url.get_backend_name() in ("mysql", "mariadb"):
        return _open_mysql(url, patience)
    raise ValueError(f"HMIS speaks SQLite, MySQL and MariaDB, not {url.get_backend_name()}")


def _open_sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 10, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads and then writes would fail as busy; one that will write says so at once.
        writing = connection.get_execution_options().get("hmis_writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _open_mysql(url: URL, patience: int) -> Engine:
    engine = create_engine(
        url.update_query_dict({"charset": "utf8mb4"}),
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_size=5,
        max_overflow=20,
        connect_args={"connect_timeout": 3, "read_timeout": patience, "write_timeout": patience},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 5, sql_mode = 'STRICT_ALL_TABLES,"
                "NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
            )

    return engine


def disk_full(error: BaseException) -> bool:
    """Whether the database had no room on its disk for what it was given."""
    of_sqlite = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return mysql_code(error) in _FULL or of_sqlite in _FULL_SQLITE


def mysql_code(error: BaseException) -> int:
    """The server's error number behind a database exception; 0 where there is none."""
    arguments = getattr(getattr(error, "orig", None), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0
