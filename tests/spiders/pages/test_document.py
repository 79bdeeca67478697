"""A page function finds elements by class, in the main part first, wherever the page keeps them."""

from __future__ import annotations

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
    ],
    ids=["main before the rest", "elsewhere if not in main", "a style is no element", "two mains", "no main", "open"],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_class_is_found_where_the_page_bears_it(body: str, name: str, texts: list[str], charset: str) -> None:
    """The main part's elements come alone if it has any; a style sheet's name is none."""
    document = Document(Page(body=body.encode(charset), url="http://shop.test/p/1"))
    assert [element.text for element in document.of_class(name)] == texts
