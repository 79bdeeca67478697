"""``delist person``: accounts of the console, made and changed by whoever runs Delist on this machine."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console
from scanner.cli.queue import moment
from scanner.errors import InputError
from scanner.model import Actor, Role
from scanner.people import accounts

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Accounts: add, list, role, password, disable."
)

Name = Annotated[str, typer.Argument(help="The name they log in with.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command(epilog="Example: delist person add li.na --role reviewer")
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")],
    password_stdin: FromStdin = False,
) -> None:
    """Make an account. The password is asked for, twice, or read from standard input."""
    settings = settings_of(context)
    with store_of(settings) as store:
        password = _password(from_stdin=password_stdin)
        added = accounts.add(store, name, role, password, actor=operator(), now=datetime.now(UTC))
    console.print(f"{added.name} can log in as {added.role.value}.", markup=False)


@app.command("list", epilog="Example: delist person list")
def list_all(context: typer.Context) -> None:
    """List all accounts."""
    settings = settings_of(context)
    zone = ZoneInfo(settings.time_zone)
    table = Table(header_style="bold")
    for column in ("name", "role", "made", "last login", ""):
        table.add_column(column)
    with store_of(settings) as store:
        for one in accounts.people(store):
            last = moment(one.last_login_at, zone) if one.last_login_at else "—"
            table.add_row(one.name, one.role.value, moment(one.created_at, zone), last, "disabled" * one.is_disabled)
    console.print(table if table.row_count else "Nobody has an account yet.")


@app.command(epilog="Example: delist person role li.na specialist")
def role(context: typer.Context, name: Name, role: Annotated[Role, typer.Argument(help="Their new role.")]) -> None:
    """Give somebody another role; they have to log in again."""
    with store_of(settings_of(context)) as store:
        changed = accounts.set_role(store, name, role, actor=operator(), now=datetime.now(UTC))
    console.print(f"{changed.name} is now {changed.role.value}.", markup=False)


@app.command(epilog="Example: delist person password li.na")
def password(context: typer.Context, name: Name, password_stdin: FromStdin = False) -> None:
    """Give somebody another password; all their sessions end."""
    with store_of(settings_of(context)) as store:
        typed = _password(from_stdin=password_stdin)
        accounts.set_password(store, name, typed, actor=operator(), now=datetime.now(UTC))
    console.print("The password is changed.")


@app.command(epilog="Example: delist person disable li.na")
def disable(
    context: typer.Context,
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Let them log in again.")] = False,
) -> None:
    """Nobody logs in with the account any more; what they did stays on record."""
    change = accounts.enable if undo else accounts.disable
    with store_of(settings_of(context)) as store:
        changed = change(store, name, actor=operator(), now=datetime.now(UTC))
    console.print(f"{changed.name} {'can log in again' if undo else 'is disabled'}.", markup=False)


def operator() -> Actor:
    """Whoever runs Delist on this machine could write into its database: the events say who it was."""
    return Actor(name=f"{getpass.getuser()}@console", role=Role.ADMINISTRATOR)


def _password(*, from_stdin: bool) -> str:
    """Typed twice, unseen; or a line from a pipe. Raises ``InputError`` if the two differ."""
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != first:
        raise InputError("the two passwords differ")
    return first
