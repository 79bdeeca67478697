"""The terms on which notices are taken in: bounds, clocks by kind, and what senders are told. Data, and pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from scanner.correspondence.reputation import AUTHORITIES
from scanner.correspondence.wording import language_of
from scanner.errors import InputError
from scanner.model import Severity
from scanner.outside import NoticeKind, NoticeOutcome, Report

LONGEST_TEXT, LONGEST_FIELD = 10_000, 500


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How soon somebody must have decided (``act_grave`` where the case is S4), and the sender must know.

    ``weight`` is the least weight of its case in the queue, ``severity`` that of a case which only a notice opens.
    """

    act: timedelta
    act_grave: timedelta
    answer: timedelta
    weight: int
    severity: Severity


_HOURS = {hours: timedelta(hours=hours) for hours in (2, 24, 72)}

# Brief §5.3. The receipt is written at once, which is within the half hour that authorities are given.
PACES: dict[NoticeKind, Pace] = {
    NoticeKind.USER: Pace(
        act=_HOURS[72], act_grave=_HOURS[24], answer=_HOURS[72], weight=200, severity=Severity.S2
    ),
    NoticeKind.TRUSTED_FLAGGER: Pace(
        act=_HOURS[24], act_grave=_HOURS[24], answer=_HOURS[72], weight=400, severity=Severity.S2
    ),
    NoticeKind.POLICE: Pace(
        act=_HOURS[2], act_grave=_HOURS[2], answer=_HOURS[24], weight=800, severity=Severity.S3
    ),
    NoticeKind.TELECOM_AUTHORITY: Pace(
        act=_HOURS[2], act_grave=_HOURS[2], answer=_HOURS[24], weight=800, severity=Severity.S3
    ),
    NoticeKind.REGULATOR: Pace(
        act=_HOURS[2], act_grave=_HOURS[2], answer=_HOURS[24], weight=800, severity=Severity.S3
    ),
}  # fmt: skip

# What a sender is told, in the languages of letters.
OUTCOMES: dict[NoticeOutcome, dict[str, str]] = {
    NoticeOutcome.REMOVED: {
        "en": "The listing has been taken out of public view.",
        "zh-Hans": "该商品已停止展示。",
    },
    NoticeOutcome.RESTRICTED: {"en": "The listing has been restricted.", "zh-Hans": "该商品已被限制。"},
    NoticeOutcome.KEPT: {
        "en": "A person looked at the listing and found that it may stay.",
        "zh-Hans": "经人工审查，该商品可以继续展示。",
    },
    NoticeOutcome.ALREADY_REMOVED: {
        "en": "The listing had been taken out of public view before.",
        "zh-Hans": "该商品此前已停止展示。",
    },
    NoticeOutcome.ALREADY_JUDGED: {
        "en": "A person has looked at the listing as it is now and found that it may stay. If you know more, tell us.",
        "zh-Hans": "该商品的当前内容已经人工审查，可以继续展示。如有新的情况，请再次告知。",
    },
    NoticeOutcome.GONE: {
        "en": "The seller had withdrawn the listing before a decision.",
        "zh-Hans": "在作出决定前，卖家已撤下该商品。",
    },
    NoticeOutcome.NOT_FOUND: {
        "en": "We could not find the listing. Send its address or number if you have it.",
        "zh-Hans": "未能找到该商品。如有商品链接或编号，请补充。",
    },
    NoticeOutcome.DISMISSED: {
        "en": "We could not act on this notice.",
        "zh-Hans": "我们无法依据该举报采取措施。",
    },
}


def reporter_key_of(report: Report) -> str:
    """One reporter's name for counting: the way to reach them, else what they call themselves."""
    who = report.contact or report.reporter
    return f"{report.kind}:{' '.join(who.casefold().split())}"


def act_by(kind: NoticeKind, severity: Severity | None, received_at: datetime) -> datetime:
    """When somebody must have decided on what a notice of this kind names."""
    pace = PACES[kind]
    return received_at + (pace.act_grave if severity is Severity.S4 else pace.act)


def checked(report: Report) -> Report:
    """The report without blanks around it. Raises ``InputError`` for one that says nothing, or too much."""
    text = report.text.strip()
    if not text or not report.reporter.strip():
        raise InputError("a notice needs a text and who reports", hint="Say what is wrong with the listing.")
    if not (report.listing_id or report.url or report.kind in AUTHORITIES):
        raise InputError("a notice needs the listing's address or number", hint="Give url, or platform and listing_id.")
    if len(text) > LONGEST_TEXT:
        raise InputError(
            "the text has {length} characters; at most {most} are read", length=len(text), most=LONGEST_TEXT
        )
    for name in ("reporter", "contact", "reference", "platform", "listing_id", "category", "key"):
        if len(getattr(report, name)) > LONGEST_FIELD:
            raise InputError("{name} is longer than {longest_field} characters", name=name, longest_field=LONGEST_FIELD)
    if len(report.url) > 4 * LONGEST_FIELD:
        raise InputError(
            "{name} is longer than {longest_field} characters", name="url", longest_field=4 * LONGEST_FIELD
        )
    if report.secret and report.kind not in AUTHORITIES:
        raise InputError("only an authority can ask that the seller is not told")
    return msgspec.structs.replace(report, text=text, language=language_of(report.language))
