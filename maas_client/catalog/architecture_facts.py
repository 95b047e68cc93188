"""What is shown of a model's shape: a line for a reader, all numbers for a program, and where they are from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from ..core.json_fields import day
from ..core.plain_values import plain
from .architecture import Architecture, architecture_of
from .lookup import find_model
from .model_facts import Source

RANK = 16
"""The rank of the adapters whose parameters are counted, as an example."""


def architecture_document(model: str) -> dict[str, Any]:
    """Return a model's shape as JSON has it, with its parameters, those of adapters, its matrices, and the source."""
    shape = architecture_of(model)
    return {
        **shape.to_dict(),
        "parameters": shape.parameters,
        "matrices": [each._asdict() for each in shape.matrices],
        "adapter_parameters": {"rank": RANK, **_adapters(shape)},
        "source": plain(architecture_source(model)),
    }


def architecture_line(model: str) -> str:
    """Return a model's shape in a line."""
    shape = architecture_of(model)
    experts = f", {shape.experts} experts of which {shape.experts_per_token} work" if shape.experts > 1 else ""
    return (
        f"{shape.layers} layers, hidden size {shape.hidden:,}, {shape.heads} heads of {shape.head_size} "
        f"({shape.kv_heads} for keys and values), intermediate size {shape.intermediate:,}{experts}, vocabulary "
        f"{shape.vocabulary:,}, embeddings {'tied' if shape.tied else 'not tied'}"
    )


def architecture_source(model: str) -> Source:
    """Return where a model's shape was read: its configuration on Hugging Face, and its class in transformers."""
    name = find_model(model).name
    repository = name.lower() if name == "Phi-4" else name  # as it is spelt there
    settled, library = _as_of()
    return Source(document=f"huggingface.co/microsoft/{repository}, config.json; {library}", date=day(settled))


def _adapters(shape: Architecture) -> dict[str, int]:
    lora = shape.adapter_parameters(RANK)
    return {"lora": lora, "dora": shape.adapter_parameters(RANK, magnitudes=True)}


@cache
def _as_of() -> tuple[str, str]:
    content = json.loads(Path(__file__).with_name("architectures.json").read_text(encoding="utf-8"))
    return content["as_of"], content["library"]
