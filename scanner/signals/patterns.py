"""How this room's patterns are run: RE2, several forms in one pass, and only where they can match at all.

RE2 is linear in the text whatever the pattern, so a seller cannot make it hang. Over a listing of 600 characters one
pass costs 6 µs; asking first whether the text has a character that every match must hold costs a twentieth of one, and
asking for two characters together, which is slower, a half.
(One ``re2.Set`` of all patterns is no way out: on text it has not seen, the automaton of forty patterns grows with
almost every character, at 2 µs each.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain, islice
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
        self._source = "|".join(f"({form.source})" for form in self._forms) if not is_single else self._forms[0].source
        self._compiled = re2.compile(self._source)
        # Where several forms are, each has a group of its own around its own groups.
        self._own = 0 if is_single else 1
        self._inner = self._compiled.groups // len(self._forms) - self._own

    def matches(self, text: str, encoded: bytes, most: int) -> Iterator[Match]:
        """The first ``most`` matches in a text, which is given in UTF-8 too, as RE2 reads it."""
        for piece in self._needs:
            if piece in text:
                break
        else:
            if self._needs:
                return iter(())
        found = self._compiled.finditer(encoded)
        first = next(found, None)
        if first is None:
            return iter(())
        tried = chain((first,), islice(found, most * _TRIES - 1))
        return islice(self._in_text(text, encoded, tried), most)

    def may_match(self, texts: Sequence[bytes]) -> set[int]:
        """The numbers of the texts, in UTF-8, with some border behind each, that it is worth asking: perhaps not all of
        them match, but all that do are there. RE2 reads them joined, which takes a fraction of the time.

        No form asks for the beginning or the end of a text but as one choice beside a character, as a border is one.
        """
        joined, ends = b"".join(texts), [*accumulate(map(len, texts))]
        found: set[int] = set()
        at = 0
        while at < len(joined) and (match := self._without_groups.search(joined, at)):
            first, last = match.span()
            # Of a match over several texts nobody knows what it hides in any of them.
            own = range(bisect_right(ends, first), bisect_right(ends, max(first, last - 1)) + 1)
            found.update(own)
            at = ends[own[-1]]
        return found

    @cached_property
    def _without_groups(self) -> Any:
        """The same, for where is quicker to say than what each group has."""
        options = re2.Options()
        options.never_capture = True
        return re2.compile(self._source.encode(), options)

    def _in_text(self, text: str, encoded: bytes, found: Iterable[Any]) -> Iterator[Match]:
        """The matches that nothing at their edges forbids, by characters."""
        done, place = 0, 0
        for match in found:
            first, last = match.span()
            start = place + len(encoded[done:first].decode())
            end = start + len(encoded[first:last].decode())
            done, place = last, end
            number = self._form_of(match)
            form = self._forms[number]
            if start < end and not _borders(text, start, end, form):
                group = 1 + self._own + number * (self._inner + self._own)
                groups = tuple((match[group + i] or b"").decode() for i in range(self._inner))
                yield Match(start, end, groups, number)

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
