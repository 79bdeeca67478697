"""Literals with what belongs to them: one set for each kind of reading, built from the ways that terms are written.

Several terms may share a literal, and a literal may stand for entries, for a pattern's atoms and for cover words: all
of them are its *owners*. Everything is arrays, so that a vocabulary is stored, restored and shared as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.kernels import declarations
from scanner.rulebook import literals
from scanner.rulebook.checks import NO_EDGE, Traits, unit_class
from scanner.rulebook.literals import Index, LiteralIndex, spans
from scanner.rulebook.variants import LONGEST_TERM, Writing

# Units of the literals that come first.
SHORT = 2


class Owned(NamedTuple):
    """One row for each owner of each hit's literal: the hit's row, the owner, and the view that the way counts in."""

    row: Index
    owner: Index
    view: Index


class _Vocabulary(NamedTuple):
    literals: LiteralIndex
    traits: Traits
    masked: npt.NDArray[np.int32]
    bounds: npt.NDArray[np.int32]
    owners: npt.NDArray[np.int32]
    views: npt.NDArray[np.uint8]


class Vocabulary(_Vocabulary):
    """An index of literals, their traits, and the owners of literal ``i``: ``owners[bounds[i]:bounds[i + 1]]``."""

    @cached_property
    def record(self) -> declarations.Owners:
        """The owners as kernels take them."""
        return declarations.Owners.of(bounds=self.bounds, owners=self.owners, views=self.views)

    def owned(self, literal: Index) -> Owned:
        """The owners of every hit."""
        first = self.bounds[literal]
        count = self.bounds[literal + 1] - first
        at = spans(first, count)
        row = np.repeat(np.arange(len(literal)), count)
        return Owned(row, self.owners[at].astype(np.intp), self.views[at].astype(np.intp))

    def only(self, owners: npt.NDArray[np.bool_]) -> Vocabulary:
        """The words of some owners alone; literals keep their numbers."""
        kept = owners.take(self.owners, mode="clip") & (self.owners < len(owners))
        bounds = np.concatenate(([0], np.cumsum(kept, dtype=np.int32)))[self.bounds].astype(np.int32)
        literals = self.literals.only(np.diff(bounds) > 0)
        return self._replace(literals=literals, bounds=bounds, owners=self.owners[kept], views=self.views[kept])


def build(ways: Iterable[tuple[Writing, int, int]]) -> Vocabulary:
    """A vocabulary of ``(way, owner, view number)``; equal literals with equal traits are one."""
    grouped: dict[tuple[str, int, bool, int], dict[int, int]] = {}
    for way, owner, view in ways:
        if 1 <= len(way.units) <= LONGEST_TERM:
            owners = grouped.setdefault((way.units, way.own_gaps, way.alone, way.masked), {})
            owners[owner] = min(view, owners.get(owner, view))
    # Short ones occur most: side by side, what is known of them stays near the processor.
    order = np.argsort([len(key[0]) > SHORT for key in grouped], kind="stable").tolist()
    keys, owned = ([column[at] for at in order] for column in ([*grouped], [*grouped.values()]))
    index = literals.build([key[0] for key in keys])
    counts = [len(owners) for owners in owned]
    return Vocabulary(
        literals=index,
        traits=_traits(keys, index),
        masked=np.array([key[3] for key in keys], np.int32),
        bounds=np.cumsum([0, *counts]).astype(np.int32),
        owners=np.array([owner for owners in owned for owner in owners], np.int32),
        views=np.array([view for owners in owned for view in owners.values()], np.uint8),
    )


def _traits(keys: list[tuple[str, int, bool, int]], index: LiteralIndex) -> Traits:
    ends = (index.starts + index.lengths - 1).astype(np.intp)
    nothing = np.full(0, NO_EDGE, np.uint8)
    return Traits(
        lengths=index.lengths,
        left=unit_class(index.units[index.starts]) if keys else nothing,
        right=unit_class(index.units[ends]) if keys else nothing,
        own_gaps=np.array([key[1] for key in keys], np.uint64),
        alone=np.array([key[2] for key in keys], np.bool_),
    )


def to_arrays(words: Vocabulary) -> list[npt.NDArray[np.generic]]:
    """The arrays that the vocabulary is made of."""
    return [words.literals.units, words.literals.lengths, words.literals.anchors, *words.traits, *words[2:]]


def from_arrays(arrays: list[npt.NDArray[np.generic]]) -> Vocabulary:
    """The vocabulary whose arrays these are. Raises ``ValueError`` where they do not fit together."""
    columns: list[Any] = list(arrays)
    traits = 3 + len(Traits._fields)
    made = Vocabulary(LiteralIndex(*columns[:3]), Traits(*columns[3:traits]), *columns[traits:])
    if not _fits(made):
        raise ValueError("a damaged vocabulary")
    return made


def _fits(words: Vocabulary) -> bool:
    """Whether no number leads out of its array: kernels trust these."""
    lengths, anchors = words.literals.lengths, words.literals.anchors
    of_literals = (anchors, *words.traits, words.masked)
    ragged = np.diff(words.bounds, prepend=np.int32(0))
    return (
        len(words.bounds) == len(lengths) + 1
        and all(len(column) == len(lengths) for column in of_literals)
        and len(words.owners) == len(words.views) == words.bounds[-1]
        and words.bounds[0] == 0
        and bool((ragged >= 0).all() and (words.owners >= 0).all() and (lengths > 0).all())
        and int(lengths.sum(dtype=np.int64)) == len(words.literals.units)
        and bool(((anchors >= 0) & (anchors + np.minimum(lengths, literals.WIDEST) <= lengths)).all())
    )
