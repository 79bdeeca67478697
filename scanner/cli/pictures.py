"""``delist evidence pictures``: the pictures of flagged listings, fetched and kept as evidence."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from scanner.cli.acting import Json
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.evidence import keeper_of
from scanner.cli.output import console, inert, write_line
from scanner.errors import InputError
from scanner.pictures import fetching
from scanner.pictures.decoding import decode
from scanner.pictures.records import Picture, PictureState
from scanner.pictures.web import PictureHosts, PictureWeb
from scanner.settings import Settings
from scanner.store import Store

_EVERY_SECONDS = 30.0


def pictures(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=0, metavar="[CASE]", help="Only the pictures of this case, now.")] = 0,
    due: Annotated[bool, typer.Option("--due", help="All that came into the queue and is yet to be fetched.")] = False,
    seconds: Annotated[float, typer.Option("--for", min=0, help="With --due: go on for so long; 0: once.")] = 0,
    json: Json = False,
) -> None:
    """Fetch pictures of flagged listings, and keep each as it was sent, with an inert copy for people.

    Only from a source's own hosts and its image_hosts. The scheduler does it over and over.
    Exit codes: 0 done, whatever came of each picture; 2 no such case, or nothing was asked for.

    Example: `delist evidence pictures 12`, `delist evidence pictures --due`
    """
    settings = settings_of(context)
    if not case and not due:
        raise InputError("nothing is asked for", hint="Give the number of a case, or --due.")
    with store_of(settings) as store:
        if case:
            _tell(_of_case(store, settings, case), json=json)
            return
        ends = _over_and_over(store, settings, seconds)
    if json:
        write_line(msgspec.json.encode(ends).decode())
        return
    console.print(", ".join(f"{ends[state]} {_WORDS[state]}" for state in PictureState))


_WORDS = {
    PictureState.DUE: "to be tried again",
    PictureState.KEPT: "kept",
    PictureState.FAILED: "not to be had",
    PictureState.REFUSED: "refused",
}


def web_of(settings: Settings) -> PictureWeb:
    """Asks for pictures as the settings of each source say."""
    rate = min((source.rate for source in settings.sources.values()), default=5.0)

    def hosts(name: str) -> PictureHosts:
        source = settings.sources.get(name)
        return PictureHosts((*source.hosts, *source.image_hosts) if source else ())

    return PictureWeb(hosts, rate=rate, most_bytes=settings.pictures.max_bytes)


def _of_case(store: Store, settings: Settings, number: int) -> tuple[Picture, ...]:
    each = settings.pictures.each or 1
    asked = fetching.ask_for(store, number, each=each, now=datetime.now(UTC))
    if any(picture.state is PictureState.DUE for picture in asked):
        _fetch(store, settings, web_of(settings), limit=len(asked))
    with store.reading() as tx:
        case = tx.case(number)
        return tx.pictures_of(case.listing_row, case.version)


def _over_and_over(store: Store, settings: Settings, seconds: float) -> Counter[PictureState]:
    over, web, ends = time.monotonic() + seconds, web_of(settings), Counter[PictureState]()
    while True:
        fetching.note(store, each=settings.pictures.each, sources=settings.sources.keys(), now=datetime.now(UTC))
        found = _fetch(store, settings, web)
        ends += found
        if not found and time.monotonic() >= over:
            return ends
        if not found:
            time.sleep(min(_EVERY_SECONDS, max(0.0, over - time.monotonic())))


def _fetch(store: Store, settings: Settings, web: PictureWeb, *, limit: int = 30) -> Counter[PictureState]:
    keep = keeper_of(settings.evidence / fetching.FOLDER)
    return fetching.fetch_due(
        store, get=web.get, decode=decode, keep=keep, clock=lambda: datetime.now(UTC), limit=limit
    )


def _tell(found: tuple[Picture, ...], *, json: bool) -> None:
    for one in found:
        if json:
            write_line(msgspec.json.encode(one).decode())
            continue
        size = f"{one.media_type}, copy {one.width} x {one.height}" if one.inert else one.says
        console.print(Text(inert(f"{one.position:>3}  {_WORDS[one.state]}  {one.url}  {size}")), soft_wrap=True)
        if one.original is not None:
            where = f"{one.original.file}:{one.original.offset}  SHA-256 {one.original.sha256}"
            console.print(Text(f"     {where}", style="dim"), soft_wrap=True)
    if not found and not json:
        console.print("The listing names no pictures.")
