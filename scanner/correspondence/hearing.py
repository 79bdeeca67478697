"""What hearing an appeal does: who may, what is lifted and how, what is void with it. All within a transaction."""

from __future__ import annotations

from datetime import datetime

import msgspec

from scanner import audit
from scanner.correspondence.appeal_ports import AppealRows
from scanner.correspondence.appeal_terms import REASONS
from scanner.correspondence.letters import Letterhead, day, write
from scanner.correspondence.wording import Said
from scanner.errors import Conflict, Forbidden, IllegalMove
from scanner.model import Actor, Ruling, TakedownState
from scanner.moderation.four_eyes import is_same_person
from scanner.outside import Appeal, LetterKind, PenaltyState
from scanner.records import Case, Decision, Takedown
from scanner.takedown.accounts import lift_measure
from scanner.takedown.outbox import moves_case
from scanner.takedown.undoing import take_back
from scanner.workflow import AppealMove, CaseMove, next_appeal_state, next_case_state

_LIFTED = frozenset({TakedownState.CANCELLED, TakedownState.UNDONE})


def appealable(tx: AppealRows, case: Case) -> tuple[Decision, Takedown | None]:
    """The newest decision that took something from the seller and stands, with its order."""
    orders = {one.decision_id: one for one in tx.takedowns(case.id) if moves_case(one)}
    for decision in reversed(tx.decisions(case.id)):
        order = orders.get(decision.id)
        if order is not None and order.state not in _LIFTED:
            return decision, order
        if decision.ruling is Ruling.KEEP:
            break
    raise IllegalMove(
        "there is nothing to appeal on case {case}: nothing was taken down, or it has been lifted",
        hint="Look at it: delist show {case}",
        case=case.id,
    )


def had_a_part(tx: AppealRows, appeal: Appeal) -> tuple[str, ...]:
    """Everybody who took, approved, proposed or bulk-decided the decision, by the history of the case."""
    names = [one.actor for one in tx.decisions(appeal.case_id)]
    events = tx.events_about(f"case:{appeal.case_id}")
    names += [event.actor for event in events if event.kind.startswith(("case.decided", "case.approv", "approval."))]
    for event in events:
        names += [str(event.data[key]) for key in ("approved_by", "asked_by", "proposed_by") if event.data.get(key)]
    return tuple(dict.fromkeys(name for name in names if name != audit.SYSTEM.name))


def refuse_partial(tx: AppealRows, appeal: Appeal, actor: Actor) -> None:
    if any(is_same_person(actor.name, name) for name in (*had_a_part(tx, appeal), appeal.proposed_by)):
        raise Forbidden(
            "{actor} had a part in the decision on case {case}",
            hint="An appeal is heard by somebody who had none.",
            actor=actor.name,
            case=appeal.case_id,
        )


def upheld(tx: AppealRows, appeal: Appeal, actor: Actor, now: datetime) -> Case:
    case = moved(tx, tx.case(appeal.case_id), CaseMove.UPHOLD, now)
    tell(tx, appeal, "appeal.upheld", actor, now, **_figures(tx, appeal, case))
    return case


def overturned(tx: AppealRows, appeal: Appeal, actor: Actor, now: datetime) -> Case:
    before = tx.case(appeal.case_id)
    facts = _figures(tx, appeal, before)
    reason = f"appeal {appeal.receipt}: {appeal.reason}"
    inverse = None
    if appeal.takedown_id is not None and (order := tx.takedown(appeal.takedown_id)).state not in _LIFTED:
        inverse = take_back(tx, order, actor=actor, reason=reason, now=now)
    lift_measure(tx, appeal.case_id, appeal.decision_id, actor=actor, reason=reason, now=now)
    version = tx.version(before.listing_row, before.version)
    ruled = tx.add_decision(
        Decision(
            id=0,
            case_id=before.id,
            version=before.version,
            ruling=Ruling.KEEP,
            reason=str(appeal.reason),
            note=appeal.note,
            clause="",
            actor=actor.name,
            role=actor.role,
            at=now,
        )
    )
    after = moved(tx, before, CaseMove.OVERTURN, now, ruling=Ruling.KEEP, decided_hash=version.content_hash)
    inverse_id = inverse.id if inverse else 0
    tell(tx, appeal, "appeal.overturned", actor, now, decision=ruled.id, takedown=inverse_id, **facts)
    _void(tx, appeal, actor, now)
    return after


def _void(tx: AppealRows, appeal: Appeal, actor: Actor, now: datetime) -> None:
    """What followed from the decision holds no longer: its points, and the watch for the listing's return."""
    penalty = tx.penalty_of(appeal.decision_id)
    if penalty is not None and penalty.state not in {PenaltyState.REFUSED, PenaltyState.VOIDED}:
        voided = msgspec.structs.replace(
            penalty, state=PenaltyState.VOIDED, decided_by=actor.name, decided_at=now, note=f"appeal {appeal.receipt}"
        )
        tx.save_penalty(voided, penalty)
        facts = {"penalty": penalty.id, "level": penalty.level, "points": penalty.points, "appeal": appeal.id}
        audit.append(tx, actor=actor, kind="penalty.voided", subject=f"seller:{penalty.seller_row}", at=now, **facts)
    fingerprint = tx.fingerprint_of(appeal.decision_id)
    if fingerprint is not None and fingerprint.ended_at is None:
        tx.end_fingerprint(fingerprint.id, at=now)
        facts = {"fingerprint": fingerprint.id, "appeal": appeal.id}
        audit.append(tx, actor=actor, kind="watch.ended", subject=f"case:{appeal.case_id}", at=now, **facts)


def _figures(tx: AppealRows, appeal: Appeal, case: Case) -> dict[str, object]:
    """What the figures of rules and reviewers are made from."""
    decision = decision_of(tx, appeal)
    return {"rules": case.rules, "reviewer": decision.actor, "category": case.category, "reason": appeal.reason}


def decision_of(tx: AppealRows, appeal: Appeal) -> Decision:
    return next(one for one in tx.decisions(appeal.case_id) if one.id == appeal.decision_id)


def moved(tx: AppealRows, case: Case, move: CaseMove, now: datetime, **changes: object) -> Case:
    after = msgspec.structs.replace(
        case,
        state=next_case_state(case.state, move),
        revision=case.revision + 1,
        claimed_by="",
        lease_until=None,
        updated_at=now,
        **changes,
    )
    if not tx.save_case(after):
        raise Conflict("case {case} was changed by somebody else", hint="Try again.", case=case.id)
    return after


def saved(tx: AppealRows, appeal: Appeal, move: AppealMove | None = None, **changes: object) -> Appeal:
    """Write an appeal back, moved as the table allows. Raises ``IllegalMove``, ``Conflict``."""
    state = next_appeal_state(appeal.state, move) if move is not None else appeal.state
    after = msgspec.structs.replace(appeal, state=state, **changes)
    if not tx.save_appeal(after, appeal):
        raise Conflict("appeal {appeal} was changed by somebody else", hint="Look at it again.", appeal=appeal.id)
    return after


def tell(tx: AppealRows, appeal: Appeal, kind: str, actor: Actor, at: datetime, **data: object) -> None:
    facts = {"appeal": appeal.id, "receipt": appeal.receipt, "state": appeal.state} | data
    audit.append(tx, actor=actor, kind=kind, subject=f"case:{appeal.case_id}", at=at, **facts)


def write_letter(tx: AppealRows, appeal: Appeal, case: Case, kind: LetterKind, head: Letterhead, now: datetime) -> None:
    listing = tx.latest_versions([case.listing_row])[case.listing_row].listing
    lifts, texts = REASONS[appeal.reason] if appeal.reason else (False, {})
    facts: dict[str, object] = {
        "name": listing.seller.name,
        "listing_id": case.listing_id,
        "receipt": appeal.receipt,
        "reference": reference_of(case.id),
        "at": day(now),
        "decide_by": day(appeal.decide_by),
        "contact": head.contact_in(appeal.language),
        "overturned": lifts,
        "reason": Said(texts.get(appeal.language, "")),
    }
    to = appeal.contact or seller_address(case, listing.seller.id or listing.seller.name)
    key = f"appeal-{appeal.id}-{'receipt' if kind is LetterKind.APPEAL_RECEIPT else 'result'}"
    write(
        tx,
        kind,
        facts,
        key=key,
        to=to,
        language=appeal.language,
        at=now,
        case_id=case.id,
        seller_row=appeal.seller_row,
    )


def reference_of(case_id: int) -> str:
    """What a seller quotes."""
    return f"D-{case_id}"


def seller_address(case: Case, seller: str) -> str:
    """How the platform knows the seller: it delivers what is written to one."""
    return f"seller:{case.platform}/{seller}" if seller else ""
