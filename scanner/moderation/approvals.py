"""The second person's desk: what waits to be approved, approving, refusing, withdrawing, and what nobody settled.

A decision that is approved is carried out in the same transaction: only now the order to the platform is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from scanner import audit
from scanner.errors import InputError
from scanner.model import Actor
from scanner.moderation import cases, four_eyes
from scanner.moderation.desk import FREE, DeskRows, DeskStore, moved, refuse_changed, tell
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState
from scanner.records import Case
from scanner.workflow import CaseMove, given_back, next_case_state

# What is done once something of a kind is approved, in the same transaction.
Effect = Callable[[DeskRows, Approval, Actor, datetime], None]
# So many are ended at a time.
_EXPIRED = 200


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as it ended, and the case as it is then, if it is about one."""

    approval: Approval
    case: Case | None = None


def inbox(store: DeskStore, *, state: ApprovalState = ApprovalState.ASKED, limit: int = 100) -> tuple[Approval, ...]:
    """Proposals in a state, those that expire first before others. ``four_eyes.may_settle`` says whose they are."""
    with store.reading() as tx:
        return tx.approvals(state, limit=limit)


def about(store: DeskStore, subject: str) -> tuple[Approval, ...]:
    """All proposals for a subject (``case:7``), oldest first."""
    with store.reading() as tx:
        return tx.approvals_about(subject)


def approve(
    store: DeskStore,
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
    3. ``effects`` says what to do for kinds other than decisions.
    """
    with store.transaction(durable=True) as tx:
        approval = four_eyes.grant(tx, approval_id, actor=actor, now=now, note=note)
        if approval.kind is ApprovalKind.DECISION:
            return _decided(tx, approval, actor, now, revision, policy or shipped())
        _effect_of(approval, effects or {})(tx, approval, actor, now)
        return Settled(approval=approval)


def refuse(
    store: DeskStore,
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
        return _not_done(tx, approval, actor, now, effects or {})


def withdraw(
    store: DeskStore,
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
        return _not_done(tx, approval, actor, now, effects or {})


def expire_due(
    store: DeskStore, *, now: datetime, effects: Mapping[ApprovalKind, Effect] | None = None
) -> tuple[Settled, ...]:
    """End what nobody has settled in time: cases go to a specialist. Run it from time to time."""
    with store.transaction() as tx:
        due = tx.approvals(ApprovalState.ASKED, before=now, limit=_EXPIRED)
        ended = [four_eyes.expire(tx, approval.id, now=now) for approval in due]
        return tuple(_not_done(tx, approval, audit.SYSTEM, now, effects or {}) for approval in ended)


def _decided(
    tx: DeskRows, approval: Approval, actor: Actor, now: datetime, revision: int | None, policy: Policy
) -> Settled:
    case = tx.case(approval.case_id)
    refuse_changed(case, revision if revision is not None else approval.proposal.revision + 1)
    by = Actor(name=approval.asked_by, role=approval.asked_role)
    outcome = cases.rule_on(
        tx, case, approval.proposal, by=by, actor=actor, now=now, policy=policy, approved_by=actor.name
    )
    return Settled(approval=approval, case=outcome.case)


def _not_done(
    tx: DeskRows, approval: Approval, actor: Actor, now: datetime, effects: Mapping[ApprovalKind, Effect]
) -> Settled:
    """A case waits again: on its desk if the proposal was withdrawn, for a specialist else."""
    if approval.kind is not ApprovalKind.DECISION:
        if approval.kind in effects:
            effects[approval.kind](tx, approval, actor, now)
        return Settled(approval=approval)
    case = tx.case(approval.case_id)
    is_back = approval.state is ApprovalState.WITHDRAWN
    state = given_back(case, CaseMove.WITHDRAW) if is_back else next_case_state(case.state, CaseMove.REFUSE)
    after = moved(tx, case, state, now=now, **FREE)
    tell(tx, after, f"proposal_{approval.state}", actor=actor, at=now, before=case, approval=approval.id)
    return Settled(approval=approval, case=after)


def _effect_of(approval: Approval, effects: Mapping[ApprovalKind, Effect]) -> Effect:
    effect = effects.get(approval.kind)
    if effect is None:
        raise InputError(
            f"proposal {approval.id} is about {approval.kind.value.replace('_', ' ')}, which is approved elsewhere",
            hint="Use the command or page of its own.",
        )
    return effect
