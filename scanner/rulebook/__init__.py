"""The rule language: read, check, compile, match, explain, test.

``load()`` gives a ``Rulebook``; ``scanner.scan`` asks it. What a rule file may say stands in ``model``, what a
condition means in ``evaluate``, and how to write either in ``docs/rules.md``.
"""

from __future__ import annotations

from scanner.rulebook.compiled import Rule
from scanner.rulebook.judge import judge, points_elsewhere
from scanner.rulebook.model import QUEUE_AT, Status
from scanner.rulebook.rulebook import Rulebook, load, recalled
from scanner.rulebook.sight import Mark, Sight, without_surrogates

__all__ = [
    "QUEUE_AT",
    "Mark",
    "Rule",
    "Rulebook",
    "Sight",
    "Status",
    "judge",
    "load",
    "points_elsewhere",
    "recalled",
    "without_surrogates",
]
