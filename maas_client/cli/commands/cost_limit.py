"""Cost limits: fail before a job is created that may cost more than --max-cost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..app.exit_codes import Failed, file_names_in_errors

if TYPE_CHECKING:
    from ...datasets.cost.training_estimate import TrainingEstimate


def require_prices(limit: float | None, prices: Path | None) -> None:
    """Raise a usage error for a limit without prices."""
    if limit is not None and prices is None:
        raise click.UsageError(
            "--max-cost requires --prices: there are no built-in prices", click.get_current_context()
        )


def raise_above(limit: float, estimate: TrainingEstimate) -> None:
    """Raise Failed if the job may cost more than the limit, in the currency of the prices.

    A job that is billed by the hour, or that the price file has no price for, is a usage error: nothing limits it.
    """
    money = estimate.money
    if money is None:
        raise click.UsageError(
            "--max-cost needs a price by tokens (training_per_million_tokens); training that is billed by the hour, "
            "such as reinforcement, cannot be limited before it runs",
            click.get_current_context(),
        )
    if money.most <= limit:
        return
    bound = estimate.error_bound
    bound_note = f" (likely {money.likely:,.2f}: tokens are estimated, within {bound:.0%})" if bound else ""
    raise Failed(f"training may cost {money.most:,.2f} {money.currency}{bound_note}, more than --max-cost {limit:,.2f}")


def check_cost_limit(
    limit: float | None,
    prices: Path | None,
    *,
    model: str,
    training_data: str,
    validation_data: str | None,
    hyperparameters: Mapping[str, Any],
    task: Literal["chat", "text"] | None,
    own_compute: bool,
    method: str | None = None,
    training_tier: str | None = None,
) -> str | None:
    """Raise Failed if a job about to be created may cost more than the limit; return its cost as text.

    Returns None without prices. Only local files can be counted, and only serverless training is billed by tokens:
    a limit on anything else is a usage error.
    """
    require_prices(limit, prices)
    if prices is None:
        return None
    context = click.get_current_context()
    if own_compute:
        raise click.UsageError(
            "--prices applies to serverless training; your own compute is billed by the hour", context
        )
    for data in (training_data, validation_data):
        if data is not None and not Path(data).is_file():
            raise click.UsageError(
                f"--prices and --max-cost require local files to count; {data} is not a local file", context
            )

    from ...catalog.foundry_offer import FoundryOffer
    from ...catalog.surface_of_model import find_on_any_surface
    from ...datasets.cost.training_estimate import estimate_training

    facts = find_on_any_surface(model)
    counts = _counts_of_foundry(hyperparameters) if isinstance(facts, FoundryOffer) else _counts(hyperparameters)
    with file_names_in_errors(*filter(None, (training_data, validation_data))):
        estimate = estimate_training(
            training_data,
            model=facts,
            validation=validation_data,
            epochs=counts.get("epochs"),
            batch_size=counts.get("batch_size"),
            max_seq_length=counts.get("max_seq_length"),
            task=task,
            method=method,
            training_tier=training_tier,
            prices=prices,
        )
    if limit is not None:
        raise_above(limit, estimate)
    return f"training costs about {estimate.money}" if estimate.money else "training is billed by the hour"


def _counts(hyperparameters: Mapping[str, Any]) -> dict[str, int]:
    """Return the numbers that the cost on Azure ML depends on, by argument of the estimate."""
    from ...jobs.hyperparameters import Hyperparameters

    sent = Hyperparameters.parse(hyperparameters).to_wire()
    names = {
        "epochs": "num_train_epochs",
        "batch_size": "per_device_train_batch_size",
        "max_seq_length": "max_seq_length",
    }
    found = {argument: int(sent[name]) for argument, name in names.items() if name in sent}
    return {argument: number for argument, number in found.items() if (argument, number) != ("max_seq_length", -1)}


def _counts_of_foundry(hyperparameters: Mapping[str, Any]) -> dict[str, int]:
    """Return the epochs, on which the cost on Azure AI Foundry depends; none if the service chooses them."""
    from ...foundry.hyperparameters import FoundryHyperparameters

    epochs = FoundryHyperparameters.parse(hyperparameters).n_epochs
    return {"epochs": epochs} if isinstance(epochs, int) else {}
