"""Broken rulebooks: every fault of every file at once, each with file, line, column, value and suggestion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import RulebookError
from scanner.rulebook import load

Write = Callable[..., Path]

GOOD = """\
category: goods
name: {en: Goods, zh: 物品}
severity: S3
policy: {law: [LAW-1], says: Not for sale.}
terms:
  card: {any: [手机卡, 电话卡], except: [手机卡针]}
  free: {any: [免实名]}
patterns:
  each: {re: '\\d+元'}
rules:
  - id: goods.one
    title: A rule
    when: card and free within 30
    score: 0.9
    guards:
      - {when: each, lower: 0.5, because: a price}
    hits: [一个, 二个, 三 个]
    misses: [{text: 四个, because: plain}, {text: 五个, because: plain}, {text: 六个, because: plain}]
"""

# What is replaced, by what, and the one fault that this makes: line, column, words.
BROKEN = [
    ("severity: S3", "severity: S9", "3:11: severity \"S9\" is none of S1, S2, S3, S4"),
    ("severity: S3", "severity:", "severity is empty, and that is none of S1, S2, S3, S4"),
    ("severity: S3", "sevrity: S3", '3:1: unknown key "sevrity" — did you mean "severity"?'),
    ("    score: 0.9", "    score: 1.5", '14:12: "score": input should be less than or equal to 1, given "1.5"'),
    ("    score: 0.9", "    score: high", '14:12: "score": input should be a valid number, unable'),
    ("    score: 0.9", "    status: alive", 'retired — did you mean "live"?'),
    ("    score: 0.9", "    expires: tomorrow", '14:14: "expires" is no valid date: write year-month-day, 2027-01-31'),
    ("    score: 0.9", "    expires: 2027/5/31", 'no valid date: write year-month-day, 2027-01-31; given "2027/5/31"'),
    ("    score: 0.9", "    expires: 2027-02-30", '"expires" is no valid date'),
    ("    score: 0.9", "    score：0.9", "line 14 has no colon with a space behind it, but a Chinese one"),
    ("{when: each, lower: 0.5", "{when：each, lower: 0.5", "a Chinese colon ends no key: write : and a space"),
    ("    score: 0.9", "    score:", '"score": input should be a valid number, given nothing'),
    ("    title: A rule\n", "", '11:5: "title" is missing'),
    ("id: goods.one", "id: good.one", '"good.one" does not begin with its category — did you mean "goods.one"?'),
    ("id: goods.one", "id: Goods One", '11:9: "Goods One" is no name'),
    ("category: goods", "category: good", '1:11: category "good" must be in a file of that name, good.yaml'),
    ("card and free", "crad and free", '13:11: unknown name "crad" — did you mean "card"?'),
    ("card and free", "card an free", '13:16: expected "and"'),
    ("card and free", "card and offers.sell", '13:20: unknown name "offers.sell"'),
    ("when: each", "when: eech", '16:16: unknown name "eech" — did you mean "each"?'),
    ("    score: 0.9", "    unless: card", '14:13: "unless" may name verified facts only'),
    ("lower: 0.5", "lower: 1", '16:29: "lower": input should be less than or equal to 0.95'),
    ("any: [免实名]", "any: []", '7:15: "any" needs at least 1 entries, it has 0'),
    ("any: [免实名]", "any: ['，']", '7:17: "，" has no letter, digit or character that is ever matched'),
    ("any: [免实名]", "any: [免实名, ]", None),
    ("any: [免实名]", "any: [免实名, '']", '7:22: entry 2 of "any" is empty'),
    ("any: [免实名]", "any: 免实名", '7:15: "any": input should be a list, given "免实名"'),
    ("any: [免实名]", "any: [{x: 免实名}]", '7:16: entry 1 of "any": input should be text, given a mapping (a colon'),
    ("patterns:", "  Free: {any: [微信]}\npatterns:", '8:3: "Free" is no name'),
    ("patterns:", "  contact: {any: [微信]}\npatterns:", '8:3: "contact" is a word of the rule language'),
    ("rules:", "  card: {re: ab}\nrules:", '10:3: "card" is a term list already'),
    ("patterns:", "  loud: {any: [微信], sound: perhaps}\npatterns:", '8:28: "sound": input should be a valid boolean'),
    ("re: '\\d+元'", "re: '(\\d+元'", '9:15: "(\\d+元" is not a pattern that RE2 reads: missing )'),
    ("re: '\\d+元'", "re: '(?=x)元'", '9:15: "(?=x)元" is not a pattern that RE2 reads: invalid perl operator: (?='),
    ("re: '\\d+元'", "re: '\\d*'", '9:15: "\\d*" matches the empty text'),
    ("re: '\\d+元'", "re: '((a{1,100}){1,100}){1,100}'", "is not a pattern that RE2 reads"),
    ("law: [LAW-1]", "lax: [LAW-1]", '4:10: unknown key "lax" — did you mean "law"?'),
    ("says: Not for sale.", "says: {en: Not for sale, never}", "a comma ended the text before it"),
    ("hits: [一个, 二个, 三 个]", "hits: [一个]", "11:5: a live rule needs at least 3 hits, it has 1"),
    ("{text: 四个, because: plain}", "{text: 四个}", '"because" is missing'),
    ("{text: 四个, because: plain}", "{because: plain}", "an example needs a text"),
    ("name: {en: Goods, zh: 物品}", "name: {en: Goods, en: Things}", '2:19: key "en" is given twice'),
    ("name: {en: Goods, zh: 物品}", "name: &x {en: Goods}", 'anchors and aliases are not allowed ("&x")'),
    ("name: {en: Goods, zh: 物品}", "name: *x", 'anchors and aliases are not allowed ("*x")'),
    ("name: {en: Goods, zh: 物品}", "name: !!python/object:os.system x", "tags are not allowed"),
    ("name: {en: Goods, zh: 物品}", "name: !include ../secrets.yaml", "tags are not allowed"),
    ("name: {en: Goods, zh: 物品}", "name: {en: Goods", "not YAML:"),
    ("name: {en: Goods, zh: 物品}", "? [a]\n: b", "a key must be plain text"),
    ("rules:\n", "---\nrules:\n", "a rule file holds one document"),
    ("severity: S3", "severity:\t@", "not YAML: a tab: indent with spaces"),
    ("    score: 0.9", "   score: 0.9", "14:4: not YAML: another indent than its neighbours"),
    ("    score: 0.9", "      score: 0.9", "14:12: not YAML: a colon too many, which takes quotes, or another indent"),
    ("    score: 0.9", "    score:0.9", "line 14 has no colon with a space behind it"),
    ("any: [免实名]", "any: [@免实名]", "7:16: not YAML: no text begins with @: put it in 'single quotes'"),
    ("any: [免实名]", "any: [免实名", "7:19: not YAML: what line 7 opens ends with ], and here stands }"),
    ("any: [免实名]", "any: ['免实名]", "not YAML: what line 7 opens goes on to here: close it with ], and its quotes"),
    ("any: [免实名]", "any: [免实名]]", "7:20: not YAML: what line 7 opens ends with }, and here stands ]"),
    ("    score: 0.9", '    expires: "0.9', "the quote opened in line 14 is never closed"),
    ("    score: 0.9", '    expires: "\\d"', '\\d means nothing in "double quotes": use'),
    ("    score: 0.9", '    expires: "0" 9', "14:18: not YAML: a text in quotes ended before this"),
    ("hits: [一个, 二个, 三 个]", "hits: [一个: 二个, 二个, 三 个]", "a colon ended the text before it"),
    ("    hits: [一个, 二个, 三 个]", "    hits:", '"hits": input should be a list, given nothing: write it there'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), BROKEN, ids=[f"{row[0]} -> {row[1]}" for row in BROKEN])
def test_a_fault_is_told_with_its_place(write: Write, old: str, new: str, said: str | None) -> None:
    """One thing wrong makes one fault that names file, line, column and the value; what is harmless makes none."""
    folder = write(goods=GOOD.replace(old, new, 1))
    if said is None:
        load(folder, cache=None)
        return
    with pytest.raises(RulebookError) as caught:
        load(folder, cache=None)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{folder}/goods.yaml:")
    assert said in fault


def test_all_faults_of_all_files_come_at_once(write: Write) -> None:
    """An author mends everything in one pass."""
    folder = write(
        goods=GOOD.replace("severity: S3", "severity: S9").replace("电话卡", "，"),
        other=GOOD.replace(": goods", ": other").replace("goods.one", "other.one").replace("card and", "crad and"),
        shared__offers="terms:\n  sell: {ani: [出售]}\n",
    )  # fmt: skip
    with pytest.raises(RulebookError) as caught:
        load(folder, cache=None)
    places = [fault.removeprefix(f"{folder}/").split(": ")[0] for fault in caught.value.faults]
    assert places == ["goods.yaml:3:11", "other.yaml:13:11", "shared/offers.yaml:2:10"]
    assert caught.value.hint


def test_names_of_a_broken_file_are_not_called_unknown(write: Write) -> None:
    """One broken file does not make faults in all that use it."""
    folder = write(
        goods=GOOD.replace("card and free", "card and offers.sell"), shared__offers="terms:\n  sell: {ani: [出售]}\n"
    )
    with pytest.raises(RulebookError) as caught:
        load(folder, cache=None)
    assert all("offers.yaml" in fault for fault in caught.value.faults)


def test_a_shared_file_and_a_module_cannot_have_one_name(write: Write) -> None:
    """``goods.card`` would name two lists."""
    folder = write(goods=GOOD, shared__goods="terms:\n  sell: {any: [出售]}\n")
    with pytest.raises(RulebookError, match=r"shared/goods.yaml:1:1: a shared file cannot be called as the module"):
        load(folder, cache=None)


def test_an_id_is_taken_once(write: Write) -> None:
    """Two rules of one id would be one rule to the records."""
    twice = GOOD + GOOD[GOOD.index("  - id:") :]
    with pytest.raises(RulebookError, match=r'goods.yaml:19:9: id "goods.one" is taken by .*goods.yaml:11'):
        load(write(goods=twice), cache=None)


BOMBS = [
    ("deep", "a: " + "[" * 5_000 + "]" * 5_000, "nested deeper than"),
    ("deep mapping", "".join(f"{' ' * depth}k:\n" for depth in range(400)), "nested deeper than"),
    ("wide", "a: [" + "x," * 100_001 + "]", "more than 100,000 values"),
    ("large", "a: " + "x" * (2 << 20), "larger than 1,048,576 bytes"),
    ("laughs", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "anchors and aliases"),
    ("not text", b"\xff\xfe\x00", "not UTF-8 text (byte 0)"),
    ("binary", b"\x00\x01\x02", "not YAML"),
    ("empty", b"", "the file is empty"),
    ("comment", b"# nothing\n", "the file is empty"),
    ("list", b"- a\n- b\n", "the file: input should be a mapping"),
    ("word", b"hello", "the file: input should be a mapping"),
    ("lone bracket", b"]", "not YAML"),
    ("keys", b"? {a: b}\n: c\n", "a key must be plain text"),
]


@pytest.mark.parametrize(("name", "content", "said"), BOMBS, ids=[row[0] for row in BOMBS])
@pytest.mark.timeout(60)
def test_a_hostile_file_is_refused(tmp_path: Path, name: str, content: str | bytes, said: str) -> None:
    """Bombs end as a fault, in bounded time and memory."""
    (tmp_path / "goods.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(RulebookError) as caught:
        load(tmp_path, cache=None)
    assert said in str(caught.value)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A rule file cannot bring in what lies elsewhere."""
    (tmp_path / "secret.yaml").write_text(GOOD)
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "goods.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(RulebookError, match="leads out of the rulebook's folder"):
        load(tmp_path / "book", cache=None)


def test_a_missing_folder_and_one_without_rules_are_told(tmp_path: Path) -> None:
    """Nothing found is an error, not an empty rulebook that finds everything clean."""
    with pytest.raises(RulebookError, match="no such folder"):
        load(tmp_path / "nowhere", cache=None)
    with pytest.raises(RulebookError, match="no rule files"):
        load(tmp_path, cache=None)


def test_a_later_folder_lies_over_an_earlier_one(write: Write) -> None:
    """A platform replaces a shipped module by its own of the same name."""
    first = write("first", goods=GOOD, shared__offers="terms:\n  sell: {any: [出售]}\n")
    second = write(
        "second", goods=GOOD.replace("title: A rule", "title: Another").replace("free within", "offers.sell within")
    )
    assert [rule.title.en for rule in load(first, second, cache=None).rules] == ["Another"]
