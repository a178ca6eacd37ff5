"""Restoring into a scratch place and proving it there: the nightly drill, and the first half of every restore."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from hmis.core import backups, clock, migrate
from hmis.core.backups import Outcome
from hmis.core.config import Settings
from hmis.core.db import open_engine
from hmis.core.store import Store
from hmis.core.trail.keys import KeyRing
from hmis.core.trail.seals import Anchor, Seal, catch_up
from hmis.core.trail.verify import verify as verify_audit
from hmis.upkeep import Refused, archive, mariadb, sqlite
from hmis.upkeep.backup import ANCHOR, KEYS, all_in, made_at
from hmis.upkeep.evidence import counted, form, miscounted, rendered, revision_of
from hmis.upkeep.identity import identities
from hmis.upkeep.manifest import Kind, Manifest
from hmis.upkeep.room import workplace

_TOLD = 10
"""Findings of the audit that are told; `hmis audit verify` tells all."""


@dataclass
class Proof:
    """What was looked at on a restored copy, and what is wrong with it."""

    looked_at: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """It is not what the hospital was."""
    findings: list[str] = field(default_factory=list)
    """What the audit says against it; that may have been so before the copy was made, and stops no restore."""


@dataclass(frozen=True)
class Drill:
    """How a drill went."""

    outcome: Outcome
    proof: Proof


def verify(settings: Settings, file: Path | None = None, *, tick: archive.Tick = lambda done, of: None) -> Drill:
    """Restore a backup into a scratch place and prove it; the newest, where none is named.

    How it went with the newest here is the drill and is written down, either way; how it is with another file is only
    told. Raises `Refused` or `OSError` where the file could not even be opened. The newest being too old is a fault.
    """
    began, clocked = clock.now(), time.monotonic()
    counts = file is None or file.resolve() in {one.resolve() for one in all_in(settings.backups)[:1]}
    try:
        chosen = file or newest(settings)
        with workplace(settings) as content:
            manifest = archive.unpack(chosen, content, identities(settings), tick, settings.disk_reserve_bytes)
            with brought_up(settings, manifest, content) as scratch:
                restored_in = time.monotonic() - clocked
                proof = prove(manifest, scratch, settings)
        age = began - manifest.began_at
        if counts and age > backups.OVERDUE:
            proof.wrong.append(f"the newest backup is {_spoken(age)} old: a night was missed")
    except Exception as error:
        if counts:
            backups.note_drilled(settings, Outcome.failed(began, error, time.monotonic() - clocked))
        raise
    said = (
        f"restored in {restored_in:.1f} s; were everything here lost now, what was written in the last {_spoken(age)} "
        f"would be (since {settings.local(manifest.began_at):%d-%b-%Y %H:%M:%S}"
        f"{', unless the binary log survives' if manifest.binlog else ''})"
    )
    outcome = Outcome(
        at=began,
        ok=not (proof.wrong or proof.findings),
        said="; ".join(proof.wrong + proof.findings) or said,
        seconds=time.monotonic() - clocked,
        file=chosen.name,
        size_bytes=chosen.stat().st_size,
        holds_until=manifest.began_at,
    )
    if counts:
        backups.note_drilled(settings, outcome)
    return Drill(outcome, proof)


def newest(settings: Settings, before: datetime | None = None) -> Path:
    """The newest backup here, or the newest begun before an instant. Raises `Refused` where there is none."""
    found = [file for file in all_in(settings.backups) if before is None or made_at(file) < before]
    if not found:
        when = f" from before {settings.local(before):%d-%b-%Y %H:%M:%S}" if before else ""
        raise Refused(f"there is no backup{when} in {settings.backups}: name the file, or make one")
    return found[0]


@contextmanager
def brought_up(settings: Settings, manifest: Manifest, content: Path) -> Iterator[Settings]:
    """The settings of a scratch deployment that consists of what was unpacked, while it lasts."""
    if manifest.kind is Kind.SQLITE:
        yield _scratch(settings, content, f"sqlite:///{content / sqlite.MEMBER}")
        return
    with mariadb.brought_up(content, manifest.kind, manifest.database) as address:
        yield _scratch(settings, content, address)


def prove(
    manifest: Manifest, scratch: Settings, live: Settings, *, until: datetime | None = None, audit: bool = True
) -> Proof:
    """Hold a restored copy against what the live hospital showed. `until`: it was rolled forward to that instant.

    What came later makes more rows and other charts, so of these only what cannot change is compared then.
    """
    proof = Proof()
    _check_database(manifest, scratch, proof, rolled_forward=until is not None)
    if proof.wrong:
        return proof
    migrate.prepare(scratch.url)  # from here on it is read by this release
    store = Store(scratch)
    try:
        _check_seals(manifest, store, live, proof)
        if until is None:
            _check_charts(manifest, store, proof)
        if audit:
            _check_audit(store, until or manifest.began_at, proof)
    finally:
        store.close()
    return proof


def _check_database(manifest: Manifest, scratch: Settings, proof: Proof, *, rolled_forward: bool) -> None:
    engine = open_engine(scratch.url, patience=mariadb.PATIENCE)
    try:
        if manifest.kind is Kind.SQLITE:
            proof.wrong += sqlite.damage(sqlite.file_of(scratch.url))
        else:
            proof.wrong += mariadb.damage(engine)
        if proof.wrong:
            return
        with engine.connect() as connection:
            if (revision := revision_of(connection)) != manifest.revision:
                proof.wrong.append(f"its schema is {revision}, and was {manifest.revision}")
            rows = counted(connection)
        exact = manifest.kind is Kind.SQLITE
        proof.wrong += miscounted(manifest.evidence, rows, exact=exact, rolled_forward=rolled_forward)
        proof.looked_at.append(f"{sum(rows.values()):,} rows in {len(rows)} tables")
    finally:
        engine.dispose()


def _check_seals(manifest: Manifest, store: Store, live: Settings, proof: Proof) -> None:
    """The chain goes as far as the live database said, and is the one that the live anchor tells of."""
    told = manifest.evidence.seal
    if told is None:
        return
    with store.engine.connect() as connection:
        head = connection.scalar(select(Seal.head).where(Seal.number == told.number))
    if head is None or head.hex() != told.head:
        proof.wrong.append(f"seal {told.number} of the audit is not the one the hospital had")
    anchored = {line.number: line.head.hex() for line in Anchor(live.anchor, store.keys).lines() if line}
    if anchored.get(told.number, told.head) != told.head:
        proof.wrong.append(f"seal {told.number} is not the one that the anchor {live.anchor} tells of")
    proof.looked_at.append(f"the audit's chain up to seal {told.number}")


def _check_charts(manifest: Manifest, store: Store, proof: Proof) -> None:
    told = manifest.evidence
    whose = [uuid.UUID(patient) for patient in told.charts]
    with store.engine.connect() as connection:
        shown = rendered(store, connection, whose, manifest.began_at)
    if told.rendered_by != form(store):
        proof.looked_at.append(f"{len(shown)} charts, not compared: {manifest.release} showed them otherwise")
        return
    proof.wrong += [f"the chart of patient {p} is not what it was" for p in shown if shown[p] != told.charts[p]]
    proof.looked_at.append(f"{len(shown)} charts, each as the hospital showed it")


def _check_audit(store: Store, at: datetime, proof: Proof) -> None:
    """The whole trail, by the clock of the moment that the copy is of: what is fresh then is sealed soon after."""
    store.spool.move(store.writing)
    catch_up(store, Anchor(store.settings.anchor, store.keys))
    with clock.stopped_at(at):
        found = verify_audit(store)
    proof.findings += [str(finding) for finding in found.findings[:_TOLD]]
    proof.looked_at.append(found.summary().removeprefix("looked at "))


def _scratch(settings: Settings, content: Path, address: str) -> Settings:
    """The same settings for a deployment that consists of what was unpacked."""
    KeyRing(content / KEYS)
    return Settings(
        **{
            **settings.model_dump(),
            "data_dir": content,
            "database_url": address,
            "audit_key_dir": content / KEYS,
            "audit_anchor": content / ANCHOR,
            "slow_query_ms": 0,
        }
    )


def _spoken(age: timedelta) -> str:
    hours, rest = divmod(int(age.total_seconds()), 3600)
    return f"{hours} h {rest // 60} min" if hours else f"{rest // 60} min {rest % 60} s"
