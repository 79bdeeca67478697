"""The life of a case, a takedown, an appeal and a notice, as tables of allowed moves. Pure: no clock, no store.

A move is what somebody does; a state is what is true afterwards. What the tables do not name cannot happen, and
``IllegalMove`` says what can. Service levels are the domain's targets for a person's answer, by severity.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from scanner.errors import IllegalMove
from scanner.model import CaseState, Desk, Ruling, Severity, TakedownState
from scanner.outside import AppealState, NoticeState
from scanner.records import Case


class CaseMove(StrEnum):
    """What can be done to a case."""

    CLAIM = "claim"
    RELEASE = "release"
    HOLD = "hold"
    ESCALATE = "escalate"
    REMOVE = "remove"
    RESTRICT = "restrict"
    KEEP = "keep"
    HIDE = "hide"
    HAND_ON = "hand on"
    ASK_APPROVAL = "ask approval"
    APPROVE = "approve"
    REFUSE = "refuse"
    ACT = "act"
    VERIFY = "verify"
    APPEAL = "appeal"
    REOPEN = "reopen"
    UNDO = "undo"
    WITHDRAW = "withdraw"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    CLOSE = "close"


class TakedownMove(StrEnum):
    """What can happen to a takedown."""

    HOLD = "hold"
    RELEASE = "release"
    SEND = "send"
    ACCEPT = "accept"
    SEE_REMOVED = "see removed"
    SEE_LIVE = "see live"
    SEE_PARTLY = "see partly live"
    SEE_AGAIN = "see again"
    SEE_RESTORED = "see restored"
    SEE_HIDDEN = "see hidden"
    FAIL = "fail"
    RETRY = "retry"
    CANCEL = "cancel"
    UNDO = "undo"
    HAND_OVER = "hand over to a person"
    CONFIRM = "confirm by hand"


_S = CaseState
_T = TakedownState

# Who waits for a person: a moderator may claim, hold, escalate and decide from any of these.
WAITING = (_S.OPEN, _S.CLAIMED, _S.ESCALATED, _S.ON_HOLD, _S.APPEALED, _S.REOPENED)
# Where a case waits that nobody has in hand.
_BACK = (_S.OPEN, _S.ESCALATED, _S.APPEALED, _S.REOPENED)
# Decided, and the platform or a second person is not yet through with it.
UNDER_WAY = (_S.DECIDED, _S.AWAITING_APPROVAL, _S.ACTIONED, _S.VERIFIED)

CASE_MOVES: dict[CaseMove, dict[CaseState, CaseState]] = {
    CaseMove.CLAIM: dict.fromkeys(WAITING, _S.CLAIMED),
    CaseMove.RELEASE: {_S.CLAIMED: _S.OPEN},
    # To a person by name, to another pair of eyes, or on from somebody who would rather not: back into the queue.
    CaseMove.HAND_ON: {_S.CLAIMED: _S.OPEN, _S.ON_HOLD: _S.OPEN} | {state: state for state in _BACK},
    CaseMove.HOLD: dict.fromkeys((_S.OPEN, _S.CLAIMED, _S.ESCALATED, _S.REOPENED), _S.ON_HOLD),
    CaseMove.ESCALATE: dict.fromkeys((_S.OPEN, _S.CLAIMED, _S.ON_HOLD, _S.REOPENED, _S.APPEALED), _S.ESCALATED),
    CaseMove.REMOVE: dict.fromkeys(WAITING, _S.DECIDED),
    CaseMove.RESTRICT: dict.fromkeys(WAITING, _S.DECIDED),
    CaseMove.KEEP: dict.fromkeys(WAITING, _S.CLOSED),
    # Out of sight until somebody has decided; the case waits for that as before.
    CaseMove.HIDE: {state: state for state in (*WAITING, _S.AWAITING_APPROVAL)},
    CaseMove.ASK_APPROVAL: dict.fromkeys(WAITING, _S.AWAITING_APPROVAL),
    CaseMove.APPROVE: {_S.AWAITING_APPROVAL: _S.DECIDED},
    CaseMove.REFUSE: {_S.AWAITING_APPROVAL: _S.ESCALATED},
    CaseMove.ACT: {_S.DECIDED: _S.ACTIONED},
    CaseMove.VERIFY: {_S.ACTIONED: _S.VERIFIED},
    CaseMove.APPEAL: dict.fromkeys((_S.DECIDED, _S.ACTIONED, _S.VERIFIED, _S.CLOSED), _S.APPEALED),
    CaseMove.REOPEN: dict.fromkeys((_S.DECIDED, _S.ACTIONED, _S.VERIFIED, _S.CLOSED), _S.REOPENED),
    # What was decided, or only proposed, is taken back: the case waits as it did before.
    CaseMove.UNDO: dict.fromkeys((_S.DECIDED, _S.ACTIONED, _S.VERIFIED, _S.CLOSED), _S.OPEN),
    CaseMove.WITHDRAW: {_S.AWAITING_APPROVAL: _S.OPEN},
    # An appeal is decided once: the decision stands, or is lifted.
    CaseMove.UPHOLD: dict.fromkeys((_S.APPEALED, _S.CLAIMED, _S.ON_HOLD, _S.ESCALATED), _S.CLOSED),
    CaseMove.OVERTURN: dict.fromkeys((_S.APPEALED, _S.CLAIMED, _S.ON_HOLD, _S.ESCALATED), _S.CLOSED),
    CaseMove.CLOSE: dict.fromkeys((_S.DECIDED, _S.ACTIONED, _S.VERIFIED), _S.CLOSED),
}

# Seen to be other than ordered: such an order may be sent once more.
ASTRAY = (_T.STILL_LIVE, _T.PARTIALLY_LIVE, _T.REAPPEARED, _T.STILL_HIDDEN)

TAKEDOWN_MOVES: dict[TakedownMove, dict[TakedownState, TakedownState]] = {
    TakedownMove.HOLD: {_T.PLANNED: _T.HELD},
    TakedownMove.RELEASE: {_T.HELD: _T.PLANNED},
    TakedownMove.SEND: dict.fromkeys((_T.PLANNED, _T.SENT, *ASTRAY), _T.SENT),
    TakedownMove.ACCEPT: {_T.SENT: _T.ACCEPTED},
    TakedownMove.SEE_REMOVED: dict.fromkeys((_T.ACCEPTED, _T.STILL_LIVE, _T.PARTIALLY_LIVE), _T.VERIFIED_REMOVED),
    TakedownMove.SEE_LIVE: dict.fromkeys((_T.ACCEPTED, _T.PARTIALLY_LIVE), _T.STILL_LIVE),
    TakedownMove.SEE_PARTLY: dict.fromkeys(
        (_T.ACCEPTED, _T.STILL_LIVE, _T.STILL_HIDDEN, _T.VERIFIED_RESTORED), _T.PARTIALLY_LIVE
    ),
    TakedownMove.SEE_AGAIN: {_T.VERIFIED_REMOVED: _T.REAPPEARED},
    TakedownMove.SEE_RESTORED: dict.fromkeys((_T.ACCEPTED, _T.STILL_HIDDEN, _T.PARTIALLY_LIVE), _T.VERIFIED_RESTORED),
    TakedownMove.SEE_HIDDEN: dict.fromkeys((_T.ACCEPTED, _T.PARTIALLY_LIVE, _T.VERIFIED_RESTORED), _T.STILL_HIDDEN),
    TakedownMove.FAIL: dict.fromkeys((_T.PLANNED, _T.HELD, _T.SENT), _T.FAILED),
    TakedownMove.RETRY: dict.fromkeys((_T.FAILED, _T.BY_HAND, *ASTRAY), _T.PLANNED),
    TakedownMove.CANCEL: dict.fromkeys((_T.PLANNED, _T.HELD, _T.BY_HAND), _T.CANCELLED),
    # What failed or is being retried may have had its effect all the same.
    TakedownMove.UNDO: dict.fromkeys(
        (_T.PLANNED, _T.SENT, _T.ACCEPTED, _T.VERIFIED_REMOVED, *ASTRAY[:3], _T.FAILED, _T.BY_HAND), _T.UNDONE
    ),
    # What is done to an account is never left undone: where the platform does not do it, a person does, and says so.
    TakedownMove.HAND_OVER: dict.fromkeys((_T.PLANNED, _T.SENT, _T.VERIFIED_RESTORED, *ASTRAY), _T.BY_HAND),
    TakedownMove.CONFIRM: {_T.BY_HAND: _T.ACCEPTED},
}


class AppealMove(StrEnum):
    """What can happen to an appeal."""

    ACCEPT = "accept"
    ASK_SECOND = "ask a second officer"
    UPHOLD = "uphold"
    OVERTURN = "overturn"


class NoticeMove(StrEnum):
    """What can happen to a notice. ``place``: its listing is known; ``seek``: it is let in, and looked for."""

    PLACE = "place"
    SEEK = "seek"
    ANSWER = "answer"


_A, _N = AppealState, NoticeState
_UNDECIDED = (_A.FILED, _A.ACCEPTED, _A.AWAITING_SECOND)

# Decided once: nothing leads out of what was upheld or overturned.
APPEAL_MOVES: dict[AppealMove, dict[AppealState, AppealState]] = {
    AppealMove.ACCEPT: {_A.FILED: _A.ACCEPTED},
    AppealMove.ASK_SECOND: dict.fromkeys(_UNDECIDED[:2], _A.AWAITING_SECOND),
    AppealMove.UPHOLD: dict.fromkeys(_UNDECIDED, _A.UPHELD),
    AppealMove.OVERTURN: dict.fromkeys(_UNDECIDED, _A.OVERTURNED),
}

# Answered once.
NOTICE_MOVES: dict[NoticeMove, dict[NoticeState, NoticeState]] = {
    NoticeMove.PLACE: dict.fromkeys((_N.OPEN, _N.UNLOCATED, _N.AWAITING_LOOK), _N.OPEN),
    NoticeMove.SEEK: {_N.AWAITING_LOOK: _N.UNLOCATED},
    NoticeMove.ANSWER: dict.fromkeys((_N.OPEN, _N.UNLOCATED, _N.AWAITING_LOOK), _N.ANSWERED),
}

# A person's ruling as the move it makes.
MOVE_OF: dict[Ruling, CaseMove] = {
    Ruling.REMOVE: CaseMove.REMOVE,
    Ruling.RESTRICT: CaseMove.RESTRICT,
    Ruling.KEEP: CaseMove.KEEP,
    Ruling.ESCALATE: CaseMove.ESCALATE,
    Ruling.HIDE: CaseMove.HIDE,
}

# What a ruling orders from the platform, with the order that takes it back.
ORDER_OF: dict[Ruling, tuple[str, str]] = {
    Ruling.REMOVE: ("hide", "restore"),
    Ruling.RESTRICT: ("restrict", "unrestrict"),
    Ruling.HIDE: ("hide", "restore"),
}

# Whose desk a case is on by its state. Claimed, held and decided ones keep the desk that they were on.
DESK_OF: dict[CaseState, Desk] = {
    _S.OPEN: Desk.REVIEW,
    _S.REOPENED: Desk.REVIEW,
    _S.ESCALATED: Desk.SPECIALIST,
    _S.APPEALED: Desk.APPEALS,
}
# How a case waits on a desk when somebody has given it back.
_WAITS_AS = {Desk.REVIEW: _S.OPEN, Desk.SPECIALIST: _S.ESCALATED, Desk.APPEALS: _S.APPEALED}

# Targets until a person has answered.
SERVICE_LEVEL: dict[Severity, timedelta] = {
    Severity.S4: timedelta(hours=2),
    Severity.S3: timedelta(hours=24),
    Severity.S2: timedelta(hours=72),
    Severity.S1: timedelta(hours=72),
}


_POSSIBLE = "Possible from here: {moves}."


def next_case_state(state: CaseState, move: CaseMove) -> CaseState:
    """The state after ``move``. Raises ``IllegalMove`` naming the moves that are possible."""
    after = CASE_MOVES[move].get(state)
    if after is None:
        words = "a case that is {state} cannot {move}"
        raise IllegalMove(words, hint=_POSSIBLE, state=state, move=move, moves=_told(case_moves(state)))
    return after


def given_back(case: Case, move: CaseMove) -> CaseState:
    """The state after a move that returns a case to those who wait for one. Raises ``IllegalMove``.

    A case that somebody has claimed or put on hold goes back to the desk that it came from.
    """
    after = next_case_state(case.state, move)
    return _WAITS_AS[case.desk] if after is _S.OPEN else after


def next_takedown_state(state: TakedownState, move: TakedownMove) -> TakedownState:
    """The state after ``move``. Raises ``IllegalMove`` naming the moves that are possible."""
    after = TAKEDOWN_MOVES[move].get(state)
    if after is None:
        words = "a takedown that is {state} cannot {move}"
        raise IllegalMove(words, hint=_POSSIBLE, state=state, move=move, moves=_told(takedown_moves(state)))
    return after


def next_appeal_state(state: AppealState, move: AppealMove) -> AppealState:
    """The state after ``move``. Raises ``IllegalMove`` naming the moves that are possible."""
    after = APPEAL_MOVES[move].get(state)
    if after is None:
        moves = _told(tuple(one for one, row in APPEAL_MOVES.items() if state in row))
        words = "an appeal that is {state} cannot {move}"
        raise IllegalMove(words, hint=_POSSIBLE, state=state, move=move, moves=moves)
    return after


def next_notice_state(state: NoticeState, move: NoticeMove) -> NoticeState:
    """The state after ``move``. Raises ``IllegalMove`` naming the moves that are possible."""
    after = NOTICE_MOVES[move].get(state)
    if after is None:
        moves = _told(tuple(one for one, row in NOTICE_MOVES.items() if state in row))
        words = "a notice that is {state} cannot {move}"
        raise IllegalMove(words, hint=_POSSIBLE, state=state, move=move, moves=moves)
    return after


def case_moves(state: CaseState) -> tuple[CaseMove, ...]:
    """What can be done to a case in ``state``."""
    return tuple(move for move, row in CASE_MOVES.items() if state in row)


def takedown_moves(state: TakedownState) -> tuple[TakedownMove, ...]:
    """What can happen to a takedown in ``state``."""
    return tuple(move for move, row in TAKEDOWN_MOVES.items() if state in row)


class CaseChange(StrEnum):
    """What a new judgement of a listing does to its case."""

    NOTHING = "nothing"
    OPEN = "open"
    UPDATE = "update"
    REOPEN = "reopen"
    NOTE = "note"


def case_change(case: Case | None, *, is_flagged: bool, content_hash: str) -> CaseChange:
    """What a judgement of the listing's content does to ``case``, the latest case of the listing.

    1. Nothing found, and no case or a closed one: nothing.
    2. Nothing found, and a case is waiting or under way: a note on it. It was found once, so a person decides.
    3. Found, and there is no case: a new case.
    4. Found, and a person is yet to decide: the case is brought up to date.
    5. Found, and the decision is under way: a note on the case, for those who carry it out and look again.
    6. Found on content that a person has ruled to keep: nothing. On other content: the case is reopened.
    7. Found after the case was closed in any other way: a new case.
    """
    if not is_flagged:
        return CaseChange.NOTHING if case is None or case.state is CaseState.CLOSED else CaseChange.NOTE
    if case is None:
        return CaseChange.OPEN
    if case.state in WAITING:
        return CaseChange.UPDATE
    if case.state in UNDER_WAY:
        return CaseChange.NOTE
    if case.ruling is Ruling.KEEP:
        return CaseChange.NOTHING if case.decided_hash == content_hash else CaseChange.REOPEN
    return CaseChange.OPEN


def due_at(severity: Severity, opened_at: datetime) -> datetime:
    """When a person should have answered a case that was opened at ``opened_at``."""
    return opened_at + SERVICE_LEVEL[severity]


def _told(moves: tuple[StrEnum, ...]) -> str:
    return ", ".join(moves) or "nothing"
