"""The shipped weights, and how much the documents of a batch resemble the prohibited offers they were learnt from.

What a text scores is the weight of all different words and pairs that the table knows, over the square root of how
many these are, plus a constant: the log-odds of a logistic regression on presence, each portion scaled to length one.
Weights are whole numbers, so every way of adding them up comes to the same.
"""

from __future__ import annotations

import functools
import hashlib
import io
import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from importlib import resources
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import resembling
from scanner.kernels.declarations import Weights
from scanner.kernels.resembling import Rows, Texts
from scanner.likeness.passages import NO_PASSAGES, Passages
from scanner.likeness.phrases import LONGEST, MOST, phrases
from scanner.likeness.words import (
    HINTS,
    LONGEST_NUMBER,
    LONGEST_TEXT,
    LONGEST_WORD,
    MULTIPLIERS,
    PASSAGE,
    PORTION,
    STEP,
    TELLS,
    UNREAD,
    Index,
    Keys,
    Words,
    is_told,
    parts_of,
    portions_of,
    told_by,
    words_of,
)
from scanner.text import tables
from scanner.text.tables import Tables
from scanner.text.views import Batch, Document, Place

# What is told apart, in the order of the table's columns.
CATEGORIES = (
    "account_trade",
    "fraud_recruitment",
    "game_goods",
    "gift_card",
    "identity_data",
    "iot_card",
    "payment_instrument",
    "phishing",
    "phone_card",
    "recharge_card",
    "telecom_equipment",
    "verification_service",
)
# A text of fewer words is brief, and so is one without a description: a title alone reads like anything. What is said
# of it is only that it reads like an offer, not that it does not, and only by so much more log-odds.
FEWEST_WORDS = 20
DOUBT = 4.8
# The same of passages where there is but a title: a guard is believed there unless so much more speaks against it.
DOUBT_OF_TITLES = DOUBT / 2
# So many words must be there before anything is said.
FEWEST_BRIEF = 8
# Documents that numpy reads together: what they fill stays near the processor.
TOGETHER = 64
# What a weight of one is as a whole number.
UNIT = 1 << 12
# Upper bits of a key that find its place in the table.
BITS = 17
Scores = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
# Field, start and end in its text, of some phrases.
Places = tuple[tuple[str, int, int], ...]


class _Known(NamedTuple):
    """Different words of a portion that the table knows: portion, and number in the table."""

    portion: Index
    number: Index


class _Worst(NamedTuple):
    """The worst portion of a document, with its words: its number, what it scores, and its different known words."""

    words: Words
    portion: int
    score: float
    numbers: Index


class Likeness:
    """The table of weights; immutable."""

    def __init__(
        self,
        keys: Keys,
        weights: npt.NDArray[np.int32],
        constants: npt.NDArray[np.float64],
    ) -> None:
        """``weights[key, 0]`` counts for any category, ``weights[key, 1:]`` for each of ``CATEGORIES``, in 1/``UNIT``;
        ``constants`` likewise. No two keys share a place in the table (see ``place_of``); at most 65,536 of them."""
        self.keys = keys
        self.weights = weights
        self.constants = constants
        self.table = np.full(1 << BITS, -1, np.int32)
        self.table[place_of(keys)] = np.arange(len(keys))
        self._tables: Tables = tables.load()
        self._record = self._recorded()

    def _recorded(self) -> Weights:
        """What the kernels are handed."""
        return Weights.of(
            places=np.maximum(self.table, 0).astype(np.uint16),
            bits=BITS,
            unit=UNIT,
            keys=self.keys,
            weights=np.ascontiguousarray(self.weights[:, 0]),
            constant=float(self.constants[0]),
            multipliers=MULTIPLIERS,
            longest_word=LONGEST_WORD,
            longest_number=LONGEST_NUMBER,
            longest_text=LONGEST_TEXT,
            portion=PORTION,
            passage=PASSAGE,
            step=STEP,
            fewest=FEWEST_WORDS,
            fewest_brief=FEWEST_BRIEF,
            phrases=MOST,
            longest_phrase=LONGEST,
            doubt=DOUBT_OF_TITLES,
        )

    def scores(self, batch: Batch) -> Scores:
        """The log-odds of each document, read in its worst portion; NaN where nothing can be said: where there are too
        few words, and of what is brief and does not read like an offer. What is harmless at large may hide an offer:
        see ``passages``."""
        library = kernels.library()
        if library is None:
            documents = batch.whole_documents
            batches = (documents[first : first + TOGETHER] for first in range(0, len(documents), TOGETHER))
            return np.concatenate([*map(self._worst, batches), np.zeros(0)])
        return _judged(*resembling.resemble(library, self._record, _texts(batch)))

    def passages(self, batch: Batch, numbers: Sequence[int]) -> list[Passages]:
        """The passages of some documents of a batch, in any fields: what is harmless before or behind one takes nothing
        from it. None where there are only names and headings, or too few words; where there is but a title it takes
        more to read like an offer."""
        library = kernels.library()
        if library is None:
            return [self._passages_of(batch.whole_documents[number]) for number in numbers]
        if not len(numbers):
            return []
        rows = self._passages(library, batch, np.array(numbers, np.int64))
        bounds = rows.bounds.tolist()
        scores, firsts, ends = (column[: bounds[-1]].tolist() for column in rows[:3])
        return [Passages(scores[a:b], firsts[a:b], ends[a:b]) for a, b in pairwise(bounds)]

    def around(self, batch: Batch, documents: Index, places: Place) -> tuple[Scores, Scores]:
        """The log-odds of the passage of each of some documents of a batch, one at least, in order, that reads most
        like an offer; and of the one around each of some places in them. -inf where there is none."""
        owners = np.searchsorted(documents, places.document)
        before = batch.fields_before[places.document]
        begin = batch.field_starts[before + places.field] - batch.field_starts[before]
        firsts, ends = begin + places.start, begin + places.end
        library = kernels.library()
        if library is not None:
            return resembling.around(library, self._passages(library, batch, documents), owners, firsts, ends)
        read = self.passages(batch, documents.tolist())
        given = zip(owners.tolist(), firsts.tolist(), ends.tolist(), strict=True)
        found = [read[owner].around(first, end) for owner, first, end in given]
        return np.array([one.most() for one in read], np.float64), np.array(found, np.float64)

    def _passages(self, library: kernels.Library, batch: Batch, documents: Index) -> Rows:
        """The passages of some documents, one at least, in rows."""
        # Of all fields those from the first document to the last.
        least = documents.min()
        before = batch.fields_before[least : documents.max() + 2]
        first, end = before[[0, -1]]
        parts = parts_of(batch.names[first:end], whole=True)
        texts = Texts(batch.whole_codes, batch.field_starts[first : end + 1], parts, before - first)
        return resembling.passages(library, self._record, texts, documents - least)

    def categories(self, batch: Batch, numbers: Sequence[int]) -> list[str]:
        """The category that each of some documents of a batch, read in its worst portion, resembles most."""
        library = kernels.library()
        if library is None:
            return [self._category(self._worst_of(batch.whole_documents[number]).numbers) for number in numbers]
        given = self._record, _texts(batch), np.array(numbers, np.int64)
        known, bounds = resembling.known(library, *given)
        return [self._category(known[first:end]) for first, end in pairwise(bounds.tolist())]

    def phrases(self, batch: Batch, numbers: Sequence[int]) -> list[Places]:
        """Where the phrases stand that weighed most in the worst portion of some documents of a batch, in the order of
        the text; of too few words none."""
        library = kernels.library()
        if library is None:
            return [self._phrases_of(batch.whole_documents[number]) for number in numbers]
        given = self._record, _texts(batch), np.array(numbers, np.int64)
        firsts, ends, bounds = resembling.phrases(library, *given)
        found = []
        for number, part in zip(numbers, itertools.starmap(slice, pairwise(bounds.tolist())), strict=True):
            own = batch.fields_before[number], batch.fields_before[number + 1]
            starts = (batch.field_starts[slice(*own)] - batch.field_starts[own[0]]).tolist()
            names = batch.names[slice(*own)]
            places = []
            for first, end in sorted(zip(firsts[part].tolist(), ends[part].tolist(), strict=True)):
                field = bisect_right(starts, first) - 1
                places.append((names[field], first - starts[field], end - starts[field]))
            found.append(tuple(places))
        return found

    def _category(self, numbers: npt.NDArray[Any]) -> str:
        """What the different words of a portion resemble most, by their numbers in the table."""
        sums = self.weights[numbers, 1:].sum(axis=0) / (math.sqrt(max(len(numbers), 1)) * UNIT) + self.constants[1:]
        return CATEGORIES[int(np.argmax(sums))]

    def _worst(self, documents: Sequence[Document]) -> Scores:
        """What the worst portions say of each document."""
        words = words_of(documents, self._tables)
        portions = self._portions(words, self._known(words))
        scores = np.full(len(documents), -np.inf)
        np.maximum.at(scores, words.document, portions)
        scores[words.counts < FEWEST_BRIEF] = np.nan
        return _judged(scores, words.counts, _brief(documents, words.counts))

    def _worst_of(self, document: Document) -> _Worst:
        """The worst portion of one document."""
        words = words_of([document], self._tables)
        known = self._known(words)
        scores = self._portions(words, known)
        worst = int(np.argmax(scores))
        return _Worst(words, worst, float(scores[worst]), known.number[known.portion == worst])

    def _known(self, words: Words) -> _Known:
        row, number = self._rows(words)
        return self._different(words.portion[row], number)

    def _rows(self, words: Words) -> tuple[Index, Index]:
        """The rows that the table knows, and their numbers in it."""
        number = self.table[place_of(words.key)]
        row = np.flatnonzero(number >= 0)
        row = row[self.keys[number[row]] == words.key[row]]
        return row, number[row].astype(np.intp)

    def _different(self, portion: Index, number: Index) -> _Known:
        """What is twice in a portion counts once."""
        pairs = np.sort(portion * len(self.keys) + number)
        return _Known(*np.divmod(pairs[np.diff(pairs, prepend=-1) > 0], len(self.keys)))

    def _passages_of(self, document: Document) -> Passages:
        """The passages of one document, in numpy."""
        told = told_by(document)
        words = words_of([document], self._tables, whole=True) if told != UNREAD else None
        if words is None or words.counts[0] < (FEWEST_WORDS if told == TELLS else FEWEST_BRIEF):
            return NO_PASSAGES
        count = int(words.counts[0])
        row, number = self._rows(words)
        first = np.searchsorted(words.start[: words.singles], words.start[row])
        last = first + (row >= words.singles)
        # A word is in the passages from the one that ends with it to the one that begins with it.
        passages = max(-((PASSAGE - count) // STEP), 0) + 1
        lowest = np.maximum(-((PASSAGE - 1 - last) // STEP), 0)
        many = np.minimum(first // STEP, passages - 1) - lowest + 1
        passage = np.repeat(lowest - (np.cumsum(many) - many), many) + np.arange(many.sum())
        # What is unknown does not count: an offer of few words would be hidden in it.
        scores = self._sums(self._different(passage, np.repeat(number, many)), np.zeros(passages, np.intp))
        scores -= DOUBT_OF_TITLES if told == HINTS else 0.0
        places = self._begins(document, words)
        begin = np.arange(passages) * STEP
        return Passages(scores.tolist(), places[begin].tolist(), places[np.minimum(begin + PASSAGE, count)].tolist())

    def _begins(self, document: Document, words: Words) -> Index:
        """The character where each word of one document begins, and the end of it."""
        bounds = np.cumsum([0, *(len(text) + 1 for _, text in document)])
        starts = words.start[: words.singles]
        text = np.searchsorted(words.starts, starts, side="right") - 1
        return np.append(bounds[words.texts[text]] + starts - words.starts[text], bounds[-1])

    def _portions(self, words: Words, known: _Known) -> Scores:
        """What each portion scores."""
        portions = len(words.document)
        twice = 2 * np.bincount(words.portion[: words.singles], minlength=portions)
        rows = np.bincount(words.portion[self._rows(words)[0]], minlength=portions)
        return self._sums(known, twice - rows)

    def _sums(self, known: _Known, unknown: Index) -> Scores:
        """What portions score, of which each has so much ``unknown``: twice its words, without those rows that the
        table knows; pairs are about as many as words. Whole numbers below 2**53 add up exactly in any order.

        What is unknown makes up half as much of a portion as what is known, and says nothing: else what is written in
        a language that there are few examples of would read like anything.
        """
        sums = np.bincount(known.portion, self.weights[known.number, 0], len(unknown))
        size = np.bincount(known.portion, minlength=len(unknown)) + np.maximum(unknown, 0) / 2
        scores: Scores = sums / (np.sqrt(np.maximum(size, 1)) * UNIT) + self.constants[0]
        return scores

    def _phrases_of(self, document: Document) -> Places:
        """The phrases of one document, in numpy."""
        words, portion, _, _ = self._worst_of(document)
        if words.counts[0] < FEWEST_BRIEF:
            return ()
        rows = np.flatnonzero(words.portion == portion)
        number = self.table[place_of(words.key[rows])]
        weights = np.where(self.keys[number] == words.key[rows], self.weights[number, 0], 0) / 2
        single, pairs = np.split(np.arange(len(rows)), [int(np.searchsorted(rows, words.singles))])
        starts, ends = words.start[rows[single]], words.end[rows[single]]
        # Of a pair each word has half of the weight.
        of_words = 2 * weights[single]
        first = np.searchsorted(starts, words.start[rows[pairs]])
        np.add.at(of_words, np.concatenate((first, first + 1)), np.tile(weights[pairs], 2))
        texts = np.searchsorted(words.starts, starts, side="right") - 1
        found = [(texts[one.start], starts[one.start], ends[one.stop - 1]) for one in phrases(of_words, texts)]
        begin = words.starts
        return tuple((document[words.texts[at]][0], int(a - begin[at]), int(b - begin[at])) for at, a, b in found)


def _texts(batch: Batch) -> Texts:
    """All fields of a batch."""
    return Texts(batch.whole_codes, batch.field_starts, parts_of(batch.names), batch.fields_before)


def _brief(documents: Sequence[Document], counts: Index) -> Flags:
    """Which documents are brief, that have so many words."""
    brief: Flags = (counts < FEWEST_WORDS) | ~np.array([is_told(document) for document in documents], np.bool_)
    return brief


def _judged(scores: Scores, counts: Index, is_brief: Flags) -> Scores:
    """What the worst portions say of whole documents of so many words: a listing of five portions has five chances to
    read like an offer by accident (Bonferroni); what is brief has little to tell it by."""
    judged: Scores = scores - np.log(portions_of(counts).astype(np.float64)) - DOUBT * is_brief
    judged[is_brief & (judged < 0)] = np.nan
    return judged


def place_of(keys: Keys) -> Index:
    """Where keys stand in the table."""
    return (keys >> np.uint32(32 - BITS)).astype(np.intp)


def chance_of(score: float) -> float:
    """Log-odds as a chance from 0 to 1, to four digits."""
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, score)))), 4)


@functools.lru_cache(maxsize=256)
def score_above(chance: float) -> float:
    """Log-odds from which on a text's chance, rounded, is more than this one of four digits; inf of 1."""
    return least_score(chance + 0.0001)


def least_score(chance: float) -> float:
    """Log-odds that a text has at least where its chance, rounded, is this or more."""
    exact = chance - 0.00005
    return -math.inf if exact <= 0 else math.inf if exact >= 1 else math.log(exact / (1 - exact))


@functools.cache
def version() -> str:
    """What tells the shipped weights from others: findings may differ with them."""
    return hashlib.sha256(_data()).hexdigest()[:16]


def _data() -> bytes:
    return resources.files("scanner.likeness").joinpath("weights.npz").read_bytes()


@functools.cache
def load() -> Likeness:
    """The weights, read from the package on first use."""
    with np.load(io.BytesIO(_data()), allow_pickle=False) as file:
        return Likeness(file["keys"], file["weights"], file["constants"])
