"""Sellers: everything on file of one, for whoever decides on what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from scanner.model import CaseState, Event
from scanner.outside import Licence, Offer, Penalty, SellerException, SellerRow
from scanner.records import Decision, Takedown
from scanner.sellers.counters import Count, count
from scanner.sellers.ladder import POINTS_COUNT_FOR, points
from scanner.sellers.penalties import MOST_OFFERS
from scanner.sellers.seller_ports import SellerStore

# So much of each kind is shown.
SHOWN = 50


class SellerFile(msgspec.Struct, frozen=True, kw_only=True):
    """A seller with history, counters and standing. ``points`` are those of accepted penalties that still count."""

    seller: SellerRow
    listings: int
    live: int
    flagged: int
    cases: Mapping[CaseState, int]
    decisions: tuple[Decision, ...]
    takedowns: tuple[Takedown, ...]
    offers: tuple[Offer, ...]
    counts: tuple[Count, ...]
    licences: tuple[Licence, ...]
    exceptions: tuple[SellerException, ...]
    penalties: tuple[Penalty, ...]
    points: int
    history: tuple[Event, ...]

    @property
    def alarms(self) -> tuple[Count, ...]:
        """Counters that have reached a threshold which a law names."""
        return tuple(one for one in self.counts if one.reached)


def find(store: SellerStore, name: str, *, platform: str = "", limit: int = 20) -> tuple[SellerRow, ...]:
    """Sellers whose number or name on a platform this is."""
    with store.reading() as tx:
        return tx.sellers_named(name.strip(), platform=platform, limit=limit)


def show(store: SellerStore, seller_row: int, *, now: datetime) -> SellerFile:
    """Everything on file of a seller. Raises ``NotFound``."""
    with store.reading() as tx:
        seller = tx.seller(seller_row)
        whole, live, flagged = tx.listing_counts(seller_row)
        offers = tx.offers_of_seller(seller_row, since=now - POINTS_COUNT_FOR, limit=MOST_OFFERS)
        penalties = tx.penalties_in((), seller_row=seller_row, limit=1_000)
        return SellerFile(
            seller=seller,
            listings=whole,
            live=live,
            flagged=flagged,
            cases=tx.case_counts(seller_row),
            decisions=tx.decisions_on_seller(seller_row, limit=SHOWN),
            takedowns=tx.takedowns_of_seller(seller_row, limit=SHOWN),
            offers=offers[:SHOWN],
            counts=count(offers, at=now),
            licences=tx.licences_of(seller_row),
            exceptions=tx.exceptions_in((), seller_row=seller_row, limit=SHOWN),
            penalties=penalties,
            points=points(penalties, at=now),
            history=tx.events_about(f"seller:{seller_row}"),
        )
