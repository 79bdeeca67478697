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
from typer.core import TyperCommand, TyperGroup

from scanner.cli.context import Given
from scanner.cli.output import complain
from scanner.errors import DelistError

# Where each command is (a function is one command, a ``Typer`` a room of them), and what the list of them says of it.
# It says it without loading the room; a test holds it to the command's own first sentence.
COMMANDS = {
    "inspect": (
        "scanner.cli.inspect:inspect",
        "Crawl a source, flag what must not be sold, and show the coverage and the top of the queue.",
    ),
    "source": ("scanner.cli.source:app", "The sources in delist.toml: add one by looking at it, list them."),
    "queue": ("scanner.cli.queue:queue", "Show the queue, most urgent first."),
    "show": ("scanner.cli.queue:show", "Show everything that a person needs to decide a case."),
    "decide": (
        "scanner.cli.queue:decide",
        "Rule on a case: decision, takedown order and event are written together, or not at all.",
    ),
    "next": (
        "scanner.cli.desk:next_",
        "Claim the most urgent case that you can work on, and show it. The claim ends by itself.",
    ),
    "mine": ("scanner.cli.desk:mine", "Show what you have in hand: claims, cases that were given to you, drafts."),
    "release": ("scanner.cli.desk:release", "Give a claimed case back; anybody may take it."),
    "skip": ("scanner.cli.desk:skip", "Pass on a case that you would rather not decide; you are not given it again."),
    "hold": ("scanner.cli.desk:hold", "Put a case off; it is back by itself at that time."),
    "assign": (
        "scanner.cli.desk:assign",
        "Give a case to somebody; it comes first for them, and goes back to everybody after a day.",
    ),
    "ask": ("scanner.cli.desk:ask", "Ask another person for help with a case: they get it, with your question."),
    "undo": (
        "scanner.cli.desk:undo",
        "Take the newest decision on a case back within the undo window: the case is as it was before it was decided.",
    ),
    "approval": ("scanner.cli.approval:app", "What waits for a second person: list, approve, refuse."),
    "bulk": ("scanner.cli.bulk:app", "One decision on many cases: preview, start, follow, undo."),
    "cluster": ("scanner.cli.bulk:cluster", "Cases on listings nearly the same."),
    "forecast": (
        "scanner.cli.desk:forecast",
        "Say which cases will be answered too late, and when, if people go on as they do.",
    ),
    "tidy": (
        "scanner.cli.tidy:tidy",
        "End what nobody has approved in time, hide what policy says, group what is alike, and work on bulk decisions.",
    ),
    "case": ("scanner.cli.trace:app", "One case, from beginning to end."),
    "audit": ("scanner.cli.audit:app", "The history: verify it, and look into it."),
    "evidence": ("scanner.cli.archive:app", "Captured pages: show, verify, extract, prune; pictures."),
    "takedown": ("scanner.cli.takedown:app", "What platforms were told to take down, and whether it is gone."),
    "notice": ("scanner.cli.notice:app", "Reports from outside: take in, show, answer."),
    "appeal": ("scanner.cli.appeal:app", "Objections of sellers: file, show, decide."),
    "seller": ("scanner.cli.seller:app", "What is on file of sellers: history, licences, exceptions, penalties."),
    "letter": ("scanner.cli.letter:app", "Letters to sellers and senders of notices."),
    "clue": (
        "scanner.cli.clue:app",
        "Clue packages for police and other authorities: prepare, approve, export, hand over, verify.",
    ),
    "retention": ("scanner.cli.retention:app", "How long records are kept, and deleting what is older."),
    "scan": ("scanner.cli.scan:scan", "Run the rulebook over FILE and print what would be queued."),
    "page": (
        "scanner.cli.page:page",
        "Print the listing that a page shows, where each field was found, and what the rulebook says of it.",
    ),
    "rules": ("scanner.cli.rules:app", "Write rules, prove them, and see what they do."),
    "schedule": ("scanner.cli.schedule:app", "Inspect each source when its cron line says so."),
    "serve": ("scanner.cli.serve:serve", "Serve the moderators' console until it is stopped."),
    "person": ("scanner.cli.person:app", "Accounts: add, list, role, password, disable."),
    "token": ("scanner.cli.token:app", "Keys of services: add, list, revoke."),
    "db": ("scanner.cli.db:app", "The database: upgrade, check, back up and restore it."),
    "demo": ("scanner.cli.demo:app", "The simulated marketplace: it evades, edits, relists, throttles and lies."),
}


class Rooms(TyperGroup):
    """The commands of the table, each loaded when it is asked for."""

    _is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, of which none is loaded."""
        self._is_listing = True
        super().format_help(ctx, formatter)
        self._is_listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or nothing."""
        if cmd_name not in COMMANDS:
            return None
        where, summary = COMMANDS[cmd_name]
        if self._is_listing:
            return TyperCommand(cmd_name, help=summary)
        module, _, name = where.partition(":")
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
        # Loaded for this alone: other commands do without numpy if they can.
        matching = import_module("scanner.kernels").status()
        typer.echo(f"delist {version('delist')}\nmatching in {matching}")
        raise typer.Exit


@app.callback()
def delist(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Settings file; without it, delist.toml in this folder if there is one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for database, spool and evidence.")] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Print the version, and whether matching is compiled.",
        ),
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
