"""The peak GPU memory of a fine-tuning, by part: computed from the model's shape, and held to measurements.

A step has four moments at which memory may be at its peak: the loss, the backward pass of the top layer and of the
bottom one, and the optimizer's step. The estimate is the greatest of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ..catalog.architecture import Architecture, architecture_of
from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue
from . import activations
from .training_states import HALF, Method, TrainingStates, Weights, states_of

Sharing = Literal["ddp", "zero1", "zero2", "zero3", "fsdp"]

GIB = 2.0**30
ALLOCATOR = 1.10
"""What the allocator of PyTorch reserves for each byte that is in use, at the peak."""

CONTEXT_GIB = 0.8
"""What CUDA and its libraries take of each GPU."""

LAYERS_GATHERED = 2
"""Layers whose shared weights are whole at a time: the one at work, and the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEstimate(PlainValue):
    """The peak memory of each GPU in GiB, as `torch.cuda.max_memory_allocated` counts it, and its parts by name.

    `moment` is the one that needs most: `loss`, `top layer`, `bottom layer` or `optimizer step`.
    """

    peak_gib: float
    parts: Mapping[str, float]
    moment: str

    @property
    def card_gib(self) -> float:
        """The GPU memory to have for it: with what the allocator reserves, and CUDA itself."""
        return ALLOCATOR * self.peak_gib + CONTEXT_GIB

    def fits(self, gpu_gib: float) -> bool:
        """Return whether it fits a GPU of this memory, with the allocator's reserve."""
        return self.card_gib <= gpu_gib


def estimate_memory(
    *,
    model: str | Architecture,
    method: Method = "lora",
    rank: int = 16,
    sequence_length: int = 2048,
    batch_size: int = 1,
    gradient_checkpointing: bool = True,
    weights: Weights = "bfloat16",
    gpus: int = 1,
    sharing: Sharing | None = None,
    offload: bool = False,
) -> MemoryEstimate:
    """Estimate the peak GPU memory of a fine-tuning with AdamW.

    Args:
        model: a model of the catalogue, by name or registry id, or a shape.
        method: `full` trains all parameters; `lora` and `dora` adapters to every matrix of the layers; `qlora` the
            same over weights in 4 bits.
        rank: of the adapters.
        sequence_length: tokens of a row.
        batch_size: rows of a step on one GPU.
        gradient_checkpointing: whether layers are computed again in the backward pass instead of kept.
        weights: what weights are kept in; in `float32` they are copied to 16 bits for computing.
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
    check_way(method, weights, sharing, gpus=gpus, offload=offload)
    for name, value in (("rank", rank), ("sequence_length", sequence_length), ("batch_size", batch_size)):
        if value < 1:
            raise InvalidInput(f"{name} must be at least 1, not {value}")
    shape = model if isinstance(model, Architecture) else architecture_of(model)
    states = states_of(shape, method, rank=rank, weights=weights)
    moments = _moments(
        shape,
        states,
        method,
        tokens=sequence_length * batch_size,
        checkpointing=gradient_checkpointing,
        shares=_Shares(gpus, sharing, offload=offload),
    )
    moment = max(moments, key=lambda name: sum(moments[name].values()))
    parts = {name: bytes_ / GIB for name, bytes_ in moments[moment].items() if bytes_}
    return MemoryEstimate(peak_gib=sum(parts.values()), parts=parts, moment=moment)


class _Shares:
    """How much of each state a GPU keeps."""

    def __init__(self, gpus: int, sharing: Sharing | None, *, offload: bool) -> None:
        stage = {None: 0, "ddp": 0, "zero1": 1, "zero2": 2, "zero3": 3, "fsdp": 3}[sharing]
        share = 0.0 if offload else 1 / gpus
        self.moments = share if stage >= 1 else 1.0
        self.gradients = share if stage >= 2 else 1.0
        self.weights = share if stage >= 2 else 1.0
        self.gathers_all, self.gathers_layers = stage == 2, stage == 3
        self.copies_untrained = sharing == "ddp" and gpus > 1


def _moments(
    shape: Architecture,
    states: TrainingStates,
    method: Method,
    *,
    tokens: int,
    checkpointing: bool,
    shares: _Shares,
) -> Mapping[str, Mapping[str, float]]:
    """Return the bytes of each part at each of the four moments."""
    layer = activations.per_token_and_layer(shape, method) * tokens
    stream = activations.stream_per_token(shape, is_autocast=states.is_autocast) * tokens
    backward = activations.backward_per_token(shape) * tokens
    kept = (stream if checkpointing else layer) * shape.layers
    one_layer = HALF * shape.matrix_parameters / shape.layers
    tables = HALF * shape.table_parameters
    whole = HALF * shape.parameters if shares.gathers_all else 0
    gathered = LAYERS_GATHERED * one_layer + tables if shares.gathers_layers else whole
    left = LAYERS_GATHERED * one_layer + tables if shares.gathers_layers or shares.gathers_all else 0
    casts = HALF * shape.parameters if states.is_autocast and not left else 0
    work = activations.matrix_work(shape, method)
    always: dict[str, float] = {
        "weights": states.weights * shares.weights,
        "adapters": states.adapters * shares.weights,
        "optimizer": states.moments * shares.moments,
        "copy of what is not trained": states.weights / 2 if shares.copies_untrained and method != "full" else 0,
        "gradient buckets": states.gradients if shares.copies_untrained else 0,
    }
    gradients = states.gradients * shares.gradients
    return {
        "loss": always
        | {"weights in 16 bits": casts, "gathered weights": gathered, "activations": kept}
        | {"logits and loss": activations.loss_per_token(shape) * tokens},
        "top layer": always
        | {"weights in 16 bits": casts, "gathered weights": gathered, "work on a matrix": work}
        | {"activations": kept + (layer if checkpointing else 0) + backward},
        "bottom layer": always
        | {"gathered weights": left, "gradients": gradients, "work on a matrix": work}
        | {"gradients of a layer": one_layer if left and method == "full" else 0}
        | {"activations": layer + backward},
        "optimizer step": always | {"gradients": gradients},
    }


def check_way(method: str, weights: str, sharing: str | None, *, gpus: int, offload: bool) -> None:
    """Raise InvalidInput for choices that are unknown, out of range, or do not go together."""
    choices = {"method": (method, Method), "weights": (weights, Weights), "sharing": (sharing, Sharing)}
    for name, (value, known) in choices.items():
        if value is not None and value not in get_args(known):
            raise InvalidInput(f"{name} must be one of {', '.join(get_args(known))}, not {value!r}")
    if gpus < 1:
        raise InvalidInput(f"gpus must be at least 1, not {gpus}")
    if offload and sharing not in {"zero1", "zero2", "zero3", "fsdp"}:
        raise InvalidInput("offload moves what is shared to the machine's memory: it needs sharing, such as 'zero3'")
    if method == "qlora" and weights == "float32":
        raise InvalidInput("qlora keeps weights in 4 bits, and computes in bfloat16: it has no weights in float32")
