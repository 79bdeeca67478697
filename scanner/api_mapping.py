"""How a JSON API is asked, paged and read, as a source's settings declare it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class ApiMapping(BaseModel):
    """How a JSON API is asked, paged and read; expressions are JMESPath.

    In ``body``, and in a source's ``start``, ``{page}``, ``{offset}``, ``{size}`` and ``{cursor}`` stand for where the
    walk is: in a body as a whole value, which becomes a number (no cursor yet: null). So GraphQL can be paged as well.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["GET", "POST"] = Field("GET", description="GET or POST")
    body: dict[str, Any] = Field(
        default_factory=dict, description="what is posted, as JSON; {page} {offset} {size} {cursor} as values"
    )
    items: str = Field("items", description="where the listings are in a response")
    total: str = Field("", description="where the API says how many there are in all")
    next: str = Field("", description="where the next page's URL or cursor is; empty: count pages up")
    page_parameter: str = Field("page", description="query parameter that numbers the pages")
    offset_parameter: str = Field("", description="query parameter that counts listings passed over, instead of pages")
    size_parameter: str = Field("", description="query parameter that asks for page_size items; empty: none is sent")
    page_size: Annotated[int, Field(ge=1, le=1000)] = Field(
        100, description="listings to a page, as the API gives them"
    )
    fields: dict[str, str] = Field(default_factory=dict, description="listing field -> JMESPath; empty: same names")
    price_divisor: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        1, description="the API's prices are divided by it; 100: they are in cents"
    )
    token_variable: str = Field("", description="environment variable that holds the bearer token")
    token_header: str = Field("", description="header that carries the token as it is; empty: a bearer's")

    @property
    def counts_listings(self) -> bool:
        """Whether pages are asked for by how many listings came before them."""
        return bool(self.offset_parameter) or "{offset}" in str(self.body)
