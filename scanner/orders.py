"""What travels between the outbox, the platforms and the looks at them; and ``Platform``, which every adapter is.

An order says what is to become of a listing and under which key; a receipt is what the platform answered; a sight is
what somebody without an account saw afterwards by one way. A platform's word is a receipt, never a sight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from scanner.model import EvidenceRef

# A look is held by who does it for no longer.
LOOK_LEASE = timedelta(minutes=10)

# What can be done to a seller rather than to a listing, each with the order that takes it back.
AGAINST_SELLERS: Mapping[str, str] = {"close_account": "reopen_account", "restrict_seller": "unrestrict_seller"}
_ABOUT_SELLERS = frozenset({*AGAINST_SELLERS, *AGAINST_SELLERS.values()})
_GIVE_BACK = frozenset({"restore", "unrestrict", *AGAINST_SELLERS.values()})


def is_about_seller(action: str) -> bool:
    """Whether an order of that name is about a seller, and leaves the listing of its case as it is."""
    return action in _ABOUT_SELLERS


def gives_back(action: str) -> bool:
    """Whether an order of that name gives something back; all others take something away."""
    return action in _GIVE_BACK


class Answer(StrEnum):
    """What a platform made of an order.

    ``already``: it was so before, which is success. ``refused``: never in this way. ``denied``: it does not accept our
    credentials. ``throttled``: too many at a time. ``failed``: it broke on this order. ``away``: it could not be
    reached, or says that it is out of service.
    """

    ACCEPTED = "accepted"
    ALREADY = "already"
    REFUSED = "refused"
    DENIED = "denied"
    THROTTLED = "throttled"
    FAILED = "failed"
    AWAY = "away"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform is told. ``key`` is the same in every attempt at one order, so that it has one effect.

    Of an order about a seller ``measure`` says in words what is to be done, and ``until`` when it ends by itself;
    ``seller_id`` is empty where the platform has no number of the seller.
    """

    key: str
    action: str
    listing_id: str
    url: str = ""
    title: str = ""
    seller_id: str = ""
    reason: str = ""
    clause: str = ""
    seller_name: str = ""
    measure: str = ""
    until: datetime | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform answered. ``says`` is a sentence for a moderator; ``retry_after`` is in seconds."""

    answer: Answer
    says: str
    status: int = 0
    retry_after: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether the platform says that it is as ordered."""
        return self.answer in {Answer.ACCEPTED, Answer.ALREADY}


class Weight(StrEnum):
    """How much a way of looking counts.

    ``truth``: what a buyer reaches; where it cannot be seen, nothing is known. ``counts``: shows the listing too, and
    may lag. ``told``: kept as evidence, and judged by nobody, because the platform shows there what it has hidden.
    """

    TRUTH = "truth"
    COUNTS = "counts"
    TOLD = "told"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way of looking. Within ``lag_seconds`` of the acceptance it may still show how it was before."""

    name: str
    weight: Weight
    lag_seconds: float = 0


class Shows(StrEnum):
    """What was seen by one way: the listing, its absence, or neither for certain."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """A response as it came, to be kept as evidence."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter saw by a way, and the responses that it saw it in, the telling one last."""

    shows: Shows
    says: str
    captures: tuple[Capture, ...] = ()


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """A ``Seen`` as it is kept. ``sha256`` is of the telling bytes, which lie where ``evidence`` says."""

    way: str
    weight: Weight
    shows: Shows
    says: str
    at: datetime
    url: str = ""
    status: int = 0
    sha256: str = ""
    evidence: EvidenceRef | None = None
    is_lagging: bool = False


class LookState(StrEnum):
    """The life of a look. ``missed``: a later one was due already; ``dropped``: the order was undone or sent again."""

    DUE = "due"
    DONE = "done"
    MISSED = "missed"
    DROPPED = "dropped"


class LookOutcome(StrEnum):
    """What a look came to, for an order and (the last two) for its inverse. ``unseen``: nothing is known."""

    VERIFIED_REMOVED = "verified_removed"
    STILL_LIVE = "still_live"
    PARTIALLY_LIVE = "partially_live"
    REAPPEARED = "reappeared"
    UNSEEN = "unseen"
    VERIFIED_RESTORED = "verified_restored"
    STILL_HIDDEN = "still_hidden"


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at what became of a takedown, ``after_seconds`` after its acceptance in that ``round``."""

    id: int
    takedown_id: int
    round: int
    after_seconds: int
    state: LookState
    due_at: datetime
    tries: int = 0
    token: int = 0
    lease_until: datetime | None = None
    looked_at: datetime | None = None
    outcome: LookOutcome | None = None
    sights: tuple[Sight, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a platform takes orders at present, for all senders together.

    ``next_at``: the next moment at which its rate lets an order go; ``paused_until``: it asked for a pause;
    ``misses``: failures in a row that speak of the platform rather than of an order; ``away_since``: so many that
    nothing is sent until a probe is answered.
    """

    name: str
    next_at: datetime
    paused_until: datetime | None = None
    misses: int = 0
    away_since: datetime | None = None
    probes: int = 0
    says: str = ""


class Tallies(msgspec.Struct, frozen=True, kw_only=True):
    """How many takedowns were sent of late: by rule, by category, by seller's number, and in all."""

    rules: dict[str, int] = {}
    categories: dict[str, int] = {}
    sellers: dict[int, int] = {}
    total: int = 0


class Platform(Protocol):
    """A platform that can be told what to do, and looked at as anybody may look. One file for each in ``platforms/``.

    No method raises for anything that a platform answers or fails to answer: it is in what they return.
    """

    @property
    def actions(self) -> frozenset[str]:
        """The actions that it can carry out; each has its inverse among them. Others are done by hand."""

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways of looking for a listing, the truth first."""

    @property
    def seller_ways(self) -> tuple[Way, ...]:
        """The ways of looking for a seller, the truth first; none: what is done to an account cannot be seen."""

    def send(self, order: Order) -> Receipt:
        """Tell it, once. A repetition under the same key must not have a second effect."""

    def probe(self) -> Receipt:
        """Ask for something harmless, with our credentials: is it there, and does it let us in?"""

    def look(self, order: Order, way: Way) -> Seen:
        """Look for the order's listing, or for its seller by one of ``seller_ways``, without credentials."""


def ways_of(platform: Platform, action: str) -> tuple[Way, ...]:
    """The ways of looking whether an order of that name took effect."""
    return platform.seller_ways if is_about_seller(action) else platform.ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A platform with how it may be used: orders a second, orders under way at a time, and when to look.

    Whoever holds an order longer than ``lease`` is taken to be gone; so no adapter may take as long.
    """

    platform: Platform
    rate: float = 5.0
    concurrency: int = 4
    looks: tuple[timedelta, ...] = ()
    lease: timedelta = timedelta(minutes=2)
