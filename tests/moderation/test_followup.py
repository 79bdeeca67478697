"""What follows from the history: once, in order, whatever is killed, and what cannot be done does not stop the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner import audit
from scanner.correspondence import letters, notices
from scanner.model import Ruling
from scanner.moderation.followup import follow
from scanner.outside import LetterKind, NoticeKind, NoticeOutcome, PenaltyState, Report
from scanner.rulebook import Rulebook
from scanner.sellers import penalties
from scanner.store import Store
from scanner.takedown import undoing
from tests.fakes import LI, NOON, Clock
from tests.outbox import Told, listed, offers, remove
from tests.takedowns_done import followed, sent

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def three(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """Three listings are removed."""
    listed(store, small_rulebook, tmp_path, offers(3))
    sent(store)
    return store


def made(store: Store) -> tuple[int, int, int]:
    """How many letters, penalties and fingerprints there are."""
    with store.reading() as tx:
        watched = sum(tx.fingerprint_of(number) is not None for number in range(1, 20))
    return len(letters.listed(store)), len(penalties.inbox(store)), watched


class Killed(BaseException):
    """What kill -9 is to a process."""


class Fragile:
    """A store in which a transaction dies at its end when its turn comes."""

    def __init__(self, store: Store, *, dies_at: int) -> None:
        self._store = store
        self._left = dies_at
        self.reading = store.reading

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[Any]:
        """As the store's."""
        with self._store.transaction(durable=durable) as tx:
            yield tx
            self._left -= 1
            if self._left == 0:
                raise Killed


@pytest.mark.parametrize("dies_at", [1, 4, 5, 6])
def test_killed_anywhere_nothing_is_lost_and_nothing_twice(three: Store, dies_at: int) -> None:
    """Each event is dealt with in one transaction with moving on."""
    with pytest.raises(Killed):
        follow(Fragile(three, dies_at=dies_at), clock=Clock(LATER))
    assert made(three) == (max(0, dies_at - 4),) * 3  # three decisions come before three acceptances

    assert followed(three).failed == 0
    assert made(three) == (3, 3, 3)
    assert followed(three).events <= 20  # its own events are looked through, and nothing follows from them
    assert made(three) == (3, 3, 3)
    assert audit.verify(three).is_sound


@pytest.mark.databases("sqlite", "postgresql")
def test_two_at_once_do_each_thing_once(three: Store) -> None:
    """Who comes second finds it done."""
    for _ in range(2):
        followed(three)

    assert made(three) == (3, 3, 3)
    assert len({letter.key for letter in letters.listed(three)}) == 3


def test_what_was_undone_meanwhile_has_no_letter(three: Store) -> None:
    """Its points and its watch end too, if they had begun."""
    undoing.undo(three, 1, actor=LI, reason="a mistake", now=LATER)
    followed(three)
    assert made(three) == (2, 2, 2)

    undoing.undo(three, 2, actor=LI, reason="another", now=LATER)
    followed(three)
    with three.reading() as tx:
        penalty, fingerprint = tx.penalty_of(2), tx.fingerprint_of(2)
    assert penalty is not None
    assert fingerprint is not None
    assert (penalty.state, fingerprint.ended_at is None) == (PenaltyState.VOIDED, False)

    sent(three, minutes=10)
    followed(three)
    told = [letter.kind for letter in letters.listed(three)]
    assert told.count(LetterKind.RESTORATION) == 2


def test_a_restriction_is_told_and_not_watched_for(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """Those who reported it hear that it is restricted."""
    listed(store, small_rulebook, tmp_path, offers(1), decide=False)
    report = Report(
        kind=NoticeKind.USER, text="cards", reporter="anna", contact="a@x.example", platform="demo", listing_id="1"
    )
    notice = notices.receive(store, report, actor=LI, now=NOON)
    remove(store, 1, ruling=Ruling.RESTRICT)
    platform = sent(store, restricting())
    followed(store)

    assert platform.effects == [("decision-1-restrict", "restrict", "1")]
    assert notices.show(store, notice.id).notice.outcome is NoticeOutcome.RESTRICTED
    with store.reading() as tx:
        assert tx.fingerprint_of(1) is None


def restricting() -> Told:
    """A platform that can restrict too."""
    platform = Told()
    platform.actions = frozenset({"hide", "restore", "restrict", "unrestrict"})
    return platform


def test_what_cannot_be_done_is_a_persons_and_stops_nothing(three: Store) -> None:
    """An order whose decision cannot be read: it is on record with its reason, and the rest goes on."""
    with three.transaction() as tx:
        event = {"takedown": 99, "action": "hide"}
        audit.append(tx, actor=audit.SYSTEM, kind="takedown.accepted", subject="case:2", at=LATER, **event)
    result = followed(three)

    assert (result.failed, made(three)) == (1, (3, 3, 3))
    with three.reading() as tx:
        (failed,) = [event for event in tx.events_about("case:2") if event.kind == "followup.failed"]
    assert "no takedown 99" in str(failed.data["why"])
    assert followed(three).failed == 0
