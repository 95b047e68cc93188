"""The machine that the steps on own compute take: the cheapest one of the region that the model fits on."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.model_facts import ModelFacts
from ..computes.compute_size import ComputeSize
from ..computes.fit import Offered, machine_misfits, serving_misfits, uses_of
from ..computes.training_memory import TrainingMethod

NEEDED = {"LoRA", "serving"}
"""What a machine has to have the memory for."""


@dataclass(frozen=True, slots=True)
class MachineChoice:
    """A VM size and its price by the hour, None where it is not known; `lacks` is why no machine of it can be had."""

    size: str | None = None
    hourly_price: float | None = None
    currency: str = ""
    lacks: str = ""


def choose_machine(offered: Offered, model: ModelFacts, wanted: str | None = None) -> MachineChoice:
    """Return the size that was asked for, else the cheapest one that can be had, else one that would fit and why not.

    Args:
        offered: what the region offers, and its quota.
        model: the base model, trained by adapters.
        wanted: the size that the caller asked for; whether it fits is for them to know.
    """
    if wanted is not None:
        known = offered.size(wanted)
        return _choice(known) if known is not None else MachineChoice(wanted)
    fitting = [size for size in offered.sizes if set(uses_of(size, model)) >= NEEDED]
    if not fitting:
        return MachineChoice(lacks="the region offers no machine that the model can be trained and served on")
    reasons = [_misfit(size, offered, model) for size in fitting]
    for size, reason in zip(fitting, reasons, strict=True):
        if not reason:
            return _choice(size)
    return _choice(fitting[0], lacks=f"no machine can be had that the model fits on: {reasons[0]}")


def _misfit(size: ComputeSize, offered: Offered, model: ModelFacts) -> str:
    training = machine_misfits(size.name, offered, model=model, method=TrainingMethod(), low_priority=False)
    serving = serving_misfits(size.name, offered, instances=1, model=model)
    return next((one.message for one in (*training, *serving)), "")


def _choice(size: ComputeSize, lacks: str = "") -> MachineChoice:
    return MachineChoice(size.name, size.hourly_price, size.currency, lacks)
