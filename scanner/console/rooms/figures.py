"""Figures: what came in, what was decided, what was proven, and which rules cost people time for nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner import reporting
from scanner.console import charts
from scanner.console.languages import Language
from scanner.console.languages import marked as _
from scanner.console.office import InOffice, Office
from scanner.console.pages import Place, page
from scanner.console.rendering import Reader
from scanner.console.visits import Visit, Visitor, needs
from scanner.errors import NotFound
from scanner.inspection import past
from scanner.moderation.permissions import Deed
from scanner.reporting import LONGER, Kind, Reporting

router = APIRouter(prefix="/figures", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="figures", path="/figures", title=_("Figures"), deeds=(Deed.SEE,))

Days = Annotated[int, Query(ge=1, le=400)]
Name = Annotated[str, Path(max_length=40)]

FLOW = "flow"
# What a chart shows: its title, and what is counted in it.
CHARTS: dict[str, tuple[str, Kind]] = {
    FLOW: (_("Came in, decided, proven gone"), Kind.OPENED),
    "severity": (_("New cases by severity"), Kind.OPENED),
    "category": (_("New cases by category"), Kind.OPENED_CATEGORY),
    "looks": (_("What looks at takedowns came to"), Kind.LOOKED),
    "reviewers": (_("Decisions by person"), Kind.REVIEWER),
    "speed": (_("Time until a decision"), Kind.DECIDED_WITHIN),
    "proof": (_("Time until proven gone"), Kind.PROVEN_WITHIN),
    "notices": (_("Notices by sender"), Kind.NOTICE),
}
_OVER_TIME = frozenset({FLOW, "severity", "category", "looks", "notices"})
_TIMES = frozenset({Kind.DECIDED_WITHIN, Kind.PROVEN_WITHIN})


@router.get("")
def show(request: Request, office: InOffice, visit: Visitor, days: Days = 30) -> Response:
    """All figures of the last days."""
    found = _report(office, days)
    runs = past.listed(office.store, limit=20)
    newest = {run.source: run for run in reversed(runs)}
    reader = _reader(office, visit)
    return page(
        request,
        "figures.html",
        here="figures",
        found=found,
        days=days,
        Kind=Kind,
        charts={name: title for name, (title, _kind) in CHARTS.items()},
        tables={name: list(_rows(found, name, reader)) for name in CHARTS},
        theme=visit.preferences.theme.value,
        sources=newest.values(),
        median=_within(reader, found.within(Kind.DECIDED_WITHIN, 0.5)),
        slow=_within(reader, found.within(Kind.DECIDED_WITHIN, 0.9)),
        proof=_within(reader, found.within(Kind.PROVEN_WITHIN, 0.5)),
    )


@router.get("/{name}.svg")
def chart(office: InOffice, visit: Visitor, name: Name, days: Days = 30, dark: str = "") -> Response:
    """One chart as a picture."""
    kind = _named(name)[1]
    found, reader = _report(office, days), _reader(office, visit)
    if name in _OVER_TIME:
        labels = [f"{day:%m-%d}" for day in found.days]
        colours = charts.SEVERITIES if name == "severity" else charts.COLOURS
        series = _lines(found, name, reader)
        drawn = charts.by_day(labels, series, dark=bool(dark), stacked=name != FLOW, colours=colours)
    else:
        totals = {_label(kind, label, reader): sum(line) for label, line in found.series.get(kind, {}).items()}
        drawn = charts.bars(totals, dark=bool(dark))
    headers = {"Content-Security-Policy": charts.POLICY}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@router.get("/{name}.csv")
def table(office: InOffice, visit: Visitor, name: Name, days: Days = 30) -> Response:
    """The figures behind a chart, or of the rules, for a spreadsheet."""
    found = _report(office, days)
    rows = _rule_rows(found) if name == "rules" else _rows(found, name, _reader(office, visit))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_inert(cell) for cell in row] for row in rows)
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    body = ("\ufeff" + out.getvalue()).encode("utf8", "replace")
    headers = {"Content-Disposition": f'attachment; filename="delist-{name}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _report(office: Office, days: int) -> Reporting:
    reporting.follow(office.store)
    return reporting.report(office.store, now=office.clock(), days=days)


def _named(name: str) -> tuple[str, Kind]:
    if name not in CHARTS:
        raise NotFound(f"there are no figures named {name[:40]!r}")
    return CHARTS[name]


def _lines(found: Reporting, name: str, reader: Reader) -> Mapping[str, tuple[int, ...]]:
    if name == FLOW:
        proven = found.series.get(Kind.LOOKED, {}).get("verified_removed", (0,) * len(found.days))
        say = reader.language.say
        came, ruled = found.by_day(Kind.OPENED), found.by_day(Kind.DECIDED)
        return {say("came in"): came, say("decided"): ruled, say("proven gone"): proven}
    kind = _named(name)[1]
    return {_label(kind, label, reader): line for label, line in found.series.get(kind, {}).items()}


def _rows(found: Reporting, name: str, reader: Reader) -> Iterable[list[object]]:
    """The table behind a chart, its head first."""
    say = reader.language.say
    if name in _OVER_TIME:
        named = _lines(found, name, reader) if name == FLOW or found.series.get(_named(name)[1]) else {}
        yield [say("Day"), *named]
        yield from ([day.isoformat(), *(line[at] for line in named.values())] for at, day in enumerate(found.days))
        return
    kind = _named(name)[1]
    yield [say("Label"), say("Number")]
    lines = found.series.get(kind, {})
    order = sorted(lines, key=int) if kind in _TIMES else sorted(lines, key=lambda label: -sum(lines[label]))
    yield from ([_label(kind, label, reader), sum(lines[label])] for label in order)


def _rule_rows(found: Reporting) -> Iterable[list[object]]:
    yield ["rule", "cases", "confirmed", "decided", "precision", "low", "high", "last_hit"]
    for one in found.rules:
        share = one.precision
        yield [one.rule, one.hits, share.part, share.whole, round(share.share, 4), round(share.low, 4),
               round(share.high, 4), one.last_hit or ""]  # fmt: skip


def _label(kind: Kind, label: str, reader: Reader) -> str:
    return _within(reader, int(label)) if kind in _TIMES else reader.word(label) or "—"


def _within(reader: Reader, seconds: int | None) -> str:
    if seconds is None:
        return "—"
    if seconds == LONGER:
        return reader.language.say("longer")
    return reader.span(timedelta(seconds=seconds))


def _reader(office: Office, visit: Visit) -> Reader:
    language: Language = visit.language
    return Reader(language, visit.zone, office.clock())


def _inert(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula (CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
