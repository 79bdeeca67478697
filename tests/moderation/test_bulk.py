"""One decision on many cases: foreseen, looked at, run and resumed, told case by case, undone as a whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from scanner import audit
from scanner.errors import Forbidden, IllegalMove, InputError, NotFound
from scanner.model import Actor, CaseState, Role, Ruling
from scanner.moderation import approvals, bulk, cases, claims
from scanner.moderation.policy import shipped
from scanner.moderation.records import Batch, BatchState, ItemState
from scanner.store import Store
from tests.fakes import GRAVE, LI, MILD, NOON, WANG, Clock, Intake, fetched, ruled

BOTH = pytest.mark.databases("sqlite", "postgresql")

QIAN = Actor(name="qian", role=Role.SPECIALIST)


@pytest.fixture
def queue(store: Store, intake: Intake) -> Store:
    """Thirty cases, the last ten mild."""
    intake(*(fetched(str(number), GRAVE if number <= 20 else MILD) for number in range(1, 31)))
    return store


def prepared(store: Store, numbers: range, *, ruling: Ruling = Ruling.REMOVE, **more: object) -> Batch:
    """A bulk decision that nobody has started."""
    reason = shipped().reasons_for(ruling)[0].code
    given = {"actor": LI, "now": NOON} | more
    return bulk.preview(store, numbers, ruling, reason=reason, **given)  # type: ignore[arg-type]  # by name


def states(store: Store, *numbers: int) -> list[CaseState]:
    """How these cases stand."""
    return [cases.show(store, number).row.case.state for number in numbers]


def test_a_preview_says_what_would_come_of_each_and_does_nothing(queue: Store) -> None:
    """What is claimed by another or decided already would be refused, in words."""
    claims.claim(queue, 1, actor=WANG, now=NOON)
    ruled(queue, 2, Ruling.REMOVE)
    batch = prepared(queue, range(1, 5))

    assert [(item.case_id, item.state, item.says) for item in bulk.items(queue, batch.id)] == [
        (1, ItemState.REFUSED, "case 1 is claimed by wang until 2026-03-01 12:10:00 UTC"),
        (2, ItemState.REFUSED, "a case that is decided cannot remove"),
        (3, ItemState.WAITING, "3 is removed"),
        (4, ItemState.WAITING, "4 is removed"),
    ]
    assert states(queue, 3, 4) == [CaseState.OPEN] * 2


def test_a_preview_foresees_who_else_must_agree(queue: Store) -> None:
    """Keeping what is grave waits for a second person, case by case."""
    batch = prepared(queue, range(20, 22), ruling=Ruling.KEEP, actor=WANG)

    assert [item.says for item in bulk.items(queue, batch.id)] == [
        "waits for a second person: keeps a finding of severity S4",
        "21 is kept",
    ]
    bulk.start(queue, batch.id, actor=WANG, now=NOON)
    assert bulk.run(queue, batch.id, clock=Clock()).state is BatchState.FINISHED
    assert states(queue, 20, 21) == [CaseState.AWAITING_APPROVAL, CaseState.CLOSED]


@BOTH
def test_a_run_decides_each_case_and_tells_of_each(queue: Store) -> None:
    """What changed since the preview is refused; the rest is decided, each with its own order and event."""
    batch = prepared(queue, range(1, 11))
    ruled(queue, 5, Ruling.RESTRICT)
    bulk.start(queue, batch.id, actor=LI, now=NOON)
    done = bulk.run(queue, batch.id, clock=Clock())

    assert (done.state, done.counts) == (BatchState.FINISHED, {ItemState.DONE: 9, ItemState.REFUSED: 1})
    (refused,) = bulk.items(queue, batch.id, (ItemState.REFUSED,))
    assert (refused.case_id, "has changed" in refused.says) == (5, True)
    file = cases.show(queue, 1)
    assert [event.kind for event in file.history] == ["case.opened", "case.decided", "case.decided_in_bulk"]
    assert (file.decisions[0].actor, len(file.takedowns)) == ("li", 1)
    assert audit.verify(queue).is_sound


def test_more_than_twenty_need_a_second_person(queue: Store) -> None:
    """Nothing runs before a different person agrees; who agreed is on each decision."""
    batch = prepared(queue, range(1, 22))
    assert bulk.start(queue, batch.id, actor=LI, now=NOON).state is BatchState.AWAITING_APPROVAL
    assert bulk.run(queue, batch.id, clock=Clock()).state is BatchState.AWAITING_APPROVAL
    (asked,) = approvals.inbox(queue)
    assert asked.why == ("decides 21 cases at once",)
    with pytest.raises(Forbidden):
        approvals.approve(queue, asked.id, actor=LI, now=NOON)

    approvals.approve(queue, asked.id, actor=QIAN, now=NOON)

    assert bulk.run_due(queue, clock=Clock())[0].counts == {ItemState.DONE: 21}
    decided = cases.show(queue, 1).history[1]
    assert (decided.data["by"], decided.data["approved_by"]) == ("li", "qian")


def test_twenty_do_not(queue: Store) -> None:
    """The limit is twenty."""
    batch = prepared(queue, range(1, 21))
    assert bulk.start(queue, batch.id, actor=LI, now=NOON).state is BatchState.RUNNING


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (lambda store: approvals.refuse(store, 1, actor=QIAN, note="no", now=NOON), BatchState.REFUSED),
        (lambda store: approvals.withdraw(store, 1, actor=LI, now=NOON), BatchState.PREPARED),
        (lambda store: approvals.expire_due(store, now=NOON + timedelta(days=2)), BatchState.REFUSED),
    ],
)
def test_a_bulk_decision_that_is_not_approved_does_not_run(queue: Store, end, state: BatchState) -> None:  # type: ignore[no-untyped-def]  # a call
    """Refused, withdrawn or left lying."""
    batch = prepared(queue, range(1, 31))
    bulk.start(queue, batch.id, actor=LI, now=NOON)
    end(queue)

    assert bulk.run(queue, batch.id, clock=Clock()).state is state
    assert states(queue, 1, 30) == [CaseState.OPEN] * 2


@BOTH
def test_a_run_that_is_killed_goes_on_where_it_was(queue: Store) -> None:
    """Stopped after every third case, by several at once: each case is decided once."""
    batch = prepared(queue, range(1, 21))
    bulk.start(queue, batch.id, actor=LI, now=NOON)

    def work() -> None:
        for _ in range(8):
            left: Iterator[int] = count()
            bulk.run(queue, batch.id, clock=Clock(), stop=lambda left=left: next(left) > 2)  # type: ignore[misc]  # bound

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert bulk.run(queue, batch.id, clock=Clock()).counts == {ItemState.DONE: 20}
    assert [len(cases.show(queue, number).decisions) for number in range(1, 21)] == [1] * 20


@BOTH
def test_what_a_bulk_decision_did_is_undone_as_a_whole(queue: Store) -> None:
    """Also after the undo window; what somebody has decided since stays, and says so."""
    waiting = cases.queue(queue).total
    batch = prepared(queue, range(1, 6))
    bulk.start(queue, batch.id, actor=LI, now=NOON)
    bulk.run(queue, batch.id, clock=Clock())
    assert cases.queue(queue).total == waiting - 5
    late = Clock(NOON + timedelta(hours=3))
    cases.undo(queue, 2, actor=LI, reason="not this one", now=NOON)
    ruled(queue, 2, Ruling.RESTRICT)
    bulk.undo(queue, batch.id, reason="a rule gone wrong", actor=WANG, now=late())
    done = bulk.run(queue, batch.id, clock=late)

    assert (done.state, done.counts) == (BatchState.UNDONE, {ItemState.UNDONE: 4, ItemState.NOT_UNDONE: 1})
    (kept,) = bulk.items(queue, batch.id, (ItemState.NOT_UNDONE,))
    assert (kept.case_id, kept.says) == (2, "case 2 has been decided again since")
    assert states(queue, 1, 2) == [CaseState.OPEN, CaseState.DECIDED]
    assert cases.queue(queue).total == waiting - 1
    bulk.undo(queue, batch.id, reason="once more", actor=WANG, now=late())
    assert bulk.run(queue, batch.id, clock=late).counts == done.counts


def test_what_waited_for_a_second_person_is_withdrawn_with_the_rest(queue: Store) -> None:
    """Undoing a bulk decision leaves no proposal behind."""
    batch = prepared(queue, range(20, 22), ruling=Ruling.KEEP, actor=WANG)
    bulk.start(queue, batch.id, actor=WANG, now=NOON)
    bulk.run(queue, batch.id, clock=Clock())
    bulk.undo(queue, batch.id, reason="wrong", actor=WANG, now=NOON)
    bulk.run(queue, batch.id, clock=Clock())

    assert states(queue, 20, 21) == [CaseState.OPEN] * 2
    assert approvals.inbox(queue) == ()


@BOTH
def test_members_that_were_drawn_are_looked_at_first(queue: Store) -> None:
    """Not before; and one for which the decision is wrong stops it all."""
    batch = prepared(queue, range(1, 21), cluster_id=1)
    drawn = [item.case_id for item in bulk.items(queue, batch.id, is_sampled=True)]
    assert (len(drawn), batch.to_look_at) == (3, 3)
    with pytest.raises(IllegalMove, match="look at the cases that were drawn first"):
        bulk.start(queue, batch.id, actor=LI, now=NOON)
    with pytest.raises(NotFound):
        bulk.look(queue, batch.id, 999, agrees=True, actor=LI, now=NOON)
    for number in drawn:
        batch = bulk.look(queue, batch.id, number, agrees=True, actor=LI, now=NOON)
    assert batch.to_look_at == 0
    assert bulk.start(queue, batch.id, actor=LI, now=NOON).state is BatchState.RUNNING

    other = prepared(queue, range(21, 31), cluster_id=2)
    first = bulk.items(queue, other.id, is_sampled=True)[0].case_id
    stopped = bulk.look(queue, other.id, first, agrees=False, actor=LI, now=NOON, note="a pin")
    assert stopped.state is BatchState.STOPPED


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda store: prepared(store, range(0)), InputError),
        (lambda store: prepared(store, range(20_000)), InputError),
        (lambda store: prepared(store, range(1, 3), actor=Actor(name="x", role=Role.AUDITOR)), Forbidden),
        (lambda store: bulk.preview(store, [1], Ruling.KEEP, reason="bad", actor=LI, now=NOON), InputError),
        (lambda store: bulk.show(store, 9), NotFound),
        (lambda store: prepared(store, range(99, 100)), NotFound),
        (lambda store: bulk.start(store, 1, actor=Actor(name="other"), now=NOON), Forbidden),
        (lambda store: bulk.undo(store, 1, reason="x", actor=LI, now=NOON), IllegalMove),
        (lambda store: bulk.undo(store, 1, reason=" ", actor=LI, now=NOON), InputError),
    ],
)
def test_what_is_not_allowed_is_refused(queue: Store, attempt, error: type[Exception]) -> None:  # type: ignore[no-untyped-def]  # a call
    """Nothing is decided."""
    prepared(queue, range(1, 3))
    with pytest.raises(error):
        attempt(queue)
    assert states(queue, 1, 2) == [CaseState.OPEN] * 2


def test_a_bulk_decision_can_be_halted(queue: Store) -> None:
    """What was decided stays, and can be undone."""
    batch = prepared(queue, range(1, 11))
    bulk.start(queue, batch.id, actor=LI, now=NOON)
    bulk.run(queue, batch.id, clock=Clock(), stop=iter([False, False, True]).__next__)
    halted = bulk.halt(queue, batch.id, actor=LI, now=NOON)

    assert (halted.state, halted.counts[ItemState.DONE]) == (BatchState.STOPPED, 2)
    with pytest.raises(IllegalMove):
        bulk.halt(queue, batch.id, actor=LI, now=NOON)
    assert [one.id for one in bulk.recent(queue)] == [batch.id]
