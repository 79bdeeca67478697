"""``delist case trace``: one case from the bytes of a page to a verified removal, with every piece of evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner import audit
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.evidence import is_kept
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment
from scanner.model import Event, EvidenceRef
from scanner.moderation import cases
from scanner.orders import Look
from scanner.pictures.fetching import KEPT
from scanner.records import CaseFile
from scanner.takedown import undoing

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="One case, from beginning to end.")

# What an event says in other words elsewhere on its line, or at such length that it spoils the line.
_UNSAID = frozenset({"takedown", "platform", "listing_id", "sights", "state", "look", "was", "evidence_sha256"})


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence, and whether its bytes are where they should be, unchanged."""

    what: str
    ref: EvidenceRef
    is_kept: bool


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """A case from beginning to end. ``is_sound``: the events' hashes are those of what they say."""

    file: CaseFile
    looks: tuple[Look, ...]
    exhibits: tuple[Exhibit, ...]
    is_sound: bool


@app.callback()
def case() -> None:
    """One case, from beginning to end."""


@app.command(epilog="Example: delist case trace 12")
def trace(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="Number of the case.")],
    json: Annotated[bool, typer.Option("--json", help="Everything as one line of JSON.")] = False,
) -> None:
    """Show every event of a case with its evidence, and check that the bytes are still what they were.

    Exit codes: 0 everything is there; 1 evidence is missing or changed, or an event was edited.
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        file = cases.show(store, case)
        looks = tuple(look for order in file.takedowns for look in undoing.looks_at(store, order.id))
    exhibits = _exhibits(file, looks, settings.evidence)
    is_sound = all(event.hash == audit.hash_of(event) for event in file.history)
    found = Trace(file=file, looks=looks, exhibits=exhibits, is_sound=is_sound)
    if json:
        write_line(msgspec.json.encode(found).decode())
    else:
        _print(found, ZoneInfo(settings.time_zone))
    raise typer.Exit(0 if is_sound and all(one.is_kept for one in exhibits) else 1)


def _exhibits(file: CaseFile, looks: tuple[Look, ...], folder: Path) -> tuple[Exhibit, ...]:
    """The page that the case was opened on, its pictures, and what every look saw."""
    refs = [("the page as it was found", file.version.evidence)]
    refs += [(picture, ref) for event in file.history if event.kind == KEPT for picture, ref in _pictures(event)]
    refs += [(_look_name(look, sight.way), sight.evidence) for look in looks for sight in look.sights]
    return tuple(Exhibit(what=what, ref=ref, is_kept=is_kept(folder, ref)) for what, ref in refs if ref is not None)


def _pictures(event: Event) -> Iterator[tuple[str, EvidenceRef]]:
    """What an event of kept pictures names, as the platform sent it."""
    for one in cast("list[dict[str, str]]", event.data["kept"]):
        file, _, offset = one["file"].rpartition(":")
        yield f"picture {one['position']}", EvidenceRef(file=file, offset=int(offset), sha256=one["sha256"])


def _look_name(look: Look, way: str) -> str:
    return f"takedown {look.takedown_id}, look {look.id}: {way}"


def _print(found: Trace, zone: ZoneInfo) -> None:
    file = found.file
    console.rule(Text(f"Case {file.row.case.id} · {file.row.case.state}"), align="left")
    console.print(Text(inert(f"{file.row.case.platform}/{file.row.case.listing_id}  {file.version.listing.title}")))
    _line(file.version.seen_at, zone, "a crawl", f"page seen, version {file.version.number} of the listing")
    for finding in file.flagged_for:
        words = ", ".join(dict.fromkeys(span.text for span in finding.spans))
        _line(file.version.seen_at, zone, "delist", f"{finding.rule} ({finding.severity}): {words}")
    for event in file.history:
        _line(event.at, zone, event.actor, f"{event.kind}  {_facts(event)}")
    console.rule("Evidence", align="left", style="dim")
    for exhibit in found.exhibits:
        state = ("kept", "green") if exhibit.is_kept else ("MISSING OR CHANGED", "bold red")
        ref = exhibit.ref
        where = f"  {ref.file} at {ref.offset}, SHA-256 {ref.sha256[:16]}…  "
        console.print(Text.assemble(inert(exhibit.what), where, state), soft_wrap=True)
    if not found.exhibits:
        console.print("No bytes were kept: the listing came from a file, and nobody has looked yet.", style="dim")
    if not found.is_sound:
        console.print("An event was edited: delist audit verify", style="bold red")


def _line(at: datetime, zone: ZoneInfo, who: str, what: str) -> None:
    console.print(Text(inert(f"{moment(at, zone)}  {who}  {what}")), soft_wrap=True)


def _facts(event: Event) -> str:
    said = ((name, value) for name, value in event.data.items() if name not in _UNSAID and value not in ("", [], None))
    return ", ".join(
        f"{name} {' '.join(map(str, value)) if isinstance(value, list) else value}" for name, value in said
    )
