"""Hits as rows of numbers on their way to the answer: put in order, without doubles, without what cover words cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import checking, declarations
from scanner.model import View
from scanner.rulebook.literals import Index, spans
from scanner.text.views import Place

# The numbers in ``Rows.view`` index this.
VIEWS: tuple[View, ...] = tuple(View)
NUMBER_OF: Mapping[View, int] = {view: number for number, view in enumerate(VIEWS)}
# Bits of the sorting key: size (longer ones count as equal), owner, view.
_SIZE, _OWNER, _VIEW = 13, 20, 4


class Rows(NamedTuple):
    """``at``: first character, counted over the batch; ``size`` in characters; ``owner``: entry, pattern or cover."""

    at: Index
    size: Index
    owner: Index
    view: Index
    gap: Index

    def take(self, chosen: Index) -> Rows:
        """Some of the rows, in the order given."""
        return Rows(*(column[chosen] for column in self))

    @property
    def ordered(self) -> declarations.Ordered:
        """Rows in order as kernels take them."""
        return declarations.Ordered.of(at=self.at, size=self.size, owner=self.owner, count=len(self.at))


NO_ROWS = Rows(*(np.zeros(0, np.intp) for _ in Rows._fields))


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows of several parts."""
    return Rows(*map(np.concatenate, zip(*parts, strict=True))) if parts else NO_ROWS


def in_order(rows: Rows) -> Rows:
    """Sorted by place; of several rows of one owner at one place the one in the plainest view."""
    key = rows.at << _SIZE | np.minimum(rows.size, (1 << _SIZE) - 1)
    key = (key << _OWNER | rows.owner) << _VIEW | rows.view
    # The parts that make up the rows are in order already, which a stable sort is quick to notice.
    order = np.argsort(key, kind="stable")
    place = key[order] >> _VIEW
    return rows.take(order[np.concatenate(([True], place[1:] != place[:-1]))] if len(place) else order)


def uncovered(rows: Rows, covers: Rows, list_of: Index) -> Rows:
    """The rows that lie in no cover word of their list. Both are in order; ``list_of`` says of each owner its list."""
    if not len(rows.at) or not len(covers.at):
        return rows
    library = kernels.library()
    if library is not None:
        kept = checking.uncover(library, rows.ordered, covers.ordered, list_of)
        return rows.take(np.flatnonzero(kept))
    first = np.searchsorted(rows.at, covers.at)
    count = np.searchsorted(rows.at, covers.at + covers.size) - first
    inside = spans(first, count)
    cover = np.repeat(np.arange(len(count)), count)
    ends = rows.at[inside] + rows.size[inside] <= (covers.at + covers.size)[cover]
    named = list_of[covers.owner[cover]] == list_of[rows.owner[inside]]
    kept = np.ones(len(rows.at), np.bool_)
    kept[inside[ends & named]] = False
    return rows.take(np.flatnonzero(kept))


def most_of_each(rows: Rows, place: Place, most: int) -> tuple[Rows, Place, Rows]:
    """The first ``most`` rows of each owner in each document, their places, and the rows that were left out."""
    library = kernels.library()
    if library is not None:
        among = checking.most(library, place.document, rows.owner, most) if len(rows.at) > most else None
        return (rows, place, NO_ROWS) if among is None else _parted(rows, place, among)
    nothing: Index = np.zeros(0, np.intp)
    asked = np.flatnonzero((np.bincount(place.document) > most)[place.document]) if len(rows.at) > most else nothing
    key = place.document[asked] << _OWNER | rows.owner[asked]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    left_out = asked[order[rank >= most]]
    if not len(left_out):
        return rows, place, NO_ROWS
    among = np.ones(len(rows.at), np.bool_)
    among[left_out] = False
    return _parted(rows, place, among)


def _parted(rows: Rows, place: Place, among: npt.NDArray[np.bool_]) -> tuple[Rows, Place, Rows]:
    kept = np.flatnonzero(among)
    return rows.take(kept), Place(*(column[kept] for column in place)), rows.take(np.flatnonzero(~among))
