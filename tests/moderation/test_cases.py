"""Working on cases: finding them, seeing all about one, claiming and deciding, alone and against others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scanner import audit
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError, NotFound, StoreUnavailable
from scanner.inspection.intake import take_in
from scanner.model import Actor, CaseState, Role, Ruling, Seller, Severity, TakedownState
from scanner.moderation import cases
from scanner.records import Case, QueueFilter
from scanner.rulebook import Rulebook, load
from scanner.store import Store
from tests.fakes import (
    ALONE,
    GRAVE,
    LI,
    MILD,
    NOON,
    WANG,
    Intake,
    begin,
    fetched,
    gone,
    kinds,
    limit_disk,
    ruled,
    write_rules,
    write_segment,
)

pytestmark = pytest.mark.databases("sqlite", "postgresql")

SECOND_SHOP = Seller(id="s2", name="Shop Two")


@pytest.fixture
def queue(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """Five cases: 1, 3 and 5 grave, 2 and 4 mild; 4 and 5 of another seller."""
    begin(store)
    segment = write_segment(
        tmp_path,
        fetched("a", GRAVE + " 看主图加微信 100%"),
        fetched("b", MILD),
        fetched("c", GRAVE, description="顺丰包邮 Packed  Safely"),
        fetched("d", MILD, seller=SECOND_SHOP),
        fetched("e", GRAVE, seller=SECOND_SHOP),
        fetched("f"),
    )
    take_in(segment, store=store, rulebook=small_rulebook, inspection_id=1, partition="part", clock=lambda: NOON)
    return store


def ids(store: Store, **wanted: object) -> list[int]:
    """The numbers of the cases that a filter lets through, in the queue's order."""
    return [row.case.id for row in cases.queue(store, QueueFilter(**wanted)).rows]  # type: ignore[arg-type]  # by field


def decide(
    store: Store,
    case_id: int = 1,
    ruling: Ruling = Ruling.REMOVE,
    *,
    actor: Actor = LI,
    revision: int | None = None,
    token: int | None = None,
    reason: str | None = None,
    minutes: int = 0,
) -> Case:
    """Rule on a case as it is, unless said otherwise."""
    seen = revision if revision is not None else cases.show(store, case_id).row.case.revision
    at = NOON + timedelta(minutes=minutes)
    code = ALONE.reasons_for(ruling)[0].code if reason is None else reason
    return cases.decide(
        store,
        case_id,
        ruling,
        reason=code,
        actor=actor,
        revision=seen,
        now=at,
        token=token,
        note="seen it",
        policy=ALONE,
    )


def test_the_most_urgent_comes_first(queue: Store) -> None:
    """By priority, and of equally urgent ones the older first."""
    assert ids(queue) == [1, 3, 5, 2, 4]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"severity": Severity.S4}, [1, 3, 5]),
        ({"severity": Severity.S1}, []),
        ({"category": "phone_card"}, [1, 3, 5, 2, 4]),
        ({"category": "gift_card"}, []),
        ({"rule": "phone_card.bulk"}, [2, 4]),
        ({"seller": "s2"}, [5, 4]),
        ({"seller": "Shop Two"}, [5, 4]),
        ({"source": "demo"}, [1, 3, 5, 2, 4]),
        ({"source": "other"}, []),
        ({"text": "批发"}, [2, 4]),
        ({"text": "加微信"}, [1]),
        ({"text": "100%"}, [1]),
        ({"text": "包邮"}, [3]),  # in its description
        ({"text": "packed safely"}, [3]),
        ({"text": "1_0"}, []),  # wildcards of SQL are only characters
        ({"text": "100%", "severity": Severity.S2}, []),
        ({"states": (CaseState.CLOSED,)}, []),
        ({"states": (CaseState.OPEN, CaseState.DECIDED), "seller": "s2"}, [5, 4]),
    ],
)
def test_filters_all_hold_together(queue: Store, wanted: dict[str, object], found: list[int]) -> None:
    """Each filter lets through what it says, and two let through what both say."""
    assert ids(queue, **wanted) == found


def test_pages_follow_each_other_without_gap(queue: Store) -> None:
    """Two at a time: all five, each once, and then no more."""
    first = cases.queue(queue, limit=2)
    second = cases.queue(queue, limit=2, after=first.after)
    third = cases.queue(queue, limit=2, after=second.after)

    pages = [[row.case.id for row in page.rows] for page in (first, second, third)]
    assert (pages, third.after, first.total) == ([[1, 3], [5, 2], [4]], "", 5)


@pytest.mark.parametrize("after", ["nonsense", "1", "1:", ":1", "1:x", "１:１"])
def test_a_page_that_is_none_is_refused(queue: Store, after: str) -> None:
    """What no page ended with is an input error, not an empty page."""
    with pytest.raises(InputError, match="not a page"):
        cases.queue(queue, after=after)


def test_what_earlier_rules_found_stays_to_be_seen(intake: Intake, store: Store, tmp_path: Path) -> None:
    """After the rule was retired the case still says why it was opened, with the matched words."""
    intake(fetched("a", GRAVE))
    found = cases.show(store, 1).findings
    assert found
    intake(fetched("a", GRAVE), rulebook=load(write_rules(tmp_path / "rules", status="retired"), cache=None))
    shown = cases.show(store, 1)
    assert (shown.findings, shown.found_before) == ((), found)


def test_a_case_is_shown_with_all_that_a_person_needs(queue: Store) -> None:
    """Listing, spans with their view, policy clause, history and the seller's other cases."""
    file = cases.show(queue, 5)

    assert file.version.listing.title == GRAVE
    assert [(span.field, GRAVE[span.start : span.end] == span.text) for span in file.findings[0].spans] == [
        ("title", True)
    ] * len(file.findings[0].spans)
    assert file.findings[0].clause
    assert [event.kind for event in file.history] == ["case.opened"]
    assert [row.case.id for row in file.others] == [4]
    assert (file.row.seller.name, file.latest, file.decisions, file.takedowns) == ("Shop Two", None, (), ())


def test_a_case_that_is_not_there_is_not_found(queue: Store) -> None:
    """By show, claim and decide alike."""
    attempts: list[Callable[[], object]] = [
        lambda: cases.show(queue, 99),
        lambda: cases.claim(queue, 99, actor=LI, now=NOON),
        lambda: decide(queue, 99, revision=1),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound, match="no case 99"):
            attempt()


@pytest.mark.parametrize(
    ("ruling", "state", "orders"),
    [
        (Ruling.REMOVE, CaseState.DECIDED, [("hide", "restore")]),
        (Ruling.RESTRICT, CaseState.DECIDED, [("restrict", "unrestrict")]),
        (Ruling.KEEP, CaseState.CLOSED, []),
        (Ruling.ESCALATE, CaseState.ESCALATED, []),
        (Ruling.HIDE, CaseState.OPEN, [("hide", "restore")]),
    ],
)
def test_a_ruling_is_written_with_its_order_and_event(
    queue: Store, ruling: Ruling, state: CaseState, orders: list[tuple[str, str]]
) -> None:
    """Case, decision, order with its inverse, and event are there together; what stays or waits orders nothing."""
    decided = decide(queue, 1, ruling, actor=WANG)
    file = cases.show(queue, 1)

    assert (decided.state, file.row.case) == (state, decided)
    assert [(one.ruling, one.reason, one.actor, one.note) for one in file.decisions] == [
        (ruling, ALONE.reasons_for(ruling)[0].code, "wang", "seen it")
    ]
    assert [(order.action, order.inverse) for order in file.takedowns] == orders
    told = file.history[-1]
    said = [told.data[name] for name in ("ruling", "reason", "clause", "before")]
    assert (told.actor, told.role, said) == (
        "wang",
        WANG.role,
        [ruling.value, file.decisions[0].reason, file.decisions[0].clause, "open"],
    )
    assert told.data["rulebook"] == [file.findings[0].rulebook]
    assert audit.verify(queue).is_sound


def test_an_order_waits_for_the_undo_window_and_names_its_decision(queue: Store) -> None:
    """Nothing is due before a minute has passed; the key tells a repetition from a second order."""
    decide(queue)

    (order,) = cases.show(queue, 1).takedowns

    assert (order.state, order.planned_at, order.due_at - order.planned_at) == (
        TakedownState.PLANNED,
        NOON,
        timedelta(seconds=60),
    )
    assert order.key == f"decision-{order.decision_id}-hide"
    assert (order.platform, order.listing_id) == ("demo", "a")


def test_what_is_decided_is_not_decided_again(queue: Store) -> None:
    """The workflow says what is possible instead."""
    decide(queue)

    with pytest.raises(IllegalMove, match="decided cannot keep") as refused:
        decide(queue, 1, Ruling.KEEP, actor=WANG)

    assert "reopen" in refused.value.hint


def test_a_decision_on_an_old_revision_is_a_conflict(queue: Store) -> None:
    """Whoever saw the case before it changed is told so, and nothing is written."""
    decide(queue, 1, Ruling.ESCALATE, revision=1)

    with pytest.raises(Conflict, match="you saw revision 1, it is 2 and escalated"):
        decide(queue, 1, Ruling.KEEP, actor=WANG, revision=1)

    assert len(cases.show(queue, 1).decisions) == 1


def test_a_listing_that_changes_during_review_is_a_conflict(
    queue: Store, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """A seller's edit makes the person look again."""
    seen = cases.show(queue, 2).row.case.revision
    segment = write_segment(tmp_path, fetched("b", GRAVE), name="part-2.jsonl")
    take_in(segment, store=queue, rulebook=small_rulebook, inspection_id=1, partition="part")

    with pytest.raises(Conflict):
        decide(queue, 2, Ruling.KEEP, actor=WANG, revision=seen)


def test_of_two_deciders_one_gets_a_conflict(queue: Store) -> None:
    """Eight people rule on one case at once: one decision, seven conflicts, one order."""
    together = threading.Barrier(8)
    outcomes: list[str] = []

    def rule(name: str) -> None:
        together.wait()
        try:
            decide(queue, 1, Ruling.REMOVE, actor=Actor(name=name), revision=1)
            outcomes.append("decided")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=rule, args=(f"person {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    file = cases.show(queue, 1)
    assert sorted(outcomes) == ["conflict"] * 7 + ["decided"]
    assert (len(file.decisions), len(file.takedowns), audit.verify(queue).is_sound) == (1, 1, True)


def test_a_listing_that_is_gone_stays_readable_with_what_was_decided(store: Store, intake: Intake) -> None:
    """Deleted by its seller or by the platform: text, findings, decision and history stay."""
    intake(fetched("1", GRAVE))
    ruled(store, 1, Ruling.REMOVE)
    intake(gone("1"))

    file = cases.show(store, 1)
    assert (file.row.gone_at, file.version.listing.title) == (NOON, GRAVE)
    assert (len(file.findings), len(file.decisions)) == (1, 1)
    assert "case.decided" in kinds(store)


def test_two_decisions_in_one_moment_are_two_events(queue: Store) -> None:
    """Neither the decisions nor the events are keyed by time."""
    decide(queue, 1)
    decide(queue, 3)

    with queue.reading() as tx:
        events = [event for event in tx.all_events() if event.kind == "case.decided"]
    assert [(event.subject, event.at) for event in events] == [("case:1", NOON), ("case:3", NOON)]


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (LI, ""),
        (LI, "  "),
        (LI, "because it is bad"),
        (LI, "lawful_goods"),  # a reason to keep, not to remove
        (LI, "machine_policy"),
        (Actor(name=" "), "prohibited_goods"),
        (Actor(name="cron", role=Role.SYSTEM), "prohibited_goods"),
        (Actor(name="ann", role=Role.AUDITOR), "prohibited_goods"),
    ],
)
def test_a_decision_needs_a_person_and_a_reason(queue: Store, actor: Actor, reason: str) -> None:
    """Neither words that are no reason code for the ruling, nor nobody, nor a machine, nor an onlooker decides."""
    with pytest.raises((InputError, Forbidden)):
        decide(queue, actor=actor, reason=reason)

    assert cases.show(queue, 1).decisions == ()


def test_what_a_terminal_cannot_encode_does_not_stop_a_decision(queue: Store) -> None:
    """Broken characters in a note are replaced, and the history stays sound."""
    cases.decide(
        queue, 1, Ruling.REMOVE, reason="prohibited_goods", note="bad \udce4\0 byte", actor=LI, revision=1, now=NOON
    )

    assert cases.show(queue, 1).decisions[0].note == "bad ? byte"
    assert audit.verify(queue).is_sound


def test_a_claimed_case_is_somebodys_until_the_lease_ends(queue: Store) -> None:
    """Others get a conflict; afterwards anybody may take it, and the first one's token is worth nothing."""
    first = cases.claim(queue, 1, actor=LI, now=NOON)
    with pytest.raises(Conflict, match="claimed by li until"):
        cases.claim(queue, 1, actor=WANG, now=NOON)
    with pytest.raises(Conflict, match="claimed by li"):
        decide(queue, actor=WANG)

    later = NOON + timedelta(minutes=10) + timedelta(seconds=1)
    second = cases.claim(queue, 1, actor=WANG, now=later)

    assert second.token > first.token
    with pytest.raises(Conflict):
        decide(queue, actor=LI, token=first.token, minutes=11)
    with pytest.raises(Conflict, match="has been claimed since"):
        decide(queue, actor=LI, token=first.token, minutes=60)
    assert decide(queue, actor=WANG, token=second.token, minutes=11).state is CaseState.DECIDED


def test_a_case_that_is_claimed_a_hundred_times_is_still_there(queue: Store) -> None:
    """Abandoned claims lose nothing."""
    for number in range(100):
        cases.claim(queue, 1, actor=LI, now=NOON + timedelta(hours=number))

    assert ids(queue)[0] == 1


@pytest.mark.databases("sqlite")  # whose size can be limited
def test_a_disk_that_fills_up_decides_nothing(queue: Store) -> None:
    """No decision without its order and event."""
    limit_disk(queue, pages=0)

    with pytest.raises(StoreUnavailable, match="full"):
        cases.decide(queue, 1, Ruling.REMOVE, reason="no_real_name", note="x" * 200_000, actor=LI, revision=1, now=NOON)

    file = cases.show(queue, 1)
    assert (file.row.case.state, file.decisions, file.takedowns) == (CaseState.OPEN, (), ())
    assert audit.verify(queue).is_sound
