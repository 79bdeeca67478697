"""The records that travel between the stages, frozen, in the order data moves.

A page becomes a ``Listing``; a spider reports an ``Observation`` for everything it discovered; matching makes
``Finding``s; triage makes a ``Triage``; the store keeps cases and appends ``Event``s. Moments are aware datetimes
in UTC. States and codes are ``StrEnum``s with stable values, which databases, files and APIs show as they are.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How bad: S4 may be sold by nobody; S3 only by the licensed; S2 depends on context; S1 is weak."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class Action(StrEnum):
    """What triage proposes by default. Nothing here is carried out by a machine alone."""

    WATCH = "watch"
    REVIEW = "review"
    HOLD = "hold"
    HIDE = "hide"


class SellerKind(StrEnum):
    """Who sells. ``unknown`` wherever the platform does not say."""

    UNKNOWN = "unknown"
    PERSON = "person"
    SHOP = "shop"
    BRAND_STORE = "brand_store"


class Availability(StrEnum):
    """schema.org's ItemAvailability, folded to what a moderator needs."""

    UNKNOWN = "unknown"
    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PREORDER = "preorder"
    DISCONTINUED = "discontinued"


class Seller(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who offers a listing. ``licences`` are names as the platform gives them, an open list."""

    id: str = ""
    name: str = ""
    kind: SellerKind = SellerKind.UNKNOWN
    licences: tuple[str, ...] = ()
    registered_at: datetime | None = None


class Listing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An offer on the platform, by ``(platform, listing_id)``, with every field that a seller can write.

    ``text`` serves inputs that have no fields. ``hidden_text`` is in the page but not shown to a buyer. ``price``
    is per unit in ``currency`` (ISO 4217), ``quantity`` what the seller says is on offer. ``views`` and ``sold`` are
    what the platform counts. ``provenance`` names the method that found each field (``{"price": "json-ld"}``).
    """

    platform: str
    listing_id: str
    url: str = ""
    text: str = ""
    title: str = ""
    description: str = ""
    hidden_text: str = ""
    options: tuple[str, ...] = ()
    attributes: dict[str, str] = {}
    category_path: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    price: Decimal | None = None
    currency: str = ""
    quantity: int | None = None
    availability: Availability = Availability.UNKNOWN
    brand: str = ""
    sku: str = ""
    seller: Seller = Seller()
    images: tuple[str, ...] = ()
    language: str = ""
    modified_at: datetime | None = None
    seen_at: datetime | None = None
    provenance: dict[str, str] = {}
    views: int | None = None
    sold: int | None = None


class EvidenceRef(msgspec.Struct, frozen=True, kw_only=True):
    """Where the captured bytes lie: a WARC file's name, the record's offset in it, and the payload's SHA-256."""

    file: str
    offset: int
    sha256: str


class Fetched(msgspec.Struct, frozen=True, kw_only=True, tag="fetched"):
    """A listing was read. ``validator``: the entity tag or date by which the platform can be asked for changes."""

    listing: Listing
    evidence: EvidenceRef | None = None
    validator: str = ""


class Unchanged(msgspec.Struct, frozen=True, kw_only=True, tag="unchanged"):
    """The platform says that the listing did not change since we last read it."""

    platform: str
    listing_id: str
    url: str = ""


class Gone(msgspec.Struct, frozen=True, kw_only=True, tag="gone"):
    """The platform no longer shows the listing; ``why`` is ``404``, ``410``, ``banner``, ``redirect`` …"""

    platform: str
    listing_id: str
    url: str = ""
    why: str = ""
    seen_at: datetime | None = None


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """Something was discovered and could not be read. Never the same as clean: a person or a re-run looks."""

    url: str
    reason: str
    detail: str = ""


class Skipped(msgspec.Struct, frozen=True, kw_only=True, tag="skipped"):
    """Something was discovered and left out on purpose: ``duplicate``, ``offsite``, ``limit``, ``not_a_listing`` …"""

    url: str
    reason: str


Observation = Fetched | Unchanged | Gone | Failed | Skipped


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of coverage: discovered = fetched + unchanged + gone + failed(reason) + skipped(reason).

    ``expected`` is the catalogue's own count where the platform gives one; ``pages`` counts all responses, list
    pages too.
    """

    discovered: int = 0
    fetched: int = 0
    unchanged: int = 0
    gone: int = 0
    failed: dict[str, int] = {}
    skipped: dict[str, int] = {}
    expected: int | None = None
    pages: int = 0
    bytes: int = 0

    @property
    def accounted(self) -> int:
        """What became of everything discovered, added up."""
        counts = (self.fetched, self.unchanged, self.gone, *self.failed.values(), *self.skipped.values())
        return sum(counts)

    @property
    def is_balanced(self) -> bool:
        """Whether nothing that was discovered is unaccounted for."""
        return self.discovered == self.accounted


class View(StrEnum):
    """One reading of a listing's text."""

    RAW = "raw"
    FOLDED = "folded"
    COMPACT = "compact"
    SYLLABLE = "syllable"
    SPLIT = "split"
    PINYIN = "pinyin"
    DIGITS = "digits"
    LEET = "leet"
    REVERSED = "reversed"
    SHAPE = "shape"
    MASKED = "masked"
    DECODED = "decoded"


class Span(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Characters ``[start, end)`` of one field's original text, what they were read as, and in which view."""

    field: str
    start: int
    end: int
    text: str
    view: View
    reads: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Rule × listing version: what matched and why. Equal by rule and matched text, never by position.

    ``score`` runs 0–1 and is what guards lowered. ``rulebook`` and ``normaliser`` are versions (content hashes).
    ``queues`` is false for a rule in shadow: the finding is on record, and puts nothing into the queue.
    """

    rule: str
    category: str
    severity: Severity
    score: float
    title: str
    reason: str
    spans: tuple[Span, ...]
    clause: str = ""
    rulebook: str = ""
    normaliser: str = ""
    queues: bool = True

    @property
    def identity(self) -> tuple[str, tuple[str, ...]]:
        """What makes two findings on one listing the same: text moves, the rule and its words do not."""
        return self.rule, tuple(sorted({span.text for span in self.spans}))


class Triage(msgspec.Struct, frozen=True, kw_only=True):
    """What triage makes of a listing's findings; ``priority`` is higher for what to look at sooner."""

    severity: Severity
    action: Action
    priority: int
    categories: tuple[str, ...]
    reason: str


class Role(StrEnum):
    """Who acts, as in the roles of the domain brief; ``system`` is Delist itself."""

    SYSTEM = "system"
    REVIEWER = "reviewer"
    SPECIALIST = "specialist"
    APPEALS_OFFICER = "appeals_officer"
    QUALITY = "quality"
    ANALYST = "analyst"
    POLICY_OWNER = "policy_owner"
    LIAISON = "liaison"
    COMPLIANCE = "compliance"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A person or a part of Delist that does something that goes on record."""

    name: str
    role: Role = Role.REVIEWER


class CaseState(StrEnum):
    """The life of a case."""

    OPEN = "open"
    CLAIMED = "claimed"
    ESCALATED = "escalated"
    ON_HOLD = "on_hold"
    DECIDED = "decided"
    AWAITING_APPROVAL = "awaiting_approval"
    ACTIONED = "actioned"
    VERIFIED = "verified"
    APPEALED = "appealed"
    REOPENED = "reopened"
    CLOSED = "closed"


class Desk(StrEnum):
    """Who a waiting case is for: reviewers, specialists where it was escalated, appeals officers."""

    REVIEW = "review"
    SPECIALIST = "specialist"
    APPEALS = "appeals"


class Ruling(StrEnum):
    """What a person ruled. ``hide`` takes it out of sight until somebody has decided; the case goes on waiting."""

    REMOVE = "remove"
    KEEP = "keep"
    RESTRICT = "restrict"
    ESCALATE = "escalate"
    HIDE = "hide"


class TakedownState(StrEnum):
    """The life of a takedown, and of its inverse. Accepted is not verified.

    ``sent``: under way, or waiting for its next attempt. ``verified_restored`` and ``still_hidden`` are what a look
    makes of an inverse; ``undone`` is an order whose inverse has been written. ``by_hand``: the platform cannot be told
    by Delist, or did not do it; somebody does it there, and confirms it here.
    """

    PLANNED = "planned"
    HELD = "held"
    SENT = "sent"
    ACCEPTED = "accepted"
    VERIFIED_REMOVED = "verified_removed"
    STILL_LIVE = "still_live"
    PARTIALLY_LIVE = "partially_live"
    REAPPEARED = "reappeared"
    VERIFIED_RESTORED = "verified_restored"
    STILL_HIDDEN = "still_hidden"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"
    BY_HAND = "by_hand"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the append-only history. ``hash`` covers all other fields and the previous event's hash."""

    sequence: int
    at: datetime
    actor: str
    role: Role
    kind: str
    subject: str
    data: dict[str, object]
    previous: str
    hash: str


class RunState(StrEnum):
    """What became of a scheduled slot. All but ``running`` are ends."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    STOPPED = "stopped"
    LOST = "lost"
    SKIPPED = "skipped"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One started (or knowingly skipped) inspection of a source, unique by ``(source, slot)``.

    ``slot`` is the moment of the timetable that it stands for; a run by hand or again has its own start as its slot.
    ``detail`` says in words how it ended.
    """

    id: int
    source: str
    slot: datetime
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    detail: str = ""
