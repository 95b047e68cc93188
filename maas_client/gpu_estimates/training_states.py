"""What a way to train keeps on the GPUs all the time: weights, gradients and optimizer states, in bytes.

AdamW keeps two numbers for each trained parameter, in its precision (Loshchilov and Hutter, arXiv 1711.05101); with
mixed weights a copy in 32 bits besides (Rajbhandari et al., ZeRO, arXiv 1910.02054). NF4 keeps 4 bits a weight and a
scale for each 64: of 32 bits, or with double quantization of 8 bits and 32 for each 256 of these (Dettmers et al.,
QLoRA, arXiv 2305.14314).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.architecture import Architecture
from .optimizers import OPTIMIZERS
from .training_way import FULL, HALF, TrainingWay

NF4 = (4 + 32 / 64) / 8
NF4_DOUBLE = (4 + 8 / 64 + 32 / 16384) / 8
"""Bytes of a weight in 4 bits, without and with double quantization."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStates:
    """Bytes of what is kept for all parameters of a model, before it is shared among GPUs.

    `adapters` are the weights that were added to the model, `gradients` those of everything that is trained, and
    `moments` what the optimizer keeps, with a copy of the weights in 32 bits where there is one. `temporary` is what
    the optimizer takes at its step. `trained` counts parameters.
    """

    weights: float
    adapters: float
    gradients: float
    moments: float
    temporary: float
    trained: int
    is_autocast: bool
    """Whether weights in 32 bits are copied to 16 bits for computing."""


def states_of(shape: Architecture, way: TrainingWay) -> TrainingStates:
    """Return what a way to train keeps for a model."""
    optimizer = OPTIMIZERS[way.optimizer]
    if not way.trains_adapters:
        trained, number = shape.parameters, FULL if way.weights == "float32" else HALF
        state = HALF if way.weights == "bfloat16" else FULL
        copy = FULL * trained if way.weights == "mixed" else 0
        return TrainingStates(
            weights=number * trained,
            adapters=0,
            gradients=number * trained,
            moments=optimizer.bytes_of(state) * trained + copy,
            temporary=optimizer.work(state, trained, _largest(shape), in_32_bits=way.weights != "bfloat16"),
            trained=trained,
            is_autocast=way.weights == "float32",
        )
    trained = shape.adapter_parameters(way.rank, targets=way.targets, magnitudes=way.decomposed)
    number = FULL if way.adapter_weights == "float32" else HALF
    return TrainingStates(
        weights=_kept_weights(shape, way),
        adapters=number * trained,
        gradients=number * trained,
        moments=optimizer.bytes_of(number) * trained,
        temporary=optimizer.work(
            number, trained, way.rank * _widest(shape), in_32_bits=way.adapter_weights == "float32"
        ),
        trained=trained,
        is_autocast=way.weights == "float32",
    )


def quantized_parameters(shape: Architecture) -> int:
    """Return how many weights 4 bits hold: matrices of linear modules, which experts of transformers 5 are not."""
    return shape.layers * sum(matrix.size for matrix in shape.matrices if matrix.copies == 1)


def _largest(shape: Architecture) -> int:
    """Return the parameters of the largest tensor, as experts are one in transformers 5."""
    return max(shape.vocabulary * shape.hidden, *(matrix.size for matrix in shape.matrices))


def _widest(shape: Architecture) -> int:
    return max(max(matrix.inputs, matrix.outputs) for matrix in shape.matrices)


def _kept_weights(shape: Architecture, way: TrainingWay) -> float:
    if not way.quantized:
        return (FULL if way.weights == "float32" else HALF) * shape.parameters
    small = quantized_parameters(shape)
    rest = shape.parameters - small
    return (NF4_DOUBLE if way.double_quantization else NF4) * small + (FULL if way.casts_to_float32 else HALF) * rest
