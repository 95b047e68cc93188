"""Cost limits: fail before a job is created that may cost more than --max-cost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..app.exit_codes import Failed, file_names_in_errors

if TYPE_CHECKING:
    from ...datasets.cost.estimate import CostEstimate


def require_prices(limit: float | None, prices: Path | None) -> None:
    """Raise a usage error for a limit without prices."""
    if limit is not None and prices is None:
        raise click.UsageError(
            "--max-cost requires --prices: there are no built-in prices", click.get_current_context()
        )


def raise_above(limit: float, estimate: CostEstimate) -> None:
    """Raise Failed if the job may cost more than the limit, in the currency of the prices."""
    money = estimate.money
    if money is None or money.most <= limit:
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
