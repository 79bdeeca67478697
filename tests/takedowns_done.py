"""What tests of the outside share: listings that were decided, sent and accepted, and what follows from that."""

from __future__ import annotations

from datetime import datetime, timedelta

from scanner.correspondence.letters import PLAIN, Letterhead
from scanner.model import Actor, Role
from scanner.moderation.followup import Followed, follow
from scanner.store import Store
from scanner.takedown.sending import send_due
from tests.fakes import NOON
from tests.outbox import Time, Told, channel

OFFICER = Actor(name="gao", role=Role.APPEALS_OFFICER)
SECOND_OFFICER = Actor(name="ma", role=Role.APPEALS_OFFICER)
SPECIALIST = Actor(name="wang", role=Role.SPECIALIST)
COMPLIANCE = Actor(name="sun", role=Role.COMPLIANCE)
POLICY = Actor(name="zhou", role=Role.POLICY_OWNER)
REVIEWER = Actor(name="chen", role=Role.REVIEWER)


def sent(store: Store, platform: Told | None = None, *, minutes: float = 2, since: datetime = NOON) -> Told:
    """Send what is due so many minutes after ``since``; the platform that took it."""
    platform = platform or Told()
    time = Time(since + timedelta(minutes=minutes))
    send_due(store, channel(platform), clock=time, pause=time.pause)
    return platform


def followed(store: Store, *, at: datetime = NOON + timedelta(minutes=3), head: Letterhead = PLAIN) -> Followed:
    """Do what follows from all that has happened."""
    return follow(store, clock=lambda: at, head=head)
