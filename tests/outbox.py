"""What tests of takedowns share: a store with decided cases, and a platform that breaks the promises it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from scanner.inspection.intake import take_in
from scanner.model import Action, CaseState, EvidenceRef, Listing, Ruling, Seller, Severity
from scanner.orders import (
    Answer,
    Capture,
    Channel,
    Order,
    Receipt,
    Seen,
    Shows,
    Way,
    Weight,
    gives_back,
    is_about_seller,
)
from scanner.records import Case
from scanner.rulebook import Rulebook
from scanner.store import Store
from tests.fakes import GRAVE, NOON, Clock, fetched, ruled, write_segment

PAGE = Way(name="page", weight=Weight.TRUTH)
SEARCH = Way(name="search", weight=Weight.COUNTS, lag_seconds=900)
PUBLIC_API = Way(name="api", weight=Weight.TOLD)
SHOP = Way(name="shop", weight=Weight.TRUTH)

ACCEPTED = Receipt(answer=Answer.ACCEPTED, says="done")
BROKEN = Receipt(answer=Answer.FAILED, says="it broke", status=500)
AWAY = Receipt(answer=Answer.AWAY, says="nobody listens")
REFUSED = Receipt(answer=Answer.REFUSED, says="not this one", status=422)
CASE = Case(
    id=7,
    listing_row=1,
    platform="demo",
    listing_id="1",
    version=1,
    state=CaseState.DECIDED,
    revision=2,
    severity=Severity.S4,
    action=Action.HOLD,
    priority=890,
    category="phone_card",
    categories=("phone_card",),
    rules=("phone_card.no_real_name",),
    reason="",
    opened_at=NOON,
    updated_at=NOON,
    due_at=NOON,
)
LOOKS = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24), timedelta(days=7))


def listed(store: Store, rulebook: Rulebook, folder: Path, listings: Sequence[Listing], *, decide: bool = True) -> None:
    """An inspection that found these listings, each of which a person has decided to remove, in this order."""
    with store.transaction() as tx:
        tx.start_inspection(source="demo", platform="demo", walker="feed", kind="full", given="", rulebook="r", at=NOON)
    segment = write_segment(folder, *(fetched_as(listing) for listing in listings))
    take_in(segment, store=store, rulebook=rulebook, inspection_id=1, partition="part", clock=lambda: NOON)
    for case_id in range(1, len(listings) + 1) if decide else ():
        remove(store, case_id)


def fetched_as(listing: Listing):  # type: ignore[no-untyped-def]  # what ``fetched`` gives
    """That the listing was read; words that are found stand in its description."""
    return fetched(
        listing.listing_id,
        listing.title or "offer",
        url=listing.url or f"http://127.0.0.1/item/{listing.listing_id}",
        description=GRAVE,
        seller=listing.seller if listing.seller.id else Seller(id="s1", name="Shop One"),
    )


def remove(store: Store, case_id: int, *, now: datetime = NOON, ruling: Ruling = Ruling.REMOVE) -> None:
    """A person decides to remove a listing."""
    ruled(store, case_id, ruling, now=now)


def offers(count: int) -> list[Listing]:
    """Listings ``1`` to ``count``."""
    return [Listing(platform="demo", listing_id=str(number)) for number in range(1, count + 1)]


class Told:
    """A platform in memory: it knows keys, shows what is not hidden, and answers as ``answers`` says, then well.

    ``answers`` are used up one by one, whichever order meets them; a receipt that is not done has no effect, unless
    ``breaks_after_effect``. ``lies``: it accepts and does nothing. ``hides_from``: where an
    order takes effect.
    """

    actions = frozenset({"hide", "restore"})

    def __init__(
        self, answers: Sequence[Receipt] = (), *, breaks_after_effect: bool = False, lies: bool = False
    ) -> None:
        self.ways: tuple[Way, ...] = (PAGE, SEARCH, PUBLIC_API)
        self.seller_ways: tuple[Way, ...] = (SHOP,)
        self.closed: set[str] = set()
        self.answers = list(answers)
        self.calls: list[Order] = []
        self.effects: list[tuple[str, str, str]] = []
        self.hidden: dict[str, set[str]] = {}
        self.hides_from = {"page", "search"}
        self.breaks_after_effect, self.lies = breaks_after_effect, lies
        self.is_away: Callable[[], bool] = lambda: False
        self.blind: set[str] = set()
        self.probes = 0
        self.busy = self.most_busy = 0
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    def send(self, order: Order) -> Receipt:
        """As every adapter."""
        with self._lock:
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
            self.calls.append(order)
            receipt = AWAY if self.is_away() else self.answers.pop(0) if self.answers else ACCEPTED
            if (receipt.is_done or self.breaks_after_effect) and not self.lies:
                self._carry_out(order)
            self.busy -= 1
            return receipt

    def _carry_out(self, order: Order) -> None:
        if order.key in self._keys:
            return
        self._keys.add(order.key)
        if is_about_seller(order.action):
            self.effects.append((order.key, order.action, order.seller_id))
            (self.closed.discard if gives_back(order.action) else self.closed.add)(order.seller_id)
        else:
            self.effects.append((order.key, order.action, order.listing_id))
            self.hidden[order.listing_id] = set(self.hides_from) if order.action == "hide" else set()

    def probe(self) -> Receipt:
        """As every adapter."""
        self.probes += 1
        return AWAY if self.is_away() else ACCEPTED

    def look(self, order: Order, way: Way) -> Seen:
        """As every adapter."""
        capture = Capture(url=f"http://shop/{way.name}/{order.listing_id}", status=200, headers=(), body=b"seen")
        if way.name in self.blind:
            return Seen(shows=Shows.UNKNOWN, says="are you human?", captures=(capture,))
        is_closed = way is SHOP and order.seller_id in self.closed
        is_gone = is_closed or way.name in self.hidden.get(order.listing_id, set())
        return Seen(shows=Shows.ABSENT if is_gone else Shows.PRESENT, says="looked", captures=(capture,))


def channel(platform: Told, *, rate: float = 1000, concurrency: int = 1) -> dict[str, Channel]:
    """The platform as the use cases are given it."""
    return {"demo": Channel(platform=platform, rate=rate, concurrency=concurrency, looks=LOOKS)}


def keep(name: str, captures: Sequence[Capture], *, at: datetime) -> tuple[EvidenceRef, ...]:
    """Evidence that is only counted."""
    return tuple(EvidenceRef(file=name, offset=number, sha256="0" * 64) for number, _ in enumerate(captures))


class Time(Clock):
    """A clock that a pause moves."""

    def pause(self, seconds: float) -> None:
        """Nobody waits in a test."""
        self.move(seconds=seconds)


def kinds(store: Store, case_id: int = 1) -> list[str]:
    """What happened to a case, by kind, oldest first."""
    with store.reading() as tx:
        return [event.kind for event in tx.events_about(f"case:{case_id}")]
