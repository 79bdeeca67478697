"""What a filter of the queue is in SQL: stretches of one index, in the queue's order, and what else must hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, false, func, select, tuple_, union_all

from scanner.errors import InputError
from scanner.model import CaseState
from scanner.records import QueueFilter
from scanner.store.tables import case_labels, case_words, cases
from scanner.workflow import WAITING

# A kind of label, and the labels of that kind of which a case has one.
Label = tuple[str, tuple[str, ...]]


class Ranking:
    """The cases that a filter lets through, in the queue's order.

    Each label with each answer to whether a case waits is a stretch of the index in the queue's order. Of each stretch
    the first few are read, and the first few of those are the page.
    """

    def __init__(
        self,
        labels: Sequence[Label],
        states: Collection[CaseState] = (),
        conditions: Sequence[ColumnElement[bool]] = (),
    ) -> None:
        """The first of ``labels`` leads."""
        (kind, values), *others = labels
        waiting = sorted({state in WAITING for state in states} or {True})
        self._stretches = [_is_filed(case_labels, kind, (value,)) & _waits(one) for value in values for one in waiting]
        self._conditions = [*(_is_also_filed(kind, values) for kind, values in others), *conditions]

    @property
    def is_plain(self) -> bool:
        """Whether a label is all that is asked: what it stands on is counted without looking at any case."""
        return not self._conditions

    def page(self, limit: int, after: str = "", *conditions: ColumnElement[bool]) -> Select[Any]:
        """Numbers and places of the cases that come after ``after`` and meet ``conditions``."""
        place = (case_labels.c.place, case_labels.c.case_id)
        wanted = (*self._conditions, *_beyond(after), *conditions)
        both = (case_labels.c.case_id, case_labels.c.place)
        parts = [select(*both).where(one, *wanted).order_by(*place).limit(limit) for one in self._stretches]
        if len(parts) == 1:
            return parts[0]
        found = _together(parts)
        return select(found.c.case_id, found.c.place).order_by(found.c.place, found.c.case_id).limit(limit)

    def count(self, most: int) -> Select[Any]:
        """How many there are, counted up to ``most``."""
        parts = [select(case_labels.c.case_id).where(one, *self._conditions).limit(most) for one in self._stretches]
        return select(func.count()).select_from(_together(parts))


def facts(wanted: QueueFilter) -> Iterator[ColumnElement[bool]]:
    """What is asked of the case itself, and no label says."""
    if wanted.claimed_by not in {"", "*"}:
        yield of_the_case(cases.c.claimed_by == wanted.claimed_by)


def says(typed: str) -> ColumnElement[bool]:
    """Whether the words of a case contain what was typed."""
    is_its = case_words.c.case_id == case_labels.c.case_id
    return select(case_words.c.case_id).where(is_its, case_words.c.words.contains(typed, autoescape=True)).exists()


def of_the_case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the labelled case meets a condition."""
    return select(cases.c.id).where(cases.c.id == case_labels.c.case_id, condition).exists()


def _together(parts: Sequence[Select[Any]]) -> Subquery:
    """All rows of all parts; each part keeps its own limit."""
    if not parts:
        return select(case_labels.c.case_id, case_labels.c.place).where(false()).subquery()
    if len(parts) == 1:
        return parts[0].subquery()
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


def _waits(is_waiting: bool) -> ColumnElement[bool]:
    return case_labels.c.is_waiting.is_(is_waiting)


def _is_also_filed(kind: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    other = case_labels.alias()
    is_its = other.c.case_id == case_labels.c.case_id
    return select(other.c.case_id).where(is_its, _is_filed(other, kind, values)).exists()


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """What comes after the last line of the page before. Raises ``InputError`` for a mark that is none of ours."""
    if not after:
        return []
    place, _, case_id = after.partition(":")
    if not (after.isascii() and place.removeprefix("-").isdecimal() and case_id.isdecimal()):
        hint = "Give the mark that the page before ended with."
        raise InputError(f"not a page of the queue: {after!r}", hint=hint)
    return [tuple_(case_labels.c.place, case_labels.c.case_id) > (int(place), int(case_id))]


def _is_filed(table: Any, kind: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    is_label = table.c.label == values[0] if len(values) == 1 else table.c.label.in_(values)
    filed: ColumnElement[bool] = (table.c.kind == kind) & is_label
    return filed
