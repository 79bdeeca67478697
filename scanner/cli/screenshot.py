"""``delist evidence screenshot``: a picture of a case's listing as buyers see it now, kept as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from scanner import audit
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console
from scanner.errors import InputError
from scanner.model import Actor, Role
from scanner.settings import Settings
from scanner.store import Store
from spiders.evidence import Evidence
from spiders.screenshot import Shot
from spiders.screenshot import screenshot as take

FOLDER = "screenshots"


def screenshot(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="Number of the case.")],
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE.png", help="Write the picture here as well.")] = None,
) -> None:
    """Open a case's listing in a browser, and keep a picture of the whole page as evidence, with an event.

    Needs Chromium and the extra [browser]. The page may load nothing from outside the source's hosts.
    Exit codes: 0 kept; 1 the page showed nothing; 2 there is no browser, or the listing has no address.

    Example: `delist evidence screenshot 12 --to page.png`
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        url, name = _address(store, case)
        source = settings.sources.get(name)
        hosts = frozenset({urlsplit(url).netloc}) | (source.hosts if source else frozenset())
        shot = take(url, hosts, browser=source.browser if source else "")
        file = keep(store, settings, case, url, shot)
    if to is not None:
        try:
            to.write_bytes(shot.png)
        except OSError as error:
            raise InputError(f"{to}: {error.strerror}") from error
    console.print(f"Kept as {file}: {len(shot.png)} bytes, the page answered {shot.status}.", markup=False)


def keep(store: Store, settings: Settings, case: int, url: str, shot: Shot) -> str:
    """Keep the picture in a WARC file of its own and put it on the case's record; ``FILE:OFFSET``."""
    name = f"case-{case}-{shot.taken_at:%Y%m%dT%H%M%S}"
    headers = [("Content-Type", "image/png"), ("Delist-Screenshot-Of", shot.url), ("Delist-Rendered", "chromium")]
    with Evidence(settings.evidence / FOLDER, name) as archive:
        ref = archive.keep(url, status=shot.status, headers=headers, body=shot.png, seen_at=shot.taken_at)
    place = f"{FOLDER}/{ref.file}:{ref.offset}"
    with store.transaction() as tx:
        audit.append(
            tx,
            actor=Actor(name="delist", role=Role.SYSTEM),
            kind="evidence.screenshot",
            subject=f"case:{case}",
            at=shot.taken_at,
            file=place,
            sha256=ref.sha256,
            url=shot.url,
            status=shot.status,
        )
    return place


def _address(store: Store, case: int) -> tuple[str, str]:
    """The listing's address and its source. Raises ``InputError`` where it has none, ``NotFound`` for no such case."""
    with store.reading() as tx:
        found = tx.case(case)
        listing = tx.version(found.listing_row, found.version).listing
    if not listing.url.startswith(("http://", "https://")):
        raise InputError(f"case {case}: its listing has no address that a browser could open")
    return listing.url, found.source
