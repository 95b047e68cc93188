"""Stopping before money is spent: what a job may cost, held against what it may."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..app.exit_codes import Failed, file_names_in_errors

if TYPE_CHECKING:
    from ...datasets.cost.estimate import CostEstimate


def require_prices(limit: float | None, prices: Path | None) -> None:
    """Refuse a limit without prices."""
    if limit is not None and prices is None:
        raise click.UsageError("--max-cost needs --prices: no price is built in", click.get_current_context())


def raise_above(limit: float, estimate: CostEstimate) -> None:
    """Raise Failed when the job may cost more than the limit, in the currency of the prices."""
    money = estimate.money
    if money is None or money.most <= limit:
        return
    bound = estimate.error_bound
    bound_note = f" (likely {money.likely:,.2f}: the tokens are an estimate, within {bound:.0%})" if bound else ""
    raise Failed(
        f"training may cost {money.most:,.2f} {money.currency}{bound_note}, more than the {limit:,.2f} of --max-cost"
    )


def check_cost_limit(
    limit: float | None,
    prices: Path | None,
    *,
    model: str,
    training_data: str,
    validation_data: str | None,
    hyperparameters: Mapping[str, Any],
    task: Literal["chat", "text"],
    own_compute: bool,
) -> str | None:
    """Raise Failed when a job that is about to be created may cost more than the limit; return its cost in words.

    None without prices. Only files of this machine can be counted, and only serverless training is billed by tokens:
    anything else with a limit is a usage error.
    """
    require_prices(limit, prices)
    if prices is None:
        return None
    context = click.get_current_context()
    if own_compute:
        raise click.UsageError("--prices are for serverless training; your own compute is billed by the hour", context)
    for data in (training_data, validation_data):
        if data is not None and not Path(data).is_file():
            raise click.UsageError(
                f"--prices and --max-cost need files that can be counted here; {data} is none", context
            )

    from ...catalog.lookup import find_model
    from ...datasets.cost.estimate import estimate_cost
    from ...jobs.hyperparameters import Hyperparameters

    parsed = Hyperparameters.parse(hyperparameters).to_wire()
    length = int(parsed.get("max_seq_length", -1))
    with file_names_in_errors(*filter(None, (training_data, validation_data))):
        estimate = estimate_cost(
            training_data,
            model=find_model(model),
            validation=validation_data,
            epochs=int(parsed.get("num_train_epochs", 1)),
            batch_size=int(parsed.get("per_device_train_batch_size", 1)),
            max_seq_length=None if length == -1 else length,
            task=task,
            prices=prices,
        )
    if limit is not None:
        raise_above(limit, estimate)
    return f"training costs about {estimate.money}"
