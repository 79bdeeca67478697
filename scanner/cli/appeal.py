"""``delist appeal``: objections of sellers: filed, shown with the original, decided once by another person."""

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
from scanner.correspondence import appeals
from scanner.correspondence.appeal_terms import OPEN, REASONS
from scanner.model import Role
from scanner.outside import Appeal, AppealGround, AppealReason, AppealState

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Objections of sellers: file, show, decide.")

Number = Annotated[int, typer.Argument(metavar="APPEAL", min=1, help="Number of the appeal.")]


@app.command(
    epilog="Example: delist appeal add 12 --ground licensed --statement 'We are an agent.' --document licence.pdf"
)
def add(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="Number of the case; sellers know it as D-12.")],
    statement: Annotated[str, typer.Option(help="What the seller says.")],
    ground: Annotated[AppealGround, typer.Option(help="On what ground.")] = AppealGround.OTHER,
    document: Annotated[list[str] | None, typer.Option(help="What was handed in, by name.")] = None,
    contact: Annotated[str, typer.Option(help="Where the answer goes; else to the seller by the platform.")] = "",
    language: Annotated[str, typer.Option(help="Language of the answer: en or zh-Hans.")] = "en",
    actor: Who = "",
    role: As = Role.REVIEWER,
    json: Json = False,
) -> None:
    """File a seller's objection against the decision that stands on a case."""
    settings = settings_of(context)
    with store_of(settings) as store:
        filed = appeals.file(
            store,
            case,
            ground=ground,
            statement=statement,
            documents=document or (),
            contact=contact,
            language=language,
            actor=actor_of(actor, role),
            now=datetime.now(UTC),
            head=head_of(settings),
        )
    if json:
        write_line(msgspec.json.encode(filed).decode())
        return
    until = moment(filed.decide_by, ZoneInfo(settings.time_zone))
    console.print(f"Receipt {filed.receipt}: appeal {filed.id}, to be decided by {until}.")


@app.command("list", epilog="Example: delist appeal list --all")
def list_(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 30,
    json: Json = False,
) -> None:
    """Show appeals, the one to be decided first at the top; with --all, how often decisions were lifted."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = appeals.listed(store, () if every else OPEN, limit=limit)
        figures = appeals.figures(store)
    if json:
        for one in found:
            write_line(msgspec.json.encode(one).decode())
        return
    for one in found:
        _print_line(one, ZoneInfo(settings.time_zone))
    if not found:
        console.print("There are no such appeals.")
    for what, numbers in (("rule", figures.rules), ("decided by", figures.reviewers)) if every else ():
        for name, (decided, overturned) in numbers.items():
            console.print(Text(inert(f"  {what} {name}: {overturned} of {decided} lifted")), style="dim")


@app.command(epilog="Example: delist appeal show 3")
def show(context: typer.Context, appeal: Number, json: Json = False) -> None:
    """Show an appeal with the original: the decision, what was found, the words, and where the page lies."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = appeals.show(store, appeal)
    if json:
        write_line(msgspec.json.encode(found).decode())
        return
    zone = ZoneInfo(settings.time_zone)
    _print_line(found.appeal, zone)
    console.print(Text(inert(found.appeal.statement, keep_lines=True)), soft_wrap=True)
    for name in found.appeal.documents:
        console.print(Text(inert(f"  document: {name}")))
    decision = found.decision
    line = f"Decided {moment(decision.at, zone)} by {decision.actor}: {decision.ruling}, {decision.reason}. "
    console.print(Text(inert(line + decision.note)), soft_wrap=True)
    console.print(Text(inert(f"Listing as it was: {found.version.listing.title}")), soft_wrap=True)
    for finding in found.findings:
        words = ", ".join(dict.fromkeys(span.text for span in finding.spans))
        console.print(Text(inert(f"  {finding.rule} ({finding.severity}): {words}")), soft_wrap=True)
    if found.version.evidence:
        console.print(f"  The page: delist evidence show {found.case.id}@{decision.version}", style="dim")
    console.print(Text(inert(f"Not to be decided by: {', '.join(found.may_not_decide)}")), style="yellow")


@app.command(epilog="Example: delist appeal decide 3 licence_proven --note 'Mandate of 2026-02-01 seen.'")
def decide(
    context: typer.Context,
    appeal: Number,
    reason: Annotated[AppealReason, typer.Argument(help="Why: it says whether the decision stands or is lifted.")],
    note: Annotated[str, typer.Option(help="What another person should know.")] = "",
    actor: Who = "",
    role: As = Role.APPEALS_OFFICER,
) -> None:
    """Decide an appeal, once. Lifting a removal of severity S4 needs two officers, one after the other."""
    settings = settings_of(context)
    with store_of(settings) as store:
        now, who = datetime.now(UTC), actor_of(actor, role)
        done = appeals.decide(store, appeal, reason, actor=who, now=now, note=note, head=head_of(settings))
    if done.state is AppealState.AWAITING_SECOND:
        console.print(f"Appeal {done.id}: a second officer must agree to lift what was of severity S4.")
        return
    lifts, texts = REASONS[reason]
    console.print(f"Appeal {done.id}: the decision {'is lifted' if lifts else 'stands'}. {texts['en']}")


def _print_line(appeal: Appeal, zone: ZoneInfo) -> None:
    state = appeal.state.replace("_", " ")
    by = f"decide by {moment(appeal.decide_by, zone)}" if appeal.state in OPEN else f"decided by {appeal.decided_by}"
    line = f"{appeal.id:>6}  case {appeal.case_id}  {appeal.receipt}  {appeal.ground.replace('_', ' ')}  {state}  {by}"
    console.print(Text(inert(line)), soft_wrap=True)
