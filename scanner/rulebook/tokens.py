"""The words of a condition: tokens with the character each begins at, the names that may be used, and the one error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from scanner.rulebook.faults import quoted

# Linear in the text, as each part begins with other characters; RE2 takes ten times as long for so short matches.
_TOKEN = re.compile(
    r"[ \t\r\n]*(?:([0-9]+(?:\.[0-9]+)?%?)|([A-Za-z_][A-Za-z0-9_.]*)|(<=|>=|==|!=|[<>=(),])"
    r'|"([^"]*)"|([^ \t\n\r\f(),<>=!"]+)|(.))',
)
_KINDS = ("", "number", "name", "sign", "quoted", "word", "bad")
# What a Chinese input method writes for the signs of a condition, one for one.
_HALF_WIDTH = str.maketrans("（），＜＞＝“”　", '(),<>="" ')


class ConditionError(Exception):
    """What is wrong in a condition, and at which character (from 0)."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


class Names:
    """The names a condition may use: term lists and patterns by number, and signals. ``unread`` files may hold more."""

    def __init__(self, lists: dict[str, int], signals: Iterable[str], *, unread: Iterable[str] = ()) -> None:
        self.lists = lists
        self.signals = frozenset(signals)
        self._unread = frozenset(unread)

    def may_exist(self, name: str) -> bool:
        """Whether ``name`` points into a file that has faults of its own: then nothing can be said against it."""
        return name.partition(".")[0] in self._unread


class Token(NamedTuple):
    """A number, a name, a sign, a quoted or another word, or the end."""

    kind: str
    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of a condition, the end last; raises ``ConditionError``."""
    text = text.translate(_HALF_WIDTH)
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            break
        number = found.lastindex or 0
        word, start = found[number], found.start(number)
        if _KINDS[number] == "bad":
            raise ConditionError(f"{quoted(word)} is not part of a condition", start)
        tokens.append(Token(_KINDS[number], word, start))
        at = found.end()
    tokens.append(Token("end", "", len(text)))
    return tokens
