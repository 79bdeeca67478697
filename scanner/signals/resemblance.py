"""How much the listing reads like a prohibited offer, and the words that say so (see ``scanner.likeness``)."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from scanner import likeness
from scanner.signals.record import Signal
from scanner.text.views import Batch, Document

RESEMBLES = "resembles"
SUSPICIOUS_PASSAGE = "suspicious_passage"
# Below this chance a listing resembles no category.
EVEN = 0.5

_NONE: Mapping[str, float] = {f"{RESEMBLES}.{category}": 0.0 for category in likeness.CATEGORIES}
_UNKNOWN: Mapping[str, None] = dict.fromkeys((RESEMBLES, *_NONE))


def is_resemblance(name: str) -> bool:
    """Whether a signal's name is ``resembles`` or ``resembles.CATEGORY``."""
    return name.partition(".")[0] == RESEMBLES


def chance_of(score: float) -> float | None:
    """Log-odds, as ``likeness`` gives them of a batch, as the value of ``resembles``."""
    return None if math.isnan(score) else likeness.chance_of(score)


def is_chance(name: str) -> bool:
    """Whether a signal's value is a chance, and best said in per cent."""
    return name == SUSPICIOUS_PASSAGE or is_resemblance(name)


class Scores(NamedTuple):
    """What ``likeness`` says of a listing that was read with others: log-odds, what it resembles most, and where the
    phrases stand that weighed most."""

    score: Callable[[], float]
    category: Callable[[], str]
    phrases: Callable[[], likeness.Places]
    passages: Callable[[], likeness.Passages]


class Resemblances:
    """What the fields of one listing resemble; nothing is computed before it is asked."""

    def __init__(self, fields: Document, scores: Scores | None = None) -> None:
        self._fields = fields
        self._scores = scores or alone(fields)

    def value(self, name: str) -> float | None:
        """The chance from 0 to 1, None where there is too little to say; of a category 0 unless it is the likeliest of
        a listing that is likely to offer anything. ``KeyError`` for a category that there is not."""
        return self._passage if name == SUSPICIOUS_PASSAGE else self._values[name]

    @cached_property
    def _passage(self) -> float | None:
        """How much the most suspicious passage reads like an offer."""
        return chance_of(self._passages.worst())

    @cached_property
    def _passages(self) -> likeness.Passages:
        return self._scores.passages()

    @cached_property
    def most_suspicious(self) -> float:
        """The log-odds of the passage that reads most like an offer; of none -inf."""
        return self._passages.most()

    def around(self, places: Iterable[tuple[str, int, int]]) -> float:
        """The same of those around some places, each ``[start, end)`` of a field."""
        begins, passages = self._field_begins, self._passages
        known = (passages.around(begins[field] + start, begins[field] + end) for field, start, end in places)
        return max(known, default=-math.inf)

    @cached_property
    def _field_begins(self) -> dict[str, int]:
        """The character where each field begins, all joined by edges."""
        ends = accumulate((len(text) + 1 for _, text in self._fields), initial=0)
        return dict(zip((name for name, _ in self._fields), ends, strict=False))

    @cached_property
    def _values(self) -> Mapping[str, float | None]:
        """What the whole resembles, by every name."""
        if self._chance is None:
            return _UNKNOWN
        values = {**_NONE, RESEMBLES: self._chance}
        if self._chance >= EVEN:
            values[f"{RESEMBLES}.{self._scores.category()}"] = self._chance
        return values

    def found(self, name: str) -> tuple[Signal, ...]:
        """The words that weighed most, each with the value of the whole; of a passage, and of what resembles no offer,
        the value alone."""
        value = self.value(name)
        if value is None:
            return ()
        texts = dict(self._fields)
        shown = [
            Signal(name=name, value=value, field=field, start=start, end=end, text=texts[field][start:end])
            for field, start, end in (self._phrases if is_resemblance(name) and value >= EVEN else ())
        ]
        return tuple(shown) or (Signal(name=name, value=value, field=name, start=0, end=0, text=""),)

    @cached_property
    def _chance(self) -> float | None:
        return chance_of(self._scores.score())

    @cached_property
    def _phrases(self) -> likeness.Places:
        return self._scores.phrases()


def alone(fields: Document) -> Scores:
    """Those of a listing that is read by itself."""
    batch = functools.cache(lambda: Batch([fields]))
    return Scores(
        lambda: float(likeness.load().scores(batch())[0]),
        lambda: likeness.load().categories(batch(), [0])[0],
        lambda: likeness.load().phrases(batch(), [0])[0],
        lambda: likeness.load().passages(batch(), [0])[0],
    )
