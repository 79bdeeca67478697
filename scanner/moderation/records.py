"""What the store keeps of working the queue, as frozen records: drafts, skips, approvals, clusters, batches."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.model import Role, Ruling, Severity
from scanner.outside import Mark
from scanner.records import Case


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person was about to decide on a case; one for each person and case."""

    case_id: int
    person: str
    saved_at: datetime
    ruling: Ruling | None = None
    reason: str = ""
    note: str = ""
    revision: int = 0
    why: str = ""


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """A case that a person is not given any more, and why."""

    case_id: int
    person: str
    at: datetime
    reason: str


class ApprovalKind(StrEnum):
    """What a second person is asked for."""

    DECISION = "decision"
    BULK = "bulk"
    ACCOUNT_CLOSURE = "account_closure"
    CLUE_PACKAGE = "clue_package"
    EXCEPTION = "exception"
    ERASURE = "erasure"


class ApprovalState(StrEnum):
    """The life of a proposal. All but ``asked`` are ends."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done once a second person agrees. Of a decision all but ``fields``; others keep theirs there.

    ``revision`` is that of the case as the first person saw it.
    """

    ruling: Ruling | None = None
    reason: str = ""
    note: str = ""
    clause: str = ""
    revision: int = 0
    fields: dict[str, str] = {}


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What one person proposes, and what a second one made of it. ``subject``: ``case:7``, ``seller:9`` and so on."""

    id: int
    kind: ApprovalKind
    subject: str
    proposal: Proposal
    why: tuple[str, ...]
    state: ApprovalState
    asked_by: str
    asked_role: Role
    asked_at: datetime
    expires_at: datetime
    settled_by: str = ""
    settled_at: datetime | None = None
    note: str = ""

    @property
    def case_id(self) -> int:
        """The case that it is about; 0 if it is about something else."""
        kind, _, number = self.subject.partition(":")
        return int(number) if kind == "case" else 0


class BatchState(StrEnum):
    """The life of a bulk decision. ``running`` and ``undoing`` are worked on by whoever runs it."""

    PREPARED = "prepared"
    AWAITING_APPROVAL = "awaiting_approval"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    REFUSED = "refused"
    UNDOING = "undoing"
    UNDONE = "undone"


class ItemState(StrEnum):
    """What became of one case of a bulk decision."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"
    NOT_UNDONE = "not_undone"


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One decision on many cases. ``counts`` says how many items are in which state."""

    id: int
    state: BatchState
    ruling: Ruling
    reason: str
    note: str
    made_by: str
    made_role: Role
    made_at: datetime
    cluster_id: int | None = None
    approval_id: int | None = None
    approved_by: str = ""
    changed_at: datetime | None = None
    counts: dict[ItemState, int] = {}
    to_look_at: int = 0

    @property
    def total(self) -> int:
        """How many cases it is about."""
        return sum(self.counts.values())


class BatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a bulk decision: what it would come to, and what it came to.

    ``says`` is a sentence for a moderator. ``is_sampled`` ones are looked at by a person first.
    """

    batch_id: int
    case_id: int
    revision: int
    state: ItemState
    says: str = ""
    is_sampled: bool = False
    looked_by: str = ""
    decision_id: int | None = None


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Cases on listings that are nearly the same as that of ``first_case``; ``waiting`` of ``size`` wait."""

    id: int
    first_case: int
    category: str
    severity: Severity
    size: int
    waiting: int


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a cluster: how similar it is to the first one, and what else they share."""

    cluster_id: int
    case_id: int
    similarity: float
    shares: tuple[str, ...] = ()


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a case's listing to compare others with it; ``looks``: what its pictures look like."""

    case: Case
    sketch: tuple[int, ...]
    title: frozenset[int]
    keys: dict[int, Mark]
    looks: tuple[int, ...] = ()
