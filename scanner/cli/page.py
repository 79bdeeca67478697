"""``delist page``: what a page function makes of one saved or fetched page, for whoever writes spiders."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from scanner.cli.context import settings_of
from scanner.cli.output import console, inert, marked
from scanner.cli.replay import print_changes
from scanner.errors import InputError, PageError
from scanner.inspection.changes import changes
from scanner.listing_content import text_fields
from scanner.model import Finding, Gone, Listing
from scanner.rulebook import load
from scanner.scan import scan
from spiders.pages import NotAListing, Page, read_page
from spiders.pages.fixtures import save_fixture

MOST_BYTES = 64 * 2**20
SECONDS = 30
FIXTURES = Path("tests") / "fixtures"


def page(
    context: typer.Context,
    file_or_url: Annotated[str, typer.Argument(help="A saved page (.html, also .gz), or the URL of one.")],
    platform: Annotated[
        str, typer.Option(help="Name of the platform; its own page function refines the generic one.")
    ] = "",
    url: Annotated[str, typer.Option(help="Where a saved page came from.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The outcome and the findings as one document.")] = False,
    compare: Annotated[
        str, typer.Option(metavar="OLD", help="Show which fields differ between this page, or URL, and the other.")
    ] = "",
    save: Annotated[str, typer.Option(metavar="CASE", help="Keep the page as a fixture folder of this name.")] = "",
    fixtures: Annotated[Path, typer.Option(help="Where fixture folders lie.")] = FIXTURES,
) -> None:
    """Print the listing that a page shows, where each field was found, and what the rulebook says of it.

    Exit codes: 0 a listing; 1 the listing is gone, the page is no listing, or the two compared differ; 2 the page
    cannot be read.

    Examples: `delist page lamp.html --platform shop`, `delist page https://shop.example/item/7 --save lamp`,
    `delist page --compare old.html new.html`
    """
    given = load_page(file_or_url, url=url)
    if compare:
        _compare(load_page(compare, url=url or given.url), given, platform=platform)
        return
    outcome = read_page(given, platform=platform or "page", refine=platform)
    findings: tuple[Finding, ...] = ()
    if isinstance(outcome, Listing):
        (findings,) = scan([outcome], load(*settings_of(context).rules))
    if save:
        folder = save_fixture(given, outcome, platform=platform or "page", case=save, root=fixtures)
        console.print(f"Saved as {folder}", style="cyan")
    if json:
        document = {"outcome": type(outcome).__name__.lower(), "page": outcome, "findings": findings}
        typer.echo(msgspec.json.format(msgspec.json.encode(document)).decode())
    else:
        _print_outcome(outcome, findings)
    if not isinstance(outcome, Listing):
        raise typer.Exit(1)


def _compare(old: Page, new: Page, *, platform: str) -> None:
    """Print which fields differ between what two pages show; exit code 1 if any does, or one shows no listing."""
    before, after = (read_page(one, platform=platform or "page", refine=platform) for one in (old, new))
    if not (isinstance(before, Listing) and isinstance(after, Listing)):
        for outcome in (before, after):
            _print_outcome(outcome, ())
        raise typer.Exit(1)
    found = changes(before, after)
    print_changes(found)
    console.print(f"{len(found)} fields differ." if found else "The two read the same.")
    if found:
        raise typer.Exit(1)


def load_page(file_or_url: str, *, url: str = "") -> Page:
    """Read a saved page, or fetch one, at most 64 MiB of it; raises ``PageError`` saying why it cannot be had."""
    return _fetch(file_or_url) if "://" in file_or_url else _open(Path(file_or_url), url)


def _open(path: Path, url: str) -> Page:
    try:
        with path.open("rb") as stream:
            body = stream.read(MOST_BYTES + 1)
        if body.startswith(b"\x1f\x8b"):
            body = zlib.decompressobj(wbits=31).decompress(body, MOST_BYTES + 1)
    except (OSError, zlib.error, gzip.BadGzipFile) as error:
        raise PageError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(body) > MOST_BYTES:
        raise PageError(f"{path}: larger than {MOST_BYTES // 2**20} MiB")
    return Page(body=body, url=url or path.resolve().as_uri(), seen_at=datetime.now(UTC))


def _fetch(url: str) -> Page:
    if not url.startswith(("http://", "https://")):
        raise InputError(f"{url}: only http and https can be fetched")
    request = Request(url, headers={"User-Agent": "delist-page"})  # noqa: S310 -- the scheme is checked above
    try:
        with urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            body = response.read(MOST_BYTES + 1)
            status, content_type, final = response.status, response.headers.get("Content-Type", ""), response.url
    except HTTPError as error:
        # A 404 is an outcome that a page function must tell, not a failure to read.
        body, status, content_type, final = error.read(MOST_BYTES), error.code, "", error.url or url
    except (URLError, OSError, ValueError) as error:
        raise PageError(f"{url}: {getattr(error, 'reason', error)}") from error
    return Page(
        body=body, url=final, asked=url, status=status, content_type=content_type or "", seen_at=datetime.now(UTC)
    )


def _print_outcome(outcome: Listing | Gone | NotAListing, findings: tuple[Finding, ...]) -> None:
    if not isinstance(outcome, Listing):
        name = "Gone" if isinstance(outcome, Gone) else "Not a listing"
        console.print(Text(f"{name}: {inert(outcome.why)}  {outcome.url}", style="yellow"))
        return
    console.print(_fields_table(outcome, findings))
    if not findings:
        console.print("The rulebook finds nothing in it.", style="dim")
    for finding in findings:
        console.print(Text(f"{finding.severity} {finding.rule}: {inert(finding.reason)}"))


def _fields_table(listing: Listing, findings: tuple[Finding, ...]) -> Table:
    """Every field that has a value, with its provenance; text a seller wrote with the matched words marked."""
    table = Table(header_style="bold")
    for name in ("field", "value", "found by"):
        table.add_column(name, overflow="fold")
    written = dict(text_fields(listing))
    for name, value in msgspec.to_builtins(listing).items():
        if name not in {"provenance", *written} and name not in {"options", "attributes", "questions"}:
            table.add_row(name, Text(inert(_plain(value))), _origin(name, listing))
    for name, text in written.items():
        spans = [span for finding in findings for span in finding.spans if span.field == name]
        table.add_row(name, marked(text, spans, limit=400), _origin(name, listing))
    return table


def _origin(field: str, listing: Listing) -> str:
    """The method that found a field: the seller's are told apart, options and attributes are found as a whole."""
    whole, _, part = field.partition("[")[0].partition(".")
    names: tuple[str, ...] = (whole,)
    if whole == "seller":
        names = (f"seller_{part}",) if part else ("seller_name", "seller_id")
    return next((listing.provenance[name] for name in names if name in listing.provenance), "")


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    return " › ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value)
