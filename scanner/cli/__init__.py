"""The ``delist`` command: one file per room of commands, mounted here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli import demo, inspect, page, queue, rules, scan, schedule
from scanner.cli.context import Given
from scanner.cli.output import complain
from scanner.errors import DelistError

app = typer.Typer(
    name="delist",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 it went wrong on the way; 2 something given must be mended; 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"delist {version('delist')}")
        raise typer.Exit


@app.callback()
def delist(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Settings file; without it, delist.toml in this folder if there is one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for database, spool and evidence.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Inspect a marketplace's own listings, and clear out what must not be sold."""
    context.obj = Given(config=config, data=data)


app.command("inspect")(inspect.inspect)
app.command("queue")(queue.queue)
app.command("show")(queue.show)
app.command("decide")(queue.decide)
app.command("scan")(scan.scan)
app.command("page")(page.page)
app.add_typer(rules.app, name="rules")
app.add_typer(schedule.app, name="schedule")
app.add_typer(demo.app, name="demo")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; what a person must act on is printed in words, with the error's own exit code."""
    try:
        app(args=list(arguments) if arguments is not None else None)
    except DelistError as error:
        complain(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, less) went away: that is its right. Nothing more can be written.
        sys.stderr.close()
        sys.exit(0)
