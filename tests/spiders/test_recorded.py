"""Recordings as inputs: WARC and HAR files, damaged ones told as such."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import InputError
from scanner.model import Fetched, Skipped
from scanner.settings import Source
from spiders.evidence import Evidence
from spiders.recorded import pages

PRODUCT = json.dumps({"@type": "Product", "name": "Mug", "offers": {"price": "3.50", "priceCurrency": "EUR"}})
PAGE = f'<html><script type="application/ld+json">{PRODUCT}</script><h1>Mug</h1></html>'


def har(path: Path, *entries: tuple[str, int, str, dict[str, str]]) -> Path:
    """A HAR file of these: address, status, type, content."""
    rows = [
        {"startedDateTime": "2026-03-01T12:00:00.000Z", "request": {"url": url, "method": "GET"},
         "response": {"status": status, "content": {"mimeType": kind, **content}}}
        for url, status, kind, content in entries
    ]  # fmt: skip
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": rows}}))
    return path


def test_a_browsers_recording_is_read(crawl: Callable[..., Any], tmp_path: Path) -> None:
    """Listings by their addresses, text or base64; pictures, redirects and the front page are none."""
    packed = {"text": base64.b64encode(PAGE.encode()).decode(), "encoding": "base64"}
    file = har(
        tmp_path / "shop.har",
        ("https://a.example/mug/1", 200, "text/html; charset=utf-8", {"text": PAGE}),
        ("https://a.example/mug/2", 200, "text/html", packed),
        ("https://a.example/mug.png", 200, "image/png", packed),
        ("https://a.example/old", 301, "text/html", {}),
        ("https://a.example/", 200, "text/html", {"text": PAGE}),
    )
    done = crawl(Source(name="kept", walker="saved", start=(str(file),)))
    assert done.results[0].is_good
    assert [one.listing.listing_id for one in done.observations if isinstance(one, Fetched)] == ["mug/1", "mug/2"]
    assert [one.url for one in done.observations if isinstance(one, Skipped)] == ["https://a.example/"]


def test_a_warc_is_read_with_its_encodings_undone(tmp_path: Path) -> None:
    """Bodies are kept as sent and read as meant; the time is that of the capture."""
    seen = datetime(2026, 3, 1, tzinfo=UTC)
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    with Evidence(tmp_path, "part") as file:
        body = gzip.compress(PAGE.encode())
        file.keep("https://a.example/mug/1", status=200, headers=headers, body=body, seen_at=seen)
    (page,) = pages(tmp_path / "part-1.warc.gz")
    assert (page.body, page.url, page.seen_at) == (PAGE.encode(), "https://a.example/mug/1", seen)


@pytest.mark.parametrize("name", ["a.har", "a.warc", "a.warc.gz"])
def test_what_is_no_recording_is_told(tmp_path: Path, name: str) -> None:
    """Neither format accepts just any bytes."""
    (tmp_path / name).write_bytes(b"neither of them")
    with pytest.raises(InputError):
        list(pages(tmp_path / name))
