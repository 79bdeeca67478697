"""Who works on which case: the next by urgency, claims that end, and ways out that lose nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from msgspec.structs import replace

from scanner import audit
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError
from scanner.model import Actor, CaseState, Desk, Role, Ruling, Seller, Severity
from scanner.moderation import cases, claims
from scanner.records import QueueFilter
from scanner.store import Store
from tests.fakes import ALONE, GRAVE, LI, MILD, NOON, WANG, Intake, fetched, kinds

BOTH = pytest.mark.databases("sqlite", "postgresql")

ZHAO = Actor(name="zhao", role=Role.REVIEWER)
SUN = Actor(name="sun", role=Role.APPEALS_OFFICER)
LEASE = timedelta(minutes=10)
MONTHS = timedelta(days=99)
LATER = NOON + LEASE + timedelta(seconds=1)


@pytest.fixture
def queue(store: Store, intake: Intake) -> Store:
    """Four cases, the most urgent first: 1 and 3 grave, 2 and 4 mild; 4 of another seller."""
    intake(
        fetched("a", GRAVE), fetched("b", MILD), fetched("c", GRAVE), fetched("d", MILD, seller=Seller(id="s2"))
    )  # fmt: skip
    return store


def taken(store: Store, actor: Actor = LI, **more: object) -> int | None:
    """The number of the next case, claimed."""
    claim = claims.next_case(store, actor=actor, now=more.pop("now", NOON), **more)  # type: ignore[arg-type]  # by name
    return claim.case.id if claim else None


@BOTH
def test_the_next_case_is_the_most_urgent_that_nobody_has(queue: Store) -> None:
    """Two people get different cases in the queue's order, and nothing once all are taken."""
    assert [taken(queue, actor) for actor in (LI, ZHAO, LI, ZHAO, LI)] == [1, 3, 2, 4, None]


@BOTH
def test_the_next_case_is_asked_for_by_a_filter(queue: Store) -> None:
    """Only what the filter lets through is claimed, and nothing if that is none."""
    assert taken(queue, wanted=QueueFilter(severity=Severity.S2)) == 2
    assert taken(queue, wanted=QueueFilter(seller="s2")) == 4
    assert taken(queue, wanted=QueueFilter(category="gift_card")) is None


def test_a_claim_that_is_abandoned_a_hundred_times_is_back_each_time(queue: Store) -> None:
    """Nobody gives it back, and nothing runs in between: it is there when somebody asks."""
    found = [taken(queue, now=NOON + number * timedelta(hours=1)) for number in range(100)]

    assert found == [1] * 100
    assert audit.verify(queue).is_sound


@BOTH
def test_a_heartbeat_keeps_a_claim_and_changes_nothing_else(queue: Store) -> None:
    """Who gives signs of life is not interrupted, and decides on the revision that they saw."""
    claim = claims.next_case(queue, actor=LI, now=NOON)
    assert claim is not None
    half = NOON + LEASE / 2
    longer = claims.heartbeat(queue, 1, token=claim.token, actor=LI, now=half)

    assert longer.until == half + LEASE
    assert taken(queue, ZHAO, now=LATER) == 3
    at = LATER + timedelta(minutes=1)
    seen = claim.case.revision
    cases.decide(queue, 1, Ruling.REMOVE, reason="no_real_name", actor=LI, revision=seen, token=claim.token, now=at)
    assert kinds(queue) == ["case.opened", "case.claimed", "case.decided"]


def test_a_claim_that_ran_out_lives_on_only_while_nobody_else_has_it(queue: Store) -> None:
    """A late sign of life is good as long as the case is free; afterwards it is a conflict."""
    claim = claims.claim(queue, 1, actor=LI, now=NOON)
    claims.heartbeat(queue, 1, token=claim.token, actor=LI, now=LATER)
    other = claims.claim(queue, 1, actor=ZHAO, now=LATER + 2 * LEASE)

    with pytest.raises(Conflict):
        claims.heartbeat(queue, 1, token=claim.token, actor=LI, now=LATER + 2 * LEASE)
    assert cases.show(queue, 1).row.case.claimed_by == other.case.claimed_by == "zhao"


def test_a_decision_under_a_lost_claim_is_refused_and_kept_as_a_draft(queue: Store) -> None:
    """Nothing is decided; what was written is there for this person, and goes once the case is decided."""
    claim = claims.claim(queue, 1, actor=LI, now=NOON)
    claims.claim(queue, 1, actor=ZHAO, now=LATER)
    claims.release(queue, 1, actor=ZHAO, now=LATER)
    seen = cases.show(queue, 1).row.case.revision

    with pytest.raises(Conflict, match="claimed since") as refused:
        cases.decide(
            queue, 1, Ruling.REMOVE, reason="no_real_name", note="cards", actor=LI, revision=seen,
            token=claim.token, now=LATER,
        )  # fmt: skip

    assert "kept as your draft" in refused.value.hint
    draft = claims.draft(queue, 1, actor=LI)
    assert draft is not None
    assert (draft.ruling, draft.reason, draft.note) == (Ruling.REMOVE, "no_real_name", "cards")
    assert claims.mine(queue, actor=LI, now=LATER).drafts == (draft,)
    assert claims.draft(queue, 1, actor=ZHAO) is None
    cases.decide(queue, 1, Ruling.REMOVE, reason="no_real_name", actor=LI, revision=seen, now=LATER)
    assert claims.draft(queue, 1, actor=LI) is None


def test_a_draft_is_kept_for_each_person_and_case(queue: Store) -> None:
    """The newest counts."""
    for note in ("first", "second"):
        claims.save_draft(queue, 1, actor=LI, now=NOON, ruling=Ruling.KEEP, note=note)
    claims.save_draft(queue, 2, actor=LI, now=LATER)
    claims.save_draft(queue, 1, actor=WANG, now=NOON)

    assert [(draft.case_id, draft.note) for draft in claims.mine(queue, actor=LI, now=NOON).drafts] == [
        (2, ""),
        (1, "second"),
    ]


def test_who_skips_a_case_is_not_given_it_again(queue: Store) -> None:
    """Others are; the reason is on record."""
    assert taken(queue) == 1
    claims.skip(queue, 1, reason="I know the seller", actor=LI, now=NOON)

    assert taken(queue, LI) == 3
    assert taken(queue, ZHAO) == 1
    with queue.reading() as tx:
        assert tx.events_about("case:1")[-2].data["reason"] == "I know the seller"


def test_what_everybody_skips_goes_to_a_specialist(queue: Store) -> None:
    """The third person's skip escalates it: nobody's reluctance makes a case vanish."""
    for number in range(3):
        claims.skip(queue, 1, reason="unclear", actor=Actor(name=f"p{number}"), now=NOON)

    assert cases.show(queue, 1).row.case.state is CaseState.ESCALATED
    assert taken(queue, ZHAO) == 3
    assert taken(queue, WANG) == 1


@BOTH
def test_a_case_on_hold_is_back_when_its_moment_comes(queue: Store) -> None:
    """Nobody is given it before."""
    until = NOON + timedelta(days=2)
    claims.hold(queue, 1, until=until, reason="licence asked for", actor=LI, now=NOON)

    assert taken(queue, now=until - timedelta(minutes=1)) == 3
    assert taken(queue, ZHAO, now=until) == 1


@BOTH
def test_a_case_that_was_given_to_somebody_comes_first_for_them_and_goes_back_in_time(queue: Store) -> None:
    """Others do not get it before a day is over."""
    claims.reassign(queue, 4, to="zhao", reason="she knows them", actor=WANG, now=NOON)

    with pytest.raises(Conflict, match="given to zhao"):
        claims.claim(queue, 4, actor=LI, now=NOON)
    assert [row.case.id for row in claims.mine(queue, actor=ZHAO, now=NOON).given] == [4]
    assert taken(queue, ZHAO) == 4
    claims.reassign(queue, 4, to="sun", reason="away", actor=ZHAO, now=NOON)
    day = NOON + timedelta(days=1, minutes=1)
    assert [taken(queue, LI, now=day) for _ in range(4)] == [1, 3, 2, 4]


def test_who_asks_for_help_is_not_the_one_who_gets_it(queue: Store) -> None:
    """Another person sees it, with the question in the history."""
    assert taken(queue) == 1
    claims.ask_help(queue, 1, question="Is this a collector's card?", actor=LI, now=NOON)

    assert taken(queue, LI) == 3
    assert taken(queue, ZHAO) == 1
    assert cases.show(queue, 1).history[-2].data["question"] == "Is this a collector's card?"


def test_what_is_given_back_waits_on_the_desk_that_it_came_from(queue: Store) -> None:
    """An escalated case that a specialist gives back does not fall to reviewers."""
    cases.decide(queue, 1, Ruling.ESCALATE, reason="needs_specialist", actor=LI, revision=1, now=NOON)
    assert taken(queue, LI) == 3
    assert taken(queue, WANG) == 1
    released = claims.release(queue, 1, actor=WANG, now=NOON)

    assert (released.state, released.desk) == (CaseState.ESCALATED, Desk.SPECIALIST)
    with pytest.raises(Forbidden, match="specialist desk"):
        claims.claim(queue, 1, actor=LI, now=NOON)


def test_an_appeal_goes_to_somebody_who_did_not_decide(queue: Store) -> None:
    """Not even if the decider has become an appeals officer since."""
    cases.decide(queue, 1, Ruling.REMOVE, reason="no_real_name", actor=LI, revision=1, now=NOON)
    with queue.transaction() as tx:
        case = tx.case(1)
        assert tx.save_case(replace(case, state=CaseState.APPEALED, revision=case.revision + 1))

    assert taken(queue, Actor(name="li", role=Role.APPEALS_OFFICER)) == 3
    assert taken(queue, WANG) == 2
    assert taken(queue, SUN) == 1


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda store: claims.skip(store, 1, reason=" ", actor=LI, now=NOON), InputError),
        (lambda store: claims.hold(store, 1, until=NOON, reason="x", actor=LI, now=NOON), InputError),
        (lambda store: claims.hold(store, 1, until=NOON + MONTHS, reason="x", actor=LI, now=NOON), InputError),
        (lambda store: claims.reassign(store, 1, to="", reason="x", actor=WANG, now=NOON), InputError),
        (lambda store: claims.reassign(store, 1, to="zhao", reason="x", actor=LI, now=NOON), Forbidden),
        (lambda store: claims.release(store, 1, actor=LI, now=NOON), IllegalMove),
        (lambda store: claims.ask_help(store, 1, question="", actor=LI, now=NOON), InputError),
        (lambda store: claims.next_case(store, actor=Actor(name="x", role=Role.AUDITOR), now=NOON), Forbidden),
        (lambda store: claims.next_case(store, actor=Actor(name=""), now=NOON), InputError),
        (lambda store: claims.heartbeat(store, 1, token=0, actor=LI, now=NOON), Conflict),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused_in_words(queue: Store, attempt, error) -> None:  # type: ignore[no-untyped-def]  # a call and an error
    """Nothing is written."""
    with pytest.raises(error):
        attempt(queue)

    assert kinds(queue) == ["case.opened"]


@BOTH
def test_many_people_at_once_decide_each_case_once(store: Store, intake: Intake) -> None:
    """Six claim and decide a hundred cases as fast as they can: each is decided once, in order of its events."""
    intake(*(fetched(str(number), GRAVE) for number in range(100)))
    done: list[int] = []

    def work(name: str) -> None:
        actor = Actor(name=name)
        while (claim := claims.next_case(store, actor=actor, now=NOON)) is not None:
            cases.decide(
                store, claim.case.id, Ruling.REMOVE, reason="no_real_name", actor=actor,
                revision=claim.case.revision, token=claim.token, now=NOON, policy=ALONE,
            )  # fmt: skip
            done.append(claim.case.id)

    people = [threading.Thread(target=work, args=(f"person {number}",)) for number in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert sorted(done) == list(range(1, 101))
    with store.reading() as tx:
        assert [len(tx.decisions(number)) for number in (1, 50, 100)] == [1, 1, 1]
        assert tx.decisions_since(NOON) == 100
    assert audit.verify(store).is_sound
