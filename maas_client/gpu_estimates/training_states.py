"""What a method keeps on the GPUs all the time: weights, gradients and optimizer states, in bytes.

AdamW keeps two numbers for each trained parameter, in its precision (Loshchilov and Hutter, arXiv 1711.05101). NF4
keeps 4 bits a weight, 8 bits for the scale of each 64, and 32 for that of each 256 of these (Dettmers et al., QLoRA,
arXiv 2305.14314).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..catalog.architecture import Architecture

Method = Literal["full", "lora", "qlora", "dora"]
Weights = Literal["bfloat16", "float32"]

HALF, FULL = 2, 4
"""Bytes of a number in 16 and in 32 bits."""

NF4 = (4 + 8 / 64 + 32 / 16384) / 8
"""Bytes of a weight in 4 bits with double quantization."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStates:
    """Bytes of what is kept for all parameters of a model, before it is shared among GPUs.

    `adapters` are the weights that were added to the model, `gradients` those of everything that is trained.
    """

    weights: float
    adapters: float
    gradients: float
    moments: float
    is_autocast: bool
    """Whether weights in 32 bits are copied to 16 bits for computing."""


def states_of(shape: Architecture, method: Method, *, rank: int, weights: Weights) -> TrainingStates:
    """Return what a method keeps for a model; adapters are in 16 bits, as are weights that are not trained."""
    number = FULL if weights == "float32" else HALF
    if method == "full":
        trained = shape.parameters
        return TrainingStates(
            weights=number * trained,
            adapters=0,
            gradients=number * trained,
            moments=2 * number * trained,
            is_autocast=number == FULL,
        )
    trained = shape.adapter_parameters(rank, magnitudes=method == "dora")
    base: float = number * shape.parameters
    if method == "qlora":
        base = NF4 * shape.matrix_parameters + HALF * (shape.parameters - shape.matrix_parameters)
    return TrainingStates(
        weights=base,
        adapters=HALF * trained,
        gradients=HALF * trained,
        moments=2 * HALF * trained,
        is_autocast=number == FULL and method != "qlora",
    )
