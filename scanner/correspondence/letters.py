"""Letters to people outside: written in the transaction of what they tell of, sent once afterwards, each under a key.

A letter is written when its cause is on record, and no network call is made in that transaction: ``send_due`` takes
what is due, one by one, hands it to a ``Post`` and writes what came of it. Killed in between, a letter goes again under
the same key. A case on which somebody must not be tipped off holds the letters to its seller until a person releases
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from scanner import audit
from scanner.correspondence.wording import Said, compose, language_of
from scanner.errors import Conflict, IllegalMove
from scanner.model import Actor
from scanner.moderation.permissions import Deed, require
from scanner.orders import Receipt
from scanner.outside import Letter, LetterKind, LetterState
from scanner.ports import Clock, HistoryRows
from scanner.records import Case
from scanner.rulebook import Rulebook
from scanner.rulebook.compiled import Rule
from scanner.rulebook.compiled import Said as Words
from scanner.takedown.patience import retry_decision

# Who takes a letter to the post holds it for so long.
LEASE = timedelta(minutes=2)

# That a seller must not be tipped off, as events of the case; the last word counts.
SILENCED, UNSILENCED = "case.no_tip_off", "case.tip_off_released"
# What would tell the seller that somebody looks at them.
_TIPS_OFF = frozenset({LetterKind.REMOVAL, LetterKind.PENALTY, LetterKind.RESTORATION, LetterKind.APPEAL_RESULT})


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, and how one may answer; rules by id and categories by name, for their titles in each language."""

    contact: str = "Answer to this message."
    appeal_at: str = "by answering this message"
    rules: Mapping[str, Rule] = {}
    categories: Mapping[str, Words] = {}

    def contact_in(self, language: str) -> Said:
        """How one reaches whoever writes; what nobody has configured is said in the letter's language."""
        return _in(language, self.contact)

    def appeal_in(self, language: str) -> Said:
        """Where a seller objects, likewise."""
        return _in(language, self.appeal_at)


_CHINESE = {"Answer to this message.": "请直接回复本消息。", "by answering this message": "直接回复本消息"}


def _in(language: str, said: str) -> Said:
    return Said(_CHINESE.get(said, said) if language == "zh-Hans" else said)


PLAIN = Letterhead()


def headed(rulebook: Rulebook, *, contact: str, appeal_at: str) -> Letterhead:
    """The letterhead of a platform that works by ``rulebook``."""
    return Letterhead(
        contact=contact,
        appeal_at=appeal_at,
        rules={rule.id: rule for rule in rulebook.rules},
        categories={module.category: module.name for module in rulebook.modules},
    )


class LetterRows(HistoryRows, Protocol):
    """What writing letters reads and writes."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""

    def add_letter(self, letter: Letter) -> Letter | None:
        """Keep a letter; ``None`` if one with this key is there."""

    def letter(self, letter_id: int) -> Letter:
        """One letter; whoever else wants to change it waits. Raises ``NotFound``."""

    def save_letter(self, after: Letter, before: Letter) -> bool:
        """Write a letter back. ``False`` if somebody has changed it since it was read."""

    def due_letters(self, *, at: datetime, limit: int) -> tuple[Letter, ...]:
        """Letters to be sent now, the longest due first; nobody else gets them meanwhile."""

    def letters(
        self,
        *,
        case_id: int | None = None,
        notice_id: int | None = None,
        states: tuple[LetterState, ...] = (),
        limit: int,
    ) -> tuple[Letter, ...]:
        """Letters of a case or notice, or in these states, the newest first."""


class LetterStore(Protocol):
    """A store that keeps letters."""

    def reading(self) -> AbstractContextManager[LetterRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[LetterRows]:
        """All or nothing; ``durable`` also survives a power cut."""


class Post(Protocol):
    """Takes letters to people outside. A repetition under the same key must not reach anybody twice."""

    def deliver(self, letter: Letter) -> Receipt:
        """Hand it over, once. Nothing that goes wrong is raised: it is in the receipt."""


class PostReport(msgspec.Struct, frozen=True, kw_only=True):
    """What sending letters came to."""

    sent: int = 0
    again: int = 0
    failed: int = 0


def write(
    tx: LetterRows,
    kind: LetterKind,
    facts: Mapping[str, object],
    *,
    key: str,
    to: str,
    language: str,
    at: datetime,
    case_id: int | None = None,
    notice_id: int | None = None,
    seller_row: int | None = None,
) -> Letter | None:
    """Write a letter within ``tx``; ``None`` if it has been written before, or if there is nobody to write to.

    It is held if it would tip off the seller of a case that is kept quiet.
    """
    if not to:
        return None
    is_held = kind in _TIPS_OFF and case_id is not None and is_silenced(tx, case_id)
    subject, body = compose(kind, language, **facts)
    letter = Letter(
        id=0,
        key=key,
        kind=kind,
        to=to,
        language=language_of(language),
        subject=subject,
        body=body,
        state=LetterState.HELD if is_held else LetterState.WRITTEN,
        written_at=at,
        due_at=at,
        case_id=case_id,
        notice_id=notice_id,
        seller_row=seller_row,
        says="the seller must not be tipped off" if is_held else "",
    )
    written = tx.add_letter(letter)
    if written is not None:
        _tell(tx, written, "letter.held" if is_held else "letter.written", audit.SYSTEM, at)
    return written


def silence(tx: LetterRows, case_id: int, *, actor: Actor, at: datetime, reason: str) -> None:
    """From now on nothing goes out to the case's seller that would tip them off."""
    if not is_silenced(tx, case_id):
        audit.append(tx, actor=actor, kind=SILENCED, subject=f"case:{case_id}", at=at, reason=reason)


def unsilence(store: LetterStore, case_id: int, *, actor: Actor, reason: str, now: datetime) -> int:
    """The seller may know: the letters that were held go out; how many. Raises ``Conflict`` if nothing was held."""
    require(actor, Deed.HOLD_EVIDENCE)
    with store.transaction(durable=True) as tx:
        if not is_silenced(tx, case_id):
            raise Conflict("nothing keeps case {case} quiet", case=case_id)
        audit.append(tx, actor=actor, kind=UNSILENCED, subject=f"case:{case_id}", at=now, reason=reason)
        held = [one for one in tx.letters(case_id=case_id, limit=1_000) if one.state is LetterState.HELD]
        for letter in held:
            freed = msgspec.structs.replace(letter, state=LetterState.WRITTEN, due_at=now, says="")
            _save(tx, freed, letter)
            _tell(tx, freed, "letter.released", actor, now)
        return len(held)


def is_silenced(tx: HistoryRows, case_id: int) -> bool:
    """Whether the last word is that the case's seller must not be tipped off."""
    words = [event.kind for event in tx.events_about(f"case:{case_id}") if event.kind in {SILENCED, UNSILENCED}]
    return bool(words) and words[-1] == SILENCED


def listed(
    store: LetterStore, *, states: tuple[LetterState, ...] = (), case_id: int | None = None, limit: int = 50
) -> tuple[Letter, ...]:
    """Letters, the newest first."""
    with store.reading() as tx:
        return tx.letters(case_id=case_id, states=states, limit=limit)


def show(store: LetterStore, letter_id: int) -> Letter:
    """One letter. Raises ``NotFound``."""
    with store.reading() as tx:
        return tx.letter(letter_id)


def drop(store: LetterStore, letter_id: int, *, actor: Actor, reason: str, now: datetime) -> Letter:
    """A letter that has not gone never goes. Raises ``IllegalMove`` for one that has, ``NotFound``."""
    require(actor, Deed.ANSWER_NOTICE)
    with store.transaction(durable=True) as tx:
        letter = tx.letter(letter_id)
        if letter.state is LetterState.SENT:
            raise IllegalMove(
                "letter {letter} has been sent", hint="Nothing takes it back; write another one.", letter=letter_id
            )
        dropped = msgspec.structs.replace(letter, state=LetterState.DROPPED, says=reason)
        _save(tx, dropped, letter)
        _tell(tx, dropped, "letter.dropped", actor, now, reason=reason)
        return dropped


def again(store: LetterStore, letter_id: int, *, actor: Actor, now: datetime) -> Letter:
    """A letter that nobody took goes out again. Raises ``IllegalMove`` for any other, ``NotFound``."""
    require(actor, Deed.ANSWER_NOTICE)
    with store.transaction(durable=True) as tx:
        letter = tx.letter(letter_id)
        if letter.state is not LetterState.FAILED:
            raise IllegalMove(
                "letter {letter} is {state}",
                hint="Only what failed is sent again.",
                letter=letter_id,
                state=letter.state,
            )
        waiting = msgspec.structs.replace(letter, state=LetterState.WRITTEN, due_at=now, attempts=0, says="")
        _save(tx, waiting, letter)
        _tell(tx, waiting, "letter.again", actor, now)
        return waiting


def send_due(store: LetterStore, post: Post, *, clock: Clock, most: int = 1_000) -> PostReport:
    """Take what is due to the post, and report. What nobody takes is tried again as takedowns are, then a person's."""
    counts = {"sent": 0, "again": 0, "failed": 0}
    for _ in range(most):
        letter = _take(store, clock())
        if letter is None:
            break
        receipt = post.deliver(letter)
        counts[_settle(store, letter, receipt, clock())] += 1
    return PostReport(**counts)


def _take(store: LetterStore, at: datetime) -> Letter | None:
    with store.transaction() as tx:
        for letter in tx.due_letters(at=at, limit=1):
            mine = msgspec.structs.replace(
                letter, token=letter.token + 1, attempts=letter.attempts + 1, lease_until=at + LEASE
            )
            _save(tx, mine, letter)
            return mine
    return None


def _settle(store: LetterStore, mine: Letter, receipt: Receipt, at: datetime) -> str:
    with store.transaction() as tx:
        current = tx.letter(mine.id)
        if current.token != mine.token or current.state is not LetterState.WRITTEN:
            return "again"
        after, outcome = _after(current, receipt, at)
        _save(tx, after, current)
        if outcome != "again":
            _tell(tx, after, f"letter.{outcome}", audit.SYSTEM, at, says=receipt.says, attempt=mine.attempts)
        return outcome


def _after(letter: Letter, receipt: Receipt, at: datetime) -> tuple[Letter, str]:
    free = msgspec.structs.replace(letter, lease_until=None, says=receipt.says)
    if receipt.is_done:
        return msgspec.structs.replace(free, state=LetterState.SENT, sent_at=at), "sent"
    when = retry_decision(letter.attempts, receipt, at=at)
    if when is not None:
        return msgspec.structs.replace(free, due_at=when), "again"
    return msgspec.structs.replace(free, state=LetterState.FAILED), "failed"


def _save(tx: LetterRows, after: Letter, before: Letter) -> None:
    if not tx.save_letter(after, before):
        raise Conflict("letter {letter} was changed by somebody else", hint="Look at it again.", letter=before.id)


def _tell(tx: LetterRows, letter: Letter, kind: str, actor: Actor, at: datetime, **more: object) -> None:
    """An event on the case that the letter belongs to, else on the notice. The text is kept with the letter."""
    subject = f"case:{letter.case_id}" if letter.case_id is not None else f"notice:{letter.notice_id}"
    facts = {"letter": letter.id, "about": letter.kind, "key": letter.key, "language": letter.language}
    audit.append(tx, actor=actor, kind=kind, subject=subject, at=at, **(facts | more))


def day(moment: datetime) -> Said:
    """A moment as letters say it; UTC, because nobody knows where it is read."""
    return Said(f"{moment:%Y-%m-%d %H:%M} UTC")
