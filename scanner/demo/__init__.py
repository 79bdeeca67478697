"""A simulated marketplace that evades, edits, relists, throttles and lies about takedowns.

``with serve(seed=7) as shop:`` gives ``shop.url``, ``shop.token``, ``shop.market``, ``shop.faults``, ``shop.truth`` and
``shop.clock``; ``run`` serves until told to stop. Everything is decided by the seed and by the shop's own clock.
"""

from __future__ import annotations

from scanner.demo.clock import ShopClock
from scanner.demo.market import Marketplace
from scanner.demo.misbehaviour import Fault, FaultKind, Faults, Place
from scanner.demo.records import Conduct, Design, OfferKind, Removal, ShopListing, Truth
from scanner.demo.server import Shop, run, serve

__all__ = [
    "Conduct",
    "Design",
    "Fault",
    "FaultKind",
    "Faults",
    "Marketplace",
    "OfferKind",
    "Place",
    "Removal",
    "Shop",
    "ShopClock",
    "ShopListing",
    "Truth",
    "run",
    "serve",
]
