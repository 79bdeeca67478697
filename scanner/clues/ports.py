"""What clue packages need of a store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from scanner.clues.records import ClueState, Package
from scanner.model import Finding
from scanner.orders import Look
from scanner.pictures.records import Picture
from scanner.records import Takedown
from scanner.sellers.seller_ports import SellerRows


class ClueRows(SellerRows, Protocol):
    """What clue packages read and write."""

    def add_package(self, package: Package) -> Package:
        """Keep a package; its number is given by the store."""

    def package(self, number: int) -> Package:
        """One package; whoever else wants to change it waits. Raises ``NotFound``."""

    def save_package(self, after: Package, before: Package) -> bool:
        """Write a package back. ``False`` if somebody has changed it since it was read."""

    def packages(self, states: Sequence[ClueState], *, limit: int) -> tuple[Package, ...]:
        """Packages in these states (none: in any), the newest first."""

    def packages_of(self, seller_row: int) -> tuple[Package, ...]:
        """A seller's packages, the newest first."""

    def cluster_of(self, case_id: int) -> int | None:
        """The cluster that a case is in."""

    def findings(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What those found in a version who judged it last."""

    def takedowns(self, case_id: int) -> tuple[Takedown, ...]:
        """The orders of a case, oldest first."""

    def looks_at(self, takedown_id: int) -> tuple[Look, ...]:
        """The looks at an order, oldest first."""

    def pictures_of(self, listing_row: int, number: int) -> tuple[Picture, ...]:
        """The pictures of a version by position."""


class ClueStore(Protocol):
    """A store that keeps clue packages."""

    def reading(self) -> AbstractContextManager[ClueRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[ClueRows]:
        """All or nothing; ``durable`` also survives a power cut."""
