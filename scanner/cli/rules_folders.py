"""Which folders of rules a command is about: those it reads, and the one that it writes to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.context import settings_of
from scanner.errors import InputError, RulebookError
from scanner.rulebook import Status, load
from scanner.rulebook.cache import FOLDER
from scanner.rulebook.reader import Written, read
from scanner.rulebook.sources import find_sources

SHIPPED = "shipped"
TESTED = tuple(status for status in Status if status is not Status.RETIRED)

Folders = Annotated[
    list[str] | None,
    typer.Option(
        "--rules",
        help="Folder of rule files, again for more; `shipped` is the shipped rulebook. Default: as configured.",
    ),
]
OwnFolder = Annotated[
    Path | None,
    typer.Option(help="Folder of your rule files; a new one begins with the first rule. Default: as configured."),
]


def folder_of(name: str) -> Path | None:
    """A folder as somebody names it; nothing for the shipped one."""
    return None if name == SHIPPED else Path(name)


def folders_of(context: typer.Context, rules: Iterable[str] | None) -> tuple[Path | None, ...]:
    """The folders asked for, or the configured ones."""
    return tuple(map(folder_of, rules)) if rules else settings_of(context).rules


def own_folder(context: typer.Context, given: Path | None) -> Path:
    """The folder to write to: the one given, or the only one of your own that is configured; never the shipped one."""
    if given is not None and given != Path(SHIPPED):
        return given
    own = [folder for folder in settings_of(context).rules if folder is not None] if given is None else []
    if len(own) == 1:
        return own[0]
    if own:
        raise InputError("several folders of rules are configured", hint=f"Say which: --rules {own[0]}")
    raise InputError(
        "no folder of your own rules is configured, and the shipped ones are not to be changed",
        hint="Make one with `delist rules export my-rules`, and name it: --rules my-rules, or in delist.toml.",
    )


def read_rules(folders: tuple[Path | None, ...]) -> tuple[Written, ...]:
    """The files in shape; raises ``RulebookError`` with the faults if any is not."""
    written, faults = read(find_sources(*folders), FOLDER)
    if faults:
        # load() knows the faults of conditions too, so that all are told at once.
        load(*folders, statuses=TESTED, cache=None)
        raise RulebookError(tuple(map(str, faults)))
    return written
