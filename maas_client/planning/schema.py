"""The JSON Schema of a plan, as `maas plan --output json` and `Plan.to_json` write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from ..gpu_estimates.training_way import Method, Sharing
from .needs import TABLE_METHODS, Need, TableMethod
from .scenarios import Verdict as Found
from .way import Verdict

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_AMOUNT: dict[str, Any] = {"type": "number", "minimum": 0}
_FLAG: dict[str, Any] = {"type": "boolean"}


def plan_schema() -> dict[str, Any]:
    """Return the schema of a plan (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan of a fine-tuning",
        "description": "What `maas plan --output json` prints: ways to fine-tune a model, the best first.",
        **_object(
            {
                "model": _about(_TEXT, "The base model."),
                "parameters": _about(_or_null(_COUNT), "Its parameters; null for a model whose shape is unknown."),
                "data": _about(_or_null(_TEXT), "The training file as it was named."),
                "size": _size(),
                "epochs": _about(_COUNT, "How often every row is seen."),
                "need": _about(_or_null(_choice(get_args(Need))), "What the training is wanted for."),
                "table": _about(_or_null(_table_row()), "What the cookbook's scenario table says of the need."),
                "own": _about(_TEXTS, "The machines that were asked for."),
                "ways": {"type": "array", "items": {"$ref": "#/$defs/way"}},
                "recommended": _about(_or_null({"$ref": "#/$defs/way"}), "The way to take; null if nothing fits."),
                "alternatives": _about(
                    {"type": "array", "items": {"$ref": "#/$defs/way"}}, "The best ways that do something else."
                ),
                "remarks": _about(_TEXTS, "Sentences on the plan as a whole."),
                "job": _about({"type": "object"}, "The keys of a job file for the way to take."),
            }
        ),
        "$defs": {"way": _way()},
    }


def _size() -> dict[str, Any]:
    return _object(
        {
            "rows": _about(_COUNT, "Rows that are trained on."),
            "tokens": _about(_COUNT, "Tokens of one epoch."),
            "longest": _about(_COUNT, "Tokens of the longest row."),
            "sequence_length": _about(_COUNT, "Tokens that there has to be memory for."),
            "cut_rows": _about(_COUNT, "Rows that are longer than that."),
            "error_bound": _about(_AMOUNT, "The share by which the tokens may be wrong; 0 for an exact count."),
            "is_assumed": _about(_FLAG, "Whether no data was named."),
        }
    )


def _table_row() -> dict[str, Any]:
    answers = _object(dict.fromkeys(TABLE_METHODS, _FLAG))
    finding = _object(
        {
            "need": _choice(get_args(Need)),
            "method": _choice(get_args(TableMethod)),
            "verdict": _about(_choice(get_args(Found)), "What measurements and papers say."),
            "text": _about(_TEXT, "Why."),
            "sources": {"type": "array", "items": _object({"document": _TEXT, "date": _or_null(_TEXT)})},
        }
    )
    return _object(
        {
            "need": _choice(get_args(Need)),
            "title": _TEXT,
            "cells": {"type": "object", "additionalProperties": answers},
            "findings": {"type": "array", "items": finding},
        }
    )


def _way() -> dict[str, Any]:
    hours = _or_null(_object({"low": _AMOUNT, "high": _AMOUNT}))
    memory = _object(
        {
            "peak_gib": _about(_AMOUNT, "What PyTorch allocates on each GPU at the peak."),
            "parts": {"type": "object", "additionalProperties": _AMOUNT},
            "moment": _about(_TEXT, "The moment of a step that needs most."),
        }
    )
    return _object(
        {
            "title": _about(_TEXT, "The way in words."),
            "needed_gib": _about(_or_null(_AMOUNT), "The memory to have on each GPU, with the allocator's reserve."),
            "headroom_gib": _about(_or_null({"type": "number"}), "What is left of it; negative if it is too little."),
            "platform": _TEXT,
            "platform_title": _TEXT,
            "method": _choice(get_args(Method)),
            "verdict": _choice(get_args(Verdict)),
            "why": _about(_TEXT, "The reason for the verdict."),
            "machine": _about(_TEXT, "The GPUs or the VM size; empty for a hosted way."),
            "size": _about(_or_null(_TEXT), "The VM size."),
            "gpu": _TEXT,
            "gpus": _COUNT,
            "gpu_memory_gib": _about(_or_null(_AMOUNT), "The memory of one GPU."),
            "sharing": _about(_or_null(_choice(get_args(Sharing))), "What the GPUs share."),
            "offload": _about(_FLAG, "Whether it lies in the machine's memory."),
            "batch_size": _about(_COUNT, "Rows of a pass on one GPU."),
            "accumulation": _about(_COUNT, "Passes before the optimizer's update."),
            "sequence_length": _COUNT,
            "rank": _about(_or_null(_COUNT), "The rank of adapters; null without, and where the service chooses it."),
            "trained_parameters": _or_null(_COUNT),
            "share_trained": _about(_or_null(_AMOUNT), "The share of the model's parameters that this is."),
            "memory": _or_null(memory),
            "hours": _about(hours, "The time of all epochs."),
            "hours_per_epoch": hours,
            "cost": _or_null(_object({"low": _AMOUNT, "high": _AMOUNT, "currency": _TEXT})),
            "is_over_budget": _FLAG,
            "can": _TEXTS,
            "cannot": _TEXTS,
            "command": _about(_TEXT, "The command that starts it; empty for a way that cannot be gone."),
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """Return an object that has all of these keys; more may be added later."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _about(schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {**schema, "description": text}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _choice(values: Sequence[str]) -> dict[str, Any]:
    return {"enum": list(values)}
