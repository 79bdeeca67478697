"""What a decision is measured against: decisions on cases like it, what such things cost, what else the seller did.

Reading only, except that seeing personal data unmasked goes on record.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import msgspec

from scanner import audit
from scanner.model import Actor, Ruling
from scanner.moderation.permissions import Deed, require
from scanner.ports import CaseStore, HistoryRows
from scanner.records import Case, Decision

SIMILAR = 5
# So many prices make a band; of fewer none is told.
LEAST_PRICES = 8


class Precedent(msgspec.Struct, frozen=True, kw_only=True):
    """A decision on another case with a finding of the same rule."""

    decision: Decision
    title: str
    listing_id: str


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """What flagged listings of a category cost: the middle half of ``number`` prices in one currency."""

    low: Decimal
    middle: Decimal
    high: Decimal
    number: int


class Conduct(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of a seller: listings, those of them with a case, and how their cases were decided."""

    listings: int = 0
    cases: int = 0
    waiting: int = 0
    rulings: dict[Ruling, int] = {}


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, for one case."""

    precedents: tuple[Precedent, ...] = ()
    band: Band | None = None
    conduct: Conduct = Conduct()


class BackgroundRows(Protocol):
    """What is read for it; each a bounded number of rows, whatever the store holds."""

    def precedents(self, case: Case, *, limit: int) -> tuple[Precedent, ...]:
        """The newest decision on each of some cases with a finding of the same rule."""

    def prices(self, category: str, currency: str) -> tuple[Decimal, ...]:
        """Prices of flagged listings of a category in a currency."""

    def conduct(self, seller_row: int) -> Conduct:
        """What is on record of a seller."""


class BackgroundStore(Protocol):
    """A store that it is read from."""

    def reading(self) -> AbstractContextManager[BackgroundRows]:
        """One consistent view."""


def background(store: BackgroundStore, case: Case, *, currency: str) -> Background:
    """What this case is measured against."""
    with store.reading() as tx:
        return Background(
            precedents=tx.precedents(case, limit=SIMILAR),
            band=band_of(tx.prices(case.category, currency)) if currency else None,
            conduct=tx.conduct(case.seller_row) if case.seller_row is not None else Conduct(),
        )


def band_of(prices: tuple[Decimal, ...]) -> Band | None:
    """The quartiles of some prices; none of too few."""
    if len(prices) < LEAST_PRICES:
        return None
    ranked = sorted(prices)
    low, middle, high = (ranked[len(ranked) * part // 4] for part in (1, 2, 3))
    return Band(low=low, middle=middle, high=high, number=len(ranked))


def unmask(store: CaseStore, case_id: int, *, actor: Actor, now: datetime) -> None:
    """Put on record that somebody sees a case's personal data. Raises ``Forbidden``, ``NotFound``."""
    require(actor, Deed.SEE_UNMASKED)
    with store.transaction() as tx:
        tx.case(case_id)
        _tell(tx, case_id, actor, now)


def _tell(tx: HistoryRows, case_id: int, actor: Actor, now: datetime) -> None:
    audit.append(tx, actor=actor, kind="case.unmasked", subject=f"case:{case_id}", at=now)
