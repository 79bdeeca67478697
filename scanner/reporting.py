"""Figures for people who steer: what came in, what was decided, what was proven, and how well each rule does.

The history is followed event by event and counted by day, so that a page of figures reads a few hundred rows whatever
the store holds, and says the same again next year. Definitions are the domain brief's (§6.1): a violation is confirmed
when a person ruled so; accepted is not verified. A decision that was taken back was none: it is counted off again
on the day on which it was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from scanner.correspondence.reputation import share_of
from scanner.model import Event, Ruling
from scanner.outside import Share
from scanner.workflow import WAITING

FOLLOWER = "figures"
# So many events are counted in one transaction.
PAGE = 5_000
# Upper ends of the classes in which lengths of time are counted, in seconds; the last takes all that is longer.
CLASSES = (60, 300, 900, 3_600, 7_200, 14_400, 28_800, 86_400, 259_200, 604_800, 2_592_000)
LONGER = 10**9
# What is counted as ``Kind.DUE``: decisions until the case's due moment, and after it.
IN_TIME, LATE = "in_time", "late"
# What is counted as ``Kind.WAITS``: cases that began to wait for a person, and that ceased to.
CAME, WENT = "came", "went"
CONFIRMING = frozenset({Ruling.REMOVE, Ruling.RESTRICT})


class Kind(StrEnum):
    """What is counted. Each has its labels: a severity, a category, a rule, a person, an outcome, a class of time."""

    OPENED = "opened"
    OPENED_CATEGORY = "opened_category"
    DECIDED = "decided"
    DECIDED_CATEGORY = "decided_category"
    REVIEWER = "reviewer"
    RULE_HIT = "rule_hit"
    RULE_CONFIRMED = "rule_confirmed"
    RULE_KEPT = "rule_kept"
    LOOKED = "looked"
    PROVEN = "proven"
    WAITS = "waits"
    DECIDED_WITHIN = "decided_within"
    DUE = "due"
    PROVEN_WITHIN = "proven_within"
    APPEAL = "appeal"
    NOTICE = "notice"


Key = tuple[date, Kind, str]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a kind and label there were on a day (UTC)."""

    day: date
    kind: Kind
    label: str
    number: int


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How a rule has done: cases that it brought, what people made of them, when it last found anything."""

    rule: str
    hits: int
    precision: Share
    last_hit: date | None


class Reporting(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a span of days, ready to be shown."""

    days: tuple[date, ...]
    series: dict[Kind, dict[str, tuple[int, ...]]]
    rules: tuple[RuleRecord, ...]
    backlog: dict[str, int]
    overdue: int
    oldest: datetime | None
    counted_to: int
    events: int

    def total(self, kind: Kind, label: str = "") -> int:
        """How many of a kind there were in all days, of one label or of all."""
        lines = self.series.get(kind, {})
        return sum(lines.get(label, ())) if label else sum(sum(line) for line in lines.values())

    def by_day(self, kind: Kind) -> tuple[int, ...]:
        """How many of a kind there were on each day, whatever their label."""
        lines = list(self.series.get(kind, {}).values())
        return tuple(sum(line[number] for line in lines) for number in range(len(self.days)))

    def within(self, kind: Kind, share: float) -> int | None:
        """The class of time within which ``share`` of all ended, as its upper end in seconds; none of none."""
        counts = {int(label): sum(line) for label, line in self.series.get(kind, {}).items()}
        wanted, seen = share * sum(counts.values()), 0
        for upper in sorted(counts):
            seen += counts[upper]
            if seen >= wanted:
                return upper
        return None


class FigureRows(Protocol):
    """What is kept of figures, and what they are counted from."""

    def followed_to(self, name: str) -> int:
        """Up to which event somebody has followed the history; whoever else does waits."""

    def set_followed(self, name: str, sequence: int) -> None:
        """That far, from now on."""

    def events_after(self, after: int, *, limit: int) -> tuple[Event, ...]:
        """The events that follow that number."""

    def events_about(self, subject: str) -> tuple[Event, ...]:
        """The events of one subject, oldest first."""

    def case_moments(self, case_ids: Iterable[int]) -> dict[int, tuple[datetime, datetime]]:
        """When these cases were opened, and until when they were to be decided."""

    def planned_moments(self, takedown_ids: Iterable[int]) -> dict[int, datetime]:
        """When these orders were written."""

    def add_figures(self, counts: Mapping[Key, int]) -> None:
        """Add to what is counted."""

    def figures(self, since: date, until: date) -> list[Figure]:
        """What was counted on these days, both included, and not counted off again."""

    def last_hits(self) -> dict[str, date]:
        """The last day on which each rule brought a case."""

    def backlog(self, now: datetime) -> tuple[dict[str, int], int, datetime | None]:
        """Waiting cases by severity, how many are overdue, and when the oldest was opened."""

    def newest_event(self) -> int:
        """The number of the newest event."""


class FigureStore(Protocol):
    """A store that keeps figures."""

    def reading(self) -> AbstractContextManager[FigureRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[FigureRows]:
        """All or nothing."""


def follow(store: FigureStore, *, most: int = 50_000) -> int:
    """Count what has happened since the last time, up to ``most`` events; how many that were.

    Counts and how far they reach are one transaction: killed anywhere, every event is counted once.
    """
    counted = 0
    while counted < most:
        with store.transaction() as tx:
            begun = tx.followed_to(FOLLOWER)
            events = tx.events_after(begun, limit=PAGE)
            if not events:
                break
            tx.add_figures(_counts(tx, events))
            tx.set_followed(FOLLOWER, events[-1].sequence)
        counted += len(events)
    return counted


def report(store: FigureStore, *, now: datetime, days: int = 30) -> Reporting:
    """The figures of the last ``days`` days (UTC), today included, as far as they are counted."""
    last = now.date()
    span = tuple(last - timedelta(days=back) for back in range(days - 1, -1, -1))
    with store.reading() as tx:
        figures = tx.figures(span[0], last)
        backlog, overdue, oldest = tx.backlog(now)
        series = _series(figures, span)
        return Reporting(
            days=span,
            series=series,
            rules=_rules(series, tx.last_hits()),
            backlog=backlog,
            overdue=overdue,
            oldest=oldest,
            counted_to=tx.followed_to(FOLLOWER),
            events=tx.newest_event(),
        )


def class_of(seconds: float) -> int:
    """The class that a length of time is counted in, by its upper end."""
    return next((upper for upper in CLASSES if seconds <= upper), LONGER)


def _counts(tx: FigureRows, events: Sequence[Event]) -> Counter[Key]:
    counts: Counter[Key] = Counter()
    for event in events:
        counts.update((event.at.date(), kind, label) for kind, label in _labels(event))
    counts.update(_decisions(tx, [event for event in events if _is_ruling(event)]))
    counts.subtract(_decisions(tx, _taken_back(tx, events)))
    counts.update(_proofs(tx, events))
    return counts


def _decisions(tx: FigureRows, decided: Sequence[Event]) -> Counter[Key]:
    moments = tx.case_moments({_case(event) for event in decided})
    counts: Counter[Key] = Counter()
    for event in decided:
        day = event.at.date()
        counts.update((day, kind, label) for kind, label in _labels_of_decision(event))
        if (span := moments.get(_case(event))) is not None:
            opened_at, due_at = span
            counts[day, Kind.DECIDED_WITHIN, str(class_of((event.at - opened_at).total_seconds()))] += 1
            counts[day, Kind.DUE, LATE if event.at > due_at else IN_TIME] += 1
    return counts


def _taken_back(tx: FigureRows, events: Sequence[Event]) -> list[Event]:
    """The decisions that these events take back, each as it was made."""
    return [
        decided
        for undone in events
        if undone.kind == "case.undone"
        for decided in tx.events_about(undone.subject)
        if _is_ruling(decided) and decided.data.get("decision") == undone.data["decision"]
    ]


def _proofs(tx: FigureRows, events: Sequence[Event]) -> Counter[Key]:
    proven = [event for event in events if event.kind == "case.verified" and "takedown" in event.data]
    planned_at = tx.planned_moments({int(str(event.data["takedown"])) for event in proven})
    counts: Counter[Key] = Counter()
    for event in proven:
        if (ordered := planned_at.get(int(str(event.data["takedown"])))) is not None:
            counts[event.at.date(), Kind.PROVEN_WITHIN, str(class_of((event.at - ordered).total_seconds()))] += 1
    return counts


def _labels(event: Event) -> Iterable[tuple[Kind, str]]:
    """What one event counts as by itself; decisions are counted apart."""
    yield from ((Kind.WAITS, label) for label in _waits(event))
    match event.kind:
        case "case.opened":
            rules = _rules_of(event)
            yield Kind.OPENED, str(event.data.get("severity", ""))
            yield from ((Kind.OPENED_CATEGORY, category) for category in _categories(rules))
            yield from ((Kind.RULE_HIT, rule) for rule in rules)
        case "case.verified":
            yield Kind.PROVEN, ""
        case "takedown.looked":
            yield Kind.LOOKED, str(event.data.get("outcome", ""))
        case "appeal.decided":
            yield Kind.APPEAL, str(event.data.get("state", event.data.get("after", "")))
        case "notice.received":
            yield Kind.NOTICE, str(event.data.get("kind_of", ""))


def _is_ruling(event: Event) -> bool:
    """Whether somebody ruled: an order that is sent after all moves its case to where it was, and decides nothing."""
    return event.kind == "case.decided" and "ruling" in event.data


def _waits(event: Event) -> Iterable[str]:
    """Whether a case began, or ceased, to wait for a person."""
    if event.kind == "case.opened":
        yield CAME
    before, after = (str(event.data.get(name, "")) in WAITING for name in ("before", "after"))
    if event.kind.startswith("case.") and before is not after and "before" in event.data:
        yield CAME if after else WENT


def _labels_of_decision(event: Event) -> Iterable[tuple[Kind, str]]:
    ruling, rules = str(event.data.get("ruling", "")), _rules_of(event)
    yield Kind.DECIDED, ruling
    yield Kind.REVIEWER, event.actor
    yield from ((Kind.DECIDED_CATEGORY, category) for category in _categories(rules))
    if ruling in CONFIRMING:
        yield from ((Kind.RULE_CONFIRMED, rule) for rule in rules)
    elif ruling == Ruling.KEEP:
        yield from ((Kind.RULE_KEPT, rule) for rule in rules)


def _rules_of(event: Event) -> tuple[str, ...]:
    rules = event.data.get("rules", ())
    return tuple(dict.fromkeys(map(str, rules))) if isinstance(rules, (list, tuple)) else ()


def _categories(rules: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.partition(".")[0] for rule in rules))


def _case(event: Event) -> int:
    return int(event.subject.partition(":")[2])


def _series(figures: Iterable[Figure], days: Sequence[date]) -> dict[Kind, dict[str, tuple[int, ...]]]:
    places = {day: number for number, day in enumerate(days)}
    lines: dict[Kind, dict[str, list[int]]] = {}
    for figure in figures:
        line = lines.setdefault(figure.kind, {}).setdefault(figure.label, [0] * len(days))
        line[places[figure.day]] += figure.number
    return {kind: {label: tuple(line) for label, line in sorted(by.items())} for kind, by in lines.items()}


def _rules(series: Mapping[Kind, Mapping[str, Sequence[int]]], last: Mapping[str, date]) -> tuple[RuleRecord, ...]:
    """All rules that brought anything or were judged in these days, those that waste most of people's time first."""

    def of(kind: Kind, rule: str) -> int:
        return sum(series.get(kind, {}).get(rule, ()))

    kinds = (Kind.RULE_HIT, Kind.RULE_CONFIRMED, Kind.RULE_KEPT)
    names = sorted({rule for kind in kinds for rule in series.get(kind, {})})
    records = [
        RuleRecord(
            rule=rule,
            hits=of(Kind.RULE_HIT, rule),
            precision=share_of(of(Kind.RULE_CONFIRMED, rule), of(Kind.RULE_CONFIRMED, rule) + of(Kind.RULE_KEPT, rule)),
            last_hit=last.get(rule),
        )
        for rule in names
    ]
    return tuple(sorted(records, key=lambda one: (one.precision.part - one.precision.whole, -one.hits, one.rule)))
