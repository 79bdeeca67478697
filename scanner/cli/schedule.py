"""``delist schedule``: run the timetable, show it, or fire one source now."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, tzinfo
from typing import Annotated

import typer
from rich.text import Text

import scheduler
from scanner import duties
from scanner.cli.context import Given, settings_of
from scanner.cli.database import store_of
from scanner.cli.output import console
from scanner.cronline import read_zone
from scanner.errors import SettingsError
from scanner.inspection.runs import RunLog, last_run
from scanner.model import Run, RunState
from scanner.settings import SETTINGS_FILE, Settings, Source
from scanner.store import Store

app = typer.Typer(help="Inspect each source when its cron line says so.")

_ELSEWHERE = "It may be on another machine: stop that one first, or let it do its work."

_STATE_STYLE = {RunState.FINISHED: "green", RunState.RUNNING: "cyan"}


@app.callback(invoke_without_command=True, epilog="Example: delist schedule --list")
def schedule(
    context: typer.Context,
    list_runs: Annotated[bool, typer.Option("--list", help="Show next and last runs, and stop.")] = False,
    once: Annotated[str, typer.Option(metavar="SOURCE", help="Run this source now, wait for its end, and stop.")] = "",
    seconds: Annotated[float, typer.Option("--for", min=0, help="Stop after this time; 0: when interrupted.")] = 0,
) -> None:
    """Inspect each source when its cron line in delist.toml says so, until interrupted.

    What people ask for on the console's page of inspections is run as well, of any source that is configured.

    Where a platform or a receiver of letters is configured, takedowns and letters are sent meanwhile, looks are done,
    and what retention was told to delete is deleted.

    What fell due while nothing ran is made up for at the start: once for each source, however many slots passed. A run
    that was killed is marked lost and run again. Only one scheduler works on a store.

    Exit codes: 0 done; 1 the run of --once did not finish; 2 something must be mended first.
    """
    settings = settings_of(context)
    entries = duties.entries_of(settings)
    chores = duties.duties_of(settings, None)
    source = settings.source(once) if once else None
    if not (entries or chores or settings.sources or list_runs or source):
        hint = f'Give a source in {SETTINGS_FILE} a cron line, for example: schedule = "15 3 * * *"'
        raise SettingsError("nothing is scheduled: there is no source", hint=hint)
    with store_of(settings) as store:
        if list_runs:
            console.print(timetable(settings, store, datetime.now(UTC)), soft_wrap=True)
            return
        _log_in(read_zone(settings.time_zone))
        service = _scheduler(context, settings, store)
        # Who comes upon a run that seems lost must know that no other machine is at it.
        with store.alone("scheduler", what="a scheduler is already running on this database", hint=_ELSEWHERE):
            if source:
                run = service.run_once(source.name, source.run_seconds)
                raise typer.Exit(0 if run.state is RunState.FINISHED else 1)
            service.serve(seconds or None)


def _scheduler(context: typer.Context, settings: Settings, store: Store) -> scheduler.Scheduler:
    given = context.find_object(Given) or Given()
    return scheduler.Scheduler(
        duties.entries_of(settings),
        runs=store,
        folder=duties.lock_folder(settings),
        command=duties.inspect_command(given.config, settings.data),
        limits=scheduler.Limits(runs_at_a_time=settings.workers),
        zone=read_zone(settings.time_zone),
        duties=duties.duties_of(settings, given.config),
        on_demand=scheduler.OnDemand(
            store=store, run_seconds={name: source.run_seconds for name, source in settings.sources.items()}
        ),
    )


def timetable(settings: Settings, runs: RunLog, now: datetime) -> Text:
    """Next and last run of each source, moments in the configured time zone."""
    if not settings.sources:
        return Text(f"No sources: {SETTINGS_FILE} names none, or is not in this folder.")
    zone = read_zone(settings.time_zone)
    blocks = []
    for name, source in sorted(settings.sources.items()):
        last = last_run(runs.recent_runs(name))
        lines = (
            _heading(source),
            f"  next  {_next_words(source, settings, zone, now)}\n",
            _last_words(last, zone, now),
        )
        blocks.append(Text.assemble(*lines))
    blocks.append(Text(f"Times are in {settings.time_zone}.", style="dim"))
    return Text("\n").join(blocks)


def _heading(source: Source) -> Text:
    cron = f"{source.schedule} {source.time_zone}".strip() if source.schedule else "no cron line"
    return Text.assemble((source.name, "bold"), f"  {cron}\n")


def _next_words(source: Source, settings: Settings, zone: tzinfo, now: datetime) -> str:
    if not source.schedule:
        return f"by hand: delist schedule --once {source.name}"
    return _moment(duties.timetable_of(source, settings).next_after(now), zone)


def _last_words(run: Run | None, zone: tzinfo, now: datetime) -> Text:
    if run is None:
        return Text("  last  never ran")
    seconds = ((run.finished_at or now) - run.started_at).total_seconds()
    state = (run.state.value.replace("_", " "), _STATE_STYLE.get(run.state, "red"))
    took = f", for {seconds:.0f} s so far" if run.state is RunState.RUNNING else f" after {seconds:.1f} s"
    return Text.assemble(
        f"  last  {_moment(run.started_at, zone)}  ", state, took, f": {run.detail}" * bool(run.detail)
    )


def _moment(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else "never"


def _log_in(zone: tzinfo) -> None:
    """Log lines of ours on standard error, their moments in ``zone``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_InZone(zone))
    ours = logging.getLogger("delist")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)


class _InZone(logging.Formatter):
    """When in a time zone, and what, in words."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__("%(asctime)s %(message)s")
        self._zone = zone

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 -- logging's name
        return f"{datetime.fromtimestamp(record.created, self._zone):%Y-%m-%d %H:%M:%S}"
