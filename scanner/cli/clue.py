"""``delist clue``: packages of confirmed cases for police and other authorities, signed by two people."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner.cli.acting import As, Json, Who, Why, actor_of, policy_of
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, error_console, inert, write_line
from scanner.cli.queue import moment
from scanner.clues import owed as owed_packages
from scanner.clues import packages
from scanner.clues.checking import Checked, check
from scanner.clues.contents import Contents, Exhibit
from scanner.clues.records import Attachment, ClueState, Package, Recipient
from scanner.clues.writing import named_at_last, write
from scanner.console.masking import masked_line, masked_reading
from scanner.errors import InputError, NotFound
from scanner.model import Role
from scanner.moderation import approvals
from scanner.moderation.effects import EFFECTS
from scanner.moderation.records import ApprovalState
from scanner.retention import digest_of
from scanner.settings import Settings
from scanner.store import Store
from spiders.archive import record_at

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Clue packages for police and other authorities: prepare, approve, export, hand over, verify.",
)

FOLDER = "clues"
Number = Annotated[int, typer.Argument(metavar="PACKAGE", min=1, help="Number of the package.")]
Officer = Annotated[Role, typer.Option("--role", help="In which role.")]


@app.command(
    epilog="Example: delist clue prepare 3 7 --to police --unit 'City police' --officer 'Qian, 021-5550' "
    "--basis 'Anti-Telecom and Online Fraud Law, art. 26' --summary 'Sells phone cards' --reason '20 cards'"
)
def prepare(
    context: typer.Context,
    cases: Annotated[list[int], typer.Argument(metavar="CASE...", min=1, help="Confirmed cases.")],
    unit: Annotated[str, typer.Option(help="Which unit of the recipient gets it.")],
    officer: Annotated[str, typer.Option(help="Who sends it, and how they are reached.")],
    basis: Annotated[str, typer.Option(help="Legal basis.")],
    summary: Annotated[str, typer.Option(help="What is offered, in how many pieces, since when: facts.")],
    reason: Why,
    to: Annotated[Recipient, typer.Option(help="Who gets it.")] = Recipient.POLICE,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="The seller must not be tipped off: letters are held.")
    ] = False,
    level: Annotated[int, typer.Option(min=0, max=2, help="1 or 2; 0: as the seller's numbers say.")] = 0,
    attach: Annotated[list[Path] | None, typer.Option(help="A file to go with it, such as orders; repeatable.")] = None,
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """Propose a package of cases that have a seller, a cluster or a contact in common.

    Its evidence is under legal hold from now on. A second, different person signs it.
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        draft = packages.Draft(
            cases=tuple(cases),
            recipient=to,
            unit=unit,
            officer=officer,
            legal_basis=basis,
            reason=reason,
            summary=summary,
            is_quiet=quiet,
            level=level or None,
            attachments=tuple(_attached(settings, file) for file in attach or ()),
        )
        made = packages.prepare(store, draft, actor=actor_of(actor, role), now=_now())
        gaps = packages.show(store, made.id).gaps
    console.print(Text(inert(f"Clue package {made.id} is proposed ({made.about}, level {made.level}).")))
    for gap in gaps:
        console.print(Text(inert(f"  missing: {gap}"), style="yellow"))


@app.command("list", epilog="Example: delist clue list --state approved")
def list_(
    context: typer.Context,
    state: Annotated[ClueState | None, typer.Option(help="Only those in this state.")] = None,
    json: Json = False,
) -> None:
    """Show packages, the newest first."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = packages.listed(store, (state,) if state else ())
    for one in found:
        if json:
            write_line(msgspec.json.encode(one).decode())
        else:
            console.print(Text(inert(_line(one, ZoneInfo(settings.time_zone)))), soft_wrap=True)
    if not found and not json:
        console.print("There are no clue packages.")


@app.command(epilog="Example: delist clue owed")
def owed(context: typer.Context, json: Json = False) -> None:
    """Show sellers that have reached a number which a law names, and of whom no package was made since."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = owed_packages.owed(store, now=_now())
    for one in found:
        if json:
            write_line(msgspec.json.encode(one).decode())
            continue
        since = moment(one.since, ZoneInfo(settings.time_zone))
        numbers = ", ".join(map(str, one.cases))
        head = f"seller {one.seller_row}  level {one.level}  since {since}  {one.counter.replace('_', ' ')}"
        console.print(Text(inert(f"{head} >= {one.at_least} ({one.law})  cases {numbers}")), soft_wrap=True)
    if not found and not json:
        console.print("No package is owed.")


@app.command(epilog="Example: delist clue show 1")
def show(
    context: typer.Context,
    package: Number,
    unmask: Annotated[bool, typer.Option("--unmask", help="With personal data; goes on record.")] = False,
    actor: Who = "",
    role: Officer = Role.LIAISON,
) -> None:
    """Show a package with its cases; personal data is masked unless you ask for it, which goes on record."""
    settings = settings_of(context)
    with store_of(settings) as store:
        if unmask:
            packages.unmask(store, package, actor=actor_of(actor, role), now=_now())
        contents = packages.show(store, package)
    _print(contents, ZoneInfo(settings.time_zone), masks=not unmask)


@app.command(epilog="Example: delist clue approve 1 --actor sun --role compliance")
def approve(
    context: typer.Context,
    package: Number,
    note: Annotated[str, typer.Option(help="What the first person should know.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Do not sign; say why in the note.")] = False,
    actor: Who = "",
    role: Officer = Role.LIAISON,
) -> None:
    """Sign a package as a second, different person, or refuse to."""
    settings = settings_of(context)
    with store_of(settings) as store:
        waiting = [one for one in approvals.about(store, f"clue:{package}") if one.state is ApprovalState.ASKED]
        if not waiting:
            raise NotFound("clue package {package} waits for nobody", hint="delist clue list", package=package)
        who, now = actor_of(actor, role), _now()
        if refuse:
            approvals.refuse(store, waiting[0].id, actor=who, note=note, now=now, effects=EFFECTS)
        else:
            policy = policy_of(settings)
            approvals.approve(store, waiting[0].id, actor=who, note=note, now=now, effects=EFFECTS, policy=policy)
    console.print(f"Clue package {package} is {'refused' if refuse else 'signed by two people'}.")


@app.command(epilog="Example: delist clue export 1 --to clue-1.zip --actor sun --role compliance")
def export(
    context: typer.Context,
    package: Number,
    to: Annotated[Path, typer.Option("--to", metavar="FILE.zip", help="Where to write it.")],
    actor: Who = "",
    role: Officer = Role.LIAISON,
) -> None:
    """Write a signed package, personal data included, and put the SHA-256 of its manifest on record.

    Encrypt it before it leaves the house. Exit codes: 0 written; 2 it is not signed, or your role may not.
    """
    settings, now = settings_of(context), _now()
    if not to.parent.is_dir():
        raise InputError("{folder}: no such folder", folder=to.parent)
    evidence, attachment = partial(_evidence, settings), partial(_attachment, settings)

    with store_of(settings) as store, named_at_last(to) as file:

        def written(contents: Contents) -> str:
            return write(file, contents, evidence=evidence, attachment=attachment, at=now)

        _, manifest = packages.export(store, package, written, actor=actor_of(actor, role), now=now)
    console.print(f"{to}: {to.stat().st_size} bytes; SHA-256 of its manifest {manifest}", markup=False, soft_wrap=True)


@app.command("hand-over", epilog="Example: delist clue hand-over 1 --receipt 'City police, desk 3, no. 2027-118'")
def hand_over(
    context: typer.Context,
    package: Number,
    receipt: Annotated[str, typer.Option(help="Who took it, and under which number.")],
    actor: Who = "",
    role: Officer = Role.LIAISON,
) -> None:
    """Put on record that a package was handed over, with the receipt for it."""
    with store_of(settings_of(context)) as store:
        packages.hand_over(store, package, receipt=receipt, actor=actor_of(actor, role), now=_now())
    console.print(f"Clue package {package} was handed over.")


@app.command(epilog="Example: delist clue answer 1 --says 'Taken up, keep data until 2028'")
def answer(
    context: typer.Context,
    package: Number,
    says: Annotated[str, typer.Option(help="Their result or instructions.")],
    actor: Who = "",
    role: Officer = Role.LIAISON,
) -> None:
    """Put on record what those who got a package have answered."""
    with store_of(settings_of(context)) as store:
        packages.answer(store, package, says=says, actor=actor_of(actor, role), now=_now())
    console.print(f"The answer to clue package {package} is on record.")


@app.command(epilog="Example: delist clue drop 1 --reason 'asked to by the police'")
def drop(context: typer.Context, package: Number, reason: Why, actor: Who = "", role: Officer = Role.LIAISON) -> None:
    """Do not hand over a signed package after all; the legal hold that it has set ends."""
    with store_of(settings_of(context)) as store:
        packages.drop(store, package, reason=reason, actor=actor_of(actor, role), now=_now())
    console.print(f"Clue package {package} was dropped.")


@app.command(epilog="Example: delist clue verify clue-1.zip")
def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An exported package.")],
    history: Annotated[bool, typer.Option("--history", help="Also compare with our own history of events.")] = False,
) -> None:
    """Check a package without store and network: files, events, manifest; with --history also against our own.

    Exit codes: 0 it is what was exported; 1 it is not, each fault is named; 2 it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            found = check(opened)
    except OSError as error:
        raise InputError("{file}: {why}", file=file, why=error.strerror) from error
    faults = found.faults
    if history and found.manifest:
        with store_of(settings_of(context)) as store:
            faults += _against(store, found)
    for fault in faults:
        error_console.print(Text(inert(fault), style="red"))
    says = f"{found.files} files, {len(found.events)} events, {found.missing} missing when it was made"
    console.print(f"Package {found.package}: {says}; manifest {found.manifest}", markup=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)


def _now() -> datetime:
    return datetime.now(UTC)


def _against(store: Store, found: Checked) -> tuple[str, ...]:
    """What of a package is not as our history has it."""
    with store.reading() as tx:
        subjects = {one.subject for one in found.events}
        known = {event.sequence: event.hash for subject in subjects for event in tx.events_about(subject)}
        told = [event.data.get("manifest") for event in tx.events_about(f"clue:{found.package}")]
    faults = [
        f"event {one.sequence} is not in our history" for one in found.events if known.get(one.sequence) != one.hash
    ]
    if found.manifest not in told:
        faults.append("our history does not know this manifest")
    return tuple(faults)


def _attached(settings: Settings, file: Path) -> Attachment:
    """Keep a file with the evidence, under its SHA-256."""
    try:
        digest = digest_of(file)
        kept = settings.evidence / FOLDER / digest
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, kept)
    except OSError as error:
        raise InputError("{file}: {why}", file=file, why=error.strerror) from error
    return Attachment(name=file.name, sha256=digest, size=kept.stat().st_size)


def _attachment(settings: Settings, one: Attachment) -> bytes | None:
    file = settings.evidence / FOLDER / one.sha256
    body = file.read_bytes() if file.is_file() else None
    return body if body is not None and hashlib.sha256(body).hexdigest() == one.sha256 else None


def _evidence(settings: Settings, one: Exhibit) -> bytes | None:
    """The bytes as they were captured; nothing where they are gone or changed. Looks lie in folders of their own."""
    place = settings.evidence / one.ref.file
    files = [place] if place.is_file() else list(settings.evidence.rglob(Path(one.ref.file).name))
    for file in files:
        try:
            record = record_at(file, one.ref.offset)
        except InputError:
            continue
        if record.sha256 == one.ref.sha256:
            return record.body
    return None


def _line(one: Package, zone: ZoneInfo) -> str:
    numbers = ", ".join(str(case.case_id) for case in one.cases)
    signed = f", signed by {one.approved_by}" if one.approved_by else ""
    head = f"{one.id:>4}  {one.state.replace('_', ' ')}  {moment(one.made_at, zone)}  level {one.level}"
    return (
        f"{head}  to {one.recipient} ({one.unit})  {masked_line(one.about)}  cases {numbers}  by {one.made_by}{signed}"
    )


def _print(contents: Contents, zone: ZoneInfo, *, masks: bool) -> None:
    package = contents.package
    plain = masked_line if masks else str
    lines = [_line(package, zone), f"basis: {package.legal_basis}", f"by: {package.officer}"]
    lines += [plain(package.summary), plain(package.reason)]
    if contents.seller is not None:
        name = f"{contents.seller.name[:1]}…" if masks else f"{contents.seller.shown} {contents.seller.name}"
        lines.append(f"seller {contents.seller.id}: {name} ({contents.seller.kind})")
    for item in contents.items:
        handles = ", ".join(masked_reading(one) if masks else one for one in item.contacts) or "none"
        title = plain(item.version.listing.title or item.version.listing.text[:200])
        lines.append(f"case {item.case.id}, version {item.version.number}: {title}; contacts: {handles}")
    lines += [f"evidence: case {one.case_id}, {one.what}, SHA-256 {one.ref.sha256}" for one in contents.exhibits]
    lines += [f"attached: {one.name}, {one.size} bytes, SHA-256 {one.sha256}" for one in package.attachments]
    lines += [f"missing: {gap}" for gap in contents.gaps]
    lines += [f"{moment(one.at, zone)}  {one.actor}  {one.kind}" for one in contents.events if "clue." in one.kind]
    for text, label in ((package.receipt, "receipt"), (package.answer, "answer")):
        lines += [f"{label}: {text}"] if text else []
    for line in lines:
        console.print(Text(inert(line)), soft_wrap=True)
