"""The catalogues: everything that people read is there in every language."""

from __future__ import annotations

import re

import pytest

from scanner.console.languages import FOLDER, read_catalogue
from scanner.console.visible import shown
from scanner.console.words import missing, texts


def test_every_text_is_in_the_chinese_catalogue() -> None:
    """No page falls back to English by accident."""
    assert list(missing("zh_Hans")) == []


def test_places_for_values_are_the_same_in_every_language() -> None:
    """A translation that misspells a value's place would break its page."""
    known = read_catalogue(FOLDER / "zh_Hans")
    for message in texts():
        ids = (message,) if isinstance(message, str) else message
        said = known[ids[0]].string
        for string in (said,) if isinstance(said, str) else said:
            assert set(re.findall(r"%\((\w+)\)s", string)) <= set(re.findall(r"%\((\w+)\)s", ids[-1])), message


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>&", "&lt;b&gt;&amp;"),
        ("手\u200b机", '手<span class="unseen" title="ZERO WIDTH SPACE">ZWSP</span>机'),
        ("a\u202eb", 'a<span class="unseen" title="RIGHT-TO-LEFT OVERRIDE">RLO</span>b'),
        ("\x00", '<span class="unseen" title="U+0000">U+0000</span>'),
        ("e\u0301", "e\u0301"),
    ],
)
def test_what_hides_is_shown(text: str, html: str) -> None:
    """Markup is text, and characters that are not seen are seen."""
    assert shown(text) == html
