"""Appeals: against a decision that stands, heard by somebody who had no part in it, decided once, lifted at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner import audit
from scanner.correspondence import appeals, letters
from scanner.correspondence.appeal_terms import OPEN_FOR, REASONS, checked
from scanner.correspondence.wording import LANGUAGES
from scanner.correspondence.working_days import working_days_after
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError, NotFound
from scanner.model import Actor, CaseState, Role, Ruling, TakedownState
from scanner.moderation import cases
from scanner.outside import Appeal, AppealGround, AppealReason, AppealState, LetterKind, PenaltyState
from scanner.rulebook import Rulebook
from scanner.store import Store
from tests.fakes import LI, NOON
from tests.outbox import listed, offers
from tests.takedowns_done import OFFICER, REVIEWER, SECOND_OFFICER, followed, sent

SELLER = Actor(name="shop-frontend", role=Role.SYSTEM)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def removed(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """One listing of severity S4, decided by wang, removed by the platform, with all that follows."""
    listed(store, small_rulebook, tmp_path, offers(1))
    sent(store)
    followed(store)
    return store


def file(store: Store, *, now: datetime = LATER, **more: Any) -> Appeal:
    """The seller objects."""
    given: dict[str, Any] = {
        "ground": AppealGround.LICENSED,
        "statement": "we are an agent",
        "contact": "s@shop.example",
    }
    return appeals.file(store, 1, actor=SELLER, now=now, **(given | more))


def decide(store: Store, reason: AppealReason, *, actor: Actor = OFFICER) -> Appeal:
    """An officer decides."""
    return appeals.decide(store, 1, reason, actor=actor, now=LATER)


def lifted(store: Store) -> Appeal:
    """Two officers lift a removal of severity S4."""
    decide(store, AppealReason.LICENCE_PROVEN)
    return decide(store, AppealReason.LICENCE_PROVEN, actor=SECOND_OFFICER)


def test_an_appeal_waits_for_an_officer_with_the_original_beside_it(removed: Store) -> None:
    """Receipt, clocks in working days, the case on the appeals desk, and what was judged then."""
    appeal = file(removed)
    found = appeals.show(removed, appeal.receipt)

    assert (found.appeal, found.case.state, found.decision.actor) == (appeal, CaseState.APPEALED, "wang")
    assert appeal.decide_by == datetime(2026, 3, 6, 13, tzinfo=UTC)  # Sunday, and five working days
    assert [one.rule for one in found.findings] == ["phone_card.no_real_name"]
    assert "wang" in found.may_not_decide
    assert [one.id for one in appeals.listed(removed)] == [appeal.id]


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_cleared_is_lifted_at_once_by_the_same_path(removed: Store) -> None:
    """Two officers agree on S4: the inverse goes out, the case is kept, points and watch are void, the seller told."""
    file(removed)
    first = decide(removed, AppealReason.LICENCE_PROVEN)
    assert (first.state, first.proposed_by) == (AppealState.AWAITING_SECOND, "gao")
    with pytest.raises(Forbidden, match="had a part"):
        decide(removed, AppealReason.LICENCE_PROVEN)

    done = decide(removed, AppealReason.LICENCE_PROVEN, actor=SECOND_OFFICER)

    shown = cases.show(removed, 1)
    order, inverse = shown.takedowns
    assert (done.state, done.decided_by) == (AppealState.OVERTURNED, "ma")
    assert (shown.row.case.state, shown.row.case.ruling) == (CaseState.CLOSED, Ruling.KEEP)
    assert (order.state, inverse.action, inverse.undoes) == (TakedownState.UNDONE, "restore", order.id)
    with removed.reading() as tx:
        penalty, fingerprint = tx.penalty_of(1), tx.fingerprint_of(1)
        assert penalty is not None
        assert fingerprint is not None
        assert (penalty.state, fingerprint.ended_at) == (PenaltyState.VOIDED, LATER)
    assert _told(removed, LetterKind.APPEAL_RESULT).count("lifted") == 1
    assert appeals.figures(removed).rules["phone_card.no_real_name"] == (1, 1)
    assert appeals.figures(removed).reviewers == {"wang": (1, 1)}
    assert sent(removed, minutes=90).effects == [("decision-1-restore", "restore", "1")]
    followed(removed)
    assert not [one for one in letters.listed(removed) if one.kind is LetterKind.RESTORATION]
    assert audit.verify(removed).is_sound


def _told(store: Store, kind: LetterKind) -> str:
    (letter,) = [one for one in letters.listed(store) if one.kind is kind]
    return letter.body


def test_an_appeal_that_fails_changes_nothing(removed: Store) -> None:
    """The removal stands, the case is closed, and the seller hears why, and where else to turn."""
    file(removed, language="zh-CN")
    done = decide(removed, AppealReason.LICENCE_NOT_PROVEN)

    shown = cases.show(removed, 1)
    assert (done.state, shown.row.case.state, shown.row.case.ruling) == (
        AppealState.UPHELD, CaseState.CLOSED, Ruling.REMOVE,
    )  # fmt: skip
    assert [one.state for one in shown.takedowns] == [TakedownState.ACCEPTED]
    assert "维持原决定" in _told(removed, LetterKind.APPEAL_RESULT)
    assert appeals.figures(removed).reviewers == {"wang": (1, 0)}


def test_an_appeal_is_decided_once(removed: Store) -> None:
    """Neither again, nor a second appeal against the same decision."""
    file(removed)
    decide(removed, AppealReason.STANDS_AS_FOUND)

    with pytest.raises(IllegalMove, match="has been decided"):
        decide(removed, AppealReason.LAWFUL_GOODS)
    with pytest.raises(Conflict, match="has been appealed"):
        file(removed)


def test_who_decided_does_not_hear_the_appeal(removed: Store) -> None:
    """By name, however it is written; nor does anybody whose role does not hear appeals."""
    file(removed)

    with pytest.raises(Forbidden, match="had a part"):
        decide(removed, AppealReason.LAWFUL_GOODS, actor=Actor(name="Wang ", role=Role.APPEALS_OFFICER))
    with pytest.raises(Forbidden, match="may not decide an appeal"):
        decide(removed, AppealReason.LAWFUL_GOODS, actor=REVIEWER)
    assert appeals.accept(removed, 1, actor=OFFICER, now=LATER).accepted_by == "gao"


def test_an_appealed_case_is_not_decided_past_its_appeal(removed: Store) -> None:
    """An appeals officer who claims the case decides the appeal, and not the case beside it."""
    file(removed)
    revision = cases.show(removed, 1).row.case.revision
    with pytest.raises(IllegalMove, match="that decides it"):
        cases.decide(removed, 1, Ruling.REMOVE, reason="prohibited_goods", actor=OFFICER, revision=revision, now=LATER)
    claimed = cases.claim(removed, 1, actor=OFFICER, now=LATER)
    assert claimed.case.state is CaseState.CLAIMED
    assert decide(removed, AppealReason.STANDS_AS_FOUND).state is AppealState.UPHELD


def test_a_lifted_or_kept_case_has_nothing_to_appeal(removed: Store) -> None:
    """What was undone, or never taken, is not appealed."""
    file(removed)
    lifted(removed)

    with pytest.raises(IllegalMove, match="nothing to appeal"):
        file(removed)
    with pytest.raises(NotFound):
        appeals.show(removed, "A-1")


def test_an_appeal_has_its_time(removed: Store) -> None:
    """Six months from the decision, and not a day more."""
    with pytest.raises(IllegalMove, match="183 days"):
        file(removed, now=NOON + OPEN_FOR + timedelta(days=1))
    assert file(removed, now=NOON + OPEN_FOR).state is AppealState.FILED


def test_what_the_police_keep_quiet_is_not_lifted(removed: Store) -> None:
    """Lifting would tell the seller; an appeal that fails tells nothing either until it is released."""
    file(removed)
    with removed.transaction() as tx:
        letters.silence(tx, 1, actor=LI, at=LATER, reason="police file 7")

    with pytest.raises(IllegalMove, match="kept quiet"):
        decide(removed, AppealReason.LAWFUL_GOODS)


@pytest.mark.parametrize(
    ("statement", "documents"), [(" ", []), ("x" * 10_001, []), ("why", ["x"] * 21), ("why", ["x" * 301])]
)
def test_an_appeal_says_something_within_bounds(statement: str, documents: list[str]) -> None:
    """Else it is refused with what is too much."""
    with pytest.raises(InputError):
        checked(statement, documents)
    assert checked(" why ", [" a ", ""]) == ("why", ("a",))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [((2026, 3, 1), 1, (2026, 3, 2)), ((2026, 3, 6), 1, (2026, 3, 9)), ((2026, 3, 2), 5, (2026, 3, 9))],
)
def test_working_days(start: tuple[int, int, int], days: int, end: tuple[int, int, int]) -> None:
    """From a Sunday to Monday, from a Friday to Monday, a week from Monday."""
    assert working_days_after(datetime(*start, tzinfo=UTC), days) == datetime(*end, tzinfo=UTC)


def test_every_reason_has_its_text_in_every_language() -> None:
    """What a seller is told was written beforehand."""
    assert {reason: set(texts) for reason, (_, texts) in REASONS.items()} == {
        reason: set(LANGUAGES) for reason in AppealReason
    }
