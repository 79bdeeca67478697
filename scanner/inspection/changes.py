"""What differs between two readings of a listing, field by field. Pure, and linear in what sellers can make long."""

from __future__ import annotations

from itertools import takewhile

import msgspec

from scanner.model import Listing

# These differ between two sightings of one unchanged listing.
_CIRCUMSTANCES = frozenset({"seen_at", "provenance", "platform", "listing_id", "views", "sold"})
_AROUND = 20
# What a shop's redesign hides from a page function; the rest comes and goes with sellers' edits.
_TELLING = ("title", "description", "price", "currency", "options", "attributes", "seller", "images", "category_path")
_LONG = 200


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A field that differs, as text; empty: it was not there. ``method``: what found it, before and after."""

    field: str
    before: str
    after: str
    method_before: str = ""
    method_after: str = ""


def changes(before: Listing, after: Listing) -> tuple[Change, ...]:
    """The fields that differ, in the listing's order."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return tuple(
        Change(
            field=name,
            before=_text(old.get(name)),
            after=_text(new.get(name)),
            method_before=before.provenance.get(name, ""),
            method_after=after.provenance.get(name, ""),
        )
        for name in Listing.__struct_fields__
        if name not in _CIRCUMSTANCES and old.get(name) != new.get(name)
    )


def is_poorer(before: Listing, after: Listing) -> bool:
    """Whether a listing says less than it did: what a page function that has gone blind would make of it.

    1. A field that sellers fill, or the price, was there and is not any more.
    2. Of a long description less than a fifth is left.
    """
    empty = Listing(platform="", listing_id="")
    lost = any(
        getattr(before, name) != getattr(empty, name) and getattr(after, name) == getattr(empty, name)
        for name in _TELLING
    )
    is_cut = len(before.description) >= _LONG and len(after.description) < len(before.description) / 5
    return lost or is_cut


def around(change: Change, *, limit: int = 160) -> tuple[str, str]:
    """The two texts without what they begin and end with in common, and without most of what is long."""
    one, other = change.before, change.after
    start = _common(one, other)
    end = min(_common(one[::-1], other[::-1]), min(len(one), len(other)) - start)
    start, end = max(0, start - _AROUND), max(0, end - _AROUND)
    return _cut(one, start, end, limit), _cut(other, start, end, limit)


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _cut(text: str, start: int, end: int, limit: int) -> str:
    middle = text[start : len(text) - end]
    is_cut = len(middle) > limit
    return ("…" if start else "") + middle[:limit] + ("…" if end or is_cut else "")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(part)}" for name, part in value.items())
    return " › ".join(_text(part) for part in value) if isinstance(value, list) else str(value)
