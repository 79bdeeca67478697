"""A row of an exported feed to a ``Listing``. Unknown columns are ignored; odd values cost a field, not the row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from scanner.model import Availability, Listing, Seller, SellerKind
from spiders.pages.facts import availability, number
from spiders.pages.identity import without_origin
from spiders.pages.money import currency_code, parse_price

Row = Mapping[str, Any]

_TEXTS = ("url", "text", "title", "description", "hidden_text", "brand", "sku", "language")
_SELLER = ("id", "name", "kind", "licences", "registered_at")
_KINDS = {kind.value: kind for kind in SellerKind}
_LARGEST = Decimal("1e15")


class BadValue(ValueError):
    """The row cannot be a listing; says which column and why."""


def listing_of(row: Row, *, platform: str) -> Listing:
    """The listing in ``row``. Raises ``BadValue`` where there is no id, no text at all, or a text is no text."""
    fields: dict[str, Any] = {name: text for name in _TEXTS if (text := _text(row.get(name), name))}
    for name, read in _READERS:
        if (value := row.get(name)) not in (None, "", [], {}) and (read_value := read(value)) not in (None, (), {}):
            fields[name] = read_value
    if not any(fields.get(name) for name in ("text", "title", "description", "options", "attributes", "hidden_text")):
        raise BadValue("nothing to read: neither text nor title nor description")
    listing_id = _text(row.get("id", row.get("listing_id")), "id").strip()
    if not listing_id:
        raise BadValue("no id")
    if "images" in fields:
        fields["images"] = tuple(without_origin(image, fields.get("url", "")) for image in fields["images"])
    return Listing(platform=platform, listing_id=listing_id, seller=_seller(row), **fields)


def _text(value: Any, column: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return str(value)
    raise BadValue(f"{column} is not text but {type(value).__name__}")


def _price(value: Any) -> Decimal | None:
    """An amount; "negotiable" is none, and the row is still a listing."""
    text = str(value)
    amount = number(text)
    if amount is None:
        amount = parse_price(text)[0]
    return amount if amount is not None and 0 <= amount < _LARGEST else None


def _quantity(value: Any) -> int | None:
    amount = _price(value)
    return int(amount) if amount is not None else None


def _currency(value: Any) -> str:
    text = str(value).strip()[:8]
    return currency_code(text) or text


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _path(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return tuple(part.strip() for part in value.split(">") if part.strip())
    return _texts(value)


def _texts(value: Any) -> tuple[str, ...]:
    """A list of texts, given as a list, as JSON, or as one text."""
    value = _from_json(value)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Mapping):
        return tuple(f"{name}: {part}" for name, part in value.items())
    return tuple(_flat(part) for part in value if part is not None) if isinstance(value, Iterable) else ()


def _pairs(value: Any) -> dict[str, str]:
    """Names and values, given as an object, as JSON, or as a list of pairs."""
    value = _from_json(value)
    if isinstance(value, Mapping):
        return {str(name): _flat(part) for name, part in value.items() if part is not None}
    if isinstance(value, str):
        return {"": value}
    found = {}
    for part in value if isinstance(value, (list, tuple)) else ():
        if isinstance(part, Mapping):
            found[_flat(part.get("name", ""))] = _flat(part.get("value", ""))
        elif isinstance(part, (list, tuple)) and len(part) == 2:
            found[_flat(part[0])] = _flat(part[1])
    return found


def _flat(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _from_json(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _seller(row: Row) -> Seller:
    """The seller as an object, as JSON in one column, as columns ``seller.name`` …, or as a mere name."""
    given = _from_json(row.get("seller"))
    values = dict(given) if isinstance(given, Mapping) else {"name": given} if isinstance(given, str) else {}
    values |= {name: row[f"seller.{name}"] for name in _SELLER if row.get(f"seller.{name}") not in (None, "")}
    kind = str(values.get("kind") or "").strip().lower()
    return Seller(
        id=_text(values.get("id"), "seller.id"),
        name=_text(values.get("name"), "seller.name"),
        kind=_KINDS.get(kind, SellerKind.UNKNOWN),
        licences=_texts(values["licences"]) if values.get("licences") else (),
        registered_at=_moment(values.get("registered_at")),
    )


def _availability(value: Any) -> Availability | None:
    return availability(str(value))


_READERS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("price", _price),
    ("currency", _currency),
    ("quantity", _quantity),
    ("views", _quantity),
    ("sold", _quantity),
    ("category_path", _path),
    ("attributes", _pairs),
    ("options", _texts),
    ("questions", _texts),
    ("images", _texts),
    ("availability", _availability),
    ("modified_at", _moment),
)
