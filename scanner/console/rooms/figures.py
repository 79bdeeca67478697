"""Figures: what came in, what was decided, what was proven, and which rules cost people time for nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner import reporting
from scanner.console import charts
from scanner.console.languages import Language
from scanner.console.languages import marked as _
from scanner.console.office import InOffice, Office
from scanner.console.pages import Place, page
from scanner.console.plots import CHARTS, Given, Plot, within
from scanner.console.rendering import Reader
from scanner.console.visits import Visit, Visitor, needs
from scanner.errors import NotFound
from scanner.inspection import past
from scanner.inspection.records import Inspection, InspectionState
from scanner.moderation.permissions import Deed
from scanner.reporting import IN_TIME, LATE, Kind, Reporting

router = APIRouter(prefix="/figures", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="figures", path="/figures", title=_("Figures"), deeds=(Deed.SEE,))

Days = Annotated[int, Query(ge=1, le=400)]
Name = Annotated[str, Path(max_length=40)]

# So many of the newest runs are told of.
RUNS = 20


@router.get("")
def show(request: Request, office: InOffice, visit: Visitor, days: Days = 30, paper: str = "") -> Response:
    """All figures of the last days; ``paper``: as they are printed."""
    given = _given(office, visit, days)
    found, reader = given.found, given.reader
    newest = {run.source: run for run in given.runs}
    decided = found.series.get(Kind.DUE, {})
    kept, late = sum(decided.get(IN_TIME, ())), sum(decided.get(LATE, ()))
    return page(
        request,
        "figures.html",
        here="figures",
        found=found,
        days=days,
        Kind=Kind,
        charts={name: title for name, (title, _draw) in CHARTS.items()},
        tables={name: list(draw(given).rows(reader)) for name, (_title, draw) in CHARTS.items()},
        theme="light" if paper else visit.preferences.theme.value,
        paper=bool(paper),
        sources=newest.values(),
        kept=f"{kept / (kept + late):.0%}" if kept + late else "",
        median=within(reader, found.within(Kind.DECIDED_WITHIN, 0.5)),
        slow=within(reader, found.within(Kind.DECIDED_WITHIN, 0.9)),
        proof=within(reader, found.within(Kind.PROVEN_WITHIN, 0.5)),
    )


@router.get("/{name}.svg")
def chart(office: InOffice, visit: Visitor, name: Name, days: Days = 30, dark: str = "") -> Response:
    """One chart as a picture, good for a minute."""
    drawn = _plot(office, visit, name, days).drawn(_reader(office, visit), dark=bool(dark))
    headers = {"Content-Security-Policy": charts.POLICY, "Cache-Control": "private, max-age=60"}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@router.get("/{name}.csv")
def table(office: InOffice, visit: Visitor, name: Name, days: Days = 30) -> Response:
    """The figures behind a chart, or of the rules, for a spreadsheet."""
    rows = _rule_rows(_report(office, days)) if name == "rules" else _rows(office, visit, name, days)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_inert(cell) for cell in row] for row in rows)
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    body = ("\ufeff" + out.getvalue()).encode("utf8", "replace")
    headers = {"Content-Disposition": f'attachment; filename="delist-{name}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _report(office: Office, days: int) -> Reporting:
    reporting.follow(office.store)
    return reporting.report(office.store, now=office.clock(), days=days)


def _runs(office: Office) -> tuple[Inspection, ...]:
    """The newest runs that have ended, the oldest of them first."""
    runs = past.listed(office.store, limit=RUNS)
    return tuple(run for run in reversed(runs) if run.state is not InspectionState.RUNNING)


def _given(office: Office, visit: Visit, days: int) -> Given:
    return Given(found=_report(office, days), runs=_runs(office), reader=_reader(office, visit))


def _plot(office: Office, visit: Visit, name: str, days: int) -> Plot:
    if name not in CHARTS:
        raise NotFound("there are no figures named {name!r}", name=name)
    return CHARTS[name][1](_given(office, visit, days))


def _rows(office: Office, visit: Visit, name: str, days: int) -> Iterable[list[object]]:
    return _plot(office, visit, name, days).rows(_reader(office, visit))


def _rule_rows(found: Reporting) -> Iterable[list[object]]:
    yield ["rule", "cases", "confirmed", "decided", "precision", "low", "high", "last_hit"]
    for one in found.rules:
        share = one.precision
        yield [one.rule, one.hits, share.part, share.whole, round(share.share, 4), round(share.low, 4),
               round(share.high, 4), one.last_hit or ""]  # fmt: skip


def _reader(office: Office, visit: Visit) -> Reader:
    language: Language = visit.language
    return Reader(language, visit.zone, office.clock())


def _inert(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula (CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
