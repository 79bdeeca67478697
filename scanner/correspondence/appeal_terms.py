"""The terms on which appeals are heard: how long, by when, in what bounds, and what can be given as a reason. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from scanner.errors import InputError
from scanner.outside import AppealReason, AppealState

# An objection may be filed for so long (DSA art. 20: at least six months).
OPEN_FOR = timedelta(days=183)
# Working days until it is accepted, and decided (brief §5.3).
ACCEPT_WITHIN, DECIDE_WITHIN = 1, 5
LONGEST_STATEMENT, MOST_DOCUMENTS, LONGEST_DOCUMENT = 10_000, 20, 300

OPEN = (AppealState.FILED, AppealState.ACCEPTED, AppealState.AWAITING_SECOND)

# What can be given as a reason: whether it lifts the decision, and what the seller is told.
REASONS: dict[AppealReason, tuple[bool, dict[str, str]]] = {
    AppealReason.STANDS_AS_FOUND: (
        False,
        {
            "en": "The listing offers what the rule names, and nothing that was sent shows otherwise.",
            "zh-Hans": "该商品内容符合规则所述情形，所提交材料未能证明相反情况。",
        },
    ),
    AppealReason.LICENCE_NOT_PROVEN: (
        False,
        {
            "en": "The licence or mandate that these goods need was not shown, or is not valid.",
            "zh-Hans": "未能提供经营该类商品所需的有效资质或授权。",
        },
    ),
    AppealReason.LICENCE_PROVEN: (
        True,
        {
            "en": "The licence or mandate was shown; the goods may be offered under it.",
            "zh-Hans": "已提供有效资质或授权，可以在其范围内销售。",
        },
    ),
    AppealReason.LAWFUL_GOODS: (
        True,
        {"en": "The goods are not what the rule names.", "zh-Hans": "该商品不属于规则所述情形。"},
    ),
    AppealReason.WRONG_LISTING: (
        True,
        {"en": "The decision was meant for another listing.", "zh-Hans": "该决定所针对的不是此商品。"},
    ),
    AppealReason.ACCOUNT_MISUSED: (
        True,
        {
            "en": "Somebody else had used the account. Please change its password and look at your other listings.",
            "zh-Hans": "账户曾被他人使用。请修改密码并检查其他商品。",
        },
    ),
}


def checked(statement: str, documents: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Both without blanks around them. Raises ``InputError`` for nothing, or too much."""
    said = statement.strip()
    if not said:
        raise InputError("an appeal needs a statement", hint="Say why the listing may be offered.")
    if len(said) > LONGEST_STATEMENT:
        raise InputError(
            "the statement has {length} characters; at most {most} are read", length=len(said), most=LONGEST_STATEMENT
        )
    if len(documents) > MOST_DOCUMENTS or any(len(one) > LONGEST_DOCUMENT for one in documents):
        raise InputError(
            "at most {most_documents} documents, each named in {longest_document} characters",
            most_documents=MOST_DOCUMENTS,
            longest_document=LONGEST_DOCUMENT,
        )
    return said, tuple(one.strip() for one in documents if one.strip())
