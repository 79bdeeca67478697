"""``delist source``: a shop is looked at and written down, and what stood in the file stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.chosen import chosen
from scanner.cli.source import append, way_of
from scanner.demo import serve
from scanner.errors import SettingsError
from scanner.settings import Source, Walker, read_settings
from spiders.job import Probe

Delist = Callable[..., Any]


def test_a_shop_is_written_down_with_what_was_found(delist: Delist, tmp_path: Path) -> None:
    """The file keeps its bytes and gains a source, with samples as comments; a taken name is refused."""
    file = tmp_path / "delist.toml"
    file.write_text("# Ours.\nworkers = 1   # one is enough")
    with serve(seed=3, listings=20) as shop:
        said = delist("source", "add", f"{shop.url}/", "--name", "shop", "--rate", "500")
        again = delist("source", "add", f"{shop.url}/", "--name", "shop", "--rate", "500")
    assert said.code == 0, said.err
    text = file.read_text()
    assert text.startswith("# Ours.\nworkers = 1   # one is enough\n\n# Added by")
    assert "title" in text
    assert "/item/" in text
    settings = read_settings(file)
    assert (settings.workers, settings.sources["shop"].start) == (1, (f"{shop.url}/",))
    assert settings.sources["shop"].walker is Walker.SITEMAP
    assert (again.code, file.read_text()) == (2, text)
    assert [json.loads(line)["name"] for line in delist("source", "list", "--json").out.splitlines()] == ["shop"]


@pytest.mark.parametrize(
    ("start", "found", "expected"),
    [
        ("https://a.test/", Probe(sitemaps=("https://a.test/1.xml",), entry="https://a.test/map.xml"),
         (Walker.SITEMAP, ("https://a.test/map.xml",))),
        ("https://a.test/lamps/", Probe(), (Walker.CATALOGUE, ("https://a.test/lamps/",))),
        ("https://a.test/", Probe(), (Walker.SITE, ("https://a.test/",))),
        ("https://a.test/lamps/7", Probe(is_listing=True), (Walker.ADDRESSES, ("https://a.test/lamps/7",))),
    ],
)  # fmt: skip
def test_the_walker_that_was_found_is_written(
    start: str, found: Probe, expected: tuple[Walker, tuple[str, ...]]
) -> None:
    """Sitemaps by their index, a list by its pages, a shop that has neither by its links, a listing as itself."""
    assert way_of(Source(name="a", walker=Walker.SITE, start=(start,)), found) == expected


def test_another_way_into_a_shop_is_the_same_platform(delist: Delist, tmp_path: Path) -> None:
    """A listing is written as that listing, of the shop that is there already, to be read as there, so that it is no
    other listing; the shop's address is its source."""
    links = r"/item/(\w+)\.html"
    with serve(seed=3, listings=20) as shop:
        pages = [f"{shop.url}/item/{key}.html" for key, truth in shop.truth.items() if truth.labels == ()][:2]
        write = f'[sources.shop]\nwalker = "site"\nstart = "{shop.url}/"\npage = "demo"\n'
        write += f"link_pattern = '{links}'\n"
        (tmp_path / "delist.toml").write_text(write)
        said = delist("source", "add", pages[0], "--name", "one", "--rate", "500")
        settings = read_settings(tmp_path / "delist.toml")
    assert said.code == 0, said.err
    one = settings.sources["one"]
    assert (one.walker, one.start, one.platform) == (Walker.ADDRESSES, (pages[0],), "shop")
    assert (one.page, one.link_pattern) == ("demo", links)
    assert chosen(shop.url, settings) == settings.sources["shop"]
    other = chosen(pages[1], settings)
    assert (other.platform, other.page, other.start) == ("shop", "demo", (pages[1],))


def test_nothing_is_written_of_what_was_not_understood(delist: Delist, tmp_path: Path) -> None:
    """A site that does not answer is told so, with the reason, and no file appears."""
    said = delist("source", "add", "http://127.0.0.1:9/")
    assert said.code == 1
    assert "nothing was written" in said.err
    assert "refused" in said.err
    assert list(tmp_path.glob("*.toml")) == []


@pytest.mark.parametrize("broken", ["[sources.a]\nname = ", 'sources = {a = {start = "http://a.example"}}\n'])
def test_a_file_that_would_not_be_read_is_left_alone(tmp_path: Path, broken: str) -> None:
    """What cannot be appended to stays as it was, and no draft lies about."""
    file = tmp_path / "delist.toml"
    file.write_text(broken)
    with pytest.raises(SettingsError):
        append(file, '[sources.b]\nstart = ["http://b.example"]\n')
    assert file.read_text() == broken
    assert [path.name for path in tmp_path.iterdir()] == ["delist.toml"]


def test_a_name_must_be_one(delist: Delist) -> None:
    """What cannot name a table is refused before anything is fetched."""
    assert delist("source", "add", "http://127.0.0.1:9/", "--name", "My Shop").code == 2
