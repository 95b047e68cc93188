"""The shape of a model outside the catalogue, from the `config.json` of its repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.errors import InvalidInput
from .architecture import Architecture

FUSED = frozenset({"phi3", "phi3small"})
SEPARATE = frozenset({"llama", "mistral", "phimoe"})
"""Values of `model_type` whose modules are known: with query, key and value in one matrix, and in three."""


def architecture_from(config: Mapping[str, Any]) -> Architecture:
    """Read a model's shape from its configuration.

    Args:
        config: the content of `config.json`, as transformers writes it.

    Returns:
        The shape, for `estimate_memory` and `estimate_step_time`.

    Raises:
        InvalidInput: the type of model is not known, or a number is missing.
    """
    kind = config.get("model_type")
    if kind not in FUSED | SEPARATE:
        known = ", ".join(sorted(FUSED | SEPARATE))
        raise InvalidInput(f"the shape of a model of type {kind!r} is not known: its config.json must be of {known}")
    heads, hidden = _number(config, "num_attention_heads"), _number(config, "hidden_size")
    given = config.get("attention_bias")
    biases = kind == "phi3small" or bool(given)
    return Architecture(
        hidden=hidden,
        layers=_number(config, "num_hidden_layers"),
        heads=heads,
        kv_heads=_number(config, "num_key_value_heads", otherwise=heads),
        head_size=_number(config, "head_dim", otherwise=hidden // heads),
        intermediate=_number(config, "ff_intermediate_size" if kind == "phi3small" else "intermediate_size"),
        vocabulary=_number(config, "vocab_size"),
        tied=bool(config.get("tie_word_embeddings", kind == "phi3small")),
        attention_biases=biases,
        feed_forward_biases=kind == "phi3small",
        norm_biases=kind in {"phi3small", "phimoe"},
        head_bias=bool(config.get("lm_head_bias")),
        fused=kind in FUSED,
        experts=_number(config, "num_local_experts") if kind == "phimoe" else 1,
        experts_per_token=_number(config, "num_experts_per_tok") if kind == "phimoe" else 1,
        own_attention=kind == "phi3small",
    )


def _number(config: Mapping[str, Any], key: str, *, otherwise: int | None = None) -> int:
    value = config.get(key)
    if value is None and otherwise is not None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput(f"config.json must have a number above 0 for {key}, not {value!r}")
    return value
