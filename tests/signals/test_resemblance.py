"""The signal ``resembles``, and its share for each category."""

from __future__ import annotations

from scanner.likeness import CATEGORIES
from scanner.model import Listing
from scanner.signals import NAMES, Signals

OFFER = Listing(
    platform="demo",
    listing_id="1",
    title="插上就能用的",
    description="别人名字开好的，打电话收短信都行，不用跑营业厅，一张一百六，停了包换，要几张说，量大再谈。",
)


def test_the_category_it_resembles_most_has_the_chance_and_others_none() -> None:
    """So one threshold serves them all, and a listing is never an offer of everything."""
    signals = Signals(OFFER)
    values = {category: signals.value(f"resembles.{category}") for category in CATEGORIES}
    assert signals.value("resembles") == values.pop("phone_card")
    assert set(values.values()) == {0.0}


def test_the_words_that_weighed_most_are_shown_with_it() -> None:
    """Each is a stretch of the original text and carries the value of the whole."""
    found = Signals(OFFER).found("resembles.phone_card")
    texts = {"title": OFFER.title, "description": OFFER.description}
    assert 2 <= len(found) <= 6
    assert all(texts[one.field][one.start : one.end] == one.text for one in found)
    assert {one.value for one in found} == {Signals(OFFER).value("resembles")}


def test_where_there_is_too_little_to_say_nothing_is_said() -> None:
    """Neither ``resembles >= 50%`` nor ``resembles <= 50%`` holds of a title alone."""
    short = Listing(platform="demo", listing_id="1", title=OFFER.title)
    assert Signals(short).value("resembles") is None
    assert Signals(short).value("resembles.phone_card") is None
    assert Signals(short).found("resembles") == ()


def test_every_category_has_its_name() -> None:
    """The reference page and the parser of conditions know all of them."""
    assert {f"resembles.{category}" for category in CATEGORIES} | {"resembles"} <= NAMES.keys()
