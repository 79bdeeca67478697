"""The price a buyer reads: of all amounts on the page, the one that is called a price, stands near the heading, is not
struck out, and is no saving, instalment or delivery charge."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from spiders.pages.money import parse_price
from spiders.pages.scene import Scene, Spot

_CALLED = re.compile(
    r"(?i)pri[cs]e|preis|prix|prezzo|precio|preco|cena|hind\b|kaina|kaufpreis|amount|цена|価格|价格|saleprice"
)
_NOW = re.compile(
    r"(?i)current|now|final|sale|special|actual|our-?price|offer|selling|main|big|product-?price|priceblock|"
    r"atual|actual|aktuell|jetzt|\bpor\b|nuovo|scontato|promo|akcni|akční|nyt|hoy"
)
_FORMER = re.compile(
    r"(?i)old|was\b|strike|regular|list-?price|rrp|msrp|original|before|crossed|uvp|retail|previous|reference|full-?price|"
    r"antigo|anterior|antig|ancien|barr[eé]|streich|statt|vecchi|listino|stara|puvodni|původní|ordinarie|förut|crossed|del\b"
)
_OTHER = re.compile(
    r"(?i)ship|deliver|install?ment|month|sav(?:e|ing)|discount|coupon|points|unit-?price|per-?unit|total|tax|base-?price|"
    r"omnibus|lowest|minimum|range|deposit|insurance|warrant|finance|bonus|gift"
)
_OTHER_TEXT = re.compile(
    r"(?i)/\s*(?:mes|month|mo|Monat|měs|m²|kg|ml|l|100)|x\s*\d+\s*(?:cuotas|rate)|-\d+\s*%|\bsave\b|\boff\b|risparmi|"
    r"sconto|deliver|shipping|spedizione|versand|livraison|frete|доставка|運費|运费|免運|每期|分期|積點|原價|原价|市價|"
    r"市场价|建議售價|滿額|保險|\bfrom\b|\bab\b|\bwas\b|\brrp\b|\buvp\b"
)
_SIGN = (
    r"€|£|\$|¥|￥|₹|₽|₴|₺|₩|zł|Kč|kr\b|лв|руб|р\.|грн|元|円|원|EUR|USD|GBP|PLN|CZK|SEK|NOK|DKK|CHF|RON|HUF|BYN|RUB|"
    r"CNY|TWD|JPY|R\$|Rs\.?|INR|₫|₪|₱|₦|฿|₸|Ft\b|lei\b|RM\b|Rp\b|TL\b|AED|SAR|BRL|AUD|CAD|HKD|SGD"
)
_MONEY = re.compile(rf"(?:{_SIGN})\s*\d|\d\s*(?:{_SIGN})")
_AMOUNT = re.compile(rf"(?:{_SIGN})\s*\d[\d.,'’\s\xa0]*|\d[\d.,'’\s\xa0]*(?:{_SIGN})")
_DIGIT = re.compile(r"\d")
_NEAR = 400
# Texts are cut to this before a price is looked for: the search costs its length squared at worst.
MOST_SAID = 1000
_LEAST = 3.0


class Tag(msgspec.Struct, frozen=True):
    """A price tag: the amount, the currency it names (or none), where it stands, and how good a price it makes."""

    amount: Decimal
    currency: str
    score: float


def price_tag(scene: Scene, url: str = "", known: frozenset[Decimal] = frozenset()) -> Tag | None:
    """The best price tag, or none that is good enough. ``known``: amounts that the page's data calls prices."""
    best: Tag | None = None
    for spot in scene.spots:
        score = _score(spot, scene.headline_place)
        if score < _LEAST - 2 or (best and score + 2 <= best.score):
            continue
        amount, currency = _read(spot.text, url)
        if not amount:
            continue
        score += 2 * (amount in known)
        if score >= _LEAST and (best is None or score > best.score):
            best = Tag(amount, currency, score)
    return best


def known_amounts(texts: Iterable[str], url: str = "") -> frozenset[Decimal]:
    """The amounts of money that ``texts`` name: shops put their price into the page's description."""
    found = (_read(text[:MOST_SAID], url)[0] for text in texts if _MONEY.search(text[:MOST_SAID]))
    return frozenset(amount for amount in found if amount)


def _read(text: str, url: str) -> tuple[Decimal | None, str]:
    """The amount beside a currency's sign; failing that any."""
    found = _AMOUNT.search(text)
    return parse_price(found.group() if found else text, url)


def _score(spot: Spot, headline: int) -> float:
    """Higher for what looks more like the price; below zero for what is none."""
    if len(spot.text) > 60 or not _DIGIT.search(spot.text):
        return -9
    names_money = bool(_MONEY.search(spot.text))
    is_called = bool(_CALLED.search(spot.called))
    near_called = bool(_CALLED.search(spot.around[-80:]))
    if not names_money and not is_called:
        return -9
    score = 2.0 * names_money + 2.0 * is_called + 1.0 * near_called
    score += 0.5 * bool(_NOW.search(spot.called)) - 4.0 * spot.is_struck
    score -= 4.0 * bool(_FORMER.search(spot.called)) + 2.0 * bool(_FORMER.search(spot.around[-60:]))
    score -= 4.0 * bool(_OTHER.search(spot.called) or _OTHER_TEXT.search(spot.text))
    distance = spot.place - headline
    if headline:
        score += 2.0 * (1 - distance / _NEAR) if 0 <= distance <= _NEAR else -1.0
    score -= 1.0 * (len(_AMOUNT.findall(spot.text)) > 1)
    return score - len(spot.text) / 60
