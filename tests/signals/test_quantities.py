"""Numbers of pieces, words of wholesale, and prices of one piece."""

from __future__ import annotations

import pytest

from scanner.signals import Signals
from scanner.signals.numerals import number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("1,200", 1_200), ("1.2万", 12_000), ("3k", 3_000), ("2w", 20_000), ("两百", 200),
        ("一万五", 15_000), ("三千零五", 3_005), ("二十", 20), ("十", 10), ("八五", 85), ("三五", 3),
        ("几百", 200), ("上千", 1_000),
        ("十万", 100_000), ("二百五十万", 2_500_000), ("二零二四", 2024), ("", None), ("几", None), ("1.2.3", None),
    ],
)  # fmt: skip
def test_a_number_is_read(text: str, value: float | None) -> None:
    """Numbers are read as sellers write them; what means "some" is read as the least it means."""
    assert number(text) == value


QUANTITIES = [
    ("10张起批", 10),
    ("一万条起", 10_000),
    ("两千多张现货", 2_000),
    ("500 pcs in stock", 500),
    ("20 aged accounts", 20),
    ("1,500 units", 1_500),
    ("steam keys x100", 100),
    ("手机号 ×50", 50),
    ("库存5000", 5_000),
    ("不低于三百", 300),
    ("MOQ 50", 50),
    ("1.5万个", 15_000),
    ("5w条", 50_000),
    ("１００张", 100),
    ("100起批", 100),
    ("共30套", 30),
    ("三五张", 3),
    ("24，100张", 100),
    ("二十来张", 20),
    ("10000张起订", 10_000),
    ("50个微信号", 50),
    ("十个小号", 10),
]


@pytest.mark.parametrize(("text", "value"), QUANTITIES)
def test_a_quantity_is_found(text: str, value: int) -> None:
    """The largest number of pieces is the listing's quantity."""
    signals = Signals(fields=[("title", text)])

    assert signals.value("quantity") == value
    assert all(text[signal.start : signal.end] == signal.text for signal in signals.found("quantity"))


def test_the_largest_counts() -> None:
    """Of a price list's steps the highest is the quantity."""
    assert Signals(fields=[("description", "10张38，100张35，500张30")]).value("quantity") == 500


NO_QUANTITIES = [
    ("用了3个月", "a time"),
    ("2个小时到", "a time"),
    ("第3张图", "an ordinal"),
    ("四件套床品", "a set of one kind"),
    ("数码相机", "a word"),
    ("几个瑕疵", "some"),
    ("USB 3.0 card reader", "a version"),
    ("7 x 9 inch", "a size"),
    ("60*90cm", "a size"),
    ("5号电池", "a type"),
    ("4.9包邮", "a price with postage"),
    ("1080p 50mm镜头", "a focal length"),
    ("一张", "one is no quantity"),
    ("52x write speed", "a speed"),
    ("SKX100B", "a model"),
    ("100w单位", "a dose"),
    ("648只要580", "a price, and only"),
    ("⑥批发", "an item of a list"),
    ("12条码打印", "a word"),
    ("30天", "a time"),
    ("2024年款", "a year"),
    ("¥20 each", "a price"),
    ("11.11大促", "a date"),
    ("3-5人用", "a range of people"),
]


@pytest.mark.parametrize(("text", "why"), NO_QUANTITIES)
def test_other_numbers_are_no_quantities(text: str, why: str) -> None:
    """Times, ordinals, sizes, versions and models count no goods."""
    assert Signals(fields=[("title", text)]).value("quantity") is None, why


@pytest.mark.parametrize(
    "text", ["支持批量", "量大从优", "长期收", "一手货源", "招代理", "bulk discount", "wholesale only"]
)
def test_wholesale_is_told(text: str) -> None:
    """Words of wholesale count without a number."""
    assert Signals(fields=[("title", text)]).value("bulk") is True


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("音量大，低音好", "a volume"),
        ("少量货源在途", "a shop's stock"),
        ("大量留白的设计", "a design"),
        ("长期使用不变形", "a property"),
        ("批次不同有色差", "a batch"),
        ("一手车", "not second-hand"),
        ("商务打包带", "a strap"),
        ("bulky jacket", "a shape"),
    ],
)
def test_wholesale_words_in_other_words_are_spared(text: str, why: str) -> None:
    """Volume, batches and bulk as a shape are no wholesale."""
    assert Signals(fields=[("title", text)]).value("bulk") is False, why


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3元/条", 0.3),
        ("1毛/个", 0.1),
        ("一条两块", 2),
        ("五毛一个", 0.5),
        ("3分一票", 0.03),
        ("每张5元", 5),
        ("200一张", 200),
        ("$0.5 each", 0.5),
        ("12 per code", 12),
        ("0.3元/条，量大0.25元/条", 0.25),
    ],
)
def test_a_unit_price_is_found(text: str, value: float) -> None:
    """The lowest price of one piece that the text states is the unit price."""
    assert Signals(fields=[("title", text)]).value("unit_price") == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("60*90一次性床单", "a size"),
        ("一个月50元", "a time"),
        ("第一张", "an ordinal"),
        ("个性定制", "a word"),
        ("买一送一", "an offer"),
        ("each piece is unique", "no number"),
        ("back and forth", "no number"),
    ],
)
def test_what_is_no_unit_price_is_spared(text: str, why: str) -> None:
    """Sizes, times and ordinals are no prices."""
    assert Signals(fields=[("title", text)]).value("unit_price") is None, why
