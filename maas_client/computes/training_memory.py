"""The least GPU memory that a method of training needs, and a served model: a bound from below, no estimate.

Bytes per parameter: Rajbhandari et al., ZeRO (arXiv 1910.02054, section 3), and Hu et al., LoRA (arXiv 2106.09685).
Activations, which depend on the rows, come on top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..catalog.model_facts import Defaults

GIB = 2.0**30
CONTEXT_GIB = 0.8
"""What CUDA itself takes of each GPU."""

HALF, FULL = 2.0, 4.0
"""Bytes of a number in 16 and in 32 bits."""

MOMENTS = 8.0
"""Bytes that AdamW keeps for each trained parameter: two numbers in 32 bits. Adafactor keeps next to nothing."""

GRADIENTS_AND_WEIGHTS = 8.0
"""Bytes of a trained parameter's weight and gradient: in 32 bits, or in 16 beside a copy of the weight in 32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingMethod:
    """What is trained, and what the GPUs of a machine share.

    `adapters` says that only LoRA's are trained. `stage` is DeepSpeed's: 2 shares gradients and optimizer, 3 the
    weights as well; 0 shares nothing. `weights` and `moments` are bytes per parameter.
    """

    adapters: bool = True
    stage: int = 0
    weights: float = HALF
    moments: float = MOMENTS

    @property
    def words(self) -> str:
        """The method in words, for messages."""
        what = "LoRA" if self.adapters else "full fine-tuning"
        return f"{what} with DeepSpeed stage {self.stage}" if self.stage else what


def method_of(hyperparameters: Mapping[str, str], defaults: Defaults | None) -> TrainingMethod:
    """Return the method that hyperparameters choose; what they leave open is the registry's default for the model.

    Without one it is what needs least memory: LoRA, over weights in 16 bits.
    """
    lora = _flag(hyperparameters.get("apply_lora"))
    if lora is None:
        lora = defaults is None or defaults.lora is not False
    shares = _flag(hyperparameters.get("apply_deepspeed"))
    given = hyperparameters.get("deepspeed_stage", "")
    stage = int(given) if given.isdecimal() else (defaults.deepspeed_stage if defaults is not None else None) or 0
    if shares is False:
        stage = 0
    elif shares and not stage:
        stage = 2  # the default of the registry's pipeline
    return TrainingMethod(
        adapters=lora,
        stage=stage,
        weights=FULL if hyperparameters.get("precision") == "32" else HALF,
        moments=0.0 if hyperparameters.get("optim") == "adafactor" else MOMENTS,
    )


def least_training_gib(parameters: int, method: TrainingMethod, gpus: int) -> float:
    """Return the least GiB of each GPU that training takes on a machine with so many of them."""
    weights, rest = method.weights, 0.0
    if not method.adapters:
        rest = GRADIENTS_AND_WEIGHTS - method.weights + method.moments
    sharing = max(gpus, 1)
    kept = weights / (sharing if method.stage >= 3 else 1) + rest / (sharing if method.stage >= 2 else 1)
    return parameters * kept / GIB + CONTEXT_GIB


def least_serving_gib(parameters: int, gpus: int) -> float:
    """Return the least GiB of each GPU that a served model takes, in 16 bits and shared among all of them."""
    return parameters * HALF / max(gpus, 1) / GIB + CONTEXT_GIB


def _flag(text: str | None) -> bool | None:
    return None if text is None else text.lower() == "true"
