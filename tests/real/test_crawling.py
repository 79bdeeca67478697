"""Real shops are crawled by their address, or by a declaration alone, and everything that they count is found."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

PRODUCTS = "{ products { totalItems } }"


def asked(url: str, body: dict[str, Any] | None = None) -> Any:
    """The JSON that a shop answers."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310  # loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # as above
        return json.load(answer)


def count_of(told: str, what: str) -> int:
    """The number beside ``what`` in the table of coverage."""
    found = re.search(rf"{what}\s*│\s*(\d+)", told)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("source", ["URL", "oscar", "catalogue"])
def test_oscar_is_found_whole(
    oscar: Any, describe: Callable[..., None], delist: Callable[..., Any], source: str
) -> None:
    """By its address alone, by its sitemaps, by its lists: as many listings as its own API counts, and no category."""
    count = asked(f"{oscar.url}/api/products/?limit=1")["count"]
    describe(oscar=oscar)
    said = delist("inspect", f"{oscar.url}/", "--rate", "500") if source == "URL" else delist("inspect", source)
    assert said.code == 0, said.out
    assert count_of(said.out, "fetched") == count == oscar.products, said.out
    assert "6 flagged; 6 cases opened" in said.out, said.out


def test_vendure_is_found_whole_by_a_declaration(
    vendure: Any, describe: Callable[..., None], delist: Callable[..., Any]
) -> None:
    """GraphQL by POST, an offset in the variables, prices in cents, names in two languages."""
    count = asked(f"{vendure.url}/shop-api", {"query": PRODUCTS})["data"]["products"]["totalItems"]
    describe(vendure=vendure)
    said = delist("inspect", "vendure")
    assert said.code == 0, said.out
    assert count_of(said.out, "fetched") == count == vendure.products, said.out
    assert f"the platform itself counts {count}" in said.out
    assert "3 flagged; 3 cases opened" in said.out, said.out
    case = json.loads(delist("show", "1", "--json").out)
    assert "免实名" in case["version"]["listing"]["description"]
    assert case["version"]["listing"]["currency"] == "USD"
    assert 5 <= float(case["version"]["listing"]["price"]) < 100
