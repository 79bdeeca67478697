"""What commands that write letters are wired to: the letterhead, where letters are handed over, and who acts."""

from __future__ import annotations

import getpass
import os
from typing import Annotated

import typer

from scanner.correspondence.letters import Letterhead, Post, headed
from scanner.errors import SettingsError
from scanner.model import Actor, Role
from scanner.platforms.http import Client
from scanner.post import Maildrop, PostOffice
from scanner.rulebook import load
from scanner.settings import Settings

Who = Annotated[str, typer.Option("--actor", help="Who does it.", envvar="DELIST_ACTOR")]
As = Annotated[Role, typer.Option(help="In which role.")]
Why = Annotated[str, typer.Option(help="Why, for the record.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def head_of(settings: Settings) -> Letterhead:
    """Who writes, and the rules' titles in each language. Raises ``RulebookError``."""
    wanted = settings.letters
    return headed(load(*settings.rules), contact=wanted.contact, appeal_at=wanted.appeal_at)


def post_of(settings: Settings) -> Post:
    """Where letters are handed over. Raises ``SettingsError`` for a receiver without a secret."""
    wanted = settings.letters
    if not wanted.url:
        return Maildrop(settings.data / "letters")
    secret = os.environ.get(wanted.token_variable, "").strip() if wanted.token_variable else ""
    if not secret:
        variable = wanted.token_variable or "token_variable"
        hint = "It holds the secret that the receiver of letters knows too: see docs/webhook.md."
        raise SettingsError(f"letters: {variable} is not set", hint=hint)
    return PostOffice(wanted.url, secret, client=Client())


def actor_of(name: str, role: Role) -> Actor:
    """Who acts: as given, else whoever is logged in at the machine."""
    return Actor(name=name or getpass.getuser(), role=role)
