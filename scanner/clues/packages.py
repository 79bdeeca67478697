"""Clue packages: proposed by one person, signed by another, exported, handed over against a receipt, answered.

A package is of confirmed cases that have a seller, a cluster or a contact in common. From the proposal on its evidence
is under legal hold, which a refusal or a drop ends; handed over, it stays until a person ends it (``delist evidence
release``), whatever was answered: those who got it may ask for more. Every move is an event of ``clue:N``; nothing
leaves the house before two people have signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from scanner import audit, retention
from scanner.clues.contents import Contents, gather, handles
from scanner.clues.ports import ClueRows, ClueStore
from scanner.clues.records import Attachment, ClueCase, ClueMove, ClueState, Package, Recipient, next_clue_state
from scanner.correspondence import letters
from scanner.errors import Conflict, IllegalMove, InputError
from scanner.model import Actor, Ruling
from scanner.moderation import four_eyes
from scanner.moderation.desk import refuse_silence, said
from scanner.moderation.permissions import Deed, require
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState, Proposal
from scanner.records import Case
from scanner.sellers.counters import count
from scanner.sellers.ladder import POINTS_COUNT_FOR
from scanner.sellers.penalties import MOST_OFFERS

MOST_CASES, MOST_ATTACHMENTS, LONGEST_TEXT = 200, 50, 10_000
# The packages that need what they hold, and how many of them are looked through for one that is dropped.
STANDING = tuple(state for state in ClueState if state is not ClueState.DROPPED)
MOST_PACKAGES = 100_000
_AGAINST = frozenset({Ruling.REMOVE, Ruling.RESTRICT})
_LEVELS = (1, 2)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person proposes. Without a ``level`` it follows from the numbers that the seller has reached."""

    cases: tuple[int, ...]
    recipient: Recipient
    unit: str
    officer: str
    legal_basis: str
    reason: str
    summary: str
    is_quiet: bool = False
    level: int | None = None
    attachments: tuple[Attachment, ...] = ()


def prepare(store: ClueStore, draft: Draft, *, actor: Actor, now: datetime) -> Package:
    """Propose a package to a second person, and put its evidence under legal hold.

    1. Each case was decided against its seller by a person, and they have a seller, a cluster or a contact in common.
    2. Who gets it, on what legal basis, what is offered and why it is sent, are said in words.
    3. If it is quiet, nothing goes out to the seller of these cases from now on.
    Raises ``InputError``, ``Forbidden``, ``NotFound``.
    """
    require(actor, Deed.PROPOSE_CLUE)
    _refuse_incomplete(draft)
    with store.transaction(durable=True) as tx:
        cases = [tx.case(number) for number in sorted(set(draft.cases))]
        _refuse_unconfirmed(cases)
        chosen = tuple(_chosen(tx, case) for case in cases)
        sellers = {case.seller_row for case in cases}
        row = sellers.pop() if len(sellers) == 1 else None
        package = tx.add_package(
            Package(
                id=0,
                about=_in_common(tx, cases, row),
                recipient=draft.recipient,
                unit=draft.unit.strip(),
                officer=draft.officer.strip(),
                legal_basis=draft.legal_basis.strip(),
                level=draft.level or _level(tx, row, now),
                is_quiet=draft.is_quiet,
                reason=said(draft.reason),
                summary=said(draft.summary),
                cases=chosen,
                attachments=draft.attachments,
                digest=_digest(chosen, draft),
                state=ClueState.PROPOSED,
                made_by=actor.name,
                made_role=actor.role,
                made_at=now,
                seller_row=row,
                held=tuple(case.id for case in cases if not retention.is_held(tx, case.id)),
            )
        )
        _secure(tx, package, actor, now)
        _ask(tx, package, actor, now)
        _tell(tx, package, "proposed", actor, now, about=package.about, digest=package.digest, level=package.level)
        return package


def settled(tx: ClueRows, approval: Approval, actor: Actor, now: datetime) -> None:
    """What the second person's word does to a package. Raises ``Conflict`` if it is not what was proposed any more."""
    package = tx.package(int(approval.subject.partition(":")[2]))
    if package.state is not ClueState.PROPOSED:
        return
    if approval.state is not ApprovalState.APPROVED:
        _dropped(tx, package, approval.note or approval.state.value, actor, now)
        return
    current = tuple(_chosen(tx, tx.case(one.case_id)) for one in package.cases)
    if current != package.cases:
        raise Conflict(
            "the cases of clue package {package} have changed since it was proposed",
            hint="Refuse it, and let it be prepared anew.",
            package=package.id,
        )
    signed = {"approved_by": actor.name, "approved_role": actor.role, "approved_at": now}
    after = _moved(tx, package, ClueMove.APPROVE, **signed)
    _tell(tx, after, "approved", actor, now, digest=after.digest, proposed_by=after.made_by)


def listed(store: ClueStore, states: Sequence[ClueState] = (), *, limit: int = 100) -> tuple[Package, ...]:
    """Packages in these states (none: in any), the newest first."""
    with store.reading() as tx:
        return tx.packages(tuple(states), limit=limit)


def show(store: ClueStore, number: int) -> Contents:
    """A package with all that it would hold now. Whoever shows it masks what is personal. Raises ``NotFound``."""
    with store.reading() as tx:
        return gather(tx, tx.package(number))


def unmask(store: ClueStore, number: int, *, actor: Actor, now: datetime) -> None:
    """Put on record that somebody sees a package's personal data. Raises ``Forbidden``, ``NotFound``."""
    require(actor, Deed.SEE_UNMASKED)
    with store.transaction(durable=True) as tx:
        _tell(tx, tx.package(number), "unmasked", actor, now)


def export(
    store: ClueStore, number: int, write: Callable[[Contents], str], *, actor: Actor, now: datetime
) -> tuple[Package, str]:
    """Write a signed package, personal data included: ``write`` makes the file and gives its manifest's SHA-256.

    The SHA-256 is on record, so that the history vouches for the file. Whoever calls gives the file its name after
    this: one that somebody has dropped meanwhile, or whose decision was lifted, leaves nothing. Raises ``IllegalMove``
    before two have signed, ``InputError`` if a decision has been lifted since.
    """
    require(actor, Deed.APPROVE_CLUE)
    contents = show(store, number)
    next_clue_state(contents.package.state, ClueMove.EXPORT)
    _refuse_unconfirmed([item.case for item in contents.items])
    manifest = write(contents)
    with store.transaction(durable=True) as tx:
        package = tx.package(number)
        _refuse_unconfirmed([tx.case(one.case_id) for one in package.cases])
        after = _moved(tx, package, ClueMove.EXPORT, manifest=manifest, exported_at=now)
        _tell(tx, after, "exported", actor, now, manifest=manifest, head=contents.head.sequence)
        return after, manifest


def hand_over(store: ClueStore, number: int, *, receipt: str, actor: Actor, now: datetime) -> Package:
    """The package was handed over; ``receipt`` says to whom, and under which number it was taken."""
    require(actor, Deed.APPROVE_CLUE)
    words = refuse_silence(receipt, "hand a clue package over")
    with store.transaction(durable=True) as tx:
        package = tx.package(number)
        after = _moved(tx, package, ClueMove.HAND_OVER, receipt=words[:LONGEST_TEXT], handed_over_at=now)
        facts = {"receipt": after.receipt, "manifest": after.manifest, "recipient": after.recipient}
        _tell(tx, after, "handed_over", actor, now, **facts)
        return after


def answer(store: ClueStore, number: int, *, says: str, actor: Actor, now: datetime) -> Package:
    """What those who got it have answered: a result, or instructions such as to keep quiet or to keep data longer."""
    require(actor, Deed.APPROVE_CLUE)
    words = refuse_silence(says, "record an answer")
    with store.transaction(durable=True) as tx:
        package = tx.package(number)
        after = _moved(tx, package, ClueMove.ANSWER, answer=words[:LONGEST_TEXT], answered_at=now)
        _tell(tx, after, "answered", actor, now, says=after.answer)
        return after


def drop(store: ClueStore, number: int, *, reason: str, actor: Actor, now: datetime) -> Package:
    """A signed package is not handed over after all; the hold that it has set ends."""
    require(actor, Deed.APPROVE_CLUE)
    words = refuse_silence(reason, "drop a clue package")
    with store.transaction(durable=True) as tx:
        package = tx.package(number)
        if package.state is ClueState.PROPOSED:
            hint = "Let it be refused or withdrawn: delist approval list"
            raise IllegalMove("clue package {package} waits for a second person", hint=hint, package=number)
        return _dropped(tx, package, words, actor, now)


def _refuse_incomplete(draft: Draft) -> None:
    if not 0 < len(set(draft.cases)) <= MOST_CASES:
        raise InputError("a clue package has 1 to {most} cases", hint="Make several.", most=MOST_CASES)
    needed = ("unit", "officer", "legal_basis", "reason", "summary")
    for name in needed:
        text = getattr(draft, name)
        if not text.strip() or len(text) > LONGEST_TEXT:
            hint = "Say who gets it, who sends it, on what basis, what is offered, and why it is sent."
            raise InputError("a clue package needs: {name}", hint=hint, name=name)
    if draft.level is not None and draft.level not in _LEVELS:
        raise InputError("the level is 1 (administrative) or 2 (criminal threshold)")
    if len(draft.attachments) > MOST_ATTACHMENTS:
        raise InputError("a clue package has at most {most} attached files", most=MOST_ATTACHMENTS)


def _refuse_unconfirmed(cases: Sequence[Case]) -> None:
    for case in cases:
        if case.ruling not in _AGAINST:
            raise InputError(
                "case {case} was not decided against its seller: a clue is what a person has confirmed",
                hint="Decide it first, or leave it out.",
                case=case.id,
            )


def _chosen(tx: ClueRows, case: Case) -> ClueCase:
    version = tx.version(case.listing_row, case.version)
    made = tuple(decision.id for decision in tx.decisions(case.id))
    return ClueCase(
        case_id=case.id, version=case.version, content_hash=version.content_hash, ruling=case.ruling, decisions=made
    )


def _in_common(tx: ClueRows, cases: Sequence[Case], seller_row: int | None) -> str:
    """What the cases have in common. Raises ``InputError`` if it is neither a seller, nor a cluster, nor a contact."""
    if seller_row is not None:
        return f"seller:{seller_row}"
    clusters = {tx.cluster_of(case.id) for case in cases}
    if len(clusters) == 1 and None not in clusters:
        return f"cluster:{clusters.pop()}"
    shared = set.intersection(*(set(handles(tx.version(case.listing_row, case.version))) for case in cases))
    if shared:
        return f"contact:{min(shared)}"
    raise InputError(
        "these cases have neither a seller, nor a cluster, nor a contact in common",
        hint="Make a package of each seller.",
    )


def _level(tx: ClueRows, seller_row: int | None, now: datetime) -> int:
    if seller_row is None:
        return _LEVELS[0]
    offers = tx.offers_of_seller(seller_row, since=now - POINTS_COUNT_FOR, limit=MOST_OFFERS)
    reached = [threshold.clue for one in count(offers, at=now) for threshold in one.reached if not threshold.says]
    return max(reached, default=_LEVELS[0])


def _digest(chosen: tuple[ClueCase, ...], draft: Draft) -> str:
    return hashlib.sha256(msgspec.json.encode((chosen, draft), order="deterministic")).hexdigest()


def _secure(tx: ClueRows, package: Package, actor: Actor, now: datetime) -> None:
    why = f"clue package {package.id}"
    for number in package.held:
        audit.append(tx, actor=actor, kind=retention.HELD, subject=f"case:{number}", at=now, reason=why)
    for one in package.cases if package.is_quiet else ():
        letters.silence(tx, one.case_id, actor=actor, at=now, reason=why)


def _ask(tx: ClueRows, package: Package, actor: Actor, now: datetime) -> None:
    fields = {
        "about": package.about,
        "recipient": package.recipient.value,
        "unit": package.unit,
        "cases": ", ".join(str(one.case_id) for one in package.cases),
        "legal_basis": package.legal_basis,
        "digest": package.digest,
    }
    proposal = Proposal(note=package.reason, fields=fields)
    why = ("a clue package",)
    kind = ApprovalKind.CLUE_PACKAGE
    four_eyes.ask(tx, kind=kind, subject=f"clue:{package.id}", proposal=proposal, why=why, actor=actor, now=now)


def _dropped(tx: ClueRows, package: Package, reason: str, actor: Actor, now: datetime) -> Package:
    after = _moved(tx, package, ClueMove.DROP)
    why = f"clue package {package.id} was dropped"
    for number in set(package.held) - _inherited(tx, package):
        if retention.is_held(tx, number):
            audit.append(tx, actor=actor, kind=retention.RELEASED, subject=f"case:{number}", at=now, reason=why)
    _tell(tx, after, "dropped", actor, now, reason=reason)
    return after


def _inherited(tx: ClueRows, dropped: Package) -> set[int]:
    """The cases whose hold another package that stands relies on; it is that one's hold from now on."""
    left = set(dropped.held)
    for other in tx.packages(STANDING, limit=MOST_PACKAGES):
        if shared := left & {one.case_id for one in other.cases}:
            _save(tx, msgspec.structs.replace(other, held=(*other.held, *sorted(shared))), other)
            left -= shared
    return set(dropped.held) - left


def _moved(tx: ClueRows, before: Package, move: ClueMove, **changes: object) -> Package:
    after = msgspec.structs.replace(before, state=next_clue_state(before.state, move), **changes)
    _save(tx, after, before)
    return after


def _save(tx: ClueRows, after: Package, before: Package) -> None:
    if not tx.save_package(after, before):
        raise Conflict("clue package {package} was changed by somebody else", hint="Look at it.", package=before.id)


def _tell(tx: ClueRows, package: Package, kind: str, actor: Actor, at: datetime, **facts: object) -> None:
    audit.append(tx, actor=actor, kind=f"clue.{kind}", subject=f"clue:{package.id}", at=at, **facts)
