"""``delist letter``: what is written to sellers and to those who send notices: write what is due, send it, look."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.text import Text

from scanner.cli.context import settings_of
from scanner.cli.correspondence import As, Json, Who, Why, actor_of, head_of, post_of
from scanner.cli.database import store_of
from scanner.cli.output import console, inert, write_line
from scanner.cli.queue import moment
from scanner.correspondence import letters, notices
from scanner.model import Role
from scanner.moderation.followup import follow
from scanner.outside import LetterState

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Letters to sellers and senders of notices.")

Number = Annotated[int, typer.Argument(metavar="LETTER", min=1, help="Number of the letter.")]
# How often --for looks whether something is due.
_EVERY_SECONDS = 5.0


@app.command(epilog="Example: delist letter send --for 3600")
def send(
    context: typer.Context,
    seconds: Annotated[float, typer.Option("--for", min=0, help="Go on for so long; 0: once.")] = 0,
    json: Json = False,
) -> None:
    """Write what follows from decisions and takedowns, and hand over what is due.

    Besides letters, this answers notices whose case is decided, begins and ends the watch for removed listings, and
    proposes penalties: everything that follows from the history, once. Two of these may run at once.

    Exit codes: 0 what was due has gone; 1 something failed or waits for the receiver.
    """
    settings = settings_of(context)
    post, head = post_of(settings), head_of(settings)
    over = time.monotonic() + seconds
    failed = again = sent = 0
    with store_of(settings) as store:
        while True:
            notices.locate_waiting(store, now=_now(), head=head)
            followed = follow(store, clock=_now, head=head)
            report = letters.send_due(store, post, clock=_now)
            sent, again, failed = sent + report.sent, report.again, failed + report.failed + followed.failed
            if time.monotonic() >= over:
                break
            time.sleep(min(_EVERY_SECONDS, max(0.0, over - time.monotonic())))
    if json:
        write_line(msgspec.json.encode(letters.PostReport(sent=sent, again=again, failed=failed)).decode())
    else:
        said = f"{sent} sent, {again} to be tried again, {failed} failed."
        console.print(said if sent or again or failed else "Nothing was due.")
    raise typer.Exit(1 if failed or again else 0)


@app.command("list", epilog="Example: delist letter list --state held --state failed")
def list_(
    context: typer.Context,
    state: Annotated[list[LetterState] | None, typer.Option(help="Only letters in these states.")] = None,
    case: Annotated[int | None, typer.Option(min=1, help="Only those of a case.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 30,
    json: Json = False,
) -> None:
    """Show letters, the newest first."""
    settings = settings_of(context)
    with store_of(settings) as store:
        found = letters.listed(store, states=tuple(state or ()), case_id=case, limit=limit)
    zone = ZoneInfo(settings.time_zone)
    for one in found:
        if json:
            write_line(msgspec.json.encode(one).decode())
            continue
        said = f"  {one.says}" if one.says and one.state is not LetterState.SENT else ""
        line = f"{one.id:>6}  {moment(one.written_at, zone)}  {one.to}  {one.subject}  {one.state}{said}"
        console.print(Text(inert(line)), soft_wrap=True)
    if not found and not json:
        console.print("There are no such letters.")


@app.command(epilog="Example: delist letter show 7")
def show(context: typer.Context, letter: Number) -> None:
    """Show a letter as it is sent."""
    with store_of(settings_of(context)) as store:
        found = letters.show(store, letter)
    console.print(Text(inert(f"To: {found.to}   ({found.state})")), style="dim")
    console.print(Text(inert(found.subject)), style="bold")
    console.print(Text(inert(found.body, keep_lines=True)), soft_wrap=True)


@app.command(epilog="Example: delist letter release 12 --reason 'police file closed'")
def release(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="Number of the case.")],
    reason: Why,
    actor: Who = "",
    role: As = Role.LIAISON,
) -> None:
    """The seller of a case that was kept quiet may know: what was held goes out."""
    with store_of(settings_of(context)) as store:
        number = letters.unsilence(store, case, actor=actor_of(actor, role), reason=reason, now=_now())
    console.print(f"{number} letters of case {case} go out.")


@app.command(epilog="Example: delist letter again 7")
def again(context: typer.Context, letter: Number, actor: Who = "", role: As = Role.REVIEWER) -> None:
    """Send a letter once more that nobody took."""
    with store_of(settings_of(context)) as store:
        letters.again(store, letter, actor=actor_of(actor, role), now=_now())
    console.print(f"Letter {letter} goes out again.")


@app.command(epilog="Example: delist letter drop 7 --reason 'wrong address'")
def drop(context: typer.Context, letter: Number, reason: Why, actor: Who = "", role: As = Role.REVIEWER) -> None:
    """Never send a letter that has not gone."""
    with store_of(settings_of(context)) as store:
        letters.drop(store, letter, actor=actor_of(actor, role), reason=reason, now=_now())
    console.print(f"Letter {letter} is dropped.")


def _now() -> datetime:
    return datetime.now(UTC)
