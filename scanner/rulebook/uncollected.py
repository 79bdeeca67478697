"""Work that the collector of cycles is not to interrupt."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the collector of cycles alone until this is done.

    Compiling makes a million things that stay, restoring ten thousand, a batch of listings some that go by themselves:
    looking at all of them time and again takes as long as making them, or a twentieth of a scan. Of several threads at
    such work the one that sent the collector away brings it back.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
