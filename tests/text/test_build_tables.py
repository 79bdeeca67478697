"""The shipped character table is what its generator makes."""

from __future__ import annotations

import io
import unicodedata
from importlib import resources

import numpy as np
import pytest

pytest.importorskip("opencc", reason="the generator needs the extra `tables`")
pytest.importorskip("pypinyin", reason="the generator needs the extra `tables`")

from scanner.text.build_tables import build


@pytest.mark.skipif(
    unicodedata.unidata_version != "14.0.0", reason="the shipped table was made with Unicode 14 (Python 3.11)"
)
def test_the_shipped_table_is_up_to_date() -> None:
    """Nobody changed the hand-made knowledge or the generator without renewing the table (make tables)."""
    data = resources.files("scanner.text").joinpath("characters.npz").read_bytes()
    made = build()
    with np.load(io.BytesIO(data), allow_pickle=False) as shipped:
        assert set(shipped.files) == set(made)
        changed = [name for name in made if not np.array_equal(shipped[name], made[name])]
    assert changed == []
    assert len(data) < 600_000
