"""Rule files as trees: whichever parser reads a file, the tree is the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.rulebook import tree

RULES = sorted(Path("rules").rglob("*.yaml"))
PIECES = (
    *(
        "key",
        "a: ",
        "b:",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        ",",
        ": ",
        ":",
        "'",
        '"',
        "''",
        "|",
        ">",
    ),
    *(
        "|-\n  ",
        "# note",
        " #x",
        "#",
        "卡",
        "手机 卡",
        "~",
        "null",
        "yes",
        "1.0",
        "\\",
        "\\n",
        "\\/",
        "\\x41",
        "\\u624b",
    ),
    *(
        "&a",
        "*a",
        "!t ",
        "---",
        "...",
        "%YAML 1.1\n",
        "? ",
        "-",
        "\t",
        "\r\n",
        "\x85",
        "\u2028",
        "\u200b",
        "\ufeff",
        "🐧",
    ),
    *("=", "<<: ", "@", "`", "::", "a:b", "?x", "%", ""),
)
_text = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def _as_both(text: str) -> tuple[tree.Tree | None, tree.Tree]:
    """The tree by libyaml, if it says anything, and the one by ruamel.yaml."""
    return tree._sound(text, "goods.yaml"), tree._worded(text, "goods.yaml")


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_shipped_files_are_read_alike(file: Path) -> None:
    """Every value, key and place of the shipped rules is the same by both parsers; the quick one takes them all."""
    quick, slow = _as_both(file.read_text(encoding="utf8"))
    assert quick is not None
    assert vars(quick) == vars(slow)


@settings(max_examples=200, deadline=None)
@given(text=_text)
def test_whatever_the_quick_parser_reads_reads_alike(text: str) -> None:
    """What libyaml makes anything of is to ruamel.yaml the same, to the column; the rest is left to it."""
    quick, slow = _as_both(text)
    assert quick is None or vars(quick) == vars(slow)


@pytest.mark.parametrize(
    "text", ["a: [1, 2", "a: &x 1", "a: 1\na: 2", "- !t x", "a: 1\n---\nb: 2", "a: \tb", "%YAML 1.1\n---\na: 1"]
)
def test_faults_are_worded_by_one_parser(text: str) -> None:
    """Whatever is wrong, or read otherwise in YAML 1.1, is none of the quick parser's business."""
    assert tree._sound(text, "goods.yaml") is None
