"""What a service takes of a job that was written for a tool on one's own hardware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..jobs.hyperparameters import SERVERLESS
from .tool_config import OtherTool

Service = Literal["serverless", "own compute", "foundry"]

_OF_FOUNDRY = frozenset({"num_train_epochs", "per_device_train_batch_size"})
"""Hyperparameters that Foundry takes under its own names; its learning rate is a factor."""

_TAKEN: Mapping[Service, tuple[frozenset[str] | None, str]] = {
    "serverless": (SERVERLESS, "serverless fine-tuning chooses it; compute of your own takes it"),
    "own compute": (None, ""),
    "foundry": (
        _OF_FOUNDRY,
        "Foundry chooses it (its learning rate is a factor: hyperparameters.learning_rate_multiplier)",
    ),
}
"""The hyperparameters that a service takes, None for all, and why it takes no other."""

_OWN_METHODS: Mapping[str | None, str] = {"qlora": "QLoRA", "dora": "DoRA", "qdora": "QDoRA"}
_ONLY_LORA = "adapters are trained (LoRA), and not the whole model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The hyperparameters that a service takes, the seed where it is an argument, and what was left."""

    hyperparameters: Mapping[str, Any]
    seed: int | None = None
    left: tuple[str, ...] = ()


def fitted(
    service: Service, hyperparameters: Mapping[str, Any], *, tool: OtherTool | None, adapter: str | None
) -> Fitted:
    """Return what a service takes of a job.

    Args:
        service: where the job is trained.
        hyperparameters: the job's; one that an option gave, and not the tool's file, is kept: it is a mistake.
        tool: the tool whose configuration the job's file is; None for a file of ours, which is not fitted.
        adapter: what the job trains on hardware of one's own.

    Returns:
        What is taken, and what is left.
    """
    method = _OWN_METHODS.get(adapter)
    of_method = (f"adapter: Azure trains LoRA in 16 bits; `maas export` keeps {method}",) if method else ()
    if tool is None:
        return Fitted(hyperparameters=hyperparameters, left=of_method)
    taken, why = _TAKEN[service]
    dropped = [name for name in hyperparameters if taken is not None and name not in taken and name in tool.said]
    kept = {name: value for name, value in hyperparameters.items() if name not in dropped}
    as_asked = {"apply_lora"} if hyperparameters.get("apply_lora") is not False else set[str]()
    as_asked |= {"seed"} if service == "foundry" else set()
    left = [
        f"{tool.said[name]}: {_ONLY_LORA if name == 'apply_lora' else why}" for name in dropped if name not in as_asked
    ]
    return Fitted(
        hyperparameters=kept,
        seed=hyperparameters["seed"] if service == "foundry" and "seed" in dropped else None,
        left=(*of_method, *left, *(tool.differs if taken is None else ())),
    )
