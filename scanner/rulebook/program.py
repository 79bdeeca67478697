"""The prefilter's steps, made ready to be answered for a whole batch at once where compiled kernels are at hand.

There are thousands of them: asked one by one (see ``answers``), they take longer than finding the words did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

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
        kinds, may_have = ground.kinds_of(self._order), self._open(program.lists)
        self._seen = compiled.Seen.of(bounds=bounds.astype(np.int32), kind=kinds, **may_have)
        self._cells = [self._cells_of(reach) for reach in program.reaches]
        self._reaches = (compiled.Cells * len(self._cells))(*self._cells)
        words = np.array([cells.words for cells in self._cells])
        self._counts = np.zeros(64 * words.max(), np.int32)
        self._place = np.concatenate(([0], np.cumsum(words[program.reach_of])))

    def answers(self, ask: Callable[[Step], Bits], known: Answers | None = None) -> Answers:
        """The answers to all steps, by what is known; or by what may be as well, if those that are known are given.

        ``ask`` answers the steps that no kernel knows.
        """
        found = Answers(np.zeros(self._place[-1], np.uint64), self._place.tolist())
        for number in self._program.given:
            found.put(number, ask(self._program.steps[number]))
        compiled.answer(
            self._library,
            self._program.record,
            self._seen,
            self._reaches,
            self._ground.listings,
            known=None if known is None else known.rows,
            place=self._place,
            counts=self._counts,
            rows=found.rows,
        )
        return found

    def _open(self, lists: int) -> dict[str, npt.NDArray[Any]]:
        """Where lists may have hits that are not known: patterns, and those of which a flood has left some out."""
        ground = self._ground
        late = [number for number in sorted(ground.late) if number < lists]
        floods = [number for number in ground.floods if number < lists and number not in ground.late]
        rows = np.zeros((len(late) + len(floods), _words(ground.listings)), np.uint64)
        may_have = np.full(max(lists, ground.present.shape[1]), -1, np.int32)
        may_have[late] = np.arange(len(late))
        compiled.open_rows(self._library, ground.present, may_have, rows)
        for row, number in enumerate(floods, len(late)):
            may_have[number] = row
            for listing in ground.floods[number]:
                rows[row, listing >> 6] |= np.uint64(1 << (listing & 63))
        return {"may_have": may_have, "open": rows}

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
        row = self.rows[self._place[number] : self._place[number + 1]]
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
