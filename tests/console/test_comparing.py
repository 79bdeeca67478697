"""The page that compares two rulebooks, over listings that are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.model import Role
from scanner.settings import Settings
from tests.fakes import GRAVE, LATER, Intake, fetched, write_rules
from tests.visitors import Visitor

Come = Callable[..., Visitor]
ASKED = "/rules/compare?old=used&new=files"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The rules of this house lie in a folder, where an analyst has changed them since the console started."""
    return Settings(data=tmp_path, rules=(write_rules(tmp_path / "rules", edition=2),))


def test_what_a_change_of_rules_would_do(come: Come, intake: Intake) -> None:
    """A rule that is new, and the listing that it would flag; nothing that stays as it is."""
    intake(fetched("1", GRAVE), fetched("2", LATER), fetched("3", "<script>kettle"))
    ana = come("ana", Role.ANALYST)
    assert "Over the newest listings" in ana.get("/rules/compare").text
    found = ana.get(ASKED).text
    assert "phone_card.codes" in found
    assert "Codes received for others" in found
    assert "3 listings read with both" in found
    assert "newly flagged" in found
    assert LATER in found
    assert GRAVE not in found
    assert "The two say the same." in ana.get("/rules/compare?old=used&new=used").text


def test_files_with_faults_and_rulebooks_that_are_gone(come: Come, settings: Settings) -> None:
    """Faults are told with their lines; a version that is not kept is not there."""
    file = settings.rules[0] / "phone_card.yaml"
    file.write_text(file.read_text(encoding="utf8").replace("when: codes", "when: no_such_list"), encoding="utf8")
    ana = come("ana", Role.ANALYST)
    found = ana.get(ASKED).text
    assert "These files cannot be used yet" in found
    assert "phone_card.yaml:" in found
    assert ana.get("/rules/compare?old=" + "0" * 64).status_code == 404


def test_who_has_no_part_in_rules_does_not_compare_them(come: Come) -> None:
    """It costs time and memory: reviewers are not offered it, and refused."""
    li = come("li")
    assert "/rules/compare" not in li.get("/rules").text
    assert li.get(ASKED).status_code == 403


def test_a_rule_shows_its_examples_and_the_rulebooks_that_were_used(come: Come, intake: Intake) -> None:
    """Each example with what came of it, and which inspections worked with which rulebook."""
    intake(fetched("1", GRAVE))
    ana = come("ana", Role.ANALYST)
    shown = ana.get("/rules/phone_card.no_real_name").text
    assert shown.count('class="badge b-verified"') == 6
    assert "免 实 名手机卡" in shown
    assert "Compare with the one in use" in ana.get("/rules").text
