"""Prices as shops write them, to an amount and an ISO 4217 code."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlsplit

import re2
from price_parser import Price

# What names one currency wherever it stands. "$", "kr", "¥" and "£" are shared: the page's country decides (below).
_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "₴": "UAH",
    "₺": "TRY",
    "₩": "KRW",
    "₫": "VND",
    "₪": "ILS",
    "₱": "PHP",
    "₦": "NGN",
    "฿": "THB",
    "₸": "KZT",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "лв": "BGN",
    "руб": "RUB",
    "р": "RUB",
    "грн": "UAH",
    "тг": "KZT",
    "rs": "INR",
    "r$": "BRL",
    "us$": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "hk$": "HKD",
    "nt$": "TWD",
    "s$": "SGD",
    "nz$": "NZD",
    "mx$": "MXN",
    "元": "CNY",
    "円": "JPY",
    "원": "KRW",
    "rmb": "CNY",
    "人民币": "CNY",
    "￥": "CNY",
    "chf": "CHF",
    "rm": "MYR",
    "rp": "IDR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
}
_SHARED = {
    "$": {
        "us": "USD", "ca": "CAD", "au": "AUD", "nz": "NZD", "tw": "TWD", "hk": "HKD", "sg": "SGD", "mx": "MXN",
        "ar": "ARS", "cl": "CLP", "co": "COP", "uy": "UYU", "": "USD",
    },
    "kr": {"se": "SEK", "no": "NOK", "dk": "DKK", "is": "ISK", "": "SEK"},
    "¥": {"jp": "JPY", "cn": "CNY", "": "CNY"},
    "元": {"tw": "TWD", "hk": "HKD", "": "CNY"},
    "р": {"by": "BYN", "": "RUB"},
    "руб": {"by": "BYN", "": "RUB"},
    "rs": {"pk": "PKR", "lk": "LKR", "": "INR"},
}  # fmt: skip
# The currency of the countries whose domain ends a shop's address, for prices that come with no currency at all.
_NATIONAL = {
    "de": "EUR", "fr": "EUR", "it": "EUR", "es": "EUR", "nl": "EUR", "be": "EUR", "at": "EUR", "ie": "EUR",
    "fi": "EUR", "pt": "EUR", "gr": "EUR", "sk": "EUR", "si": "EUR", "ee": "EUR", "lv": "EUR", "lt": "EUR",
    "lu": "EUR", "hr": "EUR", "mt": "EUR", "cy": "EUR", "bg": "BGN", "uk": "GBP", "ch": "CHF", "se": "SEK",
    "no": "NOK", "dk": "DKK", "is": "ISK", "pl": "PLN", "cz": "CZK", "hu": "HUF", "ro": "RON", "ua": "UAH",
    "ru": "RUB", "by": "BYN", "kz": "KZT", "tr": "TRY", "il": "ILS", "in": "INR", "cn": "CNY", "jp": "JPY",
    "kr": "KRW", "tw": "TWD", "hk": "HKD", "sg": "SGD", "my": "MYR", "th": "THB", "vn": "VND", "ph": "PHP",
    "id": "IDR", "au": "AUD", "nz": "NZD", "ca": "CAD", "us": "USD", "mx": "MXN", "br": "BRL", "ar": "ARS",
    "cl": "CLP", "co": "COP", "pe": "PEN", "uy": "UYU", "za": "ZAR", "ng": "NGN", "ke": "KES", "eg": "EGP",
    "ae": "AED", "sa": "SAR",
}  # fmt: skip
_CODES = frozenset(_NATIONAL.values()) | {"MAD", "PKR", "LKR", "BDT", "QAR", "KWD", "RSD", "MKD", "BAM", "GEL", "AMD"}
# Codes that were replaced and live on in templates.
_FORMER = {"rur": "RUB", "byr": "BYN", "trl": "TRY", "rmb": "CNY", "ntd": "TWD", "nis": "ILS"}
_CODE = re.compile(r"^[A-Za-z]{3}$")
_CODE_IN_TEXT = re2.compile(r"(?:^|[^A-Za-z])([A-Z]{3})(?:[^A-Za-z]|$)")
_GROUPED = re.compile(r"(\d{1,3})[\s\xa0\u202f'’](\d{3})")


def currency_code(text: str, url: str = "") -> str:
    """The ISO 4217 code that ``text`` (a code, a symbol) means on the site at ``url``; empty if it means none."""
    word = text.strip().strip(".").lower()
    if _CODE.search(word) and (word.upper() in _CODES):
        return word.upper()
    if word in _FORMER:
        return _FORMER[word]
    country = country_of(url)
    if word in _SHARED:
        return _SHARED[word].get(country, _SHARED[word][""])
    if word in _SYMBOLS:
        return _SYMBOLS[word]
    return word.upper() if _CODE.search(text.strip()) and text.strip().isupper() else ""


def national_currency(url: str) -> str:
    """The currency of the country that the address names, or empty."""
    return _NATIONAL.get(country_of(url), "")


def country_of(url: str) -> str:
    """The country code that ends the host's name, or stands first in the path (``/gb/en``); empty for neither."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return last if len(last := host.rpartition(".")[2]) == 2 else ""


def parse_price(text: str, url: str = "") -> tuple[Decimal | None, str]:
    """The first amount in ``text`` and its currency's code (empty if it says none)."""
    text = text[:200]
    joined = _GROUPED.sub(r"\1\2", _GROUPED.sub(r"\1\2", text))
    found = Price.fromstring(joined)
    amount = found.amount if found.amount is not None and found.amount >= 0 else None
    return amount, _currency_in(text, found.currency or "", url)


def _currency_in(text: str, symbol: str, url: str) -> str:
    if code := currency_code(symbol, url):
        return code
    for found in _CODE_IN_TEXT.findall(text):
        if found in _CODES:
            return str(found)
    return next((currency_code(sign, url) for sign in ("€", "£", "₹", "₽", "zł", "Kč", "R$", "$") if sign in text), "")
