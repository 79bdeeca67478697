"""What is paid against what it is worth: face values, discounts and prices that are no prices.

``discount`` is price over face value: 9折 and "90元充100元" are 0.9, "20% off" is 0.8. Ordinary shops give discounts
too; it says something only beside a term for cards or top-ups.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from scanner.model import Listing
from scanner.signals.numerals import PLAIN, digits, number
from scanner.signals.patterns import ALNUM, DIGITS, Form, Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal

_CARD = (
    r"(?:话费|充值卡?|加?油卡|e卡|礼品卡|购物卡|储值卡|点卡|代金券|卡券|提货券|超市卡|礼券|电费|卡密|点券|[q扣]币|余额"
    r"|gift ?cards?|vouchers?|store credit|top[ -]?up|airtime|egift|e-gift)"
)
_CASH = rf"({PLAIN}) ?(?:元|块钱?|圆|刀|面值|面额|面|¥|rmb|usd|\$)?"

# Group 1 is the number.
_FACES = Pattern(
    Form(rf"(?:面值|面额|票面|face(?: value)?|denominations?)[:为是 ]{{0,3}}[$€£¥]? ?({PLAIN})", after=DIGITS + "%"),
    Form(rf"(?:balance|value)[: ]{{1,2}}[$€£¥] ?({PLAIN})", after=DIGITS + "%"),
    Form(r"(\d{2,5}) ?(?:元|块)?面[值额]?", ALNUM + ".", "积板料包粉条层膜"),
    Form(rf"{_CARD}[^\d\x{{ffff}}]{{0,4}}(\d{{2,5}})", after=ALNUM + ".%折枚页个张克/-年"),
    Form(rf"[$€£¥]? ?(\d{{2,5}}) ?(?:元|块钱?|刀|usd)? ?(?:[a-z]{{2,12}} )?{_CARD}", ALNUM + "."),
)  # fmt: skip

_TENTHS = r"(?:\d{1,2}(?:\.\d{1,2})?|[一二三四五六七八九]{1,2}(?:点[一二三四五六七八九]{1,2})?)"
# Group 1 is tenths for the first form, a ratio for the second, percents taken off and percents left for the others.
_DISCOUNTS = Pattern(
    Form(rf"({_TENTHS}) ?折", ALNUM + ".第对叠翻骨:/-", "叠扇页纸断返腾磨边弯线痕耳刀射新就伞"),
    Form(r"(?:折扣|费率|汇率|点位)[:为是 ]{0,2}(0\.\d{1,3})", after=DIGITS + "%"),
    Form(r"(0\.\d{2,3}) ?(?:折扣?|的?价|收|出|充)", ALNUM + "."),
    Form(r"(\d{1,2}(?:\.\d)?) ?% ?(?:off|discount|cheaper|below|under)", DIGITS + "."),
    Form(
        r"(\d{2}(?:\.\d)?) ?%(?: of)?(?: the)? ?(?:face|value|balance|payout|instant|of (?:the )?card|rate)",
        DIGITS + ".",
    ),
    Form(r"\b(?:pay(?:ing)?|up to|rate of|rates? at) (\d{2}(?:\.\d)?)%", after=ALNUM),
    needs="折%率位收出充价",
)

# Less for more: groups 1 and 2 are the two amounts, in either order.
_AMOUNT = r"(\d{2,5}(?:\.\d)?|[一二两三四五六七八九]?[十百千][一二三四五六七八九]?[百十]?[一二三四五六七八九]?十?)"
_EXCHANGES = Pattern(
    Form(
        rf"{_AMOUNT} ?(?:元|块)?的?(?:面[值额]?|额度|话费|e卡) ?的?"
        rf"(?:[给收卖出要售转=,]|只 ?要|只收|实付|到手)? ?{_AMOUNT}",
        ALNUM + ".",
        ALNUM + ".%折天次年月:张个条片膜料",
    ),
    Form(rf"{_AMOUNT} ?(?:实付|只 ?要|只收|到手|收你|抵) ?{_AMOUNT}", ALNUM + ".", ALNUM + ".%折天次年月:张个条"),
    Form(rf"{_CASH} ?(?:充值?|到账|换|变|抵|当|出|得|顶|=|→|->|拿|兑) ?{_CASH}", ALNUM + ".", ALNUM + ".%折天次年月:"),
    needs="充到换变抵当出得顶=→>拿兑面额话卡付只收",
)

# Prices that say something else than what a thing costs, whatever it is.
_ODD = frozenset(
    Decimal(price)
    for price in (
        "0.01", "0.11", "1.11", "5.20", "13.14", "131.4", "520.13", "1314",
        "1314.52", "1111", "11111", "111111", "1234", "12345", "123456", "1234567",
        "6666", "66666", "666666", "8888", "88888", "888888", "9999", "99999",
        "99998", "999999", "9999999", "99999999",
    )
)  # fmt: skip


def faces(reading: Reading) -> tuple[Signal, ...]:
    """Face values of cards and top-ups."""
    found = []
    for match in reading.matches(_FACES):
        value = number(match.groups[0])
        if value and not _is_year(match.groups[0]):
            found.append(reading.signal("face_value", match.start, match.end, value=value))
    return tuple(found)


def _is_year(text: str) -> bool:
    """2020面试 is about a year's interviews, not about a card of 2,020."""
    return len(text) == 4 and text.startswith(("19", "20")) and text != "2000"


def discounts(reading: Reading) -> tuple[Signal, ...]:
    """Every ratio of price to face value between 0.15 and 1 that the text states or the price field implies."""
    found = [*_stated(reading), *_exchanges(reading)]
    if reading.listing is not None and reading.listing.price:
        found += _implied(reading, float(reading.listing.price))
    return tuple(found)


def _stated(reading: Reading) -> Iterator[Signal]:
    for match in reading.matches(_DISCOUNTS):
        ratio = _ratio(match.groups[0], match.form)
        if ratio is not None and 0.15 <= ratio < 1:
            yield reading.signal("discount", match.start, match.end, value=ratio)


def _ratio(text: str, form: int) -> float | None:
    """What a form of ``_DISCOUNTS`` says: 9折 and 折扣0.9, 10% off and 90% of face are 0.9."""
    if form == 0:
        return _tenths(text)
    if form in (1, 2):
        return float(text)
    return round(1 - float(text) / 100 if form == 3 else float(text) / 100, 4)


def _tenths(text: str) -> float | None:
    """9 and 九 are nine tenths, 85 and 八五 are 0.85, 9.25 is 0.925, and so is 0.925."""
    if text.startswith("0."):
        return float(text)
    plain = digits(text.replace("点", "").replace(".", "")).rstrip("0")
    return float(f"0.{plain}") if plain and plain[0] != "0" else None


def _exchanges(reading: Reading) -> list[Signal]:
    """90元充100元, 100充92, 500面470: the smaller is paid for the greater, at least three tenths of it."""
    found = []
    for match in reading.matches(_EXCHANGES):
        amounts = [number(amount) or 0.0 for amount in match.groups]
        less, more = sorted(amounts)
        if match.form == 0 and amounts[0] != more:
            continue  # "面值50 面值100" is a list of two cards
        if more >= 10 and 0.3 <= less / more < 1:
            found.append(reading.signal("discount", match.start, match.end, value=round(less / more, 4)))
    return found


def _implied(reading: Reading, price: float) -> list[Signal]:
    """The price field against the smallest face value in the text that is not below it."""
    above = [face for face in faces(reading) if 0.5 <= price / float(face.value) < 1]
    if not above:
        return []
    face = min(above, key=lambda signal: signal.value)
    ratio = round(price / float(face.value), 4)
    return [
        Signal(name="discount", value=ratio, field=face.field, start=face.start, end=face.end, text=face.text,
               reads=f"{price:g} / {float(face.value):g}")
    ]  # fmt: skip


def odd_prices(listing: Listing | None, *, is_diverted: bool) -> tuple[Signal, ...]:
    """Whether the price says something else than what the thing costs.

    - It is a code or a filler: 13.14, 5.20, 0.01, 1234, 8888, 9999 and their like.
    - It is 0 or 1 while the text leads elsewhere, or to a picture, for the real one.
    """
    if listing is None or listing.price is None:
        return ()
    price = listing.price
    if price in _ODD or (is_diverted and price in {Decimal(0), Decimal(1)}):
        text = str(price)
        return (Signal(name="odd_price", value=True, field="price", start=0, end=len(text), text=text),)
    return ()
