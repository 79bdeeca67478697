"""How this room's patterns are run: RE2, several forms in one pass, and only where they can match at all.

RE2 is linear in the text whatever the pattern, so a seller cannot make it hang. Over a listing of 600 characters one
pass costs 6 µs; asking first whether the text has a character that every match must hold costs a tenth of one.
(One ``re2.Set`` of all patterns is no way out: on text it has not seen, the automaton of forty patterns grows with
almost every character, at 2 µs each.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import re2

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALNUM = DIGITS + LETTERS

# Matches looked at for each one reported, at most: a text of nothing but near misses stays cheap.
_TRIES = 10


class Form(NamedTuple):
    """One way to write a thing, in RE2, and the characters that may not stand right before and after it."""

    source: str
    before: str = ""
    after: str = ""


class Match(NamedTuple):
    """Where a form stands in the folded text, the texts of the form's groups, and which form it was."""

    start: int
    end: int
    groups: tuple[str, ...]
    form: int


class Pattern:
    """Forms of one thing, tried in their order at each place. All forms have equally many groups.

    ``needs``: pieces of which any text that matches holds at least one (none: not worth asking).
    """

    def __init__(self, *forms: Form | str, needs: Iterable[str] = ()) -> None:
        self._forms = tuple(form if isinstance(form, Form) else Form(form) for form in forms)
        self._needs = tuple(needs)
        is_single = len(self._forms) == 1
        self._compiled = re2.compile(
            "|".join(f"({f.source})" for f in self._forms) if not is_single else self._forms[0].source
        )
        # Where several forms are, each has a group of its own around its own groups.
        self._own = 0 if is_single else 1
        self._inner = self._compiled.groups // len(self._forms) - self._own

    def matches(self, text: str, most: int, encoded: bytes | None = None) -> Iterator[Match]:
        """The first ``most`` matches in ``text``; ``encoded`` is the same in UTF-8, which RE2 can read at once."""
        if self._needs and not any(piece in text for piece in self._needs):
            return iter(())
        if encoded is not None and self._compiled.search(encoded) is None:
            return iter(())
        return islice(self._tried(text, most * _TRIES), most)

    def _tried(self, text: str, tries: int) -> Iterator[Match]:
        for match in islice(self._compiled.finditer(text), tries):
            start, end = match.span()
            number = self._form_of(match)
            form = self._forms[number]
            if start < end and not _borders(text, start, end, form):
                first = 1 + self._own + number * (self._inner + self._own)
                yield Match(start, end, tuple(match[first + i] or "" for i in range(self._inner)), number)

    def _form_of(self, match: Any) -> int:
        """The number of the form that matched: the one whose own group took part."""
        if len(self._forms) == 1:
            return 0
        span = match.span
        return next(number for number in range(len(self._forms)) if span(1 + number * (self._inner + 1))[0] >= 0)


def _borders(text: str, start: int, end: int, form: Form) -> bool:
    """Whether a character stands at the match's edge that may not."""
    return bool(
        (form.before and start and text[start - 1] in form.before)
        or (form.after and text[end : end + 1] and text[end] in form.after)
    )
