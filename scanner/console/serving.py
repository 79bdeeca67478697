"""How the console is run: the server's settings, its threads and its memory.

Rooms work in threads. Python runs one of them at a time, so more threads than a few only take turns more often: each
request then waits in the middle of others instead of at the door, and each thread holds a database connection and
memory of its own.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import anyio.to_thread
import uvicorn
from fastapi import FastAPI

from scanner.errors import DelistError

# So many requests are worked on at once; others wait at the door.
THREADS = 8
# glibc's M_ARENA_MAX: heaps that threads do not share. Each keeps what its busiest moment took.
_M_ARENA_MAX = -8
_ARENAS = 2


def configured(app: FastAPI) -> uvicorn.Config:
    """The server for the console."""
    return uvicorn.Config(
        app, log_level="warning", server_header=False, ws="none", lifespan="on", timeout_graceful_shutdown=5
    )


@asynccontextmanager
async def few_threads(_: FastAPI) -> AsyncIterator[None]:
    """Bound the threads, and the heaps that they fill, while the server runs."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def apart(work: Callable[[], object]) -> None:
    """Do in a process of its own, before there are threads, what takes memory and leaves its result in a cache.

    What goes wrong is not told: whoever needs the result then makes it, and hears why it cannot. Elsewhere than on
    Linux, where libraries do not bear to be forked, nothing is done.
    """
    if sys.platform != "linux":
        return
    child = os.fork()
    if child == 0:
        try:
            with suppress(DelistError, OSError, MemoryError):
                work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def give_back() -> None:
    """Give the system back what a beginning took and left; of what stays, no collection looks at anything again."""
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_heaps() -> None:
    """Have the C library keep two heaps for all threads instead of eight for each core, where it can be told to."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
