"""How much a seller has offered, counted as the law counts: pieces and postings, rolling, beside its thresholds. Pure.

The thresholds are data, each with the law that names it (brief §1.5). Where a law counts what a marketplace does not
know (turnover, gain), the counter says so: reaching a number is a reason to look, never a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from scanner.listing_content import text_fields
from scanner.model import Listing, Ruling
from scanner.outside import Offer
from scanner.signals.quantities import quantities
from scanner.signals.reading import Reading


class Unit(StrEnum):
    """What is counted."""

    PIECES = "pieces"
    POSTINGS = "postings"


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """From so many on; ``clue`` 1 is for the administration, 2 for the police; ``law`` names what says so."""

    at_least: int
    clue: int
    law: str
    says: str = ""


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted over which time, and from when on it matters. No categories: all."""

    name: str
    unit: Unit
    categories: frozenset[str]
    thresholds: tuple[Threshold, ...]
    window: timedelta = timedelta(days=365)


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """A counter for a seller: what people confirmed, what else waits to be decided, and the thresholds reached."""

    counter: Counter
    confirmed: int
    suspected: int
    reached: tuple[Threshold, ...]


_CARDS = frozenset({"phone_card", "iot_card"})
_ACCOUNTS = frozenset({"account_trade", "payment_instrument"})
_PUNISHMENT = "Joint punishment measures for telecom fraud (2024), art. 3"
_CARDS_LAW = "Opinion (II) on telecom fraud (2021), arts 7-9; Opinion on helping cases (2025), art. 6"
_OWN_LAW = "Opinion on helping cases (2025), art. 6"
_ACCOUNTS_LAW = "Opinion (II) on telecom fraud (2021), arts 7-9"
_DATA_LAW = "Interpretation on personal information (2017), art. 5"
_POSTINGS_LAW = "Interpretation on crimes using information networks (2019), art. 10"
_TURNOVER = "if the turnover is above CNY 300,000, which a marketplace seldom knows"

COUNTERS: tuple[Counter, ...] = (
    Counter(
        name="cards_and_accounts",
        unit=Unit.PIECES,
        categories=_CARDS | _ACCOUNTS,
        thresholds=(Threshold(at_least=3, clue=1, law=_PUNISHMENT),),
    ),
    Counter(
        name="occasions",
        unit=Unit.POSTINGS,
        categories=_CARDS | _ACCOUNTS,
        thresholds=(Threshold(at_least=3, clue=1, law=_PUNISHMENT),),
    ),
    Counter(
        name="cards",
        unit=Unit.PIECES,
        categories=_CARDS,
        thresholds=(Threshold(at_least=20, clue=2, law=_CARDS_LAW),),
    ),
    Counter(
        name="payment_accounts",
        unit=Unit.PIECES,
        categories=frozenset({"payment_instrument"}),
        thresholds=(
            Threshold(at_least=3, clue=1, law=_OWN_LAW, says=_TURNOVER),
            Threshold(at_least=5, clue=2, law=_ACCOUNTS_LAW),
        ),
    ),
    Counter(
        name="personal_information",
        unit=Unit.PIECES,
        categories=frozenset({"identity_data"}),
        thresholds=tuple(
            Threshold(at_least=number, clue=2, law=_DATA_LAW, says=what)
            for number, what in (
                (50, "whereabouts, communications, credit, property"),
                (500, "lodging, records of calls, health, transactions"),
                (5_000, "any other personal information"),
            )
        ),
    ),
    Counter(
        name="postings",
        unit=Unit.POSTINGS,
        categories=frozenset(),
        thresholds=(Threshold(at_least=100, clue=2, law=_POSTINGS_LAW),),
    ),
)  # fmt: skip

# So many pieces one listing can stand for; who writes more writes nonsense.
MOST_PIECES = 10_000_000
_AGAINST = frozenset({Ruling.REMOVE, Ruling.RESTRICT})


def count(offers: Iterable[Offer], *, at: datetime, counters: tuple[Counter, ...] = COUNTERS) -> tuple[Count, ...]:
    """Each counter over a seller's offers.

    1. What people ruled to remove or restrict is confirmed; what waits for a ruling is suspected; what they kept is
       neither.
    2. An offer counts where one of its categories does, once, with the pieces that it speaks of.
    3. Thresholds are reached by what is confirmed.
    """
    weighed = [(offer, pieces(offer.listing)) for offer in offers]
    return tuple(_counted(counter, weighed, at) for counter in counters)


def pieces(listing: Listing) -> int:
    """How many pieces a listing speaks of: its stock or the largest number in its text, at least 1."""
    said = [int(signal.value) for signal in quantities(Reading(text_fields(listing)))]
    return min(max(1, listing.quantity or 0, *said), MOST_PIECES)


def _counted(counter: Counter, weighed: list[tuple[Offer, int]], at: datetime) -> Count:
    confirmed = suspected = 0
    for offer, number in weighed:
        is_meant = not counter.categories or counter.categories.intersection(offer.categories)
        if not is_meant or offer.at <= at - counter.window or offer.ruling is Ruling.KEEP:
            continue
        amount = number if counter.unit is Unit.PIECES else 1
        if offer.ruling in _AGAINST:
            confirmed += amount
        else:
            suspected += amount
    reached = tuple(one for one in counter.thresholds if confirmed >= one.at_least)
    return Count(counter=counter, confirmed=confirmed, suspected=suspected, reached=reached)
