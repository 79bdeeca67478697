"""What is on file of sellers: who they are, licences, exceptions, penalties."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.model import Listing, Ruling, Seller, SellerKind, Severity


def seller_key(seller: Seller) -> str:
    """What a seller is known by on a platform: the number where there is one, else the name; a prefix says which."""
    return f"id:{seller.id}" if seller.id else f"name:{seller.name}"


class SellerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A seller as the store keeps one; ``key`` is as ``seller_key`` makes it."""

    id: int
    platform: str
    key: str
    name: str
    kind: SellerKind
    licences: tuple[str, ...]
    registered_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime

    @property
    def shown(self) -> str:
        """The platform's number of the seller, or the name where it has none."""
        return self.key.partition(":")[2]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller offered in a case: the version that was judged, and the ruling that stands."""

    case_id: int
    listing_row: int
    categories: tuple[str, ...]
    severity: Severity
    ruling: Ruling | None
    at: datetime
    listing: Listing


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """A licence that we have checked. ``name`` is as rules ask for it: ``seller.licensed(telecom_agent)``.

    Valid from ``valid_from`` until ``expires_at``, unless revoked. ``check_by``: then it must be verified anew (P45:
    every six months); it stays valid meanwhile, and shows as overdue.
    """

    id: int
    seller_row: int
    name: str
    number: str
    issuer: str
    valid_from: datetime
    expires_at: datetime | None
    checked_at: datetime
    checked_by: str
    check_by: datetime
    note: str = ""
    revoked_at: datetime | None = None
    revoked_by: str = ""

    def is_valid(self, at: datetime) -> bool:
        """Whether a rule may count on it at that moment."""
        is_over = self.expires_at is not None and self.expires_at <= at
        return self.valid_from <= at and not is_over and self.revoked_at is None


class ExceptionState(StrEnum):
    """The life of an exception: proposed by one person, in force once another has approved it, ended by anybody."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    ENDED = "ended"


class SellerException(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that does not queue what one seller offers. Findings stay on record and are counted as ``hits``."""

    id: int
    rule: str
    seller_row: int
    owner: str
    reason: str
    state: ExceptionState
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    hits: int = 0
    last_hit_at: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Whether it lowers anything at that moment."""
        return self.state is ExceptionState.IN_FORCE and self.expires_at > at


class OnFile(msgspec.Struct, frozen=True, kw_only=True):
    """What intake must know of a seller: valid licences, those that are over, and exceptions (rule -> number)."""

    seller_row: int
    licences: tuple[str, ...] = ()
    lapsed: tuple[str, ...] = ()
    exceptions: tuple[tuple[str, int], ...] = ()


class Modifier(StrEnum):
    """What moves a penalty up, down or onto another path (brief §5.5)."""

    LICENSED_MISTAKE = "licensed_mistake"
    NETWORK = "network"
    MINOR = "minor"
    HACKED = "hacked"


class PenaltyState(StrEnum):
    """The life of a penalty. ``awaiting_approval``: accepted by one person, and another must agree."""

    PROPOSED = "proposed"
    AWAITING_APPROVAL = "awaiting_approval"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    VOIDED = "voided"


class Penalty(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the ladder, proposed by Delist, decided by people; its points count until ``counts_until``."""

    id: int
    seller_row: int
    case_id: int
    decision_id: int
    level: int
    points: int
    category: str
    severity: Severity
    why: str
    modifiers: tuple[Modifier, ...]
    state: PenaltyState
    proposed_at: datetime
    counts_until: datetime
    accepted_by: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    note: str = ""
    until: datetime | None = None
