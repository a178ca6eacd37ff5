"""The audit trail: one append-only event for each act, each with a MAC under a key kept outside the database.

An event names the fields that changed and carries keyed hashes of their values, never the values: who reads the
audit reads no chart. FHIR: AuditEvent (IHE BALP).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from json.encoder import encode_basestring_ascii
from typing import Any, ClassVar

from sqlalchemy import BINARY, JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hmis.core import clock
from hmis.core.access import Actor
from hmis.core.columns import new_id, word
from hmis.core.db import Row
from hmis.core.trail.keys import KeyRing


class Act(StrEnum):
    """What was done."""

    CREATE = "create"
    CHANGE = "change"
    VOID = "void"
    READ = "read"
    SEARCH = "search"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    REFUSE = "refuse"
    EXPORT = "export"
    IMPORT = "import"


class AuditEvent(Row):
    """One act. Inserted once, never changed, never deleted. FHIR: AuditEvent."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_act", "act", "id"),
        Index("ix_audit_events_patient", "patient_id", "id"),
        Index("ix_audit_events_actor", "actor_id", "id"),
        Index("ix_audit_events_record", "record_id", "id"),
        Row.__table_args__,
    )
    append_only: ClassVar[bool] = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    act: Mapped[Act] = mapped_column(word(Act, 16))
    actor_id: Mapped[uuid.UUID | None]
    actor_number: Mapped[str] = mapped_column(String(16))
    actor_role: Mapped[str] = mapped_column(String(16))
    session_id: Mapped[uuid.UUID | None]
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[uuid.UUID | None]
    record_type: Mapped[str] = mapped_column(String(200))
    """The table, or for a reading and a refusal the route template."""
    record_id: Mapped[uuid.UUID | None]
    outcome: Mapped[str] = mapped_column(String(32))
    """`done`, or the code of the refusal."""
    hashes: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Field name -> keyed hash of its value after the act."""
    key_name: Mapped[str] = mapped_column(String(64))
    mac: Mapped[bytes] = mapped_column(BINARY(32))


def event(
    keys: KeyRing,
    actor: Actor | None,
    act: Act,
    record_type: str,
    *,
    record_id: uuid.UUID | None = None,
    patient_id: uuid.UUID | None = None,
    hashes: Mapping[str, str] | None = None,
    outcome: str = "done",
    address: str = "",
    request_id: str = "",
) -> dict[str, Any]:
    """A finished event, MAC included, as the values of one row of `audit_events`.

    `address` and `request_id` are for an act of nobody known, such as a failed sign-in; an actor brings their own.
    """
    values: dict[str, Any] = {
        "id": new_id(),
        "occurred_at": clock.now(),
        "act": act,
        "actor_id": actor and actor.staff_id,
        "actor_number": actor.staff_number if actor else "",
        "actor_role": actor.role.value if actor else "",
        "session_id": actor and actor.session_id,
        "address": (actor.address if actor else address)[:64],
        "request_id": (actor.request_id if actor else request_id)[:64],
        "patient_id": patient_id,
        "record_type": record_type[:200],
        "record_id": record_id,
        "outcome": outcome,
        "hashes": dict(hashes or {}),
        "key_name": keys.current,
    }
    return {**values, "mac": keys.mac(canonical(values))}


def canonical(values: Mapping[str, Any]) -> bytes:
    """The one byte string that an event's MAC and leaf hash are taken over; `mac` itself is left out."""
    plain = {name: as_text(value) for name, value in values.items() if name != "mac"}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def as_text(value: Any) -> Any:
    """A value as it is hashed: the same text before it is stored and after it was read on any database."""
    if type(value) is str:
        return value
    match value:
        case None | bool() | int():
            return value
        case uuid.UUID():
            return value.hex
        case datetime():
            return clock.iso(value)
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case bytes():
            return value.hex()
        case dict():
            return {str(name): as_text(inner) for name, inner in sorted(value.items())}
        case list() | tuple() | set() | frozenset():
            return [as_text(inner) for inner in value]
        case _:
            return str(value)


def field_hashes(
    keys: KeyRing, record_id: uuid.UUID, fields: Iterable[tuple[str, Any]], key_name: str | None = None
) -> dict[str, str]:
    """Keyed hash of each value, bound to its record and field: 16 bytes in hex, no use to a guesser without the key."""
    return {
        name: keys.mac(f"{record_id.hex}|{name}|{_as_json(as_text(value))}".encode(), key_name)[:16].hex()
        for name, value in fields
    }


def _as_json(plain: Any) -> str:
    """What `json.dumps` gives, without its preparations for the plain values that most fields hold."""
    if isinstance(plain, str):
        return encode_basestring_ascii(plain)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return repr(plain) if isinstance(plain, int) else json.dumps(plain)
