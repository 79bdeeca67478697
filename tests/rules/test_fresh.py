"""Listings written before the rules were last changed: how many of the offers are found, how many look-alikes spared.

``fresh.yaml`` has offers and look-alikes of the twelve trades in Chinese and English, in turns terse, chatty, official
and in pictures; ``alike.yaml`` puns, double meanings and licensed sellers. Half of the first was used for tuning, so
these floors guard against falling back; a first-sight figure needs texts that are newer than the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from scanner.model import Listing, Seller, SellerKind
from scanner.rulebook import load
from scanner.scan import scan
from scanner.triage import triage

HERE = Path(__file__).resolve().parent
RULES = HERE.parent.parent / "rules"
FOUND = {"zh": 0.87, "en": 0.82}
UNDER_ITS_NAME = 0.8
SPARED = 0.92


class Told(NamedTuple):
    """One line: the trade it is about, its language or ``alike``, and whether it sells what is prohibited."""

    category: str
    group: str
    sells: bool
    listing: Listing


def _listing(line: str) -> Listing:
    title, description, kind, licences = (*(part.strip() for part in line.split(" | ")), "", "")[:4]
    seller = Seller(
        id="s", name="Test", kind=SellerKind(kind or "person"), licences=tuple(filter(None, licences.split(",")))
    )
    return Listing(platform="test", listing_id=line, title=title, description=description, seller=seller)


def _lines() -> Iterator[Told]:
    yaml = YAML(typ="safe")
    for category, languages in yaml.load((HERE / "fresh.yaml").read_text(encoding="utf8")).items():
        for language, kinds in languages.items():
            for kind, lines in kinds.items():
                yield from (Told(category, language, kind == "sold", _listing(line)) for line in lines)
    for category, lines in yaml.load((HERE / "alike.yaml").read_text(encoding="utf8")).items():
        yield from (Told(category, "alike", sells=False, listing=_listing(line.rstrip(" |"))) for line in lines)


@pytest.fixture(scope="module")
def queued() -> list[tuple[Told, tuple[str, ...]]]:
    """Every line with the categories under which the shipped rulebook queues it, from one scan."""
    lines = list(_lines())
    findings = scan([line.listing for line in lines], load(RULES))
    decided = [triage(line.listing, found) for line, found in zip(lines, findings, strict=True)]
    return [(line, each.categories if each else ()) for line, each in zip(lines, decided, strict=True)]


@pytest.mark.parametrize("language", FOUND)
def test_offers_are_found(language: str, queued: list[tuple[Told, tuple[str, ...]]]) -> None:
    """Of the offers in a language most are queued, and most of all under the name of their trade."""
    offers = [(line, categories) for line, categories in queued if line.sells and line.group == language]
    missed = [line.listing.title for line, categories in offers if not categories]
    assert len(offers) >= 150
    assert len(missed) <= (1 - FOUND[language]) * len(offers), "\n".join(missed)
    assert sum(line.category in categories for line, categories in offers) >= UNDER_ITS_NAME * len(offers)


@pytest.mark.parametrize("group", ["zh", "en", "alike"])
def test_lookalikes_are_spared(group: str, queued: list[tuple[Told, tuple[str, ...]]]) -> None:
    """Of the look-alikes few are queued, under whatever name."""
    lookalikes = [(line, categories) for line, categories in queued if not line.sells and line.group == group]
    wrong = [f"{line.listing.title}: {', '.join(categories)}" for line, categories in lookalikes if categories]
    assert len(lookalikes) >= 80
    assert len(wrong) <= (1 - SPARED) * len(lookalikes), "\n".join(wrong)
