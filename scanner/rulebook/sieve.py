"""The first look at a batch: for a few rare words only, without which no rule can say anything of a listing.

Of ``card and sell within 30`` it is enough to look for cards: every shop sells. Which lists are rare is learnt from
listings, because what is everyday in one shop is telling in another. A listing is let through if in doubt: what is
found, and what is found out afterwards, is the same with and without.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.model import Listing, text_fields
from scanner.rulebook.compiled import Rule, TermListFacts
from scanner.rulebook.lexicon import Lexicon
from scanner.rulebook.logic import And, Count, Disguised, In, Node, Or, Some, Term, Then, Within, lists_of
from scanner.rulebook.prefilter import Prefilter
from scanner.rulebook.stretches import bits_of, places_of
from scanner.text.views import Document

# Listings to learn from: fewer say little of what is rare.
SAMPLE = 256
# A list that stands in no more of the listings than this is looked for wherever a rule names it.
RARE = 0.04
# Of rules that keep less than this, nothing more is looked for.
WORTH = 0.01
# What a literal that is found costs, beside what a listing costs that is let through.
COST_OF_HIT = 0.002

Shares = npt.NDArray[np.float64]


class Sieve:
    """Rules, and the words by which most listings are told to be none of their business."""

    def __init__(
        self, rules: Sequence[Rule], lists: Sequence[TermListFacts], lexicon: Lexicon, sample: Sequence[Listing]
    ) -> None:
        """``sample`` is what to learn from."""
        documents = [tuple(text_fields(listing)) for listing in sample]
        hits = lexicon.find(documents)
        weak = frozenset(pattern.list for pattern in lexicon.weak_patterns)
        patterns = frozenset(facts.number for facts in lists if facts.is_pattern)
        loads = COST_OF_HIT * lexicon.loads(documents)
        chosen = anchors((rule.asked for rule in rules), hits.present.mean(axis=0) + loads, patterns)

        def kept(rules: Sequence[Rule], known: Collection[int]) -> list[float]:
            left = Prefilter(rules, lists, weak, known=known).left(sample, documents, hits)
            return [bits.bit_count() / len(sample) for bits in left]

        # What several common words together rule out: the rules that keep most are looked at with all their lists.
        for rule, share in zip(rules, kept(rules, chosen), strict=True):
            more = lists_of(rule.asked, negated=False) - patterns - chosen
            if share > WORTH and share - kept([rule], chosen | more)[0] > sum(loads[list(more)]):
                chosen |= more
        self._lexicon = lexicon.only(chosen)
        self._prefilter = Prefilter(rules, lists, weak, known=chosen)

    def left(self, listings: Sequence[Listing], documents: Sequence[Document]) -> list[int]:
        """The numbers of the listings that some rule may yet say something of."""
        hits = self._lexicon.find(documents)
        unread = np.zeros(len(documents), np.bool_)
        unread[[*hits.unread, *hits.flooded]] = True
        left = self._prefilter.left(listings, documents, hits)
        return list(places_of(functools.reduce(operator.or_, left, bits_of(unread))))

    def shares(self, listings: Sequence[Listing], documents: Sequence[Document]) -> list[float]:
        """The part of the listings that each rule keeps from being done with at the first look."""
        left = self._prefilter.left(listings, documents, self._lexicon.find(documents))
        return [bits.bit_count() / len(listings) for bits in left]


def anchors(conditions: Iterable[Node], shares: Sequence[float] | Shares, patterns: Collection[int]) -> frozenset[int]:
    """The lists to look for: of each condition the rarest without which it cannot hold, and whatever else is rare.

    ``shares`` are the parts of all listings in which lists stand, and something for the trouble of looking.
    """
    chosen: set[int] = set()
    for condition in conditions:
        anchor = _anchor(condition, shares.__getitem__)
        chosen |= anchor.lists if anchor is not None else set()
        named = lists_of(condition, negated=False) - set(patterns)
        chosen |= {number for number in named if shares[number] <= RARE}
    return frozenset(chosen)


class _Anchor(NamedTuple):
    """Lists of which one must have a hit, and in what part of all listings one has (at most)."""

    share: float
    lists: frozenset[int]


def _anchor(node: Node, share: Callable[[int], float]) -> _Anchor | None:
    """The rarest anchor of a condition; ``None`` where it may hold without a hit of any list."""
    match node:
        case Term():
            return _Anchor(float(share(node.list)), frozenset({node.list}))
        case And() | Then():
            return min((one for part in node.parts if (one := _anchor(part, share))), default=None, key=_cost)
        case Or():
            return _one_of([_anchor(part, share) for part in node.parts])
        case Some():
            known = sorted((one for part in node.parts if (one := _anchor(part, share))), key=_cost)
            # So many parts may be left out that one of these must hold.
            wanted = len(node.parts) - node.least + 1
            return _one_of(known[:wanted]) if wanted <= len(known) else None
        case Within() | In() | Disguised():
            return _anchor(node.part, share)
        case Count() if node.sign in {">", ">=", "=="} and node.number > 0:
            return _anchor(node.part, share)
    return None


def _one_of(anchors: Sequence[_Anchor | None]) -> _Anchor | None:
    known = [anchor for anchor in anchors if anchor is not None]
    if not known or len(known) < len(anchors):
        return None
    return _Anchor(sum(one.share for one in known), frozenset().union(*(one.lists for one in known)))


def _cost(anchor: _Anchor) -> tuple[float, int]:
    return anchor.share, len(anchor.lists)
