"""What each step of the table does: its coroutine, found by the step's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import cast

from ..contract.operation import Surface
from . import azure_ml_actions, foundry_actions, own_compute_actions
from .step import Step
from .step_context import StepContext

Action = Callable[[StepContext], Awaitable[None]]

_MODULES: Mapping[Surface, ModuleType] = {
    Surface.AZURE_ML: azure_ml_actions,
    Surface.OWN_COMPUTE: own_compute_actions,
    Surface.FOUNDRY: foundry_actions,
}


def action_of(step: Step) -> Action:
    """Return what a step does: the function of its surface's module that has its name."""
    found = getattr(_MODULES[step.surface], step.name.replace(" ", "_"))
    return cast("Action", found)  # a test holds that each step has one
