"""The rows of each method of fine-tuning on Azure AI Foundry: the keys they need, and which method a row is for."""

from __future__ import annotations

from collections.abc import Mapping

from ...catalog.tuning_methods import TuningMethod
from ..rows.excerpt import Json, keys, pointer
from ..rows.schemas import Problem, Row, Schema, alias_problem
from ..rows.shapes import shape_of

SUPERVISED = Schema("chat", "chat", ("messages",), ("tools", "parallel_tool_calls", "functions"))
PREFERENCE = Schema("preference", "chat", ("input", "preferred_output", "non_preferred_output"), method="dpo")
GRADED = Schema("graded", "chat", ("messages",), ("tools", "parallel_tool_calls"), method="reinforcement")

ROUTED = Schema("routed", "chat", ("messages", "labels"), ("usage", "tools"))
"""The rows of the model router, which learns which model to choose for a question."""

ROUTER = "model-router"
SCHEMAS = (SUPERVISED, PREFERENCE, GRADED)
ASKING = frozenset({"user", "developer"})
"""The roles of the last message of a row that graders judge."""


def schemas_of(method: TuningMethod | None, *, model: str | None = None) -> tuple[Schema, ...]:
    """Return the schemas of a method and a model, or those that a file may follow."""
    if model is not None and model.strip().lower().startswith(ROUTER) and method in {None, "supervised"}:
        return (ROUTED,)
    return tuple(schema for schema in SCHEMAS if method in {None, schema.method})


def resembles(row: Row, schema: Schema) -> bool:
    """Return whether a row with the schema's keys was written for its method, not for another with the same keys."""
    if schema is PREFERENCE or schema is ROUTED:
        return True
    messages = row.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    asks = isinstance(last, dict) and role_of(last) in ASKING
    return asks if schema is GRADED else not asks


def role_of(message: Mapping[str, Json]) -> str:
    """Return the role of a message; empty if it is no text."""
    role = message.get("role")
    return role if isinstance(role, str) else ""


def mismatch(row: Row, schema: Schema) -> Problem:
    """Return the problem of a row that lacks keys of a schema, with what can be done if it is of another kind."""
    missing = " and ".join(column for column in schema.columns if column not in row)
    other = next((each for each in SCHEMAS if each.fits(row)), None)
    misspelt = None if other else alias_problem(row, schema)
    if misspelt is not None:
        return misspelt
    if other is not None:
        looks = f": this is a row for {other.method} fine-tuning"
        return Problem("schema-mismatch", "", keys(row), f"{_needs(schema, missing)}{keys(row)}{looks}")
    shape = shape_of(row)
    if shape is not None:
        found = f"these are {shape.name}, without {missing}: `maas convert --for foundry` converts them"
        return Problem("schema-of-other-tool", "", shape.name, found)
    if all(column in row for column in ("prompt", "completion")):
        found = f"{_needs(schema, missing)}{keys(row)}: Foundry tunes chat models, and `maas convert` writes messages"
        return Problem("schema-mismatch", pointer("prompt"), keys(row), found)
    return Problem("schema-mismatch", "", keys(row), f"{_needs(schema, missing)}{keys(row)}")


def _needs(schema: Schema, missing: str) -> str:
    purpose = "the model router" if schema is ROUTED else f"{schema.method} fine-tuning"
    return f"a row for {purpose} needs {missing}, but this one has "
