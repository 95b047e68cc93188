"""The keys of a job file for a way, which the commands of exports read."""

from __future__ import annotations

from typing import Any

from .training import Training
from .way import Way

_ALPHA = 2
"""LoRA's alpha for each unit of its rank: the adapter counts twice."""


def job_keys(training: Training, way: Way | None) -> dict[str, Any]:
    """Return the keys of a job file: what a way trains, in the words of `maas jobs create -f`.

    A path is as it was named. Without data there is none.
    """
    hyperparameters: dict[str, Any] = {"num_train_epochs": training.epochs}
    if way is not None and way.machine:
        hyperparameters |= {
            "per_device_train_batch_size": way.batch_size,
            "gradient_accumulation_steps": way.accumulation,
            "max_seq_length": way.sequence_length,
        }
        if way.method == "full":
            hyperparameters["apply_lora"] = False
        else:
            hyperparameters |= {"apply_lora": True, "lora_r": way.rank, "lora_alpha": _ALPHA * training.rank}
    data = {} if training.data is None else {"training_data": training.data}
    return {"model": training.model.name, **data, "hyperparameters": hyperparameters}
