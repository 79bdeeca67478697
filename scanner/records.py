"""What the store keeps, as frozen records: events, versions, cases, decisions, takedowns.

They travel out of the store and never change; a newer truth is a newer record. ``revision`` counts the changes of a
case, and whoever decides says which revision was seen. Moments are aware datetimes in UTC.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from scanner.model import (
    Action,
    CaseState,
    Desk,
    Event,
    EvidenceRef,
    Finding,
    Listing,
    Role,
    Ruling,
    Seller,
    Severity,
    TakedownState,
    Triage,
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become an event: all but its place in the history, which it gets when the transaction ends."""

    at: datetime
    actor: str
    role: Role
    kind: str
    subject: str
    data: dict[str, object]


# An event as the store keeps it, its facts as JSON: sequence, at, actor, role, kind, subject, data, previous, hash.
KeptEvent = tuple[int, datetime, str, str, str, str, str, str, str]


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: all that is given must hold. ``kind`` may be a whole family, ``case.*``; ``since`` is inclusive."""

    subject: str = ""
    actor: str = ""
    kind: str = ""
    since: datetime | None = None


# What the first event of the history names as the one before it.
GENESIS = "0" * 64


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest event of the history: its number and hash. An empty history has number 0 and the genesis hash."""

    sequence: int = 0
    hash: str = GENESIS


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Which attempt at which partition of which inspection saw a listing last."""

    inspection_id: int
    partition: str
    attempt: int


class KnownListing(msgspec.Struct, frozen=True, kw_only=True):
    """What intake must know of a listing that it meets again."""

    id: int
    platform: str
    listing_id: str
    number: int
    content_hash: str
    judged_by: str
    seen: Sighting
    is_gone: bool = False
    case: Case | None = None
    url: str = ""
    validator: str = ""


class NewVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version to be stored: what the listing says now, and what the rulebook makes of it."""

    listing: Listing
    content_hash: str
    number: int
    seen_at: datetime
    evidence: EvidenceRef | None
    findings: tuple[Finding, ...]
    triage: Triage | None
    judged_by: str
    listing_row: int = 0
    validator: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing said at a time."""

    number: int
    content_hash: str
    seen_at: datetime
    listing: Listing
    evidence: EvidenceRef | None = None
    judged_by: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """The unit of review. ``version`` is the listing's version under review, ``ruling`` the last one that stands.

    ``priority`` is its weight in hundredths (``scanner.moderation.priority``). While it waits it is for a ``desk``;
    ``reserved_for`` one person of it, or for nobody before ``away_until`` where it is on hold.
    """

    id: int
    listing_row: int
    platform: str
    listing_id: str
    version: int
    state: CaseState
    revision: int
    severity: Severity
    action: Action
    priority: int
    category: str
    categories: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str
    opened_at: datetime
    updated_at: datetime
    due_at: datetime
    ruling: Ruling | None = None
    decided_hash: str = ""
    claimed_by: str = ""
    lease_until: datetime | None = None
    token: int = 0
    source: str = ""
    seller_row: int | None = None
    desk: Desk = Desk.REVIEW
    reserved_for: str = ""
    away_until: datetime | None = None


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a line of the queue: with what a person needs to choose the next one."""

    case: Case
    title: str
    url: str
    seller: Seller
    price: Decimal | None = None
    currency: str = ""
    source: str = ""
    gone_at: datetime | None = None
    findings: tuple[Finding, ...] = ()


class QueueFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases: all that is given must hold. No states: those that wait for a person.

    ``language`` is the beginning of the listing's own (``zh`` finds ``zh-Hans``); ``claimed_by`` names who has claimed
    it, and ``*`` stands for anybody.
    """

    states: tuple[CaseState, ...] = ()
    category: str = ""
    severity: Severity | None = None
    rule: str = ""
    seller: str = ""
    source: str = ""
    text: str = ""
    language: str = ""
    claimed_by: str = ""
    desk: Desk | None = None
    opened_before: datetime | None = None
    due_before: datetime | None = None


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the queue, most urgent first; ``after`` asks for the next page and is empty on the last.

    ``total`` is counted up to two thousand. Where several things are asked of more cases than that, it is no more than
    this page: unless ``is_exact`` there may be more.
    """

    rows: tuple[QueueRow, ...]
    total: int
    after: str = ""
    is_exact: bool = True

    @property
    def counted(self) -> str:
        """How many there are, as a person reads it: ``12``, or ``1,000+`` where more were not counted."""
        return f"{self.total:,}{'' if self.is_exact else '+'}"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a person ruled; appended, never edited."""

    id: int
    case_id: int
    version: int
    ruling: Ruling
    reason: str
    note: str
    clause: str
    actor: str
    role: Role
    at: datetime


class Takedown(msgspec.Struct, frozen=True, kw_only=True):
    """An order to the platform. ``inverse`` is planned with it; nothing is sent before ``due_at`` (the undo window).

    ``listing_id`` of an order about a seller is ``seller:`` and the seller's key.
    ``key`` names the decision, so that the platform can tell a repetition from a second order; ``round`` counts how
    often it was ordered anew after a look had found it without effect. ``undoes`` is set on an inverse. A sender holds
    it until ``lease_until`` under ``token``; ``released_by`` let it through the circuit breakers. ``last_error`` is the
    sentence that says why it waits, is held or has failed.
    """

    id: int
    case_id: int
    decision_id: int
    platform: str
    listing_id: str
    action: str
    inverse: str
    state: TakedownState
    key: str
    planned_at: datetime
    due_at: datetime
    attempts: int = 0
    last_error: str = ""
    undoes: int | None = None
    round: int = 1
    token: int = 0
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    released_by: str = ""


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person needs to decide. ``latest`` is set if the listing has changed since the version at hand,
    ``previous`` is the version before it, if there is one. Where the rules now in force find nothing in the version,
    ``found_before`` is what earlier ones did."""

    row: QueueRow
    version: Version
    findings: tuple[Finding, ...]
    latest: Version | None
    history: tuple[Event, ...]
    decisions: tuple[Decision, ...]
    takedowns: tuple[Takedown, ...]
    others: tuple[QueueRow, ...]
    previous: Version | None = None
    found_before: tuple[Finding, ...] = ()

    @property
    def flagged_for(self) -> tuple[Finding, ...]:
        """Why the case is there: what is found, or was."""
        return self.findings or self.found_before


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A moderator's lease on a case. ``token`` goes with the decision; an older one than the case's is refused."""

    case: Case
    token: int
    until: datetime
