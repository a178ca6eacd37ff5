"""Slowing down who guesses passwords, without letting anybody lock a colleague out from elsewhere.

Counted in the database, so that all processes count together and a restart forgets nothing:

- one account from one address: five tries, then a wait that doubles from one minute to fifteen;
- one address, whoever is meant: fifty failures in fifteen minutes;
- one account from anywhere: after twenty failures in fifteen minutes only addresses from which this account has
  signed in within thirty days are let try. Who hammers from elsewhere stops themselves, not the person.

A name that nobody has is counted the same way, so a refusal tells nothing.

What anybody may do without signing in is counted in the same way too (`admit_act`): so often from one address.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import ColumnElement, delete, select

from hmis.core import clock
from hmis.core.columns import new_id
from hmis.core.db import HospitalSession
from hmis.core.errors import TooManyRequests
from hmis.core.store import Store
from hmis.staff.models import FailedSignIn, SignIn

FREE_TRIES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
PER_ADDRESS = 50
PER_ACCOUNT = 20
SPAN = timedelta(minutes=15)
"""What the limits per address and per account are counted over."""
MEMORY = timedelta(hours=24)
"""How long a failure counts against its account and address; a success forgets them."""
FAMILIAR_FOR = timedelta(days=30)

Waits = Callable[[HospitalSession, tuple[ColumnElement[bool], ...]], list[datetime]]
"""The moments before which somebody has to wait, given what is left out of the count."""


@dataclass(frozen=True)
class Attempt:
    """Somebody at an address says who they are."""

    account: bytes
    staff_id: uuid.UUID | None
    address: str


def attempt_of(store: Store, login: str, staff_id: uuid.UUID | None, address: str) -> Attempt:
    """An attempt as it is counted: user name and e-mail of one person are one account."""
    meant = f"staff {staff_id}" if staff_id else f"name {login}"
    return Attempt(_hashed(store, meant), staff_id, network_of(address))


def network_of(address: str) -> str:
    """The address as it is counted: an IPv6 host chooses among 2^64 of them, so its /64 counts as one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)  # an IPv4 host seen through a server that listens on both
    return str(found) if found.version == 4 else str(ip_network(f"{found}/64", strict=False))


def admit(store: Store, attempt: Attempt) -> None:
    """Let an attempt through to the password check, counted as a failure until `forgive`.

    It is written down and committed first and the others are counted after, so of any number of guesses sent at once
    no more get through than one after another. Raises `TooManyRequests`.
    """
    _admit(store, attempt.account, attempt.address, partial(_waits, attempt))


def admit_act(store: Store, act: str, address: str, *, most: int, span: timedelta) -> None:
    """Let somebody whom nobody knows do `act`, at most `most` times in `span` from one address; at most `MEMORY`.

    It does not count against signing in from there. Raises `TooManyRequests`.
    """
    account = _hashed(store, f"act {act} from {network_of(address)}")
    _admit(store, account, "", partial(_waits_for_act, account, most, span))


def _admit(store: Store, account: bytes, address: str, waits: Waits) -> None:
    with store.session(writes=False) as session:
        _refuse_if_too_many(waits(session, ()))
    mine = new_id()
    with store.session(small=True) as session:
        session.add(FailedSignIn(id=mine, login_hash=account, address=address, failed_at=clock.now()))
        session.commit()
    try:
        with store.session(writes=False) as session:
            _refuse_if_too_many(waits(session, (FailedSignIn.id != mine,)))
    except TooManyRequests:
        with store.session(small=True) as session:
            session.execute(delete(FailedSignIn).where(FailedSignIn.id == mine))
            session.commit()
        raise


def _hashed(store: Store, meant: str) -> bytes:
    return hmac.digest(store.settings.secret_key.encode(), meant.encode(), "sha256")


def forgive(store: Store, attempt: Attempt) -> None:
    """The password was right: forget the failures of this account from this address."""
    with store.session(small=True) as session:
        session.execute(
            delete(FailedSignIn).where(
                FailedSignIn.login_hash == attempt.account, FailedSignIn.address == attempt.address
            )
        )
        session.commit()


def purge(session: HospitalSession) -> int:
    """Forget failures that no longer count; how many."""
    gone = session.connection().execute(delete(FailedSignIn).where(FailedSignIn.failed_at < clock.now() - MEMORY))
    return gone.rowcount


def _refuse_if_too_many(waits: list[datetime]) -> None:
    until = max(waits, default=None)
    if until is not None and until > clock.now():
        seconds = int((until - clock.now()).total_seconds()) + 1
        raise TooManyRequests(f"too many attempts; try again in {_spoken(seconds)}", retry_after=seconds)


def _waits(attempt: Attempt, session: HospitalSession, but: tuple[ColumnElement[bool], ...]) -> list[datetime]:
    """The moments before which this attempt has to wait."""
    now = clock.now()
    account = FailedSignIn.login_hash == attempt.account
    address = FailedSignIn.address == attempt.address
    here = _newest(session, FREE_TRIES + 5, account, address, FailedSignIn.failed_at > now - MEMORY, *but)
    by_address = _newest(session, PER_ADDRESS, address, FailedSignIn.failed_at > now - SPAN, *but)
    by_account = _newest(session, PER_ACCOUNT, account, FailedSignIn.failed_at > now - SPAN, *but)
    waits = []
    if len(here) >= FREE_TRIES:
        waits.append(here[0] + min(LONGEST_WAIT, FIRST_WAIT * 2 ** (len(here) - FREE_TRIES)))
    if len(by_address) == PER_ADDRESS:
        waits.append(by_address[-1] + SPAN)
    if len(by_account) == PER_ACCOUNT and not _familiar(session, attempt):
        waits.append(by_account[-1] + SPAN)
    return waits


def _waits_for_act(
    account: bytes, most: int, span: timedelta, session: HospitalSession, but: tuple[ColumnElement[bool], ...]
) -> list[datetime]:
    since = FailedSignIn.failed_at > clock.now() - span
    newest = _newest(session, most, FailedSignIn.login_hash == account, since, *but)
    return [newest[-1] + span] if len(newest) == most else []


def _newest(session: HospitalSession, most: int, *which: ColumnElement[bool]) -> list[datetime]:
    newest_first = select(FailedSignIn.failed_at).where(*which).order_by(FailedSignIn.failed_at.desc())
    return list(session.scalars(newest_first.limit(most)))


def _familiar(session: HospitalSession, attempt: Attempt) -> bool:
    """Whether this account has signed in from this address lately."""
    addresses = session.scalars(
        select(SignIn.address)
        .where(SignIn.staff_id == attempt.staff_id, SignIn.started_at > clock.now() - FAMILIAR_FOR)
        .distinct()
    )
    return any(network_of(address) == attempt.address for address in addresses)


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
