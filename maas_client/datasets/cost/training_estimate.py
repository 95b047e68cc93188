"""Estimating a job for a model of either surface: each bills and counts in its own way."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Union

from ...catalog.foundry_offer import FoundryOffer
from ...catalog.model_facts import ModelFacts
from ...catalog.tuning_methods import method_named, read_method, read_tier
from ...core.errors import NotOffered
from ..rows.schemas import Task

if TYPE_CHECKING:
    from .estimate import CostEstimate
    from .foundry_estimate import FoundryCostEstimate

TrainingEstimate = Union["CostEstimate", "FoundryCostEstimate"]
AZURE_ML, FOUNDRY = "Azure Machine Learning", "Azure AI Foundry"


def estimate_training(
    path: str | PathLike[str],
    *,
    model: ModelFacts | FoundryOffer,
    validation: str | PathLike[str] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    max_seq_length: int | None = None,
    task: Task | None = None,
    method: str | None = None,
    training_tier: str | None = None,
    tokenizer: str | PathLike[str] | None = None,
    exact: bool = False,
    download: bool = False,
    prices: str | PathLike[str] | None = None,
) -> TrainingEstimate:
    """Estimate fine-tuning a model on a file, as its surface counts and bills. No request is sent.

    Args:
        path: the training file, JSONL.
        model: the base model.
        validation: the validation file, if any; Azure AI Foundry does not bill it.
        epochs: how often every row is seen; None for the service's choice.
        batch_size: rows per step; it changes the steps, and no cost.
        max_seq_length: tokens per row; only on Azure ML.
        task: chat or text; only on Azure ML.
        method: the fine-tuning method; only on Azure AI Foundry.
        training_tier: the tier whose price is taken; only on Azure AI Foundry.
        tokenizer: a folder with the model's tokenizer.
        exact: refuse to estimate tokens.
        download: download the tokenizer if it is not on this machine.
        prices: a file of prices, for the cost.

    Raises:
        NotOffered: an argument that the model's surface has no use for.
        InvalidInput: a number is out of range, the prices are wrong, or exact counts are not possible.
        TransportError: the download failed.
        OSError: a file cannot be read.
    """
    if isinstance(model, FoundryOffer):
        from .foundry_estimate import estimate_foundry_cost

        _refuse(FOUNDRY, AZURE_ML, max_seq_length=max_seq_length, task=None if task == "chat" else task)
        return estimate_foundry_cost(
            path,
            model=model,
            method=None if method is None else read_method(method),
            tier=None if training_tier is None else read_tier(training_tier),
            epochs=epochs,
            tokenizer=tokenizer,
            exact=exact,
            download=download,
            prices=prices,
        )
    from .estimate import estimate_cost

    is_supervised = method is not None and method_named(method) == "supervised"
    _refuse(AZURE_ML, FOUNDRY, method=None if is_supervised else method, training_tier=training_tier)
    return estimate_cost(
        path,
        model=model,
        validation=validation,
        epochs=1 if epochs is None else epochs,
        batch_size=1 if batch_size is None else batch_size,
        max_seq_length=max_seq_length,
        tokenizer=tokenizer,
        exact=exact,
        download=download,
        task=task,
        prices=prices,
    )


def _refuse(platform: str, other: str, **arguments: object) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise NotOffered(f"{name}={value!r}", platform, offered_by=[other])
