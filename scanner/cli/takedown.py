"""``delist takedown``: the outbox on the command line: send what is due, look again, step in where a person must."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.evidence import keeper_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment
from scanner.errors import SettingsError
from scanner.model import Actor, Role, TakedownState
from scanner.orders import Channel, LookOutcome, Standing, is_about_seller
from scanner.platforms import channels_of
from scanner.records import Takedown
from scanner.settings import SETTINGS_FILE, Settings
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.accounts import done_by_hand
from scanner.takedown.sending import SendReport, send_due
from scanner.takedown.undoing import Board
from scanner.takedown.verify import LookReport, look_due

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What platforms were told to take down, and whether it is gone.",
)

_STYLE = {
    TakedownState.VERIFIED_REMOVED: "green",
    TakedownState.VERIFIED_RESTORED: "green",
    TakedownState.STILL_LIVE: "bold red",
    TakedownState.PARTIALLY_LIVE: "bold red",
    TakedownState.REAPPEARED: "bold red",
    TakedownState.STILL_HIDDEN: "bold red",
    TakedownState.FAILED: "bold red",
    TakedownState.BY_HAND: "bold red",
    TakedownState.HELD: "yellow",
}
_AS_ORDERED = frozenset({LookOutcome.VERIFIED_REMOVED, LookOutcome.VERIFIED_RESTORED})
# How often --for looks whether something is due.
_EVERY_SECONDS = 1.0

Number = Annotated[int, typer.Argument(metavar="TAKEDOWN", min=1, help="Number of the order, as the board shows it.")]
Numbers = Annotated[
    list[int], typer.Argument(metavar="TAKEDOWN...", min=1, help="Numbers of orders, as the board shows them.")
]
Why = Annotated[str, typer.Option(help="Why, for the record.")]
Who = Annotated[str, typer.Option(help="Who does it.", envvar="DELIST_ACTOR")]
As = Annotated[Role, typer.Option(help="In which role.")]
Only = Annotated[str, typer.Option(metavar="NAME", help="Only this platform.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


@app.command(epilog="Example: delist takedown board --state held --state failed")
def board(
    context: typer.Context,
    state: Annotated[list[TakedownState] | None, typer.Option(help="Only orders in these states.")] = None,
    platform: Only = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 30,
    json: Json = False,
) -> None:
    """Show the orders, the newest first, how many there are of each kind, and how each platform stands."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = undoing.board(store, tuple(state or ()), platform=platform, limit=limit)
    if json:
        for one in found.takedowns:
            write_line(msgspec.json.encode(one).decode())
        return
    _print_board(found, ZoneInfo(settings.time_zone), settings)


@app.command(epilog="Example: delist takedown send --for 3600")
def send(
    context: typer.Context,
    platform: Only = "",
    seconds: Annotated[
        float, typer.Option("--for", min=0, help="Go on for so long, and look again when it is time; 0: once.")
    ] = 0,
    json: Json = False,
) -> None:
    """Send every order whose undo window is over.

    With `--for` it goes on: orders are sent as they fall due, and looks are done when it is time for them. Two of these
    may run at once; each order is sent by one of them.

    Exit codes: 0 what was due has gone; 1 something failed, is held, must be done by hand, or waits for a platform that
    is away; 2 something must be mended first.
    """
    settings = settings_of(context)
    channels = _channels(settings, platform)
    over = time.monotonic() + seconds
    with store_of(settings) as store:
        sent = _send(store, channels, settings)
        while time.monotonic() < over:
            _look(store, channels, settings)
            time.sleep(min(_EVERY_SECONDS, max(0.0, over - time.monotonic())))
            sent = _sum(sent, _send(store, channels, settings))
    if json:
        write_line(msgspec.json.encode(sent).decode())
    else:
        _print_sent(sent)
    raise typer.Exit(1 if sent.failed or sent.held or sent.again or sent.by_hand or sent.away else 0)


@app.command(epilog="Example: delist takedown verify")
def verify(context: typer.Context, platform: Only = "", json: Json = False) -> None:
    """Look, without credentials, at every order for which it is time, and act on what is seen.

    Exit codes: 0 what was looked at is as ordered; 1 something is not, or could not be seen.
    """
    settings = settings_of(context)
    with store_of(settings) as store:
        report = _look(store, _channels(settings, platform), settings)
    if json:
        write_line(msgspec.json.encode(report).decode())
    else:
        _print_looks(report)
    raise typer.Exit(0 if not report.retried and set(report.outcomes) <= _AS_ORDERED else 1)


@app.command(epilog="Example: delist takedown retry 12 13")
def retry(context: typer.Context, takedown: Numbers, actor: Who = "", role: As = Role.REVIEWER) -> None:
    """Send orders after all that failed, are held by a circuit breaker, or were found without effect."""

    def change(store: Store, who: Actor) -> None:
        for number in takedown:
            order = undoing.retry(store, number, actor=who, now=datetime.now(UTC))
            console.print(f"Takedown {order.id} goes out again, to {_words(order)} {_listing(order)}.", markup=False)

    _by_a_person(context, change, actor, role)


@app.command(epilog='Example: delist takedown cancel 12 --reason "the wrong listing"')
def cancel(context: typer.Context, takedown: Number, reason: Why, actor: Who = "", role: As = Role.REVIEWER) -> None:
    """Take an order back before it goes. The platform never hears of it, and the case waits for a person again."""

    def change(store: Store, who: Actor) -> None:
        order = undoing.cancel(store, takedown, actor=who, reason=reason, now=datetime.now(UTC))
        console.print(f"Takedown {order.id} is cancelled{_back(order)}.", markup=False)

    _by_a_person(context, change, actor, role)


@app.command(epilog='Example: delist takedown undo 12 --reason "appeal upheld"')
def undo(context: typer.Context, takedown: Number, reason: Why, actor: Who = "", role: As = Role.REVIEWER) -> None:
    """Take an order back whether it has gone or not: what has gone is reversed by an order of its own, and verified."""

    def change(store: Store, who: Actor) -> None:
        order = undoing.undo(store, takedown, actor=who, reason=reason, now=datetime.now(UTC))
        if order.state is TakedownState.CANCELLED:
            said = f"Takedown {order.id} had not gone, and is cancelled"
        elif order.state is TakedownState.UNDONE:
            said = f"Takedown {order.id} is undone, and nothing is sent: another order on this seller stands"
        else:
            said = f"Takedown {order.id} is due, to {_words(order)} {_listing(order)}: delist takedown send"
        console.print(f"{said}{_back(order)}.", markup=False)

    _by_a_person(context, change, actor, role)


@app.command(epilog='Example: delist takedown done 12 --note "closed in the dashboard, ticket 4711" --role specialist')
def done(
    context: typer.Context,
    takedown: Number,
    note: Annotated[str, typer.Option(help="How it was done, for the record.")],
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """Confirm that you have done on the platform, by hand, what it could not be told. It is then looked at as usual."""
    settings = settings_of(context)

    def change(store: Store, who: Actor) -> None:
        with store.reading() as tx:
            platform = settings.platforms.get(tx.takedown(takedown).platform)
        looks = platform.look_after if platform else ()
        order = done_by_hand(store, takedown, actor=who, note=note, now=datetime.now(UTC), looks=looks)
        console.print(f"Takedown {order.id}, to {_words(order)} {_listing(order)}, is done by hand.", markup=False)

    _by_a_person(context, change, actor, role)


def _by_a_person(context: typer.Context, change: Callable[[Store, Actor], None], actor: str, role: Role) -> None:
    with store_of(settings_of(context)) as store:
        change(store, Actor(name=actor or getpass.getuser(), role=role))


def _channels(settings: Settings, only: str) -> dict[str, Channel]:
    if not settings.platforms:
        hint = f"Say in {SETTINGS_FILE} how it is told: [platforms.NAME], see the table in README.md."
        raise SettingsError("no platform is configured, so nobody can be told", hint=hint)
    if only and only not in settings.platforms:
        raise SettingsError(f'unknown platform "{only}"', hint=f"Platforms: {', '.join(settings.platforms)}.")
    return {name: channel for name, channel in channels_of(settings).items() if only in {"", name}}


def _send(store: Store, channels: dict[str, Channel], settings: Settings) -> SendReport:
    return send_due(store, channels, limits=settings.takedown)


def _look(store: Store, channels: dict[str, Channel], settings: Settings) -> LookReport:
    return look_due(store, channels, keep=keeper_of(settings.evidence / "looks"))


def _sum(one: SendReport, other: SendReport) -> SendReport:
    """What went in both; what waits, and who is away, is as the later one says."""
    return SendReport(
        accepted=one.accepted + other.accepted,
        again=other.again,
        failed=one.failed + other.failed,
        held=one.held + other.held,
        by_hand=one.by_hand + other.by_hand,
        away=other.away,
    )


def _back(order: Takedown) -> str:
    return "" if is_about_seller(order.action) else f"; case {order.case_id} is back in the queue"


def _words(order: Takedown) -> str:
    return order.action.replace("_", " ")


def _listing(order: Takedown) -> str:
    return inert(f"{order.platform}/{order.listing_id}")


def _print_board(found: Board, zone: ZoneInfo, settings: Settings) -> None:
    for name, counts in sorted(found.counts.items()):
        line = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(counts.items()))
        unknown = "" if name in settings.platforms else f"  (not in {SETTINGS_FILE}: nobody tells it)"
        console.print(Text.assemble((inert(name), "bold"), f"  {line}{unknown}"))
    for standing in found.standings:
        _print_standing(standing, zone)
    for order in found.takedowns:
        _print_order(order, zone)
    if not found.takedowns:
        console.print("There are no such orders.")


def _print_standing(standing: Standing, zone: ZoneInfo) -> None:
    now = datetime.now(UTC)
    if standing.away_since is not None:
        said = f"{standing.name} is away since {moment(standing.away_since, zone)}: {standing.says}"
    elif standing.paused_until is not None and standing.paused_until > now:
        said = f"{standing.name} takes nothing until {moment(standing.paused_until, zone)}: {standing.says}"
    else:
        return
    console.print(Text(inert(said), style="yellow"))


def _print_order(order: Takedown, zone: ZoneInfo) -> None:
    """A line of facts, and under it what is said: sentences want the whole width."""
    undone = f" (undoes {order.undoes})" if order.undoes else ""
    state = order.state.value.replace("_", " ")
    at = moment(order.accepted_at or order.due_at, zone)
    facts = f"{order.id:>6}  case {order.case_id}  {_words(order)} {_listing(order)}{undone}  {at}  "
    console.print(Text.assemble(facts, (state, _STYLE.get(order.state, ""))), soft_wrap=True)
    if order.last_error:
        console.print(Text(inert(f"        {order.last_error}"), style="dim"), soft_wrap=True)


def _print_sent(sent: SendReport) -> None:
    if not sent.attempts and not sent.held and not sent.by_hand and not sent.away:
        console.print("Nothing was due.")
        return
    line = f"{sent.accepted} accepted, {sent.again} to be tried again, {sent.failed} failed, {sent.held} held."
    console.print(line)
    for name, why in sent.away.items():
        console.print(Text(inert(f"{name} takes nothing at present: {why}"), style="yellow"))
    if sent.by_hand:
        console.print(f"{sent.by_hand} must be done by hand: delist takedown board --state by_hand", style="bold red")
    if sent.failed or sent.held:
        console.print("See why: delist takedown board --state failed --state held", style="cyan", markup=False)


def _print_looks(report: LookReport) -> None:
    if not report.looks and not report.retried:
        console.print("It is not time to look at anything.")
        return
    for outcome, number in report.outcomes.items():
        console.print(f"{number} {outcome.value.replace('_', ' ')}", style="" if outcome in _AS_ORDERED else "bold red")
    if report.retried:
        console.print(f"{report.retried} to be looked at again soon")
