"""Seals over the audit trail: each binds the events it names, and the seal before it, into one head.

The head goes to the anchor, a file outside the database, so that a cut-off end shows. A seal holds explicit ids, not
a range: an event that comes late goes into the next seal. Leaves and nodes are hashed as RFC 6962 has it.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import (
    BINARY,
    ColumnElement,
    Connection,
    Index,
    Select,
    String,
    exists,
    func,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import NullType

from hmis.core import clock
from hmis.core.audit import AuditEvent, canonical
from hmis.core.db import TRANSIENT, Row, lawful, mysql_code
from hmis.core.store import Store
from hmis.core.trail import disk
from hmis.core.trail.keys import KeyRing

HORIZON = timedelta(hours=1)
"""How far behind the newest sealed event an ordinary run still looks for events that came late."""

START = bytes(32)
"""What the first seal names as the head before it."""

_AT_ONCE = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_799_999  # ms, end of the year 9999
_ENCODED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode


class Seal(Row):
    """One link of the chain. Inserted once, never changed."""

    __tablename__ = "audit_seals"
    append_only: ClassVar[bool] = True

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    count: Mapped[int]
    first_id: Mapped[uuid.UUID]
    last_id: Mapped[uuid.UUID]
    root: Mapped[bytes] = mapped_column(BINARY(32))
    """Merkle root over the events, in the order of their ids."""
    previous: Mapped[bytes] = mapped_column(BINARY(32))
    """Head of the seal before."""
    head: Mapped[bytes] = mapped_column(BINARY(32))
    """Hash over all of the above."""
    key_name: Mapped[str] = mapped_column(String(64))
    mac: Mapped[bytes] = mapped_column(BINARY(32))
    """Under the named key, over what the anchor shows of this seal."""


class SealEntry(Row):
    """Which seal holds an event, and where in it. No foreign keys: a lost event must leave its entry behind."""

    __tablename__ = "audit_seal_entries"
    __table_args__ = (Index("ix_audit_seal_entries_seal", "seal_number", "position"), Row.__table_args__)
    append_only: ClassVar[bool] = True

    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seal_number: Mapped[int]
    position: Mapped[int]


@dataclass(frozen=True, slots=True)
class Head:
    """What the anchor shows of one seal; whoever has the key can tell that it is ours."""

    number: int
    head: bytes
    count: int
    sealed_at: str
    key_name: str
    mac: bytes = b""

    @property
    def signed(self) -> bytes:
        """What the MAC is taken over."""
        return b"seal " + canonical(self._shown())

    def genuine(self, keys: KeyRing) -> bool:
        """Whether the MAC fits, under a key that is here."""
        return keys.knows(self.key_name) and keys.mac(self.signed, self.key_name) == self.mac

    def line(self) -> bytes:
        """As it is written to the anchor."""
        return json.dumps({**self._shown(), "mac": self.mac.hex()}).encode() + b"\n"

    def _shown(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "head": plain(self.head),
            "count": self.count,
            "sealed_at": self.sealed_at,
            "key_name": self.key_name,
        }

    @classmethod
    def read(cls, line: bytes) -> Head | None:
        """The head that a line of the anchor shows; None where it shows none."""
        try:
            shown = json.loads(line)
            head, mac = bytes.fromhex(shown["head"]), bytes.fromhex(shown["mac"])
            return cls(
                int(shown["number"]), head, int(shown["count"]), str(shown["sealed_at"]), str(shown["key_name"]), mac
            )
        except (ValueError, KeyError, TypeError):
            return None

    @classmethod
    def of(cls, seal: Any) -> Head:
        """The head of a seal, as its row (see `as_stored`) tells it."""
        return cls(seal.number, seal.head, seal.count, moment(seal.sealed_at), str(seal.key_name), seal.mac)


class Anchor:
    """The file of seal heads outside the database; it only ever grows."""

    def __init__(self, file: Path, keys: KeyRing) -> None:
        self.file = file
        self.keys = keys

    def newest(self) -> Head | None:
        """The last line that is ours, read from the end; None where there is none yet."""
        try:
            with self.file.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                reach = 4096
                while True:
                    file.seek(max(0, size - reach))
                    lines = file.read(reach).splitlines()
                    for line in reversed(lines if reach >= size else lines[1:]):
                        head = Head.read(line)
                        if head is not None and head.genuine(self.keys):
                            return head
                    if reach >= size:
                        return None
                    reach *= 4
        except FileNotFoundError:
            return None

    def extend(self, heads: Iterable[Head]) -> None:
        """Add those that come after the newest, safely on disk before this returns. Raises `OSError`."""
        with disk.alone(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT) as handle:
            newest = self.newest()
            after = newest.number if newest else 0
            lines = {head.number: head.line() for head in heads if head.number > after}
            if lines:
                disk.append(handle, b"".join(lines.values()), self.file.parent)

    def lines(self) -> Iterator[Head | None]:
        """Every line in its order, None for one that shows no head."""
        try:
            with self.file.open("rb") as file:
                for line in file:
                    yield Head.read(line)
        except FileNotFoundError:
            return


def seal(
    store: Store,
    *,
    older_than: timedelta = timedelta(seconds=30),
    most: int = 1000,
    horizon: timedelta | None = HORIZON,
) -> int:
    """Seal the oldest events that are in no seal yet; how many. Several servers may do so at once.

    `older_than` is longer than any transaction lasts. `horizon` None looks at all events there are, not only at those
    of the last hour: slow, but it finds what waited long in the spool of a server. Raises `OSError` when the anchor
    cannot be written; the seal is made then, and the next run brings the anchor up to it.
    """
    return len(_seal(store, older_than, most, horizon, None))


def seal_all(
    store: Store,
    *,
    older_than: timedelta = timedelta(seconds=30),
    most: int = 1000,
    horizon: timedelta | None = HORIZON,
    ending: Callable[[], bool] = lambda: False,
) -> int:
    """Seal, in seals of `most` events, all that is old enough, or until `ending`; how many events."""
    total, after = 0, None
    while not ending():
        sealed = _seal(store, older_than, most, horizon, after)
        total += len(sealed)
        if len(sealed) < most:
            break
        after = sealed[-1]  # a long backlog is walked once; who comes late meanwhile is met by the next run
    return total


class Waiting(NamedTuple):
    """What no seal holds yet, as far back as an ordinary run looks; that of this second too."""

    many: int
    oldest: datetime | None
    """When the oldest of it was made."""


def waiting(connection: Connection) -> Waiting:
    """How many events wait for a seal, and since when."""
    unsealed = _unsealed(connection, -timedelta(minutes=2), HORIZON, None).order_by(None)
    asked = (func.count(), stored(func.min(AuditEvent.id)))
    count, oldest = connection.execute(unsealed.with_only_columns(*asked, maintain_column_froms=True)).one()
    return Waiting(count, made_at(oldest))


def last_sealed_at(connection: Connection) -> datetime | None:
    """When the newest seal was made; None where there is none."""
    return connection.scalar(select(Seal.sealed_at).order_by(Seal.number.desc()).limit(1))


def catch_up(store: Store, anchor: Anchor) -> None:
    """Bring the anchor up to the table: only its missing end, and only seals that are ours. Raises `OSError`."""
    newest = anchor.newest()
    after = newest.number if newest else 0
    while True:
        with store.engine.connect() as connection:
            seals = connection.execute(
                select(*as_stored(Seal)).where(Seal.number > after).order_by(Seal.number).limit(_AT_ONCE)
            ).all()
        if not seals:
            return
        anchor.extend([Head.of(found) for found in seals if genuine(found, store.keys)])
        after = seals[-1].number


def genuine(seal: Any, keys: KeyRing) -> bool:
    """Whether a stored seal is one of ours and unchanged."""
    return head_of(seal) == seal.head and Head.of(seal).genuine(keys)


def head_of(seal: Any) -> bytes:
    """The head that a seal's row has to have: a hash over all it says."""
    told = {
        "number": seal.number,
        "sealed_at": moment(seal.sealed_at),
        "count": seal.count,
        "first_id": plain(seal.first_id),
        "last_id": plain(seal.last_id),
        "root": plain(seal.root),
        "previous": plain(seal.previous),
        "key_name": plain(seal.key_name),
    }
    return sha256(b"\x02" + canonical(told)).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes (RFC 6962, section 2.1)."""
    level = list(leaves) or [sha256().digest()]
    while len(level) > 1:
        pairs = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) & ~1 :]
    return level[0]


def leaf(told: bytes, mac: Any) -> bytes:
    """The leaf hash of one event: over its canonical text and its MAC."""
    return sha256(b"\x00" + told + (mac if isinstance(mac, bytes) else repr(mac).encode())).digest()


def stored(column: Any) -> ColumnElement[Any]:
    """A column as the database gives it: no conversion, so that no tampered value stops a reader."""
    return type_coerce(column, NullType())


def as_stored(model: type[Row]) -> list[ColumnElement[Any]]:
    """All columns of a table as the database gives them."""
    return [stored(column).label(column.key) for column in model.__table__.columns]


def event_text(event: Sequence[Any]) -> bytes:
    """What `audit.canonical` gives for an event, from its row `as_stored`; some text for any row whatever.

    Written out, column by column: a verification spends most of its time here.
    """
    (
        key,
        occurred_at,
        act,
        actor_id,
        actor_number,
        actor_role,
        session_id,
        address,
        request_id,
        patient_id,
        record_type,
        record_id,
        outcome,
        hashes,
        key_name,
        _,
    ) = event
    told = {
        "act": act,
        "actor_id": actor_id.hex() if type(actor_id) is bytes else actor_id,
        "actor_number": actor_number,
        "actor_role": actor_role,
        "address": address,
        "hashes": _parsed(hashes),
        "id": key.hex() if type(key) is bytes else key,
        "key_name": key_name,
        "occurred_at": moment(occurred_at),
        "outcome": outcome,
        "patient_id": patient_id.hex() if type(patient_id) is bytes else patient_id,
        "record_id": record_id.hex() if type(record_id) is bytes else record_id,
        "record_type": record_type,
        "request_id": request_id,
        "session_id": session_id.hex() if type(session_id) is bytes else session_id,
    }
    return _ENCODED(told).encode("utf-8", "replace")


def _parsed(hashes: Any) -> Any:
    try:
        return json.loads(hashes)
    except (ValueError, TypeError):
        return plain(hashes)


def plain(value: Any) -> Any:
    """A stored value as text; numbers and None stay."""
    match value:
        case bytes():
            return value.hex()
        case uuid.UUID():
            return value.hex
        case None | int() | str():
            return value
        case _:
            return str(value)


def moment(value: Any) -> str:
    """A stored instant as `clock.iso` writes it: SQLite gives its text, MySQL a datetime."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return f"{value}".replace(" ", "T", 1) + "Z"


def least_id(instant: datetime) -> uuid.UUID:
    """The lowest id that an event of that instant can have (UUIDv7)."""
    return uuid.UUID(int=max(0, (instant - _EPOCH) // timedelta(milliseconds=1)) << 80)


def made_at(key: Any) -> datetime | None:
    """When an id was made, to the millisecond, from the bytes of a UUIDv7; None for what is no id."""
    if not isinstance(key, bytes) or len(key) != 16:
        return None
    return _EPOCH + timedelta(milliseconds=min(int.from_bytes(key[:6], "big"), _LAST))


def _seal(
    store: Store, older_than: timedelta, most: int, horizon: timedelta | None, after: bytes | None
) -> list[bytes]:
    """Make one seal of events behind `after`, and bring the anchor up to it; the ids that are sealed."""
    anchor = Anchor(store.settings.anchor, store.keys)
    with store.engine.connect() as connection:
        # The chain's end first: where somebody seals between the two questions, our number is taken and we step back.
        number, previous = _next(connection, anchor)
        found = connection.execute(_unsealed(connection, older_than, horizon, after).limit(most)).all()
    events = [event for event in found if made_at(event.id)]
    written = bool(events) and _write(store, number, previous, events)
    catch_up(store, anchor)
    return [event.id for event in events] if written else []


def _next(connection: Connection, anchor: Anchor) -> tuple[int, bytes]:
    """The number of the next seal, and the head before it.

    What the table has lost, the anchor still knows: the chain goes on from there, so that the gap shows for ever.
    What somebody else put into the table is passed over.
    """
    ends = connection.execute(select(*as_stored(Seal)).order_by(Seal.number.desc()).limit(_AT_ONCE)).all()
    newest = next((Head.of(end) for end in ends if genuine(end, anchor.keys)), None)
    anchored = anchor.newest()
    if anchored and (newest is None or anchored.number >= newest.number):
        newest = anchored
    number = (newest.number if newest else max((end.number for end in ends), default=0)) + 1
    taken = {end.number for end in ends}
    while number in taken:
        number += 1
    return number, newest.head if newest else START


def _unsealed(
    connection: Connection, older_than: timedelta, horizon: timedelta | None, after: bytes | None
) -> Select[Any]:
    now = clock.now()
    query = (
        select(*as_stored(AuditEvent))
        .where(AuditEvent.id < least_id(now - older_than))
        .where(~exists().where(SealEntry.event_id == AuditEvent.id))
        .order_by(AuditEvent.id)
    )
    if after is not None:
        return query.where(stored(AuditEvent.id) > after)
    newest = made_at(connection.scalar(select(stored(func.max(SealEntry.event_id)))))
    if horizon is None or newest is None:
        return query
    # Where the clock went back, the newest sealed event lies ahead of now.
    return query.where(AuditEvent.id >= least_id(min(newest, now) - horizon))


def _write(store: Store, number: int, previous: bytes, events: Sequence[Any]) -> bool:
    """Store one seal with its entries in one transaction; False where another server was faster."""
    made = SimpleNamespace(
        number=number,
        sealed_at=clock.now(),
        count=len(events),
        first_id=uuid.UUID(bytes=events[0].id),
        last_id=uuid.UUID(bytes=events[-1].id),
        root=merkle_root([leaf(event_text(event), event.mac) for event in events]),
        previous=previous,
        key_name=store.keys.current,
        mac=b"",
    )
    made.head = head_of(made)
    made.mac = store.keys.mac(Head.of(made).signed)
    entries = [
        {"event_id": uuid.UUID(bytes=event.id), "seal_number": number, "position": position}
        for position, event in enumerate(events)
    ]
    try:
        with store.writing.begin() as connection, lawful(connection):
            connection.execute(insert(Seal), vars(made))
            connection.execute(insert(SealEntry), entries)
    except IntegrityError:
        return False
    except OperationalError as error:
        if mysql_code(error) not in TRANSIENT:
            raise
        return False
    return True
