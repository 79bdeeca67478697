"""The prefilter never loses a rule that would have fired."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Listing, Severity
from scanner.rulebook.compiled import Rule, Said, needs
from scanner.rulebook.evaluate import holds
from scanner.rulebook.logic import And, Count, Node, Not, Or, Signal, Some, Term, Then, Within
from scanner.rulebook.model import Status
from scanner.rulebook.prefilter import Prefilter
from scanner.rulebook.sight import Mark, Sight

LISTS = 5


def _rule(node: Node) -> Rule:
    nothing = Said("", "")
    return Rule(
        id="goods.one", category="goods", title=nothing, severity=Severity.S1, status=Status.LIVE, score=0.9, when=node,
        unless=None, guards=(), needs=needs(node), clause="", says=nothing,
    )  # fmt: skip


def _parts(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        several.map(And),
        several.map(Or),
        inner.map(Not),
        several.map(lambda parts: Some(2, parts)),
        st.builds(Within, inner, st.just("field")),
    )


_ATOMS: st.SearchStrategy[Node] = st.one_of(
    st.integers(0, LISTS - 1).map(lambda number: Term(number, f"l{number}")),
    st.just(Signal("contact")),
    st.builds(
        Count,
        st.sampled_from([Term(0, "l0"), Or((Term(1, "l1"), Term(2, "l2"))), Or((Term(1, "l1"), Signal("contact")))]),
        st.sampled_from([">=", "<", "==", "!=", ">"]),
        st.sampled_from([0.0, 1.0, 2.0]),
    ),
    st.just(Then((Term(0, "l0"), Term(1, "l1")), "field")),
)
_NODES = st.recursive(_ATOMS, _parts, max_leaves=10)


@given(st.lists(_NODES, min_size=1, max_size=4), st.lists(st.sets(st.integers(0, LISTS - 1)), min_size=1, max_size=20))
def test_what_holds_was_a_candidate(nodes: list[Node], documents: list[set[int]]) -> None:
    """Whatever lists hit, a rule whose condition holds is among the candidates."""
    rules = [_rule(node) for node in nodes]
    present = np.zeros((len(documents), LISTS), np.bool_)
    for number, hit in enumerate(documents):
        present[number, sorted(hit)] = True
    candidates = set(Prefilter(rules).candidates(present))
    for number, hit in enumerate(documents):
        sight = _sight(hit)
        for index, rule in enumerate(rules):
            if holds(rule.when, sight) is not None:
                assert (number, index) in candidates


def _sight(hit: set[int]) -> Sight:
    text = "x" * 20
    marks = {number: [Mark(f"l{number}", "title", number * 2, number * 2 + 2)] for number in hit}
    return Sight(Listing(platform="t", listing_id="1", title=text), (("title", text),), marks)


def test_ordinary_listings_ask_nothing() -> None:
    """A rule of two lists is not asked of a listing that has one of them."""
    present = np.array([[True, False], [True, True], [False, False]])
    rules = [_rule(And((Term(0, "a"), Term(1, "b"))))]
    assert Prefilter(rules).candidates(present) == [(1, 0)]
    assert Prefilter([]).candidates(present) == []
