"""A picture of a whole page, as a buyer's browser shows it; it asks nobody but the page's own hosts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from scanner.errors import CrawlError
from spiders.browser import chromium, keeps_away, launch_options

# A page that grows as one scrolls has no end: it is cut here.
MOST_PIXELS = 20_000
WIDTH, HEIGHT = 1280, 900
_QUIET_MILLISECONDS = 5_000


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture in PNG, where the page led to, and what it answered."""

    url: str
    status: int
    png: bytes
    taken_at: datetime


def screenshot(url: str, hosts: frozenset[str], *, seconds: float = 30.0, browser: str = "") -> Shot:
    """The whole page at ``url``. Raises ``SettingsError`` without a browser, ``CrawlError`` where it shows nothing."""
    chromium(browser)
    from playwright.sync_api import Error, sync_playwright  # an extra, which most do without

    refuses = keeps_away(hosts, pictures=True)
    try:
        with sync_playwright() as driver:
            opened = driver.chromium.launch(**launch_options(hosts, browser))
            try:
                page = opened.new_page(viewport={"width": WIDTH, "height": HEIGHT}, service_workers="block")
                page.route("**/*", lambda route: route.abort() if refuses(route.request) else route.continue_())
                return _taken(page, url, refuses, milliseconds=seconds * 1000)
            finally:
                opened.close()
    except Error as error:
        raise CrawlError(f"{url}: no picture: {error.message.splitlines()[0][:200]}") from error


def _taken(page: Any, url: str, refuses: Any, *, milliseconds: float) -> Shot:
    answer = page.goto(url, timeout=milliseconds, wait_until="load")
    if answer is None or refuses(answer.request):
        raise CrawlError(f"{url}: it led to {page.url[:200]}, outside the hosts")
    _until_quiet(page)
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), MOST_PIXELS)
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": max(height, HEIGHT)}
    png = page.screenshot(full_page=True, clip=clip, timeout=milliseconds, animations="disabled")
    return Shot(url=page.url, status=answer.status, png=png, taken_at=datetime.now(UTC))


def _until_quiet(page: Any) -> None:
    """Give scripts some time; a page that never rests is taken as it is then."""
    from playwright.sync_api import TimeoutError as OutOfTime  # as above

    try:
        page.wait_for_load_state("networkidle", timeout=_QUIET_MILLISECONDS)
    except OutOfTime:
        return
