"""An inspection is watched on a terminal, and makes no noise elsewhere."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from scanner.cli.watching import told, watching
from scanner.inspection.crew import Standing

STANDING = Standing(
    partitions=4, done=1, discovered=200, listings=90, gone=5, errors=3, skipped=2, flagged=7, in_all=400
)


@pytest.mark.parametrize("width", [60, 200])
def test_a_terminal_shows_rate_time_and_counts(width: int) -> None:
    """However narrow it is, nothing of the ledger is cut off."""
    screen = Console(file=StringIO(), force_terminal=True, width=width, color_system=None, legacy_windows=False)
    with watching("shop", console=screen) as hear:
        hear(STANDING)
    shown = " ".join(screen.file.getvalue().split())  # type: ignore[attr-defined]  # the StringIO above
    for word in ("shop", "/s", "90 of 200", "5 gone", "3 failed", "2 skipped", "7 flagged", "1/4"):
        assert word in shown, shown


def test_what_is_no_terminal_hears_nothing() -> None:
    """Logs and pipes stay clean."""
    screen = Console(file=StringIO(), force_terminal=False)
    with watching("shop", console=screen) as hear:
        hear(STANDING)
    assert screen.file.getvalue() == ""  # type: ignore[attr-defined]  # as above


def test_counts_that_are_nothing_are_left_out() -> None:
    """What has not happened takes no room; what is settled adds up."""
    assert told(Standing(partitions=2, discovered=3, listings=1)) == "1 of 3 read · part 0/2"
    assert STANDING.settled == 100
