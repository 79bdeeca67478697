"""A source: one way to reach a platform's listings, as ``delist.toml`` says it and as a crawl is given it.

Apart from the other settings: a crawl process knows of nothing else, and starts in two thirds of the time without them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

import re2
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from scanner.api_mapping import ApiMapping
from scanner.cronline import read_cron_line, read_zone


class Walker(StrEnum):
    """How a spider walks a source."""

    SITE = "site"
    SITEMAP = "sitemap"
    CATALOGUE = "catalogue"
    API = "api"
    FEED = "feed"
    SAVED = "saved"
    ADDRESSES = "addresses"


# These read files; their starts are paths as often as URLs.
FILE_WALKERS = frozenset({Walker.FEED, Walker.SAVED})

_QUIET = re2.Options()
_QUIET.log_errors = False


class Source(BaseModel):
    """One way to reach a platform's listings: a spider, where it starts, its limits, its schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    platform: str = Field("", description="name of the platform; the source's own name if empty")
    walker: Walker = Field(Walker.SITEMAP, description="site, sitemap, catalogue, api, feed, saved or addresses")
    start: tuple[str, ...] = Field(min_length=1, description="URLs, or files and folders for feed and saved")
    page: str = Field("", description="a platform's own page function in spiders/pages; empty: the generic chain only")
    link_pattern: str = Field("", description="which links are listings (catalogue, sitemap); linear-time pattern")
    next_pattern: str = Field("", description="which links lead to more list pages (catalogue)")
    api: ApiMapping = ApiMapping()
    image_hosts: tuple[str, ...] = Field(
        (), description="hosts of its pictures beside its own; *.cdn.example: any below"
    )
    render: bool = Field(default=False, description="scripts make the pages: let a browser run them (extra [browser])")
    wait_for: str = Field("", description="what a rendered page must hold, as CSS; empty: until the network is quiet")
    browser: str = Field("", description="Chromium's program; empty: CHROMIUM in the environment, else as installed")
    obey_robots: bool = Field(default=True, description="leave out what robots.txt asks crawlers to leave out")
    rate: Annotated[float, Field(gt=0, le=10_000)] = Field(5.0, description="requests a second, at most")
    concurrency: Annotated[int, Field(ge=1, le=64)] = Field(8, description="requests under way at a time, at most")
    limit: Annotated[int, Field(ge=0)] = Field(0, description="listings an inspection reads, at most; 0: all")
    max_bytes: Annotated[int, Field(ge=1024)] = Field(8 * 2**20, description="a response is cut off beyond this size")
    request_seconds: Annotated[float, Field(gt=0, le=600)] = Field(30.0, description="a request is given up after this")
    crawl_seconds: Annotated[int, Field(ge=1)] = Field(6 * 3600, description="a crawl is stopped after this time")
    run_seconds: Annotated[int, Field(ge=1)] = Field(12 * 3600, description="a scheduled run is ended after this time")
    schedule: str = Field("", description="five-field cron line; empty: only by hand")
    time_zone: str = Field("", description="time zone of the schedule; empty: the general time_zone")

    @property
    def platform_name(self) -> str:
        """The platform whose listings these are."""
        return self.platform or self.name

    @property
    def is_picked(self) -> bool:
        """Whether it begins at picked addresses: a list of them, or a site that is entered at an inner page."""
        if self.walker is Walker.SITE:
            return any(urlsplit(start).path.strip("/") for start in self.start)
        return self.walker is Walker.ADDRESSES

    @property
    def hosts(self) -> frozenset[str]:
        """The only hosts (with port, as written) that a crawl of this source may touch."""
        places = (urlsplit(start).netloc.lower() for start in self.start if "://" in start)
        return frozenset(place.rpartition("@")[2] for place in places)

    @field_validator("start")
    @classmethod
    def _reachable(cls, starts: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        walker = info.data.get("walker", Walker.SITEMAP)
        for start in starts:
            if walker not in FILE_WALKERS and not start.startswith(("http://", "https://")):
                raise ValueError(f'"{start}" is no URL: a {walker} walker starts at http:// or https://')
        return starts

    @field_validator("link_pattern", "next_pattern")
    @classmethod
    def _linear(cls, pattern: str) -> str:
        try:
            re2.compile(pattern, options=_QUIET)
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            raise ValueError(f'"{pattern[:60]}" is no linear-time pattern (RE2 syntax): {reason}') from None
        return pattern

    @field_validator("schedule")
    @classmethod
    def _runs_some_day(cls, line: str) -> str:
        if line:
            read_cron_line(line)
        return line

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone:
            read_zone(zone)
        return zone
