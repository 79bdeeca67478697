"""Figures are counted once from the history, and say what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scanner import reporting
from scanner.model import Actor, Role, Ruling
from scanner.moderation import cases
from scanner.reporting import Kind
from scanner.store import Store
from tests.fakes import GRAVE, MILD, Clock, Intake, fetched

LI = Actor(name="li", role=Role.SPECIALIST)
RULE = "phone_card.no_real_name"


@pytest.fixture
def decide(store: Store, clock: Clock) -> Callable[[int, Ruling], None]:
    """Rules on a case."""

    def _decide(case: int, ruling: Ruling) -> None:
        reason = {Ruling.REMOVE: "prohibited_goods", Ruling.KEEP: "false_positive"}[ruling]
        reasons = cases.shipped().reasons_for(ruling)
        code = reason if reason in {one.code for one in reasons} else reasons[0].code
        with store.reading() as tx:
            revision = tx.case(case).revision
        cases.decide(store, case, ruling, reason=code, actor=LI, revision=revision, now=clock())

    return _decide


def test_figures_say_what_happened(
    store: Store, intake: Intake, clock: Clock, decide: Callable[[int, Ruling], None]
) -> None:
    """Cases, rulings, people, rules and times are counted on their days; counting again adds nothing."""
    intake(fetched("1", GRAVE), fetched("2", GRAVE), fetched("3", MILD))
    clock.move(hours=3)
    decide(1, Ruling.REMOVE)
    decide(3, Ruling.KEEP)
    assert reporting.follow(store) > 0
    assert reporting.follow(store) == 0
    found = reporting.report(store, now=clock(), days=7)
    assert (found.total(Kind.OPENED), found.total(Kind.OPENED, "S4")) == (3, 2)
    assert found.by_day(Kind.DECIDED) == (0, 0, 0, 0, 0, 0, 2)
    assert found.series[Kind.REVIEWER] == {"li": (0, 0, 0, 0, 0, 0, 2)}
    assert {label: sum(line) for label, line in found.series[Kind.WAITS].items()} == {"came": 3, "went": 2}
    assert {label: sum(line) for label, line in found.series[Kind.DUE].items()} == {"late": 1, "in_time": 1}
    assert found.within(Kind.DECIDED_WITHIN, 0.5) == 14_400
    assert found.within(Kind.PROVEN_WITHIN, 0.5) is None
    rule = next(one for one in found.rules if one.rule == RULE)
    assert (rule.hits, rule.precision.part, rule.precision.whole, rule.last_hit) == (2, 1, 1, found.days[-1])
    assert (sum(found.backlog.values()), found.overdue) == (1, 1)
    assert found.counted_to == found.events


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("is_counted", [True, False], ids=["counted before", "counted with its undoing"])
def test_a_decision_taken_back_counts_for_nothing(
    store: Store, intake: Intake, clock: Clock, decide: Callable[[int, Ruling], None], is_counted: bool
) -> None:
    """Neither as decided nor by whom, how soon, in time, or for the rule; on the day on which it was made."""
    intake(fetched("1", GRAVE), fetched("2", GRAVE))
    clock.move(hours=11, minutes=59, seconds=30)
    decide(1, Ruling.REMOVE)
    decide(2, Ruling.REMOVE)
    if is_counted:
        reporting.follow(store)
    clock.move(seconds=40)
    cases.undo(store, 1, actor=LI, reason="the wrong key", now=clock())
    reporting.follow(store)
    found = reporting.report(store, now=clock(), days=2)
    for kind in (Kind.DECIDED, Kind.REVIEWER, Kind.DECIDED_WITHIN, Kind.DUE):
        assert found.by_day(kind) == (1, 0), kind
    rule = next(one for one in found.rules if one.rule == RULE)
    assert (rule.hits, rule.precision.part, rule.precision.whole) == (2, 1, 1)
    assert {label: sum(line) for label, line in found.series[Kind.WAITS].items()} == {"came": 3, "went": 2}


def test_what_was_only_decided_by_mistake_leaves_no_trace(
    store: Store, intake: Intake, clock: Clock, decide: Callable[[int, Ruling], None]
) -> None:
    """No person without a decision, and no length of time that nothing took."""
    intake(fetched("1", GRAVE))
    decide(1, Ruling.REMOVE)
    cases.undo(store, 1, actor=LI, reason="the wrong key", now=clock())
    reporting.follow(store)
    found = reporting.report(store, now=clock(), days=7)
    assert found.series.keys() == {Kind.OPENED, Kind.OPENED_CATEGORY, Kind.RULE_HIT, Kind.WAITS}
    assert found.within(Kind.DECIDED_WITHIN, 0.5) is None


def test_days_follow_one_another(store: Store, intake: Intake, clock: Clock) -> None:
    """What happened on another day is counted there, and outside the span not at all."""
    intake(fetched("1", GRAVE))
    reporting.follow(store)
    clock.move(days=2)
    intake(fetched("2", GRAVE))
    reporting.follow(store)
    assert reporting.report(store, now=clock(), days=3).by_day(Kind.OPENED) == (1, 0, 1)
    assert reporting.report(store, now=clock(), days=2).by_day(Kind.OPENED) == (0, 1)


@pytest.mark.parametrize(("seconds", "upper"), [(0, 60), (60, 60), (61, 300), (10**8, reporting.LONGER)])
def test_a_time_belongs_to_one_class(seconds: float, upper: int) -> None:
    """Classes meet, and the last one takes all that is longer."""
    assert reporting.class_of(seconds) == upper
