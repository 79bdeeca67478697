"""``delist next``, ``mine``, ``skip``, ``hold`` and so on: working the queue case by case, by the use cases."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner.cli.acting import As, Json, Who, Why, actor_of, policy_of
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment, print_case, queue_table
from scanner.errors import InputError
from scanner.model import Actor, CaseState, Role, Severity
from scanner.moderation import cases, claims
from scanner.moderation.outlook import outlook
from scanner.moderation.policy import Policy
from scanner.records import Case, CaseFile, QueueFilter
from scanner.settings import Settings
from scanner.store import Store

Number = Annotated[int, typer.Argument(metavar="CASE", min=1, help="Number of the case.")]
Token = Annotated[int | None, typer.Option(help="Your claim's token; refused if it has passed on.")]

_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SHOWN = 20


def next_(
    context: typer.Context,
    category: Annotated[str, typer.Option(help="Only this category, such as phone_card.")] = "",
    severity: Annotated[Severity | None, typer.Option(help="Only this severity.")] = None,
    actor: Who = "",
    role: As = Role.REVIEWER,
    json: Json = False,
) -> None:
    """Claim the most urgent case that you can work on, and show it. The claim ends by itself.

    Exit codes: 0 you have one; 1 there is none.

    Examples: `delist next`, `delist next --category phone_card --severity S4`
    """
    settings = settings_of(context)
    wanted = QueueFilter(category=category, severity=severity) if category or severity else None
    now = datetime.now(UTC)
    with store_of(settings) as store:
        claim = claims.next_case(store, actor=actor_of(actor, role), now=now, wanted=wanted, policy=policy_of(settings))
        if claim is None:
            console.print("There is no case for you.")
            raise typer.Exit(1)
        file = cases.show(store, claim.case.id)
    if json:
        write_line(msgspec.json.encode(claim).decode())
        return
    zone = ZoneInfo(settings.time_zone)
    print_case(file, zone)
    console.print(f"Yours until {moment(claim.until, zone)}; token {claim.token}.", style="cyan")


def mine(context: typer.Context, actor: Who = "", role: As = Role.REVIEWER, json: Json = False) -> None:
    """Show what you have in hand: claims, cases that were given to you, drafts.

    Example: `delist mine`
    """
    with store_of(settings_of(context)) as store:
        found = claims.mine(store, actor=actor_of(actor, role), now=datetime.now(UTC))
    if json:
        write_line(msgspec.json.encode(found).decode())
        return
    for title, rows in (("Claimed by you", found.claims), ("Given to you", found.given)):
        if rows:
            console.print(queue_table(rows, title=title))
    for draft in found.drafts:
        ruling = draft.ruling.value if draft.ruling else "no ruling"
        line = f"Draft on case {draft.case_id}: {ruling} {draft.reason} {draft.note}"
        console.print(Text(inert(line)), Text(inert(draft.why), style="yellow"))
    if not (found.claims or found.given or found.drafts):
        console.print("You have nothing in hand.")


def release(
    context: typer.Context,
    case: Number,
    reason: Why = "",
    token: Token = None,
    actor: Who = "",
    role: As = Role.REVIEWER,
) -> None:
    """Give a claimed case back; anybody may take it.

    Example: `delist release 12`
    """

    def act(store: Store, who: Actor, now: datetime, _: Policy) -> Case:
        return claims.release(store, case, actor=who, now=now, token=token, reason=reason)

    _done(context, act, actor, role, "is back in the queue")


def skip(
    context: typer.Context, case: Number, reason: Why, token: Token = None, actor: Who = "", role: As = Role.REVIEWER
) -> None:
    """Pass on a case that you would rather not decide; you are not given it again.

    Example: `delist skip 12 --reason "I know the seller"`
    """

    def act(store: Store, who: Actor, now: datetime, policy: Policy) -> Case:
        return claims.skip(store, case, reason=reason, actor=who, now=now, token=token, policy=policy)

    _done(context, act, actor, role, "is for others")


def hold(
    context: typer.Context,
    case: Number,
    until: Annotated[str, typer.Option(help="For how long (4h, 2d), or a date (2026-12-24).")],
    reason: Why,
    token: Token = None,
    actor: Who = "",
    role: As = Role.REVIEWER,
) -> None:
    """Put a case off; it is back by itself at that time.

    Example: `delist hold 12 --until 2d --reason "licence asked for"`
    """
    zone = ZoneInfo(settings_of(context).time_zone)

    def act(store: Store, who: Actor, now: datetime, _: Policy) -> Case:
        return claims.hold(store, case, until=_moment(until, now, zone), reason=reason, actor=who, now=now, token=token)

    _done(context, act, actor, role, "is put off")


def assign(
    context: typer.Context,
    case: Number,
    to: Annotated[str, typer.Argument(help="Who is to take it.")],
    reason: Why,
    token: Token = None,
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """Give a case to somebody; it comes first for them, and goes back to everybody after a day.

    Example: `delist assign 12 wang --reason "knows this seller"`
    """

    def act(store: Store, who: Actor, now: datetime, policy: Policy) -> Case:
        return claims.reassign(store, case, to=to, reason=reason, actor=who, now=now, token=token, policy=policy)

    _done(context, act, actor, role, f"is for {to}")


def ask(
    context: typer.Context,
    case: Number,
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    to: Annotated[str, typer.Option(help="Whom you ask; else whoever is next.")] = "",
    token: Token = None,
    actor: Who = "",
    role: As = Role.REVIEWER,
) -> None:
    """Ask another person for help with a case: they get it, with your question.

    Example: `delist ask 12 "Is this a collector's card?"`
    """

    def act(store: Store, who: Actor, now: datetime, policy: Policy) -> Case:
        return claims.ask_help(store, case, question=question, to=to, actor=who, now=now, token=token, policy=policy)

    _done(context, act, actor, role, f"is for {to or 'another person'}")


def undo(context: typer.Context, case: Number, reason: Why, actor: Who = "", role: As = Role.REVIEWER) -> None:
    """Take the newest decision on a case back within the undo window: the case is as it was before it was decided.

    If you had claimed it, you have it again; anybody else who had must claim it again.

    Example: `delist undo 12 --reason "the wrong case"`
    """

    def act(store: Store, who: Actor, now: datetime, policy: Policy) -> Case:
        had_it = _decided_from_claim(cases.show(store, case), who)
        undone = cases.undo(store, case, actor=who, reason=reason, now=now, policy=policy)
        return claims.claim(store, case, actor=who, now=now, policy=policy).case if had_it else undone

    _done(context, act, actor, role, "is as it was before it was decided")


def _decided_from_claim(file: CaseFile, who: Actor) -> bool:
    """Whether this person had claimed the case when they decided it last."""
    decided = next((event for event in reversed(file.history) if event.kind == "case.decided"), None)
    return decided is not None and decided.actor == who.name and decided.data["before"] == CaseState.CLAIMED


def forecast(
    context: typer.Context,
    hours: Annotated[float, typer.Option(help="Take the rate of decisions from so many hours.")] = 8,
    json: Json = False,
) -> None:
    """Say which cases will be answered too late, and when, if people go on as they do.

    Exit codes: 0 none will be late; 1 some will.

    Example: `delist forecast --hours 24`
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        found = outlook(store, now=datetime.now(UTC), hours=hours)
    if json:
        write_line(msgspec.json.encode(found).decode())
    else:
        console.print(found.says)
        zone = ZoneInfo(settings.time_zone)
        for breach in found.breaches[:_SHOWN]:
            expected = f", expected {moment(breach.expected_at, zone)}" if breach.expected_at else ""
            console.print(f"  case {breach.case_id} {breach.severity}: due {moment(breach.due_at, zone)}{expected}")
    raise typer.Exit(1 if found.breaches else 0)


def _done(
    context: typer.Context,
    act: Callable[[Store, Actor, datetime, Policy], Case],
    actor: str,
    role: Role,
    what: str,
) -> None:
    settings: Settings = settings_of(context)
    with store_of(settings) as store:
        case = act(store, actor_of(actor, role), datetime.now(UTC), policy_of(settings))
    console.print(f"Case {case.id} {what}, now {case.state.replace('_', ' ')}.", markup=False)


def _moment(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """``4h`` or ``2d`` from now, or the beginning of a day or a moment where people are. Raises ``InputError``."""
    span = _SPAN.fullmatch(text.strip())
    if span:
        return now + timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f'"{text}" is no time', hint="Write it like 4h, 2d, 2026-12-24 or 2026-12-24T09:00.") from None
    return given if given.tzinfo else given.replace(tzinfo=zone)
