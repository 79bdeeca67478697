"""What the checks of a rulebook look at: its files, the rulebook itself, its examples, and text of ordinary shops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from importlib.resources import files

from scanner.authoring.prove import Proof, prove
from scanner.model import Finding, Listing
from scanner.rulebook.compiled import TermListFacts
from scanner.rulebook.faults import Fault
from scanner.rulebook.reader import Written
from scanner.rulebook.rulebook import Rulebook
from scanner.scan import scan


class Material:
    """What the checks look at, computed when first needed."""

    def __init__(self, written: Sequence[Written], rulebook: Rulebook, *, today: date) -> None:
        self.written = tuple(written)
        self.rulebook = rulebook
        self.today = today

    @cached_property
    def proofs(self) -> tuple[Proof, ...]:
        """Every example, tried."""
        return tuple(prove(self.written, self.rulebook))

    @cached_property
    def lists(self) -> dict[str, TermListFacts]:
        """All lists by qualified name."""
        return {facts.name: facts for facts in self.rulebook.lists}

    def terms(self) -> Iterator[tuple[Written, str, int, str]]:
        """Every term: file, list, place in the list, text."""
        for file in self.written:
            for name, terms in file.content.terms.items():
                for index, text in enumerate(terms.any):
                    yield file, name, index, text

    def scan_texts(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """What the rulebook finds in each of some bare texts."""
        listings = [Listing(platform="check", listing_id=str(n), title=text) for n, text in enumerate(texts)]
        return scan(listings, self.rulebook)

    def at_list(self, facts: TermListFacts, what: str) -> Fault:
        """A fault at the name of a list."""
        stem = facts.name.partition(".")[0]
        file = next(file for file in self.written if file.source.name == stem)
        group = "patterns" if facts.is_pattern else "terms"
        return file.tree.fault((group, facts.name.partition(".")[2]), what, key=True)

    def at_rule(self, rule_id: str, what: str) -> Fault:
        """A fault at the id of a rule."""
        for file in self.written:
            for number, rule in enumerate(file.module.rules if file.module else ()):
                if rule.id == rule_id:
                    return file.tree.fault(("rules", number, "id"), what)
        return Fault(file=self.written[0].source.file, line=1, column=1, what=what)


def ordinary_words() -> tuple[str, ...]:
    """The shipped vocabulary of ordinary goods."""
    return _lines("ordinary.txt")


def boilerplate() -> tuple[str, ...]:
    """What shops of every kind write below their goods."""
    return _lines("boilerplate.txt")


def _lines(name: str) -> tuple[str, ...]:
    lines = files("scanner.rulebook").joinpath(name).read_text(encoding="utf8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
