"""The append-only history: every event names the one before it by hash, so that nothing can be changed unseen.

An event's hash is SHA-256 over the deterministic JSON of all its other fields, the previous event's hash among them.
The head of the chain is kept apart from the events: a missing tail is found as well as an edited, missing or moved
event. Whoever can rewrite the whole table and the head can rewrite history: print the head elsewhere from time to time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from scanner.model import Actor, Event, Role
from scanner.ports import HistoryRows, HistoryStore
from scanner.records import Entry, Head, KeptEvent

# How many events were read, of how many.
OnProgress = Callable[[int, int], None]

_TELL_EVERY = 2_000
_MOST_FAULTS = 1_000

_ROLES: dict[str, Role] = {role.value: role for role in Role}
_DECODER = msgspec.json.Decoder(dict[str, object])
_ENCODER = msgspec.json.Encoder(order="deterministic")

SYSTEM = Actor(name="delist", role=Role.SYSTEM)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of checking the chain: how many events were read, the head, and every fault in words."""

    events: int
    head: Head
    faults: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether the history is whole and unedited."""
        return not self.faults


def append(tx: HistoryRows, *, actor: Actor, kind: str, subject: str, at: datetime, **data: object) -> None:
    """Append an event to the history within the transaction ``tx``. ``subject`` is ``case:7``, ``inspection:3`` …

    It gets its number and hash when the transaction ends, so that the head of the history is held for a moment only.
    """
    plain: dict[str, object] = msgspec.to_builtins(data)
    tx.append_event(
        Entry(at=at.astimezone(UTC), actor=actor.name, role=actor.role, kind=kind, subject=subject, data=plain)
    )


def seal(head: Head, entry: Entry) -> Event:
    """The event that follows ``head``, with its hash."""
    facts = {name: getattr(entry, name) for name in entry.__struct_fields__}
    event = Event(sequence=head.sequence + 1, previous=head.hash, hash="", **facts)
    return msgspec.structs.replace(event, hash=hash_of(event))


def hash_of(event: Event) -> str:
    """SHA-256 in hex over all fields of ``event`` but its hash."""
    said = (
        event.sequence,
        event.at,
        event.actor,
        event.role,
        event.kind,
        event.subject,
        event.data,
        event.previous,
    )
    return hashlib.sha256(_ENCODER.encode(said)).hexdigest()


def verify(store: HistoryStore, *, expected: Head | None = None, on_progress: OnProgress | None = None) -> Verdict:
    """Read the whole history and report every edited, missing or moved event, and a missing tail.

    ``expected`` is a head as it was told at an earlier time, its hash perhaps cut short: that event must still be it.
    ``on_progress`` hears now and then how many of how many were read. Goes on after a fault.
    """
    with store.reading() as tx:
        head = tx.chain_head()
        faults = _Faults()
        last, count = Head(), 0
        for kept in tx.kept_events():
            count += 1
            if not _follows(kept, last):
                for fault in _faults(event_of(kept), last):
                    faults.add(fault)
            last = Head(sequence=kept[0], hash=kept[-1])
            if expected is not None and last.sequence == expected.sequence:
                faults.compare(last, expected)
                expected = None
            if on_progress is not None and count % _TELL_EVERY == 0:
                on_progress(count, head.sequence)
    if expected is not None and expected.sequence:
        faults.add(f"event {expected.sequence}, which was the head once, is missing")
    if last != head:
        faults.add(
            f"the history ends at event {last.sequence}; the head names event {head.sequence} ({head.hash[:12]})"
        )
    return Verdict(events=count, head=head, faults=faults.told())


def event_of(kept: KeptEvent) -> Event:
    """An event as it is kept; what somebody has made unreadable stays as it is, and its hash does not fit then."""
    sequence, at, actor, role, kind, subject, data, previous, digest = kept
    return Event(
        sequence=sequence,
        at=at,
        actor=actor,
        role=_ROLES.get(role, role),  # type: ignore[arg-type]  # an edited one may be none of ours
        kind=kind,
        subject=subject,
        data=_facts(data),
        previous=previous,
        hash=digest,
    )


def _follows(kept: KeptEvent, last: Head) -> bool:
    """Whether an event is what was sealed after ``last``, byte for byte: then its facts need not be read."""
    *said, data, previous, digest = kept
    if kept[0] != last.sequence + 1 or previous != last.hash:
        return False
    return hashlib.sha256(_ENCODER.encode((*said, msgspec.Raw(data.encode()), previous))).hexdigest() == digest


def _facts(kept: str) -> dict[str, object]:
    try:
        return _DECODER.decode(kept)
    except msgspec.DecodeError:
        return {"unreadable": kept}


class _Faults:
    """The first faults in words and how many there are: a history that is all wrong must not fill the memory."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._more = 0

    def add(self, fault: str) -> None:
        if len(self._told) < _MOST_FAULTS:
            self._told.append(fault)
        else:
            self._more += 1

    def compare(self, found: Head, expected: Head) -> None:
        if not found.hash.startswith(expected.hash):
            self.add(f"event {found.sequence} is not what was expected: {expected.hash[:12]}, not {found.hash[:12]}")

    def told(self) -> tuple[str, ...]:
        return (*self._told, *([f"and {self._more} more"] if self._more else []))


def _faults(event: Event, last: Head) -> Iterator[str]:
    """One fault is told as one: the event after an edited one links to the hash as stored, so it is not faulty too."""
    if event.sequence != last.sequence + 1:
        yield f"event {event.sequence} follows event {last.sequence}: something is missing or moved"
    elif event.previous != last.hash:
        yield f"event {event.sequence} does not name event {last.sequence} as the one before it"
    if event.hash != hash_of(event):
        yield f"event {event.sequence} ({event.kind} of {event.subject}) was edited"
