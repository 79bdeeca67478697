"""Phrases that lead away from the listing, and ordinary talk that sounds like them."""

from __future__ import annotations

import pytest

from scanner.signals import Signals

FOUND = [
    ("全新未拆 加V详聊", "加V"),
    ("需要的➕V", "➕V"),
    ("加薇看货", "加薇"),
    ("电话薇❤同号", "薇❤同号"),
    ("有货私聊", "私聊"),
    ("具体看主页", "看主页"),
    ("看我头像", "看我头像"),
    ("价格看图三", "价格看图"),
    ("图二有群", "图二有群"),
    ("左下角有号", "左下角有号"),
    ("扫图进", "扫图"),
    ("这里不方便说", "这里不方便说"),
    ("走飞机聊", "走飞机聊"),
    ("懂的来，不懂勿扰", "懂的来"),
    ("换个软件说", "换个软件说"),
    ("別直接拍，先聊再拍", "別直接拍"),
    ("費率私聊", "費率私"),
    ("拍前请联系", "拍前请联系"),
    ("加客服微信领", "加客服微信"),
    ("留个联系方式", "留个联系方式"),
    ("进群领首单", "进群领"),
    ("🛫上聊", "🛫上聊"),
    ("看主图二维码", "看主图二维码"),
    ("到账时间都在第一张图", "都在第一张图"),
    ("文字不好讲", "文字不好讲"),
    ("DM me for the list", "DM me"),
    ("pm me", "pm me"),
    ("reach me on the other app", "reach me"),
    ("deal on Telegram", "on Telegram"),
    ("WhatsApp only", "WhatsApp only"),
    ("see my profile", "see my profile"),
    ("price list in the second photo", "list in the second photo"),
    ("off-platform deals welcome", "off-platform"),
    ("价格 私 聊", "私 聊"),
    ("加.微.信 拿货", "加.微.信"),
    ("看 主 页 有 号", "看 主 页"),
]


@pytest.mark.parametrize(("text", "span"), FOUND)
def test_a_diversion_is_found(text: str, span: str) -> None:
    """Each way to say "not here" is found and shown in the seller's own characters."""
    assert span in [signal.text for signal in Signals(fields=[("description", text)]).found("diversion")]


INNOCENT = [
    ("加V领设计，显脸小", "a neckline"),
    ("手机 私 人 订制", "spaced for looks"),
    ("款式 A B C 加 绒", "sorts and lining"),
    ("联系 我拿了样品的那位", "a word beside a space"),
    ("参加V计划", "to take part"),
    ("加vip打折", "a membership"),
    ("加微弹面料", "a fabric"),
    ("添加微量元素", "an additive"),
    ("增加威力", "to make stronger"),
    ("加威化饼干两包", "biscuits"),
    ("加绒加厚", "lining"),
    ("图案清晰不掉色", "a pattern"),
    ("图书馆同款台灯", "a library"),
    ("左上角有一处磕碰", "a defect"),
    ("机身右下角掉漆", "a defect"),
    ("单拍不发货，需搭配主机", "an accessory that is not sold alone"),
    ("对图片有要求的慎拍", "a warning"),
    ("私人定制刻字", "custom made"),
    ("私家车用品", "for cars"),
    ("聊天机器人书籍", "a book"),
    ("联系客服改地址", "the platform's own chat"),
    ("主页设计模板", "a design"),
    ("密封罐", "a jar"),
    ("进群山深处", "a place"),
    ("飞机上用的颈枕", "in an aeroplane"),
    ("换个颜色", "another colour"),
    ("看图书长大", "books"),
    ("飞机杯架 车载", "a cup holder"),
    ("message board for kids", "a board"),
    ("text book", "a book"),
    ("profile sander", "a tool"),
    ("photo album", "an album"),
    ("contact lens case", "a case"),
    ("add-on cable", "a cable"),
]


@pytest.mark.parametrize(("text", "why"), INNOCENT)
def test_ordinary_talk_is_spared(text: str, why: str) -> None:
    """Words that hold the same characters for another reason lead nowhere."""
    assert Signals(fields=[("description", text)]).found("diversion") == (), why


@pytest.mark.parametrize("text", ["尺码见图", "如图所示", "颜色看图二", "as in the picture", "see photos"])
def test_pointing_at_a_picture_is_its_own_signal(text: str) -> None:
    """Ordinary sellers point at pictures too: that is ``see_picture`` and no diversion."""
    signals = Signals(fields=[("description", text)])

    assert signals.value("see_picture") is True
    assert signals.value("diversion") is False


@pytest.mark.parametrize("text", ["图书一套", "图钉100枚", "picture frame A4", "photograph paper", "地图册"])
def test_pictures_as_goods_are_spared(text: str) -> None:
    """A picture that is sold is not one to look at."""
    assert Signals(fields=[("title", text)]).value("see_picture") is False
