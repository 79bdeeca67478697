"""A seller's standing beside a case: what counts against them and for them; bounded, because it is on every page."""

from __future__ import annotations

from datetime import datetime

import msgspec

from scanner.console.moment import Moment
from scanner.outside import Licence, SellerException
from scanner.sellers.counters import Count, count
from scanner.sellers.ladder import POINTS_COUNT_FOR, points

# So many offers are counted over; the seller's own page counts all of them.
_OFFERS = 200
_STEPS = 200
_EXCEPTIONS = 50


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Counters that say something, points that still count, licences that were checked, exceptions in force."""

    counts: tuple[Count, ...] = ()
    points: int = 0
    licences: tuple[Licence, ...] = ()
    exceptions: tuple[SellerException, ...] = ()


def standing(moment: Moment, seller_row: int | None, *, now: datetime) -> Standing:
    """What is on file of a seller; nothing where the platform names none."""
    if seller_row is None:
        return Standing()
    with moment.reading() as tx:
        offers = tx.offers_of_seller(seller_row, since=now - POINTS_COUNT_FOR, limit=_OFFERS)
        exceptions = tx.exceptions_in((), seller_row=seller_row, limit=_EXCEPTIONS)
        penalties = tx.penalties_in((), seller_row=seller_row, limit=_STEPS)
        return Standing(
            counts=tuple(one for one in count(offers, at=now) if one.confirmed or one.suspected),
            points=points(penalties, at=now),
            licences=tuple(one for one in tx.licences_of(seller_row) if one.is_valid(now)),
            exceptions=tuple(one for one in exceptions if one.is_in_force(now)),
        )
