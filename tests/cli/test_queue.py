"""``delist inspect FILE``, ``queue``, ``show`` and ``decide``, one after the other as a person would."""

from __future__ import annotations

import io
import json
import re

import msgspec
import pytest
from rich.console import Console

from scanner.cli.queue import queue_table
from scanner.model import Finding, Seller, Severity, Span, View
from scanner.records import QueueRow
from tests.fakes import GRAVE, write_rules
from tests.outbox import CASE


@pytest.fixture
def inspected(delist, tmp_path):
    """A store with one case, from a file of two listings."""
    rows = [
        {"id": "A1", "title": "移动手机卡 免-实-名 10张起批", "price": 30, "seller": {"id": "s1", "name": "阿强"}},
        {"id": "B2", "title": "手机卡针 取卡针 通用顶针"},
    ]
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf8")
    said = delist("inspect", str(file))
    assert said.code == 0, said.err
    return delist, said, file


def test_an_inspection_tells_coverage_findings_and_what_is_next(inspected):
    """The report holds ledger, categories, the top of the queue, where things lie and the next command."""
    _, said, _ = inspected
    for words in (
        "discovered",
        "2 discovered, 2 accounted",
        "phone_card",
        "Database:",
        "delist queue",
        "1 cases opened",
    ):
        assert words in said.out.replace("\n", " "), words


def test_a_second_inspection_opens_no_second_case(inspected):
    """What did not change is recognised."""
    delist, _, file = inspected
    again = delist("inspect", str(file)).out.replace("\n", " ")
    assert "0 new, 0 changed, 2 unchanged" in again
    assert "0 cases opened" in again
    assert json.loads(delist("queue", "--json").out)["case"]["listing_id"] == "A1"


def test_a_case_is_shown_with_all_that_a_person_needs(inspected):
    """Matched words with their reading and view, the clause, the seller and the history are there."""
    delist, _, _ = inspected
    shown = delist("show", "1").out
    for words in ("免-实-名", "免实名", "compact", "PRC-ATFL-31", "阿强", "case.opened", "30"):
        assert words in shown, words


def test_what_rules_found_before_they_were_retired_is_shown(delist, tmp_path):
    """The case says that nothing is found any more, and what was, with the matched words."""
    file = tmp_path / "export.jsonl"
    write_rules(tmp_path / "mine")
    file.write_text(json.dumps({"id": "A1", "title": GRAVE}), encoding="utf8")
    (tmp_path / "delist.toml").write_text('rules = ["mine"]\n', encoding="utf8")
    assert delist("inspect", str(file)).code == 0
    assert "The rules in force find nothing" not in delist("show", "1").out
    write_rules(tmp_path / "mine", status="retired")
    assert delist("inspect", str(file)).code == 0
    shown = delist("show", "1").out
    assert "The rules in force find nothing in it. Found before:" in shown
    assert "phone_card.no_real_name" in shown
    assert re.search(r"phone_card\.no_real_name \(S\d\): .*免实名", delist("case", "trace", "1").out)


def test_a_decision_is_written_with_its_order_and_cannot_be_made_twice(inspected):
    """Deciding empties the queue, plans the takedown and its inverse, and is refused a second time."""
    delist, _, _ = inspected
    assert delist("decide", "1", "remove", "--reason", "prohibited_goods", "--actor", "li").code == 0
    assert "The queue is empty" in delist("queue").out
    file = json.loads(delist("show", "1", "--json").out)
    assert file["decisions"][0]["actor"] == "li"
    assert (file["takedowns"][0]["action"], file["takedowns"][0]["inverse"]) == ("hide", "restore")
    again = delist("decide", "1", "keep", "--reason", "lawful_goods", "--role", "specialist")
    assert again.code == 2
    assert "decided" in again.err


def test_a_stale_revision_is_a_conflict(inspected):
    """Who decides on what somebody else has changed meanwhile is told so, and nothing is written."""
    delist, _, _ = inspected
    said = delist("decide", "1", "remove", "--reason", "prohibited_goods", "--revision", "77")
    assert said.code == 1
    assert json.loads(delist("show", "1", "--json").out)["decisions"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("inspect", "shpo"), '"shpo" is neither a source'),
        (("inspect",), "nothing to inspect"),
        (("show", "999"), "999"),
        (("decide", "1", "remove"), "--reason"),
        (("queue", "--severity", "S9"), "S9"),
        (("--config", "none.toml", "queue"), "none.toml"),
    ],
)
def test_wrong_input_is_told_with_exit_code_2(delist, arguments, says):
    """What was given must be mended: the message names it."""
    said = delist(*arguments)
    assert said.code == 2
    assert says in said.err


def test_an_empty_queue_says_so(delist):
    """No cases is not an empty table."""
    assert "The queue is empty" in delist("queue").out


def test_a_data_folder_that_cannot_be_made_is_told(delist, tmp_path):
    """A file in the way of the data folder ends with exit code 2 and its name, not with a trace."""
    (tmp_path / "taken").write_text("a file")
    said = delist("--data", str(tmp_path / "taken" / "data"), "inspect", "--demo")
    assert said.code == 2
    assert "cannot be made" in said.err


def found(rule, severity, score, *words):
    """A finding of a rule, in words of the description."""
    spans = tuple(Span(field="description", start=0, end=1, text=word, view=View.FOLDED) for word in words)
    category = rule.partition(".")[0]
    return Finding(rule=rule, category=category, severity=severity, score=score, title="", reason="", spans=spans)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_breaks_no_name(width):
    """Below each category the rule of it that says most, however narrow the terminal; of others no word."""
    row = QueueRow(
        case=msgspec.structs.replace(CASE, categories=("fraud_recruitment", "verification_service")),
        title="Buy followers",
        url="",
        seller=Seller(name="Kestrel's spare things"),
        findings=(
            found("fraud_recruitment.brushing", Severity.S3, 0.9, "aged", "each"),
            found("fraud_recruitment.told", Severity.S3, 0.6),
            found("verification_service.read_for_others", Severity.S4, 0.7),
            found("verification_service.codes", Severity.S4, 0.036),
            found("phone_card.wanted", Severity.S4, 0.036),
        ),
    )
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(queue_table((row,), title="1 of 1"))
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.getvalue().splitlines() if "│" in line]
    assert [cell for _, _, _, cell, _ in cells if cell] == [
        "fraud_recruitment", "brushing +1", "verification_service", "read_for_others +1",
    ]  # fmt: skip
    if width > 60:
        assert [cell for _, _, cell, _, _ in cells if cell] == [
            "Buy followers", "description: aged each", "seller: Kestrel's spare things",
        ]  # fmt: skip
