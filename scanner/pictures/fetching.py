"""Which pictures are fetched, and what becomes of them: noted from the history, fetched within bounds, kept, compared.

Only pictures of listings that are in the queue, a few of each, and only from the source's own hosts and those that are
declared to hold its pictures. What the platform sent is kept as evidence and shown to nobody; people see a copy of our
own. Killed anywhere, a picture is fetched again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urljoin

import msgspec

from scanner import audit
from scanner.errors import NotFound
from scanner.model import Event, EvidenceRef, Listing
from scanner.orders import Capture
from scanner.pictures.records import Picture, PictureState, Wanted
from scanner.ports import Clock, WatchRows
from scanner.records import Case
from scanner.sellers import relist
from scanner.takedown.verify import Keep
from scanner.workflow import WAITING

FOLDER = "pictures"
KEPT = "evidence.pictures"
# So many times a picture is asked for, later each time; nobody else asks for it meanwhile.
MOST_TRIES = 4
AGAIN_AFTER = timedelta(minutes=10)
LEASE = timedelta(minutes=15)

_NAME = "pictures"
_NEWS = ("case.opened", "case.updated", "case.reopened")
# A few at a time: while they are noted nobody else writes to SQLite.
_EVENTS = 200
# What came into the queue before is fetched only if it still waits.
RECENT = timedelta(days=7)
_LONGEST_ADDRESS = 2_000


class Got(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking for a picture: a ``capture``; or ``why`` there is none, and how it is to ``end``."""

    capture: Capture | None = None
    why: str = ""
    end: PictureState = PictureState.DUE


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """Our own copy of a picture, as ``Picture`` describes it; or ``why`` there is none."""

    webp: bytes = b""
    why: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0
    look: int | None = None


# Asks a source (by its name) for a picture, within bounds. Never raises for what comes or does not.
Get = Callable[[str, str], Got]
Decode = Callable[[Sequence[bytes]], Sequence[Copy]]


class PictureRows(WatchRows, Protocol):
    """What fetching reads and writes."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""

    def latest_cases(self, rows: list[int]) -> dict[int, Case]:
        """The latest case of each listing, by the listing's row."""

    def followed_to(self, name: str) -> int:
        """Up to which event somebody has followed the history; whoever else does waits."""

    def set_followed(self, name: str, sequence: int) -> None:
        """That far, from now on."""

    def events_after(self, after: int, *, until: int, kinds: Collection[str]) -> tuple[Event, ...]:
        """The events of these kinds whose number is above ``after`` and at most ``until``."""

    def note_pictures(self, case: Case, urls: Sequence[str], *, at: datetime) -> int:
        """Put pictures of a case's version down to be fetched; those that are already stay. How many are new."""

    def take_pictures(self, *, at: datetime, until: datetime, limit: int) -> tuple[Wanted, ...]:
        """Pictures that are due, by version, for nobody else before ``until``."""

    def pictures_of(self, listing_row: int, number: int) -> tuple[Picture, ...]:
        """The pictures of a version by position."""

    def save_picture(self, picture: Picture) -> None:
        """Write what became of a picture."""

    def compare_anew(self, case_id: int) -> None:
        """Let a waiting case be compared with others once more."""


class PictureStore(Protocol):
    """A store that keeps pictures."""

    def reading(self) -> AbstractContextManager[PictureRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[PictureRows]:
        """All or nothing; ``durable`` also survives a power cut."""


def note(store: PictureStore, *, each: int, sources: Collection[str], now: datetime) -> int:
    """Put down the pictures of what has come into the queue since the last time, ``each`` of a listing at most.

    Only for sources that are configured: of others it is not known which hosts are theirs. What was decided long ago,
    before pictures were fetched, is left alone. How many were put down.
    """
    noted = 0
    while True:
        with store.transaction() as tx:
            after = tx.followed_to(_NAME)
            until = min(tx.chain_head().sequence, after + _EVENTS)
            if until <= after:
                return noted
            news = {_case_of(event): event.at for event in tx.events_after(after, until=until, kinds=_NEWS)}
            for number, at in news.items():
                try:
                    case = tx.case(number)
                except NotFound:
                    continue  # erased since
                if case.source in sources and (case.state in WAITING or at > now - RECENT):
                    noted += _note(tx, case, each, now)
            tx.set_followed(_NAME, until)


def ask_for(store: PictureStore, case_id: int, *, each: int, now: datetime) -> tuple[Picture, ...]:
    """Put down the pictures of one case, whatever became of them before unless they are kept. Raises ``NotFound``."""
    with store.transaction() as tx:
        case = tx.case(case_id)
        _note(tx, case, each, now)
        for picture in tx.pictures_of(case.listing_row, case.version):
            if picture.state is not PictureState.KEPT:
                again = msgspec.structs.replace(picture, state=PictureState.DUE, due_at=now, tries=0, says="")
                tx.save_picture(again)
        return tx.pictures_of(case.listing_row, case.version)


def fetch_due(
    store: PictureStore, *, get: Get, decode: Decode, keep: Keep, clock: Clock, limit: int = 30
) -> Counter[PictureState]:
    """Fetch what is due, at most ``limit`` pictures; how many came to which end (``due``: tried again later).

    1. An address outside the hosts, an answer that is too large, bytes that are no picture: refused, for good.
    2. 404 and the like: failed. No answer, or an overloaded server: again after 10, 20, 40 minutes, then failed.
    3. What came is kept as it was sent, with an inert copy beside it; one event for each version says so.
    4. A new look is compared with what was removed, and with other cases in the queue.
    """
    now = clock()
    with store.transaction() as tx:
        wanted = tx.take_pictures(at=now, until=now + LEASE, limit=limit)
    ends: Counter[PictureState] = Counter()
    for one in wanted:
        ends.update(picture.state for picture in _fetched(store, one, get, decode, keep, clock))
    return ends


def _case_of(event: Event) -> int:
    return int(event.subject.partition(":")[2])


def _note(tx: PictureRows, case: Case, each: int, now: datetime) -> int:
    listing = tx.version(case.listing_row, case.version).listing
    return tx.note_pictures(case, addresses(listing)[:each], at=now)


def addresses(listing: Listing) -> list[str]:
    """The pictures that a listing names, each once, whole; what is no address stays, to be refused in words."""
    return list(dict.fromkeys(_whole(listing.url, image[:_LONGEST_ADDRESS]) for image in listing.images))


def _whole(base: str, image: str) -> str:
    try:
        return urljoin(base, image)
    except ValueError:
        return image


def _fetched(
    store: PictureStore, wanted: Wanted, get: Get, decode: Decode, keep: Keep, clock: Clock
) -> tuple[Picture, ...]:
    """The pictures of one version, fetched, kept and written down in one transaction."""
    answers = [get(wanted.source, picture.url) for picture in wanted.pictures]
    captures = [one.capture for one in answers if one.capture is not None]
    copies = decode([capture.body for capture in captures]) if captures else ()
    now = clock()
    refs = _kept(keep, wanted, captures, copies, now)
    came = iter(zip(copies, refs, strict=True))
    done = tuple(
        _copied(picture, *next(came), now) if answer.capture is not None else _not_come(picture, answer, now)
        for picture, answer in zip(wanted.pictures, answers, strict=True)
    )
    with store.transaction(durable=True) as tx:
        for picture in done:
            tx.save_picture(picture)
        _told(tx, wanted, done, now)
    return done


def _kept(
    keep: Keep, wanted: Wanted, captures: Sequence[Capture], copies: Sequence[Copy], now: datetime
) -> list[tuple[EvidenceRef, EvidenceRef] | None]:
    """Where original and copy lie, of each that has one: all pictures of a version in a file of their own."""
    bodies: list[Capture] = []
    for capture, copy in zip(captures, copies, strict=True):
        if not copy.why:
            headers = (("Content-Type", "image/webp"), ("Delist-Copy-Of", capture.url))
            bodies += [capture, Capture(url=capture.url, status=200, headers=headers, body=copy.webp)]
    name = f"{wanted.listing_row}-{wanted.number}-{now:%Y%m%dT%H%M%S%f}"
    refs = [in_folder(ref) for ref in keep(name, bodies, at=now)] if bodies else []
    pairs = iter(zip(refs[::2], refs[1::2], strict=True))
    return [None if copy.why else next(pairs) for copy in copies]


def in_folder(ref: EvidenceRef) -> EvidenceRef:
    """As seen from where all evidence lies."""
    return msgspec.structs.replace(ref, file=f"{FOLDER}/{ref.file}")


def _not_come(picture: Picture, answer: Got, now: datetime) -> Picture:
    if answer.end is not PictureState.DUE:
        return msgspec.structs.replace(picture, state=answer.end, says=answer.why)
    if picture.tries >= MOST_TRIES:
        return msgspec.structs.replace(picture, state=PictureState.FAILED, says=answer.why)
    later = now + AGAIN_AFTER * 2 ** (picture.tries - 1)
    return msgspec.structs.replace(picture, due_at=later, says=answer.why)


def _copied(picture: Picture, copy: Copy, refs: tuple[EvidenceRef, EvidenceRef] | None, now: datetime) -> Picture:
    if refs is None:
        return msgspec.structs.replace(picture, state=PictureState.REFUSED, says=copy.why, fetched_at=now)
    return msgspec.structs.replace(
        picture,
        state=PictureState.KEPT,
        says="",
        original=refs[0],
        inert=refs[1],
        media_type=copy.media_type,
        width=copy.width,
        height=copy.height,
        look=copy.look,
        fetched_at=now,
    )


def _told(tx: PictureRows, wanted: Wanted, done: Sequence[Picture], now: datetime) -> None:
    """On record, with hashes, and compared; what is only to be tried again is no news."""
    ended = [picture for picture in done if picture.state is not PictureState.DUE]
    case = tx.latest_cases([wanted.listing_row]).get(wanted.listing_row)
    if case is None or not ended:
        return
    kept = [_facts(picture) for picture in ended if picture.state is PictureState.KEPT]
    missing = [{"position": one.position, "why": one.says} for one in ended if one.state is not PictureState.KEPT]
    facts = {"version": wanted.number, "kept": kept, "missing": missing}
    audit.append(tx, actor=audit.SYSTEM, kind=KEPT, subject=f"case:{case.id}", at=now, **facts)
    looks = [one.look for one in tx.pictures_of(wanted.listing_row, wanted.number) if one.look is not None]
    if looks:
        tx.compare_anew(case.id)
        relist.seen(tx, case, looks, at=now)


def _facts(picture: Picture) -> dict[str, object]:
    original = picture.original
    return {
        "position": picture.position,
        "file": f"{original.file}:{original.offset}" if original else "",
        "sha256": original.sha256 if original else "",
        "copy_sha256": picture.inert.sha256 if picture.inert else "",
    }
