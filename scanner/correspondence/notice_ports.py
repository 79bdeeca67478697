"""What notices need of a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from scanner.correspondence.letters import LetterRows
from scanner.model import Triage
from scanner.outside import Notice, NoticeFilter, NoticeOutcome, NoticePage
from scanner.records import Case, KnownListing, NewVersion, Version


class NoticeRows(LetterRows, Protocol):
    """What notices read and write."""

    def add_notice(self, notice: Notice) -> Notice | None:
        """Keep a notice; ``None`` if one with the same request key is there."""

    def notice(self, notice_id: int) -> Notice:
        """One notice; whoever else wants to change it waits. Raises ``NotFound``."""

    def notice_by_receipt(self, receipt: str) -> Notice:
        """The notice of a receipt. Raises ``NotFound``."""

    def notice_by_key(self, key: str) -> Notice | None:
        """The notice that a request of this key made."""

    def save_notice(self, after: Notice, before: Notice) -> bool:
        """Write a notice back. ``False`` if somebody has changed it since it was read."""

    def notices(self, wanted: NoticeFilter, *, limit: int, after: str = "") -> NoticePage:
        """A page of notices, the one to be answered first at the top."""

    def open_notices_on(self, listing_row: int) -> tuple[Notice, ...]:
        """Notices on a listing that are not answered, the oldest first."""

    def notices_of_case(self, case_id: int) -> tuple[Notice, ...]:
        """All notices that belong to a case, the oldest first."""

    def unlocated_notices(self, *, limit: int) -> tuple[Notice, ...]:
        """Notices of which no listing is known yet."""

    def reported(self, reporter_key: str, *, since: datetime, seller_row: int | None = None) -> int:
        """How many notices a reporter has sent since then, on one seller or on all."""

    def reporters_of(self, seller_row: int, *, since: datetime) -> int:
        """How many reporters have sent notices on a seller since then."""

    def outcomes_of(self, reporter_key: str) -> Mapping[NoticeOutcome, int]:
        """What became of a reporter's notices."""

    def platforms_known(self) -> Collection[str]:
        """The platforms that sources have been inspected on."""

    def known_listings(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], KnownListing]:
        """What is known of the listings ``(platform, listing_id)``, each with its latest case."""

    def latest_versions(self, rows: Collection[int]) -> dict[int, Version]:
        """The newest version of each listing, by the listing's row."""

    def sellers_of(self, rows: Collection[int]) -> dict[int, int | None]:
        """The number of the seller of each listing, by the listing's row."""

    def open_case(self, version: NewVersion, triage: Triage, *, source: str, at: datetime, due_at: datetime) -> Case:
        """A new case on a version."""

    def save_case(self, case: Case) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that."""


class NoticeStore(Protocol):
    """A store that keeps notices."""

    def reading(self) -> AbstractContextManager[NoticeRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[NoticeRows]:
        """All or nothing; ``durable`` also survives a power cut."""
