"""``delist approval``: what waits for a second person, agreeing to it, or not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner.cli.acting import As, Json, Who, actor_of, policy_of
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment
from scanner.model import Role
from scanner.moderation import approvals
from scanner.moderation.approvals import Settled
from scanner.moderation.effects import EFFECTS, effects_under
from scanner.moderation.records import Approval, ApprovalState

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="What waits for a second person: list, approve, refuse."
)

Number = Annotated[int, typer.Argument(metavar="PROPOSAL", min=1, help="Number of the proposal.")]
Note = Annotated[str, typer.Option(help="What the first person should know.")]


@app.command("list", epilog="Example: delist approval list --state refused")
def list_(
    context: typer.Context,
    state: Annotated[ApprovalState, typer.Option(help="Those in this state.")] = ApprovalState.ASKED,
    json: Json = False,
) -> None:
    """Show what was proposed and why it needs a second person, what expires first at the top."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = approvals.inbox(store, state=state)
    for one in found:
        if json:
            write_line(msgspec.json.encode(one).decode())
        else:
            _print(one, ZoneInfo(settings.time_zone))
    if not found and not json:
        console.print("Nothing waits for a second person." if state is ApprovalState.ASKED else "There are none.")


@app.command(epilog="Example: delist approval approve 3 --actor wang --role specialist")
def approve(
    context: typer.Context, proposal: Number, note: Note = "", actor: Who = "", role: As = Role.SPECIALIST
) -> None:
    """Agree as a second, different person: what was proposed is done."""
    settings = settings_of(context)
    policy = policy_of(settings)
    with store_of(settings) as store:
        settled = approvals.approve(
            store,
            proposal,
            actor=actor_of(actor, role),
            now=datetime.now(UTC),
            note=note,
            policy=policy,
            effects=effects_under(policy),
        )
    _print_settled(settled)


@app.command(epilog='Example: delist approval refuse 3 --note "the picture shows cards" --actor wang')
def refuse(
    context: typer.Context,
    proposal: Number,
    note: Annotated[str, typer.Option(help="Why not.")],
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """Do not agree, and say why: a case goes to a specialist."""
    with store_of(settings_of(context)) as store:
        who, now = actor_of(actor, role), datetime.now(UTC)
        _print_settled(approvals.refuse(store, proposal, actor=who, note=note, now=now, effects=EFFECTS))


@app.command(epilog="Example: delist approval withdraw 3")
def withdraw(
    context: typer.Context, proposal: Number, note: Note = "", actor: Who = "", role: As = Role.REVIEWER
) -> None:
    """Take your own proposal back: the case waits as before."""
    with store_of(settings_of(context)) as store:
        who, now = actor_of(actor, role), datetime.now(UTC)
        _print_settled(approvals.withdraw(store, proposal, actor=who, note=note, now=now, effects=EFFECTS))


def _print(one: Approval, zone: ZoneInfo) -> None:
    ruling = f" {one.proposal.ruling.value}" if one.proposal.ruling else ""
    line = f"{one.id:>5}  {one.kind.value.replace('_', ' ')} on {one.subject}:{ruling} {one.proposal.reason}"
    console.print(Text(inert(f"{line}  by {one.asked_by}, until {moment(one.expires_at, zone)}")))
    console.print(Text(inert(f"       {'; '.join(one.why)} {one.proposal.note}"), style="dim"))


def _print_settled(settled: Settled) -> None:
    one = settled.approval
    state = f"; case {settled.case.id} is now {settled.case.state.replace('_', ' ')}" if settled.case else ""
    console.print(f"Proposal {one.id} {one.state}{state}.", markup=False)
