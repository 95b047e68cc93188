"""The least GPU memory that a job on Azure ML takes, and a served model: what is less can be refused.

Training is estimated at one short row, or one of the job's length where rows are padded to it: longer rows and larger
batches, which come on top, are for the user to see in `maas plan`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..catalog.architecture import architecture_of
from ..catalog.model_facts import Defaults, ModelFacts
from ..gpu_estimates.memory import CONTEXT_GIB, GIB, MemoryEstimate, memory_of
from ..gpu_estimates.training_way import FULL, HALF, Sharing, TrainingWay

SHORT = 128
"""Tokens of a row that is short: what any data have."""

USUAL = 2048
"""Tokens of the rows that a size is judged for where there are no data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingMethod:
    """What is trained, and what the GPUs of a machine share.

    `adapters` says that only LoRA's are trained. `stage` is DeepSpeed's: 2 shares gradients and optimizer, 3 the
    weights as well; 0 shares nothing. `wide` keeps weights in 32 bits, and `moments` says whether the optimizer keeps
    AdamW's. `length` is the tokens of a row at least.
    """

    adapters: bool = True
    stage: int = 0
    wide: bool = False
    moments: bool = True
    length: int = SHORT

    @property
    def words(self) -> str:
        """The method in words, for messages."""
        what = "LoRA" if self.adapters else "full fine-tuning"
        return f"{what} with DeepSpeed stage {self.stage}" if self.stage else what

    def way(self, gpus: int) -> TrainingWay:
        """Return it as the estimate has it, for this many GPUs.

        Full training keeps a copy in 32 bits beside weights in 16, or weights in 32: both take 16 bytes a parameter.
        Adapters are so few that stages 1 and 2 save next to no memory.
        """
        shared: dict[int, Sharing] = {1: "zero1", 2: "zero2", 3: "zero3"}
        only_weights_count = self.adapters and self.stage < 3
        return TrainingWay(
            method="lora" if self.adapters else "full",
            weights="bfloat16" if self.adapters else "mixed",
            optimizer="adamw_torch_fused" if self.moments else "adafactor",
            sequence_length=self.length,
            gpus=max(gpus, 1),
            sharing=None if only_weights_count else shared.get(self.stage),
        )


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
    length = hyperparameters.get("max_seq_length", "")
    padded = _flag(hyperparameters.get("pad_to_max_length")) and length.isdecimal()
    return TrainingMethod(
        adapters=lora,
        stage=stage,
        wide=hyperparameters.get("precision") == "32",
        moments=hyperparameters.get("optim") != "adafactor",
        length=max(int(length), 1) if padded else SHORT,
    )


def least_training_gib(model: ModelFacts, method: TrainingMethod, gpus: int) -> float:
    """Return the least GiB of each GPU that training takes on a machine with this many of them: a row at a time.

    Neither what the allocator holds in reserve nor what more rows take is counted.
    """
    return _estimate(model, method, gpus).peak_gib + _wider_gib(model, method, gpus) + CONTEXT_GIB


def usual_training_gib(model: ModelFacts, method: TrainingMethod, gpus: int) -> float:
    """Return the GiB of each GPU to have for training on rows of usual length, one at a time."""
    return _estimate(model, replace(method, length=USUAL), gpus).card_gib


def least_serving_gib(parameters: int, gpus: int) -> float:
    """Return the least GiB of each GPU that a served model takes, in 16 bits and shared among all of them."""
    return parameters * HALF / max(gpus, 1) / GIB + CONTEXT_GIB


def _estimate(model: ModelFacts, method: TrainingMethod, gpus: int) -> MemoryEstimate:
    return memory_of(architecture_of(model.name), method.way(gpus))


def _wider_gib(model: ModelFacts, method: TrainingMethod, gpus: int) -> float:
    """Return what weights in 32 bits take more than in 16, where they are not counted so already."""
    if not (method.wide and method.adapters):
        return 0.0
    return (FULL - HALF) * model.parameter_count / (max(gpus, 1) if method.stage >= 3 else 1) / GIB


def _flag(text: str | None) -> bool | None:
    return None if text is None else text.lower() == "true"
