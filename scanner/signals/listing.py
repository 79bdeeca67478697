"""All signals of one listing, each computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from scanner.listing_content import text_fields
from scanner.model import Listing
from scanner.signals import contacts as handles
from scanner.signals import diversions as phrases
from scanner.signals.claims import cover_claims, reviewer_addresses
from scanner.signals.contacts import contacts
from scanner.signals.diversions import diversions, pictures
from scanner.signals.encodings import encoded
from scanner.signals.links import links, lookalike_links, short_links
from scanner.signals.names import NAMES, Kind
from scanner.signals.options import LENDING, smuggled
from scanner.signals.patterns import Pattern
from scanner.signals.prices import discounts, faces, odd_prices
from scanner.signals.quantities import bulk, quantities, unit_prices
from scanner.signals.reading import HEAD, Folding, Reading
from scanner.signals.record import Signal
from scanner.signals.resemblance import Resemblances, Scores, is_chance
from scanner.signals.tricks import tricks

# As much of hidden text as a signal shows.
_SHOWN = 200

_READERS: dict[str, Callable[[Reading], tuple[Signal, ...]]] = {
    "contact": contacts,
    "diversion": diversions,
    "see_picture": pictures,
    "link": links,
    "quantity": quantities,
    "bulk": bulk,
    "unit_price": unit_prices,
    "face_value": faces,
    "discount": discounts,
    "tricks": tricks,
    "encoded_text": encoded,
    "reviewer_address": reviewer_addresses,
    "cover_claim": cover_claims,
}

# What is read off the links found.
_OF_LINKS: dict[str, Callable[[tuple[Signal, ...]], tuple[Signal, ...]]] = {
    "short_link": short_links,
    "lookalike_link": lookalike_links,
}

# What shows only where one of some patterns matches.
_PATTERNS: dict[str, tuple[Pattern, ...]] = {"contact": handles.PATTERNS, "diversion": phrases.PATTERNS}

# Of several numbers the one that a rule means: the most that is offered, the lowest that is asked.
_PICK: dict[str, Callable[[Iterable[float]], float]] = {
    "quantity": max, "unit_price": min, "face_value": max, "discount": min, "price": min, "stock": max,
    "seller_age_days": min,
}  # fmt: skip


def may_show(name: str, texts: Sequence[bytes]) -> set[int]:
    """The numbers of the listings in which a signal may show, by their fields folded (see ``Folding.encoded``); where
    it does not, asking each of many costs several times as much."""
    if name not in _PATTERNS:
        return set(range(len(texts)))
    # Of a long field parts are read.
    long = {number for number, text in enumerate(texts) if len(text) > HEAD}
    return long.union(*(pattern.may_match(texts) for pattern in _PATTERNS[name]))


class Signals:
    """The signals of ``listing``, or of ``fields`` where there are texts only; nothing is computed before it is asked.

    ``folding`` gives the fields folded, where they have been already; ``scores`` what the listing resembles.

    At most ``reading.MOST_CHARACTERS`` characters are read, ``HEAD`` from the beginning and ``TAIL`` from the end of
    a long field. Never raises for what a listing contains.
    """

    def __init__(
        self,
        listing: Listing | None = None,
        *,
        fields: Iterable[tuple[str, str]] | None = None,
        folding: Callable[[], Folding] | None = None,
        scores: Scores | None = None,
    ) -> None:
        if fields is None:
            fields = text_fields(listing) if listing is not None else ()
        fields = tuple(fields)
        self._listing = listing
        self._fields, self._folding = fields, folding
        self.resemblances = Resemblances(fields, scores)
        self._found: dict[str, tuple[Signal, ...]] = {}

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self._fields, self._listing, self._folding)

    def value(self, name: str) -> float | bool | None:
        """A flag's presence, or a number (None: the listing does not say). ``KeyError`` for a name not in ``NAMES``."""
        if is_chance(name):
            return self.resemblances.value(name)
        found = self.found(name)
        if NAMES[name].kind is Kind.FLAG:
            return bool(found)
        return _PICK[name](float(signal.value) for signal in found) if found else None

    def found(self, name: str) -> tuple[Signal, ...]:
        """Where in the listing the signal shows. ``KeyError`` for a name not in ``NAMES``."""
        if name not in self._found:
            self._found[name] = self._compute(name)
        return self._found[name]

    def _compute(self, name: str) -> tuple[Signal, ...]:
        if is_chance(name):
            return self.resemblances.found(name)
        if name in _READERS:
            return _READERS[name](self._reading)
        if name in _OF_LINKS:
            return _OF_LINKS[name](self.found("link"))
        if name == "odd_price":
            return odd_prices(self._listing, is_diverted=bool(self.found("diversion") or self.found("see_picture")))
        if name == "option_smuggling":
            if not self._reading.has_options:
                return ()
            return smuggled(self._reading, tuple(signal for other in LENDING for signal in self.found(other)))
        recorded = _RECORDED[name]
        return recorded(self._listing) if self._listing is not None else ()


def _price(listing: Listing) -> tuple[Signal, ...]:
    return () if listing.price is None else (_field("price", "price", str(listing.price), value=float(listing.price)),)


def _stock(listing: Listing) -> tuple[Signal, ...]:
    return (
        ()
        if listing.quantity is None
        else (_field("stock", "quantity", str(listing.quantity), value=listing.quantity),)
    )


def _hidden(listing: Listing) -> tuple[Signal, ...]:
    if not listing.hidden_text or listing.hidden_text.isspace():
        return ()
    return (_field("hidden_text", "hidden_text", listing.hidden_text[:_SHOWN], value=True),)


def _seller_age(listing: Listing) -> tuple[Signal, ...]:
    """Whole days between registration and sighting; nothing is read off a clock."""
    registered = listing.seller.registered_at
    if registered is None or listing.seen_at is None:
        return ()
    days = max(0, (listing.seen_at - registered).days)
    return (_field("seller_age_days", "seller.registered_at", registered.isoformat(), value=days),)


def _field(name: str, field: str, text: str, *, value: float | bool) -> Signal:
    return Signal(name=name, value=value, field=field, start=0, end=len(text), text=text)


# Facts that the platform states in fields.
_RECORDED: dict[str, Callable[[Listing], tuple[Signal, ...]]] = {
    "price": _price,
    "stock": _stock,
    "hidden_text": _hidden,
    "seller_age_days": _seller_age,
}
