"""Kinds of records that are kept for a time, and plans of what is to be deleted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class RecordKind(StrEnum):
    """Kinds of record that are kept for a time; see ``scanner.erasure``."""

    PASSED_SCORES = "passed_scores"
    BAD_LINES = "bad_lines"
    LISTINGS = "listings"
    EVIDENCE = "evidence"
    FINGERPRINTS = "fingerprints"
    NOTICES = "notices"
    LETTERS = "letters"
    CLUES = "clues"
    CASES = "cases"
    SELLERS = "sellers"


class PlanState(StrEnum):
    """The life of a plan to delete. ``approved``: two people have agreed, neither of whom made it alone."""

    PLANNED = "planned"
    APPROVED = "approved"
    DONE = "done"
    DROPPED = "dropped"


class PlanItem(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of record: what is older than ``before`` goes, ``count`` of them; ``held`` stay under legal hold."""

    kind: RecordKind
    before: datetime
    count: int
    held: int = 0
    size: int = 0


class RetentionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be deleted. ``digest`` covers the items: who approves says which plan was seen."""

    id: int
    made_at: datetime
    made_by: str
    state: PlanState
    items: tuple[PlanItem, ...]
    digest: str
    approved_by: tuple[str, ...] = ()
    run_at: datetime | None = None
    run_by: str = ""
