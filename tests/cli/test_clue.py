"""``delist clue`` and ``delist evidence pictures`` as people meet them: with bytes on a disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from scanner.model import Fetched
from scanner.rulebook import Rulebook
from scanner.store import Store
from spiders.evidence import Evidence
from tests.fakes import GRAVE, NOON, Intake, offer
from tests.outbox import remove
from tests.posters import Shelf, poster, written

# APPNOTE.TXT 4.3.7: what is fixed of a local file header, in bytes.
LOCAL_HEADER = 30


@pytest.fixture
def shop(tmp_path: Path, delist: Any, small_rulebook: Rulebook) -> Any:
    """A listing with its page and a picture, which a person has decided to remove."""
    with Shelf() as shelf:
        shelf.files["/a.jpg"] = written(poster())
        url = shelf.url("/item/1")
        with Evidence(tmp_path / "data" / "evidence" / "1", "part") as archive:
            ref = archive.keep(url, status=200, headers=[], body=b"<html>page</html>", seen_at=NOON)
        (tmp_path / "delist.toml").write_text(f'[sources.demo]\nstart = "{shelf.url("/sitemap.xml")}"\n')
        with Store.open(f"sqlite:///{tmp_path / 'data' / 'delist.db'}") as store:
            take = Intake(store, small_rulebook, tmp_path / "spool", lambda: datetime.now(UTC))
            take(Fetched(listing=offer("1", f"{GRAVE} 加V: kapian_8866", url=url, images=("/a.jpg",)), evidence=ref))
            remove(store, 1, now=datetime.now(UTC))
        yield delist


def test_a_clue_package_from_its_cases_to_its_receipt(shop: Any, tmp_path: Path) -> None:
    """Pictures are fetched, a package is prepared, signed, exported and checked; personal data goes on record."""
    assert "1 kept" in shop("evidence", "pictures", "--due").out
    assert "image/jpeg, copy 320 x 240" in shop("evidence", "pictures", "1").out
    assert "3 sound, 0 missing" in shop("evidence", "verify").out
    traced = shop("case", "trace", "1").out
    assert ("picture 0  pictures/" in traced, "MISSING" in traced) == (True, False)
    (tmp_path / "orders.csv").write_text("order,sum\n1,20\n")
    words = (
        "--unit",
        "City police",
        "--officer",
        "Qian",
        "--basis",
        "ATFL 26",
        "--summary",
        "cards",
        "--reason",
        "ten",
    )
    made = shop("clue", "prepare", "1", *words, "--attach", "orders.csv", "--actor", "wang")
    assert (made.code, "Clue package 1 is proposed (seller:1, level 1)." in made.out) == (0, True)

    assert shop("clue", "owed").out.strip() == "No package is owed."
    shown = shop("clue", "show", "1").out
    assert ("kapian_8866" in shown, "kap" in shown, "orders.csv" in shown) == (False, True, True)
    assert shop("clue", "show", "1", "--unmask", "--role", "auditor").code == 2
    assert "kapian_8866" in shop("clue", "show", "1", "--unmask", "--actor", "qian").out
    qian = ("--actor", "qian")
    assert shop("clue", "export", "1", "--to", "clue.zip", *qian).code == 2
    assert shop("clue", "approve", "1", "--actor", "wang").code == 2
    assert "signed by two" in shop("clue", "approve", "1", *qian).out
    assert "SHA-256 of its manifest" in shop("clue", "export", "1", "--to", "clue.zip", *qian).out
    assert shop("clue", "hand-over", "1", "--receipt", "desk 3, no. 118", *qian).code == 0
    assert json.loads(shop("clue", "list", "--json").out)["receipt"] == "desk 3, no. 118"

    checked = shop("clue", "verify", "clue.zip", "--history")
    assert (checked.code, "0 missing when it was made" in checked.out) == (0, True)
    file = tmp_path / "clue.zip"
    damaged = bytearray(file.read_bytes())
    damaged[_midst_of_the_largest(file)] ^= 0xFF
    file.write_bytes(bytes(damaged))
    assert shop("clue", "verify", "clue.zip").code == 1
    assert "clue.unmasked" in shop("audit", "list", "--subject", "clue:1").out


def _midst_of_the_largest(package: Path) -> int:
    """A byte of what was packed: between the files lie dates and sizes of the ZIP, which are no part of the package."""
    with ZipFile(package) as archive:
        largest = max(archive.infolist(), key=lambda one: one.compress_size)
    return largest.header_offset + LOCAL_HEADER + len(largest.filename) + largest.compress_size // 2
