"""Why something was flagged, said in another language around what was found."""

from __future__ import annotations

import time

import msgspec
import pytest

from scanner.console.explaining import finding_told, urgency_told
from scanner.console.labels import LABELS
from scanner.console.languages import Language, Languages
from scanner.console.troubles import trouble_told
from scanner.rulebook import Rulebook
from scanner.rulebook.compiled import CompiledGuard, Said

ZH = Languages()["zh_Hans"]
EN = Languages()["en"]


def word(language: Language, code: str) -> str:
    """As pages say a code."""
    return language.say(LABELS[code]) if code in LABELS else code


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("物联卡 (title)", "物联卡(标题)"),
        ("收码 (title) near 数量 (description) near 量大", "收码(标题)、数量(描述)、量大"),
        ("代充 (options[2]) near 号 and 3 more", "代充(选项 3)、号 等另 3 项"),
        ("电话ka near 出租, spelt by sound and written with separators", "电话ka、出租;谐音写法;夹有分隔符"),
        ("卡 (title) with contact qq:1, quantity 500", "卡(标题);平台外联系方式 qq:1;文中数量 500"),
        ("discount 0.9", "售价与面值之比 0.9"),
        ("the facts of the listing decide", "由商品本身的事实判定"),
        ("卡 (title); lowered to 0.4: no such guard", "卡(标题);得分降至 0.4:no such guard"),
        ("卡 (title); not queued: exception 7", "卡(标题);未入队列:例外 7"),
        # What sellers write is none of our phrases.
        ("a (b[zz]) near sold with love", "a (b[zz])、sold with love"),
        ("could not be read: too long", "could not be read: too long"),
        ("", ""),
    ],
)
def test_a_finding_is_told_around_what_was_found(reason: str, told: str) -> None:
    """Phrases of ours are said in Chinese; words of sellers and sentences of others stay; English is as recorded."""
    assert finding_told(reason, None, ZH) == told
    assert finding_told(reason, None, EN) == reason


def test_guards_speak_both_languages(small_rulebook: Rulebook) -> None:
    """Why a score was lowered stands in the rule, in both languages."""
    because = Said(en="old cards; collected", zh="收藏旧卡")
    plain = small_rulebook.rules[0]
    rule = msgspec.structs.replace(plain, guards=(CompiledGuard(when=plain.when, lower=0.9, because=because),))
    told = finding_told(f"卡 (title); lowered to 0.1 and not queued by itself: {because.en}", rule, ZH)
    assert told == f"卡(标题);得分降至 0.1,不单独入队列:{because.zh}"


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        (
            "phone_card 0.99, phishing 0.90; raised from S3 to S4: phone_card and phishing belong to one trade",
            "phone cards 0.99, phishing 0.90; raised from S3 to S4: phone cards and phishing belong to one trade",
            "0.90;由 S3 升为 S4:",
        ),
        (
            "weight 9.51 = 8 (severity S4) × 0.991 (certainty 0.99) × 3 (500 pieces, 20 views)",
            "weight 9.51 = 8 (severity S4) × 0.991 (certainty 0.99) × 3 (500 pieces, 20 views)",
            "权重 9.51 = 8 (严重程度 S4) × 0.991 (确定程度 0.99) × 3 (500 件、浏览 20 次)",
        ),
        ("reported (police), nothing found by rules", "reported (police), nothing found by rules", "规则未命中"),
        ("anything else", "anything else", "anything else"),
    ],
)
def test_urgency_is_told_with_the_names_of_categories(reason: str, english: str, chinese: str) -> None:
    """Codes get their words in every language."""
    assert urgency_told(reason, EN, lambda code: word(EN, code)) == english
    assert chinese in urgency_told(reason, ZH, lambda code: word(ZH, code))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The platform gave no answer: nothing came within 20 s.", "平台没有应答：20 秒内没有响应."),
        ("The shop answered 503 Service Unavailable: shop is busy.", "店铺答复 503 Service Unavailable: shop is busy."),
        (
            (
                "40 takedowns of the rule phone_card.bulk were sent within an hour, which is the limit: "
                "a person must let it through"
            ),
            "一小时内按规则 phone_card.bulk 发出 40 条下架指令，已达上限：须由人工放行",
        ),
        (
            "sent again: page: the page offers it; api: the API gives it (may lag)",
            "已重新发送：page: 页面仍在出售; api: 接口仍返回该商品 （可能滞后）",
        ),
        ("whatever a platform says", "whatever a platform says"),
    ],
)
def test_troubles_of_orders_are_told_around_what_platforms_say(said: str, told: str) -> None:
    """Sentences of ours are said in Chinese, what a platform says of itself stays; English is as recorded."""
    assert trouble_told(said, ZH) == told
    assert trouble_told(said, EN) == said


def test_a_long_trouble_takes_no_time() -> None:
    """Whatever a platform repeats, finding our sentences in it is quick."""
    begun = time.process_time()
    trouble_told("The platform answered 5" * 170 + "9" * 30, ZH)
    assert time.process_time() - begun < 0.5
