"""Stopping before money is spent: what a job may cost, held against what it may."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..app.exit_codes import Failed, naming

if TYPE_CHECKING:
    from ...datasets.cost.estimate import CostEstimate


def need_prices(limit: float | None, prices: Path | None) -> None:
    """Refuse a limit without prices."""
    if limit is not None and prices is None:
        raise click.UsageError("--max-cost needs --prices: no price is built in", click.get_current_context())


def refuse_above(limit: float, estimate: CostEstimate) -> None:
    """Raise Failed when the job may cost more than the limit, in the currency of the prices."""
    money = estimate.money
    if money is None or money.most <= limit:
        return
    bound = estimate.error_bound
    doubt = f" (likely {money.likely:,.2f}: the tokens are an estimate, within {bound:.0%})" if bound else ""
    raise Failed(
        f"training may cost {money.most:,.2f} {money.currency}{doubt}, more than the {limit:,.2f} of --max-cost"
    )


def refuse_create_above(
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
    need_prices(limit, prices)
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

    chosen = Hyperparameters.parse(hyperparameters).to_wire()
    length = int(chosen.get("max_seq_length", -1))
    with naming(*filter(None, (training_data, validation_data))):
        found = estimate_cost(
            training_data,
            model=find_model(model),
            validation=validation_data,
            epochs=int(chosen.get("num_train_epochs", 1)),
            batch_size=int(chosen.get("per_device_train_batch_size", 1)),
            max_seq_length=None if length == -1 else length,
            task=task,
            prices=prices,
        )
    if limit is not None:
        refuse_above(limit, found)
    return f"training costs about {found.money}"
