"""What the kernel is told of the candidates of a batch besides the hits of their terms: see ``hearing``."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scanner.kernels import conditions as compiled
from scanner.model import View
from scanner.rulebook.passes import Placed
from scanner.rulebook.rows import NUMBER_OF
from scanner.rulebook.sight import MOST_MARKS, Mark, Marks

# Of one candidate: marks besides those of terms, and ends of sentences; one with more is asked in Python.
MOST_OTHERS, MOST_ENDS = 4_096, 8_192

_PLAIN = NUMBER_OF[View.FOLDED]


class Testimony:
    """Marks, numbered over the batch, and the ends of sentences: it grows while candidates are heard.

    ``marks`` are the marks by number, and nothing for a pattern's: most of these are never shown.
    """

    def __init__(self, candidates: int) -> None:
        self.marks: list[Mark | None] = []
        # What is new stands in lists, which grow more quickly than arrays.
        self._rows, self._new_rows = array("i"), list[int]()
        self._values, self._new_values = array("d"), list[float]()
        self._tellings, self._new_tellings = array("q"), list[int]()
        self._atom_values, self._ends = array("d"), array("i")
        self._latest = array("i", [-1]) * candidates
        self._marks_of, self._ends_of = [0] * candidates, [0] * candidates

    def lay_out(self, docket: compiled.Docket) -> None:
        """Show the kernel all that was told so far; it is to look before more is."""
        for known, new in ((self._rows, self._new_rows), (self._tellings, self._new_tellings)):
            known.extend(new)
            new.clear()
        self._values.extend(self._new_values)
        self._new_values.clear()
        docket.others, docket.values = self._rows.buffer_info()[0], self._values.buffer_info()[0]
        docket.tellings, docket.atom_values = self._tellings.buffer_info()[0], self._atom_values.buffer_info()[0]
        docket.latest, docket.ends = self._latest.buffer_info()[0], self._ends.buffer_info()[0]

    def row(self, number: int) -> Sequence[int]:
        """A mark as the kernel sees it."""
        return self._rows[compiled.MARK * number : compiled.MARK * (number + 1)]

    def rows(self, numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
        """Several of them."""
        # Copied: what somebody looks at must not grow.
        known = np.array(self._rows, np.int32).reshape(-1, compiled.MARK)
        return known[numbers]

    def tell_nothing(self, candidates: Iterable[int], atom: int) -> None:
        """Tell that there are no marks of a list of patterns, or of a signal."""
        end = len(self.marks)
        for candidate in candidates:
            self._note(candidate, atom, end, end, 0.0)

    def tell_pattern(self, candidate: int, atom: int, placed: Sequence[Placed]) -> bool:
        """Tell of the hits of a list of patterns; if there is no room for them, nothing is told."""
        told = placed[:MOST_MARKS]
        if not self._note_marks(candidate, atom, [None] * len(told), 0.0):
            return False
        for _, field, start, end, owner, view, gap in told:
            self._new_rows += atom, field, start, end, gap > 0 or view != _PLAIN, owner, view, gap
        self._new_values += [1.0] * len(told)
        return True

    def tell_signal(self, candidate: int, atom: int, found: Marks, value: float, fields: Mapping[str, int]) -> bool:
        """The same of the marks of a signal and its one value; those of a record's facts stand in no field."""
        marks = [mark for own in found.values() for mark in own]
        if not self._note_marks(candidate, atom, marks, value):
            return False
        for mark in marks:
            field = fields.get(mark.field, compiled.NO_FIELD)
            self._new_rows += atom, field, mark.start, mark.end, mark.is_disguised, 0, 0, 0
            self._new_values.append(mark.value)
        return True

    def tell_sentences(self, candidate: int, field: int, ends: Sequence[int]) -> bool:
        """The same of where the sentences of a field end."""
        if self._ends_of[candidate] + len(ends) > MOST_ENDS:
            return False
        self._ends_of[candidate] += len(ends)
        first = len(self._ends)
        self._ends.extend(ends)
        self._note(candidate, -1 - field, first, len(self._ends), 0.0)
        return True

    def _note_marks(self, candidate: int, atom: int, marks: Sequence[Mark | None], value: float) -> bool:
        if self._marks_of[candidate] + len(marks) > MOST_OTHERS:
            return False
        self._marks_of[candidate] += len(marks)
        first = len(self.marks)
        self.marks += marks
        self._note(candidate, atom, first, len(self.marks), value)
        return True

    def _note(self, candidate: int, atom: int, first: int, end: int, value: float) -> None:
        self._new_tellings += atom, first, end, self._latest[candidate]
        self._latest[candidate] = len(self._atom_values)
        self._atom_values.append(value)
