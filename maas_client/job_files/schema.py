"""The JSON Schema of job files, used by editors for completion: `maas jobs schema`, docs/job.schema.json."""

from __future__ import annotations

from typing import Any

from ..jobs.hyperparameters import Hyperparameters
from .keys import FOUNDRY_HYPERPARAMETERS, KEYS, SHORT, SWEEP_KEYS, Key

_TEXT: dict[str, Any] = {"type": "string"}
_LABEL: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
_VARIABLE: dict[str, Any] = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^{}]*)?\}$"}


def job_schema() -> dict[str, Any]:
    """Return the schema of a job file (draft 2020-12)."""
    hyperparameters = _hyperparameters()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Fine-tuning job",
        "description": "What `maas run -f FILE`, `maas jobs create -f FILE` and `maas sweep -f FILE` read, as YAML or "
        "JSON. Strings may contain ${VAR} and ${VAR:-default} from the environment.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "$schema": {"type": "string", "description": "The location of this schema, for editors."},
            **{name: _property(name, key, hyperparameters) for name, key in KEYS.items()},
        },
    }


def _property(name: str, key: Key, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    return {**_shape(name, key, hyperparameters), "description": key.about}


def _shape(name: str, key: Key, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    match key.kind:
        case "text" | "path":
            return {"anyOf": [{"enum": list(key.choices)}, _VARIABLE]} if key.choices else _TEXT
        case "number":
            least = {"minimum": 0} if name == "max_cost" else {"minimum": 1}
            return {"anyOf": [{"type": "number", **least}, _VARIABLE]}
        case "switch":
            return {"anyOf": [{"type": "boolean"}, _VARIABLE]}
        case "integer":
            return {"anyOf": [{"type": "integer", "minimum": 0}, _VARIABLE]}
        case "object":
            return {"type": "object"}
        case "objects":
            return {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}
        case "texts":
            return {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
        case "labels" | "inputs":
            return {"type": "object", "additionalProperties": _LABEL}
        case "hyperparameter":
            return {"anyOf": hyperparameters[SHORT[name]]["anyOf"]}
        case "hyperparameters":
            return {"type": "object", "additionalProperties": False, "properties": hyperparameters}
        case "sweep":
            inner = {name: _property(name, key, hyperparameters) for name, key in SWEEP_KEYS.items()}
            table = {"type": "object", "additionalProperties": False, "properties": inner}
            return {"anyOf": [{"type": "boolean"}, table]}


def _hyperparameters() -> dict[str, Any]:
    """Return the schema of each hyperparameter: one value, typed or as a string, or several to sweep over."""
    known: dict[str, Any] = Hyperparameters.model_json_schema()["properties"]
    others = {name: {"anyOf": [{"type": kind}]} for name, kind in FOUNDRY_HYPERPARAMETERS.items() if name not in known}
    return {name: {"anyOf": _one_or_several(field)} for name, field in {**known, **others}.items()}


def _one_or_several(field: dict[str, Any]) -> list[dict[str, Any]]:
    typed: list[dict[str, Any]] = [kind for kind in field["anyOf"] if kind != {"type": "null"}]
    one = [*typed, *([] if any("enum" in kind for kind in typed) else [_TEXT])]
    return [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 1}]
