"""Cover words end where the text goes on into another word."""

from __future__ import annotations

import pytest

from scanner.model import Listing
from scanner.rulebook import load
from scanner.rulebook.content import Cover, Entry
from scanner.rulebook.continued import covers_of, texts_behind
from scanner.scan import scan
from scanner.triage import triage


def is_queued(title: str) -> bool:
    """Whether the shipped rules put a listing of this title before a person."""
    listing = Listing(platform="market", listing_id="1", title=title)
    return triage(listing, scan([listing], load())[0]) is not None


@pytest.mark.parametrize(
    "offer",
    [
        "手机卡套餐 免实名",
        "电话卡套餐 一张80元 不用本人登记",
        "手机卡通话不限 免实名",
        "手机卡包邮 免实名 量大",
        "电话卡包月 免实名",
        "手机卡包激活 不用实名",
        "手机卡机主不用到 免实名",
        "电话卡座机都能打 免实名",
        "手机卡盒装发 免实名 100张",
        "手机卡夹在书里发 免实名 100张",
        "流量卡套餐 免实名 不限速 批发",
        "礼品卡通用 回收 95折",
        "购物卡套现 高价收",
    ],
)
def test_what_a_card_comes_with_does_not_cover_it(offer: str) -> None:
    """手机卡套 is a sleeve and 手机卡包 a wallet, but what is behind makes other words of their last characters."""
    assert is_queued(offer)


@pytest.mark.parametrize(
    "lawful",
    [
        "手机卡套 透明 十个装",
        "手机卡包 真皮 大容量",
        "手机卡通贴纸 可爱",
        "苹果卡通手机壳 其他型号可定制",
        "手机卡座维修 换卡座",
        "电话卡册 收藏用 包邮",
        "手机卡盒 收纳小卡 防尘",
        "手机卡针 取卡针 通用",
        "流量卡套 防磨 硅胶",
    ],
)
def test_what_is_made_for_a_card_is_spared(lawful: str) -> None:
    """The cover words hold as before where the text does not go on."""
    assert not is_queued(lawful)


def test_texts_that_no_cover_word_contains_are_ways_to_write_a_term() -> None:
    """Only of lists that the cover word is for, and only where a term stands before its last character."""
    entries = [
        Entry(list=1, text="卡"), Entry(list=1, text="手机卡", sound=True), Entry(list=2, text="卡套"),
        Entry(list=3, text="卡"),
    ]  # fmt: skip
    covers = [Cover(lists=(1,), text="手机卡套"), Cover(lists=(2,), text="手机卡套"), Cover(lists=(3,), text="手机壳")]
    assert [*texts_behind(entries, covers)] == [("手机卡套餐", 1), ("手机卡套现", 1)]


def test_words_of_guards_are_covered_where_they_run_into_others() -> None:
    """Of the lists that are named, and no others."""
    entries = [Entry(list=1, text="卡套"), Entry(list=2, text="卡包"), Entry(list=1, text="卡槽")]
    assert {(one.lists, one.text) for one in covers_of(entries, {1})} == {((1,), "卡套餐"), ((1,), "卡套现")}
