"""What happens between Delist and people outside, as frozen records: notices, appeals, sellers' standing, letters.

A notice comes in and is answered; an appeal is filed against a decision and decided once; a letter is a message that
goes out, once, under a key. Licences, exceptions and penalties are what is on file about a seller; a fingerprint is
what a removed listing is recognised by when it comes back. Moments are aware datetimes in UTC.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.model import Listing, Ruling, Seller, SellerKind, Severity


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


class LetterKind(StrEnum):
    """What a letter is about; each has its template in each language."""

    REMOVAL = "removal"
    RESTORATION = "restoration"
    APPEAL_RECEIPT = "appeal_receipt"
    APPEAL_RESULT = "appeal_result"
    NOTICE_RECEIPT = "notice_receipt"
    NOTICE_ANSWER = "notice_answer"
    PENALTY = "penalty"


class LetterState(StrEnum):
    """The life of a letter. ``held``: it would tip somebody off; a person releases it. ``failed``: nobody takes it."""

    WRITTEN = "written"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message to somebody outside, sent once under its ``key``. ``to`` is an address, or a seller's number."""

    id: int
    key: str
    kind: LetterKind
    to: str
    language: str
    subject: str
    body: str
    state: LetterState
    written_at: datetime
    due_at: datetime
    case_id: int | None = None
    notice_id: int | None = None
    seller_row: int | None = None
    attempts: int = 0
    token: int = 0
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    says: str = ""


class Mark(StrEnum):
    """What a listing is recognised by."""

    TEXT = "text"
    TITLE = "title"
    PIECE = "piece"
    TEMPLATE = "template"
    CONTACT = "contact"
    IMAGE = "image"
    SELLER = "seller"


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """What a removed listing is recognised by, with the decision that removed it. No text, no handle: hashes only.

    ``title`` are the hashed pairs of characters of its title, ``sketch`` the MinHash of all that it says.
    """

    id: int
    case_id: int
    decision_id: int
    listing_row: int
    seller_row: int | None
    seller_key: str
    platform: str
    listing_id: str
    category: str
    severity: Severity
    rules: tuple[str, ...]
    title: tuple[int, ...]
    sketch: tuple[int, ...]
    made_at: datetime
    expires_at: datetime
    hits: int = 0
    ended_at: datetime | None = None


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """That a listing is like a removed one: by which marks, and how like the texts are (0–1)."""

    fingerprint: Fingerprint
    marks: tuple[Mark, ...]
    likeness: float


class RecordKind(StrEnum):
    """Kinds of record that are kept for a time; see ``scanner.keeping``."""

    PASSED_SCORES = "passed_scores"
    BAD_LINES = "bad_lines"
    LISTINGS = "listings"
    EVIDENCE = "evidence"
    FINGERPRINTS = "fingerprints"
    NOTICES = "notices"
    LETTERS = "letters"
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
