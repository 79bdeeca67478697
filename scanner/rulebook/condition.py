"""Conditions: from what an author wrote to a tree, with the column of whatever is wrong.

    or     := and ("or" and)*                         near := "within" (NUMBER | "sentence" | "field") [place]
    and    := unary [near] ("and" unary [near])*      place := "in" (FIELD | "(" FIELD, … ")")
    unary  := "not" unary | chain [place]             chain := primary ("then" primary)*
    primary:= "(" or ")" | NAME | SIGNAL [CMP NUMBER] | NUMBER "of" "(" or, … ")" | "count" "(" or ")" CMP NUMBER
            | "disguised" "(" or ")" | "seller.kind" "in" "(" kind, … ")" | "seller.licensed" "(" name, … ")"
            | "category" "(" word, … ")" | "language" "in" "(" code, … ")"

In ``count``, ``disguised`` and ``then`` the parts are names, or names joined with "or". ``a and b within 30 and c``
means what it reads like: (a and b) within 30, and c. Recursive descent, bounded in length by the model, in depth here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from scanner.model import SellerKind
from scanner.rulebook.faults import did_you_mean, quoted
from scanner.rulebook.logic import (
    FIELDS,
    GAP,
    And,
    Category,
    Count,
    Disguised,
    In,
    Language,
    Licensed,
    Node,
    Not,
    Or,
    SellerIs,
    Sign,
    Signal,
    Some,
    Term,
    Then,
    Unit,
    Within,
    children,
    walk,
)
from scanner.rulebook.tokens import ConditionError, Names, Token, tokens_of

__all__ = ["DEEPEST", "WIDEST_WINDOW", "ConditionError", "Names", "parse"]

DEEPEST = 24
WIDEST_WINDOW = 2_000
KEYWORDS = frozenset({"and", "or", "not", "within", "in", "then", "of", "count", "disguised", "category", "language"})
SIGNS: dict[str, Sign] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "==", "=": "==", "!=": "!="}


def parse(text: str, names: Names) -> Node:
    """The tree of a condition; raises ``ConditionError``."""
    return _Parser(text, names).whole()


_IN_CHINESE = {"and": ("和", "且", "并且", "与", "而且"), "or": ("或", "或者"), "not": ("非", "不", "没有")}
_UNITS = frozenset({"元", "块", "张", "个", "天", "人民币"})


class _Parser:
    def __init__(self, text: str, names: Names) -> None:
        self.names = names
        self.tokens = tokens_of(text)
        self.at = 0
        self.depth = 0

    # -- tokens ------------------------------------------------------------------------------------------------------

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def takes(self, text: str) -> bool:
        if self.next.kind in {"name", "sign"} and self.next.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str, why: str) -> None:
        if not self.takes(text):
            self.fail(f'expected "{text}" {why}')

    def fail(self, what: str, token: Token | None = None) -> NoReturn:
        token = token or self.next
        seen = "the condition ends here" if token.kind == "end" else f"found {quoted(token.text)}"
        raise ConditionError(f"{what}, {seen}{_meant(token.text)}", token.at)

    # -- grammar -----------------------------------------------------------------------------------------------------

    def whole(self) -> Node:
        node = self.either()
        if self.next.kind != "end":
            self.fail('expected "and", "or", "within", "in", "then" or the end')
        return node

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"nested deeper than {DEEPEST} brackets")
        parts = [self.both()]
        while self.takes("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Node:
        """An and-chain; ``within`` takes all of the chain that stands before it, or sets the gap of a then-chain."""
        parts = [self.unary()]
        while True:
            if self.next.text == "within":
                parts = self.near(parts)
            if not self.takes("and"):
                return _and(parts)
            parts.append(self.unary())

    def near(self, parts: list[Node]) -> list[Node]:
        within = self.take()
        window = self.window()
        match parts[-1]:
            case Then() as chain:
                return [*parts[:-1], self.placed(Then(chain.parts, window))]
            case Not(part=Then() as chain):
                return [*parts[:-1], Not(self.placed(Then(chain.parts, window)))]
        node = _and(parts)
        if not any(isinstance(part, (And, Some, Count, Then)) for part in walk(node)):
            raise ConditionError('"within" needs two things that are near each other: a and b within 30', within.at)
        return [self.placed(Within(node, window))]

    def unary(self) -> Node:
        negations = 0
        while self.takes("not"):
            negations += 1
        node = self.placed(self.chain())
        return Not(node) if negations % 2 else node

    def placed(self, node: Node) -> Node:
        return In(node, self.fields()) if self.takes("in") else node

    def chain(self) -> Node:
        start = self.next
        parts = [self.primary()]
        while self.takes("then"):
            parts.append(self.primary())
        if len(parts) == 1:
            return parts[0]
        if not all(map(_is_place, parts)):
            raise ConditionError('"then" stands between names, or names joined with "or" in brackets', start.at)
        return Then(tuple(parts), GAP)

    def primary(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return self.some(token)
        if token.kind == "sign" and token.text == "(":
            node = self.either()
            self.expect(")", "to close the bracket")
            return node
        if token.kind != "name":
            self.fail("expected a name", token)
        return self.named(token)

    def named(self, token: Token) -> Node:
        special: dict[str, Callable[[], Node]] = {
            "count": self.count,
            "disguised": self.disguised,
            "seller.kind": self.seller_kind,
            "seller.licensed": lambda: Licensed(_texts(self.listed())),
            "category": lambda: Category(_texts(self.listed())),
            "language": lambda: Language(_texts(self.listed(after_in=True))),
        }
        if token.text in special:
            return special[token.text]()
        if token.text in self.names.lists:
            return Term(self.names.lists[token.text], token.text)
        if token.text in self.names.signals:
            return self.signal(token.text)
        if token.text in KEYWORDS:
            self.fail("expected a name", token)
        if self.names.may_exist(token.text):
            return Term(0, token.text)
        known = [*self.names.lists, *self.names.signals, *special]
        raise ConditionError(f"unknown name {quoted(token.text)}{did_you_mean(token.text, known)}", token.at)

    def signal(self, name: str) -> Signal:
        if self.next.kind == "sign" and self.next.text in SIGNS:
            return Signal(name, SIGNS[self.take().text], self.number("after the comparison"))
        return Signal(name)

    def some(self, token: Token) -> Node:
        self.expect("of", "after a number, as in: 2 of (a, b, c)")
        self.expect("(", 'after "of"')
        parts = [self.either()]
        while self.takes(","):
            parts.append(self.either())
        self.expect(")", "to close the list")
        least = _number(token)
        if least != int(least) or not 1 <= least <= len(parts):
            raise ConditionError(f"{quoted(token.text)} of {len(parts)} can never hold", token.at)
        return Some(int(least), tuple(parts))

    def count(self) -> Node:
        part = self.bracketed("count")
        if self.next.text not in SIGNS:
            self.fail("expected a comparison after count(…), such as >= 3")
        return Count(part, SIGNS[self.take().text], self.number("after the comparison"))

    def disguised(self) -> Node:
        return Disguised(self.bracketed("disguised"))

    def bracketed(self, word: str) -> Node:
        self.expect("(", f'after "{word}"')
        start = self.next
        part = self.either()
        if not _is_place(part):
            raise ConditionError(f'"{word}" takes a name, or names joined with "or"', start.at)
        self.expect(")", "to close the bracket")
        return part

    def seller_kind(self) -> Node:
        kinds = self.listed(after_in=True)
        for token in kinds:
            if token.text not in set(SellerKind):
                near = did_you_mean(token.text, SellerKind)
                raise ConditionError(f"unknown kind of seller {quoted(token.text)}{near}", token.at)
        return SellerIs(_texts(kinds))

    # -- small parts -------------------------------------------------------------------------------------------------

    def listed(self, *, after_in: bool = False) -> list[Token]:
        """Names or words in brackets."""
        if after_in:
            self.expect("in", "and a list in brackets")
        self.expect("(", "and a list of words")
        found = [self.word()]
        while self.takes(","):
            found.append(self.word())
        self.expect(")", "to close the list")
        return found

    def word(self) -> Token:
        token = self.take()
        if token.kind in {"sign", "end"}:
            self.fail("expected a word", token)
        return token

    def window(self) -> int | Unit:
        token = self.take()
        if token.text == "sentence":
            return "sentence"
        if token.text == "field":
            return "field"
        if token.kind != "number":
            self.fail('expected a number of characters, "sentence" or "field" after "within"', token)
        size = _number(token)
        if size != int(size) or not 1 <= size <= WIDEST_WINDOW:
            raise ConditionError(f"within takes 1 to {WIDEST_WINDOW} characters, not {quoted(token.text)}", token.at)
        return int(size)

    def fields(self) -> tuple[str, ...]:
        named = self.listed() if self.next.text == "(" else [self.word()]
        for token in named:
            if token.text not in FIELDS:
                near = did_you_mean(token.text, FIELDS)
                raise ConditionError(f"unknown field {quoted(token.text)}{near}", token.at)
        return _texts(named)

    def number(self, why: str) -> float:
        token = self.take()
        if token.kind != "number":
            self.fail(f"expected a number {why}", token)
        return _number(token)


def _is_place(node: Node) -> bool:
    """Whether a node is found at places that can be counted and put in order."""
    if isinstance(node, (Or, In, Disguised)):
        return all(map(_is_place, children(node)))
    return isinstance(node, (Term, Signal))


def _and(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _meant(text: str) -> str:
    """What was meant by a word that Chinese hands write in a condition."""
    word = next((word for word, chinese in _IN_CHINESE.items() if text in chinese), "")
    if word:
        return f' — write "{word}"'
    return " — write the number without it" if text in _UNITS else ""


def _texts(tokens: list[Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens)


def _number(token: Token) -> float:
    return float(token.text[:-1]) / 100 if token.text.endswith("%") else float(token.text)
