"""What a training step does: multiplications, bytes moved in GPU memory, operations launched, bytes sent between GPUs.

Counted on the modules of transformers 5.17.0 and peft 0.21.0 in PyTorch, one operation after the other: no compilation
and no fused kernels but for attention.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.architecture import Architecture
from .optimizers import OPTIMIZERS
from .training_way import FULL, HALF, TrainingWay

BACKWARD_ATTENTION = 2.5
"""Work of attention's backward pass for each of its forward pass (Dao, FlashAttention-2, arXiv 2307.08691)."""

FORWARD, BACKWARD, SHARING = 62, 47, 36
"""Operations that a layer launches in a pass, and what sharing its weights adds to each pass."""

WEIGHT_GRADIENT = 2
"""Operations that the gradient of a matrix adds to the backward pass, where the matrix is trained."""

CHECKPOINTING = 1.1
"""What a layer's second forward pass costs of the first: with the states that it keeps and restores."""

LORA_OPERATIONS, DORA_OPERATIONS, NF4_OPERATIONS = (5.0, 7.0), (14.0, 10.0), (2.5, 2.5)
"""Operations that a matrix with an adapter, or one in 4 bits, adds to the forward pass and to the backward pass."""

FLOAT32_ADAPTERS, FLOAT32_DORA = (2.0, 1.5), (3.0, 3.0)
"""Operations that casting an adapter in 32 bits for computing adds to each of its matrices, by pass."""

DROPOUT = 1.0
"""Operations that dropping some of an adapter's input adds to each pass."""

CAST_BYTES, DROPOUT_BYTES = 12, (5, 9)
"""Bytes moved for each number of an adapter's input: to 32 bits and back, and to drop some in 16 and in 32 bits."""

UNPACKED_NORM = 7.0
"""Operations that DoRA's norm of a matrix in 4 bits adds to the forward pass: it is unpacked once more."""

AUTOCAST = 8
"""Operations that a layer's weights in 32 bits add to each pass."""

NORM_BYTES = 50
"""Bytes moved for each number of a vector by a norm in eager PyTorch and the addition after it."""

ROTARY_BYTES, GATE_BYTES, LOSS_BYTES = 20, 10, 36
"""Bytes moved for each number of queries and keys, of inner vectors and of logits."""

NF4_BYTES, WHOLE_MATRIX_BYTES, DORA_TOKEN_BYTES = 2.5, 36, 23
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


def work_of(shape: Architecture, way: TrainingWay) -> StepWork:
    """Return the work of one GPU for a pass of its rows, and for the optimizer's update."""
    full, again = not way.trains_adapters, int(way.gradient_checkpointing)
    forwards, passes = 1 + again, 2 + again
    at_work = sum(matrix.inputs * matrix.outputs * shape.times(matrix) for matrix in shape.matrices) * shape.layers
    head = shape.vocabulary * shape.hidden
    autocast = way.weights == "float32" and way.stage < 2
    moved = way.tokens * shape.layers * _moved_per_token(shape, way, forwards, autocast=autocast)
    moved += way.tokens * LOSS_BYTES * shape.vocabulary
    moved += _moved_per_weight(way, forwards, passes) * shape.matrix_parameters
    moved += 3 * HALF * shape.parameters if autocast else 0
    return StepWork(
        matrices=2 * way.tokens * (at_work * (passes + full) + head * (2 + full)),
        attention=2 * way.sequence_length * shape.queries * shape.layers * way.tokens * (forwards + BACKWARD_ATTENTION),
        moved=moved,
        once=_moved_once(shape, way) + (6 * HALF * shape.parameters if autocast else 0),
        launches=shape.layers * _launches(shape, way, autocast=autocast),
        sent=_sent(shape, way, passes),
    )


def _moved_per_token(shape: Architecture, way: TrainingWay, forwards: int, *, autocast: bool) -> float:
    """Return the bytes that a layer moves for a token, besides what its products read and write."""
    wide = 2 if autocast or way.casts_to_float32 else 1
    layer = 2 * NORM_BYTES * wide * shape.hidden + ROTARY_BYTES * (shape.queries + shape.keys)
    layer += 2 * HALF * (shape.queries + shape.keys) + GATE_BYTES * shape.active_intermediate
    moved = layer * (forwards + 2)
    if way.trains_adapters:
        chosen = shape.chosen(way.targets)
        outputs = sum(matrix.outputs * shape.times(matrix) for matrix in chosen)
        inputs = sum(matrix.inputs * shape.times(matrix) for matrix in chosen)
        extra = DORA_TOKEN_BYTES * outputs if way.decomposed else 0
        moved += (12 * outputs + 2 * inputs + extra) * forwards + 8 * outputs + 12 * inputs + extra
        moved += _prepared_bytes(way) * inputs * (forwards + 1)
    return moved


def _prepared_bytes(way: TrainingWay) -> int:
    """Return the bytes moved for each number of an adapter's input before it is used, and for each of its gradient."""
    wide = way.adapter_weights == "float32"
    return (CAST_BYTES if wide else 0) + (DROPOUT_BYTES[wide] if way.adapter_dropout else 0)


def _moved_per_weight(way: TrainingWay, forwards: int, passes: int) -> float:
    """Return the bytes moved for each weight of the layers, however many tokens there are."""
    norms = WHOLE_MATRIX_BYTES * forwards if way.decomposed else 0
    unpacking = NF4_BYTES * passes if way.quantized else 0
    return HALF * (passes + (not way.trains_adapters)) / 2 + norms + unpacking


def _moved_once(shape: Architecture, way: TrainingWay) -> float:
    """Return the bytes that the optimizer reads and writes on one GPU."""
    if way.trains_adapters:
        return 0.0
    number = HALF if way.weights == "bfloat16" else FULL
    optimizer = OPTIMIZERS[way.optimizer]
    moved = optimizer.moved * number + optimizer.moved_bytes
    return moved * shape.parameters / (way.gpus if way.stage else 1)


def _launches(shape: Architecture, way: TrainingWay, *, autocast: bool) -> float:
    """Return the operations of a layer in a pass."""
    with_adapters = len(shape.chosen(way.targets)) if way.trains_adapters else 0
    forward, backward = (with_adapters * each for each in (DORA_OPERATIONS if way.decomposed else LORA_OPERATIONS))
    if way.trains_adapters and way.adapter_weights == "float32":
        casts = FLOAT32_DORA if way.decomposed else FLOAT32_ADAPTERS
        forward, backward = (now + each * with_adapters for now, each in zip((forward, backward), casts, strict=True))
    if way.adapter_dropout:
        forward, backward = forward + DROPOUT * with_adapters, backward + DROPOUT * with_adapters
    if way.quantized and way.decomposed:
        forward += UNPACKED_NORM * with_adapters
    if way.quantized:
        forward, backward = (
            now + each * len(shape.matrices) for now, each in zip((forward, backward), NF4_OPERATIONS, strict=True)
        )
    if not way.trains_adapters:
        backward += WEIGHT_GRADIENT * len(shape.matrices)
    more = (SHARING if way.stage >= 2 else 0) + (AUTOCAST if autocast else 0)
    again = 1 + CHECKPOINTING * way.gradient_checkpointing
    return (FORWARD + forward + more) * again + BACKWARD + backward + more


def _sent(shape: Architecture, way: TrainingWay, passes: int) -> float:
    """Return the bytes that a GPU sends: what it gathers of the weights, and its gradients."""
    part = (way.gpus - 1) / way.gpus
    trained = 0 if way.trains_adapters else shape.parameters
    gathers = {0: 0, 1: 1 if trained else 0, 2: 1, 3: passes}[way.stage]
    return part * HALF * (gathers * shape.parameters + (1 if way.stage else 2) * trained)
