"""Other orders and alphabets that a batch may be read in, each only where something asks for it.

Most listings have none of what leads here, so each reading first looks for its sign over the whole batch (a few cheap array
operations), and then reads the documents, or the surroundings, that show it.
"""

from __future__ import annotations

import numpy as np

from scanner.rulebook.checks import Flags, Reading
from scanner.rulebook.literals import Index, spans
from scanner.text.curated import LEET, TURNS
from scanner.text.kinds import EDGE, Kind
from scanner.text.views import Batch

# How far around a sign the leet and masked readings look, in units of the compact view. A power of two.
REACH = 16
# Lines read downwards: fields of at least this many lines, and this many characters of each line.
FEWEST_LINES, COLUMNS = 3, 8
_OVERRIDE = 0x202E
_UPSIDE_DOWN = (0x250, 0x2B0)
_SIGNS = tuple(ord(char) for chars in LEET.values() for char in chars if not char.isalnum() and char != "+")
_KEPT = np.uint32(Kind.KEPT << 16)
_KINDS = np.uint32(0xFF0000)


def without_aliases(batch: Batch) -> Reading | None:
    """Documents with emoji that are read aloud, read with the emoji as mere separators."""
    aliases = (batch.codes & _KINDS) == np.uint32(Kind.ALIAS << 16)
    if not aliases.any():
        return None
    slots = batch.kept[_of_documents(batch, np.flatnonzero(aliases))]
    slots = slots[~aliases[slots]]
    return Reading(batch.codes[slots].astype(np.uint16), slots)


def leet(batch: Batch) -> Reading | None:
    """The surroundings of digits and signs between letters, each of them as the letter it looks like."""
    units = batch.compact
    letters, digits = _letters(units), _digits(units)
    near = np.zeros(len(units), np.bool_)
    near[:-1] = (letters[:-1] & digits[1:]) | (digits[:-1] & letters[1:])
    slots = batch.kept
    signs = _signs(batch)
    if len(signs):
        slots = np.sort(np.concatenate([slots, signs]))
        wide = np.zeros(len(slots), np.bool_)
        wide[np.searchsorted(slots, batch.kept)] = near
        wide[np.searchsorted(slots, signs)] = True
        near = wide
    found = _around(batch, slots, near)
    return found and Reading(batch.tables.leet.take(found.units), found.slots)


def _signs(batch: Batch) -> Index:
    """The slots of signs that stand for letters and touch one."""
    places = np.flatnonzero((batch.codes >= np.uint32(Kind.SEPARATOR << 16)) & (batch.codes < _KEPT))
    units = batch.codes[places].astype(np.uint16)
    places = places[np.isin(units, np.array(_SIGNS, np.uint16))]
    places = places[(places > 0) & (places < len(batch.codes) - 1)]
    touching = _letters(batch.codes[places - 1].astype(np.uint16)) | _letters(batch.codes[places + 1].astype(np.uint16))
    return places[touching]


def masked(batch: Batch) -> Reading | None:
    """The surroundings of signs that may stand for a character left out: ``银*卡``, but not ``10*20``."""
    places = np.flatnonzero((batch.codes & _KINDS) == np.uint32(Kind.MASK << 16))
    if not len(places):
        return None
    near = np.zeros(len(batch.kept), np.bool_)
    near[np.minimum(np.searchsorted(batch.kept, places), len(near) - 1)] = True
    return _around(batch, batch.kept, near)


def backwards(batch: Batch) -> Reading | None:
    """Documents with a right-to-left override, or with letters typed upside down, from their end."""
    turned = (batch.characters >= _UPSIDE_DOWN[0]) & (batch.characters < _UPSIDE_DOWN[1])
    overridden = batch.characters == _OVERRIDE
    if not (turned.any() or overridden.any()):
        return None
    pieces, units = [], []
    for document, is_turned in _signed(batch, np.flatnonzero(turned), np.flatnonzero(overridden)):
        slots = batch.kept[_range(batch, document)][::-1]
        text = batch.codes[slots].astype(np.uint16)
        for one in (text, _turn(text)) if is_turned else (text,):
            pieces += [slots, slots[:1]]
            units += [one, np.full(1, EDGE, np.uint16)]
    return Reading(np.concatenate(units), np.concatenate(pieces))


def _signed(batch: Batch, turned: Index, overridden: Index) -> list[tuple[int, bool]]:
    """The documents of these characters, and whether each has letters typed upside down (two at least)."""
    starts = batch.field_starts[batch.fields_before]
    counts = np.bincount(np.searchsorted(starts, turned, side="right") - 1, minlength=len(batch.documents))
    asked = set(np.flatnonzero(counts >= 2).tolist()) | set(
        (np.searchsorted(starts, overridden, side="right") - 1).tolist()
    )
    return [(document, bool(counts[document] >= 2)) for document in sorted(asked)]


def _turn(units: np.ndarray[tuple[int], np.dtype[np.uint16]]) -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    """Letters as they look upside down."""
    mapping = np.arange(0x10000, dtype=np.uint16)
    for char, other in TURNS.items():
        mapping[ord(char)] = ord(other)
    return mapping[units]


def downwards(batch: Batch) -> Reading | None:
    """Fields of several lines, read down: the first characters of the lines, the second ones …, and the last ones."""
    kinds = batch.codes & _KINDS
    ends = np.flatnonzero((kinds == np.uint32(Kind.LINE << 16)) | (kinds == np.uint32(Kind.BARRIER << 16)))
    is_edge = kinds[ends] == np.uint32(Kind.BARRIER << 16)
    lines_of = np.diff(np.flatnonzero(is_edge), prepend=-1)
    many = np.repeat(lines_of >= FEWEST_LINES, lines_of)
    if not many.any():
        return None
    begins = np.concatenate(([0], ends[:-1] + 1))[many]
    ends, is_edge = ends[many], is_edge[many]
    first = np.searchsorted(batch.kept, begins)
    size = np.searchsorted(batch.kept, ends) - first
    columns = [(first + i, size > i) for i in range(COLUMNS)] + [(first + size - 1, size > COLUMNS)]
    parts = [_column(batch, at, there, ends, is_edge) for at, there in columns]
    return Reading(np.concatenate([part.units for part in parts]), np.concatenate([part.slots for part in parts]))


def _column(batch: Batch, at: Index, there: Flags, ends: Index, is_edge: Flags) -> Reading:
    """One character of each line; lines without it, and the ends of fields, are edges."""
    slots = np.where(there, batch.kept[np.minimum(at, len(batch.kept) - 1)], ends)
    units = np.where(there, batch.codes[slots], EDGE).astype(np.uint16)
    after = np.flatnonzero(is_edge) + 1
    return Reading(np.insert(units, after, np.uint16(EDGE)), np.insert(slots, after, ends[is_edge]))


def _around(batch: Batch, slots: Index, near: Flags) -> Reading | None:
    """The units within ``REACH`` of the marked ones; where something is left out, an edge takes the last unit's place."""
    if not near.any():
        return None
    wide = near.copy()
    step = 1
    while step < REACH:
        before = wide.copy()
        wide[step:] |= before[:-step]
        wide[:-step] |= before[step:]
        step *= 2
    wide[-1] = True
    chosen = np.flatnonzero(wide)
    units = batch.codes[slots[chosen]].astype(np.uint16)
    units[:-1][np.diff(chosen) > 1] = EDGE
    return Reading(units, slots[chosen])


def _of_documents(batch: Batch, slots: Index) -> Index:
    """The positions in the compact view of the documents that have these slots."""
    bounds = np.searchsorted(batch.kept, batch.document_slots)
    documents = np.unique(np.searchsorted(batch.document_slots, slots, side="right") - 1)
    return spans(bounds[documents], bounds[documents + 1] - bounds[documents])


def _range(batch: Batch, document: int) -> slice:
    first, end = np.searchsorted(batch.kept, batch.document_slots[document : document + 2])
    return slice(int(first), int(end))


def _letters(units: np.ndarray[tuple[int], np.dtype[np.uint16]]) -> Flags:
    return (units - np.uint16(0x61)) < 26


def _digits(units: np.ndarray[tuple[int], np.dtype[np.uint16]]) -> Flags:
    return (units - np.uint16(0x30)) < 10
