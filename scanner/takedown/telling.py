"""The settings of takedowns: how each platform is told and looked at, and when an order must wait for a person."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Adapter(StrEnum):
    """How a platform is told what to take down."""

    WEBHOOK = "webhook"
    OSCAR = "oscar"
    VENDURE = "vendure"
    DEMO = "demo"


_TIMES = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class PlatformSettings(BaseModel):
    """How a platform is told what to take down, and how somebody looks afterwards whether it is gone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter: Adapter = Field(description="webhook, oscar, vendure or demo")
    url: str = Field(description="where the platform is; a webhook's own address")
    token_variable: str = Field("", description="environment variable that holds the token, or a webhook's secret")
    rate: Annotated[float, Field(gt=0, le=10_000)] = Field(5.0, description="orders and looks a second, at most")
    concurrency: Annotated[int, Field(ge=1, le=64)] = Field(4, description="orders under way at a time, at most")
    request_seconds: Annotated[float, Field(gt=0, le=600)] = Field(20.0, description="a request is given up after this")
    max_bytes: Annotated[int, Field(ge=1024)] = Field(4 * 2**20, description="no more of an answer is read")
    looks: tuple[str, ...] = Field(
        ("5m", "1h", "24h", "7d"),
        min_length=1,
        max_length=20,
        description="when to look after the acceptance (s m h d)",
    )
    lag_seconds: Annotated[int, Field(ge=0)] = Field(900, description="search may show what is gone for so long")
    page_url: str = Field(
        "", description="a webhook's looks: a listing's page, {id} in it; empty: the listing's own URL"
    )
    list_url: str = Field("", description="a webhook's looks: a search or category page, with {id} or {title} in it")
    api_url: str = Field("", description="a webhook's looks: a listing in the public API, {id} in it")
    seller_url: str = Field("", description="a webhook's looks: a seller's page, {seller} in it")

    @property
    def look_after(self) -> tuple[timedelta, ...]:
        """The looks as durations, the soonest first."""
        found = (_TIMES.fullmatch(look) for look in self.looks)
        return tuple(sorted(timedelta(**{_UNITS[match[2]]: int(match[1])}) for match in found if match))

    @field_validator("url", "page_url", "list_url", "api_url", "seller_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError(f'"{url}" is no URL: it starts with http:// or https://')
        return url

    @field_validator("looks")
    @classmethod
    def _times(cls, looks: tuple[str, ...]) -> tuple[str, ...]:
        for look in looks:
            if not _TIMES.fullmatch(look):
                raise ValueError(f'"{look}" is no time: write it like 5m, 1h, 24h or 7d')
        return looks


class TakedownSettings(BaseModel):
    """When takedowns wait for a person: more of a kind within an hour are held, never dropped. 0: no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_hour: Annotated[int, Field(ge=0)] = Field(2000, description="takedowns on one platform within an hour; 0: any")
    per_rule: Annotated[int, Field(ge=0)] = Field(200, description="takedowns of one rule within an hour; 0: any")
    per_category: Annotated[int, Field(ge=0)] = Field(
        1000, description="takedowns of one category within an hour; 0: any"
    )
    per_seller: Annotated[int, Field(ge=0)] = Field(50, description="takedowns of one seller within an hour; 0: any")
