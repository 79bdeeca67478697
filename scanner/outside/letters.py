"""Letters: messages that go out, each once, under a key."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class LetterKind(StrEnum):
    """What a letter is about; each has its template in each language."""

    REMOVAL = "removal"
    RESTORATION = "restoration"
    APPEAL_RECEIPT = "appeal_receipt"
    APPEAL_RESULT = "appeal_result"
    NOTICE_RECEIPT = "notice_receipt"
    NOTICE_ANSWER = "notice_answer"
    PENALTY = "penalty"


class LetterState(StrEnum):
    """The life of a letter. ``held``: it would tip somebody off; a person releases it. ``failed``: nobody takes it."""

    WRITTEN = "written"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message to somebody outside, sent once under its ``key``. ``to`` is an address, or a seller's number."""

    id: int
    key: str
    kind: LetterKind
    to: str
    language: str
    subject: str
    body: str
    state: LetterState
    written_at: datetime
    due_at: datetime
    case_id: int | None = None
    notice_id: int | None = None
    seller_row: int | None = None
    attempts: int = 0
    token: int = 0
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    says: str = ""
