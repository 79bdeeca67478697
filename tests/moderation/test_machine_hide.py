"""What a machine may hide: nothing unless policy names a rule; then at once, on record, and for a person to decide."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from scanner.errors import SettingsError
from scanner.model import CaseState, Role, Ruling
from scanner.moderation import cases
from scanner.moderation.machine_hide import hide_due
from scanner.moderation.policy import MachineHide, load, shipped
from scanner.store import Store
from tests.fakes import GRAVE, MILD, NOON, Intake, fetched, ruled

RULE = MachineHide(
    rule="phone_card.no_real_name", owner="zhou", reason="never lawful", until=date(2026, 12, 31), least_score=0.5
)


@pytest.fixture
def queue(store: Store, intake: Intake) -> Store:
    """Cases 1 and 2 found by the rule, 3 by another."""
    intake(fetched("a", GRAVE), fetched("b", GRAVE), fetched("c", MILD))
    return store


def hidden(store: Store, *rules: MachineHide, days: int = 0) -> list[int]:
    """The cases that such a policy hides."""
    policy = msgspec.structs.replace(shipped(), machine_hide=rules)
    return [case.id for case in hide_due(store, now=NOON + timedelta(days=days), policy=policy)]


def test_nothing_is_hidden_by_default(queue: Store) -> None:
    """The shipped policy names no rule."""
    assert hide_due(queue, now=NOON) == ()


def test_what_the_named_rule_finds_is_hidden_once_and_waits_for_a_person(queue: Store) -> None:
    """Ordered at once, by the stated policy, under its reason code; the case stands in the queue as before."""
    assert hidden(queue, RULE) == [1, 2]
    assert hidden(queue, RULE) == []

    file = cases.show(queue, 1)
    (decision,), (order,) = file.decisions, file.takedowns
    assert (file.row.case.state, file.row.case.ruling) == (CaseState.OPEN, None)
    assert (decision.actor, decision.role, decision.reason) == ("policy of zhou", Role.SYSTEM, "machine_policy")
    assert (order.action, order.due_at) == ("hide", NOON)
    assert "never lawful" in decision.note


@pytest.mark.parametrize(
    ("change", "days"),
    [({"least_score": 1.0}, 0), ({"rule": "phone_card.nothing"}, 0), ({}, 365)],
    ids=["not sure enough", "another rule", "past its date"],
)
def test_what_policy_does_not_cover_is_left_alone(queue: Store, change: dict[str, object], days: int) -> None:
    """Less sure, another rule, or an entry that has run out."""
    assert hidden(queue, msgspec.structs.replace(RULE, **change), days=days) == []


def test_a_person_has_the_last_word(queue: Store) -> None:
    """What a person has kept is shown again, and no machine hides it after that."""
    hidden(queue, RULE)
    ruled(queue, 1, Ruling.KEEP)
    ruled(queue, 2, Ruling.REMOVE)

    assert hidden(queue, RULE) == []
    assert [order.state for order in cases.show(queue, 1).takedowns] == ["cancelled"]
    assert [order.action for order in cases.show(queue, 2).takedowns] == ["hide", "hide"]


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("moderation.toml", "[claims]\nlease = 5", "lease"),
        ("moderation.toml", "[[machine_hide]]\nrule = 'x'", "owner"),
        ("moderation.toml", "\n[second_persn]", "line 2: unknown key second_persn"),
        (
            "moderation.toml",
            "[undo]\nwindow_seconds = 'x'",
            "line 2: undo.window_seconds: should be a number",
        ),
        ("moderation.toml", "[claims]\nlease_minutes = 0", "line 2: claims.lease_minutes: should be a number >= 1"),
        (
            "moderation.toml",
            "[[machine_hide]]\nrule = 'x'\nowner = 'o'\nreason = 'r'\nuntil = 'soon'",
            r"line 5: machine_hide\[0\].until: no date: write it as 2027-01-31",
        ),
        ("reasons.toml", "[bad]\nrulings = ['remove']\nen = 'x'\nzh = 'y'\ntext = 'z'", "line 5: unknown key text"),
        ("moderation.toml", "[claims", "moderation.toml"),
        ("moderation.toml", "[second_person]\nkeep_at = ['S9']", "S9"),
        ("reasons.toml", "[bad]\nrulings = ['remove']\nen = 'x'", "zh"),
    ],
)
def test_a_policy_file_that_is_wrong_is_told(tmp_path: Path, file: str, text: str, says: str) -> None:
    """With the file's name and what is wrong in it."""
    (tmp_path / file).write_text(text, encoding="utf8")
    with pytest.raises(SettingsError, match=says):
        load(tmp_path)


def test_a_platform_has_its_own_policy(tmp_path: Path) -> None:
    """What its files leave out is as shipped."""
    (tmp_path / "moderation.toml").write_text("[second_person]\nbulk_over = 5\nkeep_at = []", encoding="utf8")
    policy = load(tmp_path)

    assert (policy.second_person.bulk_over, policy.second_person.keep_at) == (5, ())
    assert (policy.claims.lease_minutes, policy.reasons) == (10, shipped().reasons)
    with pytest.raises(SettingsError, match="no such folder"):
        load(tmp_path / "nowhere")
