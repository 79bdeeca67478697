"""``delist source``: look at a shop and write down how to inspect it, and list what is written down."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from scanner.cli.chosen import as_known, source_of_url
from scanner.cli.context import Given, settings_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import money
from scanner.errors import CrawlError, InputError, SettingsError
from scanner.model import Listing
from scanner.settings import SETTINGS_FILE, Source, Walker, read_settings
from spiders import launch
from spiders.job import Probe

MOST_SAMPLES = 5
LONGEST_COMMENT = 100
_TOLD = ("title", "price", "currency", "availability", "brand", "sku", "description", "images", "category_path")

app = typer.Typer(no_args_is_help=True, help="The sources in delist.toml: add one by looking at it, list them.")


@app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The shop's address, such as https://shop.example")],
    name: Annotated[str, typer.Option(help="Name of the source; else made of the host's.")] = "",
    rate: Annotated[float, typer.Option(min=0.01, max=10_000, help="At most so many requests a second.")] = 5.0,
) -> None:
    """Look at a shop with a few requests, and append a source for it to delist.toml, with what was found as comments.

    What stands in the file is left as it is. Exit codes: 0 written; 1 no listing was recognised, nothing is written;
    2 the name is taken, or something given must be mended.

    Example: `delist source add https://shop.example --name shop`
    """
    file = (context.find_object(Given) or Given()).config or Path(SETTINGS_FILE)
    settings = settings_of(context) if file.exists() else read_settings()
    source = as_known(source_of_url(url, name=name), settings).model_copy(update={"rate": rate})
    if source.name in settings.sources:
        raise SettingsError(f'{file}: there is a source "{source.name}" already', hint="Choose another with --name.")
    with tempfile.TemporaryDirectory(prefix="delist-") as folder:
        found = launch.probe(source, folder=Path(folder))
    if not found.listings:
        looked_at = f"none of the {len(found.samples)} pages looked at" if found.samples else "nothing that was found"
        raise CrawlError(f"{url}: {looked_at} reads as a listing; nothing was written", hint=_why_not(found))
    written = described(source, found, at=datetime.now(UTC))
    append(file, written)
    console.print(Text(written))
    console.print(f"Written to {file}. Next: delist inspect {source.name} --limit 20", style="cyan", markup=False)


@app.command("list")
def list_sources(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each source.")] = False,
) -> None:
    """Show the configured sources.

    Example: `delist source list --json`
    """
    sources = sorted(settings_of(context).sources.values(), key=lambda source: source.name)
    if as_json:
        for source in sources:
            write_line(source.model_dump_json())
        return
    if not sources:
        console.print(f"No source in {SETTINGS_FILE}. Add one: delist source add https://shop.example", markup=False)
        return
    table = Table(header_style="bold")
    for column in ("source", "walker", "start", "rate", "schedule"):
        table.add_column(column, overflow="fold")
    for source in sources:
        starts = "\n".join(inert(start) for start in source.start)
        table.add_row(source.name, source.walker, Text(starts), f"{source.rate:g}/s", source.schedule or "by hand")
    console.print(table)


def described(source: Source, found: Probe, *, at: datetime) -> str:
    """A source as a table of TOML, with what a look at the shop found as comments above and beside it."""
    kinds = Counter(sample.outcome for sample in found.samples)
    sampled = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in kinds.most_common())
    lines = [
        f"Added by delist source add on {at:%Y-%m-%d}.",
        _way_told(found),
        f"Pages looked at: {sampled}.",
    ]
    lines += [f"  {sitemap}" for sitemap in found.sitemaps[:MOST_SAMPLES]]
    lines += ["Fields found in the listings, and by which method:", *_fields(found.listings), "Listings, for example:"]
    lines += [_sample(listing) for listing in found.listings[:MOST_SAMPLES]]
    walker, starts = way_of(source, found)
    comments = "\n".join(f"# {inert(line)[:LONGEST_COMMENT]}".rstrip() for line in lines)
    start = ", ".join(map(_quoted, starts))
    return f"""{comments}
[sources.{source.name}]
{_shop_of(source)}walker = "{walker}"
start = [{start}]
rate = {source.rate!r}  # requests a second, at most
{_reading_of(source)}# schedule = "15 3 * * *"  # every night; delist schedule runs it
"""


def _shop_of(source: Source) -> str:
    """Whose listings these are, if they are another source's too."""
    return f"platform = {_quoted(source.platform)}  # the shop of another source\n" if source.platform else ""


def _reading_of(source: Source) -> str:
    """How its pages are read, as by the other source of the shop: read differently they would be other listings."""
    page = "a page function of its own, where the fields above do not suffice: docs/spiders.md"
    links = "which addresses are listings, if others are taken for some"
    lines = ((one, getattr(source, one), why) for one, why in (("page", page), ("link_pattern", links)))
    return "".join(f"{'' if value else '# '}{name} = {_quoted(value)}  # {why}\n" for name, value, why in lines)


def _quoted(text: str) -> str:
    """A string of TOML."""
    return json.dumps(text, ensure_ascii=True)


def way_of(source: Source, found: Probe) -> tuple[Walker, tuple[str, ...]]:
    """How the shop is to be walked, and from where: by its sitemaps, as the listing or list that was given, or by its
    links."""
    if source.walker is Walker.SITEMAP:
        return source.walker, source.start
    if found.sitemaps:
        return Walker.SITEMAP, (found.entry,)
    if found.is_listing:
        return Walker.ADDRESSES, source.start
    is_list = all(urlsplit(start).path not in {"", "/"} for start in source.start)
    return (Walker.CATALOGUE if is_list else Walker.SITE), source.start


def _way_told(found: Probe) -> str:
    if found.is_listing:
        return "One listing; more may be added to start. For the whole shop, add its front page."
    return (
        f"Walked by {len(found.sitemaps)} sitemap file(s), about {found.urls} addresses."
        if found.sitemaps
        else ("Walked by links.")
    )


def append(file: Path, text: str) -> None:
    """Put ``text`` at the end of a settings file, whose own bytes stay as they are, or make the file.

    Raises ``SettingsError``, and leaves the file alone, if the settings could not be read with it.
    """
    before = file.read_bytes() if file.exists() else b""
    gap = b"" if not before else b"\n" if before.endswith(b"\n") else b"\n\n"
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(before + gap + text.encode())
        read_settings(draft)
        if file.exists():
            draft.chmod(file.stat().st_mode & 0o7777)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _fields(listings: tuple[Listing, ...]) -> list[str]:
    lines = []
    for name in _TOLD:
        having = [one for one in listings if msgspec.to_builtins(one).get(name)]
        methods = Counter(one.provenance.get(name, "") for one in having)
        told = f" ({', '.join(method for method, _ in methods.most_common() if method)})" if having else ""
        lines.append(f"  {name} {len(having)}/{len(listings)}{told}")
    return lines


def _sample(listing: Listing) -> str:
    return f"  {listing.title[:40]} | {money(listing.price, listing.currency)} | {listing.url}"


def _why_not(found: Probe) -> str:
    """What a person can do about a shop that was not understood."""
    failed = [sample for sample in found.samples if sample.is_failed]
    if not found.samples and not found.why:
        hint = "Where scripts make the pages, write the source by hand, with render = true: docs/spiders.md."
        return f"It was read, and leads to nothing that looks like a listing: try the address of a list. {hint}"
    if not found.samples or len(failed) == len(found.samples):
        why = failed[0].why if failed else found.why
        reasons = f" ({inert(why).rstrip('.')})" if why else ""
        return f"Nothing could be read{reasons}: is the address right, and are robots allowed there?"
    return "Try one of its listings: delist page URL. A page function for such shops: docs/spiders.md."
