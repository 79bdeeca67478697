"""Who works on which case: the next one by urgency, claims that end by themselves, and ways out that lose nothing.

A claim is a lease with a token. Whoever gives no sign of life loses it when it ends; the case is back on its desk then,
with nothing to be done. A decision under an older token is refused, and what was to be decided is kept as a draft.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from scanner.errors import Conflict, IllegalMove, InputError
from scanner.model import Actor, CaseState, Desk, Ruling
from scanner.moderation.desk import (
    DESKS,
    FREE,
    DeskRows,
    DeskStore,
    moved,
    refuse_claimed,
    refuse_desk,
    refuse_silence,
    refuse_stale,
    retried,
    said,
    tell,
)
from scanner.moderation.permissions import Deed, may, require
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Draft, Skip
from scanner.records import Case, Claim, QueueFilter, QueueRow
from scanner.workflow import WAITING, CaseMove, given_back, next_case_state

# So long at most is a case put off.
MOST_HOLD = timedelta(days=30)
# So many cases that are not for this person are passed over for one request.
_PASSED_OVER = 50
_DRAFTS = 50


class Mine(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has in hand: claims, cases that were given to them, drafts, the newest first."""

    claims: tuple[QueueRow, ...]
    given: tuple[QueueRow, ...]
    drafts: tuple[Draft, ...]


def next_case(
    store: DeskStore,
    *,
    actor: Actor,
    now: datetime,
    wanted: QueueFilter | None = None,
    policy: Policy | None = None,
) -> Claim | None:
    """Claim the most urgent case that this person can work on; ``None`` if there is none.

    1. What was given to the person comes first.
    2. Then by place on the desks of the person's role, within the filter ``wanted``.
    3. Nobody gets a case that they have skipped or asked others for help with, nor an appeal on their own decision.
    4. Ended claims, reservations and holds are back before one looks.
    """
    require(actor, Deed.TAKE)
    policy = policy or shipped()

    def take(tx: DeskRows) -> Claim | None:
        tx.bring_back(now)
        given = tx.reserved_case(actor.name, at=now) if wanted is None else None
        case = tx.case(given) if given is not None else _next_free(tx, actor, wanted, now)
        return _taken(tx, case, actor, now, policy.claims.lease) if case is not None else None

    return retried(store, take, after=Conflict)


def claim(
    store: DeskStore,
    case_id: int,
    *,
    actor: Actor,
    now: datetime,
    lease: timedelta | None = None,
    policy: Policy | None = None,
) -> Claim:
    """Take a case for a time. Who claims it again renews the time and gets a new token; the old one is worth nothing.

    Raises ``Conflict`` while somebody else has it, ``IllegalMove`` if it waits for nobody, ``Forbidden``, ``NotFound``.
    """
    require(actor, Deed.TAKE)
    with store.transaction() as tx:
        case = tx.case(case_id)
        refuse_claimed(case, actor, now)
        refuse_desk(case, actor)
        return _taken(tx, case, actor, now, lease or (policy or shipped()).claims.lease)


def heartbeat(
    store: DeskStore, case_id: int, *, token: int, actor: Actor, now: datetime, policy: Policy | None = None
) -> Claim:
    """A sign of life: the claim lasts a lease longer from now on. Not an event, and the case's revision stays.

    Also for a claim whose time is over but that nobody has taken since. Raises ``Conflict`` if somebody has.
    """
    until = now + (policy or shipped()).claims.lease
    with store.transaction() as tx:
        case = tx.case(case_id)
        _refuse_others(case, actor, token)
        if not tx.renew_claim(case, until=until):
            refuse_stale(case, -1)
        return Claim(case=msgspec.structs.replace(case, lease_until=until), token=token, until=until)


def release(
    store: DeskStore, case_id: int, *, actor: Actor, now: datetime, token: int | None = None, reason: str = ""
) -> Case:
    """Give a claimed case back; anybody may take it. Raises ``Conflict``, ``IllegalMove``, ``NotFound``."""
    with store.transaction() as tx:
        case = _in_hand(tx, case_id, actor, token, now)
        after = moved(tx, case, given_back(case, CaseMove.RELEASE), now=now, **FREE)
        tell(tx, after, "released", actor=actor, at=now, before=case, reason=said(reason))
        return after


def skip(
    store: DeskStore,
    case_id: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    token: int | None = None,
    policy: Policy | None = None,
) -> Case:
    """Pass on a case that one would rather not decide; it is not given to this person any more.

    When as many people as policy says have skipped it, it goes to a specialist. Raises ``InputError`` without a reason.
    """
    words = refuse_silence(reason, "skip a case")
    with store.transaction() as tx:
        case = _in_hand(tx, case_id, actor, token, now)
        tx.add_skip(Skip(case_id=case_id, person=actor.name, at=now, reason=words))
        is_enough = len(tx.skips_of(case_id)) >= (policy or shipped()).claims.skips_before_escalation
        is_up = is_enough and case.desk is Desk.REVIEW
        after = moved(tx, case, given_back(case, CaseMove.HAND_ON), now=now, **FREE)
        tell(tx, after, "skipped", actor=actor, at=now, before=case, reason=words)
        if is_up:
            escalated = moved(tx, after, next_case_state(after.state, CaseMove.ESCALATE), now=now)
            tell(tx, escalated, "escalated", actor=actor, at=now, before=after, reason="needs_specialist", note=words)
        return escalated if is_up else after


def hold(
    store: DeskStore,
    case_id: int,
    *,
    until: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
    token: int | None = None,
) -> Case:
    """Put a case off until a moment; nobody is given it before, and it is back by itself then.

    Raises ``InputError`` without a reason, or for a moment that is past or more than thirty days away.
    """
    words = refuse_silence(reason, "put a case on hold")
    if not now < until <= now + MOST_HOLD:
        raise InputError(
            "a case is put off until a moment within {days} days, not {until:%Y-%m-%d %H:%M}",
            hint="Give a later or an earlier date.",
            days=MOST_HOLD.days,
            until=until,
        )
    with store.transaction() as tx:
        case = _in_hand(tx, case_id, actor, token, now)
        changes = FREE | {"away_until": until}
        after = moved(tx, case, next_case_state(case.state, CaseMove.HOLD), now=now, **changes)
        tell(tx, after, "on_hold", actor=actor, at=now, before=case, until=until, reason=words)
        return after


def reassign(
    store: DeskStore,
    case_id: int,
    *,
    to: str,
    reason: str,
    actor: Actor,
    now: datetime,
    token: int | None = None,
    policy: Policy | None = None,
) -> Case:
    """Give a case to somebody: it comes first for them, and goes back to everybody if they do not take it in time.

    Whoever has claimed a case may hand it on; anybody else needs a role that may reassign.
    """
    words, name = refuse_silence(reason, "give a case to somebody"), said(to)
    if not name:
        raise InputError("this needs the name of who is to take it", hint="Give --to NAME.")
    with store.transaction() as tx:
        case = tx.case(case_id)
        if case.claimed_by != actor.name or case.state is not CaseState.CLAIMED:
            require(actor, Deed.REASSIGN)
        refuse_stale(case, token)
        changes = FREE | {"reserved_for": name, "away_until": now + (policy or shipped()).claims.reservation}
        after = moved(tx, case, given_back(case, CaseMove.HAND_ON), now=now, **changes)
        tell(tx, after, "reassigned", actor=actor, at=now, before=case, to=name, reason=words)
        return after


def ask_help(
    store: DeskStore,
    case_id: int,
    *,
    question: str,
    actor: Actor,
    now: datetime,
    to: str = "",
    token: int | None = None,
    policy: Policy | None = None,
) -> Case:
    """Ask another person: the question stands in the history, and the case goes to ``to`` or to whoever is next.

    Whoever asks is not given it again, and may still claim it by its number.
    """
    words, name = refuse_silence(question, "ask for help"), said(to)
    with store.transaction() as tx:
        case = _in_hand(tx, case_id, actor, token, now)
        tx.add_skip(Skip(case_id=case_id, person=actor.name, at=now, reason=f"asked for help: {words}"))
        kept = {"reserved_for": name, "away_until": now + (policy or shipped()).claims.reservation} if name else {}
        after = moved(tx, case, given_back(case, CaseMove.HAND_ON), now=now, **(FREE | kept))
        tell(tx, after, "help_asked", actor=actor, at=now, before=case, question=words, to=name)
        return after


def mine(store: DeskStore, *, actor: Actor, now: datetime) -> Mine:
    """What a person has in hand at present."""
    with store.reading() as tx:
        held = tx.held_by(actor.name, at=now)
        return Mine(
            claims=tuple(row for row in held if row.case.state is CaseState.CLAIMED),
            given=tuple(row for row in held if row.case.state is not CaseState.CLAIMED),
            drafts=tx.claim_drafts_of(actor.name, limit=_DRAFTS),
        )


def save_draft(
    store: DeskStore,
    case_id: int,
    *,
    actor: Actor,
    now: datetime,
    ruling: Ruling | None = None,
    reason: str = "",
    note: str = "",
    revision: int = 0,
) -> Draft:
    """Keep what a person is about to decide; one draft for each person and case. Not an event."""
    require(actor, Deed.TAKE)
    draft = Draft(
        case_id=case_id,
        person=actor.name,
        saved_at=now,
        ruling=ruling,
        reason=said(reason),
        note=said(note),
        revision=revision,
    )
    with store.transaction() as tx:
        tx.case(case_id)
        tx.keep_claim_draft(draft)
    return draft


def draft(store: DeskStore, case_id: int, *, actor: Actor) -> Draft | None:
    """What this person was about to decide on a case, if anything."""
    with store.reading() as tx:
        return tx.claim_draft(case_id, actor.name)


def _next_free(tx: DeskRows, actor: Actor, wanted: QueueFilter | None, now: datetime) -> Case | None:
    desks = DESKS.get(actor.role, ())
    for _ in range(_PASSED_OVER):
        number = tx.free_case(desks, person=actor.name, wanted=wanted)
        if number is None:
            return None
        case = tx.case(number)
        if case.desk is not Desk.APPEALS or actor.name not in tx.deciders(case.id):
            return case
        tx.add_skip(Skip(case_id=case.id, person=actor.name, at=now, reason="decided it before"))
    return None


def _taken(tx: DeskRows, case: Case, actor: Actor, now: datetime, lease: timedelta) -> Claim:
    until = now + lease
    changes = FREE | {"claimed_by": actor.name, "lease_until": until, "token": case.token + 1}
    after = moved(tx, case, next_case_state(case.state, CaseMove.CLAIM), now=now, **changes)
    lapsed = case.claimed_by if case.state is CaseState.CLAIMED and case.claimed_by != actor.name else ""
    tell(tx, after, "claimed", actor=actor, at=now, token=after.token, lapsed=lapsed)
    return Claim(case=after, token=after.token, until=until)


def _in_hand(tx: DeskRows, case_id: int, actor: Actor, token: int | None, now: datetime) -> Case:
    """A waiting case that nobody else has in hand. Raises ``Conflict``, ``Forbidden``, ``IllegalMove``."""
    require(actor, Deed.TAKE)
    case = tx.case(case_id)
    refuse_claimed(case, actor, now)
    refuse_stale(case, token)
    if case.state not in WAITING:
        raise IllegalMove(
            "case {case} waits for nobody: it is {state}", hint="Look at its history.", case=case_id, state=case.state
        )
    return case


def _refuse_others(case: Case, actor: Actor, token: int) -> None:
    refuse_stale(case, token)
    if case.state is not CaseState.CLAIMED or case.claimed_by != actor.name:
        raise Conflict(
            "you have no claim on case {case}", hint="Claim it: delist next, or delist show {case}", case=case.id
        )


def is_reassigner(actor: Actor) -> bool:
    """Whether a page should offer to give cases of others to somebody."""
    return may(actor, Deed.REASSIGN)
