"""Pages as a browser makes them (``render = true``): for shops whose pages are empty until their scripts have run.

The browser is the system's own Chromium, driven by scrapy-playwright (extra ``browser``). Scripts of a page may ask for
nothing outside the source's hosts: other names do not even resolve. No cookie outlives a crawl, nothing is downloaded.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scanner.errors import SettingsError
from scanner.sources import Source
from spiders.hosts import Hosts

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
# What a page needs to be read; pictures and films only cost, and are kept away.
_UNREAD = frozenset({"image", "media", "font"})


def chromium(given: str = "") -> str:
    """The browser's program: as given, else by ``CHROMIUM`` in the environment, else the one that is installed.

    Raises ``SettingsError`` where there is none, or nothing that could drive it.
    """
    if importlib.util.find_spec("scrapy_playwright") is None:
        raise SettingsError("a browser needs the extra [browser]", hint="pip install 'delist[browser]'")
    named = given or os.environ.get("CHROMIUM", "")
    if named:
        if not Path(named).is_file():
            raise SettingsError(f"{named}: no such program", hint="Say where Chromium is: browser = … or CHROMIUM=…")
        return named
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise SettingsError("no browser is installed", hint="Debian: apt-get install chromium; or say CHROMIUM=…")
    return found


def launch_options(hosts: frozenset[str], given: str = "") -> dict[str, Any]:
    """How Chromium is started: without a window, and with no way to hosts that are not among ``hosts``."""
    # The first rule that fits counts, redirects included, which no script-side handler sees.
    rules = [f"MAP {place} {place}" for host in sorted(hosts) for place in _places(host)]
    arguments = [*_ARGUMENTS, f"--host-resolver-rules={','.join([*rules, 'MAP * ~NOTFOUND'])}"]
    if os.geteuid() == 0:
        # Chromium refuses to run as root with its sandbox.
        arguments.append("--no-sandbox")
    return {"executable_path": chromium(given), "headless": True, "args": arguments}


def _places(host: str) -> list[str]:
    """A host with its port, or with both usual ones, with and without ``www.``."""
    parts = urlsplit(f"//{host.lower()}")
    name = (parts.hostname or "").removeprefix("www.")
    return [f"{start}{name}:{port}" for start in ("", "www.") for port in ([parts.port] if parts.port else [80, 443])]


def keeps_away(hosts: frozenset[str], *, pictures: bool = False) -> Callable[[Any], bool]:
    """Whether a browser's request is to be refused: it leaves the hosts, or is for what nobody reads."""
    fence = Hosts(hosts)

    def refuses(request: Any) -> bool:
        if request.url.startswith(("data:", "blob:", "about:")):
            return False
        return not fence.allows(request.url) or (not pictures and request.resource_type in _UNREAD)

    return refuses


def browser_settings(source: Source) -> dict[str, Any]:
    """What Scrapy needs beside its other settings to let a browser fetch the pages that ask for it."""
    handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler, "data": None, "file": None, "ftp": None, "s3": None},
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch_options(source.hosts, source.browser),
        "PLAYWRIGHT_ABORT_REQUEST": keeps_away(source.hosts),
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": source.request_seconds * 1000,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": min(4, source.concurrency),
        "PLAYWRIGHT_CONTEXTS": {"default": {"service_workers": "block", "accept_downloads": False}},
    }


def rendering(source: Source) -> dict[str, Any]:
    """What a request for a page that scripts make carries; nothing for a source that needs no browser.

    A page is taken when the network is quiet, or when the element that the source waits for is there.
    """
    if not source.render:
        return {}
    from scrapy_playwright.page import PageMethod  # an extra, which most crawls do without

    wait = PageMethod("wait_for_load_state", "networkidle", timeout=_QUIET_MILLISECONDS)
    if source.wait_for:
        wait = PageMethod("wait_for_selector", source.wait_for, timeout=source.request_seconds * 1000)
    return {"playwright": True, "playwright_page_methods": [wait]}


_QUIET_MILLISECONDS = 10_000
