"""The time of a training step, from its work and a GPU's speeds; held to measurements on H100 and H200.

A step takes as long as the slowest of three that run side by side: the GPU's work, the processor that launches it, and
what is sent between GPUs. Where two are near each other it takes somewhat longer than either.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.architecture import Architecture, architecture_of
from ..catalog.gpus import Gpu, find_gpu
from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue
from .memory import Sharing, check_way
from .step_work import StepWork, work_of
from .training_states import Method, Weights

MATRIX_SHARE = 0.69
"""What products of matrices reach of the peak, on the H100 and H200 that were measured."""

ATTENTION_SHARE = 0.13
"""What attention reaches of it."""

BANDWIDTH_SHARE = 0.88
"""What reading and writing reaches of the memory's bandwidth."""

LINK_SHARE = 0.6
"""What gathering and reducing reaches of the link between GPUs."""

LAUNCH = 32.5e-6
"""Seconds that the processor takes for one operation in eager PyTorch."""

HOST_BANDWIDTH = 20e9
"""Bytes a second between a GPU and the memory of the machine, where states are offloaded."""

OVERLAP = 3
"""How well the three run side by side: the exponent of the norm that adds them up."""

MEASURED = ("9.0",)
"""Compute capabilities of the GPUs that the shares were measured on."""

RANGE, RANGE_ELSEWHERE, RANGE_OFFLOADED = (0.77, 1.3), (0.65, 1.6), (0.6, 2.5)
"""The range of a step's time for each of the estimate: on GPUs like the measured ones, on others, and offloaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime(PlainValue):
    """The time of a step in seconds, and its range; the tokens of all GPUs in it, and the FLOPs of each GPU.

    `limit` is what takes longest: `arithmetic`, `memory bandwidth`, `launching` or `sending`.
    """

    seconds: float
    low: float
    high: float
    tokens: int
    flops: float
    limit: str

    @property
    def tokens_per_second(self) -> float:
        """The tokens of a second, on all GPUs together."""
        return self.tokens / self.seconds


def estimate_step_time(
    *,
    model: str | Architecture,
    gpu: str | Gpu,
    method: Method = "lora",
    rank: int = 16,
    sequence_length: int = 2048,
    batch_size: int = 1,
    accumulation: int = 1,
    gradient_checkpointing: bool = True,
    weights: Weights = "bfloat16",
    gpus: int = 1,
    sharing: Sharing | None = None,
    offload: bool = False,
) -> StepTime:
    """Estimate the time of a step of the optimizer: forward and backward passes of its rows, and its update.

    Args:
        model: a model of the catalogue, by name or registry id, or a shape.
        gpu: by name, such as `RTX 4090`, or a GPU of the table.
        method: as `estimate_memory` has it.
        rank: of the adapters; it hardly changes the time.
        sequence_length: tokens of a row, with its padding.
        batch_size: rows of a pass on one GPU.
        accumulation: passes before the optimizer's update.
        gradient_checkpointing: whether layers are computed again in the backward pass.
        weights: what weights are kept in.
        gpus: how many GPUs train one model.
        sharing: what they share.
        offload: whether what is shared lies in the memory of the machine.

    Returns:
        The time and its range, in seconds.

    Raises:
        UnknownModel: the catalogue does not have the model.
        InvalidInput: the GPU is not known, an argument is out of range, or two do not go together.
    """
    check_way(method, weights, sharing, gpus=gpus, offload=offload)
    numbers = {"rank": rank, "sequence_length": sequence_length, "batch_size": batch_size, "accumulation": accumulation}
    for name, value in numbers.items():
        if value < 1:
            raise InvalidInput(f"{name} must be at least 1, not {value}")
    shape = model if isinstance(model, Architecture) else architecture_of(model)
    card = gpu if isinstance(gpu, Gpu) else find_gpu(gpu)
    stage = {None: 0, "ddp": 0, "zero1": 1, "zero2": 2, "zero3": 3, "fsdp": 3}[sharing]
    work = work_of(
        shape,
        method,
        rows=batch_size,
        length=sequence_length,
        checkpointing=gradient_checkpointing,
        weights=weights,
        gpus=gpus,
        stage=stage,
    )
    spent = _spent(work, card, accumulation, offloaded=_offloaded(shape, method, stage, gpus) if offload else 0.0)
    seconds = _together(spent)
    low, high = RANGE if card.compute_capability in MEASURED else RANGE_ELSEWHERE
    if offload:
        low, high = RANGE_OFFLOADED
    return StepTime(
        seconds=seconds,
        low=low * seconds,
        high=high * seconds,
        tokens=batch_size * sequence_length * accumulation * gpus,
        flops=(work.matrices + work.attention) * accumulation,
        limit=max(spent, key=lambda name: spent[name]),
    )


def hours_of(tokens: float, step: StepTime) -> tuple[float, float]:
    """Return the range of hours that so many tokens take, with all epochs and all padding counted in."""
    steps = tokens / step.tokens
    return steps * step.low / 3600, steps * step.high / 3600


def _spent(work: StepWork, card: Gpu, accumulation: int, *, offloaded: float) -> dict[str, float]:
    peak = card.tflops * 1e12
    bandwidth = BANDWIDTH_SHARE * card.memory_bandwidth * 1e9
    return {
        "arithmetic": (work.matrices / MATRIX_SHARE + work.attention / ATTENTION_SHARE) / peak * accumulation,
        "memory bandwidth": (work.moved * accumulation + work.once) / bandwidth,
        "launching": LAUNCH * work.launches * accumulation,
        "sending": work.sent * accumulation / (LINK_SHARE * card.link_bandwidth * 1e9)
        + offloaded * accumulation / HOST_BANDWIDTH,
    }


def _together(spent: dict[str, float]) -> float:
    side_by_side = (spent["arithmetic"] + spent["memory bandwidth"], spent["launching"], spent["sending"])
    return float(sum(each**OVERLAP for each in side_by_side) ** (1 / OVERLAP))


def _offloaded(shape: Architecture, method: Method, stage: int, gpus: int) -> float:
    """Return the bytes that pass between a GPU and the machine in a step: weights in each pass, gradients, the update.

    The update on the processor reads and writes a parameter's states, which takes about as long as to send them.
    """
    share = shape.parameters / gpus
    fetched = 3 * 2 * share if stage >= 3 else 0
    trained = share if method == "full" else 0
    return fetched + (2 + 2 + 16) * trained
