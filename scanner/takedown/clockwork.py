"""After the clock was set back: what was to happen at a moment that is now far ahead happens in its time all the same.

A machine whose clock ran a day ahead has written moments of tomorrow. Once its clock is right again orders would wait
for them, leases of dead senders last until then, and looks come a day late. What nobody could have written now is
counted from now anew: an undo window begins again, a lease lasts as long as a lease does. A clock that was set forward
does no harm: windows and leases end early, and an order that goes out twice has one effect by its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from msgspec import structs

from scanner import audit
from scanner.model import TakedownState
from scanner.orders import Channel, Look, LookState
from scanner.ports import Clock
from scanner.records import Takedown
from scanner.takedown.outbox import TakedownRows, TakedownStore, write


def set_right(store: TakedownStore, channels: Mapping[str, Channel], clock: Clock) -> None:
    """Bring moments that the clock has jumped away from near again, and put it on record; else nothing is written."""
    for name, channel in channels.items():
        with store.reading() as tx:
            is_wrong = any(_ahead(tx, name, channel, clock()))
        if is_wrong:
            write(store, partial(_mend, name, channel, clock))


def _ahead(tx: TakedownRows, name: str, channel: Channel, at: datetime) -> tuple[list[Takedown], list[Look]]:
    """What could not be written now as it stands there."""
    orders = tx.orders_ahead(name, at=at, leased=at + channel.lease)
    longest = max(channel.looks, default=timedelta())
    found = tx.looks_ahead(name, due=at + longest)
    looks = [look for number in {look.takedown_id for look in found} for look in tx.looks_at(number)]
    return (
        [order for order in orders if _order_now(order, channel.lease, at) != order],
        [look for look in looks if look.state is LookState.DUE and _look_now(look, at) != look],
    )


def _mend(name: str, channel: Channel, clock: Clock, tx: TakedownRows) -> None:
    at = clock()
    orders, looks = _ahead(tx, name, channel, at)
    for order in orders:
        tx.save_takedown(_order_now(order, channel.lease, at), order)
    for look in looks:
        tx.save_look(_look_now(look, at), look)
    facts = {"orders": [order.id for order in orders], "looks": [look.id for look in looks]}
    audit.append(tx, actor=audit.SYSTEM, kind="platform.clock_set_back", subject=f"platform:{name}", at=at, **facts)


def _order_now(order: Takedown, lease: timedelta, at: datetime) -> Takedown:
    """1. A lease lasts no longer than one that is taken now.

    2. What was decided at a moment yet to come waits for as long as it was to wait then.
    3. What was then to be tried again is tried now.
    What is due before it was decided has been set right already.
    """
    lease_until = min(order.lease_until, at + lease) if order.lease_until is not None else None
    if lease_until is not None or not order.due_at >= order.planned_at > at:
        return structs.replace(order, lease_until=lease_until)
    wait = order.due_at - order.planned_at if order.state is TakedownState.PLANNED else timedelta()
    return structs.replace(order, due_at=at + wait)


def _look_now(look: Look, at: datetime) -> Look:
    """Due as long after now as it was to be after the acceptance."""
    return structs.replace(look, due_at=min(look.due_at, at + timedelta(seconds=look.after_seconds)))
