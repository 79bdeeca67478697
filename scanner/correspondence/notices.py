"""Notices of users, police, telecom authority and regulator: taken in, brought to a case, answered.

Every notice gets a receipt and, in the end, an answer; both are letters. It joins the case of its listing or opens one,
with the clock of its kind. What looks like abuse waits for a person's look first; nothing is dropped.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.correspondence.letters import PLAIN, Letterhead
from scanner.correspondence.notice_ports import NoticeRows, NoticeStore
from scanner.correspondence.notice_routing import answered, bring_to_case, found, located, saved, tell, write_letter
from scanner.correspondence.notice_terms import LONGEST_TEXT, PACES, act_by, checked, reporter_key_of
from scanner.correspondence.receipts import receipt_number
from scanner.correspondence.reputation import LIMITS, Activity, Limits, record_of, why_wait
from scanner.errors import Conflict, IllegalMove, InputError
from scanner.model import Actor, Event
from scanner.moderation.permissions import Deed, require
from scanner.outside import (
    Letter,
    LetterKind,
    Notice,
    NoticeFilter,
    NoticeOutcome,
    NoticePage,
    NoticeState,
    Report,
    Share,
)
from scanner.records import KnownListing
from scanner.workflow import NoticeMove


class NoticeFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a notice: what the sender's record is, the letters, and what happened."""

    notice: Notice
    record: Share
    letters: tuple[Letter, ...]
    history: tuple[Event, ...]
    others: tuple[Notice, ...]


def receive(
    store: NoticeStore,
    report: Report,
    *,
    actor: Actor,
    now: datetime,
    head: Letterhead = PLAIN,
    limits: Limits = LIMITS,
) -> Notice:
    """Take in a report and return it as it is kept, with its receipt.

    1. It says who reports and what; both have bounds. A request key, or the same reporter on the same listing while
       the first is open, is the same notice again.
    2. What ``reputation.why_wait`` names waits for a person's look.
    3. A listing that nobody knows is looked for from now on.
    4. Otherwise it goes to a case, see ``notice_routing.bring_to_case``.

    Raises ``InputError`` for a report that says nothing, or too much.
    """
    report = checked(report)
    with store.transaction(durable=True) as tx:
        if report.key and (known := tx.notice_by_key(report.key)):
            return known
        listing = located(tx, report)
        if (same := _repeated(tx, report, listing)) is not None:
            audit.append(tx, actor=actor, kind="notice.repeated", subject=f"notice:{same.id}", at=now)
            return same
        notice = tx.add_notice(_fresh(tx, report, listing, now, limits))
        if notice is None:
            raise Conflict("the same request is being taken in", hint="Ask again: you get its receipt.")
        tell(tx, notice, "notice.received", actor, now, kind_of=report.kind, reference=report.reference)
        write_letter(tx, notice, LetterKind.NOTICE_RECEIPT, head, now)
        if notice.state is NoticeState.OPEN and listing is not None:
            notice = bring_to_case(tx, notice, listing, actor=actor, now=now, head=head)
        return notice


def listed(store: NoticeStore, wanted: NoticeFilter | None = None, *, limit: int = 50, after: str = "") -> NoticePage:
    """A page of notices, the one to be answered first at the top."""
    with store.reading() as tx:
        return tx.notices(wanted or NoticeFilter(), limit=limit, after=after)


def show(store: NoticeStore, notice: int | str) -> NoticeFile:
    """Everything about a notice, by its number or receipt. Raises ``NotFound``."""
    with store.reading() as tx:
        one = tx.notice(notice) if isinstance(notice, int) else tx.notice_by_receipt(notice)
        others = tx.open_notices_on(one.listing_row) if one.listing_row is not None else ()
        return NoticeFile(
            notice=one,
            record=record_of(tx.outcomes_of(one.reporter_key)),
            letters=tx.letters(notice_id=one.id, limit=20),
            history=tx.events_about(f"notice:{one.id}"),
            others=tuple(other for other in others if other.id != one.id),
        )


def status(store: NoticeStore, receipt: str) -> Notice:
    """What a sender may see of a notice, by its receipt. Raises ``NotFound``."""
    with store.reading() as tx:
        return tx.notice_by_receipt(receipt)


def admit(store: NoticeStore, notice_id: int, *, actor: Actor, now: datetime, head: Letterhead = PLAIN) -> Notice:
    """A person has looked at a notice that waited: it goes to a case like any other.

    Raises ``IllegalMove`` for one that does not wait, ``NotFound``.
    """
    require(actor, Deed.ANSWER_NOTICE)
    with store.transaction(durable=True) as tx:
        notice = tx.notice(notice_id)
        if notice.state is not NoticeState.AWAITING_LOOK:
            raise IllegalMove(
                "notice {notice} is {state}",
                hint="Only what waits for a look is let in.",
                notice=notice_id,
                state=notice.state,
            )
        listing = located(tx, notice.report)
        admitted = saved(tx, notice, NoticeMove.PLACE if listing else NoticeMove.SEEK, waits_for="")
        tell(tx, admitted, "notice.admitted", actor, now)
        if listing is None:
            return admitted
        return bring_to_case(tx, admitted, listing, actor=actor, now=now, head=head)


def locate(
    store: NoticeStore,
    notice_id: int,
    platform: str,
    listing_id: str,
    *,
    actor: Actor,
    now: datetime,
    head: Letterhead = PLAIN,
) -> Notice:
    """A person says which listing is meant. Raises ``InputError`` if it is not known, ``IllegalMove``, ``NotFound``."""
    require(actor, Deed.ANSWER_NOTICE)
    with store.transaction(durable=True) as tx:
        notice = tx.notice(notice_id)
        if notice.state is not NoticeState.UNLOCATED:
            raise IllegalMove(
                "notice {notice} is {state}: its listing is not sought", notice=notice_id, state=notice.state
            )
        listing = tx.known_listings([(platform, listing_id)]).get((platform, listing_id))
        if listing is None:
            raise InputError(
                "no listing {listing!r} on {platform!r} is known",
                hint="Inspect it first: delist inspect SOURCE",
                listing=listing_id,
                platform=platform,
            )
        return found(tx, notice, listing, actor=actor, now=now, head=head)


def locate_waiting(
    store: NoticeStore, *, now: datetime, head: Letterhead = PLAIN, limit: int = 200
) -> tuple[Notice, ...]:
    """Look again for the listings of notices that named none which was known; those that are now."""
    there = []
    with store.transaction() as tx:
        for notice in tx.unlocated_notices(limit=limit):
            listing = located(tx, notice.report)
            if listing is not None:
                there.append(found(tx, notice, listing, actor=audit.SYSTEM, now=now, head=head))
    return tuple(there)


def answer(
    store: NoticeStore,
    notice_id: int,
    outcome: NoticeOutcome,
    *,
    actor: Actor,
    now: datetime,
    says: str = "",
    head: Letterhead = PLAIN,
) -> Notice:
    """A person answers the sender by hand. What a case decides is answered by itself.

    Raises ``IllegalMove`` for a notice that has been answered, ``NotFound``.
    """
    require(actor, Deed.ANSWER_NOTICE)
    with store.transaction(durable=True) as tx:
        return answered(tx, tx.notice(notice_id), outcome, actor=actor, now=now, head=head, says=says[:LONGEST_TEXT])


def settle(tx: NoticeRows, case_id: int, outcome: NoticeOutcome, *, now: datetime, head: Letterhead = PLAIN) -> int:
    """Answer all that wait for the end of a case, within ``tx``; how many."""
    waiting = [one for one in tx.notices_of_case(case_id) if one.state is NoticeState.OPEN]
    for notice in waiting:
        answered(tx, notice, outcome, actor=audit.SYSTEM, now=now, head=head)
    return len(waiting)


def reputation(store: NoticeStore, reporter_key: str) -> Share:
    """The share of a reporter's notices that were confirmed."""
    with store.reading() as tx:
        return record_of(tx.outcomes_of(reporter_key))


def _fresh(tx: NoticeRows, report: Report, listing: KnownListing | None, now: datetime, limits: Limits) -> Notice:
    """The notice as it begins, its number not yet given."""
    seller = tx.sellers_of([listing.id])[listing.id] if listing else None
    key = reporter_key_of(report)
    waits_for = why_wait(report.kind, _activity(tx, key, seller, now), limits)
    first = tx.open_notices_on(listing.id) if listing else ()
    severity = listing.case.severity if listing and listing.case else None
    without_look = NoticeState.OPEN if listing else NoticeState.UNLOCATED
    return Notice(
        id=0,
        receipt=receipt_number("N", now),
        report=report,
        reporter_key=key,
        state=NoticeState.AWAITING_LOOK if waits_for else without_look,
        received_at=now,
        act_by=act_by(report.kind, severity, now),
        answer_by=now + PACES[report.kind].answer,
        listing_row=listing.id if listing else None,
        seller_row=seller,
        duplicate_of=first[0].id if first else None,
        waits_for=waits_for,
    )


def _activity(tx: NoticeRows, key: str, seller: int | None, now: datetime) -> Activity:
    hour, whole_day = now - timedelta(hours=1), now - timedelta(days=1)
    return Activity(
        in_hour=tx.reported(key, since=hour) + 1,
        in_day=tx.reported(key, since=whole_day) + 1,
        on_seller=tx.reported(key, since=whole_day, seller_row=seller) + 1 if seller is not None else 1,
        reporters_of_seller=tx.reporters_of(seller, since=whole_day) + 1 if seller is not None else 1,
        record=record_of(tx.outcomes_of(key)),
    )


def _repeated(tx: NoticeRows, report: Report, listing: KnownListing | None) -> Notice | None:
    """The open notice of the same reporter on the same listing, if there is one."""
    if listing is None:
        return None
    key = reporter_key_of(report)
    same = (one for one in tx.open_notices_on(listing.id) if one.reporter_key == key)
    return next((one for one in same if one.report.reference == report.reference), None)
