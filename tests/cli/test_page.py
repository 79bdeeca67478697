"""``delist page``: a page function tried on one page."""

from __future__ import annotations

import json

import pytest

PRODUCT = """<html><head><title>Lamp</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Product", "name": "移动手机卡 免实名 10张起批", "sku": "L-1",
 "offers": {"@type": "Offer", "price": "19.00", "priceCurrency": "CNY", "availability": "https://schema.org/InStock"}}
</script></head><body><h1>Lamp</h1></body></html>"""


@pytest.fixture
def saved(tmp_path):
    """A saved product page."""
    file = tmp_path / "lamp.html"
    file.write_text(PRODUCT, encoding="utf8")
    return str(file)


def test_the_listing_and_its_findings_are_shown(delist, saved):
    """Each field is there with the method that found it, and the findings with their rule."""
    said = delist("page", saved, "--json")
    assert said.code == 0, said.err
    document = json.loads(said.out)
    assert document["outcome"] == "listing"
    assert document["page"]["price"] in {"19.00", "19"}
    assert document["page"]["provenance"]["price"]
    assert "phone_card.no_real_name" in {finding["rule"] for finding in document["findings"]}
    assert "免实名" in delist("page", saved).out


def test_the_seller_is_shown_with_the_method_that_found_it(delist, tmp_path):
    """A seller's name and number are found by themselves, and so they are told."""
    offer = '{"price": "19.00", "priceCurrency": "EUR", "seller": {"@type": "Organization", "name": "Kettle"}}'
    file = tmp_path / "pot.html"
    file.write_text(
        f'<script type="application/ld+json">{{"@type": "Product", "name": "Pot", "offers": {offer}}}</script>'
    )
    rows = [line.split() for line in delist("page", str(file)).out.splitlines()]
    methods = {row[1]: row[-2] for row in rows if len(row) > 3 and row[1].startswith("seller")}
    assert methods == {"seller": "json-ld", "seller.name": "json-ld"}


def test_a_fixture_folder_is_kept(delist, saved, tmp_path):
    """``--save`` writes page, meta and listing, and does not overwrite a case."""
    arguments = ("page", saved, "--platform", "shop", "--save", "lamp", "--fixtures", str(tmp_path / "fixtures"))
    assert delist(*arguments).code == 0
    names = {file.name for file in (tmp_path / "fixtures" / "shop" / "lamp").iterdir()}
    assert names == {"page.html", "meta.json", "listing.json"}
    assert delist(*arguments).code == 2


def test_a_page_that_is_no_listing(delist, tmp_path):
    """An ordinary page is told apart from one that cannot be read."""
    (tmp_path / "about.html").write_text("<html><title>About us</title><p>We sell lamps.</p></html>")
    assert delist("page", str(tmp_path / "about.html")).code == 1


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(200), b"%PDF-1.7 binary", None, b"\x1f\x8bbroken"])
def test_what_is_no_page_is_refused(delist, tmp_path, content):
    """A picture, a PDF, a missing or a broken file end with exit code 2 and name the file."""
    file = tmp_path / "thing.html"
    if content is not None:
        file.write_bytes(content)
    said = delist("page", str(file))
    assert said.code == 2
    assert "thing.html" in said.err


def test_only_http_is_fetched(delist):
    """No file or other scheme is opened through a URL."""
    assert delist("page", "file:///etc/hostname").code == 2


def test_two_pages_are_compared_field_by_field(delist, saved, tmp_path):
    """What differs is named with both values, and exit code 1 says that something does."""
    other = tmp_path / "other.html"
    other.write_text(PRODUCT.replace("19.00", "21.00"), encoding="utf8")
    said = delist("page", "--compare", saved, str(other))
    assert (said.code, "price (json-ld → json-ld)" in said.out) == (1, True)
    assert delist("page", "--compare", saved, saved).code == 0
