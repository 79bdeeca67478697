"""What happens between Delist and people outside, as frozen records: notices, appeals, sellers' standing, letters.

A notice comes in and is answered; an appeal is filed against a decision and decided once; a letter is a message that
goes out, once, under a key. Licences, exceptions and penalties are what is on file about a seller; a fingerprint is
what a removed listing is recognised by when it comes back. Moments are aware datetimes in UTC.
"""

from __future__ import annotations

from scanner.outside.appeals import Appeal, AppealGround, AppealReason, AppealState
from scanner.outside.letters import Letter, LetterKind, LetterState
from scanner.outside.notices import (
    Notice,
    NoticeFilter,
    NoticeKind,
    NoticeOutcome,
    NoticePage,
    NoticeState,
    Report,
    Share,
)
from scanner.outside.retention import PlanItem, PlanState, RecordKind, RetentionPlan
from scanner.outside.sellers import (
    ExceptionState,
    Licence,
    Modifier,
    Offer,
    OnFile,
    Penalty,
    PenaltyState,
    SellerException,
    SellerRow,
    seller_key,
)
from scanner.outside.watch import Fingerprint, Likeness, Mark

__all__ = [
    "Appeal",
    "AppealGround",
    "AppealReason",
    "AppealState",
    "ExceptionState",
    "Fingerprint",
    "Letter",
    "LetterKind",
    "LetterState",
    "Licence",
    "Likeness",
    "Mark",
    "Modifier",
    "Notice",
    "NoticeFilter",
    "NoticeKind",
    "NoticeOutcome",
    "NoticePage",
    "NoticeState",
    "Offer",
    "OnFile",
    "Penalty",
    "PenaltyState",
    "PlanItem",
    "PlanState",
    "RecordKind",
    "Report",
    "RetentionPlan",
    "SellerException",
    "SellerRow",
    "Share",
    "seller_key",
]
