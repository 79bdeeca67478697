"""The prefilter's steps, made ready to be answered for a whole batch at once where compiled kernels are at hand.

There are thousands of them: asked one by one (see ``answers``), they take longer than finding the words did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import steps as compiled
from scanner.rulebook.bits import Bits
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

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.reaches = sorted({0, *(step.reach for step in steps)})
        operations = [_number(step) for step in steps]
        leaves = [step for step in steps if step.operation in {"any", "count"}]
        self.lists = 1 + max((number for step in leaves for number in step.of), default=-1)
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
        )

    def look(self, ground: Ground) -> Look | None:
        """A batch ready to be asked; ``None`` where there are no kernels."""
        library = kernels.library()
        return None if library is None or not self.fits else Look(library, self, ground)


class Look:
    """A batch, ready to be asked all steps of a program."""

    def __init__(self, library: kernels.Library, program: Program, ground: Ground) -> None:
        self._library, self._program, self._ground = library, program, ground
        self._order, bounds = ground.rows_by_list(program.lists)
        kinds = ground.kinds_of(self._order)
        self._late = [number for number in sorted(ground.late) if number < program.lists]
        self._row_of, self._open = self._rows_of_open(program.lists)
        is_late = np.zeros(len(self._row_of), np.uint8)
        is_late[self._late] = 1
        self._seen = compiled.Seen.of(
            bounds=bounds.astype(np.int32), kind=kinds, late=is_late, may_have=self._row_of, open=self._open
        )
        self._cells = [self._cells_of(reach) for reach in program.reaches]
        self._reaches = (compiled.Cells * len(self._cells))(*self._cells)
        words = np.array([cells.words for cells in self._cells])
        self._counts = np.zeros(64 * words.max(), np.int32)
        self._place = np.concatenate(([0], np.cumsum(words[program.reach_of])))

    def answers(self, ask: Callable[[Step], Bits], known: Answers | None = None) -> Answers:
        """The answers to all steps, by what is known; or by what may be as well, if those that are known are given.

        ``ask`` answers the steps that no kernel knows; of them floods alone leave anything in doubt.
        """
        found = Answers(np.zeros(self._place[-1], np.uint64), self._place.tolist())
        for number in self._program.given:
            if known is None or self._ground.floods:
                found.put(number, ask(self._program.steps[number]))
            else:
                found.take(number, known)
        self.answer(found, known)
        return found

    def tell(self, lists: Iterable[int]) -> None:
        """More is known of some late lists."""
        for number in lists:
            put(self._open[self._row_of[number]], self._ground.open(number))
            for reach, cells in zip(self._program.reaches, self._cells, strict=True):
                seen = self._ground.stretches(reach) if reach else self._ground
                put(cells.held["rows"][number], seen.has(number, sure=True))

    def answer(self, found: Answers, known: Answers | None, again: npt.NDArray[np.uint8] | None = None) -> None:
        """Answer all steps; or, when something was told, those that are marked in ``again``."""
        compiled.answer(
            self._library,
            self._program.record,
            self._seen,
            self._reaches,
            self._ground.listings,
            known=None if known is None else known.rows,
            again=again,
            place=self._place,
            counts=self._counts,
            rows=found.rows,
        )

    def _rows_of_open(self, lists: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
        """Where lists may have hits that are not known: patterns, and those of which a flood has left some out.

        Of each list the number of its row, or -1; and the rows.
        """
        ground, late = self._ground, self._late
        floods = [number for number in ground.floods if number < lists and number not in ground.late]
        rows = np.zeros((len(late) + len(floods), _words(ground.listings)), np.uint64)
        row_of = np.full(max(lists, ground.present.shape[1]), -1, np.int32)
        row_of[late] = np.arange(len(late))
        compiled.open_rows(self._library, ground.present, row_of, rows)
        ground.take({number: int.from_bytes(rows[row].tobytes(), "little") for row, number in enumerate(late)})
        for row, number in enumerate(floods, len(late)):
            row_of[number] = row
            for listing in ground.floods[number]:
                rows[row, listing >> 6] |= np.uint64(1 << (listing & 63))
        return row_of, rows

    def _cells_of(self, reach: int) -> compiled.Cells:
        """The cells of one reach."""
        ground = self._ground
        if reach:
            stretches = ground.stretches(reach)
            at, also = (cells.astype(np.int32) for cells in stretches.around(self._order))
            first = np.searchsorted(stretches.listing, np.arange(ground.listings + 1)).astype(np.int32)
            parts = {"at": at, "also": also, "first": first, "kind": stretches.kinds}
            words = _words(len(stretches.listing))
        else:
            at = ground.listings_of(self._order).astype(np.int32)
            parts, words = {"at": at, "also": at}, _words(ground.listings)
        rows = compiled.rows_of_lists(
            self._library, self._seen, compiled.Cells.of(words=words, **parts), self._program.lists
        )
        return compiled.Cells.of(words=words, rows=rows, **parts)


class Answers:
    """The answers to all steps: rows of bits, one after another."""

    def __init__(self, rows: npt.NDArray[np.uint64], place: list[int]) -> None:
        """The row of step i are words ``place[i]`` to ``place[i + 1]``."""
        self.rows, self._place = rows, place

    def bits(self, number: int) -> Bits:
        """The answer to one step."""
        return int.from_bytes(self.rows[self._place[number] : self._place[number + 1]].tobytes(), "little")

    def put(self, number: int, bits: Bits) -> None:
        """Note the answer to one step."""
        put(self.rows[self._place[number] : self._place[number + 1]], bits)

    def take(self, number: int, other: Answers) -> None:
        """Take the answer to one step from others."""
        at = slice(self._place[number], self._place[number + 1])
        self.rows[at] = other.rows[at]


def put(row: npt.NDArray[np.uint64], bits: Bits) -> None:
    """Note what is so in a row of bits."""
    row[:] = np.frombuffer(bits.to_bytes(row.nbytes, "little"), np.uint64)


def _number(step: Step) -> int:
    known = compiled.OPERATIONS
    return known.index(step.operation) if step.operation in known else compiled.GIVEN


def _about(step: Step) -> tuple[int, ...]:
    """The lists or steps that the kernel asks about."""
    return step.of if step.operation in compiled.OPERATIONS else ()


def _words(bits: int) -> int:
    """So many whole words hold them."""
    return -(-bits // 64)
