"""What a pattern says that every match holds, every match does hold: else a signal would never be looked for."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scanner.signals
from scanner.signals.patterns import Form, Pattern

# The standard library, which makes the texts, does not read these classes of RE2.
UNREAD = {"_ADDRESS"}


def _forms() -> Iterator[tuple[str, Pattern, Form]]:
    for module in pkgutil.iter_modules(scanner.signals.__path__):
        for name, pattern in vars(importlib.import_module(f"scanner.signals.{module.name}")).items():
            if isinstance(pattern, Pattern) and pattern._needs and name not in UNREAD:
                yield from ((f"{module.name}.{name}", pattern, form) for form in pattern._forms)


FORMS = list(_forms())


@pytest.mark.parametrize("number", range(len(FORMS)), ids=[f"{FORMS[i][0]}-{i}" for i in range(len(FORMS))])
def test_a_match_holds_what_it_needs(number: int) -> None:
    _, pattern, form = FORMS[number]

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.from_regex(re.compile(form.source, re.ASCII), fullmatch=True))
    def holds(text: str) -> None:
        encoded = text.encode("utf-8", "replace")
        assert pattern._compiled.search(encoded) is None or any(piece in text for piece in pattern._needs)

    holds()


@pytest.mark.parametrize("text", ["35 ea", "$35 ea", "$4 apiece"])
def test_a_price_for_each_is_found(text: str) -> None:
    quantities = importlib.import_module("scanner.signals.quantities")
    encoded = text.encode()
    assert [*quantities._UNIT_PRICES.matches(text, encoded, 9)]
