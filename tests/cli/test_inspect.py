"""``delist inspect`` of an address: no configuration, one polite crawl, and a name that stays the same."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.chosen import chosen, source_of_url
from scanner.cli.inspect import advice, interrupt_told, program
from scanner.demo import Fault, FaultKind, Place, serve
from scanner.errors import InputError
from scanner.model import Ledger
from scanner.settings import Settings, Walker
from scanner.store.queue import Queue, Reach


def test_an_address_is_enough(delist: Callable[..., Any]) -> None:
    """A shop that nothing is known of is looked at, crawled up to the limit, and its ledger balances."""
    with serve(seed=3, listings=20) as shop:
        said = delist("inspect", f"{shop.url}/", "--limit", "4", "--rate", "500")
    assert said.code == 0, said.err
    assert "The ledger balances" in said.out
    assert "4 new" in said.out


@pytest.mark.parametrize(
    ("url", "name", "walker"),
    [
        ("https://www.shop.example", "shop-example", Walker.SITE),
        ("http://127.0.0.1:8080/", "127-0-0-1-8080", Walker.SITE),
        ("https://shop.example/c/lamps", "shop-example", Walker.SITE),
        ("https://shop.example/sitemap.xml.gz", "shop-example", Walker.SITEMAP),
        ("https://taken.example", "taken-example-url", Walker.SITE),
    ],
)
def test_a_source_is_named_after_its_host(url: str, name: str, walker: Walker) -> None:
    """The same address is the same source every time, and no configured one by accident; it is polite."""
    source = source_of_url(url, taken={"taken-example"})
    assert (source.name, source.walker, source.rate, source.obey_robots) == (name, walker, 5.0, True)


@pytest.mark.parametrize(
    "url",
    ["https://", "http://user:secret@shop.example/", "ftp://shop.example", "http://[::1", "http://shop.example:99999"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """An address without a host, with a password in it, of another kind or broken is told so."""
    with pytest.raises(InputError):
        source_of_url(url)


def test_a_file_of_no_known_format_is_to_be_mended(delist: Callable[..., Any], tmp_path: Path) -> None:
    """It is refused before an inspection begins."""
    (tmp_path / "terms.pdf").write_bytes(b"%PDF")
    said = delist("inspect", "terms.pdf")
    assert (said.code, "no known format 'pdf'" in said.err) == (2, True)
    assert "Inspection" not in said.out


def test_a_redesigned_shop_never_looks_clean(delist: Callable[..., Any], tmp_path: Path) -> None:
    """A page function that has lost its marks fails the inspection loudly, and every case is where it was."""
    with serve(seed=5, listings=40) as shop:
        (tmp_path / "delist.toml").write_text(
            f'[sources.market]\nstart = "{shop.url}/sitemaps/listings-1.xml"\npage = "demo"\nrate = 5000\n'
        )
        before = delist("inspect", "market")
        queue = delist("queue", "--limit", "100", "--json")
        shop.faults.add(Fault(kind=FaultKind.REDESIGN, place=Place.ITEM))
        after = delist("inspect", "market")
    assert (before.code, after.code) == (0, 1)
    assert "seller found on 0% of the listings, on 100% before" in after.err
    cases = [line.partition('"listing_id"')[2][:12] for line in queue.out.splitlines()]
    again = delist("queue", "--limit", "100", "--json").out
    assert cases
    assert all(case in again for case in cases)


def test_what_was_not_counted_to_the_end_is_told_as_more(
    delist: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The count of a queue ends at two thousand, here at two: the number waiting is never less than there are."""
    monkeypatch.setattr(Queue, "reach", Reach(counted=2))
    told = []
    for number in (2, 3):
        rows = [json.dumps({"id": str(one), "title": f"手机卡 免实名 {one}"}) for one in range(number)]
        (tmp_path / "rows.jsonl").write_text("\n".join(rows), encoding="utf8")
        told += re.findall(r"\((.*) waiting\)", delist("inspect", "rows.jsonl").out)
    assert told == ["2", "2+"]


def test_listings_come_by_standard_input(
    delist: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Compressed or not; the copy goes when the inspection is done. A name that is nothing says what it may be."""
    rows = gzip.compress('{"id": "1", "title": "手机卡 免实名"}\n'.encode())
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(rows)))
    said = delist("inspect", "-")
    assert said.code == 0, said.out + said.err
    assert "1 new" in said.out
    assert "1 flagged" in said.out
    assert not list((tmp_path / "data").glob("stdin-*"))
    said = delist("inspect", "lisitngs.csv")
    assert said.code == 2
    assert "neither a source in delist.toml nor a file" in said.err


@pytest.mark.parametrize(("is_lasting", "told"), [(True, "goes on where it was"), (False, "begins anew")])
def test_an_interrupt_says_what_is_left(capsys: pytest.CaptureFixture[str], is_lasting: bool, told: str) -> None:
    """Who stops an inspection reads that nothing taken in is lost, and what the same command does next."""
    with pytest.raises(KeyboardInterrupt), interrupt_told(is_lasting=is_lasting):
        raise KeyboardInterrupt
    assert told in capsys.readouterr().err


def test_what_to_type_next_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program's name where it is on the path, else where it lies as seen from this folder."""
    script = tmp_path / ".venv" / "bin" / "delist"
    script.parent.mkdir(parents=True)
    script.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(script)])
    monkeypatch.setenv("PATH", "")
    assert program() == ".venv/bin/delist"
    monkeypatch.setenv("PATH", str(script.parent))
    assert program() == "delist"


@pytest.mark.parametrize(
    ("ledger", "told"),
    [
        (Ledger(discovered=1, failed={"refused": 1}), "when the platform answers"),
        (Ledger(discovered=9, skipped={"not_a_listing": 9}), "render = true"),
        (Ledger(discovered=9, unchanged=1, skipped={"limit": 8}), "--accept"),
        (Ledger(discovered=9, fetched=2, failed={"http_503": 7}), "--accept"),
        (Ledger(discovered=9, unchanged=2, failed={"http_503": 7}), "--accept"),
        (Ledger(discovered=9, gone=8, failed={"http_503": 1}), "--accept"),
        (Ledger(discovered=9, gone=9), "--accept"),
    ],
)
def test_a_platform_without_an_answer_is_not_one_that_has_changed(ledger: Ledger, told: str) -> None:
    """To accept what is there now is advised only where something was there."""
    assert told in advice(ledger)


def test_a_recording_is_of_its_shop(tmp_path: Path) -> None:
    """It goes by the host in it, apart from the shop itself, whose listings an old recording must not write over."""
    entry = {"request": {"url": "https://www.shop.example/item/1"},
             "response": {"status": 200, "content": {"mimeType": "text/html", "text": "<h1>Mug</h1>"}}}  # fmt: skip
    file = tmp_path / "Monday.har"
    file.write_text(json.dumps({"log": {"entries": [entry]}}))
    source = chosen(str(file), Settings())
    assert (source.name, source.platform_name, source.walker) == ("monday", "shop-example-recorded", Walker.SAVED)
