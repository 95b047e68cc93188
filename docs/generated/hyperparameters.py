"""The tables of hyperparameters, from the fields of `Hyperparameters` and `FoundryHyperparameters`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from maas_client import FoundryHyperparameters, Hyperparameters

FOUNDRY = "Azure AI Foundry"


def page() -> str:
    """Return the page."""
    return "\n".join(
        ["# Hyperparameter tables", "", *_table("Azure ML", Hyperparameters), *_table(FOUNDRY, FoundryHyperparameters)]
    )


def _table(surface: str, kind: type[Hyperparameters | FoundryHyperparameters]) -> Iterator[str]:
    yield from (f"## {surface}", "", (kind.__doc__ or "").strip().split("\n\n")[0], "")
    yield from ("| name | value |", "|---|---|")
    properties: dict[str, Any] = kind.model_json_schema()["properties"]
    yield from (f"| `{name}` | {_values(schema)} |" for name, schema in properties.items())
    yield ""


def _values(schema: dict[str, Any]) -> str:
    """Return what a hyperparameter may be, from its JSON schema."""
    kinds = [each for each in schema["anyOf"] if each.get("type") != "null"]
    return " or ".join(_one(each) for each in kinds)


def _one(schema: dict[str, Any]) -> str:
    words = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if words:
        return ", ".join(f"`{word}`" for word in words)
    bounds = [f"{sign} {schema[key]:g}" for key, sign in _BOUNDS.items() if key in schema]
    return f"{schema['type']} {', '.join(bounds)}".rstrip()


_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
