"""Other orders and alphabets that a batch may be read in, each only where something asks for it.

Most listings have none of what leads here, so each reading first looks for its sign over the whole batch (a few cheap
array operations), and then reads the documents, or the surroundings, that show it.
"""

from __future__ import annotations

import numpy as np

from scanner import kernels
from scanner.kernels import rereading
from scanner.rulebook.checks import Flags, Reading
from scanner.rulebook.literals import Index, Numbers, Units, spans
from scanner.text.curated import LEET, TURNS
from scanner.text.kinds import EDGE, OVERRIDE, UPSIDE_DOWN, Kind
from scanner.text.views import Batch

# How far around a sign the leet and masked readings look, in units of the compact view.
REACH = 16
# Lines read downwards: fields of at least this many lines, and this many characters of each line.
FEWEST_LINES, COLUMNS = 3, 8
_DOLLAR, _SPACE = ord("$"), ord(" ")
_LETTERS_AS_SIGNS = [ord(char) for chars in LEET.values() for char in chars if char.isascii() and char.isalpha()]
_IS_SIGN = np.zeros(0xB0, np.bool_)
_IS_SIGN[[ord(char) for chars in LEET.values() for char in chars]] = True


def without_aliases(batch: Batch) -> Reading | None:
    """Documents with emoji that are read aloud, read with the emoji as mere separators."""
    if not batch.shows(Kind.ALIAS):
        return None
    aliases = batch.kinds == np.uint8(Kind.ALIAS)
    slots = batch.kept[_of_documents(batch, np.flatnonzero(aliases))]
    slots = slots[~aliases[slots]]
    return Reading(batch.units[slots], slots)


def leet(batch: Batch) -> Reading | None:
    """The surroundings of digits and signs inside Latin words, each of them as the letter it looks like.

    Inside is: between letters (two digits at most), or one digit or dollar sign at the end of two letters or more. So
    ``G01P``, ``U5DT``, ``$team`` are looked at, but neither ``iPhone13`` nor ``20cm``.
    """
    library = kernels.library()
    if library is not None:
        read = rereading.leet(library, batch.slots, _IS_SIGN, batch.tables.leet, REACH)
        return Reading(*read) if len(read.units) else None
    units = batch.units
    letters = _letters(units)
    beside = np.zeros(len(units), np.bool_)
    beside[:-1] = letters[1:]
    beside[1:] |= letters[:-1]
    # What can be asked of all units at once, before each is looked up.
    others = ~letters & (units < len(_IS_SIGN)) & (units != _SPACE)
    for letter in _LETTERS_AS_SIGNS:
        others |= units == letter
    places = np.flatnonzero(beside & others)
    places = places[_IS_SIGN[units[places]]]

    def near(offset: int) -> Units:
        return units.take(places + offset, mode="wrap")

    before, after = _letters(near(-1)), _letters(near(1))
    two_before = before & _letters(near(-2)) & ~_digits(near(1))
    two_after = after & _letters(near(2)) & ~_digits(near(-1))
    across = before & _digits(near(1)) & _letters(near(2))
    may_end = _digits(near(0)) | (near(0) == _DOLLAR)
    inside = places[(before & after) | across | (may_end & (two_before | two_after))]
    if not len(inside):
        return None
    slots = batch.slots_of_fields(inside)
    is_inside = np.zeros(len(units), np.bool_)
    is_inside[inside] = True
    slots = slots[(batch.kinds[slots] >= np.uint8(Kind.KEPT)) | is_inside[slots]]
    found = _around(batch, slots, is_inside[slots])
    return found and Reading(batch.tables.leet.take(found.units), found.slots)


def masked(batch: Batch) -> Reading | None:
    """The surroundings of signs that may stand for a character left out: ``银*卡``, but not ``10*20``."""
    if not batch.shows(Kind.MASK):
        return None
    places = np.flatnonzero(batch.kinds == np.uint8(Kind.MASK))
    after = np.minimum(np.searchsorted(batch.kept, places), len(batch.kept) - 1)
    around = batch.compact[after - 1], batch.compact[after]
    near = np.zeros(len(batch.kept), np.bool_)
    near[after[~(_digits(around[0]) | _digits(around[1]))]] = True
    return _around(batch, batch.kept, near)


def backwards(batch: Batch) -> Reading | None:
    """Documents with a right-to-left override, or with letters typed upside down, from their end."""
    if not batch.may_be_turned:
        return None
    turned = (batch.characters >= UPSIDE_DOWN[0]) & (batch.characters < UPSIDE_DOWN[1])
    overridden = batch.characters == OVERRIDE
    pieces, units = [], []
    for document, is_turned in _signed(batch, np.flatnonzero(turned), np.flatnonzero(overridden)):
        slots = batch.kept[_range(batch, document)][::-1]
        text = batch.units[slots]
        for one in (text, _turn(text)) if is_turned else (text,):
            pieces += [slots, slots[:1]]
            units += [one, np.full(1, EDGE, np.uint16)]
    return Reading(np.concatenate(units), np.concatenate(pieces)) if units else None


def _signed(batch: Batch, turned: Index, overridden: Index) -> list[tuple[int, bool]]:
    """The documents of these characters, and whether each has letters typed upside down (two at least)."""
    starts = batch.field_starts[batch.fields_before]
    counts = np.bincount(np.searchsorted(starts, turned, side="right") - 1, minlength=len(batch.documents))
    asked = set(np.flatnonzero(counts >= 2).tolist()) | set(
        (np.searchsorted(starts, overridden, side="right") - 1).tolist()
    )
    return [(document, bool(counts[document] >= 2)) for document in sorted(asked)]


def _turn(units: Units) -> Units:
    """Letters as they look upside down."""
    mapping = np.arange(0x10000, dtype=np.uint16)
    for char, other in TURNS.items():
        mapping[ord(char)] = ord(other)
    return mapping[units]


def downwards(batch: Batch) -> Reading | None:
    """Fields of several lines, read down: the first characters of all lines, and the last ones.

    Where all lines of a field are short (a table, a text set in columns) all their columns are read.
    """
    if not batch.shows(Kind.LINE):
        return None
    library = kernels.library()
    if library is not None:
        breaks = rereading.Breaks(batch.kinds, batch.breaks, batch.before_breaks)
        read = rereading.downwards(library, breaks, batch.compact, batch.kept, FEWEST_LINES, COLUMNS)
        return Reading(*read) if len(read.units) else None
    ends = batch.breaks.astype(np.intp)
    is_edge = batch.kinds[ends] == np.uint8(Kind.BARRIER)
    lines_of = np.diff(np.flatnonzero(is_edge), prepend=-1)
    many = np.repeat(lines_of >= FEWEST_LINES, lines_of)
    if not many.any():
        return None
    last = batch.before_breaks.astype(np.intp)
    # Of a break only the edge of a field is itself in the compact view.
    first = np.concatenate(([0], (last + is_edge)[:-1]))[many]
    size = last[many] - first
    ends, is_edge, lines_of = ends[many], is_edge[many], lines_of[lines_of >= FEWEST_LINES]
    columns = [
        _column(batch, first, size > 0, ends, is_edge),
        _column(batch, first + size - 1, size > 1, ends, is_edge),
    ]
    longest = np.maximum.reduceat(size, np.cumsum(lines_of) - lines_of)
    short = np.flatnonzero(np.repeat(longest <= COLUMNS, lines_of))
    if len(short):
        first, size, ends, is_edge = first[short], size[short], ends[short], is_edge[short]
        columns += [_column(batch, first + i, size > i, ends, is_edge) for i in range(1, int(size.max()))]
    return Reading(np.concatenate([part.units for part in columns]), np.concatenate([part.slots for part in columns]))


def _column(batch: Batch, at: Index, there: Flags, ends: Index, is_edge: Flags) -> Reading:
    """One character of each line; lines without it, and the ends of fields, are edges."""
    slots = np.where(there, batch.kept[np.minimum(at, len(batch.kept) - 1)], ends)
    units = np.where(there, batch.units[slots], np.uint16(EDGE))
    after = np.flatnonzero(is_edge) + 1
    slots = np.insert(slots, after, ends[is_edge])
    return Reading(np.insert(units, after, np.uint16(EDGE)), slots.astype(np.int32))


def _around(batch: Batch, slots: Index | Numbers, near: Flags) -> Reading | None:
    """The units less than ``REACH`` from a marked one in its field; where some are left out, an edge is there instead.

    What stands in other fields changes nothing of it.
    """
    at = np.flatnonzero(near)
    if not len(at):
        return None
    units = batch.units[slots]
    edges = np.flatnonzero(units == np.uint16(EDGE))
    number = np.searchsorted(edges, at)
    first = np.maximum(at - REACH + 1, np.where(number > 0, edges[number - 1] + 1, 0))
    end = np.minimum(at + REACH + 1, edges[number] + 1)
    change = np.bincount(first, minlength=len(units) + 1) - np.bincount(end, minlength=len(units) + 1)
    chosen = np.flatnonzero(np.cumsum(change)[:-1] > 0)
    units = units[chosen]
    units[np.append(np.diff(chosen) > 1, True)] = EDGE
    return Reading(units, slots[chosen].astype(np.int32))


def _of_documents(batch: Batch, slots: Index) -> Index:
    """The positions in the compact view of the documents that have these slots."""
    bounds = np.searchsorted(batch.kept, batch.document_slots)
    documents = np.unique(np.searchsorted(batch.document_slots, slots, side="right") - 1)
    return spans(bounds[documents], bounds[documents + 1] - bounds[documents])


def _range(batch: Batch, document: int) -> slice:
    first, end = np.searchsorted(batch.kept, batch.document_slots[document : document + 2])
    return slice(int(first), int(end))


def _letters(units: Units) -> Flags:
    return (units - np.uint16(0x61)) < 26


def _digits(units: Units) -> Flags:
    return (units - np.uint16(0x30)) < 10
