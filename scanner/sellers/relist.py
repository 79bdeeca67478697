"""The watch for what comes back: removed listings leave fingerprints, and new listings are compared with them.

A new listing that is like a removed one gets a finding of the rule ``delist.relisted`` that cites the first decision,
with the severity and category of then; so it comes into the queue although no rule may find it any more. Fingerprints
expire after 24 months, and end at once when an appeal succeeds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.model import Finding, Listing, Severity
from scanner.outside import Fingerprint, Likeness, Mark, seller_key
from scanner.pictures.alike import are_alike
from scanner.ports import WatchRows
from scanner.records import Case, Decision
from scanner.sellers.marks import (
    Marks,
    contact_keys,
    look_keys,
    marks_of,
    sketch_of,
    text_likeness,
    title_likeness,
)
from scanner.workflow import SERVICE_LEVEL, WAITING

RELISTED = "delist.relisted"
KEPT_FOR = timedelta(days=731)

# How like the whole text and the title must be: nearly the same under a title that is like the old one, or like under a
# title that is more so; less where other marks agree, and least where the same handle does.
LIKE = ((0.8, 0.4), (0.5, 0.5))
SOME_TEXT, SOME_TITLE, TITLE_WITH_HANDLE = 0.3, 0.3, 0.15
# So many looked-up pieces in common make a candidate; so many candidates of one listing are compared.
PIECES_IN_COMMON, MOST_CANDIDATES = 2, 8
_SURE = 0.95


def watch_for(tx: WatchRows, case: Case, decision: Decision, *, at: datetime) -> Fingerprint | None:
    """From now on the listing that a decision removed is recognised; ``None`` if it is already."""
    listing = tx.version(case.listing_row, decision.version).listing
    secret = tx.make_watch_secret()
    (marks,) = marks_of([listing], secret)
    keys = {key: mark for key, mark in marks.keys.items() if mark is not Mark.CONTACT} | contact_keys(listing, secret)
    keys |= look_keys(tx.looks_of([case.listing_row]).get(case.listing_row, ()))
    made = tx.add_fingerprint(
        Fingerprint(
            id=0,
            case_id=case.id,
            decision_id=decision.id,
            listing_row=case.listing_row,
            seller_row=case.seller_row,
            seller_key=seller_key(listing.seller) if case.seller_row is not None else "",
            platform=case.platform,
            listing_id=case.listing_id,
            category=case.category,
            severity=case.severity,
            rules=case.rules,
            title=tuple(sorted(marks.title)),
            sketch=sketch_of(marks.pieces),
            made_at=at,
            expires_at=at + KEPT_FOR,
        ),
        keys,
    )
    if made is not None:
        counts = Counter(str(mark) for mark in keys.values())
        facts = {"fingerprint": made.id, "decision": decision.id, "marks": dict(counts), "until": made.expires_at}
        audit.append(tx, actor=audit.SYSTEM, kind="watch.began", subject=f"case:{case.id}", at=at, **facts)
    return made


def end_watch(tx: WatchRows, decision_id: int, *, at: datetime, why: str) -> None:
    """A decision no longer stands: nothing is recognised by what it removed."""
    fingerprint = tx.fingerprint_of(decision_id)
    if fingerprint is not None and fingerprint.ended_at is None:
        tx.end_fingerprint(fingerprint.id, at=at)
        facts = {"fingerprint": fingerprint.id, "why": why}
        audit.append(tx, actor=audit.SYSTEM, kind="watch.ended", subject=f"case:{fingerprint.case_id}", at=at, **facts)


def recognise(tx: WatchRows, listings: Sequence[Listing], *, at: datetime) -> list[Likeness | None]:
    """What each listing is like, of what was removed; a listing is not compared with itself."""
    if not listings or not tx.is_watching(at=at):
        return [None] * len(listings)
    marks = marks_of(listings, tx.watch_secret())
    found = tx.marked({key for one in marks for key in one.keys})
    shared = [_candidates(one, found) for one in marks] if found else []
    known = tx.fingerprints({number for one in shared for number in one}, at=at) if any(shared) else {}
    if not known:
        return [None] * len(listings)
    return [
        _best(listing, one, {number: common for number, common in theirs.items() if number in known}, known)
        for listing, one, theirs in zip(listings, marks, shared, strict=True)
    ]


def seen(tx: WatchRows, case: Case, looks: Sequence[int], *, at: datetime) -> None:
    """The pictures of a case's listing have been seen, which no crawl does.

    1. If the listing was removed, it is recognised by them from now on.
    2. While the case waits it is compared with what was removed and has a picture that looks like one of them; if it is
       like that, the case cites it.
    """
    own = tx.live_fingerprint_of(case.listing_row, at=at)
    if own is not None:
        tx.add_marks(own.id, look_keys(looks))
    if case.state not in WAITING:
        return
    found = {number for pairs in tx.marked(look_keys(looks)).values() for number, _ in pairs}
    known = tx.fingerprints(found, at=at) if found else {}
    theirs = tx.looks_of({one.listing_row for one in known.values()}) if known else {}
    alike = {number: one for number, one in known.items() if are_alike(looks, theirs.get(one.listing_row, ()))}
    listing = tx.version(case.listing_row, case.version).listing
    (marks,) = marks_of([listing], tx.watch_secret())
    best = _best(listing, marks, {number: Counter([Mark.PICTURE]) for number in alike}, alike)
    if best is not None:
        cite(tx, case, best, at=at)


def is_like(marks: Collection[Mark], text: float, title: float) -> bool:
    """Whether a listing is taken for a removed one. ``text`` and ``title`` say how like they are, 0 to 1.

    1. The same text, or the same form with other numbers in it.
    2. A text that is like, under a title that is like: the boilerplate of a shop is not enough.
    3. The same handle, and a title or text that is a little like; who sells cards may also sell books.
    4. The same picture, by name or by what it looks like, and a title or text that is somewhat like.
    5. The same title, or the same seller and a title that is like, and a text that is somewhat like.
    """
    if Mark.TEXT in marks or Mark.TEMPLATE in marks:
        return True
    if any(text >= least and title >= titled for least, titled in LIKE):
        return True
    if Mark.CONTACT in marks and (title >= TITLE_WITH_HANDLE or text >= SOME_TEXT):
        return True
    if (Mark.IMAGE in marks or Mark.PICTURE in marks) and (title >= SOME_TITLE or text >= SOME_TEXT):
        return True
    return text >= SOME_TEXT and (Mark.TITLE in marks or (Mark.SELLER in marks and title >= LIKE[0][1]))


def finding_of(likeness: Likeness, *, rulebook: str, normaliser: str) -> Finding:
    """What the queue shows of it: the first decision, and what is the same."""
    first = likeness.fingerprint
    same = ", ".join(str(mark) for mark in likeness.marks)
    return Finding(
        rule=RELISTED,
        category=first.category,
        severity=first.severity,
        score=_SURE,
        title="Like a listing that was removed",
        reason=(
            f"like listing {first.listing_id} of {first.platform}, removed on {first.made_at:%Y-%m-%d} "
            f"(case {first.case_id}, decision {first.decision_id}): {same}; text {likeness.likeness:.0%} alike"
        ),
        spans=(),
        rulebook=rulebook,
        normaliser=normaliser,
    )


def cite(tx: WatchRows, case: Case, likeness: Likeness, *, at: datetime) -> None:
    """Put on record, on the new case and on the first one, that a removed listing is taken to have come back.

    The new case goes the fast way: it is due as what is gravest is. Said once for a case and a fingerprint, however
    often the listing is judged.
    """
    first = likeness.fingerprint
    told = (event for event in tx.events_about(f"case:{case.id}") if event.kind == "case.relisted")
    if any(event.data.get("fingerprint") == first.id for event in told):
        return
    tx.count_recognised(first.id)
    due_at = min(case.due_at, at + SERVICE_LEVEL[Severity.S4])
    if case.state in WAITING and due_at != case.due_at:
        tx.save_case(msgspec.structs.replace(case, due_at=due_at, revision=case.revision + 1, updated_at=at))
    facts = {"fingerprint": first.id, "marks": [str(mark) for mark in likeness.marks], "likeness": likeness.likeness}
    cited = {"first_case": first.case_id, "first_decision": first.decision_id, "removed_at": first.made_at}
    subject = f"case:{case.id}"
    audit.append(tx, actor=audit.SYSTEM, kind="case.relisted", subject=subject, at=at, due_at=due_at, **cited, **facts)
    again = {"new_case": case.id, **facts}
    audit.append(tx, actor=audit.SYSTEM, kind="watch.recognised", subject=f"case:{first.case_id}", at=at, **again)


def _candidates(marks: Marks, found: Mapping[int, Sequence[tuple[int, Mark]]]) -> dict[int, Counter[Mark]]:
    """The fingerprints worth a comparison: one that shares more than a piece, or some pieces; the likeliest few."""
    common: defaultdict[int, Counter[Mark]] = defaultdict(Counter)
    for key in marks.keys:
        for number, mark in found.get(key, ()):
            common[number][mark] += 1
    worth = {
        number: shared
        for number, shared in common.items()
        if len(shared) > (Mark.PIECE in shared) or shared[Mark.PIECE] >= PIECES_IN_COMMON
    }
    likeliest = sorted(worth, key=lambda number: -sum(worth[number].values()))[:MOST_CANDIDATES]
    return {number: worth[number] for number in likeliest}


def _best(
    listing: Listing, marks: Marks, shared: Mapping[int, Counter[Mark]], known: Mapping[int, Fingerprint]
) -> Likeness | None:
    best: Likeness | None = None
    for number, common in shared.items():
        one = _compared(listing, marks, set(common), known[number])
        if one is not None and (best is None or one.likeness > best.likeness):
            best = one
    return best


def _compared(listing: Listing, marks: Marks, common: set[Mark], first: Fingerprint) -> Likeness | None:
    if (first.platform, first.listing_id) == (listing.platform, listing.listing_id):
        return None
    if first.seller_key and first.platform == listing.platform and first.seller_key == seller_key(listing.seller):
        common.add(Mark.SELLER)
    text = text_likeness(marks.pieces, first.sketch)
    if not is_like(common, text, title_likeness(marks.title, frozenset(first.title))):
        return None
    return Likeness(fingerprint=first, marks=tuple(sorted(common)), likeness=round(text, 2))
