"""The tables of moves: what is possible, what is not and says so, and what a judgement does to a case."""

from __future__ import annotations

import itertools
from datetime import timedelta

import msgspec
import pytest

from scanner.errors import IllegalMove
from scanner.model import Action, CaseState, Ruling, Severity, TakedownState
from scanner.outside import AppealState, NoticeState
from scanner.records import Case
from scanner.workflow import (
    APPEAL_MOVES,
    CASE_MOVES,
    MOVE_OF,
    NOTICE_MOVES,
    ORDER_OF,
    TAKEDOWN_MOVES,
    CaseChange,
    CaseMove,
    TakedownMove,
    case_change,
    case_moves,
    due_at,
    next_appeal_state,
    next_case_state,
    next_notice_state,
    next_takedown_state,
)
from tests.fakes import NOON

CASE = Case(
    id=7,
    listing_row=1,
    platform="demo",
    listing_id="1",
    version=1,
    state=CaseState.OPEN,
    revision=1,
    severity=Severity.S4,
    action=Action.HOLD,
    priority=890,
    category="phone_card",
    categories=("phone_card",),
    rules=("phone_card.no_real_name",),
    reason="",
    opened_at=NOON,
    updated_at=NOON,
    due_at=NOON,
)


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("move", CaseMove)
def test_a_case_moves_as_the_table_says_or_not_at_all(state: CaseState, move: CaseMove) -> None:
    """Every move from every state is either in the table or refused, naming what is possible instead."""
    if state in CASE_MOVES[move]:
        assert next_case_state(state, move) is CASE_MOVES[move][state]
        return
    with pytest.raises(IllegalMove, match=f"{state.value} cannot {move.value}") as refused:
        next_case_state(state, move)

    assert all(possible.value in refused.value.hint for possible in case_moves(state))


@pytest.mark.parametrize("state", TakedownState)
@pytest.mark.parametrize("move", TakedownMove)
def test_a_takedown_moves_as_the_table_says_or_not_at_all(state: TakedownState, move: TakedownMove) -> None:
    """Every move from every state is either in the table or refused."""
    if state in TAKEDOWN_MOVES[move]:
        assert next_takedown_state(state, move) is TAKEDOWN_MOVES[move][state]
    else:
        with pytest.raises(IllegalMove, match="cannot"):
            next_takedown_state(state, move)


@pytest.mark.parametrize(
    ("moves", "first", "states"),
    [
        (CASE_MOVES, CaseState.OPEN, CaseState),
        (TAKEDOWN_MOVES, TakedownState.PLANNED, TakedownState),
        (APPEAL_MOVES, AppealState.FILED, AppealState),
        (NOTICE_MOVES, NoticeState.AWAITING_LOOK, NoticeState),
    ],
)
def test_every_state_can_be_reached(moves: dict, first: object, states: type) -> None:  # type: ignore[type-arg]  # either table
    """No state stands in the vocabulary that nothing leads to."""
    reached, before = {first}, set()
    while reached != before:
        before = set(reached)
        reached |= {after for row in moves.values() for state, after in row.items() if state in before}

    assert reached == set(states)


@pytest.mark.parametrize(
    ("moves", "next_state", "states"),
    [(APPEAL_MOVES, next_appeal_state, AppealState), (NOTICE_MOVES, next_notice_state, NoticeState)],
)
def test_what_comes_from_outside_moves_as_the_table_says_or_not_at_all(  # type: ignore[no-untyped-def]  # either table
    moves, next_state, states
) -> None:
    """An appeal is decided once, a notice answered once; the refusal says what is possible."""
    for move, state in itertools.product(moves, states):
        if state in moves[move]:
            assert next_state(state, move) is moves[move][state]
        else:
            with pytest.raises(IllegalMove, match=f"that is {state} cannot {move}") as caught:
                next_state(state, move)
            assert caught.value.hint.startswith("Possible from here: ")
    ends = {AppealState.UPHELD, AppealState.OVERTURNED, NoticeState.ANSWERED}
    assert not ends.intersection(state for row in moves.values() for state in row)


@pytest.mark.parametrize("state", CaseState)
def test_no_case_is_stuck(state: CaseState) -> None:
    """From every state something is possible, from a closed case too: it can be reopened and appealed."""
    assert case_moves(state)


def test_accepted_is_not_verified() -> None:
    """Only a look says that something is gone, and only after the platform has accepted the order."""
    assert TAKEDOWN_MOVES[TakedownMove.ACCEPT] == {TakedownState.SENT: TakedownState.ACCEPTED}
    assert TakedownState.SENT not in TAKEDOWN_MOVES[TakedownMove.SEE_REMOVED]


def test_every_ruling_has_its_move_and_every_order_its_inverse() -> None:
    """No ruling is without a move; what is ordered can be taken back."""
    assert set(MOVE_OF) == set(Ruling)
    assert all(action and inverse and action != inverse for action, inverse in ORDER_OF.values())


@pytest.mark.parametrize(
    ("severity", "hours"), [(Severity.S4, 2), (Severity.S3, 24), (Severity.S2, 72), (Severity.S1, 72)]
)
def test_the_graver_the_sooner(severity: Severity, hours: int) -> None:
    """A person's answer is due by severity."""
    assert due_at(severity, NOON) - NOON == timedelta(hours=hours)


KEPT = msgspec.structs.replace(CASE, state=CaseState.CLOSED, ruling=Ruling.KEEP, decided_hash="aaa")
REMOVED = msgspec.structs.replace(CASE, state=CaseState.CLOSED, ruling=Ruling.REMOVE, decided_hash="aaa")


def being(state: CaseState) -> Case:
    """The case in a state."""
    return msgspec.structs.replace(CASE, state=state)


@pytest.mark.parametrize(
    ("case", "is_flagged", "content", "change"),
    [
        (None, False, "aaa", CaseChange.NOTHING),
        (None, True, "aaa", CaseChange.OPEN),
        (being(CaseState.OPEN), True, "aaa", CaseChange.UPDATE),
        (being(CaseState.CLAIMED), True, "bbb", CaseChange.UPDATE),
        (being(CaseState.ESCALATED), True, "bbb", CaseChange.UPDATE),
        (being(CaseState.APPEALED), True, "bbb", CaseChange.UPDATE),
        (being(CaseState.OPEN), False, "bbb", CaseChange.NOTE),  # an edit does not undo what was on offer
        (being(CaseState.DECIDED), True, "bbb", CaseChange.NOTE),
        (being(CaseState.DECIDED), False, "bbb", CaseChange.NOTE),
        (being(CaseState.ACTIONED), True, "aaa", CaseChange.NOTE),
        (KEPT, True, "aaa", CaseChange.NOTHING),  # a person has ruled on just this
        (KEPT, True, "bbb", CaseChange.REOPEN),
        (KEPT, False, "bbb", CaseChange.NOTHING),
        (REMOVED, True, "aaa", CaseChange.OPEN),  # it is on offer again
        (REMOVED, False, "bbb", CaseChange.NOTHING),
    ],
)
def test_what_a_judgement_does_to_a_case(case: Case | None, is_flagged: bool, content: str, change: CaseChange) -> None:
    """The policy, row by row."""
    assert case_change(case, is_flagged=is_flagged, content_hash=content) is change
