"""What differs between two readings of a listing, and how it is shown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scanner.inspection.changes import Change, around, changes
from tests.fakes import NOON, offer


def test_only_what_a_seller_said_counts() -> None:
    """Fields that differ are named with what found them; when it was seen is no change."""
    before = offer(price=Decimal(1), provenance={"price": "json-ld"}, seen_at=None)
    after = offer(price=Decimal(2), attributes={"colour": "red"}, provenance={"price": "page"}, seen_at=NOON)
    assert changes(before, after) == (
        Change(field="attributes", before="", after="colour: red"),
        Change(field="price", before="1", after="2", method_before="json-ld", method_after="page"),
    )
    assert changes(before, before) == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a kettle", "a cattle", ("a kettle", "a cattle")),
        ("x" * 99 + "one" + "y" * 99, "x" * 99 + "two" + "y" * 99,
         ("…" + "x" * 20 + "one" + "y" * 20 + "…", "…" + "x" * 20 + "two" + "y" * 20 + "…")),
        ("aaaa", "aaaaaa", ("aaaa", "aaaaaa")),
        ("", "new", ("", "new")),
        ("z" * 500, "", ("z" * 160 + "…", "")),
    ],
)  # fmt: skip
def test_long_texts_are_cut_to_where_they_differ(before: str, after: str, expected: tuple[str, str]) -> None:
    """What both begin and end with is left out, but for a little."""
    assert around(Change(field="title", before=before, after=after)) == expected
