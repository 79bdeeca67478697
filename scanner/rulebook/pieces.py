"""Patterns in pieces: what stands around the literal by which a pattern is found, and how near.

``(给|帮|替)(你)?[^。]{0,6}刷`` is found by 刷, which every shop of brushes writes. But 给, 帮 or 替 stands at most
eight characters before it: to look at the neighbours spares most listings the pattern. Distances are counted in the
compact view, where they are at most what they are in the folded text that the pattern reads.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from scanner.rulebook.patterns import Texts, branches_of, is_rare, needed
from scanner.text.tables import Tables

# Neighbours farther away say little. Also what counts as without bound.
FARTHEST = 40
# Texts of a piece that is joined from several.
MOST_TEXTS = 200

_parser: Any = importlib.import_module("re._parser")


class Neighbour(NamedTuple):
    """One of ``texts`` begins ``first`` to ``last`` units from where the literal begins."""

    texts: Texts
    first: int
    last: int


class Setting(NamedTuple):
    """Each match contains one of ``texts``, and near it all ``neighbours``."""

    texts: Texts
    neighbours: tuple[Neighbour, ...]


class _Piece(NamedTuple):
    """A stretch of at most ``width`` units (``None``: no bound); ``texts``: it begins with one of them, if known.

    ``is_whole``: it is one of them, so that the next piece follows it at once.
    """

    texts: Texts
    width: int | None
    is_whole: bool = False


_UNKNOWN: Texts = frozenset()


def settings(pattern: str, tables: Tables) -> tuple[Setting | None, ...]:
    """For each alternative of a (folded) pattern, in the order of ``patterns.needs``, the literal with the most telling
    neighbours; ``None`` where nothing is known."""
    return tuple(_setting(list(_joined(_pieces(branch, tables)))) for branch in branches_of(pattern))


def _setting(pieces: Sequence[_Piece]) -> Setting | None:
    """Around the rarest literal: the fewest, longest texts."""
    told = [i for i, piece in enumerate(pieces) if is_rare(piece.texts)]
    around = [Setting(pieces[i].texts, (*_before(pieces, i), *_after(pieces, i))) for i in told]
    known = [one for one in around if one.neighbours]
    return max(known, key=lambda one: (min(map(len, one.texts)), -len(one.texts)), default=None)


def _before(pieces: Sequence[_Piece], own: int) -> Iterator[Neighbour]:
    distance = 0
    for piece in reversed(pieces[:own]):
        distance += FARTHEST + 1 if piece.width is None else piece.width
        if distance > FARTHEST:
            return
        if piece.texts:
            yield Neighbour(piece.texts, -distance, 0)


def _after(pieces: Sequence[_Piece], own: int) -> Iterator[Neighbour]:
    distance = 0
    for piece, following in zip(pieces[own:], pieces[own + 1 :], strict=False):
        distance += FARTHEST + 1 if piece.width is None else piece.width
        if distance > FARTHEST:
            return
        if following.texts:
            yield Neighbour(following.texts, 0, distance)


def _pieces(parts: Sequence[tuple[Any, Any]], tables: Tables) -> Iterator[_Piece]:
    """The pieces of a sequence, in order."""
    for part in parts:
        kind, value = str(part[0]), part[1]
        known = needed(part, tables)
        if kind == "SUBPATTERN":
            yield from _pieces(list(value[3]), tables)
        elif known.exact is not None:
            yield from _exactly(known.exact)
        elif kind in {"MAX_REPEAT", "MIN_REPEAT"} and value[0]:
            yield from _repeated(value, tables)
        else:
            yield _Piece(_UNKNOWN, _width(part))
            if begin := _begin(known.head):
                # It may stand anywhere in the part: of a long beginning only the end is known.
                yield _Piece(begin, _width(part))


def _exactly(texts: Texts) -> Iterator[_Piece]:
    """Texts of which one stands; with the empty one among them, perhaps none does."""
    width = max(map(len, texts))
    if "" not in texts:
        yield _Piece(texts, width, is_whole=True)
    elif width:
        yield _Piece(_UNKNOWN, width)


def _repeated(value: Any, tables: Tables) -> Iterator[_Piece]:
    """The first time, all between, and the last time, which what follows is joined to."""
    inner = list(_joined(_pieces(list(value[2]), tables)))
    once = _width_of(inner)
    times = min(int(value[1]), FARTHEST + 1) - 1
    yield from (piece._replace(is_whole=False) for piece in inner)
    yield _Piece(_UNKNOWN, None if once is None or once * times > FARTHEST else once * times)
    if len(inner) == 1 and inner[0].is_whole:
        yield inner[0]


def _begin(texts: Texts) -> Texts:
    """The texts, or if they are too many what they begin with."""
    if "" in texts:
        return _UNKNOWN
    ways = (texts, *(frozenset(text[:length] for text in texts) for length in (2, 1)))
    return next((way for way in ways if len(way) <= MOST_TEXTS), _UNKNOWN)


def _width(part: tuple[Any, Any]) -> int | None:
    """The most characters that a part matches, if there is a bound worth the name."""
    most = _parser.SubPattern(_parser.State(), [part]).getwidth()[1]
    return int(most) if most <= FARTHEST else None


def _width_of(pieces: Sequence[_Piece]) -> int | None:
    widths = [piece.width for piece in pieces]
    return None if None in widths else sum(width or 0 for width in widths)


def _joined(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """The same with whole pieces joined to what follows at once: 手 and 机 are rarer together."""
    held: _Piece | None = None
    for piece in pieces:
        if held is not None and held.is_whole and piece.texts and len(held.texts) * len(piece.texts) <= MOST_TEXTS:
            texts = frozenset(a + b for a, b in product(held.texts, piece.texts))
            width = None if held.width is None or piece.width is None else held.width + piece.width
            held = _Piece(texts, width, piece.is_whole)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held
