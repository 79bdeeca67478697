"""Facts of a listing that are known before any matching: the seller, the category path, the language."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from scanner.model import Listing
from scanner.rulebook.licences import is_licensed
from scanner.rulebook.logic import And, Category, Fact, Language, Licensed, Node, Not, Or, SellerIs, children

Circumstances = tuple[object, ...]

# Different kinds of listing (category path, seller, licences, language) whose facts are remembered.
MOST_KNOWN = 1 << 14


# All that the facts of a listing depend on: listings alike in it are alike in every fact.
circumstances: Callable[[Listing], Circumstances] = attrgetter(
    "category_path", "seller.kind", "seller.licences", "language"
)


def is_fact(node: Node) -> bool:
    """Whether a node is decided by facts alone."""
    if isinstance(node, (And, Or, Not)):
        return all(map(is_fact, children(node)))
    return isinstance(node, (SellerIs, Licensed, Category, Language))


def is_so(node: Node, listing: Listing) -> bool:
    """Whether a node of facts holds. Raises ``TypeError`` for any other node."""
    match node:
        case And():
            return all(is_so(part, listing) for part in node.parts)
        case Or():
            return any(is_so(part, listing) for part in node.parts)
        case Not():
            return not is_so(node.part, listing)
        case SellerIs() | Licensed() | Category() | Language():
            return _is_so(node, listing)
    raise TypeError(f"{type(node).__name__} is no fact")


def _is_so(fact: Fact, listing: Listing) -> bool:
    match fact:
        case SellerIs():
            return listing.seller.kind in fact.kinds
        case Licensed():
            return is_licensed(listing.seller.licences, fact.names)
        case Category():
            path = "\n".join(listing.category_path).casefold()
            return any(word.casefold() in path for word in fact.words)
        case Language():
            language = listing.language.casefold().replace("_", "-")
            return any(f"{language}-".startswith(f"{code.casefold()}-") for code in fact.codes)
