"""The first look at a batch: it spares what has not the words that rules need, and changes no finding."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from scanner.model import Finding, Listing
from scanner.rulebook import Rulebook
from scanner.rulebook.lexicon import Hits, Lexicon
from scanner.rulebook.rulebook import MANY
from scanner.scan import UNREADABLE, scan
from scanner.text.views import Document, Gathered

pytestmark = pytest.mark.usefixtures("engine")

CONDITIONS = (
    "card and free within 30",
    "card then free within 8",
    "(card or tray) and sell",
    "2 of (card, free, tray)",
    "count(card) >= 3 and sell",
    "disguised(card) and not tray within 20",
    "each and free",
    "count(each) >= 2",
    "(free or tray) and not each within 20",
    "card then each",
    "card in title and free in description",
)
PIECES = (
    "出售",
    "台灯",
    "全新包邮，",
    "手机卡",
    "手-机-卡",
    "免实名",
    "托盘",
    "50元一张",
    "元一张",
    "。",
    "\u200b",
    "\ud800",
    "x" * 90,
)
FLOODS = ("手机卡" * 90, "出售" * 1_200, "免实名 " * 70, "5omL5py65Y2hIOWNgeW8oOi1tw== " * 70, "5元一张" * 80)


def _listing(chance: random.Random) -> Listing:
    """Ordinary mostly; now and then telling words, and a word by the hundred."""
    pieces = PIECES if chance.random() < 0.4 else PIECES[:3]
    title, description = ("".join(chance.choices(pieces, k=chance.randint(0, 8))) for _ in range(2))
    flood = chance.choice(FLOODS) if chance.random() < 0.03 else ""
    return Listing(platform="t", listing_id="1", title=title, description=description + flood)


def test_a_batch_finds_what_each_listing_finds_by_itself(
    book: Callable[..., Rulebook], make_rule: Callable[..., str]
) -> None:
    """With the first look and without, in any order and company; words by the hundred are told of alike."""
    chance = random.Random(11)
    made = [_listing(chance) for _ in range(400)]
    rulebook = book(*(make_rule(f"'{when}'", name=f"r{number}") for number, when in enumerate(CONDITIONS)))
    alone = [scan([one], rulebook)[0] for one in made]
    assert scan(made, rulebook) == alone
    order = chance.sample(range(len(made)), len(made))
    shuffled: list[tuple[Finding, ...]] = scan([made[number] for number in order], rulebook, batch=MANY + 3)
    assert shuffled == [alone[number] for number in order]
    found = {finding.rule for findings in alone for finding in findings}
    assert found == {UNREADABLE, *(f"goods.r{number}" for number in range(len(CONDITIONS)))}
    assert scan(made, rulebook, batch=MANY - 1) == alone
    assert max(rulebook.shares(made)) < 0.5


def test_listings_of_nothing_but_words_are_taken_a_few_at_a_time(
    book: Callable[..., Rulebook], make_rule: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words take memory: as many listings of the same length without any are taken together."""
    rulebook = book(make_rule("card and free"))
    monkeypatch.setattr("scanner.rulebook.rulebook.MOST_TOGETHER", 4_000)
    taken: list[int] = []
    find = Lexicon.find

    def noted(lexicon: Lexicon, documents: Sequence[Document], texts: Gathered | None = None) -> Hits:
        taken.append(len(documents))
        return find(lexicon, documents, texts)

    monkeypatch.setattr(Lexicon, "find", noted)
    for text, most in ((("手机卡免实名" * 10)[:60], 50), (("手机卡免实名" + "台灯" * 30)[:60], 66)):
        listings = [Listing(platform="t", listing_id=str(number), description=text) for number in range(MANY + 8)]
        taken.clear()
        assert all(scan(listings, rulebook))
        # The first look sees all of them; what is left comes in portions.
        first, *portions = taken
        assert first == sum(portions) == MANY + 8
        assert max(portions) == most
