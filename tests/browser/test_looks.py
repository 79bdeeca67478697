"""What is drawn stands apart: words in charts and beside numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from scanner.console import charts
from scanner.moderation import cases

Sit = Callable[..., Any]

DAYS = [f"11-{day:02}" for day in range(1, 31)]
CATEGORIES = (
    "account trade", "fraud recruitment", "game goods", "gift cards", "identity data", "IoT cards",
    "payment instruments", "phishing", "phone cards", "recharge cards", "telecom equipment", "verification services",
)  # fmt: skip
# Pairs of words that stand less than four pixels apart, or that the picture cuts off.
CLOSE = """() => {
  const frame = document.querySelector('svg').getBoundingClientRect();
  const words = [...document.querySelectorAll('svg text')].filter(node => node.textContent.trim());
  const boxes = words.map(node => [node.textContent, node.getBoundingClientRect()]).filter(([, box]) => box.width);
  const isNear = (a, b) => a.left < b.right + 4 && b.left < a.right + 4 && a.top < b.bottom && b.top < a.bottom;
  const isCut = box => box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom;
  return [
    ...boxes.flatMap(([one, a], at) => boxes.slice(at + 1).filter(([, b]) => isNear(a, b)).map(([two]) => [one, two])),
    ...boxes.filter(([, box]) => isCut(box)).map(([one]) => [one]),
  ];
}"""


def lines(count: int) -> dict[str, list[float]]:
    """So many lines over the days, each of a category."""
    return {name: [0.0] * 29 + [9.0 + at] for at, name in enumerate(CATEGORIES[:count])}


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(charts.by_day(DAYS, lines(12), stacked=True), id="bars of all categories"),
        pytest.param(charts.by_day(DAYS, lines(3), stacked=True), id="bars of three"),
        pytest.param(charts.by_day(DAYS, lines(5)), id="lines"),
        pytest.param(charts.bars({"a.b": 100.0, "c.d": 40.0}, within={"a.b": (21, 100), "c.d": (9, 70)}), id="shares"),
    ],
)
def test_words_in_a_chart_stand_apart(chromium: Browser, picture: bytes) -> None:
    """Dates, names and figures neither touch one another nor are cut off."""
    page = chromium.new_page(viewport={"width": 720, "height": 480})
    page.set_content(picture.decode())
    assert page.evaluate(CLOSE) == []
    page.close()


def test_an_empty_chart_has_no_scale() -> None:
    """Where nothing is, nothing is measured."""
    words = re.findall(r"<text[^>]*>([^<]+)</text>", charts.bars({}, empty="nothing in these days").decode())
    assert words == ["nothing in these days"]


def test_a_number_stands_apart_from_its_words(sit: Sit) -> None:
    """What folds open says how much there is, after a space."""
    desk = sit("li")
    gap = """() => {
      const summary = document.querySelector('#images summary');
      const words = document.createRange();
      words.selectNodeContents(summary.firstChild);
      return summary.querySelector('small').getBoundingClientRect().left - words.getBoundingClientRect().right;
    }"""
    (number,) = (row.case.id for row in cases.queue(desk.site.store).rows if row.case.listing_id == "32")
    desk.go(f"/cases/{number}")
    assert desk.page.evaluate(gap) >= 3
