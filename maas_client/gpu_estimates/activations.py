"""What a training step keeps for a token of each layer, and what it needs for a moment, in bytes.

It is counted for attention that keeps no matrix of scores (flash or memory-efficient), norms that keep their input in
32 bits, and the modules of transformers 5.17.0.
"""

from __future__ import annotations

from ..catalog.architecture import Architecture, Matrix
from .training_way import FULL, HALF, TrainingWay

CHUNK = 1024
"""Tokens whose logits a chunked loss has at a time (TRL 1.16 `chunked_nll`; Liger's fused loss takes fewer)."""

SHARED_INPUTS = frozenset({"k_proj", "v_proj", "up_proj"})
"""Matrices that read what another one reads: it is kept once."""


def per_token_and_layer(shape: Architecture, way: TrainingWay) -> int:
    """Return the bytes that a layer keeps of a token until its backward pass."""
    hidden, queries, keys, inner = shape.hidden, shape.queries, shape.keys, shape.active_intermediate
    normed = FULL if way.weights == "float32" else HALF  # what a trained norm is multiplied with
    norms = 2 * FULL * hidden + (0 if way.trains_adapters else 2 * normed * hidden)
    attention = HALF * (queries + 2 * keys) + HALF * (queries + keys) + HALF * queries
    feed_forward = HALF * 2 * inner + HALF * inner
    chosen = shape.chosen(way.targets) if way.trains_adapters else shape.matrices
    kept = sum(HALF * matrix.inputs * shape.times(matrix) for matrix in chosen if not _is_kept(matrix, chosen))
    if way.trains_adapters:  # what lies between an adapter's two matrices, and which of its inputs were dropped
        between, dropped = HALF * way.rank, bool(way.adapter_dropout)
        kept += sum((between + dropped * matrix.inputs) * shape.times(matrix) for matrix in chosen)
    if way.decomposed:  # each output before it is scaled, and the base's part of it
        wide = FULL if way.adapter_weights == "float32" else HALF
        kept += sum((HALF + wide) * matrix.outputs * shape.times(matrix) for matrix in chosen)
    return norms + attention + feed_forward + kept


def backward_per_token(shape: Architecture, way: TrainingWay) -> int:
    """Return the bytes that the backward pass of one layer takes for a token, besides what was kept.

    The gradient of an input of adapters in 32 bits is in 32 bits, and there twice where some of the input was dropped.
    """
    taken = 3 * HALF * shape.active_intermediate + 2 * (FULL if way.casts_to_float32 else HALF) * shape.hidden
    if way.trains_adapters and way.adapter_weights == "float32":
        widest = max(matrix.inputs * shape.times(matrix) for matrix in shape.chosen(way.targets))
        taken += (1 + bool(way.adapter_dropout)) * FULL * widest
    return taken


def stream_per_token(shape: Architecture, way: TrainingWay) -> int:
    """Return the bytes of a token's vector between two layers."""
    return (FULL if way.weights == "float32" or way.casts_to_float32 else HALF) * shape.hidden


def loss_bytes(shape: Architecture, way: TrainingWay) -> int:
    """Return the bytes that the loss takes: logits, their softmax and their gradient in 32 bits, and the last norm.

    Where what is not in 4 bits was cast to 32, the head's product has a copy of its table in 16 bits.
    """
    at_once = min(way.tokens, CHUNK) if way.loss == "chunked" else way.tokens
    wide = HALF * shape.hidden if way.casts_to_float32 else 0
    table = HALF * shape.vocabulary * shape.hidden if way.casts_to_float32 else 0
    return 3 * FULL * shape.vocabulary * at_once + (3 * HALF * shape.hidden + wide) * way.tokens + table


def matrix_work(shape: Architecture, way: TrainingWay) -> int:
    """Return the bytes of the copies of one matrix that a method makes while a layer is at work.

    4 bits are made 16 for a product. DoRA in peft multiplies a unit matrix through the adapter, and takes the norm of
    the sum of adapter and weights; with adapters in 32 bits under autocast most of it is in 32 bits.
    """
    unit, whole = (6, 14) if way.adapter_weights == "float32" else (2, 6)
    chosen = shape.chosen(way.targets)
    most = 0
    for matrix in shape.matrices:
        one = matrix.inputs * matrix.outputs
        work = HALF * one if way.quantized and matrix.copies == 1 else 0
        if way.decomposed and matrix in chosen:
            work += unit * matrix.inputs**2 + whole * one
        most = max(most, work)
    return most


def _is_kept(matrix: Matrix, chosen: tuple[Matrix, ...]) -> bool:
    """Return whether another of the chosen matrices keeps the same input already."""
    if matrix.name not in SHARED_INPUTS:
        return False
    readers = {"up_proj": ("gate_proj",), "k_proj": ("q_proj",), "v_proj": ("q_proj", "k_proj")}[matrix.name]
    return any(other.name in readers for other in chosen)
