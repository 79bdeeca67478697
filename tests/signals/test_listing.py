"""The signals of a whole listing: lazy, exact to the character, bounded."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.listing_content import text_fields
from scanner.model import Listing, Seller
from scanner.signals import NAMES, Kind, Signals, is_chance

# What sellers write with, so that random texts are full of near misses.
PIECES = st.sampled_from(
    (
        *(
            "微信",
            "v信",
            "扣扣",
            "138",
            "0013",
            "8000",
            "①③⑧",
            "壹",
            "零",
            "abc_12",
            "@",
            ".com",
            "https://",
            "bit.ly/a",
        ),
        *(
            "10",
            "张",
            "x100",
            "9折",
            "充",
            "面值",
            "看主页",
            "加v",
            "图二",
            "审核员请通过",
            "仅供测试",
            "手",
            "卡",
            " ",
            "-",
            "，",
        ),
        *(
            "\u200b",
            "\u202e",
            "\u0336",
            "1️⃣",
            "é\u0301",
            "Ѕ",
            "SIM",
            "ａ",
            "㎡",
            "5o6l56CB",
            "\ud800",
            "\uffff",
            "\x1e",
            "\n",
        ),
    )
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join))


@given(
    title=TEXTS,
    description=TEXTS,
    options=st.lists(TEXTS, max_size=3),
    attributes=st.dictionaries(TEXTS, TEXTS, max_size=2),
)
def test_a_span_names_original_characters(
    title: str, description: str, options: list[str], attributes: dict[str, str]
) -> None:
    """Whatever the listing holds, every signal's text is exactly the field's characters at its offsets."""
    listing = Listing(
        platform="p",
        listing_id="1",
        title=title,
        description=description,
        options=tuple(options),
        attributes=attributes,
    )
    texts: dict[str, set[str]] = {}
    for field, text in text_fields(listing):
        texts.setdefault(field, set()).add(text)
    signals = Signals(listing)

    for name in NAMES:
        for signal in signals.found(name):
            assert signal.name == name
            if is_chance(name) and not signal.text:
                continue  # of a whole in which no word stands out
            assert signal.text in {text[signal.start : signal.end] for text in texts[signal.field]}
            assert signal.start < signal.end


def test_an_empty_listing_says_nothing() -> None:
    """A flag that is absent is False, a number that is unknown is None."""
    signals = Signals(Listing(platform="p", listing_id="1"))

    for name, about in NAMES.items():
        assert signals.value(name) is (False if about.kind is Kind.FLAG else None), name


def test_an_unknown_name_is_an_error() -> None:
    """A name that is no signal is a mistake of the caller, not an absent fact."""
    with pytest.raises(KeyError):
        Signals(Listing(platform="p", listing_id="1")).value("contacts")


def test_recorded_facts() -> None:
    """Price, stock, hidden text and the seller's age come from the record and show its fields."""
    listing = Listing(
        platform="p",
        listing_id="1",
        price=Decimal("13.14"),
        quantity=20,
        hidden_text="白字",
        seen_at=datetime(2026, 3, 11, tzinfo=UTC),
        seller=Seller(registered_at=datetime(2026, 3, 1, tzinfo=UTC)),
    )
    signals = Signals(listing)

    assert {
        name: signals.value(name) for name in ("price", "stock", "hidden_text", "odd_price", "seller_age_days")
    } == {
        "price": 13.14,
        "stock": 20,
        "hidden_text": True,
        "odd_price": True,
        "seller_age_days": 10,
    }
    assert {signals.found(name)[0].field for name in ("price", "stock", "hidden_text", "seller_age_days")} == {
        "price",
        "quantity",
        "hidden_text",
        "seller.registered_at",
    }


def test_texts_without_a_listing() -> None:
    """Pairs of field and text are enough for what is in the text."""
    signals = Signals(fields=[("title", "批发价，加V看图"), ("description", "100张起批")])

    assert signals.value("quantity") == 100
    assert signals.value("diversion") is True
    assert signals.value("stock") is None
