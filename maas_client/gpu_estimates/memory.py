"""The peak GPU memory of a fine-tuning, by part: computed from the model's shape, and held to measurements.

A step has five moments at which memory may be at its peak: the loss, the backward pass of the top layer, of the
bottom one and of the embedding, and the optimizer's step. The estimate is the greatest of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Unpack

from ..catalog.architecture import Architecture, architecture_of
from ..core.plain_values import PlainValue
from . import activations
from .optimizers import OPTIMIZERS
from .training_states import TrainingStates, states_of
from .training_way import FULL, HALF, TrainingWay, WayOptions

GIB = 2.0**30
ALLOCATOR = 1.10
"""What the allocator of PyTorch reserves for each byte that is in use, at the peak."""

CONTEXT_GIB = 0.8
"""What CUDA and its libraries take of each GPU."""

LAYERS_GATHERED = 2
"""Layers whose shared weights are whole at a time: the one at work, and the next."""

LIVE = 1_000_000_000
"""Parameters that DeepSpeed leaves gathered for the next use (`stage3_max_live_parameters`; DeepSpeed 0.19.8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEstimate(PlainValue):
    """The peak memory of each GPU in GiB, as `torch.cuda.max_memory_allocated` counts it, and its parts by name.

    `moment` is the one that needs most: `loss`, `top layer`, `bottom layer`, `embedding` or `optimizer step`.
    `machine_gib` is the machine's memory that offloaded states take, of all GPUs together, and `trained` the
    parameters that are trained. `remarks` say what the estimate does not know of this model.
    """

    peak_gib: float
    parts: Mapping[str, float]
    moment: str
    machine_gib: float = 0.0
    trained: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def card_gib(self) -> float:
        """The GPU memory to have for it: with what the allocator reserves, and CUDA itself."""
        return ALLOCATOR * self.peak_gib + CONTEXT_GIB

    def fits(self, gpu_gib: float) -> bool:
        """Return whether it fits a GPU of this memory, with the allocator's reserve."""
        return self.card_gib <= gpu_gib


def estimate_memory(*, model: str | Architecture, **way: Unpack[WayOptions]) -> MemoryEstimate:
    """Estimate the peak GPU memory of a fine-tuning.

    Args:
        model: a model of the catalogue, by name or registry id, or a shape.
        method: `full` trains all parameters; `lora` and `dora` adapters; `qlora` and `qdora` the same over weights in
            4 bits.
        rank: of the adapters.
        targets: the matrices that adapters are added to, by name, such as `("qkv_proj", "o_proj")`; all by default.
        adapter_weights: what adapters are kept in. peft makes them `float32` unless `autocast_adapter_dtype` is off;
            TRL keeps them in `bfloat16` for QLoRA.
        adapter_dropout: the share of the adapters' inputs that is dropped, such as 0.05. Which ones is kept until the
            backward pass.
        weights: what the model's weights are kept in; `float32` ones are copied to 16 bits for computing, and `mixed`
            ones lie in 16 bits beside a copy in 32, as DeepSpeed has them.
        double_quantization: whether the scales of 4 bits are quantized as well.
        casts_to_float32: whether what is not in 4 bits was cast to 32, as `prepare_model_for_kbit_training` of peft
            does (KAITO and axolotl call it, TRL and Olive do not).
        optimizer: by transformers' name, such as `adamw_bnb_8bit`.
        sequence_length: tokens of a row.
        batch_size: rows of a pass on one GPU.
        accumulation: passes before the optimizer's step, for which gradients are held.
        gradient_checkpointing: whether layers are computed again in the backward pass instead of kept.
        loss: `chunked` if logits are computed for some tokens at a time, as TRL's `chunked_nll` and Liger do.
        gpus: how many GPUs train one model.
        sharing: what they share: nothing (`ddp`), the optimizer's states (`zero1`), gradients as well (`zero2`), or
            weights as well (`zero3`, `fsdp`).
        offload: whether what is shared lies in the memory of the machine, which needs `sharing`.

    Returns:
        The peak and its parts, in GiB for each GPU.

    Raises:
        UnknownModel: the catalogue does not have the model.
        InvalidInput: an argument is out of range, or two do not go together.
    """
    return memory_of(model if isinstance(model, Architecture) else architecture_of(model), TrainingWay(**way))


def memory_of(shape: Architecture, way: TrainingWay) -> MemoryEstimate:
    """Return the estimate of a way to train a model of this shape."""
    states = states_of(shape, way)
    shares = _Shares(way)
    moments = _moments(shape, states, way, shares)
    moment = max(moments, key=lambda name: sum(moments[name].values()))
    parts = {name: bytes_ / GIB for name, bytes_ in moments[moment].items() if bytes_}
    return MemoryEstimate(
        peak_gib=sum(parts.values()),
        parts=parts,
        moment=moment,
        machine_gib=_machine_bytes(states, way) / GIB,
        trained=states.trained,
        remarks=_remarks(shape, way),
    )


class _Shares:
    """How much of each state a GPU keeps."""

    def __init__(self, way: TrainingWay) -> None:
        stage = way.stage
        share = 0.0 if way.offload else 1 / way.gpus
        self.moments = share if stage >= 1 else 1.0
        self.gradients = share if stage >= 2 else 1.0
        self.temporary = share if stage >= 1 else 1.0
        whole = stage < 2 or (stage == 2 and way.weights == "mixed")  # DeepSpeed's second stage keeps weights whole
        self.weights = 1.0 if whole else share
        self.gathers_all, self.gathers_layers = stage == 2 and not whole, stage == 3


def _moments(
    shape: Architecture, states: TrainingStates, way: TrainingWay, shares: _Shares
) -> Mapping[str, Mapping[str, float]]:
    """Return the bytes of each part at each of the five moments."""
    checkpointing, tokens = way.gradient_checkpointing, way.tokens
    layer = activations.per_token_and_layer(shape, way) * tokens
    stream = activations.stream_per_token(shape, way) * tokens
    backward = activations.backward_per_token(shape, way) * tokens
    kept = (stream if checkpointing else layer) * shape.layers
    one_layer = HALF * shape.matrix_parameters / shape.layers
    tables = HALF * shape.table_parameters
    whole = HALF * shape.parameters if shares.gathers_all else 0
    needed = LAYERS_GATHERED * one_layer + tables
    if way.offload and way.sharing == "zero3":
        needed = max(needed, HALF * min(LIVE, shape.parameters))
    gathered = needed if shares.gathers_layers else whole
    left = needed if shares.gathers_layers or shares.gathers_all else 0
    casts = HALF * shape.parameters if states.is_autocast and not left else 0
    work = activations.matrix_work(shape, way)
    gradients = states.gradients * shares.gradients
    always: dict[str, float] = {
        "weights": states.weights * shares.weights,
        "adapters": states.adapters * shares.weights,
        "optimizer": states.moments * shares.moments,
        "gradient buckets": states.gradients if way.has_gradient_buckets else 0,
    }
    before = always | {"gradients": gradients if way.accumulation > 1 else 0}
    return {
        "loss": before
        | {"weights in 16 bits": casts, "gathered weights": gathered, "activations": kept}
        | {"logits and loss": activations.loss_bytes(shape, way)},
        "top layer": before
        | {"weights in 16 bits": casts, "gathered weights": gathered, "work on a matrix": work}
        | {"activations": kept + (layer if checkpointing else 0) + backward},
        "bottom layer": always
        | {"gathered weights": left, "gradients": gradients, "work on a matrix": work}
        | {"gradients of a layer": one_layer if left and not way.trains_adapters else 0}
        | {"activations": layer + backward},
        "embedding": always
        | {"gathered weights": tables if left else 0, "gradients": gradients}
        | {"gradients of a table used twice": _tied_bytes(shape, way, shares)},
        "optimizer step": always
        | {"gradients": gradients, "work of the optimizer": states.temporary * shares.temporary},
    }


def _tied_bytes(shape: Architecture, way: TrainingWay, shares: _Shares) -> float:
    """Return what the gradients of a table at both ends of the model take, besides the one that is kept.

    Both are whole when they meet. In 16 bits their sum is a third, in 32 bits under autocast the second is added to the
    first; where gradients are accumulated or shared, what is kept is one more.
    """
    if way.trains_adapters or not shape.tied:
        return 0.0
    if shares.gradients < 1:
        return (3 - shares.gradients) * HALF * shape.table_parameters
    number, copies = (FULL, 1) if way.weights == "float32" else (HALF, 2)
    return (copies + (way.accumulation > 1)) * number * shape.table_parameters


def _machine_bytes(states: TrainingStates, way: TrainingWay) -> float:
    """Return the bytes of the machine's memory that what is offloaded takes, with gradients in 32 bits.

    DeepSpeed keeps the optimizer's states in 32 bits there, whatever the weights are in (DeepSpeed 0.19.8,
    `runtime/zero/stage3.py`): 16 bytes for each trained parameter.
    """
    if not way.offload:
        return 0.0
    weights = states.weights + states.adapters if way.stage >= 2 else 0.0
    return weights + 4 * FULL * states.trained


def _remarks(shape: Architecture, way: TrainingWay) -> tuple[str, ...]:
    found: list[str] = []
    if shape.experts > 1:
        found.append("adapters to experts need a library that adds them: the experts of transformers 5 are no modules")
        if way.quantized:
            found.append("the experts stay in 16 bits: bitsandbytes puts linear modules in 4 bits, which they are not")
    if way.optimizer == "adamw_bnb_8bit" and not way.trains_adapters:
        more = (2 * FULL - OPTIMIZERS[way.optimizer].bytes_of(FULL)) * shape.vocabulary * shape.hidden / GIB
        found.append(f"transformers' Trainer keeps the embedding's moments in 32 bits, which takes {more:.1f} GiB more")
    if shape.own_attention:
        found.append("the model's own block-sparse attention has kernels of its own, which the estimate does not know")
    return tuple(found)
