"""A way to train a model on GPUs: what is trained, how it is kept, and what several GPUs share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, TypedDict, get_args

from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue

HALF, FULL = 2, 4
"""Bytes of a number in 16 and in 32 bits."""

Method = Literal["full", "lora", "qlora", "dora", "qdora"]
Weights = Literal["bfloat16", "float32", "mixed"]
AdapterWeights = Literal["bfloat16", "float32"]
Sharing = Literal["ddp", "zero1", "zero2", "zero3", "fsdp"]
Loss = Literal["whole", "chunked"]
Optimizer = Literal[
    "adamw_torch_fused",
    "adamw_torch",
    "adamw_bnb_8bit",
    "paged_adamw_32bit",
    "paged_adamw_8bit",
    "adafactor",
    "sgd",
]

_CHOICES: dict[str, Any] = {
    "method": Method,
    "weights": Weights,
    "adapter_weights": AdapterWeights,
    "sharing": Sharing,
    "loss": Loss,
    "optimizer": Optimizer,
}
_COUNTS = ("rank", "sequence_length", "batch_size", "accumulation", "gpus")


class WayOptions(TypedDict, total=False):
    """The fields of a `TrainingWay`, as arguments of the estimates."""

    method: Method
    rank: int
    targets: tuple[str, ...] | None
    adapter_weights: AdapterWeights
    adapter_dropout: float
    weights: Weights
    double_quantization: bool
    casts_to_float32: bool
    optimizer: Optimizer
    sequence_length: int
    batch_size: int
    accumulation: int
    gradient_checkpointing: bool
    loss: Loss
    gpus: int
    sharing: Sharing | None
    offload: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingWay(PlainValue):
    """What is trained and how; `estimate_memory` says what each field means. Raises InvalidInput for what cannot be."""

    method: Method = "lora"
    rank: int = 16
    targets: tuple[str, ...] | None = None
    adapter_weights: AdapterWeights = "bfloat16"
    adapter_dropout: float = 0.0
    weights: Weights = "bfloat16"
    double_quantization: bool = True
    casts_to_float32: bool = False
    optimizer: Optimizer = "adamw_torch_fused"
    sequence_length: int = 2048
    batch_size: int = 1
    accumulation: int = 1
    gradient_checkpointing: bool = True
    loss: Loss = "whole"
    gpus: int = 1
    sharing: Sharing | None = None
    offload: bool = False

    def __post_init__(self) -> None:
        for name, choice in _CHOICES.items():
            value, known = getattr(self, name), get_args(choice)
            if value is not None and value not in known:
                raise InvalidInput(f"{name} must be one of {', '.join(known)}, not {value!r}")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise InvalidInput(f"{name} must be at least 1, not {getattr(self, name)}")
        if not 0 <= self.adapter_dropout < 1:
            raise InvalidInput(f"adapter_dropout must be at least 0 and less than 1, not {self.adapter_dropout}")
        self._refuse_contradictions()

    def _refuse_contradictions(self) -> None:
        if self.offload and self.stage == 0:
            raise InvalidInput("offload moves what is shared to the machine's memory: it needs sharing, as 'zero3'")
        if self.quantized and self.weights != "bfloat16":
            raise InvalidInput(
                f"{self.method} keeps weights in 4 bits, and computes in bfloat16: it has no weights in {self.weights}"
            )
        if self.method != "full" and self.weights == "mixed":
            raise InvalidInput("mixed weights keep a copy in 32 bits of what is trained: they are full training's")
        if self.casts_to_float32 and not self.quantized:
            raise InvalidInput("casts_to_float32 is for what is not in 4 bits: it needs qlora or qdora")

    @property
    def trains_adapters(self) -> bool:
        """Whether adapters are trained, and not the model's own weights."""
        return self.method != "full"

    @property
    def quantized(self) -> bool:
        """Whether the layers' matrices are kept in 4 bits."""
        return self.method in {"qlora", "qdora"}

    @property
    def decomposed(self) -> bool:
        """Whether adapters have DoRA's lengths."""
        return self.method in {"dora", "qdora"}

    @property
    def stage(self) -> int:
        """The stage of ZeRO that says what is shared; FSDP is its third."""
        return {None: 0, "ddp": 0, "zero1": 1, "zero2": 2, "zero3": 3, "fsdp": 3}[self.sharing]

    @property
    def has_gradient_buckets(self) -> bool:
        """Whether each GPU has a whole model, and buckets to add gradients up in."""
        return self.sharing == "ddp" and self.gpus > 1

    @property
    def tokens(self) -> int:
        """The tokens of a pass on one GPU."""
        return self.sequence_length * self.batch_size


if set(WayOptions.__annotations__) != {each.name for each in fields(TrainingWay)}:  # pragma: no cover
    raise TypeError("WayOptions and TrainingWay must have the same fields")
