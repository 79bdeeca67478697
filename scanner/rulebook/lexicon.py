"""All terms, cover words and patterns of a rulebook, made ready to be found in batches of listings.

The interface between the matching engine and the rule language: number the term lists, hand over their words, and get
back every place where one stands, in which view, with how much dropped inside. What a hit means is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from scanner.errors import RulebookError
from scanner.model import View
from scanner.rulebook import surroundings, variants, vocabulary
from scanner.rulebook.atoms import Alternative
from scanner.rulebook.content import Content, Cover, Entry, Pattern, Words
from scanner.rulebook.continued import texts_behind
from scanner.rulebook.finder import Finder, Vocabularies
from scanner.rulebook.hits import Hits
from scanner.rulebook.patterns import Texts, fault_of, in_folded_alphabet, needs
from scanner.rulebook.pieces import Neighbour, Setting, settings
from scanner.rulebook.rows import NUMBER_OF
from scanner.rulebook.surroundings import Surroundings
from scanner.rulebook.survey import Survey
from scanner.rulebook.variants import Writing
from scanner.text.tables import Tables, load
from scanner.text.views import Document, Gathered

__all__ = ["NORMALISER", "Cover", "Entry", "Hits", "Lexicon", "Pattern", "fault_of_pattern", "fault_of_term"]

# Version of the character table and the curated knowledge: stamped on findings, part of every cache key.
NORMALISER: str = load().version
# Changes whenever ``dump`` would write something that an older ``restore`` does not read.
_FORMAT = 7

Way = tuple[Writing, int, int]
_Arrays = list[tuple[str, bytes]]


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """A lexicon as it is dumped."""

    form: int
    normaliser: str
    words: tuple[str, str]
    entries: _Arrays
    covers: _Arrays
    patterns: tuple[Pattern, ...]
    vocabularies: list[_Arrays]
    alternatives: tuple[Alternative, ...]
    around: _Arrays

    def content(self) -> Content:
        """The words and patterns."""
        words, cover_words = self.words
        bounds, lists, disguises = _arrays(self.entries)
        cover_bounds, cover_lists = _arrays(self.covers)
        return Content(
            Words(words, bounds), lists, disguises, Words(cover_words, cover_bounds), cover_lists, self.patterns
        )


def fault_of_term(text: str) -> str:
    """What keeps ``text`` from being a term or cover word, in words; empty if nothing does.

    A single character can be a term; a letter or digit then stands alone.
    """
    units = load().compact(text)
    if not units:
        return "has no letter, digit or character that is ever matched"
    return f"is longer than {variants.LONGEST_TERM} characters" if len(units) > variants.LONGEST_TERM else ""


fault_of_pattern = fault_of


class Lexicon:
    """Entries, covers and patterns, immutable once built; safe to share between threads and forked processes."""

    def __init__(self, content: Content, finder: Finder) -> None:
        """Use ``build`` or ``restore``."""
        self.content = content
        self._finder = finder

    @classmethod
    def build(
        cls,
        entries: Sequence[Entry],
        covers: Sequence[Cover] = (),
        patterns: Sequence[Pattern] = (),
        *,
        are_sound: bool = False,
    ) -> Lexicon:
        """Fold, expand and index. Raises ``RulebookError`` with every fault of every word and pattern, unless they are
        known to be sound."""
        if not are_sound and (faults := _faults(entries, covers, patterns)):
            raise RulebookError(faults)
        content = Content.of(entries, covers, patterns)
        alternatives, clauses, around = _needs(patterns, load())
        vocabularies = _vocabularies(content, entries, clauses, load())
        return cls(content, Finder(content, vocabularies, alternatives, around))

    def dump(self) -> bytes:
        """The whole lexicon as bytes, for a cache keyed by content and ``NORMALISER``."""
        content = self.content
        kept = _Kept(
            _FORMAT,
            NORMALISER,
            (content.words.joined, content.cover_words.joined),
            _bytes((content.words.bounds, content.entry_lists, content.disguises)),
            _bytes((content.cover_words.bounds, content.cover_lists)),
            content.patterns,
            [_bytes(vocabulary.to_arrays(part)) for part in self._finder.vocabularies],
            self._finder.alternatives,
            _bytes(self._finder.around),
        )
        return msgspec.msgpack.encode(kept)

    @classmethod
    def restore(cls, data: bytes | memoryview) -> Lexicon:
        """What ``dump`` wrote; raises ``ValueError`` for anything else, such as a dump of another version."""
        try:
            kept = msgspec.msgpack.decode(data, type=_Kept)
        except msgspec.DecodeError as error:
            raise ValueError(f"not a lexicon: {error}") from error
        if (kept.form, kept.normaliser) != (_FORMAT, NORMALISER):
            raise ValueError("a lexicon of another version")
        content = kept.content()
        vocabularies = Vocabularies(*(vocabulary.from_arrays(_arrays(part)) for part in kept.vocabularies))
        return cls(content, Finder(content, vocabularies, kept.alternatives, Surroundings(*_arrays(kept.around))))

    def find(self, documents: Sequence[Document], texts: Gathered | None = None) -> Hits:
        """Every hit in ``documents``, each a sequence of ``(field, text)``; best a few hundred at a time. ``texts`` are
        theirs, if at hand.

        Never raises for what a text contains. Bounds: see ``scanner.rulebook.finder``.
        """
        return self._finder.find(documents, texts)

    def survey(
        self, lists: Collection[int], placed: Collection[int] | None = None, *, is_scored: bool = False
    ) -> Lexicon:
        """One that looks for some lists alone, and roughly: what it says is there may not be, never the reverse. It
        says where the words of those stand that are ``placed``, or of all; and if ``is_scored``, what documents read
        like."""
        return Lexicon(self.content, Survey.of(self._finder, lists, placed, is_scored=is_scored))

    @property
    def weak_patterns(self) -> tuple[Pattern, ...]:
        """Patterns without a literal that every match contains: their lists never rule a document out."""
        return tuple(self.content.patterns[number] for number in self._finder.weak)


def _faults(entries: Iterable[Entry], covers: Iterable[Cover], patterns: Iterable[Pattern]) -> tuple[str, ...]:
    texts = [entry.text for entry in entries] + [cover.text for cover in covers]
    faults = [f'"{text}" {fault}' for text in texts if (fault := fault_of_term(text))]
    faults += [f'"{pattern.re}" {fault}' for pattern in patterns if (fault := fault_of(pattern.re))]
    return tuple(faults)


def _needs(patterns: Sequence[Pattern], tables: Tables) -> tuple[tuple[Alternative, ...], list[Texts], Surroundings]:
    """The alternatives of all patterns, the clauses and the surroundings that they name by number.

    Equal clauses have one number; but one with neighbours is its alternative's own.
    """
    clauses: dict[tuple[Texts, int], int] = {}
    alternatives: list[Alternative] = []
    neighbours: list[Sequence[Neighbour]] = []
    for number, pattern in enumerate(patterns):
        folded = in_folded_alphabet(pattern.re, tables)
        for needed, setting in map(_telling, needs(folded, tables), settings(folded, tables)):
            keys = [(texts, -1) for texts in needed]
            if setting is not None:
                keys[0] = (setting.texts, len(alternatives))
                neighbours.append(setting.neighbours)
            named = tuple(clauses.setdefault(key, len(clauses)) for key in keys)
            alternatives.append(Alternative(number, named, len(neighbours) - 1 if setting is not None else -1))
    return tuple(alternatives), [texts for texts, _ in clauses], surroundings.build(neighbours)


def _telling(needed: Sequence[Texts], setting: Setting | None) -> tuple[Sequence[Texts], Setting | None]:
    """The clauses of an alternative, that of its setting first. A single character stands in every other listing:
    beside what is longer it is left out, and its setting too."""
    clauses = [*dict.fromkeys((setting.texts, *needed) if setting is not None else needed)]
    longer = [texts for texts in clauses if min(map(len, texts)) > 1]
    told = longer or clauses
    return told, setting if setting is not None and setting.texts in told else None


def _vocabularies(content: Content, entries: Sequence[Entry], clauses: Sequence[Texts], tables: Tables) -> Vocabularies:
    terms = _distinct_terms(entries, tables)
    covers = [variants.plain(text, tables) for text in content.cover_words]
    first_cover = len(entries) + len(content.patterns)
    first_clause = first_cover + len(covers)
    plain = [(term, owner, NUMBER_OF[View.FOLDED]) for owner, term in terms.items()]
    behind = texts_behind(entries, content.covers)
    compact = [
        *plain,
        *((Writing(atom), first_clause + i, 0) for i, found in enumerate(clauses) for atom in sorted(found)),
        *((cover, first_cover + i, 0) for i, cover in enumerate(covers)),
        *((variants.plain(text, tables), owner, NUMBER_OF[View.FOLDED]) for text, owner in behind),
        *_disguises(entries, terms, tables),
    ]
    syllables = [
        (way, owner, NUMBER_OF[way.view])
        for owner, term in terms.items()
        if entries[owner].sound
        for way in variants.sounds(term.units, tables)
    ]
    disguised = {owner: term for owner, term in terms.items() if entries[owner].is_disguised}
    longer = [(term, owner, NUMBER_OF[View.FOLDED]) for owner, term in disguised.items() if len(term.units) > 1]
    latin = [(_leet(term, tables), owner, view) for term, owner, view in plain if _is_latin(term.units)]
    masked = [(way, i, NUMBER_OF[way.view]) for i, term in disguised.items() for way in variants.masked(term.units)]
    return Vocabularies(*map(vocabulary.build, (compact, syllables, longer, latin, masked)))


def _distinct_terms(entries: Sequence[Entry], tables: Tables) -> dict[int, Writing]:
    """The plain way of every entry, by number; of entries of one list that read the same, the first."""
    terms: dict[int, Writing] = {}
    seen: set[tuple[int, Writing, bool, bool, bool]] = set()
    for number, entry in enumerate(entries):
        term = variants.plain(entry.text, tables)
        key = (entry.list, term, entry.sound, entry.split, entry.pinyin)
        if key not in seen:
            seen.add(key)
            terms[number] = term
    return terms


def _disguises(entries: Sequence[Entry], terms: dict[int, Writing], tables: Tables) -> Iterator[Way]:
    """The ways of all terms that are further literals of the compact view; never a word that is itself a term.

    Except taken apart or with Latin syllables among Han: that is no word, so another list may have it as it stands.
    """
    known = {term.units for term in terms.values()}
    for owner, term in terms.items():
        entry = entries[owner]
        ways = [*variants.numerals(term.units)]
        if entry.is_disguised:
            ways += [*variants.shapes(term.units), *variants.reversals(term.units)]
        if entry.split:
            ways += variants.split(term.units)
        if entry.sound:
            ways += variants.by_two(term.units)
        if entry.pinyin or entry.sound:
            ways += variants.spellings(term.units, tables, whole=entry.pinyin)
        told = (way for way in ways if way.view in _NO_WORDS or way.units not in known)
        yield from ((way, owner, NUMBER_OF[way.view]) for way in told)


_NO_WORDS = frozenset({View.SPLIT, View.PINYIN})


def _is_latin(units: str) -> bool:
    return sum(unit.isascii() and unit.isalpha() for unit in units) >= variants.LETTERS_OF_LEET


def _leet(term: Writing, tables: Tables) -> Writing:
    """The term as the leet view shows it."""
    return term._replace(units="".join(chr(int(tables.leet[ord(unit)])) for unit in term.units), view=View.LEET)


def _bytes(arrays: Iterable[npt.NDArray[Any]]) -> _Arrays:
    return [(array.dtype.str, array.tobytes()) for array in arrays]


def _arrays(columns: _Arrays) -> list[npt.NDArray[Any]]:
    return [np.frombuffer(data, np.dtype(kind)) for kind, data in columns]
