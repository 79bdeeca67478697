"""The first look at a batch: for words and patterns that rules ask for, wherever in a listing they stand.

Most listings have not what any rule needs, and to see that it is enough to know which lists have hits in which fields,
and how many. What stands near what, guards, and what must not be there are looked at afterwards, in the few listings
that are left. A listing is let through if in doubt: what is found is the same with and without.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scanner.model import Listing
from scanner.rulebook.bits import bits_of, places_of
from scanner.rulebook.compiled import Rule, TermListFacts
from scanner.rulebook.lexicon import Lexicon
from scanner.rulebook.logic import lists_of
from scanner.rulebook.passes import Known
from scanner.rulebook.prefilter import Prefilter
from scanner.text.views import Document, Gathered


class Left(NamedTuple):
    """The numbers of the listings that are left, and what is known of them."""

    numbers: list[int]
    known: Known


class Sieve:
    """Rules, and the words by which most listings are told to be none of their business."""

    def __init__(self, rules: Sequence[Rule], lists: Sequence[TermListFacts], lexicon: Lexicon) -> None:
        asked = frozenset[int]().union(*(lists_of(rule.asked, negated=False) for rule in rules))
        weak = frozenset(pattern.list for pattern in lexicon.weak_patterns)
        self._late = np.array(sorted(asked.intersection(facts.number for facts in lists if facts.is_pattern)), np.intp)
        self._prefilter = Prefilter(rules, lists, weak, known=asked, reaches=())
        self._lexicon = lexicon.survey(asked, self._prefilter.placed, is_scored=self._prefilter.asks_likeness)

    def left(self, listings: Sequence[Listing], documents: Sequence[Document], texts: Gathered) -> Left:
        """The listings that some rule may yet say something of; ``texts`` are those of their documents."""
        hits = self._lexicon.find(documents, texts)
        unread = np.zeros(len(documents), np.bool_)
        unread[[*hits.unread, *hits.flooded]] = True
        left = self._prefilter.left(listings, hits, one_is_enough=True)
        numbers = places_of(functools.reduce(operator.or_, left, bits_of(unread)))
        return Left(numbers, hits.known(numbers, self._late))

    def shares(self, listings: Sequence[Listing], documents: Sequence[Document]) -> list[float]:
        """The part of the listings that each rule keeps from being done with at the first look."""
        left = self._prefilter.left(listings, self._lexicon.find(documents))
        return [bits.bit_count() / len(listings) for bits in left]
