"""Notices, letters, appeals and sellers as people meet them on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from scanner.rulebook import Rulebook
from scanner.store import Store
from tests.fakes import write_rules
from tests.outbox import listed, offers, remove
from tests.takedowns_done import sent


class Delist(Protocol):
    """Runs a command; says its exit code and what it printed."""

    def __call__(self, *arguments: str): ...


@pytest.fixture
def shop(tmp_path: Path, delist: Delist, small_rulebook: Rulebook) -> Delist:
    """Two listings that a person has decided to remove; the platform has done so."""
    write_rules(tmp_path / "rules")
    (tmp_path / "delist.toml").write_text('rules = ["rules"]\n[letters]\ncontact = "desk@shop.example"\n')
    with Store.open(f"sqlite:///{tmp_path / 'data' / 'delist.db'}") as store:
        listed(store, small_rulebook, tmp_path, offers(2), decide=False)
        now = datetime.now(UTC)
        for case_id in (1, 2):
            remove(store, case_id, now=now)
        sent(store, since=now)
    return delist


def test_a_report_gets_its_receipt_its_case_and_its_answer(shop: Delist, tmp_path: Path) -> None:
    """From `notice add` to a file that tells the sender: the listing had been removed, or is looked at."""
    given = ("--platform", "demo", "--listing", "1", "--contact", "anna@mail.example", "--from", "anna")
    added = shop("notice", "add", "sells cards", *given, "--json")
    notice = json.loads(added.out)
    assert (added.code, notice["state"], notice["case_id"]) == (0, "open", 1)

    assert "with case 1" in shop("notice", "list").out
    assert notice["receipt"] in shop("notice", "show", notice["receipt"], "--json").out
    assert shop("letter", "send").code == 0

    files = {file.name for file in (tmp_path / "data" / "letters").iterdir()}
    assert {"notice-1-receipt.json", "notice-1-answer.json", "takedown-1-removal.json"} <= files
    told = json.loads((tmp_path / "data" / "letters" / "notice-1-answer.json").read_text())
    assert (told["to"], "out of public view" in told["body"]) == ("anna@mail.example", True)
    assert shop("notice", "list").out.strip() == "There are no such notices."
    assert shop("letter", "send").out.strip() == "Nothing was due."


def test_an_appeal_is_filed_shown_and_decided_by_another(shop: Delist) -> None:
    """The original stands beside it; who decided may not; the seller hears by letter."""
    shop("letter", "send")
    assert shop("appeal", "add", "1", "--statement", "we are an agent", "--ground", "licensed").code == 0
    shown = shop("appeal", "show", "1").out
    assert "phone_card.no_real_name" in shown
    assert "Not to be decided by: wang" in shown

    refused = shop("appeal", "decide", "1", "lawful_goods", "--actor", "wang")
    assert (refused.code, "had a part" in refused.err) == (2, True)
    upheld = shop("appeal", "decide", "1", "stands_as_found", "--actor", "gao")
    assert (upheld.code, "the decision stands" in upheld.out) == (0, True)
    assert "维持" in shop("letter", "list").out or "objection" in shop("letter", "list").out


def test_a_sellers_file_and_what_is_decided_about_it(shop: Delist) -> None:
    """Counters, the proposed step, a licence, an exception."""
    shop("letter", "send")
    found = shop("seller", "find", "s1").out
    assert "demo/s1" in found
    number = found.split()[0]
    assert "step 4" in shop("seller", "show", number).out
    assert "awaiting approval" in shop("seller", "penalize", "1", "--actor", "sun", "--role", "compliance").out
    licensed = shop(
        "seller", "licence", "demo", "s1", "telecom_agent", "A-1", "--issuer", "MIIT", "--until", "2099-01-01"
    )
    assert licensed.code == 0
    given = ("--owner", "policy@shop.example", "--reason", "a reseller")
    assert shop("seller", "except", number, "phone_card.bulk", *given).code == 0
    assert "proposed" in shop("seller", "exceptions").out
    assert "telecom_agent A-1" in shop("seller", "show", number).out
