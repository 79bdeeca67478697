"""Shops that do nothing wrong: what they say under every offer is no evidence, and what is prohibited is still found.

Two collections that no rule was written after: the offers in ``ordinary.yaml``, each under a shop's usual sentences
about delivery, invoices and returns, and the simulated marketplace, whose texts have the same kind of company.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from scanner.demo import Marketplace
from scanner.demo.exports import feed_row
from scanner.demo.records import OfferKind
from scanner.model import Listing, Seller, SellerKind
from scanner.rulebook import Rulebook, load
from scanner.scan import scan
from scanner.triage import triage
from spiders.feed import BadRow, read_listings

HERE = Path(__file__).resolve().parent
RULES = HERE.parent.parent / "rules"
SENTENCES = 9
VARIANTS = tuple(zip(range(3), (SellerKind.SHOP, SellerKind.PERSON, SellerKind.BRAND_STORE), strict=True))


class Offer(NamedTuple):
    """A listing and what it is in truth."""

    kind: OfferKind
    listing: Listing


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The rulebook as it ships."""
    return load(RULES)


def _written() -> Iterator[Offer]:
    """Every offer of the file three times, by three kinds of seller, each time among other sentences of the shop."""
    content = YAML(typ="safe").load((HERE / "ordinary.yaml").read_text(encoding="utf8"))
    for kind, section in ((OfferKind.ORDINARY, "goods"), (OfferKind.LOOKALIKE, "lookalikes")):
        lines = [(shelf["category"], line) for shelf in content[section] for line in shelf["offers"]]
        for number, (category, line) in enumerate(lines):
            title, details = line.split(" | ", 1)
            shop = content["shop"]["en" if title.isascii() else "zh"]
            for variant, seller in VARIANTS:
                around = {shop[(number * 7 + variant * 11 + step * 5) % len(shop)] for step in range(SENTENCES)}
                listing = Listing(
                    platform="test",
                    listing_id=f"{section}-{number}-{variant}",
                    title=title,
                    description="\n".join([details, *sorted(around)]),
                    category_path=tuple(category),
                    seller=Seller(id="s", name="Test", kind=seller),
                )
                yield Offer(kind, listing)


def _marketplace(seed: int, folder: Path) -> list[Offer]:
    """The simulated marketplace as its feed shows it."""
    market = Marketplace(seed=seed)
    feed = folder / f"feed-{seed}.jsonl"
    rows = [json.dumps(feed_row(item, market, "http://shop.test"), default=str) for item in market.catalogue()]
    feed.write_text("\n".join(rows), encoding="utf8")
    read = [row for row in read_listings(feed, platform="test") if not isinstance(row, BadRow)]
    assert len(read) == len(rows)
    return [Offer(market.truth[listing.listing_id].kind, listing) for listing in read]


def _queued(offers: Sequence[Offer], kind: OfferKind, rulebook: Rulebook) -> tuple[int, list[str]]:
    """How many offers of the kind there are, and which of them are queued, with the rules and words behind it."""
    listings = [offer.listing for offer in offers if offer.kind is kind]
    found = []
    for listing, findings in zip(listings, scan(listings, rulebook), strict=True):
        if triage(listing, findings):
            reasons = [f"{one.rule} ({', '.join(span.text for span in one.spans[:4])})" for one in findings]
            found.append(f"{listing.title}: {'; '.join(reasons)}")
    return len(listings), found


@pytest.mark.parametrize(("kind", "share"), [(OfferKind.ORDINARY, 0.01), (OfferKind.LOOKALIKE, 0.05)])
def test_written_offers_are_spared(kind: OfferKind, share: float, rulebook: Rulebook) -> None:
    """At most one of a hundred ordinary offers is queued among a shop's usual sentences, and five look-alikes."""
    count, queued = _queued(list(_written()), kind, rulebook)
    assert count >= 100
    assert len(queued) <= share * count, "\n".join(queued)


@pytest.mark.parametrize("seed", [2, 5, 7])
def test_marketplace_is_told_apart(seed: int, rulebook: Rulebook, tmp_path: Path) -> None:
    """In the marketplace 1 % of ordinary goods and 5 % of look-alikes may be queued, and 85 % of the prohibited are."""
    offers = _marketplace(seed, tmp_path)
    for kind, share in ((OfferKind.ORDINARY, 0.01), (OfferKind.LOOKALIKE, 0.05)):
        count, queued = _queued(offers, kind, rulebook)
        assert len(queued) <= share * count, f"{kind}:\n" + "\n".join(queued)
    count, queued = _queued(offers, OfferKind.PROHIBITED, rulebook)
    assert len(queued) >= 0.85 * count
