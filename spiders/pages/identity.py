"""Which listing a URL shows. The same function names what was fetched, what is unchanged and what is gone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import re2

from scanner.errors import SettingsError

# Query parameters that tell how a visitor came, not what is shown.
_CIRCUMSTANTIAL = re.compile(
    r"(?i)^(utm_.*|gclid|fbclid|yclid|msclkid|dclid|ref|referrer|source|from|spm|scm|pc|promo|campaign|session.*|sid"
    r"|phpsessid|jsessionid|mc_[ce]id|_ga|igshid|aff.*|tracking.*|index|pos|position)$"
)
_ID_PARAMETERS = (
    "pid",
    "productid",
    "product_id",
    "itemid",
    "item_id",
    "sku",
    "offerid",
    "goods_id",
    "id",
    "prod",
    "art",
)
_ID_WORD = re2.compile(
    r"(?:^|[-_/.])([A-Za-z]{0,3}\d{5,20}|B0[A-Z0-9]{8}|(?:[A-Z]+\d+|\d+[A-Z]+)[A-Z0-9]{2,})(?:$|[-_/.])"
)
_INDEX_PAGES = ("index.html", "index.htm", "index.php")


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Any:
    """``pattern`` for RE2; raises ``SettingsError`` for what RE2 does not take."""
    try:
        return re2.compile(pattern)
    except re2.error as error:
        raise SettingsError(f"not a linear-time pattern: {pattern!r}: {error}") from error


@lru_cache(maxsize=256)
def listing_id_of(url: str, pattern: str = "") -> str:
    """The listing's id as far as its URL tells.

    The first group of ``pattern``, if there is one and it matches; else the path and what in the query is no mere
    circumstance. Whole paths are long but never make two listings one, which a guess at a number in them would.
    """
    if pattern and (found := compiled(pattern).search(url)) and found.re.groups and (group := found.group(1)):
        return str(group)
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    for name in _INDEX_PAGES:
        path = path.removesuffix(name).rstrip("/")
    query = [(key, value) for key, value in parse_qsl(parts.query) if not _CIRCUMSTANTIAL.search(key)]
    return f"{path}?{urlencode(sorted(query))}" if query else path


def is_home(url: str) -> bool:
    """Whether ``url`` is a site's front page, where shops send those who ask for what is gone."""
    return listing_id_of(url).strip("/").lower() in {"", "home", "en", "de", "fr", "it", "es", "zh", "cn", "index"}


def article_number(url: str) -> str:
    """The article number in an address: a parameter named so, else the last word that looks like one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    query = {key.lower(): value for key, value in parse_qsl(parts.query)}
    for name in _ID_PARAMETERS:
        if any(sign.isdigit() for sign in query.get(name, "")) and len(query[name]) <= 40:
            return query[name]
    path = unquote(parts.path)
    words = []
    for part in path.split("/"):
        words += _ID_WORD.findall(part)
    return str(words[-1]) if words else ""


def without_origin(link: str, page: str) -> str:
    """``link`` as the page's own site would write it: the site's name says nothing about the goods."""
    here = urlsplit(page)
    origin = f"{here.scheme}://{here.netloc}/"
    return link[len(origin) - 1 :] if here.netloc and link.startswith(origin) else link
