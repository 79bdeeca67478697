"""Which pictures an operator wants: a table of ``delist.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class PictureSettings(BaseModel):
    """Which pictures of flagged listings are fetched and kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    each: Annotated[int, Field(ge=0, le=30)] = Field(6, description="pictures fetched of a flagged listing; 0: none")
    max_bytes: Annotated[int, Field(ge=1024)] = Field(8 * 2**20, description="a picture that is larger is not kept")
