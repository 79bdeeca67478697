"""Who a clue package is owed on: sellers that have reached a number which a law names, and none was made since.

To report is a duty (Anti-Telecom and Online Fraud Law, arts. 14, 26); whether and to whom is for a person to say.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from scanner.clues.ports import ClueRows, ClueStore
from scanner.clues.records import ClueState
from scanner.model import Event, Ruling
from scanner.records import EventFilter
from scanner.sellers.ladder import POINTS_COUNT_FOR
from scanner.sellers.penalties import MOST_OFFERS

REACHED = "seller.threshold_reached"
_AGAINST = frozenset({Ruling.REMOVE, Ruling.RESTRICT})
# So many of the newest are looked through.
_EVENTS = 1_000


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A seller with the gravest number reached since the last package, and the cases that were confirmed."""

    seller_row: int
    level: int
    counter: str
    at_least: int
    law: str
    since: datetime
    cases: tuple[int, ...]


def owed(store: ClueStore, *, now: datetime) -> tuple[Owed, ...]:
    """Sellers on whom a package is owed, level 2 first, then the longest due. Dropped packages do not count."""
    with store.reading() as tx:
        news: dict[int, list[Event]] = {}
        for event in tx.events_page(EventFilter(kind=REACHED), limit=_EVENTS):
            news.setdefault(int(event.subject.partition(":")[2]), []).append(event)
        found = [one for row, events in news.items() if (one := _owed(tx, row, events, now)) is not None]
    return tuple(sorted(found, key=lambda one: (-one.level, one.since)))


def _owed(tx: ClueRows, seller_row: int, events: list[Event], now: datetime) -> Owed | None:
    made = [one.made_at for one in tx.packages_of(seller_row) if one.state is not ClueState.DROPPED]
    fresh = [event for event in events if not made or event.at > max(made)]
    if not fresh:
        return None
    gravest = max(fresh, key=lambda event: (int(str(event.data["clue"])), int(str(event.data["at_least"]))))
    offers = tx.offers_of_seller(seller_row, since=now - POINTS_COUNT_FOR, limit=MOST_OFFERS)
    return Owed(
        seller_row=seller_row,
        level=int(str(gravest.data["clue"])),
        counter=str(gravest.data["counter"]),
        at_least=int(str(gravest.data["at_least"])),
        law=str(gravest.data["law"]),
        since=min(event.at for event in fresh),
        cases=tuple(sorted(offer.case_id for offer in offers if offer.ruling in _AGAINST)),
    )
