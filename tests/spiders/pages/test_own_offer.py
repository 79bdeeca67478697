"""One listing among others that it shows, and a list of listings, told apart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spiders.pages import Document, Page
from spiders.pages.links import links_of
from spiders.pages.own_offer import has_own_offer

CARDS = "".join(
    f"<li><a href='/goods/{n}'><img src='/{n}.jpg'>Kettle</a><b class='price'>€ 1{n}.00</b></li>" for n in range(4)
)
HEADED = CARDS.replace("<a", "<h1><a").replace("</a>", "</a></h1>")
OFFER = "<h1>Kettle</h1><p class='price'>€ 12.00</p>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(f"{OFFER}<ul>{CARDS}</ul>", True, id="an offer, then others"),
        pytest.param(f"<main>{OFFER}<div>{CARDS[:68]}</li></div></main><ul>{CARDS}</ul>", True, id="another beside it"),
        pytest.param(f"<h1>Kettles</h1><ul>{CARDS}</ul>", False, id="a list"),
        pytest.param(f"<h1>Kettles</h1><p>12 of them</p><ul>{CARDS}</ul>", False, id="a list that is counted"),
        pytest.param(f"<p class='price'>€ 12.00</p><ul>{CARDS}</ul>", False, id="no headline"),
        pytest.param(f"<ul>{HEADED}</ul>", False, id="a headline on each card"),
        pytest.param(f"<h1>Kettle</h1><p class='price'>€ 99.00</p><ul>{CARDS}</ul>", False, id="another price"),
    ],
)
def test_an_offer_is_the_page_s_own_outside_the_cards(body: str, expected: bool) -> None:
    """What a page asks for beside its headline is its own; what stands on a card is another's."""
    document = Document(Page(body=f"<html><body>{body}</body></html>".encode(), url="http://shop.example/x"))
    others = links_of(document).listings
    assert len(others) == 4
    assert has_own_offer(document, others, Decimal(12)) is expected
