"""``delist evidence screenshot``: a picture by a real browser, kept as evidence and on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.demo import serve
from scanner.errors import SettingsError
from scanner.model import Listing
from scanner.rulebook import Rulebook
from scanner.store import Store
from spiders.browser import chromium
from tests.outbox import listed

Delist = Callable[..., Any]


@pytest.mark.timeout(180)
def test_a_listing_is_pictured_as_buyers_see_it(delist: Delist, tmp_path: Path, small_rulebook: Rulebook) -> None:
    """The whole page as PNG, in a WARC file whose hash is in an event of the case; without a browser it says so."""
    with serve(seed=7, listings=12) as shop:
        item = shop.market.catalogue()[0]
        (tmp_path / "data").mkdir()
        with Store.open(f"sqlite:///{tmp_path / 'data' / 'delist.db'}") as store:
            found = Listing(platform="demo", listing_id=item.id, url=f"{shop.url}/item/{item.id}.html")
            listed(store, small_rulebook, tmp_path / "spool", [found], decide=False)
        try:
            chromium()
        except SettingsError as error:
            # A browser is the system's, not ours to install: without one this alone is left out, loudly.
            pytest.skip(f"NOT TESTED, pictures by a real browser: {error}")
        said = delist("evidence", "screenshot", "1", "--to", "page.png")
    assert said.code == 0, said.err
    png = (tmp_path / "page.png").read_bytes()
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert (png[:8], width, height > 900) == (b"\x89PNG\r\n\x1a\n", 1280, True)
    place = said.out.partition("Kept as ")[2].partition(": ")[0]
    assert delist("evidence", "extract", place, "--to", "again.png").code == 0
    assert (tmp_path / "again.png").read_bytes() == png
    assert "evidence.screenshot" in delist("case", "trace", "1").out


def test_without_a_browser_it_is_said(
    delist: Delist, tmp_path: Path, small_rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 and what to do."""
    (tmp_path / "data").mkdir()
    with Store.open(f"sqlite:///{tmp_path / 'data' / 'delist.db'}") as store:
        listed(store, small_rulebook, tmp_path / "spool", [Listing(platform="demo", listing_id="1")], decide=False)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    said = delist("evidence", "screenshot", "1")
    assert said.code == 2, said.err
    assert "CHROMIUM" in said.err or "[browser]" in said.err
