"""Exceptions: a rule that does not queue what one seller offers, with an owner, a reason, an end, and a count of hits.

An exception lowers a finding to "not queued"; the finding stays on record, is shown as excepted, and is counted. It is
proposed by one person and approved by another (``ApprovalKind.EXCEPTION``). What has expired no longer lowers anything,
and the seller's listings are judged anew when they are next seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.errors import Conflict, IllegalMove, InputError
from scanner.model import Actor
from scanner.moderation import four_eyes
from scanner.moderation.permissions import Deed, require
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState, Proposal
from scanner.outside import ExceptionState, SellerException
from scanner.sellers.seller_ports import SellerRows, SellerStore

# Nothing is excepted for longer; who still needs it then says why again.
LONGEST = timedelta(days=365)
_LONGEST_TEXT = 500


def propose(
    store: SellerStore,
    *,
    rule: str,
    seller_row: int,
    owner: str,
    reason: str,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> SellerException:
    """Propose that a rule does not queue what a seller offers. ``owner`` answers for it.

    Raises ``InputError`` for no reason, no owner or too far an end, ``Conflict`` if there is one, ``NotFound``.
    """
    require(actor, Deed.PROPOSE_EXCEPTION)
    _refuse_wrong(rule, owner, reason, expires_at, now)
    with store.transaction(durable=True) as tx:
        tx.seller(seller_row)
        proposed = tx.add_exception(
            SellerException(
                id=0,
                rule=rule.strip(),
                seller_row=seller_row,
                owner=owner.strip(),
                reason=reason.strip(),
                state=ExceptionState.PROPOSED,
                proposed_by=actor.name,
                proposed_at=now,
                expires_at=expires_at,
            )
        )
        if proposed is None:
            raise Conflict(
                "there is an exception of {rule} for seller {seller_row} already", rule=rule, seller_row=seller_row
            )
        fields = {"rule": proposed.rule, "seller": str(seller_row), "owner": proposed.owner, "reason": proposed.reason}
        fields["until"] = expires_at.isoformat()
        four_eyes.ask(
            tx,
            kind=ApprovalKind.EXCEPTION,
            subject=_subject(proposed.id),
            proposal=Proposal(fields=fields),
            why=("an allow-list entry",),
            actor=actor,
            now=now,
        )
        _tell(tx, proposed, "proposed", actor, now, owner=proposed.owner, reason=proposed.reason)
        return proposed


def settled(tx: SellerRows, approval: Approval, actor: Actor, now: datetime) -> None:
    """What an approval, a refusal, a withdrawal or an expiry does to the exception that was proposed."""
    exception = tx.exception(int(approval.subject.partition(":")[2]))
    if exception.state is not ExceptionState.PROPOSED:
        return
    state = ExceptionState.IN_FORCE if approval.state is ApprovalState.APPROVED else ExceptionState.REFUSED
    after = _saved(tx, exception, state=state, decided_by=actor.name, decided_at=now)
    _tell(tx, after, str(state), actor, now, approval=approval.id)


def end(store: SellerStore, exception_id: int, *, reason: str, actor: Actor, now: datetime) -> SellerException:
    """An exception is over before its time. Raises ``IllegalMove`` for one that is not in force, ``NotFound``."""
    require(actor, Deed.PROPOSE_EXCEPTION)
    with store.transaction(durable=True) as tx:
        exception = tx.exception(exception_id)
        if exception.state is not ExceptionState.IN_FORCE:
            raise IllegalMove(
                "exception {exception} is {state}",
                hint="Only what is in force is ended.",
                exception=exception_id,
                state=exception.state,
            )
        ended = _saved(tx, exception, state=ExceptionState.ENDED, decided_by=actor.name, decided_at=now)
        _tell(tx, ended, "ended", actor, now, reason=reason, hits=exception.hits)
        return ended


def listed(
    store: SellerStore,
    states: Sequence[ExceptionState] = (ExceptionState.PROPOSED, ExceptionState.IN_FORCE),
    *,
    seller_row: int | None = None,
    limit: int = 100,
) -> tuple[SellerException, ...]:
    """Exceptions in these states (none: in any), the one that ends first at the top; expired ones say so themselves."""
    with store.reading() as tx:
        return tx.exceptions_in(tuple(states), seller_row=seller_row, limit=limit)


def _refuse_wrong(rule: str, owner: str, reason: str, expires_at: datetime, now: datetime) -> None:
    if not rule.strip() or not owner.strip() or not reason.strip():
        raise InputError("an exception needs a rule, an owner and a reason", hint="Say who answers for it, and why.")
    if max(map(len, (rule, owner, reason))) > _LONGEST_TEXT:
        raise InputError(
            "rule, owner and reason have at most {longest_text} characters each", longest_text=_LONGEST_TEXT
        )
    if not now < expires_at <= now + LONGEST:
        raise InputError(
            "an exception ends within {days} days", hint="Propose it anew when it is over.", days=LONGEST.days
        )


def _subject(number: int) -> str:
    return f"exception:{number}"


def _saved(tx: SellerRows, exception: SellerException, **changes: object) -> SellerException:
    after = msgspec.structs.replace(exception, **changes)
    if not tx.save_exception(after, exception):
        raise Conflict(
            "exception {exception} was changed by somebody else", hint="Look at it again.", exception=exception.id
        )
    return after


def _tell(tx: SellerRows, exception: SellerException, kind: str, actor: Actor, at: datetime, **data: object) -> None:
    facts = {"exception": exception.id, "rule": exception.rule, "until": exception.expires_at} | data
    subject = f"seller:{exception.seller_row}"
    audit.append(tx, actor=actor, kind=f"exception.{kind}", subject=subject, at=at, **facts)
