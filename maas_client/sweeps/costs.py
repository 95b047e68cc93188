"""The maximum cost of a sweep's jobs, before any of them is created."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.lookup import find_model
from ..core.errors import InvalidInput
from ..jobs.spec import JobSpec, TrainingData
from .grid import GridCell

if TYPE_CHECKING:
    from ..datasets.cost.money import Money


class Costs(NamedTuple):
    """The most that each job may cost, in the order of the jobs, and the currency."""

    each: tuple[float, ...]
    currency: str


def costs_of(cells: Sequence[GridCell], spec: JobSpec, prices: str | PathLike[str]) -> Costs:
    """Count the files' tokens and estimate the cost of each job.

    Raises InvalidInput for data that are no files here, for one's own compute, which is not billed by tokens, and for
    prices that are wrong.
    """
    if spec.own_compute:
        raise InvalidInput("prices are for serverless training; your own compute is billed by the hour")
    training = _file(spec.training_data)
    validation = None if spec.validation_data is None else _file(spec.validation_data)
    known: dict[tuple[str | None, ...], Money] = {}
    found: list[Money] = []
    for cell in cells:
        key = tuple(cell.hyperparameters.get(name) for name in _COUNT)
        if key not in known:
            known[key] = _price(cell, spec, training, validation, prices)
        found.append(known[key])
    return Costs(tuple(money.most for money in found), found[0].currency)


_COUNT = ("num_train_epochs", "per_device_train_batch_size", "max_seq_length")
"""The hyperparameters that the cost depends on."""


def _price(
    cell: GridCell, spec: JobSpec, training: Path, validation: Path | None, prices: str | PathLike[str]
) -> Money:
    from ..datasets.cost.estimate import estimate_cost

    epochs, batch_size, length = (
        int(cell.hyperparameters.get(name, default)) for name, default in zip(_COUNT, (1, 1, -1), strict=True)
    )
    money = estimate_cost(
        training,
        model=find_model(spec.model),
        validation=validation,
        epochs=epochs,
        batch_size=batch_size,
        max_seq_length=None if length == -1 else length,
        task=spec.task,
        prices=prices,
    ).money
    assert money is not None  # there are prices
    return money


def _file(data: TrainingData) -> Path:
    if isinstance(data, str | PathLike) and Path(data).is_file():
        return Path(fspath(data))
    raise InvalidInput(f"a budget requires files that can be counted locally, and {data} is not one")
