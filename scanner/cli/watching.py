"""Watching an inspection: rate, time left and the ledger's counts on a terminal; nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from scanner.cli.output import error_console
from scanner.inspection.crew import Standing


class RateColumn(ProgressColumn):
    """How many outcomes a second there were lately."""

    def render(self, task: Task) -> Text:
        """As text; a dash until it can be told."""
        return Text(f"{task.speed:,.1f}/s" if task.speed else "–/s")


@contextmanager
def watching(name: str, *, console: Console = error_console) -> Iterator[Callable[[Standing], None]]:
    """Live progress on a terminal, nothing elsewhere; yields what hears of it."""
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=10),
        RateColumn(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        # On a narrow terminal the counts take a second line, and nothing is cut off.
        TextColumn("{task.fields[counts]}", table_column=Column(ratio=1, no_wrap=False, overflow="fold")),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=None, counts="planning")

        def hear(standing: Standing) -> None:
            progress.update(task, completed=standing.settled, total=standing.in_all or None, counts=told(standing))

        yield hear


def told(standing: Standing) -> str:
    """The ledger so far, in the order of its balance."""
    counts = (
        (standing.unchanged, "unchanged"),
        (standing.gone, "gone"),
        (standing.errors, "failed"),
        (standing.skipped, "skipped"),
        (standing.flagged, "flagged"),
    )
    others = "".join(f" · {count} {name}" for count, name in counts if count)
    return f"{standing.listings} of {standing.discovered} read{others} · part {standing.done}/{standing.partitions}"
