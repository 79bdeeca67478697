"""One frozen ``Settings``, read once by an entry point: ``delist.toml``, the environment, and the command line.

Later ones go over earlier ones, key by key. Nothing else in Delist reads the environment or looks for configuration.
Paths in the file are relative to the file; paths from elsewhere are relative to the working folder.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentFault

from scanner.api_mapping import ApiMapping
from scanner.cronline import read_zone
from scanner.errors import SettingsError, UnknownSource
from scanner.people.settings import ConsoleSettings, OidcSettings
from scanner.pictures.limits import PictureSettings
from scanner.sources import FILE_WALKERS, Source, Walker
from scanner.takedown.telling import PlatformSettings, TakedownSettings

__all__ = [
    "FILE_WALKERS",
    "SETTINGS_FILE",
    "LetterSettings",
    "Settings",
    "Source",
    "StoreSettings",
    "Walker",
    "read_settings",
]

SETTINGS_FILE = "delist.toml"
ENVIRONMENT_PREFIX = "DELIST_"


class StoreSettings(BaseModel):
    """Where what Delist knows is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")


class LetterSettings(BaseModel):
    """How letters reach sellers and those who send notices, and what they say of how to answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field("", description="where letters are handed over, as signed JSON; empty: files in data/letters")
    token_variable: str = Field("", description="environment variable that holds the secret shared with the receiver")
    contact: str = Field("Answer to this message.", description="how one reaches you, as letters say it")
    appeal_at: str = Field("by answering this message", description="where sellers object, as letters say it")

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError(f'"{url}" is no URL: it starts with http:// or https://')
        return url


class Settings(BaseSettings):
    """All of Delist's configuration."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
    )

    data: Path = Field(Path("data"), description="database, spool and evidence lie here")
    rules: tuple[Path, ...] = Field((), description="folders of rule modules; empty: the shipped rulebook")
    policies: Path | None = Field(None, description="folder of your own moderation policy; empty: the shipped one")
    time_zone: str = Field("UTC", description="time zone in which people see moments")
    workers: Annotated[int, Field(ge=1, le=32)] = Field(2, description="crawl processes at a time")
    store: StoreSettings = StoreSettings()
    console: ConsoleSettings = ConsoleSettings()
    takedown: TakedownSettings = TakedownSettings()
    letters: LetterSettings = LetterSettings()
    pictures: PictureSettings = PictureSettings()
    sources: dict[str, Source] = Field(default_factory=dict)
    platforms: dict[str, PlatformSettings] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given: ``read_settings`` has already laid the environment over the file."""
        return (init_settings,)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        read_zone(zone)
        return zone

    @field_validator("sources")
    @classmethod
    def _named_by_key(cls, sources: dict[str, Source]) -> dict[str, Source]:
        for key, source in sources.items():
            if source.name != key:
                raise ValueError(f'[sources.{key}] says name = "{source.name}": a source has the name of its table')
        return sources

    @property
    def store_url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.store.url or f"sqlite:///{self.data / 'delist.db'}"

    @property
    def spool(self) -> Path:
        """Where crawls leave closed segments for intake."""
        return self.data / "spool"

    @property
    def evidence(self) -> Path:
        """Where WARC files lie."""
        return self.data / "evidence"

    def source(self, name: str) -> Source:
        """The source of that name, or ``UnknownSource`` with the nearest names."""
        if name in self.sources:
            return self.sources[name]
        near = difflib.get_close_matches(name, self.sources, n=1)
        known = ", ".join(sorted(self.sources)) or "none"
        hint = f'Did you mean "{near[0]}"?' if near else f"Sources in {SETTINGS_FILE}: {known}."
        raise UnknownSource(f'unknown source "{name}"', hint=hint)


def read_settings(file: Path | None = None, **over: Any) -> Settings:
    """Read ``file`` (default: ``delist.toml`` in the working folder, if there is one), the environment and ``over``.

    Raises ``SettingsError`` naming the file and line, or the key or variable, and what is wrong with it.
    """
    path = file or Path(SETTINGS_FILE)
    values = _from_file(path) if file is not None or path.exists() else {}
    given = _from_environment()
    try:
        settings = Settings(**_laid_over(_laid_over(values, given), over))
    except ValidationError as error:
        raise SettingsError(_explain(path, error, given), hint="See the configuration table in README.md.") from error
    _refuse_misspelt_variables(settings)
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    """The file's values, its relative paths taken from its own folder."""
    values = _read_toml(path)
    root = path.parent
    if isinstance(values.get("data"), str):
        values["data"] = root / values["data"]
    if isinstance(values.get("policies"), str):
        values["policies"] = root / values["policies"]
    if "rules" in values:
        values["rules"] = [_from_root(root, folder) for folder in _as_list(values["rules"])]
    sources = values.get("sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        if isinstance(source, dict):
            source.setdefault("name", name)
            if "start" in source:
                source["start"] = _as_list(source["start"])
            if source.get("walker") in FILE_WALKERS and "start" in source:
                source["start"] = [_from_root(root, start) for start in source["start"]]
    return values


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf8")
        return tomllib.loads(text)
    except FileNotFoundError:
        hint = "Write it, or leave --config away to work without settings."
        raise SettingsError(f"{path}: no such file", hint=hint) from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text (byte {error.start})", hint="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_place_in_toml(path, str(error), text), hint="The syntax: https://toml.io") from error


def _place_in_toml(path: Path, message: str, text: str) -> str:
    """``file:line:column: what``, from a message that ends with its place in words."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if found is None:
        return f"{path}: not valid TOML: {message}"
    line, column = found[2] or text.count("\n") + 1, found[3] or len(text) - text.rfind("\n")
    return f"{path}:{line}:{column}: not valid TOML: {found[1]}"


def _from_environment() -> dict[str, Any]:
    """The ``DELIST_…`` variables as nested values: ``DELIST_STORE__URL`` is ``store.url``; lists are JSON."""
    try:
        return EnvSettingsSource(Settings)()
    except EnvironmentFault as error:
        reason = f"environment: {error}".replace(' from source "EnvSettingsSource"', "")
        raise SettingsError(reason, hint="Lists and tables are written in JSON: DELIST_RULES='[\"rules\"]'.") from error


def _refuse_misspelt_variables(settings: Settings) -> None:
    """A variable that is nearly a setting's would be passed over in silence; any other is not ours to judge."""
    tokens = {source.api.token_variable for source in settings.sources.values()}
    tokens |= {platform.token_variable for platform in settings.platforms.values()} | {settings.letters.token_variable}
    tokens.add(settings.console.oidc.secret_variable)
    known = {name.upper() for name in Settings.model_fields}
    for variable in os.environ:
        key = variable.removeprefix(ENVIRONMENT_PREFIX)
        if key == variable or variable in tokens or key.partition("__")[0] in known:
            continue
        first, _, rest = key.partition("_")
        near = [f"{first}__{rest}"] if first in known else difflib.get_close_matches(key, known, n=1, cutoff=0.75)
        if near:
            hint = f"Did you mean {ENVIRONMENT_PREFIX}{near[0]}?"
            raise SettingsError(f"environment variable {variable}: no such setting", hint=hint)


def _laid_over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``below`` with what ``above`` says instead, table by table."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, Mapping) else value
    return merged


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _from_root(root: Path, start: Any) -> Any:
    """A start that is no URL is a path, relative to the settings file."""
    return str(root / start) if isinstance(start, str) and "://" not in start and start != "-" else start


def _explain(path: Path, error: ValidationError, given: Mapping[str, Any]) -> str:
    count = error.error_count()
    lines = [f"{path}: {count} setting{'s' * (count != 1)} wrong"]
    lines += [f"  {_place(fault, given)}: {_reason(fault)}" for fault in error.errors(include_url=False)]
    return "\n".join(lines)


def _place(fault: ErrorDetails, given: Mapping[str, Any]) -> str:
    """The key as in the file, or the variable that it came from."""
    place: Any = given
    for part in fault["loc"]:
        place = place.get(part) if isinstance(place, Mapping) else None
    if place is not None:
        return ENVIRONMENT_PREFIX + "__".join(str(part).upper() for part in fault["loc"])
    return ".".join(str(part) for part in fault["loc"])


def _reason(fault: ErrorDetails) -> str:
    match fault["type"]:
        case "missing":
            return "is needed here"
        case "extra_forbidden":
            near = difflib.get_close_matches(str(fault["loc"][-1]), _keys_at(fault["loc"]), n=1)
            return "no such setting" + (f', did you mean "{near[0]}"?' if near else "")
        case "value_error":
            return fault["msg"].removeprefix("Value error, ")
        case "path_type":
            return f"should be a path (given: {str(fault['input'])[:80]!r})"
        case "string_pattern_mismatch":
            return f"{fault['input']!r} is no name: small letters, digits, - and _ only, 63 at most"
    return f"{fault['msg'].replace('Input should', 'should')} (given: {str(fault['input'])[:80]!r})"


def _keys_at(place: tuple[int | str, ...]) -> list[str]:
    """The settings that exist in the table that ``place`` is in."""
    match place:
        case ("sources", _, "api", _):
            return list(ApiMapping.model_fields)
        case ("sources", _, _):
            return list(Source.model_fields)
        case ("store", _):
            return list(StoreSettings.model_fields)
        case ("console", "oidc", _):
            return list(OidcSettings.model_fields)
        case ("console", _):
            return list(ConsoleSettings.model_fields)
        case ("takedown", _):
            return list(TakedownSettings.model_fields)
        case ("platforms", _, _):
            return list(PlatformSettings.model_fields)
    return list(Settings.model_fields)
