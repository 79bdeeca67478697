"""``delist retention``: how long records are kept, and deleting what is older: plan, approve twice, run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from scanner import audit, erasure
from scanner.cli.context import settings_of
from scanner.cli.correspondence import As, Json, Who, Why, actor_of
from scanner.cli.database import store_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment
from scanner.errors import NotFound
from scanner.model import Role
from scanner.outside import RetentionPlan

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="How long records are kept, and deleting what is older.",
)

Number = Annotated[int, typer.Argument(metavar="PLAN", min=1, help="Number of the plan.")]


@app.command(epilog="Example: delist retention plan --actor sun")
def plan(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--show", help="Only show the newest plan.")] = False,
    actor: Who = "",
    role: As = Role.COMPLIANCE,
    json: Json = False,
) -> None:
    """Say what is old enough to be deleted, by kind of record, and delete nothing. What is under legal hold stays."""
    settings = settings_of(context)
    with store_of(settings) as store:
        if show:
            found = erasure.latest(store)
            if found is None:
                raise NotFound("there is no plan", hint="Make one: delist retention plan")
        else:
            found = erasure.plan(store, settings.evidence, actor=actor_of(actor, role), now=_now())
    if json:
        write_line(msgspec.json.encode(found).decode())
        return
    _print(found, ZoneInfo(settings.time_zone))


@app.command(epilog="Example: delist retention approve 3 --digest 9f2c41aa --actor zhou")
def approve(
    context: typer.Context,
    plan: Number,
    digest: Annotated[str, typer.Option(help="What the plan that you saw ends with: at least eight characters.")],
    actor: Who = "",
    role: As = Role.COMPLIANCE,
) -> None:
    """Agree to a plan as you saw it. Two different people must; then `delist retention run` carries it out."""
    with store_of(settings_of(context)) as store:
        done = erasure.approve(store, plan, digest=digest, actor=actor_of(actor, role), now=_now())
    missing = erasure.APPROVALS - len(done.approved_by)
    console.print(f"Plan {plan}: approved by {', '.join(done.approved_by)}" + (f"; {missing} more" if missing else "."))


@app.command(epilog="Example: delist retention run")
def run(context: typer.Context, json: Json = False) -> None:
    """Delete what an approved plan says, step by step, with an event for each step and a certificate at the end.

    Without an approved plan it does nothing, so the scheduler may run it at any time.

    Exit codes: 0 done, or nothing to do; 1 more would go than was approved, and nothing went.
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        done = erasure.run(store, settings.evidence, actor=audit.SYSTEM, clock=_now)
    if json:
        write_line(msgspec.json.encode(done).decode())
    elif done is None:
        console.print("No plan is approved.")
    else:
        said = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in done.deleted.items()) or "nothing"
        console.print(f"Plan {done.plan.id} is done: {said}. Certificate {done.sha256[:16]}…, {done.events} events.")


@app.command(epilog="Example: delist retention drop 3 --reason 'a hold is missing'")
def drop(context: typer.Context, plan: Number, reason: Why, actor: Who = "", role: As = Role.COMPLIANCE) -> None:
    """Do not carry out a plan."""
    with store_of(settings_of(context)) as store:
        erasure.drop(store, plan, reason=reason, actor=actor_of(actor, role), now=_now())
    console.print(f"Plan {plan} is dropped.")


def _print(found: RetentionPlan, zone: ZoneInfo) -> None:
    by = f", approved by {', '.join(found.approved_by)}" if found.approved_by else ""
    title = f"Plan {found.id} of {moment(found.made_at, zone)} by {found.made_by}: {found.state}{by}"
    table = Table(title=inert(title), title_justify="left", header_style="bold")
    for name in ("kind", "older than", "to delete", "under hold", "kept since", "basis"):
        table.add_column(name, justify="right" if name in {"to delete", "under hold"} else "left", overflow="fold")
    for item in found.items:
        keep = next(one for one in erasure.KEEP if one.kind is item.kind)
        size = f" ({item.size / 2**20:.1f} MiB)" if item.size else ""
        days = f"{keep.days} days since {keep.since}" if keep.days else keep.since
        row = (item.kind.replace("_", " "), f"{item.before:%Y-%m-%d}", f"{item.count}{size}", str(item.held))
        table.add_row(*row, days, keep.basis)
    console.print(table)
    console.print(Text(f"Digest {found.digest}"))


def _now() -> datetime:
    return datetime.now(UTC)
