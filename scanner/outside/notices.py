"""Notices: what somebody outside reports, where it stands, and what it came to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class NoticeKind(StrEnum):
    """Who sends a notice: it decides on the clock and on how much is taken on trust."""

    USER = "user"
    TRUSTED_FLAGGER = "trusted_flagger"
    POLICE = "police"
    TELECOM_AUTHORITY = "telecom_authority"
    REGULATOR = "regulator"


class NoticeState(StrEnum):
    """The life of a notice.

    ``open``: it belongs to a case. ``unlocated``: no listing is known by what it names. ``awaiting_look``: a person
    looks before it touches the queue. ``answered``: it is over, and the sender has been written to.
    """

    OPEN = "open"
    UNLOCATED = "unlocated"
    AWAITING_LOOK = "awaiting_look"
    ANSWERED = "answered"


class NoticeOutcome(StrEnum):
    """What a notice came to. ``dismissed``: a person found that it says nothing of a listing, or is abuse."""

    REMOVED = "removed"
    RESTRICTED = "restricted"
    KEPT = "kept"
    ALREADY_REMOVED = "already_removed"
    ALREADY_JUDGED = "already_judged"
    GONE = "gone"
    NOT_FOUND = "not_found"
    DISMISSED = "dismissed"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender says. ``contact`` is where the answer goes, ``reference`` the sender's own file number.

    ``secret``: the seller must not learn of it (police). ``key``: a repetition of the same request is the same notice.
    """

    kind: NoticeKind
    text: str
    reporter: str
    contact: str = ""
    reference: str = ""
    platform: str = ""
    listing_id: str = ""
    url: str = ""
    category: str = ""
    language: str = "en"
    secret: bool = False
    key: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept. ``receipt`` is what the sender is given; ``reporter_key`` is one reporter's, always.

    ``act_by`` is when somebody must have decided, ``answer_by`` when the sender must know. ``duplicate_of`` is the
    first open notice on the same listing. ``waits_for`` says why a person must look first.
    """

    id: int
    receipt: str
    report: Report
    reporter_key: str
    state: NoticeState
    received_at: datetime
    act_by: datetime
    answer_by: datetime
    listing_row: int | None = None
    seller_row: int | None = None
    case_id: int | None = None
    duplicate_of: int | None = None
    waits_for: str = ""
    outcome: NoticeOutcome | None = None
    says: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""


class NoticeFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices: all that is given must hold. No states: those that are not answered."""

    states: tuple[NoticeState, ...] = ()
    kinds: tuple[NoticeKind, ...] = ()
    case_id: int | None = None
    reporter_key: str = ""
    overdue_at: datetime | None = None


class NoticePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some notices, the one whose time runs out first at the top; ``after`` asks for the next page."""

    rows: tuple[Notice, ...]
    total: int
    after: str = ""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A share with its 95 % interval by Wilson (1927): ``part`` of ``whole``; of nothing, anything may be true."""

    part: int
    whole: int
    share: float
    low: float
    high: float
