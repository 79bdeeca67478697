"""``delist rules``: what an author types, what is printed, and the exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scanner.cli.rules import app
from scanner.errors import DelistError, InputError, RulebookError

Run = Callable[..., Any]

PROVEN = """\
    hits:
      - 手机卡免实名
      - {text: 手 机 卡 免实名, evasive: spacing}
      - {title: 出售, description: 手机卡 免实名}
    misses:
      - {text: 手机卡针 免实名, because: a pin}
      - {text: 出售台灯, because: a lamp}
      - {text: 台灯, because: a lamp}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder of its own; what a person must mend comes out as its error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")

    def _run(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, list(arguments))
        if isinstance(result.exception, DelistError):
            assert code == result.exception.exit_code
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return _run


@pytest.fixture
def folder(write: Callable[..., Path], head: str, make_rule: Callable[..., str]) -> str:
    """A rulebook that proves itself."""
    return str(write(goods=f"{head}rules:\n{make_rule('card and free within 20', examples=PROVEN)}"))


def test_check_finds_nothing_wrong(run: Run, folder: str) -> None:
    """Notes only on request; exit code 0."""
    assert "1 rule in 1 file: 0 faults, 0 warnings" in run("check", "--rules", folder).output
    assert "note: goods.sell: no rule uses this list" in run("check", "--rules", folder, "--notes").output


def test_check_ends_with_1_on_a_fault(run: Run, folder: str) -> None:
    """A hit that is not found is told with its place, in words and as JSON."""
    file = Path(folder) / "goods.yaml"
    file.write_text(file.read_text(encoding="utf8").replace("within 20", "within 5"), encoding="utf8")
    assert f"{file}:18:9: fault: goods.one: a hit is not found" in run("check", "--rules", folder, code=1).output
    rows = [json.loads(line) for line in run("check", "--rules", folder, "--json", code=1).output.splitlines()]
    assert {"weight", "file", "line", "column", "what"} == set(rows[0])


def test_a_broken_rulebook_ends_with_2(run: Run, folder: str) -> None:
    """All faults at once: those of the schema and those of conditions."""
    file = Path(folder) / "goods.yaml"
    text = file.read_text(encoding="utf8")
    file.write_text(text.replace("title: A rule", "titel: A rule"), encoding="utf8")
    other = text.replace(": goods", ": other").replace("goods.one", "other.one").replace("card and", "crad and")
    (Path(folder) / "other.yaml").write_text(other, encoding="utf8")
    for command in ("check", "test", "try"):
        extra = ["x"] if command == "try" else []
        with pytest.raises(RulebookError) as caught:
            run(command, *extra, "--rules", folder, code=2)
        assert len(caught.value.faults) == 2


def test_test_proves_a_module_or_a_rule(run: Run, folder: str) -> None:
    """A rule's examples are shown one by one; an unknown name gets a suggestion."""
    assert "1 rule, 6 examples: all as they should be" in run("test", "--rules", folder).output
    assert run("test", "goods.one", "--rules", folder).output.count("ok ") == 6
    rows = [json.loads(line) for line in run("test", "goods", "--json", "--rules", folder).output.splitlines()]
    assert [row["kind"] for row in rows] == ["hit"] * 3 + ["miss"] * 3
    with pytest.raises(InputError, match=r'did you mean "goods\.one"'):
        run("test", "goods.on", "--rules", folder, code=2)


def test_test_ends_with_1_when_a_proof_fails(run: Run, folder: str) -> None:
    """The example, and why."""
    file = Path(folder) / "goods.yaml"
    file.write_text(file.read_text(encoding="utf8").replace("出售台灯", "手机卡免实名"), encoding="utf8")
    output = run("test", "--rules", folder, code=1).output
    assert "NO " in output
    assert "6 examples: 1 failed" in output


def test_try_shows_what_fires_and_why_not(run: Run, folder: str) -> None:
    """The view of each word, the score, what triage makes of it; for a near miss the part that failed."""
    fired = run("try", "出 手-机-卡 免实名", "--rules", folder).output
    assert "goods.one 0.90" in fired
    assert "手-机-卡 = 手机卡 [compact]" in fired
    assert "Queued:" in fired
    missed = run("try", "手机卡", "--rules", folder).output
    assert "no word of free is there" in missed
    assert "Not queued." in missed
    told = json.loads(
        run("try", "手机卡免实名", "--json", "--price", "30", "--quantity", "20", "--rules", folder).output
    )
    assert told["findings"][0]["rule"] == "goods.one"
    assert told["triage"]["severity"] == "S3"


def test_try_takes_the_facts_of_a_listing(run: Run, folder: str) -> None:
    """Seller, licence and category are what conditions see."""
    file = Path(folder) / "goods.yaml"
    fact = "    unless: seller.kind in (shop) and seller.licensed(agent) and category(手机)\n    hits:"
    file.write_text(file.read_text(encoding="utf8").replace("    hits:", fact), encoding="utf8")
    facts = ["--seller", "shop", "--licence", "agent", "--category", "手机"]
    assert "silent because" in run("try", "手机卡免实名", *facts, "--rules", folder).output
    assert "Queued" in run("try", "手机卡免实名", *facts[:2], "--rules", folder).output


def test_new_add_and_try_work_together(run: Run) -> None:
    """From nothing to a rule of one's own that fires."""
    assert "tobacco.cigarettes is there as a draft" in run("new", "tobacco.cigarettes", "--rules", "mine").output
    assert "all as they should be" in run("test", "tobacco.cigarettes", "--rules", "mine").output
    assert "added 香烟 to tobacco.cigarettes" in run("add", "tobacco.cigarettes", "香烟", "--rules", "mine").output
    assert "is there already" in run("add", "tobacco.cigarettes", "香烟", "--rules", "mine").output
    assert "(except)" in run("add", "tobacco.cigarettes", "香烟盒", "--except", "--rules", "mine").output
    output = run("try", "香 烟 加微信 abc12345", "--rules", "mine").output
    assert "tobacco.cigarettes 0.90 (not live: queues nothing)" in output
    with pytest.raises(InputError):
        run("new", "tobacco.cigarettes", "--rules", "mine", code=2)


def test_what_writes_takes_the_configured_folder_and_never_the_shipped_one(run: Run, tmp_path: Path) -> None:
    """Without a folder of one's own, nothing is written anywhere."""
    with pytest.raises(InputError, match="no folder of your own rules"):
        run("new", "tobacco.cigarettes", code=2)
    with pytest.raises(InputError, match="the shipped ones are not to be changed"):
        run("add", "phone_card.card", "鸽子卡", code=2)
    assert not [*tmp_path.iterdir()]
    (tmp_path / "delist.toml").write_text('rules = ["mine"]\n', encoding="utf8")
    assert "mine/tobacco.yaml" in run("new", "tobacco.cigarettes").output
    assert "added 香烟" in run("add", "tobacco.cigarettes", "香烟").output
    (tmp_path / "delist.toml").write_text('rules = ["mine", "others"]\n', encoding="utf8")
    with pytest.raises(InputError, match="several folders"):
        run("add", "tobacco.cigarettes", "雪茄", code=2)


def test_where_names_the_lists_that_have_a_word(run: Run, folder: str) -> None:
    """However it is spelt, who asks them, and what stands inside a word that no list has."""
    output = run("where", "手機卡", "--rules", folder).output
    assert "goods.card (M) has 手机卡" in output
    assert "asked by goods.one" in output
    assert (
        "lowers or silences phone_card.wanted, phone_card.told" in run("where", "宝可梦", "--rules", "shipped").output
    )
    output = run("where", "手机卡槽", "--rules", folder).output
    assert "except of goods.card (M) has 手机卡槽" in output
    assert "Inside it stand:" in output
    output = run("where", "鲸鱼手机卡", "--rules", folder).output
    assert "No list has 鲸鱼手机卡. Inside it stand:" in output
    assert run("where", "鲸鱼", "--rules", folder).output.strip() == "No list has 鲸鱼."
    rows = [json.loads(line) for line in run("where", "手机卡", "--rules", folder, "--json").output.splitlines()]
    assert {"list": "goods.card", "word": "手机卡", "is_whole": True, "is_cover": False}.items() <= rows[0].items()


def test_add_says_what_is_there_already(run: Run) -> None:
    """A word that reads as another one of the list adds nothing; one that another list has is said to be there."""
    run("new", "tobacco.cigarettes", "--rules", "mine")
    run("new", "tobacco.cigars", "--rules", "mine")
    run("add", "tobacco.cigarettes", "香烟", "--rules", "mine")
    output = run("add", "tobacco.cigarettes", "香煙", "烟", "--rules", "mine").output
    assert "香煙 is there already, as 香烟: both read the same" in output
    assert "烟 is one character" in output
    assert "香烟 is also in tobacco.cigarettes" in run("add", "tobacco.cigars", "香烟", "--rules", "mine").output
    Path("mine/other.yaml").write_text("terms: [", encoding="utf8")
    assert "added 雪茄" in run("add", "tobacco.cigars", "雪茄", "--rules", "mine").output
    with pytest.raises(InputError, match="the shipped ones are not to be changed"):
        run("add", "phone_card.card", "鸽子卡", "--rules", "shipped", code=2)


def test_try_tells_of_words_that_cover_words_hide(run: Run, folder: str) -> None:
    """Which word, inside which, of which list; and where another place of it counts, nothing."""
    said = "手机卡 is there, but inside 手机卡槽 (except of goods.card)"
    assert said in run("try", "手机卡槽免实名", "--rules", folder).output
    assert said not in run("try", "手机卡槽 手机卡免实名", "--rules", folder).output
    (told,) = json.loads(run("try", "手机卡槽免实名", "--rules", folder, "--json").output)["covered"]
    assert told == {"word": "手机卡", "cover": "手机卡槽", "lists": ["goods.card"]}


def test_try_asks_one_rule(run: Run, folder: str) -> None:
    """Of a rule that has nothing to say, that is said."""
    assert "goods.one has 免实名, but:" in run("try", "免实名", "--rule", "goods.one", "--rules", folder).output
    assert "Nothing of what goods.one looks for" in run("try", "台灯", "--rule", "goods.one", "--rules", folder).output
    with pytest.raises(InputError):
        run("try", "台灯", "--rule", "goods.other", "--rules", folder, code=2)


def test_export_and_diff_show_a_change(run: Run, folder: str) -> None:
    """Old and new over a file of listings; a row that cannot be read is told and ends with 1."""
    changed = Path("changed")
    changed.mkdir()
    text = (Path(folder) / "goods.yaml").read_text(encoding="utf8")
    (changed / "goods.yaml").write_text(text.replace("within 20", "or sell"), encoding="utf8")
    rows = ['{"id": "1", "title": "手机卡"}', '{"id": "2", "title": "台灯"}', '{"id": "3", "title": "手机卡免实名"}']
    Path("listings.jsonl").write_text("\n".join(rows), encoding="utf8")
    output = run("diff", folder, "changed", "listings.jsonl").output
    assert "3 listings: nothing changes" in output
    (changed / "goods.yaml").write_text(text.replace("and free within 20", "or sell"), encoding="utf8")
    output = run("diff", folder, "changed", "listings.jsonl").output
    assert "newly flagged 1 - -> S3 手机卡" in output
    row = json.loads(run("diff", folder, "changed", "listings.jsonl", "--json").output)
    assert (row["kind"], row["id"], row["before"], row["after"]) == ("newly flagged", "1", None, "S3")
    Path("listings.jsonl").write_text("\n".join([*rows, "{broken"]), encoding="utf8")
    assert "listings.jsonl:4: " in run("diff", folder, "changed", "listings.jsonl", code=1).output


def test_diff_says_which_rules_came_and_went(run: Run, folder: str) -> None:
    """A plus and a minus for rules; whether a listing became graver or lighter."""
    Path("listings.jsonl").write_text('{"id": "1", "title": "手机卡免实名"}\n', encoding="utf8")
    old = (Path(folder) / "goods.yaml").read_text(encoding="utf8")
    for name, before, after in (("other", "goods.one", "goods.two"), ("light", "severity: S3", "severity: S2")):
        assert before in old
        Path(name).mkdir()
        (Path(name) / "goods.yaml").write_text(old.replace(before, after), encoding="utf8")
    assert "+ goods.two, - goods.one; now goods.two:" in run("diff", folder, "other", "listings.jsonl").output
    assert "changed severity 1 S3 -> S2 (lighter)" in run("diff", folder, "light", "listings.jsonl").output
    assert "changed severity 1 S2 -> S3 (graver)" in run("diff", "light", folder, "listings.jsonl").output


def test_diff_names_the_rules_that_queue_nothing(run: Run, folder: str) -> None:
    """A draft changes nothing, and its author is told why."""
    Path("listings.jsonl").write_text('{"id": "1", "title": "手机卡免实名"}\n', encoding="utf8")
    assert "Not compared" not in run("diff", folder, folder, "listings.jsonl").output
    file = Path(folder) / "goods.yaml"
    draft = file.read_text(encoding="utf8").replace("    when:", "    status: draft\n    when:")
    file.write_text(draft, encoding="utf8")
    output = run("diff", "shipped", folder, "listings.jsonl").output
    assert "Not compared, because they queue nothing: goods.one (draft)" in output


def test_try_takes_a_description(run: Run, folder: str) -> None:
    """Words of both fields count, each named with its field."""
    told = json.loads(run("try", "看描述", "--description", "手机卡免实名", "--json", "--rules", folder).output)
    assert {span["field"] for span in told["findings"][0]["spans"]} == {"description"}


def test_doc_and_schema_are_printed(run: Run, folder: str) -> None:
    """The language, the catalogue, and the schemas for editors."""
    assert run("doc").output.startswith("# The rule language")
    assert "(`goods.one`)" in run("doc", "--catalogue", "--rules", folder).output
    assert json.loads(run("schema").output)["title"] == "Delist rule module"
    assert json.loads(run("schema", "--shared").output)["title"] == "Delist shared lists"


def test_export_writes_the_shipped_rulebook(run: Run) -> None:
    """Rule files and schemas land in the folder; not twice."""
    run("export", "mine")
    assert (Path("mine") / "module.schema.json").exists()
    assert list(Path("mine").glob("*.yaml"))
    with pytest.raises(InputError, match="not empty"):
        run("export", "mine", code=2)


def test_every_command_shows_an_example(run: Run) -> None:
    """``--help`` of each command ends with what one would type."""
    for command in app.registered_commands:
        assert command.callback is not None
        assert "Example" in (command.callback.__doc__ or ""), command.name
