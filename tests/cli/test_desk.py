"""``delist next``, ``skip``, ``approval``, ``bulk`` and ``cluster``, one after the other as people would."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest

from scanner.model import Seller
from scanner.store import Store
from tests.fakes import Intake, fetched

# A form filled in three times, and an offer apart.
TITLES = ["免实名手机卡 10张起批", "免实名手机卡 20张起批", "免实名手机卡 30张起批", "不用实名 电话卡 自用剩下一张"]


@pytest.fixture(scope="module")
def stock(small_rulebook, tmp_path_factory):
    """A database with four cases, the last one of another seller."""
    folder = tmp_path_factory.mktemp("stock")
    with Store.open(f"sqlite:///{folder / 'delist.db'}") as store:
        take = Intake(store, small_rulebook, folder / "spool", lambda: datetime.now(UTC))
        sellers = [Seller(id="s1"), Seller(id="s1"), Seller(id="s1"), Seller(id="s2")]
        take(*(fetched(str(n), title, seller=sellers[n]) for n, title in enumerate(TITLES)))
    return folder / "delist.db"


@pytest.fixture
def stocked(delist, stock, tmp_path):
    """The command, beside a copy of that database."""
    (tmp_path / "data").mkdir()
    shutil.copy(stock, tmp_path / "data")
    return delist


def state(delist, case: int) -> str:
    """How a case stands."""
    return json.loads(delist("show", str(case), "--json").out)["row"]["case"]["state"]


def test_a_day_at_the_desk(stocked):
    """Next, skip, hold, ask, assign, mine: each says what it did, and the queue goes on."""
    first = json.loads(stocked("next", "--actor", "li", "--json").out)
    assert "Claimed by you" in stocked("mine", "--actor", "li").out
    number = str(first["case"]["id"])
    said = stocked("skip", number, "--reason", "I know the seller", "--actor", "li", "--token", str(first["token"]))
    assert f"Case {number} is for others, now open." in said.out
    second = json.loads(stocked("next", "--actor", "li", "--json").out)["case"]["id"]
    assert second != first["case"]["id"]
    assert "is put off" in stocked("hold", str(second), "--until", "2d", "--reason", "asked", "--actor", "li").out
    third = json.loads(stocked("next", "--actor", "li", "--json").out)["case"]["id"]
    assert "another person" in stocked("ask", str(third), "Is it a pin?", "--actor", "li").out
    assert "is for wang" in stocked("assign", number, "wang", "--reason", "knows them", "--actor", "zhou").out
    assert json.loads(stocked("next", "--actor", "wang", "--json").out)["case"]["id"] == int(number)
    assert stocked("release", number, "--actor", "wang").code == 0
    assert "nothing in hand" in stocked("mine", "--actor", "wang").out


def test_two_people_keep_what_is_grave(stocked):
    """The first one proposes, the same one may not agree, a second one does."""
    asked = stocked("decide", "1", "keep", "--reason", "other_meaning", "--actor", "wang", "--role", "specialist")
    assert "second person" in asked.out
    assert state(stocked, 1) == "awaiting_approval"
    assert "keeps a finding of severity S4" in stocked("approval", "list").out
    same = stocked("approval", "approve", "1", "--actor", "wang")
    assert (same.code, "different person" in same.err) == (2, True)
    assert "closed" in stocked("approval", "approve", "1", "--actor", "qian").out
    assert stocked("decide", "2", "keep", "--reason", "other_meaning", "--actor", "li").code == 2


def test_a_decision_is_undone(stocked):
    """Within its window; then there is nothing to undo. Meanwhile nobody is told to decide it, nor by when."""
    stocked("decide", "1", "remove", "--reason", "no_real_name", "--actor", "li")
    shown = stocked("show", "1").out
    assert not {said for said in ("Decide:", "due in", "; due ") if said in shown}
    assert (
        "as it was before it was decided, now open"
        in stocked("undo", "1", "--reason", "wrong one", "--actor", "li").out
    )
    assert state(stocked, 1) == "open"
    assert "Decide: delist decide 1" in stocked("show", "1").out
    assert stocked("undo", "1", "--reason", "again", "--actor", "li").code == 2


def test_who_had_claimed_the_case_has_it_again_after_undoing(stocked):
    """Nobody else gets it meanwhile."""
    number = str(json.loads(stocked("next", "--actor", "li", "--json").out)["case"]["id"])
    assert stocked("decide", number, "remove", "--reason", "no_real_name", "--actor", "li").code == 0
    undone = stocked("undo", number, "--reason", "wrong one", "--actor", "li")
    assert undone.out.strip() == f"Case {number} is as it was before it was decided, now claimed."
    assert f" {number} " in stocked("mine", "--actor", "li").out


def test_a_cluster_is_decided_at_once_and_undone(stocked):
    """Some members are looked at first; each member has its line."""
    (cluster,) = [json.loads(line) for line in stocked("cluster", "list", "--json").out.splitlines()]
    assert (cluster["size"], cluster["waiting"]) == (3, 3)
    assert "the same seller" in stocked("cluster", "show", "1").out
    prepared = stocked("cluster", "decide", "1", "remove", "--reason", "no_real_name", "--actor", "li")
    assert "Look at 1, 2, 3" in prepared.out
    assert stocked("bulk", "start", "1", "--actor", "li").code == 2
    for number in ("1", "2", "3"):
        assert stocked("bulk", "look", "1", number, "--agree", "--actor", "li").code == 0
    assert "finished: 3 done" in stocked("bulk", "start", "1", "--actor", "li").out
    assert [state(stocked, number) for number in (1, 2, 3, 4)] == ["decided"] * 3 + ["open"]
    assert "undone: 3 undone" in stocked("bulk", "undo", "1", "--reason", "wrong", "--actor", "li").out
    assert "undone" in stocked("bulk", "list").out


def test_each_case_of_a_bulk_decision_has_one_line(stocked):
    """Those that are refused come first, and do not come again."""
    stocked("decide", "1", "remove", "--reason", "no_real_name", "--actor", "li")
    given = ("--reason", "no_real_name", "--case", "1", "--case", "2", "--actor", "li")
    lines = [
        line for line in stocked("bulk", "preview", "remove", *given).out.splitlines() if line.startswith("  case")
    ]
    assert [(line.split()[1], "refused" in line) for line in lines] == [("1", True), ("2", False)]


def test_a_notice_without_a_platform_names_its_listing(stocked):
    """No slash stands before it."""
    stocked("notice", "add", "sells cards", "--from", "anna", "--listing", "1")
    assert "anna  1  with case " in stocked("notice", "list").out


def test_a_policy_of_ones_own_counts(stocked, tmp_path):
    """Here two cases at once need a second person, and one rule's findings are hidden by machine."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "moderation.toml").write_text(
        '[second_person]\nbulk_over = 1\n[[machine_hide]]\nrule = "phone_card.no_real_name"\nleast_score = 0.5\n'
        'owner = "zhou"\nreason = "never lawful"\nuntil = 2099-01-01\n'
    )
    (tmp_path / "delist.toml").write_text('policies = "policies"\n')
    stocked("bulk", "preview", "remove", "--reason", "no_real_name", "--case", "1", "--case", "2", "--actor", "li")
    assert "second person" in stocked("bulk", "start", "1", "--actor", "li").out
    assert json.loads(stocked("tidy", "--json").out)["hidden"] == 4
    assert "zhou" in stocked("show", "1").out


def test_a_rule_that_there_is_not_hides_nothing_and_is_told(stocked, tmp_path):
    """The nearest one is named, and the rest of tidying is done."""
    (tmp_path / "moderation.toml").write_text(
        '[[machine_hide]]\nrule = "phone_card.without_real_name"\nowner = "zhou"\nreason = "x"\nuntil = 2099-01-01\n'
    )
    (tmp_path / "delist.toml").write_text('policies = "."\n')
    said = stocked("tidy")
    assert (said.code, "0 listings hidden" in said.out) == (0, True)
    assert "no rule phone_card.without_real_name" in said.err
    assert "did you mean" in said.err


def test_a_broken_rulebook_keeps_nobody_from_tidying(stocked, tmp_path):
    """It is told, and what has nothing to do with rules is done."""
    (tmp_path / "moderation.toml").write_text(
        '[[machine_hide]]\nrule = "phone_card.no_real_name"\nowner = "zhou"\nreason = "x"\nuntil = 2099-01-01\n'
    )
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "phone_card.yaml").write_text("rules: [")
    (tmp_path / "delist.toml").write_text('policies = "."\nrules = ["broken"]\n')
    said = stocked("tidy")
    assert (said.code, "cases grouped" in said.out) == (0, True)
    assert "phone_card.yaml:1:" in said.err


def test_the_forecast_says_who_will_be_late(stocked):
    """Nobody has decided anything: all will be, and the exit code says so."""
    said = stocked("forecast")
    assert (said.code, "will be late" in said.out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("decide", "1", "remove", "--reason", "no_reel_name"), 'Did you mean "no_real_name"?'),
        (("decide", "1", "remove"), "--reason CODE"),
        (("hold", "1", "--until", "soon", "--reason", "x"), "soon"),
        (("bulk", "preview", "remove", "--reason", "no_real_name"), "which cases?"),
        (("bulk", "show", "9"), "no bulk decision 9"),
        (("approval", "approve", "9"), "no proposal 9"),
        (("cluster", "show", "9"), "no cluster 9"),
    ],
)
def test_wrong_input_is_told_with_exit_code_2(stocked, arguments, says):
    """The message names it."""
    said = stocked(*arguments)
    assert said.code == 2
    assert says in said.err


def test_the_reason_codes_are_listed(delist):
    """In both languages, for one ruling or all."""
    assert "合法商品" in delist("decide", "--reasons").out
    assert "lawful_goods" not in delist("decide", "--reasons", "1", "remove").out
