"""The maximum cost of a sweep's jobs, before any of them is created."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.surface_of_model import find_on_any_surface
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


_EPOCHS, _BATCH, _LENGTH = ("num_train_epochs", "n_epochs"), ("per_device_train_batch_size",), ("max_seq_length",)
_COUNT = (*_EPOCHS, *_BATCH, *_LENGTH)
"""The hyperparameters that the cost depends on, of both surfaces."""


def _price(
    cell: GridCell, spec: JobSpec, training: Path, validation: Path | None, prices: str | PathLike[str]
) -> Money:
    from ..datasets.cost.training_estimate import estimate_training

    money = estimate_training(
        training,
        model=find_on_any_surface(spec.model),
        validation=validation,
        epochs=_number(cell, _EPOCHS),
        batch_size=_number(cell, _BATCH),
        max_seq_length=_number(cell, _LENGTH),
        task=spec.task,
        method=spec.method,
        training_tier=spec.training_tier,
        prices=prices,
    ).money
    if money is None:
        raise InvalidInput(
            f"{prices}: the cost of {spec.model} cannot be known before it is trained: there is no price by tokens, "
            "and reinforcement is billed by the hour"
        )
    return money


def _number(cell: GridCell, names: Sequence[str]) -> int | None:
    """Return a hyperparameter under any of its names; None if the service chooses it."""
    given = next((cell.hyperparameters[name] for name in names if name in cell.hyperparameters), "")
    return int(given) if given.isdecimal() else None


def _file(data: TrainingData) -> Path:
    if isinstance(data, str | PathLike) and Path(data).is_file():
        return Path(fspath(data))
    raise InvalidInput(f"a budget requires files that can be counted locally, and {data} is not one")
