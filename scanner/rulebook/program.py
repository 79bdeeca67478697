"""The prefilter's steps, made ready to be answered for a whole batch at once where compiled kernels are at hand.

There are thousands of them: asked one by one (see ``answers``), they take longer than finding the words did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scanner import kernels
from scanner.kernels import steps as compiled
from scanner.rulebook.bits import Bits, flags_of
from scanner.rulebook.stretches import Ground, mask_of

Operation = Literal["any", "count", "chain", "all", "one", "some", "listing", "fact", "resembles"]


class Step(NamedTuple):
    """``any`` of some lists has a hit; they have ``least`` hits in all (``count``); a hit of ``after`` begins at most
    ``least`` characters behind one of theirs (``chain``); ``all``, ``one`` or ``some`` (``least`` or more) of earlier
    steps hold; an earlier step of reach ``least`` holds anywhere in the ``listing``; a ``fact`` is so; the listing
    ``resembles`` an offer by ``chance`` or more.

    A step has one answer for each stretch of ``reach``, or for each listing if that is 0. ``kinds`` are kinds of field.
    """

    operation: Operation
    of: tuple[int, ...]
    reach: int
    kinds: tuple[str, ...] | None = None
    least: int = 0
    after: tuple[int, ...] = ()
    chance: float = 0.0


class Program:
    """Steps, each resting on earlier ones only."""

    def __init__(self, steps: Sequence[Step], doubtful: Bits) -> None:
        """``doubtful`` has a bit for each step that rests on late lists."""
        self.steps = steps
        self.doubtful = flags_of(doubtful, len(steps)).view(np.uint8)
        self.reaches = sorted({0, *(step.reach for step in steps)})
        operations = [_number(step) for step in steps]
        leaves = [step for step in steps if step.operation in {"any", "count", "chain"}]
        self.lists = 1 + max((number for step in leaves for number in _about(step)), default=-1)
        self.placed = sorted({number for step in leaves if _asks_where(step) for number in _about(step)})
        self.has_chains = any(step.operation == "chain" for step in steps)
        self.given = [number for number, operation in enumerate(operations) if operation == compiled.GIVEN]
        self.reach_of = np.array([self.reaches.index(step.reach) for step in steps], np.uint8)
        self.fits = all(step.least <= compiled.MOST_SOME for step in steps if step.operation == "some")
        self.record = compiled.Steps.of(
            count=len(steps),
            operation=np.array(operations, np.uint8),
            reach=self.reach_of,
            kind=np.array([mask_of(step.kinds) for step in steps], np.uint16),
            least=np.array([step.least for step in steps], np.int32),
            first=np.cumsum([0, *map(len, map(_about, steps))]).astype(np.int32),
            about=np.array([number for step in steps for number in _about(step)], np.int32),
            after=np.array([len(step.of) for step in steps], np.int32),
        )

    def look(self, ground: Ground) -> Look | None:
        """A batch ready to be asked; ``None`` where there are no kernels."""
        library = kernels.library()
        return None if library is None or not self.fits else Look(library, self, ground)


class Look:
    """A batch, ready to be asked all steps of a program."""

    def __init__(self, library: kernels.Library, program: Program, ground: Ground) -> None:
        self._library, self._program, self._ground = library, program, ground
        self._lists = max(program.lists, ground.present.shape[1])
        is_late = np.zeros(self._lists, np.uint8)
        is_late[[number for number in ground.late if number < self._lists]] = 1
        rows, may_have, row_of = self._rows_of_lists(is_late)
        self._open = BitRows.of(may_have)
        ground.take(self._open.bits)
        parts = [compiled.Part.of(**part) for part in ground.parts]
        held = (compiled.Part * len(parts))(*parts)
        hits, is_placed = len(ground.hits), self._is_placed()
        is_near = len(program.reaches) > 1
        self._hits = compiled.sort(library, held, hits, is_placed, ground.kinds, places=is_near)
        self._seen = compiled.Seen.of(
            parts=held,
            bounds=self._hits.bounds,
            row=self._hits.row,
            kind=self._hits.kind,
            late=is_late,
            may_have=row_of,
            open=may_have,
            ends=np.zeros(_words(ground.characters) if program.has_chains else 0, np.uint64),
        )
        self._cells = [self._stretches(reach) if reach else self._listings(rows) for reach in program.reaches]
        self._rows = [BitRows.of(cells.held["rows"]) for cells in self._cells]
        self._reaches = (compiled.Cells * len(self._cells))(*self._cells)
        words = np.array([cells.words for cells in self._cells])
        self._counts = np.zeros(64 * words.max(), np.int32)
        self._place = np.concatenate(([0], np.cumsum(words[program.reach_of])))
        # Read as numbers of Python, those that are asked for.
        self._places = memoryview(self._place.data)

    def answers(self, ask: Callable[[Step], Bits], known: BitRows | None = None) -> BitRows:
        """The answers to all steps, by what is known; or by what may be as well, if those that are known are given.

        ``ask`` answers the steps that no kernel knows, of which nothing is ever in doubt.
        """
        if known is None:
            found = BitRows(np.zeros(self._place[-1], np.uint64), self._places)
            for number in self._program.given:
                found.put(number, ask(self._program.steps[number]))
            self.answer(found, known)
        else:
            found = BitRows(known.words.copy(), self._places)
            self.answer(found, known, None if self._ground.floods else self._program.doubtful)
        return found

    def tell(self, lists: Iterable[int]) -> None:
        """More is known of some late lists."""
        for number in lists:
            self._open.put(number, self._ground.open(number))
            for reach, rows in zip(self._program.reaches, self._rows, strict=True):
                seen = self._ground.stretches(reach) if reach else self._ground
                rows.put(number, seen.has(number, sure=True))

    def answer(self, found: BitRows, known: BitRows | None, again: NDArray[np.uint8] | None = None) -> None:
        """Answer all steps; or, when something was told, those that are marked in ``again``."""
        compiled.answer(
            self._library,
            self._program.record,
            self._seen,
            self._reaches,
            self._ground.listings,
            known=None if known is None else known.words,
            again=again,
            place=self._place,
            counts=self._counts,
            rows=found.words,
        )

    def _rows_of_lists(self, is_late: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], ...]:
        """Of each list the listings where it has hits, and those where it may have some that are not known: a late one,
        or one of which a flood has left some out. Of each list the number of its row in the second, or -1.
        """
        ground = self._ground
        floods = [number for number in ground.floods if number < self._lists and not is_late[number]]
        rows = np.zeros((self._lists, _words(ground.listings)), np.uint64)
        may_have = np.zeros((self._lists + len(floods), _words(ground.listings)), np.uint64)
        compiled.turn(self._library, ground.present, is_late, rows, may_have)
        row_of = np.where(is_late, np.arange(self._lists, dtype=np.int32), np.int32(-1))
        for row, number in enumerate(floods, self._lists):
            row_of[number] = row
            BitRows.of(may_have).put(row, ground.flooded([number]))
        return rows, may_have, row_of

    def _is_placed(self) -> NDArray[np.uint8]:
        """Of each list whether its hits are asked for one by one."""
        flags = np.zeros(self._lists, np.uint8)
        flags[self._program.placed] = 1
        return flags

    def _listings(self, rows: NDArray[np.uint64]) -> compiled.Cells:
        """The listings themselves."""
        return compiled.Cells.of(words=rows.shape[1], at=self._hits.listing, also=self._hits.listing, rows=rows)

    def _stretches(self, reach: int) -> compiled.Cells:
        """The stretches of a reach."""
        ground, stretches = self._ground, self._ground.stretches(reach)
        at, also = compiled.stretched(self._library, self._hits, stretches.first, stretches.reach)
        first = np.searchsorted(stretches.listing, np.arange(ground.listings + 1)).astype(np.int32)
        parts = {"at": at, "also": also, "first": first, "kind": stretches.kinds}
        words = _words(len(stretches.listing))
        rows = compiled.rows_of_lists(self._library, self._seen, compiled.Cells.of(words=words, **parts), self._lists)
        return compiled.Cells.of(words=words, rows=rows, **parts)


class BitRows:
    """Rows of bits, one after another: the answers to all steps, or what is so of all lists."""

    def __init__(self, words: NDArray[np.uint64], place: Sequence[int]) -> None:
        """Row i are words ``place[i]`` to ``place[i + 1]``."""
        self.words, self._place = words, place
        self._bytes = memoryview(words.view(np.uint8).data)

    @classmethod
    def of(cls, matrix: NDArray[np.uint64]) -> BitRows:
        """The rows of a matrix."""
        rows, words = matrix.shape
        return cls(matrix.reshape(-1), range(0, rows * words + 1, words) if words else [0] * (rows + 1))

    def bits(self, number: int) -> Bits:
        """One row."""
        return int.from_bytes(self._bytes[8 * self._place[number] : 8 * self._place[number + 1]], "little")

    def all_bits(self, numbers: Iterable[int]) -> dict[int, Bits]:
        """Several rows."""
        data, place = self._bytes, self._place
        return {number: int.from_bytes(data[8 * place[number] : 8 * place[number + 1]], "little") for number in numbers}

    def put(self, number: int, bits: Bits) -> None:
        """Note what is so in one row."""
        first, end = 8 * self._place[number], 8 * self._place[number + 1]
        self._bytes[first:end] = bits.to_bytes(end - first, "little")


def _number(step: Step) -> int:
    known = compiled.OPERATIONS
    return known.index(step.operation) if step.operation in known else compiled.GIVEN


def _about(step: Step) -> tuple[int, ...]:
    """The lists or steps that the kernel asks about."""
    return step.of + step.after if step.operation in compiled.OPERATIONS else ()


def _asks_where(step: Step) -> bool:
    """Whether it is not enough to know which listings have hits."""
    return bool(step.reach) or step.kinds is not None or step.operation != "any"


def _words(bits: int) -> int:
    """So many whole words hold them."""
    return -(-bits // 64)
