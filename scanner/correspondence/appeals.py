"""Appeals of sellers: filed against a decision, accepted, and decided once by somebody who had no part in it.

An appeal that succeeds lifts the decision in the same transaction: the inverse that was planned with the order goes the
same way as the order, the case ends as kept, and what followed from it (points, fingerprint) is taken back. The
original stays beside the appeal: the version that was judged, what was found in it, and where its bytes lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from scanner.correspondence.appeal_ports import AppealRows, AppealStore
from scanner.correspondence.appeal_terms import (
    ACCEPT_WITHIN,
    DECIDE_WITHIN,
    LONGEST_DOCUMENT,
    LONGEST_STATEMENT,
    OPEN,
    OPEN_FOR,
    REASONS,
    checked,
)
from scanner.correspondence.hearing import (
    appealable,
    decision_of,
    had_a_part,
    moved,
    overturned,
    refuse_partial,
    saved,
    tell,
    upheld,
    write_letter,
)
from scanner.correspondence.letters import PLAIN, Letterhead, is_silenced
from scanner.correspondence.receipts import receipt_number
from scanner.correspondence.wording import language_of
from scanner.correspondence.working_days import working_days_after
from scanner.errors import Conflict, IllegalMove
from scanner.model import Actor, Event, Finding, Severity
from scanner.moderation.permissions import Deed, require
from scanner.outside import Appeal, AppealGround, AppealReason, AppealState, LetterKind
from scanner.ports import Along
from scanner.records import Case, Decision, Takedown, Version
from scanner.workflow import AppealMove, CaseMove


class AppealFile(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal with the original: what was decided by whom on which version, what was found in it, and what followed.

    ``may_not_decide`` names everybody who had a part in the decision.
    """

    appeal: Appeal
    case: Case
    decision: Decision
    version: Version
    findings: tuple[Finding, ...]
    takedowns: tuple[Takedown, ...]
    history: tuple[Event, ...]
    may_not_decide: tuple[str, ...]


class Overturns(msgspec.Struct, frozen=True, kw_only=True):
    """How many appeals were decided, and how many of them lifted the decision: by rule, and by who had decided."""

    rules: Mapping[str, tuple[int, int]]
    reviewers: Mapping[str, tuple[int, int]]


def file(
    store: AppealStore,
    case_id: int,
    *,
    ground: AppealGround,
    statement: str,
    actor: Actor,
    now: datetime,
    documents: Sequence[str] = (),
    contact: str = "",
    language: str = "en",
    head: Letterhead = PLAIN,
    along: Along[Appeal] | None = None,
) -> Appeal:
    """File an appeal against the decision that stands on a case; the case waits for an appeals officer.

    ``along`` is written with it.

    1. Something must have been taken from the seller: a removal or a restriction that was ordered and not undone.
    2. It is filed within ``OPEN_FOR`` of the decision, and once.
    3. It says something, within bounds.

    Raises ``InputError``, ``IllegalMove``, ``Conflict``, ``NotFound``.
    """
    said, papers = checked(statement, documents)
    with store.transaction(durable=True) as tx:
        case = tx.case(case_id)
        decision, order = appealable(tx, case)
        if now > decision.at + OPEN_FOR:
            raise IllegalMove(
                "the decision on case {case} is of {at:%Y-%m-%d}: it could be appealed for {days} days",
                case=case_id,
                at=decision.at,
                days=OPEN_FOR.days,
            )
        appeal = tx.add_appeal(
            _fresh(case, decision, order, ground, said, papers, contact=contact, language=language, now=now)
        )
        if appeal is None:
            raise Conflict(
                "decision {decision} has been appealed", hint="A decision is appealed once.", decision=decision.id
            )
        moved(tx, case, CaseMove.APPEAL, now, due_at=appeal.decide_by)
        tell(tx, appeal, "case.appealed", actor, now, decision=decision.id, ground=ground, before=case.state)
        write_letter(tx, appeal, case, LetterKind.APPEAL_RECEIPT, head, now)
        if along is not None:
            along(tx, appeal)
        return appeal


def listed(
    store: AppealStore,
    states: Sequence[AppealState] = OPEN,
    *,
    case_id: int | None = None,
    limit: int = 50,
    after: int = 0,
) -> tuple[Appeal, ...]:
    """Appeals in these states (none: in any), the one to be decided first at the top; ``after`` skips so many."""
    with store.reading() as tx:
        return tx.appeals_in(tuple(states), case_id=case_id, limit=limit, after=after)


def of_case(store: AppealStore, case_id: int) -> tuple[Appeal, ...]:
    """All appeals against decisions on a case."""
    return listed(store, (), case_id=case_id)


def show(store: AppealStore, appeal: int | str) -> AppealFile:
    """An appeal by its number or receipt, with the original. Raises ``NotFound``."""
    with store.reading() as tx:
        found = tx.appeal(appeal) if isinstance(appeal, int) else tx.appeal_by_receipt(appeal)
        case = tx.case(found.case_id)
        decision = decision_of(tx, found)
        version = tx.version(case.listing_row, decision.version)
        judged = tuple(one for one in tx.findings_ever(case.listing_row, decision.version) if one.rule in case.rules)
        return AppealFile(
            appeal=found,
            case=case,
            decision=decision,
            version=version,
            findings=judged,
            takedowns=tx.takedowns(case.id),
            history=tx.events_about(f"case:{case.id}"),
            may_not_decide=had_a_part(tx, found),
        )


def accept(store: AppealStore, appeal_id: int, *, actor: Actor, now: datetime) -> Appeal:
    """Somebody has looked whether the appeal can be heard, and will decide it. Raises ``IllegalMove``, ``NotFound``."""
    require(actor, Deed.HEAR_APPEAL)
    with store.transaction(durable=True) as tx:
        appeal = tx.appeal(appeal_id)
        if appeal.state is not AppealState.FILED:
            raise IllegalMove(
                "appeal {appeal} is {state}",
                hint="Only what was filed is accepted.",
                appeal=appeal_id,
                state=appeal.state,
            )
        refuse_partial(tx, appeal, actor)
        accepted = saved(tx, appeal, AppealMove.ACCEPT, accepted_at=now, accepted_by=actor.name)
        tell(tx, accepted, "appeal.accepted", actor, now)
        return accepted


def decide(
    store: AppealStore,
    appeal_id: int,
    reason: AppealReason,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    head: Letterhead = PLAIN,
) -> Appeal:
    """Decide an appeal, once. The reason says whether the decision stands or is lifted.

    1. An appeals officer who had no part in the decision: neither took nor approved it.
    2. What the police asks to be kept quiet is not lifted before that is over: lifting would tell the seller.
    3. To lift a removal of severity S4 two officers must agree: the first one's word waits for the second one's, which
       counts whatever it is.
    4. Upheld: the case is closed as it was decided. Overturned: the order is taken back by the same path, the case is
       closed as kept, points and fingerprint of the decision are void.
    5. The seller is told, with the reason's text.

    Raises ``IllegalMove`` for an appeal that is decided, ``Forbidden``, ``Conflict``, ``NotFound``.
    """
    require(actor, Deed.HEAR_APPEAL)
    lifts, _ = REASONS[reason]
    with store.transaction(durable=True) as tx:
        appeal = tx.appeal(appeal_id)
        if appeal.state not in OPEN:
            raise IllegalMove(
                "appeal {appeal} has been decided: {state}",
                hint="It is decided once.",
                appeal=appeal_id,
                state=appeal.state,
            )
        refuse_partial(tx, appeal, actor)
        case = tx.case(appeal.case_id)
        if lifts and is_silenced(tx, case.id):
            raise IllegalMove(
                "case {case} is kept quiet: lifting it would tell the seller",
                hint="Ask whoever asked for it, then release it: delist letter release {case}",
                case=case.id,
            )
        heard = saved(
            tx,
            appeal,
            accepted_at=appeal.accepted_at or now,
            accepted_by=appeal.accepted_by or actor.name,
            reason=reason,
            note=note.strip()[:LONGEST_STATEMENT],
        )
        if lifts and case.severity is Severity.S4 and appeal.state is not AppealState.AWAITING_SECOND:
            return _proposed(tx, heard, actor, now)
        return _decided(tx, heard, lifts, actor, now, head)


def figures(store: AppealStore) -> Overturns:
    """How often decisions were lifted, by rule and by who had decided: what is lifted often needs a look."""
    with store.reading() as tx:
        return Overturns(rules=tx.overturned_by_rule(), reviewers=tx.overturned_by_reviewer())


def may_appeal_until(decision: Decision) -> datetime:
    """Until when a decision can be appealed."""
    return decision.at + OPEN_FOR


def _fresh(
    case: Case,
    decision: Decision,
    order: Takedown | None,
    ground: AppealGround,
    statement: str,
    documents: tuple[str, ...],
    *,
    contact: str,
    language: str,
    now: datetime,
) -> Appeal:
    """The appeal as it begins, its number not yet given."""
    return Appeal(
        id=0,
        receipt=receipt_number("A", now),
        case_id=case.id,
        decision_id=decision.id,
        takedown_id=order.id if order else None,
        seller_row=case.seller_row,
        ground=ground,
        statement=statement,
        documents=documents,
        contact=contact.strip()[:LONGEST_DOCUMENT],
        language=language_of(language),
        state=AppealState.FILED,
        filed_at=now,
        accept_by=working_days_after(now, ACCEPT_WITHIN),
        decide_by=working_days_after(now, DECIDE_WITHIN),
    )


def _proposed(tx: AppealRows, appeal: Appeal, actor: Actor, now: datetime) -> Appeal:
    waiting = saved(tx, appeal, AppealMove.ASK_SECOND, proposed_by=actor.name)
    tell(tx, waiting, "appeal.proposed", actor, now, reason=appeal.reason, note=appeal.note)
    return waiting


def _decided(tx: AppealRows, appeal: Appeal, lifts: bool, actor: Actor, now: datetime, head: Letterhead) -> Appeal:
    move = AppealMove.OVERTURN if lifts else AppealMove.UPHOLD
    done = saved(tx, appeal, move, decided_at=now, decided_by=actor.name)
    case = (overturned if lifts else upheld)(tx, done, actor, now)
    write_letter(tx, done, case, LetterKind.APPEAL_RESULT, head, now)
    return done
