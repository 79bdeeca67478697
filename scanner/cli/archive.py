"""``delist evidence``: what was captured of a listing: shown, checked, taken out, kept and removed by age."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from scanner import retention
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, error_console, inert
from scanner.cli.pictures import pictures
from scanner.cli.screenshot import screenshot
from scanner.errors import InputError
from scanner.model import Actor, EvidenceRef, Role
from scanner.settings import Settings
from scanner.store import Store
from spiders.archive import Record, record_at

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Captured pages: show, verify, extract, prune; pictures.",
)

app.command()(screenshot)
app.command()(pictures)

Reference = Annotated[
    str, typer.Argument(metavar="CASE[@VERSION]", help="A case, or a version of its listing; or FILE:OFFSET.")
]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]
Who = Annotated[str, typer.Option("--actor", help="Who does it.", envvar="DELIST_ACTOR")]


@app.command()
def show(context: typer.Context, reference: Reference) -> None:
    """Show where and when a page was captured, its headers, and whether its bytes are what they were.

    Example: `delist evidence show 12`, `delist evidence show 12@1`
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        ref = _find(store, reference)
    record = record_at(settings.evidence / ref.file, ref.offset)
    grid = Table.grid(padding=(0, 2))
    rows = [("file", f"{ref.file}, record at {ref.offset}"), ("address", record.url), ("from", record.ip or "not kept")]
    rows += [("seen", f"{record.seen_at:%Y-%m-%d %H:%M:%S} UTC" if record.seen_at else "not kept")]
    rows += [
        ("status", str(record.status)),
        ("body", f"{len(record.body)} bytes as sent, {len(record.content)} decoded"),
    ]
    rows += [("SHA-256", f"{record.sha256} ({'as recorded' if _is_sound(record, ref) else 'NOT AS RECORDED'})")]
    rows += [(name, value) for name, value in record.headers]
    for name, value in rows:
        grid.add_row(Text(inert(name), style="dim"), Text(inert(value)))
    console.print(grid)
    if not _is_sound(record, ref):
        raise typer.Exit(1)


@app.command()
def verify(context: typer.Context, reference: Annotated[str, typer.Argument(metavar="[CASE[@VERSION]]")] = "") -> None:
    """Check that captured bytes are what they were: of one version, or of all that the store knows.

    Exit codes: 0 all are; 1 some are missing or changed, each is named. What retention removed is not missing.

    Examples: `delist evidence verify`, `delist evidence verify 12@1`
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        if reference:
            refs = [_find(store, reference)]
        else:
            with store.reading() as tx:
                refs = [ref for _, _, ref in tx.evidence_refs()]
        with store.reading() as tx:
            removed = {ref.file for ref in refs if _is_removed(tx, ref, settings)}
    faults = [(ref, why) for ref in refs if ref.file not in removed and (why := _fault(settings, ref))]
    for ref, why in faults:
        error_console.print(Text(f"{ref.file}:{ref.offset}: {inert(why)}", style="red"))
    gone = sum(ref.file in removed for ref in refs)
    console.print(
        f"{len(refs) - len(faults) - gone} sound, {len(faults)} missing or changed, {gone} removed by retention."
    )
    if faults:
        raise typer.Exit(1)


@app.command()
def extract(
    context: typer.Context,
    reference: Reference,
    to: Annotated[Path | None, typer.Option("--to", help="A file; else standard output.")] = None,
    as_sent: Annotated[bool, typer.Option("--as-sent", help="Without undoing the content encoding.")] = False,
) -> None:
    """Write the captured page, as a browser would get it.

    Example: `delist evidence extract 12 --to page.html && delist page page.html`
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        ref = _find(store, reference)
    record = record_at(settings.evidence / ref.file, ref.offset)
    body = record.body if as_sent else record.content
    if to is None:
        sys.stdout.buffer.write(body)
        return
    try:
        to.write_bytes(body)
    except OSError as error:
        raise InputError(f"{to}: {error.strerror}") from error
    console.print(f"{len(body)} bytes written to {to}", markup=False)


@app.command()
def hold(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="Number of the case.")],
    reason: Reason,
    actor: Who = "",
) -> None:
    """Put what belongs to a case under legal hold: retention passes it by until it is released.

    Example: `delist evidence hold 12 --reason "police inquiry 2026-117"`
    """
    with store_of(settings_of(context)) as store:
        retention.hold(store, case, reason=reason, actor=_actor(actor), at=datetime.now(UTC))
    console.print(f"Case {case} is under legal hold.")


@app.command()
def release(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="Number of the case.")],
    reason: Reason,
    actor: Who = "",
) -> None:
    """End the legal hold on a case.

    Example: `delist evidence release 12 --reason "the inquiry is closed"`
    """
    with store_of(settings_of(context)) as store:
        retention.release(store, case, reason=reason, actor=_actor(actor), at=datetime.now(UTC))
    console.print(f"Case {case} is no longer under legal hold.")


@app.command()
def prune(
    context: typer.Context,
    older_than: Annotated[int, typer.Option(min=1, metavar="DAYS", help="Remove files last written before then.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    actor: Who = "",
) -> None:
    """Remove old WARC files of crawls. Stays: what belongs to a case that is not closed, or is under legal hold.

    Each removal is an event with the file's SHA-256. What looks at takedowns captured is never removed by age.

    Example: `delist evidence prune --older-than 365 --dry-run`
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        fates = retention.prune(
            store,
            settings.evidence,
            older_than=timedelta(days=older_than),
            actor=_actor(actor),
            clock=lambda: datetime.now(UTC),
            dry_run=dry_run,
            on_fate=_tell,
        )
    removed = [fate for fate in fates if not fate.kept_for]
    size = sum(fate.size for fate in removed) / 2**20
    console.print(
        f"{'Would remove' if dry_run else 'Removed'} {len(removed)} of {len(fates)} old files, {size:.1f} MiB."
    )


def _tell(fate: retention.Fate) -> None:
    console.print(Text(f"  {inert(fate.file)}: {f'stays: {fate.kept_for}' if fate.kept_for else 'old'}"))


def _actor(name: str) -> Actor:
    return Actor(name=name or getpass.getuser(), role=Role.ADMINISTRATOR)


def _find(store: Store, reference: str) -> EvidenceRef:
    """Where the evidence of a reference lies. Raises ``InputError``, ``NotFound``."""
    file, colon, offset = reference.rpartition(":")
    if colon and offset.isdigit():
        return EvidenceRef(file=file, offset=int(offset), sha256="")
    case, _, number = reference.partition("@")
    if not case.isdigit() or (number and not number.isdigit()):
        raise InputError(f"{reference!r} names no evidence", hint="Write a case (12), a version (12@1) or FILE:OFFSET.")
    with store.reading() as tx:
        found = tx.case(int(case))
        version = tx.version(found.listing_row, int(number or found.version))
    if version.evidence is None:
        raise InputError(f"no page was captured for version {version.number} of case {case}'s listing")
    return version.evidence


def _fault(settings: Settings, ref: EvidenceRef) -> str:
    """What is wrong with the evidence; empty: nothing."""
    try:
        record = record_at(settings.evidence / ref.file, ref.offset)
    except InputError as error:
        return str(error)
    return "" if _is_sound(record, ref) else f"SHA-256 is {record.sha256}, not {ref.sha256 or record.declared}"


def _is_sound(record: Record, ref: EvidenceRef) -> bool:
    return record.is_sound and ref.sha256 in {"", record.sha256}


def _is_removed(tx: retention.RetentionRows, ref: EvidenceRef, settings: Settings) -> bool:
    if (settings.evidence / ref.file).exists():
        return False
    return any(event.kind == retention.REMOVED for event in tx.events_about(f"evidence:{ref.file}"))
