"""Addresses wait on disk, and what was met is remembered by marks: exactly, and in next to no memory."""

from __future__ import annotations

import random
import tracemalloc
from collections import deque
from pathlib import Path

from spiders.waiting import CHUNK, Marks, Waiting


def test_a_queue_gives_back_what_it_was_given(tmp_path: Path) -> None:
    """First in, first out, whatever the mixture of putting and taking; line feeds in an address as well."""
    queue, model, chance = Waiting(tmp_path), deque[str](), random.Random(4)
    for number in range(12 * CHUNK):
        url = f"http://shop.test/\n{number}"
        queue.append(url)
        model.append(url)
        while model and chance.random() < 0.45:
            assert queue.popleft() == model.popleft()
    assert len(queue) == len(model) > CHUNK
    assert list(queue.drain()) == list(model)
    assert not queue
    assert not list(tmp_path.iterdir())


def test_marks_tell_open_from_closed() -> None:
    """Each key opens once and closes once, through several growths of the table."""
    marks, keys = Marks(), [f"k{number}" for number in range(5000)]
    assert all(map(marks.add, keys))
    assert not any(map(marks.add, keys))
    assert all(map(marks.close, keys[:4000]))
    assert not any(map(marks.close, keys[:4000]))
    assert not marks.close("never met")
    assert not any(map(marks.add, keys))
    assert marks.open == 1000


def test_fifty_thousand_addresses_take_a_megabyte_and_a_half(tmp_path: Path) -> None:
    """Queue and marks together: a sitemap as long as the protocol allows is no weight."""
    tracemalloc.start()
    queue, marks = Waiting(tmp_path), Marks()
    for number in range(50_000):
        url = f"http://shop.test/catalogue/goods-with-a-long-name-{number}.html"
        if marks.add(url):
            queue.append(url)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 1.5 * 2**20
    assert len(queue) == 50_000
