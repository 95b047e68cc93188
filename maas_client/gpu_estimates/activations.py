"""What a training step keeps for a token of each layer, and what it needs for a moment, in bytes.

It is counted for attention that keeps no matrix of scores (flash or memory-efficient), norms that keep their input in
32 bits, and the modules of transformers 5.17.0.
"""

from __future__ import annotations

from ..catalog.architecture import Architecture
from .training_states import FULL, HALF, Method


def per_token_and_layer(shape: Architecture, method: Method) -> int:
    """Return the bytes that a layer keeps of a token until its backward pass."""
    hidden, queries, keys, inner = shape.hidden, shape.queries, shape.keys, shape.active_intermediate
    norms = 2 * FULL * hidden + (FULL * hidden if method == "full" else 0)
    attention = HALF * (queries + 2 * keys) + HALF * (queries + keys) + HALF * queries
    feed_forward = HALF * 2 * inner + HALF * inner
    inputs = sum(HALF * matrix.inputs * _at_work(shape, matrix.copies) for matrix in shape.matrices)
    if method == "dora":  # each output before it is scaled, and the base's part of it
        inputs += sum(2 * HALF * matrix.outputs * _at_work(shape, matrix.copies) for matrix in shape.matrices)
    return norms + attention + feed_forward + inputs


def backward_per_token(shape: Architecture) -> int:
    """Return the bytes that the backward pass of one layer takes for a token, besides what was kept."""
    return 3 * HALF * shape.active_intermediate + 2 * HALF * shape.hidden


def stream_per_token(shape: Architecture, *, is_autocast: bool) -> int:
    """Return the bytes of a token's vector between two layers."""
    return (FULL if is_autocast else HALF) * shape.hidden


def loss_per_token(shape: Architecture) -> int:
    """Return the bytes that the loss takes for a token: logits, their softmax and their gradient in 32 bits."""
    return 3 * FULL * shape.vocabulary + 3 * HALF * shape.hidden


def matrix_work(shape: Architecture, method: Method) -> int:
    """Return the bytes of the copies of one matrix that a method makes while a layer is at work.

    QLoRA makes a matrix of 16 bits of one of 4. DoRA in peft multiplies a unit matrix through the adapter, and takes
    the norm of the sum of adapter and weights.
    """
    if method == "qlora":
        return max(HALF * matrix.inputs * matrix.outputs for matrix in shape.matrices)
    if method == "dora":
        return max(HALF * matrix.inputs**2 + 6 * matrix.inputs * matrix.outputs for matrix in shape.matrices)
    return 0


def _at_work(shape: Architecture, copies: int) -> int:
    return shape.experts_per_token if copies > 1 else 1
