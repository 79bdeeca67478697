"""``delist scan``: the rulebook over a file of listings, with no store touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from scanner.cli.context import settings_of
from scanner.cli.output import SEVERITY_STYLE, console, error_console, marked, write_line
from scanner.listing_content import text_fields
from scanner.model import Finding, Listing, Triage
from scanner.rulebook import Rulebook, load
from scanner.scan import scan as scan_listings
from scanner.triage import triage
from spiders.feed import BadRow, read_listings

BATCH = 1024
MOST_BAD_ROWS_SHOWN = 100


@dataclass(slots=True)
class Tally:
    """What a scan counted."""

    listings: int = 0
    queued: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    bad: list[BadRow] = field(default_factory=list)


def scan(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(help="Listings: .jsonl, .csv or .parquet, also .gz or .zst; - reads JSON lines.")
    ],
    json: Annotated[
        bool, typer.Option("--json", help="One line of JSON for each listing that would be queued.")
    ] = False,
    format: Annotated[  # noqa: A002 -- the option is called --format
        str | None, typer.Option(help="jsonl, csv or parquet, where the file's name does not tell.")
    ] = None,
) -> None:
    """Run the rulebook over FILE and print what would be queued.

    Each row has an `id` and either `text`, or `title`, `description`, `price`, `currency`, `quantity`,
    `category_path`, `seller` and `attributes`. Offsets in the output count characters of the named field.

    Exit codes: 0 all rows scanned; 1 some rows could not be read (listed on standard error); 2 the file or the
    rulebook cannot be read at all.

    Examples: `delist scan listings.jsonl --json`, `zcat export.csv.gz | delist scan - --format csv`
    """
    rulebook = load(*settings_of(context).rules)
    tally = Tally()
    with _progress() as progress:
        task = progress.add_task("scanning", total=None, flagged=0)
        for listing, findings, verdict in judged(read_listings(file, platform="file", format=format), rulebook, tally):
            if json:
                write_line(as_json(listing, findings, verdict))
            else:
                _print_queued(listing, findings, verdict)
            progress.update(task, completed=tally.listings, flagged=tally.queued)
    _print_bad_rows(tally)
    if not json:
        _print_summary(tally)
    if tally.bad:
        raise typer.Exit(1)


def judged(
    rows: Iterable[Listing | BadRow], rulebook: Rulebook, tally: Tally
) -> Iterator[tuple[Listing, tuple[Finding, ...], Triage]]:
    """Scan ``rows`` in batches, yield what would be queued and count everything in ``tally``."""
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        tally.bad.extend(row for row in batch if isinstance(row, BadRow))
        listings = [row for row in batch if isinstance(row, Listing)]
        tally.listings += len(listings)
        for listing, findings in zip(listings, scan_listings(listings, rulebook), strict=True):
            verdict = triage(listing, findings) if findings else None
            if verdict is not None:
                tally.queued += 1
                tally.by_category.update(verdict.categories)
                yield listing, findings, verdict


def as_json(listing: Listing, findings: tuple[Finding, ...], verdict: Triage) -> str:
    """The documented line: id, categories, severity, action, why, and one entry for each finding's each span.

    Findings of a category that weighs in the severity, though the listing is not filed under it, are there too.
    """
    spans = [
        {
            "rule": finding.rule,
            "view": span.view,
            "field": span.field,
            "start": span.start,
            "end": span.end,
            "text": span.text,
            "reads": span.reads,
            "score": round(finding.score, 3),
        }
        for finding in findings
        if finding.queues or finding.category in verdict.categories
        for span in finding.spans
    ]
    row = {
        "id": listing.listing_id,
        "categories": verdict.categories,
        "severity": verdict.severity,
        "action": verdict.action,
        "reason": verdict.reason,
        "findings": spans,
    }
    # A lone surrogate has no UTF-8 form: show it as the replacement character rather than stop.
    return msgspec.json.encode(_encodable(row)).decode()


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    if isinstance(value, dict):
        return {key: _encodable(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(part) for part in value]
    return value


def _progress() -> Progress:
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} listings, {task.fields[flagged]} flagged"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=error_console, transient=True, disable=not error_console.is_terminal)


def _print_queued(listing: Listing, findings: tuple[Finding, ...], verdict: Triage) -> None:
    style = SEVERITY_STYLE[verdict.severity]
    console.print(f"[{style}]{verdict.severity}[/] {', '.join(verdict.categories)}  ", listing.listing_id, end="  ")
    texts = dict(text_fields(listing))
    for name in dict.fromkeys(span.field for finding in findings for span in finding.spans):
        spans = [span for finding in findings for span in finding.spans if span.field == name]
        console.print(marked(texts.get(name, ""), spans, limit=100))


def _print_bad_rows(tally: Tally) -> None:
    if not tally.bad:
        return
    error_console.print(f"{len(tally.bad)} row(s) could not be read, {tally.listings} were scanned:", style="red")
    for row in tally.bad[:MOST_BAD_ROWS_SHOWN]:
        error_console.print(f"  line {row.line}: {row.reason}", markup=False)
    if len(tally.bad) > MOST_BAD_ROWS_SHOWN:
        error_console.print(f"  … and {len(tally.bad) - MOST_BAD_ROWS_SHOWN} more")


def _print_summary(tally: Tally) -> None:
    counts = ", ".join(f"{name} {count}" for name, count in tally.by_category.most_common()) or "nothing"
    console.print(f"{tally.listings} listings scanned, {tally.queued} would be queued: {counts}.")
