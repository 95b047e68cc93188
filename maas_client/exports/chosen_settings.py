"""The settings that an export writes: the job's own, and defaults for what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..catalog.model_facts import ModelFacts
from ..core.plain_values import PlainValue
from ..datasets.check.sequence_limit import SEQUENCE_LENGTHS
from ..datasets.rows.schemas import Task
from ..gpu_estimates.training_way import Method
from .data_facts import DataFacts
from .settings import TrainingSettings

LARGEST_BATCH, BATCH_SHARE = 256, 0.002
"""What -1 as a batch size means: a share of the rows (`oss_chat_completion_pipeline` 0.0.29, of the portal's name)."""

LARGEST_PER_DEVICE = 8
"""Rows of a step on one device that -1 becomes at most; the others are accumulated."""

LENGTH_STEP = 64
"""The length of the longest row is rounded up to a multiple of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSettings(PlainValue):
    """Settings with a value for all; `defaults` are those that the job does not say.

    `beta2` and `epsilon` are AdamW's, None for its own defaults; `max_steps` and `eval_batch_size` are None unless the
    job has them.
    """

    method: Method
    rank: int
    alpha: int
    dropout: float
    epochs: int
    max_steps: int | None
    batch_size: int
    accumulation: int
    eval_batch_size: int | None
    learning_rate: float
    sequence_length: int
    optimizer: str
    warmup_steps: int
    weight_decay: float
    schedule: str
    beta2: float | None
    epsilon: float | None
    precision: int
    seed: int
    evaluation: str
    logging_steps: int
    auto_find_batch_size: bool
    defaults: frozenset[str] = frozenset()

    @property
    def is_adapter(self) -> bool:
        """Whether adapters are trained, and not the model itself."""
        return self.method != "full"


def chosen_settings(
    said: TrainingSettings,
    *,
    model: ModelFacts,
    task: Task,
    data: DataFacts | None,
    has_validation: bool,
    like_hosted: bool,
) -> ChosenSettings:
    """Return settings with a value for all.

    Args:
        said: the job's own.
        model: the base model, whose context is the longest possible row.
        task: chat or text.
        data: of the training rows, None if they are not on this machine.
        has_validation: whether the job names validation data.
        like_hosted: choose what the hosted service trains with (`oss_chat_completion_pipeline` 0.0.29), instead of
            values that suit most jobs.

    Returns:
        The job's settings, completed.
    """
    rank = said.rank or (8 if like_hosted else 16)
    adapter = said.method != "full"
    longest = min(SEQUENCE_LENGTHS[task], model.context_tokens)
    rounded = -(-(data.longest if data else longest) // LENGTH_STEP) * LENGTH_STEP
    usual: dict[str, Any] = {
        "rank": rank,
        "alpha": 128 if like_hosted else 2 * rank,
        "dropout": 0.0 if like_hosted else 0.05,
        "epochs": 1,
        "batch_size": 1,
        "accumulation": 1,
        "learning_rate": 3e-4 if like_hosted else 2e-4 if adapter else 1e-5,
        "sequence_length": longest if like_hosted else max(min(rounded, longest), LENGTH_STEP),
        "optimizer": "adamw_torch",
        "warmup_steps": 0,
        "weight_decay": 0.1 if like_hosted else 0.0,
        "schedule": "cosine",
        "precision": 16,
        "seed": 42,
        "evaluation": "epoch" if has_validation else "no",
        "logging_steps": 10,
        "auto_find_batch_size": False,
    }
    ours = {name: getattr(said, name) for name in usual if getattr(said, name) is not None}
    defaults = frozenset(usual) - frozenset(ours)
    values = usual | ours
    if said.batch_size == -1:
        values |= _batch(data.rows if data else 0, accumulation=values["accumulation"])
    if not has_validation:
        values["evaluation"] = "no"
    return ChosenSettings(
        method=said.method,
        max_steps=said.max_steps,
        eval_batch_size=said.eval_batch_size,
        beta2=0.95 if like_hosted else None,
        epsilon=1e-5 if like_hosted else None,
        defaults=defaults,
        **values,
    )


def _batch(rows: int, *, accumulation: int) -> dict[str, int]:
    """Return what -1 as a batch size becomes: rows on a device, and steps that are accumulated."""
    wanted = max(min(round(rows * BATCH_SHARE), LARGEST_BATCH), 1)
    size = max(each for each in range(1, LARGEST_PER_DEVICE + 1) if wanted % each == 0)
    return {"batch_size": size, "accumulation": accumulation * wanted // size}
