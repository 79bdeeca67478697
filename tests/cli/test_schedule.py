"""``delist schedule``: what it shows, what it refuses, and one real run over a feed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scanner.cli import app
from scanner.errors import AlreadyRunning, SettingsError, UnknownSource
from scanner.model import RunState
from scanner.processes import hold
from scanner.store import Store

SOURCES = """
data = "var"
time_zone = "Asia/Shanghai"

[sources.night]
walker = "feed"
start = "export.jsonl"
schedule = "0 3 29 2 *"
time_zone = "Europe/Berlin"

[sources.byhand]
walker = "feed"
start = "absent.jsonl"
"""

Schedule = Callable[..., Result]


@pytest.fixture
def schedule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Schedule]:
    """Run ``delist schedule`` in a folder with two sources, and give what it printed and raised."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "delist.toml").write_text(SOURCES, encoding="utf8")
    (tmp_path / "export.jsonl").write_text('{"id": "1", "title": "Desk lamp"}\n', encoding="utf8")
    yield lambda *options: CliRunner().invoke(app, ["schedule", *options])
    ours = logging.getLogger("delist")
    for handler in tuple(ours.handlers):
        ours.removeHandler(handler)


def test_the_list_shows_next_and_last_run(schedule: Schedule, tmp_path: Path) -> None:
    """Each source has its cron line and zone, its next slot in the reader's zone, and how its last run ended."""
    with Store.open(f"sqlite:///{tmp_path / 'var/delist.db'}") as store:
        began = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
        run = store.claim_run(source="byhand", slot=began, at=began)
        assert run is not None
        ended = began.replace(minute=2)
        store.finish_run(run.id, state=RunState.FAILED, at=ended, detail="exit code 1: [red]absent.jsonl[/red]")
    shown = schedule("--list").stdout
    assert "byhand  no cron line\n  next  by hand: delist schedule --once byhand\n" in shown
    assert "  last  2026-11-22 03:00:00  failed after 120.0 s: exit code 1: [red]absent.jsonl[/red]" in shown
    # 03:00 in Berlin is 10:00 in Shanghai.
    assert re.search(r"night  0 3 29 2 \* Europe/Berlin\n  next  20\d\d-02-29 10:00:00\n  last  never ran\n", shown)
    assert "Times are in Asia/Shanghai." in shown


def test_the_list_of_no_sources_says_so(schedule: Schedule, tmp_path: Path) -> None:
    """An empty table would leave the reader wondering."""
    (tmp_path / "delist.toml").unlink()
    assert "No sources: delist.toml names none" in schedule("--list").stdout


def test_a_scheduler_with_nothing_to_run_is_refused(schedule: Schedule, tmp_path: Path) -> None:
    """Where no source is, nothing could ever be run: it says what is missing, and makes no store."""
    (tmp_path / "delist.toml").write_text('data = "var"\n', encoding="utf8")
    error = schedule().exception
    assert isinstance(error, SettingsError)
    assert 'schedule = "15 3 * * *"' in error.hint
    assert not (tmp_path / "var").exists()


def test_without_cron_lines_it_waits_for_what_people_ask(schedule: Schedule, tmp_path: Path) -> None:
    """A source without a cron line is served too: its inspections are asked for on the console's page."""
    (tmp_path / "delist.toml").write_text(SOURCES.replace('schedule = "0 3 29 2 *"', ""), encoding="utf8")
    assert schedule("--for", "0.1").exit_code == 0
    with Store.open(f"sqlite:///{tmp_path / 'var/delist.db'}") as store:
        assert not store.recent_runs("night")


def test_an_unknown_source_is_refused(schedule: Schedule, tmp_path: Path) -> None:
    """The nearest name is suggested, and nothing is made."""
    error = schedule("--once", "nihgt").exception
    assert isinstance(error, UnknownSource)
    assert error.hint == 'Did you mean "night"?'
    assert not (tmp_path / "var").exists()


def test_it_serves_for_a_time(schedule: Schedule) -> None:
    """``--for`` ends by itself; what it says goes to standard error, with moments in the configured zone."""
    result = schedule("--for", "0.3")
    assert result.exit_code == 0
    assert result.stdout == ""
    line = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d night: next at 20\d\d-02-29 10:00:00 CST$"
    assert re.search(line, result.stderr, re.MULTILINE)
    assert "stopped: the 0.3 seconds are over" in result.stderr


def test_a_second_scheduler_is_refused(schedule: Schedule, tmp_path: Path) -> None:
    """The lock lies beside the database, whoever holds it."""
    with hold(tmp_path / "var/scheduler.lock", what="taken"):
        error = schedule("--for", "0.3").exception
    assert isinstance(error, AlreadyRunning)
    assert "a scheduler is already running on this store: process" in str(error)


def test_a_run_by_hand_inspects_the_source(schedule: Schedule, tmp_path: Path) -> None:
    """``--once`` is the real thing: a process of its own, which takes in the feed, and a row that says so."""
    result = schedule("--once", "night")
    assert result.exit_code == 0, result.stderr + (tmp_path / "var/runs/night.log").read_text()
    assert "night: finished after" in result.stderr
    assert re.search(r"  last  20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  finished after", schedule("--list").stdout)


def test_a_run_that_fails_ends_with_one(schedule: Schedule) -> None:
    """A feed that is not there is a failed run: exit code 1, and the reason in the list."""
    assert schedule("--once", "byhand").exit_code == 1
    shown = " ".join(schedule("--list").stdout.split())
    assert "failed after" in shown
    assert "absent.jsonl" in shown
