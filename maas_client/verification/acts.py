"""What each step of the table does: its coroutine, found by the step's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import cast

from ..contract.operation import Surface
from . import azure_ml_acts, foundry_acts, own_compute_acts
from .scene import Scene
from .step import Step

Act = Callable[[Scene], Awaitable[None]]

_MODULES: Mapping[Surface, ModuleType] = {
    Surface.AZURE_ML: azure_ml_acts,
    Surface.OWN_COMPUTE: own_compute_acts,
    Surface.FOUNDRY: foundry_acts,
}


def act_of(step: Step) -> Act:
    """Return what a step does: the function of its surface's module that has its name."""
    found = getattr(_MODULES[step.surface], step.name.replace(" ", "_"))
    return cast("Act", found)  # a test holds that each step has one
