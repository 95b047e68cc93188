"""The time of a training step, from its work and a GPU's speeds; held to measurements on H100 and H200.

A pass takes as long as the slowest of three that run side by side: the GPU's work, the processor that launches it, and
what is sent between GPUs. Where two are near each other it takes somewhat longer than either. The optimizer's update
follows the last pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from ..catalog.architecture import Architecture, architecture_of
from ..catalog.gpus import Gpu, find_gpu
from ..core.plain_values import PlainValue
from .step_work import StepWork, work_of
from .training_way import FULL, HALF, TrainingWay, WayOptions

MATRIX_SHARE = 0.62
"""What products of matrices reach of the peak, on the H100 and H200 that were measured."""

ATTENTION_SHARE = 0.5
"""What attention reaches of it, from rows of 512 tokens beside rows of 2048."""

BANDWIDTH_SHARE = 0.85
"""What reading and writing reaches of the memory's bandwidth."""

LINK_SHARE = 0.3
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

    `limit` is what takes longest in a pass: `arithmetic`, `memory bandwidth`, `launching`, `sending` or `offloading`.
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


def estimate_step_time(*, model: str | Architecture, gpu: str | Gpu, **way: Unpack[WayOptions]) -> StepTime:
    """Estimate the time of a step of the optimizer: forward and backward passes of its rows, and its update.

    Args:
        model: a model of the catalogue, by name or registry id, or a shape.
        gpu: by name, such as `RTX 4090`, or a GPU of the table.
        way: the arguments of `estimate_memory`: a row has `sequence_length` tokens with its padding, and a step has
            `accumulation` passes.

    Returns:
        The time and its range, in seconds.

    Raises:
        UnknownModel: the catalogue does not have the model.
        InvalidInput: the GPU is not known, an argument is out of range, or two do not go together.
    """
    shape = model if isinstance(model, Architecture) else architecture_of(model)
    return step_time_of(shape, gpu if isinstance(gpu, Gpu) else find_gpu(gpu), TrainingWay(**way))


def step_time_of(shape: Architecture, gpu: Gpu, way: TrainingWay) -> StepTime:
    """Return the estimate of a way to train a model of this shape on a GPU."""
    work = work_of(shape, way)
    spent = _spent(shape, work, gpu, way)
    update = 0 if way.offload else work.once / _bytes_a_second(gpu)
    seconds = _together(spent) + update
    low, high = RANGE if gpu.compute_capability in MEASURED else RANGE_ELSEWHERE
    if way.offload:
        low, high = RANGE_OFFLOADED
    return StepTime(
        seconds=seconds,
        low=low * seconds,
        high=high * seconds,
        tokens=way.tokens * way.accumulation * way.gpus,
        flops=(work.matrices + work.attention) * way.accumulation,
        limit=max(spent, key=lambda name: spent[name]),
    )


def hours_of(tokens: float, step: StepTime) -> tuple[float, float]:
    """Return the range of hours that this many tokens take; they include all epochs and all padding."""
    steps = tokens / step.tokens
    return steps * step.low / 3600, steps * step.high / 3600


def _spent(shape: Architecture, work: StepWork, gpu: Gpu, way: TrainingWay) -> dict[str, float]:
    """Return the seconds of each of what the passes of a step consist of."""
    peak, link = gpu.tflops * 1e12, gpu.link_bandwidth * 1e9
    spent = {
        "arithmetic": (work.matrices / MATRIX_SHARE + work.attention / ATTENTION_SHARE) / peak * way.accumulation,
        "memory bandwidth": work.moved * way.accumulation / _bytes_a_second(gpu),
        "launching": LAUNCH * work.launches * way.accumulation,
        "sending": work.sent * way.accumulation / (LINK_SHARE * link),
    }
    return spent | {"offloading": _offloaded(shape, way) / HOST_BANDWIDTH} if way.offload else spent


def _bytes_a_second(gpu: Gpu) -> float:
    return BANDWIDTH_SHARE * gpu.memory_bandwidth * 1e9


def _together(spent: dict[str, float]) -> float:
    on_gpu = spent["arithmetic"] + spent["memory bandwidth"]
    side_by_side = (on_gpu, *(each for name, each in spent.items() if name not in {"arithmetic", "memory bandwidth"}))
    return float(sum(each**OVERLAP for each in side_by_side) ** (1 / OVERLAP))


def _offloaded(shape: Architecture, way: TrainingWay) -> float:
    """Return the bytes that pass between a GPU and the machine in a step: weights in each pass, gradients, the update.

    The update on the processor reads and writes the states of a parameter, which takes about as long as to send them.
    """
    share = shape.parameters / way.gpus
    fetched = 3 * HALF * share * way.accumulation if way.stage >= 3 else 0
    updated = 0 if way.trains_adapters else (2 * HALF + 4 * FULL) * share
    return fetched + updated
