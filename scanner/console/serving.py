"""How the console is run: the server's settings, its threads and its memory.

Rooms work in threads. Python runs one of them at a time, so more threads than a few only take turns more often: each
request then waits in the middle of others instead of at the door, and each thread holds a database connection and
memory of its own.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import uvicorn
from fastapi import FastAPI

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


def give_back() -> None:
    """Give the system back what a beginning took and left: compiling a rulebook takes 100 MB for a moment."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_heaps() -> None:
    """Have the C library keep two heaps for all threads instead of eight for each core, where it can be told to."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
