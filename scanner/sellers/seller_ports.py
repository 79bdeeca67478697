"""What the rooms about sellers need of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from scanner.correspondence.letters import LetterRows
from scanner.model import CaseState, Finding
from scanner.moderation.desk import ApprovalRows
from scanner.outside import (
    ExceptionState,
    Licence,
    Offer,
    Penalty,
    PenaltyState,
    SellerException,
    SellerRow,
)
from scanner.records import Decision, Takedown, Version
from scanner.takedown.outbox import TakedownRows


class SellerRows(LetterRows, ApprovalRows, TakedownRows, Protocol):
    """What is on file of sellers."""

    def sellers_named(self, name: str, *, platform: str = "", limit: int = 20) -> tuple[SellerRow, ...]:
        """Sellers whose number or name on the platform this is."""

    def keep_seller(self, platform: str, key: str, *, at: datetime) -> SellerRow:
        """The seller of that key, made if none of the listings seen so far was theirs."""

    def listing_counts(self, seller_row: int) -> tuple[int, int, int]:
        """A seller's listings: all, those that are there, those that are flagged."""

    def case_counts(self, seller_row: int) -> Mapping[CaseState, int]:
        """A seller's cases by state."""

    def decisions_on_seller(self, seller_row: int, *, limit: int) -> tuple[Decision, ...]:
        """Decisions on a seller's listings, the newest first."""

    def takedowns_of_seller(self, seller_row: int, *, limit: int) -> tuple[Takedown, ...]:
        """Orders on a seller's listings, the newest first."""

    def offers_of_seller(self, seller_row: int, *, since: datetime, limit: int) -> tuple[Offer, ...]:
        """What a seller offered in cases that were opened since then, the newest first."""

    def version(self, listing_row: int, number: int) -> Version:
        """One version of a listing. Raises ``NotFound``."""

    def first_findings(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What those found in a version who judged it first."""

    def add_licence(self, licence: Licence) -> Licence:
        """Keep a licence; its number is given by the store."""

    def licence(self, licence_id: int) -> Licence:
        """One licence. Raises ``NotFound``."""

    def save_licence(self, licence: Licence) -> None:
        """Write a licence that ``licence`` has read and locked."""

    def licences_of(self, seller_row: int) -> tuple[Licence, ...]:
        """A seller's licences, whether valid or not."""

    def licences_to_check(self, *, before: datetime, limit: int) -> tuple[Licence, ...]:
        """Licences that are to be verified anew by then, the longest due first."""

    def add_exception(self, exception: SellerException) -> SellerException | None:
        """Keep an exception; ``None`` if one of the same rule and seller is proposed or in force."""

    def exception(self, exception_id: int) -> SellerException:
        """One exception; whoever else wants to change it waits. Raises ``NotFound``."""

    def save_exception(self, after: SellerException, before: SellerException) -> bool:
        """Write an exception back. ``False`` if somebody has changed it since it was read."""

    def exceptions_in(
        self, states: Sequence[ExceptionState], *, seller_row: int | None = None, limit: int = 100
    ) -> tuple[SellerException, ...]:
        """Exceptions in these states (none: in any), the one that ends first at the top."""

    def add_penalty(self, penalty: Penalty) -> Penalty | None:
        """Keep a penalty; ``None`` if one was proposed for the same decision."""

    def penalty(self, penalty_id: int) -> Penalty:
        """One penalty; whoever else wants to change it waits. Raises ``NotFound``."""

    def save_penalty(self, after: Penalty, before: Penalty) -> bool:
        """Write a penalty back. ``False`` if somebody has changed it since it was read."""

    def penalties_in(
        self, states: Sequence[PenaltyState], *, seller_row: int | None = None, limit: int = 100
    ) -> tuple[Penalty, ...]:
        """Penalties in these states (none: in any), the oldest first."""


class SellerStore(Protocol):
    """A store that keeps files of sellers."""

    def reading(self) -> AbstractContextManager[SellerRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[SellerRows]:
        """All or nothing; ``durable`` also survives a power cut."""
