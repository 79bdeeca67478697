"""The drill: ``kill -9`` of sender and verifier at random moments; every order has its effect once, none is lost.

The simulated marketplace is real over HTTP, breaks after the effect from time to time, and remembers keys as a platform
must. ``make drill`` kills fifty times; the suite five.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from scanner import audit
from scanner.demo import Fault, FaultKind, Place, Shop, serve
from scanner.model import CaseState, Listing, Seller, TakedownState
from scanner.moderation import cases
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from tests.drills import at_work
from tests.outbox import listed
from tests.sender_drill import send_and_look

KILLS = int(os.environ.get("DRILL_KILLS", "5"))
ORDERS = 20 + 4 * KILLS


def wares(shop: Shop) -> list[Listing]:
    """The shop's first listings, as a crawl would have read them."""
    found = shop.market.catalogue()[:ORDERS]
    return [
        Listing(platform="demo", listing_id=one.id, title=one.title, seller=Seller(id=one.seller_id)) for one in found
    ]


@pytest.mark.timeout(60 + 20 * KILLS)
def test_a_killed_sender_loses_nothing_and_repeats_nothing(
    store: Store, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """Each effect exactly once by key, each order verified, each case closed, the history whole."""
    with serve(seed=5, listings=ORDERS + 10) as shop:
        listed(store, small_rulebook, tmp_path / "spool", wares(shop))
        shop.faults.add(Fault(kind=FaultKind.ERROR_AFTER_EFFECT, place=Place.ADMIN, every=11))
        arguments = (f"sqlite:///{tmp_path / 'delist.db'}", tmp_path / "looks", (shop.url, shop.token), time.time())
        chance, hit = random.Random(29), 0
        for _ in range(KILLS):
            with at_work(send_and_look, *arguments) as running:
                time.sleep(chance.uniform(0.05, 1.0))
                hit += running.is_alive
        shop.faults.clear()
        with at_work(send_and_look, *arguments) as running:
            assert running.outcome() == "done"
        effects = [effect.key for effect in shop.market.effects if effect.action == "hide"]

    orders = undoing.board(store, limit=10 * ORDERS).takedowns
    assert sorted(effects) == sorted(f"decision-{number}-hide" for number in range(1, ORDERS + 1))
    assert {order.state for order in orders} == {TakedownState.VERIFIED_REMOVED}
    assert len(orders) == ORDERS
    assert {cases.show(store, order.case_id).row.case.state for order in orders} == {CaseState.CLOSED}
    assert audit.verify(store).is_sound
    assert all(is_kept(store, order.id, tmp_path / "looks") for order in orders)
    assert hit >= KILLS // 2, "the kills came too late to prove anything"


def is_kept(store: Store, takedown: int, folder: Path) -> bool:
    """Whether every sight of the order's looks has its bytes."""
    for look in undoing.looks_at(store, takedown):
        for sight in look.sights:
            assert sight.evidence is not None
            with (folder / sight.evidence.file).open("rb") as file:
                file.seek(sight.evidence.offset)
                next(iter(ArchiveIterator(file)))
    return True
