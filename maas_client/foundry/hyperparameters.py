"""Hyperparameters of Azure AI Foundry: typed, checked for the method, and translated from other tools' names.

Names and types are those of Azure's OpenAPI description (Azure/azure-rest-api-specs, `azure-v1-v1-generated.yaml`),
which publishes no ranges. The service echoes -1 where it was asked to choose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ..catalog.tuning_methods import METHODS, TuningMethod
from ..core.arguments import check_mapping
from ..core.errors import InvalidHyperparameter
from ..jobs.hyperparameter_set import HyperparameterSet

AUTO: Literal["auto"] = "auto"
"""The service's choice, as it is written on the wire."""

_HIGHEST_USUAL_BETA = 2.0
"""OpenAI documents 0 < beta ≤ 2 for its own platform; Azure documents no bound, and a sample of azd sends 3."""

_FOR_ALL = ("n_epochs", "batch_size", "learning_rate_multiplier")
FOR_METHOD: Mapping[TuningMethod, tuple[str, ...]] = {
    "supervised": _FOR_ALL,
    "dpo": (*_FOR_ALL, "beta"),
    "reinforcement": (*_FOR_ALL, "compute_multiplier", "eval_interval", "eval_samples", "reasoning_effort"),
}
"""The hyperparameters that each method takes."""

_OTHER_NAMES: Mapping[str, str] = {
    "epochs": "n_epochs",
    "num_epochs": "n_epochs",
    "num_train_epochs": "n_epochs",
    "per_device_train_batch_size": "batch_size",
}
"""Names of Azure ML's pipeline and of the azd extension."""

_EXPLAINED: Mapping[str, str] = {
    "learning_rate": (
        "learning_rate: Foundry takes no learning rate but a factor on the model's own one: use "
        "learning_rate_multiplier, such as 1.0, or leave it out for the service's choice"
    ),
    "seed": "seed is not a hyperparameter on Foundry but an argument of the job (`seed=`)",
}
"""Names that people bring from elsewhere, and what to do instead."""


def _number(value: object, kind: str) -> float:
    """Return a positive number, which may be written as text."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number <= 0:
        raise ValueError(f"should be {kind}, or 'auto' for the service's choice")
    return number


def _means_auto(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in {AUTO, "-1"}
    return not isinstance(value, bool) and value == -1


def _count(value: object) -> object:
    if value is None or _means_auto(value):
        return value if value is None else AUTO
    kind = "an integer of at least 1"
    number = _number(value, kind)
    if number != int(number):
        raise ValueError(f"should be {kind}, or 'auto' for the service's choice")
    return int(number)


def _factor(value: object) -> object:
    if value is None or _means_auto(value):
        return value if value is None else AUTO
    return _number(value, "a number above 0")


Count = Annotated[int | Literal["auto"] | None, BeforeValidator(_count)]
Factor = Annotated[float | Literal["auto"] | None, BeforeValidator(_factor)]


class FoundryHyperparameters(HyperparameterSet):
    """Hyperparameters of a job on Azure AI Foundry; the service chooses those that are omitted or "auto" (also -1).

    All methods take `n_epochs`, `batch_size` (examples) and `learning_rate_multiplier` (a factor on the model's own
    learning rate); `dpo` also `beta`, `reinforcement` also `compute_multiplier`, `eval_interval`, `eval_samples` and
    `reasoning_effort`. Raises InvalidHyperparameter for an unknown name or a value of the wrong kind.
    """

    n_epochs: Count = None
    batch_size: Count = None
    learning_rate_multiplier: Factor = None
    beta: Factor = None
    compute_multiplier: Factor = None
    eval_interval: Count = None
    eval_samples: Count = None
    reasoning_effort: Literal["default", "low", "medium", "high"] | None = None

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> FoundryHyperparameters:
        """Read hyperparameters from a mapping, whose values may be strings and whose names may be another tool's.

        Args:
            values: by name; `epochs` and `num_train_epochs` are `n_epochs`, `per_device_train_batch_size` is
                `batch_size`.

        Raises:
            InvalidHyperparameter: an unknown name, a value of the wrong kind, or one hyperparameter under two names.
        """
        check_mapping("hyperparameters", values)
        found: dict[str, Any] = {}
        said: dict[str, str] = {}
        for given, value in values.items():
            name = _OTHER_NAMES.get(given, given)
            if name in said:
                raise InvalidHyperparameter(f"{said[name]} and {given} are the same hyperparameter; set one of them")
            found[name], said[name] = value, given
        return cls(**found)

    @classmethod
    def of(cls, chosen: HyperparameterSet | Mapping[str, Any] | None) -> FoundryHyperparameters:
        """Return what a job was given as Foundry's hyperparameters; those of Azure ML are translated or refused."""
        if isinstance(chosen, cls):
            return chosen
        return cls.parse(chosen.to_dict() if isinstance(chosen, HyperparameterSet) else chosen or {})

    def to_wire(self, method: TuningMethod = "supervised") -> dict[str, Any]:
        """Return the `hyperparameters` object of a method; those that are not set are left out.

        Raises:
            InvalidHyperparameter: one is set that the method does not take.
        """
        values: dict[str, Any] = self.model_dump(exclude_none=True)
        if foreign := [name for name in values if name not in FOR_METHOD[method]]:
            takes = "; ".join(f"{name} is of {_methods_with(name)}" for name in foreign)
            raise InvalidHyperparameter(f"{takes}. {method} takes {', '.join(FOR_METHOD[method])}")
        return values

    def as_text(self) -> dict[str, str]:
        """Return those that are set as strings, as `Job.hyperparameters` has them."""
        return hyperparameters_as_text(self.to_dict())

    def warnings(self) -> tuple[str, ...]:
        """Return what is unusual and may still be meant, a sentence each."""
        if isinstance(self.beta, float) and self.beta > _HIGHEST_USUAL_BETA:
            usual = f"usual values are at most {_HIGHEST_USUAL_BETA:g}"
            return (f"beta is {_written(self.beta)}: {usual}; with a higher one the model stays closer to its base.",)
        return ()

    @classmethod
    def unknown_name(cls, name: str) -> str:
        """Return what to say of a name that is not a hyperparameter here, with the nearest one."""
        return _EXPLAINED.get(name) or _of_azure_ml(name) or super().unknown_name(name)


def hyperparameters_as_text(values: Mapping[str, object]) -> dict[str, str]:
    """Return hyperparameters as a job has them as strings: -1 is "auto", and a whole number has no fraction."""
    return {name: _written(value) for name, value in values.items() if value is not None}


def _written(value: object) -> str:
    if _means_auto(value):
        return AUTO
    if isinstance(value, float) and math.isfinite(value):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return str(value)


def _of_azure_ml(name: str) -> str | None:
    from ..jobs.hyperparameters import Hyperparameters  # here: only an error needs it

    if name not in Hyperparameters.model_fields:
        return None
    return f"{name} is a hyperparameter of Azure ML, and Foundry has none like it; leave it out"


def _methods_with(name: str) -> str:
    return " and ".join(method for method in METHODS if name in FOR_METHOD[method])
