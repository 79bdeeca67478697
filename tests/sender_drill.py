"""Sending and looking in a process of its own, to be killed in the middle of it; time runs fifty times as fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from scanner.cli.evidence import keeper_of
from scanner.model import TakedownState
from scanner.orders import Channel
from scanner.platforms import Demo
from scanner.platforms.http import Client
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.telling import TakedownSettings
from scanner.takedown.verify import look_due
from tests.fakes import NOON

SPEED = 50.0
NO_LIMITS = TakedownSettings(per_hour=0, per_rule=0, per_category=0, per_seller=0)
_OPEN = (TakedownState.PLANNED, TakedownState.SENT, TakedownState.ACCEPTED)


def fast_clock(start: float) -> Callable[[], datetime]:
    """A day after noon at ``start``, and fifty seconds later a second later; the same for all processes."""
    return lambda: NOON + timedelta(days=1, seconds=SPEED * (time.time() - start))


def send_and_look(tell: Callable[[str], None], url: str, evidence: Path, shop: tuple[str, str], start: float) -> str:
    """Send and look until every order has been looked at."""
    platform = Demo(*shop, client=Client(seconds=10), lag_seconds=0)
    looks, lease = (timedelta(minutes=1),), timedelta(seconds=40)
    channels = {"demo": Channel(platform=platform, rate=50, concurrency=4, looks=looks, lease=lease)}
    clock, keep = fast_clock(start), keeper_of(evidence)
    with Store.open(url) as store:
        tell("ready")
        while undoing.board(store, _OPEN, limit=1).takedowns:
            send_due(store, channels, limits=NO_LIMITS, clock=clock, pause=_pause)
            look_due(store, channels, keep=keep, clock=clock, pause=_pause)
            time.sleep(0.02)
    return "done"


def _pause(seconds: float) -> None:
    time.sleep(seconds / SPEED)
