"""What every command is given: the options before it, and the settings that they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from scanner.settings import Settings, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options before the command."""

    config: Path | None = None
    data: Path | None = None


def settings_of(context: typer.Context) -> Settings:
    """Settings as the options before the command say. Raises ``SettingsError``."""
    given = context.find_object(Given) or Given()
    over: dict[str, Any] = {} if given.data is None else {"data": given.data}
    return read_settings(given.config, **over)
