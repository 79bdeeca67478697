"""``delist notice``: reports of users, police, telecom authority and regulator: taken in, shown, answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner.cli.context import settings_of
from scanner.cli.correspondence import As, Json, Who, actor_of, head_of
from scanner.cli.database import store_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment
from scanner.correspondence import notices
from scanner.model import Role
from scanner.outside import Notice, NoticeFilter, NoticeKind, NoticeOutcome, NoticeState, Report

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Reports from outside: take in, show, answer."
)

Number = Annotated[str, typer.Argument(metavar="NOTICE", help="Number or receipt of the notice.")]


@app.command(epilog="Example: delist notice add --kind police --reference 2026-117 --platform shop --listing 4711 TEXT")
def add(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What is reported.")],
    reporter: Annotated[str, typer.Option("--from", help="Who reports: a name, an account, a department.")],
    kind: Annotated[NoticeKind, typer.Option(help="What kind of sender.")] = NoticeKind.USER,
    contact: Annotated[str, typer.Option(help="Where the answer goes.")] = "",
    reference: Annotated[str, typer.Option(help="The sender's own file number.")] = "",
    platform: Annotated[str, typer.Option(help="The platform; else it is looked for on all.")] = "",
    listing: Annotated[str, typer.Option(help="The listing's number on the platform.")] = "",
    url: Annotated[str, typer.Option(help="The listing's address.")] = "",
    category: Annotated[str, typer.Option(help="What is reported, such as phone_card.")] = "",
    language: Annotated[str, typer.Option(help="Language of the answer: en or zh-Hans.")] = "en",
    secret: Annotated[bool, typer.Option("--secret", help="An authority asks that the seller is not told.")] = False,
    actor: Who = "",
    role: As = Role.REVIEWER,
    json: Json = False,
) -> None:
    """Take in a report. It gets a receipt, and joins or opens the case of its listing with the clock of its kind."""
    settings = settings_of(context)
    report = Report(
        kind=kind,
        text=text,
        reporter=reporter,
        contact=contact,
        reference=reference,
        platform=platform,
        listing_id=listing,
        url=url,
        category=category,
        language=language,
        secret=secret,
    )
    with store_of(settings) as store:
        now, who = datetime.now(UTC), actor_of(actor, role)
        notice = notices.receive(store, report, actor=who, now=now, head=head_of(settings))
    if json:
        write_line(msgspec.json.encode(notice).decode())
        return
    console.print(f"Receipt {notice.receipt}: {_standing(notice)}.")
    console.print(f"To be decided by {moment(notice.act_by, ZoneInfo(settings.time_zone))}.", style="dim")


@app.command("list", epilog="Example: delist notice list --kind police --overdue")
def list_(
    context: typer.Context,
    state: Annotated[list[NoticeState] | None, typer.Option(help="Only these states; else what is open.")] = None,
    kind: Annotated[list[NoticeKind] | None, typer.Option(help="Only these senders.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what should have been answered.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Answered ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 30,
    after: Annotated[str, typer.Option(help="The next page: what the last one printed.")] = "",
    json: Json = False,
) -> None:
    """Show notices, the one whose time runs out first at the top."""
    settings = settings_of(context)
    states = tuple(NoticeState) if every else tuple(state or ())
    now = datetime.now(UTC)
    wanted = NoticeFilter(states=states, kinds=tuple(kind or ()), overdue_at=now if overdue else None)
    with store_of(settings) as store:
        page = notices.listed(store, wanted, limit=limit, after=after)
    if json:
        for one in page.rows:
            write_line(msgspec.json.encode(one).decode())
        return
    for one in page.rows:
        _print_line(one, ZoneInfo(settings.time_zone), now)
    console.print(f"{len(page.rows)} of {page.total} notices." if page.total else "There are no such notices.")
    if page.after:
        console.print(f"More: delist notice list … --after {page.after}", style="dim", markup=False)


@app.command(epilog="Example: delist notice show N-20260301-7K2QXM9D4T")
def show(context: typer.Context, notice: Number, json: Json = False) -> None:
    """Show a notice with the sender's record, the letters and what happened."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = notices.show(store, int(notice) if notice.isdecimal() else notice)
    if json:
        write_line(msgspec.json.encode(found).decode())
        return
    zone, one = ZoneInfo(settings.time_zone), found.notice
    _print_line(one, zone, datetime.now(UTC))
    console.print(Text(inert(one.report.text, keep_lines=True)), soft_wrap=True)
    record = found.record
    if record.whole:
        said = f"{record.part} of {record.whole} of this sender's notices were confirmed"
        console.print(f"{said} ({record.low:.0%}–{record.high:.0%}).", style="dim")
    for event in found.history:
        console.print(Text(inert(f"  {moment(event.at, zone)}  {event.actor}  {event.kind}")), soft_wrap=True)
    for letter in found.letters:
        console.print(Text(inert(f"  letter {letter.id}: {letter.subject} ({letter.state})")), soft_wrap=True)


@app.command(epilog="Example: delist notice answer 12 kept --says 'It offers pins, not cards.'")
def answer(
    context: typer.Context,
    notice: Annotated[int, typer.Argument(min=1, help="Number of the notice.")],
    outcome: Annotated[NoticeOutcome, typer.Argument(help="What it came to.")],
    says: Annotated[str, typer.Option(help="What the sender should know besides.")] = "",
    actor: Who = "",
    role: As = Role.REVIEWER,
) -> None:
    """Answer a sender by hand. What a case decides is answered by itself, by `delist letter send`."""
    settings = settings_of(context)
    with store_of(settings) as store:
        now, who = datetime.now(UTC), actor_of(actor, role)
        done = notices.answer(store, notice, outcome, actor=who, now=now, says=says, head=head_of(settings))
    console.print(f"Notice {done.id} is answered: {outcome.value.replace('_', ' ')}.")


@app.command(epilog="Example: delist notice admit 12")
def admit(
    context: typer.Context,
    notice: Annotated[int, typer.Argument(min=1, help="Number of the notice.")],
    actor: Who = "",
    role: As = Role.REVIEWER,
) -> None:
    """Let a notice that waited for a look go to its case."""
    settings = settings_of(context)
    with store_of(settings) as store:
        who = actor_of(actor, role)
        done = notices.admit(store, notice, actor=who, now=datetime.now(UTC), head=head_of(settings))
    console.print(f"Notice {done.id}: {_standing(done)}.")


@app.command(epilog="Example: delist notice locate 12 shop 4711")
def locate(
    context: typer.Context,
    notice: Annotated[int, typer.Argument(min=1, help="Number of the notice.")],
    platform: Annotated[str, typer.Argument(help="The platform.")],
    listing: Annotated[str, typer.Argument(help="The listing's number on it.")],
    actor: Who = "",
    role: As = Role.REVIEWER,
) -> None:
    """Say which listing is meant, where the notice did not."""
    settings = settings_of(context)
    with store_of(settings) as store:
        now, who = datetime.now(UTC), actor_of(actor, role)
        done = notices.locate(store, notice, platform, listing, actor=who, now=now, head=head_of(settings))
    console.print(f"Notice {done.id}: {_standing(done)}.")


def _standing(notice: Notice) -> str:
    """Where a notice stands, in words."""
    if notice.state is NoticeState.ANSWERED:
        return f"answered: {notice.outcome.value.replace('_', ' ')}" if notice.outcome else "answered"
    if notice.state is NoticeState.AWAITING_LOOK:
        return f"a person looks first, because of {notice.waits_for}"
    if notice.state is NoticeState.UNLOCATED:
        return "no such listing is known yet; it is looked for"
    return f"with case {notice.case_id}"


def _print_line(notice: Notice, zone: ZoneInfo, now: datetime) -> None:
    report = notice.report
    is_late = notice.state is not NoticeState.ANSWERED and notice.answer_by < now
    about = report.url or "/".join(filter(None, (report.platform, report.listing_id)))
    line = f"{notice.id:>6}  {report.kind:<17}  {report.reporter}  {about}  {_standing(notice)}  answer by "
    style = "bold red" if is_late else ""
    console.print(Text.assemble(inert(line), (moment(notice.answer_by, zone), style)), soft_wrap=True)
