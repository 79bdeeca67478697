"""What a listing contains cannot act on the terminal."""

from __future__ import annotations

import pytest

from scanner.cli.output import inert, marked
from scanner.model import Span, View


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J", "a\u202eb", "zero\u200bwidth", "\x00", "\ud800", "bell\x07", "\u2028", "tab\tline\r\n"],
)
def test_inert_text_moves_nothing_and_keeps_its_length(text):
    """Control, format and surrogate characters are shown one for one as something visible."""
    shown = inert(text)
    assert len(shown) == len(text)
    assert shown.isprintable()


def test_marks_stay_on_their_characters_when_a_long_text_is_cut():
    """The part that is shown contains the first mark, and the mark is on the matched characters."""
    text = "x" * 500 + "手机卡" + "y" * 500
    span = Span(field="title", start=500, end=503, text="手机卡", view=View.FOLDED)
    line = marked(text, [span], limit=60)
    (mark,) = [part for part in line.spans if "yellow" in str(part.style)]
    assert line.plain[mark.start : mark.end] == "手机卡"
    assert len(line.plain) <= 62
