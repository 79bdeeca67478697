"""Which occurrences of a literal are hits: the rules about gaps, borders and covering words, over whole arrays.

A gap is what the compact view leaves out between two characters of a term. The policy:

1. At most three separators stand in one gap (five where the term itself has one), and at most 256 invisible characters.
2. No gap holds a comma, the end of a sentence or a line break, unless each of the term's gaps does (``手，机，卡``, one
   character per line) and the term has three characters or more.
3. A Latin word is written in one piece or spaced out altogether: ``s i m`` is a hit for ``sim``, ``us dt`` none for
``usdt``.
   Signs other than spaces may stand anywhere in it (``US-DT``).
4. Where a term begins or ends with a Latin letter the next character is none; the same for digits. Han characters,
   digits beside letters and letters beside digits are borders (``加vx138``).
5. Some readings (three characters written backwards) count only where the hit stands alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import checking, declarations
from scanner.rulebook.literals import Found, Index, Numbers, Units, spans
from scanner.text.kinds import FIRST_FLAG, Kind
from scanner.text.views import Batch

Flags = npt.NDArray[np.bool_]
Small = npt.NDArray[np.uint8]

SEPARATORS_PER_GAP = 3
SEPARATORS_PER_OWN_GAP = 5
CHARACTERS_PER_GAP = 256
# Readings in another order have no context to tell a word from chance.
SHORTEST_DOWNWARDS = 3
NO_EDGE, LETTER, DIGIT = 0, 1, 2
_SPACE = 0x20


class _Traits(NamedTuple):
    lengths: npt.NDArray[np.int32]
    left: Small
    right: Small
    own_gaps: npt.NDArray[np.uint64]
    alone: Flags


class Traits(_Traits):
    """What the rules need to know of each literal: edges, own gaps (bit i: after unit i), where it may stand."""

    @cached_property
    def record(self) -> declarations.Traits:
        """The same as kernels take it."""
        return declarations.Traits.of(**self._asdict())


class Reading(NamedTuple):
    """A sequence of units to look in, and the slot of the batch that each came from."""

    units: Units
    slots: Numbers

    @property
    def record(self) -> declarations.Reading:
        """The same as kernels take it."""
        return declarations.Reading.of(units=self.units, slots=self.slots, length=len(self.units))


class Checked(NamedTuple):
    """Hits that obey the rules: literal, position, first and last slot, and the characters dropped inside."""

    literal: Index
    position: Index
    first: Index
    last: Index
    gap: Index


NONE = Checked(*(np.zeros(0, np.intp) for _ in Checked._fields))


def check(batch: Batch, reading: Reading, found: Found, traits: Traits, wanted: Flags | None = None) -> Checked:
    """The hits among ``found`` by the policy above; if literals are ``wanted``, of those alone."""
    if not len(found.literal):
        return NONE
    library = kernels.library()
    if library is not None:
        return Checked(*checking.check(library, batch.ground, reading.record, traits.record, found, wanted))
    if wanted is not None:
        found = found.take(np.flatnonzero(wanted[found.literal]))
    literal, position = found
    length = traits.lengths[literal]
    first, last = _slots(reading, position), _slots(reading, position + length - 1)
    gap = np.abs(last - first) + 1 - length
    good = borders(batch, reading, found, traits)
    gappy = np.flatnonzero(good & (gap > 0))
    if len(gappy):
        good[gappy], gap[gappy] = _gaps(batch, reading, Found(literal[gappy], position[gappy]), traits)
    keep = np.flatnonzero(good)
    return Checked(literal[keep], position[keep], first[keep], last[keep], gap[keep])


def unit_class(units: Units) -> Small:
    """Whether each unit is an ASCII letter (folded: lower-case), a digit, or neither."""
    letter = (units >= 0x61) & (units <= 0x7A)
    digit = (units >= 0x30) & (units <= 0x39)
    return letter.astype(np.uint8) * np.uint8(LETTER) + digit.astype(np.uint8) * np.uint8(DIGIT)


def borders(batch: Batch, reading: Reading, found: Found, traits: Traits) -> Flags:
    """Points 4 and 5."""
    literal, position = found
    good = np.ones(len(literal), np.bool_)
    after = position + traits.lengths[literal]
    alone = traits.alone[literal]
    for edge, own, neighbour in ((traits.left, position, position - 1), (traits.right, after - 1, after)):
        asked = np.flatnonzero((edge[literal] != NO_EDGE) | alone)
        if not len(asked):
            continue
        units = reading.units[neighbour[asked]]
        joined = _touching(batch, _slots(reading, own[asked]), _slots(reading, neighbour[asked]))
        alike = unit_class(units) == edge[literal[asked]]
        stranger = units != np.uint16(0xFFFF)
        good[asked] &= ~(joined & np.where(alone[asked], stranger, alike & (edge[literal[asked]] != NO_EDGE)))
    return good


def _touching(batch: Batch, own: Index, neighbour: Index) -> Flags:
    """Whether two neighbours of the compact view touch: nothing, or nothing visible, stands between them.

    A flag spelled in regional letters does not touch the word beside it.
    """
    toward = own + np.sign(neighbour - own)
    hidden = (batch.codes[toward] >> np.uint32(16)) == Kind.DROPPED
    beside: Flags = (toward == neighbour) | hidden
    if batch.has_flags:
        flags = batch.characters[batch.sources(own)] >= FIRST_FLAG
        beside &= flags == (batch.characters[batch.sources(neighbour)] >= FIRST_FLAG)
    return beside


def _gaps(batch: Batch, reading: Reading, found: Found, traits: Traits) -> tuple[Flags, Index]:
    """Points 1 to 3 for hits with something dropped inside: whether each is good, and what its gaps add up to."""
    literal, position = found
    joints = (traits.lengths[literal] - 1).astype(np.intp)
    hit = np.repeat(np.arange(len(literal)), joints)
    number = spans(np.zeros(len(joints), np.intp), joints)
    left = position[hit] + number
    begin, end = _slots(reading, left), _slots(reading, left + 1)
    width = np.abs(end - begin) - 1
    seen = _inside(batch, np.minimum(begin, end) + 1, np.minimum(width, CHARACTERS_PER_GAP))
    own = (traits.own_gaps[literal[hit]] >> number.astype(np.uint64) & np.uint64(1)).astype(np.bool_)
    latin = (unit_class(reading.units[left]) == LETTER) & (unit_class(reading.units[left + 1]) == LETTER) & ~own

    def per_hit(values: npt.NDArray[np.generic]) -> Index:
        return np.bincount(hit, weights=values, minlength=len(literal)).astype(np.intp)

    most = np.where(own, SEPARATORS_PER_OWN_GAP, SEPARATORS_PER_GAP)
    bad = per_hit((seen.separators > most) | (width > CHARACTERS_PER_GAP))
    breaks, spaced, latin_joints = per_hit(seen.breaks > 0), per_hit(latin & seen.only_spaces), per_hit(latin)
    uniform = (breaks == joints) & (joints >= 2)
    good = (bad == 0) & ((breaks == 0) | uniform) & ((spaced == 0) | (spaced == latin_joints))
    return good, per_hit(np.where(own, np.maximum(width - 1, 0), width))


class _Inside(NamedTuple):
    separators: Index
    breaks: Index
    only_spaces: Flags


def _inside(batch: Batch, first: Index, width: Index) -> _Inside:
    """What stands in each gap of ``width`` slots from ``first`` on."""
    gap = np.repeat(np.arange(len(first)), width)
    codes = batch.codes[spans(first, width)]
    kind = codes >> np.uint32(16)
    visible = (kind >= Kind.SEPARATOR) & (kind != Kind.ALIAS)
    spaces = visible & ((codes & np.uint32(0xFFFF)) == _SPACE)

    def per_gap(values: Flags) -> Index:
        return np.bincount(gap[values], minlength=len(first))

    separators = per_gap(visible)
    breaks = per_gap((kind >= Kind.COMMA) & (kind <= Kind.LINE))
    return _Inside(separators, breaks, (separators > 0) & (per_gap(spaces) == separators))


def check_masked(batch: Batch, reading: Reading, hits: Checked, masked: npt.NDArray[np.int32]) -> Checked:
    """Of literals with a character left out, those with one to three masking signs in its place and no gap elsewhere.

    ``masked[literal]`` is the joint where the character is missing.
    """
    joint = hits.position + masked[hits.literal]
    begin, end = _slots(reading, joint), _slots(reading, joint + 1)
    width = np.abs(end - begin) - 1
    asked = np.flatnonzero((width >= 1) & (width <= SEPARATORS_PER_GAP) & (width == hits.gap))
    kinds = batch.codes[spans(np.minimum(begin, end)[asked] + 1, width[asked])] >> np.uint32(16)
    signs = np.bincount(np.repeat(asked, width[asked])[kinds == Kind.MASK], minlength=len(joint))
    return _taken(hits, np.flatnonzero((signs == width) & (width == hits.gap) & (signs > 0)))


def only_leet(batch: Batch, reading: Reading, hits: Checked, traits: Traits) -> Checked:
    """Of hits read with digits and signs as letters, those where some are, and at least as many letters are letters."""
    if not len(hits.literal):
        return hits
    library = kernels.library()
    if library is not None:
        given = batch.units, reading.record, traits.lengths, hits.literal, hits.position
        return _taken(hits, np.flatnonzero(checking.only_leet(library, *given)))
    length = traits.lengths[hits.literal].astype(np.intp)
    hit = np.repeat(np.arange(len(length)), length)
    at = spans(hits.position, length)
    raw = batch.units[reading.slots[at]]
    letters = np.bincount(hit[unit_class(raw) == LETTER], minlength=len(length))
    read = np.bincount(hit[raw != reading.units[at]], minlength=len(length))
    return _taken(hits, np.flatnonzero((read > 0) & (letters >= 2) & (letters >= read)))


def check_downwards(reading: Reading, found: Found, traits: Traits) -> Checked:
    """Hits in a column of characters: at least three of them, one on each line."""
    long = np.flatnonzero(traits.lengths[found.literal] >= SHORTEST_DOWNWARDS)
    literal, position = found.literal[long], found.position[long]
    length = traits.lengths[literal]
    first, last = _slots(reading, position), _slots(reading, position + length - 1)
    return Checked(literal, position, first, last, last - first + 1 - length)


def _slots(reading: Reading, position: Index) -> Index:
    return reading.slots[position].astype(np.intp)


def _taken(hits: Checked, chosen: Index) -> Checked:
    return Checked(*(column[chosen] for column in hits))
