"""How the console answers twenty moderators over a large store, SQLite and PostgreSQL: ``make bench-console``.

The server has one core and speaks real HTTP; the moderators, and PostgreSQL, have the other. Each moderator logs in,
takes cases, decides them with a pause between, looks at queues, a seller's or the takedowns' page, and the figures.
They come one after another, a second apart: a password takes a tenth of a second to verify, on purpose.
Times are the server's own, from the first byte it hears of a request to the last of its answer. Afterwards a service
asks ``POST /api/v1/check`` a hundred times a second, whether the answers keep up or not.

Options: ``--cases N`` (100,000), ``--databases sqlite,postgresql``, ``--seconds`` of work (80), ``--pause`` of a
moderator between two clicks (3 s), ``--folder`` and ``--keep`` as for ``benchmarks.store``.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.listings import make
from benchmarks.store import POSTGRESQL, SQLITE, filled, opened, place
from benchmarks.store_rows import NOW, Rows
from scanner.console.app import create_app
from scanner.console.serving import apart, configured, give_back, share_heaps
from scanner.model import Actor, Listing, Role
from scanner.people import passwords, tokens
from scanner.people.records import Scope as TokenScope
from scanner.rulebook import load
from scanner.settings import Settings, StoreSettings
from scanner.store import Store

PEOPLE = 20
PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts that exist in the benchmark alone
CHECKS_A_SECOND = 100
# What is wanted of each, in milliseconds at the 95th percentile; of the check at the 99th.
GOALS = {"next case": 50, "decide, and the next case": 50, "queue": 80, "figures": 300, "check": 10}
TOOK, CPU = "X-Took", "X-Cpu"

Times = dict[str, list[float]]


class Stopwatch:
    """Tells in a header how long the server had a request; the body of an answer is sent after it in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the time in the answer's head."""
        begun, cpu = time.perf_counter(), time.process_time()

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[TOOK] = f"{(time.perf_counter() - begun) * 1000:.2f}"
                headers[CPU] = f"{(time.process_time() - cpu) * 1000:.2f}"
            await send(message)

        await self._app(scope, receive, stamped)


def serve(url: str, data: Path) -> None:
    """The server's process: the console as ``delist serve`` runs it, on the day that the store's rows end at."""
    share_heaps()
    apart(load)
    settings = Settings(data=data, store=StoreSettings(url=url))
    ahead = NOW - datetime.now(UTC)
    with Store.open(url) as store, socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        app = create_app(store, load(), settings, lambda: datetime.now(UTC) + ahead)
        app.add_middleware(Stopwatch)
        give_back()
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(configured(app)).run(sockets=[listening])


@contextmanager
def served(url: str, data: Path) -> Iterator[tuple[str, int]]:
    """The console on a core of its own: its address and process."""
    pin = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    command = [*pin, sys.executable, "-m", "benchmarks.console", "--serve", url, "--folder", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        yield f"http://127.0.0.1:{port}", server.pid
        server.terminate()
        server.wait(timeout=30)


class Moderator:
    """Somebody at work: what they asked for, and how long the server had it."""

    def __init__(
        self, http: aiohttp.ClientSession, number: int, rows: Rows, pause: float, times: Times, *, is_alone: bool
    ) -> None:
        self._http, self._name, self._rows, self._pause, self._times = http, f"bench{number}", rows, pause, times
        self._is_alone = is_alone
        self._chance = random.Random(number)

    async def work(self, until: float) -> None:
        """Log in, then case after case; now and then a look at something else."""
        await self.log_in()
        page = await self.post("next case", "/cases/next", await self.get("queue", "/queue"))
        while time.monotonic() < until:
            await asyncio.sleep(self._chance.expovariate(1 / self._pause) if self._pause else 0)
            page = await self.decided(page)
            if self._chance.random() < 0.3:
                await self.get(*self._elsewhere())

    async def log_in(self) -> None:
        """By the form."""
        page = await self.get("login", "/login")
        await self.post("log in", "/login", page, name=self._name, password=PASSWORD, next="/account")

    async def decided(self, page: str) -> str:
        """Decide the case of a page, and open the one that follows; a conflict or an empty queue begins anew."""
        found = re.search(r'action="(/cases/\d+/decide)"', page)
        if found is None:
            return await self.post("next case", "/cases/next", await self.get("queue", "/queue"))
        hidden = {name: _field(page, name) for name in ("revision", "token")}
        deed = self._chance.choice(("remove", "remove", "escalate", "skip"))
        return await self.post("decide, and the next case", found[1], page, deed=deed, **hidden)

    async def get(self, kind: str, path: str) -> str:
        """A page."""
        async with self._http.get(path, allow_redirects=False) as answer:
            return await self._seen(kind, answer)

    async def post(self, kind: str, path: str, page: str, **form: str) -> str:
        """A form of a page, and the page that it leads to."""
        async with self._http.post(path, data={"csrf": _field(page, "csrf"), **form}, allow_redirects=False) as answer:
            body = await self._seen(kind, answer)
            goal = answer.headers.get("location", "")
        return await self.get("a case" if goal.startswith("/cases/") else "another page", goal) if goal else body

    async def _seen(self, kind: str, answer: aiohttp.ClientResponse) -> str:
        body = await answer.text()
        if answer.status >= 500:
            raise RuntimeError(f"{kind}: {answer.status}: {body[:500]}")
        self._times[kind].append(float(answer.headers[TOOK]))
        if self._is_alone:
            self._times[f"{kind} (CPU)"].append(float(answer.headers[CPU]))
        return body

    def _elsewhere(self) -> tuple[str, str]:
        word, category = self._chance.choice(self._rows.words), f"category_{self._chance.randrange(12):02}"
        seller = f"s{self._chance.randrange(1, max(2, self._rows.listings // 20))}"
        filters = ("severity=S4", f"category={category}", f"text={word}", f"seller={seller}", "source=source1",
                   "due=over", f"category={category}&severity=S3", "state=closed", "language=zh", "age=7d")  # fmt: skip
        queue = ("queue", f"/queue?{self._chance.choice(filters)}")
        others = (("figures", "/figures"), ("a chart", "/figures/flow.svg"), ("takedowns", "/takedowns"),
                  ("notices", "/notices"), ("in hand", "/queue/mine"))  # fmt: skip
        return queue if self._chance.random() < 0.7 else self._chance.choice(others)


async def moderated(address: str, rows: Rows, *, people: int, seconds: float, pause: float) -> Times:
    """All moderators, who come a second apart."""
    times: Times = defaultdict(list)
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(_shift(address, rows, number, pause, until, times, is_alone=people == 1))
            await asyncio.sleep(1)
    return times


async def _shift(
    address: str, rows: Rows, number: int, pause: float, until: float, times: Times, *, is_alone: bool
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(address, cookie_jar=jar) as http:
        await Moderator(http, number, rows, pause, times, is_alone=is_alone).work(until)


async def checked(address: str, secret: str, *, seconds: float) -> Times:
    """Listings checked at a steady rate."""
    bodies = [_draft(one) for one in make(500, seed=7)]
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    times: Times = defaultdict(list)
    async with aiohttp.ClientSession(address, headers=headers) as http:

        async def ask(number: int) -> None:
            begun = time.perf_counter()
            async with http.post("/api/v1/check", data=bodies[number % len(bodies)]) as answer:
                await answer.read()
                assert answer.status == 200, answer.status
                times["check"].append(float(answer.headers[TOOK]))
                times["check, seen from outside"].append((time.perf_counter() - begun) * 1000)

        for number in range(50):
            await ask(number)
        times.clear()
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * CHECKS_A_SECOND)):
                await asyncio.sleep(max(0.0, begun + number / CHECKS_A_SECOND - time.monotonic()))
                group.create_task(ask(number))
    return times


def measure(database: str, rows: Rows, folder: Path, given: argparse.Namespace) -> dict[str, str]:
    """One database: load, moderators, checks, memory."""
    with opened(database, folder, is_kept=given.keep) as url, tempfile.TemporaryDirectory() as data:
        found = filled(database, url, rows, folder)
        secret = peopled(url)
        with served(url, Path(data)) as (address, process):
            found["memory, before anybody comes"] = f"{megabytes(process, 'VmRSS'):.0f} MB"
            times = asyncio.run(moderated(address, rows, people=given.people, seconds=given.seconds, pause=given.pause))
            requests = sum(map(len, times.values()))
            found["requests a second"] = f"{requests / given.seconds:.0f}"
            times |= asyncio.run(checked(address, secret, seconds=min(30, given.seconds)))
            found["memory, at the end"] = f"{megabytes(process, 'VmRSS'):.0f} MB"
            found["memory, at most"] = f"{megabytes(process, 'VmHWM'):.0f} MB"
    return {**{kind: told(kind, took) for kind, took in sorted(times.items())}, **found}


def peopled(url: str) -> str:
    """Accounts for the moderators, and a service's secret; those of an earlier run stay."""
    with Store.open(url) as store:
        with store.transaction() as tx:
            for number in range(PEOPLE):
                tx.add_person(f"bench{number}", Role.SPECIALIST, _password_hash(), at=NOW)
        name = f"bench-{time.time_ns()}"
        root = Actor(name="root", role=Role.ADMINISTRATOR)
        return tokens.add(store, name, [TokenScope.CHECK], actor=root, now=NOW)[1]


def told(kind: str, took: list[float]) -> str:
    """Median, the percentile that counts, and how often; with whether it is what is wanted."""
    rank = 99 if kind.startswith("check") else 95
    ordered = sorted(took)
    slow = ordered[min(len(ordered) - 1, len(ordered) * rank // 100)]
    goal = GOALS.get(kind)
    verdict = "" if goal is None else f" {'<' if slow < goal else 'NOT <'} {goal}"
    return f"{statistics.median(took):.1f} / {slow:.1f}{verdict} ({len(took)})"


def megabytes(process: int, what: str) -> float:
    """A process's memory: what it has now (``VmRSS``), or had at most (``VmHWM``)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(rf"^{what}:\s+(\d+)", status, re.MULTILINE)[1]) / 1024  # type: ignore[index]  # it is there


def _password_hash() -> str:
    return passwords.hashed(PASSWORD)


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def _draft(listing: Listing) -> bytes:
    return msgspec.json.encode({"title": listing.title, "description": listing.description})


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--databases", default=f"{SQLITE},{POSTGRESQL}")
    parser.add_argument("--people", type=int, default=PEOPLE, help="1: also the CPU time of each request")
    parser.add_argument("--seconds", type=float, default=80)
    parser.add_argument("--pause", type=float, default=3.0, help="seconds of a moderator between two clicks")
    parser.add_argument("--folder", type=Path, help="where there is room; else a temporary folder")
    parser.add_argument("--keep", action="store_true", help="leave the databases in the folder for the next time")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.folder)
        return
    rows = Rows(given.cases)
    print(f"{rows.cases:,} cases, {given.people} moderators with {given.pause:g} s between clicks")
    print("milliseconds in the server: median / 95th percentile (of checks the 99th), what is wanted, how often")
    tables: dict[str, dict[str, str]] = {}
    for database in given.databases.split(","):
        with place(given) as folder:
            tables[database] = measure(database, rows, folder, given)
    print(f"{'':32}", *(f"{name:>30}" for name in tables))
    for line in next(iter(tables.values())):
        print(f"{line:32}", *(f"{table.get(line, '-'):>30}" for table in tables.values()))


if __name__ == "__main__":
    main()
