"""What a training step does: multiplications, bytes moved in GPU memory, operations launched, bytes sent between GPUs.

Counted on the modules of transformers 5.17.0 and peft 0.21.0 in PyTorch, one operation after the other: no compilation
and no fused kernels but for attention.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.architecture import Architecture, Matrix
from .training_states import FULL, HALF, Method, Weights

BACKWARD_ATTENTION = 2.5
"""Work of attention's backward pass for each of its forward pass (Dao, FlashAttention-2, arXiv 2307.08691)."""

FORWARD, BACKWARD, SHARING = 61, 55, 38
"""Operations that a layer launches in a pass, and what sharing its weights adds to each pass."""

CHECKPOINTING = 1.1
"""What a layer's second forward pass costs of the first: with the states that it keeps and restores."""

ADAPTER_OPERATIONS = {"lora": (5.0, 5.0), "dora": (9.0, 7.5), "qlora": (7.5, 7.5)}
"""Operations that each matrix with an adapter adds to the forward pass, and to the backward pass."""

NORM_BYTES = 36
"""Bytes moved for each number of a vector by a norm in eager PyTorch and the addition after it."""

ROTARY_BYTES, GATE_BYTES, LOSS_BYTES, OPTIMIZER_NUMBERS = 20, 10, 36, 15
"""Bytes moved for each number of queries and keys, of inner vectors and of logits; reads and writes of AdamW."""

NF4_BYTES, WHOLE_MATRIX_BYTES, DORA_TOKEN_BYTES = 2.5, 39, 27
"""Bytes moved for each weight to unpack it from 4 bits, or to take DoRA's norm; and for each of DoRA's outputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWork:
    """The work of a GPU in a step: `matrices` and `attention` in FLOPs, `moved` and `sent` in bytes.

    `launches` counts operations that the processor starts. `once` is the part of `moved` that the optimizer does.
    """

    matrices: float
    attention: float
    moved: float
    once: float
    launches: float
    sent: float


def work_of(
    shape: Architecture,
    method: Method,
    *,
    rows: int,
    length: int,
    checkpointing: bool,
    weights: Weights,
    gpus: int,
    stage: int,
) -> StepWork:
    """Return the work of one GPU for so many rows of a length; `stage` is ZeRO's, 0 for nothing shared."""
    tokens, full, again = rows * length, method == "full", int(checkpointing)
    forwards, passes = 1 + again, 2 + again
    at_work = sum(_size(shape, matrix) for matrix in shape.matrices) * shape.layers
    head = shape.vocabulary * shape.hidden
    autocast = weights == "float32" and stage == 0
    moved = tokens * shape.layers * _moved_per_token(shape, method, forwards, autocast=autocast)
    moved += tokens * LOSS_BYTES * shape.vocabulary
    moved += _moved_per_weight(method, forwards, passes) * shape.matrix_parameters
    moved += 3 * HALF * shape.parameters if autocast else 0
    trained = shape.parameters if full else 0
    number = FULL if weights == "float32" else HALF
    return StepWork(
        matrices=2 * tokens * (at_work * (passes + full) + head * (2 + full)),
        attention=2 * length * shape.queries * shape.layers * tokens * (forwards + BACKWARD_ATTENTION),
        moved=moved,
        once=OPTIMIZER_NUMBERS * number * trained / (gpus if stage else 1)
        + (3 * HALF * 2 * shape.parameters if autocast else 0),
        launches=shape.layers * _launches(shape, method, checkpointing=checkpointing, stage=stage, autocast=autocast),
        sent=_sent(shape, trained, passes, gpus=gpus, stage=stage),
    )


def _size(shape: Architecture, matrix: Matrix) -> int:
    return matrix.inputs * matrix.outputs * (shape.experts_per_token if matrix.copies > 1 else 1)


def _moved_per_token(shape: Architecture, method: Method, forwards: int, *, autocast: bool) -> float:
    """Return the bytes that a layer moves for a token, besides what its products read and write."""
    wide = 2 if autocast else 1
    layer = 2 * NORM_BYTES * wide * shape.hidden + ROTARY_BYTES * (shape.queries + shape.keys)
    layer += 2 * HALF * (shape.queries + shape.keys) + GATE_BYTES * shape.active_intermediate
    moved = layer * (forwards + 2)
    if method != "full":
        outputs, inputs = (
            sum(getattr(matrix, side) * _copies(shape, matrix) for matrix in shape.matrices)
            for side in ("outputs", "inputs")
        )
        extra = DORA_TOKEN_BYTES * outputs if method == "dora" else 0
        moved += (12 * outputs + 2 * inputs + extra) * forwards + 8 * outputs + 12 * inputs + extra
    return moved


def _copies(shape: Architecture, matrix: Matrix) -> int:
    return shape.experts_per_token if matrix.copies > 1 else 1


def _moved_per_weight(method: Method, forwards: int, passes: int) -> float:
    """Return the bytes moved for each weight of the layers, however many tokens there are."""
    extra = {"dora": WHOLE_MATRIX_BYTES * forwards, "qlora": NF4_BYTES * passes}.get(method, 0.0)
    return HALF * (passes + (method == "full")) / 2 + extra


def _launches(shape: Architecture, method: Method, *, checkpointing: bool, stage: int, autocast: bool) -> float:
    forward, backward = ADAPTER_OPERATIONS.get(method, (0.0, 0.0))
    more = (SHARING if stage >= 2 else 0) + (8 if autocast else 0)
    ahead = FORWARD + forward * len(shape.matrices) + more
    return ahead * (1 + CHECKPOINTING * checkpointing) + BACKWARD + backward * len(shape.matrices) + more


def _sent(shape: Architecture, trained: int, passes: int, *, gpus: int, stage: int) -> float:
    """Return the bytes that a GPU sends: what it gathers of the weights, and its gradients."""
    part = (gpus - 1) / gpus
    gathers = {0: 0, 1: 1 if trained else 0, 2: 1, 3: passes}[stage]
    return part * HALF * (gathers * shape.parameters + (1 if stage else 2) * trained)
