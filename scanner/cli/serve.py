"""``delist serve``: the moderators' console and the HTTP API, in this process, until it is stopped."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer
import uvicorn

from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console
from scanner.console.app import create_app
from scanner.console.headers import is_local
from scanner.console.serving import apart, configured, give_back, share_heaps
from scanner.errors import InputError, PortInUse
from scanner.people import accounts
from scanner.rulebook import load
from scanner.store import Store

_FIRST = """\
Nobody has an account yet. In another terminal, make the first administrator, who then makes the others:
  delist person add NAME --role administrator"""


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="On which port; 0: any that is free.")] = 8000,
) -> None:
    """Serve the moderators' console until it is stopped.

    Examples: `delist serve`, `delist serve --port 8443`

    Exit codes: 0 stopped; 2 the port is taken, or the settings do not name a host that others reach it by.
    """
    share_heaps()
    settings = settings_of(context)
    if not is_local(host) and not settings.console.hosts:
        raise InputError(
            f"{host} is reached by others, and the settings do not say under which name",
            hint='In delist.toml: [console] hosts = ["console.example.org"]; and put TLS in front of it.',
        )
    apart(lambda: load(*settings.rules))  # to compile a changed rulebook takes 200 MB for a moment
    with store_of(settings) as store, _listening(host, port) as listening:
        app = create_app(store, load(*settings.rules), settings)
        give_back()
        _greet(store, host, listening.getsockname()[1])
        uvicorn.Server(configured(app)).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ``PortInUse``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise PortInUse(
            f"{host}:{port}: cannot listen there: {os.strerror(error.errno or 0)}", hint="Try --port 0."
        ) from error
    return listening


def _greet(store: Store, host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    console.print(f"The console is at http://{shown}:{port}/  (Ctrl+C stops it)", markup=False, soft_wrap=True)
    console.print("It sends and crawls nothing by itself: in another terminal, delist schedule does.", soft_wrap=True)
    if not accounts.people(store):
        console.print(_FIRST, markup=False, soft_wrap=True)
