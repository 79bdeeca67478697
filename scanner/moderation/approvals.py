"""The second person's desk: what waits to be approved, approving, refusing, withdrawing, and what nobody settled.

A decision that is approved is carried out in the same transaction: only now the order to the platform is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from scanner import audit
from scanner.errors import InputError
from scanner.model import Actor
from scanner.moderation import bulk, cases, four_eyes
from scanner.moderation.bulk_rows import BulkRows, BulkStore
from scanner.moderation.desk import refuse_changed
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState
from scanner.moderation.reverting import end_proposal
from scanner.records import Case

# What is done when a proposal of a kind ends, in the same transaction; whose rows are those that its own room needs.
Effect = Callable[[Any, Approval, Actor, datetime], None]
_OWN: Mapping[ApprovalKind, Effect] = {ApprovalKind.BULK: bulk.settled}
# So many are ended at a time.
_EXPIRED = 200


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as it ended, and the case as it is then, if it is about one."""

    approval: Approval
    case: Case | None = None


def inbox(store: BulkStore, *, state: ApprovalState = ApprovalState.ASKED, limit: int = 100) -> tuple[Approval, ...]:
    """Proposals in a state, those that expire first before others. ``four_eyes.may_settle`` says whose they are."""
    with store.reading() as tx:
        return tx.approvals(state, limit=limit)


def about(store: BulkStore, subject: str) -> tuple[Approval, ...]:
    """All proposals for a subject (``case:7``), oldest first."""
    with store.reading() as tx:
        return tx.approvals_about(subject)


def approve(
    store: BulkStore,
    approval_id: int,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    revision: int | None = None,
    policy: Policy | None = None,
    effects: Mapping[ApprovalKind, Effect] | None = None,
) -> Settled:
    """Agree to a proposal as a second, different person; what was proposed is done in the same transaction.

    1. The person is not the one who asked, and the role may approve this kind: else ``Forbidden``.
    2. A case that has changed since it was proposed is looked at again (``revision``): ``Conflict``.
    3. ``effects`` says what to do for kinds other than decisions and bulk decisions.
    """
    with store.transaction(durable=True) as tx:
        approval = four_eyes.grant(tx, approval_id, actor=actor, now=now, note=note)
        if approval.kind is ApprovalKind.DECISION:
            return _decided(tx, approval, actor, now, revision, policy or shipped())
        _effect_of(approval, effects)(tx, approval, actor, now)
        return Settled(approval=approval)


def refuse(
    store: BulkStore,
    approval_id: int,
    *,
    actor: Actor,
    note: str,
    now: datetime,
    effects: Mapping[ApprovalKind, Effect] | None = None,
) -> Settled:
    """Do not agree, and say why: a case goes to a specialist. ``effects`` says what to do for other kinds."""
    with store.transaction(durable=True) as tx:
        approval = four_eyes.refuse(tx, approval_id, actor=actor, now=now, note=note)
        return _not_done(tx, approval, actor, now, effects)


def withdraw(
    store: BulkStore,
    approval_id: int,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    effects: Mapping[ApprovalKind, Effect] | None = None,
) -> Settled:
    """Take one's own proposal back: a case waits on its desk as before."""
    with store.transaction(durable=True) as tx:
        approval = four_eyes.withdraw(tx, approval_id, actor=actor, now=now, note=note)
        return _not_done(tx, approval, actor, now, effects)


def expire_due(
    store: BulkStore, *, now: datetime, effects: Mapping[ApprovalKind, Effect] | None = None
) -> tuple[Settled, ...]:
    """End what nobody has settled in time: cases go to a specialist. Run it from time to time."""
    with store.transaction() as tx:
        due = tx.approvals(ApprovalState.ASKED, before=now, limit=_EXPIRED)
        ended = [four_eyes.expire(tx, approval.id, now=now) for approval in due]
        return tuple(_not_done(tx, approval, audit.SYSTEM, now, effects) for approval in ended)


def _decided(
    tx: BulkRows, approval: Approval, actor: Actor, now: datetime, revision: int | None, policy: Policy
) -> Settled:
    case = tx.case(approval.case_id)
    refuse_changed(case, revision if revision is not None else approval.proposal.revision + 1)
    by = Actor(name=approval.asked_by, role=approval.asked_role)
    outcome = cases.rule_on(
        tx, case, approval.proposal, by=by, actor=actor, now=now, policy=policy, approved_by=actor.name
    )
    return Settled(approval=approval, case=outcome.case)


def _not_done(
    tx: BulkRows, approval: Approval, actor: Actor, now: datetime, effects: Mapping[ApprovalKind, Effect] | None
) -> Settled:
    if approval.kind is ApprovalKind.DECISION:
        return Settled(approval=approval, case=end_proposal(tx, approval, actor=actor, now=now))
    effect = _effects(effects).get(approval.kind)
    if effect is not None:
        effect(tx, approval, actor, now)
    return Settled(approval=approval)


def _effect_of(approval: Approval, effects: Mapping[ApprovalKind, Effect] | None) -> Effect:
    effect = _effects(effects).get(approval.kind)
    if effect is None:
        raise InputError(
            "proposal {proposal} ({kind}) is approved elsewhere",
            hint="Use the command or page of its own.",
            proposal=approval.id,
            kind=approval.kind,
        )
    return effect


def _effects(others: Mapping[ApprovalKind, Effect] | None) -> Mapping[ApprovalKind, Effect]:
    return {**_OWN, **(others or {})}
