"""``delist inspect``: one run over a source, watched while it goes, and told at its end."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table
from rich.text import Text

from scanner.cli.chosen import chosen
from scanner.cli.context import settings_of
from scanner.cli.database import make_data_folder, store_of
from scanner.cli.output import SEVERITY_STYLE, console, error_console, inert
from scanner.cli.queue import queue_table
from scanner.cli.replay import replay as read_again
from scanner.cli.watching import watching
from scanner.errors import InputError
from scanner.inspection.conduct import FULL, INCREMENTAL, InspectionReport
from scanner.inspection.conduct import inspect as run_inspection
from scanner.inspection.health import Grade
from scanner.inspection.unread import file_of
from scanner.model import Ledger, Severity
from scanner.processes import hold
from scanner.rulebook import load
from scanner.settings import Settings, Source, Walker
from spiders import launch

STDIN = "-"
PROGRAM = "delist"
DEMO_SEED = 7


def inspect(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="[SOURCE|URL|FILE|FOLDER|-]",
            help="A source in delist.toml, a shop's address, listings, saved pages, a .txt of addresses.",
        ),
    ] = "",
    demo: Annotated[bool, typer.Option("--demo", help="Inspect the simulated marketplace.")] = False,
    seed: Annotated[int, typer.Option(help="The simulated marketplace's seed.")] = DEMO_SEED,
    incremental: Annotated[
        bool,
        typer.Option("--incremental", help="Skip what the platform says has not changed since it was read."),
    ] = False,
    afresh: Annotated[bool, typer.Option("--afresh", help="Do not go on with an inspection that was killed.")] = False,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="WARC", help="Crawl nothing: read captured pages with today's code and show what differs."
        ),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="The platform is like this now: health checks only warn.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=0, help="Read at most so many listings; 0: all.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.01, max=10_000, help="At most so many requests a second.")] = None,
) -> None:
    """Crawl a source, flag what must not be sold, and show the coverage and the top of the queue.

    Exit codes: 0 everything was covered; 1 the inspection is incomplete or failed, and says why; 2 something given
    must be mended.

    A shop's address needs no configuration: its sitemaps are found by robots.txt, or else its pages by their links.

    Examples: `delist inspect shop`, `delist inspect https://shop.example --limit 100`, `delist inspect export.csv.gz`,
    `delist inspect urls.txt` (listings' addresses, one a line; # begins a comment),
    `export.sh | delist inspect -` (JSON lines, also compressed)
    """
    settings = settings_of(context)
    if replay is not None:
        _replay(replay, source, settings)
        return
    with ExitStack() as open_things:
        open_things.enter_context(_ended_by_sigterm())
        chosen = open_things.enter_context(_demo_source(seed) if demo else _given(source, settings))
        given = {name: value for name, value in (("limit", limit), ("rate", rate)) if value is not None}
        chosen = chosen.model_copy(update=given)
        open_things.enter_context(interrupt_told(is_lasting=not demo and source != STDIN))
        report = _watched(chosen, settings, incremental=incremental, resume=not afresh, accept=accept)
    tell(report, settings)
    if not report.is_finished:
        raise typer.Exit(1)


def _watched(source: Source, settings: Settings, *, incremental: bool, resume: bool, accept: bool) -> InspectionReport:
    """The inspection from its plan to its end, with its progress on the terminal."""
    rulebook = load(*settings.rules)
    with store_of(settings) as store:
        make_data_folder(settings)
        with watching(source.name) as on_progress:
            return run_inspection(
                source,
                store=store,
                rulebook=rulebook,
                settings=settings,
                plan=launch.plan,
                crawl=launch.crawl,
                on_progress=on_progress,
                hold=hold,
                kind=INCREMENTAL if incremental else FULL,
                resume=resume,
                accept=accept,
            )


def _replay(file: Path, source: str, settings: Settings) -> None:
    with store_of(settings) as store:
        done = read_again(file, settings.source(source) if source else None, store=store, settings=settings)
    console.print(f"{done.read} pages read, {done.compared} versions compared, {done.same} the same.")
    for field, count in done.fields.items():
        console.print(f"  {field}: differs on {count}", markup=False)
    if not done.is_same:
        raise typer.Exit(1)


@contextmanager
def _given(name: str, settings: Settings) -> Iterator[Source]:
    if name != STDIN:
        yield chosen(name, settings)
        return
    with _standard_input(settings) as source:
        yield source


@contextmanager
def _standard_input(settings: Settings) -> Iterator[Source]:
    """What comes in on standard input, kept in a file while the block runs: a crawl that is begun again reads it again.

    Raises ``InputError`` where it is a terminal.
    """
    if sys.stdin.isatty():
        raise InputError("nothing comes in on standard input", hint="Write: export.sh | delist inspect -")
    make_data_folder(settings)
    with tempfile.NamedTemporaryFile(dir=settings.data, prefix="stdin-", suffix=".jsonl") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield Source(name="stdin", walker=Walker.FEED, start=(file.name,))


@contextmanager
def _demo_source(seed: int) -> Iterator[Source]:
    """The simulated marketplace, serving on a free loopback port while the block runs."""
    from scanner.demo import serve  # a web server, which takes a third of the start of all other inspections

    with serve(port=0, seed=seed) as shop:
        host = urlsplit(shop.url).netloc
        console.print(Text(f"The simulated marketplace is open at http://{host}/ for this inspection.", style="dim"))
        start = (f"{shop.url.rstrip('/')}/sitemap.xml",)
        yield Source(name="demo", walker=Walker.SITEMAP, start=start, page="demo", rate=1000, concurrency=16)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """While the block runs, ``SIGTERM`` ends it as an interrupt does, so that crawls are ended and rows stay true."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def interrupt_told(*, is_lasting: bool) -> Iterator[None]:
    """Say what an interrupt leaves. ``is_lasting``: what is inspected is there the next time, so it can go on."""
    try:
        yield
    except KeyboardInterrupt:
        after = "The same command goes on where it was; --afresh begins anew." if is_lasting else "It begins anew."
        error_console.print(f"Interrupted. What was taken in is kept. {after}", style="yellow")
        raise


def tell(report: InspectionReport, settings: Settings) -> None:
    """Coverage, findings, the top of the queue, where things lie, and what to type next."""
    inspection = report.inspection
    resumed = " (went on with one that was killed)" if report.resumed else ""
    console.rule(f"Inspection {inspection.id} of {inspection.source}: {inspection.state}{resumed}", align="left")
    console.print(_ledger_table(report.ledger))
    balance = "balances" if report.ledger.is_balanced else "DOES NOT BALANCE"
    counted = f"; the platform itself counts {report.ledger.expected}" if report.ledger.expected is not None else ""
    console.print(
        f"The ledger {balance}: {report.ledger.discovered} discovered, {report.ledger.accounted} accounted{counted}."
    )
    _tell_counts(report)
    _tell_health(report)
    console.print(_category_table(report))
    if report.top:
        console.print(queue_table(report.top, title=f"Top of the queue ({report.counted} waiting)"))
    else:
        console.print("Nothing waits in the queue.")
    _tell_places(report, settings)
    for reason in inspection.reasons:
        error_console.print(Text(f"{inspection.state}: {inert(reason)}", style="red"))


def _ledger_table(ledger: Ledger) -> Table:
    table = Table(title="Coverage", title_justify="left", header_style="bold")
    rows = [("discovered", ledger.discovered), ("fetched", ledger.fetched), ("unchanged", ledger.unchanged)]
    rows.append(("gone", ledger.gone))
    rows += [(f"failed: {reason}", count) for reason, count in sorted(ledger.failed.items())]
    rows += [(f"skipped: {reason}", count) for reason, count in sorted(ledger.skipped.items())]
    table.add_column("what became of it")
    table.add_column("listings", justify="right")
    for name, count in rows:
        table.add_row(name, str(count), style="red" if name.startswith("failed") and count else "")
    table.add_section()
    table.add_row("pages read", f"{ledger.pages} ({_size(ledger.bytes)})")
    return table


def _size(count: int) -> str:
    for power, unit in ((2, "MiB"), (1, "KiB")):
        if count >= 1024**power:
            return f"{count / 1024**power:.1f} {unit}"
    return f"{count} bytes"


def _tell_counts(report: InspectionReport) -> None:
    counts = report.counts
    unchanged = counts.same + report.ledger.unchanged
    console.print(
        f"{counts.new} new, {counts.changed} changed, {unchanged} unchanged, {counts.duplicate} seen twice; "
        f"{counts.flagged} flagged; {counts.opened} cases opened, {counts.updated} updated, {counts.reopened} reopened."
    )


def _tell_health(report: InspectionReport) -> None:
    """The checks that do not pass, each with its reason."""
    amiss = [check for check in report.checks if check.grade is not Grade.PASS]
    passed = len(report.checks) - len(amiss)
    console.print(f"Health: {passed} checks passed{'.' if not amiss else ', but:'}")
    for check in amiss:
        style = "red" if check.grade is Grade.FAIL else "yellow"
        console.print(Text(f"  {check.grade}  {check.name}: {check.said}", style=style))
    if any(check.grade is Grade.FAIL for check in amiss):
        console.print(f"  Nothing is taken to be gone. {advice(report.ledger)}")


def advice(ledger: Ledger) -> str:
    """What to do after a check has failed. A platform that gave no answer, or pages that are not understood, are not a
    platform that has changed; one that said of a listing that it is as it was, or gone, has answered."""
    is_answered = ledger.fetched or ledger.unchanged or ledger.gone
    if ledger.failed and not is_answered:
        return "Nothing could be read: inspect it again when the platform answers."
    if not is_answered:
        hint = "Where scripts make the pages: render = true in its source (docs/spiders.md)."
        return f"No page reads as a listing: look at one with delist page URL. {hint}"
    return "If the platform is like this now: delist inspect … --accept"


def _category_table(report: InspectionReport) -> Table:
    table = Table(title="Flagged listings by category and severity", title_justify="left", header_style="bold")
    table.add_column("category")
    for severity in Severity:
        table.add_column(Text(severity, style=SEVERITY_STYLE[severity]), justify="right")
    for category, counts in sorted(report.by_category.items()):
        table.add_row(category, *(str(counts.get(severity, "")) for severity in Severity))
    if not report.by_category:
        table.add_row("none")
    return table


def _tell_places(report: InspectionReport, settings: Settings) -> None:
    if (unread := file_of(settings, report.inspection.id)).exists():
        console.print(f"Not read, address by address, with the reason: {unread}", style="dim", soft_wrap=True)
    console.print(f"Database: {settings.store_url}   Evidence: {settings.evidence}", style="dim", soft_wrap=True)
    first = report.top[0].case.id if report.top else None
    options = "" if settings.data == Path("data") else f"--data {settings.data} "
    console.print("Next:", style="bold")
    console.print(f"  {program()} {options}queue", style="cyan")
    if first is not None:
        console.print(f"  {program()} {options}show {first}", style="cyan")
        console.print(f"  {program()} {options}decide {first} remove --reason prohibited_goods", style="cyan")


def program() -> str:
    """``delist`` as the reader can type it: with its folder if that is not on the path."""
    called = Path(sys.argv[0])
    found = shutil.which(PROGRAM)
    is_on_path = found is not None and called.resolve() == Path(found).resolve()
    return PROGRAM if is_on_path or called.name != PROGRAM else os.path.relpath(called)
