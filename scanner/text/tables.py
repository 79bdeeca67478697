"""The shipped character table, loaded once: code point to kind and unit, units to syllables, digits and letters."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Alphabet
from scanner.text import components, curated, homophones
from scanner.text.kinds import EDGE, EXPANDS, FIRST_FLAG, LAST_STORED, MARKS, OVERRIDE, UPSIDE_DOWN, Kind, Mark

Units = npt.NDArray[np.uint16]
Codes = npt.NDArray[np.uint32]

# Syllables live in the private use area of the units, where no folded text has anything.
FIRST_SYLLABLE = 0xE000
_CODE_POINTS = 0x110000
_PLANE_14 = slice(0xE0000, 0xF0000)
_FIRST_HAN = 0x3400


class Kept(dict[int, str]):
    """What the compact view keeps of a character, by code point; worked out when it is first asked for."""

    def __init__(self, codes: Codes, expansions: Sequence[Codes]) -> None:
        super().__init__()
        self._codes, self._expansions = codes, expansions

    def __missing__(self, code: int) -> str:
        kind, folded = _folded(self._codes, self._expansions, code)
        kept = "".join(unit for unit in folded if kind >= Kind.KEPT and _kind(self._codes, unit) >= Kind.KEPT)
        self[code] = kept
        return kept


class Tables(NamedTuple):
    """``codes[code point]`` holds the kind in the upper half and the unit (or the expansion's number) in the lower."""

    version: str
    codes: Codes
    expansions: tuple[Codes, ...]
    syllables: Units
    syllable_names: tuple[str, ...]
    digits: Units
    leet: Units
    # What has been asked of single characters: terms are made of a few thousand different ones.
    known: dict[str, tuple[tuple[str, bool], ...]]
    kept: Kept
    # The same as kernels take it.
    alphabet: Alphabet

    def fold(self, text: str) -> str:
        """The folded text, separators kept: for terms and patterns, with the same table as for listings."""
        return "".join(self.fold_character(char)[1] for char in text)

    def fold_character(self, char: str) -> tuple[int, str]:
        """The kind of one character and what it becomes."""
        return _folded(self.codes, self.expansions, ord(char))

    def is_kept(self, unit: str) -> bool:
        """Whether a folded unit is in the compact view."""
        return _kind(self.codes, unit) >= Kind.KEPT

    def compact(self, text: str) -> str:
        """The units of ``text`` that the compact view keeps, as a string."""
        return text.translate(self.kept)

    def units_of(self, char: str) -> tuple[tuple[str, bool], ...]:
        """The units that a character becomes, and whether each is in the compact view."""
        known = self.known.get(char)
        if known is None:
            kind, folded = self.fold_character(char)
            known = tuple((unit, kind >= Kind.KEPT and self.is_kept(unit)) for unit in folded)
            self.known[char] = known
        return known

    def reading(self, char: str) -> str:
        """The toneless syllable of a folded Han character, or ``""``."""
        number = int(self.syllables[min(ord(char), EDGE)]) - FIRST_SYLLABLE
        return self.syllable_names[number - 1] if 0 < number <= len(self.syllable_names) else ""

    def syllable(self, name: str) -> int:
        """The unit of a syllable in the syllable view; raises ``ValueError`` for what is none."""
        return FIRST_SYLLABLE + 1 + self.syllable_names.index(name)


def _folded(codes: Codes, expansions: Sequence[Codes], code_point: int) -> tuple[int, str]:
    code = int(codes[code_point])
    kind, unit = code >> 16, code & 0xFFFF
    if kind & EXPANDS:
        return kind & ~EXPANDS, "".join(chr(int(c) & 0xFFFF) for c in expansions[unit])
    return kind, chr(unit) if kind else ""


def _kind(codes: Codes, unit: str) -> int:
    return int(codes[ord(unit)]) >> 16 & ~EXPANDS


@functools.cache
def load() -> Tables:
    """The tables, read from the package on first use (about 10 ms, 6 MB)."""
    data = resources.files("scanner.text").joinpath("characters.npz").read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    codes, expansions = _codes(arrays["kinds"], arrays["units"]), _expansions(arrays)
    syllables = _syllables(arrays["syllables"])
    return Tables(
        version=_version(data),
        codes=codes,
        expansions=expansions,
        syllables=syllables,
        syllable_names=tuple(str(name) for name in arrays["syllable_names"]),
        digits=_mapping({char: digit for digit, chars in curated.DIGITS.items() for char in chars}),
        leet=_mapping({char: letter for letter, chars in curated.LEET.items() for char in chars}),
        known={},
        kept=Kept(codes, expansions),
        alphabet=_alphabet(codes, expansions, syllables),
    )


def _alphabet(codes: Codes, expansions: Sequence[Codes], syllables: Units) -> Alphabet:
    return Alphabet.of(
        codes=_marked(codes, expansions),
        size=len(codes),
        expansions=np.concatenate(expansions),
        expansion_bounds=np.cumsum([0, *map(len, expansions)], dtype=np.int32),
        expansion_count=len(expansions),
        syllables=syllables,
    )


def _marked(codes: Codes, expansions: Sequence[Codes]) -> Codes:
    """The codes with the marks of each code point: what is rare enough to be looked at only where some text has it."""
    marked = codes.copy()
    is_bare = np.zeros(EDGE + 1, np.bool_)
    is_bare[[*map(ord, components.BARE)]] = True
    expands = np.zeros(EDGE + 1, np.bool_)
    expands[: len(expansions)] = [is_bare[units & np.uint32(EDGE)].any() for units in expansions]
    stored = marked[:LAST_STORED]
    units, is_expanded = stored & np.uint32(EDGE), (stored & np.uint32(EXPANDS << 16)) > 0
    stored[np.where(is_expanded, expands[units], is_bare[units])] |= np.uint32(Mark.APART << MARKS)
    marked[FIRST_FLAG:] |= np.uint32(Mark.FLAG << MARKS)
    marked[[OVERRIDE, *range(*UPSIDE_DOWN)]] |= np.uint32(Mark.TURNED << MARKS)
    return marked


def _version(data: bytes) -> str:
    """What findings are stamped with: the table and the hand-made knowledge beside it."""
    modules = (curated, components, homophones)
    hand_made = [{name: value for name, value in vars(module).items() if name.isupper()} for module in modules]
    digest = hashlib.sha256(data + msgspec.json.encode(hand_made, order="deterministic"))
    return digest.hexdigest()[:16]


def _codes(kinds: npt.NDArray[np.uint8], units: Units) -> Codes:
    codes = np.full(_CODE_POINTS, Kind.SEPARATOR << 16 | 0xFFFC, np.uint32)
    codes[_PLANE_14] = Kind.DROPPED << 16
    codes[:LAST_STORED] = kinds.astype(np.uint32) << 16 | units
    return codes


def _expansions(arrays: dict[str, npt.NDArray[np.uint16]]) -> tuple[Codes, ...]:
    """Every expansion as codes: kept units are kept, and a sign inside one is a separator."""
    base = _codes(arrays["kinds"].astype(np.uint8), arrays["units"])
    parts = np.split(arrays["expansion_units"], arrays["expansion_starts"][1:-1].astype(np.intp))
    kept = [
        np.where((base[part] >> 16 & ~np.uint32(EXPANDS)) >= Kind.KEPT, Kind.KEPT, Kind.SEPARATOR) for part in parts
    ]
    return tuple(
        (kind.astype(np.uint32) << 16 | part).astype(np.uint32) for kind, part in zip(kept, parts, strict=True)
    )


def _syllables(numbers: Units) -> Units:
    syllables = np.arange(0x10000, dtype=np.uint16)
    block = syllables[_FIRST_HAN : _FIRST_HAN + len(numbers)]
    block[numbers > 0] = FIRST_SYLLABLE + numbers[numbers > 0]
    return syllables


def _mapping(pairs: dict[str, str]) -> Units:
    mapping = np.arange(0x10000, dtype=np.uint16)
    for char, target in pairs.items():
        mapping[ord(char)] = ord(target)
    return mapping
