"""Facts: what one method found on a page, by field of ``Listing``; and how raw values become clean ones.

A method leaves out what it did not find, so that the chain can ask the next one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from scanner.model import Availability
from spiders.pages.money import currency_code

Facts = dict[str, Any]

MOST_TEXT = 100_000
MOST_VALUES = 200
# Space that a page lays out with; invisible characters stay, for a seller may have put them there to hide a word.
# One class of characters, or a run up to the next bracket: linear in any engine, and re is the quicker for these.
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_PLACEHOLDER = re.compile(r"^(?:\$\w+|\{\{.*\}\}|\{%.*|undefined|null|none|nan|n/a|-+)$")
_NUMBER = re.compile(r"^-?\d{1,15}(?:\.\d{1,6})?$")

# schema.org ItemAvailability and what shops write in its place; the last part of a URL, letters only, lower case.
_AVAILABILITY = {
    "instock": Availability.IN_STOCK,
    "instoreonly": Availability.IN_STOCK,
    "onlineonly": Availability.IN_STOCK,
    "limitedavailability": Availability.IN_STOCK,
    "available": Availability.IN_STOCK,
    "availablefororder": Availability.IN_STOCK,
    "madetoorder": Availability.IN_STOCK,
    "yes": Availability.IN_STOCK,
    "true": Availability.IN_STOCK,
    "onstock": Availability.IN_STOCK,
    "backorder": Availability.PREORDER,
    "preorder": Availability.PREORDER,
    "presale": Availability.PREORDER,
    "pending": Availability.PREORDER,
    "outofstock": Availability.OUT_OF_STOCK,
    "oos": Availability.OUT_OF_STOCK,
    "soldout": Availability.OUT_OF_STOCK,
    "unavailable": Availability.OUT_OF_STOCK,
    "notavailable": Availability.OUT_OF_STOCK,
    "reserved": Availability.OUT_OF_STOCK,
    "no": Availability.OUT_OF_STOCK,
    "false": Availability.OUT_OF_STOCK,
    "discontinued": Availability.DISCONTINUED,
}


def clean(text: str) -> str:
    """``text`` on one line, entities and runs of space resolved; the characters are the seller's."""
    text = text[:MOST_TEXT]
    if "&" in text:
        text = html.unescape(text)
    return str(_SPACE.sub(" ", text)).strip()


def plain(text: str) -> str:
    """``text`` without markup: descriptions in structured data often carry it, escaped or not."""
    text = clean(text)
    return clean(_MARKUP.sub(" ", text)) if "<" in text else text


def number(value: object) -> Decimal | None:
    """A number as machines write it (``1234.5``), else none."""
    text = str(value).strip()
    if not _NUMBER.search(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def moment(text: str) -> datetime | None:
    """A moment or day in ISO 8601, in UTC; none if it is neither."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def availability(value: object) -> Availability | None:
    """What ``value`` says in schema.org's words or near them, else none."""
    word = str(value)[:200].rstrip("/ ").rpartition("/")[2].rpartition("#")[2].lower()
    return _AVAILABILITY.get("".join(letter for letter in word if letter.isalpha()))


def keep(facts: Facts, **values: Any) -> None:
    """Add the values that say something; never overwrites. A template's placeholder says nothing."""
    for field, value in values.items():
        if value in (None, "", (), {}) or field in facts or (isinstance(value, str) and _PLACEHOLDER.search(value)):
            continue
        facts[field] = value


def distinct(texts: Iterable[str], most: int = MOST_VALUES) -> tuple[str, ...]:
    """The non-empty texts, each once, in their order, ``most`` at most."""
    return tuple(dict.fromkeys(text for text in texts if text))[:most]


__all__ = ["Facts", "availability", "clean", "currency_code", "distinct", "keep", "number", "plain"]
