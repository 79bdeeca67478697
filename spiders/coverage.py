"""The ledger: what was discovered, counted apart from what became of it, so that the balance proves something."""

from __future__ import annotations

import logging
from collections import Counter

from scanner.model import Failed, Fetched, Gone, Ledger, Observation, Skipped, Unchanged
from spiders.waiting import Marks

logger = logging.getLogger(__name__)


class Coverage:
    """Counts discoveries when a walker meets them, and outcomes when they are written; neither knows of the other.

    A discovery is open until its one outcome. It is known by its mark: names are kept by whoever waits for them.
    """

    def __init__(self, expected: int | None = None) -> None:
        self.expected = expected
        self._discovered = 0
        self._pages = 0
        self._bytes = 0
        self._met = Marks()
        self._outcomes: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()

    @property
    def open(self) -> int:
        """How many discoveries wait for their outcome."""
        return self._met.open

    @property
    def fetched(self) -> int:
        """How many listings were read."""
        return self._outcomes["fetched"]

    def discover(self, key: str) -> bool:
        """Count a discovery; false if this one was met before (the caller reports it as skipped, a duplicate)."""
        self._discovered += 1
        return self._met.add(key)

    def discover_one(self) -> None:
        """Count a discovery whose outcome follows at once: a row of a feed, a saved page, a duplicate."""
        self._discovered += 1

    def settle(self, key: str) -> bool:
        """Close a discovery; false if it is not open, for nothing may end twice."""
        if not self._met.close(key):
            logger.error("a second outcome for %s was refused", key)
            return False
        return True

    def count(self, observation: Observation) -> None:
        """Count an outcome that has been written."""
        match observation:
            case Fetched():
                self._outcomes["fetched"] += 1
            case Unchanged():
                self._outcomes["unchanged"] += 1
            case Gone():
                self._outcomes["gone"] += 1
            case Failed(reason=reason):
                self._failed[reason] += 1
            case Skipped(reason=reason):
                self._skipped[reason] += 1

    def page(self, size: int) -> None:
        """Count a response of ``size`` bytes, whatever it holds."""
        self._pages += 1
        self._bytes += size

    def statement(self) -> Ledger:
        """The counts so far; at the end of a crawl, its closing statement."""
        return Ledger(
            discovered=self._discovered,
            fetched=self._outcomes["fetched"],
            unchanged=self._outcomes["unchanged"],
            gone=self._outcomes["gone"],
            failed=dict(self._failed),
            skipped=dict(self._skipped),
            expected=self.expected,
            pages=self._pages,
            bytes=self._bytes,
        )
