"""``delist audit``: whether the history is whole, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from scanner import audit
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, error_console, inert, write_line
from scanner.errors import InputError
from scanner.model import Event
from scanner.records import EventFilter, Head

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="The history: verify it, and look into it.")


@app.command()
def verify(
    context: typer.Context,
    expect: Annotated[
        str,
        typer.Option(metavar="NUMBER:HASH", help="A head that an earlier run printed: that event must still be it."),
    ] = "",
) -> None:
    """Check every event of the history: none edited, missing or moved, and none cut off at its end.

    Whoever can rewrite the whole database can also rewrite its history. So keep the head that this prints elsewhere
    (on paper, in a mail) from time to time, and give it to a later run.

    Exit codes: 0 sound; 1 not, each fault is named by its event; 2 something given must be mended.

    Examples: `delist audit verify`, `delist audit verify --expect 1234:9f86d081884c`
    """
    expected = _head(expect) if expect else None
    with store_of(settings_of(context)) as store, _progress() as told:
        verdict = audit.verify(store, expected=expected, on_progress=told)
    for fault in verdict.faults:
        error_console.print(Text(inert(fault), style="red"))
    head = f"head {verdict.head.sequence}:{verdict.head.hash}"
    if not verdict.is_sound:
        console.print(f"NOT SOUND: {verdict.events:,} events read; {head}", soft_wrap=True)
        raise typer.Exit(1)
    console.print(f"Sound: {verdict.events:,} events; {head}", soft_wrap=True)


@app.command("list")
def list_events(
    context: typer.Context,
    subject: Annotated[str, typer.Option(help="Only of this, as case:7 or inspection:3.")] = "",
    actor: Annotated[str, typer.Option(help="Only by this person or part of Delist.")] = "",
    kind: Annotated[str, typer.Option(help="Only of this kind, as case.decided; case.* for all of a case.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="Only from then on, in UTC."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = 50,
    before: Annotated[int, typer.Option(min=0, help="Those before this event: the next page.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One event a line, with everything that is in it.")] = False,
) -> None:
    """List events, the newest first. All that is given must hold.

    Examples: `delist audit list --subject case:7`, `delist audit list --actor li --kind "case.*" --since 2026-03-01`
    """
    moment = since.replace(tzinfo=UTC) if since else None
    wanted = EventFilter(subject=subject, actor=actor, kind=kind, since=moment)
    with store_of(settings_of(context)) as store, store.reading() as tx:
        found = tx.events_page(wanted, limit=limit + 1, before=before)
    shown = found[:limit]
    if as_json:
        for event in shown:
            write_line(msgspec.json.encode(event).decode())
        return
    console.print(_table(shown) if shown else "No such event.")
    if len(found) > limit:
        console.print(f"More: --before {shown[-1].sequence}", style="dim")


def _table(shown: tuple[Event, ...]) -> Table:
    table = Table(box=None, padding=(0, 1))
    for name in ("number", "when (UTC)", "who", "what", "of", "with"):
        table.add_column(name, overflow="fold")
    for event in shown:
        facts = " ".join(f"{name}={value}" for name, value in event.data.items() if value not in ("", None, [], 0))
        moment = f"{event.at:%Y-%m-%d %H:%M:%S}"
        cells = (str(event.sequence), moment, event.actor, event.kind, event.subject, facts[:200])
        table.add_row(*(Text(inert(cell)) for cell in cells))
    return table


def _head(said: str) -> Head:
    number, _, digest = said.partition(":")
    if not (number.isascii() and number.isdecimal() and len(digest) >= 8 and digest.isalnum()):
        raise InputError(f"not a head: {said!r}", hint="Write NUMBER:HASH, as delist audit verify prints it.")
    return Head(sequence=int(number), hash=digest)


@contextmanager
def _progress() -> Iterator[audit.OnProgress]:
    """A bar on standard error where that is a terminal, gone at the end."""
    columns = (TextColumn("events"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    is_watched = error_console.is_terminal
    with Progress(*columns, console=error_console, transient=True, disable=not is_watched) as progress:
        task = progress.add_task("events", total=None)
        yield lambda done, events: progress.update(task, completed=done, total=events)
