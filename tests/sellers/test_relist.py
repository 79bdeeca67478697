"""What comes back after a removal is known again, and lawful look-alikes are not taken for it."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from scanner import audit
from scanner.model import CaseState, Listing, Seller, Severity
from scanner.moderation import cases
from scanner.outside import Mark
from scanner.records import QueueFilter
from scanner.sellers.marks import contact_keys, marks_of, sketch_of, text_likeness, title_likeness
from scanner.sellers.relist import KEPT_FOR, RELISTED, is_like
from scanner.store import Store
from scanner.takedown import undoing
from tests.fakes import LI, NOON, Clock, Intake, fetched, offer
from tests.outbox import remove
from tests.takedowns_done import followed, sent

SECRET = "s" * 64
BODY = (
    "免实名手机卡 三网可选 信号稳定 到手即用 不用去营业厅办理。量大从优，可以先拿样品。"
    "下单后当天发货，全国包邮，支持同城面交。需要的联系客服 加V: kapian_8866，备注来意。"
)
OTHER = Seller(id="s7", name="New Shop")


def relisted(text: str, **more: Any) -> Listing:
    """A listing of a seller nobody knows, with this text."""
    return offer("99", seller=OTHER, **({"title": "号码卡 三网 到手即用", "description": text} | more))


@pytest.fixture
def removed(store: Store, intake: Intake) -> Store:
    """A listing was removed, and the platform has accepted it."""
    intake(fetched("1", "免实名手机卡 三网", description=BODY))
    remove(store, 1)
    sent(store)
    followed(store)
    return store


# What sellers change when they list again; none of these is found by the rules of the tests.
CHANGED = {
    "another spelling": BODY.replace("手机卡", "手机咔"),
    "separators": "·".join(BODY.replace("手机卡", "手机咔")),
    "other numbers": BODY.replace("手机卡", "手机咔").replace("kapian_8866", "xinka_2299"),
    "a sentence more": BODY.replace("手机卡", "手机咔") + "现在下单还送取卡针一枚。",
}


@pytest.mark.parametrize("how", CHANGED)
def test_what_comes_back_changed_opens_a_case_that_cites_the_first(removed: Store, intake: Intake, how: str) -> None:
    """Though no rule finds it any more: with severity and category of then, due like the gravest."""
    text = CHANGED[how]
    intake(fetched("99", "免实名手机咔 三网", description=text, seller=OTHER))

    (row,) = cases.queue(removed, QueueFilter(rule=RELISTED)).rows
    assert (row.case.severity, row.case.category, row.case.state) == (Severity.S4, "phone_card", CaseState.OPEN)
    assert "case 1, decision 1" in row.findings[-1].reason
    assert row.case.due_at <= NOON + timedelta(hours=2)
    (cited,) = [event for event in cases.show(removed, row.case.id).history if event.kind == "case.relisted"]
    assert (cited.data["first_case"], cited.data["first_decision"]) == (1, 1)
    assert "watch.recognised" in [event.kind for event in cases.show(removed, 1).history]
    assert audit.verify(removed).is_sound


def test_the_same_handle_under_other_words_is_known(removed: Store, intake: Intake) -> None:
    """Written as words, with the messenger's name together, in a listing that is only somewhat like."""
    intake(fetched("99", "三网手机咔 现货", description="要的加vkapian_8866 谢谢", seller=OTHER))

    assert cases.queue(removed, QueueFilter(rule=RELISTED)).total == 1


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("手机壳 硅胶 防摔", "下单后当天发货，全国包邮，支持同城面交。颜色可选，量大从优。"),  # the shop's boilerplate
        ("不锈钢水壶 三升", "适合户外露营，密封好，不漏水，容量足，可以先拿样品看看质量。"),
        ("手机卡针 取卡针", "三网通用，到手即用，小巧好带。下单后当天发货。"),  # a pin
        ("二手书 整套", "九成新，全国包邮。需要的联系客服 加V: books_2024，备注书名。"),
        ("三网", ""),  # too short to know anything by
    ],
)
def test_lawful_look_alikes_are_left_alone(removed: Store, intake: Intake, title: str, text: str) -> None:
    """The boilerplate of a shop, a few words in common, a short title: none of these is a return."""
    intake(fetched("99", title, description=text, seller=OTHER))

    assert cases.queue(removed, QueueFilter(rule=RELISTED)).total == 0


def test_an_undone_removal_is_not_watched_for(removed: Store, intake: Intake) -> None:
    """Nor is one whose fingerprint has expired."""
    undoing.undo(removed, 1, actor=LI, reason="a mistake", now=NOON + timedelta(minutes=5))
    followed(removed)

    intake(fetched("99", "免实名手机咔 三网", description=CHANGED["another spelling"], seller=OTHER))
    assert cases.queue(removed, QueueFilter(rule=RELISTED)).total == 0


def test_a_watch_ends_after_two_years(removed: Store, intake: Intake, clock: Clock) -> None:
    """Nothing is remembered for ever."""
    clock.at = NOON + KEPT_FOR + timedelta(hours=1)
    intake(fetched("99", "免实名手机咔 三网", description=CHANGED["another spelling"], seller=OTHER))

    assert cases.queue(removed, QueueFilter(rule=RELISTED)).total == 0


def test_the_removed_listing_itself_is_no_return(removed: Store, intake: Intake) -> None:
    """That it is still there is for the looks to find."""
    intake(fetched("1", "免实名手机卡 三网", description=BODY + "!"))

    assert cases.queue(removed, QueueFilter(rule=RELISTED, states=tuple(CaseState))).total == 0


@pytest.mark.parametrize(
    ("marks", "text", "title", "expected"),
    [
        ({Mark.TEXT}, 1.0, 0.0, True),
        ({Mark.TEMPLATE}, 0.2, 0.0, True),
        ({Mark.PIECE}, 0.9, 0.5, True),
        ({Mark.PIECE}, 0.9, 0.1, False),  # a shop's boilerplate under another title
        ({Mark.PIECE}, 0.55, 0.55, True),
        ({Mark.PIECE}, 0.45, 0.9, False),
        ({Mark.CONTACT}, 0.0, 0.2, True),
        ({Mark.CONTACT}, 0.2, 0.1, False),  # who sells cards may also sell books
        ({Mark.IMAGE}, 0.0, 0.4, True),
        ({Mark.SELLER, Mark.PIECE}, 0.4, 0.5, True),
        ({Mark.SELLER}, 0.1, 0.9, False),
        ({Mark.TITLE}, 0.35, 1.0, True),
        ({Mark.TITLE}, 0.1, 1.0, False),
    ],
)
def test_what_is_taken_for_a_return(marks: set[Mark], text: float, title: float, expected: bool) -> None:
    """One mark alone is never enough, but for the text itself."""
    assert is_like(marks, text, title) == expected


def test_marks_hold_no_text_and_no_handle() -> None:
    """Handles are hashed under a secret; another secret gives other hashes."""
    listing = offer(title="免实名手机卡", description=BODY, images=("https://i.example/a/3f9c0d1e2b4a5968.jpg?x=1",))
    (marks,) = marks_of([listing], SECRET)

    assert contact_keys(listing, SECRET)
    assert set(contact_keys(listing, SECRET)) != set(contact_keys(listing, "t" * 64))
    assert Mark.IMAGE in marks.keys.values()
    assert all(isinstance(key, int) and -(2**63) <= key < 2**63 for key in marks.keys)


def test_likeness_is_the_share_of_common_pieces() -> None:
    """MinHash estimates it; the same text is 1, another one near 0."""
    texts = [BODY, BODY.replace("手机卡", "手机咔"), "不锈钢水壶 三升 户外露营 密封好 不漏水 容量足"]
    first, second, third = marks_of([offer(description=text, title="") for text in texts], SECRET)

    assert text_likeness(first.pieces, sketch_of(first.pieces)) == 1.0
    assert text_likeness(second.pieces, sketch_of(first.pieces)) > 0.8
    assert text_likeness(third.pieces, sketch_of(first.pieces)) < 0.1
    assert title_likeness(first.title, first.title) in {0.0, 1.0}


@pytest.mark.parametrize("text", ["", "\u0301" * 50_000, "a1_b2" * 20_000, "8" * 100_000, "\ud800\0\u202e" * 99])
def test_hostile_text_costs_little(text: str) -> None:
    """Long, broken or repetitive: bounded marks, no fault."""
    (marks,) = marks_of([offer(title=text[:9], description=text)], SECRET)

    assert len(marks.keys) <= 80


def test_own_ordinary_offers_are_not_taken_for_each_other() -> None:
    """Of offers of thirty goods that share a shop's sentences, hardly one is like another good."""
    assert false_matches(60, seed=3) <= 1 / 1_000


_GOODS = (
    "不锈钢水壶", "手机壳", "充电宝", "保温杯", "台灯", "键盘", "鼠标", "收纳盒", "雨伞", "背包", "运动鞋", "连衣裙",
    "数据线", "耳机", "蓝牙音箱", "菜板", "炒锅", "床单", "枕头", "窗帘", "花盆", "书架", "挂钟", "相框", "拼图",
    "手机卡针", "读卡器", "卡包", "电话座机", "充值发票夹",
)  # fmt: skip
_SAID = (
    "下单后当天发货", "全国包邮", "支持同城面交", "量大从优", "可以先拿样品", "七天无理由退货", "质量好不掉色",
    "适合送礼", "颜色可选", "现货充足", "老客户有优惠", "拍前问客服", "图片实拍", "轻微色差请谅解",
    "偏远地区补运费", "包装结实",
)  # fmt: skip


def false_matches(number: int, *, seed: int) -> float:
    """The share of pairs of ordinary offers of different goods that are taken for each other."""
    chance = random.Random(seed)
    goods = [chance.choice(_GOODS) for _ in range(number)]
    listings = [
        offer(
            str(place),
            f"{name} {chance.choice(('新款', '特价', '热卖', '工厂店'))} {chance.randint(1, 99)}",
            description="，".join(chance.sample(_SAID, 9)) + f"。{name}，{chance.randint(1, 500)}件。",
        )
        for place, name in enumerate(goods)
    ]
    marks = marks_of(listings, SECRET)
    sketches = [sketch_of(one.pieces) for one in marks]
    pairs = matched = 0
    for one in range(number):
        for other in range(one):
            shared = {mark for key, mark in marks[one].keys.items() if key in marks[other].keys}
            if goods[one] == goods[other]:
                continue
            pairs += 1
            if shared:
                likeness = text_likeness(marks[one].pieces, sketches[other])
                matched += is_like(shared, likeness, title_likeness(marks[one].title, marks[other].title))
    return matched / pairs
