"""Appeals: a seller's objection to a decision, filed once, decided once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class AppealState(StrEnum):
    """The life of an appeal. ``upheld``: the removal stands; ``overturned``: it was lifted.

    ``awaiting_second``: one officer would lift a removal of severity S4, and another one must agree.
    """

    FILED = "filed"
    ACCEPTED = "accepted"
    AWAITING_SECOND = "awaiting_second"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class AppealGround(StrEnum):
    """What a seller may say: an appeal names one of these and explains."""

    LICENSED = "licensed"
    OTHER_GOODS = "other_goods"
    EDITED = "edited"
    NOT_MINE = "not_mine"
    OTHER = "other"


class AppealReason(StrEnum):
    """Why an appeal was decided so; each has its text for the seller."""

    STANDS_AS_FOUND = "stands_as_found"
    LICENCE_NOT_PROVEN = "licence_not_proven"
    LICENCE_PROVEN = "licence_proven"
    LAWFUL_GOODS = "lawful_goods"
    WRONG_LISTING = "wrong_listing"
    ACCOUNT_MISUSED = "account_misused"


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """A seller's objection to a decision. One for a decision; ``documents`` name what was handed in."""

    id: int
    receipt: str
    case_id: int
    decision_id: int
    takedown_id: int | None
    seller_row: int | None
    ground: AppealGround
    statement: str
    documents: tuple[str, ...]
    contact: str
    language: str
    state: AppealState
    filed_at: datetime
    accept_by: datetime
    decide_by: datetime
    accepted_at: datetime | None = None
    accepted_by: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    proposed_by: str = ""
    reason: AppealReason | None = None
    note: str = ""
