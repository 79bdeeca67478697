"""``delist seller``: what is on file of sellers: history, counters, licences, exceptions, penalties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner.cli.acting import policy_of
from scanner.cli.context import settings_of
from scanner.cli.correspondence import As, Json, Who, Why, actor_of, head_of
from scanner.cli.database import store_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment
from scanner.errors import InputError
from scanner.model import Role
from scanner.outside import ExceptionState, Modifier, Penalty, PenaltyState, SellerException
from scanner.sellers import exceptions, licences, penalties
from scanner.sellers import files as sellers
from scanner.sellers.files import SellerFile

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What is on file of sellers: history, licences, exceptions, penalties.",
)

Number = Annotated[int, typer.Argument(metavar="SELLER", min=1, help="Number of the seller, as `find` shows it.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, such as 2027-01-31; UTC.")]


@app.command(epilog="Example: delist seller find s881 --platform shop")
def find(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The platform's number of the seller, or the name.")],
    platform: Annotated[str, typer.Option(help="Only this platform.")] = "",
) -> None:
    """Look for a seller by number or name."""
    with store_of(settings_of(context)) as store:
        found = sellers.find(store, name, platform=platform)
    for one in found:
        console.print(Text(inert(f"{one.id:>6}  {one.platform}/{one.shown}  {one.name}  ({one.kind})")))
    if not found:
        console.print("There is no such seller.")


@app.command(epilog="Example: delist seller show 7")
def show(context: typer.Context, seller: Number, json: Json = False) -> None:
    """Show everything on file of a seller."""
    settings = settings_of(context)
    now = datetime.now(UTC)
    with store_of(settings) as store:
        file = sellers.show(store, seller, now=now)
    if json:
        write_line(msgspec.json.encode(file).decode())
        return
    _print_file(file, ZoneInfo(settings.time_zone), now)


@app.command(epilog="Example: delist seller licence shop s881 telecom_agent A-17 --issuer MIIT --until 2027-01-31")
def licence(
    context: typer.Context,
    platform: Annotated[str, typer.Argument(help="The platform.")],
    seller: Annotated[str, typer.Argument(help="The platform's number of the seller.")],
    name: Annotated[str, typer.Argument(help="The licence, as rules ask for it, such as telecom_agent.")],
    number: Annotated[str, typer.Argument(help="Its number.")],
    issuer: Annotated[str, typer.Option(help="Who issued it.")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Valid from; else now.")
    ] = None,
    until: Day = None,
    note: Annotated[str, typer.Option(help="How it was checked.")] = "",
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """Put a licence on file that you have checked, or renew it. It is to be verified anew every six months."""
    now = datetime.now(UTC)
    with store_of(settings_of(context)) as store:
        added = licences.add(
            store,
            platform=platform,
            seller=seller,
            name=name,
            number=number,
            issuer=issuer,
            valid_from=_day(since) or now,
            expires_at=_day(until),
            note=note,
            actor=actor_of(actor, role),
            now=now,
        )
    console.print(f"Licence {added.id} is on file; verify it anew by {added.check_by:%Y-%m-%d}.")


@app.command(epilog="Example: delist seller revoke 3 --reason 'withdrawn by the issuer'")
def revoke(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="LICENCE", min=1, help="Number of the licence on file.")],
    reason: Why,
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """A licence counts no longer; the seller's listings are judged anew when they are next seen."""
    with store_of(settings_of(context)) as store:
        licences.revoke(store, number, reason=reason, actor=actor_of(actor, role), now=datetime.now(UTC))
    console.print(f"Licence {number} is revoked.")


@app.command(
    "except", epilog="Example: delist seller except 7 phone_card.bulk --owner policy@shop --reason reseller --days 90"
)
def except_(
    context: typer.Context,
    seller: Number,
    rule: Annotated[str, typer.Argument(help="The rule that does not queue what this seller offers.")],
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    reason: Why,
    days: Annotated[int, typer.Option(min=1, max=365, help="For so long.")] = 90,
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """Propose an exception; it is in force once another person has approved it."""
    now = datetime.now(UTC)
    with store_of(settings_of(context)) as store:
        made = exceptions.propose(
            store,
            rule=rule,
            seller_row=seller,
            owner=owner,
            reason=reason,
            expires_at=now + timedelta(days=days),
            actor=actor_of(actor, role),
            now=now,
        )
    console.print(f"Exception {made.id} is proposed; a second person approves it.")


@app.command("exceptions", epilog="Example: delist seller exceptions")
def exceptions_(
    context: typer.Context, every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False
) -> None:
    """Show exceptions with their hits, the one that ends first at the top."""
    settings, now = settings_of(context), datetime.now(UTC)
    with store_of(settings) as store:
        states = () if every else (ExceptionState.PROPOSED, ExceptionState.IN_FORCE)
        found = exceptions.listed(store, states)
    for one in found:
        console.print(Text(inert(_exception(one, ZoneInfo(settings.time_zone), now))), soft_wrap=True)
    if not found:
        console.print("There are no exceptions.")


@app.command(epilog="Example: delist seller end 3 --reason 'no longer needed'")
def end(
    context: typer.Context,
    exception: Annotated[int, typer.Argument(min=1, help="Number of the exception.")],
    reason: Why,
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """End an exception before its time."""
    with store_of(settings_of(context)) as store:
        exceptions.end(store, exception, reason=reason, actor=actor_of(actor, role), now=datetime.now(UTC))
    console.print(f"Exception {exception} is over.")


@app.command("penalties", epilog="Example: delist seller penalties")
def penalties_(context: typer.Context, json: Json = False) -> None:
    """Show the steps of the ladder that are proposed and wait for a person."""
    with store_of(settings_of(context)) as store:
        found = penalties.inbox(store)
    for one in found:
        if json:
            write_line(msgspec.json.encode(one).decode())
        else:
            console.print(Text(inert(_penalty(one))), soft_wrap=True)
    if not found and not json:
        console.print("Nothing is proposed.")


@app.command(epilog="Example: delist seller penalize 4 --modifier licensed_mistake")
def penalize(
    context: typer.Context,
    penalty: Annotated[int, typer.Argument(min=1, help="Number of the penalty.")],
    modifier: Annotated[list[Modifier] | None, typer.Option(help="What moves it up or down.")] = None,
    note: Annotated[str, typer.Option(help="What another person should know.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Do not take the step; say why in the note.")] = False,
    actor: Who = "",
    role: As = Role.SPECIALIST,
) -> None:
    """Take the step that is proposed, or refuse it. Closing an account then needs a second person."""
    settings = settings_of(context)
    if refuse and not note.strip():
        raise InputError("to refuse a penalty needs a reason", hint="Give --note.")
    now, who = datetime.now(UTC), actor_of(actor, role)
    with store_of(settings) as store:
        if refuse:
            done = penalties.refuse(store, penalty, reason=note, actor=who, now=now)
        else:
            head = head_of(settings)
            policy, moved = policy_of(settings), modifier or ()
            done = penalties.accept(
                store, penalty, actor=who, now=now, modifiers=moved, note=note, head=head, policy=policy
            )
    console.print(Text(inert(_penalty(done))), soft_wrap=True)


def _print_file(file: SellerFile, zone: ZoneInfo, now: datetime) -> None:
    seller = file.seller
    console.rule(Text(inert(f"Seller {seller.id} · {seller.platform}/{seller.shown} · {seller.name}")), align="left")
    cases = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in file.cases.items()) or "none"
    console.print(f"{file.listings} listings, {file.live} there, {file.flagged} flagged. Cases: {cases}.")
    console.print(f"{file.points} points count.")
    for count in file.counts:
        if count.confirmed or count.suspected:
            line = f"  {count.counter.name.replace('_', ' ')}: {count.confirmed} confirmed, {count.suspected} suspected"
            laws = "".join(f"; {reached.at_least} reached: {reached.law}" for reached in count.reached)
            console.print(Text(inert(line + laws), style="bold red" if count.reached else ""), soft_wrap=True)
    for one in file.licences:
        until = f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "without an end"
        standing = "valid" if one.is_valid(now) else "not valid"
        due = ", to be verified anew" if one.check_by < now else ""
        line = f"  licence {one.id}: {one.name} {one.number}, {until}, {standing}{due}"
        console.print(Text(inert(line)), soft_wrap=True)
    for exception in file.exceptions:
        console.print(Text(inert(_exception(exception, zone, now))), soft_wrap=True)
    for penalty in file.penalties:
        console.print(Text(inert(_penalty(penalty))), soft_wrap=True)
    for decision in file.decisions:
        line = f"  {moment(decision.at, zone)}  case {decision.case_id}: {decision.ruling}, {decision.reason}"
        console.print(Text(inert(line)), soft_wrap=True)


def _exception(one: SellerException, zone: ZoneInfo, now: datetime) -> str:
    is_over = one.state is ExceptionState.IN_FORCE and not one.is_in_force(now)
    state = "expired" if is_over else one.state.replace("_", " ")
    until = moment(one.expires_at, zone)
    said = f"exception {one.id}: {one.rule} for seller {one.seller_row}, {state}, until {until}, {one.hits} hits"
    return f"  {said}; owner {one.owner}: {one.reason}"


def _penalty(one: Penalty) -> str:
    measure = penalties.step_of(one).measure["en"]
    says = f"step {one.level} ({measure}), {one.points} points, {one.state.replace('_', ' ')}: {one.why}"
    waits = "; a second person must agree" if one.state is PenaltyState.AWAITING_APPROVAL else ""
    return f"  penalty {one.id} for case {one.case_id}, seller {one.seller_row}: {says}{waits}"


def _day(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=UTC) if given is not None else None
