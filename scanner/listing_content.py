"""What a listing says: its texts field by field, and the hash by which its versions are told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from scanner.model import Listing


def text_fields(listing: Listing) -> list[tuple[str, str]]:
    """``(field, text)`` for all that a seller wrote, in the order a buyer reads; spans name these fields."""
    fields: list[tuple[str, str]] = []
    if listing.text:
        fields.append(("text", listing.text))
    if listing.title:
        fields.append(("title", listing.title))
    if listing.description:
        fields.append(("description", listing.description))
    if listing.options or listing.attributes or listing.questions:
        fields += _further_fields(listing)
    if listing.brand:
        fields.append(("brand", listing.brand))
    if listing.seller.name:
        fields.append(("seller.name", listing.seller.name))
    if listing.hidden_text:
        fields.append(("hidden_text", listing.hidden_text))
    return fields


def _further_fields(listing: Listing) -> Iterator[tuple[str, str]]:
    """Those of which a listing has any number, or none."""
    yield from ((f"options[{i}]", text) for i, text in enumerate(listing.options) if text)
    named = listing.attributes.items()
    yield from ((f"attributes.{name}", f"{name}: {value}") for name, value in named if name or value)
    yield from ((f"questions[{i}]", text) for i, text in enumerate(listing.questions) if text)


# What may differ between two sightings of one unchanged listing.
_CIRCUMSTANCES = frozenset({"seen_at", "modified_at", "provenance", "url", "views", "sold"})


def content_hash(listing: Listing) -> str:
    """SHA-256 in hex over all that the seller said, and nothing of how or when it was seen.

    Of an image only the path counts: hosts and queries of image servers change from one sighting to the next.
    """
    said = {name: getattr(listing, name) for name in listing.__struct_fields__ if name not in _CIRCUMSTANCES}
    said["images"] = [_path(image) for image in listing.images]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def _path(url: str) -> str:
    """``url`` without scheme, host, query and fragment; by hand, because a hostile one must not raise."""
    _, separator, rest = url.partition("://")
    path = "/" + rest.partition("/")[2] if separator else url
    return path.partition("?")[0].partition("#")[0]
