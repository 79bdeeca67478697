"""Every adapter before a real HTTP server: simulated marketplace, example receiver, stand-ins of real shops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from scanner.demo import Fault, FaultKind, Place, serve
from scanner.model import Seller
from scanner.orders import Order, Platform
from scanner.platforms import adapter_of
from scanner.takedown.telling import Adapter, PlatformSettings
from tests.standins import SELLERS, TITLES, TOKEN, Asked, HookedShop, OscarShop, StandIn, VendureShop, served


@dataclass(frozen=True)
class Bench:
    """A platform under test, and what really is the case behind it."""

    adapter: Adapter
    platform: Platform
    with_token: Callable[[str], Platform]
    listings: dict[str, str]
    is_public: Callable[[str], bool]
    seller: Seller
    effects: Callable[[], int]
    fail: Callable[[str, str], object]
    settle: Callable[[], object]
    asked: Callable[[], list[Asked]]

    def order(self, action: str = "hide", listing_id: str = "", key: str = "") -> Order:
        """An order on the first listing, or on another."""
        number = listing_id or next(iter(self.listings))
        title = self.listings.get(number, "Unknown")
        return Order(
            key=key or f"decision-1-{action}",
            action=action,
            listing_id=number,
            title=title,
            reason="prohibited",
            seller_id=self.seller.id,
            seller_name=self.seller.name,
        )


SETTINGS = {
    Adapter.DEMO: {},
    Adapter.OSCAR: {},
    Adapter.VENDURE: {},
    Adapter.WEBHOOK: {
        "page_url": "/item/{id}",
        "list_url": "/search?q={title}",
        "api_url": "/api/{id}",
        "seller_url": "/shop/{seller}",
    },
}
SHOPS: dict[Adapter, type[StandIn]] = {
    Adapter.OSCAR: OscarShop,
    Adapter.VENDURE: VendureShop,
    Adapter.WEBHOOK: HookedShop,
}


def platform_at(adapter: Adapter, url: str, token: str) -> Platform:
    """The adapter as the settings make it, impatient and of small appetite."""
    places = {name: f"{url}{path}" for name, path in SETTINGS[adapter].items()}
    address = f"{url}/hook" if adapter is Adapter.WEBHOOK else url
    settings = PlatformSettings(adapter=adapter, url=address, request_seconds=0.7, max_bytes=400_000, **places)
    return adapter_of(settings, token)


@contextmanager
def bench_of(adapter: Adapter) -> Iterator[Bench]:
    """The adapter with its server, while the block runs."""
    with _demo() if adapter is Adapter.DEMO else _stand_in(adapter) as bench:
        yield bench


@contextmanager
def _stand_in(adapter: Adapter) -> Iterator[Bench]:
    with served(SHOPS[adapter]()) as shop:
        yield Bench(
            adapter=adapter,
            platform=platform_at(adapter, shop.url, TOKEN),
            with_token=lambda token: platform_at(adapter, shop.url, token),
            listings=TITLES,
            is_public=lambda listing_id: shop.public[listing_id],
            seller=Seller(id="s1", name=SELLERS["s1"]),
            effects=lambda: len(shop.effects),
            fail=lambda kind, how: shop.fails.append((kind, how)),
            settle=getattr(shop, "reindex", lambda: None),
            asked=lambda: shop.asked,
        )


_FAULTS = {
    "429": {"kind": FaultKind.THROTTLE, "retry_after": 7},
    "500": {"kind": FaultKind.SERVER_ERROR, "status": 500},
    "503": {"kind": FaultKind.SERVER_ERROR, "status": 503},
    "403": {"kind": FaultKind.SERVER_ERROR, "status": 403},
    "422": {"kind": FaultKind.SERVER_ERROR, "status": 422},
    "drop": {"kind": FaultKind.DROP},
    "drop_after_effect": {"kind": FaultKind.ERROR_AFTER_EFFECT},
    "stall": {"kind": FaultKind.STALL, "seconds": 20},
    "redirect": {"kind": FaultKind.REDIRECT_HOME},
    "garbage": {"kind": FaultKind.EMPTY},
    "captcha": {"kind": FaultKind.CAPTCHA},
    "huge": {"kind": FaultKind.HUGE, "size": 800_000},
}


@contextmanager
def _demo() -> Iterator[Bench]:
    with serve(seed=3, listings=40) as shop:

        def fail(kind: str, how: str) -> None:
            """Orders meet it at the administration; a look at the listing's own page."""
            place = Place.ADMIN if kind == "order" else Place.ITEM
            shop.faults.add(Fault(place=place, times=1, **_FAULTS[how]))

        yield Bench(
            adapter=Adapter.DEMO,
            platform=platform_at(Adapter.DEMO, shop.url, shop.token),
            with_token=lambda token: platform_at(Adapter.DEMO, shop.url, token),
            listings={one.id: one.title for one in shop.market.catalogue()[:4]},
            is_public=lambda listing_id: shop.market.standing(listing_id).shown,
            seller=shop.market.seller(shop.market.catalogue()[0].seller_id),
            effects=lambda: len(shop.market.effects),
            fail=fail,
            settle=lambda: None,
            asked=list,
        )


@pytest.fixture(params=list(Adapter))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each adapter in turn."""
    with bench_of(request.param) as made:
        yield made


@pytest.fixture
def oscar() -> Iterator[Bench]:
    """django-oscar alone."""
    with bench_of(Adapter.OSCAR) as made:
        yield made


@pytest.fixture
def vendure() -> Iterator[Bench]:
    """Vendure alone."""
    with bench_of(Adapter.VENDURE) as made:
        yield made
