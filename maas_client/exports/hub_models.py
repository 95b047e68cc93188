"""The models as other platforms know them: ids on Hugging Face, presets of KAITO, modules that adapters train."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..catalog.lookup import find_model
from ..core.plain_values import PlainValue
from .errors import NotExportable

FUSED = ("qkv_proj", "o_proj", "gate_up_proj", "down_proj")
"""The matrices of a layer of Phi-3 and Phi-4 (transformers 5.24.0 `models/phi3/modeling_phi3.py`).

Query, key and value are one matrix, and gate and up projection another: the names that other models have
(`q_proj`, `gate_proj`, …) train 38 % of the parameters without a warning, as peft skips what it does not find.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubModel(PlainValue):
    """A model on Hugging Face.

    `preset` is KAITO's name of it, None for one that KAITO does not tune. `layer` is the class of a layer, which FSDP
    shares. `targets` are the modules that LoRA trains. `template` is the name of our chat template: the model's own,
    with marks around the assistant's words. `remote_code` says that transformers does not have the model: its code
    comes with the weights.
    """

    hub_id: str
    preset: str | None
    layer: str = "Phi3DecoderLayer"
    targets: tuple[str, ...] = FUSED
    template: str = "phi-3"
    remote_code: bool = False


_MOE = ("q_proj", "k_proj", "v_proj", "o_proj")
_SMALL = ("query_key_value", "dense", "up_proj", "down_proj")

_MODELS: Mapping[str, HubModel] = {
    "Phi-3-mini-4k-instruct": HubModel(hub_id="microsoft/Phi-3-mini-4k-instruct", preset="phi-3-mini-4k-instruct"),
    "Phi-3-mini-128k-instruct": HubModel(
        hub_id="microsoft/Phi-3-mini-128k-instruct", preset="phi-3-mini-128k-instruct"
    ),
    "Phi-3-small-8k-instruct": HubModel(
        hub_id="microsoft/Phi-3-small-8k-instruct",
        preset=None,
        layer="Phi3SmallDecoderLayer",
        targets=_SMALL,
        template="phi-3-small",
        remote_code=True,
    ),
    "Phi-3-small-128k-instruct": HubModel(
        hub_id="microsoft/Phi-3-small-128k-instruct",
        preset=None,
        layer="Phi3SmallDecoderLayer",
        targets=_SMALL,
        template="phi-3-small",
        remote_code=True,
    ),
    "Phi-3-medium-4k-instruct": HubModel(
        hub_id="microsoft/Phi-3-medium-4k-instruct", preset="phi-3-medium-4k-instruct", template="phi-3-medium"
    ),
    "Phi-3-medium-128k-instruct": HubModel(
        hub_id="microsoft/Phi-3-medium-128k-instruct", preset="phi-3-medium-128k-instruct", template="phi-3-medium"
    ),
    "Phi-3.5-mini-instruct": HubModel(hub_id="microsoft/Phi-3.5-mini-instruct", preset="phi-3.5-mini-instruct"),
    "Phi-3.5-MoE-instruct": HubModel(
        hub_id="microsoft/Phi-3.5-MoE-instruct", preset=None, layer="PhimoeDecoderLayer", targets=_MOE
    ),
    "Phi-4": HubModel(hub_id="microsoft/phi-4", preset="phi-4", template="phi-4"),
    "Phi-4-mini-instruct": HubModel(
        hub_id="microsoft/Phi-4-mini-instruct", preset="phi-4-mini-instruct", template="phi-4-mini"
    ),
}
"""By the catalogue's name: huggingface.co/microsoft, and KAITO 0.12.0 `presets/workspace/models`, of 2026-08-21."""


def hub_models() -> Mapping[str, HubModel]:
    """Return every model whose weights can be had, by the catalogue's name."""
    return _MODELS


def hub_model(name: str, *, target: str) -> HubModel:
    """Return a model of the catalogue, by name or registry id, as it is on Hugging Face.

    Raises UnknownModel for one that the catalogue does not have, NotExportable for one whose weights are not published.
    """
    facts = find_model(name)
    if facts.name not in _MODELS:
        raise NotExportable(target, f"the weights of {facts.name} are not published")
    return _MODELS[facts.name]
