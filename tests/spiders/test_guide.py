"""The guide for spider developers: its page function does on its page what it says."""

from __future__ import annotations

import re
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

from spiders.pages import Document, Page, chain

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "spiders.md"


def test_the_guides_page_function_finds_what_the_chain_misses(tmp_path: Path) -> None:
    """Price and seller come from the function in the guide, the title from the chain."""
    text = GUIDE.read_text(encoding="utf8")
    printf = re.search(r"^\$ (printf .*?> teapot\.html)$", text, re.MULTILINE | re.DOTALL)
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert printf
    assert code
    subprocess.run(["bash", "-c", printf[1]], cwd=tmp_path, check=True)
    room: dict[str, Any] = {}
    exec(code[1], room)  # noqa: S102  # our own guide
    document = Document(Page(body=(tmp_path / "teapot.html").read_bytes(), url="https://tea.example/t/3"))
    facts, provenance = chain.collect(document, room["refine"])
    assert (facts["title"], facts["price"], facts["currency"]) == ("Teapot 3", Decimal(1250), "SEK")
    assert (facts["seller_id"], facts["seller_name"]) == ("77", "Kettle and Sons")
    assert (provenance["price"], provenance["seller_name"]) == ("page", "page")
    assert "seller_name" not in chain.collect(document)[0]
