"""The marketplace's administration over HTTP, behind a bearer token: orders, their log, misbehaviour and the clock."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import web

from scanner.demo import exports
from scanner.demo.market import Marketplace
from scanner.demo.misbehaviour import Fault, Faults, Place
from scanner.demo.records import Conduct, Removal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An order that arrived, whether it had an effect or not."""

    at: datetime
    action: str
    target: str
    key: str
    status: int
    replayed: bool


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an order; nothing in it is needed."""

    reason: str = ""


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields that a seller changes; those not named stay."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    options: dict[str, tuple[str, ...]] | msgspec.UnsetType = msgspec.UNSET
    attributes: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    price: Decimal | msgspec.UnsetType = msgspec.UNSET
    stock: int | msgspec.UnsetType = msgspec.UNSET

    def fields(self) -> dict[str, Any]:
        """What is named, by name."""
        named = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in named.items() if value is not msgspec.UNSET}


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a listing will behave: when it is hidden, and by itself after so many minutes of the shop's clock.

    ``edit`` gives fields to change; ``relist`` is ``same`` or ``other`` (seller), or a seller's id. The minutes run
    from now, or from the hiding where ``after_hiding`` is set.
    """

    listing: str
    conduct: Conduct | None = None
    removal: Removal | None = None
    edit: Edit | None = None
    relist: str = ""
    after_minutes: float = 0
    after_hiding: bool = False


class Tick(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to move the clock: to a moment, or by minutes."""

    now: datetime | None = None
    advance_minutes: float = 0


class Desk:
    """Takes orders, each key once: the same key again gets the same answer and has no second effect."""

    def __init__(self, market: Marketplace) -> None:
        self._market = market
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[str, str, dict[str, Any]]] = {}
        self.calls: list[Call] = []

    def order(self, action: str, target: str, *, key: str = "", reason: str = "") -> tuple[int, dict[str, Any]]:
        """Carry out an order and return status and answer.

        - A key that was used for the same order: the first answer again, marked as replayed.
        - A key that was used for another order: 409.
        - Otherwise the order is carried out, and says how many effects it had.
        Raises ``NotFound`` for an unknown target.
        """
        with self._lock:
            known = self._answers.get(key) if key else None
            if known is not None and known[:2] != (action, target):
                status, answer = 409, {"error": f"key {key} was used for {known[0]} {known[1]}"}
            elif known is not None:
                status, answer = 200, known[2] | {"replayed": True}
            else:
                status, answer = 200, self._carry_out(action, target, key, reason)
                if key:
                    self._answers[key] = action, target, answer
            self._log(action, target, key, status, replayed=known is not None)
            return status, answer

    def _carry_out(self, action: str, target: str, key: str, reason: str) -> dict[str, Any]:
        market, before = self._market, len(self._market.effects)
        moves = {
            "hide": market.hide,
            "restore": market.restore,
            "close": market.close_seller,
            "reopen": market.reopen_seller,
        }
        moves[action](target, key=key, reason=reason)
        done = len(market.effects) - before
        state = {"hide": "hidden", "restore": "live", "close": "closed", "reopen": "open"}[action]
        return {"target": target, "action": action, "state": state, "effects": done, "replayed": False}

    def _log(self, action: str, target: str, key: str, status: int, *, replayed: bool) -> None:
        now = self._market.clock.now()
        self.calls.append(Call(at=now, action=action, target=target, key=key, status=status, replayed=replayed))


class Administration:
    """Handlers under ``/admin/``."""

    def __init__(self, market: Marketplace, faults: Faults, desk: Desk, *, token: str, base: str) -> None:
        self._market, self._faults, self._desk = market, faults, desk
        self._token, self._base = token, base

    def routes(self) -> list[web.RouteDef]:
        """Every address of the administration."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/admin/listings/{target}/{action:hide|restore}", self._order),
            ("POST", "/admin/sellers/{target}/{action:close|reopen}", self._order),
            ("GET", "/admin/listings/{target}", self._listing),
            ("GET", "/admin/log", self._log),
            ("GET", "/admin/truth", self._truth),
            ("GET", "/admin/misbehave", self._faults_on),
            ("POST", "/admin/misbehave", self._misbehave),
            ("DELETE", "/admin/misbehave", self._behave_well),
            (r"DELETE", r"/admin/misbehave/{number:\d+}", self._behave_well),
            ("POST", "/admin/behaviour", self._behaviour),
            ("GET", "/admin/clock", self._clock),
            ("POST", "/admin/clock", self._move_clock),
        ]
        return [
            web.route(method, path, self._guard(handler), name=f"{Place.ADMIN}_{number}")
            for number, (method, path, handler) in enumerate(table)
        ]

    def _guard(self, handler: Handler) -> Handler:
        """Let nobody in without the token, and answer a body that makes no sense with what is wrong in it."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return _answer({"error": "a valid bearer token is needed"}, 401)
            try:
                return await handler(request)
            except (msgspec.DecodeError, ValueError, TypeError) as error:
                return _answer({"error": str(error)}, 422)

        return guarded

    async def _order(self, request: web.Request) -> web.Response:
        body = await request.read()
        order = msgspec.json.decode(body, type=Order) if body else Order()
        match, key = request.match_info, request.headers.get("Idempotency-Key", "")
        status, answer = self._desk.order(match["action"], match["target"], key=key, reason=order.reason)
        return _answer(answer, status)

    async def _listing(self, request: web.Request) -> web.Response:
        listing = self._market.listing(request.match_info["target"])
        standing = self._market.standing(listing.id)
        state = (
            "live"
            if standing.listed and standing.shown
            else "partly"
            if standing.listed or standing.shown
            else "hidden"
        )
        where = {"state": state, "listed": standing.listed, "shown": standing.shown, "version": listing.version}
        return _answer(exports.record(listing, self._market, self._base) | where)

    async def _log(self, request: web.Request) -> web.Response:
        return _answer({"effects": self._market.effects, "calls": self._desk.calls})

    async def _truth(self, request: web.Request) -> web.Response:
        return _answer(self._market.truth)

    async def _faults_on(self, request: web.Request) -> web.Response:
        return _answer({str(number): fault for number, fault in self._faults.on().items()})

    async def _misbehave(self, request: web.Request) -> web.Response:
        fault = msgspec.json.decode(await request.read(), type=Fault)
        return _answer({"number": self._faults.add(fault)}, 201)

    async def _behave_well(self, request: web.Request) -> web.Response:
        if number := request.match_info.get("number"):
            self._faults.remove(int(number))
        else:
            self._faults.clear()
        return _answer({"on": len(self._faults.on())})

    async def _behaviour(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=Behaviour)
        settle(self._market, wanted)
        return _answer({"listing": wanted.listing}, 201)

    async def _clock(self, request: web.Request) -> web.Response:
        return _answer({"now": self._market.clock.now()})

    async def _move_clock(self, request: web.Request) -> web.Response:
        tick = msgspec.json.decode(await request.read(), type=Tick)
        if tick.now is not None:
            self._market.clock.move_to(tick.now)
        self._market.clock.advance(minutes=tick.advance_minutes)
        self._market.catch_up()
        return _answer({"now": self._market.clock.now()})


def settle(market: Marketplace, wanted: Behaviour) -> None:
    """Make a listing behave as wanted, now or after its minutes."""
    listing = wanted.listing
    market.behave(listing, conduct=wanted.conduct, removal=wanted.removal)
    changes: list[Callable[[], object]] = []
    if wanted.edit is not None:
        fields = wanted.edit.fields()
        changes.append(lambda: market.edit(listing, **fields))
    if wanted.relist:
        own = market.listing(listing).seller_id
        owner = {"same": own, "other": market.other_seller(own)}.get(wanted.relist, wanted.relist)
        market.seller(owner)
        changes.append(lambda: market.relist(listing, seller_id=owner))
    for change in changes:
        if wanted.after_hiding:
            market.plan_after_hiding(listing, wanted.after_minutes, change)
        else:
            market.plan(wanted.after_minutes, change)
    market.catch_up()


def _answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")
