"""Checks after a run: what passes, what warns, what fails, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scanner.inspection.health import Grade, Run, accepted, alike_in, checks, failures
from scanner.inspection.records import IntakeCounts
from scanner.model import Fetched, Ledger, Listing

FIELDS = {"title": 100, "price": 100, "seller": 100, "brand": 20}


def run(
    fetched: int = 100, *, gone: int = 0, failed: dict[str, int] | None = None, fields: dict[str, int] = FIELDS,
    methods: dict[str, int] | None = None, unchanged: int = 0, is_whole: bool = True,
    alike: dict[str, int] | None = None,
) -> Run:  # fmt: skip
    """A run that read so many listings."""
    failed = failed or {}
    discovered = fetched + gone + unchanged + sum(failed.values())
    return Run(
        ledger=Ledger(discovered=discovered, fetched=fetched, gone=gone, unchanged=unchanged, failed=failed),
        counts=IntakeCounts(
            fetched=fetched,
            gone=gone,
            unchanged=unchanged,
            fields=fields,
            methods=methods or {"page": fetched},
            alike=alike or {},
        ),
        is_whole=is_whole,
    )


def amiss(now: Run, *before: Run) -> dict[str, str]:
    """What does not pass, by name and field."""
    found = checks(now, before)
    return {f"{one.name} {one.field}".strip(): one.grade.value for one in found if one.grade is not Grade.PASS}


USUAL = (run(), run(98), run(102))


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (run(), USUAL, {}),
        (run(), (), {}),
        (run(70), USUAL, {"fall": "warn"}),
        (run(40, fields=dict.fromkeys(FIELDS, 40)), USUAL, {"fall": "fail"}),
        (run(40, fields=dict.fromkeys(FIELDS, 40), is_whole=False), USUAL, {}),
        (run(20, unchanged=80, fields=dict.fromkeys(FIELDS, 20)), USUAL, {}),
        (run(fields=FIELDS | {"seller": 0}), USUAL, {"fields seller": "fail"}),
        (run(fields=FIELDS | {"seller": 70}), USUAL, {"fields seller": "warn"}),
        (run(fields=FIELDS | {"brand": 0}), USUAL, {}),
        (run(fields={"title": 100}), (), {"fields price": "fail"}),
        (run(methods={"heuristics": 100}), USUAL, {"methods page": "fail"}),
        (run(methods={"page": 30, "json-ld": 70}), USUAL, {"methods page": "warn"}),
        (run(methods={"page": 100}), (run(methods={"json-ld": 100}),), {"methods json-ld": "warn"}),
        (run(failed={"http_500": 3}), USUAL, {"errors": "warn"}),
        (run(failed={"http_500": 30}), USUAL, {"errors": "fail"}),
        (run(failed={"http_403": 30}), USUAL, {"errors": "fail", "refusals": "fail"}),
        (run(0, failed={"unreadable": 1}), (), {"listings": "fail"}),
        (run(60, gone=40, fields=dict.fromkeys(FIELDS, 60)), USUAL, {"fall": "warn", "gone": "fail"}),
        (run(100, gone=10), USUAL, {}),
        (run(alike={"title=Tea shop": 100}), USUAL, {"alike title": "fail"}),
        (run(alike={"title=Tea shop": 100}), (), {"alike title": "fail"}),
        (run(alike={"title=Gift card": 40}), USUAL, {"alike title": "warn"}),
        (run(alike={"title=Gift card": 60}), (run(alike={"title=Gift card": 55}),), {}),
        (run(alike={"price=0.99": 95}), USUAL, {"alike price": "fail"}),
        (run(alike={"price=0.99": 95}), (), {"alike price": "warn"}),
        (run(alike={"price=1": 25, "title=Pen": 20}), USUAL, {}),
    ],
)  # fmt: skip
def test_what_is_amiss(now: Run, before: tuple[Run, ...], expected: dict[str, Any]) -> None:
    """Each check warns and fails where its policy says, and is silent otherwise."""
    assert amiss(now, *before) == expected


def test_what_a_batch_shares_is_counted() -> None:
    """One title on most pages is on record; two of a kind among many, and listings without titles, are not."""
    pages = [Listing(platform="shop", listing_id=str(n), title="Tea shop", price=Decimal(n)) for n in range(20)]
    pairs = [Listing(platform="shop", listing_id=str(n), title=f"Tea {n // 2}") for n in range(20)]
    bare = [Listing(platform="shop", listing_id=str(n), text="tea") for n in range(20)]
    told = [alike_in([Fetched(listing=one) for one in some]) for some in (pages, pairs, bare, [])]
    assert told == [{"title=Tea shop": 20}, {}, {}, {}]


def test_one_odd_run_before_changes_nothing() -> None:
    """The median of the runs before counts, not the last of them."""
    assert amiss(run(), run(10_000), *USUAL) == {}


def test_a_failure_says_why_and_may_be_accepted() -> None:
    """The reason holds both figures; a person's word turns it into a warning."""
    found = checks(run(fields=FIELDS | {"seller": 0}), USUAL)
    assert failures(found) == ("health: seller found on 0% of the listings, on 100% before",)
    assert failures(accepted(found)) == ()


def test_what_was_read_again_after_kills_is_no_larger_shop() -> None:
    """A run that was killed and went on read some listings twice; a whole run after it has not lost half of them."""
    killed = Run(
        ledger=Ledger(discovered=100, fetched=100),
        counts=IntakeCounts(fetched=260, duplicate=160, fields=dict.fromkeys(FIELDS, 260), methods={"page": 260}),
    )
    assert killed.listings == 100
    assert amiss(run(fields=dict.fromkeys(FIELDS, 100)), killed, killed, killed) == {}
