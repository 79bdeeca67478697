"""Clue packages as the store keeps them, and their life as a table of moves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.errors import IllegalMove
from scanner.model import Role, Ruling


class ClueState(StrEnum):
    """The life of a clue package. Only what two people have signed is written to a file and handed over."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    EXPORTED = "exported"
    HANDED_OVER = "handed_over"
    ANSWERED = "answered"
    DROPPED = "dropped"


class ClueMove(StrEnum):
    """What can happen to a clue package."""

    APPROVE = "approve"
    DROP = "drop"
    EXPORT = "export"
    HAND_OVER = "hand_over"
    ANSWER = "answer"


_S = ClueState
# Where a move leads from each state that has it. What was handed over can be exported again for a second reader, and
# answered more than once; it is never dropped.
CLUE_MOVES: dict[ClueMove, dict[ClueState, ClueState]] = {
    ClueMove.APPROVE: {_S.PROPOSED: _S.APPROVED},
    ClueMove.DROP: dict.fromkeys((_S.PROPOSED, _S.APPROVED, _S.EXPORTED), _S.DROPPED),
    ClueMove.EXPORT: {_S.APPROVED: _S.EXPORTED, _S.EXPORTED: _S.EXPORTED},
    ClueMove.HAND_OVER: {_S.EXPORTED: _S.HANDED_OVER},
    ClueMove.ANSWER: dict.fromkeys((_S.HANDED_OVER, _S.ANSWERED), _S.ANSWERED),
}


def next_clue_state(state: ClueState, move: ClueMove) -> ClueState:
    """The state after ``move``. Raises ``IllegalMove`` naming the moves that are possible."""
    after = CLUE_MOVES[move].get(state)
    if after is None:
        able = ", ".join(one.value for one, row in CLUE_MOVES.items() if state in row) or "nothing"
        raise IllegalMove(
            "a clue package that is {state} cannot {move}",
            hint="Possible from here: {able}.",
            state=state,
            move=move,
            able=able,
        )
    return after


class Recipient(StrEnum):
    """Who gets it, by type and degree of the risk (Anti-Telecom and Online Fraud Law, art. 26)."""

    POLICE = "police"
    TELECOM_AUTHORITY = "telecom_authority"
    FINANCE = "finance"
    CYBERSPACE = "cyberspace"
    REGULATOR = "regulator"


class ClueCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a package, with the version of its listing, the ruling and the decisions as they were proposed."""

    case_id: int
    version: int
    content_hash: str
    ruling: Ruling | None
    decisions: tuple[int, ...]


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file from elsewhere, such as an export of orders or a licence, kept with the evidence under its SHA-256."""

    name: str
    sha256: str
    size: int


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A clue package. ``digest`` covers what is in it: whoever signs second signs what the first has seen.

    ``level`` 1 is an administrative matter, 2 has reached a number that criminal law names. ``is_quiet``: the seller
    must not be tipped off. ``about`` says what its cases have in common: ``seller:7``, ``cluster:3``, ``contact:…``.
    ``manifest`` is the SHA-256 of the newest file's manifest.
    """

    id: int
    about: str
    recipient: Recipient
    unit: str
    officer: str
    legal_basis: str
    level: int
    is_quiet: bool
    reason: str
    summary: str
    cases: tuple[ClueCase, ...]
    attachments: tuple[Attachment, ...]
    digest: str
    state: ClueState
    made_by: str
    made_role: Role
    made_at: datetime
    seller_row: int | None = None
    held: tuple[int, ...] = ()
    approved_by: str = ""
    approved_role: Role | None = None
    approved_at: datetime | None = None
    manifest: str = ""
    exported_at: datetime | None = None
    handed_over_at: datetime | None = None
    receipt: str = ""
    answer: str = ""
    answered_at: datetime | None = None
