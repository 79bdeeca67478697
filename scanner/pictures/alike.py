"""What pictures look like, as 64-bit hashes: the distance of two, and parts by which near ones are looked up. Pure.

The hash is that of Zauner (2010), "pHash": the signs of the low frequencies of a small grey copy (``decoder``). It
bears another size, quality or brightness, and a small mark; pictures that have nothing in common differ in half of the
bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

BITS = 64
# Two pictures look alike up to so many different bits.
NEAR = 8
# Two hashes that differ in fewer bits than there are parts share a part; of those that differ in 8, two thirds do.
PARTS = 5
_ALL = (1 << BITS) - 1
_WIDTH = -(-BITS // PARTS)


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ."""
    return ((one ^ other) & _ALL).bit_count()


def nearest(looks: Iterable[int], others: Iterable[int]) -> int:
    """The smallest distance between one of these and one of those; all bits where there are none."""
    theirs = tuple(others)
    return min((distance(one, other) for one in looks for other in theirs), default=BITS)


def are_alike(looks: Iterable[int], others: Iterable[int]) -> bool:
    """Whether one of these pictures looks like one of those."""
    return nearest(looks, others) <= NEAR


def parts(look: int) -> Iterator[tuple[int, int]]:
    """The parts of a hash, each with its number."""
    plain = look & _ALL
    for number in range(PARTS):
        yield number, plain >> (number * _WIDTH) & ((1 << _WIDTH) - 1)
