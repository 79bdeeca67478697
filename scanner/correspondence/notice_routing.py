"""Which listing a notice means, which case it comes to, and how its sender is answered; all within a transaction."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import msgspec

from scanner import audit
from scanner.correspondence.letters import Letterhead, day, silence, write
from scanner.correspondence.notice_ports import NoticeRows
from scanner.correspondence.notice_terms import OUTCOMES, PACES, act_by
from scanner.correspondence.reputation import AUTHORITIES
from scanner.correspondence.wording import Said
from scanner.errors import Conflict, IllegalMove
from scanner.model import Action, Actor, CaseState, Finding, Ruling, Triage
from scanner.outside import LetterKind, Notice, NoticeKind, NoticeOutcome, NoticeState, Report
from scanner.records import Case, KnownListing, NewVersion
from scanner.workflow import UNDER_WAY, WAITING, CaseMove, NoticeMove, next_case_state, next_notice_state

# The rule under which a case is filed that nothing but a notice has opened.
REPORTED = "delist.reported"
REPORTED_CATEGORY = "reported"
# So many different users who report what was judged to be lawful bring it to a person again.
INSISTENT = 3


def located(tx: NoticeRows, report: Report) -> KnownListing | None:
    """The listing that is meant: by platform and number; else by what stands in the address, if the address agrees."""
    platforms = [report.platform] if report.platform else sorted(tx.platforms_known())
    if report.listing_id:
        keys = [(platform, report.listing_id) for platform in platforms]
        found = list(tx.known_listings(keys).values())
        return found[0] if len(found) == 1 else None
    named = _names_in(report.url)
    for known in tx.known_listings([(platform, name) for platform in platforms for name in named]).values():
        if _same_address(known.url, report.url):
            return known
    return None


def _names_in(url: str) -> list[str]:
    """What of an address may be a listing's number: parts of the path without their endings, and query values."""
    try:
        parts = urlsplit(url)
        values = [value for _, value in parse_qsl(parts.query)[:20]]
    except ValueError:
        return []
    pieces = [piece for piece in parts.path.split("/")[-6:] if piece]
    names = [*pieces, *(piece.rpartition(".")[0] for piece in pieces), *values, url]
    names += [tail for piece in pieces for tail in piece.replace("_", "-").split("-")[-2:]]
    return list(dict.fromkeys(name for name in names if name))[:40]


def _same_address(known: str, given: str) -> bool:
    try:
        one, other = urlsplit(known), urlsplit(given)
    except ValueError:
        return False
    same_place = one.netloc.casefold() == other.netloc.casefold() and one.path.rstrip("/") == other.path.rstrip("/")
    return same_place and set(parse_qsl(one.query)) <= set(parse_qsl(other.query))


def found(
    tx: NoticeRows, notice: Notice, listing: KnownListing, *, actor: Actor, now: datetime, head: Letterhead
) -> Notice:
    seller = tx.sellers_of([listing.id])[listing.id]
    placed = saved(tx, notice, NoticeMove.PLACE, listing_row=listing.id, seller_row=seller)
    tell(tx, placed, "notice.located", actor, now, platform=listing.platform, listing_id=listing.listing_id)
    return bring_to_case(tx, placed, listing, actor=actor, now=now, head=head)


def bring_to_case(
    tx: NoticeRows, notice: Notice, listing: KnownListing, *, actor: Actor, now: datetime, head: Letterhead
) -> Notice:
    """Bring a notice to the case of its listing.

    1. No case: one is opened on the listing as it is, unless the listing is gone: then the sender is told.
    2. A case that waits: it is due by the notice's clock, and weighs at least what such a notice does.
    3. A case that is under way: the notice waits for its end.
    4. Closed by a removal, and the listing is gone: the sender is told. It is there again: a new case.
    5. Kept as it is now: an authority, a trusted flagger or the third user brings it to a person again; before that
       the sender is told. Kept as it was: a new look, because it has changed.
    """
    case = listing.case
    if case is None or (case.state is CaseState.CLOSED and case.ruling is not Ruling.KEEP):
        if listing.is_gone:
            outcome = NoticeOutcome.GONE if case is None else NoticeOutcome.ALREADY_REMOVED
            return answered(tx, notice, outcome, actor=audit.SYSTEM, now=now, head=head)
        return _joined(tx, notice, _opened(tx, notice, listing, now), "notice.opened_case", actor, now)
    if case.state in WAITING:
        return _joined(tx, notice, _hastened(tx, notice, case, now), "notice.joined_case", actor, now)
    if case.state in UNDER_WAY:
        return _joined(tx, notice, case, "notice.joined_case", actor, now)
    if case.decided_hash == listing.content_hash and not _is_insistent(tx, notice, case):
        noted = saved(tx, notice, case_id=case.id)
        return answered(tx, noted, NoticeOutcome.ALREADY_JUDGED, actor=audit.SYSTEM, now=now, head=head)
    return _joined(tx, notice, _reopened(tx, notice, case, now), "notice.reopened_case", actor, now)


def _is_insistent(tx: NoticeRows, notice: Notice, case: Case) -> bool:
    if notice.report.kind is not NoticeKind.USER:
        return True
    judged = [one for one in tx.notices_of_case(case.id) if one.outcome is NoticeOutcome.ALREADY_JUDGED]
    return len({one.reporter_key for one in judged} | {notice.reporter_key}) >= INSISTENT


def _opened(tx: NoticeRows, notice: Notice, listing: KnownListing, now: datetime) -> Case:
    version = tx.latest_versions([listing.id])[listing.id]
    report, pace = notice.report, PACES[notice.report.kind]
    category = report.category or REPORTED_CATEGORY
    triage = Triage(
        severity=pace.severity,
        action=Action.HOLD if report.kind in AUTHORITIES else Action.REVIEW,
        priority=pace.weight,
        categories=(category,),
        reason=f"reported ({report.kind}), nothing found by rules",
    )
    reported = Finding(
        rule=REPORTED, category=category, severity=pace.severity, score=1.0, title="Reported", reason="", spans=()
    )
    new = NewVersion(
        listing=version.listing,
        content_hash=version.content_hash,
        number=version.number,
        seen_at=version.seen_at,
        evidence=version.evidence,
        findings=(reported,),
        triage=triage,
        judged_by=version.judged_by,
        listing_row=listing.id,
    )
    return tx.open_case(new, triage, source="", at=now, due_at=notice.act_by)


def _hastened(tx: NoticeRows, notice: Notice, case: Case, now: datetime) -> Case:
    due_at = min(case.due_at, act_by(notice.report.kind, case.severity, notice.received_at))
    weight = max(case.priority, PACES[notice.report.kind].weight)
    if (due_at, weight) == (case.due_at, case.priority):
        return case
    return _case_saved(tx, msgspec.structs.replace(case, due_at=due_at, priority=weight), now)


def _reopened(tx: NoticeRows, notice: Notice, case: Case, now: datetime) -> Case:
    state = next_case_state(case.state, CaseMove.REOPEN)
    weight = max(case.priority, PACES[notice.report.kind].weight)
    again = msgspec.structs.replace(
        case, state=state, due_at=notice.act_by, priority=weight, claimed_by="", lease_until=None
    )
    return _case_saved(tx, again, now)


def _case_saved(tx: NoticeRows, case: Case, now: datetime) -> Case:
    fresh = msgspec.structs.replace(case, revision=case.revision + 1, updated_at=now)
    if not tx.save_case(fresh):
        raise Conflict("case {case} was changed by somebody else", hint="Send the notice again.", case=case.id)
    return fresh


def _joined(tx: NoticeRows, notice: Notice, case: Case, kind: str, actor: Actor, now: datetime) -> Notice:
    joined = saved(tx, notice, case_id=case.id)
    report = notice.report
    facts = {"notice": notice.id, "receipt": notice.receipt, "from": report.kind, "duplicate_of": notice.duplicate_of}
    audit.append(
        tx,
        actor=actor,
        kind=kind,
        subject=f"case:{case.id}",
        at=now,
        state=case.state,
        due_at=case.due_at,
        priority=case.priority,
        **{name: value for name, value in facts.items() if value is not None},
    )
    tell(tx, joined, kind, actor, now, case=case.id)
    if report.secret:
        silence(tx, case.id, actor=actor, at=now, reason=f"asked for with notice {notice.id}")
    return joined


def answered(
    tx: NoticeRows,
    notice: Notice,
    outcome: NoticeOutcome,
    *,
    actor: Actor,
    now: datetime,
    head: Letterhead,
    says: str = "",
) -> Notice:
    if notice.state is NoticeState.ANSWERED:
        raise IllegalMove(
            "notice {notice} has been answered: {outcome}",
            hint="It is answered once.",
            notice=notice.id,
            outcome=notice.outcome,
        )
    done = saved(
        tx,
        notice,
        NoticeMove.ANSWER,
        outcome=outcome,
        says=says,
        answered_at=now,
        answered_by=actor.name,
        waits_for="",
    )
    tell(tx, done, "notice.answered", actor, now, outcome=outcome, late=now > notice.answer_by)
    write_letter(tx, done, LetterKind.NOTICE_ANSWER, head, now)
    return done


def write_letter(tx: NoticeRows, notice: Notice, kind: LetterKind, head: Letterhead, now: datetime) -> None:
    """The receipt or the answer, if the sender can be reached. It names nobody else and says nothing of the seller."""
    report = notice.report
    facts: dict[str, object] = {
        "receipt": notice.receipt,
        "reference": report.reference,
        "about": report.url or f"{report.platform} {report.listing_id}".strip() or "-",
        "contact": head.contact_in(report.language),
        "at": day(now),
        "received_at": day(notice.received_at),
        "answer_by": day(notice.answer_by),
        "outcome": Said(OUTCOMES[notice.outcome][report.language]) if notice.outcome else "",
        "says": notice.says,
    }
    write(
        tx,
        kind,
        facts,
        key=f"notice-{notice.id}-{'receipt' if kind is LetterKind.NOTICE_RECEIPT else 'answer'}",
        to=report.contact,
        language=report.language,
        at=now,
        notice_id=notice.id,
    )


def saved(tx: NoticeRows, notice: Notice, move: NoticeMove | None = None, **changes: object) -> Notice:
    """Write a notice back, moved as the table allows. Raises ``IllegalMove``, ``Conflict``."""
    state = next_notice_state(notice.state, move) if move is not None else notice.state
    after = msgspec.structs.replace(notice, state=state, **changes)
    if not tx.save_notice(after, notice):
        raise Conflict("notice {notice} was changed by somebody else", hint="Look at it again.", notice=notice.id)
    return after


def tell(tx: NoticeRows, notice: Notice, kind: str, actor: Actor, at: datetime, **data: object) -> None:
    facts = {"receipt": notice.receipt, "state": notice.state, "waits_for": notice.waits_for} | data
    said = {name: value for name, value in facts.items() if value not in (None, "")}
    audit.append(tx, actor=actor, kind=kind, subject=f"notice:{notice.id}", at=at, **said)
