"""What each chart of the figures shows: lines over days or bars, and the same as the table behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate

import msgspec

from scanner.console import charts
from scanner.console.languages import marked as _
from scanner.console.rendering import Reader
from scanner.inspection.records import Inspection
from scanner.reporting import CAME, IN_TIME, LATE, LONGER, WENT, Kind, Reporting

# So many rules have a bar.
RULES = 15
NOTHING = _("nothing in these days")


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """Lines (or, ``stacked``, one bar a day) over ``days``, by name; or ``bars`` by name, some ``within`` an interval.

    Bars with intervals are in percent. ``sorts``: the longest bar first.
    """

    days: tuple[date, ...] = ()
    series: Mapping[str, Sequence[float]] = {}
    stacked: bool = True
    bars: dict[str, float] = {}
    within: dict[str, tuple[float, float]] = {}
    sorts: bool = True
    colours: tuple[str, ...] = charts.COLOURS

    def drawn(self, reader: Reader, *, dark: bool) -> bytes:
        """As a picture."""
        empty = reader.language.say(NOTHING)
        if self.days:
            labels = [f"{day:%m-%d}" for day in self.days]
            stacked, colours = self.stacked, self.colours
            return charts.by_day(labels, self.series, dark=dark, stacked=stacked, colours=colours, empty=empty)
        return charts.bars(self.bars, dark=dark, within=self.within, sorts=self.sorts, empty=empty)

    def rows(self, reader: Reader) -> Iterable[list[object]]:
        """As a table, its head first."""
        say = reader.language.say
        if self.days:
            yield [say("Day"), *self.series]
            yield from (
                [day.isoformat(), *(line[at] for line in self.series.values())] for at, day in enumerate(self.days)
            )
            return
        yield [say("Label"), say("Number"), *([say("at least"), say("at most")] if self.within else [])]
        order = sorted(self.bars.items(), key=lambda pair: -pair[1]) if self.sorts else list(self.bars.items())
        for name, value in order:
            yield [name, round(value, 1), *(round(end, 1) for end in self.within.get(name, ()))]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What charts are drawn from: the figures, the newest inspections with the oldest of them first; and for whom."""

    found: Reporting
    runs: tuple[Inspection, ...]
    reader: Reader


Draw = Callable[[Given], Plot]


def flow(given: Given) -> Plot:
    """What came in, what was decided, what was proven gone."""
    say = given.reader.language.say
    proven = given.found.by_day(Kind.PROVEN)
    lines = {
        say("came in"): given.found.by_day(Kind.OPENED),
        say("decided"): given.found.by_day(Kind.DECIDED),
        say("proven gone"): proven,
    }
    return Plot(days=given.found.days, series=lines, stacked=False)


def backlog(given: Given) -> Plot:
    """How many waited at the end of each day: what waits now, less what has come since, and what has gone."""
    none = (0,) * len(given.found.days)
    waits = given.found.series.get(Kind.WAITS, {})
    changes = [came - went for came, went in zip(waits.get(CAME, none), waits.get(WENT, none), strict=True)]
    back = list(
        accumulate(reversed(changes[1:]), lambda left, change: max(left - change, 0), initial=_waiting(given.found))
    )
    return Plot(days=given.found.days, series={given.reader.language.say("waiting"): back[::-1]}, stacked=False)


def in_time(given: Given) -> Plot:
    """Decisions until the moment by which they were due, and after it."""
    none = (0,) * len(given.found.days)
    due = given.found.series.get(Kind.DUE, {})
    lines = {
        given.reader.language.say("in time"): due.get(IN_TIME, none),
        given.reader.language.say("late"): due.get(LATE, none),
    }
    return Plot(days=given.found.days, series=lines, colours=charts.IN_TIME_OR_LATE)


def severity(given: Given) -> Plot:
    """New cases by severity, the graver the redder."""
    lines = given.found.series.get(Kind.OPENED, {})
    known = tuple(charts.SEVERITIES.get(level, charts.COLOURS[0]) for level in lines)
    return Plot(days=given.found.days, series=dict(lines), colours=known)


def by_day(kind: Kind) -> Draw:
    """A chart of one kind, day by day and label by label."""

    def draw(given: Given) -> Plot:
        lines = given.found.series.get(kind, {})
        return Plot(
            days=given.found.days, series={given.reader.word(label) or "—": line for label, line in lines.items()}
        )

    return draw


def totals(kind: Kind) -> Draw:
    """A chart of one kind over all days, label by label."""

    def draw(given: Given) -> Plot:
        lines = given.found.series.get(kind, {})
        return Plot(bars={given.reader.word(label) or "—": sum(line) for label, line in lines.items()})

    return draw


def times(kind: Kind) -> Draw:
    """How long something took, class by class, the shortest first."""

    def draw(given: Given) -> Plot:
        counts = {int(label): sum(line) for label, line in given.found.series.get(kind, {}).items()}
        return Plot(bars={within(given.reader, seconds): counts[seconds] for seconds in sorted(counts)}, sorts=False)

    return draw


def precision(given: Given) -> Plot:
    """The rules on which most was decided: the share that was confirmed, between what it lies with 95 % certainty."""
    judged = sorted((one for one in given.found.rules if one.precision.whole), key=lambda one: -one.precision.whole)[
        :RULES
    ]
    return Plot(
        bars={one.rule: 100 * one.precision.share for one in judged},
        within={one.rule: (100 * one.precision.low, 100 * one.precision.high) for one in judged},
    )


def coverage(given: Given) -> Plot:
    """Of each run, how much of what it discovered was read or known to be unchanged."""
    shares = {f"{run.source} {run.id}": run.ledger for run in given.runs if run.ledger.discovered}
    bars = {name: 100 * (one.fetched + one.unchanged) / one.discovered for name, one in shares.items()}
    return Plot(bars=bars, sorts=False)


# In the order of the page.
CHARTS: dict[str, tuple[str, Draw]] = {
    "flow": (_("Came in, decided, proven gone"), flow),
    "backlog": (_("Waiting at the end of the day"), backlog),
    "sla": (_("Decided in time and late"), in_time),
    "severity": (_("New cases by severity"), severity),
    "category": (_("New cases by category"), by_day(Kind.OPENED_CATEGORY)),
    "looks": (_("What looks at takedowns came to"), by_day(Kind.LOOKED)),
    "speed": (_("Time until a decision"), times(Kind.DECIDED_WITHIN)),
    "proof": (_("Time until proven gone"), times(Kind.PROVEN_WITHIN)),
    "precision": (_("Precision of the rules on which most was decided, in percent"), precision),
    "reviewers": (_("Decisions by person"), totals(Kind.REVIEWER)),
    "coverage": (_("Read or unchanged of what was discovered, run by run, in percent"), coverage),
    "notices": (_("Notices by sender"), by_day(Kind.NOTICE)),
}


def within(reader: Reader, seconds: int | None) -> str:
    """A class of time in words."""
    if seconds is None:
        return "—"
    return reader.language.say("longer") if seconds == LONGER else reader.span(timedelta(seconds=seconds))


def _waiting(found: Reporting) -> int:
    return sum(found.backlog.values())
