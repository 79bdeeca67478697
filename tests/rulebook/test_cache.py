"""Compiled rulebooks in the cache: equal to fresh ones, keyed by content, never trusted when damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.model import Listing
from scanner.rulebook import Rulebook, load
from scanner.rulebook.cache import MOST_KEPT, fetch, tree_of
from scanner.rulebook.model import Status
from scanner.rulebook.tree import read_tree
from scanner.scan import scan

Write = Callable[..., Path]
LISTINGS = [
    Listing(platform="t", listing_id=str(number), title=title)
    for number, title in enumerate(["手机卡 免实名", "手-机-卡 免 实 名", "手机卡针", "手机卡 50元一张", ""])
]


@pytest.fixture
def folder(write: Write, head: str, make_rule: Callable[..., str]) -> Path:
    """A rulebook with one rule."""
    return write(goods=f"{head}rules:\n{make_rule('card and (free or each)')}")


def _same(one: Rulebook, other: Rulebook) -> bool:
    found = scan(LISTINGS, one)
    return one.version == other.version and one.rules == other.rules and found == scan(LISTINGS, other)


def test_a_cached_rulebook_equals_a_fresh_one(folder: Path, tmp_path: Path) -> None:
    """It finds the same, with the same spans, versions and reasons."""
    cache = tmp_path / "cache"
    fresh = load(folder, cache=cache)
    assert len(list(cache.glob("*.bin"))) == 1
    assert any(scan(LISTINGS, fresh))
    assert _same(load(folder, cache=cache), fresh)


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_a_damaged_file_is_as_good_as_none(folder: Path, tmp_path: Path, damage: bytes | None) -> None:
    """Truncated, overwritten or flipped bytes are noticed, and compiled anew."""
    cache = tmp_path / "cache"
    fresh = load(folder, cache=cache)
    (file,) = cache.glob("*.bin")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content if damage is None else damage)
    assert _same(load(folder, cache=cache), fresh)


def test_another_engine_reads_no_old_file(folder: Path, tmp_path: Path) -> None:
    """What this code compiled is nothing to code that has changed since."""
    version = load(folder, cache=tmp_path).version
    assert fetch(version, tmp_path) is not None
    assert fetch(version, tmp_path, code="changed since") is None


def test_a_cache_that_cannot_be_written_is_done_without(folder: Path, tmp_path: Path) -> None:
    """A read-only or impossible place costs time, not the rulebook."""
    (tmp_path / "file").write_text("in the way")
    assert load(folder, cache=tmp_path / "file" / "cache").rules


def test_the_version_names_all_that_decides(folder: Path, tmp_path: Path) -> None:
    """Another word, pack or status makes another version; the folder's name does not."""
    one = load(folder, cache=None).version
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "goods.yaml").write_bytes((folder / "goods.yaml").read_bytes())
    assert load(copy, cache=None).version == one
    assert load(folder, cache=None, packs=["cn"]).version != one
    assert load(folder, cache=None, statuses=[Status.LIVE]).version != one
    (copy / "goods.yaml").write_bytes((folder / "goods.yaml").read_bytes() + b"# note\n")
    assert load(copy, cache=None).version != one


def test_the_oldest_go(write: Write, head: str, make_rule: Callable[..., str], tmp_path: Path) -> None:
    """The cache does not grow for ever."""
    cache = tmp_path / "cache"
    for number in range(MOST_KEPT + 2):
        load(write(goods=f"{head}rules:\n{make_rule('card')}# {number}\n"), cache=cache)
    assert len(list(cache.glob("*.bin"))) == MOST_KEPT


def test_packs_and_statuses_choose_the_rules(write: Write, head: str, make_rule: Callable[..., str]) -> None:
    """A rule without packs is always active; drafts and retired rules are never scanned."""
    rules = [
        make_rule("card", name="always"),
        make_rule("card", name="cn", more="packs: [cn]"),
        make_rule("card", name="eu", more="packs: [eu]"),
        make_rule("card", name="draft", more="status: draft"),
        make_rule("card", name="shadow", more="status: shadow"),
        make_rule("card", name="retired", more="status: retired"),
    ]
    folder = write(goods=f"{head}rules:\n{''.join(rules)}")
    ids = [rule.id.partition(".")[2] for rule in load(folder, cache=None, packs=["cn"]).rules]
    assert ids == ["always", "cn", "shadow"]
    ids = [rule.id.partition(".")[2] for rule in load(folder, cache=None).rules]
    assert ids == ["always", "cn", "eu", "shadow"]


def test_only_a_changed_file_is_parsed_again(
    write: Write, head: str, make_rule: Callable[..., str], tmp_path: Path
) -> None:
    """A tree from the cache is the tree of the file, with every place; files with faults are not kept."""
    cache = tmp_path / "cache"
    text = f"{head}rules:\n{make_rule('card and (free or each)')}".encode()
    fresh = tree_of(text, file="goods.yaml", folder=cache)
    (kept,) = cache.glob("*.tree")
    before = kept.stat().st_mtime_ns
    again = tree_of(text, file="elsewhere.yaml", folder=cache)
    assert vars(again) == {**vars(fresh), "file": "elsewhere.yaml"}
    assert vars(fresh) == vars(read_tree(text, file="goods.yaml"))
    assert kept.stat().st_mtime_ns == before
    assert tree_of(text + b" ]", file="goods.yaml", folder=cache).faults
    assert list(cache.glob("*.tree")) == [kept]
    kept.write_bytes(kept.read_bytes()[:-1])
    assert vars(tree_of(text, file="goods.yaml", folder=cache)) == vars(fresh)
