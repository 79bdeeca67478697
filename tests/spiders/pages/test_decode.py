"""Bytes become text whatever the page claims about them."""

from __future__ import annotations

import codecs

import pytest

from spiders.pages.decode import decode

CHINESE = "这是一个二手相机的描述，成色很新，附带原装镜头和包装。" * 3
RUSSIAN = "Смартфон в хорошем состоянии, полный комплект, без царапин. " * 3
GERMAN = "Schöne große Kaffeekanne für Gäste, geprüft und gespült. " * 3


@pytest.mark.parametrize(
    ("text", "sent", "header", "meta"),
    [
        (CHINESE, "utf-8", "utf-8", ""),
        (CHINESE, "utf-8", "gb2312", ""),  # the header lies
        (CHINESE, "utf-8", "", "gb2312"),  # the page lies
        (CHINESE, "utf-8", "", ""),
        (CHINESE, "gb18030", "utf-8", "gbk"),  # the header lies, the page does not
        (CHINESE, "gb18030", "", "gb2312"),
        (CHINESE, "gb18030", "iso-8859-1", "gb2312"),
        (CHINESE, "big5hkscs".replace("hkscs", ""), "big5", ""),
        (RUSSIAN, "cp1251", "windows-1251", ""),
        (RUSSIAN, "koi8-r", "", "koi8-r"),
        (RUSSIAN, "cp1251", "", "windows-1251"),
        (GERMAN, "latin-1", "", "iso-8859-1"),
        (GERMAN, "cp1252", "", "no-such-charset"),
        (GERMAN, "utf-8", "iso-8859-1", ""),
        ("プレゼント用の箱入り石鹸です。" * 5, "shift_jis", "", "shift_jis"),
        ("plain ASCII " * 10, "ascii", "utf-16", ""),  # nobody says so in ASCII
    ],
)
def test_claims_are_weighed_against_the_bytes(text: str, sent: str, header: str, meta: str) -> None:
    """A right claim helps, a wrong one does no harm."""
    if sent == "big5":
        text = "這是一個二手相機的描述，成色很新。" * 3
    head = f'<html><head><meta charset="{meta}"></head>' if meta else "<html><head></head>"
    body = (head + text).encode(sent)
    assert decode(body, f"text/html; charset={header}" if header else "text/html").endswith(text)


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed(mark: str) -> None:
    """Before anything else, and it is no part of the text."""
    assert decode(CHINESE.encode(mark), "text/html; charset=gbk") == CHINESE


def test_a_few_bad_bytes_cost_a_few_characters() -> None:
    """A description cut in the middle of a character does not turn the whole page into nonsense."""
    body = (CHINESE * 20).encode()
    text = decode(body[:1000] + b"\xe6" + body[1000:], "text/html; charset=utf-8")
    assert text.count("\ufffd") <= 3
    assert CHINESE in text


def test_short_texts_are_what_they_claim() -> None:
    """A word of GBK may be valid UTF-8 by chance, as this famous one is."""
    assert decode(codecs.encode("联通", "gbk"), "text/html; charset=gbk") == "联通"


@pytest.mark.parametrize("body", [b"", b"\xff", bytes(range(256)) * 50, b"\x81" * 10_000])
def test_nothing_fails(body: bytes) -> None:
    """Any bytes become some text."""
    assert isinstance(decode(body, "text/html; charset=\xff"), str)
