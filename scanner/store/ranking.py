"""What a filter of the queue is in SQL: stretches of one index, in the queue's order, and what else must hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    false,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from scanner.errors import InputError
from scanner.model import CaseState
from scanner.records import QueueFilter
from scanner.store.rows import among
from scanner.store.tables import case_labels, case_words, cases
from scanner.workflow import WAITING

# A kind of label, and the labels of that kind of which a case has one.
Label = tuple[str, tuple[str, ...]]

_BOTH = (case_labels.c.case_id, case_labels.c.place)
_PLACE = (case_labels.c.place, case_labels.c.case_id)


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
        *,
        one_by_one: bool = False,
    ) -> None:
        """The first of ``labels`` leads. ``one_by_one``: for other labels each case is looked up, as few are."""
        (kind, values), *others = labels
        waiting = sorted({state in WAITING for state in states} or {True})
        self._stretches = [_is_filed(case_labels, kind, (value,)) & _waits(one) for value in values for one in waiting]
        self._conditions = [*(_is_also_filed(kind, values, one_by_one) for kind, values in others), *conditions]

    @property
    def is_plain(self) -> bool:
        """Whether a label is all that is asked: what it stands on is counted without looking at any case."""
        return not self._conditions

    def page(self, limit: int, after: str = "", *conditions: ColumnElement[bool], until: str = "") -> Select[Any]:
        """Numbers and places of the cases that come after ``after``, up to ``until``, and meet ``conditions``."""
        wanted = (*self._conditions, *_beyond(after), *_up_to(until), *conditions)
        parts = [select(*_BOTH).where(one, *wanted).order_by(*_PLACE).limit(limit) for one in self._stretches]
        if len(parts) == 1:
            return parts[0]
        found = _together(parts)
        return select(found.c.case_id, found.c.place).order_by(found.c.place, found.c.case_id).limit(limit)

    def mark(self, number: int, after: str = "") -> Select[Any]:
        """The case that stands so many places behind ``after``, if there are so many."""
        page = self.page(number, after)
        if len(self._stretches) > 1:
            some = page.subquery()
            page = select(some.c.case_id, some.c.place).order_by(some.c.place, some.c.case_id)
        return page.limit(1).offset(number - 1)

    def count(self, most: int, until: str = "") -> Select[Any]:
        """How many there are up to ``until``, counted up to ``most``."""
        wanted = (*self._conditions, *_up_to(until))
        parts = [select(case_labels.c.case_id).where(one, *wanted).limit(most) for one in self._stretches]
        return select(func.count()).select_from(_together(parts))


def facts(wanted: QueueFilter) -> Iterator[ColumnElement[bool]]:
    """What is asked of the case itself, and no label says."""
    if wanted.claimed_by not in {"", "*"}:
        yield of_the_case(cases.c.claimed_by == wanted.claimed_by)


def says(typed: str) -> ColumnElement[bool]:
    """Whether the words of a case contain what was typed."""
    is_its = case_words.c.case_id == case_labels.c.case_id
    query = select(case_words.c.case_id).where(is_its, case_words.c.words.contains(typed, autoescape=True))
    return _one_by_one(query).exists()


def of_the_case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the labelled case meets a condition."""
    return _one_by_one(select(cases.c.id).where(cases.c.id == case_labels.c.case_id, condition)).exists()


def is_among(dialect: str, few: Any) -> ColumnElement[bool]:
    """Whether the labelled case is one of a few, which are in one piece: each is looked up by its number.

    A plain list would have PostgreSQL read the whole stretch for them.
    """
    if dialect == "sqlite":
        return among(dialect, case_labels.c.case_id, few)
    numbers = func.unnest(literal(few, ARRAY(BigInteger))).column_valued("one")
    return case_labels.c.case_id.in_(_one_by_one(select(numbers)))


def _together(parts: Sequence[Select[Any]]) -> Subquery:
    """All rows of all parts; each part keeps its own limit."""
    if not parts:
        return select(case_labels.c.case_id, case_labels.c.place).where(false()).subquery()
    if len(parts) == 1:
        return parts[0].subquery()
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


def _waits(is_waiting: bool) -> ColumnElement[bool]:
    return case_labels.c.is_waiting.is_(is_waiting)


def _is_also_filed(kind: str, values: tuple[str, ...], one_by_one: bool) -> ColumnElement[bool]:
    other = case_labels.alias()
    is_its = other.c.case_id == case_labels.c.case_id
    query = select(other.c.case_id).where(is_its, _is_filed(other, kind, values))
    return (_one_by_one(query) if one_by_one else query).exists()


def _one_by_one(query: Select[Any]) -> Select[Any]:
    """With an offset PostgreSQL does not make a join of it, which would read all of the other table first."""
    return query.offset(0)


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """What comes after the last line of the page before."""
    return [tuple_(*_PLACE) > _place_of(after)] if after else []


def _up_to(until: str) -> list[ColumnElement[bool]]:
    return [tuple_(*_PLACE) <= _place_of(until)] if until else []


def _place_of(after: str) -> tuple[int, int]:
    """Raises ``InputError`` for a mark that is none of ours."""
    place, _, case_id = after.partition(":")
    if not (after.isascii() and place.removeprefix("-").isdecimal() and case_id.isdecimal()):
        hint = "Give the mark that the page before ended with."
        raise InputError("not a page of the queue: {after!r}", hint=hint, after=after[:60])
    return int(place), int(case_id)


def _is_filed(table: Any, kind: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    is_label = table.c.label == values[0] if len(values) == 1 else table.c.label.in_(values)
    filed: ColumnElement[bool] = (table.c.kind == kind) & is_label
    return filed
