"""``delist bulk`` and ``delist cluster``: one decision on many cases, seen beforehand and undone as a whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from scanner.cli.acting import As, Json, Who, Why, actor_of, policy_of
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, inert, write_line
from scanner.errors import InputError
from scanner.model import Role, Ruling, Severity
from scanner.moderation import bulk, cases, clusters
from scanner.moderation.bulk import MOST
from scanner.moderation.records import Batch, BatchItem, BatchState, ItemState
from scanner.records import QueueFilter
from scanner.settings import Settings
from scanner.store import Store

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="One decision on many cases: preview, start, follow, undo."
)
cluster = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Cases on listings nearly the same.")

Number = Annotated[int, typer.Argument(metavar="BULK", min=1, help="Number of the bulk decision.")]
Code = Annotated[str, typer.Option(help="Reason code; the codes: delist decide --reasons.")]
Note = Annotated[str, typer.Option(help="What another person should know.")]
_SHOWN = 20
_FAULTS = (ItemState.REFUSED, ItemState.NOT_UNDONE)


@app.command(epilog="Example: delist bulk preview remove --reason no_real_name --case 12 --case 13")
def preview(
    context: typer.Context,
    ruling: Annotated[Ruling, typer.Argument(help="What you rule.")],
    reason: Code,
    case: Annotated[list[int] | None, typer.Option(help="A case; may be given again.")] = None,
    rule: Annotated[str, typer.Option(help="All waiting cases with a finding of this rule.")] = "",
    category: Annotated[str, typer.Option(help="All waiting cases of this category.")] = "",
    severity: Annotated[Severity | None, typer.Option(help="All waiting cases of this severity.")] = None,
    seller: Annotated[str, typer.Option(help="All waiting cases of this seller's id.")] = "",
    note: Note = "",
    actor: Who = "",
    role: As = Role.REVIEWER,
    json: Json = False,
) -> None:
    """Prepare a bulk decision, and say of each case what would come of it. Nothing is decided yet."""
    settings = settings_of(context)
    wanted = QueueFilter(rule=rule, category=category, severity=severity, seller=seller)
    with store_of(settings) as store:
        numbers = case or _matching(store, wanted)
        prepared = bulk.preview(
            store,
            numbers,
            ruling,
            reason=reason,
            note=note,
            actor=actor_of(actor, role),
            now=datetime.now(UTC),
            policy=policy_of(settings),
        )
        _report(store, prepared, json=json)


@app.command(epilog="Example: delist bulk look 3 12 --agree")
def look(
    context: typer.Context,
    number: Number,
    case: Annotated[int, typer.Argument(min=1, help="Number of a case that was drawn.")],
    agree: Annotated[bool, typer.Option("--agree/--disagree", help="Whether the decision is right for it.")],
    note: Note = "",
    actor: Who = "",
    role: As = Role.REVIEWER,
) -> None:
    """Say of a case that was drawn whether the decision is right for it; one for which it is not stops it all."""
    with store_of(settings_of(context)) as store:
        who = actor_of(actor, role)
        batch = bulk.look(store, number, case, agrees=agree, actor=who, now=datetime.now(UTC), note=note)
        _report(store, batch, json=False)


@app.command(epilog="Example: delist bulk start 3")
def start(
    context: typer.Context, number: Number, actor: Who = "", role: As = Role.REVIEWER, json: Json = False
) -> None:
    """Start a prepared bulk decision and work on it. Killed, it goes on with: delist bulk run.

    On more than twenty cases it waits for a second person first: delist approval list.
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        who, policy = actor_of(actor, role), policy_of(settings)
        batch = bulk.start(store, number, actor=who, now=datetime.now(UTC), policy=policy)
        _report(store, _run(store, batch, settings), json=json)


@app.command(epilog="Example: delist bulk run 3")
def run(context: typer.Context, number: Number, json: Json = False) -> None:
    """Work on a bulk decision that runs, or is being undone, until nothing of it is left."""
    settings = settings_of(context)
    with store_of(settings) as store:
        _report(store, _run(store, bulk.show(store, number), settings), json=json)


@app.command(epilog='Example: delist bulk undo 3 --reason "a rule gone wrong"')
def undo(
    context: typer.Context, number: Number, reason: Why, actor: Who = "", role: As = Role.REVIEWER, json: Json = False
) -> None:
    """Take back all that a bulk decision has decided, and say of each case how it went."""
    settings = settings_of(context)
    with store_of(settings) as store:
        who = actor_of(actor, role)
        batch = bulk.undo(store, number, reason=reason, actor=who, now=datetime.now(UTC))
        _report(store, _run(store, batch, settings), json=json)


@app.command(epilog="Example: delist bulk stop 3")
def stop(context: typer.Context, number: Number, actor: Who = "", role: As = Role.REVIEWER) -> None:
    """Stop a bulk decision; what it has decided stays, and can be undone."""
    with store_of(settings_of(context)) as store:
        halted = bulk.halt(store, number, actor=actor_of(actor, role), now=datetime.now(UTC))
        _report(store, halted, json=False)


@app.command(epilog="Example: delist bulk show 3 --json")
def show(context: typer.Context, number: Number, json: Json = False) -> None:
    """Show a bulk decision, its progress and what became of each case."""
    with store_of(settings_of(context)) as store:
        _report(store, bulk.show(store, number), json=json)


@app.command("list", epilog="Example: delist bulk list")
def list_(context: typer.Context, json: Json = False) -> None:
    """Show bulk decisions, the newest first."""
    with store_of(settings_of(context)) as store:
        found = bulk.recent(store)
    for batch in found:
        if json:
            write_line(msgspec.json.encode(batch).decode())
        else:
            console.print(Text(inert(_line(batch))))
    if not found and not json:
        console.print("There is no bulk decision.")


@cluster.command("list", epilog="Example: delist cluster list --category phone_card")
def clusters_(
    context: typer.Context,
    category: Annotated[str, typer.Option(help="Only this category.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 30,
    json: Json = False,
) -> None:
    """Group what waits and was not compared yet, and show the clusters, the largest first."""
    with store_of(settings_of(context)) as store:
        clusters.refresh(store, now=datetime.now(UTC))
        found = clusters.clusters(store, category=category, limit=limit)
        titles = [cases.show(store, one.first_case).row.title for one in found]
    for one, title in zip(found, titles, strict=True):
        if json:
            write_line(msgspec.json.encode(one).decode())
        else:
            line = f"{one.id:>5}  {one.severity} {one.category}  {one.waiting} of {one.size} wait  {title[:60]}"
            console.print(Text(inert(line)))
    if not found and not json:
        console.print("No two waiting cases are alike.")


@cluster.command("show", epilog="Example: delist cluster show 1")
def cluster_show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="CLUSTER", min=1, help="Number of the cluster.")],
    json: Json = False,
) -> None:
    """Show the cases of a cluster, how alike they are to the first, and what else they share."""
    with store_of(settings_of(context)) as store:
        found = clusters.members(store, number)
        rows = {} if json else {member.case_id: cases.show(store, member.case_id).row for member in found}
    for member in found:
        if json:
            write_line(msgspec.json.encode(member).decode())
        else:
            row, shared = rows[member.case_id], ", ".join(member.shares)
            line = f"{member.case_id:>6}  {row.case.state}  {member.similarity:.0%} {shared}  {row.title[:60]}"
            console.print(Text(inert(line)))


@cluster.command("decide", epilog="Example: delist cluster decide 1 remove --reason no_real_name")
def cluster_decide(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="CLUSTER", min=1, help="Number of the cluster.")],
    ruling: Annotated[Ruling, typer.Argument(help="What you rule.")],
    reason: Code,
    note: Note = "",
    actor: Who = "",
    role: As = Role.REVIEWER,
    json: Json = False,
) -> None:
    """Prepare one decision for all of a cluster that waits; look at the cases that were drawn, then start it."""
    settings = settings_of(context)
    with store_of(settings) as store:
        prepared = clusters.prepare(
            store,
            number,
            ruling,
            reason=reason,
            note=note,
            actor=actor_of(actor, role),
            now=datetime.now(UTC),
            policy=policy_of(settings),
        )
        _report(store, prepared, json=json)


def _matching(store: Store, wanted: QueueFilter) -> list[int]:
    if wanted == QueueFilter():
        raise InputError("which cases?", hint="Give --case NUMBER, or a filter such as --rule RULE.")
    return [row.case.id for row in cases.queue(store, wanted, limit=MOST).rows]


def _run(store: Store, batch: Batch, settings: Settings) -> Batch:
    return bulk.run(store, batch.id, clock=lambda: datetime.now(UTC), policy=policy_of(settings))


def _report(store: Store, batch: Batch, *, json: bool) -> None:
    """The bulk decision and what became, or would become, of its cases; what is refused first."""
    if json:
        write_line(msgspec.json.encode(batch).decode())
        for item in bulk.items(store, batch.id, limit=MOST):
            write_line(msgspec.json.encode(item).decode())
        return
    console.print(Text(inert(_line(batch)), style="bold"))
    faults = bulk.items(store, batch.id, _FAULTS, limit=_SHOWN)
    drawn = bulk.items(store, batch.id, is_sampled=True) if batch.state is BatchState.PREPARED else ()
    others = [item for item in bulk.items(store, batch.id, limit=_SHOWN) if item.state not in _FAULTS]
    for item in (*faults, *others):
        console.print(Text(inert(f"  case {item.case_id}  {item.state.replace('_', ' ')}: {item.says}")))
    _print_next(batch, drawn)


def _print_next(batch: Batch, drawn: tuple[BatchItem, ...]) -> None:
    left = [item.case_id for item in drawn if not item.looked_by]
    if left:
        numbers = ", ".join(map(str, left))
        console.print(f"Look at {numbers}: delist show N, then delist bulk look {batch.id} N --agree", style="cyan")
    elif batch.state is BatchState.PREPARED:
        console.print(f"Nothing is decided yet: delist bulk start {batch.id}", style="cyan")
    elif batch.state is BatchState.AWAITING_APPROVAL:
        console.print("A second person must agree first: delist approval list", style="cyan")


def _line(batch: Batch) -> str:
    counts = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in batch.counts.items())
    state = batch.state.replace("_", " ")
    return f"Bulk decision {batch.id}: {batch.ruling} ({batch.reason}) by {batch.made_by}, {state}: {counts}"
