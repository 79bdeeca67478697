"""Fitting: from examples to a table that tells them apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scanner.likeness import CATEGORIES
from scanner.likeness.weights import UNIT, Likeness, place_of
from scanner.text.views import Batch

# A large package that only whoever fits weights anew needs (extra ``learn``).
learn = pytest.importorskip("scanner.likeness.learn", reason="scikit-learn is not installed")

OFFERS = ("名下的卡转给你用，插上就能打", "借个号用几天，按天给钱", "卡多，都是别人开的，停了包换")
LAWFUL = ("木桌转让，角上有点磨损", "借书证套，按天发货", "多肉一盆，停水也能活")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Sixty examples: each text with a number behind it."""
    rows = [
        {"title": text, "description": f"第{number}件，{text}，自提", "labels": labels}
        for number in range(10)
        for texts, labels in ((OFFERS, ["phone_card"]), (LAWFUL, []))
        for text in texts
    ]
    path = tmp_path / "examples.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_what_was_learnt_tells_offers_from_other_goods(file: Path) -> None:
    """The fitted table knows its own examples, and which category they offer."""
    arrays = learn.learn(learn.examples([file]))
    fitted = Likeness(arrays["keys"], arrays["weights"], arrays["constants"])
    told = [(("title", text), ("description", f"第三件，{text}，自提")) for text in (OFFERS[0], LAWFUL[0])]
    offer, other = fitted.scores(Batch(told))
    assert offer > 0 > other
    assert fitted.categories(Batch(told), [0]) == ["phone_card"]


def test_no_two_words_share_a_place_and_weights_are_whole(file: Path) -> None:
    """The heaviest of those that would share one is kept."""
    arrays = learn.learn(learn.examples([file]))
    assert len(np.unique(place_of(arrays["keys"]))) == len(arrays["keys"])
    assert arrays["weights"].dtype == np.int32
    assert np.abs(arrays["weights"]).max() > UNIT // 4
    assert arrays["weights"].shape[1] == 1 + len(CATEGORIES)


def test_a_text_counts_once(file: Path) -> None:
    """The same example in two files is one example."""
    assert len(learn.examples([file, file])) == len(learn.examples([file])) == 60


def test_a_label_that_is_no_category_is_refused(file: Path) -> None:
    """A slip of the pen would otherwise teach nothing and say nothing."""
    file.write_text(json.dumps({"title": "x", "labels": ["phone card"]}), "utf-8")
    with pytest.raises(SystemExit, match=r"examples\.jsonl:1: .*phone card"):
        learn.examples([file])
