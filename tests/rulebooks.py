"""Rulebooks for tests, written out as the files that an author would write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from scanner.model import Listing
from scanner.rulebook import Rulebook, Sight, load

HEAD = """\
category: goods
name: {en: Goods, zh: 物品}
severity: S3
policy: {law: [LAW-1], says: Not for sale.}
terms:
  card: {any: [手机卡, sim card], except: [手机卡针, 手机卡槽]}
  free: {any: [免实名, 不用实名]}
  sell: {any: [出售, 批发]}
  tray: {any: [托盘]}
  note: {any: [收藏]}
patterns:
  each: {re: '\\d+元一张'}
"""

EXAMPLES = """\
    hits: [一个, 二个, {text: 三 个, evasive: spacing}]
    misses: [{text: 四个, because: plain}, {text: 五个, because: plain}, {text: 六个, because: plain}]
"""


def rule(when: str, *, name: str = "one", more: str = "", examples: str = EXAMPLES) -> str:
    """One rule of category ``goods``; ``more`` are further lines of it."""
    extra = "".join(f"    {line}\n" for line in dedent(more).strip().splitlines())
    return f"  - id: goods.{name}\n    title: A rule\n    when: {when}\n{extra}{examples}"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rule files into a folder: names (``shared/x`` too) to texts."""

    def _write(folder: str = "book", **files: str) -> Path:
        root = tmp_path / folder
        for name, text in files.items():
            path = root / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf8")
        return root

    return _write


@pytest.fixture
def book(write: Callable[..., Path]) -> Callable[..., Rulebook]:
    """A rulebook with the rules given, on the lists of ``HEAD``."""

    def _book(*rules: str, head: str = HEAD, folder: str = "book") -> Rulebook:
        return load(write(folder, goods=f"{head}rules:\n{''.join(rules)}"), cache=None)

    return _book


@pytest.fixture
def see(book: Callable[..., Rulebook]) -> Callable[..., tuple[Rulebook, Sight]]:
    """The rulebook of one condition, and what it sees of one listing."""

    def _see(when: str, **fields: object) -> tuple[Rulebook, Sight]:
        rulebook = book(rule(when))
        return rulebook, rulebook.sight(Listing(platform="t", listing_id="1", **fields))  # type: ignore[arg-type]

    return _see


@pytest.fixture
def make_rule() -> Callable[..., str]:
    """``rule`` for test modules, which cannot import this one."""
    return rule


@pytest.fixture
def head() -> str:
    """The part of a module before its rules."""
    return HEAD
