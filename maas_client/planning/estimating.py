"""How each platform trains, as the estimates of memory and time have it."""

from __future__ import annotations

from ..catalog.architecture import architecture_of
from ..gpu_estimates.training_way import AdapterWeights, Loss, TrainingWay, Weights
from .candidates import Candidate
from .training import Training

_CASTING = frozenset({"kaito", "axolotl"})
"""Platforms that call `prepare_model_for_kbit_training` of peft, which casts what is not in 4 bits to 32.

kaito-project/kaito @056b828, presets/workspace/tuning; axolotl-ai-cloud/axolotl @067b021.
"""

_IN_32_BITS = frozenset({"azureml-pipeline"})
"""Platforms that load a model in 32 bits: `precision` of the registry's component is 32 by default (0.0.82)."""

_DROPOUT = 0.05
"""The share of the adapters' inputs that exports drop, where the job does not say (`lora_dropout`)."""


def training_way(candidate: Candidate, training: Training, *, batch_size: int, length: int) -> TrainingWay:
    """Return how a way trains rows of a length."""
    gpus = 1 if candidate.machine is None else candidate.machine.gpus
    return TrainingWay(
        method=candidate.method,
        rank=training.rank,
        targets=_targets(candidate, training),
        adapter_weights=_adapter_weights(candidate),
        adapter_dropout=_DROPOUT if candidate.method != "full" else 0.0,
        weights=_weights(candidate),
        casts_to_float32=candidate.method == "qlora" and candidate.platform.name in _CASTING,
        sequence_length=length,
        batch_size=batch_size,
        accumulation=training.accumulation(gpus),
        loss=_loss(candidate),
        gpus=gpus,
        sharing=candidate.sharing,
        offload=candidate.offload,
    )


def _targets(candidate: Candidate, training: Training) -> tuple[str, ...] | None:
    """Return the matrices that adapters are added to: all, but for experts, which exports leave as they are."""
    if candidate.method == "full" or candidate.platform.name in _IN_32_BITS:
        return None
    shape = architecture_of(training.model.name)
    return tuple(matrix.name for matrix in shape.matrices if matrix.copies == 1) if shape.experts > 1 else None


def _loss(candidate: Candidate) -> Loss:
    """Return how the loss is computed: trl 1.16.0 has the scores of some tokens at a time."""
    return "chunked" if candidate.platform.name == "trl" else "whole"


def _weights(candidate: Candidate) -> Weights:
    """Return what weights are kept in.

    Where they are shared, full training keeps a copy in 32 bits: DeepSpeed does, and accelerate casts what FSDP2
    trains.
    """
    if candidate.method == "full" and candidate.sharing not in {None, "ddp"}:
        return "mixed"
    return "float32" if candidate.platform.name in _IN_32_BITS and candidate.method != "qlora" else "bfloat16"


def _adapter_weights(candidate: Candidate) -> AdapterWeights:
    """Return what adapters are kept in: peft makes them 32 bits; TRL casts those of QLoRA to 16 again.

    KAITO's peft 0.11.1 keeps them in the model's 16 bits.
    """
    is_cast = candidate.platform.name == "trl" and candidate.method == "qlora"
    return "bfloat16" if is_cast or candidate.platform.name == "kaito" else "float32"
