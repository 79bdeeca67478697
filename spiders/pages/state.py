"""The values that a page's scripts carry: JSON blocks, ``__NEXT_DATA__``, ``window.__INITIAL_STATE__ = {…}``, calls of
analytics. JavaScript's looser way of writing objects is put right; no script is run, and time and number are bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

MOST_CHARACTERS = 4 * 2**20
MOST_SCRIPTS = 200
MOST_VALUES = 100
MOST_OPEN = 3
# How scripts say that something has a price: in part, for any way of writing it.
_OF_PRICES = ("rice", "ricing", "amount")
_SCRIPT = re.compile(r"<script\b[^<>]*>", re.IGNORECASE)
_CLOSE = re.compile(r"</script", re.IGNORECASE)
_PARSED = re.compile(r"JSON\.parse\(\s*(?=[\"'])")
_BEGINS = re.compile(r"[=(]\s*(?=[{\[])")
# Strings end with their line, as the language has it: so each token is found in one go, whatever stands there.
_STRING = r'"(?:[^"\\\n]|\\.)*"?|' + r"'(?:[^'\\\n]|\\.)*'?"
_TOKEN = re.compile(rf"{_STRING}|[{{}}\[\]]")
_LOOSE = re.compile(
    rf"({_STRING})|/\*[^*]*\*/|(?<![:\\])//[^\n]*|([A-Za-z_$][\w$]*)(?=\s*:)|\b(undefined|NaN|Infinity)\b|!([01])\b"
    r"|,(?=\s*[}\]])"
)
MOST_NODES = 5000
MOST_PAIRS = 300
Pairs = dict[str, str]
NAMES = frozenset({"name", "title", "productname", "product_name", "item_name", "itemname", "goods_name", "goodsname"})
# What holds for all that stands below it; lists whose first member stands for all; what a thing says first of itself.
_SHARED = frozenset({"vendor", "brand", "brandname", "currency", "currencycode", "pricecurrency", "currency_code"})
_PARTS = frozenset({"variants", "skus", "offers", "sku_list", "skulist", "products"})
_HEADS = ("name", "value", "amount", "current", "status", "price", "code", "text")
_WORDS = {"undefined": "null", "NaN": "null", "Infinity": "null"}


def values(page: str) -> Iterator[Any]:
    """The values in the page's scripts that speak of a price, in order."""
    yield from islice(_values(page), MOST_VALUES)


def _values(page: str) -> Iterator[Any]:
    for opening, content in islice(_scripts(page), MOST_SCRIPTS):
        if "json" in opening and "src=" not in opening:
            yield from _decoded(content)
        else:
            for found in islice(_PARSED.finditer(content), MOST_VALUES):
                string = _TOKEN.match(content, found.end())
                yield from (value for text in _decoded(string[0] if string else "") for value in _decoded(text))
            yield from (value for piece in _objects(content) for value in _decoded(piece))


def _scripts(page: str) -> Iterator[tuple[str, str]]:
    """Opening tag and content of the scripts that say "price" in any way; linked data is read elsewhere."""
    at = 0
    while found := _SCRIPT.search(page, at):
        closed = _CLOSE.search(page, found.end())
        at = closed.end() if closed else len(page)
        content = page[found.end() : min(at, found.end() + MOST_CHARACTERS)]
        opening = found[0].lower()
        if "ld+json" not in opening and _is_of_prices(content):
            yield opening, content.removesuffix("</script")


def _objects(script: str) -> Iterator[str]:
    """The objects and lists that are assigned or handed over in a script, none inside another."""
    at, left_open = 0, 0
    while left_open < MOST_OPEN and (found := _BEGINS.search(script, at)):
        end = _end(script, found.end())
        left_open += not end
        at = end or found.end()
        if end and _is_of_prices(piece := script[found.end() : end]):
            yield piece


def _is_of_prices(text: str) -> bool:
    return any(word in text for word in _OF_PRICES)


def _end(script: str, start: int) -> int:
    """Where the brackets that open at ``start`` are closed again; 0 if they never are."""
    depth = 0
    for token in _TOKEN.finditer(script, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return 0


def _decoded(text: object) -> Iterator[Any]:
    """The value that ``text`` is, as JSON or as JavaScript writes it; nothing if it is neither."""
    if not isinstance(text, str):
        return
    for attempt in (str, _strict):
        try:
            yield json.JSONDecoder(strict=False, parse_float=str, parse_constant=str).decode(
                attempt(text).strip(" \t\r\n;")
            )
        except (ValueError, RecursionError):
            continue
        return


def _strict(text: str) -> str:
    return str(_LOOSE.sub(_mend, text))


def _mend(found: re.Match[str]) -> str:
    string, key, word, bit = found.groups()
    if string:
        inner = string[1:].removesuffix(string[0])
        return f'"{inner}"' if string[0] == '"' else '"' + inner.replace("\\'", "'").replace('"', '\\"') + '"'
    if key:
        return f'"{key}"'
    return _WORDS[word] if word else {"0": "true", "1": "false"}.get(bit or "", "")


def offers(value: Any) -> Iterator[Pairs]:
    """The named things in a value, each as plain pairs: names in lower case, what is nested in it after its own.

    What the things around it say of a brand or a currency holds for it as well.
    """
    todo: list[tuple[Any, Pairs]] = [(value, {})]
    for position in range(MOST_NODES):
        if position >= len(todo):
            return
        node, above = todo[position]
        if isinstance(node, list):
            todo.extend((inner, above) for inner in node[:MOST_NODES])
        elif isinstance(node, dict):
            own = {key.lower(): str(inner) for key, inner in node.items() if _is_plain(inner)}
            if not NAMES.isdisjoint(own):
                yield {**{name: above[name] for name in above.keys() & _SHARED}, **flat(node)}
            around = {**above, **own}
            todo.extend((inner, around) for key, inner in node.items() if not _is_plain(inner) and not _is_others(key))


def flat(node: dict[str, Any], depth: int = 3) -> Pairs:
    """The pairs of ``node``, and after them those of the things in it: a price that is a thing is its amount."""
    pairs: Pairs = {}
    inner: Pairs = {}
    for key, value in islice(node.items(), MOST_PAIRS):
        name = key.lower()
        if _is_plain(value):
            pairs[name] = str(value)
            continue
        part = value[0] if isinstance(value, list) and value and name in _PARTS else value
        if depth and isinstance(part, dict) and not _is_others(name):
            within = flat(part, depth - 1)
            if head := next((within[way] for way in _HEADS if way in within), ""):
                pairs.setdefault(name, head)
            inner = {**within, **inner}
    return {**{name: value for name, value in inner.items() if name not in NAMES}, **pairs}


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int))


def _is_others(key: str) -> bool:
    """Whether what stands under ``key`` is about other goods."""
    low = key.lower()
    return any(
        word in low for word in ("similar", "related", "recommend", "review", "upsell", "crosssell", "breadcrumb")
    )
