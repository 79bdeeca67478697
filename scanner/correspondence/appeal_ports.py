"""What appeals need of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from scanner.correspondence.letters import LetterRows
from scanner.model import Finding
from scanner.outside import Appeal, AppealState, Fingerprint, Penalty
from scanner.records import Decision, Version
from scanner.takedown.outbox import TakedownRows


class AppealRows(LetterRows, TakedownRows, Protocol):
    """What appeals read and write."""

    def add_appeal(self, appeal: Appeal) -> Appeal | None:
        """Keep an appeal; ``None`` if there is one against the same decision."""

    def appeal(self, appeal_id: int) -> Appeal:
        """One appeal; whoever else wants to change it waits. Raises ``NotFound``."""

    def appeal_by_receipt(self, receipt: str) -> Appeal:
        """The appeal of a receipt. Raises ``NotFound``."""

    def save_appeal(self, after: Appeal, before: Appeal) -> bool:
        """Write an appeal back. ``False`` if somebody has changed it since it was read."""

    def appeals_in(
        self, states: Sequence[AppealState], *, case_id: int | None, limit: int, after: int
    ) -> tuple[Appeal, ...]:
        """Appeals in these states, the one to be decided first at the top."""

    def version(self, listing_row: int, number: int) -> Version:
        """One version of a listing."""

    def findings_ever(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What any rulebook has found in a version, each once, as it was found first."""

    def add_decision(self, decision: Decision) -> Decision:
        """Append a decision; its number is given by the store."""

    def penalty_of(self, decision_id: int) -> Penalty | None:
        """The penalty that was proposed for a decision."""

    def save_penalty(self, after: Penalty, before: Penalty) -> bool:
        """Write a penalty back. ``False`` if somebody has changed it since it was read."""

    def fingerprint_of(self, decision_id: int) -> Fingerprint | None:
        """What the listing that a decision removed is recognised by."""

    def end_fingerprint(self, fingerprint_id: int, *, at: datetime) -> None:
        """Nothing is recognised by it any more."""

    def overturned_by_rule(self) -> Mapping[str, tuple[int, int]]:
        """Appeals decided and overturned, by rule."""

    def overturned_by_reviewer(self) -> Mapping[str, tuple[int, int]]:
        """Appeals decided and overturned, by who had decided."""


class AppealStore(Protocol):
    """A store that keeps appeals."""

    def reading(self) -> AbstractContextManager[AppealRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[AppealRows]:
        """All or nothing; ``durable`` also survives a power cut."""
