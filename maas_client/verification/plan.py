"""What a verification will do: its steps, what they may cost, and how long they may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..contract.operation import Level, Surface
from ..core.plain_values import PlainValue
from .machine_choice import MachineChoice
from .price import VerificationPrice

TIMES: Mapping[Level, float] = {
    Level.READ: 600.0,
    Level.DATA: 1200.0,
    Level.JOB: 3600.0,
    Level.FULL: 6 * 3600.0,
}
"""Seconds after which the steps of a level are ended, by default."""

CLEAN_UP = 3600.0
"""Seconds that the clean-up may take after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPlan(PlainValue):
    """What a verification will do.

    Args:
        surfaces, level: what will be verified.
        model: the base model.
        steps: the names of the steps, in their order.
        price: what they may cost at most.
        timeout: seconds after which the steps are ended; the clean-up has an hour of its own.
        machine: the machine on own compute.
    """

    surfaces: tuple[Surface, ...]
    level: Level
    model: str
    steps: tuple[str, ...]
    price: VerificationPrice
    timeout: float
    machine: MachineChoice = field(default_factory=MachineChoice)
