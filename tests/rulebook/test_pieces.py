"""What a pattern needs around its literals: known where it can be, and never a reason to miss a match."""

from __future__ import annotations

import random

import pytest

from scanner.rulebook.lexicon import Lexicon, Pattern
from scanner.rulebook.patterns import in_folded_alphabet
from scanner.rulebook.pieces import Neighbour, settings
from scanner.text.tables import load

KNOWN = {
    "(给|帮|替)(你)?[^。]{0,6}刷[^，]{0,4}(票|粉)": (
        "刷",
        {Neighbour(frozenset("给帮替"), -8, 0), Neighbour(frozenset("票粉"), 0, 5)},
    ),
    r"\d+元?一把钥匙": ("一把钥匙", {Neighbour(frozenset("0123456789"), -2, 0)}),
    "钥匙(孔|扣)": None,
    "钥匙.*": None,
    r"尾号?\s*(\d{3,5}|[a-z]{3})\b": (
        "尾",
        {Neighbour(frozenset("0123456789abcdefghijklmnopqrstuvwxyz"), 0, 7)},
    ),
}


@pytest.mark.parametrize("pattern", KNOWN)
def test_a_setting_names_the_literal_and_its_neighbours(pattern: str) -> None:
    """The rarest literal is what is looked for; what stands near it is known with the farthest distance."""
    (found,) = settings(in_folded_alphabet(pattern, load()), load())
    expected = KNOWN[pattern]
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found.texts == {expected[0]}
        assert expected[1] <= set(found.neighbours)


ALIKE = r"\bcard[^.]{0,9}gift|\bcard[^.]{0,9}phone"


def test_alternatives_that_begin_alike_are_told_apart() -> None:
    """Each has neighbours of its own, though the parser writes what all begin with only once."""
    gift, phone = (one and {one.texts, *(near.texts for near in one.neighbours)} for one in settings(ALIKE, load()))
    assert gift == {frozenset({"card"}), frozenset({"gift"})}
    assert phone == {frozenset({"card"}), frozenset({"phone"})}


PATTERNS = (
    r"(给|帮|替|代)(你|您家)?[^，。]{0,6}(刷|补|冲)[^，。]{0,4}(人|票|好评)",
    r"\d+(\.\d+)?\s*(元|块)?\s*[/一每]\s*(单|个|张)",
    r"(垫|先付)[^。]{0,14}(返|退|还给)|按要求(买|拍)",
    r"(?:[几\d]+张){2,}匙(孔)?[^x]{0,3}扣",
    r"缺[几多]{1,3}[^，。]{0,2}[票赞粉单]",
    r"(re|fa) ?(\w+ )?(au|an)\b",
    r"[刷补]+(票){1,2}(给|代)?",
    r"\b(ab|re)\b[^.]{0,9}\b(ba|ers?)\b|\b(be|ra) (\d{2}|ab)",
    r"a(b|r)[^.]{0,4}r(ab|bar|rabab)",
    r"尾号?\s*(\d{3,5}|[a-z]{3})\b",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_a_pattern_matches_is_never_ruled_out(pattern: str) -> None:
    """Of thousands of random texts from a pattern's own characters none with a match counts as without."""
    chance = random.Random(pattern)
    lexicon = Lexicon.build([], patterns=[Pattern(0, pattern), Pattern(1, f"(?:{pattern})|^犇犇")])
    alphabet = "".join(char for char in pattern if char.isalnum()) + "， 。*5张"
    documents = [(("text", "".join(chance.choices(alphabet, k=chance.randint(1, 40)))),) for _ in range(3_000)]
    hits = lexicon.find(documents)
    matched = 0
    for number in range(len(documents)):
        found, everywhere = (hits.late_marks(number, number_of_list) for number_of_list in (0, 1))
        assert [(mark.start, mark.end) for mark in found] == [(mark.start, mark.end) for mark in everywhere]
        matched += bool(found)
    assert matched
