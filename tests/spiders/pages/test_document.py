"""A page function finds elements by class, in the main part first, wherever the page keeps them."""

from __future__ import annotations

import time

import pytest

from spiders.pages import Document, Page

MAIN = '<main><p class="price now">4</p></main>'
ASIDE = '<aside><p class="price">9</p></aside>'


@pytest.mark.parametrize(
    ("body", "name", "texts"),
    [
        (f"<body>{ASIDE}{MAIN}</body>", "price", ["4"]),
        (f"<body>{MAIN}<ol class='crumbs'>Home</ol></body>", "crumbs", ["Home"]),
        (f"<style>.sold{{}}</style><body>{MAIN}</body>", "sold", []),
        (f"<body>{MAIN}{MAIN.replace('4', '5')}</body>", "price", ["4", "5"]),
        (f"<body>{ASIDE}</body>", "price", ["9"]),
        ("<body><main><p class=price>4</body>", "price", ["4"]),
        ("<body><!-- <p class='price'>1</p> --><P CLASS='price'>4</P></body>", "price", ["4"]),
        ("<body><script>var a = \"<p class='price'>1</p>\"</script><b class='price'>4</b></body>", "price", ["4"]),
        ("<body><script><p class='price'>1</p></body>", "price", []),
        (
            "<body><p class='prices old-price'>1</p><p title=price>2</p>a price <b class='price'>4</b></body>",
            "price",
            ["4"],
        ),
        ("<body><p class='a price'>4<i class=price>5</i></p></body>", "price", ["4", "5"]),
        ("<body><ul><li class=price>4<li class=price>5</ul></body>", "price", ["4", "5"]),
    ],
    ids=[
        "main before the rest",
        "elsewhere if not in main",
        "a style is no element",
        "two mains",
        "no main",
        "open",
        "comment",
        "script",
        "script that never ends",
        "other names",
        "one in another",
        "ends left out",
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_class_is_found_where_the_page_bears_it(body: str, name: str, texts: list[str], charset: str) -> None:
    """The main part's elements come alone if it has any; a style sheet's name is none."""
    document = Document(Page(body=body.encode(charset), url="http://shop.test/p/1"))
    assert [element.text for element in document.of_class(name)] == texts


@pytest.mark.parametrize(
    "body", ["<b class=x>" * 20_000, "<script class=x>" * 20_000, "x " * 100_000, "<b " + "x " * 100_000]
)
def test_hostile_markup_costs_no_more_than_its_size(body: str) -> None:
    """Nested without end, never closed, or a name a hundred thousand times: found or not, it takes no second."""
    document = Document(Page(body=f"<html>{body}".encode(), url="http://shop.test/p/1"))
    began = time.process_time()
    document.of_class("x")
    assert len(list(document.bearing("x"))) <= 200
    assert time.process_time() - began < 1
