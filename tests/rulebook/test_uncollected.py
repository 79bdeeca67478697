"""The collector of cycles rests while a batch is scanned, and is at work again afterwards."""

from __future__ import annotations

import gc

import pytest

from scanner.model import Listing
from scanner.rulebook import Rulebook, load
from scanner.rulebook.uncollected import uncollected
from scanner.scan import scan


def test_it_rests_during_a_batch_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between batches it may look, and after the last."""
    seen: list[bool] = []

    def candidates(self: Rulebook, listings: object) -> list[object]:
        seen.append(gc.isenabled())
        return []

    rulebook = load()
    monkeypatch.setattr(Rulebook, "candidates", candidates)
    scan([Listing(platform="t", listing_id=str(number)) for number in range(3)], rulebook, batch=2)
    assert seen == [False, False]
    assert gc.isenabled()


def test_it_comes_back_after_an_error_but_not_for_who_had_sent_it_away() -> None:
    """Whoever wants it away keeps it away."""
    with pytest.raises(ValueError, match="broken"), uncollected():
        raise ValueError("broken")
    assert gc.isenabled()
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
