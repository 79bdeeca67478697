"""Telling a platform, and looking whether it did: one adapter a file, each of them a ``scanner.orders.Platform``.

To add one: a file with a class of that shape, a line in ``adapter_of``, a name in ``scanner.takedown.telling.Adapter``,
and a stand-in for it in ``tests/platforms``, so that the contract test which all adapters pass runs on it too.
"""

from __future__ import annotations

import os
from datetime import timedelta

from scanner.errors import SettingsError
from scanner.orders import Channel, Platform
from scanner.platforms.demo import Demo
from scanner.platforms.http import Client
from scanner.platforms.oscar import Oscar
from scanner.platforms.vendure import Vendure
from scanner.platforms.webhook import Webhook
from scanner.settings import Settings
from scanner.takedown.telling import Adapter, PlatformSettings

__all__ = ["Demo", "Oscar", "Vendure", "Webhook", "adapter_of", "channels_of"]


def adapter_of(settings: PlatformSettings, token: str) -> Platform:
    """The adapter that the settings name, with its credentials."""
    client = Client(seconds=settings.request_seconds, most_bytes=settings.max_bytes)
    match settings.adapter:
        case Adapter.WEBHOOK:
            return Webhook(settings, token, client=client)
        case Adapter.OSCAR:
            return Oscar(settings.url, token, client=client, lag_seconds=settings.lag_seconds)
        case Adapter.VENDURE:
            return Vendure(settings.url, token, client=client, lag_seconds=settings.lag_seconds)
        case Adapter.DEMO:
            return Demo(settings.url, token, client=client, lag_seconds=settings.lag_seconds)


def channels_of(settings: Settings) -> dict[str, Channel]:
    """Every configured platform by name. Raises ``SettingsError`` for a token that is not set."""
    return {name: _channel(name, platform) for name, platform in settings.platforms.items()}


def _channel(name: str, settings: PlatformSettings) -> Channel:
    token = os.environ.get(settings.token_variable, "").strip() if settings.token_variable else ""
    if not token:
        variable = settings.token_variable or "token_variable"
        hint = (
            f"export {settings.token_variable}=… with the token."
            if settings.token_variable
            else (f"Name the environment variable that holds it: [platforms.{name}] token_variable = …")
        )
        raise SettingsError(f"platforms.{name}: {variable} is not set", hint=hint)
    return Channel(
        platform=adapter_of(settings, token),
        rate=settings.rate,
        concurrency=settings.concurrency,
        looks=settings.look_after,
        # An order may take two requests; who holds it longer than this is gone.
        lease=timedelta(seconds=2 * settings.request_seconds + 20),
    )
