"""``delist token``: keys of services to the HTTP API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, write_line
from scanner.cli.person import operator
from scanner.cli.queue import moment
from scanner.model import Role
from scanner.people import tokens
from scanner.people.records import Scope

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Keys of services: add, list, revoke.")


@app.command(epilog="Example: delist token add checkout --scope check")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Which service it is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it is good for; may be given several times.")],
    role: Annotated[Role, typer.Option(help="Whose permissions it has, within its scopes.")] = Role.AUDITOR,
    days: Annotated[int, typer.Option(min=0, max=3650, help="It ends after so many days; 0: never.")] = 365,
) -> None:
    """Make a token and print its secret, this once: only its hash is kept."""
    with store_of(settings_of(context)) as store:
        made = tokens.add(store, name, scope, role=role, days=days or None, actor=operator(), now=datetime.now(UTC))
    write_line(made[1])


@app.command("list", epilog="Example: delist token list")
def list_all(context: typer.Context) -> None:
    """List all tokens, the revoked ones too; never their secrets."""
    settings = settings_of(context)
    zone = ZoneInfo(settings.time_zone)
    table = Table(header_style="bold")
    for column in ("token", "service", "scopes", "role", "ends", "last used"):
        table.add_column(column)
    with store_of(settings) as store:
        for one in tokens.tokens(store):
            ends = one.revoked_at or one.expires_at
            word = "revoked " if one.revoked_at else ""
            cells = (word + moment(ends, zone) if ends else "never", moment(one.used_at, zone) if one.used_at else "—")
            table.add_row(str(one.id), one.name, ", ".join(one.scopes), one.role.value, *cells)
    console.print(table if table.row_count else "There are no tokens.")


@app.command(epilog="Example: delist token revoke 3")
def revoke(context: typer.Context, token: Annotated[int, typer.Argument(min=1, help="Its number.")]) -> None:
    """A token is good for nothing from now on."""
    with store_of(settings_of(context)) as store:
        revoked = tokens.revoke(store, token, actor=operator(), now=datetime.now(UTC))
    console.print(f"Token {revoked.id} ({revoked.name}) is revoked.", markup=False)
