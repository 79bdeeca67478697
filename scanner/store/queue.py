"""The queue: pages of cases, most urgent first, read off an index whatever they are filtered by.

A case is filed under labels (category, rule, severity, source, seller), each with the case's place in the order. The
filter that lets through the fewest leads; the others are asked of each case that it offers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import ColumnElement, select

from scanner.model import CaseState
from scanner.records import Case, QueueFilter, QueuePage, QueueRow
from scanner.store.files import ALL
from scanner.store.queue_lines import QueueLines
from scanner.store.ranking import Label, Ranking, facts, is_among, of_the_case, says
from scanner.store.search import folded
from scanner.store.tables import case_labels, cases, sellers
from scanner.workflow import WAITING


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases are looked at for a page: few enough to be quick, and what is frequent is met among them.

    ``counted``: so far is counted how many there are. ``first``, ``further``: so many cases of a label are looked at
    for what else is asked, of each label first, then of the one that yields most. ``few``: so many are looked up one by
    one.
    """

    counted: int = 2_000
    first: int = 400
    further: int = 8_000
    few: int = 5_000


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How far the cases of one label were looked at, and which of them meet all that is asked."""

    filed: Ranking
    asked: Ranking
    until: str
    found: tuple[tuple[int, int], ...] = ()

    def is_done(self, limit: int) -> bool:
        """Whether there is a page and one more, or the label has no more cases."""
        return len(self.found) > limit or not self.until

    def is_all(self, limit: int, after: str) -> bool:
        """Whether this is everything that meets what is asked, from the first page on."""
        return not self.until and not after and len(self.found) <= limit


class Queue(QueueLines):
    """Reading the queue."""

    reach = Reach()

    def queue(self, wanted: QueueFilter, *, limit: int, after: str = "") -> QueuePage:
        """A page of the queue, most urgent first; of two equally urgent cases the older first.

        1. A label that is all that is asked is read off its stretch of the index, and counted.
        2. Where more is asked, what is frequent is soon met among the next cases of a label. Which label matters: the
           mild cases of a category all stand at its end, but one after another among the mild ones. So the beginning
           of each is looked at, and then more of the one that yields most.
        3. What is seldom met there is looked for by what it has.
        """
        labels = self._labels(wanted)
        asked = Ranking(labels, wanted.states, [*facts(wanted), *_said_of(wanted)], one_by_one=True)
        if asked.is_plain:
            most = self.reach.counted
            found, total = self._page(asked, limit, after), self._count(asked, most + 1)
            return self._queue_page(found, limit, total=min(total, most), is_exact=total <= most)
        look = self._soon_met(labels, wanted, limit, after)
        if look is None:
            return self._rare_page(wanted, limit, after)
        if self._mark(look.filed, self.reach.counted, ""):
            total, is_exact = min(len(look.found), limit), look.is_all(limit, after)
            return self._queue_page(look.found, limit, total=total, is_exact=is_exact)
        return self._queue_page(look.found, limit, total=self._count(look.asked, self.reach.counted), is_exact=True)

    def _soon_met(self, labels: Sequence[Label], wanted: QueueFilter, limit: int, after: str) -> Look | None:
        """A page and one more, or all that there is; ``None`` if that takes long."""
        met = []
        for lead in range(len(labels)):
            look = self._look_on(_look(labels, lead, wanted, after), limit, self.reach.first)
            if look.is_done(limit):
                return look
            met.append(look)
        best = max(met, key=lambda look: len(look.found))
        if len(best.found) * self.reach.further < (limit + 1) * self.reach.first:
            return None
        best = self._look_on(best, limit, self.reach.further)
        return best if best.is_done(limit) else None

    def _look_on(self, look: Look, limit: int, number: int) -> Look:
        """So many cases of the leading label further."""
        until = self._mark(look.filed, number, look.until)
        found = self._page(look.asked, limit - len(look.found), look.until, until)
        return msgspec.structs.replace(look, until=until, found=(*look.found, *found))

    def _rare_page(self, wanted: QueueFilter, limit: int, after: str) -> QueuePage:
        """A page of what is rare: how many there are is known if it is the only one, or if few meet a condition."""
        ranking, is_among_few = self._ranking(wanted)
        found = self._page(ranking, self.reach.few if is_among_few else limit, after)
        if is_among_few:
            total = self._count(ranking, self.reach.few) if after else len(found)
            return self._queue_page(found, limit, total=total, is_exact=True)
        return self._queue_page(found, limit, total=min(len(found), limit), is_exact=not after and len(found) <= limit)

    def _queue_page(self, found: Sequence[tuple[int, int]], limit: int, *, total: int, is_exact: bool) -> QueuePage:
        rows = tuple(self._rows([case_id for case_id, _ in found[:limit]]))
        case_id, place = found[limit - 1] if len(found) > limit else (0, 0)
        return QueuePage(rows=rows, total=total, is_exact=is_exact, after=f"{place}:{case_id}" if case_id else "")

    def _page(self, ranking: Ranking, limit: int, after: str, until: str = "") -> list[tuple[int, int]]:
        """One more than are shown, so that it is seen whether there are more."""
        rows = self._connection.execute(ranking.page(limit + 1, after, until=until))
        return [(row.case_id, row.place) for row in rows]

    def _mark(self, ranking: Ranking, number: int, after: str) -> str:
        """The last of so many cases after ``after``; empty if there are not so many."""
        row = self._connection.execute(ranking.mark(number, after)).first()
        return f"{row.place}:{row.case_id}" if row else ""

    def _count(self, ranking: Ranking, most: int, until: str = "") -> int:
        counted: int = self._connection.execute(ranking.count(most, until)).scalar_one()
        return counted

    def same_seller(self, case: Case, *, limit: int) -> tuple[QueueRow, ...]:
        """Other cases on listings of the same seller, the most urgent first."""
        seller = select(case_labels.c.label).where(case_labels.c.case_id == case.id, case_labels.c.kind == "seller")
        query = select(case_labels.c.case_id).where(
            case_labels.c.kind == "seller",
            case_labels.c.label == seller.scalar_subquery(),
            case_labels.c.case_id != case.id,
        )
        query = query.order_by(case_labels.c.place, case_labels.c.case_id).limit(limit)
        return tuple(self._rows(list(self._connection.execute(query).scalars())))

    def _ranking(self, wanted: QueueFilter) -> tuple[Ranking, bool]:
        """Where few cases meet a condition they are looked up one by one; of many some are soon met in the order.

        With whether they are few.
        """
        few: set[int] | None = None
        conditions = list(facts(wanted))
        for found, condition in self._sought(wanted):
            if len(found) <= self.reach.few:
                few = set(found) if few is None else few & set(found)
            else:
                conditions.append(condition)
        if few is not None:
            conditions.append(is_among(self._dialect, self._given(few)))
        return Ranking(self._labels(wanted), wanted.states, conditions), few is not None

    def _sought(self, wanted: QueueFilter) -> Iterator[tuple[list[int], ColumnElement[bool]]]:
        """Cases that meet what no label says, not more than a few and one, and that as a condition."""
        if typed := folded(wanted.text):
            yield self.find_cases(typed, most=self.reach.few + 1), says(typed)
        states = cases.c.state.in_(wanted.states or sorted(WAITING))
        for moment, before in ((cases.c.due_at, wanted.due_before), (cases.c.opened_at, wanted.opened_before)):
            if before is not None:
                query = select(cases.c.id).where(states, moment < before).limit(self.reach.few + 1)
                yield list(self._connection.execute(query).scalars()), of_the_case(moment < before)

    def _labels(self, wanted: QueueFilter) -> list[Label]:
        """What the filter asks for, that which lets through the fewest first."""
        asked: list[Label] = []
        if wanted.seller:
            by_id = select(sellers.c.id).where(sellers.c.key == f"id:{wanted.seller}")
            rows = self._connection.execute(by_id.union(select(sellers.c.id).where(sellers.c.name == wanted.seller)))
            asked.append(("seller", tuple(sorted(map(str, rows.scalars())))))
        if wanted.claimed_by:
            asked.append(("state", (CaseState.CLAIMED.value,)))
        if wanted.states and set(wanted.states) != set(CaseState):
            asked.append(("state", tuple(state.value for state in wanted.states)))
        named: dict[str, str | None] = {"rule": wanted.rule, "category": wanted.category}
        named |= {"language": wanted.language.lower(), "source": wanted.source}
        named |= {"desk": wanted.desk, "severity": wanted.severity}
        asked.extend((kind, (str(label),)) for kind, label in named.items() if label)
        return asked or [(ALL[0], (ALL[1],))]


def _look(labels: Sequence[Label], lead: int, wanted: QueueFilter, after: str) -> Look:
    """Nothing was looked at yet, and this label is to lead."""
    ordered = [labels[lead], *labels[:lead], *labels[lead + 1 :]]
    conditions = [*facts(wanted), *_said_of(wanted)]
    asked = Ranking(ordered, wanted.states, conditions, one_by_one=True)
    return Look(filed=Ranking(ordered[:1], wanted.states), asked=asked, until=after)


def _said_of(wanted: QueueFilter) -> Iterator[ColumnElement[bool]]:
    """What is asked of each case that no label says, one by one."""
    if typed := folded(wanted.text):
        yield says(typed)
    if wanted.due_before is not None:
        yield of_the_case(cases.c.due_at < wanted.due_before)
    if wanted.opened_before is not None:
        yield of_the_case(cases.c.opened_at < wanted.opened_before)
