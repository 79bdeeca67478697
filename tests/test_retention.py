"""How long evidence is kept: by age, but never while a case or a hold needs it, and each removal is on record."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.errors import Conflict, NotFound
from scanner.model import EvidenceRef, Fetched, Ruling
from scanner.records import CaseState
from scanner.retention import hold, prune, release
from scanner.store import Store
from tests.fakes import GRAVE, LI, NOON, PLAIN, Clock, Intake, offer, only_case, ruled

OLD = timedelta(days=400)


def captured(folder: Path, name: str, *, age: timedelta = OLD) -> str:
    """A file of evidence, as old as that."""
    file = folder / "1" / f"{name}-1.warc.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(name.encode())
    written = (NOON - age).timestamp()
    os.utime(file, (written, written))
    return file.name


@pytest.fixture
def folder(tmp_path: Path, intake: Intake) -> Path:
    """Evidence of a listing that is flagged, of one that is not, of nobody, and of yesterday."""
    folder = tmp_path / "evidence"
    lines = [
        Fetched(listing=offer(number, title), evidence=EvidenceRef(file=captured(folder, name), offset=0, sha256="0"))
        for number, title, name in (("1", GRAVE, "grave"), ("2", PLAIN, "plain"))
    ]
    intake(*lines)
    captured(folder, "nobody")
    captured(folder, "young", age=timedelta(days=1))
    return folder


def left(folder: Path) -> set[str]:
    """Which files are there."""
    return {file.name.removesuffix("-1.warc.gz") for file in folder.rglob("*.warc.gz")}


def pruned(store: Store, folder: Path, clock: Clock, *, dry_run: bool = False) -> dict[str, str]:
    """What became of each old file."""
    fates = prune(store, folder, older_than=timedelta(days=365), actor=LI, clock=clock, dry_run=dry_run)
    return {Path(fate.file).name.removesuffix("-1.warc.gz"): fate.kept_for for fate in fates}


def test_age_removes_what_no_case_needs(store: Store, folder: Path, clock: Clock) -> None:
    """The flagged listing's file stays while its case waits; a dry run removes nothing; each removal has its event."""
    expected = {"grave": "case 1 is open", "plain": "", "nobody": ""}
    assert pruned(store, folder, clock, dry_run=True) == expected
    assert left(folder) == {"grave", "plain", "nobody", "young"}
    assert pruned(store, folder, clock) == expected
    assert left(folder) == {"grave", "young"}
    with store.reading() as tx:
        (event,) = tx.events_about("evidence:1/plain-1.warc.gz")
    assert (event.kind, event.actor, event.data["sha256"]) == (
        "evidence.removed", "li", hashlib.sha256(b"plain").hexdigest(),
    )  # fmt: skip


def test_a_hold_outlives_the_case(store: Store, folder: Path, clock: Clock) -> None:
    """A closed case under legal hold keeps its evidence until it is released."""
    ruled(store, 1, Ruling.KEEP)
    assert only_case(store).state is CaseState.CLOSED
    hold(store, 1, reason="police inquiry 7", actor=LI, at=NOON)
    assert pruned(store, folder, clock)["grave"] == "case 1 is under legal hold"
    with pytest.raises(Conflict):
        hold(store, 1, reason="again", actor=LI, at=NOON)
    release(store, 1, reason="closed", actor=LI, at=NOON)
    assert pruned(store, folder, clock) == {"grave": ""}
    assert left(folder) == {"young"}


def test_a_hold_needs_a_case(store: Store) -> None:
    """What does not exist cannot be held, nor what is not held released."""
    with pytest.raises(NotFound):
        hold(store, 9, reason="x", actor=LI, at=NOON)
