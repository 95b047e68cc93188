"""Going on after an eviction: the same job again, from the last checkpoint of the one that lost its nodes.

The setting is an input of the registry's training components (Azure/azureml-assets, `chat_completion_finetune` 0.0.81):
a job that was evicted has failed permanently, and another one with this setting continues where its checkpoints end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..jobs.job import Job

RESUME = "resume_from_checkpoint"

MOST_EVICTIONS = 5
"""Evictions after which one call continues, by default: each costs the start of a machine."""


def is_continued(job: Job) -> bool:
    """Return whether a job began at a checkpoint of one before it."""
    return job.hyperparameters.get(RESUME, "").lower() == "true"


def continued(hyperparameters: Mapping[str, str]) -> Mapping[str, str]:
    """Return the hyperparameters of a job that begins at the last checkpoint."""
    return {**hyperparameters, RESUME: "true"}
