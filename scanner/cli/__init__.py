"""The ``delist`` command: one file per room of commands, in the table below.

A room is loaded when one of its commands is asked for: who scans a file does not wait for a web server to be imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from scanner.cli.context import Given
from scanner.cli.output import complain
from scanner.errors import DelistError

# Command -> where it is: a function is one command, a ``Typer`` a room of them.
COMMANDS = {
    "inspect": "scanner.cli.inspect:inspect",
    "source": "scanner.cli.source:app",
    "queue": "scanner.cli.queue:queue",
    "show": "scanner.cli.queue:show",
    "decide": "scanner.cli.queue:decide",
    "next": "scanner.cli.desk:next_",
    "mine": "scanner.cli.desk:mine",
    "release": "scanner.cli.desk:release",
    "skip": "scanner.cli.desk:skip",
    "hold": "scanner.cli.desk:hold",
    "assign": "scanner.cli.desk:assign",
    "ask": "scanner.cli.desk:ask",
    "undo": "scanner.cli.desk:undo",
    "approval": "scanner.cli.approval:app",
    "bulk": "scanner.cli.bulk:app",
    "cluster": "scanner.cli.bulk:cluster",
    "forecast": "scanner.cli.desk:forecast",
    "tidy": "scanner.cli.tidy:tidy",
    "case": "scanner.cli.trace:app",
    "audit": "scanner.cli.audit:app",
    "evidence": "scanner.cli.archive:app",
    "takedown": "scanner.cli.takedown:app",
    "notice": "scanner.cli.notice:app",
    "appeal": "scanner.cli.appeal:app",
    "seller": "scanner.cli.seller:app",
    "letter": "scanner.cli.letter:app",
    "clue": "scanner.cli.clue:app",
    "retention": "scanner.cli.retention:app",
    "scan": "scanner.cli.scan:scan",
    "page": "scanner.cli.page:page",
    "rules": "scanner.cli.rules:app",
    "schedule": "scanner.cli.schedule:app",
    "serve": "scanner.cli.serve:serve",
    "person": "scanner.cli.person:app",
    "token": "scanner.cli.token:app",
    "db": "scanner.cli.db:app",
    "demo": "scanner.cli.demo:app",
}


class Rooms(TyperGroup):
    """The commands of the table, each loaded when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or nothing."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        made = getattr(import_module(module), name)
        if not isinstance(made, typer.Typer):
            room = typer.Typer(add_completion=False, rich_markup_mode="markdown")
            room.command(cmd_name)(made)
            made = room
        command = typer.main.get_command(made)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="delist",
    cls=Rooms,
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
