"""Batches of documents and their views: arrays of units, each with an exact map back to the original characters.

A document is a sequence of ``(field, text)``. All texts of a batch are joined, encoded to UTF-32 and looked up in the
character table once; that gives *slots*, one or more for each character (an expansion such as ``㎡`` has several). A
view is a selection of slots: ``folded`` has all but what is dropped, ``compact`` only what is kept. A slot knows its
character by counting the expansions before it, so spans always name original characters, and no view loses the way
back.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator, Sequence, Sized
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import checking, declarations, folding
from scanner.text import joining
from scanner.text.kinds import EDGE, EXPANDS, FIRST_FLAG, OVERRIDE, UPSIDE_DOWN, Kind, Mark
from scanner.text.tables import Codes, Tables, Units, load

Document = Sequence[tuple[str, str]]
Index = npt.NDArray[np.intp]
# Slots and fields of a batch by position: half as long, because there is one for each character.
Numbers = npt.NDArray[np.int32]

_EXPANDS = np.uint32(EXPANDS << 16)
_EDGE = np.uint32(Kind.BARRIER << 16 | EDGE)
_ALIAS = np.uint32(Kind.ALIAS << 16)
# The soft hyphen: no view has it.
_UNSEEN = 0xAD
# The name of a field, and its text.
_OF_FIELD = operator.itemgetter(0), operator.itemgetter(1)


class Place(NamedTuple):
    """Where spans lie in the originals, one row each: document, field (both by number), and characters of the field."""

    document: Index
    field: Index
    start: Index
    end: Index


def bounds_of(parts: Sequence[Sized]) -> Index:
    """Where each part begins if all stand one after another, and where the last ends."""
    bounds = np.zeros(len(parts) + 1, np.intp)
    np.cumsum(np.fromiter(map(len, parts), np.intp, len(parts)), out=bounds[1:])
    return bounds


class Gathered(NamedTuple):
    """The names and texts of all fields of some documents, one after another: document i has those from ``fields[i]``
    to ``fields[i + 1]``, and text k has the characters from ``starts[k]`` to ``starts[k + 1]`` of all."""

    names: Sequence[str]
    texts: Sequence[str]
    fields: Index
    starts: Index

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Self:
        """Gathered once: to go through all documents takes as long as much that is done with them."""
        names, texts = (list(map(part, itertools.chain.from_iterable(documents))) for part in _OF_FIELD)
        return cls(names, texts, bounds_of(documents), bounds_of(texts))

    @property
    def ends(self) -> Index:
        """Where each document begins among all characters, and where the last ends."""
        ends: Index = self.starts[self.fields]
        return ends

    def take(self, part: slice) -> Gathered:
        """Those of some neighbours."""
        first, end = self.fields[part.start], self.fields[part.stop]
        fields, starts = self.fields[part.start : part.stop + 1], self.starts[first : end + 1]
        return Gathered(self.names[first:end], self.texts[first:end], fields - first, starts - self.starts[first])


class Batch:
    """Documents read together: a few hundred at a time make the fixed cost of each array operation disappear."""

    def __init__(
        self,
        documents: Sequence[Document],
        *,
        texts: Gathered | None = None,
        tables: Tables | None = None,
        joins: bool = True,
    ) -> None:
        """Join and fold. Texts may hold any code point, lone surrogates too; ``texts`` are those, if at hand.

        With ``joins``, characters taken apart are whole in the documents that show it (see ``joining``).
        """
        self.tables = tables or load()
        self.documents = documents
        texts = texts or Gathered.of(documents)
        self.names = texts.names
        joined = "\n".join([*texts.texts, ""])
        self.characters: Codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        self.field_starts: Index = texts.starts + np.arange(len(texts.starts))
        self.fields_before: Index = texts.fields
        (self.codes, self._expanded, self._growth, self._character_codes), self._signs = self._fold()
        self.joined = joining.NOTHING
        if joins and (self._signs is None or self._signs.marks & Mark.APART):
            self.codes, self.joined = joining.join(self.codes, lambda: self.document_slots)

    def _fold(self) -> tuple[folding.Slots, declarations.Signs | None]:
        """The code of every slot and character; what a kernel saw."""
        library = kernels.library()
        if library is not None:
            return folding.fold(library, self.tables.alphabet, self.characters, self.field_starts[1:])
        codes = self.tables.codes.take(self.characters, mode="clip")
        codes[self.field_starts[1:] - 1] = _EDGE
        return self._expand(codes), None

    def _expand(self, codes: Codes) -> folding.Slots:
        """Put the several units of a character in place of it; remember where, and by how much slots have moved."""
        places = np.flatnonzero(codes & _EXPANDS)
        if not len(places):
            return folding.Slots(codes, places, places, codes)
        kinds, which = np.unique(codes[places], return_inverse=True)
        texts = [self._expansion(int(kind)) for kind in kinds]
        sizes = np.array([len(text) for text in texts], np.intp)[which]
        growth = np.concatenate(([0], np.cumsum(sizes - 1)))
        first_slots = places + growth[:-1]
        wide = np.insert(codes, np.repeat(places, sizes - 1), np.uint32(0)) if growth[-1] else codes.copy()
        for number, text in enumerate(texts):
            at = first_slots[which == number]
            for offset, code in enumerate(text):
                wide[at + offset] = code
        return folding.Slots(wide, first_slots, growth, codes)

    @cached_property
    def slots(self) -> declarations.Slots:
        """The slots as kernels take them."""
        fields = self._slots(self.field_starts)
        return declarations.Slots.of(
            units=self.units, kinds=self.kinds, fields=fields, field_count=len(fields) - 1, slots=len(self.units)
        )

    @cached_property
    def ground(self) -> declarations.Ground:
        """The batch as kernels take it."""
        return declarations.Ground.of(
            codes=self.codes,
            characters=self.characters,
            expanded=self._expanded,
            growth=self._growth,
            slots=len(self.codes),
            character_count=len(self.characters),
            expansions=len(self._expanded),
            is_flagged=self.has_flags,
            joined=np.ascontiguousarray(self.joined.first),
            joined_last=np.ascontiguousarray(self.joined.last),
            joins=len(self.joined.first),
        )

    @cached_property
    def whole_codes(self) -> Codes:
        """The codes of all characters, of which those are joined that were taken apart: one stands for all of its
        parts, and the others are dropped, so that everything keeps its place."""
        codes = self._character_codes.copy() if len(self.joined.first) else self._character_codes
        for first, end in self._joined_characters():
            codes[first + 1 : end] = 0
        codes[self.sources(self.joined.first)] = self.codes[self.joined.first]
        return codes

    def _joined_characters(self) -> Iterator[tuple[int, int]]:
        """The first character of each that was taken apart, and the one behind its last."""
        slots = self.joined.first
        return zip(self.sources(slots).tolist(), self.ends(slots).tolist(), strict=True)

    @cached_property
    def whole_documents(self) -> Sequence[Document]:
        """The documents, read so."""
        if not len(self.joined.first):
            return self.documents
        characters = self.characters.copy()
        for first, end in self._joined_characters():
            characters[first + 1 : end] = _UNSEEN
        characters[self.sources(self.joined.first)] = self.codes[self.joined.first] & np.uint32(EDGE)
        text = characters.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        bounds = self.field_starts.tolist()
        fields = [(name, text[a : b - 1]) for name, a, b in zip(self.names, bounds, bounds[1:], strict=False)]
        before = self.fields_before.tolist()
        return [tuple(fields[a:b]) for a, b in itertools.pairwise(before)]

    @property
    def size(self) -> int:
        """How many characters there are, an edge of each field included."""
        return int(self.field_starts[-1])

    def let_go(self, *, wholly: bool = False) -> None:
        """Free what only looking for words needs: most of the memory of a batch that is kept for its places.
        ``wholly``: the characters too, so that what patterns read is left, and where that stands."""
        of_kept = ("kept", "documents_of_kept", "fields_of_kept", "field_ends", "compact", "syllables", "digits")
        names = [*of_kept, "breaks", "before_breaks"]
        if wholly:
            # These would be made of them.
            _ = self.kinds, self.units
            names += ["characters", "codes", "_character_codes", "whole_codes", "whole_documents", "ground", "slots"]
        for name in names:
            self.__dict__.pop(name, None)

    def _expansion(self, code: int) -> Codes:
        """The codes that stand for one; those of an emoji read aloud say so."""
        text = self.tables.expansions[code & EDGE]
        return (text & np.uint32(EDGE)) | _ALIAS if code >> 16 == Kind.ALIAS | EXPANDS else text

    def sources(self, slots: Index | Numbers) -> Index:
        """The character, counted over the whole batch, that each slot came from."""
        slots = np.asarray(slots, np.intp)
        if not len(self._expanded):
            return slots
        number = np.searchsorted(self._expanded, slots, side="right")
        before, after = self._growth[np.maximum(number - 1, 0)], self._growth[number]
        inside = np.minimum(slots - self._expanded[np.maximum(number - 1, 0)], after - before)
        return np.where(number == 0, slots, slots - before - inside)

    def ends(self, slots: Index | Numbers) -> Index:
        """The character after the last one that each slot stands for; several where one was taken apart."""
        return self.sources(self.joined.last_of(np.asarray(slots, np.intp))) + 1

    @cached_property
    def has_flags(self) -> bool:
        """Whether anything is written in the letters that flags are made of, or beyond them."""
        if self._signs is not None:
            return bool(self._signs.marks & Mark.FLAG)
        return bool((self.characters >= FIRST_FLAG).any())

    @cached_property
    def may_be_turned(self) -> bool:
        """Whether there is a right-to-left override, or a letter of the block that upside-down ones are from."""
        if self._signs is not None:
            return bool(self._signs.marks & Mark.TURNED)
        turned = (self.characters >= UPSIDE_DOWN[0]) & (self.characters < UPSIDE_DOWN[1])
        return bool((turned | (self.characters == OVERRIDE)).any())

    def shows(self, kind: Kind) -> bool:
        """Whether any slot is of a kind."""
        kinds = self.kinds
        if self._signs is not None and self._signs.kinds:
            return bool(self._signs.kinds >> kind & 1)
        return bool((kinds == np.uint8(kind)).any())

    def _made(self, name: str) -> npt.NDArray[Any] | None:
        """One of the arrays that follow. The kernel makes all in one go, so the others are kept too."""
        library = kernels.library()
        if library is None or self._signs is None:
            return None
        given = self.tables.alphabet, self.codes, self._signs, len(self.field_starts) - 1
        vars(self).update(folding.views(library, *given))
        made: npt.NDArray[Any] = vars(self)[name]
        return made

    @cached_property
    def kinds(self) -> npt.NDArray[np.uint8]:
        """The kind of every slot (see ``Kind``)."""
        made = self._made("kinds")
        return (self.codes >> np.uint32(16)).astype(np.uint8) if made is None else made

    @cached_property
    def units(self) -> Units:
        """The unit of every slot; 0 or anything where the slot is dropped."""
        made = self._made("units")
        return self.codes.astype(np.uint16) if made is None else made

    @cached_property
    def kept(self) -> Numbers:
        """The slots of the compact view, in order; edges of fields are among them."""
        made = self._made("kept")
        return np.flatnonzero(self.kinds >= np.uint8(Kind.KEPT)).astype(np.int32) if made is None else made

    @cached_property
    def compact(self) -> Units:
        """The units of the compact view."""
        made = self._made("compact")
        return self.units.take(self.kept) if made is None else made

    @cached_property
    def syllables(self) -> Units:
        """The compact view with every Han character as its toneless syllable."""
        made = self._made("syllables")
        return self.tables.syllables.take(self.compact, mode="clip") if made is None else made

    @cached_property
    def fields_of_kept(self) -> Numbers:
        """The field of each slot of the compact view, counted over the batch."""
        sizes = np.diff(self.field_ends, prepend=np.int32(0))
        return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)

    @cached_property
    def field_ends(self) -> Numbers:
        """The unit of the compact view after the last of each field."""
        made = self._made("field_ends")
        ends = self._slots(self.field_starts[1:])
        return np.searchsorted(self.kept, ends).astype(np.int32) if made is None else made

    @cached_property
    def breaks(self) -> Numbers:
        """The slots where lines and fields end."""
        made = self._made("breaks")
        if made is not None:
            return made
        is_break = (self.kinds == np.uint8(Kind.LINE)) | (self.kinds == np.uint8(Kind.BARRIER))
        return np.flatnonzero(is_break).astype(np.int32)

    @cached_property
    def before_breaks(self) -> Numbers:
        """How many slots of the compact view are before each of these."""
        made = self._made("before_breaks")
        return np.searchsorted(self.kept, self.breaks).astype(np.int32) if made is None else made

    @cached_property
    def documents_of_fields(self) -> Numbers:
        """The document of each field, counted over the batch."""
        return np.repeat(np.arange(len(self.documents), dtype=np.int32), np.diff(self.fields_before))

    @cached_property
    def documents_of_kept(self) -> Numbers:
        """The document of each slot of the compact view."""
        return self.documents_of_fields[self.fields_of_kept]

    @cached_property
    def digits(self) -> Units:
        """The compact view with everything that reads as a digit as that digit: ``壹叁捌``, ``o``, ``l``."""
        return self.tables.digits.take(self.compact, mode="clip")

    def places(self, first: Index, last: Index) -> Place:
        """The original places of spans given by their first and last slot."""
        start = self.sources(first)
        return self.places_of(start, self.ends(last) - start)

    def places_of(self, start: Index, size: Index) -> Place:
        """The original places of spans given by their first character, counted over the batch, and their size."""
        library = kernels.library()
        if library is not None:
            count = len(self.documents_of_fields)
            return Place(*checking.locate(library, self.fields, count, start, np.ascontiguousarray(size)))
        field = np.searchsorted(self.field_starts, start, side="right") - 1
        base = self.field_starts[field]
        document = np.searchsorted(self.fields_before, field, side="right") - 1
        return Place(document, field - self.fields_before[document], start - base, start + size - base)

    def places_of_kept(self, first: Index, end: Index) -> Place:
        """The original places of spans ``[first, end)`` of the compact view."""
        field = self.fields_of_kept[first].astype(np.intp)
        document = self.documents_of_fields[field].astype(np.intp)
        base = self.field_starts[field]
        start, after = self.sources(self.kept[first]), self.ends(self.kept[end - 1])
        return Place(document, field - self.fields_before[document], start - base, after - base)

    @cached_property
    def fields(self) -> declarations.Fields:
        """The fields as kernels take them."""
        documents = self.documents_of_fields
        return declarations.Fields.of(starts=self.field_starts, documents=documents, before=self.fields_before)

    @cached_property
    def document_slots(self) -> Index:
        """The slot where each document begins, and the one after the last."""
        return self._slots(self.field_starts[self.fields_before])

    def slots_of_fields(self, slots: Index) -> Index:
        """All slots of the fields that hold some, in order, their edges among them."""
        bounds = self._slots(self.field_starts)
        field = np.unique(np.searchsorted(bounds, slots, side="right") - 1)
        size = bounds[field + 1] - bounds[field]
        found: Index = np.arange(size.sum()) + np.repeat(bounds[field] - np.cumsum(size) + size, size)
        return found

    def _slots(self, characters: Index) -> Index:
        """The first slot of each character."""
        if not len(self._expanded):
            return characters
        number = np.searchsorted(self._expanded - self._growth[:-1], characters, side="left")
        return characters + self._growth[number]


class Folded(NamedTuple):
    """The folded text of one field, and the slot of each of its characters."""

    text: str
    slots: Index


def folded(batch: Batch, first: int, end: int) -> Folded:
    """The folded view of slots ``[first, end)``: lower-case, half-width, simplified, separators kept."""
    codes = batch.codes[first:end]
    slots = np.flatnonzero(codes >> 16)
    text = codes[slots].astype("<u2").tobytes().decode("utf-16-le", "surrogatepass")
    return Folded(text, slots + first)
