"""Delist at work in processes of their own, to be killed in the middle of it: intake, console, sender with verifier.

For who sends and looks time runs fifty times as fast. Each goes on until a file says that nothing more comes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scanner.cli import app
from scanner.cli.evidence import keeper_of
from scanner.inspection.intake import take_in
from scanner.model import TakedownState
from scanner.orders import Channel
from scanner.platforms import Demo
from scanner.platforms.http import Client
from scanner.rulebook import load
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.telling import TakedownSettings
from scanner.takedown.verify import look_due

SPEED = 50.0
NO_LIMITS = TakedownSettings(per_hour=0, per_rule=0, per_category=0, per_seller=0)
_OPEN = (TakedownState.PLANNED, TakedownState.SENT, TakedownState.ACCEPTED)


def fast_clock(start: float) -> Callable[[], datetime]:
    """A day after ``start``, and fifty seconds later a second later; the same for all processes."""
    begun = datetime.fromtimestamp(start, UTC) + timedelta(days=1)
    return lambda: begun + timedelta(seconds=SPEED * (time.time() - start))


def take_in_what_comes(tell: Callable[[str], None], url: str, spool: Path, rules: Path, over: Path) -> str:
    """Take in the segments of a spool as they come."""
    rulebook = load(rules, cache=None)
    done: set[Path] = set()
    with Store.open(url) as store:
        tell("ready")
        while True:
            is_over = over.exists()
            for segment in sorted(set(spool.glob("*.jsonl")) - done):
                take_in(segment, store=store, rulebook=rulebook, inspection_id=1, partition="part")
                done.add(segment)
            if is_over:
                return "done"
            time.sleep(0.02)


def serve_console(tell: Callable[[str], None], folder: Path, port: int) -> str:
    """``delist serve``, as it is typed; what it prints lies beside the settings."""
    os.chdir(folder)
    printed = os.open(folder / "serve.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    tell("ready")
    app(["serve", "--port", str(port)], standalone_mode=False)
    return "stopped"


def send_and_look(
    tell: Callable[[str], None], url: str, evidence: Path, shop: tuple[str, str], start: float, over: Path
) -> str:
    """Send and look until every order has been looked at."""
    platform = Demo(*shop, client=Client(seconds=10), lag_seconds=0)
    looks, lease = (timedelta(minutes=1),), timedelta(seconds=40)
    channels = {"demo": Channel(platform=platform, rate=50, concurrency=4, looks=looks, lease=lease)}
    clock, keep = fast_clock(start), keeper_of(evidence)
    with Store.open(url) as store:
        tell("ready")
        while True:
            is_over = over.exists()
            send_due(store, channels, limits=NO_LIMITS, clock=clock, pause=_pause)
            look_due(store, channels, keep=keep, clock=clock, pause=_pause)
            if is_over and not undoing.board(store, _OPEN, limit=1).takedowns:
                return "done"
            time.sleep(0.02)


def _pause(seconds: float) -> None:
    time.sleep(seconds / SPEED)
