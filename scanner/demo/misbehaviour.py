"""How the marketplace misbehaves on command: faults as records, and which request meets which. No HTTP in here."""

from __future__ import annotations

import threading
from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """What goes wrong with a response."""

    THROTTLE = "throttle"
    SERVER_ERROR = "server_error"
    ERROR_AFTER_EFFECT = "error_after_effect"
    STALL = "stall"
    SLOW_LORIS = "slow_loris"
    TRUNCATE = "truncate"
    DROP = "drop"
    EMPTY = "empty"
    BROKEN_HTML = "broken_html"
    WRONG_CHARSET = "wrong_charset"
    REDESIGN = "redesign"
    CAPTCHA = "captcha"
    HUGE = "huge"
    GZIP_BOMB = "gzip_bomb"
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_OFFSITE = "redirect_offsite"
    REDIRECT_PRIVATE = "redirect_private"
    REDIRECT_HOME = "redirect_home"
    ENDLESS_PAGES = "endless_pages"
    CALENDAR = "calendar"
    FOREIGN_LINKS = "foreign_links"


class Place(StrEnum):
    """Which kind of address a request is for; anywhere means the public ones, never the administration."""

    ANYWHERE = ""
    HOME = "home"
    ITEM = "item"
    CATEGORY = "category"
    SEARCH = "search"
    SHOP = "shop"
    HELP = "help"
    ROBOTS = "robots"
    SITEMAP = "sitemap"
    API = "api"
    FEED = "feed"
    IMAGE = "image"
    ADMIN = "admin"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One misbehaviour, for one listing's addresses or for all, at one kind of place or at all public ones.

    ``times``: how many requests it meets before it is over; ``None`` until cleared. ``every``: it meets the first of
    each so many. ``status`` is for server errors; ``retry_after`` (seconds) for throttling; ``seconds`` is how long a
    stall or a slow response lasts; ``size`` (bytes) is of a huge page or of an unpacked bomb; ``target`` is where a
    redirect leads. ``variant`` picks among broken pages: ``unclosed``, ``deep``, ``attribute``, ``json_ld``,
    ``controls``; among charsets: ``bytes`` (GB 18030 sent as UTF-8) or ``header`` (UTF-8 sent as GB 18030); among huge
    pages: ``declared`` (with a Content-Length) or not.
    """

    kind: FaultKind
    listing: str = ""
    place: Place = Place.ANYWHERE
    times: int | None = None
    every: int = 1
    status: int = 503
    retry_after: int = 1
    seconds: float = 600.0
    size: int = 200 * 2**20
    target: str = ""
    variant: str = ""

    def concerns(self, place: Place, listing: str) -> bool:
        """Whether a request for this place and listing (empty: none) meets the fault."""
        if self.listing and self.listing != listing:
            return False
        return self.place is place or (self.place is Place.ANYWHERE and place is not Place.ADMIN)


class Faults:
    """The faults that are on. The newest that concerns a request wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: dict[int, Fault] = {}
        self._met: dict[int, int] = {}
        self._added = 0

    def add(self, fault: Fault) -> int:
        """Switch a fault on; returns the number to remove it by."""
        with self._lock:
            self._added += 1
            self._on[self._added], self._met[self._added] = fault, 0
            return self._added

    def remove(self, number: int) -> None:
        """Switch a fault off; one that is over or unknown is off already."""
        with self._lock:
            self._on.pop(number, None)

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._on.clear()

    def on(self) -> dict[int, Fault]:
        """The faults that are on, by number."""
        with self._lock:
            return dict(self._on)

    def meet(self, place: Place, listing: str) -> Fault | None:
        """The fault that this request meets, which counts as one time."""
        if not self._on:
            return None
        with self._lock:
            return next((self._on_meeting(n) for n in reversed(self._on) if self._is_met(n, place, listing)), None)

    def _is_met(self, number: int, place: Place, listing: str) -> bool:
        fault = self._on[number]
        if not fault.concerns(place, listing):
            return False
        self._met[number] += 1
        return (self._met[number] - 1) % fault.every == 0

    def _on_meeting(self, number: int) -> Fault:
        fault = self._on[number]
        met = -(-self._met[number] // fault.every)
        if fault.times is not None and met >= fault.times:
            del self._on[number]
        return fault
