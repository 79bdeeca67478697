"""Face values, discounts, and prices that say something else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scanner.model import Listing
from scanner.signals import Signals

DISCOUNTS = [
    ("9折出", 0.9),
    ("85折", 0.85),
    ("八五折", 0.85),
    ("八点五折", 0.85),
    ("9.2折秒到", 0.92),
    ("９８折", 0.98),
    ("折扣0.93", 0.93),
    ("0.93折扣", 0.93),
    ("100充92", 0.92),
    ("90元充100元", 0.9),
    ("100=90", 0.9),
    ("92换100", 0.92),
    ("20% off", 0.8),
    ("80% of face", 0.8),
    ("paying 85%", 0.85),
    ("9折，大单85折", 0.85),
    ("100面值给95", 0.95),
    ("500面 470", 0.94),
    ("一千面九百三", 0.93),
    ("６４８　只　要　５８０", 0.8951),
    ("300实付270", 0.9),
    ("五百的额度四百五转", 0.9),
]


@pytest.mark.parametrize(("text", "value"), DISCOUNTS)
def test_a_stated_discount_is_found(text: str, value: float) -> None:
    """The lowest ratio of price to face value that the text states is the discount."""
    signals = Signals(fields=[("title", text)])

    assert signals.value("discount") == value
    assert all(text[signal.start : signal.end] == signal.text for signal in signals.found("discount"))


NO_DISCOUNTS = [
    ("对折叠放不占地方", "to fold in half"),
    ("三折伞", "an umbrella that folds thrice"),
    ("2折叠床", "a folding bed"),
    ("骨折固定带", "a fracture"),
    ("九折新", "used, nine tenths new"),
    ("打折扣的承诺", "a saying"),
    ("100%纯棉", "all of it"),
    ("含棉80%", "a share"),
    ("battery at 70%", "a charge"),
    ("1充2放", "a charger"),
    ("3换1", "fewer than ten"),
    ("充电10分钟", "a charge"),
    ("2=1", "fewer than ten"),
    ("up to 75 dB", "a loudness"),
    ("第9折", "an ordinal"),
    ("100出头", "about a hundred"),
    ("20w快充头", "a power"),
    ("16:9", "a format"),
    ("50面膜 40元", "a mask"),
    ("100只装 90只装", "packs"),
    ("三百六十行", "a saying"),
    ("一百零八将卡片", "a number"),
]


@pytest.mark.parametrize(("text", "why"), NO_DISCOUNTS)
def test_what_is_no_discount_is_spared(text: str, why: str) -> None:
    """Folding, charging, shares and formats are no discounts."""
    assert Signals(fields=[("title", text)]).value("discount") is None, why


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("面值100", 100),
        ("面额：500元", 500),
        ("1000面", 1_000),
        ("话费50元", 50),
        ("京东E卡500", 500),
        ("$100 gift card", 100),
        ("100元加油卡", 100),
        ("face value 50", 50),
        ("面值10/30/50，另有面值100", 100),
    ],
)
def test_a_face_value_is_found(text: str, value: float) -> None:
    """The largest face value of a card or a top-up is found."""
    assert Signals(fields=[("title", text)]).value("face_value") == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2020面试题库", "a year"),
        ("12面板", "a board"),
        ("50面膜", "a mask"),
        ("面料100%棉", "a cloth"),
        ("New Balance 574", "a shoe"),
        ("great value", "no number"),
        ("话费3折券使用说明", "a ratio"),
        ("礼品卡12枚装", "a count"),
    ],
)
def test_what_is_no_face_value_is_spared(text: str, why: str) -> None:
    """Years, boards, masks and shoes have no face value."""
    assert Signals(fields=[("title", text)]).value("face_value") is None, why


@pytest.mark.parametrize(
    ("title", "price", "discount"),
    [
        ("话费100 快充", "92", 0.92),
        ("$100 gift card, unused", "82", 0.82),
        ("E卡 面值1000", "1000", None),
        ("面值100", "300", None),
        ("面值1000 收藏旧卡", "30", None),
        ("面值50 面值100", "45", 0.9),
        ("手机壳", "45", None),
    ],
)
def test_the_price_field_implies_a_discount(title: str, price: str, discount: float | None) -> None:
    """The price against the nearest face value above it; at par, above it or below half of it says nothing."""
    listing = Listing(platform="p", listing_id="1", title=title, price=Decimal(price))

    assert Signals(listing).value("discount") == discount


@pytest.mark.parametrize(
    ("price", "text", "is_odd"),
    [
        ("13.14", "", True),
        ("0.01", "", True),
        ("9999", "", True),
        ("8888.00", "", True),
        ("1", "加V聊", True),
        ("0", "看主页", True),
        ("1", "看图选", True),
        ("1", "绿色数据线", False),
        ("0", "", False),
        ("99", "", False),
        ("19.9", "加V聊", False),
        ("1000", "", False),
        ("520", "", False),
        ("0.1", "", False),
    ],
)
def test_an_odd_price_is_told(price: str, text: str, is_odd: bool) -> None:
    """Codes and fillers are odd by themselves, 0 and 1 only where the text leads elsewhere or to a picture."""
    listing = Listing(platform="p", listing_id="1", title=text, price=Decimal(price))

    assert Signals(listing).value("odd_price") is is_odd
