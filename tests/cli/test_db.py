"""``delist db`` and ``delist audit`` as a person runs them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scanner import audit
from scanner.store import Store
from tests.fakes import LI, NOON


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a history of five events."""
    (tmp_path / "data").mkdir()
    with Store.open(f"sqlite:///{tmp_path / 'data' / 'delist.db'}") as store, store.transaction() as tx:
        for number in range(5):
            actor = LI if number % 2 else audit.SYSTEM
            audit.append(tx, actor=actor, kind="case.decided", subject=f"case:{number}", at=NOON, note="\x1b[2J手机卡")
    return tmp_path / "data"


def edit(data: Path, statement: str) -> None:
    """Change the database behind Delist's back."""
    with closing(sqlite3.connect(data / "delist.db")) as raw:
        raw.execute(statement)
        raw.commit()


def test_a_database_is_made_checked_copied_and_put_back(delist) -> None:  # type: ignore[no-untyped-def]  # conftest's
    """From nothing to a restored copy, each command with its exit code."""
    assert "from revision 0000" in delist("db", "upgrade", "--dry-run").out
    assert "from revision 0000" in delist("db", "upgrade").out
    assert "up to date" in delist("db", "upgrade").out
    assert "whole" in delist("db", "check").out
    assert delist("db", "backup", "copy.db").code == 0
    again = delist("db", "backup", "copy.db")
    assert (again.code, "--force" in again.err) == (1, True)
    assert "whole" in delist("--data", "elsewhere", "db", "restore", "copy.db").out
    assert delist("db", "restore", "nothing.db").code == 2


def test_the_data_folder_is_its_owners(delist, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """What Delist makes nobody else may look into; a folder that is there stays as it is."""
    (tmp_path / "open").mkdir(mode=0o755)
    for name in ("made", "open"):
        assert delist("--data", name, "db", "upgrade").code == 0
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("made", "open")] == [0o700, 0o755]


def test_no_bar_is_drawn_where_nobody_watches(delist, data: Path) -> None:  # type: ignore[no-untyped-def]
    """Into a file or a pipe goes what is said, and not a line more."""
    said = [delist("db", "backup", "copy.db"), delist("audit", "verify"), delist("db", "restore", "copy.db", "--force")]
    assert [(one.code, one.err) for one in said] == [(0, "")] * 3


def test_an_edited_history_is_found_by_its_event(delist, data: Path) -> None:  # type: ignore[no-untyped-def]
    """Sound before, exit code 1 and the event's number afterwards; an unreadable event is an edited one."""
    sound = delist("audit", "verify")
    assert (sound.code, "Sound: 5 events" in sound.out) == (0, True)
    head = sound.out.rpartition("head ")[2].strip()
    assert delist("audit", "verify", "--expect", head).code == 0
    assert delist("audit", "verify", "--expect", "7").code == 2

    edit(data, "UPDATE events SET data = 'no json', role = 'king', at = 'yesterday' WHERE sequence = 3")
    faulty = delist("audit", "verify", "--expect", "4:00000000")

    assert (faulty.code, "NOT SOUND" in faulty.out) == (1, True)
    assert "event 3 (case.decided of case:2) was edited" in faulty.err
    assert "event 4 is not what was expected" in faulty.err
    assert delist("db", "check").code == 0


def test_events_are_listed_by_what_they_are(delist, data: Path) -> None:  # type: ignore[no-untyped-def]
    """Filters hold together, pages follow each other, and nothing in an event reaches the terminal's controls."""
    said = delist("audit", "list", "--actor", "li", "--kind", "case.*", "--since", "2026-03-01", "--limit", "1")
    assert ("case:3" in said.out, "--before 4" in said.out, "\x1b[2J" in said.out) == (True, True, False)
    assert "No such event." in delist("audit", "list", "--since", "2026-03-02").out

    lines = delist("audit", "list", "--json", "--before", "3").out.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == [2, 1]
    assert delist("audit", "list", "--subject", "case:9").out.strip() == "No such event."
