"""Addresses by their text alone: plain, spelled out, shortened, imitating a brand."""

from __future__ import annotations

import pytest

from scanner.signals import Signals


def signals_in(text: str) -> Signals:
    """The signals of one description."""
    return Signals(fields=[("description", text)])


LINKS = [
    ("看 https://shop.example.com/a?b=1 下单", "shop.example.com"),
    ("HTTP://SHOP.EXAMPLE.COM", "shop.example.com"),
    ("https：//shop.example.com", "shop.example.com"),
    ("hxxps://pay.example.top/x", "pay.example.top"),
    ("打开 pay-center.xyz 登录", "pay-center.xyz"),
    ("www.example.cn。", "www.example.cn"),
    ("打开http://example.com/a?b=1下单", "example.com"),
    ("看http://example.com，再付款", "example.com"),
    ("http://商店.com/a", "商店.com"),
    ("example点com", "example.com"),
    ("example[.]com", "example.com"),
    ("example dot com", "example.com"),
    ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
    ("http://192.0.2.7:8080/app", "192.0.2.7"),
    ("http://xn--fiqs8s.com/", "xn--fiqs8s.com"),
]


@pytest.mark.parametrize(("text", "host"), LINKS)
def test_an_address_is_found(text: str, host: str) -> None:
    """Addresses are found with and without a scheme, spelled out and full-width, and read as their host."""
    found = signals_in(text).found("link")

    assert [signal.reads for signal in found] == [host]
    assert text[found[0].start : found[0].end] == found[0].text


NO_LINKS = [
    ("ASP.NET 编程书", "a technique"),
    ("node.js 教程", "no top-level domain"),
    ("version 2.0.1", "a version"),
    ("8点开始 come on", "a time"),
    ("No.1 seller", "a rank"),
    ("U.S.A. made", "a country"),
    ("a@example.com", "a mail address is a contact"),
    ("1.5米.可定制", "a length"),
    ("e.g. this", "for example"),
    ("end of line.Next", "a missing space"),
]


@pytest.mark.parametrize(("text", "why"), NO_LINKS)
def test_what_is_no_address_is_spared(text: str, why: str) -> None:
    """Versions, abbreviations and mail addresses are no links."""
    assert signals_in(text).found("link") == (), why


@pytest.mark.parametrize("text", ["https://t.cn/A6abc", "bit.ly/3xYz", "dwz.cn/abc", "www.tinyurl.com/x"])
def test_a_shortener_is_told(text: str) -> None:
    """A host that hides where it leads is a short link."""
    assert signals_in(text).value("short_link") is True


@pytest.mark.parametrize(
    "text", ["https://m.tb.cn/h.abc", "https://t.cnbeta.com/x", "https://habit.ly.example.com", "example.com"]
)
def test_other_hosts_are_no_shorteners(text: str) -> None:
    """A platform's own short link leads back to it, and a host that ends alike is another."""
    assert signals_in(text).value("short_link") is False


LOOK_ALIKES = [
    ("https://taobao-refund.xyz/id", "taobao"),
    ("http://paypa1.com/login", "paypal"),
    ("http://app1e-id.com", "apple"),
    ("http://secure.icloud.com.find-me.top", "icloud"),
    ("https://rnicrosoft.com", "microsoft"),
    ("https://alipay.com@pay.example.top", "alipay.com"),
    ("http://аpple.com/id", "apple.com"),
    ("http://xn--pple-43d.com", "apple.com"),
    ("telegram-gift.top", "telegram"),
    ("usps-redelivery.info", "usps"),
]


@pytest.mark.parametrize(("text", "reads"), LOOK_ALIKES)
def test_an_imitated_brand_is_named(text: str, reads: str) -> None:
    """A brand's name in somebody else's host, look-alike letters, punycode and a host before @ are seen through."""
    assert [signal.reads for signal in signals_in(text).found("lookalike_link")] == [reads]


BRANDS_OWN = [
    ("https://item.taobao.com/item.htm?id=1", "the brand's own"),
    ("https://www.paypal.com/x", "the brand's own"),
    ("https://support.apple.com", "the brand's own"),
    ("http://pineapple.com", "a fruit"),
    ("https://weixin.qq.com/r/x", "the brand's own"),
    ("https://images.ssl-images-amazon.com/a.jpg", "the brand's own pictures"),
    ("http://xn--fiqs8s.com", "Han characters imitate nothing"),
    ("https://shop.example.com/taobao", "a path is no host"),
    ("https://chaselake.example.com", "a place"),
]


@pytest.mark.parametrize(("text", "why"), BRANDS_OWN)
def test_a_brands_own_host_is_spared(text: str, why: str) -> None:
    """The brand's own domains, and words that hold its name, imitate nobody."""
    assert signals_in(text).found("lookalike_link") == (), why
