"""Whether what an inspection read looks like the platform as it was: checks as data, each with its reason. Pure.

A page function that a redesign has blinded reads nothing, and nothing is found in nothing. So a run is compared with
the runs before it, and a check that fails makes the inspection fail: a broken selector must never look like a clean
platform.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from statistics import median

import msgspec

from scanner.inspection.records import IntakeCounts
from scanner.model import Fetched, Ledger, Listing, Seller

# How many runs before this one it is compared with.
HISTORY = 7
# Shares of fewer listings than this say nothing.
FEWEST = 10
# Below this part of what it was, a figure fails; below that one, it warns.
FAILS_BELOW = 0.5
WARNS_BELOW = 0.8
# A field, or a method that found prices, is missed only if it was there on so many listings.
USUAL = 0.5
# Shares of what was discovered.
MOST_FAILED, MUCH_FAILED = 0.1, 0.02
MOST_REFUSED, MUCH_REFUSED = 0.2, 0.05
MOST_GONE = 0.3
# Parts of the listings that may have one title, or one price: beyond, the page function reads something else.
MANY_ALIKE = {"title": 0.3, "price": 0.5}
MOST_ALIKE = {"title": 0.5, "price": 0.8}
# What fewer in a batch share is chance.
FEWEST_ALIKE, ALIKE_IN_BATCH = 3, 0.2
LONGEST_ALIKE = 60
# How a site says that it does not want us, or cannot.
REFUSALS = frozenset({"http_401", "http_403", "http_429", "http_503", "blocked"})


class Grade(StrEnum):
    """What a check came to."""

    PASS = "pass"  # noqa: S105  # no password
    WARN = "warn"
    FAIL = "fail"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One look at a run, and why it came out as it did. ``field`` is what it looked at, where there are several."""

    name: str
    grade: Grade
    said: str
    field: str = ""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at of an inspection. ``is_whole``: no limit, and not only what changed."""

    ledger: Ledger
    counts: IntakeCounts
    is_whole: bool = True

    @property
    def listings(self) -> int:
        """Listings that were there; what was read again after a kill counts once."""
        return self.counts.fetched - self.counts.duplicate + self.counts.unchanged

    def share(self, counted: dict[str, int], name: str) -> float | None:
        """The part of the listings read that ``name`` was counted on; none if they were too few to tell."""
        return counted.get(name, 0) / self.counts.fetched if self.counts.fetched >= FEWEST else None


def fields_of(one: Fetched) -> Iterator[str]:
    """The fields that a listing has, to be counted."""
    listing = one.listing
    yield from (name for name, has in _FIELDS.items() if has(listing))


def method_of(one: Fetched) -> str:
    """The method that found its price; empty if no page function did."""
    return one.listing.provenance.get("price", "")


def alike_in(read: Sequence[Fetched]) -> dict[str, int]:
    """The title and the price that most of a batch's listings share, and how many do; chance is left out."""
    found: dict[str, int] = {}
    for name in MANY_ALIKE:
        values = Counter(str(value)[:LONGEST_ALIKE] for one in read if (value := getattr(one.listing, name)))
        value, count = next(iter(values.most_common(1)), ("", 0))
        if count >= max(FEWEST_ALIKE, ALIKE_IN_BATCH * len(read)):
            found[f"{name}={value}"] = count
    return found


def checks(run: Run, before: Sequence[Run]) -> tuple[Check, ...]:
    """All checks of a run against up to seven good runs before it, the newest first.

    1. Listings: where something was discovered and nothing of it is a listing, or gone as one: fail.
    2. Fall: fewer than half of the median number of listings: fail; fewer than four fifths: warn. Only of whole runs.
    3. Fields: one that half of the listings used to have is on fewer than half as many: fail; four fifths: warn.
       With no runs to compare: pages without any title or price fail.
    4. Methods: a page function that found half of the prices, or more, finds nearly none: fail; another method: warn.
    5. Errors: more than a tenth of what was discovered could not be read: fail; more than a fiftieth: warn.
    6. Refusals: the site turned away a fifth: fail; a twentieth: warn.
    7. Gone: more than three tenths are gone at once, which was never so before: fail.
    8. Alike: half of the listings have the same title, or four fifths the same price, and twice as many as used to:
       fail; three tenths, or half: warn. With no runs to compare only titles of pages fail.
    """
    before = before[:HISTORY]
    found = [_listings(run), *_fall(run, before), *_fields(run, before), *_methods(run, before)]
    found += [_errors(run), _refusals(run), *_gone(run, before), *_alike(run, before)]
    return tuple(found)


def failures(found: Sequence[Check]) -> tuple[str, ...]:
    """The reasons of the checks that fail; that of errors is the judge's of the ledger already."""
    return tuple(f"health: {check.said}" for check in found if check.grade is Grade.FAIL and check.name != "errors")


def accepted(found: Sequence[Check]) -> tuple[Check, ...]:
    """The checks where a person has said that the platform is now like this: what failed only warns."""
    return tuple(
        msgspec.structs.replace(check, grade=Grade.WARN) if check.grade is Grade.FAIL else check for check in found
    )


def _listings(run: Run) -> Check:
    seen = run.listings + run.counts.gone
    grade = Grade.FAIL if run.ledger.discovered and not seen else Grade.PASS
    return Check(name="listings", grade=grade, said=f"{run.listings} listings in {run.ledger.discovered} discovered")


def _fall(run: Run, before: Sequence[Run]) -> Iterator[Check]:
    usual = [one.listings for one in before if one.is_whole]
    if not run.is_whole or not usual or median(usual) < FEWEST:
        return
    yield Check(
        name="fall",
        grade=_below(run.listings, median(usual)),
        said=f"{run.listings} listings, {median(usual):.0f} in the runs before",
    )


def _fields(run: Run, before: Sequence[Run]) -> Iterator[Check]:
    for name in _FIELDS:
        now = run.share(run.counts.fields, name)
        if now is None:
            return
        usual = _usual([one.share(one.counts.fields, name) for one in before])
        if usual is not None and usual >= USUAL:
            said = f"{name} found on {now:.0%} of the listings, on {usual:.0%} before"
            yield Check(name="fields", field=name, grade=_below(now, usual), said=said)
        elif usual is None and name in _ON_EVERY_PAGE and run.counts.methods and not now:
            yield Check(name="fields", field=name, grade=Grade.FAIL, said=f"{name} found on none of the pages")


def _methods(run: Run, before: Sequence[Run]) -> Iterator[Check]:
    names = {name for one in before for name in one.counts.methods}
    for name in sorted(names):
        now, usual = (
            run.share(run.counts.methods, name),
            _usual([one.share(one.counts.methods, name) for one in before]),
        )
        if now is None or usual is None or usual < USUAL:
            continue
        grade = Grade.PASS if now >= FAILS_BELOW * usual else Grade.WARN
        if now < (1 - WARNS_BELOW) * usual and name == "page":
            grade = Grade.FAIL
        said = f"prices found by {name} on {now:.0%} of the listings, on {usual:.0%} before"
        yield Check(name="methods", field=name, grade=grade, said=said)


def _errors(run: Run) -> Check:
    failed = sum(run.ledger.failed.values())
    said = f"{failed} of {run.ledger.discovered} discovered could not be read"
    return Check(name="errors", grade=_above(failed, run, MUCH_FAILED, MOST_FAILED), said=said)


def _refusals(run: Run) -> Check:
    refused = sum(count for reason, count in run.ledger.failed.items() if reason in REFUSALS)
    said = f"the site turned away {refused} of {run.ledger.discovered} requests"
    return Check(name="refusals", grade=_above(refused, run, MUCH_REFUSED, MOST_REFUSED), said=said)


def _gone(run: Run, before: Sequence[Run]) -> Iterator[Check]:
    if run.counts.gone < FEWEST or not before:
        return
    share = _gone_share(run)
    usual = max(_gone_share(one) for one in before)
    grade = Grade.FAIL if share > MOST_GONE and share > 2 * usual else Grade.PASS
    yield Check(
        name="gone", grade=grade, said=f"{share:.0%} of the listings are gone at once, {usual:.0%} at most before"
    )


def _alike(run: Run, before: Sequence[Run]) -> Iterator[Check]:
    for name, many in MANY_ALIKE.items():
        share, value = _most_alike(run, name)
        usual = _usual([_most_alike(one, name)[0] for one in before]) or 0.0
        if share <= many or share <= 2 * usual:
            continue
        is_sure = bool(before) or (name == "title" and bool(run.counts.methods))
        grade = Grade.FAIL if share > MOST_ALIKE[name] and is_sure else Grade.WARN
        said = f"{share:.0%} of the listings have the same {name}, {value!r}; {usual:.0%} before"
        yield Check(name="alike", field=name, grade=grade, said=said)


def _most_alike(run: Run, name: str) -> tuple[float, str]:
    """The largest part of the listings that share a value of a field, and the value."""
    shares = {key: run.share(run.counts.alike, key) or 0.0 for key in run.counts.alike if key.startswith(f"{name}=")}
    key = max(shares, key=lambda one: shares[one], default="")
    return shares.get(key, 0.0), key.partition("=")[2]


def _gone_share(run: Run) -> float:
    return run.counts.gone / max(1, run.listings + run.counts.gone)


def _below(now: float, usual: float) -> Grade:
    if now < FAILS_BELOW * usual:
        return Grade.FAIL
    return Grade.WARN if now < WARNS_BELOW * usual else Grade.PASS


def _above(count: int, run: Run, much: float, most: float) -> Grade:
    if count < 2 or not run.ledger.discovered:
        return Grade.PASS
    share = count / run.ledger.discovered
    return Grade.FAIL if share > most else Grade.WARN if share > much else Grade.PASS


def _usual(shares: Sequence[float | None]) -> float | None:
    told = [share for share in shares if share is not None]
    return median(told) if told else None


_FIELDS: dict[str, Callable[[Listing], bool]] = {
    "title": lambda listing: bool(listing.title or listing.text),
    "price": lambda listing: listing.price is not None,
    "currency": lambda listing: bool(listing.currency),
    "description": lambda listing: bool(listing.description or listing.text),
    "images": lambda listing: bool(listing.images),
    "seller": lambda listing: listing.seller != Seller(),
    "category_path": lambda listing: bool(listing.category_path),
    "options": lambda listing: bool(listing.options),
    "attributes": lambda listing: bool(listing.attributes),
    "brand": lambda listing: bool(listing.brand),
    "sku": lambda listing: bool(listing.sku),
}
_ON_EVERY_PAGE = frozenset({"title", "price"})
