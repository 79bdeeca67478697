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
from scanner.signals import Signals, may_show
from scanner.signals.patterns import Form, Pattern
from scanner.signals.reading import BORDER, HEAD, Reading
from tests.signals.test_listing import PIECES

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


@pytest.mark.parametrize("name", ["contact", "diversion", "see_picture"])
@given(texts=st.lists(st.lists(PIECES, max_size=12).map("".join), max_size=6))
@settings(deadline=None)
def test_what_shows_is_among_what_may_show(name: str, texts: list[str]) -> None:
    """Read joined, where a match may begin in one listing and end in another, none is forgotten."""
    fields = [[("title", text[:5]), ("description", text)] for text in texts]
    shown = {number for number, own in enumerate(fields) if Signals(fields=own).found(name)}
    assert shown <= may_show(name, [Reading(own)._folding.encoded for own in fields])


def test_what_does_not_show_is_not_asked() -> None:
    """It would spare nothing otherwise; of long fields parts are read, so these are asked whatever they say."""
    texts = [f"{text}{BORDER}".encode() for text in ("棉袜三双", "加微信 abc_12345", "棉袜三双", "棉" * HEAD)]
    assert may_show("contact", texts) == {1, 3}
    assert may_show("diversion", texts) == {1, 3}
    assert may_show("quantity", texts) == {0, 1, 2, 3}
