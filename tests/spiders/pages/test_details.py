"""Specifications, choices, questions and breadcrumbs are read off any page, and others' are left out."""

from __future__ import annotations

import time

import pytest

from scanner.model import Listing
from spiders.pages import Page, read_page

LD = (
    '<script type="application/ld+json">{"@type": "Product", "name": "Kettle", "sku": "K-1", %s'
    '"offers": {"price": "12.00", "priceCurrency": "EUR", "availability": "InStock"}}</script>'
)


def read(body: str, *, url: str = "http://tea.test/p/1", more: str = "") -> Listing:
    """The listing on a page whose structured data says everything but the details."""
    page = Page(body=f"<html><title>Kettle</title>{LD % more}<h1>Kettle</h1>{body}</html>".encode(), url=url)
    found = read_page(page, platform="tea")
    assert isinstance(found, Listing)
    return found


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ("<table><tr><th>Colour</th><td>Red</td></tr></table>", "attributes", {"Colour": "Red"}),
        ("<dl><dt>容量:</dt><dd>一升</dd></dl>", "attributes", {"容量": "一升"}),
        ("<select name=size><option>Choose a size</option><option>Small</option><option>加V议价</option></select>",
         "options", ("Small", "加V议价")),
        ("<ul class='product-options variant-list'><li><button>Red</button></li><li><button>Blue</button></li></ul>",
         "options", ("Red", "Blue")),
        ("<select name=qty><option>One</option><option>Two</option></select>", "options", ()),
        ("<select name=pieces><option>1</option><option>2</option></select>", "options", ()),
        ("<div class='customer-questions'><ul><li>Q: Real name? A: No need.</li></ul></div>",
         "questions", ("Q: Real name? A: No need.",)),
        ("<nav aria-label='Breadcrumb'><a href=/>Home</a> > <a href=/t>Tea</a> > <span>Kettle</span></nav>",
         "category_path", ("Tea",)),
        ("<ol class=breadcrumb><li><a href=/>首页</a></li><li><a href=/k>茶具</a></li></ol>",
         "category_path", ("茶具",)),
        ("<p>breadcrumb, question and variant are only words here</p>", "category_path", ()),
    ],
)  # fmt: skip
def test_details_are_read_beside_structured_data(body: str, field: str, expected: object) -> None:
    """Each part by how shops write it, and named as what found it."""
    found = read(body)
    assert getattr(found, field) == expected
    assert found.provenance.get(field, "") == ("details" if expected else "")
    assert found.provenance["price"] == "json-ld"


def test_the_shops_departments_are_no_choice_of_goods() -> None:
    """A list before the heading searches the shop: a department of gift cards there says nothing of this listing."""
    departments = "<select name=dep><option>Gift cards</option><option>Tea</option></select>"
    body = f"<html>{LD % ''}{departments}<h1>Kettle</h1></html>"
    found = read_page(Page(body=body.encode(), url="http://tea.test/p/1"), platform="tea")
    assert isinstance(found, Listing)
    assert found.options == ()


def test_questions_of_structured_data_are_read() -> None:
    """schema.org's FAQPage: a question and its accepted answer."""
    faq = (
        '<script type="application/ld+json">{"@type": "FAQPage", "mainEntity": [{"@type": "Question",'
        ' "name": "Real name?", "acceptedAnswer": {"@type": "Answer", "text": "<p>Not asked.</p>"}}]}</script>'
    )
    assert read(faq).questions == ("Real name? Not asked.",)


@pytest.mark.parametrize(
    ("more", "url", "label", "expected"),
    [
        ("", "http://tea.test/p/1", "Make / manufacturer", "Kettle Works"),
        ('"brand": "Tea",', "http://www.tea.test/p/1", "Brand", "Kettle Works"),
        ('"brand": "Other",', "http://tea.test/p/1", "Brand", "Other"),
    ],
)
def test_a_table_names_the_brand(more: str, url: str, label: str, expected: str) -> None:
    """Where nothing else does, or where the structured data only repeats the shop's own name."""
    found = read(f"<table><tr><td>{label}</td><td>Kettle Works</td></tr></table>", url=url, more=more)
    assert found.brand == expected


@pytest.mark.parametrize(
    "bait",
    [
        "<select>" * 20_000,
        "<table><tr><td>a</td><td>b</td></tr>" * 20_000,
        "<div class='variant question breadcrumb'>" * 20_000,
        "<div class=" + "variant" * 100_000,
        "crumb" * 200_000,
    ],
)
def test_bait_costs_no_more_than_a_page(bait: str) -> None:
    """However often the words stand there, and whether anything is ever closed."""
    begun = time.process_time()
    read(bait)
    assert time.process_time() - begun < 3
