"""A server of pictures for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.posters import Shelf


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A server of pictures."""
    with Shelf() as served:
        yield served
