"""``delist inspect urls.txt``: a list of addresses, each read as one listing."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.addresses import MOST, source_of_addresses
from scanner.demo import serve
from scanner.errors import InputError
from scanner.settings import Source, Walker
from spiders import launch


def test_every_address_of_a_list_is_one_listing(delist: Callable[..., Any], tmp_path: Path) -> None:
    """Of two listings and an address that holds none, two are read, nothing they link to, and the ledger balances."""
    with serve(seed=3, listings=20) as shop:
        pages = [f"{shop.url}/item/{key}.html" for key in list(shop.truth)[:2]]
        lines = ["\ufeff# for review", pages[0], "", f"  {pages[1]}\r", pages[0], f"{shop.url}/item/1.html"]
        (tmp_path / "urls.txt").write_text("\n".join(lines), encoding="utf-8")
        said = delist("inspect", "urls.txt", "--rate", "500")
    assert "2 new" in said.out, said.out + said.err
    assert "The ledger balances: 3 discovered, 3 accounted" in said.out
    assert said.code == 0


def test_a_list_may_be_compressed(tmp_path: Path) -> None:
    """As those are that come out of a sitemap; one that breaks off is no list."""
    packed = gzip.compress(b"https://shop.example/1\n")
    (tmp_path / "urls.txt.gz").write_bytes(packed)
    assert source_of_addresses(tmp_path / "urls.txt.gz", name="urls").start == ("https://shop.example/1",)
    (tmp_path / "urls.txt.gz").write_bytes(packed[:-9])
    with pytest.raises(InputError, match=r"urls\.txt\.gz: compressed data breaks off"):
        source_of_addresses(tmp_path / "urls.txt.gz", name="urls")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("https://shop.example/1\n\nshop.example/2\n", "urls.txt:3: no address of a listing: shop.example/2"),
        ("ftp://shop.example/1\n", "urls.txt:1: no address"),
        ("https://me:secret@shop.example/1\n", "urls.txt:1: no address"),
        ("https://shop.example/1 https://shop.example/2\n", "urls.txt:1: no address"),
        ("# none\n\n", "urls.txt: no addresses in it"),
        ("\n".join(f"http://a.example/{n}" for n in range(MOST + 1)), "50001 addresses, 50000 at most"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """By file and line, before anything is asked for."""
    (tmp_path / "urls.txt").write_text(text)
    with pytest.raises(InputError, match=message):
        source_of_addresses(tmp_path / "urls.txt", name="urls")


def test_many_addresses_are_dealt_out(tmp_path: Path) -> None:
    """Every one is in one partition; the hosts are theirs, and no other's."""
    starts = tuple(f"https://{host}.example/{n}" for n in range(4000) for host in ("a", "b"))
    source = Source(name="urls", walker=Walker.ADDRESSES, start=starts)
    parts = launch.plan(source, folder=tmp_path)
    assert tuple(url for part in parts for url in part.start) == starts
    assert len({part.name for part in parts}) == 2
    assert source.hosts == {"a.example", "b.example"}
