"""The table of the steps of a verification, in the order in which they are taken."""

from __future__ import annotations

from ..contract.operation import Level, Surface
from .full_steps import FULL_AZURE_ML, FULL_FOUNDRY, FULL_OWN_COMPUTE
from .reading_steps import READ_AZURE_ML, READ_FOUNDRY, READ_OWN_COMPUTE
from .small_steps import DATA, JOB
from .step import LEVELS, Step

STEPS: tuple[Step, ...] = (
    *READ_AZURE_ML,
    *READ_OWN_COMPUTE,
    *READ_FOUNDRY,
    *DATA,
    *JOB,
    *FULL_AZURE_ML,
    *FULL_OWN_COMPUTE,
    *FULL_FOUNDRY,
)
"""Every step, in the order in which a verification takes them."""


def steps_of(surfaces: tuple[Surface, ...], level: Level) -> tuple[Step, ...]:
    """Return the steps on these surfaces up to a level, in their order."""
    allowed = LEVELS[: LEVELS.index(level) + 1]
    return tuple(one for one in STEPS if one.surface in surfaces and one.level in allowed)
