"""``delist tidy``: what the queue needs from time to time, once or for a while."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from scanner.cli.acting import Json, policy_of
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console, error_console, inert, write_line
from scanner.errors import RulebookError
from scanner.moderation import approvals, bulk, clusters, machine_hide
from scanner.moderation.effects import EFFECTS
from scanner.moderation.policy import Policy
from scanner.rulebook import load
from scanner.rulebook.faults import did_you_mean
from scanner.settings import Settings
from scanner.store import Store

# How often --for does it: an S4 finding that policy lets a machine hide should be hidden within minutes.
_EVERY_SECONDS = 30.0


def tidy(
    context: typer.Context,
    seconds: Annotated[float, typer.Option("--for", min=0, help="Go on for so long; 0: once.")] = 0,
    json: Json = False,
) -> None:
    """End what nobody has approved in time, hide what policy says, group what is alike, and work on bulk decisions.

    The scheduler does it over and over once a platform is configured.

    Example: `delist tidy --for 3600`
    """
    settings = settings_of(context)
    _warn_of_unknown(policy_of(settings), settings)
    policy, over = policy_of(settings), time.monotonic() + seconds
    with store_of(settings) as store:
        done = _round(store, policy)
        while time.monotonic() < over:
            time.sleep(min(_EVERY_SECONDS, max(0.0, over - time.monotonic())))
            done += _round(store, policy)
    if json:
        write_line(msgspec.json.encode(done).decode())
        return
    console.print(
        f"{done['expired']} proposals expired, {done['hidden']} listings hidden by policy, "
        f"{done['grouped']} cases grouped, {done['bulk']} bulk decisions worked on."
    )


def _warn_of_unknown(policy: Policy, settings: Settings) -> None:
    """Say which rules that a machine may hide by are in no rulebook: they hide nothing.

    The rest goes on, as it does where the rulebook is broken.
    """
    try:
        known = {rule.id for rule in load(*settings.rules).rules} if policy.machine_hide else set()
    except RulebookError as error:
        error_console.print(Text(inert(f"rules: {error.faults[0]}; delist rules check shows all"), style="yellow"))
        return
    for entry in policy.machine_hide:
        if entry.rule not in known:
            said = f"machine_hide: there is no rule {entry.rule}, so nothing is hidden by it"
            error_console.print(Text(inert(said + did_you_mean(entry.rule, known)), style="yellow"))


def _round(store: Store, policy: Policy) -> Counter[str]:
    now = datetime.now(UTC)
    return Counter(
        {
            "expired": len(approvals.expire_due(store, now=now, effects=EFFECTS)),
            "hidden": len(machine_hide.hide_due(store, now=now, policy=policy)),
            "grouped": clusters.refresh(store, now=now).joined,
            "bulk": len(bulk.run_due(store, clock=lambda: datetime.now(UTC), policy=policy)),
        }
    )
