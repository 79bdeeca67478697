"""Listings told in sellers' own words: of each trade most are found under its name, and its look-alikes are spared.

``told.yaml`` holds them: a guard against falling back, not a measure of quality. A rule that is taken away or a guard
that is too strong shows here as a fall of recall; a list that has become too greedy, as look-alikes in the queue.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from scanner.model import Listing, Seller, SellerKind
from scanner.rulebook import load
from scanner.scan import scan
from scanner.triage import triage

HERE = Path(__file__).resolve().parent
RULES = HERE.parent.parent / "rules"
RECALL = 0.85
FALSE = 0.05

TOLD: dict[str, dict[str, list[str]]] = YAML(typ="safe").load((HERE / "told.yaml").read_text(encoding="utf8"))


def _listing(number: int, line: str) -> Listing:
    title, description = line.split(" | ", 1)
    seller = Seller(id="s", name="Test", kind=SellerKind.PERSON)
    return Listing(platform="test", listing_id=str(number), title=title, description=description, seller=seller)


@pytest.fixture(scope="module")
def queued() -> dict[str, tuple[str, ...]]:
    """Every line and the categories under which the shipped rulebook queues it, from one scan."""
    lines = [line for trade in TOLD.values() for kind in trade.values() for line in kind]
    listings = [_listing(number, line) for number, line in enumerate(lines)]
    decided = [triage(*pair) for pair in zip(listings, scan(listings, load(RULES)), strict=True)]
    return {line: each.categories if each else () for line, each in zip(lines, decided, strict=True)}


@pytest.mark.parametrize("category", sorted(TOLD))
def test_offers_are_found(category: str, queued: dict[str, tuple[str, ...]]) -> None:
    """At least 85 of a hundred offers of the trade are queued under its category."""
    offers = TOLD[category]["sold"]
    missed = [line for line in offers if category not in queued[line]]
    assert len(missed) <= (1 - RECALL) * len(offers), "\n".join(missed)


@pytest.mark.parametrize("category", sorted(TOLD))
def test_lookalikes_are_spared(category: str, queued: dict[str, tuple[str, ...]]) -> None:
    """At most five of a hundred look-alikes of the trade are queued, under whatever category."""
    lookalikes = TOLD[category]["spared"]
    found = [f"{line}: {', '.join(queued[line])}" for line in lookalikes if queued[line]]
    assert len(found) <= FALSE * len(lookalikes), "\n".join(found)
