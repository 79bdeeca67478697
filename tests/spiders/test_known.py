"""Asking only for what has changed, and keeping evidence only of what is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scrapy.http import Response

from scanner.demo import Shop
from scanner.errors import CrawlError
from scanner.listing_content import content_hash
from scanner.model import Fetched, Listing, Unchanged
from scanner.settings import Source
from spiders.known import Known, validator_of


def listings(observations: tuple[Any, ...]) -> dict[str, Fetched]:
    """What was fetched, by id."""
    return {one.listing.listing_id: one for one in observations if isinstance(one, Fetched)}


def written(file: Path, fetched: dict[str, Fetched], since: datetime | None = None) -> Path:
    """What an inspection would know after these."""
    rows = [(key, one.validator, content_hash(one.listing), since) for key, one in fetched.items()]
    file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    return file


def test_only_what_changed_is_read_again(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any], tmp_path: Path
) -> None:
    """By entity tags: one edited listing is read, the others are unchanged, and evidence is kept of the edited one."""
    market = source("/sitemaps/listings-1.xml")
    first = listings(crawl(market).observations)
    assert all(one.validator.startswith('W/"') for one in first.values())
    edited = min(first)
    shop.market.edit(edited, title="完全不同的标题")
    known = written(tmp_path / "known", first)
    second = crawl(market, known=known, asks_for_changes=True, spool=tmp_path / "again")
    again = read_again(tmp_path / "again")
    assert second.results[0].is_good
    assert second.results[0].ledger.unchanged == len(first) - 1
    assert [one.listing.listing_id for one in again if isinstance(one, Fetched) and one.evidence] == [edited]
    assert {one.listing_id for one in again if isinstance(one, Unchanged)} == first.keys() - {edited}


def test_what_was_read_after_its_last_change_is_not_asked_for(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any], tmp_path: Path
) -> None:
    """By the sitemap's date, of what was read after it; what was left out then, or read before, is read now."""
    market = source("/sitemaps/listings-1.xml")
    first = listings(crawl(market).observations)
    later = shop.clock.now() + timedelta(days=2)
    plain = {key: msgspec.structs.replace(one, validator="") for key, one in first.items()}
    stale, *read = sorted(first)[:20]
    file = written(tmp_path / "known", {key: plain[key] for key in read}, later)
    old = written(tmp_path / "old", {stale: plain[stale]}, later - timedelta(days=9_999))
    file.write_bytes(file.read_bytes() + old.read_bytes())

    done = crawl(market, known=file, asks_for_changes=True, spool=tmp_path / "again")
    again = read_again(tmp_path / "again")
    assert {one.listing_id for one in again if isinstance(one, Unchanged)} == set(read)
    assert listings(tuple(again)).keys() == first.keys() - set(read)
    assert done.results[0].is_good
    full = crawl(market, known=file, spool=tmp_path / "full")
    assert full.counted(Unchanged) == 0


def test_a_full_crawl_takes_nobodys_word_and_keeps_no_evidence_twice(
    source: Callable[..., Source], crawl: Callable[..., Any], tmp_path: Path
) -> None:
    """Everything is read, and what says what it said before is not kept again."""
    market = source("/sitemaps/listings-1.xml")
    first = listings(crawl(market).observations)
    done = crawl(market, known=written(tmp_path / "known", first), spool=tmp_path / "again")
    again = [one for one in read_again(tmp_path / "again") if isinstance(one, Fetched)]
    assert done.results[0].ledger.fetched == len(first) == len(again)
    assert [one for one in again if one.evidence] == []


def read_again(folder: Path) -> list[Any]:
    """Everything in a folder's segments."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    return [msgspec.json.decode(line, type=Fetched | Unchanged) for line in lines]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ETag": '"a"', "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}, '"a"'),
        ({"ETag": "no quotes", "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}, "Sun, 01 Mar 2026 12:00:00 GMT"),
        ({"ETag": '"' + "a" * 1000 + '"'}, ""),
        ({"ETag": '"\xe4"'}, ""),
        ({}, ""),
    ],
)
def test_a_validator_is_what_can_be_sent_back(headers: dict[str, str], expected: str) -> None:
    """The tag goes before the date; what is no tag, too long or not ASCII is none."""
    assert validator_of(Response("http://a.example", headers=headers)) == expected


def test_each_validator_goes_into_its_own_header(tmp_path: Path) -> None:
    """Tags and dates are asked by differently; without either, or of a stranger, nothing is asked."""
    seen = datetime(2026, 3, 1, tzinfo=UTC)
    one = {name: Fetched(listing=Listing(platform="p", listing_id=name, seen_at=seen), validator=validator)
           for name, validator in (("a", '"1"'), ("b", "Sun, 01 Mar 2026 12:00:00 GMT"), ("c", ""))}  # fmt: skip
    known = Known(written(tmp_path / "known", one))
    asked = [known.headers(name) for name in ("a", "b", "c", "d")]
    assert asked == [{"If-None-Match": '"1"'}, {"If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"}, {}, {}]


def test_a_change_that_a_sitemap_of_yesterday_did_not_know_is_read(tmp_path: Path) -> None:
    """What changed in the day before the last inspection may not have been told to it."""
    began = datetime(2026, 3, 2, 3, tzinfo=UTC)
    one = Fetched(listing=Listing(platform="p", listing_id="a", seen_at=began))
    known = Known(written(tmp_path / "known", {"a": one}, began))
    ago = {hours: known.is_since(began - timedelta(hours=hours), "a") for hours in (-1, 1, 23, 25)}
    assert ago == {-1: False, 1: False, 23: False, 25: True}


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    """A crawl does not begin with half of what is known."""
    (tmp_path / "known").write_text("[1, 2]")
    with pytest.raises(CrawlError):
        Known(tmp_path / "known")
