"""Whether the audit trail, its seals and the records are as we left them: `hmis audit verify`.

Everything is recomputed with the keys and held against the anchor, in batches by key, so that memory stays bounded
and no long transaction is held. Rows are read as the database gives them: no tampered value stops the reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, true

from hmis.core import clock
from hmis.core.audit import AuditEvent
from hmis.core.store import Store
from hmis.core.trail.crosscheck import Births, check_records, check_versions
from hmis.core.trail.findings import LISTED, Finding, Kind, Verification
from hmis.core.trail.seals import (
    START,
    Anchor,
    Head,
    Seal,
    SealEntry,
    as_stored,
    event_text,
    genuine,
    head_of,
    leaf,
    least_id,
    made_at,
    merkle_root,
    moment,
    stored,
)

__all__ = ["Finding", "Kind", "Verification", "verify"]

LATE = timedelta(hours=1)
"""An event this much older than what was sealed before it was written by a clock set back."""

JITTER = timedelta(minutes=1)
"""How far a well-kept clock may be put right."""

UNSEALED_FOR = timedelta(hours=1)
"""An event this old is in a seal, wherever `hmis serve` runs."""

_WRITTEN_WITH_RECORDS = frozenset({"create", "change", "void", "import"})
"""Acts whose event is in the transaction of the act; others may have waited in a spool."""

_BORN = frozenset({"create", "import"})
_ROWS = 5000
_WINDOW = 20_000
_AT_ONCE = 500
_EVENTS, _SEALS, _ENTRIES = AuditEvent.__tablename__, Seal.__tablename__, SealEntry.__tablename__
_COLUMNS = [column.key for column in AuditEvent.__table__.columns]
_OCCURRED_AT, _ACT, _RECORD_TYPE, _RECORD_ID, _KEY_NAME, _MAC = (
    _COLUMNS.index(name) for name in ("occurred_at", "act", "record_type", "record_id", "key_name", "mac")
)


def verify(
    store: Store, since: datetime | None = None, progress: Callable[[Verification], None] | None = None
) -> Verification:
    """Recompute everything; what was found and how much was looked at.

    With `since`, only events, seals and records made from then on: quick, but an older record edited behind our back
    is seen by a whole run alone.
    """
    result = Verification(progress=progress)
    trail = _Trail(store, since, result)
    trail.check_sealed()
    trail.check_unsealed()
    trail.finish()
    check_records(store, result, since, trail.untrusted)
    check_versions(store, result, since)
    return result


@dataclass(slots=True)
class _Bundle:
    """The events that one seal names, as they are found now, in the order of their places."""

    ids: list[Any] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    lost: list[Any] = field(default_factory=list)
    """Named, but gone."""
    misfits: list[Any] = field(default_factory=list)
    """Their MAC does not fit."""


class _Trail:
    """One walk over events, seals and anchor."""

    def __init__(self, store: Store, since: datetime | None, result: Verification) -> None:
        self.store, self.since, self.result = store, since, result
        self.births = Births(store, result)
        self.known: dict[Any, bool] = {}
        self.fits: Counter[Any] = Counter()
        self.misfits: Counter[Any] = Counter()
        self.reached = ""
        """The latest time of a genuine event in the seals so far."""
        self.sealed_at = ""
        """When the newest genuine seal so far was made."""
        self.before: bytes | None = START
        """Head of the seal before, where it can be told."""

    @property
    def untrusted(self) -> frozenset[str]:
        """Keys under which nothing at all fits."""
        return frozenset(name for name, count in self.misfits.items() if count > 1 and not self.fits[name])

    def check_sealed(self) -> None:
        """Every event that a seal names, every seal, and every line of the anchor, side by side in their order."""
        first, upto = self._range()
        gone = _Gaps(self.result, Kind.CUT_OFF, _SEALS, "gone, with whatever was deleted under it")
        unanchored = _Gaps(self.result, Kind.ANCHOR_BEHIND, "anchor", "missing in the anchor")
        expected = first
        beyond: list[int] = []
        streams = self._stored_seals(first, upto), self._bundles(first, upto), self._lines(first)
        for number, (seal, bundle, line) in _side_by_side(*streams):
            if number > upto:
                beyond.append(number)
                continue
            if number < expected:
                self.result.note(Kind.SEAL_EDITED, _SEALS, number, "there never was a seal of this number")
            else:
                gone.add(expected, number if seal is None else number - 1)
                expected = number + 1
            ours = self._judge_seal(seal, line)
            self._judge_bundle(number, seal if ours else None, bundle or _Bundle())
            if line is None and seal is not None and not _fresh(seal):
                unanchored.add(number, number)
        self._judge_beyond(upto, beyond, gone)
        gone.tell()
        unanchored.tell()

    def check_unsealed(self) -> None:
        """Every event that no seal names: ours, and not old."""
        old = clock.iso(clock.now() - UNSEALED_FOR)
        for events in self._unsealed():
            for event in events:
                fits = self._fits(event, event_text(event))
                if fits is False:
                    self._note_event(Kind.INSERTED, event[0], "does not carry our MAC, and no seal holds it")
                elif moment(event[_OCCURRED_AT]) < old:
                    said = (
                        f"of {moment(event[_OCCURRED_AT])} is in no seal: its entry was deleted, no sealer runs, "
                        "it waited in a spool, or the clock was set back when it was written"
                    )
                    self._note_event(Kind.UNSEALED, event[0], said)
            self.result.looked_at("events", len(events))

    def finish(self) -> None:
        """What can only be told at the end."""
        self.births.settle()
        if self.sealed_at > clock.iso(clock.now() + JITTER):
            said = f"the newest seal was made at {self.sealed_at}, which is still to come: the clock went back since"
            self.result.note(Kind.CLOCK_SET_BACK, _SEALS, "newest", said)
        for name in sorted(self.untrusted):
            said = "nothing that was signed with this key fits it: the file was exchanged"
            self.result.note(Kind.KEY_SWAPPED, "keys", name, said)

    def _range(self) -> tuple[int, int]:
        """The first and the last seal to look at; what comes while we read is for the next time."""
        with self.store.engine.connect() as connection:
            upto: int = connection.scalar(select(func.max(Seal.number))) or 0
            if self.since is None:
                return 1, upto
            found = connection.scalar(select(func.min(Seal.number)).where(Seal.sealed_at >= self.since))
            first: int = found or upto + 1
            before = connection.execute(select(*as_stored(Seal)).where(Seal.number == first - 1)).one_or_none()
        if first > 1:
            self.before = before.head if before else None
            if before and genuine(before, self.store.keys):
                self.reached = self.sealed_at = moment(before.sealed_at)
        return first, upto

    def _judge_seal(self, seal: Any, line: Head | None) -> bool:
        """Whether a seal is there and as we made it; what is wrong with it is noted."""
        if seal is None:
            self.before = line.head if line else None
            return False
        self.result.looked_at("seals", 1)
        shown = Head.of(seal)
        wrong = []
        if not self._knows(seal.key_name):
            self.result.note(
                Kind.KEY_UNKNOWN, _SEALS, seal.number, f"names the key {seal.key_name}, which is not here", at=_at(seal)
            )
            self.before = line.head if line else None
            return False
        if not self._weigh(seal.key_name, shown.genuine(self.store.keys)):
            wrong.append("its MAC does not fit")
        if head_of(seal) != seal.head:
            wrong.append("its head does not fit what it says")
        if self.before is not None and seal.previous != self.before:
            wrong.append("it does not follow the seal before it")
        if line is not None and line != shown:
            wrong.append("the anchor shows it differently")
        if wrong:
            self.result.note(Kind.SEAL_EDITED, _SEALS, seal.number, ", and ".join(wrong), at=_at(seal))
            self.before = line.head if line else None
            return False
        if shown.sealed_at < _shifted(self.sealed_at, -JITTER):
            said = f"was made at {shown.sealed_at}, though the one before it was made at {self.sealed_at}"
            self.result.note(Kind.CLOCK_SET_BACK, _SEALS, seal.number, said, at=_at(seal))
        self.before, self.sealed_at = seal.head, shown.sealed_at
        return True

    def _judge_bundle(self, number: int, seal: Any, bundle: _Bundle) -> None:
        """Hold the events that name a seal against the seal; None where it is gone or not to be trusted."""
        for key in bundle.lost:
            self._note_event(Kind.DELETED, key, f"was sealed in seal {number} and is gone")
        whole = seal is not None and seal.count == len(bundle.leaves) == len(bundle.ids)
        as_sealed = whole and merkle_root(bundle.leaves) == seal.root
        added = (
            set() if seal is None else {k for k, p in zip(bundle.ids, bundle.places, strict=True) if p >= seal.count}
        )
        for key in bundle.misfits:
            if as_sealed or key in added:
                self._note_event(Kind.INSERTED, key, f"does not carry our MAC, though seal {number} names it")
            else:
                self._note_event(Kind.EDITED, key, "is not what we wrote: its MAC does not fit")
        if seal is None or as_sealed:
            return
        moved = [key for key, right in zip(bundle.ids, sorted(bundle.ids, key=_order), strict=True) if key != right]
        for key in moved or added - set(bundle.misfits):
            self._note_event(Kind.REORDERED, key, f"is not at the place that seal {number} gave it")
        places = set(bundle.places)
        empty = [place for place in range(seal.count) if place not in places]
        for place in empty:
            said = f"seal {number} held an event at place {place}; its entry is gone"
            self.result.note(Kind.DELETED, _ENTRIES, f"{number}/{place}", said, at=_at(seal))
        if not (bundle.lost or bundle.misfits or moved or added or empty):
            said = "its events are in order, but are not those that it sealed"
            self.result.note(Kind.REORDERED, _SEALS, number, said, at=_at(seal))

    def _judge_beyond(self, upto: int, numbers: list[int], gone: _Gaps) -> None:
        """Lines of the anchor behind the end of the table: made while we read, or the table was cut off."""
        with self.store.engine.connect() as connection:
            for start in range(0, len(numbers), _AT_ONCE):
                asked = numbers[start : start + _AT_ONCE]
                there = set(connection.scalars(select(Seal.number).where(Seal.number.in_(asked))))
                for number in asked:
                    if number not in there:
                        gone.add(number, number)
            strays = connection.execute(
                select(stored(SealEntry.event_id), SealEntry.seal_number)
                .where(SealEntry.seal_number > upto, ~exists().where(Seal.number == SealEntry.seal_number))
                .limit(LISTED)
            ).all()
        for key, number in strays:
            said = f"says that its event is in seal {number}, which is not there"
            self.result.note(Kind.CUT_OFF, _ENTRIES, key, said, at=made_at(key))

    def _fits(self, event: Sequence[Any], told: bytes) -> bool | None:
        """Whether an event is what we wrote; None where its key is not here. Remembers the record it says was made."""
        name = event[_KEY_NAME]
        if not self._knows(name):
            self._note_event(Kind.KEY_UNKNOWN, event[0], f"names the key {name}, which is not here")
            return None
        if not self._weigh(name, self.store.keys.mac(told, name) == event[_MAC]):
            return False
        if event[_ACT] in _BORN:
            self.births.remember(event[_RECORD_TYPE], event[_RECORD_ID])
        return True

    def _weigh(self, name: str, fits: bool) -> bool:
        (self.fits if fits else self.misfits)[name] += 1
        return fits

    def _knows(self, name: Any) -> bool:
        if name not in self.known:
            self.known[name] = isinstance(name, str) and self.store.keys.knows(name)
        return self.known[name]

    def _note_event(self, kind: Kind, key: Any, sentence: str) -> None:
        self.result.note(kind, _EVENTS, key, sentence, at=made_at(key))

    def _stored_seals(self, first: int, upto: int) -> Iterator[tuple[int, Any]]:
        query = select(*as_stored(Seal)).where(Seal.number <= upto).order_by(Seal.number).limit(_AT_ONCE)
        # A whole run begins below the first number: nobody hides anything there.
        behind: ColumnElement[bool] = true() if self.since is None else Seal.number >= first
        while True:
            with self.store.engine.connect() as connection:
                seals = connection.execute(query.where(behind)).all()
            for seal in seals:
                yield seal.number, seal
            if len(seals) < _AT_ONCE:
                return
            behind = Seal.number > seals[-1].number

    def _lines(self, first: int) -> Iterator[tuple[int, Head]]:
        """Genuine lines of the anchor from `first` on; whatever else is in it is noted."""
        last = garbled = 0
        for line in Anchor(self.store.settings.anchor, self.store.keys).lines():
            if line is None:
                garbled += 1
                continue
            if line.number < first:
                last, garbled = line.number, 0
                continue
            self.result.looked_at("anchor lines", 1)
            if not self._knows(line.key_name):
                self.result.note(Kind.KEY_UNKNOWN, "anchor", line.number, f"names the key {line.key_name}")
            elif not self._weigh(line.key_name, line.genuine(self.store.keys)):
                self.result.note(Kind.ANCHOR_EDITED, "anchor", line.number, "the line's MAC does not fit")
            elif line.number <= last:
                self.result.note(Kind.ANCHOR_EDITED, "anchor", line.number, f"the line stands behind that of {last}")
            else:
                if garbled and line.number != last + 1:  # a line cut short by a crash was written again
                    said = f"{garbled} unreadable lines stand before it"
                    self.result.note(Kind.ANCHOR_EDITED, "anchor", line.number, said)
                last, garbled = line.number, 0
                yield line.number, line
        if garbled:
            said = f"{garbled} unreadable lines stand behind it, at the end"
            self.result.note(Kind.ANCHOR_EDITED, "anchor", last, said)

    def _bundles(self, first: int, upto: int) -> Iterator[tuple[int, _Bundle]]:
        """The events of each seal, each judged by its MAC and its time."""
        number, bundle, newest, late = 0, _Bundle(), "", ""
        for row in self._sealed(first, upto):
            if row[0] != number:
                if bundle.ids:
                    yield number, bundle
                self.reached = max(self.reached, newest)
                number, bundle, late = row[0], _Bundle(), _shifted(self.reached, -LATE)
            _, place, key, *event = row
            bundle.ids.append(key)
            bundle.places.append(place)
            if event[0] is None:
                bundle.lost.append(key)
                continue
            told = event_text(event)
            fits = self._fits(event, told)
            bundle.leaves.append(leaf(told, event[_MAC]))
            if not fits:
                if fits is False:
                    bundle.misfits.append(key)
                continue
            occurred_at = moment(event[_OCCURRED_AT])
            newest = max(newest, occurred_at)
            if occurred_at < late and event[_ACT] in _WRITTEN_WITH_RECORDS:
                said = f"says {occurred_at}, but events of {self.reached} were sealed before: the clock was set back"
                self._note_event(Kind.CLOCK_SET_BACK, key, said)
        if bundle.ids:
            yield number, bundle

    def _sealed(self, first: int, upto: int) -> Iterator[Sequence[Any]]:
        """Entries with their events, by seal and place."""
        entry = stored(SealEntry.event_id)
        query = (
            select(SealEntry.seal_number, SealEntry.position, entry, *as_stored(AuditEvent))
            .outerjoin_from(SealEntry, AuditEvent, AuditEvent.id == SealEntry.event_id)
            .where(SealEntry.seal_number <= upto)
            .order_by(SealEntry.seal_number, SealEntry.position, SealEntry.event_id)
            .limit(_ROWS)
        )
        behind: ColumnElement[bool] = true() if self.since is None else SealEntry.seal_number >= first
        while True:
            with self.store.engine.connect() as connection:
                rows = connection.execute(query.where(behind)).all()
            yield from rows
            self.result.looked_at("events", len(rows))
            if len(rows) < _ROWS:
                return
            number, place, key = rows[-1][:3]
            behind = or_(
                SealEntry.seal_number > number,
                and_(SealEntry.seal_number == number, SealEntry.position > place),
                and_(SealEntry.seal_number == number, SealEntry.position == place, entry > key),
            )

    def _unsealed(self) -> Iterator[Sequence[Row[Any]]]:
        """Events without an entry, window by window, so that no single question takes long."""
        key = stored(AuditEvent.id)
        window: list[ColumnElement[bool]] = [AuditEvent.id >= least_id(self.since)] if self.since else []
        query = select(*as_stored(AuditEvent)).where(~exists().where(SealEntry.event_id == AuditEvent.id)).order_by(key)
        while True:
            with self.store.engine.connect() as connection:
                edge = connection.scalar(select(key).where(*window).order_by(key).offset(_WINDOW).limit(1))
                inside = window if edge is None else [*window, key <= edge]
                yield connection.execute(query.where(*inside)).all()
            if edge is None:
                return
            window = [key > edge]


class _Gaps:
    """Seals that are missing somewhere, told as ranges: a thousand lost seals are one finding."""

    def __init__(self, result: Verification, kind: Kind, table: str, said: str) -> None:
        self.result, self.kind, self.table, self.said = result, kind, table, said
        self.first = self.last = 0

    def add(self, first: int, last: int) -> None:
        """Take down that `first` to `last` are missing; nothing where the range is empty."""
        if last < first:
            return
        if not self.last or first != self.last + 1:
            self.tell()
            self.first = first
        self.last = last

    def tell(self) -> None:
        """Note the range that is open."""
        if self.last:
            one = self.first == self.last
            row = f"{self.first}" if one else f"{self.first}-{self.last}"
            seals = f"seal {self.first} is" if one else f"seals {self.first} to {self.last} are"
            self.result.note(self.kind, self.table, row, f"{seals} {self.said}")
        self.first = self.last = 0


def _side_by_side(*streams: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Streams in the order of their numbers, read together: each number once, None where a stream lacks it."""
    heads = [next(stream, None) for stream in streams]
    while waiting := [head[0] for head in heads if head is not None]:
        number = min(waiting)
        yield number, [head[1] if head is not None and head[0] == number else None for head in heads]
        heads = [
            next(stream, None) if head is not None and head[0] == number else head
            for stream, head in zip(streams, heads, strict=True)
        ]


def _order(key: Any) -> tuple[bool, Any]:
    return isinstance(key, bytes), key if isinstance(key, bytes) else repr(key)


def _fresh(seal: Any) -> bool:
    """Whether a seal is so new that its line may be on its way to the anchor."""
    return moment(seal.sealed_at) > clock.iso(clock.now() - JITTER)


def _shifted(instant: str, by: timedelta) -> str:
    return clock.iso(datetime.fromisoformat(instant) + by) if instant else ""


def _at(seal: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(moment(seal.sealed_at))
    except ValueError:
        return None
