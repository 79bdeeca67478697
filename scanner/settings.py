"""One frozen ``Settings``, read once by an entry point: ``delist.toml``, over it the environment (``DELIST_…``).

Nothing else in Delist reads the environment or looks for configuration. Paths in the file are relative to the file.
"""

from __future__ import annotations

import difflib
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from scanner.errors import SettingsError, UnknownSource

SETTINGS_FILE = "delist.toml"


class Walker(StrEnum):
    """How a spider walks a source."""

    SITEMAP = "sitemap"
    CATALOGUE = "catalogue"
    API = "api"
    FEED = "feed"
    SAVED = "saved"


class ApiMapping(BaseModel):
    """How a JSON API is paged and read; expressions are JMESPath."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: str = Field("items", description="where the listings are in a response")
    total: str = Field("", description="where the API says how many there are in all")
    next: str = Field("", description="where the next page's URL or cursor is; empty: count pages up")
    page_parameter: str = Field("page", description="query parameter that numbers the pages")
    page_size: Annotated[int, Field(ge=1, le=1000)] = 100
    fields: dict[str, str] = Field(default_factory=dict, description="listing field -> JMESPath; empty: same names")
    token_variable: str = Field("", description="environment variable that holds the bearer token")


class Source(BaseModel):
    """One way to reach a platform's listings: a spider, where it starts, its limits, its schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    platform: str = Field("", description="name of the platform; the source's own name if empty")
    walker: Walker = Walker.SITEMAP
    start: tuple[str, ...] = Field(min_length=1, description="URLs, or files and folders for feed and saved")
    page: str = Field("", description="a platform's own page function in spiders/pages; empty: the generic chain only")
    link_pattern: str = Field("", description="which links are listings (catalogue, sitemap); linear-time pattern")
    next_pattern: str = Field("", description="which links lead to more list pages (catalogue)")
    api: ApiMapping = ApiMapping()
    obey_robots: bool = True
    rate: Annotated[float, Field(gt=0, le=10_000)] = Field(5.0, description="requests a second, at most")
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    limit: Annotated[int, Field(ge=0)] = Field(0, description="listings an inspection reads, at most; 0: all")
    max_bytes: Annotated[int, Field(ge=1024)] = Field(8 * 2**20, description="a response is cut off beyond this size")
    request_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    crawl_seconds: Annotated[int, Field(ge=1)] = Field(6 * 3600, description="a crawl is stopped after this time")
    schedule: str = Field("", description="five-field cron line; empty: only by hand")
    time_zone: str = "UTC"

    @property
    def platform_name(self) -> str:
        """The platform whose listings these are."""
        return self.platform or self.name

    @property
    def hosts(self) -> frozenset[str]:
        """The only hosts (with port, as written) that a crawl of this source may touch."""
        return frozenset(urlsplit(start).netloc.lower() for start in self.start if "://" in start)

    @field_validator("schedule")
    @classmethod
    def _five_fields(cls, line: str) -> str:
        if line and len(line.split()) != 5:
            raise ValueError("a cron line has five fields: minute hour day month weekday")
        return line


class StoreSettings(BaseModel):
    """Where what Delist knows is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")


class Settings(BaseSettings):
    """All of Delist's configuration."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="DELIST_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    data: Path = Field(Path("data"), description="database, spool and evidence lie here")
    rules: tuple[Path, ...] = Field((), description="folders of rule modules; empty: the shipped rulebook")
    time_zone: str = Field("UTC", description="time zone in which people see moments")
    workers: Annotated[int, Field(ge=1, le=32)] = Field(2, description="crawl processes at a time")
    store: StoreSettings = StoreSettings()
    sources: dict[str, Source] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes over the file, which comes in as the initial values."""
        return env_settings, init_settings

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
    """Read ``file`` (default: ``delist.toml`` in the working folder, if there is one) and the environment.

    Raises ``SettingsError`` naming the file, the line or the key, and what is wrong with it.
    """
    path = file or Path(SETTINGS_FILE)
    values: dict[str, Any] = {}
    if file is not None or path.exists():
        values = _read_toml(path)
    root = path.parent
    for name, source in (values.get("sources") or {}).items():
        if isinstance(source, dict):
            source.setdefault("name", name)
            source["start"] = [_from_root(root, start) for start in _as_list(source.get("start", []))]
    if "data" in values:
        values["data"] = root / str(values["data"])
    if "rules" in values:
        values["rules"] = [root / str(folder) for folder in _as_list(values["rules"])]
    try:
        return Settings(**(values | over))
    except ValidationError as error:
        raise SettingsError(_explain(path, error), hint="See the configuration table in README.md.") from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file") from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _from_root(root: Path, start: Any) -> Any:
    """A start that is no URL is a path, relative to the settings file."""
    return str(root / start) if isinstance(start, str) and "://" not in start and start != "-" else start


def _explain(path: Path, error: ValidationError) -> str:
    lines = [f"{path}: {error.error_count()} setting(s) wrong"]
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"])
        lines.append(f"  {where}: {fault['msg']} (given: {str(fault['input'])[:80]!r})")
        near = difflib.get_close_matches(str(fault["loc"][-1]), _known_keys(), n=1)
        if fault["type"] == "extra_forbidden" and near:
            lines[-1] += f' — did you mean "{near[0]}"?'
    return "\n".join(lines)


def _known_keys() -> list[str]:
    models: tuple[type[BaseModel], ...] = (Settings, Source, StoreSettings, ApiMapping)
    return [key for model in models for key in model.model_fields]
