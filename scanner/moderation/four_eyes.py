"""When a second person is needed, and asking one: within the transaction of whatever is proposed.

The second person is another one than the first, by name, and has a role that may approve this. Until then nothing has
an effect: no order is written, no account is closed, nothing is sent.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from scanner import audit
from scanner.errors import Conflict, Forbidden, IllegalMove
from scanner.model import Actor, Ruling
from scanner.moderation.desk import ApprovalRows, DeskRows, refuse_silence, said
from scanner.moderation.permissions import Deed, may, require
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState, Proposal
from scanner.records import Case

# What whoever approves must be allowed to do.
APPROVES: dict[ApprovalKind, Deed] = {
    ApprovalKind.DECISION: Deed.APPROVE_DECISION,
    ApprovalKind.BULK: Deed.APPROVE_BULK,
    ApprovalKind.ACCOUNT_CLOSURE: Deed.APPROVE_CLOSURE,
    ApprovalKind.CLUE_PACKAGE: Deed.APPROVE_CLUE,
    ApprovalKind.EXCEPTION: Deed.APPROVE_EXCEPTION,
    ApprovalKind.ERASURE: Deed.APPROVE_ERASURE,
}
_AGAINST = frozenset({Ruling.REMOVE, Ruling.RESTRICT})


def reasons_for_second(tx: DeskRows, case: Case, ruling: Ruling, *, policy: Policy, now: datetime) -> tuple[str, ...]:
    """Why a ruling on a case needs a second person, each in words; none: it does not.

    1. To keep what a finding of a severity named by policy is on.
    2. To take down from a seller with as many listings as policy says.
    3. To take down what only rules have found that are younger than policy says.
    4. To take down from a seller for whom an earlier decision was overturned, if policy says so.
    To hide at once and to escalate never does: it is not for good.
    """
    if ruling is Ruling.KEEP:
        return _why_keeping(tx, case, policy)
    if ruling in _AGAINST:
        return (*_why_seller(tx, case, policy), *_why_rules(tx, case, policy, now))
    return ()


def _why_keeping(tx: DeskRows, case: Case, policy: Policy) -> tuple[str, ...]:
    found = {finding.severity for finding in tx.findings(case.listing_row, case.version) if finding.queues}
    grave = sorted({case.severity, *found} & set(policy.second_person.keep_at))
    return tuple(f"keeps a finding of severity {severity.value}" for severity in grave)


def _why_seller(tx: DeskRows, case: Case, policy: Policy) -> tuple[str, ...]:
    if case.seller_row is None:
        return ()
    why, large = [], policy.second_person.remove_from_seller_with
    if large and tx.listings_of_seller(case.seller_row, limit=large) >= large:
        why.append(f"takes down from a seller with {large} listings or more")
    if policy.second_person.after_overturned and tx.overturned_of_seller(case.seller_row):
        why.append("an earlier decision against this seller was overturned")
    return tuple(why)


def _why_rules(tx: DeskRows, case: Case, policy: Policy, now: datetime) -> tuple[str, ...]:
    days = policy.second_person.new_rule_days
    if not days or not case.rules:
        return ()
    ages = [(now - first).days for rule in case.rules if (first := tx.first_case_of_rule(rule)) is not None]
    return (f"rests on rules younger than {days} days",) if ages and max(ages) < days else ()


def ask(
    tx: ApprovalRows,
    *,
    kind: ApprovalKind,
    subject: str,
    proposal: Proposal,
    why: tuple[str, ...],
    actor: Actor,
    now: datetime,
    policy: Policy | None = None,
) -> Approval:
    """Propose something to a second person. Raises ``Conflict`` if the same is proposed already."""
    earlier = tx.open_approval(kind, subject)
    if earlier is not None:
        raise Conflict(
            "{asked_by} has proposed this already, as proposal {proposal}",
            hint="Let it be approved, refused or withdrawn first.",
            asked_by=earlier.asked_by,
            proposal=earlier.id,
        )
    approval = tx.add_approval(
        Approval(
            id=0,
            kind=kind,
            subject=subject,
            proposal=proposal,
            why=why,
            state=ApprovalState.ASKED,
            asked_by=actor.name,
            asked_role=actor.role,
            asked_at=now,
            expires_at=now + (policy or shipped()).second_person.expires,
        )
    )
    _tell(tx, approval, "asked", actor, now, why=why, proposal=proposal)
    return approval


def grant(tx: ApprovalRows, approval_id: int, *, actor: Actor, now: datetime, note: str = "") -> Approval:
    """A second person agrees; the caller carries out what was proposed, in the same transaction.

    Raises ``Forbidden`` for the same person or a role that may not, ``IllegalMove`` if it has ended, ``NotFound``.
    """
    approval = tx.approval(approval_id)
    refuse_settler(approval, actor)
    if approval.expires_at <= now:
        raise IllegalMove(
            "proposal {approval} has expired at {expires_at:%Y-%m-%d %H:%M} UTC",
            hint="Propose it anew.",
            approval=approval_id,
            expires_at=approval.expires_at,
        )
    return _settled(tx, approval, ApprovalState.APPROVED, actor, now, said(note))


def refuse(tx: ApprovalRows, approval_id: int, *, actor: Actor, now: datetime, note: str) -> Approval:
    """A second person does not agree, and says why."""
    approval = tx.approval(approval_id)
    refuse_settler(approval, actor)
    return _settled(tx, approval, ApprovalState.REFUSED, actor, now, refuse_silence(note, "refuse a proposal"))


def withdraw(tx: ApprovalRows, approval_id: int, *, actor: Actor, now: datetime, note: str = "") -> Approval:
    """Whoever proposed it takes it back. Raises ``Forbidden`` for anybody else."""
    approval = tx.approval(approval_id)
    if not is_same_person(approval.asked_by, actor.name):
        raise Forbidden(
            "proposal {approval} is {asked_by}'s",
            hint="Refuse it instead, if your role may.",
            approval=approval_id,
            asked_by=approval.asked_by,
        )
    return _settled(tx, approval, ApprovalState.WITHDRAWN, actor, now, said(note))


def expire(tx: ApprovalRows, approval_id: int, *, now: datetime) -> Approval:
    """Nobody has settled it in time."""
    return _settled(tx, tx.approval(approval_id), ApprovalState.EXPIRED, audit.SYSTEM, now, "")


def may_settle(approval: Approval, actor: Actor) -> bool:
    """Whether a page should offer to approve or refuse it."""
    is_other = not is_same_person(approval.asked_by, actor.name)
    return is_other and approval.state is ApprovalState.ASKED and may(actor, APPROVES[approval.kind])


def refuse_settler(approval: Approval, actor: Actor) -> None:
    """Raise ``Forbidden`` for the person who asked, or a role that may not approve it."""
    require(actor, APPROVES[approval.kind])
    if is_same_person(approval.asked_by, actor.name):
        raise Forbidden(
            "you have proposed this yourself (proposal {approval}): a second, different person settles it",
            hint="Ask a colleague: delist approval list",
            approval=approval.id,
        )


def is_same_person(one: str, other: str) -> bool:
    """Names are compared as people write them: case and blanks around do not make another person."""
    return one.strip().casefold() == other.strip().casefold()


def _settled(
    tx: ApprovalRows, approval: Approval, state: ApprovalState, actor: Actor, now: datetime, note: str
) -> Approval:
    settled = msgspec.structs.replace(approval, state=state, settled_by=actor.name, settled_at=now, note=note)
    if approval.state is not ApprovalState.ASKED or not tx.settle_approval(settled):
        raise IllegalMove(
            "proposal {approval} was {state} by {settled_by}",
            hint="Propose it anew.",
            approval=approval.id,
            state=approval.state,
            settled_by=approval.settled_by,
        )
    _tell(tx, settled, state.value, actor, now, note=note)
    return settled


def _tell(tx: ApprovalRows, approval: Approval, kind: str, actor: Actor, now: datetime, **more: object) -> None:
    facts = {"approval": approval.id, "of": approval.kind, "asked_by": approval.asked_by}
    audit.append(tx, actor=actor, kind=f"approval.{kind}", subject=approval.subject, at=now, **facts, **more)
