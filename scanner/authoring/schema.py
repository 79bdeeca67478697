"""The JSON Schema of rule files, so that editors complete and check them while one types."""

from __future__ import annotations

from typing import Any

from scanner.rulebook.model import ModuleFile, SharedFile


def module_schema() -> dict[str, Any]:
    """The schema of a category's file."""
    return _published(ModuleFile.model_json_schema(mode="validation"), "Delist rule module")


def shared_schema() -> dict[str, Any]:
    """The schema of a file of shared lists."""
    return _published(SharedFile.model_json_schema(mode="validation"), "Delist shared lists")


def _published(schema: dict[str, Any], title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
