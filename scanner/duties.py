"""What the scheduler runs, by the settings: the lines of the timetable, the duties, and the command of each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from scanner.cronline import read_cron_line
from scanner.inspection.runs import Timetable
from scanner.settings import Settings, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the timetable."""

    source: str
    timetable: Timetable
    run_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What is done over and over: begun anew so many seconds after it ended, ended if it takes longer than it may."""

    name: str
    command: Sequence[str]
    every_seconds: float = 10.0
    run_seconds: float = 4_000.0


def timetable_of(source: Source, settings: Settings) -> Timetable:
    """The timetable of a source that has a cron line."""
    return read_cron_line(source.schedule, source.time_zone or settings.time_zone)


def entries_of(settings: Settings) -> tuple[Entry, ...]:
    """The sources that have a cron line."""
    return tuple(
        Entry(source=name, timetable=timetable_of(source, settings), run_seconds=source.run_seconds)
        for name, source in settings.sources.items()
        if source.schedule
    )


def duties_of(settings: Settings, config: Path | None) -> tuple[Duty, ...]:
    """What is to be done over and over, once it is said who is told: a platform, or a receiver of letters.

    Sending goes on for an hour in one process, so that an order that falls due goes at once.
    """
    delist = _delist(config, settings.data)
    hour = ("--for", "3600")
    duties = [Duty(name="takedown", command=[*delist, "takedown", "send", *hour])] if settings.platforms else []
    if settings.platforms or settings.letters.url:
        duties.append(Duty(name="letter", command=[*delist, "letter", "send", *hour]))
        duties.append(Duty(name="retention", command=[*delist, "retention", "run"], every_seconds=3_600.0))
    if settings.platforms:
        duties.append(Duty(name="tidy", command=[*delist, "tidy", *hour]))
    if settings.sources and settings.pictures.each:
        duties.append(Duty(name="pictures", command=[*delist, "evidence", "pictures", "--due", *hour]))
    return tuple(duties)


def inspect_command(config: Path | None, data: Path) -> Callable[[str], Sequence[str]]:
    """The command of a run."""
    delist = _delist(config, data)
    return lambda source: [*delist, "inspect", source]


def _delist(config: Path | None, data: Path) -> list[str]:
    """Our own command line. ``-P`` keeps a folder that happens to be called ``scanner`` from being imported."""
    options = ["--data", str(data), *(("--config", str(config)) if config else ())]
    return [sys.executable, "-P", "-m", "scanner.cli", *options]


def lock_folder(settings: Settings) -> Path:
    """Where locks lie: beside the SQLite file, so that all who use one database meet at one lock.

    With a database server it is the data folder; two machines are then kept apart by the unique ``(source, slot)``.
    """
    address = make_url(settings.store_url)
    is_file = address.get_backend_name() == "sqlite" and address.database not in {None, "", ":memory:"}
    return Path(str(address.database)).parent if is_file else settings.data
