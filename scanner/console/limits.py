"""How much anybody may send: more is refused while it arrives, before it fills the memory."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scanner.console.faults import problem

MOST_BYTES = 2 * 2**20


class TooLarge(Exception):
    """More has arrived than anybody needs to send."""


class BodyLimit:
    """Answers 413 to a request whose body is announced, or turns out, to be larger than ``most`` bytes."""

    def __init__(self, app: ASGIApp, *, most: int = MOST_BYTES) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting what comes in."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        seen, has_answered = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._most:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal has_answered
            has_answered = has_answered or message["type"] == "http.response.start"
            await send(message)

        refused = problem(413, f"a request is at most {self._most} bytes")
        if announced.isdecimal() and int(announced) > self._most:
            await refused(scope, receive, send)
            return
        try:
            await self._app(scope, counted, watched)
        except TooLarge:
            if not has_answered:
                await refused(scope, receive, send)
