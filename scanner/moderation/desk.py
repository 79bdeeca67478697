"""What working the queue has in common: the ports, who may sit at which desk, and a case's moves on record.

Every move is a compare-and-set on the case's revision, and an event in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from scanner import audit
from scanner.errors import Conflict, Contention, Forbidden, IllegalMove, InputError
from scanner.model import Actor, CaseState, Desk, Role
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState, Draft, Skip
from scanner.ports import CaseRows, HistoryRows
from scanner.records import Case, QueueFilter, QueueRow
from scanner.takedown.outbox import TakedownRows
from scanner.workflow import DESK_OF

T = TypeVar("T")

# So often is a transaction tried that somebody else has come before.
_TRIES = 5

# Whose cases a role takes; from the first desk first where two are equally urgent.
DESKS: dict[Role, tuple[Desk, ...]] = {
    Role.REVIEWER: (Desk.REVIEW,),
    Role.SPECIALIST: (Desk.SPECIALIST, Desk.REVIEW),
    Role.APPEALS_OFFICER: (Desk.APPEALS, Desk.REVIEW),
    Role.COMPLIANCE: (Desk.SPECIALIST,),
}


class ApprovalRows(HistoryRows, Protocol):
    """What proposals that need a second person read and write."""

    def add_approval(self, approval: Approval) -> Approval:
        """Append a proposal; its number is given by the store."""

    def approval(self, approval_id: int) -> Approval:
        """One proposal; whoever else wants to settle it waits. Raises ``NotFound``."""

    def open_approval(self, kind: ApprovalKind, subject: str) -> Approval | None:
        """The proposal of a kind for a subject that waits for a second person."""

    def settle_approval(self, approval: Approval) -> bool:
        """Write how a proposal ended. ``False`` if it has ended before."""


class DeskRows(CaseRows, ApprovalRows, TakedownRows, Protocol):
    """What working the queue reads and writes."""

    def bring_back(self, at: datetime) -> int:
        """Put back on the desk what nobody has any more by now: ended claims, reservations and holds."""

    def reserved_case(self, person: str, *, at: datetime) -> int | None:
        """The most urgent case that was given to a person and that they have not taken yet."""

    def free_case(self, desks: Collection[Desk], *, person: str, wanted: QueueFilter | None = None) -> int | None:
        """The most urgent case on these desks that nobody has and that this person has not skipped; it is locked."""

    def renew_claim(self, case: Case, *, until: datetime) -> bool:
        """Let a claim last until then. ``False`` if it is no longer this one."""

    def held_by(self, person: str, *, at: datetime) -> tuple[QueueRow, ...]:
        """What a person has claimed or was given, the most urgent first."""

    def add_skip(self, skip: Skip) -> None:
        """A person is not given a case any more. The newest reason counts."""

    def skips_of(self, case_id: int) -> tuple[Skip, ...]:
        """Who is not given a case, oldest first."""

    def keep_claim_draft(self, draft: Draft) -> None:
        """Keep a draft instead of an older one of the same person on the same case."""

    def claim_draft(self, case_id: int, person: str) -> Draft | None:
        """What a person was about to decide, if they were."""

    def claim_drafts_of(self, person: str, *, limit: int) -> tuple[Draft, ...]:
        """A person's drafts, the newest first."""

    def drop_claim_draft(self, case_id: int, person: str) -> None:
        """It was decided, or thrown away."""

    def approvals_about(self, subject: str) -> tuple[Approval, ...]:
        """All proposals for a subject, oldest first."""

    def approvals(self, state: ApprovalState, *, before: datetime | None = None, limit: int) -> tuple[Approval, ...]:
        """Proposals in a state, those that expire first before others; only those that expire ``before`` then."""

    def listings_of_seller(self, seller_row: int, *, limit: int) -> int:
        """How many listings a seller has, counted up to ``limit``."""

    def first_case_of_rule(self, rule: str) -> datetime | None:
        """When the first case with a finding of a rule was opened."""

    def overturned_of_seller(self, seller_row: int) -> int:
        """How many of a seller's cases were first decided against them and kept afterwards."""

    def open_appeal_of(self, case_id: int) -> str:
        """The receipt of the appeal against a decision on a case that is not decided yet; empty if there is none."""

    def deciders(self, case_id: int) -> frozenset[str]:
        """Who has decided on a case so far."""

    def decisions_since(self, since: datetime) -> int:
        """How many decisions were made since then, and not taken back."""

    def waiting_in_order(self, *, limit: int) -> tuple[Case, ...]:
        """The cases that wait, as they will be worked on."""

    def waiting_count(self) -> int:
        """How many cases wait for a person."""


class DeskStore(Protocol):
    """A store that keeps the queue."""

    def reading(self) -> AbstractContextManager[DeskRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[DeskRows]:
        """All or nothing; ``durable`` also survives a power cut."""


def retried(
    store: DeskStore,
    change: Callable[[DeskRows], T],
    *,
    durable: bool = False,
    after: type[Conflict] = Contention,
) -> T:
    """Make ``change`` in a transaction, again where two met in the database, or ``after`` any other conflict."""
    for _ in range(_TRIES - 1):
        try:
            with store.transaction(durable=durable) as tx:
                return change(tx)
        except after:
            continue
    with store.transaction(durable=durable) as tx:
        return change(tx)


def moved(tx: DeskRows, case: Case, state: CaseState, *, now: datetime, **changes: object) -> Case:
    """Write a case in another state, one revision on. Raises ``Conflict`` if somebody has changed it."""
    after = msgspec.structs.replace(
        case,
        state=state,
        revision=case.revision + 1,
        updated_at=now,
        desk=DESK_OF.get(state, case.desk),
        **changes,
    )
    if not tx.save_case(after):
        raise Conflict(
            "case {case} was changed by somebody else", hint="Look at it again: delist show {case}", case=case.id
        )
    return after


# What a case has that nobody has in hand.
FREE: dict[str, object] = {"claimed_by": "", "lease_until": None, "reserved_for": "", "away_until": None}


def tell(
    tx: HistoryRows, case: Case, kind: str, *, actor: Actor, at: datetime, before: Case | None = None, **more: object
) -> None:
    """Put a step of a case on record; with its states where it has moved."""
    steps = {"before": before.state, "after": case.state} if before is not None else {}
    said = {name: value for name, value in more.items() if value not in ("", None)}
    audit.append(tx, actor=actor, kind=f"case.{kind}", subject=f"case:{case.id}", at=at, **(steps | said))


def refuse_changed(case: Case, revision: int) -> None:
    """Raise ``Conflict`` if the case is not as the person saw it."""
    if case.revision != revision:
        raise Conflict(
            "case {case} has changed: you saw revision {seen}, it is {revision} and {state}",
            hint="Look at it again: delist show {case}",
            case=case.id,
            seen=revision,
            revision=case.revision,
            state=case.state,
        )


def is_held(case: Case, now: datetime) -> bool:
    """Whether somebody has claimed it and has been heard of in time."""
    return case.state is CaseState.CLAIMED and case.lease_until is not None and case.lease_until > now


def refuse_claimed(case: Case, actor: Actor, now: datetime) -> None:
    """Raise ``Conflict`` while somebody else has the case, or it is kept for somebody else."""
    if is_held(case, now) and case.claimed_by != actor.name:
        raise Conflict(
            "case {case} is claimed by {claimed_by} until {lease_until:%Y-%m-%d %H:%M:%S} UTC",
            hint="Take another one, or wait.",
            case=case.id,
            claimed_by=case.claimed_by,
            lease_until=case.lease_until,
        )
    is_kept = case.reserved_for and case.away_until is not None and case.away_until > now
    if is_kept and case.reserved_for != actor.name:
        raise Conflict(
            "case {case} was given to {reserved_for} until {away_until:%Y-%m-%d %H:%M} UTC",
            hint="Take another one, or wait.",
            case=case.id,
            reserved_for=case.reserved_for,
            away_until=case.away_until,
        )


def refuse_stale(case: Case, token: int | None) -> None:
    """Raise ``Conflict`` if the claim has passed to somebody else."""
    if token is not None and token != case.token:
        raise Conflict(
            "your claim on case {case} has run out, and the case has been claimed since",
            hint="Claim it again.",
            case=case.id,
        )


def refuse_desk(case: Case, actor: Actor) -> None:
    """Raise ``Forbidden`` for a role that has no seat at the case's desk."""
    if case.desk not in DESKS.get(actor.role, ()):
        able = ", ".join(role.value for role, desks in DESKS.items() if case.desk in desks)
        raise Forbidden(
            "case {case} is on the {desk} desk, and not for the role {role}",
            hint="Roles that take it: {able}.",
            case=case.id,
            desk=case.desk,
            role=actor.role,
            able=able,
        )


def refuse_appealed(tx: DeskRows, case: Case) -> None:
    """Raise ``IllegalMove`` for a case whose appeal is not decided: that is done once, by another person, elsewhere."""
    if case.desk is Desk.APPEALS and (receipt := tx.open_appeal_of(case.id)):
        raise IllegalMove(
            "case {case} waits for appeal {receipt}: that decides it",
            hint="`delist appeal list` has it.",
            case=case.id,
            receipt=receipt,
        )


def said(text: str) -> str:
    """What a person typed, without what databases and JSON refuse: NUL and broken characters of the terminal."""
    return text.strip().replace("\0", "").encode("utf8", "replace").decode("utf8")


def refuse_silence(reason: str, what: str) -> str:
    """What a person gave as a reason. Raises ``InputError`` for nothing."""
    words = said(reason)
    if not words:
        raise InputError("to {what} needs a reason", hint="Say why, for whoever looks at it next.", what=what)
    return words
