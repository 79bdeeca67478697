"""Notices: taken in with a receipt, brought to the case of their listing, answered; abuse waits for a person's look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scanner import audit
from scanner.correspondence import letters, notices
from scanner.correspondence.notice_terms import OUTCOMES, PACES
from scanner.correspondence.reputation import Activity, Limits, record_of, share_of, why_wait
from scanner.correspondence.wording import LANGUAGES
from scanner.errors import Forbidden, IllegalMove, InputError, NotFound
from scanner.model import Actor, CaseState, Role, Ruling
from scanner.moderation import cases
from scanner.outside import LetterKind, Notice, NoticeFilter, NoticeKind, NoticeOutcome, NoticeState, Report
from scanner.store import Store
from tests.fakes import GRAVE, MILD, NOON, Intake, fetched, gone, only_case

DESK = Actor(name="chen", role=Role.REVIEWER)
SPECIALIST = Actor(name="wang", role=Role.SPECIALIST)
API = Actor(name="shop-frontend", role=Role.SYSTEM)


def report(listing_id: str = "1", *, kind: NoticeKind = NoticeKind.USER, who: str = "anna", **more: Any) -> Report:
    """A report on a listing of the platform ``demo``."""
    given: dict[str, Any] = {"platform": "demo", "listing_id": listing_id, "contact": f"{who}@mail.example"}
    return Report(kind=kind, text="sells SIM cards without papers", reporter=who, **(given | more))


def received(store: Store, said: Report | None = None, *, hours: float = 0, **more: Any) -> Notice:
    """Take it in."""
    return notices.receive(store, said or report(), actor=API, now=NOON + timedelta(hours=hours), **more)


def settle(store: Store, case_id: int, outcome: NoticeOutcome) -> int:
    """As following the history does."""
    with store.transaction() as tx:
        return notices.settle(tx, case_id, outcome, now=NOON)


def said(store: Store, notice: Notice, kind: LetterKind) -> str:
    """The body of a letter to the sender."""
    (letter,) = [one for one in notices.show(store, notice.id).letters if one.kind is kind]
    return letter.body


def test_a_notice_opens_a_case_and_is_answered_with_the_decision(store: Store, intake: Intake) -> None:
    """Receipt at once, a case with the notice's clock, and the answer goes to the sender, all under keys."""
    intake(fetched("1"))
    notice = received(store, report(kind=NoticeKind.POLICE, reference="2026-117"))

    case = only_case(store)
    assert (notice.state, notice.case_id, case.state) == (NoticeState.OPEN, case.id, CaseState.OPEN)
    assert (case.due_at, case.rules, case.category) == (NOON + timedelta(hours=2), ("delist.reported",), "reported")
    assert notice.receipt in said(store, notice, LetterKind.NOTICE_RECEIPT)

    assert settle(store, case.id, NoticeOutcome.REMOVED) == 1
    body = said(store, notice, LetterKind.NOTICE_ANSWER)
    assert OUTCOMES[NoticeOutcome.REMOVED]["en"] in body
    assert "2026-117" in body
    assert settle(store, case.id, NoticeOutcome.REMOVED) == 0
    keys = [one.key for one in letters.listed(store)]
    assert sorted(keys) == ["notice-1-answer", "notice-1-receipt"]
    assert audit.verify(store).is_sound


def test_a_notice_hastens_the_case_that_is_there(store: Store, intake: Intake) -> None:
    """It joins the case of its listing, which is due by the sooner clock and never weighs less than before."""
    intake(fetched("1", "手机卡 批发"))
    before = only_case(store)

    received(store, report(kind=NoticeKind.TELECOM_AUTHORITY))

    case = only_case(store)
    assert case.due_at == NOON + PACES[NoticeKind.TELECOM_AUTHORITY].act < before.due_at
    assert case.priority >= max(before.priority, 800)
    assert "notice.joined_case" in [event.kind for event in cases.show(store, case.id).history]


def test_notices_on_one_listing_share_its_case(store: Store, intake: Intake) -> None:
    """A second reporter's notice is a duplicate with a receipt of its own; one answer goes to each."""
    intake(fetched("1", GRAVE))
    first, second = received(store), received(store, report(who="ben"), hours=1)

    assert (second.duplicate_of, second.case_id) == (first.id, first.case_id)
    assert second.receipt != first.receipt
    assert settle(store, 1, NoticeOutcome.KEPT) == 2


@pytest.mark.parametrize("again", [{}, {"key": "request-1", "listing_id": "1"}])
def test_the_same_report_twice_is_one_notice(store: Store, intake: Intake, again: dict[str, Any]) -> None:
    """Pressed twice, or repeated after a broken connection: the same receipt."""
    intake(fetched("1", GRAVE))
    first, second = received(store, report(**again)), received(store, report(**again))

    assert first == second
    assert notices.listed(store).total == 1


@pytest.mark.parametrize(
    ("url", "is_found"),
    [
        ("http://127.0.0.1/item/1", True),
        ("http://127.0.0.1/item/1/?from=chat", True),
        ("http://127.0.0.1/item/2", False),
        ("http://evil.example/item/1", False),
        ("http://[broken", False),
    ],
)
def test_a_listing_is_found_by_its_address(store: Store, intake: Intake, url: str, is_found: bool) -> None:
    """Also with a trailing slash or a parameter; never on another host."""
    intake(fetched("1"))

    notice = received(store, report("", url=url, platform=""))

    assert (notice.state is NoticeState.OPEN) == is_found
    assert (notice.listing_row == 1) == is_found


def test_a_listing_that_nobody_knows_is_sought(store: Store, intake: Intake) -> None:
    """The notice waits until an inspection has seen the listing, or a person says which one is meant."""
    notice = received(store, report("7"))
    assert notice.state is NoticeState.UNLOCATED
    assert notices.locate_waiting(store, now=NOON) == ()

    intake(fetched("7", GRAVE))
    (located,) = notices.locate_waiting(store, now=NOON)
    assert (located.id, located.case_id) == (notice.id, 1)
    with pytest.raises(IllegalMove):
        notices.locate(store, notice.id, "demo", "7", actor=DESK, now=NOON)


def test_what_was_judged_as_it_is_needs_no_second_look_until_users_insist(store: Store, intake: Intake) -> None:
    """Two users hear that it was judged; the third, and any authority, brings it to a person again."""
    intake(fetched("1", MILD))
    seen = only_case(store).revision
    cases.decide(store, 1, Ruling.KEEP, reason="lawful_goods", actor=SPECIALIST, revision=seen, now=NOON)

    told = [received(store, report(who=who)) for who in ("anna", "ben")]
    third = received(store, report(who="cleo"))

    assert [one.outcome for one in told] == [NoticeOutcome.ALREADY_JUDGED] * 2
    assert (third.state, only_case(store).state) == (NoticeState.OPEN, CaseState.REOPENED)


def test_a_listing_that_is_gone_is_told_at_once(store: Store, intake: Intake) -> None:
    """Nobody has to look at what the seller has withdrawn."""
    intake(fetched("1"))
    intake(gone("1"))

    assert received(store).outcome is NoticeOutcome.GONE


def test_a_flood_of_one_reporter_waits_for_a_look_and_is_not_dropped(store: Store, intake: Intake) -> None:
    """The queue is untouched; the notice has its receipt; a person may let it in or dismiss it."""
    intake(*(fetched(str(number)) for number in range(1, 6)))
    limits = Limits(per_hour=3)
    flood = [received(store, report(str(number)), limits=limits) for number in range(1, 6)]

    assert [one.state for one in flood] == [NoticeState.OPEN] * 3 + [NoticeState.AWAITING_LOOK] * 2
    assert cases.queue(store).total == 3
    assert "within an hour" in flood[4].waits_for

    admitted = notices.admit(store, flood[3].id, actor=DESK, now=NOON)
    dismissed = notices.answer(store, flood[4].id, NoticeOutcome.DISMISSED, actor=DESK, now=NOON, says="a rival")
    assert (admitted.state, dismissed.outcome) == (NoticeState.OPEN, NoticeOutcome.DISMISSED)
    assert cases.queue(store).total == 4
    with pytest.raises(IllegalMove, match="answered"):
        notices.answer(store, flood[4].id, NoticeOutcome.KEPT, actor=DESK, now=NOON)


@pytest.mark.parametrize(
    ("kind", "activity", "waits"),
    [
        (NoticeKind.USER, Activity(record=share_of(0, 0)), False),  # nobody knows the reporter
        (NoticeKind.USER, Activity(in_hour=20, record=share_of(0, 0)), False),  # as many as are allowed
        (NoticeKind.USER, Activity(in_hour=21, record=share_of(0, 0)), True),
        (NoticeKind.USER, Activity(in_day=101, record=share_of(90, 100)), True),
        (NoticeKind.USER, Activity(on_seller=11, record=share_of(0, 0)), True),  # a competitor
        (NoticeKind.USER, Activity(reporters_of_seller=31, record=share_of(0, 3)), True),  # organised
        (NoticeKind.USER, Activity(reporters_of_seller=31, record=share_of(1, 3)), False),  # believed before
        (NoticeKind.USER, Activity(record=share_of(0, 9)), False),  # too few to judge by
        (NoticeKind.USER, Activity(record=share_of(0, 30)), True),
        (NoticeKind.USER, Activity(record=share_of(2, 12)), False),  # the interval reaches far
        (NoticeKind.TRUSTED_FLAGGER, Activity(in_hour=500, record=share_of(0, 30)), False),
        (NoticeKind.POLICE, Activity(in_hour=500, record=share_of(0, 30)), False),
    ],
)
def test_when_a_person_looks_first(kind: NoticeKind, activity: Activity, waits: bool) -> None:
    """By rate, by aim and by record; never for authorities."""
    assert bool(why_wait(kind, activity)) == waits


def test_a_reporters_record_has_an_interval() -> None:
    """Wilson's, and what could not be found counts on neither side."""
    record = record_of({NoticeOutcome.REMOVED: 8, NoticeOutcome.KEPT: 2, NoticeOutcome.NOT_FOUND: 50})

    assert (record.part, record.whole) == (8, 10)
    assert (round(record.low, 3), round(record.high, 3)) == (0.490, 0.943)
    assert (share_of(0, 0).low, share_of(0, 0).high) == (0, 1)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (report(who=" "), "who reports"),
        (report("", platform=""), "address or number"),
        (report(secret=True), "only an authority"),
        (report(key="k" * 501), "key is longer"),
        (Report(kind=NoticeKind.USER, text="x" * 10_001, reporter="a", listing_id="1"), "10001 characters"),
    ],
)
def test_a_report_that_says_nothing_or_too_much_is_refused(store: Store, broken: Report, why: str) -> None:
    """And says what is missing."""
    with pytest.raises(InputError, match=why):
        received(store, broken)


def test_answering_by_hand_needs_the_right_role(store: Store, intake: Intake) -> None:
    """An auditor reads; nobody answers what is not there."""
    intake(fetched("1"))
    notice = received(store)

    with pytest.raises(Forbidden):
        notices.answer(store, notice.id, NoticeOutcome.KEPT, actor=Actor(name="eve", role=Role.AUDITOR), now=NOON)
    with pytest.raises(NotFound):
        notices.answer(store, 99, NoticeOutcome.KEPT, actor=DESK, now=NOON)


def test_the_list_goes_by_whose_time_runs_out_first(store: Store, intake: Intake) -> None:
    """Page by page, what is overdue found by itself."""
    intake(*(fetched(str(number)) for number in range(1, 5)))
    received(store, report("1"))
    received(store, report("2", kind=NoticeKind.POLICE), hours=1)
    received(store, report("3", who="ben"), hours=2)

    first = notices.listed(store, limit=2)
    rest = notices.listed(store, limit=2, after=first.after)

    assert [one.id for one in (*first.rows, *rest.rows)] == [2, 1, 3]
    late = notices.listed(store, NoticeFilter(overdue_at=NOON + timedelta(hours=26)))
    assert [one.id for one in late.rows] == [2]
    with pytest.raises(InputError, match="not a page"):
        notices.listed(store, after="yesterday~x")


def test_every_outcome_has_its_text_in_every_language() -> None:
    """No sender hears nothing."""
    assert {outcome: set(texts) for outcome, texts in OUTCOMES.items()} == {
        outcome: set(LANGUAGES) for outcome in NoticeOutcome
    }


def test_what_a_sender_is_told_names_nobody_and_carries_nothing_live(store: Store, intake: Intake) -> None:
    """Neither the seller nor other reporters; an address in the report is no link in the answer."""
    intake(fetched("1", GRAVE))
    received(store, report(who="other"))
    notice = received(store, report(url="http://127.0.0.1/item/1\u202e\r\nBcc: all@example.org"))
    settle(store, 1, NoticeOutcome.REMOVED)

    body = said(store, notice, LetterKind.NOTICE_ANSWER)
    assert "Shop One" not in body
    assert "other" not in body.replace("other ways", "")
    assert "http://" not in body
    assert "\u202e" not in body
    assert "\nBcc" not in body
