"""Settings: what is read from where, and that every fault is told with its place and its remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scanner.errors import SettingsError, UnknownSource
from scanner.settings import read_settings

SHOP = '[sources.shop]\nstart = "https://shop.example/sitemap.xml"\n'


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("DELIST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def written(folder: Path, text: str) -> Path:
    """A settings file with ``text`` in it."""
    file = folder / "delist.toml"
    file.write_text(text, encoding="utf8")
    return file


def fault_of(folder: Path, text: str) -> SettingsError:
    """The error that reading ``text`` raises."""
    with pytest.raises(SettingsError) as caught:
        read_settings(written(folder, text))
    return caught.value


def test_no_file_means_defaults() -> None:
    """Without delist.toml everything has a default, and nothing is inspected."""
    settings = read_settings()
    assert settings.sources == {}
    assert settings.store_url == "sqlite:///data/delist.db"


def test_the_file_of_the_working_folder_is_found(tmp_path: Path) -> None:
    """delist.toml in the working folder needs no option."""
    written(tmp_path, SHOP)
    assert read_settings().source("shop").start == ("https://shop.example/sitemap.xml",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("workers = \n", ":1:11: not valid TOML: Invalid value"),
        ("data = 'x'\nworkers = zwei\n", ":2:11: not valid TOML"),
        ("[store\n", ":1:7: not valid TOML"),
        ("workers = 1\nworkers = 2\n", "not valid TOML: Cannot overwrite a value"),
        ("workers = 0", "workers: should be greater than or equal to 1 (given: '0')"),
        ("workers = 'many'", "workers: should be a valid integer"),
        ("data = 5", "data: should be"),
        ("rules = 5", "rules.0: should be"),
        ("sources = 3", "sources: should be a valid dictionary"),
        ("[sources]\nshop = 3", "sources.shop: should be a valid dictionary"),
        ("time_zone = 'Mars/Base'", 'time_zone: unknown time zone "Mars/Base"'),
        ("time_zone = 'Asia/Shangai'", 'did you mean "Asia/Shanghai"?'),
        ("worker = 2", 'worker: no such setting, did you mean "workers"?'),
        ("[store]\nurI = 'x'", 'store.urI: no such setting, did you mean "url"?'),
        ("zzz = 2", "zzz: no such setting"),
        ("[sources.shop]\nrate = 1.0", "sources.shop.start: is needed here"),
        ("[sources.shop]\nstart = []", "sources.shop.start: "),
        (SHOP + "shedule = '0 3 * * *'", 'sources.shop.shedule: no such setting, did you mean "schedule"?'),
        (SHOP + "rate = 0", "sources.shop.rate: should be greater than 0"),
        (
            SHOP + "walker = 'crawler'",
            "sources.shop.walker: should be 'site', 'sitemap', 'catalogue', 'api', 'feed', 'saved' or 'addresses'",
        ),
        (SHOP + "obey_robots = 'perhaps'", "sources.shop.obey_robots: should be a valid boolean"),
        (SHOP + "api = {pages = 3}", "sources.shop.api.pages: no such setting"),
        (SHOP + "schedule = '0 3 * *'", "sources.shop.schedule: a cron line has five fields"),
        (SHOP + "schedule = '0 25 * * *'", "sources.shop.schedule: hour 25 is not within 0-23"),
        (SHOP + "schedule = '0 3 31 2 *'", "sources.shop.schedule: day 31 does not exist in month 2"),
        (SHOP + "time_zone = 'Nowhere'", 'sources.shop.time_zone: unknown time zone "Nowhere"'),
        (SHOP + "link_pattern = '(?=x)'", "sources.shop.link_pattern: "),
        (SHOP + "link_pattern = '('", "is no linear-time pattern (RE2 syntax): missing )"),
        (SHOP + "name = 'other'", '[sources.shop] says name = "other"'),
        ("[sources.'My Shop']\nstart = 'https://x.example'", "sources.My Shop.name: 'My Shop' is no name"),
        ("[sources.shop]\nstart = 'shop.example/sitemap.xml'", '"shop.example/sitemap.xml" is no URL'),
        ("[sources.shop]\nstart = 'ftp://shop.example'", "a sitemap walker starts at http:// or https://"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, text: str, expected: str) -> None:
    """Wrong syntax is told with file, line and column; a wrong value with its key and the reason."""
    error = fault_of(tmp_path, text)
    assert expected in str(error)
    assert str(error).startswith(str(tmp_path / "delist.toml"))
    assert error.exit_code == 2


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Three wrong settings are three lines, so that one pass mends them."""
    error = fault_of(tmp_path, "workers = 0\nwrokers = 1\n" + SHOP + "rate = -1\n")
    assert "3 settings wrong" in str(error)
    assert len(str(error).splitlines()) == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [("absent.toml", "no such file"), ("folder.toml", "Is a directory"), ("latin.toml", "not UTF-8 text (byte 8)")],
)
def test_an_unreadable_file_is_told(tmp_path: Path, name: str, expected: str) -> None:
    """A file that was named must be there and be text."""
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b"data = '\xff'")
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: {expected}")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """A settings file can be used from any folder; URLs and standard input stay what they are."""
    folder = tmp_path / "etc"
    folder.mkdir()
    text = (
        'data = "var"\nrules = ["own", "/srv/rules"]\n'
        '[sources.export]\nwalker = "feed"\nstart = ["out/today.csv", "https://shop.example/all.jsonl", "-"]\n'
    )
    settings = read_settings(written(folder, text))
    assert settings.data == folder / "var"
    assert settings.rules == (folder / "own", Path("/srv/rules"))
    assert settings.sources["export"].start == (str(folder / "out/today.csv"), "https://shop.example/all.jsonl", "-")


def test_a_single_path_may_stand_for_a_list(tmp_path: Path) -> None:
    """``rules`` and ``start`` take one value as well as several."""
    settings = read_settings(written(tmp_path, 'rules = "own"\n' + SHOP))
    assert settings.rules == (tmp_path / "own",)
    assert settings.sources["shop"].start == ("https://shop.example/sitemap.xml",)


def test_the_environment_goes_over_the_file_and_the_command_line_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, environment, command line: the later wins, key by key, and the rest stays."""
    file = written(tmp_path, 'data = "file"\nworkers = 3\n' + SHOP + "rate = 1.5\n")
    monkeypatch.setenv("DELIST_DATA", "environment")
    monkeypatch.setenv("DELIST_STORE__URL", "sqlite:///elsewhere.db")
    monkeypatch.setenv("DELIST_SOURCES__SHOP__RATE", "2.5")
    settings = read_settings(file)
    assert (settings.data, settings.workers) == (Path("environment"), 3)
    assert settings.store_url == "sqlite:///elsewhere.db"
    assert settings.sources["shop"].rate == 2.5
    assert settings.sources["shop"].start == ("https://shop.example/sitemap.xml",)
    assert read_settings(file, data=Path("option")).data == Path("option")


@pytest.mark.parametrize(
    ("variable", "value", "message", "hint"),
    [
        ("DELIST_WORKERS", "many", "DELIST_WORKERS: should be a valid integer", ""),
        ("DELIST_SOURCES__SHOP__RATE", "0", "DELIST_SOURCES__SHOP__RATE: should be greater than 0", ""),
        ("DELIST_RULES", "rules", 'error parsing value for field "rules"', "JSON"),
        ("DELIST_WORKER", "2", "environment variable DELIST_WORKER: no such setting", "DELIST_WORKERS?"),
        (
            "DELIST_STORE_URL",
            "x",
            "environment variable DELIST_STORE_URL: no such setting",
            "Did you mean DELIST_STORE",
        ),
    ],
)
def test_a_fault_in_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str, hint: str
) -> None:
    """A wrong or misspelt variable is told by its name, not blamed on the file."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        read_settings(written(tmp_path, SHOP))
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_other_variables_are_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source's token may begin as our settings do, and so may what is no setting at all."""
    monkeypatch.setenv("DELIST_STORE_TOKEN", "secret")
    monkeypatch.setenv("DELIST_ACTOR", "li")
    assert read_settings(written(tmp_path, SHOP + 'api = {token_variable = "DELIST_STORE_TOKEN"}')).sources
    with pytest.raises(SettingsError, match="DELIST_STORE_TOKEN: no such setting"):
        read_settings(written(tmp_path, SHOP))


def test_an_unknown_source_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt source suggests the right one; a wholly unknown one lists all."""
    settings = read_settings(written(tmp_path, SHOP))
    with pytest.raises(UnknownSource, match='unknown source "shpo"') as caught:
        settings.source("shpo")
    assert caught.value.hint == 'Did you mean "shop"?'
    with pytest.raises(UnknownSource) as caught:
        settings.source("zzz")
    assert caught.value.hint == "Sources in delist.toml: shop."


def test_hosts_carry_no_credentials(tmp_path: Path) -> None:
    """The hosts that a crawl may touch are compared without user and password."""
    text = '[sources.shop]\nstart = ["https://me:secret@Shop.example:8443/a", "https://shop.example/b"]\n'
    assert read_settings(written(tmp_path, text)).sources["shop"].hosts == {"shop.example:8443", "shop.example"}
