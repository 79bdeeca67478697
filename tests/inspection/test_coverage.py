"""Ledgers added up and inspections judged, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.inspection.coverage import differences, judge, total
from scanner.inspection.records import InspectionState, IntakeCounts, PartitionRow, PartitionState
from scanner.model import Ledger


def part(ledger: Ledger, *, counts: IntakeCounts | None = None, **fields: Any) -> PartitionRow:
    """A closed partition; intake saw what the crawl wrote, unless said otherwise."""
    seen = IntakeCounts(
        fetched=ledger.fetched,
        unchanged=ledger.unchanged,
        gone=ledger.gone,
        failed=ledger.failed,
        skipped=ledger.skipped,
    )
    plain: dict[str, Any] = {"state": PartitionState.FINISHED, "finish_reason": "finished"}
    return PartitionRow(
        id=1, inspection_id=1, name="part", plan=b"{}", ledger=ledger, counts=counts or seen, **(plain | fields)
    )


WHOLE = Ledger(discovered=20, fetched=15, unchanged=2, gone=1, failed={"http_503": 1}, skipped={"duplicate": 1})


def test_ledgers_add_up_reason_by_reason() -> None:
    """The whole is the sum of its parts, and expects something only if every part does."""
    other = Ledger(discovered=3, fetched=1, failed={"http_503": 1, "time_out": 1}, expected=3)

    both = total([WHOLE, other])

    assert (both.discovered, both.fetched, both.failed) == (23, 16, {"http_503": 2, "time_out": 1})
    assert both.expected is None
    assert total([other, other]).expected == 6
    assert total([]).is_balanced


def test_what_was_written_and_not_taken_in_is_named() -> None:
    """Each kind that differs is told with both numbers."""
    assert differences(WHOLE, IntakeCounts(fetched=14, unchanged=2, gone=1, failed={"x": 1}, skipped={"y": 1})) == (
        "fetched: 15 in the crawl's ledger, 14 taken in",
    )


@pytest.mark.parametrize(
    ("parts", "is_limited", "state", "reason"),
    [
        ([part(WHOLE)], False, InspectionState.FINISHED, ""),
        ([part(WHOLE), part(WHOLE)], False, InspectionState.FINISHED, ""),
        (
            [part(WHOLE), part(WHOLE, state=PartitionState.FAILED, finish_reason="lost", detail="no word")],
            False,
            InspectionState.INCOMPLETE,
            "part: lost (no word)",
        ),
        ([part(WHOLE, state=PartitionState.FAILED, finish_reason="lost")], False, InspectionState.FAILED, "part: lost"),
        ([part(WHOLE, state=PartitionState.OPEN)], False, InspectionState.FAILED, "part: finished"),
        ([], False, InspectionState.FAILED, "nothing was discovered"),
        ([part(Ledger())], False, InspectionState.INCOMPLETE, "nothing was discovered"),
        (
            [part(Ledger(discovered=5, fetched=4))],
            False,
            InspectionState.INCOMPLETE,
            "part: 5 discovered, 4 accounted for",
        ),
        (
            [part(WHOLE, counts=IntakeCounts(fetched=15, unchanged=2, gone=1, failed={"x": 1}))],
            False,
            InspectionState.INCOMPLETE,
            "part: skipped: 1 in the crawl's ledger, 0 taken in",
        ),
        (
            [part(Ledger(discovered=10, fetched=8, failed={"http_503": 2}))],
            False,
            InspectionState.INCOMPLETE,
            "2 of 10 discovered could not be read",
        ),
        ([part(Ledger(discovered=10, fetched=9, failed={"http_503": 1}))], False, InspectionState.FINISHED, ""),
        (
            [part(Ledger(discovered=8, fetched=8, expected=10))],
            False,
            InspectionState.INCOMPLETE,
            "the platform counts 10 listings, 8 were discovered",
        ),
        ([part(Ledger(discovered=8, fetched=8, expected=10))], True, InspectionState.FINISHED, ""),
    ],
)
def test_how_an_inspection_is_judged(
    parts: list[PartitionRow], is_limited: bool, state: InspectionState, reason: str
) -> None:
    """The policy, row by row; whatever is not finished says why."""
    judged, reasons = judge(parts, is_limited=is_limited)

    assert judged is state
    assert reasons[:1] == ((reason,) if reason else ())
