"""What is wrong with rule files: one fault, one line, ``file:line:column: what — did you mean "…"?``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec

SHOWN = 60


class Fault(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing wrong, where it is. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        """The line that people and editors read."""
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


def quoted(value: object) -> str:
    """``value`` as a person would recognise it, cut to a readable length."""
    text = " ".join(str(value).split())
    return f'"{text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"}"'


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` — did you mean "…"?`` with the nearest known word, or nothing."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if not near:
        # An unqualified name of another file's list is the most frequent slip of all.
        near = [name for name in names if name.rpartition(".")[2] == word]
    return f' — did you mean "{near[0]}"?' if near else ""
