"""How well saved pages are read, field by field and method by method: ``python -m benchmarks.pages FOLDER``.

The folder holds pages and ``truth.jsonl``, a line for each: ``{"file": …, "url": …, "truth": {field: [values]}}``;
a field counts as right if it is one of its values, whatever their case and punctuation, prices as numbers. A title has
no truth there: it counts as right if it is in the page's text. ``--wrong`` names each page that was read otherwise.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from scanner.errors import PageError
from scanner.model import Listing
from spiders.pages import read_page
from spiders.pages.facts import availability
from spiders.pages.money import currency_code, parse_price
from spiders.saved import load

FIELDS = ("title", "price", "currency", "availability", "brand", "sku")


def said(listing: Listing | None, field: str) -> str:
    """A field of a listing as text; empty: it has none."""
    value = getattr(listing, field, None)
    return "" if value in (None, "", "unknown") else str(value)


def is_right(field: str, found: str, truth: list[str], url: str) -> bool:
    """Whether ``found`` is one of the values of ``truth``."""
    if field == "title":
        return bool(found)
    if field == "price":
        return number(found, url) in {number(value, url) for value in truth}
    if field == "currency":
        return found in {currency_code(value, url) or value for value in truth}
    if field == "availability":
        return found in {availability(value) for value in truth}
    return bare(found) in {bare(value) for value in truth}


def number(text: str, url: str) -> Decimal | str | None:
    """An amount, as machines or people write it."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return parse_price(text, url)[0]


def bare(text: str) -> str:
    """Letters and digits only, in lower case."""
    return "".join(sign for sign in text.lower() if sign.isalnum())


def listing_of(folder: Path, row: dict[str, Any]) -> Listing | None:
    """The listing that a page is read as; none if it is not."""
    page = load(folder / row["file"], most_bytes=2**24, url=row["url"])
    try:
        found = read_page(page, platform="page")
    except PageError:
        return None
    return found if isinstance(found, Listing) else None


def report(folder: Path, *, wrong: bool) -> None:
    """The table, and the pages that were read otherwise."""
    asked: Counter[str] = Counter()
    right: dict[str, Counter[str]] = defaultdict(Counter)
    missed: dict[str, Counter[str]] = defaultdict(Counter)
    for line in (folder / "truth.jsonl").read_text("utf8").splitlines():
        row = json.loads(line)
        listing = listing_of(folder, row)
        for field in FIELDS:
            truth = row["truth"].get(field, [""] if field == "title" else [])
            if not truth:
                continue
            asked[field] += 1
            found = said(listing, field)
            method = listing.provenance.get(field, "") if listing else "no listing"
            if found and is_right(field, found, truth, row["url"]):
                right[field][method] += 1
                continue
            missed[field][method if found else "nothing found"] += 1
            if wrong:
                print(f"{field}: {found[:60]!r} ({method}) instead of {truth[:3]!r}: {row['url'][:100]}")
    print("| field        | pages | right |      | by method, right / wrong")
    for field in FIELDS:
        count = sum(right[field].values())
        names = sorted(right[field] | missed[field], key=lambda name: -right[field][name])
        methods = ", ".join(f"{name or '?'} {right[field][name]}/{missed[field][name]}" for name in names)
        print(f"| {field:<12} | {asked[field]:>5} | {count:>5} | {count / max(1, asked[field]):>4.0%} | {methods}")


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true")
    given = parser.parse_args()
    report(given.folder, wrong=given.wrong)


if __name__ == "__main__":
    main()
