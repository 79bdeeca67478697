"""The simulated marketplace itself: its listings, who may be seen where, and what was done. No HTTP in here.

Everything is decided by the seed and by the calls made; time is the shop's own clock. Safe to use from several threads.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from scanner.demo.clock import ShopClock
from scanner.demo.records import Conduct, Effect, Removal, ShopListing, Standing, Truth
from scanner.demo.sellers import Trader, traders
from scanner.demo.stock import Shelves, design_of, id_of, wishes
from scanner.demo.wares import Shelf, Wares, load
from scanner.errors import NotFound
from scanner.model import Seller


class Index:
    """The listings that lists show: all of them, and by category, those above it included, and by seller."""

    def __init__(self, listed: list[ShopListing], paths: dict[str, tuple[Shelf, ...]]) -> None:
        self.everything = listed
        self.by_shelf: dict[str, list[ShopListing]] = {}
        self.by_seller: dict[str, list[ShopListing]] = {}
        for listing in listed:
            self.by_seller.setdefault(listing.seller_id, []).append(listing)
            for shelf in paths[listing.shelf]:
                self.by_shelf.setdefault(shelf.slug, []).append(listing)


class Marketplace:
    """About five listings a seller, over the category tree. ``truth`` tells by listing id what each really is."""

    def __init__(self, *, seed: int = 1, listings: int = 600, clock: ShopClock | None = None) -> None:
        wares = load()
        self.seed, self.clock = seed, clock or ShopClock()
        self.shelves: dict[str, Shelf] = {shelf.slug: shelf for shelf in wares.shelves}
        self.truth: dict[str, Truth] = {}
        self.effects: list[Effect] = []
        self._lock = threading.RLock()
        self._listings: dict[str, ShopListing] = {}
        self._standing: dict[str, Standing] = {}
        self._closed: set[str] = set()
        self._after_hiding: dict[str, list[tuple[float, Callable[[], object]]]] = {}
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._planned = 0
        self._indexed: Index | None = None
        self._stock(wares, listings)

    def _stock(self, wares: Wares, count: int) -> None:
        people = traders(self.seed, max(20, count // 5), wares)
        self._traders: dict[str, Trader] = {trader.seller.id: trader for trader in people}
        for listing, truth in Shelves(self.seed, wares, people).fill(wishes(self.seed, count, wares)):
            self._listings[listing.id], self.truth[listing.id] = listing, truth
        self._next = len(self._listings)

    # Looking

    def listing(self, listing_id: str) -> ShopListing:
        """The listing, seen by the public or not; ``NotFound`` for an id that never was."""
        self.catch_up()
        if listing_id not in self._listings:
            raise NotFound(f"the marketplace has no listing {listing_id}")
        return self._listings[listing_id]

    def seller(self, seller_id: str) -> Seller:
        """The seller, whether the shop is open or closed; ``NotFound`` for an id that never was."""
        if seller_id not in self._traders:
            raise NotFound(f"the marketplace has no seller {seller_id}")
        return self._traders[seller_id].seller

    def has_seller(self, seller_id: str) -> bool:
        """Whether there is, or was, such a seller."""
        return seller_id in self._traders

    def sellers(self) -> list[Seller]:
        """All sellers, those with closed shops too."""
        return [trader.seller for trader in self._traders.values()]

    def trader(self, seller_id: str) -> Trader:
        """The seller with the role that no page shows."""
        self.seller(seller_id)
        return self._traders[seller_id]

    def is_closed(self, seller_id: str) -> bool:
        """Whether the seller's shop is closed."""
        return seller_id in self._closed

    def standing(self, listing_id: str) -> Standing:
        """Where the public can see the listing; nowhere while its seller's shop is closed."""
        listing = self.listing(listing_id)
        standing = self._standing.get(listing_id, Standing())
        if listing.seller_id in self._closed:
            return msgspec.structs.replace(standing, listed=False, shown=False)
        return standing

    def catalogue(self) -> list[ShopListing]:
        """Every listing that lists show, in the order of their ids."""
        return self._index().everything

    def on_shelf(self, slug: str) -> list[ShopListing]:
        """What a category page shows, its branches included."""
        return self._index().by_shelf.get(slug, [])

    def by_seller(self, seller_id: str) -> list[ShopListing]:
        """What a seller's page shows."""
        return self._index().by_seller.get(seller_id, [])

    def search(self, query: str) -> list[ShopListing]:
        """Listings that have every word of the query in title, option names or brand."""
        words = query.casefold().split()
        return [listing for listing in self.catalogue() if words and all(word in _searched(listing) for word in words)]

    def branches(self, slug: str) -> set[str]:
        """The category and those below it."""
        found = {slug}
        while more := {shelf.slug for shelf in self.shelves.values() if shelf.parent in found} - found:
            found |= more
        return found

    def path(self, slug: str) -> tuple[Shelf, ...]:
        """The category with those above it, the topmost first."""
        shelf = self.shelves[slug]
        return (*self.path(shelf.parent), shelf) if shelf.parent else (shelf,)

    def neighbours(self, listing: ShopListing, count: int = 12) -> list[ShopListing]:
        """Other listings of the category, the same ones as long as the category does not change."""
        shelf = self.on_shelf(listing.shelf)
        start = listing.art % max(1, len(shelf))
        near = shelf[start : start + count + 1] + shelf[: min(start, count + 1)]
        return [other for other in near if other.id != listing.id][:count]

    def _index(self) -> Index:
        """What is listed, in the orders that pages need; made anew after a change."""
        self.catch_up()
        with self._lock:
            if self._indexed is None:
                listed = [listing for listing in self._listings.values() if self._is_listed(listing)]
                self._indexed = Index(listed, {slug: self.path(slug) for slug in self.shelves})
            return self._indexed

    def _is_listed(self, listing: ShopListing) -> bool:
        return listing.seller_id not in self._closed and self._standing.get(listing.id, Standing()).listed

    # Changing

    def hide(self, listing_id: str, *, key: str = "", reason: str = "") -> None:
        """Carry out an order to hide a listing, after the listing's ``Conduct``.

        - honest: gone from lists and from its page at once;
        - lie: nothing happens at all;
        - search_only: gone from lists, the page stays; detail_only: the reverse;
        - search_lags: gone from its page at once, from lists ten minutes later.

        What was planned for after the hiding is due from now on, once.
        """
        conduct = self.standing(listing_id).conduct
        if conduct is Conduct.LIE:
            return
        listed = conduct in {Conduct.DETAIL_ONLY, Conduct.SEARCH_LAGS}
        shown = conduct is Conduct.SEARCH_ONLY
        self._stand(listing_id, "hide", key=key, reason=reason, listed=listed, shown=shown)
        if conduct is Conduct.SEARCH_LAGS:
            self.plan(10, lambda: self._stand(listing_id, "leave_search", listed=False))
        for minutes, change in self._after_hiding.pop(listing_id, ()):
            self.plan(minutes, change)

    def restore(self, listing_id: str, *, key: str = "", reason: str = "") -> None:
        """Show a hidden listing again, everywhere."""
        self._stand(listing_id, "restore", key=key, reason=reason, listed=True, shown=True)

    def close_seller(self, seller_id: str, *, key: str = "", reason: str = "") -> None:
        """Close a shop: none of its listings can be seen any more."""
        self.seller(seller_id)
        with self._lock:
            if seller_id not in self._closed:
                self._closed.add(seller_id)
                self.record("close", seller_id, key=key, reason=reason)

    def reopen_seller(self, seller_id: str, *, key: str = "", reason: str = "") -> None:
        """Open a closed shop; what was hidden for itself stays hidden."""
        self.seller(seller_id)
        with self._lock:
            if seller_id in self._closed:
                self._closed.remove(seller_id)
                self.record("reopen", seller_id, key=key, reason=reason)

    def behave(self, listing_id: str, *, conduct: Conduct | None = None, removal: Removal | None = None) -> None:
        """Settle how an order to hide the listing will be carried out, and how its page looks when it is gone."""
        self.listing(listing_id)
        wanted: dict[str, Any] = {"conduct": conduct, "removal": removal}
        with self._lock:
            standing = self._standing.get(listing_id, Standing())
            chosen = {name: value for name, value in wanted.items() if value is not None}
            self._standing[listing_id] = msgspec.structs.replace(standing, **chosen)

    def edit(self, listing_id: str, **fields: Any) -> ShopListing:
        """Change fields of a listing as its seller would: a new version, modified now."""
        with self._lock:
            old = self.listing(listing_id)
            new = msgspec.structs.replace(old, **fields, version=old.version + 1, modified_at=self.clock.now())
            self._listings[listing_id] = new
            self.record("edit", listing_id, reason=", ".join(sorted(fields)))
            return new

    def relist(self, listing_id: str, *, seller_id: str = "", **fields: Any) -> ShopListing:
        """Offer the same goods, with the same pictures, under another id, and by another seller where one is given."""
        with self._lock:
            old = self.listing(listing_id)
            owner = self.seller(seller_id or old.seller_id).id
            now, number = self.clock.now(), self._next
            design = design_of(owner, old.shelf)
            dates = {"posted_at": now, "modified_at": now, "version": 1}
            places = {"id": id_of(number), "seller_id": owner, "design": design}
            new = msgspec.structs.replace(old, **(places | dates | fields))
            self._next += 1
            self._listings[new.id] = new
            self.truth[new.id] = msgspec.structs.replace(self.truth[listing_id], relisted_from=listing_id)
            self.record("relist", new.id, reason=f"from {listing_id}")
            return new

    def other_seller(self, seller_id: str) -> str:
        """A seller of the same role, for who returns under another name."""
        own = self.trader(seller_id)
        others = [trader.seller.id for trader in self._traders.values() if trader.role is own.role]
        return others[(others.index(seller_id) + 1) % len(others)]

    def _stand(self, listing_id: str, action: str, *, key: str = "", reason: str = "", **where: bool) -> None:
        """Change where a listing is seen; an order that changes nothing leaves no effect."""
        self.listing(listing_id)
        with self._lock:
            old = self._standing.get(listing_id, Standing())
            new = msgspec.structs.replace(old, **where)
            if new != old:
                self._standing[listing_id] = new
                self.record(action, listing_id, key=key, reason=reason)

    def record(self, action: str, target: str, *, key: str = "", reason: str = "") -> None:
        """Append to the log of effects, and forget lists made before."""
        with self._lock:
            number, now = len(self.effects) + 1, self.clock.now()
            self.effects.append(Effect(number=number, at=now, action=action, target=target, key=key, reason=reason))
            self._indexed = None

    # Later

    def plan(self, minutes: float, change: Callable[[], object]) -> None:
        """Make a change when the shop's clock has moved on by so many minutes."""
        with self._lock:
            self._planned += 1
            moment = self.clock.now().timestamp() + minutes * 60
            heapq.heappush(self._due, (moment, self._planned, change))

    def plan_after_hiding(self, listing_id: str, minutes: float, change: Callable[[], object]) -> None:
        """Make a change so many minutes after the listing is hidden."""
        self.listing(listing_id)
        with self._lock:
            self._after_hiding.setdefault(listing_id, []).append((minutes, change))

    def catch_up(self) -> None:
        """Make the planned changes whose moment has come."""
        if not self._due or self._due[0][0] > self.clock.now().timestamp():
            return
        with self._lock:
            while self._due and self._due[0][0] <= self.clock.now().timestamp():
                heapq.heappop(self._due)[2]()


def _searched(listing: ShopListing) -> str:
    names: Iterable[str] = (name for values in listing.options.values() for name in values)
    return " ".join((listing.title, listing.brand, *names)).casefold()
