"""Two people where policy says so: what needs a second one, who that may be, and that nothing happens before."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from scanner import audit
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError
from scanner.model import Actor, CaseState, Role, Ruling
from scanner.moderation import approvals, cases, four_eyes
from scanner.moderation.policy import Policy, SecondPerson, shipped
from scanner.moderation.records import ApprovalKind, ApprovalState, Proposal
from scanner.records import Case
from scanner.store import Store
from tests.fakes import GRAVE, LI, MILD, NOON, WANG, Intake, fetched, kinds, ruled

BOTH = pytest.mark.databases("sqlite", "postgresql")
QIAN = Actor(name="qian", role=Role.SPECIALIST)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def queue(store: Store, intake: Intake) -> Store:
    """Cases 1 and 2 grave, 3 mild, all of one seller."""
    intake(fetched("a", GRAVE), fetched("b", GRAVE), fetched("c", MILD))
    return store


def decide(
    store: Store, ruling: Ruling, *, case_id: int = 1, policy: Policy | None = None, actor: Actor = WANG
) -> Case:
    """A specialist rules on a case as it is."""
    seen = cases.show(store, case_id).row.case.revision
    reason = shipped().reasons_for(ruling)[0].code
    return cases.decide(store, case_id, ruling, reason=reason, actor=actor, revision=seen, now=NOON, policy=policy)


def policy(**second: object) -> Policy:
    """The shipped policy but for when two people are needed."""
    return msgspec.structs.replace(shipped(), second_person=SecondPerson(**second))  # type: ignore[arg-type]  # by name


@BOTH
def test_keeping_a_grave_finding_waits_for_a_second_person(queue: Store) -> None:
    """Nothing is decided, the case leaves the queue, and what was proposed is on record."""
    waiting = decide(queue, Ruling.KEEP)

    (asked,) = approvals.inbox(queue)
    assert (waiting.state, waiting.ruling) == (CaseState.AWAITING_APPROVAL, None)
    assert (asked.case_id, asked.asked_by, asked.proposal.ruling) == (1, "wang", Ruling.KEEP)
    assert asked.why == ("keeps a finding of severity S4",)
    assert cases.show(queue, 1).decisions == ()
    assert [four_eyes.may_settle(asked, who) for who in (WANG, LI, QIAN)] == [False, False, True]


def test_what_is_mild_one_person_keeps(queue: Store) -> None:
    """Policy names the severities."""
    assert decide(queue, Ruling.KEEP, case_id=3).state is CaseState.CLOSED


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"remove_from_seller_with": 3}, "seller with 3 listings"),
        ({"remove_from_seller_with": 4}, ""),
        ({"new_rule_days": 7}, "rules younger than 7 days"),
        ({"new_rule_days": 0}, ""),
    ],
)
def test_a_takedown_needs_a_second_person_where_policy_says(queue: Store, second: dict[str, object], why: str) -> None:
    """A large seller, or rules that are new; the order is written once it is approved, and not before."""
    case = decide(queue, Ruling.REMOVE, policy=policy(**second))
    orders = len(cases.show(queue, 1).takedowns)
    if not why:
        assert (case.state, orders) == (CaseState.DECIDED, 1)
        return
    (asked,) = approvals.inbox(queue)
    assert (case.state, orders, why in asked.why[0]) == (CaseState.AWAITING_APPROVAL, 0, True)

    approvals.approve(queue, asked.id, actor=QIAN, now=LATER)

    file = cases.show(queue, 1)
    (order,), (decision,) = file.takedowns, file.decisions
    assert (file.row.case.state, decision.actor, order.due_at) == (
        CaseState.DECIDED, "wang", LATER + shipped().undo.window,
    )  # fmt: skip
    assert file.history[-1].data["approved_by"] == file.history[-1].actor == "qian"


@BOTH
def test_a_seller_who_was_cleared_before_is_not_taken_down_by_one_person(queue: Store) -> None:
    """An earlier decision against the seller was overturned: two people look."""
    ruled(queue, 1, Ruling.REMOVE)
    with queue.transaction() as tx:
        case = tx.case(1)
        tx.save_case(msgspec.structs.replace(case, state=CaseState.REOPENED, revision=case.revision + 1))
    ruled(queue, 1, Ruling.KEEP)

    assert decide(queue, Ruling.REMOVE, case_id=2).state is CaseState.AWAITING_APPROVAL
    assert "overturned" in approvals.inbox(queue)[0].why[0]


@BOTH
@pytest.mark.parametrize("first", [Ruling.REMOVE, Ruling.KEEP])
def test_a_decision_taken_back_clears_no_seller(queue: Store, first: Ruling) -> None:
    """The wrong key, taken back and put right, is no decision that was overturned."""
    ruled(queue, 1, first)
    cases.undo(queue, 1, actor=WANG, reason="the wrong key", now=NOON)
    ruled(queue, 1, Ruling.KEEP if first is Ruling.REMOVE else Ruling.REMOVE)

    assert decide(queue, Ruling.REMOVE, case_id=2).state is CaseState.DECIDED


def test_to_hide_and_to_escalate_need_nobody_else(queue: Store) -> None:
    """Neither is for good; who hides in danger need not ask, and the case waits on."""
    strict = policy(remove_from_seller_with=1, new_rule_days=99)
    assert decide(queue, Ruling.HIDE, policy=strict, actor=LI).state is CaseState.OPEN
    assert decide(queue, Ruling.ESCALATE, policy=strict, actor=LI).state is CaseState.ESCALATED
    (order,) = cases.show(queue, 1).takedowns
    assert (order.action, order.due_at) == ("hide", NOON)


def test_in_danger_it_is_hidden_while_a_proposal_waits(queue: Store) -> None:
    """Nobody waits for a second person to do that; whoever approves looks at the case again."""
    decide(queue, Ruling.KEEP)
    assert decide(queue, Ruling.HIDE, actor=LI).state is CaseState.AWAITING_APPROVAL

    with pytest.raises(Conflict, match="has changed"):
        approvals.approve(queue, 1, actor=QIAN, now=LATER)
    seen = cases.show(queue, 1).row.case.revision
    approvals.approve(queue, 1, actor=QIAN, now=LATER, revision=seen)

    assert [order.state for order in cases.show(queue, 1).takedowns] == ["cancelled"]


@pytest.mark.parametrize(
    "who", [WANG, Actor(name=" WANG ", role=Role.COMPLIANCE), LI, Actor(name="x", role=Role.AUDITOR)]
)
def test_the_second_person_is_another_one_with_a_role_that_may(queue: Store, who: Actor) -> None:
    """Not the first one under another spelling or role, and not somebody who may not."""
    decide(queue, Ruling.KEEP)

    for attempt in (
        lambda: approvals.approve(queue, 1, actor=who, now=LATER),
        lambda: approvals.refuse(queue, 1, actor=who, now=LATER, note="no"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert approvals.inbox(queue)[0].state is ApprovalState.ASKED


def test_what_was_kept_by_two_is_closed(queue: Store) -> None:
    """The ruling stands as the first person's, with the second one on record."""
    decide(queue, Ruling.KEEP)
    settled = approvals.approve(queue, 1, actor=QIAN, now=LATER, note="agreed")

    assert settled.case is not None
    assert (settled.case.state, settled.case.ruling) == (CaseState.CLOSED, Ruling.KEEP)
    assert settled.approval.state is ApprovalState.APPROVED
    with pytest.raises(IllegalMove, match="approved by qian"):
        approvals.approve(queue, 1, actor=Actor(name="third", role=Role.SPECIALIST), now=LATER)
    assert audit.verify(queue).is_sound


def test_a_proposal_that_is_refused_goes_to_a_specialist(queue: Store) -> None:
    """With the reason; without one it is not refused."""
    decide(queue, Ruling.KEEP)
    with pytest.raises(InputError):
        approvals.refuse(queue, 1, actor=QIAN, now=LATER, note=" ")

    settled = approvals.refuse(queue, 1, actor=QIAN, now=LATER, note="the picture shows cards")

    assert settled.case is not None
    assert settled.case.state is CaseState.ESCALATED
    assert kinds(queue)[-2:] == ["approval.refused", "case.proposal_refused"]


def test_only_the_first_person_withdraws_and_the_case_waits_as_before(queue: Store) -> None:
    """Then it can be decided otherwise."""
    decide(queue, Ruling.KEEP)
    with pytest.raises(Forbidden, match="wang's"):
        approvals.withdraw(queue, 1, actor=QIAN, now=LATER)
    withdrawn = approvals.withdraw(queue, 1, actor=WANG, now=LATER)

    assert withdrawn.case is not None
    assert withdrawn.case.state is CaseState.OPEN
    assert decide(queue, Ruling.REMOVE).state is CaseState.DECIDED


@BOTH
def test_what_nobody_settles_in_time_goes_to_a_specialist(queue: Store) -> None:
    """After its time it cannot be approved any more, and sweeping ends it once."""
    decide(queue, Ruling.KEEP)
    late = NOON + timedelta(hours=24)
    with pytest.raises(IllegalMove, match="expired"):
        approvals.approve(queue, 1, actor=QIAN, now=late)

    assert approvals.expire_due(queue, now=late - timedelta(minutes=1)) == ()
    (ended,) = approvals.expire_due(queue, now=late)
    assert approvals.expire_due(queue, now=late) == ()
    assert (ended.approval.state, ended.case and ended.case.state) == (ApprovalState.EXPIRED, CaseState.ESCALATED)


def test_a_listing_that_changed_since_it_was_proposed_is_looked_at_again(queue: Store, intake: Intake) -> None:
    """The second person approves what they have seen, not what it was."""
    decide(queue, Ruling.KEEP)
    intake(fetched("a", GRAVE + " 加微信"))

    with pytest.raises(Conflict, match="has changed"):
        approvals.approve(queue, 1, actor=QIAN, now=LATER)

    seen = cases.show(queue, 1).row.case.revision
    assert approvals.approve(queue, 1, actor=QIAN, now=LATER, revision=seen).case is not None


def test_other_rooms_ask_within_their_own_transaction(queue: Store) -> None:
    """The same is not proposed twice; what is approved is done by the room's own effect, or not at all."""
    done: list[str] = []
    with queue.transaction() as tx:
        asked = four_eyes.ask(
            tx, kind=ApprovalKind.EXCEPTION, subject="seller:9", proposal=Proposal(fields={"rule": "x"}),
            why=("an allow-list entry",), actor=WANG, now=NOON,
        )  # fmt: skip
    with queue.transaction() as tx, pytest.raises(Conflict, match="proposed this already"):
        four_eyes.ask(
            tx, kind=ApprovalKind.EXCEPTION, subject="seller:9", proposal=Proposal(), why=(), actor=QIAN, now=NOON
        )
    owner = Actor(name="zhou", role=Role.POLICY_OWNER)
    with pytest.raises(InputError, match="approved elsewhere"):
        approvals.approve(queue, asked.id, actor=owner, now=LATER)
    effects = {ApprovalKind.EXCEPTION: lambda *given: done.append(given[1].proposal.fields["rule"])}
    with pytest.raises(Forbidden):
        approvals.approve(queue, asked.id, actor=QIAN, now=LATER, effects=effects)
    approvals.approve(queue, asked.id, actor=owner, now=LATER, effects=effects)

    assert done == ["x"]
