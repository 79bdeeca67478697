"""``delist db``: the database's version, whether it is whole, a copy of it, and the copy put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from scanner.cli.context import settings_of
from scanner.cli.database import make_data_folder
from scanner.cli.output import console, error_console
from scanner.store import upkeep

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The database: upgrade, check, back up and restore it.",
    epilog="Exit codes: 0 done; 1 something is wrong with the database; 2 something given must be mended.",
)

Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]


@app.command()
def upgrade(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Bring the database's tables up to date, or make them. Back it up before.

    Every command does this by itself when it opens an older database. With a large one, or several machines, do it by
    hand once: stop everything, `delist db backup`, `delist db upgrade`, start again.

    Example: `delist db upgrade --dry-run`
    """
    settings = settings_of(context)
    if not settings.store.url:
        make_data_folder(settings)
    found, newest = upkeep.revision(settings.store_url) if dry_run else upkeep.upgrade(settings.store_url)
    if found == newest:
        console.print(f"The database is up to date: revision {newest}.")
    else:
        console.print(f"{'Would go' if dry_run else 'Went'} from revision {found} to {newest}.")


@app.command()
def check(context: typer.Context) -> None:
    """Check the database: its structure, keys, tables, and that the history ends where its head says.

    `delist audit verify` checks every event. Nothing is changed.

    Exit codes: 0 whole; 1 it has faults, each is named.

    Example: `delist db check`
    """
    _tell(upkeep.check(settings_of(context).store_url))


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the copy goes.")],
    force: Force = False,
) -> None:
    """Write a copy of the database while others go on working. Evidence files are not in it: copy their folder too.

    SQLite is copied by its own online backup, PostgreSQL by `pg_dump`, which must be installed. Only you can read the
    copy.

    Examples: `delist db backup delist-2026-03-01.db`, `delist db backup /backup/delist.dump --force`
    """
    with _progress("copying") as told:
        size = upkeep.backup(settings_of(context).store_url, file, force=force, on_progress=told)
    console.print(f"{file}: {size / 1e6:,.1f} MB.")


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `delist db backup` wrote.")],
    force: Force = False,
) -> None:
    """Put a backup in the place of the database. Stop everything else before.

    A database in which there is something is only replaced with --force; an SQLite file is then kept beside it, as
    `NAME.before-restore`. Afterwards the database is checked.

    Exit codes: 0 done; 1 it was refused, or the restored database has faults; 2 the file is no backup.

    Example: `delist db restore delist-2026-03-01.db`
    """
    settings = settings_of(context)
    if not settings.store.url:
        make_data_folder(settings)
    with _progress("restoring") as told:
        condition = upkeep.restore(settings.store_url, file, force=force, on_progress=told)
    _tell(condition)


def _tell(condition: upkeep.Condition) -> None:
    for fault in condition.faults:
        error_console.print(Text(f"{condition.place}: {fault}", style="red"))
    if condition.faults:
        raise typer.Exit(1)
    older = "" if condition.is_current else f" (the newest is {condition.newest}: delist db upgrade)"
    console.print(f"{condition.place}: whole, revision {condition.revision}{older}.", soft_wrap=True)


@contextmanager
def _progress(what: str) -> Iterator[upkeep.OnProgress]:
    """A bar on standard error where that is a terminal, gone at the end."""
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn())
    is_watched = error_console.is_terminal
    with Progress(*columns, console=error_console, transient=True, disable=not is_watched) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
