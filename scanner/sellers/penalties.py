"""Penalties: proposed by the ladder for each decision against a seller, decided by people, closure by two of them.

Delist proposes, and never closes an account by itself; a step that people have accepted is an order to the platform.
Accepting a step with other modifiers computes it anew; a seller is never penalised for what the rules in force did not
name when it was first seen.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from scanner import audit
from scanner.correspondence.appeal_terms import OPEN_FOR
from scanner.correspondence.hearing import reference_of, seller_address
from scanner.correspondence.letters import PLAIN, Letterhead, day, write
from scanner.correspondence.notice_routing import REPORTED
from scanner.correspondence.wording import Said, written_in
from scanner.errors import Conflict, IllegalMove, InputError
from scanner.model import Actor, Ruling
from scanner.moderation import four_eyes
from scanner.moderation.permissions import Deed, require
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState, Proposal
from scanner.outside import LetterKind, Modifier, Penalty, PenaltyState
from scanner.records import Case, Decision
from scanner.sellers.counters import Count, count
from scanner.sellers.ladder import LADDER, POINTS_COUNT_FOR, Offence, Proposed, Step, propose, until
from scanner.sellers.seller_ports import SellerRows, SellerStore
from scanner.takedown.accounts import order_measure

CLOSING = len(LADDER) - 1
# So many offers are looked through to count what a seller has offered.
MOST_OFFERS = 2_000
_AGAINST = frozenset({Ruling.REMOVE, Ruling.RESTRICT})


def propose_for(tx: SellerRows, case: Case, decision: Decision, *, now: datetime) -> Penalty | None:
    """The step that a decision against a seller proposes, put on file; ``None`` if there is none to propose."""
    if case.seller_row is None or decision.ruling not in _AGAINST:
        return None
    made = _computed(tx, case, decision, (), now)
    penalty = tx.add_penalty(
        Penalty(
            id=0,
            seller_row=case.seller_row,
            case_id=case.id,
            decision_id=decision.id,
            level=made.step.level,
            points=made.step.points,
            category=case.category,
            severity=case.severity,
            why=made.why,
            modifiers=(),
            state=PenaltyState.PROPOSED,
            proposed_at=now,
            counts_until=now + POINTS_COUNT_FOR,
        )
    )
    if penalty is not None:
        _tell(tx, penalty, "proposed", audit.SYSTEM, now, why=penalty.why)
        _tell_thresholds(tx, case, now)
    return penalty


def inbox(store: SellerStore, *, seller_row: int | None = None, limit: int = 100) -> tuple[Penalty, ...]:
    """What is proposed and waits for a person, the oldest first."""
    with store.reading() as tx:
        return tx.penalties_in(
            (PenaltyState.PROPOSED, PenaltyState.AWAITING_APPROVAL), seller_row=seller_row, limit=limit
        )


def accept(
    store: SellerStore,
    penalty_id: int,
    *,
    actor: Actor,
    now: datetime,
    modifiers: Collection[Modifier] = (),
    note: str = "",
    head: Letterhead = PLAIN,
    policy: Policy | None = None,
) -> Penalty:
    """A person accepts what is proposed, with what moves it up or down; closing an account then needs another one.

    What is ordered can be undone for as long as ``policy`` says (none: the one that is shipped).

    Raises ``IllegalMove`` for what is not proposed, ``Forbidden``, ``Conflict``, ``NotFound``.
    """
    require(actor, Deed.PROPOSE_CLOSURE)
    with store.transaction(durable=True) as tx:
        penalty = _proposed(tx, penalty_id)
        case = tx.case(penalty.case_id)
        decision = next(one for one in tx.decisions(case.id) if one.id == penalty.decision_id)
        made = _computed(tx, case, decision, modifiers, penalty.proposed_at, without=penalty.id)
        weighed = msgspec.structs.replace(
            penalty,
            level=made.step.level,
            points=made.step.points,
            why=made.why,
            modifiers=tuple(sorted(set(modifiers))),
            accepted_by=actor.name,
            note=note.strip()[:500],
        )
        if made.step.level == CLOSING:
            return _asked(tx, penalty, weighed, actor, now)
        return _accepted(tx, penalty, weighed, actor, now, head, policy or shipped())


def refuse(store: SellerStore, penalty_id: int, *, reason: str, actor: Actor, now: datetime) -> Penalty:
    """A person does not take the step that is proposed, and says why."""
    require(actor, Deed.PROPOSE_CLOSURE)
    if not reason.strip():
        raise InputError("to refuse a penalty needs a reason")
    with store.transaction(durable=True) as tx:
        penalty = _proposed(tx, penalty_id)
        return _refused(tx, penalty, reason.strip()[:500], actor, now)


def settled(tx: SellerRows, approval: Approval, actor: Actor, now: datetime, *, policy: Policy | None = None) -> None:
    """What the second person's word does to a closure: it is taken, or goes back to be looked at again."""
    penalty = tx.penalty(int(approval.proposal.fields["penalty"]))
    if penalty.state is not PenaltyState.AWAITING_APPROVAL:
        return
    if approval.state is ApprovalState.APPROVED:
        _accepted(tx, penalty, penalty, actor, now, PLAIN, policy or shipped())
    elif approval.state is ApprovalState.REFUSED:
        _refused(tx, penalty, approval.note, actor, now)
    else:
        back = _saved(tx, penalty, msgspec.structs.replace(penalty, state=PenaltyState.PROPOSED, accepted_by=""))
        _tell(tx, back, "proposed", actor, now, approval=approval.id, why=str(approval.state))


def step_of(penalty: Penalty) -> Step:
    """The ladder's step of a penalty."""
    return LADDER[penalty.level]


def was_lawful_when_seen(tx: SellerRows, case: Case, decision: Decision) -> bool:
    """Whether rules found it, and those who judged the version first put nothing of its categories into the queue.

    What no rule has found, and a person judged after a notice, was never lawful by another edition of the rules.
    """
    first = tx.first_findings(case.listing_row, decision.version)
    was_found_by_rules = bool(set(case.rules) - {REPORTED})
    return was_found_by_rules and not any(one.queues and one.category in case.categories for one in first)


def _counts(tx: SellerRows, seller_row: int, at: datetime) -> tuple[Count, ...]:
    return count(tx.offers_of_seller(seller_row, since=at - POINTS_COUNT_FOR, limit=MOST_OFFERS), at=at)


def _tell_thresholds(tx: SellerRows, case: Case, at: datetime) -> None:
    """A number that a law names was reached: on record once for each, for whoever makes clue packages."""
    if case.seller_row is None:
        return
    subject = f"seller:{case.seller_row}"
    told = {
        (event.data["counter"], event.data["at_least"])
        for event in tx.events_about(subject)
        if event.kind == "seller.threshold_reached"
    }
    for found in _counts(tx, case.seller_row, at):
        for one in found.reached:
            if (found.counter.name, one.at_least) not in told:
                facts = {"counter": found.counter.name, "at_least": one.at_least, "confirmed": found.confirmed}
                more = {"clue": one.clue, "law": one.law, "case": case.id}
                kind = "seller.threshold_reached"
                audit.append(tx, actor=audit.SYSTEM, kind=kind, subject=subject, at=at, **facts, **more)


def _computed(
    tx: SellerRows, case: Case, decision: Decision, modifiers: Collection[Modifier], at: datetime, *, without: int = 0
) -> Proposed:
    row = case.seller_row
    if row is None:
        raise AssertionError(f"case {case.id} has no seller, so no penalty can have been proposed")
    counts = {one.counter.name: one.confirmed for one in _counts(tx, row, at)}
    earlier = [one for one in tx.penalties_in((), seller_row=row, limit=1_000) if one.id != without]
    offence = Offence(
        severity=case.severity,
        categories=case.categories,
        at=at,
        cards=counts["cards"],
        cards_and_accounts=counts["cards_and_accounts"],
        was_lawful=was_lawful_when_seen(tx, case, decision),
    )
    before = [one for one in earlier if not without or one.id < without]
    return propose(offence, before, modifiers)


def _proposed(tx: SellerRows, penalty_id: int) -> Penalty:
    penalty = tx.penalty(penalty_id)
    if penalty.state is not PenaltyState.PROPOSED:
        raise IllegalMove(
            "penalty {penalty} is {state}",
            hint="Only what is proposed is decided.",
            penalty=penalty_id,
            state=penalty.state,
        )
    return penalty


def _asked(tx: SellerRows, before: Penalty, weighed: Penalty, actor: Actor, now: datetime) -> Penalty:
    waiting = _saved(tx, before, msgspec.structs.replace(weighed, state=PenaltyState.AWAITING_APPROVAL))
    four_eyes.ask(
        tx,
        kind=ApprovalKind.ACCOUNT_CLOSURE,
        subject=f"seller:{before.seller_row}",
        proposal=Proposal(note=weighed.note, fields={"penalty": str(before.id), "case": str(before.case_id)}),
        why=(weighed.why,),
        actor=actor,
        now=now,
    )
    _tell(tx, waiting, "awaiting_approval", actor, now, why=weighed.why)
    return waiting


def _accepted(
    tx: SellerRows,
    before: Penalty,
    weighed: Penalty,
    actor: Actor,
    now: datetime,
    head: Letterhead,
    policy: Policy,
) -> Penalty:
    step = step_of(weighed)
    accepted = _saved(
        tx,
        before,
        msgspec.structs.replace(
            weighed, state=PenaltyState.ACCEPTED, decided_by=actor.name, decided_at=now, until=until(step, now)
        ),
    )
    facts = {"points": accepted.points, "why": accepted.why, "until": accepted.until, "modifiers": accepted.modifiers}
    _tell(tx, accepted, "accepted", actor, now, accepted_by=accepted.accepted_by, **facts)
    case, seller, due_at = tx.case(accepted.case_id), tx.seller(accepted.seller_row), now + policy.undo.window
    order_measure(tx, accepted, case, seller, actor=actor, now=now, due_at=due_at)
    if step.level:
        _write(tx, accepted, step, head, now)
    return accepted


def _refused(tx: SellerRows, penalty: Penalty, reason: str, actor: Actor, now: datetime) -> Penalty:
    after = msgspec.structs.replace(
        penalty, state=PenaltyState.REFUSED, decided_by=actor.name, decided_at=now, note=reason
    )
    refused = _saved(tx, penalty, after)
    _tell(tx, refused, "refused", actor, now, reason=reason)
    return refused


def _write(tx: SellerRows, penalty: Penalty, step: Step, head: Letterhead, now: datetime) -> None:
    case, seller = tx.case(penalty.case_id), tx.seller(penalty.seller_row)
    decision = next(one for one in tx.decisions(case.id) if one.id == penalty.decision_id)
    listing = tx.version(case.listing_row, decision.version).listing
    language = written_in(f"{listing.title} {listing.text[:200]} {listing.description[:500]}")
    none = {"en": "no end by itself", "zh-Hans": "长期"}
    facts: dict[str, object] = {
        "name": seller.name,
        "listing_id": case.listing_id,
        "reference": reference_of(case.id),
        "at": day(now),
        "measure": Said(step.measure[language]),
        "restore": Said(step.restore[language]),
        "until": day(penalty.until) if penalty.until else Said(none[language]),
        "appeal_until": day(decision.at + OPEN_FOR),
        "appeal_at": head.appeal_in(language),
        "contact": head.contact_in(language),
    }
    write(
        tx,
        LetterKind.PENALTY,
        facts,
        key=f"penalty-{penalty.id}",
        to=seller_address(case, seller.shown),
        language=language,
        at=now,
        case_id=case.id,
        seller_row=seller.id,
    )


def _saved(tx: SellerRows, before: Penalty, after: Penalty) -> Penalty:
    if not tx.save_penalty(after, before):
        raise Conflict("penalty {penalty} was changed by somebody else", hint="Look at it again.", penalty=before.id)
    return after


def _tell(tx: SellerRows, penalty: Penalty, kind: str, actor: Actor, at: datetime, **data: object) -> None:
    facts = {"penalty": penalty.id, "case": penalty.case_id, "level": penalty.level} | data
    subject = f"seller:{penalty.seller_row}"
    said = {name: value for name, value in facts.items() if value not in (None, "")}
    audit.append(tx, actor=actor, kind=f"penalty.{kind}", subject=subject, at=at, **said)
