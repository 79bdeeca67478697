"""Serves a simulated marketplace over HTTP: in a thread for tests, or until told to stop."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime

import msgspec
from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionResetError

from scanner.demo.admin import Administration, Desk
from scanner.demo.clock import ShopClock
from scanner.demo.hostile import Handler, act
from scanner.demo.market import Marketplace
from scanner.demo.misbehaviour import Faults, Place
from scanner.demo.pages import Pages
from scanner.demo.records import Truth
from scanner.demo.site import Site
from scanner.errors import NotFound, PortInUse


class Shop:
    """A marketplace that is being served: where, with which token, and everything behind it."""

    def __init__(self, market: Marketplace, url: str, token: str) -> None:
        self.market, self.url, self.token = market, url, token
        self.faults, self.desk = Faults(), Desk(market)

    @property
    def truth(self) -> dict[str, Truth]:
        """What each listing really is, by listing id."""
        return self.market.truth

    @property
    def clock(self) -> ShopClock:
        """The shop's own clock."""
        return self.market.clock

    def application(self) -> web.Application:
        """The whole shop as an aiohttp application."""
        app = web.Application(middlewares=[_errors, self._misbehave], client_max_size=2**20)
        app.on_response_prepare.append(self._sign)
        app.add_routes(Site(self.market, Pages(self.market, self.url)).routes())
        app.add_routes(Administration(self.market, self.faults, self.desk, token=self.token, base=self.url).routes())
        return app

    @web.middleware
    async def _misbehave(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the request meet the fault that is meant for it."""
        name = request.match_info.route.name
        if name is None:
            return await handler(request)
        match = request.match_info
        fault = self.faults.meet(Place(name.split("_")[0]), match.get("id") or match.get("target") or "")
        return await (act(request, fault, handler) if fault else handler(request))

    async def _sign(self, request: web.Request, response: web.StreamResponse) -> None:
        """Date every response by the shop's clock, so that two runs are alike to the byte."""
        response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
        response.headers["Server"] = "market"


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what is not there with 404, and let go of a client that hung up."""
    try:
        return await handler(request)
    except NotFound as error:
        return web.Response(
            status=404, body=msgspec.json.encode({"error": str(error)}), content_type="application/json"
        )
    except ClientConnectionResetError:
        return web.Response(status=499)


@contextmanager
def serve(
    *, port: int = 0, seed: int = 1, listings: int = 600, host: str = "127.0.0.1", token: str = ""
) -> Iterator[Shop]:
    """Serve a marketplace from a thread of its own while the block runs; port 0 takes a free one.

    Raises ``PortInUse`` where the port is not to be had.
    """
    market = Marketplace(seed=seed, listings=listings)
    listening = _listen(host, port)
    shop = Shop(market, f"http://{host}:{listening.getsockname()[1]}", token or secrets.token_urlsafe(24))
    app, loop, ready = shop.application(), asyncio.new_event_loop(), threading.Event()
    thread = threading.Thread(target=_serve, args=(loop, app, listening, ready), name="demo-shop", daemon=True)
    thread.start()
    try:
        ready.wait()
        yield shop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _serve(
    loop: asyncio.AbstractEventLoop, app: web.Application, listening: socket.socket, ready: threading.Event
) -> None:
    """Serve until the loop is stopped; stalled responses are cut off."""
    asyncio.set_event_loop(loop)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
    try:
        loop.run_until_complete(runner.setup())
        loop.run_until_complete(web.SockSite(runner, listening, backlog=512).start())
        ready.set()
        loop.run_forever()
    finally:
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        ready.set()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise PortInUse(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            hint="Choose another port, or --port 0 for a free one.",
        ) from error


def run(
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int = 1,
    *,
    listings: int = 600,
    token: str = "",
    seconds: float = 0,
    as_json: bool = False,
) -> None:
    """Serve until Ctrl-C or SIGTERM, or for so many seconds (0: no end), and say on standard output where."""
    over = threading.Event()
    before = {number: signal.signal(number, lambda *_: over.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with serve(host=host, port=port, seed=seed, listings=listings, token=token) as shop:
            sys.stdout.write(_greeting(shop, as_json=as_json))
            sys.stdout.flush()
            over.wait(seconds or None)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _greeting(shop: Shop, *, as_json: bool) -> str:
    counts = {"listings": len(shop.truth), "sellers": len(shop.market.sellers())}
    prohibited = sum(1 for truth in shop.truth.values() if truth.labels)
    if as_json:
        line = {"url": shop.url, "token": shop.token, **counts, "prohibited": prohibited, "seed": shop.market.seed}
        return msgspec.json.encode(line).decode() + "\n"
    return (
        f"Simulated marketplace at {shop.url}  (seed {shop.market.seed})\n"
        f"  {counts['listings']} listings of {counts['sellers']} sellers, {prohibited} of them prohibited\n"
        f"  administration token: {shop.token}\n"
        "  Ctrl-C ends it.\n"
    )
