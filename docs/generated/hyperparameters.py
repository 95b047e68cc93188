"""The table of hyperparameters, from the fields of `Hyperparameters`."""

from __future__ import annotations

import dataclasses

from maas_client import Hyperparameters


def page() -> str:
    """Return the page."""
    lines = ["# Hyperparameter table", "", (Hyperparameters.__doc__ or "").strip().split("\n\n")[0], ""]
    lines += ["| name | type |", "|---|---|"]
    lines += [f"| `{name}` | `{kind}` |" for name, kind in _fields()]
    return "\n".join(lines) + "\n"


def _fields() -> list[tuple[str, str]]:
    if dataclasses.is_dataclass(Hyperparameters):
        return [(field.name, str(field.type)) for field in dataclasses.fields(Hyperparameters)]
    return [(name, str(field.annotation)) for name, field in Hyperparameters.model_fields.items()]
