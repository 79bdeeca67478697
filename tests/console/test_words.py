"""The catalogues: everything that people read is there in every language."""

from __future__ import annotations

import re

import pytest

from scanner.console.languages import FOLDER, Languages, read_catalogue
from scanner.console.refusals import told
from scanner.console.visible import shown
from scanner.console.words import missing, texts
from scanner.errors import Conflict, Forbidden, IllegalMove
from scanner.model import Actor, CaseState, Role
from scanner.moderation.permissions import Deed, require
from scanner.workflow import CaseMove


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
            assert set(re.findall(r"{(\w+)", string)) == set(re.findall(r"{(\w+)", ids[-1])), message


def test_refusals_are_told_in_the_readers_words() -> None:
    """Template and values apart, codes among the values in words; what has no translation stays as it is."""
    chinese = Languages()["zh_Hans"]
    error = IllegalMove("a case that is {state} cannot {move}", state=CaseState.ON_HOLD, move=CaseMove.CLAIM)
    assert str(error) == "a case that is on_hold cannot claim"
    assert told(error, chinese)[0] == "状态为“暂缓”的案件不能执行“领取”"
    assert told(Conflict("{who} <was> faster", who="li"), chinese) == ("li <was> faster", "")
    with pytest.raises(Forbidden) as refused:
        require(Actor(name="li", role=Role.REVIEWER), Deed.MANAGE_PEOPLE)
    assert told(refused.value, chinese)[0] == "角色“审核员”无权：管理账号"


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
