"""What a buyer sees of a description, and what is kept from them."""

from __future__ import annotations

import pytest

from spiders.pages import fragment, regions


@pytest.mark.parametrize(
    ("markup", "visible", "hidden"),
    [
        ("<p>手<b>机</b>卡</p>", "手机卡", ""),  # inline markup does not cut a word up
        ("<p>one</p><p>two</p>", "one\ntwo", ""),
        ("one<br>two", "one\ntwo", ""),
        ("<ul><li>one<li>two</ul>", "one\ntwo", ""),
        ("手\u200b机", "手\u200b机", ""),  # invisible characters stay: they are evidence
        ("a<!-- comment -->b<script>c</script><style>d{}</style>", "ab", ""),
        ('<div style="display:none">x</div>y', "y", "x"),
        ('<div style="DISPLAY : NONE !important">x</div>y', "y", "x"),
        ('<div style="visibility:hidden">x<b style="visibility:visible">y</b></div>', "y", "x"),
        ('<div style="opacity:0">x</div>y', "y", "x"),
        ('<div style="opacity:.01">x</div>y', "y", "x"),
        ('<div style="opacity:0.5">x</div>', "x", ""),
        ('<div style="font-size:0">x<span style="font-size:14px">y</span></div>', "y", "x"),
        ('<span style="font-size:1px">x</span>y', "y", "x"),
        ('<span style="font-size:0.9em">x</span>', "x", ""),
        ('<p style="color:#fff">x</p>y', "y", "x"),
        ('<p style="color:#FEFEFE">x</p>y', "y", "x"),
        ('<p style="color:white;background-color:white">x</p>y', "y", "x"),
        ('<font color="#ffffff">x</font>y', "y", "x"),
        ('<p style="color:rgb(255, 255, 254)">x</p>y', "y", "x"),
        ('<p style="color:rgba(0,0,0,0)">x</p>y', "y", "x"),
        ('<p style="color:transparent">x</p>y', "y", "x"),
        ('<div style="background:#000"><p style="color:#fff">x</p></div>', "x", ""),  # white on black is a banner
        ('<div style="background:url(a.png)"><p style="color:#fff">x</p></div>', "x", ""),
        ('<div style="background:#000"><p style="color:#010101">x</p></div>y', "y", "x"),
        ('<table bgcolor="black"><tr><td><font color="white">x</font></td></tr></table>', "x", ""),
        ('<p style="color:#eee">x</p>', "x", ""),  # faint, but there
        ('<p style="position:absolute;left:-9999px">x</p>y', "y", "x"),
        ('<p style="left:-9999px">x</p>', "x", ""),  # not placed: no effect
        ('<p style="text-indent:-999em">x</p>y', "y", "x"),
        ('<p style="transform:translateX(-5000px)">x</p>y', "y", "x"),
        ('<p style="transform:scale(0)">x</p>y', "y", "x"),
        ('<p style="height:0;overflow:hidden">x</p>y', "y", "x"),
        ('<p style="clip:rect(0,0,0,0);position:absolute">x</p>y', "y", "x"),
        ('<p style="clip-path: inset(100%)">x</p>y', "y", "x"),
        ("<p hidden>x</p>y", "y", "x"),
        ('<p class="sr-only">x</p>y', "y", "x"),
        ('<p aria-hidden="true">x</p>', "x", ""),  # hidden from screen readers only
        ("<style>.q{display:none} p, #z {color:#fff}</style><i class=q>x</i><u id=z>w</u>y", "y", "xw"),
        ('<div style="display:none"><div style="display:block">x</div></div>y', "y", "x"),
        ("<details><summary>more</summary>x</details>", "morex", ""),
        ("", "", ""),
        ("no markup & all", "no markup & all", ""),
    ],
)
def test_seen_and_hidden(markup: str, visible: str, hidden: str) -> None:
    """Hidden text is told apart from what is shown, by the ways in which sellers hide it."""
    read = fragment.read(markup)
    assert (read.visible, read.hidden.replace("\n", "")) == (visible, hidden)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 10_000 + "deep",
        "<b>" * 10_000 + "deep" + "</b>" * 10_000,
        '<p style="' + "a:b;" * 200_000 + '">x</p>',
        "<p>" + "x" * 2_000_000,
        "<p>a" * 50_000,
        "<style>" + "a{" * 100_000 + "</style>x",
        "<!--" * 50_000,
        "\x00\x01<p>x</p>",
    ],
)
def test_bait_is_bounded(markup: str) -> None:
    """Depth, length and number are limited; nothing fails."""
    assert len(fragment.read(markup).visible) <= fragment.MOST_CHARACTERS


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<div class="item-description"><div>a</div>b</div>c', ['<div class="item-description"><div>a</div>b</div>']),
        ("<div id=description>a</div>", ["<div id=description>a</div>"]),
        ('<p itemprop="description">a</p><div class="goods-desc">b</div>', ['<p itemprop="description">a</p>']),
        ('<meta name="description" content="x"><a class="description">y</a>', []),
        ('<div class="related-description">x</div>', []),
        ("".join(f'<div class="product-description">{n}</div>' for n in range(8)), []),  # cards
        ('<div class="full-description">a', ['<div class="full-description">a']),
        ("<h2>商品详情</h2><p>a</p><h2>评价</h2><p>b</p>", ["<p>a</p>"]),
        ("<h3>Description:</h3><p>a</p></section><p>b</p>", ["<p>a</p>"]),
        ("<p>a description of nothing</p>", []),
    ],
)
def test_where_descriptions_are(page: str, expected: list[str]) -> None:
    """By name, else under a heading that announces them; cards and links are not it."""
    assert [region.markup for region in regions.descriptions(page)] == expected


@pytest.mark.parametrize(
    "page",
    [
        '<div class="description">' * 20_000,
        "desc" * 500_000,
        "<div desc" * 100_000,
        '<div class="description">' + "<div>" * 200_000,
    ],
)
def test_looking_for_descriptions_is_linear(page: str) -> None:
    """Bait ends like anything else."""
    assert isinstance(regions.descriptions(page), list)
